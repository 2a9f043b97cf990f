//! Windows and durations.

use super::super::ast::{Duration, Window};
use super::super::invalid::{At, Code, Invalid};
use super::super::time;
use super::super::words::{LeafKind, Period, Unit, WindowKey, Word as _, one_of};
use super::fact;
use super::object::{self, Object};
use jiff::civil::Date;
use serde_json::Value;

/// How many years back a calendar window may look.
const MAX_YEARS_AGO: i32 = 100;

/// Reads the window of a leaf whose facts have happened.
pub(super) fn of_facts(value: &Value, at: &At<'_>) -> Result<Window, Invalid> {
    window(value, at, Of::Facts)
}

/// Reads the window of dates of contacts, which may lie ahead.
pub(super) fn of_dates(value: &Value, at: &At<'_>) -> Result<Window, Invalid> {
    window(value, at, Of::Dates)
}

/// What a window is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Facts,
    Dates,
}

fn window(value: &Value, at: &At<'_>, of: Of) -> Result<Window, Invalid> {
    if let Value::String(word) = value {
        return ever(word, at);
    }
    let window = Object::read(value, *at, "a window, where it is not `ever`,")?;
    if window.has("calendar") {
        return calendar(&window, of);
    }
    let (key, value, at) = window.single("a window")?;
    match key {
        WindowKey::Last => Ok(Window::Last(duration(value, at)?)),
        WindowKey::Between => between(value, &at),
        WindowKey::BetweenAgo => between_ago(value, &at),
        WindowKey::Since => {
            let fitting = [LeafKind::Event, LeafKind::Order];
            Ok(Window::Since(fact::bare(value, at, &fitting)?))
        }
        WindowKey::Calendar => calendar(&window, of),
        WindowKey::Next if of == Of::Dates => Ok(Window::Next(duration(value, at)?)),
        WindowKey::Next => Err(at.refuse(Code::DoesNotFit, "`next` fits dates of contacts only")),
    }
}

fn ever(word: &str, at: &At<'_>) -> Result<Window, Invalid> {
    if word == "ever" {
        return Ok(Window::Ever);
    }
    let message = format!("`{word}` is no window; `ever` or an object would fit");
    Err(at.refuse(Code::UnknownWord, message))
}

fn between(value: &Value, at: &At<'_>) -> Result<Window, Invalid> {
    let (first, last) = object::pair(value, at, "dates")?;
    let first = date(first, &at.index(0))?;
    let last = date(last, &at.index(1))?;
    if first > last {
        return Err(at.refuse(Code::Reversed, "the earlier date stands first"));
    }
    Ok(Window::Between(first, last))
}

fn between_ago(value: &Value, at: &At<'_>) -> Result<Window, Invalid> {
    let (near, far) = object::pair(value, at, "durations")?;
    let near = duration(near, at.index(0))?;
    let far = duration(far, at.index(1))?;
    if near.nominal_ms() > far.nominal_ms() {
        return Err(at.refuse(Code::Reversed, "the nearer duration stands first"));
    }
    Ok(Window::BetweenAgo { near, far })
}

fn calendar(window: &Object<'_>, of: Of) -> Result<Window, Invalid> {
    window.only(&["calendar", "years_ago"], "a calendar window")?;
    let at = window.at.key("calendar");
    let word = object::text(
        window.need("calendar", "a calendar window")?,
        &at,
        "a period",
    )?;
    let fits = |period: &Period| of == Of::Dates || !period.is_ahead();
    let behind = || one_of(Period::ALL.iter().copied().filter(fits));
    let period = match Period::from_word(word) {
        Some(period) if fits(&period) => period,
        Some(_) => {
            let message = format!(
                "`{word}` fits dates of contacts only; {} would fit",
                behind()
            );
            return Err(at.refuse(Code::DoesNotFit, message));
        }
        None => {
            let message = format!("`{word}` is no period; {} would fit", behind());
            return Err(at.refuse(Code::UnknownWord, message));
        }
    };
    let at = window.at.key("years_ago");
    let years_ago = window
        .get("years_ago")
        .map(|value| object::whole(value, &at, (0, MAX_YEARS_AGO), "years_ago"))
        .transpose()?
        .unwrap_or(0);
    Ok(Window::Calendar { period, years_ago })
}

/// Reads a length of time.
pub(super) fn duration(value: &Value, at: At<'_>) -> Result<Duration, Invalid> {
    let duration = Object::read(value, at, "a duration")?;
    duration.only(&["n", "unit"], "a duration")?;
    let n = duration.need("n", "a duration")?;
    let unit: Unit = object::word(
        duration.need("unit", "a duration")?,
        &at.key("unit"),
        "unit",
    )?;
    let what = format!("a duration in `{}`", unit.as_str());
    let n = object::whole(n, &at.key("n"), (1, unit.most()), &what)?;
    Ok(Duration { n, unit })
}

fn date(value: &Value, at: &At<'_>) -> Result<Date, Invalid> {
    time::date(object::text(value, at, "a date")?, at)
}

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

impl Duration {
    /// The length by which durations are ordered, a month being 30.4375 days.
    #[must_use]
    pub fn nominal_ms(self) -> i64 {
        let unit_ms = match self.unit {
            Unit::Minute => MINUTE_MS,
            Unit::Hour => 60 * MINUTE_MS,
            Unit::Day => DAY_MS,
            Unit::Week => 7 * DAY_MS,
            Unit::Month => 304_375 * (DAY_MS / 10_000),
            Unit::Year => 12 * 304_375 * (DAY_MS / 10_000),
        };
        i64::from(self.n) * unit_ms
    }
}

impl Unit {
    /// How many make five years, which no duration exceeds.
    const fn most(self) -> i32 {
        match self {
            Self::Minute => 1826 * 24 * 60,
            Self::Hour => 1826 * 24,
            Self::Day => 1826,
            Self::Week => 260,
            Self::Month => 60,
            Self::Year => 5,
        }
    }
}

impl Period {
    /// Whether it lies ahead, where no fact can be.
    const fn is_ahead(self) -> bool {
        matches!(
            self,
            Self::Tomorrow | Self::NextWeek | Self::NextMonth | Self::NextYear
        )
    }
}
