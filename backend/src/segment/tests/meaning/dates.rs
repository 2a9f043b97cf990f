//! Dates and instants of contacts.

use super::super::facts::{Contact, CustomField, FieldKind};
use super::super::truth::World;
use super::{Facts, at, check, contact, duration, event, link, of_contacts, world};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Contacts born on these dates, from 1 on.
fn born(dates: &[&str]) -> Facts {
    let contacts = dates.iter().zip(1..);
    of_contacts(
        contacts
            .map(|(date, n)| Contact {
                id: contact(n),
                birthday: Some(date.parse::<Date>().unwrap()),
                ..Contact::default()
            })
            .collect(),
    )
}

/// Contacts made at these instants, from 1 on.
fn created(instants: &[&str]) -> Facts {
    let contacts = instants.iter().zip(1..);
    of_contacts(
        contacts
            .map(|(instant, n)| Contact {
                id: contact(n),
                created_at: Some(at(instant)),
                ..Contact::default()
            })
            .collect(),
    )
}

fn birthday(op: &str, window: Value) -> Value {
    json!({"kind": "contact", "field": "birthday", "op": op, "window": window})
}

#[track_caller]
fn check_born(dates: &[&str], op: &str, window: Value, expected: &[u64]) {
    let expected: Vec<u64> = expected.iter().map(|n| contact(*n)).collect();
    check(&born(dates), birthday(op, window), &expected);
}

#[test]
fn dates_compare_as_numbers_do() {
    let facts = born(&["1990-01-01", "1990-01-02"]);
    for (op, value, expected) in [
        ("eq", json!("1990-01-01"), &[1][..]),
        ("ne", json!("1990-01-01"), &[2]),
        ("in", json!(["1990-01-02", "1990-01-03"]), &[2]),
        ("not_in", json!(["1990-01-02"]), &[1]),
        ("gt", json!("1990-01-01"), &[2]),
        ("gte", json!("1990-01-01"), &[1, 2]),
        ("lt", json!("1990-01-02"), &[1]),
        ("lte", json!("1990-01-02"), &[1, 2]),
        ("between", json!(["1990-01-02", "1990-01-02"]), &[2]),
    ] {
        let leaf = json!({"kind": "contact", "field": "birthday", "op": op, "value": value});
        let expected: Vec<u64> = expected.iter().map(|n| contact(*n)).collect();
        check(&facts, leaf, &expected);
    }
}

#[test]
fn a_date_is_tested_by_days() {
    let next = json!({"next": duration(7, "day")});
    let dates = ["2026-06-14", "2026-06-15", "2026-06-21", "2026-06-22"];
    check_born(&dates, "in_window", next, &[2, 3]);
    let last = json!({"last": duration(7, "day")});
    let dates = ["2026-06-07", "2026-06-08", "2026-06-14", "2026-06-15"];
    check_born(&dates, "in_window", last, &[2, 3]);
    let hours = json!({"next": duration(6, "hour")});
    check_born(&["2026-06-15"], "in_window", hours, &[]);
}

#[test]
fn in_window_sees_the_whole_window() {
    let month = json!({"calendar": "this_month"});
    check_born(&["2026-06-30", "2026-07-01"], "in_window", month, &[1]);
    let days = json!({"between": ["2026-06-20", "2026-06-21"]});
    check_born(
        &["2026-06-20", "2026-06-21", "2026-06-22"],
        "in_window",
        days,
        &[1, 2],
    );
    check_born(&["2100-01-01"], "in_window", json!("ever"), &[1]);
}

#[test]
fn contacts_have_calendars_of_the_future() {
    for (name, first, last) in [
        ("tomorrow", "2026-06-16", "2026-06-16"),
        ("next_week", "2026-06-22", "2026-06-28"),
        ("next_month", "2026-07-01", "2026-07-31"),
        ("next_year", "2027-01-01", "2027-12-31"),
    ] {
        let (first, last): (Date, Date) = (first.parse().unwrap(), last.parse().unwrap());
        let dates = [
            first.yesterday().unwrap(),
            first,
            last,
            last.tomorrow().unwrap(),
        ];
        let dates = dates.map(|date| date.to_string());
        let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
        check_born(&dates, "in_window", json!({"calendar": name}), &[2, 3]);
    }
}

