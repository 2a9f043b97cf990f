//! Forms that were filled in: sent by a server, or by a browser through the edge.

use super::{contact, moment, needed, text};
use crate::{
    ingest::given::{Moment, Wrong},
    people::{
        fact::{ContactFact, FormFact},
        field::Fields,
        identifier::Named,
        import::{self, dates::Order},
    },
};
use protocol::limit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// A form that somebody filled in.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GivenForm {
    /// Its id in the system that sends it: the same one twice, of the same time, is one.
    pub id: String,
    /// The form's name.
    #[schema(example = "newsletter")]
    pub form: String,
    /// Who filled it in: an `id`, a `mail` or a `phone`.
    pub contact: Named,
    /// The browser it was filled in with, where it is known: it is that contact's from then on.
    pub visitor_id: String,
    /// The answers: fields by their names, as in a contact's row.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
    /// Where the form was, such as `website` or `kiosk`.
    pub source: String,
    /// When: milliseconds since the epoch, or RFC 3339.
    pub ts: Moment,
}

impl GivenForm {
    /// Checks it, as of when it came.
    ///
    /// # Errors
    /// [`Wrong`] with the first part that doesn't fit.
    pub fn check(&self, fields: &Fields, received_at: i64) -> Result<FormFact, Wrong> {
        let at = moment(self.ts, "/ts", received_at, None)?;
        let mut row = self.answers.clone();
        row.insert("updated_at".into(), at.into());
        for (key, named) in [
            ("id", &self.contact.id),
            ("mail", &self.contact.mail),
            ("phone", &self.contact.phone),
        ] {
            if !named.is_empty() {
                row.insert(key.into(), named.as_str().into());
            }
        }
        let told = contact(&row, fields, received_at).map_err(|wrong| {
            let key = wrong.pointer.trim_start_matches('/');
            let is_answer = self.answers.contains_key(key);
            let within = if is_answer { "/answers" } else { "/contact" };
            Wrong {
                pointer: format!("{within}{}", wrong.pointer),
                ..wrong
            }
        })?;
        let visitor_id = match self.visitor_id.as_str() {
            "" => 0,
            id => super::order::visitor(id)?,
        };
        let id = needed(&self.id, "/id")?;
        let source = text(&self.source, "/source")?;
        Ok(FormFact {
            token_id: token_of(&id),
            id,
            contact: Some(told),
            visitor_id,
            form: needed(&self.form, "/form")?,
            at,
            props: props(std::iter::empty(), &source),
            is_bot: false,
        })
    }
}

/// A form that a browser sent through the edge, which says nothing of the truth of its answers.
#[derive(Clone, Debug)]
pub struct SentForm {
    /// The site's slug.
    pub site: String,
    /// The browser; 0 where it may not be known.
    pub visitor_id: u64,
    /// What it is known by.
    pub token_id: u64,
    /// The form's name.
    pub form: String,
    /// Names and values.
    pub answers: Vec<(String, String)>,
    /// When the edge took it, in milliseconds since the epoch.
    pub received_at: i64,
    /// Whether a crawler sent it.
    pub is_bot: bool,
}

impl SentForm {
    /// What it says. Answers that are no fields, or don't fit theirs, are kept with the event as
    /// they are; an empty one is none. Nobody proves by it that they have an id of the shop's.
    #[must_use]
    pub fn fact(&self, place: &import::Place<'_>) -> FormFact {
        let mut row = Map::new();
        let mut rest = Vec::new();
        for (name, value) in &self.answers {
            if value.trim().is_empty() {
                continue;
            }
            match fitting(name, value, place) {
                Some((field, value)) => put(&mut row, field, value),
                None => rest.push((name.as_str(), value.as_str())),
            }
        }
        let told = contact(&row, place.fields, self.received_at).ok();
        let contact = told.filter(|_| !self.is_bot).map(|told| ContactFact {
            at: self.received_at,
            is_weak: true,
            ..told
        });
        FormFact {
            id: self.token_id.to_string(),
            contact,
            visitor_id: self.visitor_id,
            token_id: self.token_id,
            form: self.form.clone(),
            at: self.received_at,
            props: props(rest.into_iter(), "website"),
            is_bot: self.is_bot,
        }
    }
}

/// The field that an answer fills, and its value.
fn fitting<'n>(name: &'n str, value: &str, place: &import::Place<'_>) -> Option<(&'n str, Value)> {
    // As browsers' forms call them.
    let name = match name {
        "email" | "e_mail" => "mail",
        "tel" | "telephone" | "mobile" => "phone",
        name => name,
    };
    let field = place.fields.by_name.get(name)?;
    let value = import::values::read(name, field, (value, Order::Dmy), place).ok()?;
    // A choice of several comes an answer at a time.
    let fits = place.fields.fit(name, &value)?;
    fits.is_ok().then_some((name, value))
}

