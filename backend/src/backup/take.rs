//! Taking a backup, as a stream that holds little in memory.

use super::{CONTROL, END, End, FORMAT, SPOOL, Sum, TABLES};
use crate::store::{Store, StoreError};
use bytes::Bytes;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};
use tokio::{fs::File, io::AsyncReadExt as _, sync::mpsc};

/// A table's rows come in pieces of about this.
const PIECE_BYTES: usize = 8 << 20;
/// A file is read in pieces of this.
const READ_BYTES: usize = 1 << 20;
/// What a tar's entries are padded to.
const BLOCK_BYTES: usize = 512;

/// What is copied.
pub struct Source {
    /// The file of the control data.
    pub control: PathBuf,
    /// The file of the spool.
    pub spool: PathBuf,
    /// ClickHouse.
    pub store: Store,
    /// When, in milliseconds since the epoch.
    pub now_ms: u64,
}

/// Why a backup was broken off.
#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error("SQLite: {0}")]
    Sqlite(#[from] sqlx::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("whoever asked for it left")]
    Left,
}

/// Takes a backup, and sends it piece by piece. Where it fails the last piece is an error, and
/// what came is no whole backup.
pub async fn take(source: Source, out: mpsc::Sender<io::Result<Bytes>>) {
    let mut tar = Tar {
        out: out.clone(),
        now_s: source.now_ms / 1000,
    };
    if let Err(error) = tar.all(&source).await {
        tracing::warn!("a backup was broken off: {error}");
        // Nobody may be there any more.
        let _ = out.send(Err(io::Error::other(error.to_string()))).await;
    }
}

/// A tar that is being sent.
struct Tar {
    out: mpsc::Sender<io::Result<Bytes>>,
    now_s: u64,
}

impl Tar {
    async fn all(&mut self, source: &Source) -> Result<(), TakeError> {
        self.sqlite(CONTROL, &source.control).await?;
        self.sqlite(SPOOL, &source.spool).await?;
        let mut tables = BTreeMap::new();
        for table in source.store.tables() {
            let sum = self.table(table, &source.store).await?;
            tables.insert((*table).to_owned(), sum);
        }
        let end = End {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            migration: source.store.migration(),
            tables,
        };
        let end = serde_json::to_vec_pretty(&end).map_err(io::Error::from)?;
        self.entry(END, end.into()).await?;
        // Two empty blocks end a tar.
        self.send(vec![0; 2 * BLOCK_BYTES].into()).await
    }

    /// A copy of a SQLite file as it is at this moment.
    async fn sqlite(&mut self, name: &str, file: &Path) -> Result<(), TakeError> {
        // Beside the file, where there is room for it and nobody else may read.
        let beside = file.parent().unwrap_or_else(|| Path::new("."));
        let folder = tempfile::tempdir_in(beside)?;
        let copy = folder.path().join(name);
        let options = SqliteConnectOptions::new().filename(file);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::query("VACUUM INTO ?")
            .bind(copy.to_string_lossy())
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        let mut copy = File::open(copy).await?;
        let bytes = copy.metadata().await?.len();
        self.head(name, bytes).await?;
        loop {
            let mut piece = Vec::with_capacity(READ_BYTES);
            (&mut copy)
                .take(READ_BYTES as u64)
                .read_to_end(&mut piece)
                .await?;
            if piece.is_empty() {
                break;
            }
            self.send(piece.into()).await?;
        }
        self.pad(bytes).await
    }

    /// A table's rows; gives their digest.
    async fn table(&mut self, table: &'static str, store: &Store) -> Result<String, TakeError> {
        let mut rows = store.dump(table)?;
        let mut sum = Sum::default();
        let mut piece = Vec::new();
        let mut number = 0;
        loop {
            let more = rows.next().await?;
            let is_last = more.is_none();
            piece.extend_from_slice(&more.unwrap_or_default());
            if piece.len() >= PIECE_BYTES || is_last && !piece.is_empty() {
                number += 1;
                sum.add(&piece);
                let name = format!("{TABLES}{table}/{number:08}.native");
                self.entry(&name, std::mem::take(&mut piece).into()).await?;
            }
            if is_last {
                return Ok(sum.tell());
            }
        }
    }

    async fn entry(&mut self, name: &str, bytes: Bytes) -> Result<(), TakeError> {
        let length = bytes.len() as u64;
        self.head(name, length).await?;
        self.send(bytes).await?;
        self.pad(length).await
    }

    async fn head(&mut self, name: &str, bytes: u64) -> Result<(), TakeError> {
        let mut head = tar::Header::new_ustar();
        head.set_path(name)?;
        head.set_size(bytes);
        head.set_mode(0o600);
        head.set_mtime(self.now_s);
        head.set_cksum();
        self.send(Bytes::copy_from_slice(head.as_bytes())).await
    }

    async fn pad(&mut self, bytes: u64) -> Result<(), TakeError> {
        let past = (bytes % BLOCK_BYTES as u64) as usize;
        if past == 0 {
            return Ok(());
        }
        self.send(vec![0; BLOCK_BYTES - past].into()).await
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), TakeError> {
        self.out.send(Ok(bytes)).await.map_err(|_| TakeError::Left)
    }
}
