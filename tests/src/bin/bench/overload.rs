//! What becomes of events when ten times more come than can be stored: how many are
//! acknowledged, how fast, how many are refused, and that no acknowledged one is lost.
//!
//! The spool is small here, so that it is full within seconds: from then on no more can be
//! acknowledged than ClickHouse takes. That is the capacity. A spool of the default size would
//! be minutes in filling, and tell nothing until then.

use crate::{
    bodies::{BODY_EVENTS, Source},
    figures::{float, quantile, rounded},
    load::{Load, Tally},
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};
use tests::{
    backend::Backend,
    clickhouse::ClickHouse,
    clock::{now, now_ms},
    process::machine,
    shoppers::Catalog,
};

/// How many times the capacity is offered.
const TIMES: f64 = 10.0;
/// How long the capacity is measured: a dozen of the drainer's chunks, which make room at once.
const CAPACITY: Duration = Duration::from_secs(30);
/// How long the spool may take to fill, and to drain in the end.
const PATIENCE: Duration = Duration::from_secs(300);

/// What is offered.
#[derive(clap::Args)]
pub struct Args {
    /// How long too much is offered.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// The bound of the spool, in MiB.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(16..=1024))]
    spool_mb: u64,
    /// Another seed gives other events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A run's figures.
struct Figures {
    burst: Tally,
    capacity: Tally,
    overload: Tally,
    peak_rss_mb: f64,
    acknowledged: u64,
    lost: u64,
}

/// Measures, tells, and fails where an acknowledged event is lost.
pub async fn run(program: &Path, args: &Args, catalog: Catalog) -> Result<()> {
    let source = Source {
        seed: args.seed,
        // Some visitors more or less make no difference.
        bodies: 1_000,
        until_ms: now_ms(),
        catalog,
    };
    let machine = machine()?;
    let figures = measure(program, args, source).await?;
    println!("Ten times too much ({machine})\n");
    figures.tell();
    let Figures { lost, .. } = figures;
    ensure!(lost == 0, "{lost} acknowledged events are lost");
    Ok(())
}

async fn measure(program: &Path, args: &Args, source: Source) -> Result<Figures> {
    let home = tempfile::tempdir()?;
    let bound = (args.spool_mb << 20).to_string();
    let flags = ["--spool-max-bytes".to_owned(), bound];
    let backend = Backend::start(program, home.path(), &flags).await?;
    let load = Arc::new(Load::new(backend, source));

    eprintln!("→ filling the spool");
    let burst = load.full_speed_until_refused(now() + PATIENCE).await?;
    eprintln!("→ full speed for {CAPACITY:?}");
    let capacity = load.full_speed(now() + CAPACITY).await?;
    ensure!(
        capacity.acknowledged_events > 0,
        "nothing was acknowledged within {CAPACITY:?}"
    );
    let bodies_per_s = TIMES * capacity.acknowledged_per_s() / float(BODY_EVENTS);
    eprintln!("→ {bodies_per_s:.0} bodies/s for {} s", args.seconds);
    let seconds = Duration::from_secs(args.seconds);
    let overload = Load::open_loop(&load, bodies_per_s, seconds).await?;

    eprintln!("→ draining, and counting");
    let (backend, ledger) = Load::end(load)?;
    backend.wait_until_drained(PATIENCE).await?;
    let peak_rss_mb = backend.used()?.backend.peak_rss_mb;
    backend.stop().await?;
    let database = ClickHouse::open(program, home.path()).await?;
    let lost = ledger.lost(&database).await?;
    database.stop().await?;
    Ok(Figures {
        burst,
        capacity,
        overload,
        peak_rss_mb,
        acknowledged: ledger.events(),
        lost,
    })
}

impl Figures {
    fn tell(&self) {
        let Self {
            burst,
            capacity,
            overload,
            ..
        } = self;
        let requests = float(overload.requests());
        let percent = |count: u64| 100.0 * float(count) / requests;
        let goodput = overload.acknowledged_per_s();
        let ratio = goodput / capacity.acknowledged_per_s();
        let [p50_ms, p99_ms] = [0.5, 0.99].map(|share| quantile(&overload.latencies_ms, share));
        println!(
            "  acknowledged a second  {:.0} events while the spool has room\n\
             \x20 capacity               {:.0} events a second, once it is full\n\
             \x20 offered                {:.0} events a second, in {requests} requests\n\
             \x20 acknowledged           {goodput:.0} events a second, {ratio:.2} of the capacity\n\
             \x20 latency                {p50_ms:.1} ms at the median, {p99_ms:.1} ms at the 99th percentile\n\
             \x20 refused                {:.1} % with 503 or 429, {:.2} % with a broken connection\n\
             \x20 not sent               {} requests, for all connections were taken\n\
             \x20 peak memory            {:.0} MiB\n\
             \x20 lost                   {} of {} acknowledged events\n",
            burst.acknowledged_per_s(),
            capacity.acknowledged_per_s(),
            overload.offered_per_s(),
            percent(overload.refused),
            percent(overload.broken),
            overload.unsent,
            self.peak_rss_mb,
            self.lost,
            self.acknowledged,
        );
        println!(
            "{}",
            json!({ "overload": {
                "capacity_per_s": capacity.acknowledged_per_s().round(),
                "offered_per_s": overload.offered_per_s().round(),
                "goodput_per_s": goodput.round(),
                "goodput_ratio": rounded(ratio, 3),
                "refused_share": rounded(float(overload.refused) / requests, 4),
                "p50_ms": rounded(p50_ms, 1),
                "p99_ms": rounded(p99_ms, 1),
                "peak_rss_mb": rounded(self.peak_rss_mb, 1),
                "acknowledged": self.acknowledged,
                "lost": self.lost,
            } })
        );
    }
}
