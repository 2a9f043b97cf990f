//! The web app: its files, which become part of the backend, and its types.

use crate::{chain, progress::quiet, stamp, workspace::Workspace};
use anyhow::{Context as _, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Builds it into `build/web`, unless it is there.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut inputs = vec![workspace.root().join("package-lock.json")];
    files(&workspace.root().join("web"), &mut inputs)?;
    let out = workspace.build().join("web");
    stamp::unless_made(&out, &inputs, include_str!("web.rs"), || {
        quiet(
            Command::new(workspace.npm_bin("vite"))
                .current_dir(workspace.root().join("web"))
                .arg("build"),
        )
    })
}

/// All files of a folder, in an order that is always the same.
fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(|error: std::io::Error| error)?;
    paths.sort();
    for path in paths {
        if path.is_file() {
            found.push(path);
        } else if path.file_name().is_some_and(|name| name != "node_modules") {
            files(&path, found)?;
        }
    }
    Ok(())
}

/// Writes down the types of the API as the backend describes it, which is where the app looks for
/// them, and checks that the app fits them.
pub fn check_types(workspace: &Workspace) -> Result<()> {
    let home = tempfile::tempdir()?;
    let backend = chain::backend_alone(workspace, home.path())?;
    quiet(
        Command::new(workspace.npm_bin("openapi-typescript"))
            .arg(format!("{}/openapi.json", backend.url))
            // What has a default may be left out.
            .arg("--default-non-nullable=false")
            .arg("--output")
            .arg(workspace.build().join("api.d.ts")),
    )?;
    backend.process.stop()?;
    quiet(
        Command::new(workspace.npm_bin("tsc"))
            .arg("--project")
            .arg(workspace.root().join("web")),
    )
}
