//! Writing the wire's values one by one, for the pixel: a serializer of whole structures
//! would be a third of its size.
//!
//! It writes what postcard writes. What is put together from it is a message only if its
//! fields come in the order of [`batch`](crate::batch) and [`event`](crate::event); the
//! pixel's tests decode everything that it writes.

use alloc::vec::Vec;

/// The first bytes of a batch.
pub const BATCH: &[u8] = b"CB\x01";

/// The first bytes of an attempt.
pub const ATTEMPT: &[u8] = b"CA\x01";

/// A whole number, of any width.
pub fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        // The low seven bits, and the mark that more follow.
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// A whole number that may be negative, and may be absent.
pub fn optional_signed(out: &mut Vec<u8>, value: Option<i64>) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        number(
            out,
            (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned(),
        );
    }
}

/// A whole number that may be absent.
pub fn optional(out: &mut Vec<u8>, value: Option<u32>) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        number(out, value.into());
    }
}

/// A text.
pub fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attempt, batch, fixture};
    use proptest::prelude::*;

    #[test]
    fn messages_begin_as_their_decoders_ask() {
        assert!(batch::begin(&fixture::header()).starts_with(BATCH));
        let head = attempt::Head {
            sent_at_ms: 1,
            token: "",
        };
        let attempt = attempt::Attempt { head, batch: &[] };
        assert!(attempt.encode().starts_with(ATTEMPT));
    }

    proptest! {
        #[test]
        fn values_are_written_as_postcard_writes_them(
            whole: u64,
            shift in 0..64_u32,
            signed: Option<i64>,
            pieces: Option<u32>,
            given in "\\PC{0,200}",
        ) {
            let whole = whole >> shift;
            let mut out = Vec::new();
            number(&mut out, whole);
            optional_signed(&mut out, signed);
            optional(&mut out, pieces);
            text(&mut out, &given);
            let expected = postcard::to_allocvec(&(whole, signed, pieces, given)).unwrap();
            prop_assert_eq!(out, expected);
        }
    }
}
