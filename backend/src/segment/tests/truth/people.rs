//! Who is asked about, and what is each one's.

use super::super::event::Event;
use super::super::facts::{CONTACT, Contact, Message, Order};
use super::World;
use std::collections::{BTreeMap, BTreeSet};

/// A contact with all its visitors, or a visitor alone, with what counts
/// before `as_of`.
#[derive(Debug, Default)]
pub(super) struct Person<'a> {
    pub id: u64,
    pub events: Vec<&'a Event>,
    pub orders: Vec<Order>,
    pub messages: Vec<&'a Message>,
    pub contact: Option<&'a Contact>,
    /// The groups that the person is in.
    pub groups: BTreeSet<&'a str>,
}

impl<'a> World<'a> {
    /// The universe.
    pub fn everyone(&self) -> BTreeSet<u64> {
        let facts = self.facts;
        let orders = self.orders();
        let active = facts.events.iter().filter(|event| self.counts_event(event));
        let visitors = active.map(|event| event.visitor);
        let buyers = orders
            .iter()
            .filter(|order| self.counts_order(order))
            .map(buyer);
        let of_rows = facts.contacts.iter().map(|contact| contact.id);
        let of_groups = facts
            .memberships
            .iter()
            .map(|membership| membership.contact);
        let of_messages = facts.messages.iter().map(|message| message.contact);
        let of_orders = orders.iter().map(|order| order.contact);
        let of_links = facts
            .identities
            .iter()
            .flat_map(|link| [link.id, link.person]);
        let contacts = of_rows
            .chain(of_groups)
            .chain(of_messages)
            .chain(of_orders)
            .chain(of_links)
            .filter(|id| id & CONTACT != 0);
        let named = visitors.chain(buyers).chain(contacts);
        let people = named.map(|id| self.person_of(id));
        people.filter(|id| *id != 0).collect()
    }

    pub(super) fn people(&self) -> Vec<Person<'a>> {
        let everyone = self.everyone().into_iter();
        everyone.map(|id| self.person(id)).collect()
    }

    pub(super) fn person(&self, id: u64) -> Person<'a> {
        let is = |identity: u64| self.person_of(identity) == id;
        let events = self.facts.events.iter();
        let orders = self.orders().into_iter();
        let messages = self.facts.messages.iter();
        Person {
            id,
            events: events
                .filter(|event| self.counts_event(event) && is(event.visitor))
                .collect(),
            orders: orders
                .filter(|order| self.counts_order(order) && is(buyer(order)))
                .collect(),
            messages: messages
                .filter(|message| self.counts_message(message) && is(message.contact))
                .collect(),
            contact: self.facts.contacts.iter().find(|contact| contact.id == id),
            groups: self.groups_of(id),
        }
    }

    /// The person that a visitor or a contact is now.
    fn person_of(&self, id: u64) -> u64 {
        let mut links = self.facts.identities.iter();
        links
            .find(|link| link.id == id)
            .map_or(id, |link| link.person)
    }

    fn counts_event(&self, event: &Event) -> bool {
        event.ts < self.as_of && !event.bot && !event.machine && !event.staff
    }

    fn counts_order(&self, order: &Order) -> bool {
        order.ts < self.as_of && !order.cancelled
    }

    fn counts_message(&self, message: &Message) -> bool {
        message.ts < self.as_of && !message.machine
    }

    /// Of each group the latest membership decides, whichever key it names.
    fn groups_of(&self, id: u64) -> BTreeSet<&'a str> {
        let mut latest = BTreeMap::new();
        for membership in &self.facts.memberships {
            if self.person_of(membership.contact) == id {
                let at = (membership.ts, membership.is_in);
                let known = latest.entry(membership.group).or_insert(at);
                *known = at.max(*known);
            }
        }
        let inside = latest.into_iter().filter(|(_, (_, is_in))| *is_in);
        inside.map(|(group, _)| group).collect()
    }
}

/// Whose an order is: the contact's it names, or else the visitor's; 0 is
/// nobody's.
fn buyer(order: &Order) -> u64 {
    if order.contact == 0 {
        order.visitor
    } else {
        order.contact
    }
}
