//! Counts by node, and explanations.

use super::super::truth::{Count, Explained, FactId, Found};
use super::{Facts, at, contact, event, item, message, of_events, order, seen, with_items, world};
use serde_json::{Value, json};

const TODAY: &str = "2026-06-15T10:00:00Z";
const YESTERDAY: &str = "2026-06-14T10:00:00Z";

fn of(kind: &str) -> Value {
    json!({"kind": "event", "event": kind})
}

/// Visitor 1 searched and clicked, 2 searched, 3 clicked, 4 shared.
fn four() -> Facts {
    of_events(vec![
        event(1, "search", YESTERDAY),
        event(1, "click", TODAY),
        event(2, "search", TODAY),
        event(3, "click", TODAY),
        event(4, "share", TODAY),
    ])
}

#[track_caller]
fn check_counts(facts: &Facts, definition: &Value, expected: &[(&str, u64, Option<u64>)]) {
    let expected = expected.iter().map(|(pointer, alone, without)| Count {
        pointer: (*pointer).to_owned(),
        alone: *alone,
        without: *without,
    });
    assert_eq!(world(facts).counts(definition), Vec::from_iter(expected));
}

#[test]
fn counts_say_how_many_a_node_finds_and_how_many_it_keeps_out() {
    let all = json!({"all": [of("search"), of("click")]});
    let expected = [
        ("", 1, None),
        ("/all/0", 2, Some(1)),
        ("/all/1", 2, Some(1)),
    ];
    check_counts(&four(), &all, &expected);
}

#[test]
fn a_not_goes_with_its_child() {
    let definition = json!({"all": [of("search"), {"not": of("click")}]});
    let expected = [
        ("", 1, None),
        ("/all/0", 2, Some(1)),
        ("/all/1", 2, Some(1)),
        ("/all/1/not", 2, Some(1)),
    ];
    check_counts(&four(), &definition, &expected);
    let root = json!({"not": {"not": of("click")}});
    let expected = [("", 2, None), ("/not", 2, None), ("/not/not", 2, None)];
    check_counts(&four(), &root, &expected);
}

#[test]
fn an_all_left_empty_is_true_for_everyone_and_an_any_for_nobody() {
    let all = json!({"all": [of("search")]});
    check_counts(&four(), &all, &[("", 2, None), ("/all/0", 2, Some(2))]);
    let any = json!({"any": [of("search")]});
    check_counts(&four(), &any, &[("", 2, None), ("/any/0", 2, Some(0))]);
    let inner = json!({"not": {"any": [of("search")]}});
    let expected = [("", 2, None), ("/not", 2, None), ("/not/any/0", 2, Some(2))];
    check_counts(&four(), &inner, &expected);
}

#[test]
fn a_nested_segment_is_one_node() {
    let mut facts = four();
    let saved = json!({"all": [of("search"), of("click")]});
    facts.segments.insert("both".to_owned(), saved);
    let definition = json!({"any": [{"kind": "segment", "segment": "both"}]});
    check_counts(
        &facts,
        &definition,
        &[("", 1, None), ("/any/0", 1, Some(0))],
    );
}

fn explained(facts: &Facts, definition: &Value, person: u64) -> Vec<Explained> {
    world(facts).explain(definition, person)
}

/// What is said of a definition that is a leaf.
fn of_leaf(facts: &Facts, leaf: Value, person: u64) -> (bool, Option<Found>, Vec<FactId>) {
    let root = explained(facts, &leaf, person).remove(0);
    (root.holds, root.value, root.facts)
}

fn id(instant: &str) -> FactId {
    FactId::Event(at(instant) as u128)
}

#[test]
fn every_node_is_explained() {
    let definition = json!({"all": [of("search"), {"not": of("click")}]});
    let nodes = explained(&four(), &definition, 1);
    let shape: Vec<(&str, bool)> = nodes
        .iter()
        .map(|node| (node.pointer.as_str(), node.holds))
        .collect();
    let expected = [
        ("", false),
        ("/all/0", true),
        ("/all/1", false),
        ("/all/1/not", true),
    ];
    assert_eq!(shape, expected);
    assert_eq!(nodes[0].value, None);
    assert_eq!(nodes[1].value, Some(Found::Number(1)));
    assert_eq!(nodes[1].facts, [id(YESTERDAY)]);
}

