//! Puts a chunk's rows into ClickHouse, each once.
//!
//! Every insert is one part, so that all of it is seen or nothing, and has a token made of what
//! is in it: when it is repeated, whatever became of it, the same rows are missing or none, and
//! have the same token then. (A token that is used again for other rows loses them.)

use super::{
    chunk::{Rejected, Rows},
    columns,
    drain::{DrainError, Step, Watcher},
    identity::{ErasureRow, MessageRow, ProofRow},
    native,
    row::{EventRow, RejectedRow},
    tab::TabRow,
};
use crate::store::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use tracing::warn;
use uuid::Uuid;

/// More rows than this that ClickHouse refuses, one by one, are no fault of theirs.
const MOST_REFUSED: usize = 100;

/// Inserts what derives from all the chunk's events and notices. Repeated, the rows are the
/// same ones but for messages that were stored meanwhile.
pub async fn derived(rows: &mut Rows<'_>, token: &str, store: &Store) -> Result<(), StoreError> {
    let of = |table: &str| format!("{token}-{table}");
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
        let ids = digest(month.iter().map(|row| row.id));
        let token = of(&format!("messages-{ids}"));
        store
            .insert::<MessageRow>("messages", month, &token)
            .await?;
    }
    Ok(())
}

/// Sets rejected events aside.
pub async fn rejected(
    rejected: &[Rejected<'_>],
    token: &str,
    store: &Store,
) -> Result<(), StoreError> {
    let rows: Vec<_> = rejected.iter().map(Rejected::row).collect();
    let ids = digest(rejected.iter().map(|row| row.event_id));
    let token = format!("{token}-rejected-{ids}");
    store
        .insert::<RejectedRow<'static>>("rejected_events", &rows, &token)
        .await
}

/// Inserts events, those of one week at a time, which is a partition, and in the table's order.
/// Gives the ids of those that ClickHouse refuses.
pub async fn events(
    rows: &[EventRow<'_>],
    token: &str,
    store: &Store,
    watcher: Watcher<'_>,
) -> Result<HashSet<Uuid>, DrainError> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_unstable_by(|a, b| (a.week(), a.sort_key()).cmp(&(b.week(), b.sort_key())));
    let mut refused = HashSet::new();
    for week in rows.chunk_by(|a, b| a.week() == b.week()) {
        halving(week, token, store, &mut refused).await?;
        watcher(Step::InsertedEvents)?;
    }
    Ok(refused)
}

/// Inserts rows. Where ClickHouse can't take their data, their halves, down to the rows at
/// fault.
async fn halving(
    rows: &[&EventRow<'_>],
    token: &str,
    store: &Store,
    refused: &mut HashSet<Uuid>,
) -> Result<(), StoreError> {
    let mut parts = vec![rows];
    while let Some(part) = parts.pop() {
        let token = format!(
            "{token}-events-{}",
            digest(part.iter().map(|row| row.event_id))
        );
        let columns = columns::events();
        let block = native::block(&columns, part);
        let names = columns.iter().map(|(name, _)| *name);
        match store.insert_block("events", names, block, &token).await {
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

fn digest(ids: impl Iterator<Item = Uuid>) -> String {
    let digest = ids.fold(Sha256::new(), |digest, id| {
        digest.chain_update(id.as_bytes())
    });
    hex::encode(digest.finalize())
}
