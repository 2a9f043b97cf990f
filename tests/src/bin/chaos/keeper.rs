//! Keeps the backend up as a service manager does, and kills it.

use crate::status::Status;
use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tests::{backend::Backend, clock::now, process::signal};
use tokio::time::sleep;

/// How long a service manager waits before it starts a program again.
const WAIT: Duration = Duration::from_millis(100);
/// How long it may take until it stays up, and until all of it works.
const PATIENCE: Duration = Duration::from_secs(90);

/// The backend, on one directory and one port.
pub struct Keeper {
    program: PathBuf,
    home: PathBuf,
    flags: Vec<String>,
    backend: Option<Backend>,
    status: Arc<Status>,
}

impl Keeper {
    /// Starts it on the data under `home`, on a free port.
    pub async fn start(program: PathBuf, home: PathBuf, status: Arc<Status>) -> Result<Self> {
        let flags = |port: &str| {
            let listen = format!("127.0.0.1:{port}");
            // Chunks that are drained all the time, so that kills find one under way.
            ["--listen", &listen, "--drain-pause-ms", "50"].map(str::to_owned)
        };
        let backend = Backend::launch(&program, &home, &flags("0")).await?;
        let port = backend.url().rsplit(':').next();
        let flags = flags(port.context("a port")?).to_vec();
        backend.wait_until_ready(PATIENCE).await?;
        Ok(Self {
            program,
            home,
            flags,
            backend: Some(backend),
            status,
        })
    }

    /// The running backend.
    pub fn backend(&self) -> Result<&Backend> {
        self.backend.as_ref().context("the backend is down")
    }

    /// Kills the backend, and its ClickHouse too where that is asked for.
    pub async fn kill(&mut self, clickhouse_too: bool) -> Result<()> {
        let backend = self.backend.take().context("the backend is down")?;
        // It may be down at this moment, and is to be started then.
        let engine = backend.engine().ok().filter(|_| clickhouse_too);
        backend.kill().await?;
        if let Some(engine) = engine {
            // It may have seen the backend's end first.
            let _ = signal(engine, Signal::KILL);
        }
        self.status.killed();
        Ok(())
    }

    /// Kills ClickHouse, which the backend starts again.
    pub async fn kill_clickhouse(&self) -> Result<()> {
        signal(self.engine().await?, Signal::KILL)?;
        self.status.killed();
        Ok(())
    }

    /// Makes ClickHouse stand still for a while.
    pub async fn freeze_clickhouse(&self, lasts: Duration) -> Result<()> {
        let engine = self.engine().await?;
        signal(engine, Signal::STOP)?;
        sleep(lasts).await;
        signal(engine, Signal::CONT)
    }

    /// The process of ClickHouse; waits for it where it is down.
    async fn engine(&self) -> Result<u32> {
        let backend = self.backend()?;
        let began = now();
        loop {
            match backend.engine() {
                Ok(engine) => return Ok(engine),
                Err(error) => {
                    let waited = now().duration_since(began);
                    ensure!(
                        waited < PATIENCE,
                        "ClickHouse is not started again: {error}"
                    );
                }
            }
            sleep(WAIT).await;
        }
    }

    /// Starts the backend, as often as it takes.
    pub async fn start_again(&mut self) -> Result<()> {
        let began = now();
        while let Err(error) = self.try_start().await {
            self.status.answered("start: failed");
            ensure!(
                now().duration_since(began) < PATIENCE,
                "the backend doesn't start any more: {error:#}"
            );
            sleep(WAIT).await;
        }
        Ok(())
    }

    /// Starts the backend.
    pub async fn try_start(&mut self) -> Result<()> {
        let began = now();
        self.backend = Some(Backend::launch(&self.program, &self.home, &self.flags).await?);
        let took_s = now().duration_since(began).as_secs();
        self.status.answered(format!("start: in {took_s} s"));
        Ok(())
    }

    /// Waits until all of it works.
    pub async fn wait_until_ready(&self) -> Result<()> {
        self.backend()?.wait_until_ready(PATIENCE).await
    }

    /// Drains, and ends.
    pub async fn stop(mut self, patience: Duration) -> Result<()> {
        let backend = self.backend.take().context("the backend is down")?;
        backend.wait_until_drained(patience).await?;
        backend.stop().await
    }
}
