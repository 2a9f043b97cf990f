//! Measures: one aggregate a leaf.
//!
//! Each is a function over the values that the facts have: none, one, or one
//! an item. Ungrouped, single values go into `sumIf` and lists into
//! `sumArrayIf`; grouped, a fact is a map from each of its groups to the
//! values that it has there, for `sumArrayMapIf`. Where facts are counted, the
//! groups alone are gathered: that takes a third less than maps. Sums of money are 128 bits
//! wide, as no sum of 64-bit cents can wrap there.

use super::super::ast::Compare;
use super::super::fields::{Field, ItemField, Kind, Source};
use super::super::number::Number;
use super::super::resolve::{Measure, Measured};
use super::super::words::{Function, Per};
use super::Sql;
use super::filter::fold;
use super::item::ItemTest;
use super::params::Param;

/// Up to how many are few.
const FEW: i128 = 20;

/// The values of a fact.
enum Values {
    /// Exactly one.
    One(String),
    /// One, where the condition holds.
    Maybe(String, String),
    /// Those of items.
    Items(ItemField),
    /// Those of a list.
    List(String),
}

/// An aggregate over the rows that meet a condition.
pub(super) struct Aggregate {
    /// Its function, with all combinators but `If`, and its parameters.
    pub function: String,
    /// What it takes of a row; nothing where rows are counted.
    pub argument: Option<String>,
    /// Which rows.
    pub condition: String,
}

impl Aggregate {
    /// Its state of some rows.
    pub fn state(&self) -> String {
        let Self {
            function,
            argument,
            condition,
        } = self;
        let state = if of_results(function).is_some() {
            ""
        } else {
            "State"
        };
        let (name, parameters) = parts_of(function);
        match argument {
            None => format!("{name}If{state}{parameters}({condition})"),
            Some(argument) => format!("{name}If{state}{parameters}({argument}, {condition})"),
        }
    }

    /// What states come to.
    pub fn merge(&self, state: &str) -> String {
        match of_results(&self.function) {
            Some(function) => format!("{function}({state})"),
            None => {
                let (name, parameters) = parts_of(&self.function);
                format!("{name}IfMerge{parameters}({state})")
            }
        }
    }

    /// The same, but that what is counted once each may be told as one more than the greatest
    /// number that matters: few are counted in two thirds of the time.
    pub fn up_to(self, compare: &Compare) -> Self {
        let bound = match *compare {
            Compare::Gte(bound)
            | Compare::Gt(bound)
            | Compare::Lte(bound)
            | Compare::Lt(bound)
            | Compare::Eq(bound)
            | Compare::Between(_, bound) => bound,
        };
        let (Some(rest), Number::Int(most @ 1..=FEW)) =
            (self.function.strip_prefix("uniqExact"), bound)
        else {
            return self;
        };
        Self {
            function: format!("uniqUpTo{rest}({most})"),
            ..self
        }
    }
}

/// The name of a function, and its parameters in brackets if there are any.
fn parts_of(function: &str) -> (&str, &str) {
    function.split_at(function.find('(').unwrap_or(function.len()))
}

/// What makes one result of several, where results are enough: a number is told faster than a
/// state.
fn of_results(function: &str) -> Option<&'static str> {
    match function {
        "count" | "sum" => Some("sum"),
        "minOrNull" => Some("min"),
        "maxOrNull" => Some("max"),
        _ => None,
    }
}

