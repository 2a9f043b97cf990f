//! `cargo xtask bench …`: figures, measured side by side with those of others in one run.

use crate::{
    build,
    chain::with_libchdb,
    pixel,
    progress::{self, loud, step},
    setup, tools,
    workspace::Workspace,
};
use anyhow::Result;
use serde_json::json;
use std::process::Command;

/// What is measured.
#[derive(clap::Subcommand, Debug)]
pub enum Bench {
    /// The pixel beside other trackers: bytes, what each records, and main-thread time in a
    /// real browser. Takes about a quarter of an hour.
    Pixel {
        /// How often each page is measured; the median counts.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// How long a visitor stays on each page, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// The worker beside two written in JavaScript: CPU of a request, with batches of 5, 20
    /// and 100 events. Takes about five minutes.
    Edge {
        /// How often each is measured; the median counts.
        #[arg(long, default_value_t = 15)]
        rounds: u32,
        /// How many requests a measurement is of: a second of CPU, which is told in steps of 10 ms.
        #[arg(long, default_value_t = 5_000)]
        requests: u32,
    },
    /// The backend, from HTTP to stored: rows a second, beside bare inserts of the same rows
    /// into the same table, and beside a service that passes JSON on. Takes about three
    /// minutes, and four more to build it for speed.
    Ingest {
        /// How many events a round stores, about.
        #[arg(long, default_value_t = 500_000)]
        events: u64,
        /// How often each is measured; the median counts.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
    /// The backend at ten times what it can store: what it acknowledges, and that nothing of
    /// that is lost. Takes about two minutes, and four more to build it for speed.
    Overload {
        /// How long too much is offered.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Segments: the example questions beside a bare scan of what they read, beside a query for
    /// each condition, and beside the shape in which others keep events; a hundred in one pass.
    /// Takes about ten minutes, and four more to build it for speed.
    Segments {
        /// How many events; a visitor is made for 40 and a contact for 100 of them.
        #[arg(long, default_value_t = 20_000_000)]
        events: u64,
    },
    /// The web app in a browser, on the site that segments are measured on: bytes of the first
    /// load, times on a slowed CPU, keystrokes to counts, and what axe finds. Takes about ten
    /// minutes, and four more to build it for speed.
    Ui {
        /// How many events; a visitor is made for 40 and a contact for 100 of them.
        #[arg(long, default_value_t = 20_000_000)]
        events: u64,
    },
    /// People: contacts and orders taken a second, beside bare inserts of the same rows; how soon
    /// a person and their timeline are told; linking visitors, and erasing people. Takes about
    /// a quarter of an hour, and four minutes more to build it for speed.
    People {
        /// How many contacts; three times as many orders, ten times as many messages and twenty
        /// times as many events.
        #[arg(long, default_value_t = 1_000_000)]
        contacts: u64,
    },
}

/// Measures.
pub fn run(workspace: &Workspace, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Pixel { rounds, seconds } => pixel(workspace, *rounds, *seconds),
        Bench::Edge { rounds, requests } => edge(workspace, *rounds, *requests),
        Bench::Ingest { events, rounds } => {
            let [events, rounds] = [format!("--events={events}"), format!("--rounds={rounds}")];
            backend(workspace, &["ingest", &events, &rounds])
        }
        Bench::People { contacts } => {
            backend(workspace, &["people", &format!("--contacts={contacts}")])
        }
        Bench::Segments { events } => {
            backend(workspace, &["segments", &format!("--events={events}")])
        }
        Bench::Ui { events } => ui(workspace, *events),
        Bench::Overload { seconds } => {
            backend(workspace, &["overload", &format!("--seconds={seconds}")])
        }
    }
}

fn pixel(workspace: &Workspace, rounds: u32, seconds: u32) -> Result<()> {
    setup::all(workspace)?;
    let chromium = tools::chromium()?;
    let built = step("building the pixel", || pixel::build(workspace))?;
    let bench = workspace.root().join("tests/bench");
    step("fetching the other trackers", || {
        progress::quiet(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--prefix"])
                .arg(&bench),
        )
    })?;
    let file = |role: &str| {
        built
            .files
            .get(role)
            .map_or_else(Vec::new, |name| vec![name])
    };
    let ours = json!({
        "loader": file("loader"),
        "glue": file("glue"),
        "wasm": file("wasm"),
        "fallback": file("fallback"),
    });
    loud(
        Command::new("node")
            .arg(bench.join("pixel.mjs"))
            .arg("--assets")
            .arg(workspace.build().join("assets/c"))
            .args(["--ours", &ours.to_string()])
            .args(["--rounds", &rounds.to_string()])
            .args(["--seconds", &seconds.to_string()])
            .env("CHROMIUM", chromium),
    )
}

fn edge(workspace: &Workspace, rounds: u32, requests: u32) -> Result<()> {
    setup::all(workspace)?;
    build::for_the_edge(workspace)?;
    loud(
        Command::new("node")
            .arg(workspace.root().join("tests/bench/edge.mjs"))
            .args(["--rounds", &rounds.to_string()])
            .args(["--requests", &requests.to_string()]),
    )
}

/// Measures the backend as it is shipped.
fn backend(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    loud(shipped(workspace)?.args(arguments))
}

/// Measures the web app in a browser.
fn ui(workspace: &Workspace, events: u64) -> Result<()> {
    let chromium = tools::chromium()?;
    loud(
        shipped(workspace)?
            .args(["ui", &format!("--events={events}"), "--script"])
            .arg(workspace.root().join("tests/bench/ui.mjs"))
            .env("CHROMIUM", chromium),
    )
}

/// The program that measures, built as what it measures is.
fn shipped(workspace: &Workspace) -> Result<Command> {
    setup::all(workspace)?;
    setup::build_shipped(workspace)?;
    let mut bench = Command::new(workspace.shipped_program("bench"));
    bench
        .arg("--program")
        .arg(workspace.shipped_program("crumbtrail"));
    with_libchdb(workspace, &mut bench);
    Ok(bench)
}
