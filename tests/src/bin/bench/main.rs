//! Measures the backend as it is shipped: `crumbtrail serve` with its embedded ClickHouse.
//! Progress goes to stderr, a table for people to stdout; the last line of stdout is JSON.

mod backend;
mod bodies;
mod clickhouse;
mod figures;
mod ingest;
mod json_service;
mod ledger;
mod load;
mod overload;
mod page;
mod process;
mod rows;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use std::{
    path::PathBuf,
    time::{Instant, SystemTime, UNIX_EPOCH},
};
use tests::shoppers::Catalog;

/// Figures of the backend. Times are of one run on one machine: compare them with each other,
/// not with another run's.
#[derive(Parser)]
struct Arguments {
    /// The `crumbtrail` to measure.
    #[arg(long)]
    program: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Rows a second from HTTP to stored, beside bare inserts of the same rows.
    Ingest(ingest::Args),
    /// What becomes of acknowledged events when ten times too many come.
    Overload(overload::Args),
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let catalog = Catalog::demo().context("the demo shop's catalog")?;
    match &arguments.what {
        What::Ingest(args) => ingest::run(&arguments.program, args, catalog).await,
        What::Overload(args) => overload::run(&arguments.program, args, catalog).await,
    }
}

/// Milliseconds since the epoch: events happen now.
#[expect(clippy::disallowed_methods, reason = "here the clock is read")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// The clock by which everything is measured.
#[expect(clippy::disallowed_methods, reason = "measuring is all that is done")]
fn now() -> Instant {
    Instant::now()
}
