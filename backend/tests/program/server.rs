//! A backend of its own for each test, and an edge that signs.

use crate::{
    harness::{Database, SECRET},
    strace::traced,
};
use protocol::{
    batch::{Batch, Consent, Header, Origin, Page, Session},
    envelope::{Agent, Envelope, Place, Proof, Stamp, append_to_body},
    event::{Action, Event},
    id::{SessionId, TabId, VisitorId},
    signature,
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub const KEY: [u8; 32] = [0xAB; 32];

pub struct Server {
    pub process: Child,
    pub url: String,
    pub data: tempfile::TempDir,
    pub http: Client,
    /// What the first start prints.
    pub set_up_key: Option<String>,
    clickhouse: String,
}

/// `crumbtrail serve` on `data`, with the ClickHouse at `clickhouse`.
pub fn command(data: &Path, clickhouse: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
    command
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--drain-pause-ms",
            "50",
            "--data",
        ])
        .arg(data)
        .env("RUST_LOG", "warn")
        .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", hex::encode(KEY)))
        .env("CRUMBTRAIL_CLICKHOUSE_URL", clickhouse)
        .env("CRUMBTRAIL_CLICKHOUSE_PASSWORD", SECRET);
    command
}

/// A folder of data with the sites `demo` and `other`.
pub fn folder() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    for site in ["demo", "other"] {
        run(
            data.path(),
            &[
                "site",
                "add",
                site,
                "--currency",
                "ILS",
                "--time-zone",
                "Asia/Jerusalem",
            ],
        );
    }
    data
}

pub fn spawn(command: &mut Command) -> (Child, String, Option<String>) {
    let spawned = command.stdout(Stdio::piped()).spawn();
    let mut process = spawned.expect("`cargo xtask test` installs what a test needs");
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let set_up_key = said["setup_key"].as_str().map(str::to_owned);
    (
        process,
        said["listening"].as_str().unwrap().to_owned(),
        set_up_key,
    )
}

impl Server {
    /// A backend that knows the sites `demo` and `other`.
    pub fn start(database: &Database) -> Self {
        Self::with_spool(database, 4 << 30)
    }

    /// As [`Server::start`], with a spool of so many bytes at most.
    pub fn with_spool(database: &Database, max_bytes: u64) -> Self {
        Self::open(&database.url(), max_bytes)
    }

    /// As [`Server::start`], with the ClickHouse at a URL.
    pub fn behind(clickhouse: &str) -> Self {
        Self::open(clickhouse, 4 << 30)
    }

    /// One whose system calls are written into `log`. It has no ClickHouse, so that nothing but
    /// what comes in is at work.
    pub fn traced(log: &Path) -> Self {
        let nowhere = "http://127.0.0.1:9";
        let data = folder();
        let mut command = command(data.path(), nowhere);
        command.arg("--die-with-stdin");
        Self::begin(data, &mut traced(&command, log), nowhere)
    }

    /// One with its own ClickHouse, which logs all that can be logged into `log`.
    pub fn embedded_at_trace(log: &Path) -> Self {
        let data = folder();
        let mut command = command(data.path(), "");
        command
            .env("RUST_LOG", "trace")
            .env_remove("CRUMBTRAIL_CLICKHOUSE_URL")
            .stderr(File::create(log).unwrap());
        Self::begin(data, &mut command, "")
    }

    fn open(clickhouse: &str, max_bytes: u64) -> Self {
        let data = folder();
        let mut command = command(data.path(), clickhouse);
        command.env("CRUMBTRAIL_SPOOL_MAX_BYTES", max_bytes.to_string());
        Self::begin(data, &mut command, clickhouse)
    }

    /// One that a command starts on `data`.
    pub fn begin(data: tempfile::TempDir, command: &mut Command, clickhouse: &str) -> Self {
        let (process, url, set_up_key) = spawn(command);
        Self {
            process,
            url,
            set_up_key,
            data,
            http: Client::new(),
            clickhouse: clickhouse.to_owned(),
        }
    }

    /// Closes its standard input, and waits until it has ended for that.
    pub fn end(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }

