//! A valid definition, in which one mistake is to be made.

use super::place::{Place, Role, places};
use crate::segment::Code;
use proptest::prelude::RngExt as _;
use proptest::test_runner::TestRng;
use serde_json::Value;

/// A definition with one mistake.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    pub text: String,
    /// The pointers that are right, mostly one; none where it is no JSON.
    pub wrong: Vec<String>,
    /// The codes that fit, mostly one.
    pub codes: Vec<Code>,
}

/// A valid definition and chance.
pub(super) struct Draft<'a> {
    pub definition: &'a Value,
    pub places: Vec<Place>,
    pub rng: &'a mut TestRng,
}

impl<'a> Draft<'a> {
    pub fn of(definition: &'a Value, rng: &'a mut TestRng) -> Self {
        Self {
            definition,
            places: places(definition),
            rng,
        }
    }

    /// What stands at a place.
    pub fn value(&self, pointer: &str) -> &'a Value {
        self.definition.pointer(pointer).unwrap()
    }

    /// One of the places with those roles of which something holds.
    pub fn place(
        &mut self,
        roles: &[Role],
        holds: impl Fn(&str, &Value) -> bool,
    ) -> Option<String> {
        let fitting: Vec<&str> = self
            .places
            .iter()
            .filter(|place| roles.contains(&place.role))
            .map(|place| place.pointer.as_str())
            .filter(|pointer| holds(pointer, self.value(pointer)))
            .collect();
        if fitting.is_empty() {
            return None;
        }
        let index = self.rng.random_range(0..fitting.len());
        Some(fitting[index].to_owned())
    }

    /// One of the places with that role.
    pub fn any(&mut self, role: Role) -> Option<String> {
        self.place(&[role], |_, _| true)
    }

    pub fn choose<T: Clone>(&mut self, some: &[T]) -> T {
        some[self.rng.random_range(0..some.len())].clone()
    }

    /// The definition with another value at a place, which is wrong.
    pub fn put(&self, pointer: &str, value: Value, code: Code) -> Mutant {
        mutant(&self.with(pointer, value), pointer, code)
    }

    /// The definition with another value of a key, which is wrong.
    pub fn set(&self, object: &str, key: &str, value: Value, code: Code) -> Mutant {
        let definition = self.with_key(object, key, value);
        mutant(&definition, &format!("{object}/{}", escaped(key)), code)
    }

    /// The definition with another value at a place.
    pub fn with(&self, pointer: &str, value: Value) -> Value {
        let mut definition = self.definition.clone();
        *definition.pointer_mut(pointer).unwrap() = value;
        definition
    }

    /// The definition with another value of a key.
    pub fn with_key(&self, object: &str, key: &str, value: Value) -> Value {
        let mut definition = self.definition.clone();
        definition.pointer_mut(object).unwrap()[key] = value;
        definition
    }

    /// The definition without a key.
    pub fn without(&self, object: &str, key: &str) -> Value {
        let mut definition = self.definition.clone();
        let object = definition.pointer_mut(object).unwrap();
        object.as_object_mut().unwrap().remove(key);
        definition
    }
}

/// The definition, in which that place is wrong.
pub(super) fn mutant(definition: &Value, wrong: &str, code: Code) -> Mutant {
    Mutant {
        text: definition.to_string(),
        wrong: vec![wrong.to_owned()],
        codes: vec![code],
    }
}

/// A key as a pointer has it.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
