//! Segments made, changed, archived and restored.

use super::refused;
use crate::{
    control::{Draft, Outcome, Segment},
    http::{
        Problem, Shared,
        auth::{At, Writes},
        body::Body,
        bulk,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};

/// Makes a segment, or changes it. A change makes a version, and the ones before stay; where
/// nothing is another than before there is none. What is sent is checked with all that it uses,
/// and with all that use it.
#[utoipa::path(
    put, path = "/v1/sites/{site}/segments/{segment}", tag = "segments", request_body = Draft,
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "1 to 64 characters of a-z, 0-9, - and _")),
    responses(
        (status = 200, description = "the segment, which was there", body = Segment),
        (status = 201, description = "the segment, which is new", body = Segment),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn put(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Body(draft): Body<Draft>,
) -> Result<(StatusCode, Json<Segment>), Problem> {
    let (_, id) = place;
    let by = (&*at.caller.name(), bulk::now(&app));
    let put = app.control.put_segment(&at.site, &id, &draft, by).await;
    let (outcome, segment) = put.map_err(refused)?;
    if outcome != Outcome::Same {
        let version = format!("version {}", segment.listed.version);
        bulk::note(&app, at.bringer(), "segment_put", &id, &version).await?;
    }
    let status = match outcome {
        Outcome::Made => StatusCode::CREATED,
        Outcome::Changed | Outcome::Same => StatusCode::OK,
    };
    Ok((status, Json(segment)))
}

/// Archives a segment: it is kept with its history, and definitions can't name it any more. One
/// that a live segment uses can't be.
#[utoipa::path(
    post, path = "/v1/sites/{site}/segments/{segment}/archive", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, description = "the segment, archived", body = Segment), Problem),
    security(("key" = ["write"]))
)]
pub async fn archive(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Segment>, Problem> {
    let (_, id) = place;
    let now_ms = bulk::now(&app);
    let archived = app.control.archive_segment(&at.site.slug, &id, now_ms);
    let (outcome, segment) = archived.await.map_err(refused)?;
    if outcome != Outcome::Same {
        bulk::note(&app, at.bringer(), "segment_archived", &id, "").await?;
    }
    Ok(Json(segment))
}

/// Makes an archived segment live again, where what it names is there.
#[utoipa::path(
    post, path = "/v1/sites/{site}/segments/{segment}/restore", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, description = "the segment, live", body = Segment), Problem),
    security(("key" = ["write"]))
)]
pub async fn restore(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Segment>, Problem> {
    let (_, id) = place;
    let restored = app.control.restore_segment(&at.site, &id, bulk::now(&app));
    let (outcome, segment) = restored.await.map_err(refused)?;
    if outcome != Outcome::Same {
        bulk::note(&app, at.bringer(), "segment_restored", &id, "").await?;
    }
    Ok(Json(segment))
}
