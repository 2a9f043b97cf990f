//! Limits that the parser keeps to itself; a test holds them against it.

use super::super::words::{Period, Unit};

/// How many steps a sequence may have.
pub(super) const STEPS: usize = 32;

/// How many years back a calendar window may look.
pub(super) const YEARS_AGO: i32 = 100;

/// How many of a unit a duration may have: five years.
pub(super) const fn most(unit: Unit) -> i32 {
    match unit {
        Unit::Minute => 1826 * 24 * 60,
        Unit::Hour => 1826 * 24,
        Unit::Day => 1826,
        Unit::Week => 260,
        Unit::Month => 60,
        Unit::Year => 5,
    }
}

/// Whether a period lies ahead, where no fact can be.
pub(super) const fn is_ahead(period: Period) -> bool {
    matches!(
        period,
        Period::Tomorrow | Period::NextWeek | Period::NextMonth | Period::NextYear
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;
    use crate::segment::words::Word as _;
    use serde_json::{Value, json};

    fn takes(window: &Value) -> bool {
        parse(&json!({"kind": "order", "window": window})).is_ok()
    }

    #[test]
    fn they_are_the_parsers() {
        for unit in Unit::ALL {
            let last = |n| json!({"last": {"n": n, "unit": unit.as_str()}});
            assert!(takes(&last(most(*unit))) && !takes(&last(most(*unit) + 1)));
        }
        for period in Period::ALL {
            let window = json!({"calendar": period.as_str()});
            assert_eq!(takes(&window), !is_ahead(*period), "{window}");
        }
        let ago = |years| json!({"calendar": "today", "years_ago": years});
        assert!(takes(&ago(YEARS_AGO)) && !takes(&ago(YEARS_AGO + 1)));
        let sequence = |steps| {
            let steps = vec![json!({"of": {"kind": "order"}}); steps];
            parse(&json!({"kind": "sequence", "steps": steps})).is_ok()
        };
        assert!(sequence(STEPS) && !sequence(STEPS + 1));
    }
}