#[test]
fn the_latest_20_facts_in_the_window_are_shown_for_a_false_node_too() {
    let times: Vec<String> = (10..40)
        .map(|second| format!("2026-06-15T10:00:{second}Z"))
        .collect();
    let mut events: Vec<_> = times.iter().map(|time| event(1, "click", time)).collect();
    events.push(event(1, "click", "2026-06-14T10:00:00Z"));
    let leaf = json!({"kind": "event", "event": "click", "compare": {"gt": 99},
        "window": {"calendar": "today"}});
    let (holds, value, facts) = of_leaf(&of_events(events), leaf, 1);
    assert!(!holds);
    assert_eq!(value, Some(Found::Number(30)));
    let latest: Vec<FactId> = times.iter().rev().take(20).map(|time| id(time)).collect();
    assert_eq!(facts, latest);
}

#[test]
fn facts_at_one_time_go_by_their_ids() {
    let mut events = vec![event(1, "click", TODAY), event(1, "click", TODAY)];
    events[0].id = 8;
    events[1].id = 7;
    let (_, _, facts) = of_leaf(&of_events(events), of("click"), 1);
    assert_eq!(facts, [FactId::Event(8), FactId::Event(7)]);
}

#[test]
fn a_group_that_satisfies_gives_the_value() {
    let facts = of_events(vec![
        with_items(event(1, "view_item", TODAY), vec![item("a", 1)]),
        with_items(
            event(1, "view_item", YESTERDAY),
            vec![item("a", 1), item("b", 1)],
        ),
    ]);
    let per = |compare: Value| json!({"kind": "event", "event": "any", "per": "product", "compare": compare});
    assert_eq!(
        of_leaf(&facts, per(json!({"lt": 2})), 1).1,
        Some(Found::Number(1))
    );
    assert_eq!(
        of_leaf(&facts, per(json!({"gt": 5})), 1).1,
        Some(Found::Number(2))
    );
}

#[test]
fn a_sequence_shows_the_rows_of_the_first_choice_that_fits() {
    let mut facts = of_events(vec![
        event(1, "search", "2026-06-15T08:00:00Z"),
        event(1, "search", "2026-06-15T09:00:00Z"),
    ]);
    facts.orders = vec![order("a", 1, "2026-06-15T09:00:00Z"), order("b", 1, TODAY)];
    let search = json!({"of": of("search")});
    let steps = json!([search, {"of": {"kind": "order"}, "within": {"n": 61, "unit": "minute"}}]);
    let sequence = json!({"kind": "sequence", "steps": steps});
    let expected = vec![id("2026-06-15T08:00:00Z"), FactId::Order("a")];
    assert_eq!(
        of_leaf(&facts, sequence, 1),
        (true, Some(Found::Bool(true)), expected)
    );
    let none = json!({"kind": "sequence", "steps": [{"of": of("share")}]});
    assert_eq!(
        of_leaf(&facts, none, 1),
        (false, Some(Found::Bool(false)), vec![])
    );
}

#[test]
fn a_cart_shows_its_last_event_and_what_remains() {
    let facts = of_events(vec![
        with_items(
            event(1, "add_to_cart", YESTERDAY),
            vec![item("a", 2), item("b", 3)],
        ),
        with_items(event(1, "remove_from_cart", TODAY), vec![item("a", 1)]),
    ]);
    let cart = json!({"kind": "cart", "state": "abandoned", "idle": {"n": 1, "unit": "day"}});
    let expected = (false, Some(Found::Number(4)), vec![id(TODAY)]);
    assert_eq!(of_leaf(&facts, cart, 1), expected);
}

#[test]
fn last_gives_the_time_of_the_latest() {
    let facts = seen(&[TODAY]);
    let last = json!({"kind": "last", "of": of("page_view"), "window": {"calendar": "yesterday"}});
    let expected = (false, Some(Found::Number(at(TODAY).into())), vec![]);
    assert_eq!(of_leaf(&facts, last, 1), expected);
}

#[test]
fn messages_are_shown() {
    let facts = Facts {
        messages: vec![message(contact(1), "a", "sent", TODAY)],
        ..Facts::default()
    };
    let expected = (
        true,
        Some(Found::Number(1)),
        vec![FactId::Message(at(TODAY) as u128)],
    );
    let sent = json!({"kind": "message", "event": "sent"});
    assert_eq!(of_leaf(&facts, sent, contact(1)), expected);
}
