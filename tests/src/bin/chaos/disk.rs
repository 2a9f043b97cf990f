//! A small disk for the data, that can be filled to the brim.
//!
//! It is a file system in memory, which needs a mount namespace of its own: `unshare` gives one,
//! to whoever is not root by a user namespace. It goes with the program, however that ends.

use anyhow::{Context as _, Result};
use rustix::{
    fs::{FallocateFlags, fallocate, statvfs},
    io::Errno,
    mount::{MountFlags, mount},
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// What the data needs at least, and for each event.
const BYTES: u64 = 384 << 20;
const EVENT_BYTES: u64 = 1 << 10;

/// The file system.
pub struct Disk {
    path: PathBuf,
}

impl Disk {
    /// Mounts one at `path`, large enough for that many events.
    ///
    /// # Errors
    /// Where the system doesn't let it.
    pub fn mount(path: &Path, events: u64) -> Result<Self> {
        let bytes = BYTES + EVENT_BYTES * events;
        let options = std::ffi::CString::new(format!("size={bytes},mode=700"))?;
        let flags = MountFlags::NODEV | MountFlags::NOSUID;
        mount("tmpfs", path, "tmpfs", flags, options.as_c_str())
            .context("a small disk can't be mounted")?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Takes all room that there is. To be called again for as long as it is to be full: what
    /// others give back is room again.
    pub fn fill(&self) -> Result<()> {
        let filler = File::options()
            .create(true)
            .append(true)
            .open(self.filler())?;
        loop {
            let room = statvfs(&self.path)?;
            let bytes = room.f_bavail * room.f_frsize;
            if bytes == 0 {
                return Ok(());
            }
            let filled = filler.metadata()?.len();
            match fallocate(&filler, FallocateFlags::empty(), filled, bytes) {
                Ok(()) => {}
                // Somebody else took a part of it.
                Err(Errno::NOSPC) => return Ok(()),
                Err(error) => return Err(error).context("the disk can't be filled"),
            }
        }
    }

    /// Gives the room back.
    pub fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}
