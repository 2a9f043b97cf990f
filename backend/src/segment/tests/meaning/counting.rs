//! What counts as a fact.

use super::super::event::{Event, Item};
use super::super::facts::{Message, Order, Return};
use super::{
    Facts, RATE, check, contact, event, item, message, of_events, of_orders, order, with,
    with_items,
};
use serde_json::{Value, json};

const TODAY: &str = "2026-06-15T10:00:00Z";

fn orders(where_: Value) -> Value {
    json!({"kind": "order", "where": [where_]})
}

fn is(field: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "op": "eq", "value": value.into()})
}

fn pixel(order_id: &'static str, visitor: u64) -> Order {
    Order {
        is_feed: false,
        ..order(order_id, visitor, TODAY)
    }
}

#[test]
fn marked_events_never_count_and_only_these() {
    let plain = || event(1, "page_view", TODAY);
    for marked in [
        Event {
            bot: true,
            ..plain()
        },
        Event {
            machine: true,
            ..plain()
        },
        Event {
            staff: true,
            ..plain()
        },
    ] {
        let facts = of_events(vec![marked, plain()]);
        let once = json!({"kind": "event", "event": "page_view", "compare": {"eq": 1}});
        check(&facts, once, &[1]);
    }
}

#[test]
fn messages_of_machines_never_count() {
    for kind in ["sent", "opened"] {
        let marked = Message {
            machine: true,
            ..message(contact(1), "m", kind, TODAY)
        };
        let facts = Facts {
            messages: vec![marked],
            ..Facts::default()
        };
        check(&facts, json!({"kind": "message", "event": kind}), &[]);
    }
}

#[test]
fn a_cancelled_order_is_no_fact_and_its_purchase_stays_an_event() {
    let cancelled = Order {
        cancelled: true,
        ..order("a", 0, TODAY)
    };
    let mut facts = of_orders(vec![pixel("a", 1), cancelled]);
    facts.events = vec![event(1, "purchase", TODAY)];
    check(&facts, json!({"kind": "order"}), &[]);
    check(&facts, json!({"kind": "event", "event": "purchase"}), &[1]);
}

#[test]
fn a_refund_event_is_no_return() {
    let mut facts = of_orders(vec![pixel("a", 1)]);
    facts.events = vec![with(event(1, "refund", TODAY), "order_id", "a")];
    check(&facts, orders(is("returns", 0)), &[1]);
    check(&facts, json!({"kind": "event", "event": "refund"}), &[1]);
}

#[test]
fn feed_and_pixel_match_by_the_exact_id() {
    let facts = of_orders(vec![pixel("a", 1), order("A", 1, TODAY)]);
    let twice = json!({"kind": "order", "compare": {"eq": 2}});
    check(&facts, twice, &[1]);
    let facts = of_orders(vec![pixel("a", 1), order("a", 1, TODAY)]);
    let once = json!({"kind": "order", "compare": {"eq": 1}});
    check(&facts, once, &[1]);
}

#[test]
fn the_feed_replaces_the_pixels_row_whole() {
    let seen = Order {
        coupons: vec!["SPRING"],
        value_cents: Some(500),
        ..pixel("a", 1)
    };
    let sent = Order {
        value_cents: None,
        ..order("a", 0, TODAY)
    };
    let facts = of_orders(vec![seen, sent]);
    check(
        &facts,
        orders(json!({"field": "coupons", "op": "exists"})),
        &[],
    );
    check(
        &facts,
        orders(json!({"field": "value_cents", "op": "exists"})),
        &[],
    );
}

#[test]
fn the_pixels_buyer_stays_where_the_feed_names_none() {
    let facts = of_orders(vec![pixel("a", 1), order("a", 0, TODAY)]);
    check(&facts, json!({"kind": "order"}), &[1]);
    let facts = of_orders(vec![pixel("a", 1), order("a", contact(1), TODAY)]);
    check(&facts, json!({"kind": "order"}), &[contact(1)]);
}

#[test]
fn the_greatest_version_of_a_row_counts() {
    let of = |version, value_cents| Order {
        version,
        value_cents: Some(value_cents),
        ..order("a", 1, TODAY)
    };
    let facts = of_orders(vec![of(2, 20), of(3, 30), of(1, 10)]);
    check(&facts, orders(is("value_cents", 30)), &[1]);
    check(&facts, orders(is("value_cents", 20)), &[]);
}

#[test]
fn an_orders_contents_are_as_they_are_now() {
    // The feed moved the order past as_of.
    let facts = of_orders(vec![pixel("a", 1), order("a", 1, "2026-06-16T00:00:00Z")]);
    check(&facts, json!({"kind": "order"}), &[]);
}

