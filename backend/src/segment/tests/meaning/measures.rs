//! Measures, groups and comparisons.

use super::super::event::{Event, Item};
use super::super::facts::Order;
use super::{Facts, duration, event, item, members, of_events, of_orders, order, with, with_items};
use serde_json::{Value, json};

const TODAY: &str = "2026-06-15T10:00:00Z";
const YESTERDAY: &str = "2026-06-14T10:00:00Z";

/// Whether visitor 1 is found.
#[track_caller]
fn holds(facts: &Facts, leaf: Value, expected: bool) {
    assert_eq!(members(facts, &leaf).contains(&1), expected, "{leaf}");
}

fn views(extra: Value) -> Value {
    let mut leaf = json!({"kind": "event", "event": "page_view"});
    leaf.as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    leaf
}

fn in_session(session: u64, is_session_start: bool, event: Event) -> Event {
    Event {
        session,
        is_session_start,
        ..event
    }
}

#[test]
fn comparisons_hold_their_bounds_and_default_to_at_least_one() {
    let facts = of_events(vec![
        event(1, "page_view", TODAY),
        event(1, "page_view", YESTERDAY),
    ]);
    for (compare, expected) in [
        (json!({"gte": 2}), true),
        (json!({"gte": 2.5}), false),
        (json!({"gt": 2}), false),
        (json!({"lte": 2}), true),
        (json!({"lt": 2}), false),
        (json!({"eq": 2}), true),
        (json!({"between": [2, 3]}), true),
        (json!({"between": [1, 2]}), true),
        (json!({"between": [3, 4]}), false),
    ] {
        holds(&facts, views(json!({"compare": compare})), expected);
    }
    holds(&facts, views(json!({})), true);
    holds(&facts, json!({"kind": "event", "event": "search"}), false);
}

#[test]
fn visits_of_any_are_session_starts_in_the_window() {
    let facts = of_events(vec![
        in_session(1, true, event(1, "page_view", YESTERDAY)),
        in_session(1, false, event(1, "page_view", TODAY)),
        in_session(2, false, event(1, "click", TODAY)),
    ]);
    let visits = |n: u32, extra: Value| {
        let mut leaf = json!({"kind": "event", "event": "any", "measure": "visits",
            "compare": {"eq": n}});
        leaf.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        leaf
    };
    holds(&facts, visits(1, json!({})), true);
    let recent = json!({"window": {"last": duration(1, "day")}});
    holds(&facts, visits(0, recent), true);
    let filtered = json!({"where": [{"field": "title", "op": "ne", "value": "x"}]});
    holds(&facts, visits(2, filtered), true);
    holds(&facts, visits(1, json!({"per": "session"})), true);
    holds(&facts, visits(0, json!({"per": "session"})), true);
}

#[test]
fn a_visit_that_began_with_a_dwell_event_is_one() {
    let facts = of_events(vec![in_session(1, true, event(1, "dwell", TODAY))]);
    let visits = json!({"kind": "event", "event": "any", "measure": "visits"});
    holds(&facts, visits, true);
}

#[test]
fn visits_of_other_events_are_their_sessions() {
    let facts = of_events(vec![
        in_session(1, false, event(1, "page_view", TODAY)),
        in_session(1, false, event(1, "page_view", YESTERDAY)),
        in_session(2, false, event(1, "page_view", TODAY)),
        in_session(3, true, event(1, "click", TODAY)),
    ]);
    holds(
        &facts,
        views(json!({"measure": "visits", "compare": {"eq": 2}})),
        true,
    );
}

#[test]
fn days_are_distinct_local_dates() {
    let facts = of_events(vec![
        event(1, "page_view", "2026-06-14T00:00:00Z"),
        event(1, "page_view", "2026-06-14T23:59:59Z"),
        event(1, "page_view", "2026-06-15T00:00:00Z"),
    ]);
    holds(
        &facts,
        views(json!({"measure": "days", "compare": {"eq": 2}})),
        true,
    );
    let orders = of_orders(vec![
        order("a", 1, TODAY),
        order("b", 1, YESTERDAY),
        order("c", 1, TODAY),
    ]);
    holds(
        &orders,
        json!({"kind": "order", "measure": "days", "compare": {"eq": 2}}),
        true,
    );
}

#[test]
fn sums_averages_and_extremes_pass_over_what_is_absent() {
    let of = |order_id, value_cents| Order {
        value_cents,
        ..order(order_id, 1, TODAY)
    };
    let facts = of_orders(vec![of("a", Some(3)), of("b", Some(4)), of("c", None)]);
    for (measure, found) in [
        (json!({"sum": "value_cents"}), json!(7)),
        (json!({"avg": "value_cents"}), json!(3.5)),
        (json!({"min": "value_cents"}), json!(3)),
        (json!({"max": "value_cents"}), json!(4)),
        (json!({"distinct": "value_cents"}), json!(2)),
        (json!("count"), json!(3)),
    ] {
        let leaf = json!({"kind": "order", "measure": measure, "compare": {"eq": found}});
        holds(&facts, leaf, true);
    }
}

