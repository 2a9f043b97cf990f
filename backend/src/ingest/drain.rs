//! The drainer: moves the spool into ClickHouse, chunk by chunk, each event once.

use super::{
    chunk::{Content, Rows, StoredIds},
    insert::{self, Tokens},
    live::Live,
    spool::{Chunk, SpoolError, SpoolReader},
    whose::{Whose, whose},
};
use crate::{
    living::Noted,
    metrics::seconds,
    people::{
        apply::Writer,
        tombs::{Buried, Tombs},
    },
    store::{Ids, Store, StoreError},
};
use protocol::id::Site;
use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::{Mutex, watch};
use tracing::{error, info, warn};
use uuid::Uuid;

/// Most events of a chunk: ten thousand at once cost ClickHouse three times as much each.
pub const CHUNK_EVENTS: usize = 100_000;
/// Ids that are looked up at once.
const LOOK_UP_IDS: usize = 10_000;
/// The first pause after an error that may pass; it doubles up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(15);

/// How the drainer fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrainState {
    /// The tables are not known to be this build's yet.
    Starting,
    /// All is well.
    Running,
    /// An error that may pass; it is tried again.
    Retrying(String),
    /// An error that an operator has to mend; it is tried again, seldom.
    Stopped(String),
}

/// Why a chunk could not be drained.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrainError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the drainer has done, each with an effect that lasts. A test may break it off there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Froze,
    LookedUp,
    Buried,
    InsertedDerived,
    ToldOfPeople,
    SetAside,
    InsertedEvents,
    SetRefusedAside,
    Deleted,
}

/// Told of each step; an error breaks off there.
pub(super) type Watcher<'w> = &'w (dyn Fn(Step) -> Result<(), DrainError> + Sync);

/// What drains a spool.
pub struct Drain {
    /// What is drained.
    pub spool: Arc<Mutex<SpoolReader>>,
    /// Most events of a chunk; [`CHUNK_EVENTS`] but in tests.
    pub chunk_events: usize,
    /// Where to.
    pub store: Store,
    /// Makes visitors' ids out of those of other systems.
    pub hash_key: Vec<u8>,
    /// Is told what became of each event.
    pub live: Live,
    /// Who was erased.
    pub tombs: Arc<Tombs>,
    /// Is told of whom something is stored.
    pub noted: Arc<Noted>,
    /// The clock, in milliseconds since the epoch.
    pub now_ms: fn() -> u64,
}

