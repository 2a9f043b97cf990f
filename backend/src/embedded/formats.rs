//! How the pieces of a streamed answer join to one document, and what media type a format has.
//!
//! libchdb makes every piece of a streamed answer a whole document of the format. Owns the list of
//! formats whose pieces can be joined: those without a frame, and those whose frame is a header alone,
//! which is cut from all pieces but the first. Must not know where pieces come from.

/// The format of an answer to a request that names none, as with a ClickHouse server.
pub const DEFAULT_FORMAT: &str = "TabSeparated";

/// What stands before the rows in each piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    None,
    /// That many lines; a line end within a name is escaped.
    Lines(usize),
    /// That many lines of CSV; a line end within a name is quoted.
    CsvLines(usize),
    /// A count of columns, then this many texts for each: RowBinary's.
    Texts(u64),
}

const STREAMED: &[(&str, Header)] = &[
    ("RowBinary", Header::None),
    ("RowBinaryWithNames", Header::Texts(1)),
    ("RowBinaryWithNamesAndTypes", Header::Texts(2)),
    ("Native", Header::None),
    ("TabSeparated", Header::None),
    ("TSV", Header::None),
    ("TabSeparatedRaw", Header::None),
    ("TSVRaw", Header::None),
    ("TabSeparatedWithNames", Header::Lines(1)),
    ("TSVWithNames", Header::Lines(1)),
    ("TabSeparatedWithNamesAndTypes", Header::Lines(2)),
    ("TSVWithNamesAndTypes", Header::Lines(2)),
    ("CSV", Header::None),
    ("CSVWithNames", Header::CsvLines(1)),
    ("CSVWithNamesAndTypes", Header::CsvLines(2)),
    ("JSONEachRow", Header::None),
    ("JSONLines", Header::None),
    ("NDJSON", Header::None),
    ("JSONStringsEachRow", Header::None),
    ("JSONCompactEachRow", Header::None),
    ("JSONCompactStringsEachRow", Header::None),
    ("JSONCompactEachRowWithNames", Header::Lines(1)),
    ("JSONCompactEachRowWithNamesAndTypes", Header::Lines(2)),
    ("TSKV", Header::None),
    ("LineAsString", Header::None),
    ("MsgPack", Header::None),
    ("Null", Header::None),
];

/// Joins the pieces of one answer.
pub struct Joiner {
    header: Header,
    first: Option<Vec<u8>>,
}

impl Joiner {
    /// `None` for a format whose answer can only be made whole (JSON, Parquet, Pretty…).
    pub fn of(format: &str) -> Option<Self> {
        let (_, header) = STREAMED
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(format))?;
        Some(Self {
            header: *header,
            first: None,
        })
    }

    /// The part of `piece` to be sent. `None`: its header is not that of the first piece, so the
    /// answer can't be one document.
    pub fn join<'p>(&mut self, piece: &'p [u8]) -> Option<&'p [u8]> {
        match &self.first {
            None => {
                self.first = Some(piece[..self.header.length_in(piece)?].to_vec());
                Some(piece)
            }
            Some(first) => piece.strip_prefix(first.as_slice()),
        }
    }
}

impl Header {
    fn length_in(self, piece: &[u8]) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::Lines(lines) => line_end(piece, lines, false),
            Self::CsvLines(lines) => line_end(piece, lines, true),
            Self::Texts(per_column) => {
                let (columns, mut at) = varint(piece, 0)?;
                for _ in 0..columns.checked_mul(per_column)? {
                    let (length, after) = varint(piece, at)?;
                    at = after.checked_add(usize::try_from(length).ok()?)?;
                }
                (at <= piece.len()).then_some(at)
            }
        }
    }
}

/// Where the given number of lines ends.
fn line_end(piece: &[u8], lines: usize, quotes: bool) -> Option<usize> {
    let mut quoted = false;
    let ends = piece.iter().enumerate().filter(|(_, byte)| {
        quoted ^= quotes && **byte == b'"';
        **byte == b'\n' && !quoted
    });
    ends.map(|(at, _)| at + 1).nth(lines - 1)
}

/// A LEB128 number at `at`, and where it ends.
fn varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
    }
    None
}

/// The `Content-Type` of an answer, as a ClickHouse server gives it.
pub fn media_type(format: &str) -> &'static str {
    let format = format.to_ascii_lowercase();
    match format.as_str() {
        "jsoneachrow" | "jsonlines" | "ndjson" | "jsonstringseachrow" => {
            "application/x-ndjson; charset=UTF-8"
        }
        "parquet" | "native" | "arrow" | "arrowstream" | "msgpack" | "avro" | "orc" => {
            "application/octet-stream"
        }
        _ if format.starts_with("json") => "application/json; charset=UTF-8",
        _ if format.starts_with("csv") => "text/csv; charset=UTF-8",
        _ if format.starts_with("tabseparated") || format.starts_with("tsv") => {
            "text/tab-separated-values; charset=UTF-8"
        }
        _ if format.starts_with("rowbinary") => "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, pieces: &[&[u8]], joined: Option<&[u8]>) {
        let mut joiner = Joiner::of(format).unwrap();
        let parts: Option<Vec<&[u8]>> = pieces.iter().map(|piece| joiner.join(piece)).collect();
        assert_eq!(parts.map(|parts| parts.concat()).as_deref(), joined);
    }

    #[test]
    fn headers_stand_once() {
        check(
            "RowBinaryWithNamesAndTypes",
            &[b"\x01\x01x\x05UInt8\x07", b"\x01\x01x\x05UInt8\x08"],
            Some(b"\x01\x01x\x05UInt8\x07\x08"),
        );
        check(
            "rowbinarywithnames",
            &[b"\x01\x01x\x07", b"\x01\x01x\x08"],
            Some(b"\x01\x01x\x07\x08"),
        );
        check(
            "CSVWithNames",
            &[b"\"a\n\"\"b\"\n1\n", b"\"a\n\"\"b\"\n2\n"],
            Some(b"\"a\n\"\"b\"\n1\n2\n"),
        );
        check(
            "TSVWithNamesAndTypes",
            &[b"a\nUInt8\n1\n", b"a\nUInt8\n2\n"],
            Some(b"a\nUInt8\n1\n2\n"),
        );
        check(
            "TSVWithNames",
            &[b"a\"b\n1\n", b"a\"b\n2\n"],
            Some(b"a\"b\n1\n2\n"),
        );
        check("CSV", &[b"1\n", b"2\n"], Some(b"1\n2\n"));
    }

    #[test]
    fn pieces_that_do_not_fit_are_not_joined() {
        check(
            "RowBinaryWithNamesAndTypes",
            &[b"\x01\x01x\x05UInt8\x07", b"\x01\x01y\x05UInt8\x08"],
            None,
        );
        check("RowBinaryWithNames", &[b"\xff"], None);
        assert!(Joiner::of("JSON").is_none());
        assert!(Joiner::of("Parquet").is_none());
    }
}
