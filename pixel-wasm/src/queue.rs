//! The unsent: batches that wait until they are acknowledged.
//!
//! A tab holds its batches in memory, and keeps a copy of each in the browser's storage, so
//! that another tab can send what a dead one left. Where storage is refused or full, memory
//! serves as long as the page lasts.
//!
//! A copy is one entry, `crumb.q.<tab>.<n>`, so that tabs never write over each other. It
//! says until when the batch is in somebody's hands: its lease. A living tab renews the
//! leases of its own; that is a courtesy, not a lock: a batch sent twice is counted once.
//!
//! A tab's latest batch may be open. It is at every moment a whole batch.

use crate::bytes::{Bytes, hash, take_number};
use protocol::{
    limit::{BATCH_BYTES, BATCH_EVENTS},
    write,
};

/// Where the browser remembers things: its localStorage. Keys are ASCII.
pub trait Store {
    /// Reads the key of the n-th entry; false where there are not so many.
    fn key(&mut self, n: u32, key: &mut Bytes) -> bool;
    /// Reads an entry; false, and nothing is read, where there is none.
    fn get(&mut self, key: &[u8], entry: &mut Bytes) -> bool;
    /// Writes an entry; false where there is no room, or no storage.
    fn set(&mut self, key: &[u8], entry: &[u8]) -> bool;
    /// Removes an entry.
    fn remove(&mut self, key: &[u8]);
}

/// All keys of unsent batches begin so.
const PREFIX: &[u8] = b"crumb.q.";

/// A batch is left alone for this long after it was last touched: longer than a request
/// may take, and than the minute between two ticks of a tab in the background.
pub const LEASE_MS: u64 = 150_000;

/// A batch of this many bytes is sealed, well below the protocol's bound so that
/// one more event of any size that fits a batch at all finds room in the next.
const SEAL_BYTES: usize = 16 * 1024;

/// A batch and what stands before it in an attempt fit into [`Bytes`].
const MOST_BYTES: usize = BATCH_BYTES - 512;

/// Most batches that wait in a tab, and most copies that all tabs keep: some 200 KiB with
/// events of the usual size. Shops need their storage for themselves.
pub const MOST_BATCHES: usize = 12;

/// A batch that is older is given up: the backend refuses events of 30 days.
pub const MAX_AGE_MS: u64 = 29 * 24 * 60 * 60 * 1000;

/// How often a tab looks for what others left.
pub const LOOK_MS: u64 = 30_000;

/// The queue of one tab, and of what it found of other tabs'.
#[derive(Debug)]
pub struct Queue<S> {
    /// Where copies are kept.
    pub store: S,
    /// The tab's id.
    pub tab: u64,
    next_seq: u64,
    lost: u64,
    dropped: u64,
    begun: u64,
    batches: [Batch; MOST_BATCHES],
    look_again_at_ms: u64,
    /// Which was taken to be sent, and is not settled.
    in_flight: Option<usize>,
    /// The event being appended, and entries and keys on their way to and from the store.
    event: Bytes,
    entry: Bytes,
    key: Bytes,
}

/// A batch, or room for one.
#[derive(Debug)]
struct Batch {
    /// 0 where there is none.
    events: u64,
    tab: u64,
    /// Its number among those of its tab.
    number: u64,
    bytes: Bytes,
    /// Where what follows the queue's own part of the header begins and ends.
    head: (usize, usize),
    born_ms: u64,
    /// Until when the copy is in this tab's hands; 0 where there is none.
    lease_ms: u64,
    sealed: bool,
    /// It went by beacon since the page was last in view.
    beaconed: bool,
}

impl<S: Store> Queue<S> {
    /// Nothing waits.
    pub const fn new(store: S) -> Self {
        Self {
            store,
            tab: 0,
            next_seq: 0,
            lost: 0,
            dropped: 0,
            begun: 0,
            batches: [const { Batch::NONE }; MOST_BATCHES],
            look_again_at_ms: 0,
            in_flight: None,
            event: Bytes::EMPTY,
            entry: Bytes::EMPTY,
            key: Bytes::EMPTY,
        }
    }

    /// So many events were lost before they came here.
    pub fn lose(&mut self, events: u64) {
        self.next_seq += events;
        self.lost += events;
    }

    /// Writes the tab and how many events it has had, for the next page load to tell of.
    pub fn tell(&self, out: &mut Bytes) {
        out.number(self.tab);
        out.number(self.next_seq);
    }

