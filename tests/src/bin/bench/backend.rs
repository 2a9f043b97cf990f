//! `crumbtrail serve` as it is shipped, and an edge that signs what it posts.

use crate::{
    bodies::{Body, SITE},
    now, now_ms,
    process::{Process, Usage, child_of},
};
use anyhow::{Context as _, Result, bail, ensure};
use protocol::signature;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, time::sleep};

const KEY: [u8; 32] = [0xAB; 32];
/// How often the backend is asked how far it is.
const POLL: Duration = Duration::from_millis(20);
/// Starting takes seconds.
const READY: Duration = Duration::from_secs(60);

/// A running backend on an empty directory, with its embedded ClickHouse.
pub struct Backend {
    process: Process,
    /// The embedded ClickHouse's process.
    engine: u32,
    client: Client,
    url: String,
    before: (Usage, Usage),
}

#[derive(Deserialize)]
struct Listening {
    listening: String,
}

/// What the two processes used from the first body on; peaks are since they began.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// The backend.
    pub backend: Usage,
    /// The embedded ClickHouse.
    pub clickhouse: Usage,
}

impl Backend {
    /// Starts it with its data under `home`, and waits until all of it works.
    pub async fn start(program: &Path, home: &Path, flags: &[String]) -> Result<Self> {
        let data = home.join("data");
        add_site(program, &data).await?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(flags)
            .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", hex::encode(KEY)));
        let (process, Listening { listening: url }) =
            Process::start(&mut command, &home.join("backend.log")).await?;
        let client = Client::new();
        wait_until_ready(&client, &url).await?;
        let pid = process.id()?;
        let engine = child_of(pid)?;
        let before = (Usage::of(pid)?, Usage::of(engine)?);
        Ok(Self {
            process,
            engine,
            client,
            url,
            before,
        })
    }

    /// Posts a body as the edge does, signed at this moment.
    ///
    /// # Errors
    /// Where no answer came: the connection broke.
    pub async fn post(&self, body: &Body) -> reqwest::Result<StatusCode> {
        let time_ms = now_ms();
        let mac = signature::sign(&KEY, time_ms, &body.bytes);
        let response = self
            .client
            .post(format!("{}/v1/ingest", self.url))
            .header(signature::KEY_HEADER, "k1")
            .header(signature::TIME_HEADER, time_ms)
            .header(signature::SIGNATURE_HEADER, hex::encode(mac))
            .body(body.bytes.clone())
            .send()
            .await?;
        let status = response.status();
        // Read to its end, so that the connection is used again.
        response.bytes().await?;
        Ok(status)
    }

    /// Waits until nothing waits on disk for ClickHouse.
    pub async fn wait_until_drained(&self, patience: Duration) -> Result<()> {
        let began = now();
        while self.metric("crumbtrail_spool_bytes").await? > 0 {
            ensure!(
                now().duration_since(began) < patience,
                "the backend did not store everything within {patience:?}"
            );
            sleep(POLL).await;
        }
        Ok(())
    }

    /// A whole number among the metrics; 0 where there is none yet.
    pub async fn metric(&self, name: &str) -> Result<u64> {
        let request = self.client.get(format!("{}/metrics", self.url));
        let text = request.send().await?.text().await?;
        let mut values = text
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values.next().map_or(Ok(0), |value| {
            value.parse().with_context(|| format!("{name} is {value}"))
        })
    }

    /// What it and its ClickHouse used so far.
    pub fn used(&self) -> Result<Used> {
        Ok(Used {
            backend: Usage::of(self.process.id()?)?.since(self.before.0),
            clickhouse: Usage::of(self.engine)?.since(self.before.1),
        })
    }

    /// Ends it, and with it its ClickHouse.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }
}

async fn add_site(program: &Path, data: &Path) -> Result<()> {
    let status = Command::new(program)
        .args(["site", "add", SITE, "--currency", "ILS"])
        .args(["--time-zone", "Asia/Jerusalem", "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "the site could not be added");
    Ok(())
}

async fn wait_until_ready(client: &Client, url: &str) -> Result<()> {
    let began = now();
    while now().duration_since(began) < READY {
        let response = client.get(format!("{url}/readyz")).send().await?;
        if response.status().is_success() {
            return Ok(());
        }
        sleep(POLL).await;
    }
    bail!("the backend is not ready after {READY:?}")
}
