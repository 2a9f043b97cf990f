//! ClickHouse's Native format: a block of columns one after the other, each as the table has it,
//! so that ClickHouse has nothing to convert. Owns how a column is written, and must not know
//! which columns there are.
//!
//! Source: ClickHouse's documentation of the format, and for `LowCardinality` what a server
//! writes in it.

use std::collections::HashMap;
use uuid::Uuid;

/// A column: its type, and what it has of a row.
pub enum Column<R> {
    /// `String`
    Text(fn(&R) -> &str),
    /// `LowCardinality(String)`
    Word(fn(&R) -> &str),
    /// `Array(String)`
    Texts(for<'r> fn(&'r R) -> &'r [&'r str]),
    /// `Array(LowCardinality(String))`
    Words(for<'r> fn(&'r R) -> &'r [&'r str]),
    /// `Bool`
    Bool(fn(&R) -> bool),
    /// `UInt32`
    U32(fn(&R) -> u32),
    /// `UInt64`
    U64(fn(&R) -> u64),
    /// `UUID`
    Uuid(fn(&R) -> Uuid),
    /// `DateTime64(3, 'UTC')`, milliseconds since the epoch
    Millis(fn(&R) -> i64),
    /// `Nullable(UInt8)`
    MaybeU8(fn(&R) -> Option<u8>),
    /// `Nullable(UInt32)`
    MaybeU32(fn(&R) -> Option<u32>),
    /// `Nullable(Int64)`
    MaybeI64(fn(&R) -> Option<i64>),
    /// `Array(UInt32)`
    U32s(fn(&R) -> &[u32]),
    /// `Array(Nullable(Int64))`
    MaybeI64s(fn(&R) -> &[Option<i64>]),
}

/// The version of a column's dictionary, and that the dictionary stands with the block.
const DICTIONARY_VERSION: u64 = 1;
const KEYS_FOLLOW: u64 = 1 << 9;

/// The block of these columns of the rows, at least one.
pub fn block<R>(columns: &[(&str, Column<R>)], rows: &[&R]) -> Vec<u8> {
    let mut out = Vec::new();
    put_length(&mut out, columns.len());
    put_length(&mut out, rows.len());
    for (name, column) in columns {
        put_text(&mut out, name);
        put_text(&mut out, column.type_name());
        column.put(&mut out, rows);
    }
    out
}

impl<R> Column<R> {
    const fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "String",
            Self::Word(_) => "LowCardinality(String)",
            Self::Texts(_) => "Array(String)",
            Self::Words(_) => "Array(LowCardinality(String))",
            Self::Bool(_) => "Bool",
            Self::U32(_) => "UInt32",
            Self::U64(_) => "UInt64",
            Self::Uuid(_) => "UUID",
            Self::Millis(_) => "DateTime64(3, 'UTC')",
            Self::MaybeU8(_) => "Nullable(UInt8)",
            Self::MaybeU32(_) => "Nullable(UInt32)",
            Self::MaybeI64(_) => "Nullable(Int64)",
            Self::U32s(_) => "Array(UInt32)",
            Self::MaybeI64s(_) => "Array(Nullable(Int64))",
        }
    }

    fn put(&self, out: &mut Vec<u8>, rows: &[&R]) {
        let rows = rows.iter().copied();
        match self {
            Self::Text(of) => rows.for_each(|row| put_text(out, of(row))),
            Self::Word(of) => {
                put_u64(out, DICTIONARY_VERSION);
                Dictionary::of(rows.map(of)).put(out);
            }
            Self::Texts(of) => {
                put_ends(out, rows.clone().map(|row| of(row).len()));
                rows.flat_map(of).for_each(|text| put_text(out, text));
            }
            Self::Words(of) => {
                put_u64(out, DICTIONARY_VERSION);
                put_ends(out, rows.clone().map(|row| of(row).len()));
                Dictionary::of(rows.flat_map(of).copied()).put(out);
            }
            Self::Bool(of) => out.extend(rows.map(|row| u8::from(of(row)))),
            Self::U32(of) => put_all(out, rows.map(|row| of(row).to_le_bytes())),
            Self::U64(of) => put_all(out, rows.map(|row| of(row).to_le_bytes())),
            Self::Millis(of) => put_all(out, rows.map(|row| of(row).to_le_bytes())),
            Self::Uuid(of) => put_all(out, rows.map(|row| halves(of(row)))),
            Self::MaybeU8(of) => put_maybe(out, rows.map(of), u8::to_le_bytes),
            Self::MaybeU32(of) => put_maybe(out, rows.map(of), u32::to_le_bytes),
            Self::MaybeI64(of) => put_maybe(out, rows.map(of), i64::to_le_bytes),
            Self::U32s(of) => {
                put_ends(out, rows.clone().map(|row| of(row).len()));
                put_all(out, rows.flat_map(of).map(|number| number.to_le_bytes()));
            }
            Self::MaybeI64s(of) => {
                put_ends(out, rows.clone().map(|row| of(row).len()));
                put_maybe(out, rows.flat_map(of).copied(), i64::to_le_bytes);
            }
        }
    }
}

