//! Segments and their versions, as they are kept.

use super::refused;
use crate::{
    control::{ListedSegment, Segment, SegmentVersion},
    http::{
        Problem, Shared,
        auth::{At, Views, from_control},
        body::Query,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which segments.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// With `true` the archived ones; without it those that are live.
    #[serde(default)]
    archived: bool,
}

/// A segment in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = SegmentWithSize)]
pub struct Counted {
    /// The segment.
    #[serde(flatten)]
    listed: ListedSegment,
    /// How many people are in it, as of the last twenty seconds; nothing where that is not known
    /// yet.
    size: Option<u64>,
}

/// Lists a site's segments, without their definitions.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"), Which),
    responses((status = 200, description = "the segments, by their ids", body = Vec<Counted>), Problem),
    security(("key" = ["view"]))
)]
pub async fn list(
    at: At<Views>,
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Counted>>, Problem> {
    let segments = app.control.segments(&at.site.slug, which.archived).await;
    let sizes = app.sizes.of(&at.site.slug);
    let counted = |listed: ListedSegment| Counted {
        size: sizes
            .as_ref()
            .map(|sizes| sizes.get(&listed.id).copied().unwrap_or_default()),
        listed,
    };
    let segments = segments.map_err(from_control)?.into_iter();
    Ok(Json(segments.map(counted).collect()))
}

/// Tells a segment, with what it uses and what uses it.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id")),
    responses((status = 200, description = "the segment, archived or not", body = Segment), Problem),
    security(("key" = ["view"]))
)]
pub async fn whole(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Segment>, Problem> {
    let segment = app.control.segment(&at.site.slug, &place.1).await;
    Ok(Json(segment.map_err(refused)?))
}

/// Which versions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Those before this one.
    before: Option<u32>,
    /// How many, at most 100; 20 where it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Tells the versions of a segment with their definitions, the newest first.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}/history", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id"), Page),
    responses((status = 200, description = "its versions", body = Vec<SegmentVersion>), Problem),
    security(("key" = ["view"]))
)]
pub async fn history(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Result<Json<Vec<SegmentVersion>>, Problem> {
    let most = page.limit.unwrap_or(20);
    if !(1..=100).contains(&most) {
        let detail = "limit: 1 to 100 fit";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
    }
    let (site, segment) = (&at.site.slug, &place.1);
    let versions = app
        .control
        .segment_history(site, segment, page.before, most);
    Ok(Json(versions.await.map_err(refused)?))
}
