//! The clock, for the programs that run the chain: what they send happens now, and what they
//! measure is time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "here the clock is read, and handed in where it matters"
)]
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// The clock by which everything is measured.
#[expect(clippy::disallowed_methods, reason = "durations are measured here")]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}
