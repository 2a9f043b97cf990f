//! The drainer: moves the spool into ClickHouse, chunk by chunk, each event once.

use super::{
    identity::{ErasureRow, MessageRow, ProofRow},
    row::{EventRow, RejectedRow, millis},
    spool::{Chunk, SpoolError, SpoolReader},
};
use crate::store::{Ids, Store, StoreError};
use protocol::{
    DecodeError,
    batch::{Batch, encode_event},
    envelope::{Envelope, Stamp},
    event::{Action, Event},
    notice::{Notice, What},
    outcome::{Outcome, correct_clock},
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};
use tokio::sync::watch;
use tracing::{error, info, warn};
use uuid::Uuid;

/// Most events of a chunk.
const CHUNK_EVENTS: usize = 100_000;
/// Ids that are looked up at once.
const LOOK_UP_IDS: usize = 10_000;
/// The first pause after an error that may pass; it doubles up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(15);

/// How the drainer fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrainState {
    /// The tables are not known to be this build's yet.
    Starting,
    /// All is well.
    Running,
    /// An error that may pass; it is tried again.
    Retrying(String),
    /// An error that an operator has to mend; it is tried again, seldom.
    Stopped(String),
}

/// Why a chunk could not be drained.
#[derive(Debug, thiserror::Error)]
enum DrainError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings the tables up to this build, then drains until `stop` turns true, and then what
/// is left once more.
///
/// A chunk is at most `pause` or 100,000 events of the spool.
pub async fn run(
    mut spool: SpoolReader,
    store: Store,
    pause: Duration,
    state: watch::Sender<DrainState>,
    mut stop: watch::Receiver<bool>,
) {
    let mut failures = 0;
    let mut migrated = false;
    loop {
        match migrate_and_drain(&mut spool, &store, &mut migrated).await {
            Ok(()) => {
                failures = 0;
                state.send_replace(DrainState::Running);
                if *stop.borrow() {
                    return;
                }
                tokio::select! {
                    () = spool.filled() => {}
                    _ = stop.changed() => continue,
                }
                // What comes in meanwhile shares the chunk.
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.changed() => {}
                }
            }
            Err(problem) => {
                let wait = report(&problem, failures, &state);
                failures += 1;
                if *stop.borrow() {
                    info!("stopping with an undrained spool; it is drained at the next start");
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }
}

fn report(problem: &DrainError, failures: u32, state: &watch::Sender<DrainState>) -> Duration {
    let may_pass = match problem {
        DrainError::Spool(_) => true,
        DrainError::Store(problem) => problem.may_pass(),
    };
    if may_pass {
        warn!("draining failed and is tried again: {problem}");
        metrics::counter!("crumbtrail_drain_retries_total").increment(1);
        state.send_replace(DrainState::Retrying(problem.to_string()));
        (FIRST_PAUSE * 2_u32.pow(failures.min(5))).min(LAST_PAUSE)
    } else {
        error!("draining stopped; events wait in the spool until this is mended: {problem}");
        metrics::counter!("crumbtrail_drain_stops_total").increment(1);
        state.send_replace(DrainState::Stopped(problem.to_string()));
        LAST_PAUSE
    }
}

async fn migrate_and_drain(
    spool: &mut SpoolReader,
    store: &Store,
    migrated: &mut bool,
) -> Result<(), DrainError> {
    if !*migrated {
        store.migrate().await?;
        *migrated = true;
    }
    drain_all(spool, store).await
}

async fn drain_all(spool: &mut SpoolReader, store: &Store) -> Result<(), DrainError> {
    while let Some(chunk) = spool.next_chunk(CHUNK_EVENTS).await? {
        let drained = drain_chunk(spool.name(), &chunk, store).await?;
        spool.delete(&chunk).await?;
        // Counted once it is done, so that a replay doesn't count twice.
        drained.count();
    }
    Ok(())
}

/// What became of a chunk's events.
struct Drained {
    stored: u64,
    copies: u64,
    rejected: BTreeMap<&'static str, u64>,
}

impl Drained {
    fn count(self) {
        metrics::counter!("crumbtrail_events_stored_total").increment(self.stored);
        metrics::counter!("crumbtrail_events_duplicate_total").increment(self.copies);
        for (reason, events) in self.rejected {
            metrics::counter!("crumbtrail_events_rejected_total", "reason" => reason)
                .increment(events);
        }
    }
}

async fn drain_chunk(spool: &str, chunk: &Chunk, store: &Store) -> Result<Drained, DrainError> {
    let mut rows = Rows::read(chunk);
    rows.keep_first_of_each_id();
    rows.drop_copies_of(&look_up(Ids::OfEvents, &rows.ids(), store).await?);
    let messages: Vec<_> = rows.messages.iter().map(|row| row.id).collect();
    let stored = look_up(Ids::OfMessages, &messages, store).await?;
    rows.messages.retain(|row| !stored.contains(&row.id));
    let token = format!("{spool}-{}", chunk.number);
    insert_derived(&mut rows, &token, store).await?;
    set_aside(&rows.rejected, &token, store).await?;
    insert(&mut rows.events, &token, store).await?;
    let mut rejected = BTreeMap::new();
    for row in &rows.rejected {
        *rejected.entry(row.reason).or_default() += 1;
    }
    Ok(Drained {
        stored: rows.events.len() as u64,
        copies: rows.copies as u64,
        rejected,
    })
}

/// The rows of a chunk.
#[derive(Default)]
struct Rows<'a> {
    events: Vec<EventRow<'a>>,
    rejected: Vec<Rejected<'a>>,
    proofs: Vec<ProofRow>,
    messages: Vec<MessageRow>,
    message_ids: HashSet<Uuid>,
    erasures: Vec<ErasureRow>,
    copies: usize,
}

/// What says who somebody is is kept nowhere but with the proofs.
fn without_identity<'a>(event: &Event<'a>) -> Event<'a> {
    let mut event = event.clone();
    if let Action::Identify(identify) = &mut event.action {
        identify.value = "";
    }
    event
}

