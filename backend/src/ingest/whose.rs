//! Of whom a chunk has something, for those who keep segments.

use super::chunk::Rows;
use std::collections::BTreeMap;

/// Ids by site, each with the moment of a fact in milliseconds since the epoch; what is as now
/// has 0.
pub type Whose = BTreeMap<String, Vec<(u64, i64)>>;

/// Of whom events that count are, and messages.
pub fn whose(rows: &Rows<'_>) -> Whose {
    let mut whose = Whose::new();
    let mut add = |site: &str, id: u64, ts: i64| match whose.get_mut(site) {
        Some(ids) => ids.push((id, ts)),
        None => {
            whose.insert(site.to_owned(), vec![(id, ts)]);
        }
    };
    for event in &rows.events {
        if !(event.bot || event.machine || event.staff) {
            add(event.site, event.visitor_id, event.ts);
        }
    }
    for message in &rows.messages {
        add(&message.site, message.contact_id, message.ts);
    }
    whose
}
