use super::*;
use crate::memory::Memory;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use protocol::{
    batch::{Batch, Consent, Header, Origin, Page, Session, begin, encode_event},
    event::{Action, Event},
    id::SessionId,
};
use std::collections::BTreeMap;

const NOW: u64 = 1_760_000_000_000;

fn header(tab: TabId, lost: u32) -> Vec<u8> {
    begin(&Header {
        site: "demo",
        tab_id: tab,
        previous: None,
        lost,
        consent: Consent::Unset,
        session: Session {
            id: SessionId(1),
            started_at_ms: NOW,
            origin: Origin::default(),
        },
        page: Page::default(),
    })
}

fn search(seq: u32, term: &str) -> Vec<u8> {
    encode_event(&Event {
        seq,
        at_ms: NOW,
        session_start: false,
        action: Action::Search { term },
        props: vec![],
    })
}

fn record<S: Store>(queue: &mut Queue<S>, now: u64, term: &str) {
    let tab = queue.tab;
    queue.append(now, |lost, _| header(tab, lost), |seq| search(seq, term));
}

/// Every (tab, seq) in a batch, and the losses that it reports.
fn contents(bytes: &[u8]) -> (u64, Vec<u32>, u32) {
    let batch = Batch::decode(bytes).unwrap();
    let seqs = batch.events.iter().map(|event| event.seq).collect();
    (batch.header.tab_id.0, seqs, batch.header.lost)
}

#[test]
fn events_of_one_page_are_one_batch_until_it_is_sealed() {
    let mut queue = Queue::new(Memory::default(), TabId(7));
    (0..3).for_each(|_| record(&mut queue, NOW, "a"));
    assert_eq!(queue.take(NOW, &[]), None, "it is still open");
    queue.seal();
    record(&mut queue, NOW, "b");
    queue.seal();
    let first = queue.take(NOW, &[]).unwrap();
    assert_eq!(contents(&first.bytes), (7, vec![0, 1, 2], 0));
    let second = queue.take(NOW, std::slice::from_ref(&first.key)).unwrap();
    assert_eq!(contents(&second.bytes), (7, vec![3], 0));
    assert_eq!(
        queue.take(NOW, &[]),
        Some(first.clone()),
        "it stays until settled"
    );
    queue.settle(&first);
    assert_eq!(queue.take(NOW, &[]), Some(second));
}

#[test]
fn what_a_dead_tab_left_is_sent_by_another_once_its_lease_ran_out() {
    let mut dead = Queue::new(Memory::default(), TabId(1));
    record(&mut dead, NOW, "left behind");
    let mut other = Queue::new(dead.store, TabId(2));
    assert_eq!(other.take(NOW + LEASE_MS - 1, &[]), None);
    let taken = other.take(NOW + LEASE_MS, &[]).unwrap();
    assert_eq!(contents(&taken.bytes), (1, vec![0], 0));
    let mut third = Queue::new(other.store, TabId(3));
    assert_eq!(
        third.take(NOW + LEASE_MS, &[]),
        None,
        "the second has it in hand"
    );
}

#[test]
fn an_event_appended_while_another_tab_sent_the_batch_is_not_lost() {
    // The lease ran out while the machine slept; then both tabs wake up.
    let woken = NOW + LEASE_MS;
    let mut asleep = Queue::new(Memory::default(), TabId(1));
    record(&mut asleep, NOW, "before");
    let mut other = Queue::new(asleep.store, TabId(2));
    let taken = other.take(woken, &[]).unwrap();
    asleep.store = other.store;
    record(&mut asleep, woken, "after");
    other = Queue::new(asleep.store, TabId(2));
    other.settle(&taken);
    let left = other.take(woken + LEASE_MS, &[]).unwrap();
    assert_eq!(contents(&left.bytes), (1, vec![0, 1], 0));
}

#[test]
fn a_living_tab_keeps_its_batches() {
    let mut living = Queue::new(Memory::default(), TabId(1));
    record(&mut living, NOW, "mine");
    living.renew(NOW + LEASE_MS - 1);
    let mut other = Queue::new(living.store, TabId(2));
    assert_eq!(other.take(NOW + LEASE_MS, &[]), None);
}

#[test]
fn a_clock_that_was_set_back_strands_nothing() {
    let mut dead = Queue::new(Memory::default(), TabId(1));
    record(
        &mut dead,
        NOW + 365 * 24 * 60 * 60 * 1000,
        "from the future",
    );
    let mut other = Queue::new(dead.store, TabId(2));
    assert!(other.take(NOW, &[]).is_some());
}

#[test]
fn entries_that_are_no_batches_are_removed() {
    let mut store = Memory::default();
    for (key, text) in [
        ("crumb.q.1.1", "no lease"),
        ("crumb.q.1.2", "0:ש"),
        ("mine", "0:a"),
    ] {
        store.set(key, text);
    }
    let mut queue = Queue::new(store, TabId(2));
    assert_eq!(queue.take(NOW, &[]), None);
    assert_eq!(queue.store.keys(), ["mine"]);
}

