//! The first bytes of what the pixel writes. It writes the wire's values by itself and in
//! place, without allocating: the machinery for that would be a third of its size. Its
//! tests decode everything that it writes.

/// The first bytes of a batch.
pub const BATCH: &[u8] = b"CB\x01";

/// The first bytes of an attempt.
pub const ATTEMPT: &[u8] = b"CA\x01";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attempt, batch, fixture};

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
}
