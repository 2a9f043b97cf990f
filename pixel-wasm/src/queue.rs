//! The unsent: batches that wait in the browser's storage until they are
//! acknowledged.
//!
//! Each batch is one entry, `crumb.q.<tab>.<n>`, so that tabs never write over each
//! other and a dead tab's batches can be sent by another. Its text is
//! `<lease in hex>:<bytes as Latin-1>`; the lease says until when the batch is in
//! somebody's hands. A living tab renews the leases of its own, so that others leave
//! them alone; that is a courtesy, not a lock: a batch sent twice is counted once.
//!
//! The last entry of a tab is its open batch. It is written anew with each event and
//! is at every moment a whole batch.

use crate::hex::hex;
use alloc::{string::String, vec::Vec};
use protocol::{
    id::TabId,
    limit::{BATCH_BYTES, BATCH_EVENTS},
};

/// Where entries are kept. A browser's localStorage, or memory where that is refused.
pub trait Store {
    /// Every key.
    fn keys(&self) -> Vec<String>;
    /// The entry of a key.
    fn get(&self, key: &str) -> Option<String>;
    /// Writes an entry; false where there is no room.
    fn set(&mut self, key: &str, text: &str) -> bool;
    /// Removes an entry.
    fn remove(&mut self, key: &str);
}

/// All keys of unsent batches begin so.
const PREFIX: &str = "crumb.q.";

/// A batch is left alone for this long after it was last touched: longer than a request
/// may take, and than the minute between two ticks of a tab in the background.
pub const LEASE_MS: u64 = 150_000;

/// A batch of this many bytes is sealed, well below the protocol's bound so that
/// one more event of any size that fits a batch at all finds room in the next.
const SEAL_BYTES: usize = 16 * 1024;

/// Most bytes that wait, of all tabs. Shops need their storage for themselves.
pub const QUEUE_BYTES: usize = 512 * 1024;

/// The queue of one tab, and its view of the other tabs' leavings.
#[derive(Debug)]
pub struct Queue<S> {
    /// Where the batches are kept.
    pub store: S,
    tab: TabId,
    next_seq: u32,
    lost: u32,
    batches: u32,
    /// Bytes that wait besides the open batch, as counted when it was begun.
    waiting_bytes: usize,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    key: String,
    bytes: Vec<u8>,
    events: usize,
}

/// A batch that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its key, to settle it by.
    pub key: String,
    /// Its bytes, which never change.
    pub bytes: Vec<u8>,
}

impl<S: Store> Queue<S> {
    /// The queue of a new page load.
    pub fn new(store: S, tab: TabId) -> Self {
        Self {
            store,
            tab,
            next_seq: 0,
            lost: 0,
            batches: 0,
            waiting_bytes: 0,
            open: None,
        }
    }

    /// How many events this tab has recorded, lost ones included.
    pub fn recorded(&self) -> u32 {
        self.next_seq
    }

    /// Whether something of this tab was recorded and not yet sealed.
    pub fn has_open(&self) -> bool {
        self.open.is_some()
    }

    /// Appends an event to the open batch, or begins one with `header`.
    ///
    /// Both are handed what only the queue knows: the event its seq, the header how
    /// many events were lost so far and whether it is the tab's first. An event for
    /// which there is no room consumes its seq and is counted as lost.
    pub fn append(
        &mut self,
        now_ms: u64,
        header: impl FnOnce(u32, bool) -> Vec<u8>,
        event: impl FnOnce(u32) -> Vec<u8>,
    ) {
        let seq = self.next_seq;
        self.next_seq += 1;
        let event = event(seq);
        if self.open.as_ref().is_some_and(|open| !open.takes(&event)) {
            self.open = None;
        }
        let (lost, first) = (self.lost, self.batches == 0);
        let mut open = self.open.take().unwrap_or_else(|| {
            self.batches += 1;
            self.waiting_bytes = waiting_bytes(&self.store);
            Open {
                key: own_prefix(self.tab) + &hex(self.batches.into()),
                bytes: header(lost, first),
                events: 0,
            }
        });
        let length = open.bytes.len();
        open.bytes.extend_from_slice(&event);
        let fits =
            open.bytes.len() <= BATCH_BYTES && self.waiting_bytes + open.bytes.len() <= QUEUE_BYTES;
        if fits && self.write(&open.key, now_ms, &open.bytes) {
            open.events += 1;
        } else {
            self.lost += 1;
            open.bytes.truncate(length);
        }
        if open.events > 0 {
            self.open = Some(open);
        } else if first {
            // Nothing of it was written, so the next batch is the first.
            self.batches -= 1;
        }
    }

