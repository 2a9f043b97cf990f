//! Contacts out of files: a table as a spreadsheet saves it becomes facts about people, and a
//! report that whoever sent it can act on.
//!
//! | step | does |
//! |---|---|
//! | [`decode`] | bytes become text |
//! | [`table`] | text becomes rows, each with its line |
//! | [`mapping`] | each column becomes a field, or nothing |
//! | [`orders`] | which of day and month comes first in each column |
//! | [`rows`] | rows become facts, or are rejected |
//! | [`doubles`] | who is there twice |
//!
//! They know no clock, no database and no HTTP.

pub mod dates;
mod decode;
mod doubles;
mod guess;
mod mapping;
mod names;
mod numbers;
mod orders;
mod records;
mod report;
mod rows;
mod table;
#[cfg(test)]
mod tests;
pub mod values;

pub use decode::Charset;
pub use report::{BadValue, Column, Dates, Found, Rejection, Report, Warning, WarningAt};
pub use rows::TakenRow;

use super::field::Fields;
use dates::Order;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Most rows of a file, the empty ones aside.
pub const MOST_ROWS: usize = 200_000;

/// What to do with a row that has a value that doesn't fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnBadValue {
    /// Nothing of the row is taken.
    #[default]
    RejectRow,
    /// The value is left out and told of, the rest of the row is taken.
    SkipValue,
}

/// How to read a file, where that isn't to be guessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = ImportOptions)]
pub struct Options {
    /// By its header, or its place from 0: the field of a column, `id`, `updated_at` or
    /// `full_name`; null for none. Columns that are not named are guessed.
    pub columns: BTreeMap<String, Option<String>>,
    /// How days are written, in every column: `dmy`, `mdy` or `ymd`.
    pub dates: Option<Order>,
    /// What to do with a row that has a value that doesn't fit.
    pub on_bad_value: OnBadValue,
    /// The encoding.
    pub encoding: Option<Charset>,
    /// What stands between cells.
    pub separator: Option<char>,
    /// Whether the first row has the columns' names.
    pub header: Option<bool>,
}

/// What a file's values are read by.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The fields of the site's contacts.
    pub fields: &'a Fields,
    /// Where its days begin.
    pub zone: &'a TimeZone,
    /// When the file came, in milliseconds since the epoch.
    pub received_at: i64,
}

impl Place<'_> {
    /// The day on which the file came.
    fn today(&self) -> Date {
        let now = Timestamp::from_millisecond(self.received_at).unwrap_or_default();
        now.to_zoned(self.zone.clone()).date()
    }
}

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no table.
    #[error("{0}")]
    File(String),
    /// The columns can't be what they are said to be.
    #[error("{0}")]
    Mapping(String),
    /// It has too many rows.
    #[error("the file has more than {MOST_ROWS} rows; send it in parts")]
    TooMany,
}

/// What a file comes to.
#[derive(Clone, Debug)]
pub struct Import {
    /// What became of its rows.
    pub report: Report,
    /// Those that fit, in the file's order.
    pub rows: Vec<TakenRow>,
}

/// Reads a file of contacts.
///
/// An empty cell says nothing of its field. Of rows that name the same contact the lowest counts
/// where they differ, unless `updated_at` says otherwise.
///
/// # Errors
/// [`Refused`] where the file is no table, or `options` don't fit it.
pub fn read(bytes: &[u8], options: &Options, place: &Place<'_>) -> Result<Import, Refused> {
    let decoded = decode::decode(bytes, options.encoding)?;
    let table = table::read(&decoded.text, options, &place.fields.country)?;
    let columns = mapping::columns(&table, options, place)?;
    let columns = orders::decide(&table, columns, options.dates);
    let read = rows::read(&table, &columns, options.on_bad_value, place);
    let doubled = doubles::find(&read.taken);
    let report = report::Material {
        decoded: &decoded,
        table: &table,
        columns: &columns,
        read: &read,
        doubled,
    };
    Ok(Import {
        report: report.write(),
        rows: read.taken,
    })
}
