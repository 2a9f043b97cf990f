//! Leaves.

use super::super::words::{CartState, LastWord, LeafKind, Per, Word as _};
use super::fact::{filters, of_messages};
use super::{Entry, Part, Vocabulary, all, contact, entries, part};
use serde_json::{Value, json};

pub(super) fn parts(vocabulary: &Vocabulary) -> Vec<Part> {
    let mut leaves = vec![
        (LeafKind::Event, event()),
        (LeafKind::Order, order()),
        (LeafKind::Message, message()),
        (LeafKind::Last, last()),
        (LeafKind::Cart, cart()),
        (LeafKind::Contact, of_contact(vocabulary)),
        (LeafKind::Group, group(&vocabulary.groups)),
        (LeafKind::Segment, segment(&vocabulary.segments)),
    ];
    leaves.retain(|(kind, _)| is_possible(*kind, vocabulary));
    let leaves = leaves.into_iter();
    leaves.map(|(kind, leaf)| (name(kind), leaf)).collect()
}

/// Whether the site has something for such leaves to name.
pub(super) const fn is_possible(kind: LeafKind, vocabulary: &Vocabulary) -> bool {
    match kind {
        LeafKind::Group => !vocabulary.groups.is_empty(),
        LeafKind::Segment => !vocabulary.segments.is_empty(),
        _ => true,
    }
}

/// The name of the part that describes leaves of that kind.
pub(super) fn name(kind: LeafKind) -> String {
    format!("{}_leaf", kind.as_str())
}

/// A leaf of that kind with these keys besides, some of which must be there.
pub(super) fn leaf(
    kind: LeafKind,
    description: &str,
    keys: &Value,
    required: &[&str],
    example: &Value,
) -> Value {
    let required = [&["kind"], required].concat();
    let mut leaf = json!({
        "title": kind.as_str(),
        "description": description,
        "type": "object",
        "properties": keys,
        "required": required,
        "unevaluatedProperties": false,
        "examples": [example],
    });
    leaf["properties"]["kind"] = json!({"const": kind.as_str()});
    leaf
}

fn event() -> Value {
    let mut leaf = leaf(
        LeafKind::Event,
        "What the person did: measured, compared, within a window.",
        &json!({
            "where": filters("event_filter"),
            "per": per(&all::<Per>()),
            "compare": part("compare"),
            "window": part("window"),
        }),
        &["event"],
        &json!({
            "kind": "event", "event": "dwell",
            "where": [{"field": "category", "op": "eq", "value": "Shoes"}],
            "measure": {"sum": "dwell_ms"},
            "compare": {"gte": 600_000},
            "window": {"last": {"n": 1, "unit": "week"}},
        }),
    );
    leaf["oneOf"] = json!([
        {"properties": {"event": part("event_types"), "measure": part("measure_of_events")}},
        {"properties": {"event": part("any_event"), "measure": part("measure_of_any")}},
    ]);
    leaf
}

fn order() -> Value {
    leaf(
        LeafKind::Order,
        "What the person bought: measured, compared, within a window.",
        &json!({
            "where": filters("order_filter"),
            "measure": part("measure_of_orders"),
            "per": per(&[Per::Product.as_str()]),
            "compare": part("compare"),
            "window": part("window"),
        }),
        &[],
        &json!({
            "kind": "order",
            "where": [{"field": "channel", "op": "eq", "value": "store"}],
            "measure": {"sum": "value_cents"},
            "compare": {"gt": 50_000},
            "window": {"last": {"n": 1, "unit": "year"}},
        }),
    )
}

fn per(words: &[&str]) -> Value {
    json!({
        "description": "What the facts are grouped by first; any group may satisfy.",
        "enum": words,
    })
}

fn message() -> Value {
    let mut keys = of_messages();
    keys["latest"] = json!({
        "description": "Whether only rows of the newest message count.",
        "type": "boolean",
        "default": false,
    });
    keys["compare"] = part("compare");
    keys["window"] = part("window");
    leaf(
        LeafKind::Message,
        "What became of messages to the person: how many rows.",
        &keys,
        &["event"],
        &json!({"kind": "message", "channel": "mail", "event": "opened", "latest": true}),
    )
}

fn last() -> Value {
    let visit = json!({
        "title": "A visit",
        "description": "Its time is its start.",
        "const": LastWord::Visit.as_str(),
    });
    leaf(
        LeafKind::Last,
        "When the latest of some facts was.",
        &json!({
            "of": {"oneOf": [visit, part("bare_event"), part("bare_order"), part("bare_message")]},
            "window": part("window"),
        }),
        &["of", "window"],
        &json!({
            "kind": "last", "of": {"kind": "order"},
            "window": {"between_ago": [{"n": 25, "unit": "day"}, {"n": 35, "unit": "day"}]},
        }),
    )
}

fn cart() -> Value {
    leaf(
        LeafKind::Cart,
        "What is left in the cart.",
        &json!({
            "state": {"enum": all::<CartState>()},
            "idle": {
                "description": "For how long nobody cared for it; an hour where it is left out.",
                "$ref": "#/$defs/duration",
            },
            "where": filters("item_filter"),
            "window": part("window"),
        }),
        &["state"],
        &json!({"kind": "cart", "state": CartState::Abandoned.as_str()}),
    )
}

fn of_contact(vocabulary: &Vocabulary) -> Value {
    let mut leaf = leaf(
        LeafKind::Contact,
        "A field of the contact.",
        &json!({}),
        &["field", "op"],
        &json!({
            "kind": "contact", "field": "birthday", "op": "anniversary_in",
            "window": {"next": {"n": 7, "unit": "day"}},
        }),
    );
    leaf["oneOf"] = contact::tests(vocabulary).into();
    leaf
}

fn group(groups: &[Entry]) -> Value {
    named(LeafKind::Group, "The person is in the group.", groups)
}

fn segment(segments: &[Entry]) -> Value {
    named(
        LeafKind::Segment,
        "The person is in another segment.",
        segments,
    )
}

/// A leaf that names one of these, by a key that is as its kind.
fn named(kind: LeafKind, description: &str, known: &[Entry]) -> Value {
    let word = kind.as_str();
    let first = known.first().map(|entry| &entry.value);
    leaf(
        kind,
        description,
        &json!({word: {"oneOf": entries(known)}}),
        &[word],
        &json!({"kind": word, word: first}),
    )
}
