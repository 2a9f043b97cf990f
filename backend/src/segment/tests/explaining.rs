//! Why somebody is in a segment, or out, as the engine says it: each kind of leaf.

use super::engine;
use super::event::Event;
use super::facts::{Contact, Facts, Membership};
use super::meaning::{
    at, contact, duration, event, item, link, message, order, with, with_items, world,
};
use super::rows::rows;
use crate::people::person::{explanation, timeline::Kind};
use crate::segment::ast::Node;
use crate::segment::{Fact, FactId, Question, Reason, explain, parse};
use crate::store::{self, Bounds, PersonIds, Store};
use expect_test::{Expect, expect};
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const SITE: &str = "explained";

/// A contact with a browser: pages and a cart today, a purchase in the store yesterday, two mails.
fn facts() -> Facts {
    let start = |event: Event| Event {
        is_session_start: true,
        ..event
    };
    let view = |time| with(event(1, "view_item", time), "product", "a");
    let two = vec![item("a", 2), item("b", 1)];
    let mut clicks: Vec<Event> = (10..35)
        .map(|second| event(2, "click", &format!("2026-06-15T08:00:{second}Z")))
        .collect();
    let mut events = vec![
        start(event(1, "page_view", "2026-06-15T08:00:00Z")),
        view("2026-06-15T08:10:00Z"),
        view("2026-06-15T08:20:00Z"),
        with(
            event(1, "view_item", "2026-06-15T08:30:00Z"),
            "product",
            "b",
        ),
        with_items(event(1, "add_to_cart", "2026-06-15T09:00:00Z"), two),
        with_items(
            event(1, "remove_from_cart", "2026-06-15T09:30:00Z"),
            vec![item("a", 1)],
        ),
    ];
    events.append(&mut clicks);
    let mut bought = order("S1", contact(1), "2026-06-14T10:00:00Z");
    bought.channel = "store";
    bought.value_cents = Some(12_345);
    Facts {
        events,
        orders: vec![bought],
        messages: vec![
            message(contact(1), "m1", "sent", "2026-06-13T07:00:00Z"),
            message(contact(1), "m1", "opened", "2026-06-13T08:00:00Z"),
            message(contact(1), "m2", "sent", "2026-06-14T07:00:00Z"),
            message(contact(1), "m2", "opened", "2026-06-14T08:00:00Z"),
        ],
        contacts: vec![Contact {
            id: contact(1),
            texts: [("city", "תל אביב")].into(),
            birthday: Some(Date::constant(1992, 2, 29)),
            created_at: Some(at("2026-06-01T00:00:00Z")),
            consent_mail: Some(false),
            ..Contact::default()
        }],
        memberships: vec![Membership {
            contact: contact(1),
            group: "vip",
            ts: at("2026-06-01T00:00:00Z"),
            is_in: true,
        }],
        identities: vec![link(1, contact(1))],
        ..Facts::default()
    }
}

/// The definitions, asked together in a database of that name; the reasons of a person, a
/// definition after the other.
async fn explained(name: &str, definitions: &[Value], person: u64) -> (Store, Vec<Vec<Reason>>) {
    let facts = facts();
    let world = world(&facts);
    let settings = engine::settings(world.zone, Weekday::Monday);
    let mut known = engine::KNOWN.clone();
    let saved = parse(&json!({"kind": "group", "group": "vip"})).unwrap();
    known.segments.insert("friends".to_owned(), saved);
    let question = Question {
        site: SITE,
        settings: &settings,
        known: &known,
        as_of_ms: world.as_of,
    };
    let nodes: Vec<Node> = definitions.iter().map(|one| parse(one).unwrap()).collect();
    let nodes: Vec<&Node> = nodes.iter().collect();
    let explaining = explain(&nodes, &question, &[world.named(person)]).unwrap();
    let (client, store) = store::fresh(&format!("segment_explaining_{name}")).await;
    let client = client.with_setting("async_insert", "0");
    engine::store(&client, SITE, &facts.events).await;
    for (table, rows) in rows(SITE, &world) {
        engine::insert(&client, table, &rows).await;
    }
    let bounds = Bounds {
        seconds: 30,
        memory_bytes: 1 << 30,
    };
    let told = store.told(&explaining, &bounds).await.unwrap();
    let [told] = told.as_slice() else {
        panic!("one person is asked about: {told:?}");
    };
    (store, explaining.reasons(told))
}

