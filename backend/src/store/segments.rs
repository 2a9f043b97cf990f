//! Who is in which segment: kept changes, what they come to, and whom time may have changed.

use super::people::STATEMENT_BYTES;
use super::{Store, StoreError, in_time};
use crate::segment::words::{EventType, Word as _};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A row of `segment_changes`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct Change {
    /// The site's slug.
    pub site: String,
    /// The segment's id.
    pub segment: String,
    /// The place in the order of the site's changes, from 1.
    pub number: u64,
    /// A contact's id, or a visitor's.
    pub person: u64,
    /// Whether the person came, or left.
    pub is_in: bool,
    /// From when on it holds, in milliseconds since the epoch.
    pub at: i64,
    /// Why.
    pub cause: String,
    /// The version of the definition.
    pub version: u32,
}

/// A row of `segment_members`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct Member {
    pub site: String,
    pub person: u64,
    pub segment: String,
    pub number: u64,
    pub is_in: bool,
    pub since: i64,
}

/// A segment that a person is in.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct Belonging {
    /// The segment's id.
    pub segment: String,
    /// Since when, in milliseconds since the epoch.
    pub since: i64,
}

/// Where facts are, each with a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facts {
    /// What visitors did.
    Events,
    /// Orders.
    Orders,
    /// What became of messages.
    Messages,
    /// Contacts, by when they were created.
    Contacts,
}

/// Facts of a stretch of time, in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Its first millisecond.
    pub from_ms: i64,
    /// The first that is not part of it.
    pub to_ms: i64,
    /// Of which types events are; nothing where they are of any.
    pub types: Option<BTreeSet<EventType>>,
}

/// A fact's moment.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct Moment {
    /// Of whom it is.
    pub id: u64,
    /// When it was, in milliseconds since the epoch.
    pub ms: i64,
    /// The type of an event; empty of a message.
    pub event: String,
}

/// Events by their time. ClickHouse would choose this projection by itself, but not before it has
/// gone through the index of the whole table: among 60 million events, 30 times as long.
const EVENTS_BY_TIME: &str = "mergeTreeProjection(currentDatabase(), 'events', 'by_time')";

const MINUTE_MS: i64 = 60_000;
/// Of so many minutes it is not worth knowing more than whose facts lie there.
const MINUTES: usize = 10_000;
/// Of so many facts neither.
const FACTS: usize = 200_000;

const LAST: &str = "SELECT max(number) FROM segment_changes WHERE site = {site:String}";

const REPAIR: &str = "
INSERT INTO segment_members
SELECT site, person, segment, number, is_in, at FROM segment_changes
WHERE site = {site:String}
  AND number > (SELECT max(number) FROM segment_members WHERE site = {site:String})";

const SIZES: &str = "
SELECT toString(segment) AS segment, countIf(is_in) FROM segment_members FINAL
WHERE site = {site:String} GROUP BY segment";

const KEPT_OF: &str = "
SELECT segment, person FROM segment_members FINAL
WHERE site = {site:String} AND is_in
  AND person IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))";

const KEPT_IN: &str = "
SELECT segment, person FROM segment_members FINAL
WHERE site = {site:String} AND is_in AND segment IN {segments:Array(String)}";

/// By the person that any of the ids is, or was, part of.
const KIN: &str = "
SELECT id, argMax(person, version) AS person FROM identities
WHERE site = {site:String} AND id IN (
    SELECT id FROM identities WHERE site = {site:String} AND person IN (
        SELECT person FROM identities WHERE site = {site:String}
          AND id IN (SELECT arrayJoin(reinterpret(unhex('{ids}'), 'Array(UInt64)')))
    )
)
GROUP BY id";

const CHANGES: &str = "
SELECT site, segment, number, person, is_in, at, cause, version FROM segment_changes FINAL
WHERE site = {site:String} AND segment = {segment:String} AND number > {after:UInt64}
ORDER BY number
LIMIT {most:UInt32}";

const BELONGINGS: &str = "
SELECT segment, min(member.since) AS since FROM segment_members AS member FINAL
WHERE site = {site:String} AND person = {person:UInt64} AND is_in
GROUP BY segment ORDER BY segment";

