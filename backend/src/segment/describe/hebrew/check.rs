//! What holds of a field, in agreement with its noun.

use super::super::tongue::{Check, Days, Tongue as _};
use super::noun::Noun;
use super::{Hebrew, prefixed, time};

/// What holds of what the noun names, or not.
pub(super) fn predicate(noun: &Noun, check: &Check, negated: bool) -> String {
    let one = |masculine: &str, feminine: &str| {
        let word = if noun.is_feminine {
            feminine
        } else {
            masculine
        };
        word.to_owned()
    };
    let is = if negated {
        one("אינו", "אינה")
    } else {
        one("הוא", "היא")
    };
    let verb = |masculine: &str, feminine: &str| {
        let verb = one(masculine, feminine);
        if negated {
            format!("{is} {verb}")
        } else {
            verb
        }
    };
    match check {
        Check::Is(values) if negated && values.len() > 1 => {
            let values = values.join(", ");
            format!("{is} {}: {values}", one("אחד מאלה", "אחת מאלה"))
        }
        Check::Is(values) => format!("{is} {}", Hebrew.or(values)),
        Check::Contains(text) => format!("{} {text}", verb("מכיל", "מכילה")),
        Check::StartsWith(text) => {
            format!("{} {}", verb("מתחיל", "מתחילה"), prefixed("ב", text))
        }
        Check::MatchesPath(pattern) => {
            format!("{} לתבנית {pattern}", verb("מתאים", "מתאימה"))
        }
        Check::Exists => verb("ידוע", "ידועה"),
        Check::Number(compared) => format!("{is} {compared}"),
        Check::Flag(flag) => format!("{is} ”{}”", if *flag { "כן" } else { "לא" }),
        Check::Days(days) => format!("{is} {}", of_days(*days)),
    }
}

fn of_days(days: Days) -> String {
    let date = time::date;
    match days {
        Days::After(day) => format!("אחרי {}", date(day)),
        Days::From(day) => format!("{} ואילך", prefixed("מ", &date(day))),
        Days::Before(day) => format!("לפני {}", date(day)),
        Days::Until(day) => format!("{} או קודם", date(day)),
        Days::Between(first, last) => {
            format!("{} עד {}", prefixed("מ", &date(first)), date(last))
        }
    }
}
