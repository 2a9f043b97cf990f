//! Everything that is known of somebody, in order.

use super::Order;
use crate::{
    people::{book::Identity, profile::Change},
    store::{Membership, StoredMessage, TimelineRow},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an entry is about. The order is that of entries of the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineKind)]
pub enum Kind {
    /// An event on the site.
    Event,
    /// An order was placed.
    Order,
    /// Something was given back.
    Return,
    /// Something became of a message.
    Message,
    /// They came into a group, or left it.
    Group,
    /// A field changed.
    Field,
    /// A browser, a mail address or a phone number was found to be theirs.
    Identity,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Event,
        Self::Order,
        Self::Return,
        Self::Message,
        Self::Group,
        Self::Field,
        Self::Identity,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Order => "order",
            Self::Return => "return",
            Self::Message => "message",
            Self::Group => "group",
            Self::Field => "field",
            Self::Identity => "identity",
        }
    }
}

/// Where an entry is in a timeline; the greatest comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it was, in milliseconds since the epoch.
    pub at: i64,
    /// What it is about.
    pub kind: Kind,
    /// Which of these.
    pub id: String,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub struct Entry {
    /// When it was, in milliseconds since the epoch.
    pub at: i64,
    /// What it is about.
    pub kind: Kind,
    /// Which of these.
    pub id: String,
    /// What there is to say of it, by its kind; what is empty is left out.
    #[schema(value_type = Object)]
    pub what: serde_json::Value,
}

impl Place {
    /// As a cursor.
    #[must_use]
    pub fn cursor(&self) -> String {
        format!(
            "{}.{}.{}",
            self.at,
            self.kind.as_str(),
            hex::encode(&self.id)
        )
    }

    /// Reads a cursor.
    #[must_use]
    pub fn read(cursor: &str) -> Option<Self> {
        let mut parts = cursor.splitn(3, '.');
        let at = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        let id = hex::decode(parts.next()?).ok()?;
        Some(Self {
            at,
            kind,
            id: String::from_utf8(id).ok()?,
        })
    }
}

impl Entry {
    fn new(at: i64, kind: Kind, id: String, what: impl Serialize) -> Self {
        // Texts and numbers: there is nothing in it that can fail.
        let mut what = serde_json::to_value(what).unwrap_or_default();
        if let Some(what) = what.as_object_mut() {
            what.retain(|_, value| !is_nothing(value));
        }
        Self { at, kind, id, what }
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            at: self.at,
            kind: self.kind,
            id: self.id.clone(),
        }
    }
}

fn is_nothing(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => true,
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(map) => map.is_empty(),
        serde_json::Value::Number(_) | serde_json::Value::Bool(true) => false,
    }
}

/// The entry of an event.
#[must_use]
pub fn event(row: &TimelineRow) -> Entry {
    let id = row.event_id.to_string();
    Entry::new(row.ts, Kind::Event, id, row)
}

/// The entries of an order.
pub fn order(order: &Order) -> impl Iterator<Item = Entry> + '_ {
    let placed = Entry::new(order.placed_at, Kind::Order, order.order_id.clone(), order);
    let returns = order.returns.iter().map(|back| {
        let id = format!("{}/{}", order.order_id, back.id);
        Entry::new(back.returned_at, Kind::Return, id, back)
    });
    std::iter::once(placed).chain(returns)
}

/// The entry of what became of a message.
#[must_use]
pub fn message(row: &StoredMessage) -> Entry {
    Entry::new(row.ts, Kind::Message, row.id.to_string(), row)
}

/// The entries of groups: of what was said again, the first.
#[must_use]
pub fn groups(rows: &[Membership]) -> Vec<Entry> {
    let of_groups = rows.chunk_by(|a, b| a.group_id == b.group_id);
    let entries = of_groups.flat_map(|rows| {
        let mut is_in = false;
        rows.iter().filter_map(move |row| {
            let changed = is_in != row.is_in;
            is_in = row.is_in;
            let what = serde_json::json!({
                "group": row.group_id, "member": if row.is_in { "in" } else { "out" }, "by": row.said_by,
            });
            let id = format!("{}/{}", row.group_id, u8::from(row.is_in));
            changed.then(|| Entry::new(row.ts, Kind::Group, id, what))
        })
    });
    entries.collect()
}

/// The entry of a field's change.
#[must_use]
pub fn field(change: &Change<'_>) -> Entry {
    let json = change.held.told.as_ref().map(|told| told.json.as_str());
    let value: Option<serde_json::Value> = json.and_then(|json| serde_json::from_str(json).ok());
    let what = serde_json::json!({
        "field": change.field, "value": value, "by": change.held.by,
        "taken_back": value.is_none(),
    });
    Entry::new(
        change.held.since,
        Kind::Field,
        change.field.to_owned(),
        what,
    )
}

/// The entry of an identity that was found to be theirs; none of one that was theirs all along.
#[must_use]
pub fn identity(id: u64, identity: &Identity) -> Option<Entry> {
    let (at, by) = identity.joined()?;
    let what = serde_json::json!({
        "identity": identity.kind.as_str(), "value": identity.value, "by": by,
    });
    Some(Entry::new(at, Kind::Identity, id.to_string(), what))
}

/// The first entries of a timeline, the latest first, and the place of the last of them where
/// there are more.
#[must_use]
pub fn page(
    entries: impl Iterator<Item = Entry>,
    before: Option<&Place>,
    most: usize,
) -> (Vec<Entry>, Option<Place>) {
    let mut entries: Vec<_> = entries
        .filter(|entry| before.is_none_or(|before| entry.place() < *before))
        .collect();
    entries.sort_by_cached_key(|entry| std::cmp::Reverse(entry.place()));
    let has_more = entries.len() > most;
    entries.truncate(most);
    let last = entries.last().filter(|_| has_more).map(Entry::place);
    (entries, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = Place> {
        (
            0..3_i64,
            prop::sample::select(Kind::ALL.to_vec()),
            "[ab]{0,2}",
        )
            .prop_map(|(at, kind, id)| Place { at, kind, id })
    }

    proptest! {
        #[test]
        fn pages_are_the_whole_in_order(
            places in prop::collection::btree_set(place(), 0..20), most in 1..5_usize,
        ) {
            let all = || places.iter().map(|place| {
                Entry::new(place.at, place.kind, place.id.clone(), ())
            });
            let mut seen = Vec::new();
            let mut before = None;
            loop {
                let (entries, next) = page(all(), before.as_ref(), most);
                seen.extend(entries.iter().map(Entry::place));
                let Some(next) = next else { break };
                prop_assert_eq!(Place::read(&next.cursor()), Some(next.clone()));
                before = Some(next);
            }
            let expected: Vec<_> = places.iter().rev().cloned().collect();
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn no_cursor_panics(text in "\\PC{0,30}") {
            let _ = Place::read(&text);
        }
    }

    #[test]
    fn what_is_said_again_of_a_group_is_no_entry() {
        let row = |ts, is_in| Membership {
            group_id: "vip".into(),
            ts,
            is_in,
            said_by: "crm".into(),
        };
        let rows = [row(1, false), row(2, true), row(3, true), row(4, false)];
        let at: Vec<_> = groups(&rows).iter().map(|entry| entry.at).collect();
        assert_eq!(at, [2, 4]);
    }
}
