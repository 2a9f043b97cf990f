//! The site of the random definitions: what it has, and its schema.

use super::super::facts::{CustomField, Facts, FieldKind};
use super::super::generate::GROUPS;
use crate::people::field::{Choice, Field, FieldType, Fields};
use crate::segment::schema::{Entry, Observed, Vocabulary, schema};
use crate::segment::{Definition, Invalid, Known, Question, SiteSettings, contact, parse, resolve};
use jiff::civil::Weekday;
use jsonschema::{Validator, draft202012};
use serde_json::{Value, json};

/// A segment of 10 nodes in each other.
pub(super) const DEEP: &str = "deep";
/// A segment of 150 nodes.
pub(super) const WIDE: &str = "wide";
/// Segments that ask for themselves, or for each other.
pub(super) const LOOPS: &[&str] = &["itself", "the hen", "the egg"];

/// A site as the pipeline sees it.
pub(super) struct Site {
    known: Known,
    settings: SiteSettings,
}

/// Why a text is refused.
pub(super) enum Refusal {
    NoJson,
    Invalid(Invalid),
}

impl Site {
    pub fn of(facts: &Facts) -> Self {
        let segments = segments(facts).into_iter();
        Self {
            known: Known {
                fields: contact::fields(&fields(facts)),
                groups: GROUPS.iter().map(|group| (*group).to_owned()).collect(),
                segments: segments
                    .map(|(id, node)| (id, parse(&node).unwrap()))
                    .collect(),
            },
            settings: SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS").unwrap(),
        }
    }

    /// What the pipeline says of a text, from its letters on.
    pub fn refusal(&self, text: &str) -> Option<Refusal> {
        let Ok(definition) = serde_json::from_str::<Definition>(text) else {
            return Some(Refusal::NoJson);
        };
        let question = Question {
            site: "shop",
            settings: &self.settings,
            known: &self.known,
            as_of_ms: 1_795_255_200_000,
        };
        let node = definition.json().and_then(parse);
        let resolved = node.and_then(|node| resolve(&node, &question));
        resolved.err().map(Refusal::Invalid)
    }
}

/// What reads definitions by the schema. The sites differ in what their
/// segments ask, not in the ids.
pub(super) fn schema_of(facts: &Facts) -> Validator {
    let entry = |id: &str| Entry {
        value: id.to_owned(),
        title: String::new(),
    };
    let segments = segments(facts);
    let vocabulary = Vocabulary {
        fields: fields(facts),
        groups: GROUPS.iter().map(|id| entry(id)).collect(),
        segments: segments.iter().map(|(id, _)| entry(id)).collect(),
        observed: Observed::default(),
    };
    let options = draft202012::options().should_validate_formats(true);
    options.build(&schema(&vocabulary)).unwrap()
}

fn fields(facts: &Facts) -> Fields {
    let mut fields = Fields::standard("IL");
    let own = facts.fields.iter();
    let own = own.map(|CustomField { name, kind }| ((*name).to_owned(), field(*kind)));
    fields.by_name.extend(own);
    fields
}

fn field(kind: FieldKind) -> Field {
    let option = Choice {
        value: "an option".to_owned(),
        labels: [].into(),
    };
    Field {
        r#type: match kind {
            FieldKind::Bool => FieldType::Bool,
            FieldKind::Text => FieldType::Text,
            FieldKind::Choice | FieldKind::List => FieldType::Choice,
            FieldKind::Date => FieldType::Date,
            FieldKind::Number => FieldType::Number,
            FieldKind::Rating => FieldType::Rating,
        },
        options: match kind {
            FieldKind::Choice | FieldKind::List => vec![option],
            _ => Vec::new(),
        },
        several: kind == FieldKind::List,
        scale: (kind == FieldKind::Rating).then_some(5),
        labels: [].into(),
    }
}

/// The saved segments, and some that are there to be nested where they don't fit.
fn segments(facts: &Facts) -> Vec<(String, Value)> {
    let order = json!({"kind": "order"});
    let within = |id: &str| json!({"any": [{"kind": "segment", "segment": id}]});
    let deep = (1..10).fold(order.clone(), |node, _| json!({"not": node}));
    let more = [
        (DEEP, deep),
        (WIDE, json!({"any": vec![order; 149]})),
        (LOOPS[0], within(LOOPS[0])),
        (LOOPS[1], within(LOOPS[2])),
        (LOOPS[2], within(LOOPS[1])),
    ];
    let saved = facts.segments.clone().into_iter();
    let more = more.into_iter().map(|(id, node)| (id.to_owned(), node));
    saved.chain(more).collect()
}
