//! Operators, values, numbers, dates and durations that don't fit.

use super::draft::{Draft, Mutant};
use super::kind::{Kind, beyond_schema, kind};
use super::place::{Role, parent};
use crate::segment::Code;
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    vec![
        kind("an operator of another type", misfit_operator),
        kind("an operator of dates of contacts", windowed_operator),
        kind("a value of another type", misfit_value),
        kind("an element of another type", misfit_element),
        kind("one value for a list", one_for_list),
        kind("a list for one value", list_for_one),
        kind("a value that exists takes none of", |draft| {
            unwanted_value(draft, &["exists"])
        }),
        kind("a value beside a window", |draft| {
            unwanted_value(draft, &["in_window", "anniversary_in"])
        }),
        kind("a window beside a value", unwanted_window),
        kind("an empty text", empty_text),
        kind("no date", no_date),
        kind("a date of a contact that is none", no_date_of_contact),
        kind("a duration of none or less", |draft| {
            duration(draft, &[json!(0), json!(-1), json!(-30.0)])
        }),
        kind("a duration too long", too_long),
        kind("a duration of a fraction", |draft| fraction(draft, Role::N)),
        kind("years out of range", |draft| {
            let value = draft.choose(&[
                json!(-1),
                json!(101),
                json!(i64::MAX),
                json!(-100.0),
                json!(1e20),
                json!(-1e40),
            ]);
            years(draft, value, Code::OutOfRange)
        }),
        kind("a fraction of years", |draft| {
            let value = draft.choose(&[json!(0.5), json!(99.9), json!(-1.5)]);
            years(draft, value, Code::WrongType)
        }),
        beyond_schema("reversed numbers", reversed_numbers),
        beyond_schema("reversed dates", reversed_dates),
        beyond_schema("reversed durations", reversed_durations),
    ]
}

/// The types of fields, as the operators tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Path,
    Number,
    Date,
    Flag,
}

/// The type of the field of a filter or contact leaf.
fn type_of(test: &Value) -> Type {
    const NUMBERS: &[&str] = &[
        "dwell_ms",
        "scroll_percent",
        "value_cents",
        "net_cents",
        "returns",
        "items.quantity",
        "items.price_cents",
        "items.value_cents",
        "points",
        "stars",
    ];
    match test["field"].as_str().unwrap() {
        "path" => Type::Path,
        "birthday" | "anniversary" | "created_at" | "renewal" => Type::Date,
        "vip" | "consent_mail" | "consent_sms" | "consent_whatsapp" => Type::Flag,
        field if NUMBERS.contains(&field) => Type::Number,
        _ => Type::Text,
    }
}

/// What tests a field.
fn test(draft: &mut Draft<'_>, holds: impl Fn(&Value) -> bool) -> Option<String> {
    draft.place(&[Role::Leaf, Role::Filter], |_, value| {
        value.get("op").is_some() && holds(value)
    })
}

fn misfit_operator(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = test(draft, |test| test.get("value").is_some())?;
    let ordered = ["gt", "gte", "lt", "lte", "between"];
    let parts = ["contains", "starts_with"];
    let others: Vec<&str> = match type_of(draft.value(&place)) {
        Type::Text => [&ordered[..], &["matches_path"]].concat(),
        Type::Path => ordered.into(),
        Type::Number | Type::Date => [&parts[..], &["matches_path"]].concat(),
        Type::Flag => [&ordered[..], &parts, &["in", "not_in", "matches_path"]].concat(),
    };
    let op = draft.choose(&others);
    Some(draft.set(&place, "op", json!(op), Code::DoesNotFit))
}

/// Whether there is a value or not: the operator is what doesn't fit.
fn windowed_operator(draft: &mut Draft<'_>) -> Option<Mutant> {
    let is_date = |test: &Value| type_of(test) == Type::Date;
    let place = test(draft, |test| !is_date(test) && test.get("window").is_none())?;
    let op = draft.choose(&["in_window", "anniversary_in"]);
    // In a contact's leaf the value would be wrong too.
    if draft.value(&place).get("kind").is_some() && draft.value(&place).get("value").is_some() {
        return None;
    }
    Some(draft.set(&place, "op", json!(op), Code::DoesNotFit))
}

/// Values of other types than the field's.
fn others(of: Type) -> Vec<Value> {
    match of {
        Type::Text | Type::Path => vec![json!(42), json!(1.5), json!(true)],
        Type::Number => vec![json!("42"), json!(""), json!(false)],
        Type::Date => vec![json!(20_261_121), json!(true)],
        Type::Flag => vec![json!("yes"), json!(1), json!("")],
    }
}

fn misfit_value(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = test(draft, |test| {
        test.get("value").is_some_and(|value| !value.is_array())
    })?;
    let value = draft.choose(&others(type_of(draft.value(&place))));
    Some(draft.set(&place, "value", value, Code::WrongType))
}

fn misfit_element(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::ValueOfList)?;
    let of = type_of(draft.value(parent(parent(&place))));
    let value = draft.choose(&others(of));
    Some(draft.put(&place, value, Code::WrongType))
}

fn one_for_list(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Value], |_, value| value.is_array())?;
    let first = draft.value(&place)[0].clone();
    Some(draft.put(&place, first, Code::WrongType))
}

fn list_for_one(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.place(&[Role::Value], |_, value| !value.is_array())?;
    let list = json!([draft.value(&place)]);
    Some(draft.put(&place, list, Code::WrongType))
}

