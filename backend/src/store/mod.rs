//! ClickHouse: the only place that speaks SQL to it, but for the segment compiler's
//! statements, which are run here.

mod arrivals;
mod dump;
mod erasure;
mod error;
mod exceptions;
mod migrate;
mod observed;
mod orders;
mod overview;
mod people;
mod person;
mod quality;
mod reasons;
mod retention;
mod search;
mod segments;
mod timeline;
mod trends;

pub use arrivals::Arrivals;
pub use dump::{Dump, Refill};
pub use erasure::Tombstone;
pub use error::StoreError;
pub use exceptions::{EXCEPTIONS, Meaning};
pub use observed::Seen;
pub use orders::OrderRow;
pub use overview::{Counted, CountedRow, Sold, Visited};
pub use people::{ContactRow, IdentityRow, MemberRow, StatementRow, StoredProof};
pub use person::{Membership, PersonIds, Said, StoredMessage, StoredOrder, TrailRow};
pub use quality::{Day, Span};
pub use reasons::FactRows;
pub use retention::Retention;
pub use search::{FoundRow, Wanted};
pub use segments::{Belonging, Change, Facts, Member, Moment, Stretch};
pub use timeline::{EventPage, TimelineRow};
pub use trends::Moves;

use crate::{disk, segment::Statement};
use clickhouse::{Client, Compression, Row, RowOwned, RowRead, RowWrite, query::Query};
use std::{path::PathBuf, time::Duration};
use uuid::Uuid;

/// How long ClickHouse may take before it counts as unreachable.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For an insert; a slower one is tried again, and its token keeps it single.
    pub insert: Duration,
    /// For looking something up, which takes milliseconds.
    pub look_up: Duration,
    /// For a change of the tables.
    pub alter: Duration,
    /// For saying that it is there.
    pub ping: Duration,
    /// For rows to be seen that it says to have.
    pub seen: Duration,
}

/// The first pause before an inserted row is looked for again.
const FIRST_LOOK: Duration = Duration::from_millis(50);

impl Default for Patience {
    fn default() -> Self {
        Self {
            insert: Duration::from_secs(60),
            look_up: Duration::from_secs(30),
            alter: Duration::from_secs(600),
            ping: Duration::from_secs(2),
            seen: Duration::from_secs(20),
        }
    }
}

/// Where ClickHouse is.
#[derive(Clone)]
pub struct Address {
    /// `http://host:port`.
    pub url: String,
    /// User.
    pub user: String,
    /// Password. It is in no log and no error.
    pub password: String,
    /// Database; it has to be there.
    pub database: String,
    /// Where the embedded one keeps its data: its writes are to be flushed to disk.
    pub folder: Option<PathBuf>,
}

/// Whose ids are looked up.
#[derive(Clone, Copy, Debug)]
pub enum Ids {
    /// Those of `events`.
    OfEvents,
    /// Those of `messages`.
    OfMessages,
}

/// The database.
#[derive(Clone)]
pub struct Store {
    client: Client,
    folder: Option<PathBuf>,
    patience: Patience,
}

impl Store {
    /// The database at `address`. Nothing is sent yet.
    #[must_use]
    pub fn new(address: &Address) -> Self {
        let client = Client::default()
            .with_url(&address.url)
            .with_user(&address.user)
            .with_password(&address.password)
            .with_database(&address.database)
            .with_compression(Compression::None)
            .with_validation(false)
            // An insert that returned is stored, not queued.
            .with_setting("async_insert", "0")
            .with_setting("wait_end_of_query", "1")
            .with_setting("input_format_binary_read_json_as_string", "1")
            // A property that looks like a date stays the text that it was sent as.
            .with_setting("input_format_try_infer_dates", "0")
            .with_setting("input_format_try_infer_datetimes", "0");
        Self {
            client,
            folder: address.folder.clone(),
            patience: Patience::default(),
        }
    }

