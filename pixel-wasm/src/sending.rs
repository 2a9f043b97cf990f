//! When to send: pauses after failures, and what an answer means.

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE_MS: u64 = 5_000;
/// Doublings at most: 5 s to about 5 minutes.
const MOST_DOUBLINGS: u32 = 6;
/// The longest that an edge may ask to wait: an hour.
const MOST_RETRY_AFTER_S: u64 = 60 * 60;

/// What an answer means for the batch in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The edge has it.
    Taken,
    /// The edge has it, and this is the visitor's token.
    Token,
    /// It will never be taken.
    Refused,
    /// It stays for another try.
    Failed,
}

/// Judges by the status, 0 where there was no answer. The edge never says 200: something else
/// between may have answered, as the page of a network where one has to log in.
pub fn verdict(status: u32, text: &[u8]) -> Verdict {
    match status {
        201 if text.len() <= protocol::limit::TOKEN_BYTES => Verdict::Token,
        202..=299 => Verdict::Taken,
        400 | 413 => Verdict::Refused,
        _ => Verdict::Failed,
    }
}

/// The pauses.
#[derive(Debug)]
pub struct Pauses {
    failures: u32,
    /// Nothing is sent before, by a clock that never goes back.
    not_before_ms: u64,
}

impl Pauses {
    /// None.
    pub const NONE: Self = Self {
        failures: 0,
        not_before_ms: 0,
    };

    pub fn is_over(&self, steady_ms: u64) -> bool {
        steady_ms >= self.not_before_ms
    }

    /// There was an answer, or none. After a failure a random share of the pause, up to
    /// half, is left off, so that a crowd doesn't come back at once; but never before the
    /// edge asked for.
    pub fn answered(&mut self, failed: bool, steady_ms: u64, retry_after_s: u32, random: u64) {
        if failed {
            let pause_ms = FIRST_PAUSE_MS << self.failures.min(MOST_DOUBLINGS);
            let pause_ms = pause_ms - random % (pause_ms / 2);
            let asked_ms = u64::from(retry_after_s).min(MOST_RETRY_AFTER_S) * 1000;
            self.failures += 1;
            self.not_before_ms = steady_ms + pause_ms.max(asked_ms);
        } else {
            *self = Self::NONE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_edge_is_believed() {
        for (status, text, expected) in [
            (204, "", Verdict::Taken),
            (201, "1a.2b.0.0.k1.AbC_-9", Verdict::Token),
            (
                200,
                "<html>Log in to the hotel's network</html>",
                Verdict::Failed,
            ),
            (200, "", Verdict::Failed),
            (400, "", Verdict::Refused),
            (413, "", Verdict::Refused),
            (403, "", Verdict::Failed),
            (503, "", Verdict::Failed),
            (0, "", Verdict::Failed),
        ] {
            assert_eq!(
                verdict(status, text.as_bytes()),
                expected,
                "{status} {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_to_a_bound_and_heed_the_edge(
            tries in prop::collection::vec((any::<u64>(), 0..10_000_u32), 1..20),
        ) {
            let mut pauses = Pauses::NONE;
            for (n, (random, retry_after_s)) in tries.into_iter().enumerate() {
                pauses.answered(true, 1_000, retry_after_s, random);
                let asked_ms = u64::from(retry_after_s).min(3_600) * 1_000;
                let most_ms = (FIRST_PAUSE_MS << n.min(6)).max(asked_ms);
                let pause_ms = pauses.not_before_ms - 1_000;
                prop_assert!(pause_ms >= asked_ms && pause_ms >= FIRST_PAUSE_MS / 2);
                prop_assert!(pause_ms <= most_ms);
                prop_assert!(!pauses.is_over(pauses.not_before_ms - 1));
            }
            pauses.answered(false, 1_000, 0, 0);
            prop_assert!(pauses.is_over(0));
        }
    }
}
