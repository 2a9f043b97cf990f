use super::*;
use crate::segment::{Known, Question, contact, parse, resolve};
use expect_test::{Expect, expect};
use jiff::civil::Weekday;
use serde_json::{Value, json};

fn check(definition: &Value, from: &str, to: &str, expected: Expect) {
    expected.assert_eq(&moved(definition, from, to));
}

/// What moves for a definition between two moments in Jerusalem.
fn moved(definition: &Value, from: &str, to: &str) -> String {
    let settings = SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS").unwrap();
    let known = Known {
        fields: contact::fields(&crate::people::field::Fields::standard("IL")),
        ..Known::default()
    };
    let ms = |text: &str| {
        let moment: jiff::Timestamp = text.parse().unwrap();
        moment.as_millisecond()
    };
    let as_of_ms = (ms(from), ms(to));
    let definition = parse(definition).unwrap();
    let resolved = |as_of_ms| {
        let question = Question {
            site: "shop",
            settings: &settings,
            known: &known,
            as_of_ms,
        };
        resolve(&definition, &question).unwrap()
    };
    let edges = edges(
        &resolved(as_of_ms.0),
        &resolved(as_of_ms.1),
        as_of_ms,
        &settings,
    );
    let at = |ms| jiff::Timestamp::from_millisecond(ms).unwrap();
    let lines = edges.stretches.iter().flat_map(|(table, stretches)| {
        stretches.iter().map(move |one| {
            let (from, to) = (at(one.from_ms), at(one.to_ms));
            format!("{table:?} {from} {to} {:?}", one.types)
        })
    });
    let mut lines: Vec<String> = lines.collect();
    let leaving = edges.leaving.iter().flat_map(|(table, stretches)| {
        stretches.iter().map(move |(one, places)| {
            let (from, to) = (at(one.from_ms), at(one.to_ms));
            format!("{table:?} {from} {to} {:?} leave {places:?}", one.types)
        })
    });
    lines.extend(leaving);
    lines.extend(edges.whole.iter().map(|place| format!("whole {place}")));
    lines.join("\n")
}

const AT: &str = "2026-11-22T10:00:00Z";
const THEN: &str = "2026-11-22T10:00:20Z";

#[test]
fn a_window_lets_go_where_its_bounds_move() {
    let days = json!({"n": 30, "unit": "day"});
    let click = json!({"kind": "event", "event": "click", "window": {"last": days}});
    // Before the clocks went back noon was an hour earlier.
    check(
        &click,
        AT,
        THEN,
        expect!["Events 2026-10-23T09:00:00Z 2026-10-23T09:00:20Z Some({Click}) leave {0}"],
    );
    let ever = json!({"all": [{"kind": "order"}, {"not": {"kind": "event", "event": "share"}}]});
    check(&ever, AT, THEN, expect![""]);
}

#[test]
fn of_some_leaves_only_members_go() {
    let days = json!({"last": {"n": 30, "unit": "day"}});
    let clicks = |compare: Value| json!({"kind": "event", "event": "click", "window": days, "compare": compare});
    let from = "Events 2026-10-23T09:00:00Z 2026-10-23T09:00:20Z Some({Click})";
    let leave = format!("{from} leave {{0}}");
    for (definition, told) in [
        (clicks(json!({"gte": 2})), &*leave),
        (clicks(json!({"lt": 2})), from),
        (clicks(json!({"between": [1, 2]})), from),
        (json!({"not": clicks(json!({"gte": 2}))}), from),
        (json!({"not": {"not": clicks(json!({"gte": 2}))}}), &*leave),
    ] {
        assert_eq!(moved(&definition, AT, THEN), told, "{definition}");
    }
}

#[test]
fn a_day_ends_at_midnight() {
    let today = json!({"kind": "order", "window": {"calendar": "today"}});
    check(&today, AT, THEN, expect![""]);
    check(
        &today,
        "2026-11-22T21:59:50Z",
        "2026-11-22T22:00:10Z",
        expect!["Orders 2026-11-21T22:00:00Z 2026-11-22T22:00:00Z None"],
    );
    let birthday = json!({"kind": "contact", "field": "birthday", "op": "anniversary_in",
        "window": {"calendar": "today"}});
    check(&birthday, AT, THEN, expect![""]);
    check(
        &birthday,
        "2026-11-22T21:59:50Z",
        "2026-11-22T22:00:10Z",
        expect!["whole 0"],
    );
}

#[test]
fn nothing_that_follows_is_waited_for() {
    let step = |event: &str| json!({"of": {"kind": "event", "event": event}});
    let mut absent = step("purchase");
    absent["absent"] = json!(true);
    absent["within"] = json!({"n": 1, "unit": "hour"});
    let sequence = json!({"kind": "sequence", "steps": [step("add_to_cart"), absent]});
    check(
        &sequence,
        AT,
        THEN,
        expect!["Events 2026-11-22T09:00:00.001Z 2026-11-22T09:00:20.001Z Some({AddToCart})"],
    );
    // Four days of January are a month before the last day of February.
    let mut month = sequence;
    month["steps"][1]["within"] = json!({"n": 1, "unit": "month"});
    check(
        &month,
        AT,
        THEN,
        expect!["Events 2026-10-22T09:00:00.001Z 2026-10-22T09:00:20.001Z Some({AddToCart})"],
    );
    check(
        &month,
        "2026-02-28T09:59:59Z",
        "2026-02-28T10:00:00Z",
        expect!["Events 2026-01-28T09:59:59.001Z 2026-01-31T10:00:00.001Z Some({AddToCart})"],
    );
}