/// Brings the tables up to this build, then drains until `stop` turns true, and then what
/// is left once more.
///
/// A chunk is at most `pause` or 100,000 events of the spool; where somebody waits for it to be
/// stored, it begins at once.
pub async fn run(
    drain: Drain,
    pause: Duration,
    state: watch::Sender<DrainState>,
    mut stop: watch::Receiver<bool>,
) {
    let waiting = drain.spool.lock().await.waiting();
    let most = i64::try_from(drain.chunk_events).unwrap_or(i64::MAX);
    let mut failures = 0;
    let mut migrated = false;
    loop {
        match drain.migrate_and_drain(&mut migrated).await {
            Ok(()) => {
                if failures > 0 {
                    // What an insert without an answer stored is no news when it is repeated.
                    drain.noted.lose();
                }
                failures = 0;
                state.send_replace(DrainState::Running);
                if *stop.borrow() {
                    return;
                }
                tokio::select! {
                    () = waiting.for_events(1) => {}
                    _ = stop.changed() => continue,
                }
                // What comes in meanwhile shares the chunk, until that is full.
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = waiting.for_events(most) => {}
                    () = waiting.hurried() => {}
                    _ = stop.changed() => {}
                }
            }
            Err(problem) => {
                let wait = report(&problem, failures, &state);
                failures += 1;
                if *stop.borrow() {
                    info!("stopping with an undrained spool; it is drained at the next start");
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }
}

fn report(problem: &DrainError, failures: u32, state: &watch::Sender<DrainState>) -> Duration {
    let may_pass = match problem {
        DrainError::Spool(_) => true,
        DrainError::Store(problem) => problem.may_pass(),
    };
    if may_pass {
        warn!("draining failed and is tried again: {problem}");
        metrics::counter!("crumbtrail_drain_retries_total").increment(1);
        state.send_replace(DrainState::Retrying(problem.to_string()));
        (FIRST_PAUSE * 2_u32.pow(failures.min(5))).min(LAST_PAUSE)
    } else {
        error!("draining stopped; events wait in the spool until this is mended: {problem}");
        metrics::counter!("crumbtrail_drain_stops_total").increment(1);
        state.send_replace(DrainState::Stopped(problem.to_string()));
        LAST_PAUSE
    }
}

impl Drain {
    async fn migrate_and_drain(&self, migrated: &mut bool) -> Result<(), DrainError> {
        if !*migrated {
            self.store.migrate().await?;
            *migrated = true;
        }
        self.all(&|_| Ok(())).await
    }

    /// Drains until the spool is empty, in two lanes: one reads a chunk, and looks up what of it
    /// is stored, while the other stores the chunk before. They store in turn, and each drops
    /// what the one before it had.
    pub(super) async fn all(&self, watcher: Watcher<'_>) -> Result<(), DrainError> {
        let progress = watch::Sender::new(Progress::default());
        let lane = async || {
            let drained = self.lane(&progress, watcher).await;
            // The other one ends in order: what is left undone in the middle of a transaction
            // would lock the spool.
            progress.send_modify(|progress| progress.is_over |= drained.is_err());
            drained
        };
        let (one, other) = tokio::join!(lane(), lane());
        one.and(other)
    }

    async fn lane(
        &self,
        progress: &watch::Sender<Progress>,
        watcher: Watcher<'_>,
    ) -> Result<(), DrainError> {
        while let Some((before, chunk)) = self.next_chunk(progress).await? {
            watcher(Step::Froze)?;
            let mut watch = Stopwatch::start(self.now_ms);
            let contents = Content::of(&chunk);
            let mut rows = Rows::of(&contents, &self.hash_key);
            watch.took("read");
            let mut copies = rows.drop_copies_of(&self.stored_of(&rows).await?);
            watcher(Step::LookedUp)?;
            watch.took("look_up");

            let Some(ids) = turn(progress, before).await else {
                break;
            };
            copies.extend(rows.drop_copies_of(&ids));
            watch.skip();
            let people = self.store(&chunk, &contents, &mut rows, watcher).await?;
            for (site, ids) in whose(&rows).into_iter().chain(people) {
                self.noted.note(&site, ids);
            }
            watch.took("insert");
            let ids = Arc::new(StoredIds::of(&rows));
            progress.send_modify(|progress| {
                progress.stored = chunk.number;
                progress.ids = ids;
            });
            self.spool.lock().await.delete(&chunk).await?;
            watcher(Step::Deleted)?;
            if !rows.erased().is_empty() || self.tombs.is_unclean.load(Ordering::Relaxed) {
                self.tombs.due.notify_one();
            }
            watch.took("delete");
            // Told and counted once it is done, so that a replay doesn't count twice.
            self.live.drained(&rows, &copies);
            count(&rows, copies.len());
            show_lag(&rows, (self.now_ms)());
        }
        Ok(())
    }

    /// What the tables have of a chunk.
    async fn stored_of(&self, rows: &Rows<'_>) -> Result<StoredIds, StoreError> {
        Ok(StoredIds {
            events: look_up(Ids::OfEvents, &rows.ids(), &self.store).await?,
            messages: look_up(Ids::OfMessages, &rows.message_ids(), &self.store).await?,
        })
    }

    /// The next chunk, and the number of the one before it; none where the spool is empty.
    /// Beside one that is being stored only a full one is taken: less gathers on.
    async fn next_chunk(
        &self,
        progress: &watch::Sender<Progress>,
    ) -> Result<Option<(i64, Chunk)>, DrainError> {
        let mut changes = progress.subscribe();
        loop {
            let mut spool = self.spool.lock().await;
            let (taken, stored) = {
                let progress = changes.borrow_and_update();
                if progress.is_over {
                    return Ok(None);
                }
                (progress.taken, progress.stored)
            };
            let is_beside = taken > stored;
            if let Some(chunk) = spool
                .next_chunk(taken, self.chunk_events, is_beside)
                .await?
            {
                progress.send_modify(|progress| progress.taken = chunk.number);
                return Ok(Some((taken, chunk)));
            }
            drop(spool);
            if !is_beside {
                return Ok(None);
            }
            // Its sender is there as long as this runs.
            let _ = changes.changed().await;
        }
    }

    async fn store<'a>(
        &self,
        chunk: &Chunk,
        contents: &'a [Content<'a>],
        rows: &mut Rows<'a>,
        watcher: Watcher<'_>,
    ) -> Result<Whose, DrainError> {
        let Self { store, .. } = self;
        let tokens = &Tokens {
            steady: &chunk.name,
            fresh: format!("{}-{}", chunk.name, (self.now_ms)()),
        };
        let buried = self.bury(rows, &tokens.fresh).await?;
        watcher(Step::Buried)?;
        let hidden = rows.forget(&buried, &self.hash_key);
        metrics::counter!("crumbtrail_events_erased_total").increment(hidden as u64);
        if hidden > 0 {
            self.tombs.is_unclean.store(true, Ordering::Relaxed);
        }
        insert::derived(rows, tokens, store).await?;
        watcher(Step::InsertedDerived)?;
        let people = self.tell_of_people(rows, &buried, &tokens.fresh).await?;
        watcher(Step::ToldOfPeople)?;
        insert::rejected(&rows.rejected, tokens, store).await?;
        watcher(Step::SetAside)?;
        let refused = insert::events(&rows.events, tokens, store, watcher).await?;
        if !refused.is_empty() {
            rows.refuse(contents, &refused, "refused_by_store");
            insert::rejected(&rows.rejected, tokens, store).await?;
            watcher(Step::SetRefusedAside)?;
        }
        Ok(people)
    }
}

