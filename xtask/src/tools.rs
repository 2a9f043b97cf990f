//! Programs that the tests run and that no package manager of ours brings: they are looked for,
//! and Debian's are installed where that can be done.

use crate::progress::{output, quiet, step};
use anyhow::{Context as _, Result, bail};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A Chromium: the one named by CHROMIUM, or an installed one.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let missing = "a Chromium is missing; the shop is visited with it. Install one, as with \
                   `apt-get install chromium`, or name one with CHROMIUM=/path/to/chrome";
    let find = || installed(&names);
    found_or_debians(find, &["chromium", "fonts-noto-core"], missing)
}

/// `strace`, which sees whether the backend flushes before it answers.
pub fn strace() -> Result<PathBuf> {
    let missing = "strace is missing; it shows that what is acknowledged was flushed to the disk. \
                   Install it, as with `apt-get install strace`";
    found_or_debians(|| installed(&["strace"]), &["strace"], missing)
}

/// A Python that can make environments, for schemathesis.
pub fn python() -> Result<PathBuf> {
    let missing = "Python with its module venv is missing; schemathesis runs on it. Install them, \
                   as with `apt-get install python3 python3-venv`";
    let find = || {
        let python = installed(&["python3"])?;
        let has_venv = output(Command::new(&python).args(["-c", "import ensurepip, venv"]));
        has_venv.is_ok().then_some(python)
    };
    found_or_debians(find, &["python3", "python3-venv"], missing)
}

/// What is found; else it is once Debian's packages are installed.
fn found_or_debians(
    find: impl Fn() -> Option<PathBuf>,
    packages: &[&str],
    missing: &str,
) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !Path::new("/usr/bin/apt-get").exists() || !rustix::process::geteuid().is_root() {
        bail!("{missing}");
    }
    step(
        &format!("installing {} (apt-get)", packages.join(", ")),
        || {
            let apt = |arguments: &[&str]| {
                let mut apt = Command::new("apt-get");
                quiet(
                    apt.env("DEBIAN_FRONTEND", "noninteractive")
                        .arg("-qq")
                        .args(arguments),
                )
            };
            apt(&["update"])?;
            apt(&[&["install", "--yes"], packages].concat()).context(missing.to_owned())
        },
    )?;
    find().context(missing.to_owned())
}

/// The first of these programs that is there.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&folders).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}
