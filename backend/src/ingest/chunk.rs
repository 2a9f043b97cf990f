//! What a chunk of the spool becomes: rows of every table it concerns.

use super::{
    channel,
    given::{Bundle, Checked, Given},
    identity::{ErasureRow, MessageRow, ProofRow},
    row::{EventRow, RejectedRow, millis},
    spool::Chunk,
    tab::Tabs,
};
use crate::{
    people::{
        apply::News,
        fact::{Fact, Facts},
        tombs::Buried,
    },
    store::OrderRow,
};
use protocol::{
    DecodeError,
    batch::{Batch, encode_event},
    envelope::{Envelope, Stamp, envelopes},
    event::{Action, Event},
    id::Site,
    notice::{Notice, What},
    outcome::{Outcome, correct_clock},
};
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};
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
    pub facts: Vec<Cow<'a, Facts>>,
    /// Events of which the chunk had another one before.
    doubles: Vec<Copy<'a>>,
}

/// An event that was there before: its site and its id.
pub type Copy<'a> = (&'a str, Uuid);

/// The ids of what is stored.
#[derive(Debug, Default)]
pub struct StoredIds {
    /// Of events.
    pub events: HashSet<Uuid>,
    /// Of messages.
    pub messages: HashSet<Uuid>,
}

impl StoredIds {
    /// Those of a chunk that was just stored.
    pub fn of(rows: &Rows<'_>) -> Self {
        Self {
            events: rows.events.iter().map(|row| row.event_id).collect(),
            messages: rows.message_ids().into_iter().collect(),
        }
    }
}

/// An event that is set aside.
#[derive(Clone, Debug)]
pub struct Rejected<'a> {
    pub site: &'a str,
    pub event_id: Uuid,
    visitor_id: u64,
    pub tab_id: u64,
    pub seq: u32,
    received_at: i64,
    pub reason: &'static str,
    /// The event's bytes, or those of an envelope that can't be decoded.
    bytes: Vec<u8>,
}

/// What an envelope of the spool says.
#[derive(Debug)]
pub enum Content<'a> {
    Batch(Stamp<'a>, Box<Batch<'a>>),
    Notice(Stamp<'a>, Notice<'a>),
    /// Events that a server gave, and each as it came.
    Given(Site<'a>, Bundle<'a>, Vec<Given>),
    /// What a server said of people.
    Facts(Box<Facts>),
    Unreadable(&'a [u8], DecodeError),
}

impl<'a> Content<'a> {
    /// Reads a chunk's envelopes.
    pub fn of(chunk: &'a Chunk) -> Vec<Self> {
        let bodies = chunk.bodies.iter();
        bodies.flat_map(|body| Self::in_body(body)).collect()
    }

    /// Reads a body's envelopes.
    pub fn in_body(body: &'a [u8]) -> impl Iterator<Item = Self> {
        envelopes(body).map(move |envelope| match envelope {
            Ok(bytes) => Self::read(bytes),
            Err(why) => Self::Unreadable(body, why),
        })
    }

    fn read(bytes: &'a [u8]) -> Self {
        Self::try_read(bytes).unwrap_or_else(|why| Self::Unreadable(bytes, why))
    }

    fn try_read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if Bundle::is(bytes) {
            let bundle = Bundle::decode(bytes)?;
            let rows = bundle.rows.iter();
            let given = rows.map(|row| bundle.read(row));
            let given = given.collect::<Result<_, _>>();
            return Ok(Self::Given(
                Site::new(bundle.site)?,
                bundle,
                given.map_err(|_| DecodeError::Structure)?,
            ));
        }
        if Facts::is(bytes) {
            return Ok(Self::Facts(Box::new(Facts::decode(bytes)?)));
        }
        let Envelope { stamp, payload } = Envelope::decode(bytes)?;
        Ok(if Notice::is(payload) {
            Self::Notice(stamp, Notice::decode(payload)?)
        } else {
            Self::Batch(stamp, Box::new(Batch::decode(payload)?))
        })
    }
}