    /// Ends the open batch: the page or the visit changes, or it is to be sent.
    pub fn seal(&mut self) {
        self.open = None;
    }

    /// Takes the next batch to send: this tab's own, or one whose lease ran out.
    ///
    /// It stays in the queue, in this tab's hands, until it is [settled](Self::settle).
    pub fn take(&mut self, now_ms: u64, in_flight: &[String]) -> Option<Sealed> {
        let own = own_prefix(self.tab);
        let mut found: Option<Sealed> = None;
        for key in self.store.keys() {
            let open = self.open.as_ref().is_some_and(|open| open.key == key);
            if open || !key.starts_with(PREFIX) || in_flight.contains(&key) {
                continue;
            }
            // The oldest first: of one tab, a longer key is a later batch.
            if found
                .as_ref()
                .is_some_and(|f| (f.key.len(), &f.key) < (key.len(), &key))
            {
                continue;
            }
            let Some(text) = self.store.get(&key) else {
                continue;
            };
            let Some((lease, bytes)) = read(&text) else {
                // Not one of ours: a batch never looks so.
                self.store.remove(&key);
                continue;
            };
            // A lease further ahead than any is from a clock that was set back.
            let free = now_ms >= lease || lease - now_ms > LEASE_MS;
            if free || key.starts_with(&own) {
                found = Some(Sealed { key, bytes });
            }
        }
        let batch = found?;
        // Where the lease can't be renewed another tab may send it as well.
        self.write(&batch.key, now_ms, &batch.bytes);
        Some(batch)
    }

    /// Renews the leases of this tab's batches that are half over, so that other tabs
    /// leave them alone.
    pub fn renew(&mut self, now_ms: u64) {
        let own = own_prefix(self.tab);
        for key in self.store.keys() {
            if key.starts_with(&own)
                && let Some((lease, bytes)) = self.store.get(&key).as_deref().and_then(read)
                && lease < now_ms + LEASE_MS / 2
            {
                self.write(&key, now_ms, &bytes);
            }
        }
    }

    /// A batch was acknowledged, or refused for good: it leaves the queue. If its own tab
    /// has appended to it since it was taken, it stays; what was sent is counted once.
    pub fn settle(&mut self, batch: &Sealed) {
        let kept = self.store.get(&batch.key);
        let kept = kept.as_deref().and_then(read);
        if kept.is_some_and(|(_, bytes)| bytes.len() == batch.bytes.len()) {
            self.store.remove(&batch.key);
        }
    }

    fn write(&mut self, key: &str, now_ms: u64, bytes: &[u8]) -> bool {
        let mut text = hex(now_ms + LEASE_MS);
        text.push(':');
        text.extend(bytes.iter().map(|&byte| char::from(byte)));
        self.store.set(key, &text)
    }
}

impl Open {
    fn takes(&self, event: &[u8]) -> bool {
        self.events < BATCH_EVENTS
            && self.bytes.len() < SEAL_BYTES
            && self.bytes.len() + event.len() <= BATCH_BYTES
    }
}

fn own_prefix(tab: TabId) -> String {
    String::from(PREFIX) + &hex(tab.0) + "."
}

fn waiting_bytes(store: &impl Store) -> usize {
    let keys = store.keys().into_iter();
    keys.filter(|key| key.starts_with(PREFIX))
        .filter_map(|key| store.get(&key))
        .map(|text| text.chars().count())
        .sum()
}

fn read(text: &str) -> Option<(u64, Vec<u8>)> {
    let (lease, bytes) = text.split_once(':')?;
    let lease = u64::from_str_radix(lease, 16).ok()?;
    let bytes: Result<_, _> = bytes.chars().map(u8::try_from).collect();
    Some((lease, bytes.ok()?))
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
