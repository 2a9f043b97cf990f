//! A plan to one statement and its typed parameters.
//!
//! Each table is read once. Its facts become states of aggregates for each owner (a browser or
//! an identifier), the states of one person's owners are folded into one, and each answer that
//! the definition asks for becomes a bit. Then the tables are united by person, and one boolean
//! over the bits says who is in.
//!
//! A bit says whether an answer is another one than of a person of whom nothing is known: so a
//! table that knows nothing of somebody says nothing of them.
//!
//! Every value is a parameter that the engine binds (`{p0:String}`); columns and functions come
//! from enums and from this folder's own text. The name of a property is a value too: it is the
//! constant argument of `getSubcolumn`.

mod alike;
mod cart;
mod contact;
mod events;
mod explain;
mod filter;
mod item;
mod later;
mod listed;
mod measure;
mod messages;
mod nodes;
mod orders;
mod params;
mod sequence;
mod stage;

use super::ast::{Compare, Events, Of};
use super::fields::Source;
use super::gate::{gate, parts};
use super::nodes::Node;
use super::number::Number;
use super::plan::Plan;
use super::resolve::{Asked, Facts, Leaf, Tree};
use super::time::Span;
use super::words::{EventType, NO_FACTS, Word as _};
use crate::people::book::is_contact;
#[cfg(test)]
pub(super) use alike::FEW;
pub use explain::{explain, number_of};
#[cfg(test)]
pub(super) use filter::fold;
pub use listed::{Form, listed};
use nodes::Names;
pub use orders::converted;
use params::Params;
pub use params::{Param, Statement};
use std::collections::BTreeSet;

/// A statement of a row for each definition, in their order: of each of its nodes for how many
/// people it is true and how many who are not in would be without it, an array of pairs; and the
/// `sample` people with the least ids of those for whom it is true.
#[must_use]
pub fn preview(plan: &Plan, nodes: &[Vec<Node>], sample: u16) -> Statement {
    let mut sql = Sql::new(plan);
    let people = sql.people();
    let mut truths = String::new();
    let previews = nodes.iter().enumerate().map(|(definition, nodes)| {
        let names = Names(definition);
        let counts = (0..nodes.len()).map(|place| {
            truths += &sql.truth_of(nodes, place, &names);
            let without = names.without(nodes, place);
            let without = without.map_or("toUInt64(0)".to_owned(), |without| {
                format!("countIf(NOT {} AND {without})", names.truth(0))
            });
            format!("(countIf({}), {without})", names.truth(place))
        });
        let counts: Vec<String> = counts.collect();
        let sample = match sample {
            0 => "CAST([], 'Array(UInt64)')".to_owned(),
            _ => format!("groupArraySortedIf({sample})(person, {})", names.truth(0)),
        };
        format!("([{}], {sample})", counts.join(", "))
    });
    let previews: Vec<String> = previews.collect();
    sql.statement(format!(
        "SELECT preview.1 AS counts, preview.2 AS sample FROM (\n\
         SELECT arrayJoin([\n  {}]) AS preview FROM (\nSELECT person{truths} FROM (\n{people})))",
        previews.join(",\n  ")
    ))
}

/// A statement of rows of one `UInt64`, ascending: at most `limit` people for whom the first
/// definition is true, of those whose id is greater than `after`.
#[must_use]
pub fn members(plan: &Plan, after: Option<u64>, limit: u64) -> Statement {
    let mut sql = Sql::of_those_in(plan);
    let people = sql.people();
    let mut is_in = sql.is_in();
    if let Some(after) = after {
        let after = sql.params.bind(Param::Id(after));
        is_in = format!("{is_in} AND person > {after}");
    }
    let limit = sql.params.bind(Param::Id(limit));
    sql.statement(format!(
        "SELECT person FROM (\n{people})\nWHERE {is_in}\nORDER BY person\nLIMIT {limit}"
    ))
}

/// A statement of rows of a person and the places of the definitions that are true of them, from
/// 1 on: all people of whom some is.
#[must_use]
pub fn memberships(plan: &Plan) -> Statement {
    let mut sql = Sql::of_those_in(plan);
    let people = sql.people();
    let places = plan.trees.iter().enumerate().map(|(index, tree)| {
        let is_in = sql.tree(tree);
        format!("if({is_in}, {}, 0)", index + 1)
    });
    let places: Vec<String> = places.collect();
    sql.statement(format!(
        "SELECT person, arrayFilter(place -> place != 0, CAST([\n  {}], 'Array(UInt32)')) AS places FROM (\n{people})\n\
         WHERE notEmpty(places)",
        places.join(",\n  ")
    ))
}

/// That an id is one that the gate lets through.
const AMONG_GATE: &str = "IN (SELECT arrayJoin(gate))";

/// Of which currency money is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Money {
    /// As each row states: what is not the site's is absent.
    AsStated,
    /// The site's, by the rates of orders.
    Converted,
    /// The site's: it was looked at before.
    Own,
}

