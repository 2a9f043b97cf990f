//! The evaluator against the language's sentences: tiny worlds made by hand,
//! in which each sentence decides.

mod answers;
mod cart;
mod contacts;
mod counting;
mod dates;
mod measures;
mod messages;
mod sequence;
mod time;
mod values;
mod who;

use super::event::{Event, Item};
use super::facts::{CONTACT, Contact, Facts, Identity, Message, Order, RATE};
use super::truth::World;
use jiff::Timestamp;
use jiff::civil::Weekday;
use serde_json::{Value, json};

/// A Monday.
const NOW: &str = "2026-06-15T12:00:00Z";

/// The contact of a number.
pub(super) const fn contact(n: u64) -> u64 {
    CONTACT | n
}

pub(super) fn at(instant: &str) -> i64 {
    instant.parse::<Timestamp>().unwrap().as_millisecond()
}

/// The site in UTC, with weeks from Monday, in shekels, at `NOW`.
pub(super) fn world(facts: &Facts) -> World<'_> {
    World {
        facts,
        zone: "UTC",
        week_start: Weekday::Monday,
        currency: "ILS",
        as_of: at(NOW),
    }
}

fn members(facts: &Facts, definition: &Value) -> Vec<u64> {
    world(facts).members(definition).into_iter().collect()
}

#[track_caller]
fn check(facts: &Facts, definition: Value, expected: &[u64]) {
    assert_eq!(members(facts, &definition), expected, "{definition}");
}

/// One event of one visitor; its id is its instant.
pub(super) fn event(visitor: u64, kind: &'static str, instant: &str) -> Event {
    Event {
        visitor,
        session: visitor * 10,
        id: at(instant) as u128,
        ts: at(instant),
        kind,
        ..Event::default()
    }
}

/// The event with a column of text.
pub(super) fn with(mut event: Event, column: &'static str, text: &'static str) -> Event {
    event.texts.insert(column, text);
    event
}

pub(super) fn with_items(event: Event, items: Vec<Item>) -> Event {
    Event { items, ..event }
}

pub(super) fn item(id: &'static str, quantity: u32) -> Item {
    Item {
        id,
        quantity,
        ..Item::default()
    }
}

/// An online order from the feed.
pub(super) fn order(order_id: &'static str, buyer: u64, instant: &str) -> Order {
    let is_contact = buyer & CONTACT != 0;
    Order {
        order_id,
        is_feed: true,
        visitor: if is_contact { 0 } else { buyer },
        contact: if is_contact { buyer } else { 0 },
        ts: at(instant),
        channel: "online",
        value_cents: Some(100),
        ..Order::default()
    }
}

/// A row of a mail; its id is its instant.
pub(super) fn message(
    contact: u64,
    message_id: &'static str,
    event: &'static str,
    instant: &str,
) -> Message {
    Message {
        contact,
        message_id,
        channel: "mail",
        event,
        ts: at(instant),
        id: at(instant) as u128,
        ..Message::default()
    }
}

pub(super) fn link(visitor: u64, person: u64) -> Identity {
    Identity {
        id: visitor,
        person,
        is_visitor: true,
    }
}

fn merge(absorbed: u64, person: u64) -> Identity {
    Identity {
        id: absorbed,
        person,
        is_visitor: false,
    }
}

fn of_events(events: Vec<Event>) -> Facts {
    Facts {
        events,
        ..Facts::default()
    }
}

fn of_orders(orders: Vec<Order>) -> Facts {
    Facts {
        orders,
        ..Facts::default()
    }
}

fn of_contacts(contacts: Vec<Contact>) -> Facts {
    Facts {
        contacts,
        ..Facts::default()
    }
}

/// One page view each at these instants: the first is visitor 1's.
fn seen(instants: &[&str]) -> Facts {
    let visitors = instants.iter().zip(1..);
    of_events(
        visitors
            .map(|(instant, visitor)| event(visitor, "page_view", instant))
            .collect(),
    )
}

pub(super) fn duration(n: u32, unit: &str) -> Value {
    json!({"n": n, "unit": unit})
}
