//! One person: who it is, and what is known of them.

use super::{
    App, Problem, Shared,
    auth::{At, Reads},
    body::Query,
    preview::{started, unanswered},
};
use crate::{
    control::SiteSettings,
    people::{
        apply::identity,
        book::{Identity, is_contact},
        identifier::{Identifier, quoted},
        person::{
            self, Browsing, Buying, Cart, Channel, Order,
            timeline::{self, Entry, Kind, Place},
        },
        profile::Statements,
    },
    store::{EventPage, PersonIds},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use protocol::id::Site;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io::Write as _};
use utoipa::{IntoParams, ToSchema};

/// The events that a person is summed up from; of more the last.
const MOST_EVENTS: u32 = 50_000;
/// Rows of orders, messages and groups that are looked at; of more the last.
const MOST_ROWS: u32 = 20_000;
/// Most entries of a page.
const MOST_ENTRIES: usize = 500;
/// Entries of a page where nobody says how many.
const USUAL_ENTRIES: usize = 50;

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
    /// Whether there is more of them than is summed up here: over 50,000 events, or 20,000 rows
    /// of orders, messages or groups.
    truncated: bool,
}

/// The value of a field.
#[derive(Serialize, ToSchema)]
pub struct FieldValue {
    /// The value.
    #[schema(value_type = Object)]
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
    let rows = app.store.identities(&site.slug, &meant).await;
    let rows = rows.map_err(unanswered)?;
    let known = meant
        .iter()
        .find_map(|id| rows.iter().find(|row| row.id == *id));
    if let Some(known) = known {
        let person = known.person;
        let rows = app.store.members(&site.slug, &[person]).await;
        let rows = rows.map_err(unanswered)?.into_iter();
        let rows = rows.filter(|row| row.person == person);
        let identities: BTreeMap<u64, Identity> = rows
            .filter_map(|row| Some((row.id, identity(row)?)))
            .collect();
        let (contacts, visitors) = identities.keys().partition(|id| is_contact(**id));
        let site = site.slug.clone();
        return Ok(Found {
            named: known.id,
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

/// Tells who somebody is and what is known of them.
///
/// `id` is the shop's own id of a contact, a mail address, a phone number, or a person's or a
/// visitor's id here; `id:`, `mail:`, `phone:`, `person:` or `visitor:` before it says which.
#[utoipa::path(
    get, path = "/v1/sites/{site}/people/{id}", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "any identifier")),
    responses((status = 200, description = "the person", body = Person), Problem),
    security(("key" = ["read"]))
)]
pub async fn tell(
    at: At<Reads>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
) -> Result<Json<Person>, Problem> {
    let found = find(&app, &at.site, &place.1).await?;
    Ok(Json(portrait(&app, &at.site, &found).await?))
}

