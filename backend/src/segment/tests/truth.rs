//! What the language means, said a second time: slowly, in memory, straight
//! from the JSON, sharing nothing with the compiler. Definitions are valid.

mod answers;
mod cart;
mod contact;
mod fact;
mod leaf;
mod measure;
mod orders;
mod people;
mod sequence;
mod value;
mod window;

use super::facts::Facts;
pub(super) use answers::{Count, Explained};
pub(super) use fact::FactId;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use people::Person;
use serde_json::Value;
use std::collections::BTreeSet;
pub(super) use value::{Found, fold};

/// A site at a moment.
pub(super) struct World<'a> {
    pub facts: &'a Facts,
    pub zone: &'a str,
    pub week_start: Weekday,
    pub currency: &'a str,
    pub as_of: i64,
}

impl World<'_> {
    /// The people for whom the definition is true.
    pub fn members(&self, definition: &Value) -> BTreeSet<u64> {
        let people = self.people();
        let members = people
            .iter()
            .filter(|person| self.holds(definition, person));
        members.map(|person| person.id).collect()
    }

    fn holds(&self, node: &Value, person: &Person<'_>) -> bool {
        if let Some(parts) = node["all"].as_array() {
            return parts.iter().all(|part| self.holds(part, person));
        }
        if let Some(parts) = node["any"].as_array() {
            return parts.iter().any(|part| self.holds(part, person));
        }
        if !node["not"].is_null() {
            return !self.holds(&node["not"], person);
        }
        self.leaf(node, person).holds
    }

    fn zone(&self) -> TimeZone {
        TimeZone::get(self.zone).unwrap()
    }

    /// The local date.
    fn date(&self, ts: i64) -> Date {
        let instant = Timestamp::from_millisecond(ts).unwrap();
        instant.to_zoned(self.zone()).date()
    }
}

/// The elements of a list, or the one value where there is no list, or nothing.
fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
