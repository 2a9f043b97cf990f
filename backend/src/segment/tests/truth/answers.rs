//! How many people each node finds, and why it is true or false for one.

use super::fact::FactId;
use super::leaf::Answer;
use super::people::Person;
use super::value::Found;
use super::{World, listed};
use serde_json::Value;

/// The counts of a node.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Count {
    /// Where the node stands (RFC 6901).
    pub pointer: String,
    /// For how many people it is true.
    pub alone: u64,
    /// How many more people were in the segment without it; nothing for the
    /// root and for what takes the root along.
    pub without: Option<u64>,
}

/// A node's answer for one person.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Explained {
    /// Where the node stands (RFC 6901).
    pub pointer: String,
    pub holds: bool,
    /// What the leaf found.
    pub value: Option<Found>,
    /// The latest matching facts, the latest first; of a sequence the rows of
    /// the first choice that fits, in its order.
    pub facts: Vec<FactId>,
}

impl World<'_> {
    /// The counts of each node, the root first and parents before children.
    pub fn counts(&self, definition: &Value) -> Vec<Count> {
        let people = self.people();
        let count = |holds: &dyn Fn(&Person<'_>) -> bool| {
            people.iter().filter(|person| holds(person)).count() as u64
        };
        let nodes = nodes(definition, "").into_iter();
        nodes
            .map(|pointer| {
                let node = definition.pointer(&pointer).unwrap();
                let rest = without(definition, &pointer);
                let alone = count(&|person| self.holds(node, person));
                let without = rest.map(|rest| {
                    count(&|person| !self.holds(definition, person) && self.holds(&rest, person))
                });
                Count {
                    pointer,
                    alone,
                    without,
                }
            })
            .collect()
    }

    /// Each node's answer for one person, the root first and parents before
    /// children.
    pub fn explain(&self, definition: &Value, person: u64) -> Vec<Explained> {
        let person = self.person(person);
        let nodes = nodes(definition, "").into_iter();
        nodes
            .map(|pointer| {
                let answer = self.answer(definition.pointer(&pointer).unwrap(), &person);
                Explained {
                    pointer,
                    holds: answer.holds,
                    value: answer.value,
                    facts: answer.facts,
                }
            })
            .collect()
    }

    fn answer(&self, node: &Value, person: &Person<'_>) -> Answer {
        if node["kind"].is_string() {
            return self.leaf(node, person);
        }
        Answer {
            holds: self.holds(node, person),
            value: None,
            facts: Vec::new(),
        }
    }
}

/// The pointers of a node and all below it.
fn nodes(node: &Value, pointer: &str) -> Vec<String> {
    let mut pointers = vec![pointer.to_owned()];
    for key in ["all", "any"] {
        for (index, part) in listed(&node[key]).iter().enumerate() {
            pointers.extend(nodes(part, &format!("{pointer}/{key}/{index}")));
        }
    }
    if !node["not"].is_null() {
        pointers.extend(nodes(&node["not"], &format!("{pointer}/not")));
    }
    pointers
}

/// The definition without a node, if something is left. A `not` goes with its
/// child.
fn without(definition: &Value, pointer: &str) -> Option<Value> {
    let mut pointer = pointer;
    while let Some(parent) = pointer.strip_suffix("/not") {
        pointer = parent;
    }
    let (parts, index) = pointer.rsplit_once('/')?;
    let mut rest = definition.clone();
    let parts = rest.pointer_mut(parts).unwrap().as_array_mut().unwrap();
    parts.remove(index.parse().unwrap());
    Some(rest)
}
