//! Windows: bounds by walking the calendar.

use super::super::event::Event;
use super::World;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::Value;

impl World<'_> {
    /// The bounds; `None` is an empty window.
    pub(super) fn window(&self, window: &Value, trail: &[&Event]) -> Option<(i64, i64)> {
        let now = Timestamp::from_millisecond(self.as_of)
            .unwrap()
            .to_zoned(self.zone());
        let start = |date: Date| {
            let day = date.to_zoned(self.zone()).unwrap().start_of_day().unwrap();
            day.timestamp().as_millisecond()
        };
        let (from, to) = match window {
            Value::Null | Value::String(_) => (i64::MIN, self.as_of),
            window if !window["last"].is_null() => (ago(&now, &window["last"]), self.as_of),
            window if !window["between_ago"].is_null() => {
                let bounds = &window["between_ago"];
                (ago(&now, &bounds[1]), ago(&now, &bounds[0]))
            }
            window if !window["between"].is_null() => {
                let date = |index| {
                    window["between"][index]
                        .as_str()
                        .unwrap()
                        .parse::<Date>()
                        .unwrap()
                };
                (start(date(0)), start(date(1).tomorrow().unwrap()))
            }
            window if !window["since"].is_null() => {
                let such = trail
                    .iter()
                    .filter(|event| self.fact(&window["since"], event).is_some());
                (such.map(|event| event.ts).max()? + 1, self.as_of)
            }
            window => {
                let years = window["years_ago"].as_i64().unwrap_or(0);
                let date = now.date().checked_sub(years.years()).unwrap();
                let inside = self.period(window["calendar"].as_str().unwrap(), date);
                let (first, last) = inside;
                (start(first), start(last.tomorrow().unwrap()))
            }
        };
        Some((from, to.min(self.as_of)))
    }

    /// The first and the last date of a period, found by walking day by day.
    fn period(&self, name: &str, date: Date) -> (Date, Date) {
        let (which, unit) = match name {
            "today" => ("this", "day"),
            "yesterday" => ("last", "day"),
            name => name.split_once('_').unwrap(),
        };
        let same = |one: Date, two: Date| match unit {
            "day" => one == two,
            "week" => self.week_of(one) == self.week_of(two),
            "month" => (one.year(), one.month()) == (two.year(), two.month()),
            "quarter" => (one.year(), (one.month() + 2) / 3) == (two.year(), (two.month() + 2) / 3),
            "year" => one.year() == two.year(),
            other => unreachable!("{other}"),
        };
        let around = |date: Date| {
            let mut first = date;
            while same(first.yesterday().unwrap(), date) {
                first = first.yesterday().unwrap();
            }
            let mut last = date;
            while same(last.tomorrow().unwrap(), date) {
                last = last.tomorrow().unwrap();
            }
            (first, last)
        };
        let this = around(date);
        if which == "this" {
            this
        } else {
            around(this.0.yesterday().unwrap())
        }
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

fn ago(now: &Zoned, duration: &Value) -> i64 {
    let n = duration["n"].as_i64().unwrap();
    let then = match duration["unit"].as_str().unwrap() {
        "minute" => return now.timestamp().as_millisecond() - n * 60_000,
        "hour" => return now.timestamp().as_millisecond() - n * 3_600_000,
        "day" => now.checked_sub(n.days()),
        "week" => now.checked_sub((7 * n).days()),
        "month" => now.checked_sub(n.months()),
        "year" => now.checked_sub((12 * n).months()),
        other => unreachable!("{other}"),
    };
    then.unwrap().timestamp().as_millisecond()
}
