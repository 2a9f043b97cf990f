//! The fields of contacts, each with its operators and values.

use super::super::contact::{ContactField, Kind, fields};
use super::super::fields::Kind as FactKind;
use super::{Vocabulary, entries, entry, filter, part};
use crate::people::field::{Choice, Field, Labels};
use serde_json::{Value, json};

/// A test of each field.
pub(super) fn tests(vocabulary: &Vocabulary) -> Vec<Value> {
    let fields = fields(&vocabulary.fields);
    fields
        .values()
        .map(|field| test(field, vocabulary))
        .collect()
}

fn test(field: &ContactField, vocabulary: &Vocabulary) -> Value {
    let name = field.name.as_str();
    let mut test = part(test_of(field.kind));
    test["title"] = name.into();
    test["properties"] = json!({"field": {"const": name}});
    // The key of a contact is no field of its own.
    if let Some(known) = vocabulary.fields.by_name.get(name) {
        describe(&mut test, name, known);
    }
    let seen = vocabulary.observed.contacts.get(name);
    if let Some(seen) = seen.filter(|_| test.get("x-values").is_none()) {
        test["x-values"] = entries(seen).into();
    }
    test
}

/// The name of the test of fields of contacts of that type: texts and numbers
/// are tested as those of facts.
pub(super) const fn test_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => filter::test_of(FactKind::Text),
        Kind::List => filter::test_of(FactKind::List),
        Kind::Number => filter::test_of(FactKind::Number),
        Kind::Date => "date_test",
        Kind::Instant => "instant_test",
        Kind::Bool => "flag_test",
    }
}

fn describe(test: &mut Value, name: &str, field: &Field) {
    test["title"] = title(name, &field.labels).into();
    test["x-labels"] = json!(field.labels);
    if let Some(scale) = field.scale {
        test["x-scale"] = scale.into();
    }
    if !field.options.is_empty() {
        test["x-values"] = field.options.iter().map(option).collect();
    }
}

fn option(choice: &Choice) -> Value {
    let mut option = entry(&choice.value, title(&choice.value, &choice.labels));
    option["x-labels"] = json!(choice.labels);
    option
}

/// The English label, or else the value itself.
fn title<'a>(value: &'a str, labels: &'a Labels) -> &'a str {
    labels.get("en").map_or(value, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_tested_as_those_of_facts() {
        for (of_contacts, of_facts) in [
            (Kind::Text, FactKind::Text),
            (Kind::List, FactKind::List),
            (Kind::Number, FactKind::Number),
        ] {
            assert_eq!(of_contacts.operators(), of_facts.operators());
        }
    }
}
