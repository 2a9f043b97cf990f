//! The spool: what was acknowledged and is not in ClickHouse yet, on disk.
//!
//! SQLite in WAL mode with `synchronous = FULL`: an append that returned is on the
//! disk. Appends of concurrent requests share one commit. The spool is bounded; full
//! is an error that the caller turns into 503, never a silent loss.

use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{Notify, mpsc, oneshot};

/// Requests that may wait for the next commit.
const WAITING: usize = 1024;
/// Envelopes that share one commit at most.
const COMMIT_ENVELOPES: usize = 4096;

/// A chunk is read into memory whole; it has no more envelopes than begin within this.
const CHUNK_BYTES: i64 = 64 << 20;

/// Why an append or a read failed.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The bound on bytes, or on waiting requests, is reached.
    #[error("the spool is full")]
    Full,
    /// SQLite refused.
    #[error("the spool's file: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// The spool's file is of another build.
    #[error("the spool's tables: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The commit that this append was part of failed.
    #[error("the spool could not be written: {0}")]
    Commit(Arc<sqlx::Error>),
    /// The spool was closed while the append waited.
    #[error("the spool is closing")]
    Closed,
}

/// An envelope with its number of events.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many events it holds.
    pub events: usize,
}

/// A part of the spool that never changes again until it is deleted.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Its number; with [`Spool::name`] unique for ever.
    pub number: i64,
    /// Its envelopes, in the order they came.
    pub envelopes: Vec<Vec<u8>>,
}

struct Append {
    envelopes: Vec<Spooled>,
    bytes: u64,
    done: oneshot::Sender<Result<(), SpoolError>>,
}

/// The appending end.
#[derive(Clone)]
pub struct Spool {
    appends: mpsc::Sender<Append>,
    gauge: Arc<Gauge>,
}

/// The reading end, for the one drainer.
pub struct SpoolReader {
    connection: SqliteConnection,
    name: String,
    gauge: Arc<Gauge>,
}

struct Gauge {
    bytes: AtomicU64,
    max_bytes: u64,
    filled: Notify,
}

impl Gauge {
    /// Takes room for `bytes`, if there is so much.
    fn reserve(&self, bytes: u64) -> bool {
        let fits = |held: u64| {
            held.checked_add(bytes)
                .filter(|held| *held <= self.max_bytes)
        };
        let reserved = self
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        self.show();
        reserved.is_ok()
    }

    /// Gives room back: the bytes were deleted, or never written.
    fn release(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.show();
    }

    fn show(&self) {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
        let bytes = self.bytes.load(Ordering::Relaxed) as f64;
        metrics::gauge!("crumbtrail_spool_bytes").set(bytes);
    }
}

/// Opens the spool at `path`, at most `max_bytes` large, and starts its writer, which
/// ends when the last [`Spool`] is dropped.
///
/// # Errors
/// [`SpoolError`] where the file can't be opened or is of another build.
pub async fn open(path: &Path, max_bytes: u64) -> Result<(Spool, SpoolReader), SpoolError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut writer = SqliteConnection::connect_with(&options).await?;
    sqlx::migrate!("src/ingest/migrations")
        .run_direct(None, &mut writer, false)
        .await?;
    let mut reader = SqliteConnection::connect_with(&options).await?;
    let (name,): (String,) = sqlx::query_as("SELECT name FROM spool")
        .fetch_one(&mut reader)
        .await?;
    let (bytes,): (i64,) = sqlx::query_as("SELECT coalesce(sum(length(bytes)), 0) FROM envelopes")
        .fetch_one(&mut reader)
        .await?;
    let gauge = Arc::new(Gauge {
        bytes: AtomicU64::new(bytes.unsigned_abs()),
        max_bytes,
        filled: Notify::new(),
    });
    gauge.show();
    let (appends, waiting) = mpsc::channel(WAITING);
    tokio::spawn(write(writer, waiting, Arc::clone(&gauge)));
    let reader = SpoolReader {
        connection: reader,
        name,
        gauge: Arc::clone(&gauge),
    };
    Ok((Spool { appends, gauge }, reader))
}

impl Spool {
    /// Whether so many bytes more would be taken now.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        let held = self.gauge.bytes.load(Ordering::Relaxed);
        held.saturating_add(bytes) <= self.gauge.max_bytes
    }

    /// Appends envelopes, all or none. When this returns they are on the disk.
    ///
    /// # Errors
    /// [`SpoolError::Full`] at the bounds; else what SQLite says.
    pub async fn append(&self, envelopes: Vec<Spooled>) -> Result<(), SpoolError> {
        let bytes: usize = envelopes.iter().map(|envelope| envelope.bytes.len()).sum();
        let bytes = bytes as u64;
        if !self.gauge.reserve(bytes) {
            return Err(SpoolError::Full);
        }
        let (done, answer) = oneshot::channel();
        let append = Append {
            envelopes,
            bytes,
            done,
        };
        self.appends.try_send(append).map_err(|error| {
            self.gauge.release(bytes);
            match error {
                mpsc::error::TrySendError::Full(_) => SpoolError::Full,
                mpsc::error::TrySendError::Closed(_) => SpoolError::Closed,
            }
        })?;
        answer.await.unwrap_or(Err(SpoolError::Closed))
    }
}

