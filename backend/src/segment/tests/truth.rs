//! What the language means, said a second time: slowly, in memory, straight
//! from the JSON, sharing nothing with the compiler. Definitions are valid.

mod value;
mod window;

use super::event::{Event, Item};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
pub(super) use value::fold;
use value::{Found, compared, distinct, matches_path, order, whole};

pub(super) struct World<'a> {
    pub events: &'a [Event],
    pub zone: &'a str,
    pub week_start: Weekday,
    pub currency: &'a str,
    pub as_of: i64,
}

/// A matching event with those of its items that are meant.
type Fact<'a> = (&'a Event, Vec<&'a Item>);

impl World<'_> {
    pub fn members(&self, definition: &Value) -> BTreeSet<u64> {
        let mut trails: BTreeMap<u64, Vec<&Event>> = BTreeMap::new();
        for event in self.events {
            if event.ts < self.as_of && !event.bot && !event.machine && !event.staff {
                trails.entry(event.visitor).or_default().push(event);
            }
        }
        trails.retain(|_, trail| self.holds(definition, trail));
        trails.into_keys().collect()
    }

    fn holds(&self, node: &Value, trail: &[&Event]) -> bool {
        if let Some(parts) = node["all"].as_array() {
            return parts.iter().all(|part| self.holds(part, trail));
        }
        if let Some(parts) = node["any"].as_array() {
            return parts.iter().any(|part| self.holds(part, trail));
        }
        if !node["not"].is_null() {
            return !self.holds(&node["not"], trail);
        }
        self.leaf(node, trail)
    }

    fn leaf(&self, leaf: &Value, trail: &[&Event]) -> bool {
        let within: Vec<&Event> = match self.window(&leaf["window"], trail) {
            None => Vec::new(),
            Some((from, to)) => trail
                .iter()
                .filter(|event| from <= event.ts && event.ts < to)
                .copied()
                .collect(),
        };
        let facts: Vec<Fact<'_>> = within
            .iter()
            .filter_map(|event| self.fact(leaf, event))
            .collect();
        let starts =
            leaf["measure"] == "visits" && leaf["event"] == "any" && leaf["where"].is_null();
        let found = match leaf["per"].as_str() {
            None if starts => {
                vec![Some(whole(
                    within.iter().filter(|event| event.is_session_start).count(),
                ))]
            }
            None => vec![self.measure(leaf, &facts, starts)],
            Some(per) => {
                let groups = groups(per, &facts);
                groups
                    .values()
                    .map(|facts| self.measure(leaf, facts, starts))
                    .collect()
            }
        };
        found
            .into_iter()
            .flatten()
            .any(|found| compared(found, &leaf["compare"]))
    }

    /// The event as a fact of the leaf, if it is one.
    fn fact<'a>(&self, leaf: &Value, event: &'a Event) -> Option<Fact<'a>> {
        let of_type = match &leaf["event"] {
            Value::String(any) if any == "any" => event.kind != "dwell",
            Value::Array(types) => types.iter().any(|kind| kind == event.kind),
            kind => kind == event.kind,
        };
        let filters = leaf["where"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let (of_items, of_event): (Vec<&Value>, Vec<&Value>) = filters
            .iter()
            .partition(|filter| field(filter).starts_with("items."));
        let holds = of_event
            .iter()
            .all(|filter| self.passes(filter, event, None));
        let (denied, asked): (Vec<&Value>, Vec<&Value>) =
            of_items.into_iter().partition(|filter| is_negated(filter));
        // A negated filter passes where it is not so: no item may fail it.
        let none = denied.iter().all(|filter| {
            event
                .items
                .iter()
                .all(|item| self.passes(filter, event, Some(item)))
        });
        let meant: Vec<&Item> = event
            .items
            .iter()
            .filter(|item| {
                asked
                    .iter()
                    .all(|filter| self.passes(filter, event, Some(item)))
            })
            .collect();
        let some = asked.is_empty() || !meant.is_empty();
        (of_type && holds && none && some).then_some((event, meant))
    }

    fn passes(&self, filter: &Value, event: &Event, item: Option<&Item>) -> bool {
        let found = self.value(field(filter), event, item);
        let asked = &filter["value"];
        let is = |asked: &Value| match (&found, asked) {
            (Some(Found::Text(found)), Value::String(asked)) => fold(found) == fold(asked),
            (Some(Found::Number(found)), asked) => order(Found::Number(*found), asked).is_eq(),
            _ => false,
        };
        let text = |test: fn(&str, &str) -> bool| match &found {
            Some(Found::Text(found)) => test(&fold(found), &fold(asked.as_str().unwrap())),
            _ => false,
        };
        let number = |asked: &Value, test: fn(Ordering) -> bool| match &found {
            Some(Found::Number(found)) => test(order(Found::Number(*found), asked)),
            _ => false,
        };
        match filter["op"].as_str().unwrap() {
            "exists" => found.is_some(),
            "eq" => is(asked),
            "ne" => !is(asked),
            "in" => asked.as_array().unwrap().iter().any(is),
            "not_in" => !asked.as_array().unwrap().iter().any(is),
            "contains" => text(|found, asked| found.contains(asked)),
            "starts_with" => text(|found, asked| found.starts_with(asked)),
            "matches_path" => text(matches_path),
            "gt" => number(asked, Ordering::is_gt),
            "gte" => number(asked, Ordering::is_ge),
            "lt" => number(asked, Ordering::is_lt),
            "lte" => number(asked, Ordering::is_le),
            "between" => number(&asked[0], Ordering::is_ge) && number(&asked[1], Ordering::is_le),
            other => unreachable!("{other}"),
        }
    }

    fn value(&self, field: &str, event: &Event, item: Option<&Item>) -> Option<Found> {
        let text = |text: &str| (!text.is_empty()).then(|| Found::Text(text.to_owned()));
        let currency = event
            .texts
            .get("currency")
            .copied()
            .unwrap_or(self.currency);
        let is_ours = fold(currency) == fold(self.currency);
        let money = |cents: Option<i128>| cents.filter(|_| is_ours).map(Found::Number);
        if let Some(key) = field.strip_prefix("props.") {
            return match event.props.get(key)? {
                Value::String(found) => text(found),
                Value::Number(found) => text(&found.to_string()),
                Value::Bool(found) => text(&found.to_string()),
                _ => None,
            };
        }
        let item_price = || item.unwrap().price_cents.map(i128::from);
        match field {
            "currency" => text(currency),
            "dwell_ms" => event.dwell_ms.map(|found| Found::Number(found.into())),
            "scroll_percent" => event
                .scroll_percent
                .map(|found| Found::Number(found.into())),
            "value_cents" => money(event.value_cents.map(i128::from)),
            "items.id" => text(item.unwrap().id),
            "items.name" => text(item.unwrap().name),
            "items.category" => text(item.unwrap().category),
            "items.brand" => text(item.unwrap().brand),
            "items.quantity" => Some(Found::Number(item.unwrap().quantity.into())),
            "items.price_cents" => money(item_price()),
            "items.value_cents" => {
                money(item_price().map(|price| price * i128::from(item.unwrap().quantity)))
            }
            column => text(event.texts.get(column).copied().unwrap_or_default()),
        }
    }

    fn measure(&self, leaf: &Value, facts: &[Fact<'_>], starts: bool) -> Option<Found> {
        match leaf["measure"].as_str().unwrap_or("count") {
            _ if leaf["measure"].is_object() => self.of_field(&leaf["measure"], facts),
            "count" => Some(whole(facts.len())),
            "visits" if starts => Some(whole(
                facts
                    .iter()
                    .filter(|(event, _)| event.is_session_start)
                    .count(),
            )),
            "visits" => Some(distinct(facts.iter().map(|(event, _)| event.session))),
            "days" => Some(distinct(facts.iter().map(|(event, _)| self.date(event.ts)))),
            other => unreachable!("{other}"),
        }
    }

    fn of_field(&self, measure: &Value, facts: &[Fact<'_>]) -> Option<Found> {
        let (function, field) = measure.as_object().unwrap().iter().next().unwrap();
        let field = field.as_str().unwrap();
        let values: Vec<Found> = facts
            .iter()
            .flat_map(|(event, items)| -> Vec<Found> {
                if field.starts_with("items.") {
                    let values = items
                        .iter()
                        .map(|item| self.value(field, event, Some(item)));
                    return values.flatten().collect();
                }
                self.value(field, event, None).into_iter().collect()
            })
            .collect();
        let numbers = || {
            values.iter().map(|value| match value {
                Found::Number(number) => *number,
                other => unreachable!("{other:?}"),
            })
        };
        let sum = || numbers().sum::<i128>();
        match function.as_str() {
            "sum" => Some(Found::Number(sum())),
            "avg" if values.is_empty() => None,
            "avg" => Some(Found::Average(sum() as f64 / values.len() as f64)),
            "min" => numbers().min().map(Found::Number),
            "max" => numbers().max().map(Found::Number),
            "distinct" => Some(distinct(values.iter().map(|value| match value {
                Found::Text(text) => fold(text),
                Found::Number(number) => number.to_string(),
                Found::Average(_) => unreachable!(),
            }))),
            other => unreachable!("{other}"),
        }
    }

    fn zone(&self) -> TimeZone {
        TimeZone::get(self.zone).unwrap()
    }

    fn date(&self, ts: i64) -> Date {
        Timestamp::from_millisecond(ts)
            .unwrap()
            .to_zoned(self.zone())
            .date()
    }
}

fn field(filter: &Value) -> &str {
    filter["field"].as_str().unwrap()
}

fn is_negated(filter: &Value) -> bool {
    filter["op"] == "ne" || filter["op"] == "not_in"
}

fn groups<'a>(per: &str, facts: &[Fact<'a>]) -> BTreeMap<String, Vec<Fact<'a>>> {
    let mut groups: BTreeMap<String, Vec<Fact<'a>>> = BTreeMap::new();
    for (event, items) in facts {
        if per == "session" {
            groups
                .entry(event.session.to_string())
                .or_default()
                .push((event, items.clone()));
            continue;
        }
        let page = event.texts.get("product").copied().unwrap_or_default();
        let ids = items.iter().map(|item| item.id).chain([page]);
        let ids: BTreeSet<String> = ids.filter(|id| !id.is_empty()).map(fold).collect();
        for id in ids {
            let own = items
                .iter()
                .filter(|item| fold(item.id) == id)
                .copied()
                .collect();
            groups.entry(id).or_default().push((event, own));
        }
    }
    groups
}
