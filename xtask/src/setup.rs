//! Sets up what is missing on a fresh machine; what is there is left alone.

use crate::{
    progress::{output, quiet, step},
    web,
    workspace::Workspace,
};
use anyhow::{Context as _, Result, bail};
use sha2::{Digest, Sha256};
use std::{fs, path::PathBuf, process::Command};

const TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// Everything that building and running the chain needs.
pub fn all(workspace: &Workspace) -> Result<()> {
    check_node()?;
    wasm_target(workspace)?;
    npm_packages(workspace)?;
    libchdb(workspace)?;
    Ok(())
}

fn check_node() -> Result<()> {
    let missing = || {
        format!(
            "Node.js {OLDEST_NODE} or newer is missing; it runs the worker and builds the front ends. \
             Install it from your system's packages, as `apt-get install nodejs npm`, or with a version manager"
        )
    };
    let version = output(Command::new("node").arg("--version")).with_context(missing)?;
    let major = version.trim().trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("{}; found {}", missing(), version.trim()),
    }
}

fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(workspace.root())
        .args(["--print", "sysroot"]);
    let sysroot = PathBuf::from(output(&mut rustc)?.trim());
    if sysroot.join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    step("adding Rust's wasm target", || {
        let mut rustup = Command::new("rustup");
        rustup
            .current_dir(workspace.root())
            .args(["target", "add", TARGET]);
        quiet(&mut rustup).with_context(|| {
            format!("Rust's target {TARGET} is missing; the pixel and the worker are built for it. Install it with `rustup target add {TARGET}`")
        })
    })
}

fn npm_packages(workspace: &Workspace) -> Result<()> {
    let lock = fs::read(workspace.root().join("package-lock.json"))?;
    let wanted = hex::encode(Sha256::digest(lock));
    let stamp = workspace.root().join("node_modules/.crumbtrail-lock");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    step(
        "installing npm packages (ClickHouse as a library is the largest, about 130 MB)",
        || {
            let mut npm = Command::new("npm");
            npm.current_dir(workspace.root())
                .args(["ci", "--no-audit", "--no-fund"]);
            quiet(&mut npm)?;
            Ok(fs::write(stamp, wanted)?)
        },
    )
}

fn libchdb(workspace: &Workspace) -> Result<()> {
    let library = workspace.libchdb();
    if library.exists() || std::env::var_os("CRUMBTRAIL_LIBCHDB").is_some() {
        return Ok(());
    }
    bail!(
        "{} is missing: ClickHouse as a library, which the backend runs as a child. Its npm package is made for \
         Linux on x86-64 with glibc; elsewhere name a libchdb with CRUMBTRAIL_LIBCHDB",
        library.display()
    )
}

/// Builds everything that runs natively.
pub fn build_native(workspace: &Workspace) -> Result<()> {
    step("building the web app", || web::build(workspace))?;
    step("building the backend and the simulated shoppers", || {
        build_programs(workspace, &["--bin=crumbtrail", "--bin=shoppers"])
    })
}

/// Builds the backend as it is shipped, and what measures and breaks it.
pub fn build_shipped(workspace: &Workspace) -> Result<()> {
    step("building the web app", || web::build(workspace))?;
    step("building the backend for speed", || {
        let programs = ["--bin=crumbtrail", "--bin=bench", "--bin=chaos"];
        build_programs(workspace, &[&programs[..], &["--release"]].concat())
    })
}

/// Builds programs of ours.
pub fn build_programs(workspace: &Workspace, flags: &[&str]) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace.root())
        .args(["build", "--quiet", "--package=backend", "--package=tests"])
        .args(flags);
    quiet(&mut cargo)
}
