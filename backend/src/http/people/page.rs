//! A person's page: what is known of them, summed up.

use super::{Found, MOST_ROWS, find, statements};
use crate::{
    control::{ListedSegment, SiteSettings},
    http::{
        App, Problem, Shared,
        auth::{At, Views, from_control},
        discreet::{HIDDEN, is_hidden},
        preview::unanswered,
    },
    people::{
        book::{Identity, is_contact},
        field::Labels,
        person::{self, Browsing, Buying, Cart, Channel, Order},
        profile::Statements,
    },
    store::{Belonging, Said},
};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The events that a person is summed up from; of more the last.
const MOST_EVENTS: u32 = 50_000;

/// A person.
#[derive(Serialize, ToSchema)]
pub struct Person {
    /// Their id: a contact's, or a visitor's of whom nothing more is known. As text.
    person_id: String,
    /// Whether they are known, and no visitor alone.
    contact: bool,
    /// What is known of them, by field.
    fields: BTreeMap<String, FieldValue>,
    /// What they are known by.
    identities: Vec<KnownBy>,
    /// What pages said of who they are, which links nobody, and proofs that were outweighed.
    claims: Vec<Claim>,
    /// What they did on the site.
    browsing: Browsing,
    /// What is in their cart now.
    cart: Cart,
    /// What they bought in sum.
    buying: Buying,
    /// Their orders, the latest first.
    orders: Vec<Order>,
    /// What became of the messages they got, by channel.
    messages: Vec<Channel>,
    /// The groups they are in.
    groups: Vec<InGroup>,
    /// The segments they are in, as of the last twenty seconds.
    segments: Vec<InSegment>,
    /// Whether there is more of them than is summed up here: over 50,000 events, or 20,000 rows
    /// of orders, messages or groups.
    truncated: bool,
}

/// The value of a field.
#[derive(Serialize, ToSchema)]
pub struct FieldValue {
    /// The value: a text, a number, a yes or no, or a list of texts.
    value: serde_json::Value,
    /// As it was sent, where that is another text.
    #[serde(skip_serializing_if = "String::is_empty")]
    given: String,
    /// Since when it holds, in milliseconds since the epoch.
    since: i64,
    /// Who said so.
    by: String,
}

/// What somebody is known by.
#[derive(Serialize, ToSchema)]
pub struct KnownBy {
    /// Its id, as text.
    id: String,
    /// `id`, `mail`, `phone`, `contact` or `visitor`.
    kind: &'static str,
    /// The identifier.
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    /// Of what it was found to be a part, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    part_of: Option<String>,
    /// Since when, in milliseconds since the epoch.
    since: i64,
    /// What says so: `row`, `login`, `landing`, `form`, or who decided it.
    by: String,
    /// Whether a person decided it.
    decided: bool,
}

/// What says that a visitor is somebody, and links them to nobody.
#[derive(Serialize, ToSchema)]
pub struct Claim {
    /// The visitor, as text.
    visitor_id: String,
    /// `id`, `mail` or `phone` of a page's claim; of a proof that was outweighed `link_conflict`.
    kind: String,
    /// Whom it names.
    names: String,
    /// When, in milliseconds since the epoch.
    at: i64,
}

/// A group that somebody is in.
#[derive(Serialize, ToSchema)]
pub struct InGroup {
    /// Its id.
    group: String,
    /// Since when, in milliseconds since the epoch.
    since: i64,
    /// Who said so.
    by: String,
}

/// A segment that somebody is in.
#[derive(Serialize, ToSchema)]
pub struct InSegment {
    /// Its id.
    id: String,
    /// What people call it, by language.
    names: Labels,
    /// Since when, in milliseconds since the epoch.
    since: i64,
}

/// Tells who somebody is and what is known of them.
///
/// `id` is the shop's own id of a contact, a mail address, a phone number, or a person's or a
/// visitor's id here; `id:`, `mail:`, `phone:`, `person:` or `visitor:` before it says which.
#[utoipa::path(
    get, path = "/v1/sites/{site}/people/{id}", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "any identifier")),
    responses((status = 200, description = "the person", body = Person), Problem),
    security(("key" = ["view"]))
)]
pub async fn tell(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Person>, Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    let mut person = portrait(&app, &at.site, &found).await?;
    if !at.caller.sees_contacts() {
        person.hide_contacts();
    }
    Ok(Json(person))
}

