//! A room for bytes that never moves and never grows: the pixel allocates nothing. An
//! allocator, growing vectors and the code that gives them back would be half of it.

use crate::lines::{As, Lines};
use protocol::{
    limit::{BATCH_BYTES, TEXT_BYTES, URL_BYTES},
    mask::{Kind, mask_into},
};

/// What marks a text that was cut: [`CUT_MARK`](protocol::limit::CUT_MARK).
const MARK: &[u8] = "…".as_bytes();

/// As many bytes as a batch may have at most. What is written past that is gone, and
/// [`has_overflown`](Self::has_overflown) says so.
pub struct Bytes {
    len: usize,
    bytes: [u8; BATCH_BYTES],
}

impl Bytes {
    /// None.
    pub const EMPTY: Self = Self {
        len: 0,
        bytes: [0; BATCH_BYTES],
    };

    /// Those that were written; none, if they were too many.
    pub fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// All the room, for the page's script to write in.
    pub const fn room(&mut self) -> &mut [u8; BATCH_BYTES] {
        &mut self.bytes
    }

    /// How many were written.
    pub fn written(&self) -> usize {
        self.len
    }

    /// Whether more were written than there is room for.
    pub fn has_overflown(&self) -> bool {
        self.len > BATCH_BYTES
    }

    /// Leaves only the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = len;
    }

    /// Writes a byte. Inlined, it would be a tenth of the pixel.
    #[inline(never)]
    pub fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    /// Writes bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.push(byte);
        }
    }

    /// Writes these bytes in place of all others.
    pub fn set(&mut self, bytes: &[u8]) {
        self.len = 0;
        self.add(bytes);
    }

    /// Writes a whole number, as the wire has it: seven bits a byte, the lowest first.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    /// Leaves room for a length or a count that is not known yet; gives where.
    pub fn begin(&mut self) -> usize {
        self.push(0);
        self.push(0);
        self.len
    }

    /// Writes the length or count, below 2^14, into the room that was left for it.
    pub fn end(&mut self, at: usize, value: usize) {
        if let Some([low, high]) = self.bytes.get_mut(at - 2..at) {
            *low = value as u8 | 0x80;
            *high = (value >> 7) as u8;
        }
    }

    /// Writes one of the fields of what was told, after `n` others.
    #[inline(never)]
    pub fn field(&mut self, lines: Lines<'_>, n: usize, how: As) {
        self.text(lines.nth(n), how);
    }

    /// Writes a text, masked and cut at its bound.
    pub fn text(&mut self, text: &[u8], how: As) {
        let at = self.begin();
        match how {
            As::Code => self.add(text),
            _ => {
                let kind = if how == As::Path {
                    Kind::Path
                } else {
                    Kind::Prose
                };
                mask_into(text, kind, &mut |part| self.add(part));
            }
        }
        let limit = if how == As::Path {
            URL_BYTES
        } else {
            TEXT_BYTES
        };
        if self.len - at > limit {
            let mut end = at + limit - MARK.len();
            // The bytes of a character after its first begin so.
            while self.bytes.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
                end -= 1;
            }
            self.len = end;
            self.add(MARK);
        }
        self.end(at, self.len - at);
    }
}

impl core::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.get().fmt(f)
    }
}

/// Takes a number as [`Bytes::number`] writes it from the front.
pub fn take_number(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let [first, rest @ ..] = bytes {
        *bytes = rest;
        value |= u64::from(first & 0x7F).wrapping_shl(shift);
        shift += 7;
        if *first < 0x80 {
            break;
        }
    }
    value
}

/// A hash of 64 bits: FNV-1a (Fowler, Noll, Vo).
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::limit::cut;

    fn written(write: impl FnOnce(&mut Bytes)) -> Vec<u8> {
        let mut bytes = Bytes::EMPTY;
        write(&mut bytes);
        assert!(!bytes.has_overflown());
        bytes.get().to_vec()
    }

    #[test]
    fn what_is_too_much_is_seen() {
        let mut bytes = Bytes::EMPTY;
        bytes.add(&[7; BATCH_BYTES]);
        assert!(!bytes.has_overflown());
        assert_eq!(bytes.get().len(), BATCH_BYTES);
        bytes.push(7);
        assert!(bytes.has_overflown());
        assert_eq!(bytes.get(), []);
    }

    proptest! {
        #[test]
        fn numbers_come_back(number: u64, shift in 0..64_u32) {
            let number = number >> shift;
            let bytes = written(|bytes| bytes.number(number));
            let mut rest = &*bytes;
            prop_assert_eq!(take_number(&mut rest), number);
            prop_assert_eq!(rest, &[] as &[u8]);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            take_number(&mut &*bytes);
        }

        #[test]
        fn texts_are_cut_at_a_character(text in "[א-ת€x]{300,700}") {
            let bytes = written(|bytes| bytes.text(text.as_bytes(), As::Code));
            let (kept, was_cut) = cut(&text, TEXT_BYTES);
            let mark = if was_cut { "…" } else { "" };
            prop_assert_eq!(std::str::from_utf8(&bytes[2..]).unwrap(), format!("{kept}{mark}"));
            prop_assert_eq!(take_number(&mut &*bytes), (kept.len() + mark.len()) as u64);
        }
    }
}
