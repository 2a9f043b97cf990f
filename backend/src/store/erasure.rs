//! Erasing people: tombstones first, then what is stored of them.

use super::{Store, StoreError, in_time};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

/// How often is looked whether ClickHouse has done.
const LOOK: Duration = Duration::from_millis(250);

/// Somebody who was erased. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize, Deserialize)]
pub struct Tombstone {
    /// The site's slug.
    pub site: String,
    /// A visitor's id, or a contact's.
    pub id: u64,
    /// What was before this stays out.
    pub erased_at: i64,
    /// Rows whose versions are less than this are of before.
    pub drained_at: u64,
    /// Whether what was stored of it is deleted.
    pub deleted: bool,
}

/// Which rows of a table go, and by what time they are of before.
struct Deletion {
    table: &'static str,
    /// The columns that may name who was erased.
    ids: &'static [&'static str],
    /// Milliseconds, or a version.
    time: &'static str,
    is_version: bool,
}

const fn by_time(
    table: &'static str,
    ids: &'static [&'static str],
    time: &'static str,
) -> Deletion {
    Deletion {
        table,
        ids,
        time,
        is_version: false,
    }
}

/// What is deleted, in this order: who is who goes last.
const DELETIONS: [Deletion; 11] = [
    by_time("events", &["visitor_id"], "toUnixTimestamp64Milli(ts)"),
    by_time(
        "rejected_events",
        &["visitor_id"],
        "toUnixTimestamp64Milli(received_at)",
    ),
    by_time("messages", &["contact_id"], "toUnixTimestamp64Milli(ts)"),
    by_time(
        "orders",
        &["visitor_id", "contact_id"],
        "toUnixTimestamp64Milli(ts)",
    ),
    by_time(
        "group_members",
        &["contact_id"],
        "toUnixTimestamp64Milli(ts)",
    ),
    by_time(
        "contact_rows",
        &["contact_id"],
        "toUnixTimestamp64Milli(ts)",
    ),
    Deletion {
        is_version: true,
        ..by_time("contacts", &["contact_id"], "version")
    },
    by_time("segment_changes", &["person"], "toUnixTimestamp64Milli(at)"),
    by_time(
        "segment_members",
        &["person"],
        "toUnixTimestamp64Milli(since)",
    ),
    by_time(
        "proofs",
        &["visitor_id", "contact_id"],
        "toUnixTimestamp64Milli(received_at)",
    ),
    Deletion {
        is_version: true,
        ..by_time("identities", &["id"], "version")
    },
];

const LATEST: &str = "
SELECT toString(t.site) AS site, t.id AS id, max(t.erased_at) AS erased_at,
       max(t.drained_at) AS drained_at,
       argMax(t.deleted, (t.drained_at, t.deleted)) AS deleted
FROM tombstones AS t
GROUP BY t.site, t.id";

impl Store {
    /// Everybody who was erased.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        let all = self.client.query(LATEST).fetch_all();
        in_time(self.patience.look_up, all).await
    }

    /// Deletes what is stored of people of one site, and returns once no file has it any more.
    /// Their orders stay, and are nobody's.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; to repeat it does no harm.
    pub async fn delete(&self, site: &str, erased: &[Tombstone]) -> Result<(), StoreError> {
        for deletion in &DELETIONS {
            let which = which(site, deletion, erased);
            if deletion.table == "orders" {
                // Values take the place of rows whose versions are less.
                let nobody = format!(
                    "INSERT INTO orders SELECT * REPLACE(toUInt64(0) AS visitor_id,
                         toUInt64(0) AS contact_id, version + 1 AS version)
                     FROM orders FINAL WHERE {which}"
                );
                self.alter_long(&nobody).await?;
            }
            let delete = format!("ALTER TABLE {} DELETE WHERE {which}", deletion.table);
            self.alter_long(&delete).await?;
        }
        self.has_forgotten().await
    }

    async fn alter_long(&self, sql: &str) -> Result<(), StoreError> {
        self.check_room()?;
        let alter = self
            .client
            .query_raw(sql)
            .with_setting("mutations_sync", "0")
            .with_setting("max_query_size", "67108864")
            .with_setting("max_ast_elements", "10000000")
            .with_setting("max_expanded_ast_elements", "10000000");
        in_time(self.patience.alter, alter.execute()).await
    }

    /// Completes once every deletion is done, and the parts are gone that had what was deleted.
    async fn has_forgotten(&self) -> Result<(), StoreError> {
        let tables: Vec<_> = DELETIONS.iter().map(|deletion| deletion.table).collect();
        loop {
            let waiting = self
                .client
                .query(
                    "SELECT count(), anyIf(latest_fail_reason, latest_fail_reason != '')
                     FROM system.mutations
                     WHERE database = currentDatabase() AND NOT is_done
                       AND table IN {tables:Array(String)}",
                )
                .param("tables", &tables)
                .fetch_one::<(u64, String)>();
            let (waiting, why) = in_time(self.patience.look_up, waiting).await?;
            if waiting == 0 {
                break;
            }
            if !why.is_empty() {
                tracing::warn!("ClickHouse can't delete what is to be erased yet: {why}");
            }
            tokio::time::sleep(LOOK).await;
        }
        // What is replaced from now on had it deleted before: others may go on inserting.
        let mut old = self.replaced_parts(&tables).await?;
        while !old.is_empty() {
            tokio::time::sleep(LOOK).await;
            let left: HashSet<_> = self.replaced_parts(&tables).await?.into_iter().collect();
            old.retain(|part| left.contains(part));
        }
        Ok(())
    }

    async fn replaced_parts(&self, tables: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
        let parts = self
            .client
            .query(
                "SELECT table, name FROM system.parts
                 WHERE database = currentDatabase() AND NOT active AND table IN {tables:Array(String)}",
            )
            .param("tables", tables)
            .fetch_all();
        in_time(self.patience.look_up, parts).await
    }
}

/// The rows of a table that are of somebody, of before they were erased. There are numbers in it
/// and a slug, and nothing else: ClickHouse keeps it on disk.
fn which(site: &str, deletion: &Deletion, erased: &[Tombstone]) -> String {
    let ids: Vec<_> = erased.iter().map(|one| one.id.to_string()).collect();
    let ids = ids.join(",");
    let times: BTreeMap<u64, String> = erased
        .iter()
        .map(|one| {
            let time = if deletion.is_version {
                one.drained_at.to_string()
            } else {
                one.erased_at.to_string()
            };
            (one.id, time)
        })
        .collect();
    let (keys, values): (Vec<_>, Vec<_>) = times
        .iter()
        .map(|(id, time)| (id.to_string(), time.as_str()))
        .unzip();
    let (keys, values) = (keys.join(","), values.join(","));
    let kind = if deletion.is_version {
        "UInt64"
    } else {
        "Int64"
    };
    let of = deletion.ids.iter().map(|column| {
        format!(
            "({column} IN ({ids}) AND {} < transform({column}, [{keys}]::Array(UInt64),
              [{values}]::Array({kind}), 0::{kind}))",
            deletion.time
        )
    });
    let of: Vec<_> = of.collect();
    format!("site = '{site}' AND ({})", of.join(" OR "))
}
