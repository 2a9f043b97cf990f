//! What becomes of each event. Nothing is dropped without an outcome.

/// What becomes of an event at the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It will be stored, once.
    Accepted,
    /// It is kept aside, with its reason.
    Rejected(Rejection),
}

/// Why an event was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// Older than [`MAX_AGE_MS`](crate::limit::MAX_AGE_MS) after correction.
    TooOld,
    /// Further ahead than [`MAX_AHEAD_MS`](crate::limit::MAX_AHEAD_MS) after correction.
    TooFarAhead,
}

impl Rejection {
    /// A stable code for answers, metrics and the table of rejected events.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::TooFarAhead => "too_far_ahead",
        }
    }
}

/// When an event happened by the edge's clock, and whether that can be.
///
/// `ts` is the client's time where its clock, this attempt's `sent_at_ms` against
/// the edge's `received_at_ms`, is within [`CLOCK_TOLERANCE_MS`]; else it is shifted
/// by the difference.
///
/// [`CLOCK_TOLERANCE_MS`]: crate::limit::CLOCK_TOLERANCE_MS
#[must_use]
pub fn correct_clock(at_ms: u64, sent_at_ms: u64, received_at_ms: u64) -> (u64, Outcome) {
    use crate::limit::{CLOCK_TOLERANCE_MS, MAX_AGE_MS, MAX_AHEAD_MS};
    let ts = if sent_at_ms.abs_diff(received_at_ms) <= CLOCK_TOLERANCE_MS {
        at_ms
    } else if received_at_ms >= sent_at_ms {
        at_ms.saturating_add(received_at_ms - sent_at_ms)
    } else {
        at_ms.saturating_sub(sent_at_ms - received_at_ms)
    };
    let outcome = if ts > received_at_ms.saturating_add(MAX_AHEAD_MS) {
        Outcome::Rejected(Rejection::TooFarAhead)
    } else if ts < received_at_ms.saturating_sub(MAX_AGE_MS) {
        Outcome::Rejected(Rejection::TooOld)
    } else {
        Outcome::Accepted
    };
    (ts, outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::{CLOCK_TOLERANCE_MS, MAX_AGE_MS, MAX_AHEAD_MS};

    const NOW: u64 = 1_760_000_000_000;
    const HOUR: u64 = 60 * 60 * 1000;

    #[test]
    fn a_good_clock_is_believed() {
        let sent = NOW - CLOCK_TOLERANCE_MS;
        assert_eq!(
            correct_clock(NOW - HOUR, sent, NOW),
            (NOW - HOUR, Outcome::Accepted)
        );
    }

    #[test]
    fn a_bad_clock_is_shifted_by_its_difference() {
        let behind = NOW - 5 * HOUR;
        assert_eq!(
            correct_clock(behind - HOUR, behind, NOW),
            (NOW - HOUR, Outcome::Accepted)
        );
        let ahead = NOW + 5 * HOUR;
        assert_eq!(
            correct_clock(ahead - HOUR, ahead, NOW),
            (NOW - HOUR, Outcome::Accepted)
        );
    }

    #[test]
    fn age_is_judged_at_and_past_its_bounds() {
        let outcome = |at| correct_clock(at, NOW, NOW).1;
        assert_eq!(outcome(NOW - MAX_AGE_MS), Outcome::Accepted);
        assert_eq!(
            outcome(NOW - MAX_AGE_MS - 1),
            Outcome::Rejected(Rejection::TooOld)
        );
        assert_eq!(outcome(NOW + MAX_AHEAD_MS), Outcome::Accepted);
        assert_eq!(
            outcome(NOW + MAX_AHEAD_MS + 1),
            Outcome::Rejected(Rejection::TooFarAhead)
        );
    }
}
