//! What a schema can refuse, it refuses.

use super::{refusal, schema, validator, vocabulary};
use serde_json::{Value, json};

/// Checks that both the schema and the pipeline refuse each.
fn refused(definitions: &[Value]) {
    let validator = validator(&schema(&vocabulary()));
    for definition in definitions {
        assert!(refusal(definition).is_some(), "{definition}");
        assert!(!validator.is_valid(definition), "{definition}");
    }
}

/// A leaf about events with these keys besides.
fn leaf(keys: Value) -> Value {
    let mut leaf = json!({"kind": "event", "event": "page_view"});
    leaf.as_object_mut()
        .unwrap()
        .extend(keys.as_object().unwrap().clone());
    leaf
}

fn filter(field: &str, op: &str, value: Value) -> Value {
    leaf(json!({"where": [{"field": field, "op": op, "value": value}]}))
}

fn contact(field: &str, op: &str, value: Value) -> Value {
    json!({"kind": "contact", "field": field, "op": op, "value": value})
}

#[test]
fn shapes() {
    refused(&[
        json!(null),
        json!([]),
        json!({}),
        json!({"all": []}),
        json!({"all": {}}),
        json!({"and": [leaf(json!({}))]}),
        json!({"all": [leaf(json!({}))], "not": leaf(json!({}))}),
        json!({"kind": "event"}),
        json!({"kind": "event", "event": "any", "all": []}),
        json!({"kind": "event", "event": ["any"]}),
        json!({"kind": "event", "event": []}),
        json!({"kind": "visit"}),
        json!({"kind": "last", "of": "visit"}),
        json!({"kind": "last", "of": {"kind": "cart", "state": "abandoned"}, "window": "ever"}),
        json!({"kind": "cart"}),
        json!({"kind": "group", "group": "gone"}),
        json!({"kind": "segment", "segment": "Buyers"}),
    ]);
}

#[test]
fn filters() {
    refused(&[
        leaf(json!({"where": []})),
        filter("hostname", "eq", json!("x")),
        filter("props.", "eq", json!("x")),
        filter("props.a`", "eq", json!("x")),
        filter("props.size", "eq", json!(42)),
        filter("host", "gt", json!("x")),
        filter("host", "matches_path", json!("/x")),
        filter("host", "exists", json!("x")),
        filter("host", "contains", json!("")),
        filter("host", "in", json!("x")),
        filter("host", "in", json!([])),
        filter("host", "in_window", json!("x")),
        filter("dwell_ms", "eq", json!("3")),
        filter("dwell_ms", "between", json!([3])),
        filter("device", "in", json!(["mobile", "phone"])),
        json!({"kind": "cart", "state": "abandoned", "where": [{"field": "host", "op": "exists"}]}),
        json!({"kind": "order", "where": [{"field": "title", "op": "exists"}]}),
        contact("shoe_size", "exists", json!(1)),
        contact("club", "eq", json!("yes")),
        contact("club", "in", json!([true])),
        contact("birthday", "eq", json!("2026-02-30")),
        contact("birthday", "eq", json!("1.1.2026")),
        contact("birthday", "contains", json!("2026")),
        contact("stars", "starts_with", json!("4")),
        json!({"kind": "contact", "field": "city", "op": "in_window", "window": "ever"}),
        json!({"kind": "contact", "field": "birthday", "op": "exists", "window": "ever"}),
    ]);
}

#[test]
fn measures() {
    refused(&[
        leaf(json!({"measure": "sessions"})),
        leaf(json!({"measure": {}})),
        leaf(json!({"measure": {"sum": "title"}})),
        leaf(json!({"measure": {"max": "props.size"}})),
        leaf(json!({"measure": {"sum": "dwell_ms", "avg": "dwell_ms"}})),
        leaf(json!({"event": "any", "measure": {"sum": "dwell_ms"}})),
        leaf(json!({"compare": {"gte": 1, "lte": 2}})),
        leaf(json!({"compare": {"gte": "1"}})),
        leaf(json!({"compare": {"between": [1]}})),
        leaf(json!({"per": "visit"})),
        json!({"kind": "order", "measure": "visits"}),
        json!({"kind": "order", "per": "session"}),
        json!({"kind": "order", "measure": {"distinct": "props.size"}}),
        json!({"kind": "message", "event": "sent", "measure": "count"}),
    ]);
}

#[test]
fn windows() {
    let last = |n: Value, unit: &str| leaf(json!({"window": {"last": {"n": n, "unit": unit}}}));
    let window = |window: Value| leaf(json!({"window": window}));
    refused(&[
        window(json!("always")),
        last(json!(0), "day"),
        last(json!(1.5), "day"),
        last(json!(1827), "day"),
        last(json!(61), "month"),
        last(json!(1), "days"),
        window(json!({"last": {"n": 1}})),
        window(json!({"between": ["2026-02-29", "2026-03-01"]})),
        window(json!({"between": ["2026-03-01"]})),
        window(json!({"next": {"n": 1, "unit": "day"}})),
        window(json!({"calendar": "tomorrow"})),
        window(json!({"calendar": "today", "years_ago": 101})),
        window(json!({"years_ago": 1})),
        window(json!({"since": {"kind": "message", "event": "sent"}})),
        window(json!({"since": {"kind": "order", "window": "ever"}})),
    ]);
}

#[test]
fn sequences() {
    let order = json!({"kind": "order"});
    let sequence = |steps: Value| json!({"kind": "sequence", "steps": steps});
    let second = |step: Value| sequence(json!([{"of": order}, step]));
    refused(&[
        sequence(json!([])),
        sequence(json!(vec![json!({"of": order}); 33])),
        sequence(json!([{"of": order, "absent": true}])),
        sequence(json!([{"of": order, "within": {"n": 1, "unit": "day"}}])),
        sequence(json!([{"of": {"kind": "message", "event": "sent"}}])),
        second(json!({})),
        second(json!({"of": order, "same": []})),
        second(json!({"of": order, "same": ["session"]})),
        second(json!({"of": order, "differs": ["day"]})),
        second(json!({"of": order, "then": true})),
    ]);
}
