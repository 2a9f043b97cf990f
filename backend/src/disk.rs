//! How much room there is.

use rustix::fs::statvfs;
use std::{io, path::Path};

/// Less than this is little: ClickHouse needs some to merge.
pub const LITTLE_BYTES: u64 = 1 << 30;
/// With less than this it is full: there is no room for a few bodies and SQLite's log of them.
pub const FULL_BYTES: u64 = 32 << 20;

/// Bytes that are free where `path` is.
///
/// # Errors
/// What the system says.
pub fn free(path: &Path) -> io::Result<u64> {
    let stat = statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}
