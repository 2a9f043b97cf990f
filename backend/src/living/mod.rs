//! Living segments: who is in which, kept up to date as events come and as time passes.
//!
//! Every 30 seconds the keeper looks at each site. Only people who may have changed are asked
//! about: those of whom something came, which the drainer [notes](noted), and those over whose
//! facts the bound of a window moved, which is worked out by [`edges`]. Of these it asks
//! [`memberships`](segment::memberships), compares the answer with what it [keeps](keep), and
//! writes the [difference](diff) as changes, each with a number, a moment and a cause.
//!
//! Everyone is asked about after a start, where a segment was made or changed, where something
//! that was noted is lost, and where more than 100,000 ids may have changed. A change made twice
//! or none at all can't be: what is compared with is what was written.

mod diff;
mod edges;
mod falling;
pub(crate) mod keep;
pub(crate) mod look;
pub(crate) mod noted;
#[cfg(test)]
mod tests;

pub use diff::Cause;
pub use noted::Noted;

use crate::{
    control::{Control, ControlError, SiteSettings},
    ingest::drain::DrainState,
    metrics::seconds,
    segment,
    store::{Bounds, Store, StoreError},
};
use diff::Move;
use keep::Kept;
use look::Look;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};
use tokio::sync::{Mutex, watch};
use tracing::warn;

/// How often is looked.
pub const EVERY: Duration = Duration::from_secs(30);

/// How many are in a site's segments, by their ids; nothing of a site before the first look.
#[derive(Clone, Debug, Default)]
pub struct Sizes(Arc<Lock<HashMap<String, BTreeMap<String, u64>>>>);

impl Sizes {
    /// Those of a site; nothing where they are not known yet.
    #[must_use]
    pub fn of(&self, site: &str) -> Option<BTreeMap<String, u64>> {
        let sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.get(site).cloned()
    }

    fn set(&self, site: &str, of_site: &BTreeMap<String, u64>) {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.insert(site.to_owned(), of_site.clone());
    }
}

/// Why memberships are not up to date.
#[derive(Debug, thiserror::Error)]
pub enum LivingError {
    /// ClickHouse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The control data.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A definition that can't be asked, which a live one always can.
    #[error("a live segment can't be asked, at `{}`: {}", .0.pointer, .0.message)]
    Invalid(segment::Invalid),
}

/// What keeps memberships.
pub struct Keeper {
    /// Where segments are.
    pub control: Control,
    /// Where facts and memberships are.
    pub store: Store,
    /// Of whom something came.
    pub noted: Arc<Noted>,
    /// Is told how many are in.
    pub sizes: Sizes,
    /// What a question may cost.
    pub bounds: Bounds,
    kept: HashMap<String, Kept>,
    erasing: HashMap<String, BTreeSet<u64>>,
}

impl Keeper {
    /// One that has looked at nothing yet.
    #[must_use]
    pub fn new(
        control: Control,
        store: Store,
        noted: Arc<Noted>,
        sizes: Sizes,
        bounds: Bounds,
    ) -> Self {
        Self {
            control,
            store,
            noted,
            sizes,
            bounds,
            kept: HashMap::new(),
            erasing: HashMap::new(),
        }
    }

    /// Brings the memberships of a site up to a moment, in milliseconds since the epoch.
    ///
    /// # Errors
    /// [`LivingError`]; what was noted is kept, and nothing is half done that the next look
    /// doesn't end.
    pub async fn look(&mut self, site: &SiteSettings, as_of_ms: i64) -> Result<(), LivingError> {
        let mut kept = match self.kept.remove(&site.slug) {
            Some(kept) => kept,
            None => Kept::read(&self.store, site).await?,
        };
        let looked = self.look_at(&mut kept, site, as_of_ms).await;
        self.sizes.set(&site.slug, &kept.sizes);
        self.kept.insert(site.slug.clone(), kept);
        looked
    }

