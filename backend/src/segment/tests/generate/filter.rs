//! Filters of every type of field.

use super::{CHANNELS, COLUMNS, CURRENCIES, KEYS, ORDER_IDS, PATHS, Scene, word};
use jiff::civil::Date;
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

/// An operator with its value, or null where it takes none.
pub(super) type Test = BoxedStrategy<(&'static str, Value)>;

/// The filters of an event leaf.
pub(super) fn of_event(scene: &Scene) -> BoxedStrategy<Value> {
    let texts = &scene.texts;
    let key = select(KEYS).prop_map(|key| format!("props.{key}"));
    let path = select(PATTERNS).prop_map(|pattern| ("matches_path", json!(pattern)));
    let numbers = ["dwell_ms", "scroll_percent", "value_cents", "value_cents"];
    some(prop_oneof![
        4 => filter(named(COLUMNS), text_test(texts)),
        2 => filter(key.boxed(), text_test(texts)),
        1 => filter(named(&["path"]), text_test(PATHS)),
        1 => filter(named(&["path"]), path.boxed()),
        1 => filter(named(&["currency"]), text_test(CURRENCIES)),
        1 => filter(named(&["channel"]), word_test(CHANNELS)),
        1 => filter(named(&["order_id"]), text_test(ORDER_IDS)),
        2 => filter(named(&numbers), number_test()),
        4 => of_item(scene),
    ])
}

/// The filters of an order leaf.
pub(super) fn of_order(scene: &Scene) -> BoxedStrategy<Value> {
    let texts = &scene.texts;
    some(prop_oneof![
        2 => filter(named(&["order_id"]), text_test(ORDER_IDS)),
        2 => filter(named(&["store", "coupons", "coupons"]), text_test(texts)),
        1 => filter(named(&["currency"]), text_test(CURRENCIES)),
        2 => filter(named(&["channel"]), word_test(&["online", "store"])),
        3 => filter(named(&["value_cents", "net_cents", "returns"]), number_test()),
        3 => of_item(scene),
    ])
}

/// The filters of a message leaf.
pub(super) fn of_message(scene: &Scene) -> BoxedStrategy<Value> {
    let fields = named(&["campaign", "link", "topic"]);
    some(filter(fields, text_test(&scene.texts)))
}

/// The filters of a cart leaf.
pub(super) fn of_items(scene: &Scene) -> BoxedStrategy<Value> {
    some(of_item(scene))
}

fn of_item(scene: &Scene) -> BoxedStrategy<Value> {
    let texts = ["items.id", "items.name", "items.category", "items.brand"];
    let numbers = ["items.quantity", "items.price_cents", "items.value_cents"];
    prop_oneof![
        3 => filter(named(&texts), text_test(&scene.texts)),
        2 => filter(named(&numbers), number_test()),
    ]
    .boxed()
}

fn some(filter: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    let filter = filter.boxed();
    prop_oneof![
        3 => prop::collection::vec(filter.clone(), 1),
        1 => prop::collection::vec(filter, 2),
    ]
    .prop_map(Value::from)
    .boxed()
}

fn named(fields: &[&'static str]) -> BoxedStrategy<String> {
    word(fields).prop_map(str::to_owned).boxed()
}

fn filter(field: BoxedStrategy<String>, test: Test) -> BoxedStrategy<Value> {
    (field, test)
        .prop_map(|(field, (op, value))| tested(json!({"field": field, "op": op}), value))
        .boxed()
}

/// The filter or leaf with its value, if there is one.
pub(super) fn tested(mut filter: Value, value: Value) -> Value {
    if !value.is_null() {
        filter["value"] = value;
    }
    filter
}

fn exists() -> Test {
    Just(("exists", Value::Null)).boxed()
}

pub(super) fn text_test(words: &[&'static str]) -> Test {
    let one = || prop_oneof![19 => word(words), 1 => Just("")];
    let some = || prop::collection::vec(one(), 1..4);
    // A part of a text, from its middle.
    let part = word(words).prop_filter_map("empty", |text| {
        let parts: Vec<char> = text.chars().collect();
        let part: String = parts[parts.len() / 3..].iter().take(3).collect();
        (!part.is_empty()).then(|| json!(part))
    });
    let start = word(words).prop_filter_map("empty", |text| {
        let start = text.chars().next();
        start.map(|start| json!(start))
    });
    prop_oneof![
        3 => exists(),
        3 => one().prop_map(|text| ("eq", json!(text))),
        1 => one().prop_map(|text| ("ne", json!(text))),
        3 => some().prop_map(|texts| ("in", json!(texts))),
        1 => some().prop_map(|texts| ("not_in", json!(texts))),
        2 => part.prop_map(|part| ("contains", part)),
        2 => start.prop_map(|start| ("starts_with", start)),
    ]
    .boxed()
}

/// Of a field that takes listed words only.
fn word_test(words: &[&'static str]) -> Test {
    (word(words), select(&["eq", "ne"][..]))
        .prop_map(|(word, op)| (op, json!(word)))
        .boxed()
}

pub(super) fn number_test() -> Test {
    ordered_test(number().boxed(), sorted)
}

pub(super) fn date_test(dates: &[Date]) -> Test {
    let date = select(dates.to_vec()).prop_map(|date| json!(date.to_string()));
    ordered_test(date.boxed(), |one, two| {
        if one.as_str() <= two.as_str() {
            json!([one, two])
        } else {
            json!([two, one])
        }
    })
}

pub(super) fn bool_test() -> Test {
    let asked = (select(&["eq", "ne"][..]), any::<bool>());
    prop_oneof![
        1 => exists(),
        3 => asked.prop_map(|(op, value)| (op, json!(value))),
    ]
    .boxed()
}

fn ordered_test(one: BoxedStrategy<Value>, sorted: fn(Value, Value) -> Value) -> Test {
    let single = ["eq", "ne", "gt", "gte", "gt", "gte", "lt", "lte"];
    let several = ["in", "not_in"];
    let some = prop::collection::vec(one.clone(), 1..4);
    let pair = (one.clone(), one.clone());
    prop_oneof![
        1 => exists(),
        5 => (select(single.to_vec()), one),
        1 => (select(several.to_vec()), some.prop_map(Value::from)),
        1 => pair.prop_map(move |(one, two)| ("between", sorted(one, two))),
    ]
    .boxed()
}

pub(super) fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (0..5i64).prop_map(Value::from),
        5 => (-20..300i64).prop_map(Value::from),
        2 => (0..20i64).prop_map(|half| json!(half as f64 / 2.0)),
        1 => Just(json!(i64::MAX)),
    ]
}

pub(super) fn sorted(one: Value, two: Value) -> Value {
    if one.as_f64() <= two.as_f64() {
        json!([one, two])
    } else {
        json!([two, one])
    }
}
