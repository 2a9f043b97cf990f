//! One visitor: how often they come, and what for.

use super::{
    Chance, Population,
    visit::{self, PageLoad, Purpose},
};
use rand::RngExt as _;

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Browsers as people have them.
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
];

/// A visitor and all they did.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The `User-Agent` of their browser.
    pub user_agent: &'static str,
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
        person.user_agent = BROWSERS
            .get(chance.random_range(0..BROWSERS.len()))
            .copied()
            .unwrap_or_default();
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