/// Commits what waits, again and again, until nobody can append any more.
async fn write(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Append>,
    gauge: Arc<Gauge>,
) {
    while let Some(first) = waiting.recv().await {
        let mut group = vec![first];
        let mut envelopes = 0;
        while envelopes < COMMIT_ENVELOPES
            && let Ok(append) = waiting.try_recv()
        {
            envelopes += append.envelopes.len();
            group.push(append);
        }
        let result = commit(&mut connection, &group).await.map_err(Arc::new);
        match &result {
            Ok(()) => gauge.filled.notify_one(),
            Err(_) => gauge.release(group.iter().map(|append| append.bytes).sum()),
        }
        for append in group {
            let answer = result
                .as_ref()
                .map(|_| ())
                .map_err(|error| SpoolError::Commit(Arc::clone(error)));
            // A request that was given up no longer waits for its answer.
            let _ = append.done.send(answer);
        }
    }
}

async fn commit(connection: &mut SqliteConnection, group: &[Append]) -> Result<(), sqlx::Error> {
    begin(connection).await?;
    let inserted = insert(connection, group).await;
    end(connection, inserted).await
}

async fn insert(connection: &mut SqliteConnection, group: &[Append]) -> Result<(), sqlx::Error> {
    for envelope in group.iter().flat_map(|append| &append.envelopes) {
        sqlx::query("INSERT INTO envelopes (events, bytes) VALUES (?, ?)")
            .bind(i64::try_from(envelope.events).unwrap_or(i64::MAX))
            .bind(&envelope.bytes)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Begins a transaction that writes.
///
/// It is none of sqlx's: where SQLite takes one back by itself, as it does when the disk is full,
/// sqlx believes it open for good, and the connection could never begin another.
async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await?;
    Ok(())
}

/// Ends a transaction: commits what went well, and takes back all else.
async fn end<T>(
    connection: &mut SqliteConnection,
    worked: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let ended = match worked {
        Ok(value) => {
            let committed = sqlx::query("COMMIT").execute(&mut *connection).await;
            committed.map(|_| value)
        }
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // Where SQLite has done that by itself, this is an error, and nobody's.
        let _ = sqlx::query("ROLLBACK").execute(connection).await;
    }
    ended
}

impl SpoolReader {
    /// The spool's own name, as unique as 64 random bits.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until something was appended since the last waiting.
    pub async fn filled(&self) {
        self.gauge.filled.notified().await;
    }

    /// The oldest frozen chunk; or, where there is none, freezes of what is there the
    /// oldest envelopes until they have `max_events` or 64 MiB.
    ///
    /// # Errors
    /// What SQLite says; nothing is changed then.
    pub async fn next_chunk(&mut self, max_events: usize) -> Result<Option<Chunk>, SpoolError> {
        if let Some(chunk) = self.frozen().await? {
            return Ok(Some(chunk));
        }
        begin(&mut self.connection).await?;
        let frozen = self.freeze(max_events).await;
        if end(&mut self.connection, frozen).await? {
            self.frozen().await
        } else {
            Ok(None)
        }
    }

    /// Gives the oldest envelopes the next chunk's number; whether there are any.
    async fn freeze(&mut self, max_events: usize) -> Result<bool, sqlx::Error> {
        let connection = &mut self.connection;
        let (last,): (Option<i64>,) = sqlx::query_as(
            "SELECT max(id) FROM (
                SELECT id,
                       coalesce(sum(events) OVER before, 0) AS events_before,
                       coalesce(sum(size) OVER before, 0) AS bytes_before
                FROM (
                    SELECT id, events, length(bytes) AS size
                    FROM envelopes ORDER BY id LIMIT ?1
                )
                WINDOW before AS (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ) WHERE events_before < ?1 AND bytes_before < ?2",
        )
        .bind(i64::try_from(max_events).unwrap_or(i64::MAX))
        .bind(CHUNK_BYTES)
        .fetch_one(&mut *connection)
        .await?;
        let Some(last) = last else {
            return Ok(false);
        };
        sqlx::query("UPDATE spool SET chunk = chunk + 1")
            .execute(&mut *connection)
            .await?;
        sqlx::query("UPDATE envelopes SET chunk = (SELECT chunk FROM spool) WHERE id <= ?")
            .bind(last)
            .execute(&mut *connection)
            .await?;
        Ok(true)
    }

    async fn frozen(&mut self) -> Result<Option<Chunk>, SpoolError> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT chunk, bytes FROM envelopes
             WHERE chunk = (SELECT min(chunk) FROM envelopes WHERE chunk IS NOT NULL)
             ORDER BY id",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let number = rows.first().map(|(number, _)| *number);
        Ok(number.map(|number| Chunk {
            number,
            envelopes: rows.into_iter().map(|(_, bytes)| bytes).collect(),
        }))
    }

    /// Deletes a chunk: all of it is stored.
    ///
    /// # Errors
    /// What SQLite says; the chunk is drained again then, which changes nothing.
    pub async fn delete(&mut self, chunk: &Chunk) -> Result<(), SpoolError> {
        sqlx::query("DELETE FROM envelopes WHERE chunk = ?")
            .bind(chunk.number)
            .execute(&mut self.connection)
            .await?;
        let bytes: usize = chunk.envelopes.iter().map(Vec::len).sum();
        self.gauge.release(bytes as u64);
        Ok(())
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
