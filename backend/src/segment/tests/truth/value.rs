//! Values: numbers compared, text folded, paths matched.

use caseless::default_case_fold_str;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Debug)]
pub(super) enum Found {
    Text(String),
    Number(i128),
    Average(f64),
}

pub(super) fn whole(n: usize) -> Found {
    Found::Number(n as i128)
}

pub(super) fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Found {
    whole(values.collect::<BTreeSet<T>>().len())
}

pub(super) fn compared(found: Found, compare: &Value) -> bool {
    let Some((how, bound)) = compare
        .as_object()
        .and_then(|compare| compare.iter().next())
    else {
        return order(found, &1.into()).is_ge();
    };
    match how.as_str() {
        "between" => order(found.clone(), &bound[0]).is_ge() && order(found, &bound[1]).is_le(),
        "gte" => order(found, bound).is_ge(),
        "gt" => order(found, bound).is_gt(),
        "lte" => order(found, bound).is_le(),
        "lt" => order(found, bound).is_lt(),
        "eq" => order(found, bound).is_eq(),
        other => unreachable!("{other}"),
    }
}

pub(super) fn order(found: Found, bound: &Value) -> Ordering {
    match (found, bound.as_i64()) {
        (Found::Number(found), Some(bound)) => found.cmp(&bound.into()),
        (Found::Number(found), None) => (found as f64).total_cmp(&bound.as_f64().unwrap()),
        (Found::Average(found), _) => found.total_cmp(&bound.as_f64().unwrap()),
        (Found::Text(found), _) => unreachable!("{found}"),
    }
}

pub(in super::super) fn fold(text: &str) -> String {
    let normal: String = text.nfc().collect();
    default_case_fold_str(&normal).nfc().collect()
}

pub(super) fn matches_path(path: &str, pattern: &str) -> bool {
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
