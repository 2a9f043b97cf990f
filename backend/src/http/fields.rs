//! Fields of contacts.

use super::{
    Problem, Shared,
    auth::{Administers, At, Views, from_control},
    body::Body,
    bulk,
};
use crate::people::field::{Choice, Field, FieldType, Labels, standard_names};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A field.
#[derive(Serialize, ToSchema)]
pub struct NamedField {
    /// Its name in contacts' rows and in segments.
    name: String,
    /// Whether every site has it; these can't be changed.
    standard: bool,
    /// What values it has.
    r#type: FieldType,
    /// Of a choice: what there is to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<Choice>,
    /// Of a choice: whether several may be chosen.
    several: bool,
    /// Of a rating: the best.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
    /// What people read, by language.
    labels: Labels,
}

/// Lists the fields of a site's contacts: the standard ones and its own.
#[utoipa::path(
    get, path = "/v1/sites/{site}/fields", tag = "people",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "the fields, by their names", body = Vec<NamedField>), Problem),
    security(("key" = ["view"]))
)]
pub async fn list(at: At<Views>, State(app): Shared) -> Result<Json<Vec<NamedField>>, Problem> {
    let fields = app.control.fields(&at.site).await.map_err(from_control)?;
    let named = fields.by_name.into_iter().map(|(name, field)| NamedField {
        standard: standard_names().any(|standard| standard == name),
        name,
        r#type: field.r#type,
        options: field.options,
        several: field.several,
        scale: field.scale,
        labels: field.labels,
    });
    Ok(Json(named.collect()))
}

/// Adds a field to a site's contacts, or changes what people read of it and what there is to
/// choose. What is stored goes on to fit: its type never changes, options stay, a scale only
/// grows.
#[utoipa::path(
    put, path = "/v1/sites/{site}/fields/{name}", tag = "people", request_body = Field,
    params(("site" = String, Path, description = "the site's slug"),
           ("name" = String, Path, description = "1 to 64 characters of a-z, 0-9 and _, a letter first")),
    responses((status = 200, description = "the field", body = Field), Problem),
    security(("key" = ["admin"]))
)]
pub async fn put(
    at: At<Administers>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Body(field): Body<Field>,
) -> Result<Json<Field>, Problem> {
    let put = app.control.put_field(&at.site, &place.1, &field).await;
    put.map_err(from_control)?;
    bulk::note(&app, at.bringer(), "field_put", &place.1, "").await?;
    Ok(Json(field))
}
