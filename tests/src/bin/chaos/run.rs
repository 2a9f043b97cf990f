//! One run: puts the parts together, watches them, and tells what came of it.

use crate::{
    Arguments,
    desk::Desk,
    disk::Disk,
    faults::Faults,
    judge::judge,
    keeper::Keeper,
    ledger::{Ledger, Verdict},
    parcel::Source,
    plan::{Plan, Way},
    proxy::Proxy,
    senders::Senders,
    status::{Status, lock},
    worker,
};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tests::{
    backend::{add_site, make_key},
    clickhouse::ClickHouse,
    clock::{now, now_ms},
    edge::Edge,
    process::Process,
    shoppers::Catalog,
};
use tokio::{
    task::JoinSet,
    time::{interval, sleep, timeout},
};

/// How often progress is told.
const TELL: Duration = Duration::from_secs(5);
/// How long all may take: so long anyway, for a kill, and for a thousand events.
const LONGEST: Duration = Duration::from_secs(240);
const LONGEST_KILL: Duration = Duration::from_secs(20);
const LONGEST_EVENTS: Duration = Duration::from_secs(2);

/// Processes that were killed with this one's tasks leave children, which end by themselves.
const ORPHANS_END: Duration = Duration::from_secs(2);

/// Runs, tells, and fails where something is lost, double or wrong.
pub async fn run(arguments: Arguments) -> Result<()> {
    let home = tempfile::Builder::new()
        .prefix("crumbtrail-chaos-")
        .tempdir()?;
    let status = Arc::new(Status::default());
    let longest = LONGEST
        + LONGEST_KILL * arguments.kills
        + LONGEST_EVENTS * u32::try_from(arguments.events / 1000)?;
    let outcome = timeout(longest, Box::pin(all(&arguments, home.path(), &status))).await;
    let outcome = outcome.unwrap_or_else(|_| bail!("it hangs: not done after {longest:?}"));
    for (answer, times) in status.answers() {
        eprintln!("  {answer}: {times}");
    }
    let outcome = outcome.with_context(|| format!("while {}", status.now_at()));
    if outcome.is_err() {
        keep(&home.keep()).await;
    }
    outcome
}

/// Says where everything is, and brings the data there from the small disk, which goes with this
/// program.
async fn keep(home: &Path) {
    sleep(ORPHANS_END).await;
    let copied = Command::new("cp")
        .args(["--recursive", "--no-target-directory"])
        .args([home.join("data"), home.join("data.kept")])
        .status();
    let home = home.display();
    match copied {
        Ok(status) if status.success() => {
            eprintln!("  the data is in {home}/data.kept, logs in {home}");
        }
        _ => eprintln!("  the data could not be copied; logs are in {home}"),
    }
}

/// What senders and faults work on.
struct Chain {
    senders: Arc<Senders>,
    faults: Faults,
    worker: Process,
}

async fn all(arguments: &Arguments, home: &Path, status: &Arc<Status>) -> Result<()> {
    let plan = Arc::new(Plan::draw(
        arguments.seed,
        arguments.kills,
        arguments.events,
    ));
    let (kills, fills) = plan.faults();
    eprintln!(
        "  {} events in {} batches, sent {} times at least; {kills} kills, {fills} full disks, seed {}",
        plan.events(),
        plan.batches.len(),
        plan.sendings.len(),
        arguments.seed,
    );
    let chain = start(arguments, home, &plan, status).await?;
    let began = now();
    let senders = Arc::clone(&chain.senders);
    tokio::select! {
        sent = send(chain, &plan, status) => sent?,
        () = watch(began, &senders, &plan, status) => {}
    }
    status.stage("counting what is stored");
    let mut ledger = std::mem::take(&mut *lock(&senders.ledger));
    let database = ClickHouse::open(&arguments.program, home).await?;
    let verdict = judge(&database, &mut ledger).await?;
    database.stop().await?;
    let seconds = now().duration_since(began).as_secs();
    eprintln!("  all was sent, stored and counted within {seconds} s");
    tell(&verdict, arguments, status);
    ensure!(
        verdict.acknowledged == arguments.events,
        "{} of {} events were acknowledged",
        verdict.acknowledged,
        arguments.events
    );
    ensure!(
        verdict.is_good(),
        "what is stored isn't what was acknowledged"
    );
    Ok(())
}

