//! Why an answer is as it is: what was found, and the latest facts that it was found in.
//!
//! What is found is what the answer is compared with, by the same words; it goes out as texts:
//! none where nothing was found, several where a field has several.

use super::super::contact::Kind;
use super::super::fields::Source;
use super::super::plan::{Answer, Plan};
use super::super::resolve::{Asked, ContactTest, Leaf, Measured, Reading, Sequence};
use super::Sql;
use super::events::AT;
use super::later::{NEVER, is_after};
use super::measure::{Aggregate, of_groups};
use super::params::Statement;
use super::sequence::ROW_ID;
use super::stage::{Column, From, States, from};
use std::fmt::Write as _;

/// How many facts are told.
const MOST_FACTS: usize = 20;
/// No texts.
const NO_TEXTS: &str = "CAST([], 'Array(String)')";
/// No facts.
const NO_FACTS: &str = "CAST([], 'Array(Tuple(Int64, UInt8, String))')";

/// A statement of a row for each of the plan's people: `person`; of each answer whether it is as
/// asked (`Array(Bool)`); of those that are `told`, in their order, what was found
/// (`Array(Array(String))`) and the latest facts, the latest first, of a sequence the first choice
/// that fits, in its order: when in milliseconds since the epoch, where from, and the id
/// (`Array(Array(Tuple(Int64, UInt8, String)))`).
#[must_use]
pub fn explain(plan: &Plan, told: &[usize]) -> Statement {
    let mut sql = Sql::new(plan);
    sql.told = told.to_vec();
    let people = sql.people();
    let answers = plan.answers.iter();
    let answers: Vec<String> = answers
        .map(|answer| sql.answer_of(answer.leaf, answer.asked))
        .collect();
    let each = |name: &str| {
        let columns: Vec<String> = told.iter().map(|place| format!("{name}{place}")).collect();
        columns.join(", ")
    };
    let asked = sql.params.bind(super::Param::Ids(plan.people.clone()));
    sql.params.statement(format!(
        "SELECT person, CAST([{}], 'Array(Bool)') AS answers,\n  \
         CAST([{}], 'Array(Array(String))') AS found,\n  \
         CAST([{}], 'Array(Array(Tuple(Int64, UInt8, String)))') AS facts\n\
         FROM (\n{people})\nWHERE person IN {asked}",
        answers.join(", "),
        each("found"),
        each("facts"),
    ))
}

/// A source as it goes out.
#[must_use]
pub const fn number_of(source: Source) -> u8 {
    match source {
        Source::Events => 0,
        Source::Orders => 1,
        Source::Messages => 2,
    }
}

impl<'a> Sql<'a> {
    /// The answers that are told, with their leaves.
    fn told(&self) -> Vec<(usize, &'a Answer, &'a Leaf)> {
        let plan = self.plan;
        let told = self.told.iter().filter_map(|place| {
            let answer = plan.answers.get(*place)?;
            Some((*place, answer, plan.leaves.get(answer.leaf)?))
        });
        told.collect()
    }

