//! Whatever the definition, its sentence says every text, number and date of
//! it, and its brackets and isolates are in order.

use super::generate::definition;
use crate::segment::describe::{Language, Names, describe};
use crate::segment::parse;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::Value;

/// What a sentence must say.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    numbers: Vec<String>,
    dates: Vec<Date>,
}

/// Fields of contacts that have a noun, and need not be called by their names.
const STANDARD: &[&str] = &[
    "city",
    "first_name",
    "source",
    "birthday",
    "anniversary",
    "created_at",
];

impl Said {
    /// All that a node, a filter, a window or a measure says.
    fn of(&mut self, part: &Value) {
        match part {
            Value::Array(parts) => parts.iter().for_each(|part| self.of(part)),
            Value::Object(members) => {
                let field = match &part["measure"] {
                    Value::Object(measure) => measure.values().next().unwrap(),
                    _ => &part["field"],
                };
                let field = field.as_str().unwrap_or_default();
                self.field(part, field);
                for (key, value) in members {
                    match key.as_str() {
                        "value" | "compare" => self.values(value, field),
                        "group" | "segment" | "n" | "years_ago" | "between" => {
                            self.values(value, "")
                        }
                        _ => self.of(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, part: &Value, field: &str) {
        let is_contact = part["kind"] == "contact";
        if let Some(key) = field.strip_prefix("props.") {
            self.texts.push(key.to_owned());
        } else if is_contact && !STANDARD.contains(&field) {
            self.texts.push(field.to_owned());
        }
    }

    /// Values of a field, in the unit in which they are read.
    fn values(&mut self, value: &Value, field: &str) {
        let unit = match field {
            "dwell_ms" => 60_000,
            _ if field.ends_with("_cents") => 100,
            _ => 1,
        };
        match value {
            Value::String(text) => match text.parse() {
                Ok(date) => self.dates.push(date),
                Err(_) => self.texts.push(text.clone()),
            },
            Value::Number(number) => {
                self.numbers
                    .push((number.as_i64().unwrap() / unit).to_string());
            }
            Value::Array(values) => values.iter().for_each(|value| self.values(value, field)),
            Value::Object(members) => {
                members.values().for_each(|value| self.values(value, field));
            }
            _ => {}
        }
    }
}

/// The sentence without what is in isolates, and that; both in order.
fn split(sentence: &str) -> (String, Vec<String>) {
    let (mut plain, mut isolated) = (String::new(), Vec::new());
    let mut open: Option<String> = None;
    for char in sentence.chars() {
        match (char, &mut open) {
            ('\u{2068}', None) => open = Some(String::new()),
            ('\u{2069}', Some(text)) => {
                isolated.push(std::mem::take(text));
                open = None;
            }
            ('\u{2068}' | '\u{2069}', _) => panic!("isolates out of order: {sentence}"),
            (char, Some(text)) => text.push(char),
            (char, None) => plain.push(char),
        }
    }
    assert_eq!(open, None, "an isolate is open: {sentence}");
    (plain, isolated)
}

fn assert_brackets(plain: &str) {
    let mut depth = 0;
    for char in plain.chars() {
        depth += match char {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        assert!(depth >= 0, "a bracket closes nothing: {plain}");
    }
    assert_eq!(depth, 0, "a bracket is open: {plain}");
}

/// Takes each of the expected out of the found.
fn assert_all(mut found: Vec<String>, expected: Vec<String>, sentence: &str) {
    for one in expected {
        let place = found.iter().position(|other| *other == one);
        found.swap_remove(place.unwrap_or_else(|| panic!("no {one} in {sentence}")));
    }
}

fn check(definition: &Value, language: Language) {
    let parsed = parse(definition).unwrap_or_else(|invalid| panic!("{invalid}: {definition}"));
    let names = Names {
        currency: "ILS".to_owned(),
        ..Names::default()
    };
    let sentence = describe(&parsed, &names, language);
    let (mut plain, isolated) = split(&sentence);
    assert_brackets(&plain);
    assert!(
        plain.ends_with('.') && !plain.contains("  ") && !plain.contains("()"),
        "{plain}"
    );

    let mut said = Said::default();
    said.of(definition);
    assert_all(isolated, said.texts, &sentence);
    for date in said.dates {
        let written = match language {
            Language::English => date.to_string(),
            Language::Hebrew => format!("{}.{}.{}", date.day(), date.month(), date.year()),
        };
        assert!(plain.contains(&written), "no {written} in {sentence}");
        plain = plain.replacen(&written, "", 1);
    }
    let numbers = plain
        .split(|c: char| !c.is_ascii_digit())
        .map(str::to_owned);
    assert_all(numbers.collect(), said.numbers, &sentence);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_out(definition in definition()) {
        for language in Language::ALL {
            check(&definition, language);
        }
    }
}
