//! Rows become facts about people, or are rejected with what would fit.

use super::{
    OnBadValue, Place,
    mapping::{Column, Target},
    names::{NOTHING, folded},
    records::Row,
    report::{BadValue, MOST_REJECTED, MOST_WARNED, Rejection},
    table::Table,
    values,
};
use crate::{
    ingest::given::Wrong,
    people::{
        fact::ContactFact,
        given::contact,
        identifier::{Identifier, quoted},
    },
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// More lines than a row may take: the quote that keeps them together was never closed.
const MOST_LINES: usize = 30;
/// Most characters of a value that a report names.
const VALUE_CHARS: usize = 200;

/// A row that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenRow {
    /// The line it begins in, from 1.
    pub line: usize,
    /// What it says.
    pub fact: ContactFact,
}

/// What the rows of a table come to.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Those that fit.
    pub taken: Vec<TakenRow>,
    /// How many don't.
    pub rejected: usize,
    /// The first of them.
    pub rejected_rows: Vec<Rejection>,
    /// How many values were left out of rows that fit.
    pub left_out: usize,
    /// The first of them, and their lines.
    pub left_out_values: Vec<(usize, BadValue)>,
    /// How many rows have something in each column.
    pub filled: Vec<usize>,
}

/// Reads the rows.
#[must_use]
pub fn read(
    table: &Table,
    columns: &[Column],
    on_bad_value: OnBadValue,
    place: &Place<'_>,
) -> Read {
    let mut read = Read {
        filled: vec![0; columns.len()],
        ..Read::default()
    };
    let mut repeated = Repeated::default();
    for row in &table.rows {
        for (column, filled) in columns.iter().zip(&mut read.filled) {
            *filled += usize::from(!row.cell(column.index).is_empty());
        }
        let mut reading = Reading {
            row,
            columns,
            place,
            told: Map::new(),
            bad: Vec::new(),
        };
        match reading.fact(on_bad_value) {
            Some(mut fact) => {
                if !reading.told.contains_key("updated_at") {
                    fact.at += repeated.next(&fact.who);
                }
                read.left_out += reading.bad.len();
                let room = MOST_WARNED.saturating_sub(read.left_out_values.len());
                let bad = reading.bad.into_iter().take(room);
                let bad = bad.map(|(_, bad)| (row.line, bad));
                read.left_out_values.extend(bad);
                let line = row.line;
                read.taken.push(TakenRow { line, fact });
            }
            None => {
                read.rejected += 1;
                if read.rejected_rows.len() < MOST_REJECTED {
                    let bad = reading.bad.into_iter().map(|(_, bad)| bad);
                    read.rejected_rows.push(Rejection {
                        line: row.line,
                        problems: bad.collect(),
                    });
                }
            }
        }
    }
    read
}

/// Makes every row of a contact a millisecond later than those above it, so that the lowest counts.
#[derive(Default)]
struct Repeated(HashMap<Identifier, i64>);

impl Repeated {
    fn next(&mut self, who: &[Identifier]) -> i64 {
        let before = who.iter().filter_map(|one| self.0.get(one));
        let later = before.max().map_or(0, |before| before + 1);
        self.0.extend(who.iter().map(|one| (one.clone(), later)));
        later
    }
}

/// A row while it is read.
struct Reading<'r> {
    row: &'r Row,
    columns: &'r [Column],
    place: &'r Place<'r>,
    /// What it says, as a contact's row.
    told: Map<String, Value>,
    /// What doesn't fit, and where it would have been told.
    bad: Vec<(String, BadValue)>,
}

