//! Breaks things when the plan says so, and waits until they work again.

use crate::{
    chance::mixed,
    disk::Disk,
    keeper::Keeper,
    plan::{Fault, Stretch},
    senders::{Senders, edge_body},
    status::{Status, lock},
};
use anyhow::{Result, ensure};
use reqwest::StatusCode;
use std::{sync::Arc, time::Duration};
use tests::clock::now;
use tokio::time::sleep;

/// How often is looked whether it is time.
const POLL: Duration = Duration::from_millis(2);
/// A stretch that isn't acknowledged by then is broken all the same.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the backend may take to feel that the disk is full, and that it isn't.
const DISK_PATIENCE: Duration = Duration::from_secs(15);
/// The backend waits a minute for an insert.
const FREEZE: Duration = Duration::from_secs(62);
/// How long it stays full then.
const FULL: Duration = Duration::from_millis(700);
/// Batches in a body that is to fill the disk.
const MOST_IN_BODY: usize = 100;

/// Who breaks things.
pub struct Faults {
    /// Who sends meanwhile.
    pub senders: Arc<Senders>,
    /// What is killed.
    pub keeper: Keeper,
    /// What is filled, where this machine lets that be.
    pub disk: Option<Disk>,
    /// Is told of what is broken.
    pub status: Arc<Status>,
}

impl Faults {
    /// Breaks what the plan says, stretch after stretch.
    pub async fn run(&mut self, stretches: &[Stretch]) -> Result<()> {
        for (stretch, number) in stretches.iter().zip(1..) {
            let of = format!("{number} of {}", stretches.len());
            self.status.stage(format!("waiting for fault {of}"));
            self.wait_for(stretch).await;
            self.status
                .stage(format!("fault {of}: {:?}", stretch.fault));
            self.break_it(stretch.fault, number).await?;
            if stretch.recovers {
                self.status
                    .stage(format!("recovering from fault {of}: {:?}", stretch.fault));
                self.keeper.wait_until_ready().await?;
            }
        }
        Ok(())
    }

    /// Lets a stretch go, and waits until its share of events is acknowledged.
    async fn wait_for(&self, stretch: &Stretch) {
        let acknowledged = || lock(&self.senders.ledger).events();
        let until = acknowledged() + stretch.events;
        self.senders.desk.release(stretch.end);
        let began = now();
        while acknowledged() < until
            && !self.senders.desk.is_idle()
            && now().duration_since(began) < PATIENCE
        {
            sleep(POLL).await;
        }
        sleep(stretch.delay).await;
    }

    async fn break_it(&mut self, fault: Fault, number: u64) -> Result<()> {
        match fault {
            Fault::KillBackend | Fault::KillBoth => {
                self.keeper.kill(fault == Fault::KillBoth).await?;
                self.keeper.start_again().await?;
            }
            Fault::KillClickHouse => self.keeper.kill_clickhouse().await?,
            Fault::Freeze => self.keeper.freeze_clickhouse(FREEZE).await?,
            Fault::FillDisk { and_kill } => {
                let Some(disk) = self.disk.take() else {
                    return Ok(());
                };
                let filled = self.fill(&disk, and_kill, number).await;
                disk.free()?;
                self.disk = Some(disk);
                filled?;
                if self.keeper.backend().is_err() {
                    self.keeper.start_again().await?;
                }
                self.keeper.wait_until_ready().await?;
                self.wait_until_taken(number).await?;
            }
        }
        Ok(())
    }

    /// Waits until the backend takes events, now that there is room again.
    async fn wait_until_taken(&self, number: u64) -> Result<()> {
        let began = now();
        for round in 0.. {
            let (status, said) = self.post_copies(number, u64::MAX - round).await?;
            if status == StatusCode::ACCEPTED {
                break;
            }
            ensure!(
                now().duration_since(began) < DISK_PATIENCE,
                "the disk has had room for {DISK_PATIENCE:?}, and the backend takes no events: {said}"
            );
            sleep(POLL * 50).await;
        }
        Ok(())
    }

    /// Fills the disk until the backend refuses events for it, and leaves it full for a while.
    async fn fill(&mut self, disk: &Disk, and_kill: bool, number: u64) -> Result<()> {
        let began = now();
        let mut rounds = 0;
        loop {
            disk.fill()?;
            let (status, said) = self.post_copies(number, rounds).await?;
            self.status
                .answered(format!("ingest, on a full disk: {}", status.as_u16()));
            if status == StatusCode::SERVICE_UNAVAILABLE && said.contains("disk_full") {
                break;
            }
            rounds += 1;
            if now().duration_since(began) > DISK_PATIENCE {
                eprintln!(
                    "  the disk was full for {DISK_PATIENCE:?} without being felt: it doesn't count"
                );
                return Ok(());
            }
        }
        self.status.disk_was_full();
        if and_kill {
            self.keeper.kill(false).await?;
            disk.fill()?;
            // It may start on a full disk or not. In the end it has to.
            if self.keeper.try_start().await.is_err() {
                self.status.answered("start on a full disk: failed");
            }
        }
        let full = now();
        while now().duration_since(full) < FULL {
            disk.fill()?;
            sleep(POLL * 10).await;
        }
        Ok(())
    }

    /// Posts copies of what was acknowledged, and tells the answer.
    async fn post_copies(&self, number: u64, round: u64) -> Result<(StatusCode, String)> {
        let mut chance = mixed(
            self.senders.source.seed,
            "full disk",
            (number << 32) ^ round,
        );
        let numbers: Vec<u32> = {
            let ledger = lock(&self.senders.ledger);
            let latest = ledger.acknowledged().iter().rev();
            latest.take(MOST_IN_BODY).copied().collect()
        };
        // Before anything was acknowledged, the first batch serves.
        let numbers = if numbers.is_empty() { vec![0] } else { numbers };
        let parcels = self.senders.enter(numbers.into_iter())?;
        let body = edge_body(&parcels, &mut chance);
        let (status, said) = self.keeper.backend()?.post(&body).await?;
        if status == StatusCode::ACCEPTED {
            let mut ledger = lock(&self.senders.ledger);
            for parcel in &parcels {
                ledger.acknowledge(parcel.tab_id, true);
            }
        }
        Ok((status, String::from_utf8_lossy(&said).into_owned()))
    }
}
