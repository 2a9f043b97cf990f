//! A person's timeline: everything in order, page by page.

use super::{Found, MOST_ROWS, find, statements};
use crate::{
    control::SiteSettings,
    http::{
        App, Problem, Shared,
        auth::{At, Views},
        body::Query,
        discreet,
        preview::unanswered,
    },
    people::{
        identifier::quoted,
        person::{
            self,
            timeline::{self, Entry, Kind, Place},
        },
    },
    store::{EventPage, StoreError},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most entries of a page.
const MOST_ENTRIES: usize = 500;
/// Entries of a page where nobody says how many.
const USUAL_ENTRIES: usize = 50;

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
    security(("key" = ["view"]))
)]
pub async fn timeline(
    at: At<Views>,
    State(app): Shared,
    Path(place): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Json<Timeline>, Problem> {
    let which = Wanted::read(which)?;
    let found = find(&app, &at.site, &place.1).await?;
    let entries = entries(&app, &at.site, &found, &which).await?;
    let (mut entries, last) = timeline::page(entries.into_iter(), which.after.as_ref(), which.most);
    if !at.caller.sees_contacts() {
        entries.iter_mut().for_each(discreet::hide_in);
    }
    Ok(Json(Timeline {
        person_id: found.person.to_string(),
        entries,
        next: last.map(|place| place.cursor()),
    }))
}

/// Which entries, checked.
pub struct Wanted {
    kinds: Vec<Kind>,
    types: Vec<String>,
    from: i64,
    to: i64,
    /// The last entry of the page before.
    pub after: Option<Place>,
    /// How many.
    pub most: usize,
}

impl Wanted {
    /// All of them, in large pages.
    pub fn all() -> Self {
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
pub async fn entries(
    app: &App,
    site: &SiteSettings,
    found: &Found,
    which: &Wanted,
) -> Result<Vec<Entry>, Problem> {
    let (store, ids) = (&app.store, &found.ids);
    let page = EventPage {
        types: &which.types,
        from: which.from,
        before: which.before(),
        // One more tells whether there is a next page.
        most: u32::try_from(which.most + 1).unwrap_or(u32::MAX),
    };
    let (events, orders, messages, groups, said) = tokio::try_join!(
        wanted(which.has(Kind::Event), store.timeline(ids, &page)),
        wanted(
            which.has(Kind::Order) || which.has(Kind::Return),
            store.orders_of(ids, MOST_ROWS)
        ),
        wanted(which.has(Kind::Message), store.messages_of(ids, MOST_ROWS)),
        wanted(which.has(Kind::Group), store.memberships(ids, MOST_ROWS)),
        wanted(
            which.has(Kind::Field),
            store.statements(&ids.site, &ids.contacts)
        ),
    )
    .map_err(unanswered)?;
    let said = statements(&said)?;
    let orders = person::orders(&orders, ids, &site.currency);
    let mut entries: Vec<_> = events.iter().map(timeline::event).collect();
    entries.extend(orders.iter().flat_map(timeline::order));
    entries.extend(messages.iter().map(timeline::message));
    entries.extend(timeline::groups(&groups));
    entries.extend(said.changes().iter().map(timeline::field));
    if which.has(Kind::Identity) {
        let known = found.identities.iter();
        entries.extend(known.filter_map(|(id, identity)| timeline::identity(*id, identity)));
    }
    entries.retain(|entry| which.has(entry.kind) && entry.at >= which.from && entry.at <= which.to);
    Ok(entries)
}

/// Rows, where they are wanted.
async fn wanted<T>(
    is: bool,
    rows: impl Future<Output = Result<Vec<T>, StoreError>>,
) -> Result<Vec<T>, StoreError> {
    if is { rows.await } else { Ok(Vec::new()) }
}
