//! Stages: the facts of a table, folded into persons; and all of them, united.

use super::super::ast::Compare;
use super::super::fields::Source;
use super::super::number::Number;
use super::super::plan::Answer;
use super::super::resolve::{Asked, Facts, Leaf, Measured};
use super::alike::{HITS, alike};
use super::events::EACH;
use super::measure::Aggregate;
use super::params::Param;
use super::{Money, Sql, any_of};
use std::fmt::Write as _;

/// What a stage gives of a person.
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// What it is where a table knows nothing of somebody.
    pub nothing: &'static str,
    /// How those of several tables become one.
    pub unite: &'static str,
    /// The table that knows; nothing for what is known of contacts.
    pub from: From,
}

/// Where something is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Facts.
    Facts(Source),
    /// The table of contacts.
    Contacts,
    /// The table of groups' members.
    Groups,
}

/// What is aggregated of the facts of each owner, and of each person.
#[derive(Default)]
pub(super) struct States {
    /// The states: a column each.
    states: Vec<String>,
    /// Their merges: a column each, `m0`, `m1`, …
    merges: Vec<String>,
}

impl States {
    /// Adds an aggregate; gives the name of what it comes to.
    pub fn add(&mut self, aggregate: &Aggregate) -> String {
        let state = aggregate.state();
        let place = self.states.iter().position(|known| *known == state);
        let place = place.unwrap_or_else(|| {
            let index = self.states.len();
            self.merges.push(aggregate.merge(&format!("s{index}")));
            self.states.push(state);
            index
        });
        format!("m{place}")
    }
}

