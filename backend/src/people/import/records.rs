//! Rows of cells, each with the line of the file that it begins in.

use super::Refused;
use crate::people::identifier::clean;
use csv::{ReaderBuilder, StringRecord};

/// A row that isn't empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: usize,
    /// How many lines it takes.
    pub lines: usize,
    cells: StringRecord,
}

impl Row {
    /// What is in a column, as people mean it; empty where nothing is.
    #[must_use]
    pub fn cell(&self, column: usize) -> String {
        tidy(self.given(column))
    }

    /// What is in a column, as it is written.
    #[must_use]
    pub fn given(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// How many cells it has.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// How many cells it has, those behind the last that isn't empty aside.
    #[must_use]
    pub fn width(&self) -> usize {
        let mut full = (0..self.cells.len()).rev();
        let last = full.find(|column| !self.cell(*column).is_empty());
        last.map_or(0, |last| last + 1)
    }
}

/// A cell without blanks and marks of direction around it, without the quotes and the apostrophe
/// by which people keep Excel from making a number of it, and empty where it only says that
/// nothing is there.
fn tidy(cell: &str) -> String {
    let text = clean(cell);
    let quoted = text.strip_prefix("=\"");
    let text = quoted
        .and_then(|text| text.strip_suffix('"'))
        .map_or(text.as_str(), str::trim);
    let text = match text.strip_prefix('\'') {
        Some(number) if number.starts_with(|c: char| c == '+' || c.is_ascii_digit()) => number,
        _ => text,
    };
    match text {
        "-" | "–" | "—" | "NULL" | "\\N" | "#N/A" | "#REF!" | "#VALUE!" | "#NAME?" => {
            String::new()
        }
        text => text.to_owned(),
    }
}

/// Reads rows, and counts lines: a line may break within quotes.
pub struct Records<'t> {
    text: &'t [u8],
    reader: csv::Reader<&'t [u8]>,
    /// Up to where lines are counted.
    at: usize,
    line: usize,
    /// Rows so far that are empty.
    pub empty_rows: usize,
}

impl<'t> Records<'t> {
    /// Of a text whose first line is the file's `line`.
    ///
    /// # Errors
    /// [`Refused::Mapping`] where nothing can be separated by that.
    pub fn new(text: &'t str, separator: char, line: usize) -> Result<Self, Refused> {
        let separator = u8::try_from(separator)
            .ok()
            .filter(|byte| byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n'));
        let separator = separator.ok_or_else(|| {
            Refused::Mapping("`separator` is one character, such as , ; | or a tab".into())
        })?;
        let text = text.as_bytes();
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(text);
        Ok(Self {
            text,
            reader,
            at: 0,
            line,
            empty_rows: 0,
        })
    }

    /// The next row that isn't empty.
    pub fn next_full(&mut self) -> Option<Row> {
        loop {
            let row = self.next()?;
            if row.width() > 0 {
                return Some(row);
            }
            self.empty_rows += 1;
        }
    }

    fn next(&mut self) -> Option<Row> {
        let before = self.at;
        let mut cells = StringRecord::new();
        // Text in memory: there is nothing in it that can fail.
        if !self.reader.read_record(&mut cells).unwrap_or(false) {
            return None;
        }
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(self.text.len());
        let rest = self.text.get(before..).unwrap_or_default();
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let start = before + rest.iter().take_while(|byte| is_break(byte)).count();
        let blank = self.breaks(before, start);
        // The second half of a break that ended the row before is none of its own.
        let halved = before > 0 && self.text.get(before - 1..=before) == Some(b"\r\n");
        self.empty_rows += blank - usize::from(halved);
        let line = self.line + blank;
        let within = self.breaks(start, end);
        self.at = end;
        self.line = line + within;
        let ended = self.text.get(end.wrapping_sub(1)).is_some_and(is_break);
        // The break that ends it is counted where its last half stands.
        let is_counted = ended && self.breaks(end - 1, end) == 1;
        Some(Row {
            line,
            lines: within + usize::from(!is_counted),
            cells,
        })
    }

    /// Breaks of lines that end between two places.
    fn breaks(&self, from: usize, to: usize) -> usize {
        let is_break = |at: &usize| match self.text.get(*at) {
            Some(b'\n') => true,
            Some(b'\r') => self.text.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        (from..to).filter(is_break).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_what_people_mean() {
        for (cell, meant) in [
            (" \u{200F}דנה\u{a0}", "דנה"),
            ("=\"0502345678\"", "0502345678"),
            ("'0502345678", "0502345678"),
            ("'s", "'s"),
            ("-", ""),
            ("#N/A", ""),
            ("צה\"ל", "צה\"ל"),
        ] {
            assert_eq!(tidy(cell), meant, "{cell}");
        }
    }
}