impl Drain {
    /// Says what a chunk has of people: once its proofs are stored, and before its events are,
    /// for of those a replay keeps only what is not stored yet. Gives of whom there was something.
    async fn tell_of_people(
        &self,
        rows: &Rows<'_>,
        buried: &Buried,
        token: &str,
    ) -> Result<Whose, StoreError> {
        let writer = self.writer(buried, token);
        let mut people = Whose::new();
        for (slug, news) in rows.news() {
            // What came under another name was refused.
            if let Ok(site) = Site::new(slug) {
                let whose = Box::pin(writer.apply(site, news)).await?;
                people.insert(slug.to_owned(), whose);
            }
        }
        Ok(people)
    }
}

impl Drain {
    /// Buries whom a chunk says to erase. Gives everybody who ever was.
    async fn bury(&self, rows: &Rows<'_>, token: &str) -> Result<Arc<Buried>, StoreError> {
        let nobody = Buried::default();
        let writer = self.writer(&nobody, token);
        let mut tombstones = Vec::new();
        for (slug, erased) in rows.erased() {
            if let Ok(site) = Site::new(slug) {
                tombstones.extend(writer.tombstones(site, &erased).await?);
            }
        }
        self.tombs.with(&self.store, &tombstones, token).await
    }

    fn writer<'w>(&'w self, buried: &'w Buried, token: &'w str) -> Writer<'w> {
        Writer {
            store: &self.store,
            key: &self.hash_key,
            now_ms: (self.now_ms)(),
            token,
            buried,
        }
    }
}

/// How far draining is: chunks are taken, and stored, in the order of their numbers.
#[derive(Clone, Default)]
struct Progress {
    /// The number of the last chunk that was taken.
    taken: i64,
    /// The number of the last one that is stored.
    stored: i64,
    /// A lane failed; the other one takes nothing more.
    is_over: bool,
    /// What the last one had; the look-up for the next one may have come before it was stored.
    ids: Arc<StoredIds>,
}

/// Waits until the chunk before is stored, and gives what it had; nothing where it never is.
async fn turn(progress: &watch::Sender<Progress>, before: i64) -> Option<Arc<StoredIds>> {
    let mut changes = progress.subscribe();
    let is_decided = |progress: &Progress| progress.is_over || progress.stored >= before;
    let turn = changes.wait_for(is_decided).await.ok()?;
    (!turn.is_over).then(|| Arc::clone(&turn.ids))
}

/// Measures the steps of a chunk.
struct Stopwatch {
    now_ms: fn() -> u64,
    since_ms: u64,
}

impl Stopwatch {
    fn start(now_ms: fn() -> u64) -> Self {
        Self {
            now_ms,
            since_ms: now_ms(),
        }
    }

    /// What was done since was none of the steps.
    fn skip(&mut self) {
        self.since_ms = (self.now_ms)();
    }

    fn took(&mut self, step: &'static str) {
        let now_ms = (self.now_ms)();
        let took_ms = now_ms.saturating_sub(self.since_ms);
        metrics::histogram!("crumbtrail_drain_step_seconds", "step" => step)
            .record(seconds(took_ms));
        self.since_ms = now_ms;
    }
}

fn show_lag(rows: &Rows<'_>, now_ms: u64) {
    let oldest = rows.events.iter().map(|row| row.received_at).min();
    if let Some(oldest) = oldest.and_then(|ms| u64::try_from(ms).ok()) {
        let lag_ms = now_ms.saturating_sub(oldest);
        metrics::gauge!("crumbtrail_drain_lag_seconds").set(seconds(lag_ms));
    }
}

fn count(rows: &Rows<'_>, copies: usize) {
    metrics::counter!("crumbtrail_events_stored_total").increment(rows.events.len() as u64);
    metrics::counter!("crumbtrail_events_duplicate_total").increment(copies as u64);
    for (reason, events) in rows.rejections() {
        metrics::counter!("crumbtrail_events_rejected_total", "reason" => reason).increment(events);
    }
}

/// Those of the ids that their table has already.
async fn look_up(of: Ids, ids: &[Uuid], store: &Store) -> Result<HashSet<Uuid>, StoreError> {
    let mut stored = HashSet::new();
    for part in ids.chunks(LOOK_UP_IDS) {
        stored.extend(store.stored_ids(of, part).await?);
    }
    Ok(stored)
}

#[cfg(test)]
#[path = "drain_tests.rs"]
mod tests;
