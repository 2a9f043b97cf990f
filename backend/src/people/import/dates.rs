//! Days and moments as people write them.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// In which order the parts of a day stand. A year of four digits stands where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DateOrder)]
pub enum Order {
    /// 21/11/2026.
    #[default]
    Dmy,
    /// 11/21/2026.
    Mdy,
    /// 26/11/21.
    Ymd,
}

impl Order {
    /// As a report says it.
    pub const fn as_words(self) -> &'static str {
        match self {
            Self::Dmy => "day first",
            Self::Mdy => "month first",
            Self::Ymd => "year first",
        }
    }
}

/// The days that Excel's numbers of five digits are, to the end of 2100.
const SERIALS: std::ops::RangeInclusive<f64> = 10_000.0..=73_415.0;
/// What Excel counts days from, once the 29th of February 1900 that it believes in is past.
const SERIALS_FROM: Date = Date::constant(1899, 12, 30);

/// A day or a moment as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A moment of its own zone.
    Instant(Timestamp),
    /// A day, and the time of it where that is said.
    Local(Date, Time),
}

impl Written {
    /// Reads one. Years of two digits are the last ones before `latest`.
    #[must_use]
    pub fn read(text: &str, order: Order, latest: Date) -> Option<Self> {
        if let Ok(instant) = text.parse() {
            return Some(Self::Instant(instant));
        }
        if let Some(serial) = read_serial(text) {
            return Some(serial);
        }
        let (parts, rest) = parts(text)?;
        let time = read_time(rest)?;
        let [year, month, day] = match (parts.map(str::len), order) {
            ([4, _, _], _) | ([_, _, 1 | 2], Order::Ymd) => parts,
            (_, Order::Mdy) => [parts[2], parts[0], parts[1]],
            _ => [parts[2], parts[1], parts[0]],
        };
        let number = |text: &str| text.parse::<i8>().ok();
        let (month, day) = (number(month)?, number(day)?);
        let date = match year.len() {
            4 => Date::new(year.parse().ok()?, month, day).ok()?,
            1 | 2 => {
                let century = |century: i16| {
                    let year = century + i16::from(number(year)?);
                    Date::new(year, month, day).ok()
                };
                let dates = [2100, 2000, 1900].into_iter().filter_map(century);
                dates.into_iter().find(|date| *date <= latest)?
            }
            _ => return None,
        };
        Some(Self::Local(date, time))
    }

    /// The day that it is of.
    #[must_use]
    pub fn day(self, zone: &TimeZone) -> Date {
        match self {
            Self::Instant(instant) => instant.to_zoned(zone.clone()).date(),
            Self::Local(date, _) => date,
        }
    }

    /// The moment, in milliseconds since the epoch.
    #[must_use]
    pub fn millis(self, zone: &TimeZone) -> Option<i64> {
        match self {
            Self::Instant(instant) => Some(instant.as_millisecond()),
            Self::Local(date, time) => {
                let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
                Some(zoned.timestamp().as_millisecond())
            }
        }
    }
}

/// Excel's number of a day, or a day of eight digits.
fn read_serial(text: &str) -> Option<Written> {
    let whole = text.split('.').next().unwrap_or_default();
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    match whole.len() {
        5 => {
            let serial: f64 = text.parse().ok().filter(|days| SERIALS.contains(days))?;
            let days: i32 = whole.parse().ok()?;
            let date = SERIALS_FROM.checked_add(days.days()).ok()?;
            let seconds = ((serial - f64::from(days)) * 86_400.0).round();
            let clock = Date::constant(2000, 1, 1).at(0, 0, 0, 0);
            let seconds = format!("PT{}S", seconds.clamp(0.0, 86_399.0));
            let clock = clock.checked_add(seconds.parse::<jiff::SignedDuration>().ok()?);
            Some(Written::Local(date, clock.ok()?.time()))
        }
        8 if whole == text && (text.starts_with("19") || text.starts_with("20")) => {
            let date = text.parse().ok()?;
            Some(Written::Local(date, Time::midnight()))
        }
        _ => None,
    }
}

/// The three numbers of a day, and what follows them.
pub(super) fn parts(text: &str) -> Option<([&str; 3], &str)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '/' | '.' | '-');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (date, rest) = text.split_at_checked(end)?;
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let fits = |part: &&str| matches!(part.len(), 1 | 2 | 4);
    (parts.iter().all(fits) && parts[1].len() <= 2).then_some((parts, rest))
}

