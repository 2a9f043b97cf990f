//! The program as its users meet it: the built binary with real files, the real libchdb and
//! the real `clickhouse` crate. Needs libchdb where the binary looks for it, or
//! CRUMBTRAIL_LIBCHDB.

/// Who asks about a site that isn't theirs.
#[cfg(test)]
mod disguises;
/// What stands between the two and breaks.
#[cfg(test)]
mod draining;
/// A ClickHouse of its own for each test.
#[cfg(test)]
mod harness;
#[cfg(test)]
mod nest;
#[cfg(test)]
mod proxy;
/// A backend of its own for each test.
#[cfg(test)]
mod server;
#[cfg(test)]
mod strace;
#[cfg(test)]
mod stranger;
#[cfg(test)]
mod wire;

// `crumbtrail clickhouse`
#[cfg(test)]
mod answers;
#[cfg(test)]
mod inserts;
#[cfg(test)]
mod life;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod supervision;

// `crumbtrail serve`, and what is beside it
#[cfg(test)]
mod audience;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod broken;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod complaints;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod durable;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod given;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod people;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod saved;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod seen;
#[cfg(test)]
mod tls;
