//! `crumbtrail serve`, and an edge that signs what it posts.

use crate::{
    clock::{now, now_ms},
    page::SITE,
    process::{Process, Usage, child_of},
};
use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use protocol::signature;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};
use tokio::{process::Command, time::sleep};

/// By which edges sign, and the name that the backend knows it by.
const KEY: &[u8; 32] = b"by this the edges of tests sign.";
const KEY_NAME: &str = "k1";
/// How often the backend is asked how far it is.
const POLL: Duration = Duration::from_millis(20);
/// Starting takes seconds.
const READY: Duration = Duration::from_secs(60);

/// A running backend with its embedded ClickHouse.
pub struct Backend {
    process: Process,
    client: Client,
    url: String,
    before: Option<(Usage, Usage)>,
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

/// The key by which edges sign, as their settings and the backend's have it.
#[must_use]
pub fn edge_key() -> String {
    format!("{KEY_NAME}:{}", hex::encode(KEY))
}

/// Signs a body at this moment, as the edge does.
pub fn signed(request: RequestBuilder, body: &Bytes) -> RequestBuilder {
    let time_ms = now_ms();
    let mac = signature::sign(KEY, time_ms, body);
    request
        .header(signature::KEY_HEADER, KEY_NAME)
        .header(signature::TIME_HEADER, time_ms)
        .header(signature::SIGNATURE_HEADER, hex::encode(mac))
        .body(body.clone())
}

impl Backend {
    /// Starts it on an empty directory, with its data under `home`, and waits until all of it
    /// works.
    ///
    /// # Errors
    /// Where it doesn't, with what it logged.
    pub async fn start(program: &Path, home: &Path, flags: &[String]) -> Result<Self> {
        add_site(program, home).await?;
        Self::resume(program, home, flags).await
    }

    /// Starts it on what is under `home`, and waits until all of it works.
    ///
    /// # Errors
    /// Where it doesn't, with what it logged.
    pub async fn resume(program: &Path, home: &Path, flags: &[String]) -> Result<Self> {
        let listen = ["--listen".to_owned(), "127.0.0.1:0".to_owned()];
        let mut backend = Self::launch(program, home, &[&listen, flags].concat()).await?;
        backend.wait_until_ready(READY).await?;
        let pid = backend.process.id()?;
        backend.before = Some((Usage::of(pid)?, Usage::of(child_of(pid)?)?));
        Ok(backend)
    }

    /// Starts it on what is under `home`; it listens then, and may still prepare its tables.
    ///
    /// # Errors
    /// Where it doesn't start, with what it logged.
    pub async fn launch(program: &Path, home: &Path, flags: &[String]) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["serve", "--die-with-stdin", "--data"])
            .arg(home.join("data"))
            .args(flags)
            .env("CRUMBTRAIL_EDGE_KEYS", edge_key())
            .kill_on_drop(true);
        let (process, Listening { listening: url }) =
            Process::start(&mut command, &home.join("backend.log")).await?;
        Ok(Self {
            process,
            client: Client::new(),
            url,
            before: None,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process of its ClickHouse.
    ///
    /// # Errors
    /// Where there is none at the moment.
    pub fn engine(&self) -> Result<u32> {
        child_of(self.process.id()?)
    }

    /// Posts a body as the edge does; gives the status, and what is said with it.
    ///
    /// # Errors
    /// Where no answer came: the connection broke.
    pub async fn post(&self, body: &Bytes) -> reqwest::Result<(StatusCode, Bytes)> {
        let request = self.client.post(format!("{}/v1/ingest", self.url));
        let response = signed(request, body).send().await?;
        let status = response.status();
        // Read to its end, so that the connection is used again.
        Ok((status, response.bytes().await?))
    }

    /// Waits until all of it works.
    ///
    /// # Errors
    /// Where it doesn't in that time, with what it says of its parts.
    pub async fn wait_until_ready(&self, patience: Duration) -> Result<()> {
        let began = now();
        loop {
            let response = self.client.get(format!("{}/readyz", self.url));
            let response = response.send().await?;
            if response.status().is_success() {
                return Ok(());
            }
            if now().duration_since(began) > patience {
                let parts = response.text().await?;
                bail!("the backend is not ready after {patience:?}: {parts}");
            }
            sleep(POLL).await;
        }
    }

    /// Waits until nothing waits on disk for ClickHouse.
    ///
    /// # Errors
    /// Where something does after that time.
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
    ///
    /// # Errors
    /// Where the backend doesn't answer, or it is none.
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
    ///
    /// # Errors
    /// Where one of them has ended, or was never seen at work.
    pub fn used(&self) -> Result<Used> {
        let before = self.before.context("it was not ready yet")?;
        Ok(Used {
            backend: Usage::of(self.process.id()?)?.since(before.0),
            clickhouse: Usage::of(self.engine()?)?.since(before.1),
        })
    }

    /// Ends it, and with it its ClickHouse.
    ///
    /// # Errors
    /// Where it ends badly.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Kills it with SIGKILL; its ClickHouse sees its stdin close.
    ///
    /// # Errors
    /// Where it had ended by itself.
    pub async fn kill(self) -> Result<()> {
        self.process.kill().await
    }
}

/// Adds the site that all events belong to, in the data under `home`.
///
/// # Errors
/// What the backend says.
pub async fn add_site(program: &Path, home: &Path) -> Result<()> {
    let site = ["site", "add", SITE, "--currency", "ILS"];
    let arguments = [&site[..], &["--time-zone", "Asia/Jerusalem"]].concat();
    manage(program, home, &arguments).await?;
    Ok(())
}

/// Adds an owner in the data under `home`, and gives the link by which they sign in to the app there.
///
/// # Errors
/// What the backend says.
pub async fn add_owner(program: &Path, home: &Path, url: &str) -> Result<String> {
    let owner = ["user", "add", "Dana", "--role", "owner", "--url", url];
    let output = manage(program, home, &owner).await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Makes an API key of the site, in the data under `home`.
///
/// # Errors
/// What the backend says.
pub async fn make_key(program: &Path, home: &Path, scope: &str) -> Result<String> {
    let key = ["key", "create", "--site", SITE, "--scope", scope];
    let output = manage(program, home, &key).await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

async fn manage(program: &Path, home: &Path, arguments: &[&str]) -> Result<Output> {
    let output = Command::new(program)
        .args(arguments)
        .arg("--data")
        .arg(home.join("data"))
        .stderr(Stdio::inherit())
        .output()
        .await?;
    ensure!(output.status.success(), "{arguments:?} failed");
    Ok(output)
}
