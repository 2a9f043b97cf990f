//! Brings the tables up to this build: numbered, checksummed, safe to run twice.

use super::StoreError;
use clickhouse::{Client, Row};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Every migration, in order. One that was released never changes.
const MIGRATIONS: [(u32, &str); 9] = [
    (1, include_str!("migrations/0001_events.sql")),
    (2, include_str!("migrations/0002_rejected_events.sql")),
    (3, include_str!("migrations/0003_pages_and_forms.sql")),
    (4, include_str!("migrations/0004_time_zone.sql")),
    (5, include_str!("migrations/0005_proofs.sql")),
    (6, include_str!("migrations/0006_messages.sql")),
    (7, include_str!("migrations/0007_erasure_requests.sql")),
    (8, include_str!("migrations/0008_loss.sql")),
    (9, include_str!("migrations/0009_place_of_rejected.sql")),
];

/// The tables whose rows the embedded ClickHouse flushes to disk with each insert. A
/// server has replicas or its own settings for that.
const FLUSHED: [&str; 6] = [
    "events",
    "rejected_events",
    "proofs",
    "messages",
    "erasure_requests",
    "tabs",
];

#[derive(Row, Deserialize)]
struct Done {
    number: u32,
    checksum: String,
}

pub(super) async fn run(client: &Client, embedded: bool) -> Result<(), StoreError> {
    client
        .query(
            "CREATE TABLE IF NOT EXISTS migrations (number UInt32, checksum String)
             ENGINE = ReplacingMergeTree ORDER BY number",
        )
        .execute()
        .await?;
    let done: Vec<Done> = client
        .query("SELECT number, checksum FROM migrations FINAL ORDER BY number")
        .fetch_all()
        .await?;
    for (number, sql) in MIGRATIONS {
        let checksum = hex::encode(Sha256::digest(sql));
        match done.iter().find(|done| done.number == number) {
            Some(done) if done.checksum == checksum => {}
            Some(_) => return Err(StoreError::Migration { number }),
            None => {
                client.query_raw(sql).execute().await?;
                client
                    .query("INSERT INTO migrations VALUES ({number:UInt32}, {checksum:String})")
                    .param("number", number)
                    .param("checksum", &checksum)
                    .execute()
                    .await?;
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
    if embedded {
        flush_inserts(client).await?;
    }
    Ok(())
}

/// Makes the tables flush what is inserted, where they don't yet: for each ALTER ClickHouse writes
/// a table's definition anew, and on a full disk leaves an empty one, with which it never starts
/// again.
async fn flush_inserts(client: &Client) -> Result<(), StoreError> {
    let flushed: Vec<String> = client
        .query(
            "SELECT name FROM system.tables WHERE database = currentDatabase()
                 AND create_table_query LIKE '%fsync_after_insert = 1%'
                 AND create_table_query LIKE '%fsync_part_directory = 1%'
                 AND create_table_query LIKE '%min_rows_to_fsync_after_merge = 1%'",
        )
        .fetch_all()
        .await?;
    for table in FLUSHED {
        if flushed.iter().any(|flushed| flushed == table) {
            continue;
        }
        let sql = format!(
            "ALTER TABLE {table} MODIFY SETTING fsync_after_insert = 1,
             fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1"
        );
        client.query_raw(&sql).execute().await?;
    }
    Ok(())
}
