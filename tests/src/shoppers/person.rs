//! One visitor: how often they come, and what for.

use super::{
    Chance, Population,
    visit::{self, PageLoad, Purpose},
};
use rand::RngExt as _;

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A visitor and all they did.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Every page load, in the order they happened.
    pub loads: Vec<PageLoad>,
    /// Whether they ever put something in the cart.
    pub added_to_cart: bool,
    /// Whether they ever bought.
    pub bought: bool,
}

impl Person {
    pub(super) fn simulate(population: &Population, chance: &mut Chance) -> Self {
        let mut person = Self::default();
        let english = chance.random_bool(0.25);
        for began_ms in visit_times(population, chance) {
            let purpose = match chance.random_range(0..100) {
                0..55 => Purpose::Browse,
                55..70 => Purpose::Search,
                70..88 => Purpose::FillCart,
                _ => Purpose::Buy,
            };
            let visit = visit::simulate(population, chance, began_ms, english, purpose);
            person.added_to_cart |= visit.added_to_cart;
            person.bought |= visit.bought;
            person.loads.extend(visit.loads);
        }
        person
    }
}

/// When the visits begin: mostly one, sometimes many, days apart and by day.
fn visit_times(population: &Population, chance: &mut Chance) -> Vec<u64> {
    let visits = match chance.random_range(0..100) {
        0..50 => 1,
        50..75 => 2,
        75..90 => chance.random_range(3..=4),
        _ => chance.random_range(5..=9),
    };
    let days = population.days.saturating_sub(1).max(1);
    let mut times: Vec<u64> = (0..visits)
        .map(|_| {
            let day = chance.random_range(0..days);
            let time = chance.random_range(7 * HOUR_MS..21 * HOUR_MS);
            population.until_ms - (day + 1) * DAY_MS + time
        })
        .collect();
    times.sort_unstable();
    // Nobody is in the shop twice at once: a visit lasts an hour at most.
    times.dedup_by(|later, earlier| *later - *earlier < 2 * HOUR_MS);
    times
}
