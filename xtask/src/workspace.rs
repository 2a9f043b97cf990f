//! Where things are in the working copy.

use std::path::{Path, PathBuf};

/// The working copy that this program was built from.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The working copy.
    pub fn find() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self {
            root: manifest.parent().unwrap_or(manifest).to_owned(),
        }
    }

    /// Its top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is built for a deployment: the worker, and the files it serves.
    pub fn build(&self) -> PathBuf {
        self.root.join("build")
    }

    /// Cargo's target folder.
    pub fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    /// A program that npm installed.
    pub fn npm_bin(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }

    /// A program of ours, as `cargo build` leaves it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.built("debug", name)
    }

    /// A program of ours, as `cargo build --release` leaves it.
    pub fn shipped_program(&self, name: &str) -> PathBuf {
        self.built("release", name)
    }

    fn built(&self, profile: &str, name: &str) -> PathBuf {
        let program = self.target().join(profile).join(name);
        program.with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// ClickHouse as a library, as npm leaves it.
    pub fn libchdb(&self) -> PathBuf {
        self.root
            .join("node_modules/@chdb/lib-linux-x64-gnu/libchdb.so")
    }

    /// A wasm module, as cargo leaves it.
    pub fn wasm(&self, package: &str, profile: &str) -> PathBuf {
        let file = format!("{}.wasm", package.replace('-', "_"));
        let target = self.target().join("wasm32-unknown-unknown");
        target.join(profile).join(file)
    }
}