/// Starts everything, each behind the network that it is reached by.
async fn start(
    arguments: &Arguments,
    home: &Path,
    plan: &Arc<Plan>,
    status: &Arc<Status>,
) -> Result<Chain> {
    let Arguments { program, seed, .. } = arguments;
    status.stage("starting the backend");
    let data = home.join("data");
    fs::create_dir(&data)?;
    let disk = match &arguments.no_small_disk {
        None => Some(Disk::mount(&data, arguments.events)?),
        Some(why) => {
            eprintln!("  the disk is never full in this run: {why}");
            None
        }
    };
    add_site(program, home).await?;
    let key = make_key(program, home, "write").await?;
    let keeper = Keeper::start(program.clone(), home.to_owned(), Arc::clone(status)).await?;
    let backend = keeper.backend()?.url().trim_start_matches("http://");
    let backend: SocketAddr = backend.parse()?;

    status.stage("starting the worker");
    let network = |name, to| Proxy {
        name,
        seed: *seed,
        to,
        status: Arc::clone(status),
    };
    let behind = network("worker to backend", backend).open().await?;
    let (worker, edge) = worker::start(&arguments.worker, home, behind).await?;
    let edge = network("browsers to worker", edge).open().await?;
    let direct = network("straight to backend", backend).open().await?;
    let senders = Arc::new(Senders {
        edge: Edge::new(format!("http://{edge}/c/e"), now_ms),
        backend: format!("http://{direct}"),
        key,
        source: Source {
            seed: *seed,
            plan: Arc::clone(plan),
            until_ms: now_ms(),
            catalog: Catalog::demo().context("the demo shop's catalog")?,
        },
        desk: Desk::new(plan),
        ledger: Mutex::new(Ledger::default()),
        cookies: Mutex::default(),
        client: reqwest::Client::new(),
        status: Arc::clone(status),
    });
    let faults = Faults {
        senders: Arc::clone(&senders),
        keeper,
        disk,
        status: Arc::clone(status),
    };
    Ok(Chain {
        senders,
        faults,
        worker,
    })
}

/// Sends and breaks, until all is acknowledged and stored; then ends it all in order.
async fn send(mut chain: Chain, plan: &Plan, status: &Status) -> Result<()> {
    let mut tasks = JoinSet::new();
    for way in Way::ALL {
        for number in 0..Senders::at_once(way) {
            let senders = Arc::clone(&chain.senders);
            tasks.spawn(async move { senders.run(way, number).await });
        }
    }
    let sent = async {
        while let Some(sent) = tasks.join_next().await {
            sent??;
        }
        anyhow::Ok(())
    };
    let broken = async {
        chain.faults.run(&plan.stretches).await?;
        status.stage("sending what is left");
        chain.senders.desk.release(u32::MAX);
        anyhow::Ok(())
    };
    tokio::try_join!(sent, broken)?;
    chain.worker.stop().await?;
    status.stage("draining");
    chain.faults.keeper.stop(LONGEST).await
}

/// Tells how far it is, for as long as it is awaited.
async fn watch(began: Instant, senders: &Senders, plan: &Plan, status: &Status) {
    let mut ticks = interval(TELL);
    let (kills, fills) = plan.faults();
    loop {
        ticks.tick().await;
        eprintln!(
            "  {:4} s: {} of {} events acknowledged, {} sendings left; {} of {kills} kills, \
             disk full {} of {fills}, {} resets, {} broken requests; {}",
            now().duration_since(began).as_secs(),
            lock(&senders.ledger).events(),
            plan.events(),
            senders.desk.left(),
            status.kills(),
            status.full_disks(),
            status.resets(),
            status.broken(),
            status.now_at(),
        );
    }
}

/// What is wrong for people, and the figures.
fn tell(verdict: &Verdict, arguments: &Arguments, status: &Status) {
    for (what, times) in &verdict.wrong {
        eprintln!("  {what}: {times}");
    }
    for line in &verdict.told {
        eprintln!("  {line}");
    }
    println!(
        "{}",
        json!({ "chaos": {
            "acknowledged": verdict.acknowledged,
            "stored": verdict.stored,
            "lost": verdict.lost,
            "duplicated": verdict.duplicated,
            "kills": status.kills(),
            "disk_full": status.full_disks(),
            "resets": status.resets(),
            "seed": arguments.seed,
        } })
    );
}
