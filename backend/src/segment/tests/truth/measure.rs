//! Measures: what the matching facts come to.

use super::World;
use super::fact::{Fact, Match};
use super::value::{Found, compared, distinct, fold, folded, whole};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl World<'_> {
    /// The value that the leaf's measure finds, and whether it satisfies. Where
    /// there are groups it is the greatest that satisfies, or else the greatest.
    pub(super) fn measured(&self, leaf: &Value, facts: &[Match<'_>], starts: usize) -> Measured {
        let found: Vec<Found> = match leaf["per"].as_str() {
            None if counts_starts(leaf) => vec![whole(starts)],
            None => self.measure(leaf, facts).into_iter().collect(),
            Some(per) => groups(per, facts)
                .values()
                .filter_map(|facts| self.measure(leaf, facts))
                .collect(),
        };
        let compare = &leaf["compare"];
        let fitting = found.iter().filter(|found| compared(found, compare));
        let fitting = fitting.cloned().max_by(greater);
        Measured {
            holds: fitting.is_some(),
            value: fitting.or_else(|| found.into_iter().max_by(greater)),
        }
    }

    fn measure(&self, leaf: &Value, facts: &[Match<'_>]) -> Option<Found> {
        let dates = facts.iter().map(|one| self.date(one.fact.ts()));
        let events = facts.iter().filter_map(|one| match one.fact {
            Fact::Event(event) => Some(event),
            _ => None,
        });
        match leaf["measure"].as_str().unwrap_or("count") {
            _ if leaf["measure"].is_object() => self.of_field(&leaf["measure"], facts),
            "count" => Some(whole(facts.len())),
            "visits" if counts_starts(leaf) => {
                Some(whole(events.filter(|event| event.is_session_start).count()))
            }
            "visits" => Some(distinct(events.map(|event| event.session))),
            "days" => Some(distinct(dates)),
            other => unreachable!("{other}"),
        }
    }

    fn of_field(&self, measure: &Value, facts: &[Match<'_>]) -> Option<Found> {
        let (function, field) = measure.as_object().unwrap().iter().next().unwrap();
        let field = field.as_str().unwrap();
        let values: Vec<Found> = facts
            .iter()
            .flat_map(|one| one.values(self, field))
            .collect();
        if function == "distinct" {
            return Some(distinct(values.iter().map(folded)));
        }
        let numbers = values.iter().map(|value| match value {
            Found::Number(number) => *number,
            other => unreachable!("{other:?}"),
        });
        match function.as_str() {
            "sum" => Some(Found::Number(numbers.sum())),
            "avg" if values.is_empty() => None,
            "avg" => Some(Found::Real(
                numbers.sum::<i128>() as f64 / values.len() as f64,
            )),
            "min" => numbers.min().map(Found::Number),
            "max" => numbers.max().map(Found::Number),
            other => unreachable!("{other}"),
        }
    }
}

pub(super) struct Measured {
    pub holds: bool,
    pub value: Option<Found>,
}

/// Whether visits are session starts rather than sessions of matching events.
fn counts_starts(leaf: &Value) -> bool {
    leaf["measure"] == "visits" && leaf["event"] == "any" && leaf["where"].is_null()
}

fn greater(one: &Found, two: &Found) -> std::cmp::Ordering {
    match (one, two) {
        (Found::Number(one), Found::Number(two)) => one.cmp(two),
        (Found::Real(one), Found::Real(two)) => one.total_cmp(two),
        other => unreachable!("{other:?}"),
    }
}

fn groups<'a>(per: &str, facts: &[Match<'a>]) -> BTreeMap<String, Vec<Match<'a>>> {
    let mut groups: BTreeMap<String, Vec<Match<'a>>> = BTreeMap::new();
    for one in facts {
        if per == "session" {
            let session = session(one.fact).unwrap().to_string();
            groups.entry(session).or_default().push(one.clone());
            continue;
        }
        for product in products(one) {
            let items = one.items.iter().copied();
            let own = items.filter(|item| fold(item.id) == product).collect();
            groups.entry(product).or_default().push(Match {
                fact: one.fact,
                items: own,
            });
        }
    }
    groups
}

/// The session of an event.
pub(super) fn session(fact: Fact<'_>) -> Option<u64> {
    match fact {
        Fact::Event(event) => Some(event.session),
        _ => None,
    }
}

/// The page's product and those of the meant items.
pub(super) fn products(one: &Match<'_>) -> BTreeSet<String> {
    let page = match one.fact {
        Fact::Event(event) => event.texts.get("product").copied().unwrap_or_default(),
        _ => "",
    };
    let ids = one.items.iter().map(|item| item.id).chain([page]);
    ids.filter(|id| !id.is_empty()).map(fold).collect()
}
