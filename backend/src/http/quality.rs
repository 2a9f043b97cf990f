//! `GET /v1/sites/{site}/quality`: what of a site's events came, and what was lost.

use super::{
    Problem, Shared,
    auth::{At, Views},
    body::Query,
    preview::unanswered,
};
use crate::store::{Day, Span};
use axum::{Json, extract::State, http::StatusCode};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most days at once.
const MOST_DAYS: i32 = 366;
/// How many days there are where nobody says which.
const USUAL_DAYS: i32 = 7;

/// Which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// The first day, `YYYY-MM-DD` in the site's time zone; six days before the last one
    /// where it is left out.
    #[param(value_type = Option<String>, example = "2026-11-15")]
    from: Option<Date>,
    /// The last day; today where it is left out.
    #[param(value_type = Option<String>, example = "2026-11-21")]
    to: Option<Date>,
}

/// What became of the events of a site, by the days on which their tabs began.
///
/// Tabs count their events, so that what doesn't come is seen. What browsers still hold counts
/// as missing until it comes: a day is whole once its visitors came back, or a month went by.
#[derive(Serialize, ToSchema)]
pub struct Quality {
    /// The site's time zone.
    time_zone: String,
    /// The days on which there were any tabs.
    days: Vec<Day>,
}

/// Tells how many of a site's events were recorded, stored, rejected and lost.
#[utoipa::path(
    get, path = "/v1/sites/{site}/quality", tag = "events",
    params(("site" = String, Path, description = "the site's slug"), Days),
    responses((status = 200, description = "by day", body = Quality), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(
    at: At<Views>,
    State(app): Shared,
    Query(days): Query<Days>,
) -> Result<Json<Quality>, Problem> {
    let span = span(&days, &at.site.time_zone, (app.now_ms)())?;
    let days = app.store.quality(&at.site.slug, &at.site.time_zone, span);
    Ok(Json(Quality {
        days: days.await.map_err(unanswered)?,
        time_zone: at.site.time_zone,
    }))
}

/// The day that it is in a zone.
pub fn today(zone: &str, now_ms: u64) -> Result<Date, String> {
    let zone = TimeZone::get(zone).map_err(|error| error.to_string())?;
    let now = Timestamp::from_millisecond(i64::try_from(now_ms).unwrap_or(i64::MAX));
    Ok(now.unwrap_or_default().to_zoned(zone).date())
}

fn span(days: &Days, zone: &str, now_ms: u64) -> Result<Span, Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail);
    let today = today(zone, now_ms).map_err(bad)?;
    let zone = TimeZone::get(zone).map_err(|error| bad(error.to_string()))?;
    let last = days.to.unwrap_or(today);
    let first = match days.from {
        Some(first) => first,
        None => last.saturating_sub((USUAL_DAYS - 1).days()),
    };
    let count = (last - first).get_days() + 1;
    if !(1..=MOST_DAYS).contains(&count) {
        return Err(bad(format!(
            "from {first} to {last} are {count} days; 1 to {MOST_DAYS} fit"
        )));
    }
    let begin = |day: Date| {
        let moment = day
            .to_zoned(zone.clone())
            .map_err(|error| bad(error.to_string()))?;
        Ok(moment.timestamp().as_millisecond())
    };
    Ok(Span {
        from_ms: begin(first)?,
        until_ms: begin(last.saturating_add(1.day()))?,
    })
}
