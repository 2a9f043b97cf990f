//! What was sent and what was acknowledged, kept outside of all that is tested; and the verdict
//! on what is stored.
//!
//! A batch is acknowledged when the status of a 2xx was read, not before. What was never
//! acknowledged may be stored, once; what was never sent may not.

use crate::parcel::{Event, Parcel};
use anyhow::Result;
use protocol::id::TabId;
use std::collections::{BTreeMap, HashMap};

/// For how long a request may be under way, by which a wrong clock is corrected too far, in
/// milliseconds.
const UNDER_WAY_MS: i64 = 60_000;
/// So many of what is wrong are told.
const TOLD: usize = 5;

/// The account of all batches.
#[derive(Default)]
pub struct Ledger {
    tabs: HashMap<u64, Entry>,
    /// In the order that they were acknowledged.
    acknowledged: Vec<u32>,
    events: u64,
}

struct Entry {
    number: u32,
    tab_id: TabId,
    skew_ms: i64,
    clock_is_believed: bool,
    events: Vec<Event>,
    acknowledged: bool,
    /// Whether a browser's batch was: a server's events say nothing of their tab's number.
    tab_told: bool,
    /// Whether `tabs` has it.
    tab_stored: bool,
    /// How often each event is stored, by seq.
    rows: Vec<u32>,
}

/// A stored row, as far as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// `event_id`, as a number.
    pub id: u128,
    /// `tab_id`.
    pub tab_id: u64,
    /// `seq`.
    pub seq: u32,
    /// `ts`, in milliseconds since the epoch.
    pub ts: i64,
    /// `type`.
    pub kind: &'a str,
}

/// What is stored of what was acknowledged.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Events that were acknowledged.
    pub acknowledged: u64,
    /// Events that are stored.
    pub stored: u64,
    /// Acknowledged events that aren't.
    pub lost: u64,
    /// Rows of stored events beyond the first of each.
    pub duplicated: u64,
    /// Rows that are not as they were sent, or never were, by what is wrong.
    pub wrong: BTreeMap<&'static str, u64>,
    /// The first few of each.
    pub told: Vec<String>,
}

impl Ledger {
    /// Enters a batch that is about to be sent, at least once.
    pub fn sent(&mut self, parcel: &Parcel) {
        self.tabs.entry(parcel.tab_id.0).or_insert_with(|| Entry {
            number: parcel.number,
            tab_id: parcel.tab_id,
            skew_ms: parcel.plan.skew_ms,
            clock_is_believed: parcel.plan.clock_is_believed(),
            events: parcel.events.clone(),
            acknowledged: false,
            tab_told: false,
            tab_stored: false,
            rows: vec![0; parcel.events.len()],
        });
    }

    /// Enters that it was acknowledged; `tab_told` where it came as a browser's.
    pub fn acknowledge(&mut self, tab_id: TabId, tab_told: bool) {
        let Some(entry) = self.tabs.get_mut(&tab_id.0) else {
            return;
        };
        entry.tab_told |= tab_told;
        if !entry.acknowledged {
            entry.acknowledged = true;
            self.events += entry.events.len() as u64;
            self.acknowledged.push(entry.number);
        }
    }

    /// Whether it was acknowledged.
    pub fn is_acknowledged(&self, tab_id: TabId) -> bool {
        self.tabs
            .get(&tab_id.0)
            .is_some_and(|entry| entry.acknowledged)
    }

    /// How many events were acknowledged.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The numbers of the batches that were acknowledged, in that order.
    pub fn acknowledged(&self) -> &[u32] {
        &self.acknowledged
    }

    /// Compares a stored row.
    pub fn judge_row(&mut self, row: Row<'_>, verdict: &mut Verdict) -> Result<()> {
        let Some(entry) = self.tabs.get_mut(&row.tab_id) else {
            verdict.wrong("rows of a tab that never was", || format!("{row:?}"));
            return Ok(());
        };
        let place = row.seq as usize;
        let known = entry.events.get(place).zip(entry.rows.get_mut(place));
        let Some((event, rows)) = known else {
            verdict.wrong("rows of an event that never was", || format!("{row:?}"));
            return Ok(());
        };
        *rows += 1;
        let id = event.id(entry.tab_id, row.seq)?;
        let skew_ms = entry.skew_ms;
        let at_ms = i64::try_from(event.at_ms)?;
        let (from, to) = if entry.clock_is_believed {
            (at_ms, at_ms)
        } else {
            (at_ms - skew_ms, at_ms - skew_ms + UNDER_WAY_MS)
        };
        let about = || format!("{row:?} of {event:?}, clock wrong by {skew_ms} ms");
        if row.id != id {
            verdict.wrong("rows with another id", about);
        }
        if row.kind != event.kind {
            verdict.wrong("rows of another type", about);
        }
        if !(from..=to).contains(&row.ts) {
            verdict.wrong("rows of another time", about);
        }
        Ok(())
    }

    /// Compares how many events a tab says that it recorded.
    pub fn judge_tab(&mut self, tab_id: u64, recorded: u32, verdict: &mut Verdict) {
        let mut events = 0;
        if let Some(entry) = self.tabs.get_mut(&tab_id) {
            entry.tab_stored = true;
            events = entry.events.len();
        }
        if recorded as usize != events {
            verdict.wrong("tabs with another number of events", || {
                format!("tab {tab_id:016x} recorded {recorded}, sent {events}")
            });
        }
    }

