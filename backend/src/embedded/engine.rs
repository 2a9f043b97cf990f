//! The engine at work: which connection runs what, on which thread, how many at once, and how a
//! statement is stopped.
//!
//! Owns the slots, one thread and one fresh connection for each statement, and `KILL QUERY`. A fresh
//! connection costs 0.4 ms and is a session of its own, so neither settings nor temporary tables nor
//! `USE` can reach the next statement; resetting a pooled one would have to name all it might hold.
//! Must not know HTTP.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::chdb::{Connection, Counts, Library};
use super::exception::{Exception, Kind};
use super::job::{Alive, Feed, Job, Order, Outlet, Piece};

/// How long a statement waits for a slot before it is refused.
const SLOT_WAIT: Duration = Duration::from_secs(1);
/// Slices of an answer, or chunks of a body, that wait between the engine and the client.
const SLICES_WAITING: usize = 4;
/// ClickHouse's own recommendation for the stack of a thread that parses and plans.
const STACK_BYTES: usize = 8 * 1024 * 1024;
/// A statement that is to stop is killed again and again until it has: one that has not yet begun can't be killed.
const KILL_EVERY: Duration = Duration::from_millis(100);

pub struct Engine {
    library: Arc<Library>,
    path: String,
    /// Keeps the engine up between statements: it stops with its last connection.
    keeper: Mutex<Option<Connection>>,
    slots: Arc<Semaphore>,
    slot_count: u32,
    next_mark: AtomicU64,
    /// Told of a part that a new start sets aside.
    empty_part: Notify,
}

impl Engine {
    /// Starts the engine on `path`; `None` when it refuses (it prints why to stderr).
    pub fn start(library: Arc<Library>, path: String, slot_count: u32) -> Option<Arc<Self>> {
        let keeper = library.connect(&path)?;
        Some(Arc::new(Self {
            library,
            path,
            keeper: Mutex::new(Some(keeper)),
            slots: Arc::new(Semaphore::new(slot_count as usize)),
            slot_count,
            next_mark: AtomicU64::new(1),
            empty_part: Notify::new(),
        }))
    }

    /// Runs a statement; its answer comes through the channel. Dropping `Running` stops it.
    pub async fn answer(
        self: &Arc<Self>,
        order: Order,
    ) -> Result<(mpsc::Receiver<Result<Piece, Exception>>, Running), Exception> {
        let (job, running) = self.admit(order).await?;
        let (sender, receiver) = mpsc::channel(SLICES_WAITING);
        let out = Outlet::to(sender);
        spawn(move || {
            let last = job.answer(&out).map(|()| Piece::End);
            job.engine.look_at(last.as_ref().err());
            // A client that has gone needs no end.
            let _gone = out.send(last);
            drop(job);
        })?;
        Ok((receiver, running))
    }

    /// Runs an insert (`order.text` without its FORMAT clause, `order.format` the format of the rows).
    pub async fn insert(
        self: &Arc<Self>,
        order: Order,
    ) -> Result<
        (
            mpsc::Sender<Feed>,
            oneshot::Receiver<Result<Counts, Exception>>,
            Running,
        ),
        Exception,
    > {
        let (job, running) = self.admit(order).await?;
        let (sender, receiver) = mpsc::channel(SLICES_WAITING);
        let (done, outcome) = oneshot::channel();
        spawn(move || {
            let inserted = job.insert(receiver);
            job.engine.look_at(inserted.as_ref().err());
            // A client that has gone hears nothing; its insert was cancelled, or had ended.
            let _gone = done.send(inserted);
            drop(job);
        })?;
        Ok((sender, outcome, running))
    }

