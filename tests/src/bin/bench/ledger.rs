//! What was acknowledged, by which it is judged whether anything is lost.

use crate::bodies::Body;
use ::tests::clickhouse::ClickHouse;
use anyhow::{Context as _, Result};
use std::collections::HashMap;

/// The acknowledged events, by their tab: an event's id is made of its tab and its place in it,
/// so that a tab with all its distinct ids has all its events.
#[derive(Debug, Default)]
pub struct Ledger {
    events_by_tab: HashMap<u64, u64>,
}

impl Ledger {
    /// Enters a body that was acknowledged.
    pub fn acknowledged(&mut self, body: &Body) {
        for tab in &body.tabs {
            self.events_by_tab.insert(tab.id, tab.events);
        }
    }

    /// How many events were acknowledged.
    pub fn events(&self) -> u64 {
        self.events_by_tab.values().sum()
    }

    /// How many of them are not stored.
    pub async fn lost(&self, database: &ClickHouse) -> Result<u64> {
        let stored = database
            .ask("SELECT tab_id, uniqExact(event_id) FROM events GROUP BY tab_id FORMAT RowBinary")
            .await?;
        Ok(self.missing(&read(&stored)?))
    }

    fn missing(&self, stored: &HashMap<u64, u64>) -> u64 {
        let missing = self.events_by_tab.iter().map(|(tab, events)| {
            let stored = stored.get(tab).copied().unwrap_or_default();
            events.saturating_sub(stored)
        });
        missing.sum()
    }
}

/// Pairs of numbers as `RowBinary` has them: little-endian, without anything between.
fn read(bytes: &[u8]) -> Result<HashMap<u64, u64>> {
    let (numbers, rest) = bytes.as_chunks::<8>();
    let (pairs, odd) = numbers.as_chunks::<2>();
    (rest.is_empty() && odd.is_empty())
        .then(|| {
            pairs
                .iter()
                .map(|pair| pair.map(u64::from_le_bytes).into())
                .collect()
        })
        .context("half a row")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bodies::Tab;

    #[test]
    fn what_is_not_stored_is_lost() {
        let mut ledger = Ledger::default();
        ledger.acknowledged(&Body {
            bytes: bytes::Bytes::new(),
            tabs: vec![Tab { id: 1, events: 5 }, Tab { id: 2, events: 7 }],
        });
        assert_eq!(ledger.events(), 12);
        let numbers = [1_u64, 4, 3, 9].map(u64::to_le_bytes).concat();
        assert_eq!(ledger.missing(&read(&numbers).unwrap()), 1 + 7);
        assert!(read(&numbers[1..]).is_err());
    }
}
