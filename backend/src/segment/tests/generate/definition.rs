//! What is asked: every kind of node, filter, measure, comparison and window.

use super::{CHANNELS, COLUMNS, CURRENCIES, KEYS, KINDS, PATHS, Texts};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const PATTERNS: &[&str] = &[
    "/shoes/*",
    "/Shoes/**",
    "/a/**/b",
    "/a/*/b",
    "**",
    "*",
    "/*",
    "*/b",
    "/s*s/7**",
    "/נעל*/**",
    "/STRASSE*",
    "/straße?html",
    "/shoes",
    "**/7/*",
];

pub(super) fn definition(texts: Texts) -> impl Strategy<Value = Value> {
    leaf(texts).prop_recursive(2, 6, 3, |node| {
        let nodes = || prop::collection::vec(node.clone(), 1..4);
        prop_oneof![
            nodes().prop_map(|nodes| json!({"all": nodes})),
            nodes().prop_map(|nodes| json!({"any": nodes})),
            node.prop_map(|node| json!({"not": node})),
        ]
    })
}

fn leaf(texts: Texts) -> impl Strategy<Value = Value> {
    let parts = (
        events(),
        prop::option::weighted(0.4, filters(texts)),
        prop::option::of(measure()),
        prop::option::weighted(0.25, select(&["session", "product"][..])),
        prop::option::weighted(0.7, compare()),
        prop::option::weighted(0.6, window(texts)),
    );
    parts.prop_map(|(event, filters, measure, per, compare, window)| {
        let mut leaf = json!({"kind": "event", "event": event});
        // Dwell is not to be asked of `any`.
        let measure =
            measure.filter(|measure| event != "any" || !measure.to_string().contains("dwell_ms"));
        let per = per.map(Value::from);
        let given = [
            ("where", filters),
            ("measure", measure),
            ("per", per),
            ("compare", compare),
            ("window", window),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                leaf[key] = value;
            }
        }
        leaf
    })
}

fn events() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(json!("any")),
        3 => select(KINDS).prop_map(Value::from),
        1 => prop::collection::vec(select(KINDS), 1..4).prop_map(Value::from),
    ]
}

fn filters(texts: Texts) -> impl Strategy<Value = Value> {
    prop::collection::vec(filter(texts), 1..3).prop_map(Value::from)
}

fn filter(texts: Texts) -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => text_filter(columns(), &texts),
        2 => text_filter(select(&["items.id", "items.category", "items.brand"][..]).prop_map(str::to_owned), &texts),
        2 => text_filter(select(KEYS).prop_map(|key| format!("props.{key}")), &texts),
        1 => text_filter(Just("path".to_owned()), PATHS),
        1 => text_filter(Just("currency".to_owned()), CURRENCIES),
        1 => chosen(),
        1 => select(PATTERNS)
            .prop_map(|pattern| json!({"field": "path", "op": "matches_path", "value": pattern})),
        3 => number_filter(),
    ]
}

fn columns() -> impl Strategy<Value = String> {
    select(COLUMNS).prop_map(str::to_owned)
}

fn text_filter<F: Strategy<Value = String>>(
    field: F,
    values: &[&'static str],
) -> impl Strategy<Value = Value> + use<F> {
    let values = values.to_vec();
    let one = || prop_oneof![9 => select(values.clone()), 1 => Just("")];
    // A part of a text, from its middle.
    let part = select(values.clone()).prop_filter_map("empty", |text| {
        let parts: Vec<char> = text.chars().collect();
        let part: String = parts[parts.len() / 3..].iter().take(3).collect();
        (!part.is_empty()).then_some(part)
    });
    let test = prop_oneof![
        Just(("exists", None)),
        one().prop_map(|text| ("eq", Some(json!(text)))),
        one().prop_map(|text| ("ne", Some(json!(text)))),
        prop::collection::vec(one(), 1..4).prop_map(|texts| ("in", Some(json!(texts)))),
        prop::collection::vec(one(), 1..4).prop_map(|texts| ("not_in", Some(json!(texts)))),
        part.prop_map(|part| ("contains", Some(json!(part)))),
        select(values.clone())
            .prop_filter_map("empty", |text| text.chars().next())
            .prop_map(|start| ("starts_with", Some(json!(start)))),
    ];
    (field, test).prop_map(|(field, (op, value))| filter_of(&field, op, value))
}

fn chosen() -> impl Strategy<Value = Value> {
    (select(CHANNELS), select(&["eq", "ne"][..]))
        .prop_map(|(channel, op)| json!({"field": "channel", "op": op, "value": channel}))
}

fn number_filter() -> impl Strategy<Value = Value> {
    let fields = [
        "dwell_ms",
        "scroll_percent",
        "value_cents",
        "items.quantity",
        "items.price_cents",
        "items.value_cents",
    ];
    let pair = (number(), number()).prop_map(|(one, two)| sorted(one, two));
    let test = prop_oneof![
        Just(("exists", None)),
        (
            select(&["eq", "ne", "gt", "gte", "lt", "lte"][..]),
            number()
        )
            .prop_map(|(op, number)| (op, Some(number))),
        (
            select(&["in", "not_in"][..]),
            prop::collection::vec(number(), 1..4)
        )
            .prop_map(|(op, numbers)| (op, Some(json!(numbers)))),
        pair.prop_map(|pair| ("between", Some(pair))),
    ];
    (select(fields.to_vec()), test).prop_map(|(field, (op, value))| filter_of(field, op, value))
}

fn filter_of(field: &str, op: &str, value: Option<Value>) -> Value {
    let mut filter = json!({"field": field, "op": op});
    if let Some(value) = value {
        filter["value"] = value;
    }
    filter
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..5i64).prop_map(Value::from),
        4 => (-20..600i64).prop_map(Value::from),
        1 => (0..20i64).prop_map(|half| json!(half as f64 / 2.0)),
        1 => Just(json!(i64::MAX)),
    ]
}

