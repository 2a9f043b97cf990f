//! A plan to one statement and its typed parameters.
//!
//! The statement reads the table once: a measure a leaf for each visitor,
//! then one boolean over them. Every value is a parameter that the engine
//! binds (`{p0:String}`); columns and functions come from enums and from this
//! folder's own text. The name of a property is a value too: it is the
//! constant argument of `getSubcolumn`.

mod filter;
mod item;
mod measure;
mod params;

use super::ast::{Compare, Events};
use super::number::Number;
use super::plan::{Plan, Scan};
use super::resolve::{Facts, Leaf, Measure, Tree};
use super::time::Span;
use super::words::{EventType, Function, NO_FACTS, Word as _};
#[cfg(test)]
pub(super) use filter::fold;
use params::Params;
pub use params::{Param, Statement};
use std::fmt::Write as _;

/// A statement of one row with one `UInt64`: how many people.
#[must_use]
pub fn count(plan: &Plan) -> Statement {
    let mut sql = Sql::new(plan);
    let members = sql.members(None);
    sql.params
        .statement(format!("SELECT count() FROM (\n{members})"))
}

/// A statement of rows of one `UInt64`, ascending: at most `limit` people of
/// those whose id is greater than `after`.
#[must_use]
pub fn members(plan: &Plan, after: Option<u64>, limit: u64) -> Statement {
    let mut sql = Sql::new(plan);
    let members = sql.members(after);
    let limit = sql.params.bind(Param::Id(limit));
    sql.params
        .statement(format!("{members}ORDER BY visitor_id\nLIMIT {limit}"))
}

/// The plan, and what has been written so far.
struct Sql<'a> {
    plan: &'a Plan,
    params: Params,
    /// What is computed of a row and has a name: `e0`, `e1`, …
    names: Vec<String>,
}

