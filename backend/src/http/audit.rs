//! Who did what, when.

use super::{
    Problem, Shared,
    auth::{Administers, At, from_control},
    body::Query,
};
use crate::control::Deed;
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which deeds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Those before the one of this id.
    before: Option<i64>,
    /// How many, at most 1,000; 100 where it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// Tells who did what on a site, the latest first: what changed or showed personal data beyond
/// a question, and what changed its settings; for those who are for all sites, what was done to
/// users of all sites as well. It names people by their ids alone.
#[utoipa::path(
    get, path = "/v1/sites/{site}/audit", tag = "operating",
    params(("site" = String, Path, description = "the site's slug"), Which),
    responses((status = 200, description = "what was done", body = Vec<Deed>), Problem),
    security(("key" = ["admin"]))
)]
pub async fn tell(
    at: At<Administers>,
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Deed>>, Problem> {
    let most = which.limit.unwrap_or(100);
    if !(1..=1000).contains(&most) {
        let detail = "limit: 1 to 1000 fit";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
    }
    let with_all = at.caller.site.is_none();
    let deeds = app
        .control
        .deeds(&at.site.slug, with_all, which.before, most)
        .await;
    Ok(Json(deeds.map_err(from_control)?))
}
