//! Words and names that are unknown, or are known and don't fit there.

use super::draft::{Draft, Mutant, mutant};
use super::kind::{Kind, kind};
use super::place::{Role, parent};
use crate::segment::Code;
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    let words = WORDS.iter().map(|role| {
        kind(format!("unknown word of {role:?}"), |draft| {
            unknown_word(draft, *role)
        })
    });
    let names = NAMES.iter().map(|(role, names)| {
        kind(format!("unknown name of {role:?}"), |draft| {
            let place = draft.any(*role)?;
            let name = draft.choose(names);
            Some(draft.put(&place, json!(name), Code::UnknownWord))
        })
    });
    let others = [
        kind("an unlisted value", unlisted_value),
        kind("a field of other facts", field_of_others),
        kind("no field of items in a cart", |draft| {
            let place = draft.place(&[Role::Leaf], |_, leaf| leaf["kind"] == "cart")?;
            let field = draft.choose(&["title", "path", "props.size", "dwell_ms"]);
            let filter = json!([{"field": field, "op": "exists"}]);
            let definition = draft.with_key(&place, "where", filter);
            let wrong = format!("{place}/where/0/field");
            Some(mutant(&definition, &wrong, Code::DoesNotFit))
        }),
        kind("a leaf of another kind", other_kind),
        kind("visits of orders", |draft| {
            of_order(draft, "measure", "visits")
        }),
        kind("orders by session", |draft| {
            of_order(draft, "per", "session")
        }),
        kind("a sum of texts", sum_of_texts),
        kind("dwell of any", dwell_of_any),
        kind("facts ahead", window_ahead),
    ];
    words.chain(names).chain(others).collect()
}

/// Where words of the language stand.
const WORDS: &[Role] = &[
    Role::Kind,
    Role::Events,
    Role::EventType,
    Role::MessageTypes,
    Role::MessageType,
    Role::Channel,
    Role::Op,
    Role::Measure,
    Role::Per,
    Role::Window,
    Role::Unit,
    Role::Period,
    Role::LastOf,
    Role::State,
    Role::Key,
    Role::Group,
    Role::Segment,
];

fn unknown_word(draft: &mut Draft<'_>, role: Role) -> Option<Mutant> {
    let place = draft.place(&[role], |_, value| !value.is_array())?;
    let mut words = ["nonsense", "", "event ", "ANY", "null", "sum"]
        .map(str::to_owned)
        .to_vec();
    if let Some(word) = draft.value(&place).as_str() {
        words.extend([
            format!("{word}s"),
            format!(" {word}"),
            format!("{word}\u{200F}"),
        ]);
    }
    let word = draft.choose(&words);
    Some(draft.put(&place, json!(word), Code::UnknownWord))
}

/// Names of fields that there are not.
const NAMES: &[(Role, &[&str])] = &[
    (Role::Field, UNKNOWN),
    (Role::MeasuredField, UNKNOWN),
    (
        Role::ContactField,
        &[
            "",
            "City",
            "shoe_size",
            "key ",
            "id",
            "props.size",
            "items.id",
        ],
    ),
];
const UNKNOWN: &[&str] = &[
    "",
    "Host",
    "hostname",
    "props.",
    "props",
    "props.a.:`Int64`",
    "items",
    "items.",
    "items.sku",
    "event",
    "ts",
    "session_id",
    "visitor_id",
    "birthday",
];

fn source<'a>(draft: &Draft<'a>, filter: &str) -> &'a Value {
    let leaf = parent(parent(filter));
    &draft.value(leaf)["kind"]
}