    /// What is known of each person that is told: `v0`, … what was found, `h0`, … the facts.
    pub(super) fn told_columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for (place, _, leaf) in self.told() {
            let mut add = |name: &str| {
                columns.push(Column {
                    name: format!("{name}{place}"),
                    nothing: "[]",
                    unite: "groupArrayArray",
                    from: from(leaf),
                });
            };
            if is_found_at_once(leaf) {
                add("v");
            }
            if has_facts(leaf) {
                add("h");
            }
        }
        columns
    }

    /// What a table of facts knows of that.
    pub(super) fn told_values(
        &mut self,
        source: Source,
        states: &mut States,
    ) -> Vec<(String, String)> {
        let mut values = Vec::new();
        for (place, answer, leaf) in self.told() {
            if from(leaf) != From::Facts(source) {
                continue;
            }
            if is_found_at_once(leaf) {
                let found = match (leaf, &answer.asked) {
                    (Leaf::Measured(measured), asked) => {
                        let found = self.measured(measured, states);
                        self.told_measure(measured, &found, asked)
                    }
                    (Leaf::Last(last), _) => {
                        let latest = self.latest(last);
                        texts(&format!("[{}]", states.add(&latest)))
                    }
                    _ => continue,
                };
                values.push((format!("v{place}"), found));
            }
            if has_facts(leaf) {
                let facts = self.told_facts(leaf);
                values.push((format!("h{place}"), states.add(&facts)));
            }
        }
        values
    }

    /// What contacts' fields are.
    pub(super) fn told_of_contacts(&mut self) -> Vec<(String, String)> {
        let mut values = Vec::new();
        for (place, _, leaf) in self.told() {
            if let Leaf::Contact(test) = leaf {
                values.push((format!("v{place}"), self.told_field(test)));
            }
        }
        values
    }

    /// All that is told of a person, once it is together: `found0`, … and `facts0`, …
    pub(super) fn told_at_last(&mut self) -> String {
        let mut told = String::new();
        for (place, answer, leaf) in self.told() {
            let found = if is_found_at_once(leaf) {
                format!("v{place}")
            } else {
                self.found_at_last(answer, leaf)
            };
            let facts = self.facts_at_last(place, answer.leaf, leaf);
            _ = write!(
                told,
                ",\n  {found} AS found{place},\n  {facts} AS facts{place}"
            );
        }
        told
    }

    fn found_at_last(&mut self, answer: &Answer, leaf: &Leaf) -> String {
        let index = answer.leaf;
        match leaf {
            Leaf::Measured(measured) => {
                let found = self.gathered(index, measured);
                self.told_measure(measured, &found, &answer.asked)
            }
            Leaf::Last(_) => format!("if(l{index} > {NEVER}, [toString(l{index})], {NO_TEXTS})"),
            Leaf::Cart(_) => {
                let left = self.left(&format!("f{index}"));
                format!("[toString(arraySum(x -> x.1, {left}))]")
            }
            Leaf::Contact(_) | Leaf::Group(_) | Leaf::Sequence(_) => NO_TEXTS.to_owned(),
        }
    }

    fn facts_at_last(&mut self, place: usize, index: usize, leaf: &Leaf) -> String {
        let latest =
            |facts: &str, most: usize| format!("arraySlice(arrayReverseSort({facts}), 1, {most})");
        let told = |facts: &str, source: &str, id: &str| {
            format!("arrayMap(t -> (t.1, toUInt8({source}), {id}), {facts})")
        };
        match (leaf, from(leaf)) {
            (Leaf::Measured(_) | Leaf::Last(_), From::Facts(source)) => {
                let kept = self.kept(index, "t.3");
                let kept = format!("arrayFilter(t -> {kept}, h{place})");
                let source = number_of(source).to_string();
                told(&latest(&kept, MOST_FACTS), &source, "t.2")
            }
            (Leaf::Cart(_), _) => {
                let last = latest(&format!("f{index}"), 1);
                told(&last, "0", "leftPad(lower(hex(t.4)), 32, '0')")
            }
            (Leaf::Sequence(sequence), _) => {
                let choice = self.told_sequence(sequence, index, leaf);
                told(&choice, "t.2", ROW_ID)
            }
            _ => NO_FACTS.to_owned(),
        }
    }

    fn told_sequence(&mut self, sequence: &Sequence, index: usize, leaf: &Leaf) -> String {
        let trail = self.in_order(index);
        let after = is_after(self.begins_after(leaf).as_deref(), "r.1");
        self.first_choice(sequence, &trail, &after)
    }

    /// The rows of a leaf, in its window: when, by which id, and of which message where that
    /// matters.
    fn told_facts(&mut self, leaf: &Leaf) -> Aggregate {
        let condition = match leaf {
            Leaf::Measured(leaf) => self.matching(Some(&leaf.facts), &leaf.when.span),
            Leaf::Last(leaf) => self.matching(leaf.facts.as_ref(), &leaf.when.span),
            _ => "false".to_owned(),
        };
        let id = match self.source {
            Source::Events => "toString(event_id)",
            Source::Orders => "order_id",
            Source::Messages => "toString(id)",
        };
        let message = match leaf {
            Leaf::Measured(leaf) if leaf.latest => ", message_id",
            _ => "",
        };
        Aggregate {
            function: "groupArray".to_owned(),
            argument: Some(format!("({AT}, {id}{message})")),
            condition,
        }
    }

    /// What the facts of a leaf come to; of groups the greatest that satisfies, or else the
    /// greatest.
    fn told_measure(&mut self, leaf: &Measured, found: &str, asked: &Asked) -> String {
        let Asked::Number(compare) = asked else {
            return NO_TEXTS.to_owned();
        };
        if leaf.per.is_none() {
            return texts(&format!("[{found}]"));
        }
        let compared = self.compare("v", compare, leaf.is_average());
        let groups = of_groups(leaf, found);
        let greatest = |of: &str| {
            format!("arraySlice(arrayReverseSort(arrayFilter(v -> {of}, {groups})), 1, 1)")
        };
        let (fitting, all) = (greatest(&compared), greatest("isNotNull(v)"));
        texts(&format!("if(notEmpty({fitting}), {fitting}, {all})"))
    }

    /// A contact's field as it is: a number and a text as they stand, yes as 1 and no as 0, a date
    /// as `2026-11-21`, a moment in milliseconds since the epoch.
    fn told_field(&mut self, test: &ContactTest) -> String {
        let mut told = |reading| {
            let test = ContactTest {
                reading,
                ..test.clone()
            };
            self.contact_value(&test)
        };
        match test.field.kind {
            Kind::Text | Kind::Number => given(&format!("[toString({})]", told(Reading::Text))),
            Kind::List => given(&told(Reading::Texts)),
            Kind::Bool => texts(&format!("[{}]", told(Reading::Flag))),
            Kind::Date => {
                let days = format!("[{}]", told(Reading::Day));
                texts_of(&days, |day| {
                    format!("addDays(toDate32('1970-01-01'), {day})")
                })
            }
            Kind::Instant => texts(&format!("[{}]", told(Reading::Moment))),
        }
    }
}

/// Whether a leaf's table knows what was found.
fn is_found_at_once(leaf: &Leaf) -> bool {
    match leaf {
        Leaf::Measured(_) | Leaf::Last(_) => !leaf.is_later(),
        Leaf::Contact(_) => true,
        Leaf::Cart(_) | Leaf::Group(_) | Leaf::Sequence(_) => false,
    }
}

/// Whether a leaf has facts of its own; those of carts and sequences are gathered anyway.
const fn has_facts(leaf: &Leaf) -> bool {
    matches!(leaf, Leaf::Measured(_) | Leaf::Last(_))
}

/// The values that are there, as texts.
fn texts(values: &str) -> String {
    texts_of(values, str::to_owned)
}

fn texts_of(values: &str, told: impl Fn(&str) -> String) -> String {
    let told = told("assumeNotNull(v)");
    format!("arrayMap(v -> toString({told}), arrayFilter(v -> isNotNull(v), {values}))")
}

/// The texts that are not empty.
fn given(texts: &str) -> String {
    format!("arrayFilter(t -> t != '', {texts})")
}
