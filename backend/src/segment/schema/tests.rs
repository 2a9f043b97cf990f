//! The schema against the parser, both ways: what it lets one build is taken,
//! what it refuses is refused. (That it takes what is valid, random definitions
//! tell.)

mod refusals;
mod walk;

use super::super::{Known, Question, SiteSettings, contact, parse, resolve};
use super::*;
use crate::people::field::Field;
use jiff::civil::Weekday;
use jsonschema::{Validator, draft202012};
use std::collections::BTreeSet;

/// A site with something of everything.
fn vocabulary() -> Vocabulary {
    let mut fields = Fields::standard("IL");
    for (name, field) in [
        (
            "club",
            json!({"type": "bool", "labels": {"en": "Club", "he": "מועדון"}}),
        ),
        (
            "likes",
            json!({"type": "choice", "several": true, "options": [{"value": "red"}]}),
        ),
        ("stars", json!({"type": "rating", "scale": 5})),
        ("points", json!({"type": "number"})),
        ("renewal", json!({"type": "date"})),
    ] {
        let field: Field = serde_json::from_value(field).unwrap();
        fields.by_name.insert(name.to_owned(), field);
    }
    let values = |values: &[(&str, &[&str])]| {
        let values = values.iter();
        let values = values.map(|(name, values)| ((*name).to_owned(), named(values)));
        values.collect::<Values>()
    };
    Vocabulary {
        fields,
        groups: named(&["vip", "מועדון"]),
        segments: named(&["buyers"]),
        observed: Observed {
            events: values(&[
                ("category", &["Shoes", "נעליים"]),
                ("props.size", &["42"]),
                ("props.צבע", &[]),
                ("items.id", &["p-1"]),
            ]),
            orders: values(&[("store", &["Haifa"])]),
            messages: values(&[("campaign", &["spring"])]),
            contacts: values(&[("city", &["Givatayim"]), ("gender", &["unseen"])]),
        },
    }
}

fn named(values: &[&str]) -> Vec<Entry> {
    let values = values.iter().map(|value| Entry {
        value: (*value).to_owned(),
        title: format!("The {value}"),
    });
    values.collect()
}

/// What the pipeline says of a definition of that site.
fn refusal(definition: &Value) -> Option<String> {
    let vocabulary = vocabulary();
    let known = Known {
        fields: contact::fields(&vocabulary.fields),
        groups: vocabulary
            .groups
            .into_iter()
            .map(|group| group.value)
            .collect(),
        segments: vocabulary
            .segments
            .into_iter()
            .map(|segment| (segment.value, parse(&json!({"kind": "order"})).unwrap()))
            .collect(),
    };
    let settings = SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS").unwrap();
    let question = Question {
        site: "shop",
        settings: &settings,
        known: &known,
        as_of_ms: 1_795_255_200_000,
    };
    let resolved = parse(definition).and_then(|node| resolve(&node, &question));
    resolved.err().map(|invalid| invalid.to_string())
}

/// What reads definitions by a schema.
fn validator(schema: &Value) -> Validator {
    let options = draft202012::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

#[test]
fn it_is_a_schema() {
    let schema = schema(&vocabulary());
    assert!(draft202012::meta::is_valid(&schema));
    let parts = schema["$defs"].as_object().unwrap();
    let refs: BTreeSet<String> = refs(&schema).into_iter().collect();
    let known: BTreeSet<String> = parts.keys().cloned().collect();
    assert_eq!(refs, known);
}

/// The names of all parts that are referred to.
fn refs(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let within: Vec<&Value> = match schema {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str);
            found.extend(name.and_then(|name| Some(name.strip_prefix("#/$defs/")?.to_owned())));
            object.values().collect()
        }
        Value::Array(list) => list.iter().collect(),
        _ => Vec::new(),
    };
    found.extend(within.into_iter().flat_map(refs));
    found
}

#[test]
fn every_example_is_one() {
    let schema = schema(&vocabulary());
    let parts = schema["$defs"].as_object().unwrap();
    let mut leaves = 0;
    for (name, part) in parts {
        let examples = part.get("examples").and_then(Value::as_array);
        for example in examples.into_iter().flatten() {
            let of_part = json!({"$ref": format!("#/$defs/{name}"), "$defs": parts});
            assert!(validator(&of_part).is_valid(example), "{name}: {example}");
            if name == "node" || name.ends_with("_leaf") {
                assert_eq!(refusal(example), None, "{name}: {example}");
                leaves += 1;
            }
        }
    }
    assert_eq!(leaves, LeafKind::ALL.len() + 1);
}

#[test]
fn a_site_without_groups_and_segments_has_no_such_leaves() {
    let bare = schema(&Vocabulary {
        groups: Vec::new(),
        segments: Vec::new(),
        ..vocabulary()
    });
    let group = json!({"kind": "group", "group": "vip"});
    assert!(draft202012::meta::is_valid(&bare));
    assert!(!validator(&bare).is_valid(&group));
    assert!(validator(&schema(&vocabulary())).is_valid(&group));
}

#[test]
fn values_to_choose_from_are_named() {
    let schema = schema(&vocabulary());
    let alternative = |part: &str, field: &str| {
        let alternatives = schema["$defs"][part]["oneOf"].as_array().unwrap();
        let known = |alternative: &&Value| alternative["properties"]["field"]["const"] == field;
        alternatives.iter().find(known).unwrap().clone()
    };
    assert_eq!(
        alternative("event_filter", "category"),
        json!({
            "$ref": "#/$defs/text_test",
            "title": "category",
            "properties": {"field": {"const": "category"}},
            "x-values": [
                {"const": "Shoes", "title": "The Shoes"},
                {"const": "נעליים", "title": "The נעליים"},
            ],
        })
    );
    assert_eq!(
        alternative("contact_leaf", "club"),
        json!({
            "$ref": "#/$defs/flag_test",
            "title": "Club",
            "x-labels": {"en": "Club", "he": "מועדון"},
            "properties": {"field": {"const": "club"}},
        })
    );
    assert_eq!(alternative("contact_leaf", "stars")["x-scale"], 5);
    // The options of a choice, rather than what was seen.
    let gender = &alternative("contact_leaf", "gender")["x-values"];
    assert_eq!(gender[0]["const"], "female");
    assert_eq!(gender[0]["x-labels"]["he"], "אישה");
    assert_eq!(
        alternative("contact_leaf", "city")["x-values"][0]["const"],
        "Givatayim"
    );
    assert_eq!(
        alternative("item_filter", "items.id")["x-values"][0]["const"],
        "p-1"
    );
    assert_eq!(
        schema["$defs"]["group_leaf"]["properties"]["group"]["oneOf"][1],
        json!({"const": "מועדון", "title": "The מועדון"})
    );
}