/// A value of a field whose values are listed.
fn unlisted_value(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Filter], |_, _| true)?;
    let field = match source(draft, &place).as_str()? {
        "event" => draft.choose(&["channel", "device"]),
        "order" => "channel",
        _ => return None,
    };
    let value = draft.choose(&["", "phone", "e-mail", "desk top", "באינטרנט"]);
    let op = draft.choose(&["eq", "ne", "in", "not_in"]);
    let is_list = op.ends_with("in");
    let given = if is_list {
        json!([value])
    } else {
        json!(value)
    };
    let definition = draft.with(&place, json!({"field": field, "op": op, "value": given}));
    let wrong = format!("{place}/value{}", if is_list { "/0" } else { "" });
    Some(mutant(&definition, &wrong, Code::UnknownWord))
}

/// A field that other facts have.
fn field_of_others(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Filter)?;
    let fields: &[&str] = match source(draft, &place).as_str()? {
        "event" => &[
            "store",
            "coupons",
            "net_cents",
            "returns",
            "campaign",
            "link",
        ],
        "order" => &[
            "category",
            "path",
            "dwell_ms",
            "props.size",
            "topic",
            "coupon",
        ],
        "message" => &[
            "channel",
            "utm_campaign",
            "items.id",
            "order_id",
            "props.size",
        ],
        _ => &["store", "campaign", "coupons"],
    };
    let field = draft.choose(fields);
    Some(draft.set(&place, "field", json!(field), Code::UnknownWord))
}

/// Where only some kinds of leaves fit.
fn other_kind(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Bare, Role::LastOf], |_, value| value.is_object())?;
    let is_last = place.ends_with("/of") && !parent(parent(&place)).ends_with("/steps");
    let mut kinds = vec!["last", "cart", "contact", "group", "segment", "sequence"];
    if !is_last {
        kinds.push("message");
    }
    let kind = draft.choose(&kinds);
    Some(draft.set(&place, "kind", json!(kind), Code::DoesNotFit))
}

fn of_order(draft: &mut Draft<'_>, key: &str, word: &str) -> Option<Mutant> {
    let place = draft.place(&[Role::Leaf], |_, leaf| leaf["kind"] == "order")?;
    Some(draft.set(&place, key, json!(word), Code::DoesNotFit))
}

fn sum_of_texts(draft: &mut Draft<'_>) -> Option<Mutant> {
    let is_measured = |_: &str, leaf: &Value| leaf["kind"] == "order" || leaf["kind"] == "event";
    let place = draft.place(&[Role::Leaf], is_measured)?;
    let fields: &[&str] = match draft.value(&place)["kind"].as_str()? {
        "event" => &["title", "path", "props.size", "items.id", "device"],
        _ => &["coupons", "store", "items.name", "channel"],
    };
    let (field, function) = (
        draft.choose(fields),
        draft.choose(&["sum", "avg", "min", "max"]),
    );
    let definition = draft.with_key(&place, "measure", json!({function: field}));
    let wrong = format!("{place}/measure/{function}");
    Some(mutant(&definition, &wrong, Code::DoesNotFit))
}

fn dwell_of_any(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Leaf], |_, leaf| leaf["event"] == "any")?;
    let function = draft.choose(&["sum", "avg", "min", "max", "distinct"]);
    let definition = draft.with_key(&place, "measure", json!({function: "dwell_ms"}));
    let wrong = format!("{place}/measure/{function}");
    Some(mutant(&definition, &wrong, Code::DoesNotFit))
}

/// A window that dates of contacts alone have.
fn window_ahead(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let of_facts = |pointer: &str, _: &Value| {
        definition.pointer(parent(pointer)).unwrap()["kind"] != "contact"
    };
    let place = draft.place(&[Role::Window], of_facts)?;
    let windows = [
        ("next", json!({"next": {"n": 7, "unit": "day"}})),
        ("calendar", json!({"calendar": "tomorrow"})),
        ("calendar", json!({"calendar": "next_week", "years_ago": 1})),
        ("calendar", json!({"calendar": "next_month"})),
        ("calendar", json!({"calendar": "next_year"})),
    ];
    let (key, window) = draft.choose(&windows);
    let definition = draft.with(&place, window);
    Some(mutant(
        &definition,
        &format!("{place}/{key}"),
        Code::DoesNotFit,
    ))
}