/// The plan, and what has been written so far.
struct Sql<'a> {
    plan: &'a Plan,
    params: Params,
    /// What is computed of a row and has a name: `e0`, `e1`, …
    names: Vec<String>,
    /// The table whose facts are being read.
    source: Source,
    /// What leaves ask of its rows.
    asked: Vec<String>,
    /// Of which currency its money is.
    money: Money,
    /// The columns of orders that are read.
    order_columns: BTreeSet<&'static str>,
    /// The answers of which more is told than whether they are as asked.
    told: Vec<usize>,
    /// The answers that are asked together.
    alike: Vec<usize>,
    /// Whose events and orders alone count: a statement of all ids of theirs.
    gate: Option<String>,
    /// The answers of which everyone who is in has another one than of nothing.
    must: Vec<usize>,
}

impl<'a> Sql<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            params: Params::default(),
            names: Vec::new(),
            source: Source::Events,
            asked: Vec::new(),
            money: Money::AsStated,
            order_columns: BTreeSet::new(),
            told: Vec::new(),
            alike: Vec::new(),
            gate: None,
            must: Vec::new(),
        }
    }

    /// The same, for one who asks nothing of those who are not in.
    fn of_those_in(plan: &'a Plan) -> Self {
        let mut sql = Self::new(plan);
        sql.must = must(plan);
        if let Some(gate) = gate(plan) {
            let mut inner = Sql::new(&gate);
            inner.must = must(&gate);
            let people = inner.people();
            let (is_in, site) = (inner.is_in(), inner.site());
            sql.gate = Some(format!(
                "SELECT id FROM identities FINAL WHERE site = {site} AND person IN (\n\
                 SELECT person FROM (\n{people})\nWHERE {is_in})"
            ));
            sql.params = inner.params;
        }
        sql
    }

    /// The finished statement: what the gate lets through is asked once, before the rest.
    fn statement(self, text: String) -> Statement {
        let text = match &self.gate {
            Some(ids) => format!("WITH (SELECT groupArray(id) FROM (\n{ids})) AS gate\n{text}"),
            None => text,
        };
        self.params.statement(text)
    }

    /// Whether the first definition is true.
    fn is_in(&self) -> String {
        let tree = self.plan.trees.first();
        tree.map_or_else(|| "false".to_owned(), |tree| self.tree(tree))
    }

    /// What is computed of a row, by a name: a select says it once, however
    /// many leaves ask it.
    fn named(&mut self, computed: String) -> String {
        let index = self
            .names
            .iter()
            .position(|known| *known == computed)
            .unwrap_or_else(|| {
                self.names.push(computed);
                self.names.len() - 1
            });
        format!("e{index}")
    }

    /// The names, for the select that uses them; the next one has its own.
    fn with(&mut self) -> String {
        if self.names.is_empty() {
            return String::new();
        }
        let names = std::mem::take(&mut self.names);
        let names = names.iter().enumerate();
        let names: Vec<String> = names
            .map(|(index, computed)| format!("{computed} AS e{index}"))
            .collect();
        format!("WITH\n    {}\n  ", names.join(",\n    "))
    }

    /// That an id is one of those that matter, as one more condition; nothing where all do. They
    /// stand in the statement as hex digits: there may be more than an address can hold. Those that
    /// the column can't have are left out, for the engine would look for each of them.
    fn is_asked(&mut self, id: &str) -> String {
        if self.plan.one_in > 1 {
            return format!(" AND {}", self.is_drawn(id));
        }
        let Some(ids) = &self.plan.only else {
            return String::new();
        };
        let may_be = |asked: u64| match id {
            "visitor_id" => !is_contact(asked),
            "contact_id" => is_contact(asked),
            _ => true,
        };
        let ids = ids.iter().filter(|asked| may_be(**asked));
        let bytes: Vec<u8> = ids.flat_map(|id| id.to_le_bytes()).collect();
        let digits = hex::encode(bytes);
        format!(" AND {id} IN reinterpret(unhex('{digits}'), 'Array(UInt64)')")
    }

    /// Whether the person that an id is part of is one of those that are asked, of so many one:
    /// as the id itself would be drawn, but for ids of which the person is drawn otherwise.
    fn is_drawn(&mut self, id: &str) -> String {
        let (site, drawn) = (self.site(), |id: &str| drawn(id, self.plan.one_in));
        format!(
            "({}) != ({id} IN (SELECT id FROM identities FINAL WHERE site = {site} AND ({}) != ({})))",
            drawn(id),
            drawn("id"),
            drawn("person")
        )
    }

    fn site(&mut self) -> String {
        self.params.bind(Param::Text(self.plan.site.clone()))
    }

    /// Whether a row is such a fact, whenever it happened. What is cheap to ask comes first: the
    /// engine doesn't ask the rest of rows that fail it.
    fn facts(&mut self, facts: &Facts) -> Vec<String> {
        let mut all: Vec<String> = self.kind(&facts.of).into_iter().collect();
        all.extend(self.filters(&facts.filters));
        all
    }

    /// Whether a row of a table is of a kind.
    fn kind(&mut self, of: &Of) -> Option<String> {
        match of {
            Of::Events(events) => Some(self.events(events)),
            Of::Orders => None,
            Of::Messages { channel, events } => {
                let events = events.iter().map(|kind| kind.as_str().to_owned()).collect();
                let events = format!("event IN {}", self.params.bind(Param::Texts(events)));
                Some(match channel {
                    None => events,
                    Some(channel) => format!("{} AND {events}", self.is_on(channel.as_str())),
                })
            }
        }
    }

    fn is_on(&mut self, channel: &str) -> String {
        let channel = self.params.bind(Param::Text(channel.to_owned()));
        format!("channel = {channel}")
    }

    fn events(&mut self, events: &Events) -> String {
        match events {
            Events::Any => {
                let others = [EventType::Dwell.as_str()].into_iter().chain(NO_FACTS);
                let others = others.map(str::to_owned).collect();
                format!("type NOT IN {}", self.params.bind(Param::Texts(others)))
            }
            Events::These(types) => {
                let types = types.iter().map(|kind| kind.as_str().to_owned()).collect();
                format!("type IN {}", self.params.bind(Param::Texts(types)))
            }
        }
    }

    fn span(&mut self, span: &Span) -> String {
        let to = self.moment(span.to_ms);
        match span.from_ms {
            None => format!("ts < {to}"),
            Some(from) => format!("ts >= {} AND ts < {to}", self.moment(from)),
        }
    }

    fn moment(&mut self, at_ms: i64) -> String {
        format!(
            "fromUnixTimestamp64Milli({})",
            self.params.bind(Param::Int(at_ms.into()))
        )
    }

    fn tree(&self, tree: &Tree) -> String {
        match tree {
            Tree::All(parts) if parts.is_empty() => "true".to_owned(),
            Tree::All(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.tree(part)).collect();
                format!("({})", parts.join(" AND "))
            }
            Tree::Any(parts) => any_of(parts.iter().map(|part| self.tree(part)).collect()),
            Tree::Not(part) => format!("NOT {}", self.tree(part)),
            Tree::Nested(part) => self.tree(part),
            Tree::Leaf { leaf, asked } => self.answer_of(*leaf, *asked),
        }
    }

    /// Whether the answer of a leaf is as asked, once the tables are united.
    fn answer_of(&self, leaf: usize, asked: Asked) -> String {
        let place = self.plan.answer(leaf, asked);
        let is_other = self.hit(place).unwrap_or_else(|| format!("a{place}"));
        match self.plan.answers.get(place) {
            None => "false".to_owned(),
            Some(answer) if answer.of_nothing => format!("NOT {is_other}"),
            Some(_) => is_other,
        }
    }

    /// Whether a number satisfies the comparison; one that is absent doesn't. An average is a
    /// float, and so are its bounds: beyond 2^53 the engine would tell a float from the whole
    /// number that it stands for.
    fn compare(&mut self, number: &str, compare: &Compare, is_float: bool) -> String {
        let mut bind = |bound: Number| {
            self.params.bind(if is_float {
                Param::Float(bound.as_f64())
            } else {
                Param::from(bound)
            })
        };
        let compared = match *compare {
            Compare::Gte(bound) => format!("{number} >= {}", bind(bound)),
            Compare::Gt(bound) => format!("{number} > {}", bind(bound)),
            Compare::Lte(bound) => format!("{number} <= {}", bind(bound)),
            Compare::Lt(bound) => format!("{number} < {}", bind(bound)),
            Compare::Eq(bound) => format!("{number} = {}", bind(bound)),
            Compare::Between(least, most) => {
                format!("{number} BETWEEN {} AND {}", bind(least), bind(most))
            }
        };
        format!("ifNull({compared}, false)")
    }
}

