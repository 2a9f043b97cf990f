//! What is known of a contact: every row that was sent of it, and what they come to.
//!
//! Of each field the latest value counts, by the time that its row states. That is decided by
//! the set of rows alone, so they may come twice and in any order.

use super::field::Fitting;
use serde::{Deserialize, Serialize, Serializer as _};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// What a row says of a field: a value, or that there is none any more.
pub type Told = Option<Fitting>;

/// What was said of a contact at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'s> {
    /// As of when, in milliseconds since the epoch.
    pub at: i64,
    /// Made of all that it says: the same one twice is one.
    pub id: u128,
    /// Which contact it named.
    pub contact: u64,
    /// Who said it.
    pub by: &'s str,
    /// Whether nobody vouches for it: of a field that anybody else ever spoke of before, it says
    /// nothing.
    pub is_weak: bool,
    /// What of which field.
    pub fields: Cow<'s, [(String, Told)]>,
}

/// What holds of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<'s> {
    /// What was said.
    pub told: &'s Told,
    /// Since when it is so.
    pub since: i64,
    /// Who said so first.
    pub by: &'s str,
}

/// A change of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'s> {
    /// Which field.
    pub field: &'s str,
    /// What it was from then on.
    pub held: Held<'s>,
}

/// All that was said of a contact, in order.
#[derive(Clone, Debug, Default)]
pub struct Statements<'s>(Vec<Statement<'s>>);

impl<'s> Statements<'s> {
    /// Puts what was said in order, each once.
    #[must_use]
    pub fn new(mut said: Vec<Statement<'s>>) -> Self {
        let place = |statement: &mut Statement<'_>| (statement.at, statement.id, statement.contact);
        said.sort_unstable_by_key(|statement| (statement.at, statement.id, statement.contact));
        said.dedup_by_key(place);
        Self(said)
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every change of a field, in order. What only says again what held is none.
    #[must_use]
    pub fn changes(&self) -> Vec<Change<'_>> {
        let mut now: BTreeMap<&str, &Told> = BTreeMap::new();
        let mut vouched: BTreeSet<&str> = BTreeSet::new();
        let mut changes = Vec::new();
        for statement in &self.0 {
            for (field, told) in statement.fields.as_ref() {
                if statement.is_weak && vouched.contains(field.as_str()) {
                    continue;
                }
                if !statement.is_weak {
                    vouched.insert(field);
                }
                let before = now.insert(field, told);
                let is_same = match before {
                    Some(before) => json(before) == json(told),
                    // What never was can't be taken back.
                    None => told.is_none(),
                };
                if !is_same {
                    let held = Held {
                        told,
                        since: statement.at,
                        by: statement.by,
                    };
                    changes.push(Change { field, held });
                }
            }
        }
        changes
    }

    /// What holds of each field that has a value.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<&str, Held<'_>> {
        let changes = self.changes().into_iter();
        let mut fields: BTreeMap<_, _> =
            changes.map(|change| (change.field, change.held)).collect();
        fields.retain(|_, held| held.told.is_some());
        fields
    }
}

/// What was said of a field, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<'k> {
    #[serde(borrow)]
    value: &'k RawValue,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    given: Cow<'k, str>,
}

/// Writes what was said of fields: JSON, by the field's name `value`, and `given` where it was
/// sent as another text; null where the value was taken back.
#[must_use]
pub fn encode(fields: &[(String, Told)]) -> String {
    let kept = fields.iter().map(|(name, told)| {
        let kept = told.as_ref().map(|told| Kept {
            // Fitting values are JSON.
            value: serde_json::from_str(&told.json).unwrap_or(RawValue::NULL),
            given: Cow::Borrowed(&told.given),
        });
        (name, kept)
    });
    let mut json = Vec::with_capacity(fields.len() * 32);
    // Texts by texts: there is nothing in it that can fail.
    let _ = serde_json::Serializer::new(&mut json).collect_map(kept);
    String::from_utf8(json).unwrap_or_default()
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`serde_json::Error`] where something else wrote it.
pub fn decode(json: &str) -> serde_json::Result<Vec<(String, Told)>> {
    let kept: BTreeMap<String, Option<Kept<'_>>> = serde_json::from_str(json)?;
    let told = kept.into_iter().map(|(name, kept)| {
        let told = kept.map(|kept| Fitting {
            json: kept.value.get().to_owned(),
            given: kept.given.into_owned(),
        });
        (name, told)
    });
    Ok(told.collect())
}

