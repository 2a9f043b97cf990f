//! The tables as a whole: read for a backup, and filled from one.

use super::{Store, StoreError, in_time, migrate};
use bytes::Bytes;
use clickhouse::{insert_formatted::InsertFormatted, query::BytesCursor};
use std::time::Duration;

/// How long ClickHouse may take for a piece of a table.
const PATIENCE: Duration = Duration::from_secs(600);

/// Rows, as they are read.
pub struct Dump(BytesCursor);

impl From<BytesCursor> for Dump {
    fn from(cursor: BytesCursor) -> Self {
        Self(cursor)
    }
}

impl Dump {
    /// The next bytes; nothing where there are no more.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; what came so far is not whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        in_time(PATIENCE, self.0.next()).await
    }
}

/// A table that is being filled.
pub struct Refill(InsertFormatted);

impl Refill {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn send(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        Ok(self.0.send(bytes).await?)
    }

    /// Ends it: all rows are stored.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; some of the rows may be stored.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(self.0.end().await?)
    }
}

impl Store {
    /// The tables that hold what was sent.
    #[must_use]
    pub const fn tables(&self) -> &'static [&'static str] {
        &migrate::TABLES
    }

    /// The number of this build's last migration.
    #[must_use]
    pub fn migration(&self) -> u32 {
        migrate::last()
    }

    /// Whether a table has any rows.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn has_rows(&self, table: &'static str) -> Result<bool, StoreError> {
        let sql = format!("SELECT count() > 0 FROM {table}");
        let asked = self.client.query(&sql).fetch_one();
        in_time(self.patience.look_up, asked).await
    }

    /// Reads all rows of a table, in ClickHouse's Native format, as they are at this moment.
    ///
    /// # Errors
    /// [`StoreError`] where the statement can't be made.
    pub fn dump(&self, table: &'static str) -> Result<Dump, StoreError> {
        let rows = self
            .client
            .query(&format!("SELECT * FROM {table}"))
            // A whole table is sent as it is read, and held nowhere.
            .with_setting("wait_end_of_query", "0");
        Ok(rows.fetch_bytes("Native")?.into())
    }

    /// Fills a table with rows in ClickHouse's Native format.
    #[must_use]
    pub fn refill(&self, table: &'static str) -> Refill {
        let insert = self
            .client
            .insert_formatted_with(format!("INSERT INTO {table} FORMAT Native"))
            // Rows of all months come mixed.
            .with_setting("max_partitions_per_insert_block", "0")
            .with_timeouts(Some(PATIENCE), Some(PATIENCE));
        Refill(insert)
    }
}
