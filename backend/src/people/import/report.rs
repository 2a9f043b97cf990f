//! What became of a file, as whoever sent it can act on it.

use super::{
    dates::Order,
    decode::{Charset, Decoded},
    doubles::Doubled,
    mapping,
    rows::Read,
    table::Table,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Most rejected rows that are listed; all are counted.
pub const MOST_REJECTED: usize = 1_000;
/// Most places that are listed of each kind of warning; all are counted.
pub const MOST_WARNED: usize = 200;

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct Report {
    /// The encoding it was read in.
    pub encoding: Charset,
    /// What stands between its cells.
    pub separator: char,
    /// Whether its first row has the columns' names.
    pub header: bool,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Rows that aren't empty.
    pub rows: usize,
    /// Rows that are taken.
    pub accepted: usize,
    /// Rows that don't fit, of which nothing is kept.
    pub rejected: usize,
    /// The first 1,000 of them.
    pub rejected_rows: Vec<Rejection>,
    /// What is worth a look.
    pub warnings: Vec<Warning>,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportColumn)]
pub struct Column {
    /// Its place, from 0.
    pub index: usize,
    /// Its name.
    pub header: String,
    /// The field it fills, `id`, `updated_at` or `full_name`; null for none.
    pub field: Option<String>,
    /// How that is known.
    pub found: Option<Found>,
    /// How many rows have something in it.
    pub filled: usize,
    /// In which order its days are written, where they are written in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
}

/// How it is known which field a column fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportFound)]
pub enum Found {
    /// The caller says so.
    Mapping,
    /// By its name.
    Header,
    /// By what is in it.
    Values,
}

/// In which order a column's days are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportDates)]
pub struct Dates {
    /// The order.
    pub order: Order,
    /// Whether there is no doubt.
    pub is_sure: bool,
    /// What tells.
    pub why: String,
}

/// A row that doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportRejection)]
pub struct Rejection {
    /// The line of the file that it begins in, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problems: Vec<BadValue>,
}

/// A value that doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadValue {
    /// The column's name; empty where it is the whole row's.
    pub column: String,
    /// What is in it, at most 200 characters.
    pub value: String,
    /// Why it doesn't fit, for programs.
    pub code: &'static str,
    /// What would fit.
    pub detail: String,
}

/// Something that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportWarning)]
pub struct Warning {
    /// What, for programs: `broken_characters`, `date_order`, `empty_rows`, `repeated_contact`,
    /// `shared_identifier`, `unmapped_column` or `value_left_out`.
    pub code: &'static str,
    /// How often.
    pub count: usize,
    /// What it means, and what to do.
    pub detail: String,
    /// The first 200 places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<WarningAt>,
}

/// A place of a warning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportWarningAt)]
pub struct WarningAt {
    /// The lines of the first rows it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<usize>,
    /// How many rows it is about.
    pub rows: usize,
    /// The column's name, or the kind of an identifier.
    pub column: String,
    /// The value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// More of it: why a value doesn't fit, the ids that share an identifier, what tells an order.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What a report is written from.
pub struct Material<'m> {
    /// The text.
    pub decoded: &'m Decoded,
    /// The table.
    pub table: &'m Table,
    /// What its columns are.
    pub columns: &'m [mapping::Column],
    /// What its rows come to.
    pub read: &'m Read,
    /// Who is there twice.
    pub doubled: Doubled,
}

impl Material<'_> {
    /// Writes it.
    #[must_use]
    pub fn write(self) -> Report {
        let columns = self.columns.iter().zip(&self.read.filled);
        let columns = columns.map(|(column, filled)| Column {
            index: column.index,
            header: column.header.clone(),
            field: column.target.as_ref().map(|to| to.as_str().to_owned()),
            found: column.found,
            filled: *filled,
            dates: column.dates.clone(),
        });
        Report {
            encoding: self.decoded.charset,
            separator: self.table.separator,
            header: self.table.has_header,
            columns: columns.collect(),
            rows: self.table.rows.len(),
            accepted: self.read.taken.len(),
            rejected: self.read.rejected,
            rejected_rows: self.read.rejected_rows.clone(),
            warnings: self.warnings(),
        }
    }

    fn warnings(self) -> Vec<Warning> {
        let orders = self.unsure_orders();
        let unmapped = self.unmapped();
        let left_out = self.read.left_out_values.iter();
        let left_out = left_out.map(|(line, bad)| WarningAt {
            lines: vec![*line],
            rows: 1,
            column: bad.column.clone(),
            value: bad.value.clone(),
            detail: bad.detail.clone(),
        });
        let Doubled {
            repeated,
            repeated_at,
            shared,
            shared_at,
        } = self.doubled;
        let warning = |code, count, detail: &str, at: Vec<WarningAt>| Warning {
            code,
            count,
            detail: detail.to_owned(),
            at,
        };
        let mut warnings = vec![
            warning(
                "value_left_out",
                self.read.left_out,
                "these values don't fit and were left out; the rest of their rows was taken",
                left_out.collect(),
            ),
            warning(
                "date_order",
                orders.len(),
                "the days of these columns may be read wrongly; say `dates` in the mapping",
                orders,
            ),
            warning(
                "unmapped_column",
                unmapped.len(),
                "nothing of these columns was taken; name their fields in the mapping, or add \
                 fields for them",
                unmapped.into_iter().take(MOST_WARNED).collect(),
            ),
            warning(
                "repeated_contact",
                repeated,
                "several rows name the same contact; the lowest row counts where they differ, \
                 unless `updated_at` says otherwise",
                repeated_at,
            ),
            warning(
                "shared_identifier",
                shared,
                "contacts with different ids have the same mail address or phone number; find out \
                 whose it is, and correct the others",
                shared_at,
            ),
            warning(
                "empty_rows",
                self.table.empty_rows,
                "rows without anything in them were skipped",
                Vec::new(),
            ),
            warning(
                "broken_characters",
                self.decoded.broken,
                "characters could not be read; look at the names in the table, and say `encoding` \
                 in the mapping or save the file as \"CSV UTF-8\"",
                Vec::new(),
            ),
        ];
        warnings.retain(|warning| warning.count > 0);
        warnings
    }

    fn unsure_orders(&self) -> Vec<WarningAt> {
        let unsure = self.columns.iter().zip(&self.read.filled);
        let unsure = unsure.filter_map(|(column, filled)| {
            let dates = column.dates.as_ref().filter(|dates| !dates.is_sure)?;
            Some(WarningAt {
                rows: *filled,
                column: column.header.clone(),
                detail: dates.why.clone(),
                ..WarningAt::default()
            })
        });
        unsure.collect()
    }

    /// Columns that have something and fill nothing.
    fn unmapped(&self) -> Vec<WarningAt> {
        let columns = self.columns.iter().zip(&self.read.filled);
        let unmapped = columns.filter(|(column, filled)| column.target.is_none() && **filled > 0);
        let unmapped = unmapped.map(|(column, filled)| WarningAt {
            rows: *filled,
            column: column.header.clone(),
            ..WarningAt::default()
        });
        unmapped.collect()
    }
}
