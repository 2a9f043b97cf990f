//! Texts that say something twice, or are no JSON.

use super::draft::{Draft, Mutant};
use super::kind::{Kind, beyond_schema};
use super::place::Role;
use crate::segment::Code;
use proptest::prelude::RngExt as _;
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    vec![
        beyond_schema("a key that stands twice", |draft| {
            twice(draft, str::to_owned)
        }),
        beyond_schema("a key that stands twice in other letters", |draft| {
            twice(draft, in_escapes)
        }),
        beyond_schema("a text that breaks off", |draft| Some(cut_off(draft))),
        beyond_schema("a text with more behind", |draft| {
            let more = draft.choose(&["}", "]", ",", "x", "{}", " null", "\u{0}"]);
            Some(no_json(format!("{}{more}", draft.definition)))
        }),
        beyond_schema("no value of JSON", no_value),
    ]
}

/// An object in whose text a key stands once more, spelt by `spell`.
fn twice(draft: &mut Draft<'_>, spell: fn(&str) -> String) -> Option<Mutant> {
    let place = draft.place(
        &[
            Role::Leaf,
            Role::Bare,
            Role::Filter,
            Role::Duration,
            Role::Step,
        ],
        |_, _| true,
    )?;
    let object = draft.value(&place).as_object()?;
    let keys: Vec<&String> = object.keys().collect();
    let key = draft.choose(&keys);
    let value = draft.choose(&[object[key].clone(), json!(null), json!("other")]);
    let again = format!(r#""{}":{value}"#, spell(key));
    let members = Value::Object(object.clone()).to_string();
    let members = members.strip_prefix('{')?;
    let written = if draft.rng.random() {
        format!("{{{again},{members}")
    } else {
        format!("{},{again}}}", format!("{{{members}").strip_suffix('}')?)
    };
    Some(Mutant {
        text: draft.written(&place, &written),
        wrong: vec![format!("{place}/{key}")],
        codes: vec![Code::DuplicateKey],
    })
}

/// The key's letters as JSON may also write them.
fn in_escapes(key: &str) -> String {
    let letters = key.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    letters.collect()
}

impl Draft<'_> {
    /// The definition's text with another text at a place.
    fn written(&self, pointer: &str, text: &str) -> String {
        const MARK: &str = "a mark that stands nowhere else";
        let marked = self.with(pointer, json!(MARK)).to_string();
        marked.replace(&format!(r#""{MARK}""#), text)
    }
}

/// What is no JSON has no place.
fn no_json(text: String) -> Mutant {
    Mutant {
        text,
        wrong: Vec::new(),
        codes: Vec::new(),
    }
}

fn cut_off(draft: &mut Draft<'_>) -> Mutant {
    let text = draft.definition.to_string();
    let letters: Vec<char> = text.chars().collect();
    let kept = draft.rng.random_range(0..letters.len());
    no_json(letters[..kept].iter().collect())
}

fn no_value(draft: &mut Draft<'_>) -> Option<Mutant> {
    let roles = [
        Role::Number,
        Role::N,
        Role::Kind,
        Role::Value,
        Role::Compare,
        Role::Window,
    ];
    let place = draft.place(&roles, |_, _| true)?;
    let text = draft.choose(&[
        "",
        "'ever'",
        "NaN",
        "Infinity",
        "1e999",
        "01",
        "1.",
        ".5",
        "+1",
        "0x10",
        "undefined",
        "True",
        r#""\x""#,
        r#""\ud800""#,
        "\"\t\"",
        "[1,]",
        r#"{"last":1,}"#,
        "{1:2}",
        "/* */1",
    ]);
    Some(no_json(draft.written(&place, text)))
}
