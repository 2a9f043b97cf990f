//! Many leaves of one shape: a number of events of some types, of which one field is one of some
//! texts. Asked one by one, each leaf would look at each event, and a hundred segments would take
//! a hundred times as long. Here an event looks up whom its text concerns, and goes to those
//! leaves alone whose window it lies in: what is to be done grows with what matches.

use super::super::ast::{Compare, Of};
use super::super::fields::{Field, Kind, Source};
use super::super::number::Number;
use super::super::plan::{Answer, Plan, asked};
use super::super::resolve::{Asked, Leaf, Measure, Measured, Test};
use super::super::words::Function;
use super::Sql;
use super::events::AT;
use super::filter::{ValueKind, fold};
use super::params::Param;
use super::stage::{Column, From, selected};
use std::fmt::Write as _;

/// Fewer than these are looked at one by one.
const MANY: usize = 8;
#[cfg(not(test))]
const fn many() -> usize {
    MANY
}

/// Tests let few be many, so that both ways are gone.
#[cfg(test)]
fn many() -> usize {
    FEW.get().unwrap_or(MANY)
}

#[cfg(test)]
thread_local! {
    /// What is many on this thread.
    pub(in crate::segment) static FEW: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// The answers of a person that are other than of nothing, by their places in [`Sql::alike`],
/// from 1 on.
pub(super) const HITS: &str = "hits";

/// What leaves have in common that are asked together.
type Shape<'a> = (&'a Of, &'a Field, &'a Measure);

/// A leaf of a shape, its texts, and the least and the most that it may come to.
type Alike<'a> = (Shape<'a>, &'a Measured, &'a [String], (i128, i128));

/// The places of a plan's answers that are asked together: each shape's beside each other.
pub(super) fn alike(plan: &Plan) -> Vec<usize> {
    let mut shapes: Vec<(Shape<'_>, Vec<usize>)> = Vec::new();
    for (place, answer) in plan.answers.iter().enumerate() {
        let Some((shape, ..)) = asked_alike(plan, answer) else {
            continue;
        };
        match shapes.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, places)) => places.push(place),
            None => shapes.push((shape, vec![place])),
        }
    }
    shapes.retain(|(_, places)| places.len() >= many());
    shapes.into_iter().flat_map(|(_, places)| places).collect()
}

/// What an answer asks, where it can be asked with others.
fn asked_alike<'a>(plan: &'a Plan, answer: &Answer) -> Option<Alike<'a>> {
    let (Leaf::Measured(leaf), Asked::Number(compare)) =
        (plan.leaves.get(answer.leaf)?, answer.asked)
    else {
        return None;
    };
    let is_plain = leaf.facts.source() == Source::Events
        && leaf.per.is_none()
        && leaf.when.since.is_none()
        && !leaf.latest
        && !leaf.is_of_starts();
    let is_whole = match &leaf.measure {
        Measure::Count | Measure::Visits | Measure::Days => true,
        Measure::Of(Function::Sum | Function::Distinct, field) => {
            !matches!(field, Field::Item(_)) && field.kind() != Kind::List
        }
        _ => false,
    };
    let [filter] = leaf.facts.filters.as_slice() else {
        return None;
    };
    let is_text =
        ValueKind::of(&filter.field) == ValueKind::Text && !matches!(filter.field, Field::Item(_));
    let Test::OneOf(texts) = &filter.test else {
        return None;
    };
    if !is_plain || !is_whole || !is_text || filter.negated {
        return None;
    }
    let shape = (&leaf.facts.of, &filter.field, &leaf.measure);
    let bounds = interval(&compare)?;
    Some((shape, leaf, texts, bounds))
}

/// The least and the most whole number that satisfies; nothing where that is not said in whole
/// numbers.
fn interval(compare: &Compare) -> Option<(i128, i128)> {
    let whole = |number: Number| match number {
        Number::Int(value) => Some(value),
        Number::Float(_) => None,
    };
    Some(match *compare {
        Compare::Gte(bound) => (whole(bound)?, i128::MAX),
        Compare::Gt(bound) => (whole(bound)?.checked_add(1)?, i128::MAX),
        Compare::Lte(bound) => (i128::MIN, whole(bound)?),
        Compare::Lt(bound) => (i128::MIN, whole(bound)?.checked_sub(1)?),
        Compare::Eq(bound) => (whole(bound)?, whole(bound)?),
        Compare::Between(least, most) => (whole(least)?, whole(most)?),
    })
}

/// Leaves of one shape, as a statement asks them.
#[derive(Default)]
struct Family {
    /// The texts of all, each with the leaf's place.
    texts: Vec<String>,
    places: Vec<i128>,
    /// The last of the places.
    last: i128,
}

