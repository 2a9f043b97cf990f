//! Erasing a person, and giving all that is held about one.

use super::{
    Problem, Shared,
    auth::{At, Reads, Writes, from_control},
    bulk::{self, Wait},
    people::{archive, find},
};
use crate::{control::Erasure, people::fact::Fact};
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Erases a person with all that they are known by: events, messages, fields and their history,
/// groups, proofs and claims. Their orders stay, and are nobody's.
///
/// From the answer on, whatever comes of before stays out; what comes of later is a new trail.
/// What is stored is deleted within minutes: the receipt says when it is done.
#[utoipa::path(
    delete, path = "/v1/sites/{site}/people/{id}", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "any identifier")),
    responses((status = 202, description = "the receipt", body = Erasure), Problem),
    security(("key" = ["write"]))
)]
pub async fn erase(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<(StatusCode, Json<Erasure>), Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    let person = found.person.to_string();
    bulk::note(&app, at.bringer(), "person_erased", &person, "").await?;
    let now = bulk::now(&app);
    let erasure = Erasure {
        id: uuid::Uuid::new_v4().to_string(),
        person_id: person,
        asked_at_ms: now,
        asked_by: at.caller.name(),
        done_at_ms: None,
    };
    let begun = app.control.begin_erasure(&at.site.slug, &erasure).await;
    begun.map_err(from_control)?;
    let fact = Fact::Erased {
        ids: vec![found.person],
        at: now,
    };
    bulk::put(&app, at.bringer(), vec![fact], Wait::UNTIL_STORED).await?;
    Ok((StatusCode::ACCEPTED, Json(erasure)))
}

/// Tells how far an erasure is: it is done once no file has anything of the person.
#[utoipa::path(
    get, path = "/v1/sites/{site}/erasures/{erasure}", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("erasure" = String, Path, description = "the receipt's id")),
    responses((status = 200, description = "the receipt", body = Erasure), Problem),
    security(("key" = ["read"]))
)]
pub async fn receipt(
    at: At<Reads>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Erasure>, Problem> {
    let erasure = app.control.erasure(&at.site.slug, &place.1).await;
    let erasure = erasure.map_err(from_control)?;
    erasure.map(Json).ok_or_else(|| {
        let detail = "there is no such receipt of this site";
        Problem::new(StatusCode::NOT_FOUND, "unknown_erasure", detail)
    })
}

/// Gives all that is held about a person as a ZIP archive of texts: the page, the whole timeline,
/// every row that was sent of them.
#[utoipa::path(
    get, path = "/v1/sites/{site}/people/{id}/export", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "any identifier")),
    responses((status = 200, description = "the archive", body = Vec<u8>, content_type = "application/zip"), Problem),
    security(("key" = ["read"]))
)]
pub async fn export(
    at: At<Reads>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    let person = found.person.to_string();
    bulk::note(&app, at.bringer(), "person_exported", &person, "").await?;
    let bytes = archive(&app, &at.site, found).await?;
    let name = format!("attachment; filename=\"person-{person}.zip\"");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}
