//! Who came into a segment and who left it, to be replayed.

use super::refused;
use crate::{
    http::{
        Problem, Shared,
        auth::{At, Views},
        body::Query,
        preview::{started, unanswered},
    },
    store::Change,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most changes of a page.
const MOST: u32 = 10_000;

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// Those after this cursor; all where it is left out.
    after: Option<String>,
    /// How many, at most 10,000; 1,000 where it is left out.
    #[param(minimum = 1, maximum = 10_000)]
    limit: Option<u32>,
}

/// Changes of a segment, in their order.
#[derive(Serialize, ToSchema)]
pub struct Changes {
    /// The changes. Whoever is in is whose last change is `entered`.
    changes: Vec<Told>,
    /// The cursor for what comes after these. Where there are none it is the one that was given:
    /// what happens later is found with it.
    #[schema(example = "1842")]
    next: String,
}

/// Somebody came into a segment, or left it.
#[derive(Serialize, ToSchema)]
#[schema(as = SegmentChanges)]
pub struct Told {
    /// The cursor of this change: it grows, though not by one.
    cursor: String,
    /// The person, as text. Who is merged leaves, and is told as the other person from then on.
    person_id: String,
    /// `entered` or `left`.
    change: &'static str,
    /// As of when, in milliseconds since the epoch.
    at: i64,
    /// `event`: something came of them. `window`: time passed. `definition`: the segment was made
    /// or changed. `merged`: they are part of somebody else now, or somebody who was in became
    /// part of them. `erased`, `archived`, and `catch_up`: it happened while the backend was down.
    cause: String,
    /// The version of the segment's definition; 0 where it is archived.
    version: u32,
}

/// Tells who came into a segment and who left it, each change once, in order.
///
/// Begin without `after`, and give the `next` of each answer with the next request. A change is
/// told within a minute of the event or the moment that causes it.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}/changes", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id, archived or not"), After),
    responses((status = 200, description = "changes, the earliest first", body = Changes), Problem),
    security(("key" = ["view"]))
)]
pub async fn changes(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(page): Query<After>,
) -> Result<Json<Changes>, Problem> {
    started(&app)?;
    let (site, segment) = (&at.site.slug, &place.1);
    app.control.segment(site, segment).await.map_err(refused)?;
    let unfit = |detail: &str| Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail);
    let after: u64 = match &page.after {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| unfit("after: the cursor of a change, or `next`, fits"))?,
    };
    let most = page.limit.unwrap_or(1_000);
    if !(1..=MOST).contains(&most) {
        return Err(unfit("limit: 1 to 10000 fit"));
    }
    let changes = app.store.changes(site, segment, after, most).await;
    let changes = changes.map_err(unanswered)?;
    let next = changes.last().map_or(after, |change| change.number);
    Ok(Json(Changes {
        changes: changes.into_iter().map(told).collect(),
        next: next.to_string(),
    }))
}

fn told(change: Change) -> Told {
    Told {
        cursor: change.number.to_string(),
        person_id: change.person.to_string(),
        change: if change.is_in { "entered" } else { "left" },
        at: change.at,
        cause: change.cause,
        version: change.version,
    }
}
