//! Bounds, said as wall times of the site with their offsets.

use super::super::ast::{Duration, Window};
use super::super::words::{Period, Unit};
use super::Wall;
use expect_test::{Expect, expect};
use jiff::Timestamp;
use jiff::civil::{Weekday, date};
use jiff::tz::TimeZone;

struct Site {
    zone: &'static str,
    week_start: Weekday,
    /// A wall time with its offset, to say which of two it is.
    as_of: &'static str,
}

const fn jerusalem(as_of: &'static str) -> Site {
    Site {
        zone: "Asia/Jerusalem",
        week_start: Weekday::Sunday,
        as_of,
    }
}

impl Site {
    fn check(&self, window: &Window, expected: Expect) {
        let zone = TimeZone::get(self.zone).unwrap();
        let as_of: Timestamp = self.as_of.parse().unwrap();
        let wall = Wall::new(as_of.as_millisecond(), &zone, self.week_start).unwrap();
        let span = wall.span(window).unwrap();
        let say = |ms: i64| {
            let at = Timestamp::from_millisecond(ms)
                .unwrap()
                .to_zoned(zone.clone());
            at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        };
        let from = span.from_ms.map_or_else(|| "ever".to_owned(), say);
        expected.assert_eq(&format!("{from} to {}", say(span.to_ms)));
    }
}

const fn duration(n: i32, unit: Unit) -> Duration {
    Duration { n, unit }
}

const fn last(n: i32, unit: Unit) -> Window {
    Window::Last(duration(n, unit))
}

const fn calendar(period: Period) -> Window {
    Window::Calendar {
        period,
        years_ago: 0,
    }
}

#[test]
fn a_day_is_a_day_of_the_wall_and_an_hour_is_exact() {
    // Clocks went forward at 02:00 on Friday, 27 March 2026: 23 hours.
    let after = jerusalem("2026-03-28T01:00:00+03:00");
    after.check(
        &last(1, Unit::Day),
        expect!["2026-03-27T01:00:00+02:00 to 2026-03-28T01:00:00+03:00"],
    );
    after.check(
        &last(24, Unit::Hour),
        expect!["2026-03-27T00:00:00+02:00 to 2026-03-28T01:00:00+03:00"],
    );
    after.check(
        &last(1440, Unit::Minute),
        expect!["2026-03-27T00:00:00+02:00 to 2026-03-28T01:00:00+03:00"],
    );
    // And back at 02:00 on Sunday, 25 October 2026: 25 hours.
    let after = jerusalem("2026-10-25T12:00:00+02:00");
    after.check(
        &last(1, Unit::Day),
        expect!["2026-10-24T12:00:00+03:00 to 2026-10-25T12:00:00+02:00"],
    );
    after.check(
        &last(24, Unit::Hour),
        expect!["2026-10-24T13:00:00+03:00 to 2026-10-25T12:00:00+02:00"],
    );
}

#[test]
fn a_wall_time_that_never_was_moves_forward_by_the_gap() {
    jerusalem("2026-03-28T02:30:00+03:00").check(
        &last(1, Unit::Day),
        expect!["2026-03-27T03:30:00+03:00 to 2026-03-28T02:30:00+03:00"],
    );
    jerusalem("2026-04-27T02:15:00+03:00").check(
        &last(1, Unit::Month),
        expect!["2026-03-27T03:15:00+03:00 to 2026-04-27T02:15:00+03:00"],
    );
    // Where the gap is half an hour, it moves by half an hour.
    let lord_howe = Site {
        zone: "Australia/Lord_Howe",
        week_start: Weekday::Monday,
        as_of: "2026-10-05T02:10:00+11:00",
    };
    lord_howe.check(
        &last(1, Unit::Day),
        expect!["2026-10-04T02:40:00+11:00 to 2026-10-05T02:10:00+11:00"],
    );
}

#[test]
fn a_wall_time_that_was_twice_is_the_earlier() {
    jerusalem("2026-10-26T01:30:00+02:00").check(
        &last(1, Unit::Day),
        expect!["2026-10-25T01:30:00+03:00 to 2026-10-26T01:30:00+02:00"],
    );
    // So a day before the second 01:30 is a day before the first.
    jerusalem("2026-10-25T01:30:00+02:00").check(
        &last(1, Unit::Day),
        expect!["2026-10-24T01:30:00+03:00 to 2026-10-25T01:30:00+02:00"],
    );
}

#[test]
fn a_day_may_begin_after_midnight() {
    // Clocks went from 00:00 to 01:00 in Beirut on 29 March 2026.
    let beirut = Site {
        zone: "Asia/Beirut",
        week_start: Weekday::Monday,
        as_of: "2026-03-29T12:00:00+03:00",
    };
    beirut.check(
        &calendar(Period::Today),
        expect!["2026-03-29T01:00:00+03:00 to 2026-03-29T12:00:00+03:00"],
    );
    beirut.check(
        &calendar(Period::Yesterday),
        expect!["2026-03-28T00:00:00+02:00 to 2026-03-29T01:00:00+03:00"],
    );
}