    /// kill -9, and a new start on the same data.
    pub fn crash(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.url, self.set_up_key) =
            spawn(&mut command(self.data.path(), &self.clickhouse));
    }

    pub fn key(&self, site: &str) -> String {
        self.key_of(site, "read")
    }

    pub fn key_of(&self, site: &str, scope: &str) -> String {
        let arguments = ["key", "create", "--site", site, "--scope", scope];
        run(self.data.path(), &arguments)
    }

    /// A request with a key, and with a body of JSON where there is one.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: Option<Value>,
    ) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.bearer_auth(key);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// Posts a body as the edge does.
    pub async fn ingest(&self, body: Vec<u8>) -> Response {
        self.signed(now_ms(), &KEY, body).send().await.unwrap()
    }

    pub fn signed(&self, time_ms: u64, key: &[u8], body: Vec<u8>) -> RequestBuilder {
        let mac = signature::sign(key, time_ms, &body);
        self.http
            .post(format!("{}/v1/ingest", self.url))
            .header(signature::KEY_HEADER, "k1")
            .header(signature::TIME_HEADER, time_ms)
            .header(signature::SIGNATURE_HEADER, hex::encode(mac))
            .body(body)
    }

    pub async fn preview(&self, key: &str, body: serde_json::Value) -> Response {
        let request = self.http.post(format!("{}/v1/segments/preview", self.url));
        request.bearer_auth(key).json(&body).send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    /// Waits until every part works and nothing is in the spool.
    pub async fn drained(&self) {
        let empty = async {
            loop {
                if self.get("/readyz").await.status() != 200 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                let metrics = self.get("/metrics").await.text().await.unwrap();
                if metrics
                    .lines()
                    .any(|line| line == "crumbtrail_spool_bytes 0")
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), empty)
            .await
            .expect("the spool is not drained");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// A command that has to succeed; what it printed.
pub fn run(data: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
    let output = command
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests are their own edge, and it has a clock"
)]
pub fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

/// A body of one envelope: `events` page views of the visitor and tab `number`, the
/// last of them `age_ms` ago.
pub fn body(site: &str, number: u64, events: u32, age_ms: u64) -> Vec<u8> {
    let now_ms = now_ms();
    let mut body = Vec::new();
    append_to_body(
        &mut body,
        &envelope(site, number, events, now_ms, now_ms - age_ms),
    );
    body
}

/// A body of tab 1's batch of so many events, the first of them its `first`-th.
pub fn body_from(first: u32, events: u32) -> Vec<u8> {
    let now_ms = now_ms();
    let whole = batch(
        "demo",
        1,
        now_ms,
        &vec![Action::PageView; (first + events) as usize],
    );
    let whole = Batch::decode(&whole).unwrap();
    let batch = Batch::encode(&whole.header, &whole.events[first as usize..]);
    let mut body = Vec::new();
    append_to_body(&mut body, &stamped(1, now_ms, None, &batch));
    body
}

/// A body of page views whose visitor made no choice about consent.
pub fn unset_body(site: &str, events: u32) -> Vec<u8> {
    let now_ms = now_ms();
    let whole = batch(site, 1, now_ms, &vec![Action::PageView; events as usize]);
    let whole = Batch::decode(&whole).unwrap();
    let header = Header {
        consent: Consent::Unset,
        ..whole.header
    };
    let mut body = Vec::new();
    append_to_body(
        &mut body,
        &stamped(1, now_ms, None, &Batch::encode(&header, &whole.events)),
    );
    body
}

pub fn envelope(site: &str, number: u64, events: u32, now_ms: u64, at_ms: u64) -> Vec<u8> {
    let actions = vec![Action::PageView; events as usize];
    stamped(number, now_ms, None, &batch(site, number, at_ms, &actions))
}

/// A batch of these actions, all at that time, by the tab of that number.
pub fn batch(site: &str, number: u64, at_ms: u64, actions: &[Action<'_>]) -> Vec<u8> {
    let header = Header {
        site,
        tab_id: TabId(number),
        previous: None,
        lost: 0,
        dropped: 0,
        consent: Consent::Granted,
        staff: false,
        session: Session {
            id: SessionId(number),
            started_at_ms: at_ms,
            number: 1,
            origin: Origin::default(),
        },
        page: Page {
            host: "shop.example",
            path: "/",
            ..Page::default()
        },
    };
    let events: Vec<_> = actions
        .iter()
        .zip(0..)
        .map(|(action, seq)| Event {
            seq,
            at_ms,
            session_start: seq == 0,
            action: action.clone(),
            props: vec![],
        })
        .collect();
    Batch::encode(&header, &events)
}

/// The envelope of a payload, taken from the visitor of that number.
pub fn stamped(number: u64, now_ms: u64, proof: Option<Proof<'_>>, payload: &[u8]) -> Vec<u8> {
    Envelope {
        stamp: Stamp {
            visitor_id: VisitorId::new(number),
            received_at_ms: now_ms,
            sent_at_ms: now_ms,
            place: Place::default(),
            agent: Agent::default(),
            proof,
        },
        payload,
    }
    .encode()
}
