//! Puts a chunk's rows into ClickHouse, each once.
//!
//! Every insert of events or messages is one part, so that all of it is seen or nothing, and has
//! a token made of what is in it: when it is repeated, whatever became of it, the same rows are
//! missing or none, and have the same token then. (A token that is used again for other rows
//! loses them.) That it is there is seen with one's own eyes: ClickHouse may know the token of
//! rows that it never got. The other tables make one of rows that are there twice.

use super::{
    chunk::{Rejected, Rows},
    columns,
    drain::{DrainError, Step, Watcher},
    identity::{ErasureRow, MessageRow, ProofRow},
    native,
    row::{EventRow, Month, RejectedRow},
    tab::TabRow,
};
use crate::store::{Ids, Store, StoreError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use tracing::warn;
use uuid::Uuid;

/// More rows than this that ClickHouse refuses, one by one, are no fault of theirs.
const MOST_REFUSED: usize = 100;
/// More tokens than this of rows that never came are no accident.
const MOST_TOKENS: u32 = 10;

/// The tokens of a chunk.
pub struct Tokens<'c> {
    /// The same whenever the chunk is drained.
    pub steady: &'c str,
    /// Another one each time: for tables that make one of rows that are there twice.
    pub fresh: String,
}

impl Tokens<'_> {
    fn fresh_of(&self, table: &str) -> String {
        format!("{}-{table}", self.fresh)
    }
}

/// Inserts what derives from all the chunk's events and notices. Repeated, the rows are the
/// same ones but for messages that were stored meanwhile.
pub async fn derived(
    rows: &mut Rows<'_>,
    tokens: &Tokens<'_>,
    store: &Store,
) -> Result<(), StoreError> {
    let of = |table| tokens.fresh_of(table);
    store
        .insert::<ProofRow>("proofs", &rows.proofs, &of("proofs"))
        .await?;
    store
        .insert::<ErasureRow>("erasure_requests", &rows.erasures, &of("erasures"))
        .await?;
    store
        .insert::<TabRow<'static>>("tabs", &rows.tabs.rows(), &of("tabs"))
        .await?;
    // A month is a partition, and at the turn of one a chunk has messages of both.
    rows.messages.sort_unstable_by_key(|row| (row.ts, row.id));
    for month in rows.messages.chunk_by(|a, b| a.month() == b.month()) {
        until_seen(Part::Messages(month), tokens, store).await?;
    }
    Ok(())
}

/// Rows that are to be there once, of one partition of their table.
#[derive(Clone, Copy)]
enum Part<'p> {
    Events(&'p [&'p EventRow<'p>]),
    Messages(&'p [MessageRow]),
}

impl Part<'_> {
    const fn of(self) -> Ids {
        match self {
            Self::Events(_) => Ids::OfEvents,
            Self::Messages(_) => Ids::OfMessages,
        }
    }

    fn ids(self) -> Vec<Uuid> {
        match self {
            Self::Events(rows) => rows.iter().map(|row| row.event_id).collect(),
            Self::Messages(rows) => rows.iter().map(|row| row.id).collect(),
        }
    }

    async fn insert(self, token: &str, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Events(rows) => {
                let columns = columns::events();
                let block = native::block(&columns, rows);
                let names = columns.iter().map(|(name, _)| *name);
                store.insert_block("events", names, block, token).await
            }
            Self::Messages(rows) => store.insert::<MessageRow>("messages", rows, token).await,
        }
    }
}

/// Inserts rows, under another token where ClickHouse knows the first one and has no rows of it.
async fn until_seen(part: Part<'_>, tokens: &Tokens<'_>, store: &Store) -> Result<(), StoreError> {
    let ids = part.ids();
    let Some(first) = ids.first() else {
        return Ok(());
    };
    let token = format!("{}-{:?}-{}", tokens.steady, part.of(), digest(&ids));
    for tries in 0..MOST_TOKENS {
        part.insert(&format!("{token}-{tries}"), store).await?;
        if store.has(part.of(), *first).await? {
            return Ok(());
        }
        warn!("ClickHouse said that rows are stored, and has none of them; they are sent again");
    }
    Err(StoreError::Vanished)
}

/// Sets rejected events aside.
pub async fn rejected(
    rejected: &[Rejected<'_>],
    tokens: &Tokens<'_>,
    store: &Store,
) -> Result<(), StoreError> {
    let rows: Vec<_> = rejected.iter().map(Rejected::row).collect();
    // Once those that ClickHouse refused are among them, they are others.
    let token = tokens.fresh_of(&format!("rejected-{}", rows.len()));
    store
        .insert::<RejectedRow<'static>>("rejected_events", &rows, &token)
        .await
}

/// Inserts events, those of one month at a time, which is a partition, and in the table's order.
/// Gives the ids of those that ClickHouse refuses.
pub async fn events(
    rows: &[EventRow<'_>],
    tokens: &Tokens<'_>,
    store: &Store,
    watcher: Watcher<'_>,
) -> Result<HashSet<Uuid>, DrainError> {
    let mut months: BTreeMap<Month, Vec<&EventRow<'_>>> = BTreeMap::new();
    for row in rows {
        months.entry(row.month()).or_default().push(row);
    }
    let mut refused = HashSet::new();
    for rows in months.values_mut() {
        rows.sort_unstable_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        halving(rows, tokens, store, &mut refused).await?;
        watcher(Step::InsertedEvents)?;
    }
    Ok(refused)
}

/// Inserts rows. Where ClickHouse can't take their data, their halves, down to the rows at
/// fault.
async fn halving(
    rows: &[&EventRow<'_>],
    tokens: &Tokens<'_>,
    store: &Store,
    refused: &mut HashSet<Uuid>,
) -> Result<(), StoreError> {
    let mut parts = vec![rows];
    while let Some(part) = parts.pop() {
        match until_seen(Part::Events(part), tokens, store).await {
            Err(problem @ StoreError::Data { .. }) if refused.len() < MOST_REFUSED => {
                if let [row] = part {
                    warn!(
                        "ClickHouse can't take the event {}: {problem}",
                        row.event_id
                    );
                    refused.insert(row.event_id);
                } else {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
            }
            done => done?,
        }
    }
    Ok(())
}

fn digest(ids: &[Uuid]) -> String {
    let digest = ids.iter().fold(Sha256::new(), |digest, id| {
        digest.chain_update(id.as_bytes())
    });
    hex::encode(digest.finalize())
}