#[test]
fn months_and_years_clamp() {
    jerusalem("2026-03-31T12:00:00+03:00").check(
        &last(1, Unit::Month),
        expect!["2026-02-28T12:00:00+02:00 to 2026-03-31T12:00:00+03:00"],
    );
    jerusalem("2024-03-31T12:00:00+03:00").check(
        &last(1, Unit::Month),
        expect!["2024-02-29T12:00:00+02:00 to 2024-03-31T12:00:00+03:00"],
    );
    jerusalem("2024-02-29T12:00:00+02:00").check(
        &last(1, Unit::Year),
        expect!["2023-02-28T12:00:00+02:00 to 2024-02-29T12:00:00+02:00"],
    );
    jerusalem("2024-02-29T12:00:00+02:00").check(
        &last(4, Unit::Year),
        expect!["2020-02-29T12:00:00+02:00 to 2024-02-29T12:00:00+02:00"],
    );
    jerusalem("2026-05-31T12:00:00+03:00").check(
        &last(60, Unit::Month),
        expect!["2021-05-31T12:00:00+03:00 to 2026-05-31T12:00:00+03:00"],
    );
}

#[test]
fn between_holds_both_days_and_ends_now() {
    let site = jerusalem("2026-11-21T12:00:00+02:00");
    site.check(
        &Window::Between(date(2026, 10, 24), date(2026, 10, 25)),
        expect!["2026-10-24T00:00:00+03:00 to 2026-10-26T00:00:00+02:00"],
    );
    site.check(
        &Window::Between(date(2026, 11, 20), date(2026, 11, 30)),
        expect!["2026-11-20T00:00:00+02:00 to 2026-11-21T12:00:00+02:00"],
    );
    site.check(
        &Window::Between(date(0, 1, 1), date(9999, 12, 31)),
        expect!["0000-01-01T00:00:00+02:20:54 to 2026-11-21T12:00:00+02:00"],
    );
    let near = duration(1, Unit::Week);
    site.check(
        &Window::BetweenAgo {
            near,
            far: duration(2, Unit::Week),
        },
        expect!["2026-11-07T12:00:00+02:00 to 2026-11-14T12:00:00+02:00"],
    );
    site.check(&Window::Ever, expect!["ever to 2026-11-21T12:00:00+02:00"]);
}

#[test]
fn weeks_begin_with_the_site() {
    // A Saturday: the last day of one week, the sixth of the other.
    for week_start in [Weekday::Sunday, Weekday::Monday] {
        let site = Site {
            week_start,
            ..jerusalem("2026-11-21T12:00:00+02:00")
        };
        let (this, last) = match week_start {
            Weekday::Sunday => (
                expect!["2026-11-15T00:00:00+02:00 to 2026-11-21T12:00:00+02:00"],
                expect!["2026-11-08T00:00:00+02:00 to 2026-11-15T00:00:00+02:00"],
            ),
            _ => (
                expect!["2026-11-16T00:00:00+02:00 to 2026-11-21T12:00:00+02:00"],
                expect!["2026-11-09T00:00:00+02:00 to 2026-11-16T00:00:00+02:00"],
            ),
        };
        site.check(&calendar(Period::ThisWeek), this);
        site.check(&calendar(Period::LastWeek), last);
    }
}

#[test]
fn periods_are_whole_but_for_the_future() {
    let site = jerusalem("2027-01-01T00:30:00+02:00");
    site.check(
        &calendar(Period::Today),
        expect!["2027-01-01T00:00:00+02:00 to 2027-01-01T00:30:00+02:00"],
    );
    site.check(
        &calendar(Period::ThisMonth),
        expect!["2027-01-01T00:00:00+02:00 to 2027-01-01T00:30:00+02:00"],
    );
    site.check(
        &calendar(Period::LastMonth),
        expect!["2026-12-01T00:00:00+02:00 to 2027-01-01T00:00:00+02:00"],
    );
    site.check(
        &calendar(Period::ThisQuarter),
        expect!["2027-01-01T00:00:00+02:00 to 2027-01-01T00:30:00+02:00"],
    );
    site.check(
        &calendar(Period::LastQuarter),
        expect!["2026-10-01T00:00:00+03:00 to 2027-01-01T00:00:00+02:00"],
    );
    site.check(
        &calendar(Period::ThisYear),
        expect!["2027-01-01T00:00:00+02:00 to 2027-01-01T00:30:00+02:00"],
    );
    site.check(
        &calendar(Period::LastYear),
        expect!["2026-01-01T00:00:00+02:00 to 2027-01-01T00:00:00+02:00"],
    );
    jerusalem("2026-08-31T12:00:00+03:00").check(
        &calendar(Period::LastQuarter),
        expect!["2026-04-01T00:00:00+03:00 to 2026-07-01T00:00:00+03:00"],
    );
}

#[test]
fn years_ago_moves_the_date_first() {
    let years_ago = |period, years_ago| Window::Calendar { period, years_ago };
    let leap_day = jerusalem("2024-02-29T12:00:00+02:00");
    leap_day.check(
        &years_ago(Period::Today, 1),
        expect!["2023-02-28T00:00:00+02:00 to 2023-03-01T00:00:00+02:00"],
    );
    leap_day.check(
        &years_ago(Period::Yesterday, 1),
        expect!["2023-02-27T00:00:00+02:00 to 2023-02-28T00:00:00+02:00"],
    );
    leap_day.check(
        &years_ago(Period::ThisWeek, 1),
        expect!["2023-02-26T00:00:00+02:00 to 2023-03-05T00:00:00+02:00"],
    );
    leap_day.check(
        &years_ago(Period::LastYear, 100),
        expect!["1923-01-01T00:00:00+02:00 to 1924-01-01T00:00:00+02:00"],
    );
}
