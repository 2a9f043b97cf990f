//! Orders.

use clickhouse::Row;
use serde::Serialize;

/// A row of `orders`. Times are milliseconds since the epoch, money is cents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Row, Serialize)]
#[expect(missing_docs, reason = "the columns say it")]
pub struct OrderRow {
    pub site: String,
    pub order_id: String,
    pub is_feed: bool,
    pub version: u64,
    pub visitor_id: u64,
    pub contact_id: u64,
    pub ts: i64,
    pub channel: &'static str,
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
    #[serde(rename = "items.brand")]
    pub item_brands: Vec<String>,
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
    pub updated_at: i64,
    pub received_at: i64,
}
