//! Windows: bounds by walking the calendar.

use super::people::Person;
use super::{World, text};
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// From the first bound, to before the second; without one there is no end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub from: Option<i64>,
    pub to: Option<i64>,
}

impl Window {
    pub fn holds(&self, ts: i64) -> bool {
        self.from.is_none_or(|from| from <= ts) && self.to.is_none_or(|to| ts < to)
    }
}

impl World<'_> {
    /// The whole window; `None` is an empty one. Facts end at `as_of` by
    /// themselves.
    pub(super) fn window(&self, window: &Value, person: &Person<'_>) -> Option<Window> {
        let ago = |duration| self.before(self.as_of, duration);
        let Some((name, value)) = window.as_object().and_then(|keys| keys.iter().next()) else {
            return Some(Window {
                from: None,
                to: None,
            });
        };
        let (from, to) = match name.as_str() {
            "last" => (ago(value), self.as_of),
            "next" => (self.as_of, self.after(self.as_of, value)),
            "between_ago" => (ago(&value[1]), ago(&value[0])),
            "between" => {
                let date = |index: usize| text(&value[index]).parse().unwrap();
                self.days(date(0), date(1))
            }
            "since" => {
                let such = self.matches(value, person);
                let latest = such.iter().map(|one| one.fact.ts()).max()?;
                (latest + 1, self.as_of)
            }
            "calendar" | "years_ago" => self.calendar(window),
            other => unreachable!("{other}"),
        };
        Some(Window {
            from: Some(from),
            to: Some(to),
        })
    }

    /// The moment a duration earlier.
    pub(super) fn before(&self, ts: i64, duration: &Value) -> i64 {
        self.moved(ts, duration, -1)
    }

    /// The moment a duration later.
    pub(super) fn after(&self, ts: i64, duration: &Value) -> i64 {
        self.moved(ts, duration, 1)
    }

    fn moved(&self, ts: i64, duration: &Value, sign: i64) -> i64 {
        let n = sign * duration["n"].as_i64().unwrap();
        let span = match text(&duration["unit"]) {
            "minute" => return ts + n * 60_000,
            "hour" => return ts + n * 3_600_000,
            "day" => n.days(),
            "week" => (7 * n).days(),
            "month" => n.months(),
            "year" => (12 * n).months(),
            other => unreachable!("{other}"),
        };
        let instant = Timestamp::from_millisecond(ts).unwrap();
        let wall = instant.to_zoned(self.zone()).datetime();
        self.instant(wall.checked_add(span).unwrap())
    }

    /// A wall time's instant: past a gap, and the earlier in an overlap.
    fn instant(&self, wall: DateTime) -> i64 {
        let zoned = self.zone().to_ambiguous_zoned(wall).compatible().unwrap();
        zoned.timestamp().as_millisecond()
    }

    /// From the start of the first date to the end of the last.
    fn days(&self, first: Date, last: Date) -> (i64, i64) {
        let start = |date: Date| self.instant(date.at(0, 0, 0, 0));
        (start(first), start(last.tomorrow().unwrap()))
    }

    fn calendar(&self, window: &Value) -> (i64, i64) {
        let years = window["years_ago"].as_i64().unwrap_or(0);
        let date = self.date(self.as_of).checked_sub(years.years()).unwrap();
        let (which, unit) = match text(&window["calendar"]) {
            "today" => ("this", "day"),
            "yesterday" => ("last", "day"),
            "tomorrow" => ("next", "day"),
            name => name.split_once('_').unwrap(),
        };
        let (first, last) = self.period(unit, date);
        let (first, last) = match which {
            "this" => (first, last),
            "last" => self.period(unit, first.yesterday().unwrap()),
            "next" => self.period(unit, last.tomorrow().unwrap()),
            other => unreachable!("{other}"),
        };
        self.days(first, last)
    }

    /// The first and the last date of the period around a date, found by
    /// walking day by day.
    fn period(&self, unit: &str, date: Date) -> (Date, Date) {
        let quarter = |date: Date| (date.month() + 2) / 3;
        let same = |other: Date| match unit {
            "day" => other == date,
            "week" => self.week_of(other) == self.week_of(date),
            "month" => (other.year(), other.month()) == (date.year(), date.month()),
            "quarter" => (other.year(), quarter(other)) == (date.year(), quarter(date)),
            "year" => other.year() == date.year(),
            other => unreachable!("{other}"),
        };
        let (mut first, mut last) = (date, date);
        while same(first.yesterday().unwrap()) {
            first = first.yesterday().unwrap();
        }
        while same(last.tomorrow().unwrap()) {
            last = last.tomorrow().unwrap();
        }
        (first, last)
    }

    /// The day with which the week of a date began.
    fn week_of(&self, date: Date) -> Date {
        let mut day = date;
        while day.weekday() != self.week_start {
            day = day.yesterday().unwrap();
        }
        day
    }
}
