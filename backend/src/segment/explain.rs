//! Why somebody is in a segment, or out: of each node whether it is true, what was found, and the
//! latest facts that say so.
//!
//! One statement asks the engine; what its rows say of each node is worked out here.

use super::fields::Source;
use super::nodes::{Node, nodes};
use super::number::Number;
use super::plan::{self, Person, Plan};
use super::resolve::{Leaf, Tree, resolve_all};
use super::sql;
use super::{Invalid, Question, Statement, ast, contact};
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A question why people are in segments, or out.
pub struct Explaining {
    /// Its rows are [`Told`]: one for each person, in no order.
    pub statement: Statement,
    plan: Plan,
    nodes: Vec<Vec<Node>>,
    /// The answers of which more is told than whether they are as asked.
    told: Vec<usize>,
}

/// What the engine says of a person.
#[derive(Clone, Debug, PartialEq, Eq, Row, Deserialize)]
pub struct Told {
    /// The person.
    pub person: u64,
    /// Of each answer whether it is as asked.
    answers: Vec<bool>,
    /// Of each that is told what was found, as texts.
    found: Vec<Vec<String>>,
    /// Of each that is told the facts: when, where from, and the id.
    facts: Vec<Vec<(i64, u8, String)>>,
}

/// Why a node is true or false of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Where the node stands in the definition, by RFC 6901; empty for the whole.
    pub pointer: String,
    /// Whether it is true.
    pub is_true: bool,
    /// What was found; nothing of a node that joins others, and where there is nothing.
    pub found: Option<Found>,
    /// The latest facts in the leaf's window, at most 20, the latest first. Of a sequence the
    /// first choice of rows that fits, in its order; of a cart its last event, wherever that lies.
    pub facts: Vec<Fact>,
}

/// What was found: a measure in its column's unit (cents, milliseconds), a count, what remains in
/// the cart in pieces, the moment of the latest fact or of `created_at` in milliseconds since the
/// epoch, a contact's field, or whether it is so.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Found {
    /// Yes or no.
    Flag(bool),
    /// A number, or a moment.
    Number(#[schema(inline)] Number),
    /// A text, or a date as `2026-11-21`.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
}

/// A fact that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// When it was, in milliseconds since the epoch.
    pub at: i64,
    /// Which.
    pub id: FactId,
}

/// What a fact is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactId {
    /// An event, by its id.
    Event(Uuid),
    /// An order, by the shop's number.
    Order(String),
    /// What became of a message, by the row's id.
    Message(Uuid),
}

/// Asks why these people are in these segments, or out.
///
/// # Errors
/// [`Invalid`] of the first definition that is.
pub fn explain(
    definitions: &[&ast::Node],
    question: &Question<'_>,
    people: &[Person],
) -> Result<Explaining, Invalid> {
    let resolved = resolve_all(definitions, question)?;
    let nodes: Vec<Vec<Node>> = resolved.trees.iter().map(nodes).collect();
    let plan = plan::of_people(resolved, people, question);
    let mut told = Vec::new();
    for node in nodes.iter().flatten() {
        if let Tree::Leaf { leaf, asked } = node.tree {
            let place = plan.answer(leaf, asked);
            if !told.contains(&place) {
                told.push(place);
            }
        }
    }
    Ok(Explaining {
        statement: sql::explain(&plan, &told),
        plan,
        nodes,
        told,
    })
}

impl Explaining {
    /// Of each definition the reasons of its nodes, parents before their parts.
    #[must_use]
    pub fn reasons(&self, told: &Told) -> Vec<Vec<Reason>> {
        let of_nodes = |nodes: &Vec<Node>| {
            let nodes = nodes.iter();
            nodes.map(|node| self.reason(node, told)).collect()
        };
        self.nodes.iter().map(of_nodes).collect()
    }

    fn reason(&self, node: &Node, told: &Told) -> Reason {
        let is_true = node.tree.is_true(&|leaf, asked| {
            let place = self.plan.answer(leaf, asked);
            told.answers.get(place).copied().unwrap_or_default()
        });
        let (found, facts) = match &node.tree {
            Tree::Leaf { leaf, asked } => {
                let place = self.plan.answer(*leaf, *asked);
                let place = self.told.iter().position(|told| *told == place);
                let texts = place.and_then(|place| told.found.get(place));
                let facts = place.and_then(|place| told.facts.get(place));
                (
                    self.found(*leaf, is_true, texts.map_or(&[], Vec::as_slice)),
                    facts.into_iter().flatten().filter_map(fact).collect(),
                )
            }
            Tree::Nested(_) => (Some(Found::Flag(is_true)), Vec::new()),
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) => (None, Vec::new()),
        };
        Reason {
            pointer: node.pointer.clone(),
            is_true,
            found,
            facts,
        }
    }

    fn found(&self, leaf: usize, is_true: bool, texts: &[String]) -> Option<Found> {
        let first = texts.first();
        let number = || first.and_then(|text| Number::read(text));
        match self.plan.leaves.get(leaf)? {
            Leaf::Measured(leaf) => {
                let found = if leaf.is_average() {
                    first.and_then(|text| Number::read_float(text))
                } else {
                    number()
                };
                found.or_else(|| leaf.of_nothing()).map(Found::Number)
            }
            Leaf::Last(_) | Leaf::Cart(_) => number().map(Found::Number),
            Leaf::Group(_) | Leaf::Sequence(_) => Some(Found::Flag(is_true)),
            Leaf::Contact(test) => match test.field.kind {
                contact::Kind::Number | contact::Kind::Instant => number().map(Found::Number),
                contact::Kind::Bool => first.map(|flag| Found::Flag(flag == "1")),
                contact::Kind::Text | contact::Kind::Date => first.cloned().map(Found::Text),
                contact::Kind::List => (!texts.is_empty()).then(|| Found::Texts(texts.to_vec())),
            },
        }
    }
}

/// The fact, but where its id is none of its table's.
fn fact((at, source, id): &(i64, u8, String)) -> Option<Fact> {
    let is_from = |known| sql::number_of(known) == *source;
    let id = if is_from(Source::Orders) {
        FactId::Order(id.clone())
    } else {
        let id = Uuid::try_parse(id).ok()?;
        if is_from(Source::Messages) {
            FactId::Message(id)
        } else {
            FactId::Event(id)
        }
    };
    Some(Fact { at: *at, id })
}
