//! Builds what the edge serves: the loader, the pixel as WebAssembly with its script, and
//! both once more as plain JS, for pages that refuse WebAssembly. All but the loader stand
//! under names that carry a hash of their bytes, so that they never change.

use crate::{link, progress, stamp, workspace::Workspace};
use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The pixel may weigh this much in all (loader, glue and module, brotli 11).
pub const BUDGET_BYTES: usize = 12_000;
/// And this much where WebAssembly is refused, besides the loader.
pub const FALLBACK_BUDGET_BYTES: usize = 30_000;

/// What was built.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Built {
    /// Sizes in bytes.
    pub sizes: Sizes,
    /// File names by role: `loader`, `glue`, `wasm`, `fallback`.
    pub files: BTreeMap<String, String>,
    /// Hashes for subresource integrity, by file name. The loader has none: it changes.
    pub integrity: BTreeMap<String, String>,
}

/// Sizes in bytes, compressed by brotli at level 11.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Sizes {
    /// The loader that a page names.
    pub loader_br: usize,
    /// The script: it reads the page, and is the glue to the module.
    pub glue_br: usize,
    /// The module.
    pub wasm_br: usize,
    /// All three.
    pub total_br: usize,
    /// Script and module as plain JS, in place of those two.
    pub fallback_br: usize,
}

/// Builds the pixel's files into `build/assets`, unless they are there already.
pub fn build(workspace: &Workspace) -> Result<Built> {
    compile(workspace)?;
    let mut inputs = vec![wasm(workspace), workspace.root().join("package-lock.json")];
    for entry in fs::read_dir(workspace.root().join("js-snippet/src"))? {
        inputs.push(entry?.path());
    }
    inputs.sort();
    let assets = workspace.build().join("assets");
    let recipe = concat!(include_str!("pixel.rs"), include_str!("link.rs"));
    stamp::unless_made(&assets, &inputs, recipe, || make(workspace))
}

/// Compiles the module, in a folder of its own: its flags are not the worker's. Without
/// reference types it can be turned into plain JS; its stack is small, since it holds what
/// is large in place.
fn compile(workspace: &Workspace) -> Result<()> {
    progress::quiet(
        Command::new(env!("CARGO"))
            .current_dir(workspace.root())
            .args(["build", "--quiet", "--lib", "--profile", "pixel"])
            .args(["--target", "wasm32-unknown-unknown", "--package"])
            .arg("pixel-wasm")
            .arg("--target-dir")
            .arg(target(workspace))
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Ctarget-feature=-reference-types,-multivalue -Clink-arg=-zstack-size=262144",
            ),
    )
}

fn target(workspace: &Workspace) -> PathBuf {
    workspace.target().join("pixel")
}

fn wasm(workspace: &Workspace) -> PathBuf {
    target(workspace).join("wasm32-unknown-unknown/pixel/pixel_wasm.wasm")
}

fn make(workspace: &Workspace) -> Result<Built> {
    let work = workspace.build().join("pixel");
    remake(&work)?;
    link::link(workspace, &wasm(workspace), &work)?;

    let assets = workspace.build().join("assets");
    remake(&assets)?;
    let served = assets.join("c");
    fs::create_dir_all(&served)?;
    let mut files = BTreeMap::new();
    let mut keep = |role: &str, name: String, bytes: &[u8]| -> Result<usize> {
        fs::write(served.join(&name), bytes)?;
        files.insert(role.to_owned(), name);
        compressed(bytes)
    };

    let module = fs::read(work.join("pixel.wasm"))?;
    let module_name = hashed(&module, "wasm");
    let wasm_br = keep("wasm", module_name.clone(), &module)?;
    let glue = bundle(workspace, "main.ts", "esm", &[("MODULE", &module_name)])?;
    let glue_name = hashed(&glue, "js");
    let glue_br = keep("glue", glue_name.clone(), &glue)?;
    let plain = bundle(workspace, "plain.ts", "esm", &[])?;
    let plain_name = hashed(&plain, "js");
    let fallback_br = keep("fallback", plain_name.clone(), &plain)?;
    let names = [("PIXEL", &*glue_name), ("PLAIN", &*plain_name)];
    // It has a scope of its own, and imports nothing: a classic script as it is.
    let loader = bundle(workspace, "loader.ts", "esm", &names)?;
    let loader_br = keep("loader", "crumb.js".into(), &loader)?;
    fs::write(assets.join("_headers"), HEADERS)?;

    let total_br = loader_br + glue_br + wasm_br;
    if total_br > BUDGET_BYTES {
        bail!(
            "the pixel weighs {total_br} bytes (brotli; loader {loader_br}, glue {glue_br}, wasm {wasm_br}), more than its budget of {BUDGET_BYTES}"
        );
    }
    if fallback_br > FALLBACK_BUDGET_BYTES {
        bail!(
            "the pixel as plain JS weighs {fallback_br} bytes (brotli), more than its budget of {FALLBACK_BUDGET_BYTES}"
        );
    }
    let integrity = [
        (&module_name, &module),
        (&glue_name, &glue),
        (&plain_name, &plain),
    ]
    .map(|(name, bytes)| (name.clone(), integrity(bytes)));
    Ok(Built {
        sizes: Sizes {
            loader_br,
            glue_br,
            wasm_br,
            total_br,
            fallback_br,
        },
        files,
        integrity: integrity.into(),
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

/// Bundles a script of `js-snippet`, with constants put in. esbuild knows no more of it than
/// its letters; terser, which also follows what runs, takes another twentieth away.
fn bundle(
    workspace: &Workspace,
    entry: &str,
    format: &str,
    constants: &[(&str, &str)],
) -> Result<Vec<u8>> {
    let work = workspace.build().join("pixel");
    let mut command = Command::new(workspace.npm_bin("esbuild"));
    command
        .arg(workspace.root().join("js-snippet/src").join(entry))
        .args(["--bundle", "--minify", "--target=es2022"])
        .args(["--log-level=warning", "--legal-comments=none"])
        .arg(format!("--format={format}"))
        .arg(format!("--alias:pixel={}", work.join("pixel.js").display()))
        .arg(format!("--alias:plain={}", work.join("plain.js").display()));
    for (name, value) in constants {
        command.arg(format!("--define:{name}={}", serde_json::to_string(value)?));
    }
    let bundle = work.join("bundle.js");
    progress::quiet(command.arg(format!("--outfile={}", bundle.display())))?;
    let mut smaller = Command::new(workspace.npm_bin("terser"));
    smaller
        .arg(&bundle)
        .args(["--module", "--ecma", "2022", "--mangle"])
        .args(["--compress", "passes=3"]);
    Ok(progress::output(&mut smaller)?.into_bytes())
}

fn hashed(bytes: &[u8], extension: &str) -> String {
    let digest = hex::encode(Sha256::digest(bytes));
    format!("px-{}.{extension}", digest.get(..8).unwrap_or_default())
}

fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))
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
