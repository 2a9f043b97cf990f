//! Sequences.

use super::super::event::Event;
use super::super::facts::Order;
use super::{Facts, check, duration, event, item, of_events, order, with, with_items};
use serde_json::{Value, json};

fn of(kind: &str) -> Value {
    json!({"of": {"kind": "event", "event": kind}})
}

fn an_order() -> Value {
    json!({"of": {"kind": "order"}})
}

/// The step with more keys.
fn and(mut step: Value, more: Value) -> Value {
    let keys = more.as_object().unwrap().clone();
    step.as_object_mut().unwrap().extend(keys);
    step
}

fn absent(kind: &str) -> Value {
    and(of(kind), json!({"absent": true}))
}

fn within(step: Value, n: u32, unit: &str) -> Value {
    and(step, json!({"within": duration(n, unit)}))
}

fn steps(steps: &[Value]) -> Value {
    json!({"kind": "sequence", "steps": steps})
}

/// Events of visitor 1 at these times of 15 June.
fn trail(events: &[(&'static str, &str)]) -> Facts {
    let events = events.iter().map(|(kind, time)| happened(kind, time));
    of_events(events.collect())
}

fn happened(kind: &'static str, time: &str) -> Event {
    event(1, kind, &format!("2026-06-15T{time}Z"))
}

#[track_caller]
fn check_trail(events: &[(&'static str, &str)], sequence: &[Value], expected: bool) {
    let expected = if expected { &[1][..] } else { &[] };
    check(&trail(events), steps(sequence), expected);
}

#[test]
fn then_is_later_and_never_the_same_row() {
    let both = [of("search"), of("click")];
    check_trail(
        &[("search", "08:00:00"), ("click", "08:00:01")],
        &both,
        true,
    );
    check_trail(
        &[("click", "08:00:00"), ("search", "08:00:01")],
        &both,
        false,
    );
    let twice = [of("search"), of("search")];
    check_trail(&[("search", "08:00:00")], &twice, false);
    check_trail(
        &[("search", "08:00:00"), ("search", "09:00:00")],
        &twice,
        true,
    );
}

#[test]
fn rows_of_one_instant_go_by_tab_then_sequence_then_id() {
    let at = |kind, tab_id, seq, id| Event {
        tab_id,
        seq,
        id,
        ..happened(kind, "08:00:00")
    };
    let search_then_click = || steps(&[of("search"), of("click")]);
    for (search, click, fits) in [
        ((1, 9, 9), (2, 1, 1), true),
        ((2, 1, 1), (1, 9, 9), false),
        ((1, 1, 9), (1, 2, 1), true),
        ((1, 2, 1), (1, 1, 9), false),
        ((1, 1, 1), (1, 1, 2), true),
        ((1, 1, 2), (1, 1, 1), false),
        // As u64: the greatest is not -1.
        ((1, 1, 1), (u64::MAX, 1, 1), true),
    ] {
        let facts = of_events(vec![
            at("search", search.0, search.1, search.2),
            at("click", click.0, click.1, click.2),
        ]);
        check(&facts, search_then_click(), if fits { &[1] } else { &[] });
    }
}

#[test]
fn a_purchase_event_and_its_order_are_two_rows_and_the_event_is_first() {
    let mut facts = trail(&[("purchase", "08:00:00")]);
    facts.events[0].tab_id = 5;
    facts.orders = vec![order("a", 1, "2026-06-15T08:00:00Z")];
    check(&facts, steps(&[of("purchase"), an_order()]), &[1]);
    check(&facts, steps(&[an_order(), of("purchase")]), &[]);
}

#[test]
fn any_choice_of_rows_will_do() {
    // The first search is too early; the second is followed in time.
    let rows = [
        ("search", "07:00:00"),
        ("search", "08:00:00"),
        ("click", "08:05:00"),
    ];
    check_trail(
        &rows,
        &[of("search"), within(of("click"), 10, "minute")],
        true,
    );
    // The first click is too early for the purchase; the second is not.
    let rows = [
        ("search", "07:00:00"),
        ("click", "07:01:00"),
        ("click", "08:00:00"),
        ("purchase", "08:05:00"),
    ];
    let three = [
        of("search"),
        of("click"),
        within(of("purchase"), 10, "minute"),
    ];
    check_trail(&rows, &three, true);
}

#[test]
fn within_is_half_open_and_counts_from_the_previous_present_step() {
    let soon = [of("search"), within(of("click"), 10, "minute")];
    check_trail(
        &[("search", "08:00:00"), ("click", "08:09:59.999")],
        &soon,
        true,
    );
    check_trail(
        &[("search", "08:00:00"), ("click", "08:10:00")],
        &soon,
        false,
    );
    let chain = [
        of("search"),
        within(of("click"), 10, "minute"),
        within(of("share"), 10, "minute"),
    ];
    let rows = [
        ("search", "08:00:00"),
        ("click", "08:09:00"),
        ("share", "08:18:00"),
    ];
    check_trail(&rows, &chain, true);
}

#[test]
fn within_of_days_is_wall_clock_time() {
    let facts = of_events(vec![
        event(1, "search", "2026-03-26T10:00:00Z"),
        event(1, "click", "2026-03-27T09:30:00Z"),
    ]);
    let world = super::super::truth::World {
        zone: "Asia/Jerusalem",
        ..super::world(&facts)
    };
    let day = steps(&[of("search"), within(of("click"), 1, "day")]);
    assert!(world.members(&day).is_empty());
    let hours = steps(&[of("search"), within(of("click"), 24, "hour")]);
    assert_eq!(world.members(&hours).len(), 1);
}

#[test]
fn an_absent_step_between_forbids_such_rows_between_the_two() {
    let quiet = [of("search"), absent("click"), of("purchase")];
    check_trail(
        &[("search", "08:00:00"), ("purchase", "09:00:00")],
        &quiet,
        true,
    );
    let rows = [
        ("search", "08:00:00"),
        ("click", "08:30:00"),
        ("purchase", "09:00:00"),
    ];
    check_trail(&rows, &quiet, false);
    let rows = [
        ("click", "07:00:00"),
        ("search", "08:00:00"),
        ("purchase", "09:00:00"),
        ("click", "10:00:00"),
    ];
    check_trail(&rows, &quiet, true);
    let rows = [
        ("search", "08:00:00"),
        ("click", "08:10:00"),
        ("search", "08:20:00"),
        ("purchase", "09:00:00"),
    ];
    check_trail(&rows, &quiet, true);
}

#[test]
fn an_absent_step_between_forbids_them_in_its_within_only() {
    let quiet = [
        of("search"),
        within(absent("click"), 10, "minute"),
        of("purchase"),
    ];
    let rows = |click: &'static str| {
        [
            ("search", "08:00:00"),
            ("click", click),
            ("purchase", "09:00:00"),
        ]
    };
    check_trail(&rows("08:09:59"), &quiet, false);
    check_trail(&rows("08:10:00"), &quiet, true);
}

#[test]
fn a_trailing_absent_step_needs_its_time_to_have_passed() {
    let left = [of("search"), within(absent("click"), 1, "hour")];
    check_trail(&[("search", "11:00:00")], &left, true);
    check_trail(&[("search", "11:00:00.001")], &left, false);
    check_trail(
        &[("search", "08:00:00"), ("click", "08:59:59")],
        &left,
        false,
    );
    check_trail(
        &[("search", "08:00:00"), ("click", "09:00:00")],
        &left,
        true,
    );
    check_trail(
        &[("click", "07:59:00"), ("search", "08:00:00")],
        &left,
        true,
    );
}

#[test]
fn the_window_holds_present_rows_and_absence_looks_beyond() {
    let morning = |sequence: &[Value]| {
        let window = json!({"between_ago": [duration(3, "hour"), duration(4, "hour")]});
        and(steps(sequence), json!({"window": window}))
    };
    let facts = trail(&[("search", "08:30:00"), ("click", "09:30:00")]);
    check(&facts, morning(&[of("search")]), &[1]);
    check(&facts, morning(&[of("search"), of("click")]), &[]);
    check(
        &facts,
        morning(&[of("search"), within(absent("click"), 2, "hour")]),
        &[],
    );
    check(
        &facts,
        morning(&[of("search"), within(absent("click"), 1, "hour")]),
        &[1],
    );
}

#[test]
fn the_same_session_is_shared_with_the_previous_present_row() {
    let in_session = |session, kind, time| Event {
        session,
        ..happened(kind, time)
    };
    let facts = |third| {
        of_events(vec![
            in_session(1, "search", "08:00:00"),
            in_session(2, "click", "08:01:00"),
            in_session(third, "share", "08:02:00"),
        ])
    };
    let same = || {
        steps(&[
            of("search"),
            of("click"),
            and(of("share"), json!({"same": ["session"]})),
        ])
    };
    check(&facts(2), same(), &[1]);
    check(&facts(1), same(), &[]);
    let other = || {
        steps(&[
            of("search"),
            of("click"),
            and(of("share"), json!({"differs": ["session"]})),
        ])
    };
    check(&facts(2), other(), &[]);
    check(&facts(1), other(), &[1]);
}

#[test]
fn products_in_common_are_the_same_and_a_missing_one_differs() {
    let viewed = with(happened("view_item", "08:00:00"), "product", "CUP");
    let bought = |items| {
        of_events(vec![
            viewed.clone(),
            with_items(happened("purchase", "09:00:00"), items),
        ])
    };
    let same = || {
        steps(&[
            of("view_item"),
            and(of("purchase"), json!({"same": ["product"]})),
        ])
    };
    let other = || {
        steps(&[
            of("view_item"),
            and(of("purchase"), json!({"differs": ["product"]})),
        ])
    };
    check(&bought(vec![item("pot", 1), item("cup", 1)]), same(), &[1]);
    check(&bought(vec![item("pot", 1), item("cup", 1)]), other(), &[]);
    check(&bought(vec![item("pot", 1)]), same(), &[]);
    check(&bought(vec![item("pot", 1)]), other(), &[1]);
    check(&bought(vec![]), same(), &[]);
    check(&bought(vec![]), other(), &[1]);
}

#[test]
fn products_are_those_of_the_items_that_the_step_asks_for() {
    let viewed = with(happened("view_item", "08:00:00"), "product", "cup");
    let mut facts = of_events(vec![viewed]);
    facts.orders = vec![Order {
        items: vec![item("cup", 1), item("pot", 2)],
        ..order("a", 1, "2026-06-15T09:00:00Z")
    }];
    let pairs = json!([{"field": "items.quantity", "op": "eq", "value": 2}]);
    let pair = json!({"of": {"kind": "order", "where": pairs}, "same": ["product"]});
    check(&facts, steps(&[of("view_item"), pair]), &[]);
    let any = and(an_order(), json!({"same": ["product"]}));
    check(&facts, steps(&[of("view_item"), any]), &[1]);
}

#[test]
fn an_absent_step_may_ask_for_the_same_product() {
    let add = with_items(happened("add_to_cart", "08:00:00"), vec![item("cup", 1)]);
    let bought = |id| {
        of_events(vec![
            add.clone(),
            with_items(happened("purchase", "08:30:00"), vec![item(id, 1)]),
        ])
    };
    let same = json!({"same": ["product"]});
    let left = || {
        steps(&[
            of("add_to_cart"),
            within(and(absent("purchase"), same.clone()), 1, "hour"),
        ])
    };
    check(&bought("cup"), left(), &[]);
    check(&bought("pot"), left(), &[1]);
}

#[test]
fn rows_at_as_of_are_not_seen() {
    let mut facts = trail(&[("search", "08:00:00")]);
    facts.orders = vec![order("a", 1, "2026-06-15T12:00:00Z")];
    check(&facts, steps(&[of("search"), an_order()]), &[]);
}
