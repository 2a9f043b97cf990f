//! The segments that a site keeps, each with all its versions.
//!
//! A live one is always answerable: what it names is there, and whatever would take that away,
//! or make it too large, is refused.

mod change;
mod check;
mod known;
mod living;
mod uses;

pub use change::{Draft, Outcome};
pub use living::LiveSegment;
pub use uses::Uses;

use super::{
    Control, ControlError,
    people::{self, read},
};
use crate::{
    people::field::Labels,
    segment::{self, Invalid, ast::Node},
};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{FromRow, Row as _, SqliteConnection, sqlite::SqliteRow};
use utoipa::ToSchema;

/// A segment without its definition. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedSegment {
    /// Its id.
    #[schema(example = "loyal")]
    pub id: String,
    /// What people call it, by language.
    pub names: Labels,
    /// What people read of it, by language.
    pub descriptions: Labels,
    /// Which version it is, from 1.
    pub version: u32,
    /// When it was made.
    pub created_at: i64,
    /// When this version was made.
    pub changed_at: i64,
    /// By which key: its id, and its label.
    pub changed_by: String,
    /// When it was archived; nothing where it is live.
    pub archived_at: Option<i64>,
}

/// A segment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Segment {
    /// All but its definition.
    #[serde(flatten)]
    pub listed: ListedSegment,
    /// Its definition in the segment language, as it was given.
    #[schema(value_type = Object)]
    pub definition: Box<RawValue>,
    /// What the definition names.
    pub uses: Uses,
    /// Ids of the live segments whose definitions name it.
    pub used_by: Vec<String>,
}

/// A version of a segment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SegmentVersion {
    /// Which, from 1.
    pub version: u32,
    /// What people called it, by language.
    pub names: Labels,
    /// What people read of it, by language.
    pub descriptions: Labels,
    /// Its definition, as it was given.
    #[schema(value_type = Object)]
    pub definition: Box<RawValue>,
    /// When it was made, in milliseconds since the epoch.
    pub changed_at: i64,
    /// By which key: its id, and its label.
    pub changed_by: String,
}

/// Why a segment is not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The control data, or an id, a name or a size that doesn't fit.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// It is not there.
    #[error("there is no segment `{0}`")]
    NoSegment(String),
    /// The definition can't be read.
    #[error("the definition is no JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// The definition is invalid.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// Another version is the current one.
    #[error("{}", meanwhile(*.current))]
    ChangedMeanwhile {
        /// Which; 0 where the segment is not there.
        current: u32,
    },
    /// It would be asked in itself.
    #[error("it would be asked in itself: `{}`", .way.join("` uses `"))]
    Circle {
        /// The ids on the way, from it to it.
        way: Vec<String>,
        /// Where in the definition the way begins.
        pointer: String,
    },
    /// Live segments use it.
    #[error("it is used by {}", named(.users))]
    InUse {
        /// Their ids.
        users: Vec<String>,
    },
    /// A live segment that uses it would be invalid.
    #[error("`{user}` uses it and would be invalid, at `{}`: {}", .invalid.pointer, .invalid.message)]
    Breaks {
        /// The id of that one.
        user: String,
        /// What would be wrong there.
        invalid: Invalid,
    },
}

fn meanwhile(current: u32) -> String {
    if current == 0 {
        "it is not there yet; leave `version` out, or send 0".to_owned()
    } else {
        format!("it was changed meanwhile: its version is {current}")
    }
}

/// The first of some segments, and how many more there are.
fn named(users: &[String]) -> String {
    let (first, more) = users.split_at(users.len().min(20));
    let first = format!("`{}`", first.join("`, `"));
    if more.is_empty() {
        first
    } else {
        format!("{first} and {} more", more.len())
    }
}

impl From<sqlx::Error> for SegmentError {
    fn from(error: sqlx::Error) -> Self {
        Self::Control(error.into())
    }
}

