//! Why somebody is in a segment, or out.

use super::{
    asking::{Asking, live, stated, turn},
    invalid,
};
use crate::{
    control::ControlError,
    http::{
        Problem, Shared,
        auth::{At, Views, from_control},
        body::Query,
        discreet,
        people::find,
        preview::unanswered,
    },
    people::person::{Explanation, explanation},
    segment::{self, Person, parse},
    store::StoreError,
};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

/// Of which moment.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct When {
    /// The moment asked about, milliseconds since the epoch; now where it is left out.
    as_of: Option<i64>,
}

/// Tells why somebody is in a segment, or out: of each node of its definition whether it is true,
/// what was found, and up to 20 facts that say so.
#[utoipa::path(
    get, path = "/v1/sites/{site}/segments/{segment}/people/{id}", tag = "segments",
    params(("site" = String, Path, description = "the site's slug"),
           ("segment" = String, Path, description = "the segment's id"),
           ("id" = String, Path, description = "any identifier of the person, as for the person's page"), When),
    responses((status = 200, description = "why", body = Explanation), Problem),
    security(("key" = ["view"]))
)]
pub async fn explain(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String, String)>,
    Query(when): Query<When>,
) -> Result<Json<Explanation>, Problem> {
    let (_, segment, id) = place;
    let segment = live(&app, &at.site, &segment).await?;
    let found = find(&app, &at.site, &id).await?;
    let json: Value = serde_json::from_str(segment.definition.get())
        .map_err(|error| from_control(ControlError::Sqlite(sqlx::Error::decode(error))))?;
    let node = parse(&json).map_err(invalid)?;
    let asking = Asking::of_definition(&app, &at.site, node, when.as_of).await?;
    let person = Person {
        id: found.person,
        ids: found
            .identities
            .keys()
            .copied()
            .chain([found.person])
            .collect(),
    };
    let explaining = segment::explain(&[&asking.definition], &asking.question(), &[person]);
    let explaining = stated(explaining)?;
    let _turn = turn(&app).await?;
    let told = app.store.told(&explaining, &app.bounds).await;
    let told = told.map_err(unanswered)?;
    let Some(told) = told.first() else {
        return Err(unanswered(StoreError::Vanished));
    };
    let reasons = explaining.reasons(told).pop().unwrap_or_default();
    let rows = app.store.facts_of(&found.ids, &reasons).await;
    let rows = rows.map_err(unanswered)?;
    let currency = &at.site.currency;
    let mut explanation = explanation(&json, &reasons, &rows, &found.ids, currency);
    if !at.caller.sees_contacts() {
        discreet::hide_found(&mut explanation);
    }
    Ok(Json(explanation))
}
