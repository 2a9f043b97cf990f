//! An attempt: one try to send a sealed batch.
//!
//! ```text
//! attempt = 'C' 'A' version head batch      head: postcard; batch: to the end
//! ```
//!
//! The batch's bytes never change; what differs from try to try stands before them.

use crate::{DecodeError, frame, limit};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const KIND: u8 = b'A';

/// What differs from try to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head<'a> {
    /// When this try was made, by the client's clock, in milliseconds since the epoch.
    pub sent_at_ms: u64,
    /// The visitor token that the edge gave a page of another site, else empty.
    pub token: &'a str,
}

/// An attempt, taken apart. The batch itself is not decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// What differs from try to try.
    pub head: Head<'a>,
    /// The sealed batch.
    pub batch: &'a [u8],
}

impl<'a> Attempt<'a> {
    /// Longest attempt, in bytes: a batch, a token and what frames them.
    pub const MAX_BYTES: usize = limit::BATCH_BYTES + limit::TOKEN_BYTES + 32;

    /// Takes an attempt apart.
    ///
    /// # Errors
    /// [`DecodeError`] where it is none, or the token is too long.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (head, batch): (Head<'a>, _) = frame::take(frame::strip(KIND, bytes)?)?;
        if head.token.len() > limit::TOKEN_BYTES {
            return Err(DecodeError::TooLong {
                field: "token",
                limit: limit::TOKEN_BYTES,
            });
        }
        Ok(Self { head, batch })
    }

    /// The bytes to send.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        frame::open(KIND, &mut out);
        let mut out = frame::put(&self.head, out);
        out.extend_from_slice(self.batch);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(
            sent_at_ms: u64,
            token in "[a-z0-9.]{0,256}",
            batch in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let attempt = Attempt { head: Head { sent_at_ms, token: &token }, batch: &batch };
            let bytes = attempt.encode();
            prop_assert_eq!(Attempt::decode(&bytes), Ok(attempt));
        }

        #[test]
        fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Attempt::decode(&bytes);
            let mut framed = alloc::vec![b'C', KIND, 1];
            framed.extend(bytes);
            let _ = Attempt::decode(&framed);
        }
    }

    #[test]
    fn a_token_past_its_bound_is_refused() {
        let token = "t".repeat(limit::TOKEN_BYTES + 1);
        let attempt = Attempt {
            head: Head {
                sent_at_ms: 1,
                token: &token,
            },
            batch: &[],
        };
        assert!(matches!(
            Attempt::decode(&attempt.encode()),
            Err(DecodeError::TooLong { field: "token", .. })
        ));
    }
}
