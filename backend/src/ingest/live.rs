//! Events as they come, for whoever watches: what was received, and what became of it.

use super::{
    chunk::{Content, Copy, Rejected, Rows},
    row::EventRow,
    spool::Spooled,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many events a slow watcher may be behind; it is told how many it missed.
const BEHIND: usize = 4096;

/// What is told of an event.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its site.
    pub site: Arc<str>,
    /// The event and what became of it, as JSON.
    pub json: Arc<str>,
}

/// Tells of events. Nothing is kept: who doesn't watch is told nothing.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<Told>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(BEHIND))
    }
}

impl Live {
    /// Watches from here on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Told> {
        self.0.subscribe()
    }

    /// How many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.receiver_count()
    }

    /// Whether anybody watches.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watchers() > 0
    }

    /// Tells what was just acknowledged.
    pub fn received(&self, spooled: &Spooled, hash_key: &[u8]) {
        let contents: Vec<_> = Content::in_body(&spooled.bytes).collect();
        let rows = Rows::of(&contents, hash_key);
        for row in &rows.events {
            self.tell(row.site, || event("received", row));
        }
        self.rejected(&rows.rejected);
    }

    /// Tells what became of a chunk's events; `copies` are those that were there before.
    pub(super) fn drained(&self, rows: &Rows<'_>, copies: &[Copy<'_>]) {
        for row in &rows.events {
            self.tell(row.site, || event("stored", row));
        }
        for (site, id) in copies {
            let told = json!({ "outcome": "duplicate", "event_id": id.to_string() });
            self.tell(site, || told.clone());
        }
        self.rejected(&rows.rejected);
    }

    fn rejected(&self, rejected: &[Rejected<'_>]) {
        for row in rejected {
            let told = json!({
                "outcome": "rejected",
                "reason": row.reason,
                "event_id": row.event_id.to_string(),
                "tab_id": format!("{:016x}", row.tab_id),
                "seq": row.seq,
            });
            self.tell(row.site, || told.clone());
        }
    }

    fn tell(&self, site: &str, told: impl FnOnce() -> Value) {
        if self.is_watched() {
            let told = Told {
                site: site.into(),
                json: told().to_string().into(),
            };
            // Who watched may just have left.
            let _ = self.0.send(told);
        }
    }
}

/// An event as people read it: what it doesn't say is left out.
fn event(outcome: &str, row: &EventRow<'_>) -> Value {
    // Texts and numbers: there is nothing in it that can fail.
    let mut told = serde_json::to_value(row).unwrap_or_default();
    if let Some(fields) = told.as_object_mut() {
        fields.retain(|_, value| !is_nothing(value));
        for id in ["visitor_id", "session_id"] {
            if let Some(value) = fields.get_mut(id) {
                *value = value.to_string().into();
            }
        }
        fields.insert("tab_id".into(), format!("{:016x}", row.tab_id).into());
        fields.insert("event_id".into(), row.event_id.to_string().into());
        let props = serde_json::from_str::<Value>(&row.props).unwrap_or_default();
        if is_nothing(&props) {
            fields.remove("props");
        } else {
            fields.insert("props".into(), props);
        }
        fields.remove("site");
    }
    json!({ "outcome": outcome, "event": told })
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) | Value::Bool(true) => false,
    }
}
