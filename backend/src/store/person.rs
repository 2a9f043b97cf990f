//! What is stored of one person, by the ids of their browsers and contacts.

use super::{Store, StoreError, in_time};
use clickhouse::{Row, RowOwned, RowRead};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The ids of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonIds {
    /// The site's slug.
    pub site: String,
    /// Visitors.
    pub visitors: Vec<u64>,
    /// Contacts.
    pub contacts: Vec<u64>,
}

/// An event of a person's trail that counts. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Row, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct TrailRow {
    pub visitor_id: u64,
    pub ts: i64,
    pub r#type: String,
    pub is_session_start: bool,
    pub dwell_ms: Option<u32>,
    pub search_term: String,
    #[serde(rename = "items.id")]
    pub item_ids: Vec<String>,
    #[serde(rename = "items.name")]
    pub item_names: Vec<String>,
    #[serde(rename = "items.category")]
    pub item_categories: Vec<String>,
    #[serde(rename = "items.price_cents")]
    pub item_prices: Vec<Option<i64>>,
    #[serde(rename = "items.quantity")]
    pub item_quantities: Vec<u32>,
    pub host: String,
    pub path: String,
    pub title: String,
    pub category: String,
    pub product: String,
    pub landing_path: String,
    pub referrer_host: String,
    pub channel: String,
    pub utm_source: String,
    pub utm_medium: String,
    pub utm_campaign: String,
    pub click_id_kind: String,
    pub device: String,
    pub browser: String,
    pub os: String,
    pub country: String,
    pub region: String,
    pub city: String,
}

const TRAIL: &str = "
SELECT visitor_id, ts, type, is_session_start, dwell_ms, search_term, `items.id`, `items.name`,
       `items.category`, `items.price_cents`, `items.quantity`, host, path, title, category, product,
       landing_path, referrer_host, channel, utm_source, utm_medium, utm_campaign, click_id_kind,
       device, browser, os, country, region, city
FROM events
WHERE site = {site:String} AND visitor_id IN {visitors:Array(UInt64)}
  AND NOT bot AND NOT machine AND NOT staff
ORDER BY ts DESC, tab_id DESC, seq DESC, event_id DESC
LIMIT {most:UInt32}";

/// A row of `orders`, as the pixel or the shop has it.
#[derive(Clone, Debug, Default, PartialEq, Row, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct StoredOrder {
    pub order_id: String,
    pub is_feed: bool,
    pub visitor_id: u64,
    pub contact_id: u64,
    pub ts: i64,
    pub channel: String,
    pub store: String,
    pub currency: String,
    pub rate_e8: u64,
    pub value_cents: Option<i64>,
    pub net_cents: Option<i64>,
    pub shipping_cents: Option<i64>,
    pub coupons: Vec<String>,
    pub cancelled: bool,
    #[serde(rename = "items.id")]
    pub item_ids: Vec<String>,
    #[serde(rename = "items.name")]
    pub item_names: Vec<String>,
    #[serde(rename = "items.category")]
    pub item_categories: Vec<String>,
    #[serde(rename = "items.price_cents")]
    pub item_prices: Vec<Option<i64>>,
    #[serde(rename = "items.quantity")]
    pub item_quantities: Vec<u32>,
    #[serde(rename = "returns.id")]
    pub return_ids: Vec<String>,
    #[serde(rename = "returns.ts")]
    pub return_times: Vec<i64>,
    #[serde(rename = "returns.value_cents")]
    pub return_values: Vec<Option<i64>>,
    #[serde(rename = "returns.items")]
    pub return_items: Vec<Vec<(String, u32)>>,
}

/// Whose it is is looked up first: FINAL would read every order there is. Of each row its last
/// version is taken without FINAL, which takes a third longer.
const ORDERS: &str = "
SELECT order_id, is_feed, visitor_id, contact_id, ts, channel, store, currency, rate_e8, value_cents,
       net_cents, shipping_cents, coupons, cancelled, `items.id`, `items.name`, `items.category`,
       `items.price_cents`, `items.quantity`, `returns.id`, `returns.ts`, `returns.value_cents`,
       `returns.items`