#[test]
fn since_ends_at_as_of_for_dates_too() {
    let mut facts = born(&["2026-06-11", "2026-06-12", "2026-06-14", "2026-06-15"]);
    facts.events = (1..=4)
        .map(|visitor| event(visitor, "search", "2026-06-12T10:00:00Z"))
        .collect();
    facts.identities = (1..=4).map(|n| link(n, contact(n))).collect();
    let since = json!({"since": {"kind": "event", "event": "search"}});
    check(
        &facts,
        birthday("in_window", since.clone()),
        &[contact(2), contact(3)],
    );
    facts.events.clear();
    check(&facts, birthday("in_window", since), &[]);
}

#[test]
fn an_anniversary_is_a_month_and_day_of_whatever_year() {
    let next = json!({"next": duration(7, "day")});
    let dates = [
        "1990-06-14",
        "1990-06-15",
        "1990-06-21",
        "1990-06-22",
        "2040-06-16",
    ];
    check_born(&dates, "anniversary_in", next, &[2, 3, 5]);
}

#[test]
fn an_anniversary_may_lie_over_the_turn_of_the_year() {
    let next = json!({"next": duration(12, "month")});
    check_born(
        &["1990-06-14", "1990-01-02", "1990-06-15"],
        "anniversary_in",
        next,
        &[1, 2, 3],
    );
    let next = json!({"next": duration(8, "month")});
    check_born(
        &["1990-12-31", "1990-01-02", "1990-02-20"],
        "anniversary_in",
        next,
        &[1, 2],
    );
}

#[test]
fn the_leap_day_is_28_february_in_other_years() {
    let day = |date: &str| json!({"between": [date, date]});
    check_born(
        &["1992-02-29", "1992-02-28"],
        "anniversary_in",
        day("2026-02-28"),
        &[1, 2],
    );
    check_born(
        &["1992-02-29", "1992-02-28"],
        "anniversary_in",
        day("2028-02-28"),
        &[2],
    );
    check_born(
        &["1992-02-29", "1992-02-28"],
        "anniversary_in",
        day("2028-02-29"),
        &[1],
    );
}

#[test]
fn created_at_is_an_instant_to_windows() {
    let facts = created(&[
        "2026-06-15T10:59:59Z",
        "2026-06-15T11:00:00Z",
        "2026-06-15T12:00:00Z",
    ]);
    let leaf = json!({"kind": "contact", "field": "created_at", "op": "in_window",
        "window": {"last": duration(1, "hour")}});
    check(&facts, leaf, &[contact(2)]);
}

#[test]
fn created_at_is_its_local_day_to_dates_and_anniversaries() {
    let facts = created(&["2026-06-14T20:59:59Z", "2026-06-14T21:00:00Z"]);
    let world = World {
        zone: "Asia/Jerusalem",
        ..world(&facts)
    };
    let on = json!({"kind": "contact", "field": "created_at", "op": "eq", "value": "2026-06-15"});
    assert_eq!(Vec::from_iter(world.members(&on)), [contact(2)]);
    let anniversary = json!({"kind": "contact", "field": "created_at", "op": "anniversary_in",
        "window": {"calendar": "today"}});
    assert_eq!(Vec::from_iter(world.members(&anniversary)), [contact(2)]);
}

#[test]
fn custom_dates_are_dates() {
    let mut facts = of_contacts(vec![Contact {
        id: contact(1),
        own: json!({"renewal": "2026-06-20"})
            .as_object()
            .unwrap()
            .clone(),
        ..Contact::default()
    }]);
    facts.fields = vec![CustomField {
        name: "renewal",
        kind: FieldKind::Date,
    }];
    let asked = |window: Value| json!({"kind": "contact", "field": "renewal", "op": "in_window", "window": window});
    check(
        &facts,
        asked(json!({"next": duration(6, "day")})),
        &[contact(1)],
    );
    check(&facts, asked(json!({"next": duration(5, "day")})), &[]);
}
