//! Random definitions of every kind of node. Their numbers are at least 3,
//! because fewer have words of their own; money is in whole units and time
//! spent in minutes, so that a number is read as it is written.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const TEXTS: &[&str] = &["Shoes", "נעליים", "a (b", "10% off)", "כ\"ג", "x, and y"];
const EVENTS: &[&str] = &[
    "page_view",
    "dwell",
    "click",
    "search",
    "view_item",
    "add_to_cart",
    "purchase",
    "custom",
];
const EVENT_TEXTS: &[&str] = &[
    "title",
    "category",
    "product",
    "search_term",
    "name",
    "coupon",
    "props.size",
    "props.a b",
    "items.id",
    "items.category",
    "items.brand",
];
const ORDER_TEXTS: &[&str] = &["store", "coupons", "order_id", "items.id", "items.category"];
const MESSAGE_TEXTS: &[&str] = &["campaign", "link", "topic"];
const CONTACT_TEXTS: &[&str] = &["city", "first_name", "source", "likes", "note"];
const UNITS: &[&str] = &["minute", "hour", "day", "week", "month"];

type Json = BoxedStrategy<Value>;

fn text() -> Json {
    select(TEXTS).prop_map(Value::from).boxed()
}

fn number(times: i64) -> Json {
    (3..60_i64).prop_map(move |n| json!(n * times)).boxed()
}

fn duration() -> Json {
    (3..60, select(UNITS))
        .prop_map(|(n, unit)| json!({"n": n, "unit": unit}))
        .boxed()
}

fn date() -> Json {
    (1900..2100, 1..13, 1..29)
        .prop_map(|(year, month, day)| json!(format!("{year:04}-{month:02}-{day:02}")))
        .boxed()
}

/// The leaf with those keys that are given.
fn with<const N: usize>(mut leaf: Value, given: [(&str, Option<Value>); N]) -> Value {
    for (key, value) in given {
        if let Some(value) = value {
            leaf[key] = value;
        }
    }
    leaf
}

fn maybe(value: Json) -> BoxedStrategy<Option<Value>> {
    prop::option::weighted(0.4, value).boxed()
}

fn compared(of: Json) -> Json {
    let one = select(&["gte", "gt", "lte", "lt", "eq"][..]);
    prop_oneof![
        4 => (one, of.clone()).prop_map(|(by, n)| json!({by: n})),
        1 => (of.clone(), of).prop_map(|(one, two)| {
            let (least, most) = ordered(one, two);
            json!({"between": [least, most]})
        }),
    ]
    .boxed()
}

fn ordered(one: Value, two: Value) -> (Value, Value) {
    if one.as_i64() <= two.as_i64() {
        (one, two)
    } else {
        (two, one)
    }
}

fn text_test() -> BoxedStrategy<(&'static str, Value)> {
    let one = select(&["eq", "ne", "contains", "starts_with"][..]);
    let list = select(&["in", "not_in"][..]);
    prop_oneof![
        3 => (one, text()),
        1 => (list, prop::collection::vec(text(), 1..4).prop_map(Value::from)),
    ]
    .boxed()
}

fn number_test(of: Json) -> BoxedStrategy<(&'static str, Value)> {
    let one = select(&["eq", "ne", "gt", "gte", "lt", "lte"][..]);
    prop_oneof![
        3 => (one, of.clone()),
        1 => (of.clone(), of).prop_map(|(one, two)| {
            let (least, most) = ordered(one, two);
            ("between", json!([least, most]))
        }),
    ]
    .boxed()
}

fn filters(texts: &'static [&'static str], money: &'static [&'static str]) -> Json {
    let mut tests = vec![(select(texts), text_test()).boxed()];
    if !money.is_empty() {
        tests.push((select(money), number_test(number(100))).boxed());
    }
    let filter = prop::strategy::Union::new(tests)
        .prop_map(|(field, (op, value))| json!({"field": field, "op": op, "value": value}));
    prop::collection::vec(filter, 1..4)
        .prop_map(Value::from)
        .boxed()
}

