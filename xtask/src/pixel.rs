//! Builds what the edge serves: the loader, the glue and the pixel's module, the last
//! two under names that carry a hash of their bytes, so that they never change.

use crate::{progress, stamp, workspace::Workspace};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fs, path::Path, process::Command};
use wasm_bindgen_cli_support::Bindgen;

/// The pixel may weigh this much in all (loader, glue and module, brotli 11).
pub const BUDGET_BYTES: usize = 25_000;

/// Sizes in bytes, compressed by brotli at level 11.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Sizes {
    /// The loader that a page names.
    pub loader_br: usize,
    /// The glue between page and module.
    pub glue_br: usize,
    /// The module.
    pub wasm_br: usize,
    /// All three.
    pub total_br: usize,
}

/// Builds the pixel's files into `build/assets`, unless they are there already.
pub fn build(workspace: &Workspace) -> Result<Sizes> {
    compile(workspace, "pixel-wasm")?;
    let inputs = [
        workspace.wasm("pixel-wasm"),
        workspace.root().join("js-snippet/src/loader.ts"),
        workspace.root().join("package-lock.json"),
    ];
    let assets = workspace.build().join("assets");
    stamp::unless_made(&assets, &inputs, include_str!("pixel.rs"), || {
        make(workspace)
    })
}

fn make(workspace: &Workspace) -> Result<Sizes> {
    let work = workspace.build().join("pixel");
    remake(&work)?;
    Bindgen::new()
        .input_path(workspace.wasm("pixel-wasm"))
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("pixel")
        .generate(&work)?;
    optimize(
        workspace,
        &work.join("pixel_bg.wasm"),
        &work.join("pixel.wasm"),
    )?;

    let assets = workspace.build().join("assets");
    remake(&assets)?;
    let served = assets.join("c");
    fs::create_dir_all(&served)?;

    let wasm = fs::read(work.join("pixel.wasm"))?;
    let wasm_name = hashed("px", &wasm, "wasm");
    fs::write(served.join(&wasm_name), &wasm)?;

    let glue = bundle(workspace, &work.join("pixel.js"), &["--format=esm"])?;
    let glue_name = hashed("px", &glue, "js");
    fs::write(served.join(&glue_name), &glue)?;

    let loader = workspace.root().join("js-snippet/src/loader.ts");
    let defines = [
        format!("--define:GLUE={}", serde_json::to_string(&glue_name)?),
        format!("--define:MODULE={}", serde_json::to_string(&wasm_name)?),
    ];
    let loader = bundle(
        workspace,
        &loader,
        &["--format=iife", "--target=es2020", &defines[0], &defines[1]],
    )?;
    fs::write(served.join("crumb.js"), &loader)?;
    fs::write(assets.join("_headers"), HEADERS)?;

    let loader_br = compressed(&loader)?;
    let glue_br = compressed(&glue)?;
    let wasm_br = compressed(&wasm)?;
    let total_br = loader_br + glue_br + wasm_br;
    if total_br > BUDGET_BYTES {
        bail!("the pixel weighs {total_br} bytes (brotli), more than its budget of {BUDGET_BYTES}");
    }
    Ok(Sizes {
        loader_br,
        glue_br,
        wasm_br,
        total_br,
    })
}

/// What the platform sends along with the files. The loader is asked for anew after
/// five minutes; what carries a hash in its name is kept for a year.
const HEADERS: &str = "\
/c/*
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  X-Content-Type-Options: nosniff
/c/crumb.js
  Cache-Control: public, max-age=300
/c/px-*
  Cache-Control: public, max-age=31536000, immutable
";

/// Compiles a package for the browser or the edge.
pub fn compile(workspace: &Workspace, package: &str) -> Result<()> {
    progress::quiet(
        Command::new(env!("CARGO"))
            .current_dir(workspace.root())
            .args(["build", "--quiet", "--lib", "--profile", "wasm"])
            .args(["--target", "wasm32-unknown-unknown", "--package", package]),
    )
}

fn optimize(workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
    progress::quiet(
        Command::new(workspace.npm_bin("wasm-opt"))
            .args(["-Oz", "--converge", "--strip-debug", "--strip-producers"])
            .args([
                "--enable-bulk-memory",
                "--enable-sign-ext",
                "--enable-mutable-globals",
            ])
            .args([
                "--enable-nontrapping-float-to-int",
                "--enable-reference-types",
            ])
            .args(["--enable-multivalue", "--output"])
            .args([to, from]),
    )
}

fn bundle(workspace: &Workspace, entry: &Path, options: &[&str]) -> Result<Vec<u8>> {
    let mut command = Command::new(workspace.npm_bin("esbuild"));
    command
        .arg(entry)
        .args([
            "--bundle",
            "--minify",
            "--log-level=warning",
            "--legal-comments=none",
        ])
        .args(options);
    Ok(progress::output(&mut command)?.into_bytes())
}

fn hashed(stem: &str, bytes: &[u8], extension: &str) -> String {
    let digest = hex::encode(Sha256::digest(bytes));
    format!(
        "{stem}-{}.{extension}",
        digest.get(..10).unwrap_or_default()
    )
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out.len())
}

fn remake(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("can't empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))
}
