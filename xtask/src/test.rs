//! `cargo xtask test`: all tests, native and end to end.

use crate::{
    build,
    chain::{start_clickhouse, with_libchdb},
    check,
    progress::{self, loud, step},
    setup,
    workspace::Workspace,
};
use anyhow::Result;
use std::process::Command;

const SECRET: &str = "of the tests";

/// Sets up what is missing, builds, and runs everything; nothing is skipped.
pub fn run(workspace: &Workspace) -> Result<()> {
    let began = progress::now();
    setup::all(workspace)?;
    let chromium = setup::chromium()?;
    build::all(workspace)?;
    step("Rust tests", || rust(workspace))?;
    step("types of the front end", || {
        loud(
            Command::new(workspace.npm_bin("tsc"))
                .args(["--project"])
                .arg(workspace.root().join("js-snippet")),
        )
    })?;
    step("tests of the shop's pages", || {
        node(workspace, "tests/shop/*.test.mjs")
    })?;
    step("tests of the worker in workerd", || {
        node(workspace, "edge-worker/test/*.test.mjs")
    })?;
    step("wrangler accepts the worker", || dry_run(workspace))?;
    step("a browser through the whole chain", || {
        check::run(workspace, &chromium, began)
    })
}

fn node(workspace: &Workspace, pattern: &str) -> Result<()> {
    let mut node = Command::new("node");
    node.current_dir(workspace.root())
        .args(["--test", "--test-reporter=spec"]);
    // Node 20 knows no patterns.
    let (folder, suffix) = pattern.split_once('*').unwrap_or((pattern, ""));
    let mut files: Vec<_> = std::fs::read_dir(workspace.root().join(folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .collect();
    files.sort();
    anyhow::ensure!(!files.is_empty(), "there are no tests at {pattern}");
    loud(node.args(files))
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
