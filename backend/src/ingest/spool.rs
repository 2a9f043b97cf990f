//! The spool: what was acknowledged and is not in ClickHouse yet, on disk.
//!
//! SQLite in WAL mode with `synchronous = FULL`: an append that returned is on the
//! disk. Appends of concurrent requests share one commit. The spool is bounded; full
//! is an error that the caller turns into 503, never a silent loss.

use crate::metrics::amount;
use bytes::Bytes;
use protocol::envelope::append_to_body;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Requests that may wait for the next commit, which they share.
const WAITING: usize = 1024;

/// A chunk is read into memory whole; it has no more bodies than begin within this.
const CHUNK_BYTES: i64 = 16 << 20;

/// Why an append or a read failed.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The bound on bytes, or on waiting requests, is reached.
    #[error("the spool is full")]
    Full,
    /// The disk is.
    #[error("the disk is full")]
    DiskFull,
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

/// What a request brought: a body of envelopes, each behind its length.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// Its bytes; none where there is nothing to keep.
    pub bytes: Bytes,
    /// How many events it holds.
    pub events: usize,
}

/// A body of these envelopes.
pub fn body(envelopes: &[impl AsRef<[u8]>]) -> Bytes {
    let mut body = Vec::new();
    for envelope in envelopes {
        append_to_body(&mut body, envelope.as_ref());
    }
    body.into()
}

/// A part of the spool that never changes again until it is deleted.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Its number in this spool; later ones have greater ones.
    pub number: i64,
    /// Its name, which no other chunk of any spool ever has.
    pub name: String,
    events: i64,
    last: i64,
    /// Its bodies of envelopes, in the order they came.
    pub bodies: Vec<Vec<u8>>,
}

struct Append {
    spooled: Spooled,
    done: oneshot::Sender<Result<Place, SpoolError>>,
}

/// Where a body is in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(i64);

/// The appending end.
#[derive(Clone)]
pub struct Spool {
    appends: mpsc::Sender<Append>,
    gauge: Arc<Gauge>,
}

/// The reading end, for the one drainer.
pub struct SpoolReader {
    connection: SqliteConnection,
    /// The spool's own name, as unique as 64 random bits.
    name: String,
    gauge: Arc<Gauge>,
}

struct Gauge {
    bytes: AtomicU64,
    max_bytes: u64,
    /// Events that are on the disk; a body without any counts as one. Less than none for the moment
    /// in which a commit is done, and drained, but not yet counted.
    events: AtomicI64,
    filled: Notify,
    /// Somebody waits for what is in it to be stored.
    hurried: Notify,
    /// The last body that is stored, and all before it.
    stored: watch::Sender<i64>,
}

/// Tells how much waits in the spool, to one who asks at a time.
pub struct Waiting(Arc<Gauge>);

impl Waiting {
    /// Completes once the spool has so many events.
    pub async fn for_events(&self, events: i64) {
        while self.0.events.load(Ordering::Relaxed) < events {
            self.0.filled.notified().await;
        }
    }

