//! Why somebody is in segments, or out, and what is stored of the facts that say so.

use super::{Bounds, PersonIds, Store, StoreError, StoredMessage, StoredOrder, TimelineRow};
use crate::segment::{Explaining, FactId, Reason, Told};

/// Rows of orders and of messages that are looked at; of more the last.
const MOST_ROWS: u32 = 20_000;

/// What is stored of some facts of a person.
#[derive(Clone, Debug, Default)]
pub struct FactRows {
    /// Events.
    pub events: Vec<TimelineRow>,
    /// Orders, and with them all others of the person.
    pub orders: Vec<StoredOrder>,
    /// What became of messages, and with it of all others of the person.
    pub messages: Vec<StoredMessage>,
}

impl Store {
    /// What the engine says of the people who are asked about.
    ///
    /// # Errors
    /// [`StoreError::TooHeavy`] where it would cost more than `bounds`; else what ClickHouse says.
    pub async fn told(
        &self,
        explaining: &Explaining,
        bounds: &Bounds,
    ) -> Result<Vec<Told>, StoreError> {
        self.question(&explaining.statement, bounds).await
    }

    /// What is stored of the facts that these reasons name, all of one person.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn facts_of(
        &self,
        of: &PersonIds,
        reasons: &[Reason],
    ) -> Result<FactRows, StoreError> {
        let facts = || reasons.iter().flat_map(|reason| &reason.facts);
        let mut events: Vec<_> = facts()
            .filter_map(|fact| match fact.id {
                FactId::Event(id) => Some(id),
                _ => None,
            })
            .collect();
        events.sort();
        events.dedup();
        let has_order = facts().any(|fact| matches!(fact.id, FactId::Order(_)));
        let has_message = facts().any(|fact| matches!(fact.id, FactId::Message(_)));
        let mut rows = FactRows::default();
        if !events.is_empty() {
            rows.events = self.events_named(of, &events).await?;
        }
        if has_order {
            rows.orders = self.orders_of(of, MOST_ROWS).await?;
        }
        if has_message {
            rows.messages = self.messages_of(of, MOST_ROWS).await?;
        }
        Ok(rows)
    }
}
