//! Sequences.

use super::super::words::{Key, LeafKind, Word as _};
use super::limits::STEPS;
use super::{Part, all, leaf, list_of, part};
use serde_json::{Value, json};

pub(super) fn parts() -> Vec<Part> {
    vec![
        (leaf::name(LeafKind::Sequence), sequence()),
        ("first_step".to_owned(), first_step()),
        ("step".to_owned(), step()),
    ]
}

fn sequence() -> Value {
    leaf::leaf(
        LeafKind::Sequence,
        "Facts that followed each other, or did not.",
        &json!({
            "steps": {
                "description": "Each step is strictly later than the present one before it.",
                "type": "array",
                "minItems": 1,
                "maxItems": STEPS,
                "prefixItems": [part("first_step")],
                "items": part("step"),
            },
            "window": part("window"),
        }),
        &["steps"],
        &json!({
            "kind": LeafKind::Sequence.as_str(),
            "steps": [
                {"of": {"kind": "event", "event": "view_item"}},
                {
                    "of": {"kind": "event", "event": "add_to_cart"},
                    "within": {"n": 1, "unit": "day"},
                    "same": ["product"],
                },
                {"of": {"kind": "order"}, "absent": true, "within": {"n": 3, "unit": "day"}},
            ],
        }),
    )
}

fn first_step() -> Value {
    json!({
        "title": "First step",
        "description": "Facts that are there.",
        "type": "object",
        "properties": {
            "of": {"oneOf": [part("bare_event"), part("bare_order")]},
            "absent": {"const": false},
        },
        "required": ["of"],
        "additionalProperties": false,
    })
}

fn step() -> Value {
    let orders: Vec<_> = Key::ALL
        .iter()
        .filter(|key| **key != Key::Session)
        .collect();
    let orders: Vec<_> = orders.into_iter().map(|key| key.as_str()).collect();
    json!({
        "title": "Step",
        "description": "Facts that are there, or not, after those of the present step before.",
        "type": "object",
        "properties": {
            "within": {
                "description": "How soon after the present step before.",
                "$ref": "#/$defs/duration",
            },
            "absent": {
                "description": "Whether there are none, up to the next present step.",
                "type": "boolean",
                "default": false,
            },
        },
        "required": ["of"],
        "oneOf": [of("bare_event", &all::<Key>()), of("bare_order", &orders)],
        "unevaluatedProperties": false,
    })
}

/// A step of such facts, which may be compared by these keys.
fn of(facts: &str, keys: &[&str]) -> Value {
    let keys = list_of(&json!({"enum": keys}));
    json!({"properties": {"of": part(facts), "same": keys, "differs": keys}})
}
