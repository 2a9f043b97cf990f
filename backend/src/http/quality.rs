//! `GET /v1/sites/{site}/quality`: what of a site's events came, and what was lost.

use super::{
    Problem, Shared,
    auth::{At, Views},
    body::Query,
    days::Days,
    preview::unanswered,
};
use crate::store::Day;
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// How many days there are where nobody says which.
const USUAL_DAYS: i32 = 7;

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
    responses((status = 200, description = "by day; seven days by default", body = Quality), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(
    at: At<Views>,
    State(app): Shared,
    Query(days): Query<Days>,
) -> Result<Json<Quality>, Problem> {
    let span = days
        .of(&at.site.time_zone, USUAL_DAYS, (app.now_ms)())?
        .span()?;
    let days = app.store.quality(&at.site.slug, &at.site.time_zone, span);
    Ok(Json(Quality {
        days: days.await.map_err(unanswered)?,
        time_zone: at.site.time_zone,
    }))
}
