//! Sentences of everything that the language can say.

mod amounts;
mod contacts;
mod events;
mod generate;
mod messages;
mod nothing_left_out;
mod trails;
mod whole;
mod windows;

use super::{Language, Names, describe};
use crate::segment::parse;
use expect_test::Expect;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn names() -> Names {
    let text = |names: &[(&str, &str)]| -> BTreeMap<String, String> {
        let names = names.iter();
        names
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
            .collect()
    };
    Names {
        fields: text(&[("color", "צבע אהוב")]),
        choices: [("color".to_owned(), text(&[("red", "אדום")]))].into(),
        groups: text(&[("g1", "VIP")]),
        segments: text(&[("s1", "חוזרים")]),
        currency: "ILS".to_owned(),
    }
}

/// The sentence of a definition, without isolates, which would not be seen.
fn sentence(definition: &Value, language: Language) -> String {
    let parsed = parse(definition).unwrap_or_else(|invalid| panic!("{invalid}: {definition}"));
    describe(&parsed, &names(), language).replace(['\u{2068}', '\u{2069}'], "")
}

/// The sentences of definitions, in both languages.
fn check(definitions: &[Value], expected: &Expect) {
    let mut read = String::new();
    for definition in definitions {
        for language in Language::ALL {
            read.push_str(&sentence(definition, language));
            read.push('\n');
        }
    }
    expected.assert_eq(&read);
}

fn buy(rest: &Value) -> Value {
    merged(json!({"kind": "order"}), rest)
}

fn event(event: &str, rest: &Value) -> Value {
    merged(json!({"kind": "event", "event": event}), rest)
}

fn merged(mut leaf: Value, rest: &Value) -> Value {
    for (key, value) in rest.as_object().unwrap() {
        leaf[key] = value.clone();
    }
    leaf
}

fn not(node: Value) -> Value {
    json!({"not": node})
}

fn filter(field: &str, op: &str, value: Value) -> Value {
    json!({"where": [{"field": field, "op": op, "value": value}]})
}

fn duration(n: i32, unit: &str) -> Value {
    json!({"n": n, "unit": unit})
}