FROM (
    SELECT * FROM orders
    WHERE site = {site:String} AND order_id IN (
        SELECT order_id FROM orders
        WHERE site = {site:String} AND visitor_id IN {visitors:Array(UInt64)} AND visitor_id != 0
        UNION DISTINCT
        SELECT order_id FROM orders
        WHERE site = {site:String} AND contact_id IN {contacts:Array(UInt64)} AND contact_id != 0
    )
    ORDER BY version DESC
    LIMIT 1 BY order_id, is_feed
)
ORDER BY ts DESC, order_id, is_feed
LIMIT {most:UInt32}";

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct StoredMessage {
    #[serde(with = "clickhouse::serde::uuid")]
    #[serde(skip_serializing)]
    pub id: Uuid,
    pub message_id: String,
    pub channel: String,
    pub event: String,
    pub campaign: String,
    pub link: String,
    pub topic: String,
    pub machine: bool,
    #[serde(skip_serializing)]
    pub ts: i64,
}

const MESSAGES: &str = "
SELECT id, message_id, channel, event, campaign, link, topic, machine, ts
FROM messages
WHERE site = {site:String} AND contact_id IN {contacts:Array(UInt64)}
ORDER BY ts DESC, id DESC
LIMIT {most:UInt32}";

/// What was said of somebody's being in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Row, Deserialize)]
pub struct Membership {
    /// The group.
    pub group_id: String,
    /// Since when.
    pub ts: i64,
    /// Whether they are in it.
    pub is_in: bool,
    /// Who said so.
    pub said_by: String,
}

const GROUPS: &str = "
SELECT toString(group_id) AS group_id, ts, is_in, toString(said_by) AS said_by
FROM group_members
WHERE site = {site:String} AND contact_id IN {contacts:Array(UInt64)}
ORDER BY group_id, ts, is_in
LIMIT {most:UInt32}";

/// Something that says who a visitor is.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct Said {
    /// The visitor.
    pub visitor_id: u64,
    /// login, landing: proofs; id, mail, phone: claims.
    pub kind: String,
    /// Whom it names.
    pub contact: String,
    /// When it was said first.
    pub ts: i64,
}

const SAID: &str = "
SELECT visitor_id, toString(kind) AS kind, contact, min(ts) AS ts
FROM proofs
WHERE site = {site:String} AND visitor_id IN {visitors:Array(UInt64)}
GROUP BY visitor_id, kind, contact
ORDER BY ts
LIMIT {most:UInt32}";

const SEEN: &str = "
SELECT DISTINCT visitor_id FROM events
WHERE site = {site:String} AND visitor_id IN {visitors:Array(UInt64)}
LIMIT {most:UInt32}";

impl Store {
    /// The last events of a person that count, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn trail(&self, of: &PersonIds, most: u32) -> Result<Vec<TrailRow>, StoreError> {
        self.of_person(TRAIL, of, most).await
    }

    /// The orders that have to do with a person, the latest first: of each what the pixel saw,
    /// what the shop says, or both.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn orders_of(
        &self,
        of: &PersonIds,
        most: u32,
    ) -> Result<Vec<StoredOrder>, StoreError> {
        self.of_person(ORDERS, of, most).await
    }

    /// What became of a person's messages, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn messages_of(
        &self,
        of: &PersonIds,
        most: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        self.of_person(MESSAGES, of, most).await
    }

    /// What was said of a person's groups, by group, the latest last.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn memberships(
        &self,
        of: &PersonIds,
        most: u32,
    ) -> Result<Vec<Membership>, StoreError> {
        self.of_person(GROUPS, of, most).await
    }

    /// What says who a person's visitors are.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn said_of(&self, of: &PersonIds, most: u32) -> Result<Vec<Said>, StoreError> {
        self.of_person(SAID, of, most).await
    }

    /// Those of the visitors who have any event.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn seen(&self, site: &str, visitors: Vec<u64>) -> Result<Vec<u64>, StoreError> {
        let of = PersonIds {
            site: site.to_owned(),
            visitors,
            contacts: Vec::new(),
        };
        self.of_person(SEEN, &of, u32::MAX).await
    }

    pub(super) async fn of_person<T: RowOwned + RowRead>(
        &self,
        sql: &'static str,
        of: &PersonIds,
        most: u32,
    ) -> Result<Vec<T>, StoreError> {
        let found = self
            .client
            .query(sql)
            .with_setting("readonly", "2")
            .param("site", &of.site)
            .param("visitors", &of.visitors)
            .param("contacts", &of.contacts)
            .param("most", most)
            .fetch_all::<T>();
        in_time(self.patience.look_up, found).await
    }
}
