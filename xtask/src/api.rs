//! schemathesis against the backend: requests made of the API's own description, and answers
//! held against it.

use crate::{
    chain,
    progress::{quiet, step},
    stamp, tools,
    workspace::Workspace,
};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Installs schemathesis into an environment of its own, unless it is there.
pub fn set_up(workspace: &Workspace) -> Result<PathBuf> {
    let environment = workspace.build().join("schemathesis");
    let pinned = folder(workspace).join("requirements.txt");
    let recipe = include_str!("api.rs");
    stamp::unless_made(&environment, std::slice::from_ref(&pinned), recipe, || {
        let python = tools::python()?;
        step("installing schemathesis (pip)", || {
            let mut venv = Command::new(python);
            quiet(venv.args(["-m", "venv", "--clear"]).arg(&environment))?;
            let mut pip = Command::new(environment.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check"]);
            quiet(pip.args(["--no-deps", "--requirement"]).arg(&pinned))
        })
    })?;
    Ok(environment.join("bin/schemathesis"))
}

/// Runs it over every operation, with keys that allow all of them. What it says is shown only
/// when it finds something.
pub fn run(workspace: &Workspace, schemathesis: &Path) -> Result<()> {
    let home = tempfile::tempdir()?;
    let backend = chain::backend_alone(workspace, home.path())?;
    let mut run = Command::new(schemathesis);
    run.current_dir(home.path())
        .env("SITE_KEY", &backend.site_key)
        .env("ALL_SITES_KEY", &backend.all_sites_key)
        .arg("--no-color")
        .arg("--config-file")
        .arg(folder(workspace).join("schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", backend.url)]);
    quiet(&mut run)?;
    backend.process.stop()
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("tests/api")
}
