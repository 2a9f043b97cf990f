//! Who is asked about, and how identities fold.

use super::super::event::Event;
use super::super::facts::{Contact, Membership, Order};
use super::{
    Facts, at, check, contact, duration, event, item, link, merge, message, of_events, of_orders,
    order, seen, with_items,
};
use serde_json::{Value, json};

/// True of everyone.
fn everyone() -> Value {
    json!({"all": []})
}

fn in_group(contact: u64, instant: &str, is_in: bool) -> Membership {
    Membership {
        contact,
        group: "g",
        ts: at(instant),
        is_in,
    }
}

#[test]
fn visitors_with_an_event_before_as_of_are_there() {
    let facts = seen(&["2026-06-15T11:00:00Z", "2026-06-15T12:00:00Z"]);
    check(&facts, everyone(), &[1]);
}

#[test]
fn visitors_whose_events_do_not_count_are_not_there() {
    let facts = of_events(vec![Event {
        bot: true,
        ..event(1, "page_view", "2026-06-15T11:00:00Z")
    }]);
    check(&facts, everyone(), &[]);
}

#[test]
fn a_dwell_event_makes_a_visitor_known() {
    let facts = of_events(vec![event(1, "dwell", "2026-06-15T11:00:00Z")]);
    check(&facts, everyone(), &[1]);
}

#[test]
fn visitors_with_an_order_before_as_of_are_there() {
    let cancelled = Order {
        cancelled: true,
        ..order("c", 3, "2026-06-15T11:00:00Z")
    };
    let facts = of_orders(vec![
        order("a", 1, "2026-06-15T11:00:00Z"),
        order("b", 2, "2026-06-15T12:00:00Z"),
        cancelled,
    ]);
    check(&facts, everyone(), &[1]);
}

#[test]
fn contacts_are_there_by_row_group_message_order_and_link_as_now() {
    let facts = Facts {
        contacts: vec![Contact {
            id: contact(1),
            ..Contact::default()
        }],
        memberships: vec![in_group(contact(2), "2026-06-20T00:00:00Z", false)],
        messages: vec![message(contact(3), "m", "sent", "2026-06-20T00:00:00Z")],
        orders: vec![order("a", contact(4), "2026-06-20T00:00:00Z")],
        identities: vec![link(9, contact(5))],
        ..Facts::default()
    };
    check(&facts, everyone(), &[1, 2, 3, 4, 5].map(contact));
}

#[test]
fn a_segment_may_be_wholly_negative() {
    let facts = of_events(vec![
        event(1, "page_view", "2026-06-15T11:00:00Z"),
        event(2, "search", "2026-06-15T11:00:00Z"),
    ]);
    check(
        &facts,
        json!({"not": {"kind": "event", "event": "search"}}),
        &[1],
    );
    let zero = json!({"kind": "event", "event": "search", "compare": {"eq": 0}});
    check(&facts, zero, &[1]);
}

#[test]
fn a_contact_is_one_person_with_all_its_visitors() {
    let mut facts = seen(&[
        "2026-06-15T10:00:00Z",
        "2026-06-15T11:00:00Z",
        "2026-06-15T11:00:00Z",
    ]);
    facts.identities = vec![link(1, contact(1)), link(2, contact(1))];
    let twice = json!({"kind": "event", "event": "page_view", "compare": {"eq": 2}});
    check(&facts, twice, &[contact(1)]);
    check(&facts, everyone(), &[3, contact(1)]);
}

#[test]
fn a_merged_contact_is_the_other_one() {
    let facts = Facts {
        messages: vec![
            message(contact(1), "a", "sent", "2026-06-15T10:00:00Z"),
            message(contact(2), "b", "sent", "2026-06-15T11:00:00Z"),
        ],
        identities: vec![merge(contact(2), contact(1))],
        ..Facts::default()
    };
    let twice = json!({"kind": "message", "event": "sent", "compare": {"eq": 2}});
    check(&facts, twice, &[contact(1)]);
    check(&facts, everyone(), &[contact(1)]);
}