const BUYERS: &str = "
SELECT DISTINCT arrayJoin([visitor_id, contact_id]) AS id FROM orders
WHERE site = {site:String} AND id != 0
  AND order_id IN (SELECT unhex(arrayJoin(splitByChar(',', '{orders}'))))";

/// Ids of orders that are asked for at once: each has at most 255 bytes, and two digits a byte.
const ORDERS: usize = 30_000;

/// Facts that lie ahead: of three tables, 1970 where there is none.
const AHEAD: &str = "
SELECT toUnixTimestamp64Milli(max(latest)) FROM (
    SELECT max(ts) AS latest FROM events WHERE site = {site:String} AND ts >= fromUnixTimestamp64Milli({from:Int64})
    UNION ALL
    SELECT max(ts) AS latest FROM orders WHERE site = {site:String} AND ts >= fromUnixTimestamp64Milli({from:Int64})
    UNION ALL
    SELECT max(ts) AS latest FROM messages WHERE site = {site:String} AND ts >= fromUnixTimestamp64Milli({from:Int64})
)";

impl Store {
    /// The latest moment of a fact, where one lies at a moment or after it, in milliseconds since
    /// the epoch; otherwise something earlier.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn latest_fact(&self, site: &str, from_ms: i64) -> Result<i64, StoreError> {
        let latest = self
            .client
            .query(AHEAD)
            .param("site", site)
            .param("from", from_ms)
            .fetch_one();
        in_time(self.patience.alter, latest).await
    }

    /// The number of a site's last change; 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn last_change(&self, site: &str) -> Result<u64, StoreError> {
        let last = self.client.query(LAST).param("site", site).fetch_one();
        in_time(self.patience.look_up, last).await
    }

    /// Brings those changes into the members that were not brought there yet.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; it may be repeated.
    pub async fn repair_members(&self, site: &str) -> Result<(), StoreError> {
        let repair = self.client.query(REPAIR).param("site", site);
        in_time(self.patience.alter, repair.execute()).await
    }

    /// How many are in the segments of a site that ever had somebody, by their ids.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn segment_sizes(&self, site: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let sizes = self.client.query(SIZES).param("site", site).fetch_all();
        in_time(self.patience.alter, sizes).await
    }

    /// Which segments have which of these people.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn kept_of(
        &self,
        site: &str,
        people: &[u64],
    ) -> Result<Vec<(String, u64)>, StoreError> {
        self.of_ids(KEPT_OF, site, people).await
    }

    /// Whom these segments have.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn kept_in(
        &self,
        site: &str,
        segments: &[&str],
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let kept = self
            .client
            .query(KEPT_IN)
            .param("site", site)
            .param("segments", segments)
            .fetch_all();
        in_time(self.patience.alter, kept).await
    }

    /// All ids that are, or were, of the persons that these ids are, or were, of, each with its
    /// person; but for visitors who were never linked.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn kin(&self, site: &str, ids: &[u64]) -> Result<Vec<(u64, u64)>, StoreError> {
        self.of_ids(KIN, site, ids).await
    }

    /// The changes of a segment after the one of this number, in their order.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn changes(
        &self,
        site: &str,
        segment: &str,
        after: u64,
        most: u32,
    ) -> Result<Vec<Change>, StoreError> {
        let changes = self
            .client
            .query(CHANGES)
            .param("site", site)
            .param("segment", segment)
            .param("after", after)
            .param("most", most)
            .fetch_all();
        in_time(self.patience.look_up, changes).await
    }

    /// The segments that a person is in, by their ids.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn segments_of(&self, site: &str, person: u64) -> Result<Vec<Belonging>, StoreError> {
        let segments = self
            .client
            .query(BELONGINGS)
            .param("site", site)
            .param("person", person)
            .fetch_all();
        in_time(self.patience.look_up, segments).await
    }

    /// All whom some row of these orders names.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn buyers(&self, site: &str, orders: &[&str]) -> Result<Vec<u64>, StoreError> {
        let mut buyers = Vec::new();
        for orders in orders.chunks(ORDERS) {
            let orders: Vec<String> = orders.iter().map(hex::encode).collect();
            let found = self
                .client
                .query_raw(&BUYERS.replace("{orders}", &orders.join(",")))
                .with_setting("max_query_size", STATEMENT_BYTES)
                .param("site", site)
                .fetch_all::<u64>();
            buyers.extend(in_time(self.patience.look_up, found).await?);
        }
        Ok(buyers)
    }

    /// Whose facts lie in some of these stretches: the ids that their rows name.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn owners(
        &self,
        site: &str,
        facts: Facts,
        stretches: &[Stretch],
    ) -> Result<Vec<u64>, StoreError> {
        if stretches.is_empty() {
            return Ok(Vec::new());
        }
        let moment = match facts {
            Facts::Contacts => "created_at",
            Facts::Events | Facts::Orders | Facts::Messages => "ts",
        };
        let lie: Vec<_> = stretches.iter().map(|one| one.lies(moment)).collect();
        let lie = format!("site = {{site:String}} AND ({})", lie.join(" OR "));
        let sql = match facts {
            Facts::Events => {
                format!("SELECT DISTINCT visitor_id FROM {EVENTS_BY_TIME} WHERE {lie}")
            }
            Facts::Messages => format!("SELECT DISTINCT contact_id FROM messages WHERE {lie}"),
            Facts::Contacts => format!("SELECT DISTINCT contact_id FROM contacts WHERE {lie}"),
            Facts::Orders => format!(
                "SELECT DISTINCT arrayJoin([visitor_id, contact_id]) AS id FROM orders
                 WHERE site = {{site:String}} AND id != 0
                   AND order_id IN (SELECT order_id FROM orders WHERE {lie})"
            ),
        };
        let owners = self.client.query(&sql).param("site", site).fetch_all();
        in_time(self.patience.alter, owners).await
    }

    /// The facts that lie in stretches, or in the minutes about them: of events and messages.
    /// Nothing where the stretches are long, or the facts many.
    ///
    /// Minutes are looked up in the index at once, where so many bounds take their time.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn facts_about(
        &self,
        site: &str,
        facts: Facts,
        stretches: &[Stretch],
    ) -> Result<Option<Vec<Moment>>, StoreError> {
        let minutes: BTreeSet<i64> = stretches
            .iter()
            .flat_map(|one| {
                (one.from_ms.div_euclid(MINUTE_MS)..=one.to_ms.div_euclid(MINUTE_MS)).take(MINUTES)
            })
            .collect();
        let (id, event, table) = match facts {
            Facts::Events => ("visitor_id", "type", EVENTS_BY_TIME),
            Facts::Messages => ("contact_id", "''", "messages"),
            Facts::Orders | Facts::Contacts => return Ok(None),
        };
        if stretches.is_empty() {
            return Ok(Some(Vec::new()));
        }
        if minutes.len() >= MINUTES {
            return Ok(None);
        }
        let minutes: Vec<String> = minutes.iter().map(ToString::to_string).collect();
        let sql = format!(
            "SELECT {id}, toUnixTimestamp64Milli(ts), {event} FROM {table}
             WHERE site = {{site:String}}
               AND intDiv(toUnixTimestamp64Milli(ts), {MINUTE_MS}) IN ({})
             LIMIT {}",
            minutes.join(", "),
            FACTS + 1
        );
        let moments = self.client.query(&sql).param("site", site).fetch_all();
        let moments = in_time(self.patience.alter, moments).await?;
        Ok((moments.len() <= FACTS).then_some(moments))
    }
}

impl Stretch {
    /// Whether a fact lies in it.
    #[must_use]
    pub fn holds(&self, fact: &Moment) -> bool {
        let is_of = |types: &BTreeSet<EventType>| {
            EventType::from_word(&fact.event).is_some_and(|event| types.contains(&event))
        };
        (self.from_ms..self.to_ms).contains(&fact.ms) && self.types.as_ref().is_none_or(is_of)
    }

    /// That a moment lies in it: numbers, and words of the language.
    fn lies(&self, moment: &str) -> String {
        let at = |ms: i64| format!("fromUnixTimestamp64Milli({ms})");
        let (from, to) = (at(self.from_ms), at(self.to_ms));
        let lies = format!("{moment} >= {from} AND {moment} < {to}");
        match &self.types {
            None => format!("({lies})"),
            Some(types) => {
                let types: Vec<_> = types.iter().map(|kind| kind.as_str()).collect();
                format!("({lies} AND type IN ('{}'))", types.join("', '"))
            }
        }
    }
}