impl Sql<'_> {
    /// The aggregate of a leaf over its facts.
    pub(super) fn measure(&mut self, leaf: &Measured, facts: &str) -> Aggregate {
        let met = self.met(&leaf.facts.filters);
        let values = self.values(&leaf.measure);
        let condition = match (&values, leaf.per) {
            (Values::Maybe(_, present), None) => format!("{facts} AND {present}"),
            _ => facts.to_owned(),
        };
        let argument = match (leaf.per, values) {
            (None, _) if leaf.is_of_starts() || leaf.measure == Measure::Count => None,
            (None, Values::One(value) | Values::Maybe(value, _)) => Some(value),
            (None, Values::Items(item)) => Some(self.item_values(item, &met)),
            (None, Values::List(values)) => Some(values),
            (Some(Per::Session), _) if leaf.measure == Measure::Count => {
                Some("[session_id]".to_owned())
            }
            (Some(Per::Product), _) if leaf.measure == Measure::Count => {
                Some(self.product_hashes(&met))
            }
            (Some(Per::Session), values) => {
                let values = self.list(values, &met);
                Some(format!("map(session_id, {values})"))
            }
            (Some(Per::Product), values) => {
                let keys = self.products(&met);
                let values = self.list(values, &met.of_product());
                let values = format!("arrayMap(k -> {values}, {keys})");
                Some(format!("mapFromArrays({keys}, {values})"))
            }
        };
        Aggregate {
            function: self.function_of(leaf),
            argument,
            condition,
        }
    }

    /// Whether what the facts of a leaf come to is as asked: of some group, where there are groups.
    pub(super) fn satisfies(&mut self, leaf: &Measured, found: &str, compare: &Compare) -> String {
        if leaf.per.is_none() {
            return self.compare(found, compare, leaf.is_average());
        }
        let compared = self.compare("v", compare, leaf.is_average());
        format!("arrayExists(v -> {compared}, {})", of_groups(leaf, found))
    }

    /// The rows that a leaf's aggregate takes.
    pub(super) fn condition(&mut self, leaf: &Measured, facts: &str) -> String {
        if leaf.latest {
            return facts.to_owned();
        }
        self.measure(leaf, facts).condition
    }

    /// The aggregate function of a leaf, with all combinators but `If`.
    pub(super) fn function_of(&self, leaf: &Measured) -> String {
        if leaf.is_of_starts() {
            return "count".to_owned();
        }
        let is_list = match &leaf.measure {
            Measure::Of(_, Field::Item(_)) => true,
            Measure::Of(_, field) => field.kind() == Kind::List,
            _ => false,
        };
        let function = function(&leaf.measure);
        match (leaf.per, is_list) {
            (Some(_), _) if leaf.measure == Measure::Count => "groupArrayArray".to_owned(),
            (Some(_), _) => format!("{function}ArrayMap"),
            (None, true) => format!("{function}Array"),
            (None, false) => function.to_owned(),
        }
    }

    /// The values of a fact as a list.
    fn list(&mut self, values: Values, met: &ItemTest) -> String {
        match values {
            Values::One(value) => format!("[{value}]"),
            Values::Maybe(value, present) => {
                format!("arrayFilter(v -> {present}, [{value}])")
            }
            Values::Items(item) => self.item_values(item, met),
            Values::List(values) => values,
        }
    }

    /// Hashes of the products of a fact.
    pub(super) fn product_hashes(&mut self, met: &ItemTest) -> String {
        let products = self.products(met);
        self.named(format!("arrayMap(k -> sipHash64(k), {products})"))
    }

    /// The products of a fact, folded: the page's and those of the items that
    /// meet the filters.
    pub(super) fn products(&mut self, met: &ItemTest) -> String {
        let ids = self.item_ids(met);
        // An order was bought on no page.
        let all = match self.source {
            Source::Events => format!("arrayPushBack({ids}, product)"),
            _ => ids,
        };
        let folded = fold("k");
        self.named(format!(
            "arrayDistinct(arrayMap(k -> {folded}, arrayFilter(k -> k != '', {all})))"
        ))
    }

    fn values(&mut self, measure: &Measure) -> Values {
        match measure {
            Measure::Count => Values::One("1".to_owned()),
            Measure::Visits => Values::One("session_id".to_owned()),
            Measure::SessionStarts => Values::One("toUInt8(is_session_start)".to_owned()),
            Measure::Days => {
                let zone = self.plan.settings.time_zone_name().to_owned();
                Values::One(format!(
                    "toDate(ts, {})",
                    self.params.bind(Param::Text(zone))
                ))
            }
            Measure::Of(_, Field::Item(item)) => Values::Items(*item),
            Measure::Of(_, field) if field.kind() == Kind::List => {
                let values = self.value(field).unwrap_or_default();
                let folded = format!("arrayMap(t -> {}, {values})", fold("t"));
                Values::List(self.named(format!("arrayFilter(t -> t != '', {folded})")))
            }
            Measure::Of(_, field) => {
                let value = self.value(field).unwrap_or_default();
                if field.kind().is_number() {
                    let whole = format!("toInt128(ifNull({value}, 0))");
                    return Values::Maybe(whole, format!("isNotNull({value})"));
                }
                Values::Maybe(
                    self.folded(&value, super::filter::ValueKind::of(field)),
                    format!("{value} != ''"),
                )
            }
        }
    }
}

/// What the facts of each group come to, of what was found. Where the groups of all facts were
/// gathered, it is there as often as it is much: how often each came before, and comes after.
pub(super) fn of_groups(leaf: &Measured, found: &str) -> String {
    if leaf.measure == Measure::Count {
        format!(
            "arrayMap((b, a) -> b + a - 1, arrayEnumerateUniq({found}), \
             arrayReverse(arrayEnumerateUniq(arrayReverse({found}))))"
        )
    } else {
        format!("mapValues({found})")
    }
}

/// The engine's aggregate function. Of nothing the last three are `NULL`.
const fn function(measure: &Measure) -> &'static str {
    match measure {
        Measure::Count => "count",
        Measure::SessionStarts | Measure::Of(Function::Sum, _) => "sum",
        Measure::Visits | Measure::Days | Measure::Of(Function::Distinct, _) => "uniqExact",
        Measure::Of(Function::Avg, _) => "avgOrNull",
        Measure::Of(Function::Min, _) => "minOrNull",
        Measure::Of(Function::Max, _) => "maxOrNull",
    }
}
