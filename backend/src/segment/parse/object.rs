//! Reading JSON strictly: every helper says where and what would fit.

use super::super::invalid::{At, Code, Invalid};
use super::super::number::Number;
use super::super::words::{Word, list as list_words, one_of};
use serde_json::{Map, Value};

/// An object and its place.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    /// Where it stands.
    pub at: At<'a>,
}

impl<'a> Object<'a> {
    /// `value` as an object; `what` names it in the message.
    pub fn read(value: &'a Value, at: At<'a>, what: &str) -> Result<Self, Invalid> {
        match value {
            Value::Object(map) => Ok(Self { map, at }),
            other => Err(wrong_type(&at, &format!("{what} is an object"), other)),
        }
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// The value of a key that may be missing.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &'static str, what: &str) -> Result<&'a Value, Invalid> {
        self.get(key).ok_or_else(|| {
            self.at
                .refuse(Code::MissingKey, format!("{what} needs `{key}`"))
        })
    }

    /// Refuses every key that is not listed.
    pub fn only(&self, known: &[&'static str], what: &str) -> Result<(), Invalid> {
        match self.map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let keys = list_words(known.iter().copied());
                let message = format!("{what} has no key `{key}`; it may have {keys}");
                Err(self.at.key(key).refuse(Code::UnknownKey, message))
            }
        }
    }

    /// The one key of an object that has exactly one, which is a word; with
    /// its value and the value's place.
    pub fn single<W: Word>(&'a self, what: &str) -> Result<(W, &'a Value, At<'a>), Invalid> {
        let known: Vec<&'static str> = W::ALL.iter().map(|word| word.as_str()).collect();
        self.only(&known, what)?;
        let found = |word: &W| Some((*word, self.get(word.as_str())?));
        let mut found = W::ALL.iter().filter_map(found);
        match (found.next(), found.next()) {
            (Some((word, value)), None) => Ok((word, value, self.at.key(word.as_str()))),
            (None, _) => {
                let message = format!("{what} needs {}", list_words(known));
                Err(self.at.refuse(Code::MissingKey, message))
            }
            (Some((first, _)), Some((second, _))) => {
                let (first, second) = (first.as_str(), second.as_str());
                let message = format!("{what} has one key; `{first}` stands beside `{second}`");
                Err(self.at.key(second).refuse(Code::UnknownKey, message))
            }
        }
    }
}

/// A list that is not empty.
pub(super) fn list<'a>(value: &'a Value, at: &At<'_>, of: &str) -> Result<&'a [Value], Invalid> {
    match value {
        Value::Array(elements) if elements.is_empty() => {
            Err(at.refuse(Code::EmptyList, format!("this list of {of} is empty")))
        }
        Value::Array(elements) => Ok(elements),
        other => Err(wrong_type(
            at,
            &format!("a list of {of} stands here"),
            other,
        )),
    }
}

/// A list of exactly two.
pub(super) fn pair<'a>(
    value: &'a Value,
    at: &At<'_>,
    of: &str,
) -> Result<(&'a Value, &'a Value), Invalid> {
    match value {
        Value::Array(elements) => match elements.as_slice() {
            [first, second] => Ok((first, second)),
            found => {
                let message = format!("two {of} stand here; found {}", found.len());
                Err(at.refuse(Code::WrongType, message))
            }
        },
        other => Err(wrong_type(
            at,
            &format!("a list of two {of} stands here"),
            other,
        )),
    }
}

/// Text.
pub(super) fn text<'a>(value: &'a Value, at: &At<'_>, what: &str) -> Result<&'a str, Invalid> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(at, &format!("{what} is text"), value))
}

/// A number.
pub(super) fn number(value: &Value, at: &At<'_>, what: &str) -> Result<Number, Invalid> {
    match value {
        Value::Number(found) => Number::from_json(found),
        _ => None,
    }
    .ok_or_else(|| wrong_type(at, &format!("{what} is a number"), value))
}

/// A whole number from `least` to `most`.
pub(super) fn whole(
    value: &Value,
    at: &At<'_>,
    (least, most): (i32, i32),
    what: &str,
) -> Result<i32, Invalid> {
    let fits = format!("{what} is a whole number from {least} to {most}");
    match number(value, at, what)? {
        Number::Int(found) => i32::try_from(found)
            .ok()
            .filter(|found| (least..=most).contains(found))
            .ok_or_else(|| at.refuse(Code::OutOfRange, format!("{fits}, not {found}"))),
        Number::Float(found) => {
            let is_whole = found.fract() == 0.0;
            let code = if is_whole {
                Code::OutOfRange
            } else {
                Code::WrongType
            };
            Err(at.refuse(code, format!("{fits}, not {found}")))
        }
    }
}

/// True or false.
pub(super) fn flag(value: &Value, at: &At<'_>, what: &str) -> Result<bool, Invalid> {
    value
        .as_bool()
        .ok_or_else(|| wrong_type(at, &format!("{what} is true or false"), value))
}

/// A word of the list `W`.
pub(super) fn word<W: Word>(value: &Value, at: &At<'_>, what: &str) -> Result<W, Invalid> {
    let written = text(value, at, what)?;
    W::from_word(written).ok_or_else(|| {
        let known = one_of(W::ALL.iter().copied());
        at.refuse(
            Code::UnknownWord,
            format!("`{written}` is no {what}; {known} would fit"),
        )
    })
}

/// The refusal of a value of another JSON type.
pub(super) fn wrong_type(at: &At<'_>, expected: &str, found: &Value) -> Invalid {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    at.refuse(Code::WrongType, format!("{expected}, not {found}"))
}
