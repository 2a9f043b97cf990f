//! What a chunk of the spool becomes: rows of every table it concerns.

use super::{
    identity::{ErasureRow, MessageRow, ProofRow},
    row::{EventRow, RejectedRow, millis},
    spool::Chunk,
    tab::Tabs,
};
use protocol::{
    DecodeError,
    batch::{Batch, encode_event},
    envelope::{Envelope, Stamp},
    event::{Action, Event},
    notice::{Notice, What},
    outcome::{Outcome, correct_clock},
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use tracing::error;
use uuid::Uuid;

/// The rows of a chunk.
#[derive(Default)]
pub struct Rows<'a> {
    pub events: Vec<EventRow<'a>>,
    pub rejected: Vec<Rejected<'a>>,
    pub tabs: Tabs<'a>,
    pub proofs: Vec<ProofRow>,
    pub messages: Vec<MessageRow>,
    message_ids: HashSet<Uuid>,
    pub erasures: Vec<ErasureRow>,
    /// Events that were there before.
    pub copies: usize,
}

/// An event that is set aside.
#[derive(Clone, Debug)]
pub struct Rejected<'a> {
    pub site: &'a str,
    pub event_id: Uuid,
    visitor_id: u64,
    tab_id: u64,
    seq: u32,
    received_at: i64,
    pub reason: &'static str,
    /// The event's bytes, or those of an envelope that can't be decoded.
    bytes: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Reads a chunk: the same rows whenever it is read.
    pub fn read(chunk: &'a Chunk) -> Self {
        let mut rows = Self::default();
        for bytes in &chunk.envelopes {
            rows.read_envelope(bytes);
        }
        rows.keep_first_of_each_id();
        rows
    }

    fn read_envelope(&mut self, bytes: &'a [u8]) {
        let read = Envelope::decode(bytes).and_then(|envelope| {
            let stamp = &envelope.stamp;
            if Notice::is(envelope.payload) {
                Notice::decode(envelope.payload).map(|notice| self.read_notice(stamp, &notice))
            } else {
                Batch::decode(envelope.payload).map(|batch| self.read_batch(stamp, &batch))
            }
        });
        if let Err(problem) = read {
            self.set_envelope_aside(bytes, problem);
        }
    }

    fn read_notice(&mut self, stamp: &Stamp<'a>, notice: &Notice<'a>) {
        match &notice.what {
            What::Message(followed) => {
                let row = MessageRow::new(notice.site, stamp, followed);
                // The first of each id, as with events.
                if self.message_ids.insert(row.id) {
                    self.messages.push(row);
                }
            }
            What::Forget => self.erasures.push(ErasureRow::new(notice.site, stamp)),
        }
    }

    fn read_batch(&mut self, stamp: &Stamp<'a>, batch: &Batch<'a>) {
        let corrected =
            |event: &Event<'_>| correct_clock(event.at_ms, stamp.sent_at_ms, stamp.received_at_ms);
        for (place, event) in batch.events.iter().enumerate() {
            let (ts, outcome) = corrected(event);
            let row = EventRow::new(stamp, batch, event, ts);
            match outcome {
                Outcome::Accepted => {
                    if place == 0 {
                        self.proofs
                            .extend(ProofRow::verified(batch.site, stamp, ts));
                    }
                    let claimed = ProofRow::claimed(batch.site, stamp, event, ts);
                    self.proofs.extend(claimed);
                    self.events.push(row);
                }
                Outcome::Rejected(reason) => {
                    let rejected = Rejected::new(stamp, batch, event, &row, reason.code());
                    self.rejected.push(rejected);
                }
            }
        }
        if let [first, .., last] | [first @ last] = batch.events.as_slice() {
            self.tabs
                .read(batch, (corrected(first).0, corrected(last).0));
        }
    }

    /// An envelope that was acknowledged by another build and that this one can't read
    /// is kept whole.
    fn set_envelope_aside(&mut self, bytes: &'a [u8], problem: DecodeError) {
        let reason = problem.code();
        error!("an envelope in the spool can't be decoded ({reason}); it is set aside");
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let (id, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        self.rejected.push(Rejected {
            site: "",
            event_id: Uuid::new_v8(*id),
            visitor_id: 0,
            tab_id: 0,
            seq: 0,
            received_at: 0,
            reason,
            bytes: bytes.to_vec(),
        });
    }

    /// The ids of all events, rejected ones too.
    pub fn ids(&self) -> Vec<Uuid> {
        let rejected = self.rejected.iter().map(|row| row.event_id);
        self.events
            .iter()
            .map(|row| row.event_id)
            .chain(rejected)
            .collect()
    }

    /// The ids of all messages.
    pub fn message_ids(&self) -> Vec<Uuid> {
        self.messages.iter().map(|row| row.id).collect()
    }

    /// A copy that came too late is a copy of the first and no rejection.
    fn keep_first_of_each_id(&mut self) {
        let mut seen = HashSet::with_capacity(self.events.len());
        self.retain(|id| seen.insert(id));
    }

    /// Drops the events and messages whose ids the tables have.
    pub fn drop_copies_of(&mut self, events: &HashSet<Uuid>, messages: &HashSet<Uuid>) {
        self.retain(|id| !events.contains(&id));
        self.messages.retain(|row| !messages.contains(&row.id));
    }

    fn retain(&mut self, mut keep: impl FnMut(Uuid) -> bool) {
        let before = self.events.len() + self.rejected.len();
        self.events.retain(|row| keep(row.event_id));
        self.rejected.retain(|row| keep(row.event_id));
        self.copies += before - self.events.len() - self.rejected.len();
    }

    /// Sets the events of these ids aside, which the chunk has.
    pub fn refuse(&mut self, chunk: &'a Chunk, ids: &HashSet<Uuid>, reason: &'static str) {
        self.events.retain(|row| !ids.contains(&row.event_id));
        for bytes in &chunk.envelopes {
            let Ok(envelope) = Envelope::decode(bytes) else {
                continue;
            };
            let Ok(batch) = Batch::decode(envelope.payload) else {
                continue;
            };
            for event in &batch.events {
                let row = EventRow::new(&envelope.stamp, &batch, event, event.at_ms);
                if ids.contains(&row.event_id) {
                    let rejected = Rejected::new(&envelope.stamp, &batch, event, &row, reason);
                    self.rejected.push(rejected);
                }
            }
        }
        self.keep_first_of_each_id();
    }

    /// How many events were rejected, by reason.
    pub fn rejections(&self) -> BTreeMap<&'static str, u64> {
        let mut reasons = BTreeMap::new();
        for row in &self.rejected {
            *reasons.entry(row.reason).or_default() += 1;
        }
        reasons
    }
}

impl<'a> Rejected<'a> {
    fn new(
        stamp: &Stamp<'a>,
        batch: &Batch<'a>,
        event: &Event<'a>,
        row: &EventRow<'a>,
        reason: &'static str,
    ) -> Self {
        Self {
            site: batch.site.as_str(),
            event_id: row.event_id,
            visitor_id: row.visitor_id,
            tab_id: batch.header.tab_id.0,
            seq: event.seq,
            received_at: millis(stamp.received_at_ms),
            reason,
            bytes: encode_event(&without_identity(event)),
        }
    }

    /// The row of `rejected_events`.
    pub fn row(&self) -> RejectedRow<'_> {
        RejectedRow {
            site: self.site,
            event_id: self.event_id,
            visitor_id: self.visitor_id,
            tab_id: self.tab_id,
            seq: self.seq,
            received_at: self.received_at,
            reason: self.reason,
            bytes: &self.bytes,
        }
    }
}

/// What says who somebody is is kept nowhere but with the proofs.
fn without_identity<'a>(event: &Event<'a>) -> Event<'a> {
    let mut event = event.clone();
    if let Action::Identify(identify) = &mut event.action {
        identify.value = "";
    }
    event
}
