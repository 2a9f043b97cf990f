//! The cart that was left behind.

use super::super::event::{Event, Item};
use super::super::facts::RATE;
use super::fact::Fact;
use super::leaf::Answer;
use super::people::Person;
use super::sequence::rows;
use super::value::{Found, fold};
use super::{World, listed};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What lies in a cart, by folded id of the product.
type Cart = BTreeMap<String, Item>;

impl World<'_> {
    pub(super) fn cart(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let rows = rows(person);
        let last = rows.iter().rev().find(|row| is_change(row));
        let items = self.remaining(&rows);
        let pieces = items.iter().map(|item| i128::from(item.quantity)).sum();
        let meant = self.meant(listed(&leaf["where"]), &items, Some(RATE));
        let window = self.window(&leaf["window"], person);
        let idle = match &leaf["idle"] {
            Value::Null => json!({"n": 1, "unit": "hour"}),
            given => given.clone(),
        };
        let is_idle = last.is_some_and(|row| row.ts() < self.before(self.as_of, &idle));
        let is_inside = last.is_some_and(|row| window.is_some_and(|window| window.holds(row.ts())));
        Answer {
            holds: !items.is_empty() && meant.is_some() && is_idle && is_inside,
            value: Some(Found::Number(pieces)),
            facts: last.map(|row| row.id()).into_iter().collect(),
        }
    }

    /// What remains in the end.
    fn remaining(&self, rows: &[Fact<'_>]) -> Vec<Item> {
        let mut cart = Cart::new();
        for row in rows {
            match row {
                Fact::Event(event) if event.kind == "add_to_cart" => self.add(&mut cart, event),
                Fact::Event(event) if event.kind == "remove_from_cart" => remove(&mut cart, event),
                Fact::Order(order) if order.channel == "online" => cart.clear(),
                _ => {}
            }
        }
        let items = cart.into_values();
        items.filter(|item| item.quantity > 0).collect()
    }

    /// The latest add says all but how many there are.
    fn add(&self, cart: &mut Cart, event: &Event) {
        let rate = self.rate(Fact::Event(event));
        for item in event.items.iter().filter(|item| !item.id.is_empty()) {
            let known = cart.entry(fold(item.id)).or_default();
            *known = Item {
                quantity: known.quantity + item.quantity,
                price_cents: item.price_cents.filter(|_| rate.is_some()),
                ..item.clone()
            };
        }
    }
}

fn remove(cart: &mut Cart, event: &Event) {
    for item in event.items.iter().filter(|item| !item.id.is_empty()) {
        if let Some(known) = cart.get_mut(&fold(item.id)) {
            known.quantity = known.quantity.saturating_sub(item.quantity);
        }
    }
}

fn is_change(row: &Fact<'_>) -> bool {
    match row {
        Fact::Event(event) => matches!(event.kind, "add_to_cart" | "remove_from_cart"),
        _ => false,
    }
}