    async fn admit(self: &Arc<Self>, order: Order) -> Result<(Job, Running), Exception> {
        let slot = match timeout(SLOT_WAIT, Arc::clone(&self.slots).acquire_owned()).await {
            Ok(Ok(slot)) => slot,
            Ok(Err(_closed)) => {
                return Err(Exception::new(Kind::Cancelled, "ClickHouse is stopping"));
            }
            Err(_late) => {
                let message = format!(
                    "Too many simultaneous queries. Maximum: {}",
                    self.slot_count
                );
                return Err(Exception::new(Kind::TooManyQueries, message));
            }
        };
        let mark = self.next_mark.fetch_add(1, Ordering::Relaxed);
        let alive = Arc::new(Alive {
            stop: AtomicBool::new(false),
            mark,
        });
        let running = Running {
            engine: Arc::clone(self),
            alive: Arc::downgrade(&alive),
        };
        Ok((
            Job {
                engine: Arc::clone(self),
                order,
                alive,
                _slot: slot,
            },
            running,
        ))
    }

    fn look_at(&self, exception: Option<&Exception>) {
        if let Some(exception) = exception.filter(|exception| exception.is_of_empty_part()) {
            tracing::error!(exception = exception.text, "a part has no rows on the disk");
            self.empty_part.notify_one();
        }
    }

    /// Completes once a statement met a part that a new start sets aside.
    pub async fn needs_new_start(&self) {
        self.empty_part.notified().await;
    }

    /// Takes no more statements, gives those running `grace` to end, then kills them for at most
    /// `patience`. True when none is left.
    pub async fn drain(self: &Arc<Self>, grace: Duration, patience: Duration) -> bool {
        let slots = Arc::clone(&self.slots);
        let idle = slots.acquire_many(self.slot_count);
        tokio::pin!(idle);
        if timeout(grace, &mut idle).await.is_ok() {
            return true;
        }
        let killing = async {
            while timeout(KILL_EVERY, &mut idle).await.is_err() {
                self.kill("1").await;
            }
        };
        timeout(patience, killing).await.is_ok()
    }

    /// Closes the last connection, with which the engine stops. To be called once drained.
    pub fn stop(&self) {
        self.slots.close();
        let keeper = self.keeper.lock().ok().and_then(|mut keeper| keeper.take());
        drop(keeper);
    }

    pub fn version(&self) -> Result<String, String> {
        let mut connection = self.connect().map_err(|exception| exception.text)?;
        let answer = connection.query(b"SELECT version()", "TabSeparatedRaw", &[])?;
        Ok(String::from_utf8_lossy(answer.bytes()).trim().to_owned())
    }

    pub fn connect(&self) -> Result<Connection, Exception> {
        let connection = self.library.connect(&self.path);
        connection.ok_or_else(|| Exception::new(Kind::Broken, "libchdb refused another connection"))
    }

    async fn kill(self: &Arc<Self>, condition: &str) {
        let engine = Arc::clone(self);
        let sql = format!("KILL QUERY WHERE {condition} ASYNC");
        let killed = tokio::task::spawn_blocking(move || {
            engine
                .connect()?
                .query(sql.as_bytes(), "Null", &[])
                .map(drop)
                .map_err(Exception::of_engine)
        });
        match killed.await {
            Ok(Ok(())) => {}
            Ok(Err(exception)) => {
                tracing::warn!(exception = exception.text, "a query could not be killed")
            }
            Err(error) => tracing::warn!(%error, "a query could not be killed"),
        }
    }
}

/// A statement in progress. Dropped before its end, it is stopped: at once where it waits, within about
/// a tenth of a second where it computes.
pub struct Running {
    engine: Arc<Engine>,
    alive: Weak<Alive>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(alive) = self.alive.upgrade() else {
            return;
        };
        alive.stop.store(true, Ordering::Release);
        let condition = alive.condition();
        drop(alive);
        let (engine, alive) = (Arc::clone(&self.engine), Weak::clone(&self.alive));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            // Most have just ended, or end by themselves when their channel closes.
            tokio::time::sleep(Duration::from_millis(20)).await;
            while alive.strong_count() > 0 {
                engine.kill(&condition).await;
                tokio::time::sleep(KILL_EVERY).await;
            }
        });
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Exception> {
    let thread = std::thread::Builder::new()
        .name("statement".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(work);
    thread.map(drop).map_err(|error| {
        Exception::new(
            Kind::CannotSchedule,
            format!("no thread for the statement: {error}"),
        )
    })
}
