use super::*;
use proptest::prelude::*;
use protocol::batch::Batch as Decoded;
use std::collections::{BTreeMap, BTreeSet};

const NOW: u64 = 1_760_000_000_000;

/// A browser's storage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub entries: BTreeMap<Vec<u8>, Vec<u8>>,
    /// It grants no more entries than this.
    pub room: Option<usize>,
}

impl Store for Shelf {
    fn key(&mut self, n: u32, into: &mut Bytes) -> bool {
        let key = self.entries.keys().nth(n as usize);
        key.map(|key| into.set(key)).is_some()
    }

    fn get(&mut self, key: &[u8], into: &mut Bytes) -> bool {
        self.entries.get(key).map(|entry| into.set(entry)).is_some()
    }

    fn set(&mut self, key: &[u8], entry: &[u8]) -> bool {
        let is_full = self.room.is_some_and(|room| self.entries.len() >= room);
        if is_full && !self.entries.contains_key(key) {
            return false;
        }
        self.entries.insert(key.into(), entry.into());
        true
    }

    fn remove(&mut self, key: &[u8]) {
        self.entries.remove(key);
    }
}

fn queue(tab: u64, shelf: Shelf) -> Box<Queue<Shelf>> {
    let mut queue = Box::new(Queue::new(shelf));
    queue.tab = tab;
    queue
}

/// What follows the queue's own part of a header: no consent, no staff, a visit of nothing,
/// and a page of which the host is given.
fn head(host: &str) -> Box<Bytes> {
    let mut head = Box::new(Bytes::EMPTY);
    head.add(&[0, 0, 1, 1, 1]);
    head.add(&[0; 8]);
    head.push(0);
    head.push(host.len().try_into().unwrap());
    head.add(host.as_bytes());
    head.add(&[0; 7]);
    head
}

/// A search for so many letters.
fn search(letters: usize) -> Box<Bytes> {
    let mut event = Box::new(Bytes::EMPTY);
    event.add(&[0, 3]);
    event.number(letters as u64);
    event.add(&vec![b'a'; letters]);
    event.push(0);
    event
}

fn record(queue: &mut Queue<Shelf>, now_ms: u64, host: &str, letters: usize) {
    queue.append(now_ms, b"demo", &head(host), &[], &search(letters));
}

/// The tab, the seqs and what the header says of losses.
fn contents(bytes: &[u8]) -> (u64, Vec<u32>, (u32, u32)) {
    let batch = Decoded::decode(bytes).unwrap();
    let seqs = batch.events.iter().map(|event| event.seq).collect();
    let header = batch.header;
    (header.tab_id.0, seqs, (header.lost, header.dropped))
}

fn taken(queue: &mut Queue<Shelf>, now_ms: u64) -> Option<(u64, Vec<u32>, (u32, u32))> {
    queue.take(now_ms).map(contents)
}

#[test]
fn events_of_one_page_are_one_batch_until_it_is_taken() {
    let mut queue = queue(7, Shelf::default());
    for host in ["a", "a", "b"] {
        record(&mut queue, NOW, host, 1);
    }
    assert_eq!(taken(&mut queue, NOW), Some((7, vec![0, 1], (0, 0))));
    assert_eq!(taken(&mut queue, NOW), None, "one is under way at a time");
    record(&mut queue, NOW, "a", 1);
    queue.settle(false, false);
    assert_eq!(
        taken(&mut queue, NOW),
        Some((7, vec![0, 1], (0, 0))),
        "it never changes"
    );
    queue.settle(true, false);
    assert_eq!(taken(&mut queue, NOW), Some((7, vec![2], (0, 0))));
    queue.settle(true, false);
    assert_eq!(taken(&mut queue, NOW), Some((7, vec![3], (0, 0))));
    queue.settle(true, false);
    assert!(queue.store.entries.is_empty());
}

#[test]
fn the_first_batch_tells_of_the_page_load_before() {
    let mut before = queue(3, Shelf::default());
    record(&mut before, NOW, "a", 1);
    let mut told = Box::new(Bytes::EMPTY);
    before.tell(&mut told);
    let mut queue = queue(4, before.store);
    for host in ["a", "b"] {
        queue.append(NOW, b"demo", &head(host), told.get(), &search(1));
    }
    let first = Decoded::decode(queue.take(NOW).unwrap()).unwrap();
    let previous = first.header.previous.unwrap();
    assert_eq!((previous.tab_id.0, previous.events), (3, 1));
    queue.settle(true, false);
    assert_eq!(
        Decoded::decode(queue.take(NOW).unwrap())
            .unwrap()
            .header
            .previous,
        None
    );
}