impl Person {
    /// Hides mail addresses and phone numbers.
    fn hide_contacts(&mut self) {
        for (name, field) in &mut self.fields {
            if is_hidden(name) {
                field.value = HIDDEN.into();
                field.given.clear();
            }
        }
        let hidden = self
            .identities
            .iter_mut()
            .filter(|known| is_hidden(known.kind));
        hidden.for_each(|known| HIDDEN.clone_into(&mut known.value));
        // Whom a claim names may be named by anything.
        for claim in &mut self.claims {
            HIDDEN.clone_into(&mut claim.names);
        }
    }
}

/// What is known of somebody.
pub async fn portrait(app: &App, site: &SiteSettings, found: &Found) -> Result<Person, Problem> {
    let (store, ids) = (&app.store, &found.ids);
    let (said, trail, orders, messages, groups, claims, belongings) = tokio::try_join!(
        store.statements(&ids.site, &ids.contacts),
        store.trail(ids, MOST_EVENTS),
        store.orders_of(ids, MOST_ROWS),
        store.messages_of(ids, MOST_ROWS),
        store.memberships(ids, MOST_ROWS),
        store.said_of(ids, MOST_ROWS),
        store.segments_of(&ids.site, found.person),
    )
    .map_err(unanswered)?;
    let known = app.control.segments(&site.slug, false).await;
    let segments = in_segments(belongings, &known.map_err(from_control)?);
    let is_full = |rows: usize, most: u32| rows >= usize::try_from(most).unwrap_or(usize::MAX);
    let truncated = is_full(trail.len(), MOST_EVENTS)
        || [orders.len(), messages.len(), groups.len()]
            .into_iter()
            .any(|rows| is_full(rows, MOST_ROWS));
    let statements = statements(&said)?;
    let orders = person::orders(&orders, ids, &site.currency);
    let in_groups = groups
        .chunk_by(|a, b| a.group_id == b.group_id)
        .filter_map(|said| said.last().filter(|last| last.is_in));
    Ok(Person {
        person_id: found.person.to_string(),
        contact: is_contact(found.person),
        fields: fields(&statements),
        identities: known_by(&found.identities),
        claims: claims
            .into_iter()
            .filter_map(|said| claim(said, found))
            .collect(),
        browsing: person::browsing(trail.iter().rev()),
        cart: person::cart(trail.iter().rev(), &orders),
        buying: person::buying(&orders),
        orders,
        messages: person::channels(&messages),
        groups: in_groups
            .map(|last| InGroup {
                group: last.group_id.clone(),
                since: last.ts,
                by: last.said_by.clone(),
            })
            .collect(),
        segments,
        truncated,
    })
}

/// The segments that somebody is in, of those that are known.
fn in_segments(belongings: Vec<Belonging>, known: &[ListedSegment]) -> Vec<InSegment> {
    let named = belongings
        .into_iter()
        .filter_map(|Belonging { segment, since }| {
            let listed = known.iter().find(|listed| listed.id == segment)?;
            Some(InSegment {
                id: segment,
                names: listed.names.clone(),
                since,
            })
        });
    named.collect()
}

fn fields(statements: &Statements) -> BTreeMap<String, FieldValue> {
    let fields = statements.fields().into_iter().filter_map(|(name, held)| {
        let told = held.told.as_ref()?;
        let value = FieldValue {
            value: serde_json::from_str(&told.json).ok()?,
            given: told.given.clone(),
            since: held.since,
            by: held.by.to_owned(),
        };
        Some((name.to_owned(), value))
    });
    fields.collect()
}

fn known_by(identities: &BTreeMap<u64, Identity>) -> Vec<KnownBy> {
    let mut known: Vec<_> = identities.iter().collect();
    known.sort_by_key(|(id, identity)| (identity.kind, identity.first_at, **id));
    let known = known.into_iter().map(|(id, identity)| {
        let (since, by) = identity.joined().unwrap_or((identity.first_at, ""));
        KnownBy {
            id: id.to_string(),
            kind: identity.kind.as_str(),
            value: identity.value.clone(),
            part_of: identity.parent().map(|parent| parent.to_string()),
            since,
            by: by.to_owned(),
            decided: identity.is_decided(),
        }
    });
    known.collect()
}

/// What links nobody: a page's claim, or a proof of somebody else.
fn claim(said: Said, found: &Found) -> Option<Claim> {
    let is_proof = matches!(said.kind.as_str(), "login" | "landing" | "form");
    if is_proof {
        let is_theirs = found
            .identities
            .iter()
            .any(|(id, identity)| identity.value == said.contact || id.to_string() == said.contact);
        if is_theirs {
            return None;
        }
    }
    Some(Claim {
        visitor_id: said.visitor_id.to_string(),
        kind: if is_proof {
            "link_conflict".into()
        } else {
            said.kind
        },
        names: said.contact,
        at: said.ts,
    })
}