/// The time that may follow a day: `T14:30`, ` 14:30:05.5`, `, 2:30 PM`.
fn read_time(text: &str) -> Option<Time> {
    let text = text.trim_start_matches([' ', ',', 'T', '\u{a0}']).trim();
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let upper = text.to_ascii_uppercase();
    let half = ["AM", "PM"].into_iter().find(|half| upper.ends_with(half));
    let clock = upper.trim_end_matches(['A', 'P', 'M', ' ']);
    let mut numbers = clock.split(':');
    let mut next = || {
        let text = numbers.next()?;
        let whole = text.split('.').next().unwrap_or_default();
        whole.parse::<i8>().ok()
    };
    let (hour, minute) = (next()?, next()?);
    let second = next().unwrap_or_default();
    let hour = match (half, hour) {
        (Some("AM"), 12) => 0,
        (Some("PM"), 1..=11) => hour + 12,
        _ => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LATEST: Date = Date::constant(2026, 11, 22);

    fn local(text: &str, order: Order) -> Option<String> {
        match Written::read(text, order, LATEST)? {
            Written::Instant(instant) => Some(instant.to_string()),
            Written::Local(date, time) if time == Time::midnight() => Some(date.to_string()),
            Written::Local(date, time) => Some(date.to_datetime(time).to_string()),
        }
    }

    #[test]
    fn days_in_many_forms() {
        for (text, day) in [
            ("2026-11-21", "2026-11-21"),
            ("2026/11/21", "2026-11-21"),
            ("21/11/2026", "2026-11-21"),
            ("21.11.26", "2026-11-21"),
            ("21-11-2026", "2026-11-21"),
            ("1/2/1990", "1990-02-01"),
            ("21/11/2026 14:30", "2026-11-21T14:30:00"),
            ("21/11/2026, 2:30:05 PM", "2026-11-21T14:30:05"),
            ("21/11/2026 12:05 am", "2026-11-21T00:05:00"),
            ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
            ("2026-11-21 10:00:00", "2026-11-21T10:00:00"),
            ("20261121", "2026-11-21"),
            ("46347", "2026-11-21"),
            ("46347.75", "2026-11-21T18:00:00"),
            ("23/11/26", "1926-11-23"),
            ("5.3.85", "1985-03-05"),
        ] {
            assert_eq!(local(text, Order::Dmy).as_deref(), Some(day), "{text}");
        }
        assert_eq!(local("11/21/26", Order::Mdy).as_deref(), Some("2026-11-21"));
        assert_eq!(local("85-03-05", Order::Ymd).as_deref(), Some("1985-03-05"));
    }

    #[test]
    fn what_is_no_day() {
        for text in [
            "",
            "soon",
            "11/21/2026",
            "31/2/2026",
            "1985",
            "5/2026",
            "1/2/026",
            "21/11/2026 25:00",
            "21/11/2026x",
            "99999",
            "1/1/1/1",
            "2026-13-01",
        ] {
            assert_eq!(local(text, Order::Dmy), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_comes_back_in_its_order(
            year in 1930_i16..=2026, month in 1_i8..=12, day in 1_i8..=28,
            order in prop::sample::select(vec![Order::Dmy, Order::Mdy, Order::Ymd]),
            mark in prop::sample::select(vec!['/', '.', '-']),
            is_short: bool,
        ) {
            let date = Date::new(year, month, day).unwrap();
            prop_assume!(date <= LATEST && date > Date::constant(1926, 11, 22));
            let year = if is_short { format!("{:02}", year % 100) } else { year.to_string() };
            let text = match order {
                Order::Dmy => format!("{day}{mark}{month}{mark}{year}"),
                Order::Mdy => format!("{month}{mark}{day}{mark}{year}"),
                Order::Ymd => format!("{year}{mark}{month}{mark}{day}"),
            };
            prop_assert_eq!(local(&text, order), Some(date.to_string()));
        }

        #[test]
        fn no_text_panics(text in "[0-9./T: -]{0,20}|\\PC*") {
            for order in [Order::Dmy, Order::Mdy, Order::Ymd] {
                let written = Written::read(&text, order, LATEST);
                if let Some(written) = written {
                    let _ = (written.day(&TimeZone::UTC), written.millis(&TimeZone::UTC));
                }
            }
            let _ = parts(&text);
        }
    }
}
