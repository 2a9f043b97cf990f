//! Makes of the pixel's compiled module what its scripts link with: `pixel.wasm` and its
//! bindings `pixel.js`, and `plain.js`, the same module as plain JS.
//!
//! wasm-opt gives the functions on both sides short names; the bindings that wasm-bindgen
//! wrote are brought in line. Its long ones would be a tenth of the pixel.

use crate::{progress, workspace::Workspace};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{fmt::Write as _, fs, path::Path, process::Command};
use wasm_bindgen_cli_support::Bindgen;

/// What browsers have had since 2021.
const FEATURES: [&str; 4] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// Where the script's functions are that the module calls, seen from where it is linked.
const SHELF: &str = "../../js-snippet/src/shelf";

/// The function of the script that wasm-bindgen's `__wbg_set_1f2e…` hands on to, with nothing
/// changed.
fn script_name(name: &str) -> &str {
    let name = name.trim_start_matches("__wbg_");
    name.rsplit_once('_').map_or(name, |(name, _)| name)
}

/// Which names wasm-opt made short: (module, name, short name), (name, short name).
#[derive(Deserialize)]
struct Names {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

/// Links `wasm` into `out`.
pub fn link(workspace: &Workspace, wasm: &Path, out: &Path) -> Result<()> {
    let input = out.join("input.wasm");
    let module = fs::read(wasm).with_context(|| format!("can't read {}", wasm.display()))?;
    fs::write(&input, without_features(module))?;
    Bindgen::new()
        .input_path(&input)
        .bundler(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("pixel")
        .generate(out)?;
    let names = optimize(workspace, out)?;
    bind(&names, out)?;
    to_plain(workspace, &names, out)
}

/// The standard library was compiled with these features, and marks every module so; what
/// is left of it here uses none of them, and wasm-bindgen is to do without.
fn without_features(mut module: Vec<u8>) -> Vec<u8> {
    for feature in [&b"+\x0freference-types"[..], b"+\x0amultivalue"] {
        let found = module
            .windows(feature.len())
            .position(|window| window == feature);
        if let Some(mark) = found.and_then(|at| module.get_mut(at)) {
            *mark = b'-';
        }
    }
    module
}

fn optimize(workspace: &Workspace, out: &Path) -> Result<Names> {
    let said = progress::output(
        Command::new(workspace.npm_bin("wasm-opt"))
            .args(["-Oz", "--converge", "--strip-debug", "--strip-producers"])
            // The stack ends there, and never comes so far.
            .arg("--low-memory-unused")
            .args([
                "--strip-target-features",
                "--minify-imports-and-exports-and-modules",
            ])
            .args(FEATURES)
            .arg("--output")
            .args([out.join("pixel.wasm"), out.join("pixel_bg.wasm")]),
    )?;
    // It repeats itself: each round after the first finds short names.
    let mut rounds = serde_json::Deserializer::from_str(&said).into_iter();
    let first = rounds.next().context("wasm-opt named nothing")?;
    first.context("wasm-opt named the module's functions in another form")
}

/// Writes `pixel.js` and its types.
fn bind(names: &Names, out: &Path) -> Result<()> {
    let mut script = fs::read_to_string(out.join("pixel_bg.js"))?;
    for (name, short) in &names.exports {
        for (before, after) in [("(", "("), (".", ".")] {
            script = script.replace(
                &format!("wasm.{name}{before}"),
                &format!("wasm.{short}{after}"),
            );
        }
    }
    script = script.replace("'./shelf.js'", &format!("'{SHELF}'"));
    // No number that crosses is 2^31 or more: the module's memory is a few megabytes.
    script = script.replace(" >>> 0", "");
    script.push_str("\nexport const memory = () => wasm.");
    let memory = names.exports.iter().find(|(name, _)| name == "memory");
    let (_, memory) = memory.context("the module exports no memory")?;
    writeln!(script, "{memory}.buffer;\nexport const imports = {{ a: {{")?;
    for (_, name, short) in &names.imports {
        writeln!(script, "  {short}: {},", script_name(name))?;
    }
    script.push_str("} };\n");
    fs::write(out.join("pixel.js"), script)?;

    let mut types = fs::read_to_string(out.join("pixel.d.ts"))?;
    types.push_str(
        "export const imports: WebAssembly.Imports;
export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
export function memory(): ArrayBuffer;\n",
    );
    fs::write(out.join("pixel.d.ts"), types)?;
    Ok(())
}

/// Writes `plain.js`: everything that plain JS doesn't have is lowered first.
fn to_plain(workspace: &Workspace, names: &Names, out: &Path) -> Result<()> {
    let lowered = out.join("lowered.wasm");
    progress::quiet(
        Command::new(workspace.npm_bin("wasm-opt"))
            .args(FEATURES)
            .args(["--signext-lowering", "--llvm-memory-copy-fill-lowering"])
            .args(["--llvm-nontrapping-fptoint-lowering", "-Oz", "--output"])
            .args([&lowered, &out.join("pixel.wasm")]),
    )?;
    let script = progress::output(
        Command::new(workspace.npm_bin("wasm2js"))
            .arg("-Oz")
            .arg(&lowered),
    )?;
    fs::write(
        out.join("plain.js"),
        script.replace("from 'a'", "from './plain_imports.js'"),
    )?;
    fs::write(out.join("plain.d.ts"), "export {};\n")?;
    let mut imports = String::from("export {\n");
    for (_, name, short) in &names.imports {
        writeln!(imports, "  {} as {short},", script_name(name))?;
    }
    writeln!(imports, "}} from '{SHELF}';")?;
    fs::write(out.join("plain_imports.js"), imports)?;
    Ok(())
}
