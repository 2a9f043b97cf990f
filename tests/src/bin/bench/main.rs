//! Measures the backend as it is shipped: `crumbtrail serve` with its embedded ClickHouse.
//! Progress goes to stderr, a table for people to stdout; the last line of stdout is JSON.

mod bodies;
mod figures;
mod ingest;
mod json_service;
mod ledger;
mod load;
mod overload;
mod people;
mod rows;
mod segments;
mod ui;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
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
    /// Questions about people, beside bare scans and beside other ways to ask them.
    Segments(segments::Args),
    /// The web app in a browser, on a large site.
    Ui(ui::Args),
    /// Contacts and orders in, people and their timelines out, links, and erasing.
    People(people::Args),
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let catalog = Catalog::demo().context("the demo shop's catalog")?;
    match &arguments.what {
        What::Ingest(args) => ingest::run(&arguments.program, args, catalog).await,
        What::Overload(args) => overload::run(&arguments.program, args, catalog).await,
        What::Segments(args) => segments::run(&arguments.program, args).await,
        What::Ui(args) => ui::run(&arguments.program, args).await,
        What::People(args) => people::run(&arguments.program, args).await,
    }
}
