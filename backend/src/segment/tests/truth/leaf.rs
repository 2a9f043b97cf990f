//! Leaves: each kind's answer for one person.

use super::super::facts::Message;
use super::fact::{Fact, FactId, Match};
use super::people::Person;
use super::value::{Found, compared, whole};
use super::window::Window;
use super::{World, text};
use serde_json::Value;

/// How many facts an explanation shows.
const SHOWN: usize = 20;

/// What a leaf says of a person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub holds: bool,
    pub value: Option<Found>,
    pub facts: Vec<FactId>,
}

impl Answer {
    /// An answer that has no value but itself.
    pub fn yes_or_no(holds: bool) -> Answer {
        Answer {
            holds,
            value: Some(Found::Bool(holds)),
            facts: Vec::new(),
        }
    }
}

impl World<'_> {
    pub(super) fn leaf(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        match text(&leaf["kind"]) {
            "event" | "order" => self.measured_facts(leaf, person),
            "message" => self.messages(leaf, person),
            "last" => self.last(leaf, person),
            "cart" => self.cart(leaf, person),
            "contact" => self.contact(leaf, person),
            "group" => Answer::yes_or_no(person.groups.contains(text(&leaf["group"]))),
            "segment" => Answer::yes_or_no(self.holds(self.saved(leaf), person)),
            "sequence" => self.sequence(leaf, person),
            other => unreachable!("{other}"),
        }
    }

    fn measured_facts(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let window = self.window(&leaf["window"], person);
        let facts = within(self.matches(leaf, person), &window);
        let starts = within(starts(person), &window).len();
        let measured = self.measured(leaf, &facts, starts);
        Answer {
            holds: measured.holds,
            value: measured.value,
            facts: shown(facts),
        }
    }

    fn messages(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let window = self.window(&leaf["window"], person);
        let mut facts = within(self.matches(leaf, person), &window);
        if leaf["latest"] == true {
            let newest = newest(&leaf["channel"], person);
            facts.retain(|one| match one.fact {
                Fact::Message(message) => newest == Some(message.message_id),
                _ => false,
            });
        }
        let count = whole(facts.len());
        Answer {
            holds: compared(&count, &leaf["compare"]),
            value: Some(count),
            facts: shown(facts),
        }
    }

    fn last(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let window = self.window(&leaf["window"], person);
        let such = if leaf["of"] == "visit" {
            starts(person)
        } else {
            self.matches(&leaf["of"], person)
        };
        let latest = such.iter().map(|one| one.fact.ts()).max();
        let inside = |ts| window.is_some_and(|window| window.holds(ts));
        Answer {
            holds: latest.is_some_and(inside),
            value: latest.map(|ts| Found::Number(ts.into())),
            facts: shown(within(such, &window)),
        }
    }

    fn saved(&self, leaf: &Value) -> &Value {
        &self.facts.segments[text(&leaf["segment"])]
    }
}

/// The id of the newest message sent on the channel, or on any where none is
/// named.
fn newest(channel: &Value, person: &Person<'_>) -> Option<&'static str> {
    let is_meant =
        |sent: &&&Message| sent.event == "sent" && (channel.is_null() || channel == sent.channel);
    let sent = person.messages.iter().filter(is_meant);
    let newest = sent.max_by_key(|sent| (sent.ts, sent.id))?;
    Some(newest.message_id)
}

/// The events with which the person's visits began, of whatever type.
fn starts<'p>(person: &'p Person<'_>) -> Vec<Match<'p>> {
    let starts = person.events.iter().filter(|event| event.is_session_start);
    starts
        .map(|event| Match {
            fact: Fact::Event(event),
            items: Vec::new(),
        })
        .collect()
}

fn within<'p>(facts: Vec<Match<'p>>, window: &Option<Window>) -> Vec<Match<'p>> {
    let Some(window) = window else {
        return Vec::new();
    };
    let facts = facts.into_iter();
    facts.filter(|one| window.holds(one.fact.ts())).collect()
}

/// The latest first.
fn shown(facts: Vec<Match<'_>>) -> Vec<FactId> {
    let mut keys: Vec<_> = facts
        .iter()
        .map(|one| (one.fact.ts(), one.fact.id()))
        .collect();
    keys.sort_by(|one, two| two.cmp(one));
    keys.into_iter().take(SHOWN).map(|(_, id)| id).collect()
}
