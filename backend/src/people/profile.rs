//! What is known of a contact: every row that was sent of it, and what they come to.
//!
//! Of each field the latest value counts, by the time that its row states. That is decided by
//! the set of rows alone, so they may come twice and in any order.

use super::field::Fitting;
use std::collections::{BTreeMap, BTreeSet};

/// What a row says of a field: a value, or that there is none any more.
pub type Told = Option<Fitting>;

/// What was said of a contact at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// As of when, in milliseconds since the epoch.
    pub at: i64,
    /// Made of all that it says: the same one twice is one.
    pub id: u128,
    /// Which contact it named.
    pub contact: u64,
    /// Who said it.
    pub by: String,
    /// Whether nobody vouches for it: of a field that anybody else ever spoke of before, it says
    /// nothing.
    pub is_weak: bool,
    /// What of which field.
    pub fields: Vec<(String, Told)>,
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
pub struct Statements(Vec<Statement>);

impl Statements {
    /// Puts what was said in order, each once.
    #[must_use]
    pub fn new(mut said: Vec<Statement>) -> Self {
        let place = |statement: &mut Statement| (statement.at, statement.id, statement.contact);
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
            for (field, told) in &statement.fields {
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
                        by: &statement.by,
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

fn json(told: &Told) -> Option<&str> {
    told.as_ref().map(|fitting| fitting.json.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(at: i64, id: u128, fields: &[(&str, Option<&str>)]) -> Statement {
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
            by: format!("key {id}"),
            is_weak: id % 10 >= 4,
            fields: fields.collect(),
        }
    }

    fn held(statements: &Statements) -> Vec<(String, String, i64)> {
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
