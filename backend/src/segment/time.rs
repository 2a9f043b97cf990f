//! Windows to absolute bounds. Of a day and longer the arithmetic is that of
//! the clock on the wall in the site's time zone; no clock is read here.
//!
//! A wall time that a change of the clocks skips moves forward by the skipped
//! length, one that occurs twice is the earlier; a day of the month that
//! doesn't exist is the month's last. jiff's `Disambiguation::Compatible` and
//! its constraining month arithmetic are exactly these rules (they are also
//! those of RFC 5545 and of ECMAScript's Temporal).

use super::ast::{Duration, Window};
use super::words::{Period, Unit};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span as Shift, Timestamp, ToSpan as _, Zoned};

/// A half-open stretch of time, in milliseconds since the epoch. It is empty
/// where it doesn't end after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first millisecond; `None` reaches back without end.
    pub from_ms: Option<i64>,
    /// The first millisecond that is not part of it.
    pub to_ms: i64,
}

/// The moment that is asked about, on the site's wall.
pub struct Wall {
    as_of: Zoned,
    week_start: Weekday,
}

impl Wall {
    /// Where the site's clock stands at `as_of_ms`.
    ///
    /// # Errors
    /// Outside the years -9999 to 9999.
    pub fn new(as_of_ms: i64, zone: &TimeZone, week_start: Weekday) -> Result<Self, jiff::Error> {
        let as_of = Timestamp::from_millisecond(as_of_ms)?.to_zoned(zone.clone());
        Ok(Self { as_of, week_start })
    }

    /// The bounds of a window for facts: it ends at the moment asked about at
    /// the latest. `since` depends on the person: here it reaches back forever.
    ///
    /// # Errors
    /// A bound outside the years -9999 to 9999.
    pub fn span(&self, window: &Window) -> Result<Span, jiff::Error> {
        let whole = self.whole(window)?;
        Ok(Span {
            to_ms: whole.to_ms.min(self.as_of_ms()),
            ..whole
        })
    }

    fn whole(&self, window: &Window) -> Result<Span, jiff::Error> {
        let (from_ms, to_ms) = match window {
            Window::Ever | Window::Since(_) => {
                return Ok(Span {
                    from_ms: None,
                    to_ms: self.as_of_ms(),
                });
            }
            Window::Last(duration) => (self.ago(*duration)?, self.as_of_ms()),
            Window::BetweenAgo { near, far } => (self.ago(*far)?, self.ago(*near)?),
            Window::Between(first, last) => (self.start_of(*first)?, self.end_of(*last)),
            Window::Calendar { period, years_ago } => {
                let date = self.as_of.date().checked_sub(years_ago.years())?;
                let (first, next) = self.period(*period, date)?;
                (self.start_of(first)?, self.start_of(next)?)
            }
        };
        Ok(Span {
            from_ms: Some(from_ms),
            to_ms,
        })
    }

    fn as_of_ms(&self) -> i64 {
        self.as_of.timestamp().as_millisecond()
    }

    fn ago(&self, duration: Duration) -> Result<i64, jiff::Error> {
        let shift = match duration.unit {
            Unit::Minute => return self.exactly_ago(duration.n.minutes()),
            Unit::Hour => return self.exactly_ago(duration.n.hours()),
            Unit::Day => duration.n.days(),
            Unit::Week => duration.n.weeks(),
            Unit::Month => duration.n.months(),
            Unit::Year => duration.n.years(),
        };
        let wall = self.as_of.datetime().checked_sub(shift)?;
        Ok(wall
            .to_zoned(self.as_of.time_zone().clone())?
            .timestamp()
            .as_millisecond())
    }

    fn exactly_ago(&self, shift: Shift) -> Result<i64, jiff::Error> {
        Ok(self.as_of.timestamp().checked_sub(shift)?.as_millisecond())
    }

    fn start_of(&self, date: Date) -> Result<i64, jiff::Error> {
        Ok(date
            .to_zoned(self.as_of.time_zone().clone())?
            .timestamp()
            .as_millisecond())
    }

    /// The start of the next day, or now where that lies beyond the calendar:
    /// people write 9999-12-31 for a window without end.
    fn end_of(&self, date: Date) -> i64 {
        let end = date.tomorrow().and_then(|next| self.start_of(next));
        end.unwrap_or_else(|_| self.as_of_ms())
    }

    /// The first date of the period, and the first date after it.
    fn period(&self, period: Period, date: Date) -> Result<(Date, Date), jiff::Error> {
        let (length, periods_on) = shape(period);
        let first = self
            .first_of(length, date)?
            .checked_add(times(length, periods_on))?;
        Ok((first, first.checked_add(times(length, 1))?))
    }

    /// The first date of the day, week, month, quarter or year that holds `date`.
    fn first_of(&self, length: Length, date: Date) -> Result<Date, jiff::Error> {
        match length {
            Length::Day => Ok(date),
            Length::Week => {
                let into_week = date.weekday().since(self.week_start);
                date.checked_sub(into_week.days())
            }
            Length::Month => Ok(date.first_of_month()),
            Length::Quarter => date
                .first_of_month()
                .checked_sub(((date.month() - 1) % 3).months()),
            Length::Year => Ok(date.first_of_year()),
        }
    }
}

#[derive(Clone, Copy)]
enum Length {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// How long a period is, and how many such lengths from the one that holds the date.
const fn shape(period: Period) -> (Length, i32) {
    match period {
        Period::Today => (Length::Day, 0),
        Period::Yesterday => (Length::Day, -1),
        Period::Tomorrow => (Length::Day, 1),
        Period::ThisWeek => (Length::Week, 0),
        Period::LastWeek => (Length::Week, -1),
        Period::NextWeek => (Length::Week, 1),
        Period::ThisMonth => (Length::Month, 0),
        Period::LastMonth => (Length::Month, -1),
        Period::NextMonth => (Length::Month, 1),
        Period::ThisQuarter => (Length::Quarter, 0),
        Period::LastQuarter => (Length::Quarter, -1),
        Period::ThisYear => (Length::Year, 0),
        Period::LastYear => (Length::Year, -1),
        Period::NextYear => (Length::Year, 1),
    }
}

fn times(length: Length, n: i32) -> Shift {
    match length {
        Length::Day => n.days(),
        Length::Week => n.weeks(),
        Length::Month => n.months(),
        Length::Quarter => (3 * n).months(),
        Length::Year => n.years(),
    }
}

#[cfg(test)]
mod tests;
