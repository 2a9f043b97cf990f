//! A moment as callers write one.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, OneOfBuilder, Type},
    },
};

/// Milliseconds since the epoch, read from a whole number or from RFC 3339. 0 where it was left
/// out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moment(pub i64);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        let fits =
            "a moment is milliseconds since the epoch, or RFC 3339 such as 2026-11-21T10:00:00Z";
        match Written::deserialize(deserializer).map_err(|_| de::Error::custom(fits))? {
            Written::Number(ms) => Ok(Self(ms)),
            Written::Text(text) => {
                let moment: Timestamp = text.parse().map_err(|_| de::Error::custom(fits))?;
                Ok(Self(moment.as_millisecond()))
            }
        }
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .examples(["2026-11-21T10:00:00Z"]);
        OneOfBuilder::new().item(number).item(text).into()
    }
}

impl ToSchema for Moment {}