impl<'a> Rows<'a> {
    /// Makes the rows of a chunk: the same ones whenever it is read. `hash_key` makes visitors'
    /// ids out of those of other systems.
    pub fn of(contents: &'a [Content<'a>], hash_key: &[u8]) -> Self {
        let mut rows = Self::default();
        for content in contents {
            match content {
                Content::Batch(stamp, batch) => rows.read_batch(stamp, batch),
                Content::Notice(stamp, notice) => rows.read_notice(stamp, notice),
                Content::Given(site, bundle, given) => {
                    rows.read_given((*site, bundle), given, hash_key);
                }
                Content::Facts(facts) => rows.read_facts(facts, hash_key),
                Content::Unreadable(bytes, why) => rows.set_envelope_aside(bytes, why),
            }
        }
        for proof in &mut rows.proofs {
            proof.name(hash_key);
        }
        rows.keep_first_of_each_id();
        rows
    }

    fn read_notice(&mut self, stamp: &Stamp<'a>, notice: &Notice<'a>) {
        match &notice.what {
            What::Message(followed) => {
                self.add_message(MessageRow::new(notice.site, stamp, followed));
            }
            What::Forget => self.erasures.push(ErasureRow::new(notice.site, stamp)),
            // It was made a fact when it came, by the site's fields as they were then.
            What::Form(_) => {}
        }
    }

    fn add_message(&mut self, row: MessageRow) {
        // The first of each id, as with events.
        if self.message_ids.insert(row.id) {
            self.messages.push(row);
        }
    }

    fn read_facts(&mut self, facts: &'a Facts, hash_key: &[u8]) {
        if let Ok(site) = Site::new(&facts.site) {
            for fact in &facts.facts {
                match fact {
                    Fact::Message(message) => {
                        let row = MessageRow::told(site, message, hash_key, facts.received_at);
                        self.add_message(row);
                    }
                    Fact::Form(form) => {
                        self.proofs.extend(ProofRow::of_form(site, form, hash_key));
                        self.events.extend(EventRow::of_form(facts, form));
                    }
                    _ => {}
                }
            }
        }
        self.facts.push(Cow::Borrowed(facts));
    }

    /// Who is to be erased, by site, and what of before when goes.
    pub fn erased(&self) -> BTreeMap<&str, Vec<(u64, i64)>> {
        let mut erased: BTreeMap<&str, Vec<(u64, i64)>> = BTreeMap::new();
        for facts in &self.facts {
            for fact in &facts.facts {
                if let Fact::Erased { ids, at } = fact {
                    let of_site = erased.entry(&facts.site).or_default();
                    of_site.extend(ids.iter().map(|id| (*id, *at)));
                }
            }
        }
        for (site, visitor, at) in self.erasures.iter().map(ErasureRow::asks) {
            erased.entry(site).or_default().push((visitor, at));
        }
        erased
    }

    /// Drops what is of somebody who was erased since. Gives how many events and facts.
    pub fn forget(&mut self, buried: &Buried, key: &[u8]) -> usize {
        if buried.is_empty() {
            return 0;
        }
        let counted = |rows: &Self| {
            let facts = rows.facts.iter().map(|facts| facts.facts.len());
            let others = [
                rows.events.len(),
                rows.rejected.len(),
                rows.proofs.len(),
                rows.messages.len(),
            ];
            facts.chain(others).sum::<usize>()
        };
        let before = counted(self);
        self.events
            .retain(|row| !buried.hides(row.site, [row.visitor_id], row.ts));
        self.rejected
            .retain(|row| !buried.hides(row.site, [row.visitor_id], row.received_at));
        self.proofs.retain(|row| !row.is_hidden(buried));
        self.messages.retain(|row| !row.is_hidden(buried));
        for facts in &mut self.facts {
            let Ok(site) = Site::new(&facts.site) else {
                continue;
            };
            let at = facts.received_at;
            let left = facts.facts.iter();
            let left = left.filter_map(|fact| fact.without(buried, at, (site, key)));
            *facts = Cow::Owned(Facts {
                facts: left.collect(),
                ..(**facts).clone()
            });
        }
        before - counted(self)
    }

    /// What there is to say of people, by site.
    pub fn news(&self) -> BTreeMap<&str, News<'_>> {
        let mut news: BTreeMap<&str, News<'_>> = BTreeMap::new();
        for facts in &self.facts {
            news.entry(&facts.site).or_default().facts.push(facts);
        }
        for event in &self.events {
            if let Some(order) = OrderRow::of_purchase(event) {
                news.entry(event.site).or_default().orders.push(order);
            }
        }
        for (site, visitor, token) in self.proofs.iter().filter_map(ProofRow::shown) {
            let news = news.entry(site).or_default();
            news.proofs.push((visitor, token));
        }
        news
    }

    fn read_batch(&mut self, stamp: &Stamp<'a>, batch: &Batch<'a>) {
        let corrected =
            |event: &Event<'_>| correct_clock(event.at_ms, stamp.sent_at_ms, stamp.received_at_ms);
        let channel = channel::of(&batch.header.session.origin);
        for (place, event) in batch.events.iter().enumerate() {
            let (ts, outcome) = corrected(event);
            let row = EventRow::new(stamp, (batch, channel), event, ts);
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
                    let bytes = encode_event(&without_identity(event));
                    self.rejected.push(Rejected::of(&row, reason.code(), bytes));
                }
            }
        }
        if let [first, .., last] | [first @ last] = batch.events.as_slice() {
            self.tabs
                .read(batch, (corrected(first).0, corrected(last).0));
        }
    }

    /// They were checked when they came; one that doesn't fit any more is set aside.
    fn read_given(
        &mut self,
        (site, bundle): (Site<'a>, &Bundle<'a>),
        given: &'a [Given],
        hash_key: &[u8],
    ) {
        let received_at = millis(bundle.received_at_ms);
        for (given, row) in given.iter().zip(&bundle.rows) {
            match given.check(site, received_at, hash_key) {
                Ok(Checked { row, proofs }) => {
                    self.proofs.extend(proofs);
                    self.events.push(row);
                }
                Err(wrong) => {
                    let row = EventRow {
                        site: bundle.site,
                        event_id: id_of(row.get().as_bytes()),
                        received_at,
                        ..EventRow::default()
                    };
                    let bytes = row_bytes(given);
                    self.rejected.push(Rejected::of(&row, wrong.code, bytes));
                }
            }
        }
    }

    /// An envelope that was acknowledged by another build and that this one can't read
    /// is kept whole.
    fn set_envelope_aside(&mut self, bytes: &'a [u8], problem: &DecodeError) {
        let reason = problem.code();
        error!("an envelope in the spool can't be decoded ({reason}); it is set aside");
        let row = EventRow {
            event_id: id_of(bytes),
            ..EventRow::default()
        };
        self.rejected
            .push(Rejected::of(&row, reason, bytes.to_vec()));
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
        self.doubles = self.retain(|id| seen.insert(id));
    }

    /// Drops the events and messages that are stored. Gives the events that were copies.
    pub fn drop_copies_of(&mut self, stored: &StoredIds) -> Vec<Copy<'a>> {
        self.messages
            .retain(|row| !stored.messages.contains(&row.id));
        let mut copies = self.retain(|id| !stored.events.contains(&id));
        copies.append(&mut self.doubles);
        copies
    }

    /// Gives those that are not kept.
    fn retain(&mut self, mut keep: impl FnMut(Uuid) -> bool) -> Vec<Copy<'a>> {
        let mut dropped = Vec::new();
        let mut keep = |site: &'a str, id: Uuid| {
            let keeps = keep(id);
            if !keeps {
                dropped.push((site, id));
            }
            keeps
        };
        self.events.retain(|row| keep(row.site, row.event_id));
        self.rejected.retain(|row| keep(row.site, row.event_id));
        dropped
    }

    /// Sets the events of these ids aside, which the chunk has.
    pub fn refuse(
        &mut self,
        contents: &'a [Content<'a>],
        ids: &HashSet<Uuid>,
        reason: &'static str,
    ) {
        let (refused, kept) = std::mem::take(&mut self.events)
            .into_iter()
            .partition::<Vec<_>, _>(|row| ids.contains(&row.event_id));
        self.events = kept;
        for row in refused {
            let bytes = contents.iter().find_map(|content| content.bytes(&row));
            self.rejected
                .push(Rejected::of(&row, reason, bytes.unwrap_or_default()));
        }
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

impl Content<'_> {
    /// What a row was made of, where this is it.
    fn bytes(&self, row: &EventRow<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Batch(_, batch) => {
                let is_ours = batch.header.tab_id.0 == row.tab_id && batch.header.site == row.site;
                let mut events = batch.events.iter();
                let event = events.find(|event| is_ours && event.seq == row.seq)?;
                Some(encode_event(&without_identity(event)))
            }
            Self::Given(site, _, given) => {
                let mut given = given.iter();
                let given = given.find(|given| given.event_id_in(*site) == Some(row.event_id))?;
                Some(row_bytes(given))
            }
            Self::Notice(..) | Self::Facts(..) | Self::Unreadable(..) => None,
        }
    }
}

impl<'a> Rejected<'a> {
    fn of(row: &EventRow<'a>, reason: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            site: row.site,
            event_id: row.event_id,
            visitor_id: row.visitor_id,
            tab_id: row.tab_id,
            seq: row.seq,
            received_at: row.received_at,
            reason,
            bytes,
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

/// A given event without what says who somebody is, which is kept nowhere but with the proofs.
fn row_bytes(given: &Given) -> Vec<u8> {
    let given = Given {
        contact: String::new(),
        claimed_id: String::new(),
        claimed_mail: String::new(),
        claimed_phone: String::new(),
        ..given.clone()
    };
    // Texts and numbers: there is nothing in it that can fail.
    serde_json::to_vec(&given).unwrap_or_default()
}

/// An id for what has none that can be read.
fn id_of(bytes: &[u8]) -> Uuid {
    let digest = Sha256::digest(bytes);
    Uuid::new_v8(digest.first_chunk().copied().unwrap_or_default())
}
