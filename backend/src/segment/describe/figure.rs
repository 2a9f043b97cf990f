//! Numbers as figures: `1,000`, `₪12.50`; lengths of time by their parts.

use super::super::number::Number;

/// The number with commas between thousands.
pub(super) fn digits(number: Number) -> String {
    let written = match number {
        Number::Int(whole) => whole.to_string(),
        Number::Float(float) => float.to_string(),
    };
    let (sign, rest) = match written.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", written.as_str()),
    };
    let (whole, fraction) = match rest.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (rest, String::new()),
    };
    format!("{sign}{}{fraction}", thousands(whole))
}

fn thousands(whole: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Hundredths of the currency as an amount of it: `₪1,000`, `USD 9.90`.
pub(super) fn money(cents: Number, currency: &str) -> String {
    let (sign, amount) = match cents {
        Number::Int(cents) => {
            let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
            let fraction = match rest {
                0 => String::new(),
                rest => format!(".{rest:02}"),
            };
            let whole = thousands(&whole.to_string());
            (
                if cents < 0 { "-" } else { "" },
                format!("{whole}{fraction}"),
            )
        }
        Number::Float(cents) => {
            let amount = digits(Number::Float(cents.abs() / 100.0));
            (if cents < 0.0 { "-" } else { "" }, amount)
        }
    };
    match currency {
        "ILS" => format!("{sign}₪{amount}"),
        "" => format!("{sign}{amount}"),
        code => format!("{sign}{code} {amount}"),
    }
}

/// A unit of time spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// Milliseconds by hours, minutes and seconds, none of which is 0; a fraction,
/// or a negative number, stays milliseconds.
pub(super) fn time_spent(ms: Number) -> Vec<(Number, Spent)> {
    let whole = match ms {
        Number::Int(whole) if whole > 0 => whole,
        _ => return vec![(ms, Spent::Milliseconds)],
    };
    let parts = [
        (whole / 3_600_000, Spent::Hours),
        (whole / 60_000 % 60, Spent::Minutes),
        (whole / 1000 % 60, Spent::Seconds),
        (whole % 1000, Spent::Milliseconds),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    parts.map(|(n, unit)| (Number::Int(n), unit)).collect()
}