/// What is known of somebody.
async fn portrait(app: &App, site: &SiteSettings, found: &Found) -> Result<Person, Problem> {
    let (store, ids) = (&app.store, &found.ids);
    let (said, trail, orders, messages, groups, claims) = tokio::try_join!(
        store.statements(&ids.site, &ids.contacts),
        store.trail(ids, MOST_EVENTS),
        store.orders_of(ids, MOST_ROWS),
        store.messages_of(ids, MOST_ROWS),
        store.memberships(ids, MOST_ROWS),
        store.said_of(ids, MOST_ROWS),
    )
    .map_err(unanswered)?;
    let is_full = |rows: usize, most: u32| rows >= usize::try_from(most).unwrap_or(usize::MAX);
    let truncated = is_full(trail.len(), MOST_EVENTS)
        || [orders.len(), messages.len(), groups.len()]
            .into_iter()
            .any(|rows| is_full(rows, MOST_ROWS));
    let statements = Statements::new(said.iter().map(crate::people::apply::statement).collect());
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
        truncated,
    })
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
fn claim(said: crate::store::Said, found: &Found) -> Option<Claim> {
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

/// Which entries of a timeline.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Kinds of entries, with commas between them; all where it is left out.
    #[serde(default)]
    #[param(example = "event,order")]
    kinds: String,
    /// Types of events, with commas between them; all where it is left out.
    #[serde(default)]
    #[param(example = "purchase,add_to_cart")]
    types: String,
    /// Nothing before this, in milliseconds since the epoch.
    from: Option<i64>,
    /// Nothing after this, in milliseconds since the epoch.
    to: Option<i64>,
    /// The page after the one that gave this cursor.
    after: Option<String>,
    /// How many, at most 500; 50 where it is left out.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A page of a timeline.
#[derive(Serialize, ToSchema)]
pub struct Timeline {
    /// The person, as text.
    person_id: String,
    /// The entries, the latest first.
    entries: Vec<Entry>,
    /// What to ask for the next page by; none where there is no more.
    next: Option<String>,
}

/// Tells everything that is known of somebody, in order, the latest first: events, orders and
/// returns, messages, groups, changes of fields and of what they are known by.
#[utoipa::path(
    get, path = "/v1/sites/{site}/people/{id}/timeline", tag = "people",
    params(("site" = String, Path, description = "the site's slug"),
           ("id" = String, Path, description = "any identifier"), Which),
    responses((status = 200, description = "a page of it", body = Timeline), Problem),
    security(("key" = ["read"]))
)]
pub async fn timeline(
    at: At<Reads>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Json<Timeline>, Problem> {
    let which = Wanted::read(which)?;
    let found = find(&app, &at.site, &place.1).await?;
    let entries = entries(&app, &at.site, &found, &which).await?;
    let (entries, last) = timeline::page(entries.into_iter(), which.after.as_ref(), which.most);
    Ok(Json(Timeline {
        person_id: found.person.to_string(),
        entries,
        next: last.map(|place| place.cursor()),
    }))
}

/// Which entries, checked.
struct Wanted {
    kinds: Vec<Kind>,
    types: Vec<String>,
    from: i64,
    to: i64,
    after: Option<Place>,
    most: usize,
}

impl Wanted {
    fn all() -> Self {
        Self {
            kinds: Kind::ALL.to_vec(),
            types: Vec::new(),
            from: 0,
            to: 4_102_444_800_000,
            after: None,
            most: 5000,
        }
    }

    fn read(which: Which) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail);
        let mut kinds = Vec::new();
        for word in words(&which.kinds) {
            let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
            let all = Kind::ALL.map(Kind::as_str).join(", ");
            kinds.push(
                kind.ok_or_else(|| bad(format!("kinds: {} is none of {all}", quoted(word))))?,
            );
        }
        if kinds.is_empty() {
            kinds.extend(Kind::ALL);
        }
        let after = match which.after.as_deref() {
            Some(cursor) => Some(Place::read(cursor).ok_or_else(|| {
                bad("after: what `next` of the page before says fits".to_owned())
            })?),
            None => None,
        };
        let most = which.limit.unwrap_or(USUAL_ENTRIES);
        if !(1..=MOST_ENTRIES).contains(&most) {
            return Err(bad(format!("limit: 1 to {MOST_ENTRIES} fit")));
        }
        // The moments that ClickHouse knows, of which there are less than numbers.
        let moments = 0..=4_102_444_800_000;
        for (name, moment) in [("from", which.from), ("to", which.to)] {
            if moment.is_some_and(|moment| !moments.contains(&moment)) {
                return Err(bad(format!("{name}: milliseconds since the epoch fit")));
            }
        }
        Ok(Self {
            kinds,
            types: words(&which.types).map(str::to_owned).collect(),
            from: which.from.unwrap_or(*moments.start()),
            to: which.to.unwrap_or(*moments.end()),
            after,
            most,
        })
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Before which events are to be.
    fn before(&self) -> (i64, &str) {
        match &self.after {
            // Of the same time an event comes last.
            Some(place) if place.kind == Kind::Event => (place.at.min(self.to + 1), &place.id),
            Some(place) if place.at <= self.to => (place.at, "~"),
            _ => (self.to, "~"),
        }
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// The entries that a page may be of.
async fn entries(
    app: &App,
    site: &SiteSettings,
    found: &Found,
    which: &Wanted,
) -> Result<Vec<Entry>, Problem> {
    let (store, ids) = (&app.store, &found.ids);
    let mut entries = Vec::new();
    if which.has(Kind::Event) {
        let page = EventPage {
            types: &which.types,
            from: which.from,
            before: which.before(),
            // One more tells whether there is a next page.
            most: u32::try_from(which.most + 1).unwrap_or(u32::MAX),
        };
        let rows = store.timeline(ids, &page).await.map_err(unanswered)?;
        entries.extend(rows.iter().map(timeline::event));
    }
    if which.has(Kind::Order) || which.has(Kind::Return) {
        let rows = store.orders_of(ids, MOST_ROWS).await.map_err(unanswered)?;
        let orders = person::orders(&rows, ids, &site.currency);
        entries.extend(orders.iter().flat_map(timeline::order));
    }
    if which.has(Kind::Message) {
        let rows = store
            .messages_of(ids, MOST_ROWS)
            .await
            .map_err(unanswered)?;
        entries.extend(rows.iter().map(timeline::message));
    }
    if which.has(Kind::Group) {
        let rows = store
            .memberships(ids, MOST_ROWS)
            .await
            .map_err(unanswered)?;
        entries.extend(timeline::groups(&rows));
    }
    if which.has(Kind::Field) {
        let rows = store.statements(&ids.site, &ids.contacts).await;
        let rows = rows.map_err(unanswered)?;
        let said = Statements::new(rows.iter().map(crate::people::apply::statement).collect());
        entries.extend(said.changes().iter().map(timeline::field));
    }
    if which.has(Kind::Identity) {
        let known = found.identities.iter();
        entries.extend(known.filter_map(|(id, identity)| timeline::identity(*id, identity)));
    }
    entries.retain(|entry| which.has(entry.kind) && entry.at >= which.from && entry.at <= which.to);
    Ok(entries)
}

/// All that is held about somebody, as texts in a ZIP archive.
pub async fn archive(app: &App, site: &SiteSettings, found: Found) -> Result<Vec<u8>, Problem> {
    let person = portrait(app, site, &found).await?;
    let rows = app.store.statements(&site.slug, &found.ids.contacts).await;
    let rows = rows.map_err(unanswered)?;
    let mut timeline = String::new();
    let mut which = Wanted::all();
    loop {
        let entries = entries(app, site, &found, &which).await?;
        let (entries, last) = timeline::page(entries.into_iter(), which.after.as_ref(), which.most);
        for entry in &entries {
            timeline.push_str(&written(entry));
            timeline.push('\n');
        }
        match last {
            Some(last) => which.after = Some(last),
            None => break,
        }
    }
    let rows: Vec<_> = rows.iter().map(written).collect();
    let files = [
        ("README.txt", ABOUT.to_owned()),
        ("person.json", pretty(&person)),
        ("timeline.ndjson", timeline),
        ("rows.ndjson", rows.join("\n")),
    ];
    zipped(&files).map_err(|error| {
        let detail = format!("the archive could not be made: {error}");
        Problem::unavailable("control_unavailable", detail, 5)
    })
}

/// What an archive says of itself.
const ABOUT: &str = "This is all that is held about one person.

person.json      who they are known as, what is known of them, what they did and bought, in sum
timeline.ndjson  everything they did and everything that was said of them, a line each, the latest first
rows.ndjson      every row that was sent of them, a line each, as it was said

Times are milliseconds since 1970-01-01 00:00 UTC. Money is in hundredths of the shop's currency.
";

// Texts and numbers: there is nothing in these that can fail.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn zipped(files: &[(&str, String)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in files {
        archive.start_file(*name, options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
