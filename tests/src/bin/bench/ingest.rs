//! Rows a second from HTTP to stored, beside two others that store the same rows in the same
//! table: bare inserts in ClickHouse's own format, and a service that passes JSON on.
//!
//! The three take turns, each on an empty table, and each ends when the last row is stored.

use crate::{
    bodies::{BODY_EVENTS, Body, Source},
    figures::{float, largest, median, rounded, table},
    json_service,
    ledger::Ledger,
    rows::Rows,
};
use anyhow::{Result, bail, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::StatusCode;
use serde_json::json;
use std::{path::Path, time::Duration};
use tests::{
    backend::{Backend, Used},
    clickhouse::ClickHouse,
    clock::{now, now_ms},
    process::{Usage, machine},
    shoppers::Catalog,
};

/// Connections over which events come, to us and to the service that passes JSON on.
pub const CONNECTIONS: usize = 4;
/// How long storing may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a body waits that was refused for the moment.
const PAUSE: Duration = Duration::from_millis(50);

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// How many events a round stores, about; made up in bodies of 2,000.
    #[arg(long, default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..=5_000_000))]
    events: u64,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Another seed gives other events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// One round's figures.
struct Round {
    ours: Ours,
    raw: Stored,
    json: Stored,
}

/// A round of ours.
struct Ours {
    seconds: f64,
    /// Until the last body was acknowledged; the rest is the drainer's.
    acknowledged_s: f64,
    used: Used,
}

/// A round of another's.
#[derive(Clone, Copy)]
pub struct Stored {
    /// From the first request to the last row stored.
    pub seconds: f64,
    /// ClickHouse's CPU time meanwhile.
    pub clickhouse_cpu_s: f64,
}

/// Measures, and tells.
pub async fn run(program: &Path, args: &Args, catalog: Catalog) -> Result<()> {
    let source = Source {
        seed: args.seed,
        bodies: (args.events / BODY_EVENTS).max(1),
        until_ms: now_ms(),
        catalog,
    };
    let bodies: Vec<Body> = (0..source.bodies)
        .map(|number| source.body(number))
        .collect();
    let events = bodies.iter().map(Body::events).sum();
    let machine = machine()?;
    let mut rounds = Vec::new();
    let mut rows = None;
    for number in 1..=args.rounds {
        let round = round(program, &bodies, &mut rows).await?;
        let [ours, raw, json] = [round.ours.seconds, round.raw.seconds, round.json.seconds]
            .map(|seconds| float(events) / seconds);
        eprintln!(
            "  round {number} of {}: ours {ours:.0} rows/s, raw {raw:.0}, JSON {json:.0}",
            args.rounds
        );
        rounds.push(round);
    }
    println!("From HTTP to stored ({machine})\n");
    Figures {
        events,
        rounds: &rounds,
    }
    .tell();
    Ok(())
}

/// All three, one after the other, on a directory that goes with it.
async fn round(program: &Path, bodies: &[Body], rows: &mut Option<Rows>) -> Result<Round> {
    let home = tempfile::tempdir()?;
    let ours = ours(program, home.path(), bodies).await?;
    let database = ClickHouse::open(program, home.path()).await?;
    check(&database, bodies).await?;
    let rows = match rows {
        Some(rows) => rows,
        None => rows.insert(Rows::export(&database).await?),
    };
    for copy in ["raw", "json"] {
        let create = format!("CREATE TABLE {copy} AS events");
        database.ask(&create).await?;
    }
    // Whatever is still merged of it would cost the others time.
    database.ask("DROP TABLE events SYNC").await?;
    let raw = raw(&database, rows).await?;
    ensure!(database.number("SELECT count() FROM raw").await? == rows.count);
    database.ask("DROP TABLE raw SYNC").await?;
    let json = json_service::measure(&database, rows).await?;
    ensure!(database.number("SELECT count() FROM json").await? == rows.count);
    database.stop().await?;
    Ok(Round { ours, raw, json })
}

/// From the first body posted to the last event stored.
async fn ours(program: &Path, home: &Path, bodies: &[Body]) -> Result<Ours> {
    let backend = Backend::start(program, home, &[]).await?;
    let began = now();
    stream::iter(bodies)
        .map(|body| post(&backend, body))
        .buffer_unordered(CONNECTIONS)
        .try_collect::<()>()
        .await?;
    let acknowledged_s = now().duration_since(began).as_secs_f64();
    backend.wait_until_drained(PATIENCE).await?;
    let seconds = now().duration_since(began).as_secs_f64();
    let used = backend.used()?;
    backend.stop().await?;
    Ok(Ours {
        seconds,
        acknowledged_s,
        used,
    })
}

async fn post(backend: &Backend, body: &Body) -> Result<()> {
    loop {
        match backend.post(&body.bytes).await?.0 {
            StatusCode::ACCEPTED => return Ok(()),
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(PAUSE).await,
            other => bail!("the backend answered {other}"),
        }
    }
}

/// Every event is stored, once.
async fn check(database: &ClickHouse, bodies: &[Body]) -> Result<()> {
    let mut ledger = Ledger::default();
    for body in bodies {
        ledger.acknowledged(body);
    }
    let lost = ledger.lost(database).await?;
    let rows = database.number("SELECT count() FROM events").await?;
    ensure!(
        lost == 0 && rows == ledger.events(),
        "{rows} rows are stored of {} events, {lost} are lost",
        ledger.events()
    );
    Ok(())
}

/// Inserts what is exported, block after block.
async fn raw(database: &ClickHouse, rows: &Rows) -> Result<Stored> {
    let before = database.usage()?;
    let began = now();
    for block in &rows.native {
        database.insert("raw", "Native", block.clone()).await?;
    }
    Ok(Stored {
        seconds: now().duration_since(began).as_secs_f64(),
        clickhouse_cpu_s: database.usage()?.since(before).cpu_s,
    })
}

/// The medians of all rounds.
struct Figures<'a> {
    events: u64,
    rounds: &'a [Round],
}