impl Leaf {
    /// Whether its answer is known only once all of a person is together: what it counts depends
    /// on another fact.
    fn is_later(&self) -> bool {
        match self {
            Self::Measured(leaf) => leaf.latest || leaf.when.since.is_some(),
            Self::Last(leaf) => leaf.when.since.is_some(),
            Self::Cart(_) | Self::Sequence(_) => true,
            Self::Contact(leaf) => leaf.since.is_some(),
            Self::Group(_) => false,
        }
    }
}

/// The answers of which everyone for whom the only definition is true has another one than of
/// nothing.
fn must(plan: &Plan) -> Vec<usize> {
    let [tree] = plan.trees.as_slice() else {
        return Vec::new();
    };
    let places = parts(tree).into_iter().filter_map(|part| match part {
        Tree::Leaf { leaf, asked } => Some(plan.answer(*leaf, *asked)),
        _ => None,
    });
    let is_other = |place: &usize| {
        let answer = plan.answers.get(*place);
        answer.is_some_and(|answer| !answer.of_nothing)
    };
    places.filter(is_other).collect()
}

/// Whether a person is drawn, one of so many.
fn drawn(person: &str, one_in: u32) -> String {
    format!("cityHash64({person}) % {one_in} = 0")
}

/// One more condition, if there is one.
fn and(asked: &str) -> String {
    if asked.is_empty() {
        return String::new();
    }
    format!(" AND {asked}")
}

fn any_of(parts: Vec<String>) -> String {
    if parts.is_empty() {
        return "false".to_owned();
    }
    format!("({})", parts.join(" OR "))
}
