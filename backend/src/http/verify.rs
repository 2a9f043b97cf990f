//! Whether a site's events come, and what a page of the shop lacks where they don't.

use super::{
    Problem, Shared,
    auth::{At, Views, Writes},
    body::Body,
    preview::unanswered,
};
use crate::{
    store::Arrivals,
    verify::{self, Check, Verdict},
};
use axum::{Json, extract::State, http::StatusCode};
use reqwest::Url;
use serde::{Deserialize, Serialize};
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
            "no event of `{slug}` was stored in the last 24 hours; `crumbtrail site verify {slug} <page>`, or a POST here of a page's address, looks at the shop, \
             and /v1/sites/{slug}/live shows events as they come"
        )
    });
    Ok(Json(Verified {
        works,
        hosts,
        advice,
    }))
}

/// A page of the shop.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShopPage {
    /// Its address.
    #[schema(example = "https://shop.example/")]
    page: String,
}

/// What was found of a page.
#[derive(Serialize, ToSchema)]
pub struct Examined {
    /// Whether nothing keeps the page's events from coming.
    works: bool,
    /// What was looked at, in this order; looking ends where the rest can't be seen.
    checks: Vec<Check>,
}

/// Looks at a page of the shop as a browser does: whether it has the line, whether its
/// Content-Security-Policy lets the pixel run, what carries the visitor's identity, and whether the
/// worker takes what the page sends. Only addresses of the public internet are looked at, unless
/// the backend was started with `--verify-private`. It takes up to a minute.
#[utoipa::path(
    post, path = "/v1/sites/{site}/verify", tag = "sites", operation_id = "examine",
    params(("site" = String, Path, description = "the site's slug")),
    request_body = ShopPage,
    responses((status = 200, description = "what was found", body = Examined), Problem),
    security(("key" = ["write"]))
)]
pub async fn examine(
    at: At<Writes>,
    State(app): Shared,
    Body(shop): Body<ShopPage>,
) -> Result<Json<Examined>, Problem> {
    let no_page = |detail: String| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", detail).at("/page".to_owned())
    };
    let page = Url::parse(shop.page.trim()).map_err(|error| {
        no_page(format!(
            "no address of a page: {error}; it is like https://shop.example/"
        ))
    })?;
    if !matches!(page.scheme(), "https" | "http") {
        let detail = format!(
            "a page's address begins with https://, not with {}:",
            page.scheme()
        );
        return Err(no_page(detail));
    }
    let checks = verify::examine(&at.site.slug, &page, app.reach).await;
    let works = checks.iter().all(|check| check.verdict != Verdict::Bad);
    Ok(Json(Examined { works, checks }))
}