#[test]
fn what_a_dead_tab_left_is_sent_by_another_once_its_lease_ran_out() {
    let mut dead = queue(1, Shelf::default());
    record(&mut dead, NOW, "a", 1);
    let mut other = queue(2, dead.store.clone());
    assert_eq!(taken(&mut other, NOW + LEASE_MS - 1), None);
    let later = NOW + LEASE_MS - 1 + LOOK_MS;
    assert_eq!(taken(&mut other, later), Some((1, vec![0], (0, 0))));
    let mut third = queue(3, other.store.clone());
    assert_eq!(taken(&mut third, later), None, "the second has it in hand");
    other.settle(true, false);
    assert!(other.store.entries.is_empty());
}

#[test]
fn a_living_tab_keeps_its_batches() {
    let mut living = queue(1, Shelf::default());
    record(&mut living, NOW, "a", 1);
    living.renew(NOW + LEASE_MS - 1);
    let mut other = queue(2, living.store.clone());
    assert_eq!(taken(&mut other, NOW + LEASE_MS), None);
}

#[test]
fn a_clock_that_was_set_back_strands_nothing() {
    let mut dead = queue(1, Shelf::default());
    record(&mut dead, NOW + 365 * 24 * 60 * 60 * 1000, "a", 1);
    let mut other = queue(2, dead.store.clone());
    assert_eq!(taken(&mut other, NOW), Some((1, vec![0], (0, 0))));
}

#[test]
fn what_went_by_beacon_waits_until_the_page_is_back() {
    let mut queue = queue(1, Shelf::default());
    record(&mut queue, NOW, "a", 1);
    assert!(queue.take_by_beacon(NOW).is_some());
    assert!(queue.take_by_beacon(NOW).is_none());
    assert_eq!(taken(&mut queue, NOW), None);
    assert_eq!(queue.store.entries.len(), 1, "nobody read that it arrived");
    queue.came_back();
    assert_eq!(taken(&mut queue, NOW), Some((1, vec![0], (0, 0))));
    assert!(queue.take_by_beacon(NOW).is_none(), "it is under way");
}

#[test]
fn what_is_refused_or_too_old_is_dropped_and_counted() {
    let mut queue = queue(1, Shelf::default());
    record(&mut queue, NOW, "a", 1);
    record(&mut queue, NOW, "b", 1);
    assert!(queue.take(NOW).is_some());
    queue.settle(false, true);
    let late = NOW + MAX_AGE_MS + 1;
    record(&mut queue, late, "c", 1);
    assert_eq!(
        taken(&mut queue, late).unwrap().1,
        [2],
        "the second grew too old"
    );
    queue.settle(true, false);
    record(&mut queue, late, "d", 1);
    assert_eq!(taken(&mut queue, late), Some((1, vec![3], (0, 2))));
}

#[test]
fn what_finds_no_room_is_counted_and_the_count_is_sent() {
    let mut queue = queue(1, Shelf::default());
    for n in 0..MOST_BATCHES + 3 {
        record(&mut queue, NOW, &n.to_string(), 1);
    }
    // One that is larger than a batch.
    record(&mut queue, NOW, "0", BATCH_BYTES - 100);
    assert!(queue.take(NOW).is_some());
    queue.settle(true, false);
    record(&mut queue, NOW, "after", 1);
    for _ in 1..MOST_BATCHES {
        assert!(queue.take(NOW).is_some());
        queue.settle(true, false);
    }
    let seq = u32::try_from(MOST_BATCHES).unwrap() + 4;
    assert_eq!(taken(&mut queue, NOW), Some((1, vec![seq], (4, 0))));
}

#[test]
fn without_storage_memory_serves() {
    let shelf = Shelf {
        room: Some(0),
        ..Shelf::default()
    };
    let mut queue = queue(1, shelf);
    for host in ["a", "b"] {
        record(&mut queue, NOW, host, 1);
    }
    assert_eq!(taken(&mut queue, NOW).unwrap().1, [0]);
    queue.settle(true, false);
    queue.store.room = None;
    queue.renew(NOW);
    assert_eq!(queue.store.entries.len(), 1, "now there is room for a copy");
    assert_eq!(taken(&mut queue, NOW).unwrap().1, [1]);
}