fn put(row: &mut Map<String, Value>, field: &str, value: Value) {
    match (row.get_mut(field), value) {
        (Some(Value::Array(values)), Value::Array(more)) => values.extend(more),
        (Some(_), _) => {}
        (None, value) => drop(row.insert(field.to_owned(), value)),
    }
}

/// What is kept with a form's event.
fn props<'a>(answers: impl Iterator<Item = (&'a str, &'a str)>, source: &str) -> String {
    let mut props = Map::new();
    if !source.is_empty() {
        props.insert("source".into(), source.into());
    }
    for (name, value) in answers {
        if props.len() < limit::PROPS {
            props.entry(name).or_insert_with(|| value.into());
        }
    }
    Value::Object(props).to_string()
}

/// What a server's form is known by.
fn token_of(id: &str) -> u64 {
    let digest = Sha256::digest(id);
    digest
        .first_chunk()
        .map_or(1, |first| u64::from_be_bytes(*first).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    const NOW_MS: i64 = 1_790_000_000_000;

    fn sent(answers: &[(&str, &str)]) -> FormFact {
        let form = SentForm {
            site: "demo".into(),
            visitor_id: 7,
            token_id: 99,
            form: "newsletter".into(),
            answers: answers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            received_at: NOW_MS,
            is_bot: false,
        };
        form.fact(&import::Place {
            fields: &Fields::standard("IL"),
            zone: &TimeZone::UTC,
            received_at: NOW_MS,
        })
    }

    #[test]
    fn a_browsers_form_fills_fields_and_proves_no_id() {
        let fact = sent(&[
            ("email", "Dana@example.com"),
            ("id", "c-1"),
            ("first_name", "דנה"),
            ("birthday", "23/04/1985"),
            ("consent_mail", "כן"),
            ("city", " "),
            ("gender", "bicycle"),
            ("why", "friends"),
        ]);
        let contact = fact.contact.unwrap();
        assert!(contact.is_weak);
        let who: Vec<_> = contact.who.iter().map(|who| who.value.as_str()).collect();
        assert_eq!(who, ["dana@example.com"]);
        let fields: Vec<_> = contact
            .fields
            .iter()
            .map(|(name, told)| (name.as_str(), told.as_ref().unwrap().json.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("birthday", "\"1985-04-23\""),
                ("consent_mail", "true"),
                ("first_name", "\"דנה\""),
                ("mail", "\"dana@example.com\""),
            ]
        );
        let props: Value = serde_json::from_str(&fact.props).unwrap();
        let expected =
            json!({"source": "website", "id": "c-1", "gender": "bicycle", "why": "friends"});
        assert_eq!(props, expected);
        assert_eq!(sent(&[("first_name", "דנה")]).contact, None);
    }

    #[test]
    fn a_servers_form_says_what_is_wrong_and_where() {
        let read = |form: Value| {
            let form: GivenForm = serde_json::from_value(form).unwrap();
            form.check(&Fields::standard("IL"), NOW_MS)
        };
        let fact = read(json!({
            "id": "f1", "form": "club", "contact": {"phone": "050-234-5678"}, "ts": NOW_MS - 5,
            "answers": {"city": "לוד"}, "source": "kiosk", "visitor_id": "7",
        }))
        .unwrap();
        let contact = fact.contact.unwrap();
        assert_eq!(
            (contact.at, contact.is_weak, fact.visitor_id),
            (NOW_MS - 5, false, 7)
        );
        for (form, pointer) in [
            (json!({"id": "1", "form": "f", "ts": NOW_MS}), "/contact/id"),
            (
                json!({"id": "1", "form": "f", "contact": {"id": "1"}}),
                "/ts",
            ),
            (
                json!({"form": "f", "contact": {"id": "1"}, "ts": NOW_MS}),
                "/id",
            ),
            (
                json!({"id": "1", "contact": {"id": "1"}, "ts": NOW_MS}),
                "/form",
            ),
            (
                json!({"id": "1", "form": "f", "contact": {"id": "1"}, "ts": NOW_MS, "answers": {"shoe": 1}}),
                "/answers/shoe",
            ),
        ] {
            assert_eq!(read(form.clone()).unwrap_err().pointer, pointer, "{form}");
        }
    }
}
