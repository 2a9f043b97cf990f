//! Windows and lengths of time.

use super::super::super::ast::{Duration, Window};
use super::super::super::number::Number;
use super::super::super::words::{Period, Unit, Word as _};
use super::super::figure::{Spent, digits, time_spent};
use super::super::tongue::is_farthest;

/// A window that isn't `ever` and names no facts.
pub(super) fn window(window: &Window) -> String {
    match window {
        Window::Ever | Window::Since(_) => String::new(),
        Window::Last(last) => format!("in the last {}", bare(*last)),
        Window::Next(next) => format!("in the coming {}", bare(*next)),
        Window::Between(first, last) if first == last => format!("on {first}"),
        Window::Between(first, last) => format!("from {first} to {last}"),
        Window::BetweenAgo { near, far } if is_farthest(*far) => format!(
            "more than {} ago (up to {} back)",
            duration(*near),
            duration(*far)
        ),
        Window::BetweenAgo { near, far } if near.unit == far.unit => {
            format!("between {} and {} ago", near.n, duration(*far))
        }
        Window::BetweenAgo { near, far } => {
            format!("between {} and {} ago", duration(*near), duration(*far))
        }
        Window::Calendar { period, years_ago } => calendar(*period, *years_ago),
    }
}

/// A length of time: `1 day`, `3 days`.
pub(super) fn duration(duration: Duration) -> String {
    let plural = if duration.n == 1 { "" } else { "s" };
    format!(
        "{} {}{plural}",
        digits(Number::Int(duration.n.into())),
        duration.unit.as_str()
    )
}

/// The same after an article: `day`, `3 days`.
fn bare(length: Duration) -> String {
    match length.n {
        1 => length.unit.as_str().to_owned(),
        _ => duration(length),
    }
}

fn calendar(period: Period, years_ago: i32) -> String {
    let said = match period {
        Period::Today => "today",
        Period::Yesterday => "yesterday",
        Period::ThisWeek => "this week",
        Period::LastWeek => "last calendar week",
        Period::ThisMonth => "this month",
        Period::LastMonth => "last calendar month",
        Period::ThisQuarter => "this quarter",
        Period::LastQuarter => "last calendar quarter",
        Period::ThisYear => "this year",
        Period::LastYear => "last calendar year",
        Period::Tomorrow => "tomorrow",
        Period::NextWeek => "next calendar week",
        Period::NextMonth => "next calendar month",
        Period::NextYear => "next calendar year",
    };
    let years = Duration {
        n: years_ago,
        unit: Unit::Year,
    };
    match (years_ago, period) {
        (0, _) => said.to_owned(),
        (_, Period::Today) => format!("on this day {} ago", duration(years)),
        (_, Period::ThisWeek | Period::ThisMonth | Period::ThisQuarter | Period::ThisYear) => {
            format!("{said} {} ago", duration(years))
        }
        _ => format!("{said}, counted from {} ago", duration(years)),
    }
}

/// Time spent, of milliseconds.
pub(super) fn spent(ms: Number) -> String {
    let parts = time_spent(ms).into_iter().map(|(n, unit)| {
        let unit = match unit {
            Spent::Hours => "hour",
            Spent::Minutes => "minute",
            Spent::Seconds => "second",
            Spent::Milliseconds => "millisecond",
        };
        let plural = if n == Number::Int(1) { "" } else { "s" };
        format!("{} {unit}{plural}", digits(n))
    });
    parts.collect::<Vec<_>>().join(" and ")
}
