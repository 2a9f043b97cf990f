//! Text becomes a table: its separator, its columns' names, its rows.

use super::{
    MOST_ROWS, Options, Refused,
    records::{Records, Row},
};
use crate::people::identifier::Identifier;

/// What may stand between cells; of those that would do as well, the last is taken.
const SEPARATORS: [char; 4] = ['|', '\t', ';', ','];
/// Rows by which a separator is guessed.
const SAMPLE_ROWS: usize = 50;
/// Most columns of a table.
const MOST_COLUMNS: usize = 1_000;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What stands between cells.
    pub separator: char,
    /// Whether its first row has the columns' names.
    pub has_header: bool,
    /// The columns' names, each without blanks around it; `column 1` and so on where it has none.
    pub header: Vec<String>,
    /// Its rows, without those that are empty.
    pub rows: Vec<Row>,
    /// How many of its rows are empty.
    pub empty_rows: usize,
}

/// Reads a table.
///
/// # Errors
/// [`Refused`] where there is none, or it is too long.
pub fn read(text: &str, options: &Options, country: &str) -> Result<Table, Refused> {
    let (said, text, first_line) = without_separator_line(text);
    let separator = options
        .separator
        .or(said)
        .unwrap_or_else(|| guess_separator(text));
    let mut records = Records::new(text, separator, first_line)?;
    let first = records.next_full();
    let first = first.ok_or_else(|| Refused::File("the file has no rows".into()))?;
    let width = first.width();
    if width > MOST_COLUMNS {
        let detail = format!("the file has {width} columns; at most {MOST_COLUMNS} fit");
        return Err(Refused::File(detail));
    }
    let has_header = options
        .header
        .unwrap_or_else(|| !has_identifier(&first, country));
    let header = (0..width).map(|column| match first.cell(column) {
        name if has_header && !name.is_empty() => name,
        _ => format!("column {}", column + 1),
    });
    let header = header.collect();
    // Those above the names belong to no row.
    records.empty_rows = 0;
    let mut rows: Vec<Row> = Vec::new();
    if !has_header {
        rows.push(first);
    }
    while let Some(row) = records.next_full() {
        if rows.len() == MOST_ROWS {
            return Err(Refused::TooMany);
        }
        rows.push(row);
    }
    Ok(Table {
        separator,
        has_header,
        header,
        rows,
        empty_rows: records.empty_rows,
    })
}

/// Whether a row says who somebody is, so that it can't be one of names.
fn has_identifier(row: &Row, country: &str) -> bool {
    (0..row.width()).any(|column| {
        let cell = row.cell(column);
        Identifier::mail(&cell).is_ok()
            || cell.len() > 8 && Identifier::phone(&cell, country).is_ok()
    })
}

/// Excel's own line that says the separator, what follows it, and the line that this is.
fn without_separator_line(text: &str) -> (Option<char>, &str, usize) {
    let said = text.strip_prefix("sep=").and_then(|rest| {
        let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
        let rest = rest.strip_prefix(separator)?;
        let rest = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n'))?;
        Some((Some(separator), rest, 2))
    });
    said.unwrap_or((None, text, 1))
}

fn guess_separator(text: &str) -> char {
    let best = SEPARATORS
        .into_iter()
        .max_by_key(|separator| evenness(text, *separator));
    best.unwrap_or(',')
}

/// How many rows are as wide as the first, and how wide that is; nothing for a single column.
fn evenness(text: &str, separator: char) -> (usize, usize) {
    let Ok(mut records) = Records::new(text, separator, 1) else {
        return (0, 0);
    };
    let Some(width) = records.next_full().map(|first| first.cells()) else {
        return (0, 0);
    };
    if width < 2 {
        return (0, 0);
    }
    let rows = std::iter::from_fn(|| records.next_full()).take(SAMPLE_ROWS);
    (1 + rows.filter(|row| row.cells() == width).count(), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(text: &str) -> Table {
        read(text, &Options::default(), "IL").unwrap()
    }

    fn lines(table: &Table) -> Vec<(usize, usize)> {
        let rows = table.rows.iter();
        rows.map(|row| (row.line, row.lines)).collect()
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "\nid,note\n\n1,\"a\nb\"\n\n\n2,c\n,\n3,\"d\n\ne\"";
        for breaks in ["\n", "\r\n", "\r"] {
            let table = table(&text.replace('\n', breaks));
            assert_eq!(lines(&table), [(4, 2), (8, 1), (10, 3)], "{breaks:?}");
            assert_eq!(table.empty_rows, 4, "{breaks:?}");
        }
    }

    #[test]
    fn separators_are_guessed() {
        for (text, separator) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1,5;2,5\n", ';'),
            ("a\tb, c\n1\t2\n", '\t'),
            ("a|b|c\n1|2;3|4\n", '|'),
            ("sep=;\na,b;c\n", ';'),
            ("mail\ndana@example.com\n", ','),
            ("name;note, long\n\"x;y\";z\n", ';'),
        ] {
            assert_eq!(table(text).separator, separator, "{text}");
        }
        assert_eq!(lines(&table("sep=;\na;b\n1;2\n")), [(3, 1)]);
    }

    #[test]
    fn a_row_of_identifiers_is_no_header() {
        let bare = table("dana@example.com,דנה\nnoa@example.com,נועה\n");
        assert_eq!((bare.has_header, bare.rows.len()), (false, 2));
        assert_eq!(bare.header, ["column 1", "column 2"]);
        assert!(table("מייל,שם\ndana@example.com,דנה\n").has_header);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["", "\n\n", ",,\n"] {
            let read = read(text, &Options::default(), "IL");
            assert!(matches!(read, Err(Refused::File(_))), "{text:?}");
        }
        let options = Options {
            separator: Some('"'),
            ..Options::default()
        };
        assert!(matches!(read("a", &options, ""), Err(Refused::Mapping(_))));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(prop::collection::vec("[a-zא-ת\",;\r\n|0-9]{0,8}", 3), 1..20),
            separator in prop::sample::select(SEPARATORS.to_vec()),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(u8::try_from(separator).unwrap())
                .from_writer(Vec::new());
            writer.write_record(["h1", "h2", "h3"]).unwrap();
            for row in &rows {
                // A last cell that is never empty, so that no row is.
                let cells = [&row[0], &row[1], &format!("{}z", row[2])];
                writer.write_record(cells).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let options = Options {
                separator: Some(separator),
                ..Options::default()
            };
            let table = read(&text, &options, "IL").unwrap();
            prop_assert_eq!(table.rows.len(), rows.len());
            for (read, written) in table.rows.iter().zip(&rows) {
                prop_assert_eq!(read.given(0), &written[0]);
                prop_assert_eq!(read.given(1), &written[1]);
            }
            let mut line = 2;
            for row in &table.rows {
                prop_assert_eq!(row.line, line);
                line += row.lines;
            }
        }
    }
}