#[test]
fn the_latest_membership_over_all_keys_counts() {
    let facts = |last: bool| Facts {
        memberships: vec![
            in_group(contact(1), "2026-06-01T00:00:00Z", !last),
            in_group(contact(2), "2026-06-02T00:00:00Z", last),
        ],
        identities: vec![merge(contact(2), contact(1))],
        ..Facts::default()
    };
    let inside = || json!({"kind": "group", "group": "g"});
    check(&facts(true), inside(), &[contact(1)]);
    check(&facts(false), inside(), &[]);
}

#[test]
fn of_memberships_at_one_time_being_in_wins() {
    let facts = Facts {
        memberships: vec![
            in_group(contact(1), "2026-06-01T00:00:00Z", true),
            in_group(contact(1), "2026-06-01T00:00:00Z", false),
        ],
        ..Facts::default()
    };
    check(
        &facts,
        json!({"kind": "group", "group": "g"}),
        &[contact(1)],
    );
}

#[test]
fn groups_are_as_they_are_now_and_their_ids_exact() {
    let facts = Facts {
        memberships: vec![in_group(contact(1), "2026-07-01T00:00:00Z", true)],
        ..Facts::default()
    };
    check(
        &facts,
        json!({"kind": "group", "group": "g"}),
        &[contact(1)],
    );
    check(&facts, json!({"kind": "group", "group": "G"}), &[]);
}

#[test]
fn distinct_days_and_averages_fold_over_visitors() {
    let view = |visitor, instant: &str, dwell_ms| Event {
        dwell_ms: Some(dwell_ms),
        kind: "dwell",
        ..event(visitor, "dwell", instant)
    };
    let mut facts = of_events(vec![
        view(1, "2026-06-14T10:00:00Z", 10),
        view(1, "2026-06-14T11:00:00Z", 10),
        view(2, "2026-06-14T12:00:00Z", 40),
    ]);
    facts.identities = vec![link(1, contact(1)), link(2, contact(1))];
    for (measure, found) in [
        (json!("days"), 1),
        (json!("visits"), 2),
        (json!({"distinct": "dwell_ms"}), 2),
        (json!({"avg": "dwell_ms"}), 20),
    ] {
        let leaf = json!({"kind": "event", "event": "dwell", "measure": measure,
            "compare": {"eq": found}});
        check(&facts, leaf, &[contact(1)]);
    }
}

#[test]
fn cart_sequence_per_and_last_run_over_all_visitors() {
    let cup = || vec![item("cup", 1)];
    let mut facts = of_events(vec![
        with_items(event(1, "add_to_cart", "2026-06-14T10:00:00Z"), cup()),
        with_items(event(2, "remove_from_cart", "2026-06-14T11:00:00Z"), cup()),
    ]);
    let cart = || json!({"kind": "cart", "state": "abandoned"});
    let steps = json!([
        {"of": {"kind": "event", "event": "add_to_cart"}},
        {"of": {"kind": "event", "event": "remove_from_cart"}}]);
    let sequence = || json!({"kind": "sequence", "steps": steps});
    let per = || json!({"kind": "event", "event": "any", "per": "product", "compare": {"gte": 2}});
    check(&facts, cart(), &[1]);
    check(&facts, sequence(), &[]);
    check(&facts, per(), &[]);
    facts.identities = vec![link(1, contact(1)), link(2, contact(1))];
    check(&facts, cart(), &[]);
    check(&facts, sequence(), &[contact(1)]);
    check(&facts, per(), &[contact(1)]);
    let add = json!({"kind": "event", "event": "any"});
    let last = json!({"kind": "last", "of": add, "window":
        {"between_ago": [duration(90, "minute"), duration(2, "day")]}});
    check(&facts, last, &[contact(1)]);
}
