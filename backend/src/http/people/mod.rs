//! One person: who it is, and what is known of them.

mod archive;
mod page;
mod search;
mod timeline;

pub use archive::archive;
pub use page::*;
pub use search::*;
pub use timeline::*;

use super::{
    App, Problem,
    preview::{started, unanswered},
};
use crate::{
    control::SiteSettings,
    people::{
        book::{Identity, is_contact},
        identifier::{Identifier, quoted},
        profile::Statements,
        rows::{identity, statement},
    },
    store::{PersonIds, StatementRow},
};
use axum::http::StatusCode;
use protocol::id::Site;
use std::collections::BTreeMap;

/// Rows of orders, messages and groups that are looked at; of more the last.
const MOST_ROWS: u32 = 20_000;

/// Who is meant, with all that they are known by.
pub struct Found {
    /// What the text named.
    pub named: u64,
    /// The person.
    pub person: u64,
    /// What they are known by; of a visitor of whom nothing is known nothing.
    pub identities: BTreeMap<u64, Identity>,
    /// Their ids.
    pub ids: PersonIds,
}

/// Finds a person by any identifier.
pub async fn find(app: &App, site: &SiteSettings, id: &str) -> Result<Found, Problem> {
    started(app)?;
    let slug = Site::new(&site.slug)
        .map_err(|error| Problem::new(StatusCode::NOT_FOUND, "unknown_site", error.to_string()))?;
    let meant = meant(id, slug, &site.country, &app.hash_key);
    let rows = app.store.relatives(&site.slug, &meant).await;
    let rows = rows.map_err(unanswered)?;
    let known = meant
        .iter()
        .find_map(|id| rows.iter().find(|row| row.id == *id))
        .map(|row| (row.id, row.person));
    if let Some((named, person)) = known {
        let rows = rows.into_iter().filter(|row| row.person == person);
        let identities: BTreeMap<u64, Identity> = rows
            .filter_map(|row| Some((row.id, identity(row)?)))
            .collect();
        let (contacts, visitors) = identities.keys().partition(|id| is_contact(**id));
        let site = site.slug.clone();
        return Ok(Found {
            named,
            person,
            ids: PersonIds {
                site,
                visitors,
                contacts,
            },
            identities,
        });
    }
    let visitors: Vec<_> = meant.into_iter().filter(|id| !is_contact(*id)).collect();
    let seen = app.store.seen(&site.slug, visitors).await;
    match seen.map_err(unanswered)?.first() {
        Some(visitor) => Ok(Found {
            named: *visitor,
            person: *visitor,
            identities: BTreeMap::new(),
            ids: PersonIds {
                site: site.slug.clone(),
                visitors: vec![*visitor],
                contacts: Vec::new(),
            },
        }),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_person",
            format!("nobody is known by {}", quoted(id)),
        )),
    }
}

/// The ids that a text may mean, the likeliest first.
fn meant(text: &str, site: Site<'_>, country: &str, key: &[u8]) -> Vec<u64> {
    let contact = |identifier: Result<Identifier, String>| {
        let identifier = identifier.ok()?;
        Some(identifier.contact(site, key).get())
    };
    let number = |text: &str| text.parse::<u64>().ok();
    let meant = match text.split_once(':') {
        Some(("id", id)) => vec![contact(Identifier::id(id))],
        Some(("mail", mail)) => vec![contact(Identifier::mail(mail))],
        Some(("phone", phone)) => vec![contact(Identifier::phone(phone, country))],
        Some(("person" | "visitor", id)) => vec![number(id)],
        _ => vec![
            contact(Identifier::id(text)),
            contact(Identifier::mail(text)),
            number(text),
            contact(Identifier::phone(text, country)),
        ],
    };
    meant.into_iter().flatten().collect()
}

fn statements(rows: &[StatementRow]) -> Result<Statements<'_>, Problem> {
    let said: Result<_, _> = rows.iter().map(statement).collect();
    Ok(Statements::new(said.map_err(unanswered)?))
}
