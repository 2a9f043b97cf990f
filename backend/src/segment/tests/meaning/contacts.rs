//! Fields of contacts but for dates, standard and custom.

use super::super::facts::{Contact, CustomField, FieldKind};
use super::{Facts, at, check, contact, event, merge, of_contacts};
use serde_json::{Value, json};

fn of_field(field: &str, op: &str, value: Value) -> Value {
    let mut leaf = json!({"kind": "contact", "field": field, "op": op});
    if !value.is_null() {
        leaf["value"] = value;
    }
    leaf
}

/// One contact for each value of a custom field, from 1 on, and at last one
/// without it.
fn own(kind: FieldKind, values: &[Value]) -> Facts {
    let given = values.iter().zip(1..).map(|(value, n)| Contact {
        id: contact(n),
        own: json!({"own": value}).as_object().unwrap().clone(),
        ..Contact::default()
    });
    let without = Contact {
        id: contact(values.len() as u64 + 1),
        ..Contact::default()
    };
    Facts {
        fields: vec![CustomField { name: "own", kind }],
        ..of_contacts(given.chain([without]).collect())
    }
}

#[track_caller]
fn check_own(kind: FieldKind, values: &[Value], op: &str, value: Value, expected: &[u64]) {
    let expected: Vec<u64> = expected.iter().map(|n| contact(*n)).collect();
    check(&own(kind, values), of_field("own", op, value), &expected);
}

#[test]
fn standard_texts_are_asked_as_texts() {
    let mut facts = of_contacts(vec![Contact {
        id: contact(1),
        texts: [("city", "Haifa"), ("gender", "female")].into(),
        ..Contact::default()
    }]);
    facts.contacts.push(Contact {
        id: contact(2),
        ..Contact::default()
    });
    check(
        &facts,
        of_field("city", "eq", json!("HAIFA")),
        &[contact(1)],
    );
    check(
        &facts,
        of_field("city", "ne", json!("HAIFA")),
        &[contact(2)],
    );
    check(
        &facts,
        of_field("city", "contains", json!("IF")),
        &[contact(1)],
    );
    check(
        &facts,
        of_field("gender", "in", json!(["female", "male"])),
        &[contact(1)],
    );
    check(&facts, of_field("mail", "exists", Value::Null), &[]);
}

#[test]
fn a_consent_that_was_not_given_may_be_unknown() {
    let of = |n, consent_mail| Contact {
        id: contact(n),
        consent_mail,
        consent_sms: Some(true),
        ..Contact::default()
    };
    let facts = of_contacts(vec![of(1, Some(true)), of(2, Some(false)), of(3, None)]);
    check(
        &facts,
        of_field("consent_mail", "eq", json!(false)),
        &[contact(2)],
    );
    check(
        &facts,
        of_field("consent_mail", "ne", json!(true)),
        &[contact(2), contact(3)],
    );
    check(
        &facts,
        of_field("consent_mail", "exists", Value::Null),
        &[contact(1), contact(2)],
    );
    check(
        &facts,
        of_field("consent_whatsapp", "exists", Value::Null),
        &[],
    );
}

#[test]
fn a_visitor_alone_has_no_fields() {
    let facts = super::of_events(vec![event(1, "click", "2026-06-15T10:00:00Z")]);
    check(&facts, of_field("city", "ne", json!("Haifa")), &[1]);
    check(&facts, of_field("city", "exists", Value::Null), &[]);
}

#[test]
fn fields_are_those_of_the_persons_own_row_as_now() {
    let mut facts = of_contacts(vec![Contact {
        id: contact(1),
        created_at: Some(at("2026-07-01T00:00:00Z")),
        texts: [("city", "Haifa")].into(),
        ..Contact::default()
    }]);
    facts.identities = vec![merge(contact(2), contact(1))];
    check(
        &facts,
        of_field("city", "eq", json!("haifa")),
        &[contact(1)],
    );
}

#[test]
fn custom_bools_texts_and_choices() {
    check_own(
        FieldKind::Bool,
        &[json!(true), json!(false)],
        "ne",
        json!(true),
        &[2, 3],
    );
    check_own(
        FieldKind::Text,
        &[json!("A"), json!("")],
        "exists",
        Value::Null,
        &[1],
    );
    check_own(
        FieldKind::Choice,
        &[json!("A"), json!("b")],
        "eq",
        json!("a"),
        &[1],
    );
}

#[test]
fn a_choice_of_several_is_a_list() {
    let lists = [json!(["a", "b"]), json!(["B"]), json!([])];
    check_own(FieldKind::List, &lists, "eq", json!("a"), &[1]);
    check_own(FieldKind::List, &lists, "ne", json!("a"), &[2, 3, 4]);
    check_own(FieldKind::List, &lists, "in", json!(["b", "c"]), &[1, 2]);
    check_own(
        FieldKind::List,
        &lists,
        "not_in",
        json!(["a", "c"]),
        &[2, 3, 4],
    );
    check_own(FieldKind::List, &lists, "exists", Value::Null, &[1, 2]);
}

#[test]
fn custom_numbers_may_have_fractions_and_be_0() {
    let numbers = [json!(0), json!(1.5), json!(-2)];
    check_own(
        FieldKind::Number,
        &numbers,
        "exists",
        Value::Null,
        &[1, 2, 3],
    );
    check_own(FieldKind::Number, &numbers, "eq", json!(1.5), &[2]);
    check_own(FieldKind::Number, &numbers, "lt", json!(1), &[1, 3]);
    check_own(FieldKind::Number, &numbers, "ne", json!(0.0), &[2, 3, 4]);
    check_own(
        FieldKind::Rating,
        &[json!(3), json!(5)],
        "between",
        json!([4, 5]),
        &[2],
    );
}

#[test]
fn a_value_of_another_kind_is_absent() {
    check_own(
        FieldKind::Number,
        &[json!("5"), json!(null)],
        "exists",
        Value::Null,
        &[],
    );
}
