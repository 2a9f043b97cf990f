//! Erases people: once the drainer has buried them, what is stored of them is deleted, and gone
//! from every file. Then their receipts say so.

use crate::{
    control::Control,
    ingest::{drain::DrainState, spool::SpoolReader},
    living::{Keeper, LivingError},
    people::tombs::Tombs,
    store::{Store, Tombstone},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::{Mutex, watch};
use tracing::warn;

/// Whoever asks within this is erased together: ClickHouse rewrites much for one as for many.
const TOGETHER: Duration = Duration::from_millis(500);
/// How long after a failure it is tried again.
const PAUSE: Duration = Duration::from_secs(15);
/// Most ids at once.
const MOST_IDS: usize = 10_000;

/// What erases.
pub struct Eraser {
    /// Where the receipts are.
    pub control: Control,
    /// What is deleted from.
    pub store: Store,
    /// Who is to be erased.
    pub tombs: Arc<Tombs>,
    /// What came of them on the way.
    pub spool: Arc<Mutex<SpoolReader>>,
    /// Keeps who is in which segment.
    pub keeper: Arc<Mutex<Keeper>>,
    /// The clock, in milliseconds since the epoch.
    pub now_ms: fn() -> u64,
}

/// Why somebody is not erased yet.
#[derive(Debug, thiserror::Error)]
enum ErasingError {
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error(transparent)]
    Spool(#[from] crate::ingest::spool::SpoolError),
    #[error(transparent)]
    Living(#[from] LivingError),
    #[error(transparent)]
    Control(#[from] crate::control::ControlError),
}

impl Eraser {
    /// Erases whoever is buried, again and again. Never ends.
    pub async fn run(self, mut drain: watch::Receiver<DrainState>) {
        // What was spooled before comes first; where the drainer is gone, so is the backend.
        let _ = drain.wait_for(|state| *state == DrainState::Running).await;
        loop {
            match self.erase().await {
                Ok(true) => {}
                Ok(false) => {
                    self.tombs.due.notified().await;
                    tokio::time::sleep(TOGETHER).await;
                }
                Err(problem) => {
                    warn!("somebody can't be erased yet, and is tried again: {problem}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Deletes what is stored of people of one site, once they have left its segments.
    async fn delete(&self, site: &str, some: &[Tombstone]) -> Result<(), ErasingError> {
        let ids: Vec<u64> = some.iter().map(|one| one.id).collect();
        let at_ms = i64::try_from((self.now_ms)()).unwrap_or(i64::MAX);
        self.keeper.lock().await.erase(site, &ids, at_ms).await?;
        self.store.delete(site, some).await?;
        self.keeper.lock().await.erased(site, &ids);
        Ok(())
    }

    /// Erases whoever is buried now; whether there was anybody.
    async fn erase(&self) -> Result<bool, ErasingError> {
        let mut by_site: BTreeMap<String, Vec<Tombstone>> = BTreeMap::new();
        for tombstone in self.store.tombstones().await? {
            if !tombstone.deleted {
                let of_site = by_site.entry(tombstone.site.clone()).or_default();
                of_site.push(tombstone);
            }
        }
        let is_any = !by_site.is_empty();
        for (site, tombstones) in &by_site {
            for some in tombstones.chunks(MOST_IDS) {
                self.delete(site, some).await?;
            }
        }
        if self.tombs.is_unclean.swap(false, Ordering::Relaxed) || is_any {
            let scrubbed = self.spool.lock().await.scrub().await;
            if scrubbed.is_err() {
                self.tombs.is_unclean.store(true, Ordering::Relaxed);
            }
            scrubbed?;
        }
        for (site, tombstones) in by_site {
            let done: Vec<_> = tombstones
                .into_iter()
                .map(|one| Tombstone {
                    deleted: true,
                    ..one
                })
                .collect();
            let token = format!("erased-{}", (self.now_ms)());
            self.store
                .insert::<Tombstone>("tombstones", &done, &token)
                .await?;
            let ids = done.iter().map(|one| (one.id, one.erased_at));
            self.control
                .finish_erasures(&site, ids, (self.now_ms)())
                .await?;
        }
        Ok(is_any)
    }
}