fn reasons(name: &str, definitions: &[Value], person: u64) -> Vec<Vec<Reason>> {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(explained(name, definitions, person)).1
}

fn check(name: &str, definitions: &[Value], person: u64, expected: &Expect) {
    let reasons = reasons(name, definitions, person);
    let mut lines = String::new();
    for (definition, reasons) in definitions.iter().zip(reasons) {
        for reason in reasons {
            let found = serde_json::to_string(&reason.found).unwrap();
            let kind = definition.pointer(&reason.pointer).unwrap()["kind"].as_str();
            let kind = kind.unwrap_or("joined");
            lines += &format!("{kind} {} {found}\n", reason.is_true);
            for fact in reason.facts {
                lines += &format!("    {}\n", told(&fact));
            }
        }
    }
    expected.assert_eq(&lines);
}

fn told(fact: &Fact) -> String {
    let at = jiff::Timestamp::from_millisecond(fact.at).unwrap();
    match &fact.id {
        // Its id is its instant.
        FactId::Event(id) | FactId::Message(id) if id.as_u128() != fact.at as u128 => {
            format!("{at} of another: {id}")
        }
        FactId::Event(_) => format!("{at} event"),
        FactId::Order(id) => format!("{at} order {id}"),
        FactId::Message(_) => format!("{at} message"),
    }
}

