//! ClickHouse on a database that a backend left behind, as a client speaks to it: over HTTP.

use crate::{
    clock::now,
    process::{Process, Usage},
};
use anyhow::{Result, bail, ensure};
use backend::{
    segment::Statement,
    store::{Address, Bounds, Store},
};
use clickhouse::{RowOwned, RowRead};
use reqwest::{Body, Client, Response};
use serde::Deserialize;
use std::{net::SocketAddr, path::Path, time::Duration};
use tokio::process::Command;

/// Only this process and the database know it, and both end soon.
const SECRET: &str = "of the tests";

/// How often is looked whether it merges, and how often in a row it doesn't when it has settled.
const LOOK: Duration = Duration::from_millis(500);
const SETTLED_LOOKS: u32 = 10;

/// More than any question needs.
const BOUNDS: Bounds = Bounds {
    seconds: 300,
    memory_bytes: 16 << 30,
};

/// A ClickHouse with nobody else at it.
pub struct ClickHouse {
    process: Process,
    client: Client,
    url: String,
}

#[derive(Deserialize)]
struct Listening {
    listen: SocketAddr,
}

impl ClickHouse {
    /// Opens the database that the backend kept under `home`.
    ///
    /// # Errors
    /// Where it doesn't start.
    pub async fn open(program: &Path, home: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["clickhouse", "--die-with-stdin"])
            .args(["--listen", "127.0.0.1:0", "--path"])
            .arg(home.join("data/clickhouse"))
            .env("CRUMBTRAIL_CLICKHOUSE_SECRET", SECRET)
            .kill_on_drop(true);
        let (process, Listening { listen }) =
            Process::start(&mut command, &home.join("clickhouse.log")).await?;
        Ok(Self {
            process,
            client: Client::new(),
            url: format!("http://{listen}/"),
        })
    }

    /// What a statement answers, in the format that it names.
    ///
    /// # Errors
    /// What ClickHouse says.
    pub async fn ask(&self, statement: &str) -> Result<Vec<u8>> {
        let answer = self.post(&[], statement.to_owned()).await?;
        Ok(answer.bytes().await?.to_vec())
    }

    /// A whole number.
    ///
    /// # Errors
    /// What ClickHouse says, or where it says something else.
    pub async fn number(&self, statement: &str) -> Result<u64> {
        Ok(String::from_utf8(self.ask(statement).await?)?
            .trim()
            .parse()?)
    }

    /// Inserts rows; when it returns they are stored.
    ///
    /// # Errors
    /// What ClickHouse says.
    pub async fn insert(&self, table: &str, format: &str, rows: impl Into<Body>) -> Result<()> {
        let statement = format!("INSERT INTO {table} FORMAT {format}");
        let parameters = [("query", statement.as_str()), ("async_insert", "0")];
        self.post(&parameters, rows).await?;
        Ok(())
    }

    /// What a question of segments answers, as the backend asks it.
    ///
    /// # Errors
    /// What ClickHouse says.
    pub async fn question<T: RowOwned + RowRead>(&self, statement: &Statement) -> Result<Vec<T>> {
        Ok(self.store().question(statement, &BOUNDS).await?)
    }

    /// The database, as the backend has it.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(&Address {
            url: self.url.clone(),
            user: "default".to_owned(),
            password: SECRET.to_owned(),
            database: "default".to_owned(),
            folder: None,
        })
    }

    /// Waits until it has merged what came so suddenly: a shop's comes over months.
    ///
    /// # Errors
    /// Where it goes on merging.
    pub async fn settle(&self, patience: Duration) -> Result<()> {
        let began = now();
        let mut still = 0;
        while still < SETTLED_LOOKS && now().duration_since(began) < patience {
            let merges = self.number("SELECT count() FROM system.merges").await?;
            still = if merges == 0 { still + 1 } else { 0 };
            tokio::time::sleep(LOOK).await;
        }
        ensure!(still == SETTLED_LOOKS, "ClickHouse goes on merging");
        Ok(())
    }

    /// What the process has used.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn usage(&self) -> Result<Usage> {
        Usage::of(self.process.id()?)
    }

    /// Ends it.
    ///
    /// # Errors
    /// Where it ends badly.
    pub async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    async fn post(&self, parameters: &[(&str, &str)], body: impl Into<Body>) -> Result<Response> {
        let request = self.client.post(&self.url).query(parameters);
        let request = request.header("X-ClickHouse-Key", SECRET).body(body);
        let response = request.send().await?;
        if !response.status().is_success() {
            bail!("ClickHouse: {}", response.text().await?);
        }
        Ok(response)
    }
}
