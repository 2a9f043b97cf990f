//! Which facts: types, and what holds of each.

use super::super::fields::{Field, Source};
use super::super::words::{EventType, LeafKind, MessageChannel, MessageType, Word};
use super::{Part, all, leaf, list_of, part};
use serde_json::{Value, json};

pub(super) fn parts() -> Vec<Part> {
    vec![
        (
            "event_types".to_owned(),
            types::<EventType>("Event types", "What the visitor did."),
        ),
        (
            "message_types".to_owned(),
            types::<MessageType>("Message types", "What became of the message."),
        ),
        ("any_event".to_owned(), any()),
        ("bare_event".to_owned(), bare_event()),
        ("bare_order".to_owned(), bare_order()),
        ("bare_message".to_owned(), bare_message()),
    ]
}

/// One word, or several.
fn types<W: Word>(title: &str, description: &str) -> Value {
    let word = json!({"enum": all::<W>()});
    json!({
        "title": title,
        "description": description,
        "oneOf": [
            {"title": "One", "enum": all::<W>()},
            {"title": "Any of several", "type": "array", "items": word, "minItems": 1},
        ],
    })
}

fn any() -> Value {
    json!({
        "title": "Any event",
        "description": format!("Every type but `{}`.", EventType::Dwell.as_str()),
        "const": "any",
    })
}

fn bare_event() -> Value {
    leaf::leaf(
        LeafKind::Event,
        "Events, and nothing more.",
        &json!({
            "event": {"oneOf": [part("any_event"), part("event_types")]},
            "where": filters("event_filter"),
        }),
        &["event"],
        &json!({"kind": LeafKind::Event.as_str(), "event": EventType::ViewItem.as_str()}),
    )
}

fn bare_order() -> Value {
    leaf::leaf(
        LeafKind::Order,
        "Orders, and nothing more.",
        &json!({"where": filters("order_filter")}),
        &[],
        &json!({"kind": LeafKind::Order.as_str()}),
    )
}

fn bare_message() -> Value {
    leaf::leaf(
        LeafKind::Message,
        "Rows of messages, and nothing more.",
        &of_messages(),
        &["event"],
        &json!({"kind": LeafKind::Message.as_str(), "event": MessageType::Opened.as_str()}),
    )
}

/// What says which rows of messages.
pub(super) fn of_messages() -> Value {
    json!({
        "channel": {
            "description": "On which channel; on any where it is left out.",
            "enum": all::<MessageChannel>(),
        },
        "event": part("message_types"),
        "where": filters("message_filter"),
    })
}

/// What holds of each fact.
pub(super) fn filters(of: &str) -> Value {
    let mut filters = list_of(&part(of));
    filters["description"] = "What holds of each fact; what is asked of `items.*` meets on one \
                              item."
        .into();
    filters
}

/// The named fields of facts from there.
pub(super) fn fields(source: Source) -> Vec<(&'static str, Field)> {
    match source {
        Source::Events => [named(Field::Column), items()].concat(),
        Source::Orders => [named(Field::Order), items()].concat(),
        Source::Messages => named(Field::Message),
    }
}

/// The fields of items.
pub(super) fn items() -> Vec<(&'static str, Field)> {
    named(Field::Item)
}

fn named<W: Word>(field: impl Fn(W) -> Field) -> Vec<(&'static str, Field)> {
    let words = W::ALL.iter().copied();
    words.map(|word| (word.as_str(), field(word))).collect()
}