    async fn look_at(
        &self,
        kept: &mut Kept,
        site: &SiteSettings,
        as_of_ms: i64,
    ) -> Result<(), LivingError> {
        let taken = self.noted.take(&site.slug);
        kept.note(&taken);
        let nobody = BTreeSet::new();
        let (live, known) = self.control.live_segments(site).await?;
        let look = Look {
            store: &self.store,
            bounds: self.bounds,
            site,
            settings: site.reckoning()?,
            live,
            known,
            as_of_ms,
            erasing: self.erasing.get(&site.slug).unwrap_or(&nobody),
        };
        let people = Box::pin(look.bring_up(kept)).await?;
        metrics::counter!("crumbtrail_living_people_total").increment(people);
        Ok(())
    }
}

impl Keeper {
    /// Lets people leave all segments because they are erased, at a moment in milliseconds since
    /// the epoch, and lets them into none until [`Keeper::erased`]. To be said before what is
    /// stored of them is deleted.
    ///
    /// # Errors
    /// [`LivingError`]; it may be repeated.
    pub async fn erase(&mut self, slug: &str, ids: &[u64], at_ms: i64) -> Result<(), LivingError> {
        let of_site = self.erasing.entry(slug.to_owned()).or_default();
        of_site.extend(ids);
        let site = self.control.site(slug).await?;
        let kept = match self.kept.entry(slug.to_owned()) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(none) => none.insert(Kept::read(&self.store, &site).await?),
        };
        kept.write(&self.store).await?;
        let who = self.store.kept_of(slug, ids).await?.into_iter();
        let moves = who.map(|who| Move {
            who,
            is_in: false,
            cause: Cause::Erased,
        });
        let (live, _) = self.control.live_segments(&site).await?;
        kept.change(&self.store, moves.collect(), &live, at_ms)
            .await?;
        self.sizes.set(slug, &kept.sizes);
        Ok(())
    }

    /// Says that what was stored of people is deleted: what came of them since counts.
    pub fn erased(&mut self, slug: &str, ids: &[u64]) {
        if let Some(erasing) = self.erasing.get_mut(slug) {
            erasing.retain(|id| !ids.contains(id));
        }
        self.noted.note(slug, ids.iter().map(|id| (*id, 0)));
    }
}

/// Keeps the memberships of all sites up to date, once the tables are there. Never ends.
pub async fn run(
    keeper: Arc<Mutex<Keeper>>,
    mut drain: watch::Receiver<DrainState>,
    now_ms: fn() -> u64,
) {
    // What was spooled before comes first; where the drainer is gone, so is the backend.
    let _ = drain.wait_for(|state| *state == DrainState::Running).await;
    loop {
        let began_ms = now_ms();
        let behind_ms = keeper.lock().await.round(now_ms).await;
        let took_ms = now_ms().saturating_sub(began_ms);
        metrics::histogram!("crumbtrail_living_round_seconds").record(seconds(took_ms));
        metrics::gauge!("crumbtrail_living_lag_seconds").set(seconds(behind_ms));
        tokio::time::sleep(EVERY.saturating_sub(Duration::from_millis(took_ms))).await;
    }
}

impl Keeper {
    /// Looks at all sites. Gives how old the oldest of their memberships are, in milliseconds.
    async fn round(&mut self, now_ms: fn() -> u64) -> u64 {
        let sites = match self.control.sites().await {
            Ok(sites) => sites,
            Err(problem) => {
                warn!("the sites could not be read: {problem}");
                Vec::new()
            }
        };
        for site in &sites {
            let as_of_ms = i64::try_from(now_ms()).unwrap_or(i64::MAX);
            if let Err(problem) = Box::pin(self.look(site, as_of_ms)).await {
                metrics::counter!("crumbtrail_living_failures_total").increment(1);
                warn!(
                    "who is in the segments of `{}` is not up to date: {problem}",
                    site.slug
                );
            }
        }
        let oldest = self.kept.values().map(|kept| kept.as_of_ms).min();
        let oldest = oldest.and_then(|ms| u64::try_from(ms).ok());
        oldest.map_or(0, |oldest| now_ms().saturating_sub(oldest))
    }
}