impl Reading<'_> {
    /// What the row says; nothing where it is rejected.
    fn fact(&mut self, on_bad_value: OnBadValue) -> Option<ContactFact> {
        if let Some(bad) = self.shape() {
            self.bad.push((String::new(), bad));
            return None;
        }
        for column in self.columns {
            self.tell(column);
        }
        let Place {
            fields,
            received_at,
            ..
        } = self.place;
        let fact = loop {
            match contact(&self.told, fields, *received_at) {
                Ok(fact) => break fact,
                Err(wrong) => self.leave_out(wrong)?,
            }
        };
        let is_whole = self.bad.is_empty() || on_bad_value == OnBadValue::SkipValue;
        is_whole.then_some(fact)
    }

    /// What is wrong with the row as a whole.
    fn shape(&self) -> Option<BadValue> {
        let (width, columns) = (self.row.width(), self.columns.len());
        let (value, detail) = if self.row.lines > MOST_LINES {
            let detail = format!(
                "{} lines came together as one row: close the quote that begins here",
                self.row.lines
            );
            let cells = (0..width).map(|column| self.row.given(column));
            (
                cells.max_by_key(|cell| cell.len()).unwrap_or_default(),
                detail,
            )
        } else if width > columns {
            let detail = format!(
                "{width} cells stand below {columns} columns: put a text that has the separator \
                 in it into quotes"
            );
            (self.row.given(columns), detail)
        } else {
            return None;
        };
        Some(BadValue {
            column: String::new(),
            value: short(value),
            code: "bad_shape",
            detail,
        })
    }

    /// Tells what a cell says.
    fn tell(&mut self, column: &Column) {
        let Some(target) = &column.target else { return };
        let text = self.row.cell(column.index);
        if text.is_empty() || says_nothing(target, &text) {
            return;
        }
        let order = column.dates.as_ref().map(|dates| dates.order);
        let written = (text.as_str(), order.unwrap_or_default());
        let read = match target {
            Target::Id => values::read_identifier(&text),
            Target::UpdatedAt => values::read_instant("updated_at", written, self.place),
            Target::FullName => {
                let (first, last) = values::split_name(&text);
                let last = last.map(|last| ("last_name".to_owned(), last.into()));
                self.told.extend(last);
                self.told.insert("first_name".into(), first.into());
                return;
            }
            Target::Field(name) => match self.place.fields.by_name.get(name) {
                Some(field) => values::read(name, field, written, self.place),
                None => return,
            },
        };
        match read {
            Ok(value) => {
                self.told.insert(target.as_str().to_owned(), value);
            }
            Err(fits) => self.note(target.as_str(), "bad_value", fits),
        }
    }

    /// Notes what is wrong, and tells the rest without it; nothing where there is no rest.
    fn leave_out(&mut self, wrong: Wrong) -> Option<()> {
        let key = wrong.pointer.strip_prefix('/').unwrap_or_default();
        if let Some(value) = self.told.remove(key) {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let quote = format!("{}: ", quoted(&value));
            let fits = wrong.detail.strip_prefix(&quote).unwrap_or(&wrong.detail);
            self.note(key, wrong.code, fits.to_owned());
            return Some(());
        }
        let is_identifier = |key: &String| matches!(key.as_str(), "id" | "mail" | "phone");
        if !self.bad.iter().any(|(key, _)| is_identifier(key)) {
            self.note("", wrong.code, wrong.detail);
        }
        None
    }

    fn note(&mut self, key: &str, code: &'static str, detail: String) {
        let fills = |column: &&Column| {
            let target = column.target.as_ref();
            target.is_some_and(|target| match target {
                Target::FullName => matches!(key, "first_name" | "last_name"),
                target => target.as_str() == key,
            })
        };
        let column = self.columns.iter().find(fills);
        let bad = BadValue {
            column: column.map_or_else(String::new, |column| column.header.clone()),
            value: column.map_or_else(String::new, |column| short(self.row.given(column.index))),
            code,
            detail,
        };
        self.bad.push((key.to_owned(), bad));
    }
}

/// Whether a cell for an identifier says that there is none.
fn says_nothing(target: &Target, text: &str) -> bool {
    matches!(target.as_str(), "id" | "mail" | "phone") && NOTHING.contains(&folded(text).as_str())
}

/// A value as a report names it: not at any length.
fn short(value: &str) -> String {
    value.chars().take(VALUE_CHARS).collect()
}
