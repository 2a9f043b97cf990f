//! Simulated shoppers: the same seed always gives the same visitors, visits and
//! purchases, down to the bytes of their batches.
//!
//! They speak the wire protocol and nothing else: what they do arrives as a browser's
//! batches do. What each of them did is known, so that an answer about them can be
//! judged.

mod catalog;
mod person;
mod visit;

pub use catalog::{Catalog, Product};
pub use person::Person;
pub use visit::PageLoad;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

/// The source of all chance. PCG's output for a seed is stable across versions.
type Chance = Pcg64Mcg;

/// A shop's visitors.
#[derive(Clone, Debug)]
pub struct Population {
    /// Another seed gives other visitors.
    pub seed: u64,
    /// How many there are.
    pub visitors: u64,
    /// Over how many days their visits spread; pixels send at most 30 days late.
    pub days: u64,
    /// When the last of these days ends, in milliseconds since the epoch.
    pub until_ms: u64,
    /// The site that they visit.
    pub site: String,
    /// The host that they see in the address bar.
    pub host: String,
    /// What the shop sells.
    pub catalog: Catalog,
}

impl Population {
    /// Each visitor with all page loads, in the order they happened.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.visitors).map(|number| self.person(number))
    }

    /// The `number`-th visitor. Doesn't depend on how many there are.
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        // An odd factor spreads the numbers; the generator mixes them.
        let seed = self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Person::simulate(self, &mut Chance::seed_from_u64(seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::batch::Batch;
    use std::collections::HashSet;

    fn population(seed: u64) -> Population {
        Population {
            seed,
            visitors: 200,
            days: 29,
            until_ms: 1_760_000_000_000,
            site: "demo".into(),
            host: "shop.example".into(),
            catalog: Catalog::demo().unwrap(),
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_bytes() {
        let bytes = |seed| -> Vec<Vec<u8>> {
            let people: Vec<_> = population(seed).people().collect();
            people
                .into_iter()
                .flat_map(|person| person.loads.into_iter().map(|load| load.batch))
                .collect()
        };
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
    }

    #[test]
    fn every_batch_is_one_that_the_edge_takes() {
        let population = population(3);
        let span_ms = population.days * 24 * 60 * 60 * 1000;
        let mut tabs = HashSet::new();
        let (mut buyers, mut leavers) = (0, 0);
        for person in population.people() {
            let mut last_ms = 0;
            for load in &person.loads {
                let batch = Batch::decode(&load.batch).unwrap();
                assert!(tabs.insert(batch.header.tab_id), "a tab is one page load");
                assert_eq!(batch.events.len(), load.events);
                for (seq, event) in (0..).zip(&batch.events) {
                    assert_eq!(event.seq, seq);
                    assert!(event.at_ms >= last_ms, "time goes on");
                    assert!(event.at_ms <= population.until_ms);
                    assert!(event.at_ms + span_ms >= population.until_ms);
                    last_ms = event.at_ms;
                }
            }
            buyers += u32::from(person.bought);
            leavers += u32::from(person.added_to_cart && !person.bought);
        }
        assert!(
            buyers > 5 && leavers > 5,
            "{buyers} buyers, {leavers} left a cart"
        );
    }
}