impl Control {
    /// A site's segments by their ids: the live ones, or the archived.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn segments(
        &self,
        site: &str,
        archived: bool,
    ) -> Result<Vec<ListedSegment>, ControlError> {
        let segments = sqlx::query_as(
            "SELECT * FROM current_segments WHERE site = ? AND (archived_at IS NOT NULL) = ?
             ORDER BY id",
        );
        let segments = segments.bind(site).bind(archived);
        Ok(segments.fetch_all(&self.pool).await?)
    }

    /// A segment of a site, archived or not.
    ///
    /// # Errors
    /// [`SegmentError::NoSegment`], or what SQLite says.
    pub async fn segment(&self, site: &str, id: &str) -> Result<Segment, SegmentError> {
        let mut one_moment = self.pool.begin().await?;
        let found = find(&mut one_moment, site, id).await?;
        found.ok_or_else(|| SegmentError::NoSegment(id.to_owned()))
    }

    /// The versions of a segment, the newest first: those before the version `before`.
    ///
    /// # Errors
    /// [`SegmentError::NoSegment`], or what SQLite says.
    pub async fn segment_history(
        &self,
        site: &str,
        id: &str,
        before: Option<u32>,
        most: u32,
    ) -> Result<Vec<SegmentVersion>, SegmentError> {
        let versions = sqlx::query_as(
            "SELECT version, names, descriptions, definition, changed_at, changed_by
             FROM segment_versions WHERE site = ? AND segment = ? AND version < ?
             ORDER BY version DESC LIMIT ?",
        );
        let versions: Vec<SegmentVersion> = versions
            .bind(site)
            .bind(id)
            .bind(before.map_or(i64::MAX, i64::from))
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        if versions.is_empty() {
            self.segment(site, id).await?;
        }
        Ok(versions)
    }
}

/// A segment of a site, archived or not.
async fn find(
    control: &mut SqliteConnection,
    site: &str,
    id: &str,
) -> Result<Option<Segment>, ControlError> {
    let found = sqlx::query("SELECT * FROM current_segments WHERE site = ? AND id = ?")
        .bind(site)
        .bind(id)
        .fetch_optional(&mut *control)
        .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(Segment {
        listed: ListedSegment::from_row(&row)?,
        definition: json(&row, "definition")?,
        uses: Uses::read(control, site, id).await?,
        used_by: used_by(control, site, id).await?,
    }))
}

/// The live segments that use this one themselves.
async fn used_by(
    control: &mut SqliteConnection,
    site: &str,
    id: &str,
) -> Result<Vec<String>, ControlError> {
    let users: Vec<(String,)> = sqlx::query_as(
        "SELECT segment FROM segment_uses
             CROSS JOIN segments ON segments.site = segment_uses.site AND segments.id = segment
         WHERE segment_uses.site = ? AND kind = 'segment' AND uses = ? AND archived_at IS NULL
         ORDER BY segment",
    )
    .bind(site)
    .bind(id)
    .fetch_all(control)
    .await?;
    Ok(users.into_iter().map(|(user,)| user).collect())
}

impl FromRow<'_, SqliteRow> for ListedSegment {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            names: json(row, "names")?,
            descriptions: json(row, "descriptions")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            changed_at: row.try_get("changed_at")?,
            changed_by: row.try_get("changed_by")?,
            archived_at: row.try_get("archived_at")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for SegmentVersion {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            version: row.try_get("version")?,
            names: json(row, "names")?,
            descriptions: json(row, "descriptions")?,
            definition: json(row, "definition")?,
            changed_at: row.try_get("changed_at")?,
            changed_by: row.try_get("changed_by")?,
        })
    }
}

/// What stands in a column as JSON.
fn json<T: for<'de> serde::Deserialize<'de>>(
    row: &SqliteRow,
    column: &str,
) -> Result<T, sqlx::Error> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(sqlx::Error::decode)
}

/// A definition that this or an earlier build took.
fn read_definition(text: &str) -> Result<Node, ControlError> {
    let json: serde_json::Value = read(text)?;
    let node = segment::parse(&json);
    node.map_err(|invalid| ControlError::Sqlite(sqlx::Error::decode(invalid)))
}

#[cfg(test)]
mod tests;
