//! Groups of contacts.

use super::{
    Problem, Shared,
    auth::{Administers, At, Views, Writes, from_control},
    body::{Body, Query},
    bulk::{self, Answered, Taken, Wait},
};
use crate::{
    control::Group,
    people::{fact::Fact, field::Labels, given::GivenMember},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A group.
#[derive(Serialize, ToSchema)]
pub struct NamedGroup {
    /// Its id in segments.
    id: String,
    /// What people call it.
    name: String,
    /// What people read, by language.
    labels: Labels,
}

/// Lists a site's groups.
#[utoipa::path(
    get, path = "/v1/sites/{site}/groups", tag = "people",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "the groups, by their ids", body = Vec<NamedGroup>), Problem),
    security(("key" = ["view"]))
)]
pub async fn list(at: At<Views>, State(app): Shared) -> Result<Json<Vec<NamedGroup>>, Problem> {
    let groups = app.control.groups(&at.site.slug).await;
    let groups = groups.map_err(from_control)?.into_iter();
    Ok(Json(
        groups
            .map(|(id, group)| NamedGroup {
                id,
                name: group.name,
                labels: group.labels,
            })
            .collect(),
    ))
}

/// Adds a group, or changes what it is called.
#[utoipa::path(
    put, path = "/v1/sites/{site}/groups/{group}", tag = "people", request_body = Group,
    params(("site" = String, Path, description = "the site's slug"),
           ("group" = String, Path, description = "1 to 64 characters of a-z, 0-9, - and _")),
    responses((status = 200, description = "the group", body = Group), Problem),
    security(("key" = ["admin"]))
)]
pub async fn put(
    at: At<Administers>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Body(group): Body<Group>,
) -> Result<Json<Group>, Problem> {
    let put = app.control.put_group(&at.site.slug, &place.1, &group).await;
    put.map_err(from_control)?;
    bulk::note(&app, at.bringer(), "group_put", &place.1, "").await?;
    Ok(Json(group))
}

/// Says who is in a group and who is not, since when: a JSON array, or NDJSON. At most 10,000 and
/// 8 MiB at once. Of what was said of somebody the latest counts.
#[utoipa::path(
    post, path = "/v1/sites/{site}/groups/{group}/members", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("group" = String, Path, description = "the group's id"), Wait),
    request_body(content(
        (Vec<GivenMember> = "application/json"),
        (String = "application/x-ndjson"),
    )),
    responses(
        (status = 200, description = "what became of each row; they are in the tables", body = Taken),
        (status = 202, description = "what became of each row; they are on the disk", body = Taken),
        Problem,
    ),
    security(("key" = ["write"]))
)]
pub async fn members(
    at: At<Writes>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let (_, group) = &place;
    let is_there = app.control.has_group(&at.site.slug, group).await;
    if !is_there.map_err(from_control)? {
        let detail = format!("there is no group `{group}`; add it with PUT …/groups/{{group}}");
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_group", detail));
    }
    let check = |member: GivenMember, received_at| {
        let member = member.check(group, &at.site.country, received_at)?;
        Ok(Fact::Member(member))
    };
    bulk::take(&app, at.bringer(), (&headers, &body), wait, check).await
}