#[test]
fn an_order_without_a_buyer_is_nobodys() {
    let facts = of_orders(vec![order("a", 0, TODAY), order("b", 1, TODAY)]);
    check(&facts, json!({"kind": "order", "compare": {"eq": 1}}), &[1]);
    check(&facts, json!({"all": []}), &[1]);
}

#[test]
fn an_order_that_names_both_is_the_contacts() {
    let both = Order {
        visitor: 1,
        ..order("a", contact(1), TODAY)
    };
    check(
        &of_orders(vec![both]),
        json!({"kind": "order"}),
        &[contact(1)],
    );
}

#[test]
fn any_is_every_type_but_dwell() {
    let facts = of_events(vec![event(1, "dwell", TODAY), event(2, "custom", TODAY)]);
    check(&facts, json!({"kind": "event", "event": "any"}), &[2]);
}

#[test]
fn several_types_are_asked_at_once() {
    let facts = of_events(vec![
        event(1, "dwell", TODAY),
        event(2, "click", TODAY),
        event(3, "search", TODAY),
    ]);
    check(
        &facts,
        json!({"kind": "event", "event": ["dwell", "click"]}),
        &[1, 2],
    );
}

#[test]
fn the_net_value_is_the_sent_one_or_else_less_the_returns() {
    let back = |value_cents| Return { value_cents };
    let computed = Order {
        returns: vec![back(Some(30)), back(None), back(Some(5))],
        ..order("a", 1, TODAY)
    };
    let sent = Order {
        net_cents: Some(70),
        ..computed.clone()
    };
    let facts = of_orders(vec![
        computed,
        Order {
            order_id: "b",
            visitor: 2,
            ..sent
        },
    ]);
    check(&facts, orders(is("net_cents", 65)), &[1]);
    check(&facts, orders(is("net_cents", 70)), &[2]);
    check(&facts, orders(is("returns", 3)), &[1, 2]);
}

#[test]
fn money_of_an_order_is_converted_and_halves_go_up() {
    let order = |order_id, visitor, cents| Order {
        order_id,
        visitor,
        value_cents: Some(cents),
        currency: "USD",
        rate_e8: RATE / 2,
        ..order(order_id, visitor, TODAY)
    };
    let facts = of_orders(vec![
        order("a", 1, 3),
        order("b", 2, 4),
        order("c", 3, -3),
        order("d", 4, -4),
    ]);
    check(&facts, orders(is("value_cents", 2)), &[1, 2]);
    check(&facts, orders(is("value_cents", -1)), &[3]);
    check(&facts, orders(is("value_cents", -2)), &[4]);
}

#[test]
fn without_a_rate_money_is_absent_and_the_order_counts() {
    let foreign = Order {
        currency: "USD",
        items: vec![Item {
            price_cents: Some(5),
            ..item("cup", 1)
        }],
        ..order("a", 1, TODAY)
    };
    let facts = of_orders(vec![foreign]);
    for field in [
        "value_cents",
        "net_cents",
        "items.price_cents",
        "items.value_cents",
    ] {
        check(&facts, orders(json!({"field": field, "op": "exists"})), &[]);
    }
    check(&facts, orders(is("items.quantity", 1)), &[1]);
}

#[test]
fn money_of_an_event_in_another_currency_is_absent() {
    let paid = Event {
        value_cents: Some(7),
        ..event(1, "purchase", TODAY)
    };
    let paid = with_items(
        paid,
        vec![Item {
            price_cents: Some(7),
            ..item("cup", 1)
        }],
    );
    let facts = of_events(vec![
        with(paid.clone(), "currency", "USD"),
        with(
            Event {
                visitor: 2,
                ..paid.clone()
            },
            "currency",
            "ils",
        ),
        Event { visitor: 3, ..paid },
    ]);
    for field in ["value_cents", "items.price_cents", "items.value_cents"] {
        let leaf = json!({"kind": "event", "event": "purchase", "where": [is(field, 7)]});
        check(&facts, leaf, &[2, 3]);
    }
}

#[test]
fn a_fact_without_a_currency_has_the_sites_in_the_field_too() {
    let mut facts = of_events(vec![event(1, "purchase", TODAY)]);
    facts.orders = vec![order("a", 1, TODAY)];
    let ours = || json!([is("currency", "ils")]);
    check(
        &facts,
        json!({"kind": "event", "event": "any", "where": ours()}),
        &[1],
    );
    check(&facts, json!({"kind": "order", "where": ours()}), &[1]);
}
