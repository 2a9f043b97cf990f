//! Windows of every kind.

use super::Scene;
use super::leaf::{bare_event, bare_order};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const PERIODS: &[&str] = &[
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
const FUTURE: &[&str] = &["tomorrow", "next_week", "next_month", "next_year"];

/// A window of facts.
pub(super) fn window(scene: &Scene) -> BoxedStrategy<Value> {
    let dates = || {
        let dates = select(scene.dates.clone());
        dates.prop_map(|date| date.to_string())
    };
    let since = prop_oneof![3 => bare_event(scene), 1 => bare_order(scene)];
    prop_oneof![
        1 => Just(json!("ever")),
        4 => duration().prop_map(|duration| json!({"last": duration})),
        2 => (duration(), duration()).prop_map(|(one, two)| between_ago(one, two)),
        1 => (dates(), dates())
            .prop_map(|(one, two)| json!({"between": [(&one).min(&two), (&one).max(&two)]})),
        3 => calendar(PERIODS),
        2 => since.prop_map(|leaf| json!({"since": leaf})),
    ]
    .boxed()
}

/// A window of a contact's dates.
pub(super) fn of_dates(scene: &Scene) -> BoxedStrategy<Value> {
    prop_oneof![
        4 => window(scene),
        3 => duration().prop_map(|duration| json!({"next": duration})),
        2 => calendar(FUTURE),
    ]
    .boxed()
}

fn calendar(periods: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (select(periods), prop::option::weighted(0.2, 0..3i64)).prop_map(|(period, years_ago)| {
        match years_ago {
            None => json!({"calendar": period}),
            Some(years_ago) => json!({"calendar": period, "years_ago": years_ago}),
        }
    })
}

pub(super) fn duration() -> impl Strategy<Value = Value> {
    let short = [(30, "minute"), (1, "hour"), (24, "hour"), (1, "day")];
    let long = [
        (2, "day"),
        (7, "day"),
        (1, "week"),
        (30, "day"),
        (1, "month"),
        (3, "month"),
        (12, "month"),
        (1, "year"),
    ];
    let one = prop_oneof![1 => select(short.to_vec()), 3 => select(long.to_vec())];
    one.prop_map(|(n, unit)| json!({"n": n, "unit": unit}))
}

fn between_ago(one: Value, two: Value) -> Value {
    if nominal(&one) <= nominal(&two) {
        json!({"between_ago": [one, two]})
    } else {
        json!({"between_ago": [two, one]})
    }
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
