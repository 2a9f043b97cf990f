//! Wrong types, keys that are unknown, missing or too many, empty lists.

use super::draft::{Draft, Mutant, escaped, mutant};
use super::kind::{Kind, kind};
use super::place::{Role, parent};
use crate::segment::Code;
use crate::segment::words::{LeafKind, Word as _};
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    let types = TYPES.iter().map(|(role, fitting)| {
        kind(format!("wrong type of {role:?}"), |draft| {
            wrong_type(draft, *role, fitting)
        })
    });
    let unknown = OBJECTS.iter().map(|role| {
        kind(format!("unknown key of {role:?}"), |draft| {
            unknown_key(draft, *role)
        })
    });
    let missing = KEYS
        .iter()
        .map(|(roles, key)| kind(format!("missing {key}"), |draft| missing(draft, roles, key)));
    let empty = LISTS.iter().map(|role| {
        kind(format!("empty {role:?}"), |draft| {
            let place = draft.place(&[*role], |_, value| value.is_array())?;
            Some(draft.put(&place, json!([]), Code::EmptyList))
        })
    });
    let of_others = LeafKind::ALL.iter().map(|of| {
        kind(
            format!("a key of other leaves in {}", of.as_str()),
            |draft| key_of_others(draft, *of),
        )
    });
    let facts = [LeafKind::Event, LeafKind::Order, LeafKind::Message];
    let of_leaves = facts.map(|of| {
        kind(
            format!("a key of leaves in bare {}", of.as_str()),
            move |draft| key_of_leaves(draft, of),
        )
    });
    let others = [
        kind("missing window of last", |draft| {
            let place = draft.place(&[Role::Leaf], |_, leaf| leaf["kind"] == "last")?;
            Some(mutant(
                &draft.without(&place, "window"),
                &place,
                Code::MissingKey,
            ))
        }),
        kind("no kind", no_kind),
        kind("a kind beside a join", kind_beside_join),
        kind("two joins", |draft| {
            two_keys(draft, Role::Join, &["all", "any", "not"])
        }),
        kind("two comparisons", |draft| {
            two_keys(draft, Role::Compare, &["gte", "gt", "lte", "eq"])
        }),
        kind("two functions", |draft| {
            two_keys(draft, Role::Measure, &["sum", "avg", "distinct"])
        }),
        kind("two windows", |draft| {
            two_keys(draft, Role::Window, &["last", "between", "since"])
        }),
        kind("not two", not_two),
    ];
    let kinds = types.chain(unknown).chain(missing).chain(empty);
    kinds
        .chain(of_others)
        .chain(of_leaves)
        .chain(others)
        .collect()
}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Json {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

use Json::{Bool, List, Null, Number, Object, Text};

/// Which types stand in a place.
const TYPES: &[(Role, &[Json])] = &[
    (Role::Nodes, &[List]),
    (Role::Join, &[Object]),
    (Role::Leaf, &[Object]),
    (Role::Bare, &[Object]),
    (Role::Kind, &[Text]),
    (Role::Events, &[Text, List]),
    (Role::EventType, &[Text]),
    (Role::MessageTypes, &[Text, List]),
    (Role::MessageType, &[Text]),
    (Role::Channel, &[Text]),
    (Role::Filters, &[List]),
    (Role::Filter, &[Object]),
    (Role::Field, &[Text]),
    (Role::ContactField, &[Text]),
    (Role::Op, &[Text]),
    (Role::Value, &[Bool, Number, Text, List]),
    (Role::ValueOfList, &[Bool, Number, Text]),
    (Role::Measure, &[Text, Object]),
    (Role::MeasuredField, &[Text]),
    (Role::Per, &[Text]),
    (Role::Compare, &[Object]),
    (Role::Bounds, &[List]),
    (Role::Number, &[Number]),
    (Role::Window, &[Text, Object]),
    (Role::Dates, &[List]),
    (Role::Date, &[Text]),
    (Role::Durations, &[List]),
    (Role::Duration, &[Object]),
    (Role::N, &[Number]),
    (Role::Unit, &[Text]),
    (Role::Period, &[Text]),
    (Role::YearsAgo, &[Number]),
    (Role::LastOf, &[Text, Object]),
    (Role::State, &[Text]),
    (Role::Flag, &[Bool]),
    (Role::Group, &[Text]),
    (Role::Segment, &[Text]),
    (Role::Steps, &[List]),
    (Role::Step, &[Object]),
    (Role::Keys, &[List]),
    (Role::Key, &[Text]),
];

fn wrong_type(draft: &mut Draft<'_>, role: Role, fitting: &[Json]) -> Option<Mutant> {
    let place = draft.any(role)?;
    let others = [
        (Null, json!(null)),
        (Bool, json!(true)),
        (Bool, json!(false)),
        (Number, json!(7)),
        (Number, json!(-0.5)),
        (Text, json!("")),
        (Text, json!("event")),
        (List, json!([])),
        (List, json!(["event", 1])),
        (Object, json!({})),
        (Object, json!({"kind": "order"})),
    ];
    let others = others.into_iter();
    let others = others.filter(|(json, _)| !fitting.contains(json));
    let others: Vec<Value> = others.map(|(_, value)| value).collect();
    let value = draft.choose(&others);
    Some(draft.put(&place, value, Code::WrongType))
}

/// Everything that is an object.
const OBJECTS: &[Role] = &[
    Role::Join,
    Role::Leaf,
    Role::Bare,
    Role::LastOf,
    Role::Filter,
    Role::Measure,
    Role::Compare,
    Role::Window,
    Role::Duration,
    Role::Step,
];

fn unknown_key(draft: &mut Draft<'_>, role: Role) -> Option<Mutant> {
    let place = draft.place(&[role], |_, value| value.is_object())?;
    let key = draft.choose(&[
        "nonsense", "", "a/b", "m~n", "KIND", "מפתח", "within ", "ANY",
    ]);
    let value = draft.choose(&[json!(null), json!("x"), json!([{}])]);
    Some(draft.set(&place, key, value, Code::UnknownKey))
}

/// A key that other leaves have.
fn key_of_others(draft: &mut Draft<'_>, kind: LeafKind) -> Option<Mutant> {
    let place = draft.place(&[Role::Leaf], |_, leaf| leaf["kind"] == kind.as_str())?;
    let day = json!({"n": 1, "unit": "day"});
    let keys = match kind {
        LeafKind::Event => [("latest", json!(true)), ("channel", json!("mail"))],
        LeafKind::Order => [("event", json!("click")), ("latest", json!(true))],
        LeafKind::Message => [("measure", json!("count")), ("per", json!("product"))],
        LeafKind::Last => [("where", json!([])), ("compare", json!({"gte": 1}))],
        LeafKind::Cart => [("compare", json!({"gte": 1})), ("measure", json!("count"))],
        LeafKind::Contact => [("where", json!([])), ("idle", day)],
        LeafKind::Group | LeafKind::Segment => [("window", json!("ever")), ("where", json!([]))],
        LeafKind::Sequence => [("within", day), ("compare", json!({"gte": 1}))],
    };
    let (key, value) = draft.choose(&keys);
    Some(draft.set(&place, key, value, Code::UnknownKey))
}

/// A key that a leaf would have, were it no bare one.
fn key_of_leaves(draft: &mut Draft<'_>, kind: LeafKind) -> Option<Mutant> {
    let is_kind = |_: &str, bare: &Value| bare["kind"] == kind.as_str();
    let place = draft.place(&[Role::Bare, Role::LastOf], is_kind)?;
    let (key, value) = draft.choose(&[
        ("window", json!("ever")),
        ("measure", json!("count")),
        ("per", json!("product")),
        ("compare", json!({"gte": 1})),
        ("latest", json!(true)),
    ]);
    Some(draft.set(&place, key, value, Code::UnknownKey))
}

/// Keys that must be there, and where.
const KEYS: &[(&[Role], &str)] = &[
    (&[Role::Bare, Role::LastOf], "kind"),
    (&[Role::Leaf, Role::Bare, Role::LastOf], "event"),
    (&[Role::Leaf, Role::Step], "of"),
    (&[Role::Leaf], "state"),
    (&[Role::Leaf], "steps"),
    (&[Role::Leaf], "group"),
    (&[Role::Leaf], "segment"),
    (&[Role::Leaf, Role::Filter], "field"),
    (&[Role::Leaf, Role::Filter], "op"),
    (&[Role::Leaf, Role::Filter], "value"),
    (&[Role::Duration], "n"),
    (&[Role::Duration], "unit"),
];

fn missing(draft: &mut Draft<'_>, roles: &[Role], key: &str) -> Option<Mutant> {
    let place = draft.place(roles, |_, value| value.get(key).is_some())?;
    Some(mutant(
        &draft.without(&place, key),
        &place,
        Code::MissingKey,
    ))
}

/// Without its kind it could be a node of any sort: the whole is wrong, or each key.
fn no_kind(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Leaf)?;
    let definition = draft.without(&place, "kind");
    let keys = definition.pointer(&place)?.as_object()?.keys();
    let keys = keys.map(|key| format!("{place}/{key}"));
    Some(Mutant {
        text: definition.to_string(),
        wrong: keys.chain([place.clone()]).collect(),
        codes: vec![Code::MissingKey, Code::UnknownKey],
    })
}

