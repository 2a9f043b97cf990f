//! Leaves of every kind.

use super::super::facts::FieldKind;
use super::filter::{
    Test, bool_test, date_test, number, number_test, of_event, of_items, of_message, of_order,
    sorted, tested, text_test,
};
use super::sequence::sequence;
use super::window::{duration, of_dates, window};
use super::{CONTACT_TEXTS, FIELDS, GENDERS, GROUPS, KINDS, MESSAGE_TYPES, Scene, word};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

pub(super) fn leaf(scene: &Scene) -> BoxedStrategy<Value> {
    prop_oneof![
        5 => event(scene),
        4 => order(scene),
        3 => message(scene),
        2 => last(scene),
        2 => cart(scene),
        3 => contact(scene),
        1 => word(GROUPS).prop_map(|id| json!({"kind": "group", "group": id})),
        4 => sequence(scene),
    ]
    .boxed()
}

/// The leaf with those keys that are given.
pub(super) fn with(
    mut leaf: Value,
    given: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> Value {
    for (key, value) in given {
        if let Some(value) = value {
            leaf[key] = value;
        }
    }
    leaf
}

pub(super) fn bare_event(scene: &Scene) -> BoxedStrategy<Value> {
    (events(), weighted(0.22, of_event(scene)))
        .prop_map(|(event, filters)| {
            with(
                json!({"kind": "event", "event": event}),
                [("where", filters)],
            )
        })
        .boxed()
}

pub(super) fn bare_order(scene: &Scene) -> BoxedStrategy<Value> {
    weighted(0.35, of_order(scene))
        .prop_map(|filters| with(json!({"kind": "order"}), [("where", filters)]))
        .boxed()
}

fn bare_message(scene: &Scene) -> BoxedStrategy<Value> {
    let channel = weighted(0.3, word(&["mail", "mail", "sms", "push"]));
    (types(), channel, weighted(0.3, of_message(scene)))
        .prop_map(|(types, channel, filters)| {
            let leaf = json!({"kind": "message", "event": types});
            with(
                leaf,
                [("channel", channel.map(Value::from)), ("where", filters)],
            )
        })
        .boxed()
}

fn event(scene: &Scene) -> BoxedStrategy<Value> {
    let numbers = ["dwell_ms", "scroll_percent", "value_cents"];
    let texts = ["category", "product", "props.size", "currency", "coupon"];
    let per = select(&["session", "product"][..]).prop_map(Value::from);
    (
        bare_event(scene),
        weighted(
            0.45,
            measure(&["visits", "visits", "count", "days"], &numbers, &texts),
        ),
        weighted(0.2, per),
        weighted(0.5, compare()),
        weighted(0.4, window(scene)),
    )
        .prop_map(|(leaf, measure, per, compare, window)| {
            // Dwell is not to be asked of `any`.
            let is_refused = |measure: &Value| {
                leaf["event"] == "any" && measure.to_string().contains("dwell_ms")
            };
            let measure = measure.filter(|measure| !is_refused(measure));
            with(
                leaf,
                [
                    ("measure", measure),
                    ("per", per),
                    ("compare", compare),
                    ("window", window),
                ],
            )
        })
        .boxed()
}

fn order(scene: &Scene) -> BoxedStrategy<Value> {
    let numbers = ["value_cents", "net_cents", "returns"];
    let texts = ["order_id", "store", "currency", "channel", "coupons"];
    (
        bare_order(scene),
        weighted(0.5, measure(&["count", "days"], &numbers, &texts)),
        weighted(0.2, Just(json!("product"))),
        weighted(0.5, compare()),
        weighted(0.4, window(scene)),
    )
        .prop_map(|(leaf, measure, per, compare, window)| {
            with(
                leaf,
                [
                    ("measure", measure),
                    ("per", per),
                    ("compare", compare),
                    ("window", window),
                ],
            )
        })
        .boxed()
}

fn message(scene: &Scene) -> BoxedStrategy<Value> {
    (
        bare_message(scene),
        weighted(0.35, any::<bool>().prop_map(Value::from)),
        weighted(0.5, compare()),
        weighted(0.4, window(scene)),
    )
        .prop_map(|(leaf, latest, compare, window)| {
            with(
                leaf,
                [("latest", latest), ("compare", compare), ("window", window)],
            )
        })
        .boxed()
}

fn last(scene: &Scene) -> BoxedStrategy<Value> {
    let of = prop_oneof![
        2 => Just(json!("visit")),
        3 => bare_event(scene),
        2 => bare_order(scene),
        1 => bare_message(scene),
    ];
    (of, window(scene))
        .prop_map(|(of, window)| json!({"kind": "last", "of": of, "window": window}))
        .boxed()
}

fn cart(scene: &Scene) -> BoxedStrategy<Value> {
    (
        weighted(0.25, duration()),
        weighted(0.35, of_items(scene)),
        weighted(0.25, window(scene)),
    )
        .prop_map(|(idle, filters, window)| {
            let leaf = json!({"kind": "cart", "state": "abandoned"});
            with(
                leaf,
                [("idle", idle), ("where", filters), ("window", window)],
            )
        })
        .boxed()
}

fn contact(scene: &Scene) -> BoxedStrategy<Value> {
    let tested_field =
        |(field, (op, value))| tested(json!({"kind": "contact", "field": field, "op": op}), value);
    let in_window = (
        select(&["birthday", "anniversary", "created_at", "renewal"][..]),
        select(&["in_window", "anniversary_in"][..]),
        weighted(0.95, of_dates(scene)),
    );
    let in_window = in_window.prop_map(|(field, op, window)| {
        with(
            json!({"kind": "contact", "field": field, "op": op}),
            [("window", window)],
        )
    });
    let own = select(FIELDS).prop_flat_map({
        let scene = scene.clone();
        move |(field, kind)| (Just(field), own_test(&scene, kind))
    });
    let consents = ["consent_mail", "consent_sms", "consent_whatsapp"];
    let dates = ["birthday", "anniversary", "created_at"];
    prop_oneof![
        3 => in_window,
        3 => (word(CONTACT_TEXTS), text_test(&scene.texts)).prop_map(tested_field),
        1 => (Just("gender"), text_test(GENDERS)).prop_map(tested_field),
        1 => (word(&consents), bool_test()).prop_map(tested_field),
        2 => (word(&dates), date_test(&scene.dates)).prop_map(tested_field),
        4 => own.prop_map(tested_field),
    ]
    .boxed()
}

fn own_test(scene: &Scene, kind: FieldKind) -> Test {
    match kind {
        FieldKind::Bool => bool_test(),
        FieldKind::Text | FieldKind::Choice | FieldKind::List => text_test(&scene.texts),
        FieldKind::Date => date_test(&scene.dates),
        FieldKind::Number | FieldKind::Rating => number_test(),
    }
}

fn events() -> BoxedStrategy<Value> {
    prop_oneof![
        2 => Just(json!("any")),
        4 => select(KINDS).prop_map(Value::from),
        2 => prop::collection::vec(select(KINDS), 1..4).prop_map(Value::from),
    ]
    .boxed()
}

fn types() -> BoxedStrategy<Value> {
    prop_oneof![
        2 => word(MESSAGE_TYPES).prop_map(Value::from),
        1 => prop::collection::vec(word(MESSAGE_TYPES), 1..3).prop_map(Value::from),
    ]
    .boxed()
}

fn measure(
    plain: &[&'static str],
    numbers: &[&'static str],
    texts: &[&'static str],
) -> BoxedStrategy<Value> {
    let of_items = ["items.quantity", "items.price_cents", "items.value_cents"];
    let numbers = [numbers, &of_items].concat();
    let any = [&numbers[..], texts, &["items.id", "items.name"]].concat();
    let functions = ["sum", "sum", "avg", "min", "max"];
    prop_oneof![
        2 => word(plain).prop_map(Value::from),
        2 => (word(&functions), word(&numbers))
            .prop_map(|(function, field)| json!({function: field})),
        1 => word(&any).prop_map(|field| json!({"distinct": field})),
    ]
    .boxed()
}

fn compare() -> BoxedStrategy<Value> {
    let number = || prop_oneof![6 => (1..4i64).prop_map(Value::from), 1 => number()];
    let single = ["gte", "gte", "gt", "lte", "lt", "eq"];
    prop_oneof![
        6 => (word(&single), number()).prop_map(|(how, number)| json!({how: number})),
        1 => (number(), number()).prop_map(|(one, two)| json!({"between": sorted(one, two)})),
    ]
    .boxed()
}