    /// The same, with another patience.
    #[must_use]
    pub const fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Brings the tables up to this build.
    ///
    /// # Errors
    /// [`StoreError`] as ClickHouse says, or where its tables are of a newer build.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrate::run(self).await
    }

    /// Changes a table, where there is room for it: ClickHouse writes the table's definition anew,
    /// and on a full disk leaves an empty one, with which it never starts again.
    async fn alter(&self, sql: &str) -> Result<(), StoreError> {
        self.check_room()?;
        in_time(self.patience.alter, self.client.query_raw(sql).execute()).await
    }

    fn check_room(&self) -> Result<(), StoreError> {
        let is_full =
            |folder: &PathBuf| disk::free(folder).is_ok_and(|free| free < disk::FULL_BYTES);
        if self.folder.as_ref().is_some_and(is_full) {
            return Err(StoreError::NoRoom);
        }
        Ok(())
    }

    /// Whether ClickHouse answers.
    ///
    /// # Errors
    /// [`StoreError`] with what it says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        in_time(self.patience.ping, self.client.query("SELECT 1").execute()).await
    }

    /// ClickHouse's version, and its clock in milliseconds since the epoch.
    ///
    /// # Errors
    /// [`StoreError`] with what it says.
    pub async fn about(&self) -> Result<(String, u64), StoreError> {
        let about = self
            .client
            .query("SELECT version(), toUInt64(toUnixTimestamp64Milli(now64(3)))");
        in_time(self.patience.ping, about.fetch_one()).await
    }

    /// Inserts rows at once. `token` makes a repetition of the same rows do nothing; see
    /// [`Store::has`] for what it doesn't say.
    ///
    /// # Errors
    /// [`StoreError`]; whether anything is stored is then unknown until it is repeated.
    pub async fn insert<T: RowWrite>(
        &self,
        table: &'static str,
        rows: &[T::Value<'_>],
        token: &str,
    ) -> Result<(), StoreError> {
        self.insert_with::<T>(table, rows, ("insert_deduplication_token", token))
            .await
    }

    /// Inserts rows at once, though the same ones may be there: of a table where it does no harm.
    ///
    /// # Errors
    /// [`StoreError`]; whether anything is stored is then unknown until it is repeated.
    pub async fn insert_anew<T: RowWrite>(
        &self,
        table: &'static str,
        rows: &[T::Value<'_>],
    ) -> Result<(), StoreError> {
        self.insert_with::<T>(table, rows, ("insert_deduplicate", "0"))
            .await
    }

    async fn insert_with<T: RowWrite>(
        &self,
        table: &'static str,
        rows: &[T::Value<'_>],
        setting: (&str, &str),
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self
            .client
            .insert::<T>(table)
            .await?
            .with_setting(setting.0, setting.1)
            .with_timeouts(Some(self.patience.insert), Some(self.patience.insert));
        for row in rows {
            insert.write(row).await?;
        }
        insert.end().await?;
        Ok(())
    }

    /// As [`Store::insert`], of a block in ClickHouse's Native format that has these columns.
    ///
    /// # Errors
    /// [`StoreError`]; whether anything is stored is then unknown until it is repeated.
    pub async fn insert_block(
        &self,
        table: &'static str,
        columns: impl Iterator<Item = &'static str>,
        block: Vec<u8>,
        token: &str,
    ) -> Result<(), StoreError> {
        let columns: Vec<_> = columns.map(|name| format!("`{name}`")).collect();
        let columns = columns.join(", ");
        let mut insert = self
            .client
            .insert_formatted_with(format!("INSERT INTO {table} ({columns}) FORMAT Native"))
            .with_setting("insert_deduplication_token", token)
            .with_timeouts(Some(self.patience.insert), Some(self.patience.insert));
        insert.send(block.into()).await?;
        insert.end().await?;
        Ok(())
    }

    /// Whether a row is there that was just inserted.
    ///
    /// ClickHouse writes a token down before it has the rows: where it is killed in between, or
    /// the disk is full, it drops the repetition and says that all is well, and there are no rows.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn has(&self, of: Ids, id: Uuid) -> Result<bool, StoreError> {
        let mut pause = FIRST_LOOK;
        let mut looked = Duration::ZERO;
        // An insert that timed out may be about to become visible.
        while self.stored_ids(of, &[id]).await?.is_empty() {
            if looked >= self.patience.seen {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            looked += pause;
            pause *= 2;
        }
        Ok(true)
    }

    /// Which of the ids their table has. At most 10,000 at once.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn stored_ids(&self, of: Ids, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // As numbers, for ClickHouse compares UUIDs by their second half.
        let numbers: Vec<String> = ids.iter().map(|id| id.as_u128().to_string()).collect();
        let numbers = format!("[{}]", numbers.join(","));
        let look_up = self
            .client
            .query(match of {
                Ids::OfEvents => {
                    "SELECT event_id AS id FROM events
                     WHERE toUInt128(event_id) IN {ids:Array(UInt128)}"
                }
                Ids::OfMessages => {
                    "SELECT id FROM messages WHERE toUInt128(id) IN {ids:Array(UInt128)}"
                }
            })
            .param("ids", numbers)
            .fetch_all::<IdRow>();
        let rows = in_time(self.patience.look_up, look_up).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Runs a statement that only reads, within the bounds of a question.
    ///
    /// # Errors
    /// [`StoreError::TooHeavy`] where it would cost more; else what ClickHouse says.
    pub async fn question<T: RowOwned + RowRead>(
        &self,
        statement: &Statement,
        bounds: &Bounds,
    ) -> Result<Vec<T>, StoreError> {
        // ClickHouse itself keeps the bound; this is for one that hangs.
        let patience = Duration::from_secs(u64::from(bounds.seconds) + 5);
        in_time(patience, self.bounded(statement, bounds).fetch_all()).await
    }

    /// Runs a statement that only reads, and gives its rows as they come, in a format.
    ///
    /// # Errors
    /// [`StoreError`] where the statement can't be made.
    pub fn stream(
        &self,
        statement: &Statement,
        bounds: &Bounds,
        format: Format,
    ) -> Result<Dump, StoreError> {
        let query = self
            .bounded(statement, bounds)
            .with_setting("wait_end_of_query", "0")
            .with_setting("output_format_csv_crlf_end_of_line", "1")
            .with_setting("output_format_parquet_compression_method", "zstd");
        Ok(Dump::from(query.fetch_bytes(match format {
            Format::Csv => "CSV",
            Format::JsonLines => "JSONEachRow",
            Format::Parquet => "Parquet",
        })?))
    }

    /// How many events a site has, about.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn events_of(&self, site: &str) -> Result<u64, StoreError> {
        let count = "SELECT count() FROM events WHERE site = {site:String}";
        let count = self.client.query(count).param("site", site).fetch_one();
        in_time(self.patience.look_up, count).await
    }

    fn bounded(&self, statement: &Statement, bounds: &Bounds) -> Query {
        let mut query = self
            .client
            .query_raw(&statement.text)
            .with_setting("readonly", "2")
            .with_setting("max_execution_time", bounds.seconds.to_string())
            .with_setting("max_memory_usage", bounds.memory_bytes.to_string())
            // What is asked of each row is narrow: asked at once, it takes a tenth less than bit by bit.
            .with_setting("enable_multiple_prewhere_read_steps", "0")
            // A definition of 200 nodes with long lists makes a long statement.
            .with_setting("max_query_size", "8388608")
            .with_setting("max_ast_elements", "500000")
            .with_setting("max_expanded_ast_elements", "2000000");
        for (name, value) in &statement.params {
            query = query.param(name, value);
        }
        query
    }
}

/// A ClickHouse that doesn't answer in time can't be reached.
async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = clickhouse::error::Result<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unreachable(format!(
            "no answer within {patience:?}"
        ))),
    }
}

#[derive(Row, serde::Deserialize)]
struct IdRow {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
}

/// For tests: a database of its own in the ClickHouse that `cargo xtask test` starts, with this
/// build's tables.
#[cfg(test)]
pub(crate) async fn fresh(name: &str) -> (Client, Store) {
    let url = std::env::var("CRUMBTRAIL_TEST_CLICKHOUSE")
        .expect("this test needs ClickHouse: run `cargo xtask test`, which starts it");
    let password = std::env::var("CRUMBTRAIL_TEST_CLICKHOUSE_SECRET").unwrap_or_default();
    let client = Client::default()
        .with_url(&url)
        .with_user("default")
        .with_password(&password);
    for statement in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        let sql = format!("{statement} {name}");
        client.query(&sql).execute().await.unwrap();
    }
    let store = Store::new(&Address {
        url,
        user: "default".into(),
        password,
        database: name.into(),
        folder: Some(".".into()),
    });
    store.migrate().await.unwrap();
    (client.with_database(name), store)
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, without a line of names.
    Csv,
    /// An object of JSON a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

/// What a question may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Seconds.
    pub seconds: u32,
    /// Bytes of ClickHouse's memory.
    pub memory_bytes: u64,
}