#[test]
fn tabs_leave_the_shop_its_storage() {
    let mut shelf = Shelf::default();
    for tab in 0..4 {
        let mut queue = queue(tab, shelf);
        for n in 0..8 {
            record(&mut queue, NOW, &n.to_string(), 1);
        }
        shelf = queue.store;
    }
    assert_eq!(shelf.entries.len(), MOST_BATCHES);
}

#[test]
fn strange_entries_are_cleared_away() {
    let mut shelf = Shelf::default();
    for (key, entry) in [
        ("crumb.q.", ""),
        ("crumb.q.x", "hello"),
        ("crumb.q.aaaaaaaaaaaaaaaaaaaa", "\u{1}\u{1}\u{1}\u{1}"),
    ] {
        shelf.set(key.as_bytes(), entry.as_bytes());
    }
    shelf.set(b"cart", b"the shop's own");
    let mut queue = queue(1, shelf);
    assert_eq!(taken(&mut queue, NOW), None);
    assert_eq!(queue.store.entries.keys().collect::<Vec<_>>(), [b"cart"]);
}

#[derive(Clone, Debug)]
enum Step {
    Record {
        host: u8,
        letters: usize,
    },
    Send {
        taken: bool,
        refused: bool,
    },
    Beacon,
    Back,
    /// The tab dies, and another is opened later.
    Die,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u8, 0..1_000_usize).prop_map(|(host, letters)| Step::Record { host, letters }),
        3 => (any::<bool>(), any::<bool>())
            .prop_map(|(taken, refused)| Step::Send { taken, refused: refused && !taken }),
        1 => Just(Step::Beacon),
        1 => Just(Step::Back),
        1 => Just(Step::Die),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens: every event is received, or waits, or is accounted for as lost or
    /// dropped; and no seq is missing without that.
    #[test]
    fn nothing_is_lost_without_being_counted(steps in prop::collection::vec(step(), 1..80)) {
        let (mut now, mut tab) = (NOW, 1);
        let mut q = queue(tab, Shelf::default());
        let mut recorded = BTreeSet::new();
        let mut received = BTreeSet::new();
        let mut seq = 0;
        for step in steps {
            now += 1_000;
            match step {
                Step::Record { host, letters } => {
                    let before = q.lost;
                    record(&mut q, now, &host.to_string(), letters);
                    if q.lost == before {
                        recorded.insert((tab, seq));
                    }
                    seq += 1;
                }
                Step::Send { taken, refused } => {
                    if let Some(bytes) = q.take(now) {
                        let (tab, seqs, _) = contents(bytes);
                        if taken {
                            received.extend(seqs.iter().map(|seq| (tab, *seq)));
                        }
                        if refused {
                            for seq in seqs {
                                recorded.remove(&(tab, seq));
                            }
                        }
                        q.settle(taken, refused);
                    }
                }
                Step::Beacon => {
                    // One in two arrives.
                    if let Some(bytes) = q.take_by_beacon(now)
                        && now % 2 == 0
                    {
                        let (tab, seqs, _) = contents(bytes);
                        received.extend(seqs.iter().map(|seq| (tab, *seq)));
                    }
                }
                Step::Back => q.came_back(),
                Step::Die => {
                    // What had no copy dies with it; its seqs are a gap that others see.
                    for batch in q.batches.iter().filter(|batch| batch.events > 0 && batch.lease_ms == 0) {
                        let (tab, seqs, _) = contents(batch.bytes.get());
                        for seq in seqs {
                            recorded.remove(&(tab, seq));
                        }
                    }
                    tab += 1;
                    seq = 0;
                    now += LEASE_MS;
                    let shelf = std::mem::take(&mut q.store);
                    q = queue(tab, shelf);
                }
            }
        }
        // In the end the network is back, and everything goes out.
        for _ in 0..200 {
            now += LOOK_MS + LEASE_MS;
            q.came_back();
            if let Some(bytes) = q.take(now) {
                let (tab, seqs, _) = contents(bytes);
                received.extend(seqs.iter().map(|seq| (tab, *seq)));
                q.settle(true, false);
            }
        }
        prop_assert!(recorded.is_subset(&received), "{:?}", recorded.difference(&received));
        prop_assert!(q.store.entries.is_empty());
    }
}
