//! Sends a population of simulated shoppers to an edge, and says how fast.

use anyhow::{Context as _, Result};
use clap::Parser;
use std::sync::Arc;
use tests::{
    clock::{now, now_ms},
    edge::{Edge, Sent},
    shoppers::{Catalog, Population},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// Simulated shoppers: the same seed and the same end give the same events.
#[derive(Parser)]
struct Arguments {
    /// Where batches go, as `http://127.0.0.1:8787/c/e`.
    #[arg(long)]
    edge: String,
    /// The site that they visit.
    #[arg(long, default_value = "demo")]
    site: String,
    /// Another seed gives other shoppers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many there are.
    #[arg(long, default_value_t = 1000)]
    visitors: u64,
    /// Over how many days their visits spread; at most 29.
    #[arg(long, default_value_t = 29, value_parser = clap::value_parser!(u64).range(1..=29))]
    days: u64,
    /// When the last day ends, in milliseconds since the epoch; now where left out.
    #[arg(long)]
    until_ms: Option<u64>,
    /// How many of them send at once.
    #[arg(long, default_value_t = 16)]
    at_once: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let population = Population {
        seed: arguments.seed,
        visitors: arguments.visitors,
        days: arguments.days,
        until_ms: arguments.until_ms.unwrap_or_else(now_ms),
        site: arguments.site,
        host: host_of(&arguments.edge).context("--edge is no URL")?,
        catalog: Catalog::demo().context("the demo shop's catalog")?,
    };
    let edge = Edge::new(arguments.edge, now_ms);
    let began = now();
    let (sent, mut expected) = send(&population, edge, arguments.at_once).await?;
    let seconds = now().duration_since(began).as_secs_f64();
    expected["batches"] = sent.batches.into();
    expected["events"] = sent.events.into();
    expected["seconds"] = seconds.into();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = sent.events as f64 / seconds;
    expected["events_per_s"] = rate.round().into();
    println!("{}", serde_json::json!({ "shoppers": expected }));
    Ok(())
}

/// Sends everybody's batches; what is known of them comes along, to judge answers by.
async fn send(
    population: &Population,
    edge: Edge,
    at_once: usize,
) -> Result<(Sent, serde_json::Value)> {
    let places = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    let (mut buyers, mut cart_leavers) = (0_u64, 0_u64);
    for (nth, person) in (0_u64..).zip(population.people()) {
        buyers += u64::from(person.bought);
        cart_leavers += u64::from(person.added_to_cart && !person.bought);
        let place = Arc::clone(&places).acquire_owned().await?;
        let edge = edge.clone();
        tasks.spawn(async move {
            let sent = edge.send_person(&person, nth).await;
            drop(place);
            sent
        });
    }
    let mut total = Sent::default();
    while let Some(sent) = tasks.join_next().await {
        let sent = sent??;
        total.batches += sent.batches;
        total.events += sent.events;
    }
    let known = serde_json::json!({
        "visitors": population.visitors,
        "buyers": buyers,
        "cart_leavers": cart_leavers,
    });
    Ok((total, known))
}

fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/').next().map(str::to_owned)
}
