//! Sends bodies to a backend, at full speed or at a rate of its own, and keeps account.
//!
//! A body that was refused, or whose answer did not come, is sent again, before new ones: as
//! queues do.

use crate::{
    bodies::{Body, Source},
    figures::float,
    ledger::Ledger,
};
use anyhow::{Context as _, Result, bail};
use futures_util::future::try_join_all;
use reqwest::StatusCode;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tests::{backend::Backend, clock::now};
use tokio::{
    sync::{Mutex as AsyncMutex, Semaphore, mpsc},
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

/// Connections at full speed: few, each with its next body at once.
const BUSY_CONNECTIONS: usize = 4;
/// Most connections of the open loop.
const OPEN_CONNECTIONS: usize = 256;
/// How long a connection at full speed waits after it was refused.
const PAUSE: Duration = Duration::from_millis(100);
/// New bodies that are made ahead.
const AHEAD: usize = 64;

/// What came of requests in one stretch of time.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Events of all requests.
    pub offered_events: u64,
    /// Events of acknowledged ones.
    pub acknowledged_events: u64,
    /// From the moment at which a request was due to its acknowledgement.
    pub latencies_ms: Vec<f64>,
    /// Requests that were told to come again.
    pub refused: u64,
    /// Requests without an answer.
    pub broken: u64,
    /// Requests that were due when all connections were taken.
    pub unsent: u64,
}

impl Tally {
    /// Requests that were sent.
    pub fn requests(&self) -> u64 {
        self.latencies_ms.len() as u64 + self.refused + self.broken
    }

    /// Events a second that were sent.
    pub fn offered_per_s(&self) -> f64 {
        float(self.offered_events) / self.seconds
    }

    /// Events a second that were acknowledged.
    pub fn acknowledged_per_s(&self) -> f64 {
        float(self.acknowledged_events) / self.seconds
    }
}

/// A backend and what is sent to it.
pub struct Load {
    backend: Backend,
    fresh: AsyncMutex<mpsc::Receiver<Body>>,
    account: Mutex<Account>,
}

#[derive(Default)]
struct Account {
    tally: Tally,
    ledger: Ledger,
    /// To be sent again.
    refused: Vec<Body>,
}

impl Load {
    /// A backend, and where new bodies come from.
    pub fn new(backend: Backend, source: Source) -> Self {
        let (make, fresh) = mpsc::channel(AHEAD);
        thread::spawn(move || {
            for number in 0.. {
                // It ends with whom they are made for.
                if make.blocking_send(source.body(number)).is_err() {
                    return;
                }
            }
        });
        Self {
            backend,
            fresh: AsyncMutex::new(fresh),
            account: Mutex::default(),
        }
    }

    /// Sends as fast as a few connections can, until it is refused.
    pub async fn full_speed_until_refused(&self, end: Instant) -> Result<Tally> {
        self.busy(|| now() < end && self.account().tally.refused == 0)
            .await
    }

    /// Sends as fast as a few connections can.
    pub async fn full_speed(&self, end: Instant) -> Result<Tally> {
        self.busy(|| now() < end).await
    }

    async fn busy(&self, goes_on: impl Fn() -> bool) -> Result<Tally> {
        let began = now();
        let connections = (0..BUSY_CONNECTIONS).map(async |_| {
            while goes_on() {
                let body = self.next().await?;
                if !self.send(body, now()).await? {
                    sleep(PAUSE).await;
                }
            }
            anyhow::Ok(())
        });
        try_join_all(connections).await?;
        Ok(self.close(began))
    }

    /// Sends that many bodies a second, however many are answered; none where all connections
    /// are taken.
    pub async fn open_loop(load: &Arc<Self>, bodies_per_s: f64, lasts: Duration) -> Result<Tally> {
        let connections = Arc::new(Semaphore::new(OPEN_CONNECTIONS));
        let mut ticks = interval(Duration::from_secs_f64(1.0 / bodies_per_s));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut requests = JoinSet::new();
        let began = now();
        while now().duration_since(began) < lasts {
            let due = ticks.tick().await.into_std();
            let Ok(connection) = Arc::clone(&connections).try_acquire_owned() else {
                load.account().tally.unsent += 1;
                continue;
            };
            let load = Arc::clone(load);
            requests.spawn(async move {
                let body = load.next().await?;
                let sent = load.send(body, due).await;
                drop(connection);
                sent
            });
            while let Some(sent) = requests.try_join_next() {
                sent??;
            }
        }
        while let Some(sent) = requests.join_next().await {
            sent??;
        }
        Ok(load.close(began))
    }

    /// Gives back the backend and what it acknowledged.
    pub fn end(load: Arc<Self>) -> Result<(Backend, Ledger)> {
        let load = Arc::into_inner(load).context("requests are under way")?;
        let account = load.account.into_inner();
        let account = account.unwrap_or_else(PoisonError::into_inner);
        Ok((load.backend, account.ledger))
    }

    async fn next(&self) -> Result<Body> {
        if let Some(body) = self.account().refused.pop() {
            return Ok(body);
        }
        let fresh = self.fresh.lock().await.recv().await;
        fresh.context("no more bodies are made")
    }

    /// Sends a body that was due at that time; whether it was acknowledged.
    async fn send(&self, body: Body, due: Instant) -> Result<bool> {
        let answer = self.backend.post(&body.bytes).await;
        let latency_ms = now().duration_since(due).as_secs_f64() * 1000.0;
        let Account {
            tally,
            ledger,
            refused,
        } = &mut *self.account();
        tally.offered_events += body.events();
        match answer {
            Ok((StatusCode::ACCEPTED, _)) => {
                tally.acknowledged_events += body.events();
                tally.latencies_ms.push(latency_ms);
                ledger.acknowledged(&body);
                return Ok(true);
            }
            Ok((StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, _)) => {
                tally.refused += 1;
            }
            Ok((other, _)) => bail!("the backend answered {other}"),
            Err(_) => tally.broken += 1,
        }
        refused.push(body);
        Ok(false)
    }

    /// The tally since `began`, and a new one.
    fn close(&self, began: Instant) -> Tally {
        let mut tally = std::mem::take(&mut self.account().tally);
        tally.seconds = now().duration_since(began).as_secs_f64();
        tally
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
