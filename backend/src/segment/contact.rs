//! The fields of contacts: the standard ones, and those that a site adds.

use super::words::Op;
use crate::people::field::{self, FieldType, Fields};
use std::collections::BTreeMap;

/// A field of contacts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContactField {
    /// Its name.
    pub name: String,
    /// Whether it has a column of its own.
    pub is_standard: bool,
    /// What values it has.
    pub kind: Kind,
}

/// The type of a field, which decides its operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, or one option of a choice.
    Text,
    /// Several options of a choice.
    List,
    /// A number, or a rating.
    Number,
    /// A day.
    Date,
    /// A moment.
    Instant,
    /// Yes or no.
    Bool,
}

impl Kind {
    /// The operators that fit it.
    #[must_use]
    pub const fn operators(self) -> &'static [Op] {
        use Op::{
            AnniversaryIn, Between, Contains, Eq, Exists, Gt, Gte, In, InWindow, Lt, Lte, Ne,
            NotIn, StartsWith,
        };
        match self {
            Self::Text | Self::List => &[Eq, Ne, In, NotIn, Contains, StartsWith, Exists],
            Self::Number => &[Eq, Ne, In, NotIn, Gt, Gte, Lt, Lte, Between, Exists],
            Self::Date | Self::Instant => &[
                Eq,
                Ne,
                In,
                NotIn,
                Gt,
                Gte,
                Lt,
                Lte,
                Between,
                Exists,
                InWindow,
                AnniversaryIn,
            ],
            Self::Bool => &[Eq, Ne, Exists],
        }
    }
}

/// The fields of a site's contacts, by their names.
#[must_use]
pub fn fields(of_site: &Fields) -> BTreeMap<String, ContactField> {
    let standard: Vec<_> = field::standard_names().collect();
    let key = ContactField {
        name: "key".into(),
        is_standard: true,
        kind: Kind::Text,
    };
    let all = of_site.by_name.iter().map(|(name, field)| ContactField {
        name: name.clone(),
        is_standard: standard.contains(&name.as_str()),
        kind: match field.r#type {
            FieldType::Bool => Kind::Bool,
            FieldType::Choice if field.several => Kind::List,
            FieldType::Text | FieldType::Choice | FieldType::Mail | FieldType::Phone => Kind::Text,
            FieldType::Date => Kind::Date,
            FieldType::Instant => Kind::Instant,
            FieldType::Number | FieldType::Rating => Kind::Number,
        },
    });
    all.chain([key])
        .map(|field| (field.name.clone(), field))
        .collect()
}
