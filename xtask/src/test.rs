//! `cargo xtask test`: all tests, native and end to end.

use crate::{
    api, build,
    chain::{Chain, Ports, start_clickhouse, with_libchdb},
    chaos::{self, ChaosArgs},
    check,
    progress::{self, loud, step},
    setup, tools, web,
    workspace::Workspace,
};
use anyhow::{Result, ensure};
use std::{path::Path, process::Command};

const SECRET: &str = "of the tests";

/// Sets up what is missing, builds, and runs everything; nothing is skipped.
pub fn run(workspace: &Workspace) -> Result<()> {
    let began = progress::now();
    setup::all(workspace)?;
    let chromium = tools::chromium()?;
    tools::strace()?;
    let schemathesis = api::set_up(workspace)?;
    step("building the web app", || web::build(workspace))?;
    // With the tests' own dependencies, so that nothing is built twice.
    step("building everything that runs natively", || {
        progress::quiet(
            Command::new(env!("CARGO"))
                .current_dir(workspace.root())
                .args(["build", "--quiet", "--workspace", "--bins", "--tests"]),
        )
    })?;
    build::for_the_edge(workspace)?;
    step("Rust tests", || rust(workspace))?;
    step("schemathesis, by the API's own description", || {
        api::run(workspace, &schemathesis)
    })?;
    step("types of the front ends", || {
        loud(
            Command::new(workspace.npm_bin("tsc"))
                .args(["--project"])
                .arg(workspace.root().join("js-snippet")),
        )?;
        web::check_types(workspace)
    })?;
    step("the web app in a browser", || {
        let mut tests = node_tests(workspace, "tests/web")?;
        tests
            .env("CHROMIUM", &chromium)
            .env("CRUMBTRAIL", workspace.program("crumbtrail"));
        with_libchdb(workspace, &mut tests);
        loud(&mut tests)
    })?;
    step("tests of the shop's pages", || {
        node(workspace, "tests/shop")
    })?;
    step("the snippet as an npm package, in a Vite build", || {
        loud(node_tests(workspace, "tests/npm")?.env("CHROMIUM", &chromium))
    })?;
    step("tests of the worker in workerd", || {
        node(workspace, "edge-worker/test")
    })?;
    step("wrangler accepts the worker", || dry_run(workspace))?;
    step(
        "nothing is lost or double, whatever is killed, full, cut off, late or sent again",
        || chaos::break_it(workspace, &ChaosArgs::SHORT),
    )?;
    step(
        "the pixel in a browser and others' SDKs, against the whole chain",
        || browser(workspace, &chromium),
    )?;
    step("a browser's journey through the shop", || {
        check::run(workspace, &chromium, began)
    })
}

fn node(workspace: &Workspace, folder: &str) -> Result<()> {
    loud(&mut node_tests(workspace, folder)?)
}

/// Node's test runner on all tests of a folder. (Node 20 knows no patterns.)
fn node_tests(workspace: &Workspace, folder: &str) -> Result<Command> {
    let mut files: Vec<_> = std::fs::read_dir(workspace.root().join(folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "there are no tests in {folder}");
    let mut node = Command::new("node");
    node.current_dir(workspace.root())
        .args(["--test", "--test-reporter=spec"])
        .args(files);
    Ok(node)
}

/// The browser's tests, on a chain of their own.
fn browser(workspace: &Workspace, chromium: &Path) -> Result<()> {
    let home = tempfile::tempdir()?;
    let free = Ports {
        shop: 0,
        backend: 0,
    };
    let chain = Chain::start(workspace, home.path(), free)?;
    let mut tests = node_tests(workspace, "tests/browser")?;
    tests
        .env("CHROMIUM", chromium)
        .env("SHOP", &chain.shop)
        .env("BACKEND", &chain.backend)
        .env("API_KEY", &chain.key)
        .env("LOGIN_KEYS", &chain.edge_keys.login_keys)
        .env("MESSAGE_KEYS", &chain.edge_keys.message_keys);
    loud(&mut tests)?;
    let mut sdks = node_tests(workspace, "tests/sdk")?;
    sdks.env("BACKEND", &chain.backend)
        .env("READ_KEY", &chain.key)
        .env("WRITE_KEY", chain.make_key(workspace, "write")?)
        .env("INGEST_KEY", chain.make_key(workspace, "ingest")?);
    loud(&mut sdks)?;
    chain.stop()
}

/// The Rust tests, with a real ClickHouse for those that ask one.
fn rust(workspace: &Workspace) -> Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("clickhouse");
    let log = home.path().join("clickhouse.log");
    let (database, url) = start_clickhouse(workspace, &path, SECRET, &log)?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace.root())
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("CRUMBTRAIL_TEST_CLICKHOUSE", url)
        .env("CRUMBTRAIL_TEST_CLICKHOUSE_SECRET", SECRET);
    with_libchdb(workspace, &mut cargo);
    loud(&mut cargo)?;
    database.stop()
}

/// What wrangler would deploy, without deploying it. The build that wrangler.toml names
/// has just been done.
fn dry_run(workspace: &Workspace) -> Result<()> {
    let out = tempfile::tempdir()?;
    progress::quiet(
        Command::new(workspace.npm_bin("wrangler"))
            .current_dir(workspace.root())
            .env("WRANGLER_SEND_METRICS", "false")
            .args(["deploy", "--dry-run", "--outdir"])
            .arg(out.path()),
    )
}
