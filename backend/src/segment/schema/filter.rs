//! Tests of fields: the operators of each type, with the values that they take.

use super::super::contact::Kind as ContactKind;
use super::super::fields::{Field, Kind, Source};
use super::super::words::Op;
use super::fact::{fields, items};
use super::{Entry, Observed, Part, Values, ascending, contact, entries, list_of, part, spelt};
use serde_json::{Value, json};

pub(super) fn parts(observed: &Observed) -> Vec<Part> {
    let events = &observed.events;
    let of_facts = |source| named(fields(source), observed.of(source));
    let filters = [
        (
            "event_filter",
            filter(of_facts(Source::Events).chain(props(events))),
        ),
        ("order_filter", filter(of_facts(Source::Orders))),
        ("message_filter", filter(of_facts(Source::Messages))),
        ("item_filter", filter(named(items(), events))),
    ];
    let filters = filters.map(|(name, filter)| (name.to_owned(), filter));
    tests().into_iter().chain(filters).collect()
}

/// The tests of fields of each type.
fn tests() -> Vec<Part> {
    let word = json!({"type": "string"});
    let number = json!({"type": "number"});
    let flag = json!({"type": "boolean"});
    let date = part("date");
    let path = "A path. In `matches_path` `*` stays within a segment, `**` doesn't.";
    let (text, list) = ("Text, whatever its case.", "Texts, any of which may pass.");
    let money = "Money, in cents of the site's currency.";
    let instant = "A moment, compared by its local day.";
    let tests = [
        (
            test_of(Kind::Text),
            text,
            test(Kind::Text.operators(), &word),
        ),
        (
            test_of(Kind::Path),
            path,
            test(Kind::Path.operators(), &word),
        ),
        (
            test_of(Kind::List),
            list,
            test(Kind::List.operators(), &word),
        ),
        (
            test_of(Kind::Number),
            "A number.",
            test(Kind::Number.operators(), &number),
        ),
        (
            test_of(Kind::Money),
            money,
            test(Kind::Money.operators(), &number),
        ),
        (
            contact::test_of(ContactKind::Date),
            "A date.",
            test(ContactKind::Date.operators(), &date),
        ),
        (
            contact::test_of(ContactKind::Instant),
            instant,
            test(ContactKind::Instant.operators(), &date),
        ),
        (
            contact::test_of(ContactKind::Bool),
            "Yes or no.",
            test(ContactKind::Bool.operators(), &flag),
        ),
    ];
    let tests = tests.map(|(name, description, mut test)| {
        test["description"] = description.into();
        (name.to_owned(), test)
    });
    tests.into()
}

/// A test of one of these fields.
fn filter(fields: impl Iterator<Item = Value>) -> Value {
    json!({
        "title": "Filter",
        "description": "A test of a field.",
        "type": "object",
        "required": ["field", "op"],
        "oneOf": fields.collect::<Vec<_>>(),
        "unevaluatedProperties": false,
    })
}

fn named(fields: Vec<(&'static str, Field)>, observed: &Values) -> impl Iterator<Item = Value> {
    fields.into_iter().map(|(name, field)| {
        let seen = observed.get(name).map_or(&[][..], Vec::as_slice);
        match field.choices() {
            None => tested(name, part(test_of(field.kind())), seen),
            Some(choices) => {
                let test = test(field.kind().operators(), &json!({"enum": choices}));
                tested(name, test, seen)
            }
        }
    })
}

/// The name of the test of fields of facts of that type.
pub(super) const fn test_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text_test",
        Kind::Path => "path_test",
        Kind::List => "list_test",
        Kind::Number => "number_test",
        Kind::Money => "money_test",
    }
}

/// A test of the field of that name, with values to choose from.
fn tested(name: &str, mut test: Value, seen: &[Entry]) -> Value {
    test["title"] = name.into();
    test["properties"] = json!({"field": {"const": name}});
    if !seen.is_empty() {
        test["x-values"] = entries(seen).into();
    }
    test
}

/// Properties of events: those that were seen, with their values, and any other.
fn props(observed: &Values) -> Vec<Value> {
    let seen = observed.iter().filter(|(name, _)| is_prop(name));
    let seen = seen.map(|(name, values)| tested(name, part("text_test"), values));
    let mut other = tested("", part("text_test"), &[]);
    let names: Vec<_> = observed.keys().filter(|name| is_prop(name)).collect();
    other["title"] = "Another property".into();
    other["properties"]["field"] = prop_name(&Values::new());
    if !names.is_empty() {
        other["properties"]["field"]["not"] = json!({"enum": names});
    }
    seen.chain([other]).collect()
}

fn is_prop(name: &str) -> bool {
    matches!(Field::named(name, Source::Events), Some(Field::Prop(_)))
}

/// The name of any property, with those that were seen to choose from.
pub(super) fn prop_name(observed: &Values) -> Value {
    let seen: Vec<Entry> = observed
        .keys()
        .filter(|name| is_prop(name))
        .map(|name| Entry {
            value: name.clone(),
            title: String::new(),
        })
        .collect();
    let mut name = json!({
        "title": "A property of the site's own",
        "description": "Its name behind `props.`.",
        "type": "string",
        "pattern": "^props\\.[^`]+$",
    });
    if !seen.is_empty() {
        name["x-values"] = entries(&seen).into();
    }
    name
}

/// What an operator is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Value,
    List,
    Part,
    Bounds,
    Nothing,
    Window,
}

impl Given {
    const ALL: [Self; 6] = [
        Self::Value,
        Self::List,
        Self::Part,
        Self::Bounds,
        Self::Nothing,
        Self::Window,
    ];

    const fn to(op: Op) -> Self {
        match op {
            Op::Eq | Op::Ne | Op::Gt | Op::Gte | Op::Lt | Op::Lte => Self::Value,
            Op::In | Op::NotIn => Self::List,
            Op::Contains | Op::StartsWith | Op::MatchesPath => Self::Part,
            Op::Between => Self::Bounds,
            Op::Exists => Self::Nothing,
            Op::InWindow | Op::AnniversaryIn => Self::Window,
        }
    }

    /// The key besides the operator, and whether it must be there.
    fn key(self, value: &Value) -> Option<(&'static str, Value, bool)> {
        match self {
            Self::Value => Some(("value", value.clone(), true)),
            Self::List => Some(("value", list_of(value), true)),
            Self::Part => Some(("value", json!({"type": "string", "minLength": 1}), true)),
            Self::Bounds => Some(("value", ascending(value), true)),
            Self::Nothing => None,
            Self::Window => Some(("window", part("window_of_dates"), false)),
        }
    }
}

/// A test by one of these operators, where one value is so.
pub(super) fn test(operators: &[Op], value: &Value) -> Value {
    let shapes = Given::ALL.iter().filter_map(|given| {
        let operators = operators.iter().copied();
        let operators: Vec<_> = operators.filter(|op| Given::to(*op) == *given).collect();
        (!operators.is_empty()).then(|| by(*given, operators, value))
    });
    json!({"oneOf": shapes.collect::<Vec<_>>()})
}

fn by(given: Given, operators: Vec<Op>, value: &Value) -> Value {
    let mut shape = json!({
        "properties": {"op": {"enum": spelt(operators)}},
        "required": ["op"],
    });
    if let Some((key, value, is_needed)) = given.key(value) {
        shape["properties"][key] = value;
        if is_needed {
            shape["required"] = json!(["op", key]);
        }
    }
    shape
}