struct Rejected<'a> {
    site: &'a str,
    event_id: Uuid,
    visitor_id: u64,
    received_at: i64,
    reason: &'static str,
    /// The event's bytes, or those of an envelope that can't be decoded.
    bytes: Vec<u8>,
}

impl<'a> Rows<'a> {
    fn read(chunk: &'a Chunk) -> Self {
        let mut rows = Self::default();
        for bytes in &chunk.envelopes {
            rows.read_envelope(bytes);
        }
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
        for (place, event) in batch.events.iter().enumerate() {
            let (ts, outcome) = correct_clock(event.at_ms, stamp.sent_at_ms, stamp.received_at_ms);
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
                    self.rejected.push(Rejected {
                        site: batch.site.as_str(),
                        event_id: row.event_id,
                        visitor_id: row.visitor_id,
                        received_at: millis(stamp.received_at_ms),
                        reason: reason.code(),
                        bytes: encode_event(&without_identity(event)),
                    });
                }
            }
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
            received_at: 0,
            reason,
            bytes: bytes.to_vec(),
        });
    }

    fn ids(&self) -> Vec<Uuid> {
        let rejected = self.rejected.iter().map(|row| row.event_id);
        self.events
            .iter()
            .map(|row| row.event_id)
            .chain(rejected)
            .collect()
    }

    /// A copy that came too late is a copy of the first and no rejection.
    fn keep_first_of_each_id(&mut self) {
        let mut seen = HashSet::with_capacity(self.events.len());
        self.retain(|id| seen.insert(id));
    }

    fn drop_copies_of(&mut self, stored: &HashSet<Uuid>) {
        self.retain(|id| !stored.contains(&id));
    }

    fn retain(&mut self, mut keep: impl FnMut(Uuid) -> bool) {
        let before = self.events.len() + self.rejected.len();
        self.events.retain(|row| keep(row.event_id));
        self.rejected.retain(|row| keep(row.event_id));
        self.copies += before - self.events.len() - self.rejected.len();
    }
}

async fn set_aside(
    rejected: &[Rejected<'_>],
    token: &str,
    store: &Store,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(rejected.len());
    for rejected in rejected {
        rows.push(RejectedRow {
            site: rejected.site,
            event_id: rejected.event_id,
            visitor_id: rejected.visitor_id,
            received_at: rejected.received_at,
            reason: rejected.reason,
            bytes: &rejected.bytes,
        });
    }
    let token = format!("{token}-rejected");
    store
        .insert::<RejectedRow<'static>>("rejected_events", &rows, &token)
        .await
}

/// Those of the ids that their table has already.
async fn look_up(of: Ids, ids: &[Uuid], store: &Store) -> Result<HashSet<Uuid>, StoreError> {
    let mut stored = HashSet::new();
    for part in ids.chunks(LOOK_UP_IDS) {
        stored.extend(store.stored_ids(of, part).await?);
    }
    Ok(stored)
}

/// Inserts what derives from all the chunk's events and notices. Repeated, the rows are the
/// same ones but for messages that were stored meanwhile, of which the token tells.
async fn insert_derived(rows: &mut Rows<'_>, token: &str, store: &Store) -> Result<(), StoreError> {
    let Rows {
        proofs,
        messages,
        erasures,
        ..
    } = rows;
    let of = |table: &str| format!("{token}-{table}");
    store
        .insert::<ProofRow>("proofs", proofs, &of("proofs"))
        .await?;
    store
        .insert::<ErasureRow>("erasure_requests", erasures, &of("erasures"))
        .await?;
    // A month is a partition, and at the turn of one a chunk has messages of both.
    messages.sort_unstable_by_key(|row| (row.ts, row.id));
    for message in messages.chunk_by(|a, b| a.month() == b.month()) {
        let ids = message.iter().fold(Sha256::new(), |digest, row| {
            digest.chain_update(row.id.as_bytes())
        });
        let token = of(&format!("messages-{}", hex::encode(ids.finalize())));
        store
            .insert::<MessageRow>("messages", message, &token)
            .await?;
    }
    Ok(())
}

/// Inserts the rows, those of one week at a time and in the table's order.
///
/// A week is a partition, so each insert is one part: all of it is seen, or nothing. When
/// it is repeated, whatever became of it, the same rows are missing or none; they have the
/// same token then, and other rows never have it, since it is made of their ids. (A token
/// that is used again for other rows loses them.)
async fn insert(rows: &mut [EventRow<'_>], token: &str, store: &Store) -> Result<(), StoreError> {
    rows.sort_unstable_by(|a, b| (a.week(), a.sort_key()).cmp(&(b.week(), b.sort_key())));
    for week in rows.chunk_by(|a, b| a.week() == b.week()) {
        let ids = week.iter().fold(Sha256::new(), |digest, row| {
            digest.chain_update(row.event_id.as_bytes())
        });
        let token = format!("{token}-events-{}", hex::encode(ids.finalize()));
        store
            .insert::<EventRow<'static>>("events", week, &token)
            .await?;
    }
    Ok(())
}