#[test]
fn of_nothing_sums_are_0_and_averages_compare_false() {
    let facts = of_events(vec![event(1, "page_view", TODAY)]);
    for (measure, expected) in [
        (json!("count"), true),
        (json!("visits"), true),
        (json!("days"), true),
        (json!({"sum": "value_cents"}), true),
        (json!({"distinct": "title"}), true),
        (json!({"avg": "value_cents"}), false),
        (json!({"min": "value_cents"}), false),
        (json!({"max": "value_cents"}), false),
    ] {
        let leaf = json!({"kind": "event", "event": "search", "measure": measure,
            "compare": {"lt": 5}});
        holds(&facts, leaf, expected);
    }
}

#[test]
fn distinct_counts_folded_text() {
    let facts = of_events(vec![
        with(event(1, "page_view", TODAY), "title", "Straße"),
        with(event(1, "page_view", TODAY), "title", "STRASSE"),
        event(1, "page_view", TODAY),
    ]);
    holds(
        &facts,
        views(json!({"measure": {"distinct": "title"}, "compare": {"eq": 1}})),
        true,
    );
}

#[test]
fn distinct_of_a_list_counts_all_its_values() {
    let of = |order_id, coupons| Order {
        coupons,
        ..order(order_id, 1, TODAY)
    };
    let facts = of_orders(vec![of("a", vec!["x", "y"]), of("b", vec!["Y", "z"])]);
    let distinct =
        json!({"kind": "order", "measure": {"distinct": "coupons"}, "compare": {"eq": 3}});
    holds(&facts, distinct, true);
}

#[test]
fn measures_of_items_take_those_that_met_the_positive_filters() {
    let red = |item| Item {
        category: "red",
        ..item
    };
    let facts = of_events(vec![with_items(
        event(1, "page_view", TODAY),
        vec![red(item("a", 2)), red(item("b", 3)), item("c", 4)],
    )]);
    let sum = json!({"sum": "items.quantity"});
    let filter = json!([{"field": "items.category", "op": "eq", "value": "red"}]);
    holds(
        &facts,
        views(json!({"measure": sum, "compare": {"eq": 9}})),
        true,
    );
    let asked = json!({"measure": sum, "where": filter, "compare": {"eq": 5}});
    holds(&facts, views(asked), true);
}

#[test]
fn per_session_one_group_has_to_satisfy() {
    let facts = |second| {
        of_events(vec![
            in_session(1, false, event(1, "page_view", TODAY)),
            in_session(second, false, event(1, "page_view", TODAY)),
        ])
    };
    let twice = || views(json!({"per": "session", "compare": {"eq": 2}}));
    holds(&facts(1), twice(), true);
    holds(&facts(2), twice(), false);
}

#[test]
fn without_groups_no_comparison_holds() {
    let facts = of_events(vec![event(1, "page_view", TODAY)]);
    let none = json!({"kind": "event", "event": "search", "per": "session", "compare": {"lt": 5}});
    holds(&facts, none, false);
    let nameless = views(json!({"per": "product", "compare": {"gte": 0}}));
    holds(&facts, nameless, false);
}

#[test]
fn products_are_the_pages_and_those_of_matching_items() {
    let facts = of_events(vec![
        with(event(1, "page_view", TODAY), "product", "CUP"),
        with_items(
            event(1, "page_view", TODAY),
            vec![item("cup", 1), item("pot", 5)],
        ),
    ]);
    let twice = views(json!({"per": "product", "compare": {"eq": 2}}));
    holds(&facts, twice, true);
    let pots = json!([{"field": "items.id", "op": "eq", "value": "pot"}]);
    let cups_of_pots = views(json!({"per": "product", "where": pots, "compare": {"eq": 2}}));
    holds(&facts, cups_of_pots, false);
}

#[test]
fn a_group_of_a_product_has_its_own_items_only() {
    let facts = of_orders(vec![Order {
        items: vec![item("cup", 1), item("pot", 5), item("CUP", 2)],
        ..order("a", 1, TODAY)
    }]);
    let pieces = |n| {
        json!({"kind": "order", "per": "product",
        "measure": {"sum": "items.quantity"}, "compare": {"eq": n}})
    };
    holds(&facts, pieces(3), true);
    holds(&facts, pieces(5), true);
    holds(&facts, pieces(8), false);
}
