//! Parameters: the only way by which a value gets into a statement.

use super::super::number::Number;
use serde::Serialize;

/// A statement and its parameters, by name, as
/// `clickhouse::query::Query::param` takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text, with places as `{p0:String}`.
    pub text: String,
    /// The names `p0`, `p1`, … with their values.
    pub params: Vec<(String, Param)>,
}

/// A value. It serializes as the bare value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// `String`
    Text(String),
    /// `Array(String)`
    Texts(Vec<String>),
    /// `Int64`, or `Int128` where it must
    Int(i128),
    /// `Array(Int128)`
    Ints(Vec<i128>),
    /// `Array(Int64)`
    Moments(Vec<i64>),
    /// `Float64`
    Float(f64),
    /// `Array(Float64)`
    Floats(Vec<f64>),
    /// `UInt64`
    Id(u64),
    /// `Array(UInt64)`
    Ids(Vec<u64>),
}

impl From<Number> for Param {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(value) => Self::Int(value),
            Number::Float(value) => Self::Float(value),
        }
    }
}

impl Param {
    /// The engine's type of it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "String",
            Self::Texts(_) => "Array(String)",
            Self::Int(value) if i64::try_from(*value).is_ok() => "Int64",
            Self::Int(_) => "Int128",
            Self::Ints(_) => "Array(Int128)",
            Self::Moments(_) => "Array(Int64)",
            Self::Float(_) => "Float64",
            Self::Floats(_) => "Array(Float64)",
            Self::Id(_) => "UInt64",
            Self::Ids(_) => "Array(UInt64)",
        }
    }
}

/// The parameters of a statement that is being written.
#[derive(Default)]
pub(super) struct Params(Vec<Param>);

impl From<Vec<(String, Param)>> for Params {
    /// Those of a statement that becomes a part of another.
    fn from(params: Vec<(String, Param)>) -> Self {
        Self(params.into_iter().map(|(_, value)| value).collect())
    }
}

impl Params {
    /// The place of a value: equal values share one.
    pub fn bind(&mut self, param: Param) -> String {
        let index = self
            .0
            .iter()
            .position(|known| *known == param)
            .unwrap_or_else(|| {
                self.0.push(param.clone());
                self.0.len() - 1
            });
        format!("{{p{index}:{}}}", param.type_name())
    }

    /// The finished statement.
    pub fn statement(self, text: String) -> Statement {
        let params = self.0.into_iter().enumerate();
        let params = params
            .map(|(index, param)| (format!("p{index}"), param))
            .collect();
        Statement { text, params }
    }
}
