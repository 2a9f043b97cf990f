//! Builds what the chain runs.

use crate::{
    pixel,
    progress::{self, step},
    setup, stamp, worker_bundle,
    workspace::Workspace,
};
use anyhow::Result;
use std::process::Command;

/// The backend and the shoppers, the pixel's files, the worker.
pub fn all(workspace: &Workspace) -> Result<()> {
    setup::build_native(workspace)?;
    for_the_edge(workspace)
}

/// What wrangler deploys: the pixel's files and the worker.
pub fn for_the_edge(workspace: &Workspace) -> Result<()> {
    step("building the pixel", || pixel::build(workspace))?;
    step("building the worker", || worker(workspace))
}

fn worker(workspace: &Workspace) -> Result<()> {
    compile(workspace)?;
    let wasm = workspace.wasm("edge-worker", "edge");
    let out = workspace.build().join("worker");
    let scripts = ["entry.mjs", "platform.mjs", "agent.mjs"];
    let scripts = scripts.map(|name| workspace.root().join("edge-worker").join(name));
    let mut inputs = vec![wasm.clone(), workspace.root().join("package-lock.json")];
    inputs.extend(scripts);
    stamp::unless_made(&out, &inputs, include_str!("worker_bundle.rs"), || {
        worker_bundle::bundle(workspace, &wasm, &out)
    })
}

fn compile(workspace: &Workspace) -> Result<()> {
    progress::quiet(
        Command::new(env!("CARGO"))
            .current_dir(workspace.root())
            .args(["build", "--quiet", "--lib", "--profile", "edge"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(["--package", "edge-worker"]),
    )
}
