//! What may be changed in a template, and which values fit.

use super::super::invalid::At;
use super::super::{parse, time};
use super::{FillError, Texts};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What may be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in the template.
    pub name: String,
    /// Which values fit.
    pub r#type: ParameterType,
    /// Of a choice: what there is to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// What people read.
    pub label: Texts,
    /// The value where none is given. What names something of the site's own
    /// is an example.
    pub default: Value,
}

/// An option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateOption)]
pub struct Choice {
    /// What stands in the definition.
    pub value: String,
    /// What people read.
    pub label: Texts,
}

/// Which values a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// Text, not empty.
    Text,
    /// A whole number, at least 1.
    Count,
    /// An amount in hundredths of the site's currency: a whole number, at least 1.
    Money,
    /// Time spent, in milliseconds: a whole number, at least 1.
    DwellMs,
    /// A length of time as the language writes it: `{"n": 30, "unit": "day"}`.
    Duration,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A category of pages or products.
    Category,
    /// A product's id.
    Product,
    /// A group's id.
    Group,
    /// A segment's id.
    Segment,
    /// The name of a field of contacts.
    Field,
    /// The value of one of the options.
    Choice,
}

impl Parameter {
    /// Whether the value is one that it takes.
    ///
    /// # Errors
    /// [`FillError::Unfit`], which says what would fit.
    pub fn check(&self, value: &Value) -> Result<(), FillError> {
        if self.takes(value) {
            return Ok(());
        }
        Err(FillError::Unfit {
            name: self.name.clone(),
            fits: self.fits(),
            found: value.to_string(),
        })
    }

    fn takes(&self, value: &Value) -> bool {
        let is_text = || value.as_str().is_some_and(|text| !text.trim().is_empty());
        match self.r#type {
            ParameterType::Text
            | ParameterType::Category
            | ParameterType::Product
            | ParameterType::Group
            | ParameterType::Segment
            | ParameterType::Field => is_text(),
            ParameterType::Count | ParameterType::Money | ParameterType::DwellMs => {
                value.as_u64().is_some_and(|n| n >= 1)
            }
            ParameterType::Duration => is_duration(value),
            ParameterType::Date => value
                .as_str()
                .is_some_and(|text| time::date(text, &At::Root).is_ok()),
            ParameterType::Choice => value
                .as_str()
                .is_some_and(|text| self.options.iter().any(|option| option.value == text)),
        }
    }

    /// What it takes, in words.
    fn fits(&self) -> String {
        let fits = match self.r#type {
            ParameterType::Text => "text that is not empty",
            ParameterType::Count => "a whole number of at least 1",
            ParameterType::Money => "a whole number of hundredths of at least 1",
            ParameterType::DwellMs => "a whole number of milliseconds of at least 1",
            ParameterType::Duration => {
                r#"a duration of at most five years as {"n":30,"unit":"day"}"#
            }
            ParameterType::Date => "a date as \"2026-11-21\"",
            ParameterType::Category => "the name of a category",
            ParameterType::Product => "the id of a product",
            ParameterType::Group => "the id of a group",
            ParameterType::Segment => "the id of a segment",
            ParameterType::Field => "the name of a field of contacts",
            ParameterType::Choice => {
                let options = self.options.iter();
                let options: Vec<_> = options.map(|o| format!("`{}`", o.value)).collect();
                return format!("one of {}", options.join(", "));
            }
        };
        fits.to_owned()
    }
}

/// Whether the language reads it as a [`Duration`](super::super::ast::Duration).
fn is_duration(value: &Value) -> bool {
    parse(&json!({"kind": "cart", "state": "abandoned", "idle": value})).is_ok()
}
