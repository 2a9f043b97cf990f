//! What holds of a field.

use super::super::tongue::{Check, Days, Tongue as _};
use super::English;

/// `is`, or not.
const fn is(negated: bool) -> &'static str {
    if negated { "is not" } else { "is" }
}

/// Of dates and windows.
pub(super) const fn falls(negated: bool) -> &'static str {
    if negated { "does not fall" } else { "falls" }
}

/// What holds of what the subject names, or not.
pub(super) fn predicate(check: &Check, negated: bool) -> String {
    let is = is(negated);
    let verb = |does: &str, base: &str, text: &str| {
        if negated {
            format!("does not {base} {text}")
        } else {
            format!("{does} {text}")
        }
    };
    match check {
        Check::Is(values) if negated && values.len() > 1 => {
            format!("is none of {}", values.join(", "))
        }
        Check::Is(values) => format!("{is} {}", English.or(values)),
        Check::Contains(text) => verb("contains", "contain", text),
        Check::StartsWith(text) => verb("begins with", "begin with", text),
        Check::MatchesPath(pattern) => verb("matches", "match", pattern),
        Check::Exists => format!("{is} known"),
        Check::Number(compared) => format!("{is} {compared}"),
        Check::Flag(flag) => format!("{is} {}", if *flag { "yes" } else { "no" }),
        Check::Days(days) => match days {
            Days::After(date) => format!("{is} after {date}"),
            Days::From(date) => format!("{is} on or after {date}"),
            Days::Before(date) => format!("{is} before {date}"),
            Days::Until(date) => format!("{is} on or before {date}"),
            Days::Between(first, last) => format!("{is} from {first} to {last}"),
        },
    }
}
