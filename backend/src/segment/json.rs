//! JSON that says nothing twice. serde_json keeps the last of two equal keys,
//! so that half of a condition could vanish unseen.

use super::invalid::{Code, Invalid};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// A definition as a request brings it: a field of that type fits into any
/// request body.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    value: Value,
    twice: Option<String>,
}

impl Definition {
    /// The JSON, if no key of an object stands in it twice.
    ///
    /// # Errors
    /// [`Code::DuplicateKey`] at the first second one.
    pub fn json(&self) -> Result<&Value, Invalid> {
        match &self.twice {
            None => Ok(&self.value),
            Some(pointer) => Err(Invalid {
                pointer: pointer.clone(),
                code: Code::DuplicateKey,
                message: "this key stands here twice".to_owned(),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Definition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let twice = RefCell::new(None);
        let reader = Reader {
            pointer: String::new(),
            twice: &twice,
        };
        let value = reader.deserialize(deserializer)?;
        Ok(Self {
            value,
            twice: twice.into_inner(),
        })
    }
}

/// Reads the value at `pointer`, and notes the first key that stands twice.
struct Reader<'a> {
    pointer: String,
    twice: &'a RefCell<Option<String>>,
}

impl Reader<'_> {
    fn child(&self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        Reader {
            pointer: format!("{}/{token}", self.pointer),
            twice: self.twice,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.child(&values.len().to_string()))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let child = self.child(&key);
            let pointer = child.pointer.clone();
            if object
                .insert(key, members.next_value_seed(child)?)
                .is_some()
            {
                self.twice.borrow_mut().get_or_insert(pointer);
            }
        }
        Ok(Value::Object(object))
    }
}
