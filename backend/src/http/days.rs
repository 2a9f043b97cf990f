//! Which days are asked about, in a site's time zone.

use super::Problem;
use crate::store::Span;
use axum::http::StatusCode;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::IntoParams;

/// Most days at once.
const MOST: i32 = 366;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// The first day, `YYYY-MM-DD` in the site's time zone; where it is left out, the last one
    /// ends what the answer covers by default.
    #[param(value_type = Option<String>, example = "2026-11-15")]
    pub from: Option<Date>,
    /// The last day; today where it is left out.
    #[param(value_type = Option<String>, example = "2026-11-21")]
    pub to: Option<Date>,
}

/// Whole days, one after the other.
#[derive(Clone, Debug)]
pub struct Period {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
    zone: TimeZone,
}

impl Days {
    /// The days that are meant, `usual` of them where nobody says which.
    ///
    /// # Errors
    /// 400 where they are too many, or none.
    pub fn of(&self, zone: &str, usual: i32, now_ms: u64) -> Result<Period, Problem> {
        let last = match self.to {
            Some(last) => last,
            None => today(zone, now_ms).map_err(bad)?,
        };
        let zone = TimeZone::get(zone).map_err(|error| bad(error.to_string()))?;
        let first = match self.from {
            Some(first) => first,
            None => last.saturating_sub((usual - 1).days()),
        };
        let count = (last - first).get_days() + 1;
        if !(1..=MOST).contains(&count) {
            return Err(bad(format!(
                "from {first} to {last} are {count} days; 1 to {MOST} fit"
            )));
        }
        Ok(Period { first, last, zone })
    }
}

impl Period {
    /// When they begin and end.
    ///
    /// # Errors
    /// 400 where no moment is that early or late.
    pub fn span(&self) -> Result<Span, Problem> {
        let begin = |day: Date| {
            let moment = day
                .to_zoned(self.zone.clone())
                .map_err(|error| bad(error.to_string()))?;
            Ok(moment.timestamp().as_millisecond())
        };
        Ok(Span {
            from_ms: begin(self.first)?,
            until_ms: begin(self.last.saturating_add(1.day()))?,
        })
    }

    /// As many days, right before these.
    pub fn before(&self) -> Self {
        let days = (self.last - self.first).get_days() + 1;
        Self {
            first: self.first.saturating_sub(days.days()),
            last: self.first.saturating_sub(1.day()),
            zone: self.zone.clone(),
        }
    }

    /// The days, the earliest first.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        let last = self.last;
        self.first
            .series(1.day())
            .take_while(move |day| *day <= last)
    }
}

/// The day that it is in a zone.
pub fn today(zone: &str, now_ms: u64) -> Result<Date, String> {
    let zone = TimeZone::get(zone).map_err(|error| error.to_string())?;
    let now = Timestamp::from_millisecond(i64::try_from(now_ms).unwrap_or(i64::MAX));
    Ok(now.unwrap_or_default().to_zoned(zone).date())
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail)
}
