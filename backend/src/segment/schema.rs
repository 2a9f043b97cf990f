//! The language as a JSON Schema, with what a site has to choose from: by it a
//! program or a form builds definitions, and knows what they may say.
//!
//! It is made of the [`words`](super::words), the [`fields`](super::fields) and
//! their operators, so that it says what the parser takes. What a schema can't
//! say stands in its description.
//!
//! Besides the words of JSON Schema (draft 2020-12) it has these annotations:
//!
//! - `x-labels`: what people read, by language (BCP 47)
//! - `x-values`: values that were seen, the most frequent first, or the options
//!   of a choice, each as `{"const", "title", "x-labels"?}`; others are valid too
//! - `x-order`: `ascending` where the lesser of two stands first
//! - `x-scale`: the best that a rating may be
//!
//! A closed list of ids is a `oneOf` of the same `{"const", "title"}`.

mod contact;
mod fact;
mod filter;
mod leaf;
mod limits;
mod measure;
mod sequence;
mod window;

use super::fields::Source;
use super::parse::{MAX_DEPTH, MAX_NODES};
use super::words::{Join, LeafKind, Word};
use crate::people::field::Fields;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a site has to choose from.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// The fields of its contacts, standard ones and its own.
    pub fields: Fields,
    /// Its groups by their ids: no other is valid.
    pub groups: Vec<Entry>,
    /// Its segments by their ids: no other is valid. Of a definition that is
    /// being changed: without its own, and without those that ask for it.
    pub segments: Vec<Entry>,
    /// Values that were seen; others are valid too.
    pub observed: Observed,
}

/// A value, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What stands in a definition.
    pub value: String,
    /// What people read; empty where that is the value.
    pub title: String,
}

/// Values by the names of their fields, of each the most frequent first.
pub type Values = BTreeMap<String, Vec<Entry>>;

/// Values that were seen.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Of events and carts, `items.*` and `props.*` too: the names that begin
    /// with `props.` are the properties to choose from.
    pub events: Values,
    /// Of orders, `items.*` too.
    pub orders: Values,
    /// Of messages.
    pub messages: Values,
    /// Of contacts.
    pub contacts: Values,
}

impl Observed {
    const fn of(&self, source: Source) -> &Values {
        match source {
            Source::Events => &self.events,
            Source::Orders => &self.orders,
            Source::Messages => &self.messages,
        }
    }
}

/// The language of the definitions of a site.
#[must_use]
pub fn schema(vocabulary: &Vocabulary) -> Value {
    let mut parts = nodes(vocabulary);
    parts.extend(leaf::parts(vocabulary));
    parts.extend(sequence::parts());
    parts.extend(fact::parts());
    parts.extend(filter::parts(&vocabulary.observed));
    parts.extend(measure::parts(&vocabulary.observed));
    parts.extend(window::parts());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Segment definition",
        "description": description(),
        "$ref": "#/$defs/node",
        "$defs": Map::from_iter(parts),
    })
}

fn description() -> String {
    format!(
        "Who are the people for whom all of this is true? A definition is a node. \
         Some rules are beyond a schema: \
         at most {MAX_DEPTH} nodes stand in each other, and a definition has at most {MAX_NODES}, \
         nested segments put in; \
         no segment asks for itself, by way of others neither; \
         no key stands twice in an object; \
         where `x-order` is `ascending` the lesser stands first, of durations the shorter, \
         a month being 30.4375 days; \
         windows stay within the calendar's years; \
         absent steps at the end of a sequence need `within`; \
         `session` of a step needs that the last present step before it is one of events. \
         Listed values of fields are valid in capitals too; here they are lowercase."
    )
}

/// A part of the schema and its name.
type Part = (String, Value);

/// How nodes are joined, and what a node may be.
fn nodes(vocabulary: &Vocabulary) -> Vec<Part> {
    let mut parts: Vec<Part> = Join::ALL.iter().map(|join| joined(*join)).collect();
    let joins = parts.iter().map(|(name, _)| name.clone());
    let leaves = LeafKind::ALL.iter().copied();
    let leaves = leaves.filter(|kind| leaf::is_possible(*kind, vocabulary));
    let all: Vec<Value> = joins
        .chain(leaves.map(leaf::name))
        .map(|name| part(&name))
        .collect();
    let node = json!({
        "title": "Node",
        "description": "What is true or false of a person.",
        "oneOf": all,
        "examples": [
            {"any": [
                {"not": {"kind": "order"}},
                {"kind": "last", "of": "visit", "window": {"last": {"n": 1, "unit": "month"}}},
            ]},
        ],
    });
    parts.push(("node".to_owned(), node));
    parts
}

fn joined(join: Join) -> Part {
    let leaf = json!({"kind": LeafKind::Order.as_str()});
    let example = match join {
        Join::All | Join::Any => json!([leaf]),
        Join::Not => leaf,
    };
    let (title, description, of) = match join {
        Join::All => (
            "All of",
            "True where every part is.",
            list_of(&part("node")),
        ),
        Join::Any => ("Any of", "True where some part is.", list_of(&part("node"))),
        Join::Not => ("Not", "True where the part is not.", part("node")),
    };
    let word = join.as_str();
    let schema = json!({
        "title": title,
        "description": description,
        "type": "object",
        "properties": {word: of},
        "required": [word],
        "additionalProperties": false,
        "examples": [{word: example}],
    });
    (word.to_owned(), schema)
}

/// The part of that name.
fn part(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// A list that is not empty.
fn list_of(element: &Value) -> Value {
    json!({"type": "array", "items": element, "minItems": 1})
}

/// Two of a kind, the lesser first.
fn ascending(element: &Value) -> Value {
    json!({
        "type": "array",
        "items": element,
        "minItems": 2,
        "maxItems": 2,
        "x-order": "ascending",
    })
}

/// Every word of a list.
fn all<W: Word>() -> Vec<&'static str> {
    spelt(W::ALL.iter().copied())
}

fn spelt<W: Word>(words: impl IntoIterator<Item = W>) -> Vec<&'static str> {
    words.into_iter().map(Word::as_str).collect()
}

/// Values to choose from.
fn entries(entries: &[Entry]) -> Vec<Value> {
    let entries = entries.iter();
    entries
        .map(|Entry { value, title }| entry(value, if title.is_empty() { value } else { title }))
        .collect()
}

fn entry(value: &str, title: &str) -> Value {
    json!({"const": value, "title": title})
}

#[cfg(test)]
mod tests;