#[test]
fn each_kind_of_leaf_says_what_it_found_and_where() {
    let viewed = json!({"kind": "event", "event": "view_item"});
    let with_keys = |mut leaf: Value, keys: Value| {
        let keys = keys.as_object().unwrap().clone();
        leaf.as_object_mut().unwrap().extend(keys);
        leaf
    };
    let field = |field: &str, op: &str| json!({"kind": "contact", "field": field, "op": op});
    let definitions = [
        with_keys(viewed.clone(), json!({"compare": {"gt": 5}})),
        with_keys(
            viewed.clone(),
            json!({"per": "product", "compare": {"lt": 2}}),
        ),
        with_keys(viewed.clone(), json!({"measure": {"max": "value_cents"}})),
        json!({"kind": "order", "measure": {"avg": "value_cents"}, "compare": {"gte": 100}}),
        with_keys(
            viewed.clone(),
            json!({"window": {"since": with_keys(viewed.clone(),
            json!({"where": [{"field": "product", "op": "eq", "value": "A"}]}))}}),
        ),
        json!({"kind": "message", "event": "opened"}),
        json!({"kind": "message", "event": "opened", "latest": true}),
        json!({"kind": "last", "of": "visit", "window": {"calendar": "yesterday"}}),
        json!({"kind": "last", "of": {"kind": "order"}, "window": {"last": duration(7, "day")}}),
        json!({"kind": "cart", "state": "abandoned"}),
        with_keys(field("city", "eq"), json!({"value": "Haifa"})),
        field("birthday", "exists"),
        with_keys(
            field("created_at", "in_window"),
            json!({"window": {"last": duration(1, "month")}}),
        ),
        with_keys(field("consent_mail", "eq"), json!({"value": true})),
        field("phone", "exists"),
        json!({"kind": "group", "group": "vip"}),
        json!({"any": [{"kind": "segment", "segment": "friends"}]}),
        json!({"kind": "sequence", "steps": [{"of": viewed},
            {"of": viewed, "differs": ["product"]}, {"of": {"kind": "event", "event": "add_to_cart"}}]}),
        json!({"kind": "sequence", "steps": [{"of": viewed}, {"of": {"kind": "order"}}]}),
    ];
    check(
        "kinds",
        &definitions,
        contact(1),
        &expect![[r#"
        event false 3
            2026-06-15T08:30:00Z event
            2026-06-15T08:20:00Z event
            2026-06-15T08:10:00Z event
        event true 1
            2026-06-15T08:30:00Z event
            2026-06-15T08:20:00Z event
            2026-06-15T08:10:00Z event
        event false null
            2026-06-15T08:30:00Z event
            2026-06-15T08:20:00Z event
            2026-06-15T08:10:00Z event
        order true 12345
            2026-06-14T10:00:00Z order S1
        event true 1
            2026-06-15T08:30:00Z event
        message true 2
            2026-06-14T08:00:00Z message
            2026-06-13T08:00:00Z message
        message true 1
            2026-06-14T08:00:00Z message
        last false 1781510400000
        last true 1781431200000
            2026-06-14T10:00:00Z order S1
        cart true 2
            2026-06-15T09:30:00Z event
        contact false "תל אביב"
        contact true "1992-02-29"
        contact true 1780272000000
        contact false false
        contact false null
        group true true
        joined true null
        segment true true
        sequence true true
            2026-06-15T08:10:00Z event
            2026-06-15T08:30:00Z event
            2026-06-15T09:00:00Z event
        sequence false false
    "#]],
    );
}

#[test]
fn the_latest_20_facts_are_told() {
    let clicks = json!({"kind": "event", "event": "click", "compare": {"gt": 25}});
    let reasons = reasons("latest", &[clicks], 2);
    let [reason] = reasons[0].as_slice() else {
        panic!("a leaf is one node: {reasons:?}");
    };
    let seconds: Vec<i64> = reason
        .facts
        .iter()
        .map(|fact| fact.at / 1000 % 60)
        .collect();
    assert_eq!(seconds, (15..35).rev().collect::<Vec<i64>>());
    assert!(!reason.is_true);
}

#[test]
fn of_whom_nothing_is_known_nothing_is_found() {
    let definitions = [
        json!({"not": {"kind": "event", "event": "any"}}),
        json!({"kind": "order", "measure": {"min": "value_cents"}}),
        json!({"kind": "contact", "field": "city", "op": "ne", "value": "Haifa"}),
        json!({"kind": "cart", "state": "abandoned"}),
    ];
    check(
        "nobody",
        &definitions,
        99,
        &expect![[r#"
        joined true null
        event false 0
        order false null
        contact true null
        cart false 0
    "#]],
    );
}

#[test]
fn what_is_stored_of_the_facts_is_read() {
    let definition = json!({"all": [
        {"kind": "event", "event": "page_view"},
        {"kind": "order"},
        {"kind": "message", "event": "sent", "latest": true},
    ]});
    let of = PersonIds {
        site: SITE.to_owned(),
        visitors: vec![1],
        contacts: vec![contact(1)],
    };
    let shown = Runtime::new().unwrap().block_on(async {
        let (store, reasons) =
            explained("stored", std::slice::from_ref(&definition), contact(1)).await;
        let rows = store.facts_of(&of, &reasons[0]).await.unwrap();
        explanation(&definition, &reasons[0], &rows, &of, "ILS")
    });
    assert!(shown.is_in);
    let facts = shown.nodes.iter().flat_map(|node| &node.facts);
    let facts: Vec<(Kind, &Value)> = facts.map(|fact| (fact.kind, &fact.what)).collect();
    let [
        (Kind::Event, page),
        (Kind::Order, bought),
        (Kind::Message, sent),
    ] = facts.as_slice()
    else {
        panic!("a page, an order and a message: {facts:?}");
    };
    assert_eq!(page["type"], "page_view");
    assert_eq!(bought["value_cents"], 12_345);
    assert_eq!(sent["message_id"], "m2");
}