fn kind_beside_join(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Join)?;
    let join = draft.value(&place).as_object()?.keys().next()?;
    let definition = draft.with_key(&place, "kind", json!("order"));
    Some(mutant(
        &definition,
        &format!("{place}/{join}"),
        Code::UnknownKey,
    ))
}

fn is_single(_: &str, value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.len() == 1)
}

/// One key too many: either is.
fn two_keys(draft: &mut Draft<'_>, role: Role, keys: &[&str]) -> Option<Mutant> {
    let place = draft.place(&[role], is_single)?;
    let object = draft.value(&place).as_object()?;
    let first = object.keys().next()?;
    let others: Vec<&str> = keys.iter().copied().filter(|key| key != first).collect();
    let second = draft.choose(&others);
    let definition = draft.with_key(&place, second, object[first].clone());
    let wrong = [first, second].map(|key| format!("{place}/{}", escaped(key)));
    Some(Mutant {
        text: definition.to_string(),
        wrong: wrong.into(),
        codes: vec![Code::UnknownKey],
    })
}

/// Lists.
const LISTS: &[Role] = &[
    Role::Nodes,
    Role::Events,
    Role::MessageTypes,
    Role::Filters,
    Role::Value,
    Role::Steps,
    Role::Keys,
];

/// A list of two that has another length.
fn not_two(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let is_pair = |pointer: &str, _: &Value| {
        !pointer.ends_with("/value")
            || definition.pointer(parent(pointer)).unwrap()["op"] == "between"
    };
    let roles = [Role::Bounds, Role::Dates, Role::Durations, Role::Value];
    let place = draft.place(&roles, is_pair)?;
    let pair = draft.value(&place).as_array()?;
    let (first, second) = (pair[0].clone(), pair[1].clone());
    let lists = [json!([first]), json!([first, second, second])];
    let list = draft.choose(&lists);
    Some(draft.put(&place, list, Code::WrongType))
}
