//! Bringing a backup back, into a directory that has nothing yet.

use super::{CONTROL, END, End, FORMAT, SPOOL, Sum, TABLES};
use crate::store::{Refill, Store, StoreError};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};
use tar::Archive;

/// The control data has this name until all else is there.
const UNFINISHED: &str = "control.sqlite.restoring";

/// Why a backup was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file, or the directory.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The directory, or the database, has data.
    #[error("{0} has data already; name a directory, and a database, that have none")]
    NotEmpty(String),
    /// The backup ends too early, or is none.
    #[error("the backup is not whole: {0}; take another one")]
    NotWhole(String),
    /// Another build took it.
    #[error("the backup is of a newer build (version {0}); restore it with that one")]
    Newer(String),
    /// ClickHouse.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings a backup back into the directory `data`, which is made where it is missing, and the
/// database, which has this build's tables. Gives the names of the tables.
///
/// Where it fails, directory and database are left as they are, for a backend doesn't start on
/// half of a backup as if it were the whole: its sites are put there last.
///
/// # Errors
/// [`RestoreError`]. Remove the directory, and what is in the database, before trying again.
pub async fn restore(
    backup: &Path,
    data: &Path,
    store: &Store,
) -> Result<Vec<String>, RestoreError> {
    for table in store.tables() {
        if store.has_rows(table).await? {
            return Err(RestoreError::NotEmpty(format!("ClickHouse's `{table}`")));
        }
    }
    let of_backup = |error| RestoreError::Io(backup.to_owned(), error);
    let file = File::open(backup).map_err(of_backup)?;
    let mut archive = Archive::new(io::BufReader::with_capacity(1 << 20, file));
    let mut sums = BTreeMap::new();
    let mut open: Option<Table> = None;
    let mut end = None;
    for entry in archive.entries().map_err(of_backup)? {
        let mut entry = entry.map_err(|error| RestoreError::NotWhole(error.to_string()))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some((table, _)) = name.strip_prefix(TABLES).and_then(|n| n.split_once('/')) {
            if open.as_ref().is_none_or(|open| open.name != table) {
                finish(&mut open, &mut sums).await?;
                open = Some(Table::begin(table, store)?);
            }
            let piece = read(&mut entry)?;
            if let Some(open) = &mut open {
                open.add(piece).await?;
            }
            continue;
        }
        finish(&mut open, &mut sums).await?;
        match &*name {
            CONTROL => copy(&mut entry, &data.join(UNFINISHED))?,
            SPOOL => copy(&mut entry, &data.join(SPOOL))?,
            END => end = Some(read(&mut entry)?),
            _ => {
                let what = format!("`{name}` is nothing that a backup has");
                return Err(RestoreError::NotWhole(what));
            }
        }
    }
    check(end, &sums, store)?;
    let control = data.join(CONTROL);
    fs::rename(data.join(UNFINISHED), &control)
        .map_err(|error| RestoreError::Io(control, error))?;
    Ok(sums.into_keys().collect())
}

/// A table that is being filled.
struct Table {
    name: String,
    sum: Sum,
    fill: Refill,
}

impl Table {
    fn begin(name: &str, store: &Store) -> Result<Self, RestoreError> {
        let mut known = store.tables().iter();
        let known = known.find(|known| **known == name).ok_or_else(|| {
            RestoreError::NotWhole(format!("it has a table `{name}`, which this build has not"))
        })?;
        Ok(Self {
            name: name.to_owned(),
            sum: Sum::default(),
            fill: store.refill(known),
        })
    }

    async fn add(&mut self, piece: Bytes) -> Result<(), RestoreError> {
        self.sum.add(&piece);
        Ok(self.fill.send(piece).await?)
    }
}

async fn finish(
    open: &mut Option<Table>,
    sums: &mut BTreeMap<String, String>,
) -> Result<(), RestoreError> {
    if let Some(table) = open.take() {
        table.fill.end().await?;
        sums.insert(table.name, table.sum.tell());
    }
    Ok(())
}

fn check(
    end: Option<Bytes>,
    sums: &BTreeMap<String, String>,
    store: &Store,
) -> Result<(), RestoreError> {
    let end = end.ok_or_else(|| RestoreError::NotWhole("its end is missing".to_owned()))?;
    let end: End = serde_json::from_slice(&end)
        .map_err(|error| RestoreError::NotWhole(format!("{END}: {error}")))?;
    if end.format != FORMAT || end.migration > store.migration() {
        return Err(RestoreError::Newer(end.version));
    }
    // A table without rows has no pieces.
    let empty = Sum::default().tell();
    for (table, sum) in &end.tables {
        if sums.get(table).unwrap_or(&empty) != sum {
            let what = format!("the rows of `{table}` are not those that were copied");
            return Err(RestoreError::NotWhole(what));
        }
    }
    Ok(())
}

fn read(entry: &mut impl Read) -> Result<Bytes, RestoreError> {
    let mut bytes = Vec::new();
    entry
        .read_to_end(&mut bytes)
        .map_err(|error| RestoreError::NotWhole(error.to_string()))?;
    Ok(bytes.into())
}

fn copy(entry: &mut impl Read, to: &Path) -> Result<(), RestoreError> {
    let mut write = || -> io::Result<()> {
        let mut file = File::create_new(to)?;
        io::copy(entry, &mut file)?;
        file.sync_all()
    };
    write().map_err(|error| RestoreError::Io(to.to_owned(), error))
}