impl Sql<'_> {
    /// A row for each person, with the answers: `person`, `a0`, `a1`, …, and which of those hit
    /// that are asked together; and what is told of them.
    pub(super) fn people(&mut self) -> String {
        // More is told of a leaf than an answer: one by one.
        if self.told.is_empty() {
            self.alike = alike(self.plan);
        }
        let united = self.united();
        self.names.clear();
        let mut is_any_later = false;
        let mut answers = String::new();
        if !self.alike.is_empty() {
            _ = write!(answers, ", {HITS}");
        }
        for (index, answer) in self.plan.answers.iter().enumerate() {
            if self.alike.contains(&index) {
                continue;
            }
            let Some(is_so) = self.later(answer.leaf, &answer.asked) else {
                _ = write!(answers, ", a{index}");
                continue;
            };
            is_any_later = true;
            let not = if answer.of_nothing { "NOT " } else { "" };
            _ = write!(answers, ",\n  {not}({is_so}) AS a{index}");
        }
        answers += &self.told_at_last();
        if !is_any_later && self.told.is_empty() {
            return united;
        }
        let with = self.with();
        format!("{with}SELECT person{answers} FROM (\n{united})\n")
    }

    /// A row for each person, with all that the answers are made of: `person`, and the columns.
    fn united(&mut self) -> String {
        let columns = self.columns();
        let mut stages = Vec::new();
        for source in [Source::Events, Source::Orders, Source::Messages] {
            let is_left = |leaf| !self.is_alike(leaf);
            let is_read = self.plan.reads(source, is_left)
                || (self.plan.everyone && source != Source::Messages);
            if is_read {
                stages.push(self.facts_stage(source, &columns));
            }
        }
        if !self.alike.is_empty() {
            stages.push(self.alike_stage(&columns));
        }
        let knows = |from| columns.iter().any(|column| column.from == from);
        if knows(From::Contacts) {
            stages.push(self.contacts_stage(&columns));
        }
        if knows(From::Groups) {
            stages.push(self.groups_stage(&columns));
        }
        if self.plan.everyone {
            stages.push(self.everyone_stage(&columns));
        }
        if !self.plan.people.is_empty() {
            stages.push(self.asked_stage(&columns));
        }
        if let [stage] = stages.as_slice() {
            return stage.clone();
        }
        let united: String = columns.iter().fold(String::new(), |mut text, column| {
            let Column { name, unite, .. } = column;
            _ = write!(text, ", {unite}({name}) AS {name}");
            text
        });
        format!(
            "SELECT person{united} FROM (\n{})\nGROUP BY person\n",
            stages.join("UNION ALL\n")
        )
    }

    /// What the tree asks of a person.
    fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for (index, answer) in self.plan.answers.iter().enumerate() {
            let Some(leaf) = self.plan.leaves.get(answer.leaf) else {
                continue;
            };
            if leaf.is_later() || self.alike.contains(&index) {
                continue;
            }
            columns.push(Column {
                name: format!("a{index}"),
                nothing: "0",
                unite: "max",
                from: from(leaf),
            });
        }
        columns.extend(self.alike_column());
        columns.extend(self.later_columns());
        columns.extend(self.told_columns());
        columns
    }

    /// A table's facts are read next.
    pub(super) fn begin(&mut self, source: Source) {
        self.source = source;
        self.money = match source {
            Source::Orders => Money::Converted,
            Source::Events | Source::Messages => Money::AsStated,
        };
        self.names.clear();
        self.asked.clear();
        self.order_columns.clear();
    }

    /// The facts of a table, folded.
    fn facts_stage(&mut self, source: Source, columns: &[Column]) -> String {
        self.begin(source);
        let mut states = States::default();
        let mut given: Vec<(String, String)> = Vec::new();
        for (index, answer) in self.plan.answers.iter().enumerate() {
            let Some(leaf) = self.plan.leaves.get(answer.leaf) else {
                continue;
            };
            let is_elsewhere = leaf.is_later() || self.alike.contains(&index);
            if is_elsewhere || from(leaf) != From::Facts(source) {
                continue;
            }
            let truth = self.truth(leaf, answer, &mut states);
            given.push((format!("a{index}"), truth));
        }
        let must = self.must(&given);
        let answers: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
        // Whom no answer is another one of is as one of whom nothing is known.
        let any = answers.join(" OR ");
        let answered = given.len();
        given.extend(self.later_values(source, &mut states));
        given.extend(self.told_values(source, &mut states));
        let is_all = self.plan.everyone || answered < given.len() || answered == 0;
        let matter = match must {
            Some(must) => format!("WHERE {must}\n"),
            None if is_all => String::new(),
            None => format!("WHERE {any}\n"),
        };
        let mut list = String::new();
        for state in states.states.iter().enumerate() {
            _ = write!(list, ",\n    {} AS s{}", state.1, state.0);
        }
        let asked = self.asked_of();
        let (owner, rows) = self.rows_of(source, &asked);
        let with = self.with();
        let owners = format!("  {with}SELECT {owner} AS owner{list}\n  {rows}\n  GROUP BY owner\n");
        let merges = states.merges.iter().enumerate();
        let merges: Vec<String> = merges
            .map(|(index, merge)| format!("{merge} AS m{index}"))
            .collect();
        let folded = self.folded_owners(&owners, &merges, "");
        let outer = selected(columns, &given);
        format!("SELECT person{outer} FROM (\n{folded})\n{matter}")
    }

    /// That the answers of a stage are as they must be: whoever is in meets that, and nobody else
    /// need be united. Nothing where none must be.
    pub(super) fn must(&self, given: &[(String, String)]) -> Option<String> {
        let must = self.must.iter().map(|place| format!("a{place}"));
        let must = must.filter(|name| given.iter().any(|(known, _)| known == name));
        let must: Vec<String> = must.collect();
        (!must.is_empty()).then(|| must.join(" AND "))
    }

    /// Owners' states, folded into their persons; by something else too, which begins with a comma.
    pub(super) fn folded_owners(&mut self, owners: &str, merges: &[String], by: &str) -> String {
        let links = self.links();
        let merges: String = merges.iter().map(|merge| format!(", {merge}")).collect();
        format!(
            "  SELECT if(links.person = 0, owner, links.person) AS person{by}{merges} FROM (\n{owners}  ) AS owners\n  \
             LEFT ANY JOIN {links} ON links.id = owner\n  GROUP BY person{by}\n"
        )
    }

    /// Those who are part of somebody else.
    fn links(&mut self) -> String {
        let site = self.site();
        let only = match self.plan.one_in {
            1 => self.is_asked("id"),
            _ => String::new(),
        };
        format!(
            "(\n    SELECT id, person FROM identities FINAL\n    \
             WHERE site = {site}{only} AND person != id\n  ) AS links"
        )
    }

    /// Everyone of whom no fact need be known: contacts, by whatever names them.
    fn everyone_stage(&mut self, columns: &[Column]) -> String {
        let (site, only) = (self.site(), self.is_asked("id"));
        let outer = selected(columns, &[]);
        format!(
            "SELECT DISTINCT person{outer} FROM identities FINAL\n\
             WHERE site = {site}{only} AND kind != 'visitor'\n"
        )
    }

    /// Whether an answer is another one than of nothing.
    fn truth(&mut self, leaf: &Leaf, answer: &Answer, states: &mut States) -> String {
        let is_so = match (leaf, &answer.asked) {
            (Leaf::Measured(leaf), Asked::Number(compare)) => {
                let facts = self.facts_in(leaf);
                let aggregate = self.measure(leaf, &facts).up_to(compare);
                self.satisfies(leaf, &states.add(&aggregate), compare)
            }
            (Leaf::Last(leaf), _) => {
                let aggregate = self.latest(leaf);
                let latest = states.add(&aggregate);
                let to = Compare::Lt(number(leaf.when.span.to_ms));
                match leaf.when.span.from_ms {
                    None => self.compare(&latest, &to, false),
                    Some(from) => {
                        let from = Compare::Gte(number(from));
                        let from = self.compare(&latest, &from, false);
                        format!("{from} AND {}", self.compare(&latest, &to, false))
                    }
                }
            }
            _ => "false".to_owned(),
        };
        let not = if answer.of_nothing { "NOT " } else { "" };
        format!("toUInt8({not}({is_so}))")
    }

    /// Those who are answered for whatever is known of them.
    fn asked_stage(&mut self, columns: &[Column]) -> String {
        let people = self.params.bind(Param::Ids(self.plan.people.clone()));
        let outer = selected(columns, &[]);
        format!("SELECT arrayJoin({people}) AS person{outer}\n")
    }

    /// What the facts of a leaf come to.
    pub(super) fn measured(&mut self, leaf: &Measured, states: &mut States) -> String {
        let facts = self.facts_in(leaf);
        let aggregate = self.measure(leaf, &facts);
        states.add(&aggregate)
    }

    /// Whether some leaf asks about a row; nothing where all are read.
    fn asked_of(&mut self) -> String {
        let asked = std::mem::take(&mut self.asked);
        let is_each = asked.iter().any(|asked| asked == EACH);
        if self.plan.everyone || is_each || asked.is_empty() {
            return String::new();
        }
        any_of(asked)
    }

    /// What names the owner of a row, and `FROM` and `WHERE` of the rows that count.
    fn rows_of(&mut self, source: Source, asked: &str) -> (&'static str, String) {
        match source {
            Source::Events => ("visitor_id", self.event_rows(asked)),
            Source::Orders => ("buyer", self.order_rows(asked)),
            Source::Messages => ("contact_id", self.message_rows(asked)),
        }
    }
}

fn number(ms: i64) -> Number {
    Number::Int(ms.into())
}

/// Where a leaf's answer is known from.
pub(super) fn from(leaf: &Leaf) -> From {
    match leaf {
        Leaf::Measured(leaf) => From::Facts(leaf.facts.source()),
        Leaf::Last(leaf) => {
            let facts = leaf.facts.as_ref();
            From::Facts(facts.map_or(Source::Events, Facts::source))
        }
        // Of orders too, which the gathering looks after.
        Leaf::Cart(_) | Leaf::Sequence(_) => From::Facts(Source::Events),
        Leaf::Contact(_) => From::Contacts,
        Leaf::Group(_) => From::Groups,
    }
}

/// The columns as a stage gives them: what it knows, and nothing of the rest.
pub(super) fn selected(columns: &[Column], given: &[(String, String)]) -> String {
    let mut list = String::new();
    for Column { name, nothing, .. } in columns {
        let known = given.iter().find(|(known, _)| known == name);
        let value = known.map_or(*nothing, |(_, value)| value);
        _ = write!(list, ",\n  {value} AS {name}");
    }
    list
}
