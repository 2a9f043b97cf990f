//! Who sends: browsers through the worker, another edge and a server straight to the backend.
//!
//! ClickHouse merges rows of the same key into one, sooner or later, and a copy that was stored
//! would vanish with it. So no two copies have the same key: each comes from another visitor, or
//! at a time corrected by another difference.

use crate::{
    chance::{Chance, mixed},
    desk::{Desk, Task},
    ledger::Ledger,
    parcel::{Parcel, Source},
    plan::Way,
    status::{Status, lock},
};
use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use protocol::{
    envelope::{Envelope, append_to_body},
    id::VisitorId,
};
use rand::{Rng as _, RngExt as _};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, USER_AGENT},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tests::{
    backend::signed,
    clock::now_ms,
    edge::{Edge, cookie_of},
    page::SITE,
    stamp::stamp,
};
use tokio::time::sleep;

/// Who waits longer for an answer sends again. The network has answers that are later.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a sender waits whose request was not taken.
const PAUSE: Duration = Duration::from_millis(100);
/// Batches in a body of another edge at most, and in one of a server.
const MOST_IN_BODY: usize = 20;
/// Batches of a browser.
const BROWSER_BATCHES: u32 = 4;
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// What all senders share.
pub struct Senders {
    /// The worker.
    pub edge: Edge,
    /// The way straight to the backend.
    pub backend: String,
    /// A server's key.
    pub key: String,
    /// Where batches come from.
    pub source: Source,
    /// What is to be sent.
    pub desk: Desk,
    /// What was acknowledged.
    pub ledger: Mutex<Ledger>,
    /// The browsers' cookies, by their numbers.
    pub cookies: Mutex<HashMap<u32, String>>,
    /// Connects anew for each request: a connection carries one.
    pub client: Client,
    /// Is told of answers.
    pub status: Arc<Status>,
}

/// What came of a request.
enum Sent {
    /// A 2xx was read.
    Acknowledged,
    /// It wasn't taken, or nobody knows.
    Not,
}

impl Senders {
    /// How many send over a way at once.
    pub const fn at_once(way: Way) -> u64 {
        match way {
            Way::Worker => 16,
            Way::Signed => 6,
            Way::Server => 3,
        }
    }

    /// The `number`-th sender of a way: sends until all is done.
    ///
    /// # Errors
    /// Where a request is refused for good, or a batch can't be brought to be acknowledged.
    pub async fn run(&self, way: Way, number: u64) -> Result<()> {
        let mut chance = mixed(self.source.seed, "senders", number * 8 + way as u64);
        loop {
            let most = match way {
                Way::Worker => 1,
                Way::Signed | Way::Server => chance.random_range(1..=MOST_IN_BODY),
            };
            let Some(tasks) = self.desk.fetch(way, most).await else {
                return Ok(());
            };
            if let Sent::Not = self.send(way, &tasks, &mut chance).await? {
                sleep(PAUSE).await;
            }
        }
    }

    async fn send(&self, way: Way, tasks: &[Task], chance: &mut Chance) -> Result<Sent> {
        let numbers = tasks.iter().map(|task| task.sending.batch);
        let parcels = self.enter(numbers)?;
        let sent = match way {
            Way::Worker => self.as_browser(&parcels, chance).await?,
            Way::Signed => self.as_edge(&parcels, chance).await?,
            Way::Server => self.as_server(&parcels, chance).await?,
        };
        let mut ledger = lock(&self.ledger);
        let outcomes = tasks.iter().zip(&parcels).map(|(task, parcel)| {
            if let Sent::Acknowledged = sent {
                ledger.acknowledge(parcel.tab_id, way != Way::Server);
            }
            (*task, ledger.is_acknowledged(parcel.tab_id))
        });
        self.desk.give_back(outcomes)?;
        Ok(sent)
    }

    /// Makes batches, and enters them into the ledger before anything is sent of them.
    pub fn enter(&self, numbers: impl Iterator<Item = u32>) -> Result<Vec<Parcel>> {
        let parcels = numbers.map(|number| self.source.parcel(number));
        let parcels: Vec<_> = parcels.collect::<Result<_>>()?;
        let mut ledger = lock(&self.ledger);
        for parcel in &parcels {
            ledger.sent(parcel);
        }
        Ok(parcels)
    }