    /// Appends an event: to the open batch, if its head is the same, else to a new one.
    ///
    /// `previous` is what [`tell`](Self::tell) wrote on the page load before; it goes into
    /// the first batch. An event for which there is no room consumes its seq and is counted.
    pub fn append(
        &mut self,
        now_ms: u64,
        site: &[u8],
        head: &Bytes,
        previous: &[u8],
        event: &Bytes,
    ) {
        self.event.truncate(0);
        self.event.number(self.next_seq);
        self.event.number(now_ms);
        self.event.add(event.get());
        self.next_seq += 1;
        let length = self.event.written();
        // What overflowed has no bytes.
        let is_whole = !event.has_overflown() && !head.has_overflown();
        let (mut open, mut free) = (None, None);
        for (place, batch) in self.batches.iter().enumerate() {
            if batch.events == 0 {
                free = Some(place);
            } else if batch.takes(self.tab, head.get(), length) {
                open = Some(place);
            }
        }
        let is_new = open.is_none();
        if is_new && let Some(batch) = free.and_then(|free| self.batches.get_mut(free)) {
            batch.sealed = false;
            batch.tab = self.tab;
            batch.number = self.begun;
            batch.born_ms = now_ms;
            batch.lease_ms = 0;
            let bytes = &mut batch.bytes;
            bytes.set(write::BATCH);
            bytes.number(site.len() as u64);
            bytes.add(site);
            bytes.number(self.tab);
            let tells = self.begun == 0 && !previous.is_empty();
            bytes.push(tells.into());
            if tells {
                bytes.add(previous);
            }
            bytes.number(self.lost);
            bytes.number(self.dropped);
            batch.head.0 = bytes.written();
            bytes.add(head.get());
            batch.head.1 = bytes.written();
        }
        let place = open.or(free);
        if let Some(place) = place
            && let Some(batch) = self.batches.get_mut(place)
            && is_whole
            && batch.bytes.written() + length <= MOST_BYTES
        {
            batch.bytes.add(self.event.get());
            batch.events += 1;
            if is_new {
                self.begun += 1;
            }
            if is_new || batch.lease_ms > 0 {
                self.keep(place, now_ms);
            }
        } else {
            self.lost += 1;
        }
    }

    /// Ends the growth of all batches: the next event begins another.
    pub fn seal(&mut self) {
        for batch in &mut self.batches {
            batch.sealed = true;
        }
    }

    /// Takes a batch to send, the oldest of its own first; or, from time to time, one that
    /// another tab left. It stays in the queue until it is [settled](Self::settle); until
    /// then there is no next.
    pub fn take(&mut self, now_ms: u64) -> Option<&[u8]> {
        if self.in_flight.is_some() {
            return None;
        }
        if self.oldest(now_ms).is_none() && now_ms >= self.look_again_at_ms {
            self.look_again_at_ms = now_ms + LOOK_MS;
            self.look(now_ms);
        }
        self.in_flight = self.oldest(now_ms);
        let batch = self.batches.get_mut(self.in_flight?)?;
        batch.sealed = true;
        Some(batch.bytes.get())
    }

    /// Takes the next that is neither in flight nor went by beacon: the page may never be
    /// seen again. Nobody will read that it arrived, so it stays in the queue.
    pub fn take_by_beacon(&mut self, now_ms: u64) -> Option<&[u8]> {
        let place = self.oldest(now_ms)?;
        let batch = self.batches.get_mut(place)?;
        batch.sealed = true;
        batch.beaconed = true;
        Some(batch.bytes.get())
    }

    /// The oldest that is neither in flight nor went by beacon. What is too old is given up.
    fn oldest(&mut self, now_ms: u64) -> Option<usize> {
        let (mut oldest, mut number) = (None, u64::MAX);
        for place in 0..MOST_BATCHES {
            if let Some(batch) = self.batches.get(place)
                && batch.events > 0
                && !batch.beaconed
                && self.in_flight != Some(place)
            {
                if now_ms.saturating_sub(batch.born_ms) > MAX_AGE_MS {
                    self.leave(place, true);
                } else if batch.number < number {
                    number = batch.number;
                    oldest = Some(place);
                }
            }
        }
        oldest
    }

    /// The page is in view again: what went by beacon is sent once more, to be answered.
    pub fn came_back(&mut self) {
        for batch in &mut self.batches {
            batch.beaconed = false;
        }
    }

    /// The batch in flight was answered. It leaves the queue if it was taken, or refused
    /// for good, which counts as dropped; else it stays for another try.
    pub fn settle(&mut self, taken: bool, refused: bool) {
        if let Some(place) = self.in_flight.take()
            && (taken || refused)
        {
            self.leave(place, refused);
        }
    }

    /// A batch leaves the queue. There may be more where it came from.
    fn leave(&mut self, place: usize, dropped: bool) {
        if let Some(batch) = self.batches.get_mut(place) {
            if dropped {
                self.dropped += batch.events;
            }
            batch.events = 0;
            batch.beaconed = false;
            batch.write_key(&mut self.key);
            self.store.remove(self.key.get());
            self.look_again_at_ms = 0;
        }
    }

    /// Renews the leases that are half over, so that other tabs leave the batches alone;
    /// and makes the copies that there was no storage for until now.
    pub fn renew(&mut self, now_ms: u64) {
        for place in 0..MOST_BATCHES {
            if let Some(batch) = self.batches.get(place)
                && batch.events > 0
                && batch.lease_ms < now_ms + LEASE_MS / 2
            {
                self.keep(place, now_ms);
            }
        }
    }

