//! What is to happen: which batches there are, how often, in which order and over which way each
//! is sent, and what breaks meanwhile. All of it is drawn from the seed; how long things take isn't.
//!
//! Sendings stand in a row. A stretch of the row is let go, breaks something when a share of it
//! was acknowledged, and then the next is let go: so something always breaks under load.

use crate::chance::{Chance, mixed};
use rand::RngExt as _;
use std::time::Duration;

/// Most times that a batch is sent, unless its sendings fail.
const MOST_COPIES: u32 = 5;
/// Kills for each time that the disk is full, beyond the first.
const KILLS_A_FULL_DISK: u32 = 25;
/// Kills for each time that ClickHouse stands still, which takes more than a minute.
const KILLS_A_FREEZE: u32 = 100;

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Clocks this wrong are believed, with a minute for the way.
const BELIEVED_MS: i64 = 4 * MINUTE_MS;

/// Over which way events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From a browser through the worker.
    Worker,
    /// From another edge, in signed bodies of many.
    Signed,
    /// From a server by its key, as lines of JSON.
    Server,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Worker, Self::Signed, Self::Server];
}

/// A batch that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many events it holds.
    pub events: u8,
    /// By how much the clock of its browser is wrong, in milliseconds.
    pub skew_ms: i64,
}

impl Batch {
    /// Whether the edge takes the browser's clock as it is.
    pub fn clock_is_believed(&self) -> bool {
        self.skew_ms.abs() <= BELIEVED_MS
    }
}

/// One time that a batch is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Its place in the row.
    pub place: u32,
    /// The batch's number.
    pub batch: u32,
    /// Over which way.
    pub way: Way,
    /// Whether it is repeated until it is acknowledged. One of each batch is.
    pub insists: bool,
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The backend is killed; its ClickHouse sees that and ends.
    KillBackend,
    /// ClickHouse is killed; the backend starts it again.
    KillClickHouse,
    /// Both are killed at once.
    KillBoth,
    /// ClickHouse stands still for longer than the backend waits for an insert, and then goes on:
    /// with what the backend gave up, and with what it sends again.
    Freeze,
    /// The disk is full for a while; the backend may be killed meanwhile, and start then.
    FillDisk {
        /// Whether it is.
        and_kill: bool,
    },
}

/// A part of the row, and what breaks in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The first place behind it.
    pub end: u32,
    /// After how many of its events were acknowledged it breaks.
    pub events: u64,
    /// And how long after.
    pub delay: Duration,
    /// What breaks.
    pub fault: Fault,
    /// Whether all has to work again before it goes on.
    pub recovers: bool,
}

/// All that is to happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The batches, by their numbers.
    pub batches: Vec<Batch>,
    /// The row.
    pub sendings: Vec<Sending>,
    /// The stretches, from the row's begin; what is behind them goes undisturbed.
    pub stretches: Vec<Stretch>,
}

impl Plan {
    /// So many events, and so many times that something is killed.
    pub fn draw(seed: u64, kills: u32, events: u64) -> Self {
        let batches = draw_batches(&mut mixed(seed, "batches", 0), events);
        let sendings = draw_sendings(&mut mixed(seed, "sendings", 0), &batches);
        let faults = draw_faults(&mut mixed(seed, "faults", 0), kills);
        let stretches = draw_stretches(&mut mixed(seed, "stretches", 0), &faults, &batches);
        Self {
            batches,
            sendings,
            stretches,
        }
    }

    /// How many events there are.
    pub fn events(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| u64::from(batch.events))
            .sum()
    }

    /// How many kills are to come, and how often the disk is to be full.
    pub fn faults(&self) -> (usize, usize) {
        let count = |is: fn(&Fault) -> bool| {
            let faults = self.stretches.iter().map(|stretch| &stretch.fault);
            faults.filter(|fault| is(fault)).count()
        };
        let is_kill = |fault: &Fault| !matches!(fault, Fault::Freeze | Fault::FillDisk { .. });
        let is_disk = |fault: &Fault| matches!(fault, Fault::FillDisk { .. });
        // A backend that is killed while the disk is full is a kill as well.
        let and_kills = count(|fault| *fault == Fault::FillDisk { and_kill: true });
        (count(is_kill) + and_kills, count(is_disk))
    }
}

fn draw_batches(chance: &mut Chance, events: u64) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut left = events;
    while left > 0 {
        let count = chance.random_range(10..=30).min(left);
        left -= count;
        batches.push(Batch {
            events: u8::try_from(count).unwrap_or(u8::MAX),
            skew_ms: draw_skew(chance),
        });
    }
    batches
}

/// Most clocks are right, some are wrong by hours, and some were never set.
fn draw_skew(chance: &mut Chance) -> i64 {
    let sign = if chance.random_bool(0.5) { 1 } else { -1 };
    sign * match chance.random_range(0..100) {
        0..45 => chance.random_range(0..2_000),
        45..70 => chance.random_range(2_000..BELIEVED_MS),
        70..85 => chance.random_range(10 * MINUTE_MS..12 * HOUR_MS),
        85..97 => chance.random_range(DAY_MS..20 * DAY_MS),
        _ => chance.random_range(100 * DAY_MS..3_000 * DAY_MS),
    }
}

