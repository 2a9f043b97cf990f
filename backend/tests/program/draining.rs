//! A spool that is drained through a proxy: what the drainer makes of a fault, and what is in
//! ClickHouse once it is over.

use crate::{
    harness::{Database, SECRET},
    proxy::{Fault, Proxy, What as Fate},
    server::{batch, now_ms, stamped},
};
use backend::{
    ingest::{
        drain::{self, CHUNK_EVENTS, Drain, DrainState},
        live::Live,
        spool::{self, SpoolReader, Spooled},
    },
    store::{Address, Patience, Store},
};
use protocol::{
    event::{Action, Identify, IdentifyBy},
    id::{ContactId, Site},
    notice::{Followed, Notice, What},
    token::{Channel, Message, TokenId},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::timeout,
};

/// The event of every spool here that a fault may single out.
pub const MARKED: &str = "the marked event";

/// What [`rows`] says once everything is there: of the five events each once, of the two that
/// are too old each once, and one row of each of the others.
pub const ALL: &str = "5 of 5, 2 aside, 1 message, 1 proof, 3 tabs, 1 erasure";
/// The same where ClickHouse refuses the marked event.
pub const BUT_ONE: &str = "4 of 4, 3 aside, 1 message, 1 proof, 3 tabs, 1 erasure";

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Short for what a test makes hang.
const PATIENCE: Patience = Patience {
    insert: Duration::from_millis(500),
    look_up: Duration::from_millis(500),
    alter: Duration::from_millis(500),
    ping: Duration::from_millis(500),
    seen: Duration::from_millis(500),
};

pub struct Draining {
    pub proxy: Proxy,
    pub state: watch::Receiver<DrainState>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl Draining {
    /// Drains what a site sent while `fault` is there.
    pub async fn start(database: &Database, site: &str, fault: Fault) -> Self {
        let proxy = Proxy::open(&database.url()).await;
        let hangs = matches!(fault.what, Fate::Hang(_));
        proxy.set(Some(fault));
        let folder = tempfile::tempdir().unwrap();
        let (spool, reader) = spool::open(&spool_in(&folder), 1 << 30).await.unwrap();
        spool.append(sent(site)).await.unwrap();
        let mut store = store(&proxy.url);
        if hangs {
            store = store.with_patience(PATIENCE);
        }
        let drain = drain(reader, store);
        let (said, state) = watch::channel(DrainState::Starting);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(drain::run(drain, Duration::from_millis(5), said, stopped));
        Self {
            proxy,
            state,
            stop,
            task,
            folder,
        }
    }

    /// The first thing that the drainer says of itself.
    pub async fn says(&mut self) -> DrainState {
        let says = self.state.wait_for(|state| *state != DrainState::Starting);
        let says = timeout(Duration::from_secs(20), says).await;
        says.expect("it says nothing").unwrap().clone()
    }

    /// Ends the fault, and drains what is left at once, with a patience for machines that have
    /// much else to do.
    pub async fn end(self) {
        self.proxy.set(None);
        self.stop.send_replace(true);
        let ended = timeout(Duration::from_secs(60), self.task).await;
        ended.expect("it doesn't end").unwrap();
        let (_spool, reader) = spool::open(&spool_in(&self.folder), 1 << 30).await.unwrap();
        let rest = drain(reader, store(&self.proxy.url));
        let (said, mut state) = watch::channel(DrainState::Starting);
        let (_stop, stopped) = watch::channel(true);
        drain::run(rest, Duration::ZERO, said, stopped).await;
        assert_eq!(*state.borrow_and_update(), DrainState::Running);
    }
}

fn spool_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("spool.sqlite")
}

fn drain(spool: SpoolReader, store: Store) -> Drain {
    Drain {
        spool: Arc::new(Mutex::new(spool)),
        tombs: Arc::default(),
        noted: Arc::default(),
        chunk_events: CHUNK_EVENTS,
        store,
        hash_key: vec![7; 32],
        live: Live::default(),
        now_ms,
    }
}

pub fn store(url: &str) -> Store {
    let address = Address {
        url: url.to_owned(),
        user: "default".to_owned(),
        password: SECRET.to_owned(),
        database: "default".to_owned(),
        folder: None,
    };
    Store::new(&address)
}

/// Everything that the spool may hold, for each of the drainer's inserts: events of two months,
/// some too old, one of them twice, a proof, news of a message, and a wish to be forgotten.
fn sent(site: &str) -> Spooled {
    let now_ms = now_ms();
    let message = Message {
        contact: ContactId::new(42),
        channel: Channel::Mail,
        message_id: "m-1",
        campaign: "autumn",
    };
    let followed = Followed {
        token_id: TokenId(site.bytes().fold(0, |id, byte| id * 131 + u64::from(byte))),
        message,
        link: None,
        machine: false,
    };
    let notice = |what| {
        let site = Site::new(site).unwrap();
        Notice { site, what }.encode()
    };
    let marked = Action::Search { term: MARKED };
    let claim = Action::Identify(Identify {
        by: IdentifyBy::Mail,
        value: "dan@example.com",
    });
    let of =
        |tab, age_days: u64, actions: &[_]| batch(site, tab, now_ms - age_days * DAY_MS, actions);
    let batches = [
        of(1, 0, &[Action::PageView, marked, claim]),
        of(2, 29, &[Action::PageView, Action::SignOut]),
        of(2, 29, &[Action::PageView, Action::SignOut]),
        of(3, 40, &[Action::PageView, Action::SignOut]),
        notice(What::Message(followed)),
    ];
    // Who wants to be forgotten is nobody who did anything here.
    let forget = stamped(7, now_ms, None, &notice(What::Forget));
    let envelopes = batches.map(|payload| stamped(1, now_ms, None, &payload));
    let envelopes: Vec<_> = envelopes.into_iter().chain([forget]).collect();
    Spooled {
        bytes: spool::body(&envelopes),
        events: 9,
    }
}

/// What is in ClickHouse of a site.
pub async fn rows(database: &Database, site: &str) -> String {
    let of = async |columns: &str, table: &str| {
        let sql = format!("SELECT {columns} FROM {table} WHERE site = '{site}'");
        database.value(&sql).await
    };
    format!(
        "{}, {} aside, {} message, {} proof, {} tabs, {} erasure",
        of("concat(count(), ' of ', uniqExact(event_id))", "events").await,
        of("count()", "rejected_events FINAL").await,
        of("count()", "messages").await,
        of("count()", "proofs FINAL").await,
        of("uniqExact(tab_id)", "tabs").await,
        of("count()", "erasure_requests FINAL").await,
    )
}
