//! Events as tests make them, and as the table takes them.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct Event {
    pub visitor: u64,
    pub session: u64,
    pub id: u128,
    pub ts: i64,
    pub tab_id: u64,
    pub seq: u32,
    pub kind: &'static str,
    pub is_session_start: bool,
    /// Those columns of text that are not empty.
    pub texts: BTreeMap<&'static str, &'static str>,
    pub dwell_ms: Option<u32>,
    pub scroll_percent: Option<u8>,
    pub value_cents: Option<i64>,
    pub items: Vec<Item>,
    pub props: Map<String, Value>,
    pub bot: bool,
    pub machine: bool,
    pub staff: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub id: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub brand: &'static str,
    pub price_cents: Option<i64>,
    pub quantity: u32,
}

impl Event {
    /// The row, for `FORMAT JSONEachRow`.
    pub fn row(&self, site: &str) -> Value {
        let items = |of: fn(&Item) -> Value| self.items.iter().map(of).collect::<Value>();
        let ts = format!(
            "{}.{:03}",
            self.ts.div_euclid(1000),
            self.ts.rem_euclid(1000)
        );
        let mut row = json!({
            "site": site,
            "visitor_id": self.visitor,
            "session_id": self.session,
            "event_id": uuid(self.id),
            "ts": ts,
            "tab_id": self.tab_id,
            "seq": self.seq,
            "type": self.kind,
            "is_session_start": self.is_session_start,
            "dwell_ms": self.dwell_ms,
            "scroll_percent": self.scroll_percent,
            "value_cents": self.value_cents,
            "items.id": items(|item| json!(item.id)),
            "items.name": items(|item| json!(item.name)),
            "items.category": items(|item| json!(item.category)),
            "items.brand": items(|item| json!(item.brand)),
            "items.price_cents": items(|item| json!(item.price_cents)),
            "items.quantity": items(|item| json!(item.quantity)),
            "props": self.props,
            "bot": self.bot,
            "machine": self.machine,
            "staff": self.staff,
        });
        for (column, text) in &self.texts {
            row[*column] = json!(text);
        }
        row
    }
}

fn uuid(id: u128) -> String {
    let hex = format!("{id:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
