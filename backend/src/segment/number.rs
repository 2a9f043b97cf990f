//! Numbers as a definition gives them: exact where they are whole.

use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A finite number. Whole ones are integers whatever their spelling, so that
/// `3` and `3.0` are equal; the engine compares them with integers exactly.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Int(i128),
    /// Any other, or one beyond 10^38.
    Float(f64),
}

/// Whole floats below this are exact as `i128`.
const WHOLE: f64 = 1e38;

impl Number {
    /// The number that JSON wrote; `None` is never met without serde_json's
    /// feature `arbitrary_precision`.
    #[must_use]
    pub fn from_json(number: &serde_json::Number) -> Option<Self> {
        if let Some(whole) = number.as_i128() {
            return Some(Self::Int(whole));
        }
        number.as_f64().map(Self::from_f64)
    }

    /// The number that the engine wrote as a text, if it is a finite one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.parse()
            .map_or_else(|_| Self::read_float(text), |whole| Some(Self::Int(whole)))
    }

    /// The float that the engine wrote as a text, if it is a finite one: of a great one the last
    /// digits mean nothing.
    #[must_use]
    pub fn read_float(text: &str) -> Option<Self> {
        let value: f64 = text.parse().ok()?;
        value.is_finite().then(|| Self::from_f64(value))
    }

    fn from_f64(value: f64) -> Self {
        if value.fract() == 0.0 && value.abs() < WHOLE {
            return Self::Int(value as i128);
        }
        Self::Float(value)
    }

    /// The nearest float.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// Beyond 64 bits it is written as the nearest float.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(whole) => match i64::try_from(*whole) {
                Ok(whole) => to.serialize_i64(whole),
                Err(_) => to.serialize_f64(self.as_f64()),
            },
            Self::Float(value) => to.serialize_f64(*value),
        }
    }
}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        f64::schema()
    }
}

impl ToSchema for Number {}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            _ => self.as_f64().total_cmp(&other.as_f64()),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_f64().to_bits().hash(state);
    }
}