    /// Forgets everything, in storage too, and goes on as another tab.
    pub fn forget(&mut self, tab: u64) {
        while self.find(b"crumb.", 0) {
            self.store.remove(self.key.get());
        }
        self.tab = tab;
        self.next_seq = 0;
        self.begun = 0;
        self.lost = 0;
        self.dropped = 0;
        self.in_flight = None;
        for batch in &mut self.batches {
            batch.events = 0;
            batch.beaconed = false;
        }
    }

    /// Writes a batch's copy. One that is new has to find room beside all the others.
    fn keep(&mut self, place: usize, now_ms: u64) {
        let has_copy = self
            .batches
            .get(place)
            .is_some_and(|batch| batch.lease_ms > 0);
        if !has_copy && self.find(PREFIX, MOST_BATCHES - 1) {
            return;
        }
        let Some(batch) = self.batches.get_mut(place) else {
            return;
        };
        batch.lease_ms = now_ms + LEASE_MS;
        self.entry.truncate(0);
        self.entry.number(batch.lease_ms);
        self.entry.number(batch.born_ms);
        self.entry.number(batch.events);
        self.entry.number(hash(batch.bytes.get()));
        self.entry.add(batch.bytes.get());
        batch.write_key(&mut self.key);
        if self.entry.has_overflown() || !self.store.set(self.key.get(), self.entry.get()) {
            batch.lease_ms = 0;
        }
    }

    /// Finds the key that begins so and has `skipped` others before it.
    fn find(&mut self, prefix: &[u8], mut skipped: usize) -> bool {
        let mut n = 0;
        while self.store.key(n, &mut self.key) {
            if self.key.get().starts_with(prefix) {
                if skipped == 0 {
                    return true;
                }
                skipped -= 1;
            }
            n += 1;
        }
        false
    }

    /// Looks for a batch that nobody has in hand, and takes it on.
    fn look(&mut self, now_ms: u64) {
        let mut nth = 0;
        while self.find(PREFIX, nth) {
            // An entry that is gone by now is read as none of ours.
            self.store.get(self.key.get(), &mut self.entry);
            let mut rest = self.entry.get();
            let lease_ms = take_number(&mut rest);
            let born_ms = take_number(&mut rest);
            let events = take_number(&mut rest);
            let checksum = take_number(&mut rest);
            if checksum != hash(rest) || events == 0 {
                // Not one of ours: a batch never looks so.
                self.store.remove(self.key.get());
            } else if lease_ms > now_ms && lease_ms - now_ms <= LEASE_MS {
                // In somebody's hands. (A lease further ahead than any is from a clock that
                // was set back.)
                nth += 1;
            } else {
                let Some(place) = self.batches.iter().position(|batch| batch.events == 0) else {
                    return;
                };
                let Some(batch) = self.batches.get_mut(place) else {
                    return;
                };
                batch.read_key(self.key.get());
                batch.bytes.set(rest);
                batch.events = events;
                batch.born_ms = born_ms;
                batch.lease_ms = lease_ms;
                batch.sealed = true;
                return self.keep(place, now_ms);
            }
        }
    }
}

impl Batch {
    const NONE: Self = Self {
        events: 0,
        tab: 0,
        number: 0,
        bytes: Bytes::EMPTY,
        head: (0, 0),
        born_ms: 0,
        lease_ms: 0,
        sealed: false,
        beaconed: false,
    };

    fn takes(&self, tab: u64, head: &[u8], length: usize) -> bool {
        self.events > 0
            && self.events < BATCH_EVENTS as u64
            && !self.sealed
            && self.tab == tab
            && self.bytes.written() < SEAL_BYTES
            && self.bytes.written() + length <= MOST_BYTES
            && self.bytes.get().get(self.head.0..self.head.1) == Some(head)
    }

    /// Writes `crumb.q.<tab>.<n>`, in letters of which each is four bits.
    fn write_key(&self, key: &mut Bytes) {
        key.set(PREFIX);
        for number in [self.tab, self.number] {
            for place in 0..16 {
                key.push(b'a' + (number >> (place * 4) & 0xF) as u8);
            }
        }
    }

    fn read_key(&mut self, key: &[u8]) {
        let letters = key.get(PREFIX.len()..).unwrap_or_default();
        let mut numbers = [0; 2];
        for (n, &letter) in letters.iter().enumerate() {
            if let Some(number) = numbers.get_mut(n / 16) {
                *number |= u64::from(letter.wrapping_sub(b'a')) << (n % 16 * 4);
            }
        }
        [self.tab, self.number] = numbers;
    }
}

#[cfg(test)]
impl<S> Queue<S> {
    /// How many events were lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
pub(crate) mod tests;