impl Figures<'_> {
    fn rows_per_s(&self, seconds: fn(&Round) -> f64) -> f64 {
        float(self.events) / self.middle(seconds)
    }

    fn us_a_row(&self, seconds: fn(&Round) -> f64) -> f64 {
        self.middle(seconds) / float(self.events) * 1e6
    }

    fn middle(&self, figure: fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }

    fn peak_mb(&self, whose: fn(&Used) -> Usage) -> f64 {
        largest(
            self.rounds
                .iter()
                .map(|round| whose(&round.ours.used).peak_rss_mb),
        )
    }

    fn tell(&self) {
        let ours = self.rows_per_s(|round| round.ours.seconds);
        let raw = self.rows_per_s(|round| round.raw.seconds);
        let json = self.rows_per_s(|round| round.json.seconds);
        let peak_mb = self.peak_mb(|used| used.backend);
        let clickhouse_peak_mb = self.peak_mb(|used| used.clickhouse);
        println!("{}\n", self.table(ours, raw, json));
        println!(
            "  {} rows, medians of {} rounds. Ours are acknowledged at {:.0} events/s.\n\
             \x20 Peak memory: the backend's {peak_mb:.0} MiB, its ClickHouse's {clickhouse_peak_mb:.0} MiB.\n",
            self.events,
            self.rounds.len(),
            self.rows_per_s(|round| round.ours.acknowledged_s),
        );
        println!(
            "{}",
            json!({ "ingest": {
                "rows_per_s": ours.round(),
                "raw_native_rows_per_s": raw.round(),
                "json_rows_per_s": json.round(),
                "ratio_raw": rounded(ours / raw, 3),
                "ratio_json": rounded(ours / json, 3),
                "peak_rss_mb": rounded(peak_mb, 1),
                "clickhouse_peak_rss_mb": rounded(clickhouse_peak_mb, 1),
            } })
        );
    }

    fn table(&self, ours: f64, raw: f64, json: f64) -> String {
        let line = |name: &str, rows_per_s: f64, own_us: String, clickhouse_us: f64| {
            let ratio = format!("{:.2}", ours / rows_per_s);
            let clickhouse_us = format!("{clickhouse_us:.1}");
            let rows_per_s = format!("{rows_per_s:.0}");
            [name.to_owned(), rows_per_s, ratio, own_us, clickhouse_us]
        };
        let own_us = self.us_a_row(|round| round.ours.used.backend.cpu_s);
        let ours_us = self.us_a_row(|round| round.ours.used.clickhouse.cpu_s);
        let raw_us = self.us_a_row(|round| round.raw.clickhouse_cpu_s);
        let json_us = self.us_a_row(|round| round.json.clickhouse_cpu_s);
        let names = ["", "rows/s", "ours to it", "CPU µs a row", "ClickHouse's"];
        let lines = [
            line("ours", ours, format!("{own_us:.1}"), ours_us),
            line("raw Native inserts", raw, String::new(), raw_us),
            line("a service passing JSON on", json, String::new(), json_us),
        ];
        table(names, &lines)
    }
}