    async fn as_browser(&self, parcels: &[Parcel], chance: &mut Chance) -> Result<Sent> {
        let parcel = parcels.first().context("a batch to send")?;
        let browser = parcel.number / BROWSER_BATCHES;
        let known = lock(&self.cookies).get(&browser).cloned();
        // Some come without it, and are another visitor's then.
        let cookie = known.filter(|_| chance.random_bool(0.6));
        let sent_at_ms = now_ms().saturating_add_signed(parcel.plan.skew_ms);
        let [_, second, third, fourth] = browser.to_be_bytes();
        let request = self
            .edge
            .attempt(&parcel.bytes, sent_at_ms, cookie.as_deref())
            .header(USER_AGENT, BROWSER)
            // As Cloudflare says it: each browser has its own rate limit.
            .header("cf-connecting-ip", format!("10.{second}.{third}.{fourth}"));
        // The worker waits longer for the backend than others do.
        let Ok(response) = request.timeout(PATIENCE * 3).send().await else {
            return Ok(self.unanswered("worker"));
        };
        if let Some(cookie) = cookie_of(&response) {
            lock(&self.cookies).insert(browser, cookie);
        }
        self.judge("worker", response).await.map(|(sent, _)| sent)
    }

    async fn as_edge(&self, parcels: &[Parcel], chance: &mut Chance) -> Result<Sent> {
        let body = edge_body(parcels, chance);
        let request = self.client.post(format!("{}/v1/ingest", self.backend));
        let request = signed(request, &body).timeout(PATIENCE);
        self.send_straight("ingest", request).await
    }

    async fn as_server(&self, parcels: &[Parcel], chance: &mut Chance) -> Result<Sent> {
        let url = format!("{}/v1/sites/{SITE}/events", self.backend);
        let request = self.client.post(url).bearer_auth(&self.key);
        let request = request
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(server_body(parcels, chance))
            .timeout(PATIENCE);
        self.send_straight("events", request).await
    }

    /// Sends a request of the backend's own, all of whose events are good.
    async fn send_straight(&self, who: &str, request: RequestBuilder) -> Result<Sent> {
        let Ok(response) = request.send().await else {
            return Ok(self.unanswered(who));
        };
        let (sent, said) = self.judge(who, response).await?;
        // By reason or by row, as the route has it; or the body didn't come.
        let is_clean = match said.pointer("/rejected") {
            Some(Value::Object(reasons)) => reasons.is_empty(),
            Some(Value::Array(rows)) => rows.is_empty(),
            _ => true,
        };
        ensure!(is_clean, "{who} rejected good events: {said}");
        Ok(sent)
    }

    fn unanswered(&self, who: &str) -> Sent {
        self.status.answered(format!("{who}: none"));
        Sent::Not
    }

    /// What an answer means, and what else it says: nothing where its body didn't come.
    async fn judge(&self, who: &str, response: Response) -> Result<(Sent, Value)> {
        let status = response.status();
        let said = response.bytes().await.unwrap_or_default();
        let json: Value = serde_json::from_slice(&said).unwrap_or_default();
        let code = json.pointer("/code").and_then(Value::as_str);
        let status_and_code = [status.as_str(), code.unwrap_or_default()].join(" ");
        self.status
            .answered(format!("{who}: {}", status_and_code.trim()));
        let sent = match status {
            StatusCode::CREATED | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => {
                Sent::Acknowledged
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Sent::Not,
            other => bail!(
                "{who} answered {other} to a good request: {}",
                String::from_utf8_lossy(&said)
            ),
        };
        Ok((sent, json))
    }
}

/// Batches as another edge posts them, each from another visitor than before.
pub fn edge_body(parcels: &[Parcel], chance: &mut Chance) -> Bytes {
    let mut body = Vec::new();
    for parcel in parcels {
        let received_at_ms = now_ms();
        let sent_at_ms = received_at_ms.saturating_add_signed(parcel.plan.skew_ms);
        let visitor = VisitorId::new(chance.next_u64());
        let envelope = Envelope {
            stamp: stamp(chance, visitor, (sent_at_ms, received_at_ms)),
            payload: &parcel.bytes,
        };
        append_to_body(&mut body, &envelope.encode());
    }
    body.into()
}

/// The same events as a server gives them: a line each, with what makes their ids.
fn server_body(parcels: &[Parcel], chance: &mut Chance) -> String {
    let mut body = String::new();
    for parcel in parcels {
        let visitor = format!("{:x}", chance.next_u64());
        for (event, seq) in parcel.events.iter().zip(0..) {
            let line = json!({
                "type": event.kind,
                "ts": event.at_ms,
                "tab_id": format!("{:x}", parcel.tab_id.0),
                "seq": seq,
                "anonymous_id": visitor,
                // What some types need.
                "name": "size_guide",
                "dwell_ms": 1_000,
                "search_term": "mug",
            });
            body.push_str(&line.to_string());
            body.push('\n');
        }
    }
    body
}
