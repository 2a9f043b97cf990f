//! The drainer: moves the spool into ClickHouse, chunk by chunk, each event once.

use super::{
    chunk::{Content, Rows},
    insert,
    live::{self, Live},
    spool::{Chunk, SpoolError, SpoolReader},
};
use crate::store::{Ids, Store, StoreError};
use std::{
    collections::{BTreeMap, HashSet},
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
    InsertedDerived,
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
    pub spool: Mutex<SpoolReader>,
    /// Most events of a chunk; [`CHUNK_EVENTS`] but in tests.
    pub chunk_events: usize,
    /// Where to.
    pub store: Store,
    /// Makes visitors' ids out of those of other systems.
    pub hash_key: Vec<u8>,
    /// Is told what became of each event.
    pub live: Live,
}

/// Brings the tables up to this build, then drains until `stop` turns true, and then what
/// is left once more.
///
/// A chunk is at most `pause` or 100,000 events of the spool.
pub async fn run(
    drain: Drain,
    pause: Duration,
    state: watch::Sender<DrainState>,
    mut stop: watch::Receiver<bool>,
) {
    let filled = drain.spool.lock().await.filled();
    let mut failures = 0;
    let mut migrated = false;
    loop {
        match drain.migrate_and_drain(&mut migrated).await {
            Ok(()) => {
                failures = 0;
                state.send_replace(DrainState::Running);
                if *stop.borrow() {
                    return;
                }
                tokio::select! {
                    () = filled.notified() => {}
                    _ = stop.changed() => continue,
                }
                // What comes in meanwhile shares the chunk.
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
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

    /// Drains until the spool is empty, in two lanes: one reads a chunk while the other stores
    /// the one before it. They store in turn, since the look-up has to find what the chunks
    /// before have.
    pub(super) async fn all(&self, watcher: Watcher<'_>) -> Result<(), DrainError> {
        let progress = watch::Sender::new(Progress::default());
        let lanes = (self.lane(&progress, watcher), self.lane(&progress, watcher));
        tokio::try_join!(lanes.0, lanes.1)?;
        Ok(())
    }

    async fn lane(
        &self,
        progress: &watch::Sender<Progress>,
        watcher: Watcher<'_>,
    ) -> Result<(), DrainError> {
        while let Some((before, chunk)) = self.next_chunk(progress).await? {
            watcher(Step::Froze)?;
            let contents = Content::of(&chunk);
            let rows = Rows::of(&contents, &self.hash_key);
            let mut stored = progress.subscribe();
            // Its sender is there as long as this runs.
            let _ = stored.wait_for(|progress| progress.stored >= before).await;
            let drained = self.store(&chunk, &contents, rows, watcher).await?;
            progress.send_modify(|progress| progress.stored = chunk.number);
            self.spool.lock().await.delete(&chunk).await?;
            watcher(Step::Deleted)?;
            // Counted once it is done, so that a replay doesn't count twice.
            drained.count();
        }
        Ok(())
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
            let Progress { taken, stored } = *changes.borrow_and_update();
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
            // As is this one's.
            let _ = changes.changed().await;
        }
    }

    async fn store<'a>(
        &self,
        chunk: &Chunk,
        contents: &'a [Content<'a>],
        mut rows: Rows<'a>,
        watcher: Watcher<'_>,
    ) -> Result<Drained, DrainError> {
        let store = &self.store;
        let events = look_up(Ids::OfEvents, &rows.ids(), store).await?;
        let messages = look_up(Ids::OfMessages, &rows.message_ids(), store).await?;
        let copies = live::copies_of(&rows, &events);
        rows.drop_copies_of(&events, &messages);
        watcher(Step::LookedUp)?;

        let token = &chunk.name;
        insert::derived(&mut rows, token, store).await?;
        watcher(Step::InsertedDerived)?;
        insert::rejected(&rows.rejected, token, store).await?;
        watcher(Step::SetAside)?;
        let refused = insert::events(&rows.events, token, store, watcher).await?;
        if !refused.is_empty() {
            rows.refuse(contents, &refused, "refused_by_store");
            insert::rejected(&rows.rejected, token, store).await?;
            watcher(Step::SetRefusedAside)?;
        }
        self.live.drained(&rows, &copies);
        Ok(Drained {
            stored: rows.events.len() as u64,
            copies: rows.copies as u64,
            rejected: rows.rejections(),
        })
    }
}

/// How far draining is: chunks are taken, and stored, in the order of their numbers.
#[derive(Clone, Copy, Default)]
struct Progress {
    /// The number of the last chunk that was taken.
    taken: i64,
    /// The number of the last one that is stored.
    stored: i64,
}

/// What became of a chunk's events.
struct Drained {
    stored: u64,
    copies: u64,
    rejected: BTreeMap<&'static str, u64>,
}

impl Drained {
    fn count(self) {
        metrics::counter!("crumbtrail_events_stored_total").increment(self.stored);
        metrics::counter!("crumbtrail_events_duplicate_total").increment(self.copies);
        for (reason, events) in self.rejected {
            metrics::counter!("crumbtrail_events_rejected_total", "reason" => reason)
                .increment(events);
        }
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
