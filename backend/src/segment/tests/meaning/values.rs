//! Values: texts, numbers, lists, paths, items.

use super::super::event::{Event, Item};
use super::super::facts::Order;
use super::{Facts, check, event, item, of_events, of_orders, order, with, with_items};
use serde_json::{Value, json};

const TODAY: &str = "2026-06-15T10:00:00Z";

fn asked(filters: Value) -> Value {
    json!({"kind": "event", "event": "any", "where": filters})
}

/// Visitors with these titles, from 1 on.
fn titled(titles: &[&'static str]) -> Facts {
    let visitors = titles.iter().zip(1..);
    of_events(
        visitors
            .map(|(title, visitor)| with(event(visitor, "page_view", TODAY), "title", title))
            .collect(),
    )
}

#[track_caller]
fn check_title(titles: &[&'static str], op: &str, value: Value, expected: &[u64]) {
    let filter = match value {
        Value::Null => json!({"field": "title", "op": op}),
        value => json!({"field": "title", "op": op, "value": value}),
    };
    check(&titled(titles), asked(json!([filter])), expected);
}

#[test]
fn text_is_folded_and_composed() {
    check_title(
        &["Straße", "STRASSE", "strase"],
        "eq",
        json!("strasse"),
        &[1, 2],
    );
    check_title(
        &["cafe\u{301}", "CAFÉ", "cafe"],
        "eq",
        json!("café"),
        &[1, 2],
    );
    check_title(&["ΣΊΣΥΦΟΣ", "σίσυφος"], "eq", json!("σίσυφοσ"), &[1, 2]);
}

#[test]
fn one_of_a_list_however_long_is_folded() {
    let others = (0..300).map(|n| format!("other {n}"));
    let long: Vec<String> = others.chain(["STRASSE".to_owned()]).collect();
    for list in [vec!["b".to_owned(), "STRASSE".to_owned()], long] {
        check_title(&["Straße", "c"], "in", json!(list), &[1]);
        check_title(&["Straße", "c"], "not_in", json!(list), &[2]);
    }
}

#[test]
fn empty_text_is_absent() {
    check_title(&["", "a"], "exists", Value::Null, &[2]);
    check_title(&["", "a"], "eq", json!(""), &[]);
}

#[test]
fn ne_and_not_in_are_true_for_what_is_absent_and_others_false() {
    check_title(&["", "a", "b"], "ne", json!("A"), &[1, 3]);
    check_title(&["", "a", "b"], "not_in", json!(["A", "c"]), &[1, 3]);
    check_title(&["", "a", "b"], "in", json!(["A", "c"]), &[2]);
    check_title(&["", "ab", "ba"], "contains", json!("B"), &[2, 3]);
    check_title(&["", "ab", "ba"], "starts_with", json!("B"), &[3]);
}

#[test]
fn a_number_never_sent_is_absent_and_0_is_present() {
    let scrolled = |visitor, scroll_percent| Event {
        scroll_percent,
        ..event(visitor, "click", TODAY)
    };
    let facts = of_events(vec![
        scrolled(1, None),
        scrolled(2, Some(0)),
        scrolled(3, Some(7)),
    ]);
    for (op, value, expected) in [
        ("exists", Value::Null, &[2, 3][..]),
        ("eq", json!(0), &[2]),
        ("ne", json!(7), &[1, 2]),
        ("in", json!([0, 7.0]), &[2, 3]),
        ("not_in", json!([7]), &[1, 2]),
        ("lt", json!(7), &[2]),
        ("lte", json!(7), &[2, 3]),
        ("gt", json!(0), &[3]),
        ("gte", json!(0), &[2, 3]),
        ("between", json!([0, 6.5]), &[2]),
        ("between", json!([-1, 7]), &[2, 3]),
    ] {
        let mut filter = json!({"field": "scroll_percent", "op": op, "value": value});
        if value.is_null() {
            filter.as_object_mut().unwrap().remove("value");
        }
        check(&facts, asked(json!([filter])), expected);
    }
}

#[test]
fn properties_are_text_as_json_writes_them_and_nested_ones_absent() {
    let values = [
        json!(1.5),
        json!(42),
        json!(true),
        json!("XL"),
        json!(null),
        json!(["XL"]),
        json!({}),
    ];
    let events = values.iter().zip(1..).map(|(value, visitor)| {
        let mut event = event(visitor, "custom", TODAY);
        event.props.insert("size".to_owned(), value.clone());
        event
    });
    let facts = of_events(events.collect());
    let is = |value: &str| asked(json!([{"field": "props.size", "op": "eq", "value": value}]));
    check(&facts, is("1.5"), &[1]);
    check(&facts, is("42"), &[2]);
    check(&facts, is("TRUE"), &[3]);
    check(&facts, is("xl"), &[4]);
    let known = asked(json!([{"field": "props.size", "op": "exists"}]));
    check(&facts, known, &[1, 2, 3, 4]);
}

#[test]
fn a_list_is_true_for_any_value_and_ne_for_none() {
    let order = |order_id, visitor, coupons| Order {
        coupons,
        ..order(order_id, visitor, TODAY)
    };
    let facts = of_orders(vec![
        order("a", 1, vec!["spring", "vip"]),
        order("b", 2, vec!["vip"]),
        order("c", 3, vec![]),
    ]);
    for (op, value, expected) in [
        ("eq", json!("SPRING"), &[1][..]),
        ("ne", json!("SPRING"), &[2, 3]),
        ("in", json!(["spring", "vip"]), &[1, 2]),
        ("not_in", json!(["spring", "x"]), &[2, 3]),
        ("contains", json!("ring"), &[1]),
        ("starts_with", json!("vi"), &[1, 2]),
    ] {
        let filter = json!({"field": "coupons", "op": op, "value": value});
        check(
            &facts,
            json!({"kind": "order", "where": [filter]}),
            expected,
        );
    }
}

#[test]
fn paths_match_whole() {
    for (pattern, path, matches) in [
        ("/shoes/*", "/shoes/7", true),
        ("/shoes/*", "/shoes/", true),
        ("/shoes/*", "/shoes", false),
        ("/shoes/*", "/shoes/7/red", false),
        ("/shoes/**", "/shoes/7", true),
        ("/shoes/**", "/shoes/7/red", true),
        ("/shoes", "/shoes/", false),
        ("/shoes/", "/shoes", false),
        ("/shoes", "/SHOES", true),
        ("/a/**/b", "/a/b", false),
        ("/a/**/b", "/a/x/y/b", true),
        ("*/b", "/b", true),
        ("*", "/b", false),
        ("/shoes?", "/shoess", false),
    ] {
        let facts = of_events(vec![with(event(1, "page_view", TODAY), "path", path)]);
        let filter = json!({"field": "path", "op": "matches_path", "value": pattern});
        let expected = if matches { &[1][..] } else { &[] };
        check(&facts, asked(json!([filter])), expected);
    }
}

#[test]
fn all_filters_of_a_leaf_meet_on_one_fact() {
    let facts = of_events(vec![
        with(event(1, "click", TODAY), "cta", "buy"),
        with(event(1, "click", TODAY), "title", "home"),
        with(
            with(event(2, "click", TODAY), "cta", "buy"),
            "title",
            "home",
        ),
    ]);
    let both = json!([{"field": "cta", "op": "exists"}, {"field": "title", "op": "exists"}]);
    check(&facts, asked(both), &[2]);
}

/// A sale of one item each, from visitor 1 on.
fn sold(items: Vec<Vec<Item>>) -> Facts {
    let visitors = items.into_iter().zip(1..);
    of_events(
        visitors
            .map(|(items, visitor)| with_items(event(visitor, "purchase", TODAY), items))
            .collect(),
    )
}

#[test]
fn positive_filters_of_items_meet_on_one_item() {
    let red = |item| Item {
        category: "red",
        ..item
    };
    let facts = sold(vec![
        vec![red(item("cup", 1)), item("pot", 2)],
        vec![red(item("pot", 2))],
    ]);
    let filters = json!([
        {"field": "items.category", "op": "eq", "value": "red"},
        {"field": "items.quantity", "op": "eq", "value": 2}]);
    check(&facts, asked(filters), &[2]);
}

#[test]
fn a_negated_filter_says_that_no_item_is_so() {
    let facts = sold(vec![
        vec![item("cup", 1), item("pot", 1)],
        vec![item("pot", 1)],
        vec![],
    ]);
    let no_cup = json!([{"field": "items.id", "op": "ne", "value": "CUP"}]);
    check(&facts, asked(no_cup), &[2, 3]);
    let neither = json!([{"field": "items.id", "op": "not_in", "value": ["cup", "pot"]}]);
    check(&facts, asked(neither), &[3]);
    let pot_but_no_cup = json!([
        {"field": "items.id", "op": "eq", "value": "pot"},
        {"field": "items.id", "op": "ne", "value": "cup"}]);
    check(&facts, asked(pot_but_no_cup), &[2]);
}

#[test]
fn the_value_of_an_item_is_its_price_times_its_quantity() {
    let priced = |price_cents, quantity| Item {
        price_cents,
        ..item("cup", quantity)
    };
    let facts = sold(vec![
        vec![priced(Some(5), 3)],
        vec![priced(Some(15), 0)],
        vec![priced(None, 3)],
    ]);
    let worth = |cents| asked(json!([{"field": "items.value_cents", "op": "eq", "value": cents}]));
    check(&facts, worth(15), &[1]);
    check(&facts, worth(0), &[2]);
}

#[test]
fn ids_of_orders_and_products_are_folded_in_filters() {
    let facts = of_orders(vec![Order {
        items: vec![item("Straße", 1)],
        ..order("Ab", 1, TODAY)
    }]);
    let filters = json!([
        {"field": "order_id", "op": "eq", "value": "aB"},
        {"field": "items.id", "op": "eq", "value": "STRASSE"}]);
    check(&facts, json!({"kind": "order", "where": filters}), &[1]);
}
