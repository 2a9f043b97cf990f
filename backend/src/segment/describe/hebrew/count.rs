//! Numbers of things. One and two have forms of their own: `פעם אחת`, `פעמיים`.

use super::super::super::ast::Compare;
use super::super::super::number::Number;
use super::super::figure::digits;
use super::super::tongue::Tongue as _;
use super::{Hebrew, prefixed};

/// How often: `לפחות 3 פעמים`.
pub(super) fn times(compare: Compare) -> String {
    let times = |n| match n {
        Number::Int(1) => "פעם אחת".to_owned(),
        Number::Int(2) => "פעמיים".to_owned(),
        n => format!("{} פעמים", digits(n)),
    };
    match compare {
        Compare::Between(first, second) => {
            format!(
                "בין {} {} פעמים",
                digits(first),
                prefixed("ל", &digits(second))
            )
        }
        compare => Hebrew.compared(compare, &times),
    }
}

/// How many, by the words for one and for many.
pub(super) fn counted(compare: Compare, one: &str, many: &str) -> String {
    let count = |n| match n {
        Number::Int(1) => one.to_owned(),
        n => format!("{} {many}", digits(n)),
    };
    match compare {
        Compare::Between(first, second) => {
            format!(
                "בין {} {} {many}",
                digits(first),
                prefixed("ל", &digits(second))
            )
        }
        compare => Hebrew.compared(compare, &count),
    }
}

/// In how many visits: `ב־3 ביקורים לפחות`.
pub(super) fn in_visits(compare: Compare) -> String {
    within(compare, &|n| match n {
        Number::Int(1) => "ביקור אחד".to_owned(),
        n => format!("{} ביקורים", digits(n)),
    })
}

/// On how many days: `ב־3 ימים שונים לפחות`.
pub(super) fn on_days(compare: Compare) -> String {
    within(compare, &|n| match n {
        Number::Int(1) => "יום אחד".to_owned(),
        Number::Int(2) => "יומיים שונים".to_owned(),
        n => format!("{} ימים שונים", digits(n)),
    })
}

/// The comparison after `ב`, which stands before the number or the word.
fn within(compare: Compare, count: &dyn Fn(Number) -> String) -> String {
    let at = |n| prefixed("ב", &count(n));
    match compare {
        Compare::Gte(n) => format!("{} לפחות", at(n)),
        Compare::Gt(n) => format!("ביותר {}", prefixed("מ", &count(n))),
        Compare::Lte(n) => format!("{} לכל היותר", at(n)),
        Compare::Lt(n) => format!("בפחות {}", prefixed("מ", &count(n))),
        Compare::Eq(n) => format!("{} בדיוק", at(n)),
        Compare::Between(first, second) => {
            format!("{} עד {}", prefixed("ב", &digits(first)), count(second))
        }
    }
}
