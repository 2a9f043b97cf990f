//! Breaks everything that may break, and looks whether every acknowledged event is stored once.
//!
//! Shoppers send through the real worker, another edge and a server straight to the backend, each
//! batch up to five times and in any order, with wrong clocks, over a network that loses requests
//! and answers. Meanwhile the backend and its ClickHouse are killed and the disk is full, by a
//! plan that is drawn from a seed. Progress goes to stderr; the last line of stdout is JSON.

mod chance;
mod desk;
mod disk;
mod faults;
mod judge;
mod keeper;
mod ledger;
mod message;
mod parcel;
mod plan;
mod proxy;
mod run;
mod senders;
mod status;
mod worker;

use anyhow::Result;
use clap::Parser;
use std::path::PathBuf;

/// What is run, and how much is broken.
#[derive(Parser)]
pub struct Arguments {
    /// The `crumbtrail` that is broken.
    #[arg(long)]
    program: PathBuf,
    /// What runs the worker: `edge-worker/local.mjs`.
    #[arg(long)]
    worker: PathBuf,
    /// How often something is killed.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=10_000))]
    kills: u32,
    /// How many events are sent.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    events: u64,
    /// Another seed gives another run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Why there is no small disk to be filled; else one is mounted for the data, for which the
    /// program has to be in a mount namespace of its own.
    #[arg(long)]
    no_small_disk: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    run::run(Arguments::parse()).await
}