    /// Sums up, once all rows and tabs were compared.
    pub fn sum_up(&self, verdict: &mut Verdict) {
        verdict.acknowledged = self.events;
        for entry in self.tabs.values() {
            let tab_id = entry.tab_id;
            if entry.tab_told && !entry.tab_stored {
                verdict.wrong("tabs that are lost", || format!("{:016x}", tab_id.0));
            }
            let rows = entry.rows.iter().zip(&entry.events).zip(0..);
            for ((rows, event), seq) in rows {
                verdict.stored += u64::from(*rows > 0);
                let about = || {
                    let id = event.id(tab_id, seq).unwrap_or_default();
                    let Entry { number, .. } = entry;
                    format!(
                        "{rows} rows of event {id:032x}, batch {number}, tab {:016x}, seq {seq}, {event:?}",
                        tab_id.0
                    )
                };
                if *rows == 0 && entry.acknowledged {
                    verdict.lost += 1;
                    tell(&mut verdict.told, verdict.lost, "lost", about);
                }
                if *rows > 1 {
                    let before = verdict.duplicated;
                    verdict.duplicated += u64::from(*rows) - 1;
                    tell(&mut verdict.told, before + 1, "duplicated", about);
                }
            }
        }
    }
}

impl Verdict {
    /// Notes something that is wrong.
    pub fn wrong(&mut self, what: &'static str, about: impl FnOnce() -> String) {
        let count = self.wrong.entry(what).or_default();
        *count += 1;
        tell(&mut self.told, *count, what, about);
    }

    /// Whether every acknowledged event is stored once, as it was sent, and nothing else.
    pub fn is_good(&self) -> bool {
        self.lost == 0 && self.duplicated == 0 && self.wrong.is_empty()
    }
}

fn tell(told: &mut Vec<String>, count: u64, what: &str, about: impl FnOnce() -> String) {
    if count <= TOLD as u64 {
        told.push(format!("{what}: {}", about()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Batch;

    const TAB: TabId = TabId(7);

    fn ledger(skew_ms: i64) -> Ledger {
        let mut ledger = Ledger::default();
        let event = |at_ms| Event {
            at_ms,
            kind: "click",
        };
        ledger.sent(&Parcel {
            number: 0,
            tab_id: TAB,
            bytes: vec![],
            events: vec![event(1_760_000_000_000), event(1_760_000_000_500)],
            plan: Batch { events: 2, skew_ms },
        });
        ledger
    }

    fn row(seq: u32) -> Row<'static> {
        let at_ms = 1_760_000_000_000 + 500 * u64::from(seq);
        let event = Event {
            at_ms,
            kind: "click",
        };
        Row {
            id: event.id(TAB, seq).unwrap(),
            tab_id: TAB.0,
            seq,
            ts: at_ms.cast_signed(),
            kind: "click",
        }
    }

    fn verdict(mut ledger: Ledger, rows: &[Row<'_>]) -> Verdict {
        let mut verdict = Verdict::default();
        for row in rows {
            ledger.judge_row(*row, &mut verdict).unwrap();
        }
        ledger.sum_up(&mut verdict);
        verdict
    }

    #[test]
    fn acknowledged_and_stored_once_is_good() {
        let mut ledger = ledger(0);
        ledger.acknowledge(TAB, false);
        ledger.acknowledge(TAB, false);
        assert_eq!((ledger.events(), ledger.acknowledged()), (2, &[0][..]));
        let verdict = verdict(ledger, &[row(0), row(1)]);
        assert!(verdict.is_good(), "{verdict:?}");
        assert_eq!((verdict.acknowledged, verdict.stored), (2, 2));
    }

    #[test]
    fn acknowledged_and_not_stored_is_lost() {
        let mut ledger = ledger(0);
        ledger.acknowledge(TAB, false);
        let verdict = verdict(ledger, &[row(1)]);
        assert_eq!(
            (verdict.lost, verdict.stored, verdict.told.len()),
            (1, 1, 1)
        );
    }

    #[test]
    fn what_was_never_acknowledged_may_be_stored_but_once() {
        assert!(verdict(ledger(0), &[]).is_good());
        assert!(verdict(ledger(0), &[row(0)]).is_good());
        let verdict = verdict(ledger(0), &[row(0), row(0), row(0)]);
        assert_eq!((verdict.lost, verdict.duplicated), (0, 2));
    }

    #[test]
    fn rows_have_to_be_as_they_were_sent() {
        let wrong = |skew_ms, row| {
            let verdict = verdict(ledger(skew_ms), &[row]);
            verdict.wrong.into_keys().next()
        };
        assert_eq!(wrong(0, row(1)), None);
        for other in [
            Row { id: 1, ..row(1) },
            Row { seq: 2, ..row(1) },
            Row { ts: 5, ..row(1) },
            Row {
                tab_id: 8,
                ..row(1)
            },
            Row {
                kind: "dwell",
                ..row(1)
            },
        ] {
            assert!(wrong(0, other).is_some(), "{other:?}");
        }
        // An hour behind: it happened an hour later than the browser said.
        let hour_ms = 60 * 60 * 1000;
        assert!(wrong(-hour_ms, row(1)).is_some());
        let corrected = Row {
            ts: row(1).ts + hour_ms + 20,
            ..row(1)
        };
        assert_eq!(wrong(-hour_ms, corrected), None);
    }

    #[test]
    fn a_tab_has_to_tell_its_number() {
        let told = |recorded: &[u32]| {
            let mut ledger = ledger(0);
            ledger.acknowledge(TAB, true);
            let mut verdict = Verdict::default();
            for recorded in recorded {
                ledger.judge_tab(TAB.0, *recorded, &mut verdict);
            }
            ledger.sum_up(&mut verdict);
            verdict.wrong.into_keys().next()
        };
        assert_eq!(told(&[2]), None);
        assert!(told(&[1]).is_some() && told(&[]).is_some());
    }
}