impl Sql<'_> {
    /// Whether a leaf is asked together with others wherever it is asked.
    pub(super) fn is_alike(&self, leaf: usize) -> bool {
        let mut answers = self.plan.answers.iter().enumerate();
        !self.alike.is_empty()
            && answers.all(|(place, answer)| answer.leaf != leaf || self.alike.contains(&place))
    }

    /// The column that says which are other than of nothing.
    pub(super) fn alike_column(&self) -> Option<Column> {
        (!self.alike.is_empty()).then(|| Column {
            name: HITS.to_owned(),
            nothing: "[]",
            unite: "groupArrayArray",
            from: From::Facts(Source::Events),
        })
    }

    /// Whether an answer that is asked together with others is another one than of nothing.
    pub(super) fn hit(&self, place: usize) -> Option<String> {
        let hit = self.alike.iter().position(|known| *known == place)?;
        Some(format!("has({HITS}, {})", hit + 1))
    }

    /// The stage of those that are asked together.
    pub(super) fn alike_stage(&mut self, columns: &[Column]) -> String {
        self.begin(Source::Events);
        let plan = self.plan;
        let mut shapes: Vec<(Shape<'_>, &Measured, Family)> = Vec::new();
        let (mut from, mut to) = (Vec::new(), Vec::new());
        let (mut least, mut most, mut of_nothing) = (Vec::new(), Vec::new(), Vec::new());
        let mut leaves = Vec::new();
        for (hit, place) in (1..).zip(&self.alike) {
            let Some(answer) = plan.answers.get(*place) else {
                continue;
            };
            let Some((shape, leaf, texts, bounds)) = asked_alike(plan, answer) else {
                continue;
            };
            if shapes.last().is_none_or(|(known, ..)| *known != shape) {
                shapes.push((shape, leaf, Family::default()));
            }
            if let Some((_, _, family)) = shapes.last_mut() {
                family.last = hit;
                family.texts.extend(texts.iter().cloned());
                family.places.extend(texts.iter().map(|_| hit));
            }
            from.push(leaf.when.span.from_ms.unwrap_or(i64::MIN).into());
            to.push(leaf.when.span.to_ms.into());
            least.push(bounds.0);
            most.push(bounds.1);
            of_nothing.push(i128::from(answer.of_nothing));
            leaves.push(Leaf::Measured(leaf.clone()));
        }

        let mut concerned = Vec::new();
        let mut aggregates: Vec<(String, Option<String>)> = Vec::new();
        let mut found = String::new();
        for (_, leaf, family) in &shapes {
            concerned.push(self.concerned(leaf, family));
            let aggregate = self.measure(leaf, "true");
            let aggregate = (aggregate.function, aggregate.argument);
            let known = aggregates.iter().position(|known| *known == aggregate);
            let state = known.unwrap_or(aggregates.len());
            if known.is_none() {
                aggregates.push(aggregate);
            }
            _ = write!(found, "hit <= {}, toInt128(m{state}), ", family.last);
        }
        let concerned = match concerned.as_slice() {
            [one] => one.clone(),
            all => format!("arrayConcat({})", all.join(", ")),
        };
        let (from, to) = (self.whole(from, "Int64"), self.whole(to, "Int64"));
        let hits = self.named(format!(
            "arrayFilter(h -> {AT} >= arrayElement({from}, h) AND {AT} < arrayElement({to}, h), {concerned})"
        ));

        let (mut states, mut merges) = (String::new(), Vec::new());
        for (index, (function, argument)) in aggregates.iter().enumerate() {
            let argument = argument.as_deref().unwrap_or_default();
            _ = write!(states, ", {function}State({argument}) AS s{index}");
            merges.push(format!("{function}Merge(s{index}) AS m{index}"));
        }
        let scan = asked(&leaves, plan.as_of_ms);
        let rows = self.events_scanned(scan.as_ref(), &format!(" ARRAY JOIN {hits} AS hit"), "");
        let with = self.with();
        let owners = format!(
            "  {with}SELECT visitor_id AS owner, hit{states}\n  {rows}\n  GROUP BY owner, hit\n"
        );
        let folded = self.folded_owners(&owners, &merges, ", hit");
        let (least, most) = (self.whole(least, "Int128"), self.whole(most, "Int128"));
        let of_nothing = self.whole(of_nothing, "UInt8");
        let given = [(HITS.to_owned(), "groupArray(toUInt32(hit))".to_owned())];
        let outer = selected(columns, &given);
        format!(
            "SELECT person{outer} FROM (\n{folded})\n\
             WHERE (multiIf({found}0) BETWEEN arrayElement({least}, hit) AND arrayElement({most}, hit)) \
             != arrayElement({of_nothing}, hit)\nGROUP BY person\n"
        )
    }

    /// The places of a family's leaves that ask about a row's text, whenever it happened.
    fn concerned(&mut self, leaf: &Measured, family: &Family) -> String {
        let mut all: Vec<String> = self.kind(&leaf.facts.of).into_iter().collect();
        let present = self.measure(leaf, "true").condition;
        if present != "true" {
            all.push(present);
        }
        let filter = leaf.facts.filters.first();
        let text = filter.and_then(|filter| self.value(&filter.field));
        let text = self.folded(&text.unwrap_or_default(), ValueKind::Text);
        let texts = self.params.bind(Param::Texts(family.texts.clone()));
        let texts = self.named(format!("arrayMap(t -> {}, {texts})", fold("t")));
        let places = self.whole(family.places.clone(), "UInt32");
        let known = self.named(format!("arrayDistinct({texts})"));
        let lists = self.named(format!(
            "arrayPushFront(arrayMap(k -> arrayDistinct(arrayFilter((h, t) -> t = k, {places}, {texts})), {known}), [])"
        ));
        let place = format!("transform({text}, {known}, arrayEnumerate({known}), toUInt32(0))");
        let lists = format!("arrayElement({lists}, {place} + 1)");
        if all.is_empty() {
            return lists;
        }
        format!("if({}, {lists}, [])", all.join(" AND "))
    }

    fn whole(&mut self, numbers: Vec<i128>, of: &str) -> String {
        let numbers = self.params.bind(Param::Ints(numbers));
        format!("CAST({numbers}, 'Array({of})')")
    }
}
