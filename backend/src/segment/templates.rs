//! The gallery: definitions that shops use, with places for what differs from
//! shop to shop.
//!
//! A template's definition is JSON of the language in which an object
//! `{"$parameter": name}` stands in place of a value. [`fill`] puts values there;
//! what comes out is a definition as any other, and is parsed and resolved as one.

mod parameter;

pub use parameter::{Choice, Parameter, ParameterType};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// The key of the object that a value replaces.
const PLACE: &str = "$parameter";

/// A definition with places for values, and how people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name for programs: lower-case words with hyphens. It never changes.
    pub id: String,
    /// Where in the gallery it stands.
    pub theme: Theme,
    /// What it is called.
    pub name: Texts,
    /// Whom it finds, and what it needs of the site.
    pub description: Texts,
    /// What may be changed; each stands in the definition.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// JSON of the language with `{"$parameter": name}` in place of values.
    pub definition: Value,
}

/// A shelf of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// How often and when people came, and from where.
    Visits,
    /// What they looked at and searched for.
    Browsing,
    /// What they put in the cart and left there.
    Carts,
    /// What they bought, where, and how.
    Buying,
    /// How good customers they are.
    Loyalty,
    /// Who they are.
    People,
    /// What became of messages to them.
    Messages,
    /// Days of the year and of their lives.
    Dates,
}

/// A text in every language of the gallery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// English.
    pub en: String,
    /// Hebrew.
    pub he: String,
}

/// Why values don't fill a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The template has no parameter of that name.
    #[error("the template has no parameter `{name}`; it has {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// The value is none that the parameter takes.
    #[error("`{name}` is {fits}, not {found}")]
    Unfit {
        /// The parameter.
        name: String,
        /// What would fit.
        fits: String,
        /// What was given, as JSON.
        found: String,
    },
}

impl FillError {
    /// The name of the parameter.
    #[must_use]
    pub fn parameter(&self) -> &str {
        match self {
            Self::Unknown { name, .. } | Self::Unfit { name, .. } => name,
        }
    }
}

/// The files of the gallery, a list of templates each.
const FILES: [&str; 8] = [
    include_str!("templates/gallery/visits.json"),
    include_str!("templates/gallery/browsing.json"),
    include_str!("templates/gallery/carts.json"),
    include_str!("templates/gallery/buying.json"),
    include_str!("templates/gallery/loyalty.json"),
    include_str!("templates/gallery/people.json"),
    include_str!("templates/gallery/messages.json"),
    include_str!("templates/gallery/dates.json"),
];

#[expect(
    clippy::expect_used,
    reason = "the files are part of the program, and a test reads each"
)]
static GALLERY: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let read = |file: &&str| -> Vec<Template> {
        serde_json::from_str(file).expect("a file of the gallery is a list of templates")
    };
    FILES.iter().flat_map(read).collect()
});

/// All templates, by their themes.
#[must_use]
pub fn gallery() -> &'static [Template] {
    &GALLERY
}

/// The template of that id, if there is one.
#[must_use]
pub fn template(id: &str) -> Option<&'static Template> {
    GALLERY.iter().find(|template| template.id == id)
}

/// The definition with these values, and the defaults of parameters without one.
///
/// Each value fits its place alone. Whether the site has the groups, segments
/// and fields it names, and whether bounds stand in order, is for
/// [`parse`](super::parse()) and [`resolve`](super::resolve()) to say.
///
/// # Errors
/// [`FillError`] for a value that has no parameter or doesn't fit its type.
pub fn fill(template: &Template, values: &Map<String, Value>) -> Result<Value, FillError> {
    for (name, value) in values {
        let parameter = template.parameter(name);
        let parameter = parameter.ok_or_else(|| template.unknown(name))?;
        parameter.check(value)?;
    }
    let value_of = |name: &str| match values.get(name) {
        Some(value) => Some(value),
        None => template.parameter(name).map(|parameter| &parameter.default),
    };
    Ok(filled(&template.definition, &value_of))
}

impl Template {
    fn parameter(&self, name: &str) -> Option<&Parameter> {
        let mut parameters = self.parameters.iter();
        parameters.find(|parameter| parameter.name == name)
    }

    fn unknown(&self, name: &str) -> FillError {
        let known = self.parameters.iter();
        let known: Vec<_> = known.map(|known| format!("`{}`", known.name)).collect();
        FillError::Unknown {
            name: name.to_owned(),
            known: match known.as_slice() {
                [] => "none".to_owned(),
                known => known.join(", "),
            },
        }
    }
}

/// The JSON with values in the places for them.
fn filled<'a>(part: &Value, value_of: &impl Fn(&str) -> Option<&'a Value>) -> Value {
    match part {
        Value::Object(object) => {
            let place = object.get(PLACE).and_then(Value::as_str);
            if let Some(value) = place.and_then(value_of) {
                return value.clone();
            }
            let members = object.iter();
            let members = members.map(|(key, part)| (key.clone(), filled(part, value_of)));
            Value::Object(members.collect())
        }
        Value::Array(parts) => parts.iter().map(|part| filled(part, value_of)).collect(),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests;