fn sorted(one: Value, two: Value) -> Value {
    if one.as_f64() <= two.as_f64() {
        json!([one, two])
    } else {
        json!([two, one])
    }
}

fn measure() -> impl Strategy<Value = Value> {
    let numbers = [
        "dwell_ms",
        "scroll_percent",
        "value_cents",
        "items.quantity",
        "items.price_cents",
        "items.value_cents",
    ];
    let texts = [
        "category",
        "product",
        "props.size",
        "items.id",
        "items.name",
        "currency",
    ];
    let any = [&numbers[..], &texts[..]].concat();
    prop_oneof![
        2 => select(&["visits", "visits", "count", "days"][..]).prop_map(Value::from),
        1 => (
            select(&["sum", "avg", "min", "max"][..]),
            select(numbers.to_vec())
        )
            .prop_map(|(function, field)| json!({function: field})),
        1 => select(any).prop_map(|field| json!({"distinct": field})),
    ]
}

fn compare() -> impl Strategy<Value = Value> {
    let number = || prop_oneof![3 => (0..5i64).prop_map(Value::from), 2 => number()];
    prop_oneof![
        (select(&["gte", "gt", "lte", "lt", "eq"][..]), number())
            .prop_map(|(how, number)| json!({how: number})),
        (number(), number()).prop_map(|(one, two)| json!({"between": sorted(one, two)})),
    ]
}

fn window(texts: Texts) -> impl Strategy<Value = Value> {
    let periods = [
        "today",
        "yesterday",
        "this_week",
        "last_week",
        "this_month",
        "last_month",
        "this_quarter",
        "last_quarter",
        "this_year",
        "last_year",
    ];
    let dates = [
        "2024-02-28",
        "2024-02-29",
        "2026-03-01",
        "2026-03-27",
        "2026-10-25",
        "2026-11-21",
    ];
    prop_oneof![
        1 => Just(json!("ever")),
        3 => duration().prop_map(|duration| json!({"last": duration})),
        2 => (duration(), duration()).prop_map(|(one, two)| {
            if nominal(&one) <= nominal(&two) {
                json!({"between_ago": [one, two]})
            } else {
                json!({"between_ago": [two, one]})
            }
        }),
        1 => (select(dates.to_vec()), select(dates.to_vec()))
            .prop_map(|(one, two)| json!({"between": [one.min(two), one.max(two)]})),
        3 => (select(periods.to_vec()), prop::option::weighted(0.2, 0..3i64))
            .prop_map(|(period, years_ago)| match years_ago {
                None => json!({"calendar": period}),
                Some(years_ago) => json!({"calendar": period, "years_ago": years_ago}),
            }),
        2 => (events(), prop::option::weighted(0.3, filters(texts))).prop_map(|(event, filters)| {
            let mut bare = json!({"kind": "event", "event": event});
            if let Some(filters) = filters {
                bare["where"] = filters;
            }
            json!({"since": bare})
        }),
    ]
}

fn duration() -> impl Strategy<Value = Value> {
    let durations = [
        (30, "minute"),
        (1, "hour"),
        (24, "hour"),
        (1, "day"),
        (2, "day"),
        (7, "day"),
        (1, "week"),
        (30, "day"),
        (1, "month"),
        (3, "month"),
        (12, "month"),
        (1, "year"),
    ];
    select(durations.to_vec()).prop_map(|(n, unit)| json!({"n": n, "unit": unit}))
}

fn nominal(duration: &Value) -> i64 {
    let minutes = match duration["unit"].as_str().unwrap() {
        "minute" => 1,
        "hour" => 60,
        "day" => 1440,
        "week" => 7 * 1440,
        "month" => 43_830,
        _ => 12 * 43_830,
    };
    duration["n"].as_i64().unwrap() * minutes
}