fn bare_event() -> Json {
    let types = prop_oneof![
        1 => Just(json!("any")),
        4 => select(EVENTS).prop_map(Value::from),
        1 => prop::collection::vec(select(EVENTS), 2..4).prop_map(Value::from),
    ];
    (
        types,
        maybe(filters(EVENT_TEXTS, &["value_cents", "items.price_cents"])),
    )
        .prop_map(|(event, filters)| {
            with(
                json!({"kind": "event", "event": event}),
                [("where", filters)],
            )
        })
        .boxed()
}

fn bare_order() -> Json {
    maybe(filters(ORDER_TEXTS, &["net_cents"]))
        .prop_map(|filters| with(json!({"kind": "order"}), [("where", filters)]))
        .boxed()
}

fn bare_message() -> Json {
    let types = select(&["sent", "delivered", "opened", "clicked", "read", "bounced"][..]);
    let channel = maybe(
        select(&["mail", "sms", "whatsapp", "push"][..])
            .prop_map(Value::from)
            .boxed(),
    );
    (
        prop::collection::vec(types, 1..3),
        channel,
        maybe(filters(MESSAGE_TEXTS, &[])),
    )
        .prop_map(|(types, channel, filters)| {
            let leaf = json!({"kind": "message", "event": types});
            with(leaf, [("channel", channel), ("where", filters)])
        })
        .boxed()
}

fn window() -> Json {
    let since = prop_oneof![bare_event(), bare_order()];
    let periods = &[
        "today",
        "yesterday",
        "this_week",
        "last_month",
        "this_quarter",
        "last_year",
    ];
    prop_oneof![
        3 => duration().prop_map(|last| json!({"last": last})),
        1 => (3..30, 30..60, select(UNITS)).prop_map(|(near, far, unit)| {
            json!({"between_ago": [{"n": near, "unit": unit}, {"n": far, "unit": unit}]})
        }),
        1 => (3..24, 4..5).prop_map(|(near, far)| {
            json!({"between_ago": [{"n": near, "unit": "hour"}, {"n": far, "unit": "year"}]})
        }),
        1 => (date(), date()).prop_map(|(one, two)| {
            let (first, last) = if one.as_str() <= two.as_str() { (one, two) } else { (two, one) };
            json!({"between": [first, last]})
        }),
        1 => (select(&periods[..]), 3..100).prop_map(|(period, years)| {
            json!({"calendar": period, "years_ago": years})
        }),
        1 => since.prop_map(|since| json!({"since": since})),
    ]
    .boxed()
}