    /// Completes once somebody waits for what is in the spool to be stored.
    pub async fn hurried(&self) {
        self.0.hurried.notified().await;
    }
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
        let bytes = self.bytes.load(Ordering::Relaxed);
        metrics::gauge!("crumbtrail_spool_bytes").set(amount(bytes));
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
    let (bytes, events): (i64, i64) = sqlx::query_as(
        "SELECT coalesce(sum(length(bytes)), 0), coalesce(sum(max(events, 1)), 0) FROM bodies",
    )
    .fetch_one(&mut reader)
    .await?;
    let gauge = Arc::new(Gauge {
        bytes: AtomicU64::new(bytes.unsigned_abs()),
        max_bytes,
        events: AtomicI64::new(events),
        filled: Notify::new(),
        hurried: Notify::new(),
        stored: watch::Sender::new(0),
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

impl Append {
    fn events(&self) -> i64 {
        count(self.spooled.events.max(1))
    }

    fn bytes(&self) -> u64 {
        self.spooled.bytes.len() as u64
    }
}

impl Spool {
    /// Whether so many bytes more would be taken now.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        let held = self.gauge.bytes.load(Ordering::Relaxed);
        held.saturating_add(bytes) <= self.gauge.max_bytes
    }

    /// Appends a body, whole or not at all. When this returns it is on the disk, at a place that
    /// later ones come after.
    ///
    /// # Errors
    /// [`SpoolError::Full`] at the bounds; else what SQLite says.
    pub async fn append(&self, spooled: Spooled) -> Result<Place, SpoolError> {
        let bytes = spooled.bytes.len() as u64;
        if bytes == 0 {
            return Ok(Place(0));
        }
        if !self.gauge.reserve(bytes) {
            return Err(SpoolError::Full);
        }
        let (done, answer) = oneshot::channel();
        let append = Append { spooled, done };
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

impl Spool {
    /// Completes once what was appended at `place`, and before it, is stored and no longer here.
    pub async fn stored(&self, place: Place) {
        let mut stored = self.gauge.stored.subscribe();
        self.gauge.hurried.notify_one();
        // Its sender is there as long as this is.
        let _ = stored.wait_for(|last| *last >= place.0).await;
    }
}

fn count(events: usize) -> i64 {
    i64::try_from(events).unwrap_or(i64::MAX)
}

/// Commits what waits, again and again, until nobody can append any more.
async fn write(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Append>,
    gauge: Arc<Gauge>,
) {
    while let Some(first) = waiting.recv().await {
        let mut group = vec![first];
        while let Ok(append) = waiting.try_recv() {
            group.push(append);
        }
        let result = commit(&mut connection, &group).await.map_err(Arc::new);
        let said = match &result {
            Ok(_) => "ok",
            Err(error) if is_disk_full(error) => "disk_full",
            Err(_) => "failed",
        };
        metrics::counter!("crumbtrail_spool_commits_total", "result" => said).increment(1);
        match &result {
            Ok(_) => {
                let events = group.iter().map(Append::events).sum();
                gauge.events.fetch_add(events, Ordering::Relaxed);
                gauge.filled.notify_one();
            }
            Err(_) => gauge.release(group.iter().map(Append::bytes).sum()),
        }
        for (append, number) in group.into_iter().zip(0_usize..) {
            let answer = match &result {
                Ok(places) => places.get(number).copied().ok_or(SpoolError::Closed),
                Err(error) if is_disk_full(error) => Err(SpoolError::DiskFull),
                Err(error) => Err(SpoolError::Commit(Arc::clone(error))),
            };
            // A request that was given up no longer waits for its answer.
            let _ = append.done.send(answer);
        }
    }
}

/// Whether SQLite says that there is no room for more, as `SQLITE_FULL`.
fn is_disk_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "13")
}

async fn commit(
    connection: &mut SqliteConnection,
    group: &[Append],
) -> Result<Vec<Place>, sqlx::Error> {
    begin(connection).await?;
    let inserted = insert(connection, group).await;
    end(connection, inserted).await
}

async fn insert(
    connection: &mut SqliteConnection,
    group: &[Append],
) -> Result<Vec<Place>, sqlx::Error> {
    let mut places = Vec::with_capacity(group.len());
    for Append { spooled, .. } in group {
        let inserted = sqlx::query("INSERT INTO bodies (events, bytes) VALUES (?, ?)")
            .bind(count(spooled.events))
            .bind(&*spooled.bytes)
            .execute(&mut *connection)
            .await?;
        places.push(Place(inserted.last_insert_rowid()));
    }
    Ok(places)
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
    /// Tells how much waits.
    pub fn waiting(&self) -> Waiting {
        Waiting(Arc::clone(&self.gauge))
    }

    /// The chunk after that of this number, 0 for the first: a frozen one; or, where there is
    /// none, freezes of what is there the oldest bodies until they have `max_events` or 64 MiB.
    /// With `only_full` nothing is frozen that has less.
    ///
    /// # Errors
    /// What SQLite says; nothing is changed then.
    pub async fn next_chunk(
        &mut self,
        after: i64,
        max_events: usize,
        only_full: bool,
    ) -> Result<Option<Chunk>, SpoolError> {
        if let Some(chunk) = self.frozen(after).await? {
            return Ok(Some(chunk));
        }
        begin(&mut self.connection).await?;
        let frozen = self.freeze(max_events, only_full).await;
        if end(&mut self.connection, frozen).await? {
            self.frozen(after).await
        } else {
            Ok(None)
        }
    }

    /// Makes a chunk of the oldest bodies that are in none; whether there are any, or enough.
    async fn freeze(&mut self, max_events: usize, only_full: bool) -> Result<bool, sqlx::Error> {
        let connection = &mut self.connection;
        let (first, last, is_full): (Option<i64>, Option<i64>, bool) = sqlx::query_as(
            "SELECT min(id), max(id), coalesce(sum(events) >= ?1 OR sum(size) >= ?2, FALSE) FROM (
                SELECT id, events, size,
                       coalesce(sum(events) OVER before, 0) AS events_before,
                       coalesce(sum(size) OVER before, 0) AS bytes_before
                FROM (
                    SELECT id, events, length(bytes) AS size FROM bodies
                    WHERE id > (SELECT coalesce(max(last), 0) FROM chunks)
                    ORDER BY id LIMIT ?1
                )
                WINDOW before AS (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ) WHERE events_before < ?1 AND bytes_before < ?2",
        )
        .bind(count(max_events))
        .bind(CHUNK_BYTES)
        .fetch_one(&mut *connection)
        .await?;
        let Some((first, last)) = first.zip(last).filter(|_| is_full || !only_full) else {
            return Ok(false);
        };
        sqlx::query("INSERT INTO chunks (first, last) VALUES (?, ?)")
            .bind(first)
            .bind(last)
            .execute(&mut *connection)
            .await?;
        Ok(true)
    }

    async fn frozen(&mut self, after: i64) -> Result<Option<Chunk>, SpoolError> {
        let chunk: Option<(i64, i64, i64)> = sqlx::query_as(
            "SELECT number, first, last FROM chunks WHERE number > ? ORDER BY number LIMIT 1",
        )
        .bind(after)
        .fetch_optional(&mut self.connection)
        .await?;
        let Some((number, first, last)) = chunk else {
            return Ok(None);
        };
        let bodies: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT max(events, 1), bytes FROM bodies WHERE id BETWEEN ? AND ? ORDER BY id",
        )
        .bind(first)
        .bind(last)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(Some(Chunk {
            number,
            name: format!("{}-{number}", self.name),
            last,
            events: bodies.iter().map(|(events, _)| events).sum(),
            bodies: bodies.into_iter().map(|(_, bytes)| bytes).collect(),
        }))
    }

    /// Deletes a chunk: all of it is stored.
    ///
    /// # Errors
    /// What SQLite says; the chunk is drained again then, which changes nothing.
    pub async fn delete(&mut self, chunk: &Chunk) -> Result<(), SpoolError> {
        begin(&mut self.connection).await?;
        let deleted = self.forget(chunk.number).await;
        end(&mut self.connection, deleted).await?;
        let bytes: usize = chunk.bodies.iter().map(Vec::len).sum();
        self.gauge.release(bytes as u64);
        self.gauge.events.fetch_sub(chunk.events, Ordering::Relaxed);
        self.gauge.stored.send_replace(chunk.last);
        Ok(())
    }

    /// Makes sure that no file of the spool has anything left of what was deleted.
    ///
    /// # Errors
    /// What SQLite says; there may be something left then.
    pub async fn scrub(&mut self) -> Result<(), SpoolError> {
        for scrub in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            sqlx::query(scrub).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    async fn forget(&mut self, number: i64) -> Result<(), sqlx::Error> {
        for delete in [
            "DELETE FROM bodies WHERE id BETWEEN (SELECT first FROM chunks WHERE number = ?1)
                                         AND (SELECT last FROM chunks WHERE number = ?1)",
            "DELETE FROM chunks WHERE number = ?1",
        ] {
            sqlx::query(delete)
                .bind(number)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
