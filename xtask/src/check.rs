//! `cargo xtask demo --check`: a real browser goes through the shop; every event that
//! its pixels recorded must be stored once, and the visitor be in the segment.

use crate::{
    chain::{Chain, Ports, start_clickhouse},
    progress::{self, step},
    workspace::Workspace,
};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// The last line of the output.
#[derive(Serialize)]
struct Last {
    demo: Demo,
}

/// What the check found.
#[derive(Serialize)]
struct Demo {
    recorded: u64,
    stored: u64,
    duplicates: u64,
    visitor_in_segment: bool,
    seconds: f64,
}

/// What the browser says at the end of its journey.
#[derive(Deserialize)]
struct Journey {
    /// Events that each page load recorded, by its tab in hex.
    recorded: BTreeMap<String, u64>,
    cookie: String,
    /// What the pages wrote to the console as errors or warnings.
    errors: Vec<String>,
}

/// Events that are stored of one page load.
#[derive(Deserialize)]
struct StoredTab {
    tab: String,
    visitor: String,
    rows: u64,
    events: u64,
}

/// Runs the check; `began` is when the command did.
pub fn run(workspace: &Workspace, chromium: &Path, began: Instant) -> Result<()> {
    let home = tempfile::Builder::new()
        .prefix("check-")
        .tempdir_in(workspace.build())?
        .keep();
    let result = check(workspace, &home, chromium, began);
    if result.is_ok() {
        std::fs::remove_dir_all(&home)?;
    } else {
        eprintln!("the check's data and logs are kept in {}", home.display());
    }
    result
}

fn check(workspace: &Workspace, home: &Path, chromium: &Path, began: Instant) -> Result<()> {
    let free = Ports {
        shop: 0,
        backend: 0,
    };
    let mut chain = Chain::start(workspace, home, free)?;
    let journey = step("sending a browser through the shop", || {
        travel(workspace, &chain, chromium)
    })?;
    let recorded = journey.recorded.values().sum();
    step("waiting until everything is stored", || {
        wait_for_events(&mut chain, recorded)
    })?;
    let visitor = visitor_of(&journey.cookie)?;
    let definition = json!({ "all": [
        { "kind": "event", "event": "add_to_cart", "window": { "last": { "n": 1, "unit": "day" } } },
        { "kind": "event", "event": "purchase", "window": { "last": { "n": 1, "unit": "day" } } },
    ]});
    let answer = step("asking for those who added to the cart and bought", || {
        chain.preview(&definition)
    })?;
    let visitor_in_segment = answer["sample"]
        .as_array()
        .is_some_and(|people| people.iter().any(|person| person == visitor.as_str()));
    let inserted = chain.metric("crumbtrail_events_stored_total")?;
    step("stopping", || chain.stop())?;
    let tabs = step("counting the rows on disk", || stored(workspace, home))?;

    let stored: u64 = tabs.iter().map(|tab| tab.events).sum();
    let rows: u64 = tabs.iter().map(|tab| tab.rows).sum();
    let demo = Demo {
        recorded,
        stored,
        duplicates: rows - stored,
        visitor_in_segment,
        seconds: (progress::now().duration_since(began).as_secs_f64() * 10.0).round() / 10.0,
    };
    let mut wrong = judge(&journey, &tabs, &visitor, &demo);
    // Rows might have been merged; what was inserted can't.
    if inserted != stored {
        wrong.push(format!(
            "{inserted} events were inserted, and {stored} are on disk"
        ));
    }
    println!("{}", serde_json::to_string(&Last { demo })?);
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(())
}

/// Everything that is not as it should be.
fn judge(journey: &Journey, tabs: &[StoredTab], visitor: &str, demo: &Demo) -> Vec<String> {
    let mut wrong: Vec<String> = journey
        .errors
        .iter()
        .map(|error| format!("a page said: {error}"))
        .collect();
    for (tab, recorded) in &journey.recorded {
        let stored = tabs
            .iter()
            .find(|stored| stored.tab == *tab)
            .map_or(0, |stored| stored.events);
        if stored != *recorded {
            wrong.push(format!(
                "tab {tab} recorded {recorded} events, and {stored} are stored"
            ));
        }
    }
    for tab in tabs {
        if !journey.recorded.contains_key(&tab.tab) {
            wrong.push(format!(
                "tab {} is stored, and no page recorded it",
                tab.tab
            ));
        }
        if tab.visitor != visitor {
            wrong.push(format!(
                "tab {} is stored as visitor {}, not {visitor}",
                tab.tab, tab.visitor
            ));
        }
    }
    if demo.recorded == 0 {
        wrong.push("nothing was recorded".to_owned());
    }
    if demo.duplicates != 0 {
        wrong.push(format!("{} events are stored twice", demo.duplicates));
    }
    if !demo.visitor_in_segment {
        wrong.push(format!("visitor {visitor} is not in the segment"));
    }
    wrong
}

fn travel(workspace: &Workspace, chain: &Chain, chromium: &Path) -> Result<Journey> {
    let said = progress::output(
        Command::new("node")
            .arg(workspace.root().join("tests/browser/journey.mjs"))
            .arg(&chain.shop)
            .env("CHROMIUM", chromium),
    )?;
    serde_json::from_str(&said).context("the journey said something else")
}

/// Waits until so many events are stored; what is missing then is told by the rows.
fn wait_for_events(chain: &mut Chain, recorded: u64) -> Result<()> {
    let began = progress::now();
    while chain.metric("crumbtrail_events_stored_total")? < recorded
        && progress::now().duration_since(began) < Duration::from_secs(30)
    {
        chain.check()?;
        std::thread::sleep(Duration::from_millis(100));
    }
    chain.wait_until_drained()
}

/// The visitor's id: the cookie's first field, in hex.
fn visitor_of(cookie: &str) -> Result<String> {
    let id = cookie.split('.').next().unwrap_or_default();
    let id = u64::from_str_radix(id, 16)
        .with_context(|| format!("no visitor in the cookie `{cookie}`"))?;
    Ok(id.to_string())
}

/// Opens the stopped backend's database by itself and counts what is on disk.
fn stored(workspace: &Workspace, home: &Path) -> Result<Vec<StoredTab>> {
    const SECRET: &str = "of the check";
    let path = home.join("data/clickhouse");
    let log = home.join("clickhouse.log");
    let (database, url) = start_clickhouse(workspace, &path, SECRET, &log)?;
    let rows = ureq::post(url)
        .header("x-clickhouse-user", "default")
        .header("x-clickhouse-key", SECRET)
        .send(
            "SELECT lower(trimLeft(hex(tab_id), '0')) AS tab, toString(any(visitor_id)) AS visitor,
                    toUInt32(count()) AS rows, toUInt32(uniqExact(event_id)) AS events
             FROM events GROUP BY tab_id FORMAT JSONEachRow",
        )?
        .body_mut()
        .read_to_string()?;
    database.stop()?;
    let rows = rows
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>();
    rows.context("the rows could not be read")
}
