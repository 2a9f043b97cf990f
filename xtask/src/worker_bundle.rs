//! Makes what wrangler deploys of the edge worker's compiled wasm:
//! `index.js`, and `index_bg.wasm` beside it.
//!
//! It stands in for the tool `worker-build`, of which nothing else is needed.

use crate::{progress, workspace::Workspace};
use anyhow::Context as _;
use std::{fs, path::Path, process::Command};
use wasm_bindgen_cli_support::Bindgen;

/// What rustc and wasm-bindgen make use of, and the platform's engine knows.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Bundles `wasm`, as cargo built it for `wasm32-unknown-unknown`, into `out_dir`.
///
/// # Errors
/// Where a tool is missing (`npm ci` brings them) or fails.
pub fn bundle(workspace: &Workspace, wasm: &Path, out_dir: &Path) -> anyhow::Result<()> {
    let glue = out_dir.join("glue");
    if out_dir.exists() {
        fs::remove_dir_all(out_dir)?;
    }
    fs::create_dir_all(&glue)?;
    bind(wasm, &glue)?;
    shrink(workspace, &glue.join("index_bg.wasm"), out_dir)?;
    pack(workspace, &glue, out_dir)?;
    fs::remove_dir_all(glue)?;
    Ok(())
}

/// Writes the module's JavaScript glue. The function that resets the instance
/// is for `entry.mjs`, which calls it after a panic.
fn bind(wasm: &Path, glue: &Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("index")
        .module(true)?
        .typescript(false)
        .reset_state_function(true)
        .force_enable_abort_handler(true);
    bindgen
        .generate(glue)
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))
}

/// Optimizes the module and drops names and debug sections.
fn shrink(workspace: &Workspace, wasm: &Path, out_dir: &Path) -> anyhow::Result<()> {
    progress::quiet(
        Command::new(workspace.npm_bin("wasm-opt"))
            .args(["-O3", "--strip-debug", "--strip-producers"])
            .args(["--strip-target-features"])
            .args(FEATURES)
            .arg(wasm)
            .arg("-o")
            .arg(out_dir.join("index_bg.wasm")),
    )
}

/// Bundles the entry with the glue. The module stays a file beside it, since
/// the platform compiles it at deployment.
fn pack(workspace: &Workspace, glue: &Path, out_dir: &Path) -> anyhow::Result<()> {
    // The glue imports the module in the `source` phase, of which the platform
    // needs to know nothing: there, a plain import gives the same.
    let path = glue.join("index.js");
    let text = fs::read_to_string(&path)?.replace("import source ", "import ");
    fs::write(&path, text)?;
    let platform = workspace.root().join("edge-worker/platform.mjs");
    progress::quiet(
        Command::new(workspace.npm_bin("esbuild"))
            .arg(workspace.root().join("edge-worker/entry.mjs"))
            .args(["--bundle", "--format=esm", "--minify", "--target=es2022"])
            .args(["--external:cloudflare:*", "--external:./index_bg.wasm"])
            .args(["--legal-comments=none", "--log-level=warning"])
            .arg(format!("--alias:crumbtrail-edge={}", path.display()))
            .arg(format!(
                "--alias:crumbtrail-platform={}",
                platform.display()
            ))
            .arg(format!("--outfile={}", out_dir.join("index.js").display())),
    )
}
