//! Brings the tables up to this build: numbered, checksummed, safe to run twice.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Every migration, in order. One that was released never changes.
const MIGRATIONS: [(u32, &str); 21] = [
    (1, include_str!("migrations/0001_events.sql")),
    (2, include_str!("migrations/0002_rejected_events.sql")),
    (3, include_str!("migrations/0003_pages_and_forms.sql")),
    (4, include_str!("migrations/0004_time_zone.sql")),
    (5, include_str!("migrations/0005_proofs.sql")),
    (6, include_str!("migrations/0006_messages.sql")),
    (7, include_str!("migrations/0007_erasure_requests.sql")),
    (8, include_str!("migrations/0008_loss.sql")),
    (9, include_str!("migrations/0009_place_of_rejected.sql")),
    (10, include_str!("migrations/0010_people.sql")),
    (11, include_str!("migrations/0011_contact_rows.sql")),
    (12, include_str!("migrations/0012_contacts.sql")),
    (13, include_str!("migrations/0013_orders.sql")),
    (14, include_str!("migrations/0014_group_members.sql")),
    (15, include_str!("migrations/0015_proofs_by_token.sql")),
    (16, include_str!("migrations/0016_by_token.sql")),
    (17, include_str!("migrations/0017_tombstones.sql")),
    (18, include_str!("migrations/0018_proven_contacts.sql")),
    (19, include_str!("migrations/0019_segment_changes.sql")),
    (20, include_str!("migrations/0020_segment_members.sql")),
    (21, include_str!("migrations/0021_events_by_time.sql")),
];

/// The tables that hold what was sent, and what became of segments. The embedded ClickHouse flushes their rows to disk with
/// each insert; a server has replicas or its own settings for that.
pub(super) const TABLES: [&str; 14] = [
    "events",
    "rejected_events",
    "proofs",
    "messages",
    "erasure_requests",
    "tabs",
    "identities",
    "contact_rows",
    "contacts",
    "orders",
    "group_members",
    "tombstones",
    "segment_changes",
    "segment_members",
];

/// The number of the last migration.
pub(super) fn last() -> u32 {
    MIGRATIONS
        .iter()
        .map(|(number, _)| *number)
        .max()
        .unwrap_or_default()
}

#[derive(Row, Deserialize)]
struct Done {
    number: u32,
    checksum: String,
}

pub(super) async fn run(store: &Store) -> Result<(), StoreError> {
    let Store {
        client, patience, ..
    } = store;
    let known = client.query(
        "CREATE TABLE IF NOT EXISTS migrations (number UInt32, checksum String)
         ENGINE = ReplacingMergeTree ORDER BY number",
    );
    in_time(patience.look_up, known.execute()).await?;
    let done = client.query("SELECT number, checksum FROM migrations FINAL ORDER BY number");
    let done: Vec<Done> = in_time(patience.look_up, done.fetch_all()).await?;
    for (number, sql) in MIGRATIONS {
        let checksum = hex::encode(Sha256::digest(sql));
        match done.iter().find(|done| done.number == number) {
            Some(done) if done.checksum == checksum => {}
            Some(_) => return Err(StoreError::Migration { number }),
            None => {
                store.alter(sql).await?;
                let note = client
                    .query("INSERT INTO migrations VALUES ({number:UInt32}, {checksum:String})")
                    .param("number", number)
                    .param("checksum", &checksum);
                in_time(patience.look_up, note.execute()).await?;
            }
        }
    }
    if let Some(newer) = done
        .iter()
        .find(|done| done.number as usize > MIGRATIONS.len())
    {
        return Err(StoreError::Migration {
            number: newer.number,
        });
    }
    settle(store).await
}

/// Parts that were replaced are gone within seconds, so that who is erased is. ClickHouse's own
/// delay grows to five minutes.
const CLEAN_UP: [&str; 3] = [
    "cleanup_delay_period = 1",
    "cleanup_delay_period_random_add = 0",
    "max_cleanup_delay_period = 2",
];
/// What has been there for three days becomes one part of its month: a question of some people
/// reads a granule of every part that there is.
const JOIN_PARTS: &str = "min_age_to_force_merge_seconds = 259200";
/// What is inserted is on the disk.
const FLUSH: [&str; 3] = [
    "fsync_after_insert = 1",
    "fsync_part_directory = 1",
    "min_rows_to_fsync_after_merge = 1",
];

/// Gives the tables their settings, where they don't have them yet.
async fn settle(store: &Store) -> Result<(), StoreError> {
    let flush = if store.folder.is_some() {
        &FLUSH[..]
    } else {
        &[]
    };
    let tables = store.client.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()",
    );
    let tables: Vec<(String, String)> = in_time(store.patience.look_up, tables.fetch_all()).await?;
    for (table, created) in tables {
        let is_partitioned = ["events", "messages"].contains(&table.as_str());
        let join_parts = is_partitioned.then_some(&JOIN_PARTS);
        let missing = CLEAN_UP.iter().chain(flush);
        let missing = missing.chain(join_parts);
        let missing: Vec<_> = missing
            .filter(|setting| !created.contains(**setting))
            .copied()
            .collect();
        if TABLES.contains(&table.as_str()) && !missing.is_empty() {
            let settings = missing.join(", ");
            let sql = format!("ALTER TABLE {table} MODIFY SETTING {settings}");
            store.alter(&sql).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fresh;

    /// The tables as ClickHouse has them.
    async fn tables(store: &Store) -> Vec<(String, String)> {
        let tables = "SELECT name, create_table_query FROM system.tables
                      WHERE database = currentDatabase() ORDER BY name";
        store.client.query(tables).fetch_all().await.unwrap()
    }

    #[tokio::test]
    async fn several_backends_may_start_at_once_and_again() {
        let (client, store) = fresh("migrations").await;
        let by_one = tables(&store).await;
        for table in TABLES.iter().chain(&["migrations"]) {
            let sql = format!("DROP TABLE {table} SYNC");
            client.query(&sql).execute().await.unwrap();
        }
        let starts = futures_util::future::join_all((0..4).map(|_| store.migrate()));
        for started in starts.await {
            started.unwrap();
        }
        assert_eq!(tables(&store).await, by_one);
        store.migrate().await.unwrap();
        assert_eq!(tables(&store).await, by_one);
    }
}
