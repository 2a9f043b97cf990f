//! Windows and lengths of time. Two of most units have a form of their own:
//! `יומיים`, `שבועיים`, `חודשיים`, `שנתיים`, `שעתיים`.

use super::super::super::ast::{Duration, Window};
use super::super::super::number::Number;
use super::super::super::words::{Period, Unit};
use super::super::figure::{Spent, digits, time_spent};
use super::super::tongue::is_farthest;
use super::prefixed;
use jiff::civil::Date;

/// A day as people write it: `31.3.2026`.
pub(super) fn date(date: Date) -> String {
    format!("{}.{}.{}", date.day(), date.month(), date.year())
}

/// A window that isn't `ever` and names no facts.
pub(super) fn window(window: &Window) -> String {
    match window {
        Window::Ever | Window::Since(_) => String::new(),
        Window::Last(last) => stretch(*last, &["האחרון", "האחרונה", "האחרונים", "האחרונות"]),
        Window::Next(next) => stretch(*next, &["הקרוב", "הקרובה", "הקרובים", "הקרובות"]),
        Window::Between(first, last) if first == last => prefixed("ב", &date(*first)),
        Window::Between(first, last) => {
            format!("{} עד {}", prefixed("מ", &date(*first)), date(*last))
        }
        Window::BetweenAgo { near, far } if is_farthest(*far) => format!(
            "לפני יותר {} (ועד {} לאחור)",
            prefixed("מ", &ago(*near)),
            ago(*far)
        ),
        Window::BetweenAgo { near, far } if near.unit == far.unit && near.n > 2 => {
            format!("לפני {} עד {}", near.n, ago(*far))
        }
        Window::BetweenAgo { near, far } => {
            format!("לפני {} עד {}", ago(*near), ago(*far))
        }
        Window::Calendar { period, years_ago } => calendar(*period, *years_ago),
    }
}

/// A unit's forms.
struct Forms {
    one: &'static str,
    /// Two of them, where there is a word for it.
    two: Option<&'static str>,
    many: &'static str,
    is_feminine: bool,
}

const fn forms(unit: Unit) -> Forms {
    let (one, two, many, is_feminine) = match unit {
        Unit::Minute => ("דקה", None, "דקות", true),
        Unit::Hour => ("שעה", Some("שעתיים"), "שעות", true),
        Unit::Day => ("יום", Some("יומיים"), "ימים", false),
        Unit::Week => ("שבוע", Some("שבועיים"), "שבועות", false),
        Unit::Month => ("חודש", Some("חודשיים"), "חודשים", false),
        Unit::Year => ("שנה", Some("שנתיים"), "שנים", true),
    };
    Forms {
        one,
        two,
        many,
        is_feminine,
    }
}

/// A length of time: `יום אחד`, `יומיים`, `3 ימים`.
pub(super) fn duration(duration: Duration) -> String {
    let unit = forms(duration.unit);
    match (duration.n, unit.is_feminine) {
        (1, false) => format!("{} אחד", unit.one),
        (1, true) => format!("{} אחת", unit.one),
        _ => ago(duration),
    }
}

/// The same after `לפני`: `יום`, `יומיים`, `3 ימים`.
fn ago(duration: Duration) -> String {
    let unit = forms(duration.unit);
    match (duration.n, unit.two) {
        (1, _) => unit.one.to_owned(),
        (2, Some(two)) => two.to_owned(),
        (n, _) => format!("{} {}", digits(Number::Int(n.into())), unit.many),
    }
}

/// A stretch that ends or begins now: `בחודש האחרון`, `ב־7 הימים הקרובים`. The
/// adjective is given for one and for many, each masculine and feminine.
fn stretch(length: Duration, [one, one_f, many, many_f]: &[&str; 4]) -> String {
    let unit = forms(length.unit);
    let (one, many) = if unit.is_feminine {
        (one_f, many_f)
    } else {
        (one, many)
    };
    match (length.n, unit.two) {
        // A day that begins or ends now, and not the calendar's.
        (1, _) if length.unit == Unit::Day => format!("ביממה {one_f}"),
        (1, _) => format!("ב{} {one}", unit.one),
        (2, Some(two)) => format!("ב{two} {many}"),
        (n, _) => {
            let n = digits(Number::Int(n.into()));
            format!("ב־{n} ה{} {many}", unit.many)
        }
    }
}

fn calendar(period: Period, years_ago: i32) -> String {
    let said = match period {
        Period::Today => "היום",
        Period::Yesterday => "אתמול",
        Period::ThisWeek => "השבוע",
        Period::LastWeek => "בשבוע שעבר",
        Period::ThisMonth => "החודש",
        Period::LastMonth => "בחודש שעבר",
        Period::ThisQuarter => "ברבעון הזה",
        Period::LastQuarter => "ברבעון הקודם",
        Period::ThisYear => "השנה",
        Period::LastYear => "בשנה שעברה",
        Period::Tomorrow => "מחר",
        Period::NextWeek => "בשבוע הבא",
        Period::NextMonth => "בחודש הבא",
        Period::NextYear => "בשנה הבאה",
    };
    let years = Duration {
        n: years_ago,
        unit: Unit::Year,
    };
    match (years_ago, period) {
        (0, _) => said.to_owned(),
        (
            _,
            Period::Today
            | Period::ThisWeek
            | Period::ThisMonth
            | Period::ThisQuarter
            | Period::ThisYear,
        ) => format!("{said} לפני {}", ago(years)),
        _ => format!("{said}, בספירה מלפני {}", ago(years)),
    }
}

/// Time spent, of milliseconds.
pub(super) fn spent(ms: Number) -> String {
    let mut said = String::new();
    for (n, unit) in time_spent(ms) {
        let part = match (n, unit) {
            (Number::Int(1), Spent::Hours) => "שעה אחת".to_owned(),
            (Number::Int(2), Spent::Hours) => "שעתיים".to_owned(),
            (n, Spent::Hours) => format!("{} שעות", digits(n)),
            (Number::Int(1), Spent::Minutes) => "דקה אחת".to_owned(),
            (n, Spent::Minutes) => format!("{} דקות", digits(n)),
            (Number::Int(1), Spent::Seconds) => "שנייה אחת".to_owned(),
            (n, Spent::Seconds) => format!("{} שניות", digits(n)),
            (Number::Int(1), Spent::Milliseconds) => "אלפית שנייה".to_owned(),
            (n, Spent::Milliseconds) => format!("{} אלפיות שנייה", digits(n)),
        };
        if said.is_empty() {
            said = part;
        } else {
            said = format!("{said} {}", prefixed("ו", &part));
        }
    }
    said
}