#[test]
fn an_event_too_large_for_any_batch_is_lost_and_counted() {
    let mut queue = Queue::new(Memory::default(), TabId(1));
    record(&mut queue, NOW, &"x".repeat(BATCH_BYTES));
    record(&mut queue, NOW, "small");
    queue.seal();
    assert_eq!(
        contents(&queue.take(NOW, &[]).unwrap().bytes),
        (1, vec![1], 1)
    );
}

#[test]
fn the_queue_has_a_bound_and_counts_what_is_beyond() {
    let mut queue = Queue::new(Memory::default(), TabId(1));
    let term = "t".repeat(1000);
    (0..800).for_each(|_| record(&mut queue, NOW, &term));
    queue.seal();
    assert!(queue.lost > 200, "{} lost", queue.lost);
    let waiting: usize = queue
        .store
        .keys()
        .iter()
        .map(|key| queue.store.get(key).unwrap().chars().count())
        .sum();
    assert!(
        waiting <= QUEUE_BYTES && waiting > QUEUE_BYTES - 2000,
        "{waiting}"
    );
    let first = queue.take(NOW, &[]).unwrap();
    queue.settle(&first);
    let lost = queue.lost;
    record(&mut queue, NOW, "there is room again");
    queue.seal();
    let mut last = None;
    while let Some(batch) = queue.take(NOW, &[]) {
        queue.settle(&batch);
        last = Some(contents(&batch.bytes).2);
    }
    assert_eq!(last, Some(lost), "the next batch says how many were lost");
}

/// A store with room for so many characters.
struct Cramped(Memory, usize);

impl Store for Cramped {
    fn keys(&self) -> Vec<String> {
        self.0.keys()
    }
    fn get(&self, key: &str) -> Option<String> {
        self.0.get(key)
    }
    fn set(&mut self, key: &str, text: &str) -> bool {
        let others = self.0.keys().into_iter().filter(|k| k != key);
        let used: usize = others.filter_map(|k| self.0.get(&k)).map(|t| t.len()).sum();
        used + text.len() <= self.1 && self.0.set(key, text)
    }
    fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Record(usize),
    Seal,
    Deliver,
    NewTab,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..900_usize).prop_map(Step::Record),
        1 => Just(Step::Seal),
        1 => Just(Step::Deliver),
        1 => Just(Step::NewTab),
    ]
}

proptest! {
    /// Whatever happens, every event is delivered unchanged or reported as lost, and
    /// within the bounds nothing is lost.
    #[test]
    fn every_event_arrives_or_is_counted(
        steps in prop::collection::vec(step(), 1..120),
        room in prop_oneof![Just(usize::MAX), 1_000..30_000_usize],
    ) {
        let mut now = NOW;
        let mut tab = 1;
        let mut queue = Queue::new(Cramped(Memory::default(), room), TabId(tab));
        let mut recorded = BTreeMap::new();
        let mut arrived: BTreeMap<u64, (Vec<u32>, u32)> = BTreeMap::new();
        let mut lost = BTreeMap::new();
        let deliver = |queue: &mut Queue<Cramped>, now, arrived: &mut BTreeMap<u64, (Vec<u32>, u32)>| {
            while let Some(sealed) = queue.take(now, &[]) {
                let (tab, seqs, lost) = contents(&sealed.bytes);
                let entry = arrived.entry(tab).or_default();
                entry.0.extend(seqs);
                entry.1 = entry.1.max(lost);
                queue.settle(&sealed);
            }
        };
        for step in steps {
            now += 1_000;
            match step {
                Step::Record(size) => record(&mut queue, now, &"t".repeat(size)),
                Step::Seal => queue.seal(),
                Step::Deliver => deliver(&mut queue, now, &mut arrived),
                Step::NewTab => {
                    recorded.insert(tab, queue.recorded());
                    lost.insert(tab, queue.lost);
                    tab += 1;
                    queue = Queue::new(queue.store, TabId(tab));
                }
            }
        }
        queue.seal();
        recorded.insert(tab, queue.recorded());
        lost.insert(tab, queue.lost);
        deliver(&mut queue, now + LEASE_MS, &mut arrived);
        for (tab, recorded) in recorded {
            let (mut seqs, reported) = arrived.remove(&tab).unwrap_or_default();
            let delivered = seqs.len();
            seqs.sort_unstable();
            seqs.dedup();
            prop_assert_eq!(seqs.len(), delivered, "nothing arrived twice");
            prop_assert_eq!(delivered + lost[&tab] as usize, recorded as usize);
            prop_assert!(reported <= lost[&tab]);
            if room == usize::MAX {
                prop_assert_eq!(lost[&tab], 0);
            }
        }
    }
}