fn draw_sendings(chance: &mut Chance, batches: &[Batch]) -> Vec<Sending> {
    let last = u32::try_from(batches.len()).unwrap_or(u32::MAX);
    let mut sendings = Vec::new();
    for (number, batch) in (0..last).zip(batches) {
        let copies = match chance.random_range(0..100) {
            0..25 => 1,
            25..60 => 2,
            60..80 => 3,
            80..92 => 4,
            _ => MOST_COPIES,
        };
        for copy in 0..copies {
            sendings.push(Sending {
                place: draw_place(chance, number, last),
                batch: number,
                way: draw_way(chance, batch),
                insists: copy == 0,
            });
        }
    }
    sendings.sort_by_key(|sending| sending.place);
    sendings
}

/// Near the others of its number, so that they race; or much later, when it is long stored.
fn draw_place(chance: &mut Chance, number: u32, last: u32) -> u32 {
    let place = match chance.random_range(0..100) {
        0..60 => number.saturating_add(chance.random_range(0..40)),
        60..90 => number.saturating_add(chance.random_range(0..2_000)),
        _ => chance.random_range(number..last),
    };
    place.min(last - 1)
}

/// A server's events have its own clock.
fn draw_way(chance: &mut Chance, batch: &Batch) -> Way {
    match chance.random_range(0..100) {
        0..40 => Way::Worker,
        40..55 if batch.clock_is_believed() => Way::Server,
        _ => Way::Signed,
    }
}

/// Kills, and full disks among them.
fn draw_faults(chance: &mut Chance, kills: u32) -> Vec<Fault> {
    let fills = match kills {
        0 => 0,
        _ => 1 + kills.div_ceil(KILLS_A_FULL_DISK),
    };
    // Every other full disk has one of the kills.
    let mut faults: Vec<Fault> = (0..kills - fills / 2)
        .map(|_| match chance.random_range(0..100) {
            0..45 => Fault::KillBackend,
            45..80 => Fault::KillClickHouse,
            _ => Fault::KillBoth,
        })
        .collect();
    let rare = (0..fills).map(|number| Fault::FillDisk {
        and_kill: number % 2 == 1,
    });
    let freezes = (0..kills / KILLS_A_FREEZE).map(|_| Fault::Freeze);
    for fault in rare.chain(freezes) {
        let place = chance.random_range(0..=faults.len());
        faults.insert(place, fault);
    }
    faults
}

/// As many batches to each fault, and some behind the last.
fn draw_stretches(chance: &mut Chance, faults: &[Fault], batches: &[Batch]) -> Vec<Stretch> {
    let share = |number: usize| batches.len() * number / (faults.len() + 1);
    let stretch = |(number, fault): (usize, &Fault)| {
        let batches = batches.get(share(number)..share(number + 1));
        let batches = batches.unwrap_or_default().iter();
        let events: u64 = batches.map(|batch| u64::from(batch.events)).sum();
        Stretch {
            end: u32::try_from(share(number + 1)).unwrap_or(u32::MAX),
            events: events * chance.random_range(5..80) / 100,
            // At once, for what was acknowledged a moment ago; or later, for what is made of it.
            delay: Duration::from_millis(match chance.random_range(0..3) {
                0 => 0,
                1 => chance.random_range(0..60),
                _ => chance.random_range(0..600),
            }),
            fault: *fault,
            recovers: chance.random_bool(0.7),
        }
    };
    faults.iter().enumerate().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_plan() {
        assert_eq!(Plan::draw(1, 20, 9_000), Plan::draw(1, 20, 9_000));
        assert_ne!(Plan::draw(1, 20, 9_000), Plan::draw(2, 20, 9_000));
    }

    #[test]
    fn each_batch_is_sent_one_to_five_times_and_one_of_them_insists() {
        let plan = Plan::draw(3, 10, 50_000);
        assert_eq!(plan.events(), 50_000);
        let mut sent = vec![(0, 0); plan.batches.len()];
        for sending in &plan.sendings {
            let batch = &plan.batches[sending.batch as usize];
            assert!(sending.way != Way::Server || batch.clock_is_believed());
            let (copies, insists) = &mut sent[sending.batch as usize];
            *copies += 1;
            *insists += u32::from(sending.insists);
        }
        let fits = |(copies, insists): &(u32, u32)| (1..=5).contains(copies) && *insists == 1;
        assert!(sent.iter().all(fits));
        for way in Way::ALL {
            assert!(plan.sendings.iter().any(|sending| sending.way == way));
        }
    }

    #[test]
    fn every_kill_has_its_stretch_of_the_row() {
        let plan = Plan::draw(4, 200, 200_000);
        assert_eq!(plan.faults(), (200, 9));
        let freezes = plan.stretches.iter();
        let freezes = freezes.filter(|stretch| stretch.fault == Fault::Freeze);
        assert_eq!(freezes.count(), 2);
        let ends: Vec<u32> = plan.stretches.iter().map(|stretch| stretch.end).collect();
        assert!(ends.is_sorted() && *ends.last().unwrap() < plan.batches.len() as u32);
        assert!(plan.stretches.iter().all(|stretch| stretch.events > 0));
    }
}
