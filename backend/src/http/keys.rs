//! API keys of a site.

use super::{
    App, Problem, Shared,
    auth::{Administers, At, from_control},
    body::{Body, Query},
    bulk,
    users::random,
};
use crate::control::{KeyInfo, KeySpec, Scope};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest overlap of a key that is revoked with the one that takes its place: a week.
const MOST_OVERLAP_S: u64 = 7 * 24 * 60 * 60;

/// Lists a site's keys, revoked ones too. Their secrets are nowhere.
#[utoipa::path(
    get, path = "/v1/sites/{site}/keys", tag = "keys",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "the keys, the oldest first", body = Vec<KeyInfo>), Problem),
    security(("key" = ["admin"]))
)]
pub async fn list(at: At<Administers>, State(app): Shared) -> Result<Json<Vec<KeyInfo>>, Problem> {
    let keys = app.control.keys(Some(&at.site.slug)).await;
    Ok(Json(keys.map_err(from_control)?))
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// What it is to allow.
    scope: Scope,
    /// What its owner calls it.
    #[serde(default)]
    label: String,
    /// When it is to end by itself, in milliseconds since the epoch.
    #[schema(maximum = 9_223_372_036_854_775_807_i64)]
    expires_at: Option<u64>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct Made {
    /// Its id.
    id: String,
    /// The key. It is shown this once.
    key: String,
}

/// Makes a key.
#[utoipa::path(
    post, path = "/v1/sites/{site}/keys", tag = "keys", request_body = Wanted,
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 201, description = "the key, this once", body = Made), Problem),
    security(("key" = ["admin"]))
)]
pub async fn create(
    at: At<Administers>,
    State(app): Shared,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let Wanted {
        scope,
        label,
        expires_at,
    } = wanted;
    if scope == Scope::Setup {
        let detail = "a key's scope is ingest, view, read, write or admin";
        return Err(
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", detail)
                .at("/scope".into()),
        );
    }
    if expires_at.is_some_and(|end_ms| i64::try_from(end_ms).is_err()) {
        let detail = "expires_at is further off than times go";
        return Err(
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_setting", detail)
                .at("/expires_at".into()),
        );
    }
    let key = make(&app, Some(&at.site.slug), scope, &label, expires_at).await?;
    let id = key.split('_').nth(1).unwrap_or_default().to_owned();
    bulk::note(&app, at.bringer(), "key_created", &id, scope.as_str()).await?;
    Ok((StatusCode::CREATED, Json(Made { id, key })))
}

/// Makes a key, and gives its text.
pub async fn make(
    app: &App,
    site: Option<&str>,
    scope: Scope,
    label: &str,
    expires_at_ms: Option<u64>,
) -> Result<String, Problem> {
    let spec = KeySpec {
        site,
        scope,
        label,
        expires_at_ms,
    };
    let made = app
        .control
        .create_key(&spec, random()?, (app.now_ms)())
        .await;
    Ok(made.map_err(from_control)?.reveal().to_owned())
}

/// How a key is revoked.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Revoking {
    /// For how many seconds it is still good, at most a week, so that another can take its
    /// place meanwhile; 0 where it is left out.
    #[serde(default)]
    #[param(maximum = 604_800)]
    overlap_s: u64,
}

/// Revokes a key, at once or after an overlap.
#[utoipa::path(
    delete, path = "/v1/sites/{site}/keys/{id}", tag = "keys",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "the key's id"), Revoking),
    responses((status = 204, description = "it is revoked"), Problem),
    security(("key" = ["admin"]))
)]
pub async fn revoke(
    at: At<Administers>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(revoking): Query<Revoking>,
) -> Result<StatusCode, Problem> {
    let (_, id) = place;
    if revoking.overlap_s > MOST_OVERLAP_S {
        let detail = format!("overlap_s is at most {MOST_OVERLAP_S}, a week");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
    }
    let now_ms = (app.now_ms)();
    let end_ms = now_ms + revoking.overlap_s * 1000;
    let site = Some(at.site.slug.as_str());
    let revoked = app.control.revoke_key(&id, site, (now_ms, end_ms)).await;
    if revoked.map_err(from_control)? {
        bulk::note(&app, at.bringer(), "key_revoked", &id, "").await?;
        Ok(StatusCode::NO_CONTENT)
    } else {
        let detail = format!("there is no key `{id}` of this site that could be revoked");
        Err(Problem::new(StatusCode::NOT_FOUND, "unknown_key", detail))
    }
}
