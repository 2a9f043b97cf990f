//! What the language means, said a second time: slowly, in memory, straight
//! from the JSON, sharing nothing with the compiler. Definitions are valid.

use super::event::{Event, Item};
use caseless::default_case_fold_str;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;

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

    /// The bounds; `None` is an empty window.
    fn window(&self, window: &Value, trail: &[&Event]) -> Option<(i64, i64)> {
        let now = Timestamp::from_millisecond(self.as_of)
            .unwrap()
            .to_zoned(self.zone());
        let start = |date: Date| {
            let day = date.to_zoned(self.zone()).unwrap().start_of_day().unwrap();
            day.timestamp().as_millisecond()
        };
        let (from, to) = match window {
            Value::Null | Value::String(_) => (i64::MIN, self.as_of),
            window if !window["last"].is_null() => (ago(&now, &window["last"]), self.as_of),
            window if !window["between_ago"].is_null() => {
                let bounds = &window["between_ago"];
                (ago(&now, &bounds[1]), ago(&now, &bounds[0]))
            }
            window if !window["between"].is_null() => {
                let date = |index| {
                    window["between"][index]
                        .as_str()
                        .unwrap()
                        .parse::<Date>()
                        .unwrap()
                };
                (start(date(0)), start(date(1).tomorrow().unwrap()))
            }
            window if !window["since"].is_null() => {
                let such = trail
                    .iter()
                    .filter(|event| self.fact(&window["since"], event).is_some());
                (such.map(|event| event.ts).max()? + 1, self.as_of)
            }
            window => {
                let years = window["years_ago"].as_i64().unwrap_or(0);
                let date = now.date().checked_sub(years.years()).unwrap();
                let inside = self.period(window["calendar"].as_str().unwrap(), date);
                let (first, last) = inside;
                (start(first), start(last.tomorrow().unwrap()))
            }
        };
        Some((from, to.min(self.as_of)))
    }

    /// The first and the last date of a period, found by walking day by day.
    fn period(&self, name: &str, date: Date) -> (Date, Date) {
        let (which, unit) = match name {
            "today" => ("this", "day"),
            "yesterday" => ("last", "day"),
            name => name.split_once('_').unwrap(),
        };
        let same = |one: Date, two: Date| match unit {
            "day" => one == two,
            "week" => self.week_of(one) == self.week_of(two),
            "month" => (one.year(), one.month()) == (two.year(), two.month()),
            "quarter" => (one.year(), (one.month() + 2) / 3) == (two.year(), (two.month() + 2) / 3),
            "year" => one.year() == two.year(),
            other => unreachable!("{other}"),
        };
        let around = |date: Date| {
            let mut first = date;
            while same(first.yesterday().unwrap(), date) {
                first = first.yesterday().unwrap();
            }
            let mut last = date;
            while same(last.tomorrow().unwrap(), date) {
                last = last.tomorrow().unwrap();
            }
            (first, last)
        };
        let this = around(date);
        if which == "this" {
            this
        } else {
            around(this.0.yesterday().unwrap())
        }
    }

    /// The day with which the week of a date began.
    fn week_of(&self, date: Date) -> Date {
        let mut day = date;
        while day.weekday() != self.week_start {
            day = day.yesterday().unwrap();
        }
        day
    }
}

#[derive(Clone, Debug)]
enum Found {
    Text(String),
    Number(i128),
    Average(f64),
}

fn whole(n: usize) -> Found {
    Found::Number(n as i128)
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Found {
    whole(values.collect::<BTreeSet<T>>().len())
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

fn compared(found: Found, compare: &Value) -> bool {
    let Some((how, bound)) = compare
        .as_object()
        .and_then(|compare| compare.iter().next())
    else {
        return order(found, &1.into()).is_ge();
    };
    match how.as_str() {
        "between" => order(found.clone(), &bound[0]).is_ge() && order(found, &bound[1]).is_le(),
        "gte" => order(found, bound).is_ge(),
        "gt" => order(found, bound).is_gt(),
        "lte" => order(found, bound).is_le(),
        "lt" => order(found, bound).is_lt(),
        "eq" => order(found, bound).is_eq(),
        other => unreachable!("{other}"),
    }
}

fn order(found: Found, bound: &Value) -> Ordering {
    match (found, bound.as_i64()) {
        (Found::Number(found), Some(bound)) => found.cmp(&bound.into()),
        (Found::Number(found), None) => (found as f64).total_cmp(&bound.as_f64().unwrap()),
        (Found::Average(found), _) => found.total_cmp(&bound.as_f64().unwrap()),
        (Found::Text(found), _) => unreachable!("{found}"),
    }
}

fn ago(now: &Zoned, duration: &Value) -> i64 {
    let n = duration["n"].as_i64().unwrap();
    let then = match duration["unit"].as_str().unwrap() {
        "minute" => return now.timestamp().as_millisecond() - n * 60_000,
        "hour" => return now.timestamp().as_millisecond() - n * 3_600_000,
        "day" => now.checked_sub(n.days()),
        "week" => now.checked_sub((7 * n).days()),
        "month" => now.checked_sub(n.months()),
        "year" => now.checked_sub((12 * n).months()),
        other => unreachable!("{other}"),
    };
    then.unwrap().timestamp().as_millisecond()
}

pub(super) fn fold(text: &str) -> String {
    let normal: String = text.nfc().collect();
    default_case_fold_str(&normal).nfc().collect()
}

fn matches_path(path: &str, pattern: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**") {
        return tails(path).any(|tail| matches_path(tail, rest));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        let segment = path.find('/').unwrap_or(path.len());
        return tails(&path[..segment])
            .any(|tail| matches_path(&path[segment - tail.len()..], rest));
    }
    match (pattern.chars().next(), path.chars().next()) {
        (None, None) => true,
        (Some(one), Some(two)) if one == two => {
            matches_path(&path[two.len_utf8()..], &pattern[one.len_utf8()..])
        }
        _ => false,
    }
}

/// The text from each of its characters on, and the empty rest.
fn tails(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices()
        .map(|(index, _)| &text[index..])
        .chain([""])
}