/// A measure and what it is compared with.
fn measured(money: &'static str, counts: &'static [&'static str]) -> BoxedStrategy<(Value, Value)> {
    let function = || select(&["sum", "avg", "min", "max"][..]);
    let of = move |function: &str, field: &str| json!({function: field});
    prop_oneof![
        (select(counts).prop_map(Value::from), compared(number(1))),
        (
            function().prop_map(move |f| of(f, money)),
            compared(number(100))
        ),
        (
            function().prop_map(move |f| of(f, "items.quantity")),
            compared(number(1))
        ),
        (
            Just(json!({"distinct": "items.category"})),
            compared(number(1))
        ),
    ]
    .boxed()
}

fn facts() -> Json {
    let event = (
        bare_event(),
        measured("value_cents", &["count", "visits", "days"]),
    );
    let order = (bare_order(), measured("net_cents", &["count", "days"]));
    let dwell = compared(number(60_000)).prop_map(|compare| {
        let dwell = json!({"kind": "event", "event": "dwell"});
        (dwell, (json!({"sum": "dwell_ms"}), compare))
    });
    let per = maybe(Just(json!("product")).boxed());
    let leaf = prop_oneof![2 => event, 2 => order, 1 => dwell];
    (leaf, per, maybe(window()))
        .prop_map(|((leaf, (measure, compare)), per, window)| {
            with(
                leaf,
                [
                    ("measure", Some(measure)),
                    ("compare", Some(compare)),
                    ("per", per),
                    ("window", window),
                ],
            )
        })
        .boxed()
}

fn message() -> Json {
    let latest = maybe(any::<bool>().prop_map(Value::from).boxed());
    (
        bare_message(),
        latest,
        maybe(compared(number(1))),
        maybe(window()),
    )
        .prop_map(|(leaf, latest, compare, window)| {
            with(
                leaf,
                [("latest", latest), ("compare", compare), ("window", window)],
            )
        })
        .boxed()
}

fn contact() -> Json {
    let texts = (select(CONTACT_TEXTS), text_test());
    let numbers = (Just("stars"), number_test(number(1)));
    let days = select(&["gt", "gte", "lt", "lte"][..]);
    let dates = (select(&["birthday", "renewal"][..]), (days, date()));
    let tested = prop_oneof![texts, numbers, dates].prop_map(
        |(field, (op, value))| json!({"kind": "contact", "field": field, "op": op, "value": value}),
    );
    let windows = prop_oneof![window(), duration().prop_map(|next| json!({"next": next}))];
    let fields = select(&["birthday", "anniversary", "created_at", "renewal"][..]);
    let ops = select(&["in_window", "anniversary_in"][..]);
    let dated = (fields, ops, windows).prop_map(|(field, op, window)| {
        json!({"kind": "contact", "field": field, "op": op, "window": window})
    });
    prop_oneof![2 => tested, 1 => dated].boxed()
}

fn sequence() -> Json {
    let bare = prop_oneof![2 => bare_event(), 1 => bare_order()].boxed();
    let step = (bare.clone(), duration(), any::<bool>(), select(&["same", "differs"][..]))
        .prop_map(|(of, within, absent, key)| {
            json!({"of": of, "within": within, "absent": absent, key: ["product"]})
        });
    (bare, prop::collection::vec(step, 0..4), maybe(window()))
        .prop_map(|(first, then, window)| {
            let steps: Vec<Value> = std::iter::once(json!({"of": first})).chain(then).collect();
            with(
                json!({"kind": "sequence", "steps": steps}),
                [("window", window)],
            )
        })
        .boxed()
}

fn leaf() -> Json {
    let last = prop_oneof![
        Just(json!("visit")),
        bare_event(),
        bare_order(),
        bare_message()
    ];
    let last = (last, window())
        .prop_map(|(of, window)| json!({"kind": "last", "of": of, "window": window}));
    let items = maybe(filters(&["items.id", "items.name"], &["items.price_cents"]));
    let cart = (maybe(duration()), items, maybe(window())).prop_map(|(idle, filters, window)| {
        let leaf = json!({"kind": "cart", "state": "abandoned"});
        with(
            leaf,
            [("idle", idle), ("where", filters), ("window", window)],
        )
    });
    prop_oneof![
        4 => facts(),
        2 => message(),
        1 => last,
        1 => cart,
        2 => contact(),
        1 => text().prop_map(|id| json!({"kind": "group", "group": id})),
        1 => text().prop_map(|id| json!({"kind": "segment", "segment": id})),
        2 => sequence(),
    ]
    .boxed()
}

/// A definition of up to five levels.
pub(super) fn definition() -> Json {
    leaf()
        .prop_recursive(4, 10, 3, |node| {
            let nodes = || prop::collection::vec(node.clone(), 1..4);
            prop_oneof![
                2 => nodes().prop_map(|nodes| json!({"all": nodes})),
                2 => nodes().prop_map(|nodes| json!({"any": nodes})),
                1 => node.prop_map(|node| json!({"not": node})),
            ]
        })
        .boxed()
}
