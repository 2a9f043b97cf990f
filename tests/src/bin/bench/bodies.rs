//! Bodies as the queue's consumer posts them: 100 envelopes of some 20 events. Made of a seed,
//! so that every round and every run gets the same, but for the time at which it all happens.

use protocol::{
    envelope::{Envelope, append_to_body},
    id::{TabId, VisitorId},
    limit::BODY_ENVELOPES,
};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use tests::{
    page::{Chance, PageLoad},
    shoppers::Catalog,
    stamp::stamp,
};

/// Events of a body, on average.
pub const BODY_EVENTS: u64 = 2_000;

/// Batches that one visitor sends, on average.
const VISITOR_BATCHES: u64 = 6;
/// How long the events take to happen.
const SPAN_MS: u64 = 60 * 60 * 1000;

/// A body to post.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its bytes, unsigned.
    pub bytes: bytes::Bytes,
    /// What is in it: each envelope is of a tab of its own.
    pub tabs: Vec<Tab>,
}

/// How many events of a tab a body holds.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    /// The tab.
    pub id: u64,
    /// How many.
    pub events: u64,
}

impl Body {
    /// How many events it holds.
    pub fn events(&self) -> u64 {
        self.tabs.iter().map(|tab| tab.events).sum()
    }
}

/// Where bodies come from, each by its number.
#[derive(Clone, Debug)]
pub struct Source {
    /// Another seed gives other events.
    pub seed: u64,
    /// How many bodies are expected; more of them, more visitors.
    pub bodies: u64,
    /// When the last events happened, in milliseconds since the epoch.
    pub until_ms: u64,
    /// What the shop sells.
    pub catalog: Catalog,
}

impl Source {
    /// The `number`-th body, whatever others there are.
    pub fn body(&self, number: u64) -> Body {
        // An odd factor spreads the numbers; the generator mixes them.
        let seed = self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut chance = Chance::seed_from_u64(seed);
        let mut bytes = Vec::new();
        let mut tabs = Vec::with_capacity(BODY_ENVELOPES);
        for _ in 0..BODY_ENVELOPES {
            let tab_id = TabId(chance.next_u64());
            let (envelope, events) = self.envelope(&mut chance, tab_id);
            append_to_body(&mut bytes, &envelope);
            tabs.push(Tab {
                id: tab_id.0,
                events,
            });
        }
        Body {
            bytes: bytes.into(),
            tabs,
        }
    }

    fn envelope(&self, chance: &mut Chance, tab_id: TabId) -> (Vec<u8>, u64) {
        let visitors = (self.bodies * BODY_ENVELOPES as u64 / VISITOR_BATCHES).max(1);
        let visitor = chance.random_range(1..=visitors);
        let began_ms = self.until_ms - chance.random_range(0..SPAN_MS);
        let events = chance.random_range(10..=30);
        let load = PageLoad::simulate(&self.catalog, chance, tab_id, (began_ms, events));
        let times = (load.left_at_ms + 180, load.left_at_ms + 250);
        let envelope = Envelope {
            stamp: stamp(chance, spread(visitor), times),
            payload: &load.batch,
        };
        (envelope.encode(), load.events)
    }
}

/// Visitors' ids lie anywhere, as those that an edge mints.
fn spread(visitor: u64) -> VisitorId {
    let mut mixed = Chance::seed_from_u64(visitor);
    VisitorId::new(mixed.next_u64())
}
