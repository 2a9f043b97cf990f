//! The cart that was left behind.

use super::super::event::{Event, Item};
use super::super::facts::Order;
use super::{
    Facts, check, contact, duration, event, item, link, of_events, order, with, with_items,
};
use serde_json::{Value, json};

const MORNING: &str = "2026-06-15T08:00:00Z";
const LATER: &str = "2026-06-15T09:00:00Z";
const LATEST: &str = "2026-06-15T10:00:00Z";

fn add(instant: &str, items: Vec<Item>) -> Event {
    with_items(event(1, "add_to_cart", instant), items)
}

fn remove(instant: &str, items: Vec<Item>) -> Event {
    with_items(event(1, "remove_from_cart", instant), items)
}

fn abandoned() -> Value {
    json!({"kind": "cart", "state": "abandoned"})
}

fn holding(filters: Value) -> Value {
    json!({"kind": "cart", "state": "abandoned", "where": filters})
}

fn pieces(n: u32) -> Value {
    holding(json!([{"field": "items.quantity", "op": "eq", "value": n}]))
}

#[test]
fn what_was_added_and_not_removed_remains() {
    let facts = of_events(vec![
        add(MORNING, vec![item("Cup", 3)]),
        remove(LATER, vec![item("CUP", 1)]),
    ]);
    check(&facts, pieces(2), &[1]);
    let facts = of_events(vec![
        add(MORNING, vec![item("cup", 3)]),
        remove(LATER, vec![item("cup", 3)]),
    ]);
    check(&facts, abandoned(), &[]);
    check(
        &of_events(vec![event(1, "view_cart", MORNING)]),
        abandoned(),
        &[],
    );
}

#[test]
fn quantities_never_go_below_0() {
    let facts = of_events(vec![
        remove(MORNING, vec![item("cup", 5)]),
        add(LATER, vec![item("cup", 2)]),
        remove(LATER, vec![item("pot", 5)]),
    ]);
    check(&facts, pieces(2), &[1]);
}

#[test]
fn a_trail_at_one_instant_goes_by_tab_and_sequence() {
    let at = |event, tab_id, seq| Event {
        tab_id,
        seq,
        ..event
    };
    let cup = || vec![item("cup", 1)];
    let facts = of_events(vec![
        at(add(MORNING, cup()), 1, 2),
        at(remove(MORNING, cup()), 1, 1),
    ]);
    check(&facts, abandoned(), &[1]);
    let facts = of_events(vec![
        at(add(MORNING, cup()), 1, 2),
        at(remove(MORNING, cup()), 2, 1),
    ]);
    check(&facts, abandoned(), &[]);
}

fn ordered(instant: &str, channel: &'static str, is_feed: bool) -> Facts {
    let mut facts = of_events(vec![
        add(MORNING, vec![item("cup", 1)]),
        add(LATEST, vec![item("pot", 1)]),
    ]);
    facts.orders = vec![Order {
        channel,
        is_feed,
        ..order("a", 1, instant)
    }];
    facts
}

#[test]
fn an_online_order_empties_the_cart_whole_at_its_time() {
    let pot = || holding(json!([{"field": "items.id", "op": "eq", "value": "pot"}]));
    let cup = || holding(json!([{"field": "items.id", "op": "eq", "value": "cup"}]));
    for is_feed in [false, true] {
        let facts = ordered(LATER, "online", is_feed);
        check(&facts, cup(), &[]);
        check(&facts, pot(), &[1]);
    }
    // Events come before orders of the same instant.
    check(&ordered(LATEST, "online", true), abandoned(), &[]);
}

#[test]
fn an_order_in_the_store_leaves_the_cart_alone() {
    let cup = holding(json!([{"field": "items.id", "op": "eq", "value": "cup"}]));
    check(&ordered(LATEST, "store", true), cup, &[1]);
}

#[test]
fn a_purchase_event_without_an_order_leaves_the_cart_alone() {
    let facts = of_events(vec![
        add(MORNING, vec![item("cup", 1)]),
        with_items(event(1, "purchase", LATER), vec![item("cup", 1)]),
    ]);
    check(&facts, abandoned(), &[1]);
}

#[test]
fn a_cart_touched_within_idle_is_not_abandoned() {
    let touched = |instant: &str| {
        of_events(vec![
            add(MORNING, vec![item("cup", 2)]),
            remove(instant, vec![item("cup", 1)]),
        ])
    };
    check(&touched("2026-06-15T10:59:59.999Z"), abandoned(), &[1]);
    check(&touched("2026-06-15T11:00:00Z"), abandoned(), &[]);
    let idle = json!({"kind": "cart", "state": "abandoned", "idle": duration(10, "minute")});
    check(&touched("2026-06-15T11:00:00Z"), idle, &[1]);
}

#[test]
fn where_asks_the_remaining_items_as_any_items() {
    let facts = of_events(vec![add(MORNING, vec![item("cup", 1), item("pot", 2)])]);
    let both = json!([
        {"field": "items.id", "op": "eq", "value": "cup"},
        {"field": "items.quantity", "op": "eq", "value": 2}]);
    check(&facts, holding(both), &[]);
    let no_pot = json!([{"field": "items.id", "op": "ne", "value": "pot"}]);
    check(&facts, holding(no_pot), &[]);
    let no_pan = json!([{"field": "items.id", "op": "ne", "value": "pan"}]);
    check(&facts, holding(no_pan), &[1]);
}

#[test]
fn name_category_brand_and_price_are_of_the_latest_add() {
    let cup = |name, price_cents| Item {
        name,
        category: name,
        brand: name,
        price_cents: Some(price_cents),
        ..item("cup", 1)
    };
    let facts = of_events(vec![
        add(MORNING, vec![cup("old", 5)]),
        add(LATER, vec![cup("new", 7)]),
        remove(LATEST, vec![cup("removed", 9)]),
    ]);
    for field in ["items.name", "items.category", "items.brand"] {
        let new = json!([{"field": field, "op": "eq", "value": "new"}]);
        check(&facts, holding(new), &[1]);
    }
    let price = json!([{"field": "items.price_cents", "op": "eq", "value": 7}]);
    check(&facts, holding(price), &[1]);
}

#[test]
fn a_price_in_another_currency_is_absent() {
    let cup = Item {
        price_cents: Some(7),
        ..item("cup", 1)
    };
    let facts = of_events(vec![with(add(MORNING, vec![cup]), "currency", "USD")]);
    let price = json!([{"field": "items.price_cents", "op": "exists"}]);
    check(&facts, holding(price), &[]);
    check(&facts, abandoned(), &[1]);
}

#[test]
fn the_window_tests_the_last_cart_event() {
    let facts = of_events(vec![
        add(MORNING, vec![item("cup", 2)]),
        remove(LATEST, vec![item("cup", 1)]),
        event(1, "page_view", "2026-06-15T11:30:00Z"),
    ]);
    let cart = |hours| json!({"kind": "cart", "state": "abandoned", "window": {"last": duration(hours, "hour")}});
    check(&facts, cart(1), &[]);
    check(&facts, cart(2), &[1]);
}

#[test]
fn an_order_on_another_device_empties_the_cart() {
    let mut facts = of_events(vec![add(MORNING, vec![item("cup", 1)])]);
    facts.orders = vec![order("a", contact(1), LATER)];
    facts.identities = vec![link(1, contact(1))];
    check(&facts, abandoned(), &[]);
}
