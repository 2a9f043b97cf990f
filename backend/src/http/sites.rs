//! Sites: their settings.

use super::{
    Problem, Shared,
    auth::{Administers, At, Of, Views, from_control},
    body::Body,
    bulk,
};
use crate::control::{Scope, SiteChange, SiteSettings};
use axum::{Json, extract::State, http::StatusCode};

/// Lists the sites that the key is for.
#[utoipa::path(
    get, path = "/v1/sites", tag = "sites",
    responses((status = 200, description = "the sites, by their slugs", body = Vec<SiteSettings>), Problem),
    security(("key" = ["view"]))
)]
pub async fn list(of: Of<Views>, State(app): Shared) -> Result<Json<Vec<SiteSettings>>, Problem> {
    let sites = match &of.caller.site {
        Some(own) => vec![app.control.site(own).await.map_err(from_control)?],
        None => app.control.sites().await.map_err(from_control)?,
    };
    Ok(Json(sites))
}

/// Adds a site. The key has to be one of all sites; to add it again with the same settings
/// does nothing.
#[utoipa::path(
    post, path = "/v1/sites", tag = "sites", request_body = SiteSettings,
    responses((status = 201, description = "it is there", body = SiteSettings), Problem),
    security(("key" = ["admin"]))
)]
pub async fn add(
    of: Of<Administers>,
    State(app): Shared,
    Body(site): Body<SiteSettings>,
) -> Result<(StatusCode, Json<SiteSettings>), Problem> {
    if of.caller.site.is_some() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other_site",
            "a key of one site adds no others; use one of all sites",
        ));
    }
    app.control.add_site(&site).await.map_err(from_control)?;
    Ok((StatusCode::CREATED, Json(site)))
}

/// Tells a site's settings.
#[utoipa::path(
    get, path = "/v1/sites/{site}", tag = "sites",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "its settings", body = SiteSettings), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(at: At<Views>) -> Json<SiteSettings> {
    Json(at.site)
}

/// Changes a site's settings. What is left out stays.
#[utoipa::path(
    patch, path = "/v1/sites/{site}", tag = "sites", request_body = SiteChange,
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "its settings from here on", body = SiteSettings), Problem),
    security(("key" = ["admin"]))
)]
pub async fn change(
    at: At<Administers>,
    State(app): Shared,
    Body(change): Body<SiteChange>,
) -> Result<Json<SiteSettings>, Problem> {
    let changed = app.control.change_site(&at.site.slug, change).await;
    let changed = changed.map_err(from_control)?;
    bulk::note(&app, at.bringer(), "site_changed", &at.site.slug, "").await?;
    Ok(Json(changed))
}

/// What a setting-up is answered.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct SetUp {
    /// A key of scope admin, of all sites. It is shown this once.
    key: String,
}

/// Exchanges the one-time set-up key, which the first start prints, for a key of scope admin
/// of all sites.
#[utoipa::path(
    post, path = "/v1/setup", tag = "sites",
    responses((status = 201, description = "the key", body = SetUp), Problem),
    security(("key" = ["setup"]))
)]
pub async fn set_up(
    of: Of<super::auth::SetsUp>,
    State(app): Shared,
) -> Result<(StatusCode, Json<SetUp>), Problem> {
    let now_ms = (app.now_ms)();
    let spent = app.control.spend(&of.caller, now_ms).await;
    if !spent.map_err(from_control)? {
        return Err(super::auth::refused(crate::control::KeyError::Invalid, ""));
    }
    let key = super::keys::make(&app, None, Scope::Admin, "set up", None).await?;
    Ok((StatusCode::CREATED, Json(SetUp { key })))
}
