//! Control data: sites, keys, users, fields, groups and segments, in SQLite. The command line and a
//! running server may use it at the same time.

mod key;
mod people;
mod segments;
mod site;
mod ticket;
mod user;

pub use key::{Caller, KeyError, KeyInfo, KeySpec, NewKey, Scope};
pub use people::{Deed, Erasure, Group};
pub use segments::{
    Draft, ListedSegment, LiveSegment, Outcome, Segment, SegmentError, SegmentVersion, Uses,
};
pub use site::{Consent, SiteChange, SiteSettings};
pub use ticket::SESSION_MS;
pub use user::{NewUser, Role, User, UserChange, UserError};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::path::Path;

/// The control data.
#[derive(Clone)]
pub struct Control {
    pool: SqlitePool,
}

/// Why the control data could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// SQLite refuses.
    #[error("the control data: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// The file is of another build.
    #[error("the control data's tables: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A site that is not there.
    #[error("there is no site `{0}`; add it with `crumbtrail site add {0}`")]
    NoSite(String),
    /// A site that is there, with other settings.
    #[error("the site `{0}` exists with other settings")]
    SiteExists(String),
    /// A field, a group or a segment that doesn't fit.
    #[error("{key}: {fits}")]
    Field {
        /// Which key of it.
        key: &'static str,
        /// What would fit.
        fits: String,
    },
    /// Settings of a site that nothing can be reckoned by.
    #[error("the settings of the site `{site}` are damaged: {problem}")]
    Damaged {
        /// Which site.
        site: String,
        /// What is wrong with them.
        problem: String,
    },
    /// A setting of a site that doesn't fit.
    #[error("{what} `{value}`: {fits}")]
    Setting {
        /// Which setting.
        what: &'static str,
        /// What was given.
        value: String,
        /// What would fit.
        fits: &'static str,
    },
}

impl Control {
    /// As [`Control::open`], where it is there.
    ///
    /// # Errors
    /// [`ControlError`] where the file can't be opened or is of another build.
    pub async fn open_if_there(path: &Path) -> Result<Option<Self>, ControlError> {
        if path.exists() {
            Self::open(path).await.map(Some)
        } else {
            Ok(None)
        }
    }

    /// Opens the control data at `path`, and makes it where it is not there.
    ///
    /// # Errors
    /// [`ControlError`] where the file can't be opened or is of another build.
    pub async fn open(path: &Path) -> Result<Self, ControlError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "on");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        sqlx::migrate!("src/control/migrations").run(&pool).await?;
        Ok(Self { pool })
    }
}

impl Control {
    /// A secret that was made with the control data, by what it is for.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn secret(&self, name: &str) -> Result<Vec<u8>, ControlError> {
        let (value,): (Vec<u8>,) = sqlx::query_as("SELECT value FROM secrets WHERE name = ?")
            .bind(name)
            .fetch_one(&self.pool)
            .await?;
        Ok(value)
    }
}

/// Whole numbers as SQLite has them.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
