//! The evaluator's explanations as the compiler gives them.

use super::truth::{Explained, FactId as Id, Found as Value, World};
use crate::segment::number::Number;
use crate::segment::{FactId, Found, Person, Reason};
use uuid::Uuid;

impl World<'_> {
    /// A person, with all that names them.
    pub fn named(&self, id: u64) -> Person {
        let links = self.facts.identities.iter();
        let ids = links.filter(|link| link.person == id).map(|link| link.id);
        Person {
            id,
            ids: ids.collect(),
        }
    }

    /// Why a definition is true or false of a person.
    pub fn reasons(&self, definition: &serde_json::Value, person: u64) -> Vec<Expected> {
        let explained = self.explain(definition, person).into_iter();
        explained.map(Expected).collect()
    }
}

/// What the evaluator says of a node.
#[derive(Debug)]
pub(super) struct Expected(Explained);

impl PartialEq<Expected> for Reason {
    fn eq(&self, Expected(expected): &Expected) -> bool {
        let facts: Vec<&FactId> = self.facts.iter().map(|fact| &fact.id).collect();
        let expected_facts: Vec<FactId> = expected.facts.iter().map(id).collect();
        self.pointer == expected.pointer
            && self.is_true == expected.holds
            && self.found == expected.value.as_ref().map(found)
            && facts == expected_facts.iter().collect::<Vec<_>>()
    }
}

fn id(id: &Id) -> FactId {
    match id {
        Id::Event(id) => FactId::Event(Uuid::from_u128(*id)),
        Id::Order(id) => FactId::Order((*id).to_owned()),
        Id::Message(id) => FactId::Message(Uuid::from_u128(*id)),
    }
}

fn found(value: &Value) -> Found {
    match value {
        Value::Text(text) => Found::Text(text.clone()),
        Value::Texts(texts) => Found::Texts(texts.clone()),
        Value::Number(number) => Found::Number(Number::Int(*number)),
        Value::Real(real) => {
            let json = serde_json::Number::from_f64(*real).unwrap();
            Found::Number(Number::from_json(&json).unwrap())
        }
        Value::Bool(flag) => Found::Flag(*flag),
        Value::Date(date) => Found::Text(date.to_string()),
    }
}