fn json(told: &Told) -> Option<&str> {
    told.as_ref().map(|fitting| fitting.json.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(at: i64, id: u128, fields: &[(&str, Option<&str>)]) -> Statement<'static> {
        let fields = fields.iter().map(|(field, json)| {
            let told = json.map(|json| Fitting {
                json: json.into(),
                given: String::new(),
            });
            ((*field).to_owned(), told)
        });
        Statement {
            at,
            id,
            contact: 1,
            by: ["key 0", "key 1"][usize::from(id % 2 == 1)],
            is_weak: id % 10 >= 4,
            fields: fields.collect(),
        }
    }

    fn held(statements: &Statements<'_>) -> Vec<(String, String, i64)> {
        let fields = statements.fields().into_iter();
        fields
            .map(|(field, held)| (field.into(), json(held.told).unwrap().into(), held.since))
            .collect()
    }

    #[test]
    fn the_latest_of_each_field_holds() {
        let statements = Statements::new(vec![
            said(30, 3, &[("city", Some("B"))]),
            said(10, 1, &[("city", Some("A")), ("name", Some("D"))]),
            said(20, 2, &[("name", Some("D")), ("phone", None)]),
            said(10, 1, &[("city", Some("A")), ("name", Some("D"))]),
        ]);
        let expected = [("city", "B", 30), ("name", "D", 10)];
        assert_eq!(
            held(&statements),
            expected.map(|(field, json, at)| (field.into(), json.into(), at))
        );
        assert_eq!(statements.changes().len(), 3);
    }

    #[test]
    fn what_was_said_is_read_as_it_was_written() {
        let given = Fitting {
            json: r#""גבעתיים""#.into(),
            given: "  גבעתיים \"".into(),
        };
        let list = Fitting {
            json: "[\"a\",1]".into(),
            given: String::new(),
        };
        let fields = vec![
            ("city".to_owned(), Some(given)),
            ("phone".to_owned(), None),
            ("sizes".to_owned(), Some(list)),
        ];
        let json = encode(&fields);
        let expected = r#"{"city":{"value":"גבעתיים","given":"  גבעתיים \""},"phone":null,"sizes":{"value":["a",1]}}"#;
        assert_eq!(json, expected);
        assert_eq!(decode(&json).unwrap(), fields);
        assert!(decode("[]").is_err());
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let statements = Statements::new(vec![
            said(10, 1, &[("city", Some("A"))]),
            said(20, 2, &[("city", None)]),
        ]);
        assert_eq!(held(&statements), []);
        assert_eq!(statements.changes().len(), 2);
    }

    proptest! {
        #[test]
        fn order_and_copies_make_no_difference(
            rows in prop::collection::vec((0..5_i64, 0..6_u128, 0..3_usize, 0..4_usize), 0..12),
            turn: prop::sample::Index,
        ) {
            let values = [None, Some("A"), Some("B"), Some("C")];
            let rows: Vec<_> = rows.into_iter().map(|(at, id, field, value)| {
                // A statement's id is made of what it says.
                let id = id + 10 * (at as u128) + 100 * (field as u128) + 1000 * (value as u128);
                said(at, id, &[(["x", "y", "z"][field], values[value])])
            }).collect();
            let mut turned = rows.clone();
            if !turned.is_empty() {
                turned.rotate_left(turn.index(rows.len()));
            }
            turned.extend(rows.clone());
            let (one, other) = (Statements::new(rows), Statements::new(turned));
            prop_assert_eq!(one.changes(), other.changes());
        }
    }
}
