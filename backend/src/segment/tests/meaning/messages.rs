//! Messages, the newest one, and `last`.

use super::super::event::Event;
use super::super::facts::Message;
use super::{Facts, check, contact, duration, event, message, of_events, of_orders, order};
use serde_json::{Value, json};

fn of_messages(messages: Vec<Message>) -> Facts {
    Facts {
        messages,
        ..Facts::default()
    }
}

fn latest(event: &str) -> Value {
    json!({"kind": "message", "event": event, "latest": true})
}

fn with_key(mut leaf: Value, key: &str, value: Value) -> Value {
    leaf[key] = value;
    leaf
}

const MONDAY: &str = "2026-06-08T10:00:00Z";
const TUESDAY: &str = "2026-06-09T10:00:00Z";
const FRIDAY: &str = "2026-06-12T10:00:00Z";

#[test]
fn messages_are_asked_by_type_and_channel() {
    let by_sms = Message {
        channel: "sms",
        ..message(contact(2), "b", "opened", MONDAY)
    };
    let facts = of_messages(vec![message(contact(1), "a", "clicked", MONDAY), by_sms]);
    let of = |channel: Value| json!({"kind": "message", "event": ["clicked", "opened"], "channel": channel});
    check(&facts, of(json!("mail")), &[contact(1)]);
    check(&facts, of(json!("sms")), &[contact(2)]);
    let any = json!({"kind": "message", "event": ["clicked", "opened"]});
    check(&facts, any, &[contact(1), contact(2)]);
    check(
        &facts,
        json!({"kind": "message", "event": "opened"}),
        &[contact(2)],
    );
}

#[test]
fn messages_are_filtered_and_cut_at_as_of() {
    let about = Message {
        topic: "Sale",
        ..message(contact(1), "a", "sent", MONDAY)
    };
    let later = message(contact(1), "b", "sent", "2026-06-15T12:00:00Z");
    let facts = of_messages(vec![about, later]);
    let once = json!({"kind": "message", "event": "sent", "compare": {"eq": 1}});
    check(&facts, once, &[contact(1)]);
    let topic = json!([{"field": "topic", "op": "eq", "value": "sale"}]);
    check(
        &facts,
        json!({"kind": "message", "event": "sent", "where": topic}),
        &[contact(1)],
    );
}

#[test]
fn latest_sees_only_rows_of_the_newest_message() {
    let facts = of_messages(vec![
        message(contact(1), "a", "sent", MONDAY),
        message(contact(1), "b", "sent", TUESDAY),
        message(contact(1), "a", "opened", FRIDAY),
        message(contact(2), "a", "sent", MONDAY),
        message(contact(2), "a", "opened", FRIDAY),
    ]);
    check(&facts, latest("opened"), &[contact(2)]);
}

#[test]
fn latest_is_of_the_channel_where_one_is_named() {
    let sms = Message {
        channel: "sms",
        ..message(contact(1), "b", "sent", TUESDAY)
    };
    let facts = of_messages(vec![
        message(contact(1), "a", "sent", MONDAY),
        sms,
        message(contact(1), "a", "opened", FRIDAY),
    ]);
    check(&facts, latest("opened"), &[]);
    let of_mail = with_key(latest("opened"), "channel", json!("mail"));
    check(&facts, of_mail, &[contact(1)]);
}

#[test]
fn where_and_window_filter_the_rows_of_the_newest_message() {
    let facts = of_messages(vec![
        Message {
            campaign: "spring",
            ..message(contact(1), "a", "sent", MONDAY)
        },
        message(contact(1), "b", "sent", TUESDAY),
        message(contact(1), "b", "opened", FRIDAY),
    ]);
    // The campaign doesn't choose the message.
    let spring = json!([{"field": "campaign", "op": "eq", "value": "spring"}]);
    check(&facts, with_key(latest("sent"), "where", spring), &[]);
    // Nor does the window: the message was sent before it.
    let week = json!({"last": duration(4, "day")});
    check(
        &facts,
        with_key(latest("opened"), "window", week),
        &[contact(1)],
    );
    let days = json!({"between": ["2026-06-08", "2026-06-08"]});
    check(&facts, with_key(latest("sent"), "window", days), &[]);
}

#[test]
fn nothing_sent_nothing_latest() {
    let facts = of_messages(vec![message(contact(1), "a", "opened", MONDAY)]);
    check(&facts, latest("opened"), &[]);
    let none = with_key(latest("opened"), "compare", json!({"eq": 0}));
    check(&facts, none, &[contact(1)]);
}

#[test]
fn what_a_machine_sent_is_not_the_newest() {
    let by_machine = Message {
        machine: true,
        ..message(contact(1), "b", "sent", TUESDAY)
    };
    let facts = of_messages(vec![
        message(contact(1), "a", "sent", MONDAY),
        by_machine,
        message(contact(1), "a", "opened", FRIDAY),
    ]);
    check(&facts, latest("opened"), &[contact(1)]);
}

#[test]
fn the_latest_fact_has_to_lie_in_the_window_of_last() {
    let facts = of_events(vec![
        event(1, "search", MONDAY),
        event(2, "search", MONDAY),
        event(2, "search", FRIDAY),
        event(3, "click", MONDAY),
    ]);
    let day = json!({"between": ["2026-06-08", "2026-06-08"]});
    let search = json!({"kind": "event", "event": "search"});
    check(
        &facts,
        json!({"kind": "last", "of": search, "window": day}),
        &[1],
    );
}

#[test]
fn the_latest_fact_is_one_before_as_of() {
    let facts = of_orders(vec![
        order("a", 1, MONDAY),
        order("b", 1, "2026-06-16T10:00:00Z"),
    ]);
    let last = json!({"kind": "last", "of": {"kind": "order"}, "window": "ever"});
    check(&facts, last, &[1]);
    let day = json!({"between": ["2026-06-08", "2026-06-08"]});
    check(
        &facts,
        json!({"kind": "last", "of": {"kind": "order"}, "window": day}),
        &[1],
    );
}

#[test]
fn last_of_a_message_asks_its_rows() {
    let facts = of_messages(vec![
        message(contact(1), "a", "sent", MONDAY),
        message(contact(2), "a", "sent", FRIDAY),
    ]);
    let sent = json!({"kind": "message", "event": "sent"});
    let last = json!({"kind": "last", "of": sent, "window": {"last": duration(4, "day")}});
    check(&facts, last, &[contact(2)]);
}

#[test]
fn the_time_of_a_visit_is_its_start() {
    let start = |visitor, instant| Event {
        is_session_start: true,
        ..event(visitor, "page_view", instant)
    };
    let facts = of_events(vec![
        start(1, MONDAY),
        event(1, "page_view", FRIDAY),
        start(2, FRIDAY),
    ]);
    let last = json!({"kind": "last", "of": "visit", "window": {"last": duration(4, "day")}});
    check(&facts, last, &[2]);
}
