//! `cargo xtask demo`: the chain for people to try, and the proof that it works.

use crate::{
    build,
    chain::{Chain, Ports, SITE},
    check,
    progress::{self, step},
    records::Records,
    setup, tools,
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{
    fs,
    process::Command,
    sync::mpsc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The flags of `cargo xtask demo`.
#[derive(clap::Args, Debug)]
pub struct DemoArgs {
    /// On fresh data and free ports, sends a real browser through the shop, counts what
    /// arrived, and ends.
    #[arg(long)]
    check: bool,
    /// The shop's port.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// The backend's port.
    #[arg(long, default_value_t = 8080)]
    backend_port: u16,
    /// How many simulated shoppers the demo's shop has had, at its first start.
    #[arg(long, default_value_t = 1000)]
    shoppers: u32,
}

/// Runs the demo until Ctrl-C, or its check to the end.
pub fn run(workspace: &Workspace, args: &DemoArgs) -> Result<()> {
    let began = progress::now();
    setup::all(workspace)?;
    if args.check {
        let chromium = tools::chromium()?;
        build::all(workspace)?;
        return check::run(workspace, &chromium, began);
    }
    let ports = Ports {
        shop: args.port,
        backend: args.backend_port,
    };
    ports.check()?;
    build::all(workspace)?;
    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // A second Ctrl-C finds nobody waiting.
        let _ = interrupt.send(());
    })?;
    let home = workspace.build().join("demo");
    let mut chain = Chain::start(workspace, &home, ports)?;
    let shoppers = step("giving the shop a past (simulated shoppers)", || {
        populate(workspace, &chain, args.shoppers)
    })?;
    step("waiting until everything is stored", || {
        chain.wait_until_drained()
    })?;
    step(
        "telling it of contacts, orders, messages and groups",
        || inform(workspace, &chain, args.shoppers),
    )?;
    show(workspace, &chain, &shoppers)?;
    println!(
        "\nready after {:.1} s; Ctrl-C ends it all",
        progress::now().duration_since(began).as_secs_f32()
    );
    while interrupted.recv_timeout(Duration::from_secs(1)).is_err() {
        chain.check()?;
    }
    println!();
    step("stopping", || chain.stop())
}

/// Sends the simulated shoppers, once: what they did is noted, and kept with the data. An
/// interrupted sending is begun anew with the same end, hence the same events.
fn populate(workspace: &Workspace, chain: &Chain, shoppers: u32) -> Result<Value> {
    let done = chain.home.join("shoppers.json");
    if let Ok(done) = fs::read(&done) {
        return Ok(serde_json::from_slice(&done)?);
    }
    let until_ms = until_ms(chain)?.to_string();
    let output = progress::output(
        Command::new(workspace.program("shoppers"))
            .args(["--edge", &chain.edge(), "--site", SITE])
            .args(["--until-ms", &until_ms])
            .args(["--visitors", &shoppers.to_string()]),
    )?;
    let said = serde_json::from_str(&output).context("the shoppers said something else")?;
    fs::write(done, output)?;
    Ok(said)
}

/// Sends what the shop knows beside its pixel, once: two contacts to each shopper.
fn inform(workspace: &Workspace, chain: &Chain, shoppers: u32) -> Result<()> {
    let done = chain.home.join("informed");
    if done.exists() {
        return Ok(());
    }
    let records = Records {
        backend: &chain.backend,
        key: &chain.make_key(workspace, "admin")?,
        until_ms: until_ms(chain)?,
        contacts: u64::from(shoppers.max(1)) * 2,
    };
    records.send(workspace)?;
    Ok(fs::write(done, "")?)
}

/// When the made-up past ends, in milliseconds since the epoch: at the first start.
fn until_ms(chain: &Chain) -> Result<u64> {
    let kept = chain.home.join("shoppers.until");
    if let Ok(until_ms) = fs::read_to_string(&kept) {
        return Ok(until_ms.trim().parse()?);
    }
    let until_ms = u64::try_from(now_ms()?)?;
    fs::write(&kept, until_ms.to_string())?;
    Ok(until_ms)
}

#[expect(clippy::disallowed_methods, reason = "xtask is all main")]
fn now_ms() -> Result<u128> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(since.context("the clock is before 1970")?.as_millis())
}

fn show(workspace: &Workspace, chain: &Chain, shoppers: &Value) -> Result<()> {
    let definition = json!({ "all": [
        { "kind": "event", "event": "add_to_cart", "window": { "last": { "n": 1, "unit": "month" } } },
        { "not": { "kind": "event", "event": "purchase", "window": { "last": { "n": 1, "unit": "month" } } } },
    ]});
    let answer = chain.preview(&definition)?;
    let sent = &shoppers["shoppers"];
    let body = json!({ "site": SITE, "definition": definition });
    println!(
        "
The shop       {shop}/   (עברית)   {shop}/en/   (English)
The backend    {backend}
Its web app    {link}   (signs in once)
Its API key    {key}
Its logs       {home}
Shoppers       {visitors} simulated ones, with {events} events in 29 days, sent at {rate} events a second
Contacts       two to each shopper, with orders of both kinds, messages and groups of 90 days

Who put something in a cart in the last month, and bought nothing?

curl -s {backend}/v1/segments/preview \\
  -H 'authorization: Bearer {key}' \\
  -H 'content-type: application/json' \\
  -d '{body}'

{answer}",
        shop = chain.shop,
        backend = chain.backend,
        link = chain.sign_in_link(workspace)?,
        key = chain.key,
        home = chain.home.display(),
        visitors = sent["visitors"],
        events = sent["events"],
        rate = sent["events_per_s"],
    );
    Ok(())
}
