//! A batch with what is known of its events: made of the seed and its number whenever it is sent.

use crate::{
    chance::mixed,
    plan::{self, Plan},
};
use anyhow::{Context as _, Result};
use protocol::{
    batch::Batch,
    id::{EventId, Site, TabId},
};
use rand::{Rng as _, RngExt as _};
use std::sync::Arc;
use tests::{
    page::{PageLoad, SITE},
    shoppers::Catalog,
};

/// The longest that a page load lasts, and some.
const LONGEST_MS: u64 = 5 * 60 * 1000;
const HOUR_MS: u64 = 60 * 60 * 1000;
/// How old events are at most: not yet too old, and mostly of two months.
const OLDEST_MS: u64 = 28 * 24 * HOUR_MS;

/// A sealed batch.
pub struct Parcel {
    /// Its number in the plan.
    pub number: u32,
    /// Its tab, which has no other batch.
    pub tab_id: TabId,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its events, by their seq.
    pub events: Vec<Event>,
    /// What the plan says of it.
    pub plan: plan::Batch,
}

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it happened, by the browser's clock, in milliseconds since the epoch.
    pub at_ms: u64,
    /// Its type.
    pub kind: &'static str,
}

impl Event {
    /// The id that it has wherever it comes from.
    pub fn id(&self, tab_id: TabId, seq: u32) -> Result<u128> {
        let site = Site::new(SITE).context("the site's name")?;
        Ok(EventId::derive(self.at_ms, site, tab_id, seq).0)
    }
}

/// Where they come from.
pub struct Source {
    /// The run's seed.
    pub seed: u64,
    /// What is to be sent.
    pub plan: Arc<Plan>,
    /// When the run began, in milliseconds since the epoch: all has happened before.
    pub until_ms: u64,
    /// What the shop sells.
    pub catalog: Catalog,
}

impl Source {
    /// The batch of that number.
    pub fn parcel(&self, number: u32) -> Result<Parcel> {
        let plan = self.plan.batches.get(number as usize);
        let plan = *plan.context("there is no such batch")?;
        let mut chance = mixed(self.seed, "parcels", number.into());
        let tab_id = TabId(chance.next_u64());
        let age_ms = match chance.random_range(0..5) {
            0 => chance.random_range(0..OLDEST_MS),
            _ => chance.random_range(0..HOUR_MS),
        };
        let began_ms = (self.until_ms - LONGEST_MS - age_ms).saturating_add_signed(plan.skew_ms);
        let did = (began_ms, plan.events.into());
        let load = PageLoad::simulate(&self.catalog, &mut chance, tab_id, did);
        let batch = Batch::decode(&load.batch).context("a batch of ours")?;
        let events = batch.events.iter().map(|event| Event {
            at_ms: event.at_ms,
            kind: event.action.type_name(),
        });
        Ok(Parcel {
            number,
            tab_id,
            events: events.collect(),
            bytes: load.batch,
            plan,
        })
    }
}
