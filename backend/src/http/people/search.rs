//! People, found by a name, a mail address, a phone number or an id.

use super::{find, meant};
use crate::{
    http::{
        Problem, Shared,
        auth::{At, Views},
        body::Query,
        preview::{started, unanswered},
    },
    people::book::is_contact,
    store::Wanted,
};
use axum::{Json, extract::State, http::StatusCode};
use protocol::id::Site;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most people of an answer.
const MOST: u32 = 50;
/// Most characters of what is looked for.
const MOST_TEXT: usize = 200;

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// A part of a name, a mail address or a phone number, or a whole id; the latest contacts
    /// where it is left out.
    #[serde(default)]
    #[param(example = "דנה")]
    search: String,
}

/// Somebody who was found.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundPerson {
    /// Their id, as text.
    id: String,
    /// Whether they are known, and no visitor alone.
    contact: bool,
    /// Their first name.
    first_name: String,
    /// Their last name.
    last_name: String,
    /// Their mail address; empty for viewers.
    mail: String,
    /// Their phone number; empty for viewers.
    phone: String,
    /// Their city.
    city: String,
    /// When they signed up, in milliseconds since the epoch.
    created_at: Option<i64>,
}

/// Finds people, at most 50.
///
/// Whom an id names stands first. Viewers find nobody by a part of a mail address or a phone
/// number.
#[utoipa::path(
    get, path = "/v1/sites/{site}/people", tag = "people",
    params(("site" = String, Path, description = "the site's slug"), Search),
    responses((status = 200, description = "who was found", body = Vec<FoundPerson>), Problem),
    security(("key" = ["view"]))
)]
pub async fn search(
    at: At<Views>,
    State(app): Shared,
    Query(wanted): Query<Search>,
) -> Result<Json<Vec<FoundPerson>>, Problem> {
    started(&app)?;
    let text = wanted.search.trim();
    if text.chars().count() > MOST_TEXT {
        let detail = format!("search: at most {MOST_TEXT} characters fit");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
    }
    let sees = at.caller.sees_contacts();
    let slug = Site::new(&at.site.slug)
        .map_err(|error| Problem::new(StatusCode::NOT_FOUND, "unknown_site", error.to_string()))?;
    let ids = if text.is_empty() || !sees {
        Vec::new()
    } else {
        meant(text, slug, &at.site.country, &app.hash_key)
    };
    let (contacts, others): (Vec<u64>, Vec<u64>) = ids.iter().partition(|id| is_contact(**id));
    let wanted = Wanted {
        text,
        ids: &contacts,
        in_addresses: sees,
        most: MOST,
    };
    let rows = app.store.search(&at.site.slug, &wanted).await;
    let rows = rows.map_err(unanswered)?;
    let mut found: Vec<FoundPerson> = rows
        .into_iter()
        .map(|row| FoundPerson {
            id: row.contact_id.to_string(),
            contact: true,
            first_name: row.first_name,
            last_name: row.last_name,
            mail: if sees { row.mail } else { String::new() },
            phone: if sees { row.phone } else { String::new() },
            city: row.city,
            created_at: row.created_at,
        })
        .collect();
    // A number may be a visitor's, or the person's that a contact became a part of.
    if found.is_empty() && (!others.is_empty() || text.parse::<u64>().is_ok()) {
        match find(&app, &at.site, text).await {
            Ok(person) => found.push(FoundPerson {
                id: person.person.to_string(),
                contact: !person.ids.contacts.is_empty(),
                first_name: String::new(),
                last_name: String::new(),
                mail: String::new(),
                phone: String::new(),
                city: String::new(),
                created_at: None,
            }),
            Err(problem) if problem.code() == "unknown_person" => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(Json(found))
}
