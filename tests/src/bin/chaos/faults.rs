//! Breaks things when the plan says so, and waits until they work again.

use crate::{
    chance::mixed,
    disk::Disk,
    keeper::Keeper,
    plan::{Fault, Stretch},
    senders::{Senders, edge_body},
    status::{Status, lock},
};
use anyhow::{Result, bail};
use reqwest::StatusCode;
use std::{sync::Arc, time::Duration};
use tests::clock::now;
use tokio::time::sleep;

/// How often is looked whether it is time.
const POLL: Duration = Duration::from_millis(2);
/// A stretch that isn't acknowledged by then is broken all the same.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a full disk may take to be felt.
const DISK_PATIENCE: Duration = Duration::from_secs(60);
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
            }
        }
        Ok(())
    }

    /// Fills the disk until the backend refuses events for it, and leaves it full for a while.
    async fn fill(&mut self, disk: &Disk, and_kill: bool, number: u64) -> Result<()> {
        let began = now();
        let mut rounds = 0;
        loop {
            disk.fill()?;
            if self.is_refused(number, rounds).await? {
                break;
            }
            rounds += 1;
            if now().duration_since(began) > DISK_PATIENCE {
                bail!("the disk is full for {DISK_PATIENCE:?}, and the backend takes events still");
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

    /// Posts copies of what was acknowledged; whether the backend can't write them.
    async fn is_refused(&self, number: u64, rounds: u64) -> Result<bool> {
        let mut chance = mixed(self.senders.source.seed, "full disk", number << 32 | rounds);
        let numbers: Vec<u32> = {
            let ledger = lock(&self.senders.ledger);
            let known = ledger.acknowledged().iter().rev();
            known.take(MOST_IN_BODY).copied().collect()
        };
        if numbers.is_empty() {
            sleep(POLL).await;
            return Ok(false);
        }
        let parcels = self.senders.enter(numbers.into_iter())?;
        let body = edge_body(&parcels, &mut chance);
        let (status, said) = self.keeper.backend()?.post(&body).await?;
        let is_full = status == StatusCode::SERVICE_UNAVAILABLE
            && String::from_utf8_lossy(&said).contains("spool_unavailable");
        self.status
            .answered(format!("ingest, on a full disk: {}", status.as_u16()));
        Ok(is_full)
    }
}