/// The distinct texts of a column, and which of them each row has.
struct Dictionary<'r> {
    texts: Vec<&'r str>,
    places: Vec<u32>,
}

impl<'r> Dictionary<'r> {
    fn of(column: impl Iterator<Item = &'r str>) -> Self {
        // Most are empty, or those of the row before, which is often of the same batch.
        let mut known = HashMap::from([("", 0)]);
        let mut texts = vec![""];
        let mut before = ("", 0);
        let places = column.map(|text| {
            if text.is_empty() {
                return 0;
            }
            if text != before.0 {
                let place = *known.entry(text).or_insert_with(|| {
                    texts.push(text);
                    // A block has 100,000 rows.
                    u32::try_from(texts.len() - 1).unwrap_or(u32::MAX)
                });
                before = (text, place);
            }
            before.1
        });
        let places = places.collect();
        Self { texts, places }
    }

    fn put(&self, out: &mut Vec<u8>) {
        // Of no rows, as of arrays that are all empty, nothing is written.
        if self.places.is_empty() {
            return;
        }
        // How wide a place is: 1, 2 or 4 bytes.
        let width = match self.texts.len() {
            ..=0x100 => 0_u8,
            0x101..=0x1_0000 => 1,
            _ => 2,
        };
        put_u64(out, KEYS_FOLLOW | u64::from(width));
        put_u64(out, self.texts.len() as u64);
        self.texts.iter().for_each(|text| put_text(out, text));
        put_u64(out, self.places.len() as u64);
        let places = self.places.iter().map(|place| place.to_le_bytes());
        match width {
            0 => out.extend(places.map(|[low, ..]| low)),
            1 => put_all(out, places.map(|[low, high, ..]| [low, high])),
            _ => put_all(out, places),
        }
    }
}

/// ClickHouse keeps a UUID as two numbers.
fn halves(id: Uuid) -> [u8; 16] {
    let (high, low) = id.as_u64_pair();
    let mut halves = [0; 16];
    halves[..8].copy_from_slice(&high.to_le_bytes());
    halves[8..].copy_from_slice(&low.to_le_bytes());
    halves
}

fn put_all<const N: usize>(out: &mut Vec<u8>, values: impl Iterator<Item = [u8; N]>) {
    values.for_each(|value| out.extend_from_slice(&value));
}

/// Which are null, then all values.
fn put_maybe<T: Copy + Default, const N: usize>(
    out: &mut Vec<u8>,
    values: impl Iterator<Item = Option<T>> + Clone,
    bytes: fn(T) -> [u8; N],
) {
    out.extend(values.clone().map(|value| u8::from(value.is_none())));
    put_all(out, values.map(|value| bytes(value.unwrap_or_default())));
}

/// Where each row's part of an array's values ends.
fn put_ends(out: &mut Vec<u8>, lengths: impl Iterator<Item = usize>) {
    let ends = lengths.scan(0, |end, length| {
        *end += length as u64;
        Some(end.to_le_bytes())
    });
    put_all(out, ends);
}

fn put_u64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// A length in seven bits a byte, the lowest first.
fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while let rest @ 1.. = length >> 7 {
        out.push(length.to_le_bytes()[0] | 0x80);
        length = rest;
    }
    out.push(length.to_le_bytes()[0]);
}
