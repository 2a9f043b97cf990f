//! Estimates: on a large site some people are asked, who stand for all.

/// A site of so many events is asked whole in a moment.
const EVENTS_AT_ONCE: u64 = 1_000_000;
/// Of more people than these at least one is asked.
const MOST_IN: u32 = 64;

/// Of how many people one is asked, by how many events the site has: a power of two, so that
/// whoever is asked as it grows was asked before.
#[must_use]
pub fn one_in(events: u64) -> u32 {
    let times = events.div_ceil(EVENTS_AT_ONCE).clamp(1, MOST_IN.into());
    u32::try_from(times).map_or(MOST_IN, u32::next_power_of_two)
}

/// How far off an estimate may be in 19 of 20 cases, where so many were found and one of so many
/// was asked.
#[must_use]
pub fn margin(found: u64, one_in: u32) -> u64 {
    let scale = f64::from(one_in);
    let deviation = scale * (found as f64 * (1.0 - 1.0 / scale)).sqrt();
    // Where nobody was found there may be three times as many as one stands for.
    ((1.96 * deviation).ceil() as u64).max(3 * u64::from(one_in))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_larger_site_fewer_are_asked() {
        let of = |millions: u64| one_in(millions * 1_000_000);
        assert_eq!(
            [0, 2, 3, 8, 20, 100, 9_000].map(of),
            [1, 2, 4, 8, 32, 64, 64]
        );
    }

    #[test]
    fn fewer_are_farther_off() {
        // A hundred found of one in four: the deviation is 4 * sqrt(75).
        assert_eq!(margin(100, 4), 68);
        assert_eq!(margin(0, 16), 48);
    }
}
