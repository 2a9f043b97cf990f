//! Values: numbers compared, text folded, paths matched.

use super::{listed, text};
use caseless::default_case_fold_str;
use jiff::civil::Date;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Found {
    Text(String),
    /// Those of a list.
    Texts(Vec<String>),
    Number(i128),
    Real(f64),
    Bool(bool),
    Date(Date),
}

pub(super) fn whole(n: usize) -> Found {
    Found::Number(n as i128)
}

pub(super) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Found {
    whole(values.collect::<BTreeSet<T>>().len())
}

/// A text as a value; empty is absent.
pub(super) fn worded(text: &str) -> Vec<Found> {
    if text.is_empty() {
        return Vec::new();
    }
    vec![Found::Text(text.to_owned())]
}

/// Whether a field with these values passes a filter. A field has several only
/// where it is a list, and none where it is absent.
pub(super) fn passes(found: &[Found], filter: &Value) -> bool {
    let asked = &filter["value"];
    let is = |asked: &Value| found.iter().any(|found| equal(found, asked));
    let is_one_of = || listed(asked).iter().any(is);
    let worded = |test: fn(&str, &str) -> bool| {
        let asked = || fold(text(asked));
        found.iter().any(|found| test(&folded(found), &asked()))
    };
    let ordered = |test: fn(Ordering) -> bool| found.iter().any(|found| test(order(found, asked)));
    match text(&filter["op"]) {
        "exists" => !found.is_empty(),
        "eq" => is(asked),
        "ne" => !is(asked),
        "in" => is_one_of(),
        "not_in" => !is_one_of(),
        "contains" => worded(|found, asked| found.contains(asked)),
        "starts_with" => worded(|found, asked| found.starts_with(asked)),
        "matches_path" => worded(matches_path),
        "gt" => ordered(Ordering::is_gt),
        "gte" => ordered(Ordering::is_ge),
        "lt" => ordered(Ordering::is_lt),
        "lte" => ordered(Ordering::is_le),
        "between" => found.iter().any(|found| is_between(found, asked)),
        other => unreachable!("{other}"),
    }
}

/// Whether a measure's value satisfies the comparison, or the default one.
pub(super) fn compared(found: &Found, compare: &Value) -> bool {
    let default = (&"gte".to_owned(), &Value::from(1));
    let given = compare
        .as_object()
        .and_then(|compare| compare.iter().next());
    let (how, bound) = given.unwrap_or(default);
    match how.as_str() {
        "between" => is_between(found, bound),
        "gte" => order(found, bound).is_ge(),
        "gt" => order(found, bound).is_gt(),
        "lte" => order(found, bound).is_le(),
        "lt" => order(found, bound).is_lt(),
        "eq" => order(found, bound).is_eq(),
        other => unreachable!("{other}"),
    }
}

pub(super) fn order(found: &Found, bound: &Value) -> Ordering {
    let real = |found: f64| found.partial_cmp(&bound.as_f64().unwrap()).unwrap();
    match (found, bound.as_i64()) {
        (Found::Number(found), Some(bound)) => found.cmp(&bound.into()),
        (Found::Number(found), None) => real(*found as f64),
        (Found::Real(found), _) => real(*found),
        (Found::Date(found), _) => found.cmp(&text(bound).parse().unwrap()),
        (other, _) => unreachable!("{other:?} has no order"),
    }
}

fn equal(found: &Found, asked: &Value) -> bool {
    match found {
        Found::Text(found) => fold(found) == fold(text(asked)),
        Found::Bool(found) => asked == found,
        found => order(found, asked).is_eq(),
    }
}

fn is_between(found: &Found, bounds: &Value) -> bool {
    order(found, &bounds[0]).is_ge() && order(found, &bounds[1]).is_le()
}

/// What tells a value from others: texts are folded.
pub(super) fn folded(found: &Found) -> String {
    match found {
        Found::Text(text) => fold(text),
        Found::Number(number) => number.to_string(),
        other => unreachable!("{other:?} is not folded"),
    }
}

pub(in super::super) fn fold(text: &str) -> String {
    let normal: String = text.nfc().collect();
    default_case_fold_str(&normal).nfc().collect()
}

fn matches_path(path: &str, pattern: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**") {
        return tails(path).any(|tail| matches_path(tail, rest));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        let segment = path.find('/').unwrap_or(path.len());
        return tails(&path[..segment])
            .any(|tail| matches_path(&path[segment - tail.len()..], rest));
    }
    match (pattern.chars().next(), path.chars().next()) {
        (None, None) => true,
        (Some(one), Some(two)) if one == two => {
            matches_path(&path[two.len_utf8()..], &pattern[one.len_utf8()..])
        }
        _ => false,
    }
}

/// The text from each of its characters on, and the empty rest.
fn tails(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices()
        .map(|(index, _)| &text[index..])
        .chain([""])
}