fn unwanted_value(draft: &mut Draft<'_>, operators: &[&str]) -> Option<Mutant> {
    let takes_none = |test: &Value| operators.contains(&test["op"].as_str().unwrap());
    let place = test(draft, takes_none)?;
    let value = draft.choose(&[
        json!("x"),
        json!(true),
        json!(3),
        json!(["x"]),
        json!("2026-11-21"),
    ]);
    Some(draft.set(&place, "value", value, Code::DoesNotFit))
}

fn unwanted_window(draft: &mut Draft<'_>) -> Option<Mutant> {
    let is_contact =
        |leaf: &Value| leaf["kind"] == "contact" && !leaf["op"].to_string().contains("_in");
    let place = test(draft, |test| is_contact(test) && test["op"] != "in_window")?;
    let window = draft.choose(&[json!("ever"), json!({"last": {"n": 1, "unit": "day"}})]);
    Some(draft.set(&place, "window", window, Code::DoesNotFit))
}

fn empty_text(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = test(draft, |test| {
        ["contains", "starts_with", "matches_path"].contains(&test["op"].as_str().unwrap())
    })?;
    Some(draft.set(&place, "value", json!(""), Code::EmptyText))
}

/// What could be read as a date, and is none.
const NO_DATES: &[&str] = &[
    "",
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-2",
    "26-11-21",
    "21.11.2026",
    "2026-11-21T00:00:00Z",
    "20261121",
    "2026-11-21 ",
    "+2026-11-21",
    "today",
    "٢٠٢٦-11-21",
];

fn no_date(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Date)?;
    let text = draft.choose(NO_DATES);
    Some(draft.put(&place, json!(text), Code::BadDate))
}

fn no_date_of_contact(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let place = draft.place(&[Role::Value, Role::ValueOfList], |pointer, value| {
        let test = pointer.rsplit_once("/value").map(|(test, _)| test);
        value.is_string() && type_of(definition.pointer(test.unwrap()).unwrap()) == Type::Date
    })?;
    let text = draft.choose(NO_DATES);
    Some(draft.put(&place, json!(text), Code::BadDate))
}

fn duration(draft: &mut Draft<'_>, values: &[Value]) -> Option<Mutant> {
    let place = draft.any(Role::N)?;
    let n = draft.choose(values);
    Some(draft.put(&place, n, Code::OutOfRange))
}

fn too_long(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::N)?;
    let one_more = match draft.value(parent(&place))["unit"].as_str()? {
        "minute" => 1826 * 24 * 60 + 1,
        "hour" => 1826 * 24 + 1,
        "day" => 1827,
        "week" => 261,
        "month" => 61,
        _ => 6,
    };
    let values = [
        json!(one_more),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(4_294_967_297i64),
        json!(1e20),
        json!(1e40),
    ];
    let n = draft.choose(&values);
    Some(draft.put(&place, n, Code::OutOfRange))
}

fn fraction(draft: &mut Draft<'_>, role: Role) -> Option<Mutant> {
    let place = draft.any(role)?;
    let value = draft.choose(&[
        json!(0.5),
        json!(1.5),
        json!(-2.5),
        json!(1e-9),
        json!(0.999_999),
    ]);
    Some(draft.put(&place, value, Code::WrongType))
}

fn years(draft: &mut Draft<'_>, years: Value, code: Code) -> Option<Mutant> {
    let place = draft.place(&[Role::Window], |_, window| {
        window.get("calendar").is_some()
    })?;
    Some(draft.set(&place, "years_ago", years, code))
}

fn reversed_numbers(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let is_pair = |pointer: &str, value: &Value| {
        let test = definition.pointer(parent(pointer)).unwrap();
        let is_between = pointer.ends_with("/between") || test["op"] == "between";
        is_between && value[0].is_number()
    };
    let place = draft.place(&[Role::Bounds, Role::Value], is_pair)?;
    let pairs = [
        json!([2, 1]),
        json!([0.5, 0.25]),
        json!([0, -1]),
        json!([u64::MAX, i64::MAX]),
    ];
    let pair = draft.choose(&pairs);
    Some(draft.put(&place, pair, Code::Reversed))
}

fn reversed_dates(draft: &mut Draft<'_>) -> Option<Mutant> {
    let definition = draft.definition;
    let is_pair = |pointer: &str, value: &Value| {
        let test = definition.pointer(parent(pointer)).unwrap();
        let is_between = pointer.ends_with("/between") || test["op"] == "between";
        is_between && value[0].is_string()
    };
    let place = draft.place(&[Role::Dates, Role::Value], is_pair)?;
    let day = draft.choose(&[10, 20, 28]);
    let pair = json!([format!("2026-03-{day}"), format!("2026-03-0{}", day / 10)]);
    Some(draft.put(&place, pair, Code::Reversed))
}

fn reversed_durations(draft: &mut Draft<'_>) -> Option<Mutant> {
    let place = draft.any(Role::Durations)?;
    let duration = |n: i64, unit: &str| json!({"n": n, "unit": unit});
    let pairs = [
        [duration(2, "day"), duration(1, "day")],
        [duration(25, "hour"), duration(1, "day")],
        [duration(1, "month"), duration(30, "day")],
        [duration(1, "year"), duration(365, "day")],
        [duration(53, "week"), duration(12, "month")],
        [duration(3, "month"), duration(13, "week")],
    ];
    let pair = draft.choose(&pairs);
    Some(draft.put(&place, json!(pair), Code::Reversed))
}
