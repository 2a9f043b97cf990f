//! What is kept of a site between one look and the next, and how changes are written.
//!
//! Changes go first, and what they come to follows: after a crash in between the second is made
//! up from the first. An insert of which nobody knows whether it happened is repeated with the
//! same rows; rows of one number are one.

use super::{diff::Move, noted::Taken};
use crate::{
    control::{LiveSegment, SiteSettings},
    store::{Change, Member, Store, StoreError},
};
use std::collections::{BTreeMap, BTreeSet};

/// Most rows that are inserted at once: a reader sees all of them or none.
const MOST_ROWS: usize = 50_000;

/// What is kept of a site.
#[derive(Debug)]
pub struct Kept {
    /// The moment that it holds for, in milliseconds since the epoch.
    pub as_of_ms: i64,
    /// By what it was reckoned.
    pub site: SiteSettings,
    /// What each segment asked: its version, and those of what it uses.
    pub asked: BTreeMap<String, BTreeMap<String, u32>>,
    /// How many are in each segment that ever had somebody.
    pub sizes: BTreeMap<String, u64>,
    /// How often something was lost of what was noted.
    pub losses: u64,
    /// Whether something was lost since the last look.
    pub is_lost: bool,
    /// The latest moment of a fact, in milliseconds since the epoch.
    pub latest_ms: i64,
    /// Of whom something came, and nobody looked yet.
    pub waiting: BTreeSet<u64>,
    /// The number of the last change.
    last: u64,
    /// What is not known to be written.
    unwritten: Vec<Change>,
}

impl Kept {
    /// Reads what was kept before this process began: changes, and what they come to.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn read(store: &Store, site: &SiteSettings) -> Result<Self, StoreError> {
        store.repair_members(&site.slug).await?;
        Ok(Self {
            as_of_ms: i64::MIN,
            site: site.clone(),
            asked: BTreeMap::new(),
            sizes: store.segment_sizes(&site.slug).await?.into_iter().collect(),
            losses: 0,
            is_lost: true,
            latest_ms: 0,
            waiting: BTreeSet::new(),
            last: store.last_change(&site.slug).await?,
            unwritten: Vec::new(),
        })
    }

    /// Takes what was noted.
    pub fn note(&mut self, taken: &Taken) {
        self.waiting.extend(&taken.ids);
        self.latest_ms = self.latest_ms.max(taken.latest_ms);
        self.is_lost |= taken.losses != self.losses;
        self.losses = taken.losses;
    }

    /// Whether questions were reckoned as they are now.
    pub fn is_reckoned_as(&self, site: &SiteSettings) -> bool {
        let by = |site: &SiteSettings| {
            let SiteSettings {
                time_zone,
                currency,
                week_start,
                ..
            } = site;
            (time_zone.clone(), currency.clone(), *week_start)
        };
        by(&self.site) == by(site)
    }

    /// Numbers what moved as of a moment, and writes it.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; [`Kept::write`] is to be tried again.
    pub async fn change(
        &mut self,
        store: &Store,
        moves: Vec<Move>,
        segments: &[LiveSegment],
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let versions: BTreeMap<&str, u32> = segments
            .iter()
            .map(|segment| (&*segment.id, segment.version))
            .collect();
        for one in moves {
            let (segment, person) = one.who;
            self.last += 1;
            self.unwritten.push(Change {
                site: self.site.slug.clone(),
                number: self.last,
                person,
                is_in: one.is_in,
                at: at_ms,
                cause: one.cause.as_str().to_owned(),
                version: versions.get(&*segment).copied().unwrap_or_default(),
                segment,
            });
        }
        self.write(store).await
    }

    /// Writes what is not known to be written.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says; it may be repeated.
    pub async fn write(&mut self, store: &Store) -> Result<(), StoreError> {
        while !self.unwritten.is_empty() {
            let most = self.unwritten.len().min(MOST_ROWS);
            let (rows, _) = self.unwritten.split_at(most);
            let members: Vec<Member> = rows.iter().map(member).collect();
            // No token: it might be known of rows that are not there.
            store.insert_anew::<Change>("segment_changes", rows).await?;
            store
                .insert_anew::<Member>("segment_members", &members)
                .await?;
            for change in self.unwritten.drain(..most) {
                let size = self.sizes.entry(change.segment).or_default();
                *size = size.saturating_add_signed(if change.is_in { 1 } else { -1 });
            }
        }
        Ok(())
    }
}

fn member(change: &Change) -> Member {
    Member {
        site: change.site.clone(),
        person: change.person,
        segment: change.segment.clone(),
        number: change.number,
        is_in: change.is_in,
        since: change.at,
    }
}
