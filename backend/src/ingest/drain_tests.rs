//! The drainer on a real ClickHouse, broken off at every step, once and twice: whatever was
//! acknowledged is there once.

use super::{
    super::spool::{self, Spooled},
    *,
};
use crate::store::{Patience, fresh};
use clickhouse::Client;
use proptest::{prelude::*, test_runner::TestRunner};
use protocol::{
    batch::{Batch, Consent, Header, Origin, Page, Previous, Session},
    envelope::{Agent, Envelope, Place, Stamp},
    event::{Action, Event},
    id::{SessionId, TabId, VisitorId},
};
use std::{
    collections::BTreeSet,
    env,
    path::Path,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

const NOW_MS: u64 = 1_790_000_000_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const SITE: &str = "demo";

/// A clock that never says the same.
fn ticking() -> u64 {
    static TICKS: AtomicU64 = AtomicU64::new(NOW_MS);
    TICKS.fetch_add(1, Relaxed)
}

/// A database of its own in the ClickHouse that `cargo xtask test` starts.
struct Database {
    client: Client,
    store: Store,
}

impl Database {
    async fn fresh(name: &str) -> Self {
        let (client, store) = fresh(name).await;
        Self { client, store }
    }

    /// What drains the spool in `file` into it, as after a crash: everything is read anew.
    async fn drain(&self, file: &Path, chunk_events: usize) -> Drain {
        let (_, spool) = spool::open(file, 1 << 30).await.unwrap();
        Drain {
            spool: Arc::new(Mutex::new(spool)),
            chunk_events,
            store: self.store.clone(),
            hash_key: vec![7; 32],
            live: Live::default(),
            tombs: Arc::default(),
            noted: Arc::default(),
            now_ms: ticking,
        }
    }

    async fn empty(&self) {
        for table in ["events", "rejected_events", "tabs"] {
            let sql = format!("TRUNCATE TABLE {table}");
            self.client.query(&sql).execute().await.unwrap();
        }
    }

    /// Every (tab, seq) of a table, as often as it is there.
    async fn places(&self, table: &str) -> Vec<(u64, u32)> {
        let sql = format!("SELECT tab_id, seq FROM {table} ORDER BY tab_id, seq");
        self.client.query(&sql).fetch_all().await.unwrap()
    }
}

/// What a tab sends: events of these ages in days, in batches of at most `batch`; each batch
/// so often.
#[derive(Clone, Debug)]
struct Tab {
    id: u64,
    ages_days: Vec<u64>,
    batch: usize,
    copies: usize,
}

impl Tab {
    fn envelopes(&self) -> Vec<Vec<u8>> {
        let event = |(age, seq): (&u64, u32)| Event {
            seq,
            at_ms: NOW_MS - age * DAY_MS,
            session_start: seq == 0,
            action: Action::PageView,
            props: Vec::new(),
        };
        let events: Vec<_> = self.ages_days.iter().zip(0..).map(event).collect();
        let batches = events.chunks(self.batch).map(|events| {
            let header = Header {
                site: SITE,
                tab_id: TabId(self.id),
                previous: Some(Previous {
                    tab_id: TabId(self.id + 1000),
                    events: 3,
                }),
                lost: 0,
                dropped: 0,
                consent: Consent::Granted,
                staff: false,
                session: Session {
                    id: SessionId(self.id),
                    started_at_ms: NOW_MS,
                    number: 1,
                    origin: Origin::default(),
                },
                page: Page::default(),
            };
            Batch::encode(&header, events)
        });
        let envelope = |batch: Vec<u8>| {
            Envelope {
                stamp: Stamp {
                    visitor_id: VisitorId::new(self.id),
                    received_at_ms: NOW_MS,
                    sent_at_ms: NOW_MS,
                    place: Place::default(),
                    agent: Agent::default(),
                    proof: None,
                },
                payload: &batch,
            }
            .encode()
        };
        let envelopes: Vec<_> = batches.map(envelope).collect();
        envelopes
            .iter()
            .cycle()
            .take(envelopes.len() * self.copies)
            .cloned()
            .collect()
    }

    fn places(&self, is_kept: impl Fn(u64) -> bool) -> impl Iterator<Item = (u64, u32)> {
        let kept = self
            .ages_days
            .iter()
            .zip(0..)
            .filter(move |(age, _)| is_kept(**age));
        kept.map(|(_, seq)| (self.id, seq))
    }
}

/// How envelopes come and go: so many are appended at once, and drained in chunks of so many.
#[derive(Clone, Copy, Debug)]
struct Pace {
    at_once: usize,
    chunk: usize,
}

/// All at once.
const WHOLE: Pace = Pace {
    at_once: 99,
    chunk: 99,
};

/// Appends the tabs' envelopes, and drains after each time; every drain is broken off once after
/// as many steps as `breaks` says next. In the end it is drained whole.
async fn history(database: &Database, tabs: &[Tab], pace: Pace, breaks: &[usize]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.sqlite");
    let mut breaks = breaks.iter();
    let steps = AtomicUsize::new(0);
    let envelopes: Vec<_> = tabs.iter().flat_map(Tab::envelopes).collect();
    for envelopes in envelopes.chunks(pace.at_once) {
        append(&file, envelopes).await;
        for after in breaks.by_ref().map(Some).take(2).chain([None]) {
            let drain = database.drain(&file, pace.chunk).await;
            let before = steps.load(Relaxed);
            let drained = drain
                .all(&|_| {
                    let done = steps.fetch_add(1, Relaxed) - before;
                    match after {
                        Some(after) if done >= *after => Err(SpoolError::Closed.into()),
                        _ => Ok(()),
                    }
                })
                .await;
            assert!(after.is_some() || drained.is_ok(), "{drained:?}");
        }
    }
    steps.into_inner()
}

async fn append(file: &Path, envelopes: &[Vec<u8>]) {
    let (spool, _reader) = spool::open(file, 1 << 30).await.unwrap();
    for envelope in envelopes {
        let spooled = Spooled {
            bytes: spool::body(&[envelope]),
            events: 1,
        };
        spool.append(spooled).await.unwrap();
    }
}

async fn check(database: &Database, tabs: &[Tab]) {
    let expected = |is_kept: fn(u64) -> bool| {
        let places: BTreeSet<_> = tabs.iter().flat_map(|tab| tab.places(is_kept)).collect();
        places.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(database.places("events").await, expected(|age| age <= 30));
    assert_eq!(
        database.places("rejected_events FINAL").await,
        expected(|age| age > 30)
    );
    let recorded: Vec<(u64, u32)> = database
        .client
        .query("SELECT tab_id, max(recorded) FROM tabs GROUP BY tab_id ORDER BY tab_id")
        .fetch_all()
        .await
        .unwrap();
    let own = tabs.iter().map(|tab| (tab.id, tab.ages_days.len() as u32));
    let before = tabs.iter().map(|tab| (tab.id + 1000, 3));
    assert_eq!(
        recorded,
        own.chain(before)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn broken_off_at_any_step_and_at_any_two_everything_is_there_once() {
    let database = Database::fresh("drain_steps").await;
    // Of several months, which are several inserts; some too old; each batch twice.
    let tabs = [
        Tab {
            id: 1,
            ages_days: vec![0, 0, 29, 31],
            batch: 2,
            copies: 2,
        },
        Tab {
            id: 2,
            ages_days: vec![20],
            batch: 1,
            copies: 1,
        },
    ];
    let steps = history(&database, &tabs, WHOLE, &[]).await;
    check(&database, &tabs).await;
    assert!(steps >= 8, "{steps} steps");
    for first in 0..steps {
        for second in 0..=steps {
            database.empty().await;
            history(&database, &tabs, WHOLE, &[first, second]).await;
            check(&database, &tabs).await;
        }
    }
}

#[test]
fn any_history_of_chunks_and_breaks_is_stored_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::fresh("drain_histories"));
    let tab = (
        prop::collection::vec(0_u64..40, 1..6),
        1_usize..4,
        1_usize..4,
    );
    let tabs = prop::collection::vec(tab, 1..6);
    let breaks = prop::collection::vec(0_usize..20, 0..12);
    let cases = env::var("PROPTEST_CASES").map_or(24, |cases| cases.parse().unwrap());
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        ..ProptestConfig::default()
    });
    let pace = (1_usize..12, 1_usize..5).prop_map(|(at_once, chunk)| Pace { at_once, chunk });
    let outcome = runner.run(&(tabs, pace, breaks), |(tabs, pace, breaks)| {
        let tabs = tabs
            .into_iter()
            .zip(1..)
            .map(|((ages_days, batch, copies), id)| Tab {
                id,
                ages_days,
                batch,
                copies,
            });
        let tabs: Vec<_> = tabs.collect();
        runtime.block_on(async {
            database.empty().await;
            history(&database, &tabs, pace, &breaks).await;
            check(&database, &tabs).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn what_clickhouse_cannot_take_is_set_aside_alone() {
    let database = Database::fresh("drain_refused").await;
    let refuse = async |condition: &str| {
        let sql = format!("ALTER TABLE events ADD CONSTRAINT refused CHECK {condition}");
        database.client.query(&sql).execute().await.unwrap();
    };
    let tab = |id, events| Tab {
        id,
        ages_days: vec![0; events],
        batch: 50,
        copies: 2,
    };
    refuse("NOT (tab_id = 1 AND seq IN (7, 99))").await;
    let tabs = [tab(1, 150), tab(2, 60)];
    history(&database, &tabs, WHOLE, &[3, 5]).await;
    let aside: Vec<(u64, u32, String)> = database
        .client
        .query("SELECT tab_id, seq, reason FROM rejected_events FINAL ORDER BY seq")
        .fetch_all()
        .await
        .unwrap();
    let reason = || "refused_by_store".to_owned();
    assert_eq!(aside, [(1, 7, reason()), (1, 99, reason())]);
    let stored = database.places("events").await;
    let others = tabs.iter().flat_map(|tab| tab.places(|_| true));
    let others: Vec<_> = others
        .filter(|place| ![(1, 7), (1, 99)].contains(place))
        .collect();
    assert_eq!(stored, others);
}

#[tokio::test]
async fn where_every_row_is_refused_nothing_is_set_aside() {
    let database = Database::fresh("drain_stopped").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.sqlite");
    let tab = Tab {
        id: 1,
        ages_days: vec![0; 300],
        batch: 100,
        copies: 1,
    };
    append(&file, &tab.envelopes()).await;
    let alter = "ALTER TABLE events ADD CONSTRAINT refused CHECK seq > 1000";
    database.client.query(alter).execute().await.unwrap();
    let drain = database.drain(&file, CHUNK_EVENTS).await;
    assert!(drain.all(&|_| Ok(())).await.is_err());
    assert_eq!(database.places("rejected_events").await, []);
    // Mended, everything is there.
    let alter = "ALTER TABLE events DROP CONSTRAINT refused";
    database.client.query(alter).execute().await.unwrap();
    drain.all(&|_| Ok(())).await.unwrap();
    assert_eq!(database.places("events").await.len(), 300);
}

#[tokio::test]
async fn a_token_without_rows_loses_nothing() {
    let database = Database::fresh("drain_token").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.sqlite");
    let tab = Tab {
        id: 1,
        ages_days: vec![0, 0, 9],
        batch: 3,
        copies: 1,
    };
    append(&file, &tab.envelopes()).await;
    let mut drain = database.drain(&file, CHUNK_EVENTS).await;
    drain.store = drain.store.with_patience(Patience {
        seen: Duration::from_millis(200),
        ..Patience::default()
    });
    let stop = |step| match step {
        Step::InsertedEvents => Err(SpoolError::Closed.into()),
        _ => Ok(()),
    };
    assert!(drain.all(&stop).await.is_err());
    // As after a crash in which ClickHouse wrote the token and lost the rows.
    for table in ["events", "tabs"] {
        let sql = format!("ALTER TABLE {table} DELETE WHERE 1 SETTINGS mutations_sync = 2");
        database.client.query(&sql).execute().await.unwrap();
    }
    assert_eq!(database.places("events").await, []);
    drain.all(&|_| Ok(())).await.unwrap();
    check(&database, &[tab]).await;
}
