//! Measures: one aggregate a leaf for each visitor.
//!
//! Each is a function over the values that the facts have: none, one, or one
//! an item. Ungrouped, single values go into `sumIf` and lists into
//! `sumArrayIf`; grouped, a fact is a map from each of its groups to the
//! values that it has there, for `sumArrayMapIf`. Sums of money are 128 bits
//! wide, as no sum of 64-bit cents can wrap there.

use super::super::fields::{Field, ItemField};
use super::super::resolve::{Leaf, Measure};
use super::super::words::{Function, Per};
use super::Sql;
use super::filter::fold;
use super::item::ItemTest;
use super::params::Param;

/// The values of a fact.
enum Values {
    /// Exactly one.
    One(String),
    /// One, where the condition holds.
    Maybe(String, String),
    /// Those of items.
    Items(ItemField),
}

impl Sql<'_> {
    /// The aggregate of a leaf over its facts.
    pub(super) fn measure(&mut self, leaf: &Leaf, facts: &str) -> String {
        if leaf.is_of_starts() {
            return format!("countIf({facts})");
        }
        let function = function(&leaf.measure);
        let values = self.values(&leaf.measure);
        let met = self.met(&leaf.facts.filters);
        match leaf.per {
            None => self.ungrouped(function, values, facts, &met),
            Some(Per::Session) => {
                let values = self.list(values, &met);
                format!("{function}ArrayMapIf(map(session_id, {values}), {facts})")
            }
            Some(Per::Product) => {
                let keys = self.products(&met);
                let values = self.list(values, &met.of_product());
                let values = format!("arrayMap(k -> {values}, {keys})");
                format!("{function}ArrayMapIf(mapFromArrays({keys}, {values}), {facts})")
            }
        }
    }

    fn ungrouped(&mut self, function: &str, values: Values, facts: &str, met: &ItemTest) -> String {
        match values {
            Values::One(_) if function == "count" => format!("countIf({facts})"),
            Values::One(value) => format!("{function}If({value}, {facts})"),
            Values::Maybe(value, present) => {
                format!("{function}If({value}, {facts} AND {present})")
            }
            Values::Items(item) => {
                let values = self.item_values(item, met);
                format!("{function}ArrayIf({values}, {facts})")
            }
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
        }
    }

    /// The products of a fact, folded: the page's and those of the items that
    /// meet the filters.
    fn products(&mut self, met: &ItemTest) -> String {
        let items = self.item_values(ItemField::Id, met);
        let page = self.named(fold("product"));
        let all = format!("arrayPushBack({items}, {page})");
        self.named(format!("arrayDistinct(arrayFilter(k -> k != '', {all}))"))
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
            Measure::Of(_, field) => {
                let value = self.value(field).unwrap_or_default();
                if field.kind().is_number() {
                    let whole = format!("toInt128(ifNull({value}, 0))");
                    return Values::Maybe(whole, format!("isNotNull({value})"));
                }
                Values::Maybe(self.folded(&value, field), format!("{value} != ''"))
            }
        }
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
