//! `GET /v1/sites/{site}/verify`: whether the site's events come.

use super::{
    Problem, Shared,
    auth::{At, Views},
    preview::unanswered,
};
use crate::store::Arrivals;
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether a site's events come.
#[derive(Serialize, ToSchema)]
pub struct Verified {
    /// Whether any were stored in the last 24 hours.
    works: bool,
    /// What came in that time, by the host of the page.
    hosts: Vec<Arrivals>,
    /// What to do where none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// Tells whether the site's events come: from which hosts, how many in the last 24 hours, and when
/// the last one. What was taken in the last seconds may not be counted yet.
#[utoipa::path(
    get, path = "/v1/sites/{site}/verify", tag = "sites",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "what came", body = Verified), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(at: At<Views>, State(app): Shared) -> Result<Json<Verified>, Problem> {
    let since_ms = (app.now_ms)().saturating_sub(DAY_MS);
    let since_ms = i64::try_from(since_ms).unwrap_or(i64::MAX);
    let slug = &at.site.slug;
    let hosts = app.store.arrivals(slug, since_ms).await;
    let hosts = hosts.map_err(unanswered)?;
    let works = hosts.iter().any(|host| host.stored > 0);
    let advice = (!works).then(|| {
        format!(
            "no event of `{slug}` was stored in the last 24 hours; `crumbtrail site verify {slug} <page>` looks at the shop's page, \
             and /v1/sites/{slug}/live shows events as they come"
        )
    });
    Ok(Json(Verified {
        works,
        hosts,
        advice,
    }))
}
