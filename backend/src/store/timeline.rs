//! A person's events, a page at a time.

use super::{PersonIds, Store, StoreError, in_time};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event, as a timeline shows it.
#[derive(Clone, Debug, PartialEq, Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct TimelineRow {
    #[serde(with = "clickhouse::serde::uuid")]
    #[serde(skip_serializing)]
    pub event_id: Uuid,
    #[serde(skip_serializing)]
    pub ts: i64,
    pub r#type: String,
    pub name: String,
    pub visitor_id: String,
    pub session_id: String,
    pub is_session_start: bool,
    pub host: String,
    pub path: String,
    pub title: String,
    pub category: String,
    pub product: String,
    pub dwell_ms: Option<u32>,
    pub scroll_percent: Option<u8>,
    pub click_kind: String,
    pub click_text: String,
    pub click_host: String,
    pub cta: String,
    pub search_term: String,
    pub form: String,
    pub value_cents: Option<i64>,
    pub currency: String,
    pub order_id: String,
    pub coupon: String,
    #[serde(rename = "items.id")]
    pub item_ids: Vec<String>,
    #[serde(rename = "items.name")]
    pub item_names: Vec<String>,
    #[serde(rename = "items.quantity")]
    pub item_quantities: Vec<u32>,
    pub channel: String,
    pub referrer_host: String,
    pub utm_campaign: String,
    pub device: String,
    pub props: String,
}

const EVENTS: &str = "
SELECT event_id, ts, type, name, toString(visitor_id) AS visitor_id,
       toString(session_id) AS session_id, is_session_start, host, path, title, category, product,
       dwell_ms, scroll_percent, click_kind, click_text, click_host, cta, search_term, form, value_cents,
       currency, order_id, coupon, `items.id`, `items.name`, `items.quantity`, channel, referrer_host,
       utm_campaign, device, if(empty(JSONAllPaths(props)), '', toJSONString(props)) AS props
FROM events
WHERE site = {site:String} AND visitor_id IN {visitors:Array(UInt64)}
  AND NOT bot AND NOT machine AND NOT staff";

const PAGE: &str = "
  AND (empty({types:Array(String)}) OR type IN {types:Array(String)})
  AND ts >= fromUnixTimestamp64Milli({from:Int64})
  AND (ts < fromUnixTimestamp64Milli({at:Int64})
       OR ts = fromUnixTimestamp64Milli({at:Int64}) AND toString(event_id) < {id:String})
ORDER BY ts DESC, toString(event_id) DESC
LIMIT {most:UInt32}";

const NAMED: &str = "
  AND event_id IN arrayMap(id -> toUUID(id), {ids:Array(String)})
ORDER BY ts DESC, toString(event_id) DESC";

/// Which events.
#[derive(Clone, Debug)]
pub struct EventPage<'p> {
    /// Of these types; of all where there is none.
    pub types: &'p [String],
    /// Not before, in milliseconds since the epoch.
    pub from: i64,
    /// Before this time, or at it with an id before this one.
    pub before: (i64, &'p str),
    /// So many.
    pub most: u32,
}

impl Store {
    /// Events of a person that count, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn timeline(
        &self,
        of: &PersonIds,
        page: &EventPage<'_>,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let (at, id) = page.before;
        let found = self
            .client
            .query(&[EVENTS, PAGE].concat())
            .with_setting("readonly", "2")
            .param("site", &of.site)
            .param("visitors", &of.visitors)
            .param("types", page.types)
            .param("from", page.from)
            .param("at", at)
            .param("id", id)
            .param("most", page.most)
            .fetch_all();
        in_time(self.patience.look_up, found).await
    }

    /// Those of a person's events that count and have one of these ids, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn events_named(
        &self,
        of: &PersonIds,
        ids: &[Uuid],
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let found = self
            .client
            .query(&[EVENTS, NAMED].concat())
            .with_setting("readonly", "2")
            .param("site", &of.site)
            .param("visitors", &of.visitors)
            .param("ids", ids)
            .fetch_all();
        in_time(self.patience.look_up, found).await
    }
}
