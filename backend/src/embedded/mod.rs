//! ClickHouse embedded: the same engine as a server's, in a child process of our own.
//!
//! Two halves that meet only in a command line, one line of JSON and HTTP. The **child** is
//! `crumbtrail clickhouse` ([`command`]): it finds ([`locate`]) and loads libchdb ([`chdb`]), runs
//! statements ([`engine`], [`job`]) and speaks ClickHouse's HTTP interface on loopback ([`server`]). The **parent**
//! ([`supervise`]) starts it, starts it again when it dies, and stops it. The rest of the backend knows a
//! URL and a secret, and nothing of this module; this module knows no table of the product.
//!
//! Why a child: a crash of the engine, or its memory, is not the backend's; the engine can't be
//! restarted within a process; and a ClickHouse server takes its place by a change of URL.
//!
//! What differs from a server, beyond what libchdb itself lacks: no compression, sessions, roles or
//! external tables (refused, not ignored); `query_id` is echoed, but `system.processes` has the
//! engine's own; inserts are synchronous also with `async_insert=1`; formats that can't be made in
//! pieces (JSON, Parquet, Pretty…) and all but SELECTs are answered from memory.

pub mod command;
mod secret;
pub mod supervise;

mod chdb;
mod engine;
mod exception;
mod formats;
mod job;
pub mod locate;
mod request;
mod server;
mod statement;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use command::ClickhouseArgs;
pub use secret::Secret;
pub use supervise::{Config, Embedded, Health};

/// The environment variable that carries the secret to the child.
pub const SECRET_VARIABLE: &str = "CRUMBTRAIL_CLICKHOUSE_SECRET";

/// Why the embedded ClickHouse does not run. None of these mends itself by waiting, except
/// `PathTaken` and `PortTaken` where the other process ends.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No libchdb where it is looked for; holds the places.
    #[error(
        "libchdb was not found: it is ClickHouse as a library, which the embedded database needs. \
         Install it with `npm install {package}@{version}`, or name the file with --libchdb or \
         CRUMBTRAIL_LIBCHDB. Looked at: {0}",
        package = locate::PACKAGE, version = locate::VERSION
    )]
    LibraryMissing(String),
    /// The file is no libchdb, or an older one; holds the loader's words.
    #[error(
        "{0} can't be used as libchdb: {1}. The version known to work: \
         `npm install {package}@{version}`",
        package = locate::PACKAGE, version = locate::VERSION
    )]
    LibraryUnusable(PathBuf, String),
    /// The directory can't be made, or written.
    #[error("the database's directory {0} (--path) can't be used: {1}")]
    PathUnusable(PathBuf, #[source] io::Error),
    /// Another process has the directory; holds its process id.
    #[error(
        "{0} (--path) is in use by process {1}: one process per path. Stop that one, or name \
         another directory"
    )]
    PathTaken(PathBuf, String),
    /// libchdb gave no connection.
    #[error("the engine would not start on {0}; its own words stand above")]
    EngineRefused(PathBuf),
    /// The address would be reachable from other machines.
    #[error(
        "{0} is not a loopback address; the embedded ClickHouse serves its own machine only (--listen)"
    )]
    NotLoopback(SocketAddr),
    /// The port is in use.
    #[error(
        "{0} is in use by another process; name another address with --listen (port 0: any free one)"
    )]
    PortTaken(SocketAddr),
    /// Anything else about the address.
    #[error("can't listen on {0} (--listen): {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The file of the secret is missing or empty.
    #[error("no secret could be read from {0} (--password-file): {1}")]
    SecretUnreadable(PathBuf, String),
    /// The system gives no signals, or no thread to wait for them.
    #[error("signals can't be received: {0}")]
    Signals(#[source] io::Error),
    /// The child ended, or never listened; holds its last words.
    #[error("the embedded ClickHouse did not start: {0}")]
    Child(String),
}
