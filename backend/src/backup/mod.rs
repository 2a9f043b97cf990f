//! Copies of everything stored, taken while the backend works, and brought back.
//!
//! ```text
//! backup = tar of
//!   control.sqlite             sites, keys, secrets
//!   spool.sqlite               what was acknowledged and not stored yet
//!   clickhouse/TABLE/N.native  a table's rows in pieces, which joined are ClickHouse's Native format
//!   end.json                   that it is whole, and what it has
//! ```
//!
//! The spool is copied before the tables. What is stored in between is in both, and the drainer
//! counts it once, as after a crash.

mod fetch;
mod restore;
mod take;

pub use fetch::{FetchError, fetch};
pub use restore::{RestoreError, restore};
pub use take::{Source, take};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const CONTROL: &str = "control.sqlite";
const SPOOL: &str = "spool.sqlite";
const TABLES: &str = "clickhouse/";
const END: &str = "end.json";

/// The version of this layout.
const FORMAT: u32 = 1;

/// The last entry of a backup, without which it is not whole.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    format: u32,
    /// The version of the program that took it.
    version: String,
    /// The number of the last migration of its tables.
    migration: u32,
    /// The tables' digests.
    tables: BTreeMap<String, String>,
}

/// The digest of a table's pieces, joined.
#[derive(Clone, Default)]
struct Sum(Sha256);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn tell(self) -> String {
        hex::encode(self.0.finalize())
    }
}