impl<'a> Sql<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            params: Params::default(),
            names: Vec::new(),
        }
    }

    fn members(&mut self, after: Option<u64>) -> String {
        let plan = self.plan;
        let sinces = sinces(&plan.leaves);
        let mut columns = "visitor_id".to_owned();
        let mut asked = Vec::new();
        for (index, leaf) in plan.leaves.iter().enumerate() {
            let since = sinces
                .iter()
                .position(|facts| Some(*facts) == leaf.since.as_ref());
            let facts = self.facts_of(leaf, since);
            _ = write!(columns, ",\n    {} AS m{index}", self.measure(leaf, &facts));
            asked.push(facts);
        }
        let source = self.source();
        let rows = self.rows(&source, asked, &sinces);
        let (with, mut tree) = (self.with(), self.tree(&plan.tree));
        if let Some(after) = after {
            let after = self.params.bind(Param::Id(after));
            tree = format!("{tree} AND visitor_id > {after}");
        }
        format!(
            "SELECT visitor_id FROM (\n  {with}SELECT {columns}\n  {rows}\n  GROUP BY visitor_id\n)\n\
             WHERE {tree}\n"
        )
    }

    /// `FROM` and `WHERE` of the scan. Where a leaf looks back to other facts,
    /// each row also learns when its visitor's latest of them was.
    fn rows(&mut self, source: &str, asked: Vec<String>, sinces: &[&Facts]) -> String {
        if sinces.is_empty() {
            let asked = match self.plan.scan {
                Scan::Everyone => String::new(),
                Scan::Asked { .. } => format!("\n  WHERE {}", any_of(asked)),
            };
            return format!("FROM {source}{asked}");
        }
        let mut latest = String::new();
        for (index, facts) in sinces.iter().enumerate() {
            let facts = self.facts(facts);
            let latest_of = format!("maxOrNullIf(ts, {facts}) OVER (PARTITION BY visitor_id)");
            _ = write!(latest, ",\n      {latest_of} AS s{index}");
        }
        let with = self.with();
        format!("FROM (\n    {with}SELECT *{latest}\n    FROM {source}\n  )")
    }

    /// What is computed of a row, by a name: a statement says it once, however
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

    /// The names, for the select that uses them.
    fn with(&self) -> String {
        if self.names.is_empty() {
            return String::new();
        }
        let names = self.names.iter().enumerate();
        let names: Vec<String> = names
            .map(|(index, computed)| format!("{computed} AS e{index}"))
            .collect();
        format!("WITH\n    {}\n  ", names.join(",\n    "))
    }

    /// The events that count, as their people's: a visitor who is linked has the person's id.
    fn source(&mut self) -> String {
        let site = self.params.bind(Param::Text(self.plan.site.clone()));
        let counting = self.counting(&site);
        format!(
            "(\n    SELECT events.* REPLACE (if(links.person = 0, events.visitor_id, links.person) AS visitor_id)\n    \
             FROM events LEFT ANY JOIN (\n      SELECT id, argMax(person, version) AS person FROM identities\n      \
             WHERE site = {site} AND kind = 'visitor' GROUP BY id\n    ) AS links ON links.id = events.visitor_id\n    \
             WHERE {counting}\n  )"
        )
    }

    fn counting(&mut self, site: &str) -> String {
        let mut all = vec![format!(
            "site = {site} AND NOT bot AND NOT machine AND NOT staff"
        )];
        match &self.plan.scan {
            Scan::Everyone => {
                all.push(self.span(&Span {
                    from_ms: None,
                    to_ms: self.plan.as_of_ms,
                }));
            }
            Scan::Asked { types, spans } => {
                all.extend(types.as_ref().map(|types| self.events(types)));
                let spans: Vec<String> = spans.iter().map(|span| self.span(span)).collect();
                all.push(any_of(spans));
            }
        }
        all.join(" AND ")
    }

    /// Whether a row is such a fact, whenever it happened.
    fn facts(&mut self, facts: &Facts) -> String {
        let mut all = vec![self.events(&facts.events)];
        all.extend(self.filters(&facts.filters));
        all.join(" AND ")
    }

    /// Whether a row is a fact of the leaf, or a session's start where those
    /// are asked. What is cheap to ask comes first: the engine doesn't ask the
    /// rest of rows that fail it.
    fn facts_of(&mut self, leaf: &Leaf, since: Option<usize>) -> String {
        let span = self.span(&leaf.span);
        let mut all = if leaf.is_of_starts() {
            vec![span, "is_session_start".to_owned()]
        } else {
            vec![self.events(&leaf.facts.events), span]
        };
        all.extend(self.filters(&leaf.facts.filters));
        match since {
            None => self.named(all.join(" AND ")),
            // It has no meaning where the latest is still looked for: no name.
            Some(index) => format!("{} AND ifNull(ts > s{index}, false)", all.join(" AND ")),
        }
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

    fn tree(&mut self, tree: &Tree) -> String {
        match tree {
            Tree::All(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.tree(part)).collect();
                format!("({})", parts.join(" AND "))
            }
            Tree::Any(parts) => any_of(parts.iter().map(|part| self.tree(part)).collect()),
            Tree::Not(part) => format!("NOT {}", self.tree(part)),
            Tree::Leaf { leaf, compare } => {
                let measured = self.plan.leaves.get(*leaf);
                let is_average = measured
                    .is_some_and(|leaf| matches!(leaf.measure, Measure::Of(Function::Avg, _)));
                if measured.is_some_and(|leaf| leaf.per.is_some()) {
                    let compared = self.compare("v", compare, is_average);
                    return format!("arrayExists(v -> {compared}, mapValues(m{leaf}))");
                }
                self.compare(&format!("m{leaf}"), compare, is_average)
            }
        }
    }

    /// Whether a number satisfies the comparison; one that is absent doesn't. An average is a
    /// float, and so are its bounds: beyond 2^53 the engine would tell a float from the whole
    /// number that it stands for.
    fn compare(&mut self, number: &str, compare: &Compare, is_average: bool) -> String {
        let mut bind = |bound: Number| {
            self.params.bind(if is_average {
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

/// What the leaves' windows begin after, each once.
fn sinces(leaves: &[Leaf]) -> Vec<&Facts> {
    let mut sinces = Vec::new();
    for facts in leaves.iter().filter_map(|leaf| leaf.since.as_ref()) {
        if !sinces.contains(&facts) {
            sinces.push(facts);
        }
    }
    sinces
}

fn any_of(parts: Vec<String>) -> String {
    if parts.is_empty() {
        return "false".to_owned();
    }
    format!("({})", parts.join(" OR "))
}
