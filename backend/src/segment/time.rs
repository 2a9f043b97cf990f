//! Windows to absolute bounds. Of a day and longer the arithmetic is that of
//! the clock on the wall in the site's time zone; no clock is read here.
//!
//! A wall time that a change of the clocks skips moves forward by the skipped
//! length, one that occurs twice is the earlier; a day of the month that
//! doesn't exist is the month's last. jiff's `Disambiguation::Compatible` and
//! its constraining month arithmetic are exactly these rules (they are also
//! those of RFC 5545 and of ECMAScript's Temporal).

use super::ast::{Duration, Window};
use super::invalid::{At, Code, Invalid};
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

/// A calendar date as `2026-11-21`, and nothing else that could be read as one.
///
/// # Errors
/// [`Invalid`] for anything else.
pub fn date(written: &str, at: &At<'_>) -> Result<Date, Invalid> {
    let shaped = written.len() == 10
        && written
            .bytes()
            .enumerate()
            .all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    shaped
        .then(|| written.parse().ok())
        .flatten()
        .ok_or_else(|| {
            let message = format!("`{written}` is no date; one as `2026-11-21` would fit");
            at.refuse(Code::BadDate, message)
        })
}

/// How a zone's clock on the wall stands to the time, around a moment. A wall time that is
/// skipped, or occurs twice, is read by the clock as it was before the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offsets {
    /// From when on each holds, in milliseconds since the epoch; the first always did.
    pub from_ms: Vec<i64>,
    /// The same by the clock on the wall.
    pub from_wall_ms: Vec<i64>,
    /// By how much the wall is ahead.
    pub ahead_ms: Vec<i64>,
}

/// How long facts may lie back, and how far ahead a duration may reach.
const BEHIND_HOURS: i64 = 24 * 366 * 12;
const AHEAD_HOURS: i64 = 24 * 366 * 6;

impl Offsets {
    /// Those of a zone around a moment.
    ///
    /// # Errors
    /// Outside the years -9999 to 9999.
    pub fn around(at_ms: i64, zone: &TimeZone) -> Result<Self, jiff::Error> {
        let at = Timestamp::from_millisecond(at_ms)?;
        let first = at.saturating_sub(BEHIND_HOURS.hours())?;
        let last = at.saturating_add(AHEAD_HOURS.hours())?;
        let ahead = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1000;
        let mut before = ahead(zone.to_offset(first));
        let mut offsets = Self {
            from_ms: vec![i64::MIN],
            from_wall_ms: vec![i64::MIN],
            ahead_ms: vec![before],
        };
        for change in zone.following(first) {
            if change.timestamp() > last {
                break;
            }
            let (from, now) = (change.timestamp().as_millisecond(), ahead(change.offset()));
            offsets.from_ms.push(from);
            offsets.from_wall_ms.push(from + before.max(now));
            offsets.ahead_ms.push(now);
            before = now;
        }
        Ok(offsets)
    }
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

    /// The local day that holds a moment.
    ///
    /// # Errors
    /// Outside the years -9999 to 9999.
    pub fn day_of(&self, ms: i64) -> Result<Date, jiff::Error> {
        let moment = Timestamp::from_millisecond(ms)?;
        Ok(moment.to_zoned(self.as_of.time_zone().clone()).date())
    }

    /// The bounds of a window, whole, as dates of contacts see it.
    ///
    /// # Errors
    /// A bound outside the years -9999 to 9999.
    pub fn whole(&self, window: &Window) -> Result<Span, jiff::Error> {
        let (from_ms, to_ms) = match window {
            Window::Ever | Window::Since(_) => {
                return Ok(Span {
                    from_ms: None,
                    to_ms: self.as_of_ms(),
                });
            }
            Window::Last(duration) => (self.ago(*duration)?, self.as_of_ms()),
            Window::Next(duration) => (self.as_of_ms(), self.ahead(*duration)?),
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

    /// The moment so long before the one that is asked about.
    ///
    /// # Errors
    /// Outside the years -9999 to 9999.
    pub fn ago(&self, duration: Duration) -> Result<i64, jiff::Error> {
        self.away(duration, -1)
    }

    fn ahead(&self, duration: Duration) -> Result<i64, jiff::Error> {
        self.away(duration, 1)
    }

    /// The moment so far away: later where `sign` is 1, earlier where it is -1.
    fn away(&self, duration: Duration, sign: i32) -> Result<i64, jiff::Error> {
        let n = sign * duration.n;
        let shift = match duration.unit {
            Unit::Minute => return self.exactly_away(n.minutes()),
            Unit::Hour => return self.exactly_away(n.hours()),
            Unit::Day => n.days(),
            Unit::Week => n.weeks(),
            Unit::Month => n.months(),
            Unit::Year => n.years(),
        };
        let wall = self.as_of.datetime().checked_add(shift)?;
        Ok(wall
            .to_zoned(self.as_of.time_zone().clone())?
            .timestamp()
            .as_millisecond())
    }

    fn exactly_away(&self, shift: Shift) -> Result<i64, jiff::Error> {
        Ok(self.as_of.timestamp().checked_add(shift)?.as_millisecond())
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
