//! Rows a second from HTTP to stored, beside two others that store the same rows in the same
//! table: bare inserts in ClickHouse's own format, and a service that passes JSON on.
//!
//! The three take turns, each on an empty table, and each ends when the last row is stored.

use crate::{
    backend::{Backend, Used},
    bodies::{BODY_EVENTS, Body, Source},
    clickhouse::ClickHouse,
    figures::{float, largest, median, rounded, table},
    json_service,
    ledger::Ledger,
    now, now_ms,
    rows::Rows,
};
use anyhow::{Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::StatusCode;
use std::{path::Path, time::Duration};
use tests::shoppers::Catalog;

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
    #[arg(long, default_value_t = 500_000)]
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
    let mut rounds = Vec::new();
    let mut rows = None;
    for number in 1..=args.rounds {
        let round = round(program, &bodies, &mut rows).await?;
        let rate = |seconds| float(events) / seconds;
        eprintln!(
            "  round {number} of {}: ours {:.0} rows/s, raw {:.0}, JSON {:.0}",
            args.rounds,
            rate(round.ours.seconds),
            rate(round.raw.seconds),
            rate(round.json.seconds),
        );
        rounds.push(round);
    }
    tell(events, &rounds);
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
        match backend.post(body).await? {
            StatusCode::ACCEPTED => return Ok(()),
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(PAUSE).await,
            other => anyhow::bail!("the backend answered {other}"),
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

fn tell(events: u64, rounds: &[Round]) {
    let middle = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
    let rate = |figure| float(events) / middle(figure);
    let us_a_row = |figure| middle(figure) / float(events) * 1e6;
    let ours = rate(|round| round.ours.seconds);
    let raw = rate(|round| round.raw.seconds);
    let json = rate(|round| round.json.seconds);
    let peak = largest(rounds.iter().map(|r| r.ours.used.backend.peak_rss_mb));
    let clickhouse_peak = largest(rounds.iter().map(|r| r.ours.used.clickhouse.peak_rss_mb));
    let line = |name: &str, rate: f64, own_us: String, clickhouse_us: f64| {
        let ratio = format!("{:.2}", ours / rate);
        let clickhouse_us = format!("{clickhouse_us:.1}");
        [
            name.to_owned(),
            format!("{rate:.0}"),
            ratio,
            own_us,
            clickhouse_us,
        ]
    };
    let own_us = us_a_row(|round| round.ours.used.backend.cpu_s);
    let lines = [
        line(
            "ours",
            ours,
            format!("{own_us:.1}"),
            us_a_row(|round| round.ours.used.clickhouse.cpu_s),
        ),
        line(
            "raw Native inserts",
            raw,
            String::new(),
            us_a_row(|round| round.raw.clickhouse_cpu_s),
        ),
        line(
            "a service passing JSON on",
            json,
            String::new(),
            us_a_row(|round| round.json.clickhouse_cpu_s),
        ),
    ];
    let names = [
        "",
        "rows/s",
        "ours to it",
        "own CPU µs a row",
        "ClickHouse's",
    ];
    println!("{}\n", table(names, &lines));
    println!(
        "  {events} rows, medians of {} rounds. Ours are acknowledged at {:.0} events/s. \
         Peak memory: {peak:.0} MiB, and its ClickHouse's {clickhouse_peak:.0} MiB.\n",
        rounds.len(),
        rate(|round| round.ours.acknowledged_s),
    );
    println!(
        "{}",
        serde_json::json!({ "ingest": {
            "rows_per_s": ours.round(),
            "raw_native_rows_per_s": raw.round(),
            "json_rows_per_s": json.round(),
            "ratio_raw": rounded(ours / raw, 3),
            "ratio_json": rounded(ours / json, 3),
            "peak_rss_mb": rounded(peak, 1),
            "clickhouse_peak_rss_mb": rounded(clickhouse_peak, 1),
        } })
    );
}
