//! Fields of contacts, standard and custom.

use super::super::facts::{Contact, FieldKind};
use super::leaf::Answer;
use super::people::Person;
use super::value::{Found, passes, worded};
use super::window::Window;
use super::{World, text};
use jiff::civil::Date;
use serde_json::{Number, Value};

impl World<'_> {
    pub(super) fn contact(&self, leaf: &Value, person: &Person<'_>) -> Answer {
        let field = text(&leaf["field"]);
        let contact = person.contact;
        let found = contact.map_or_else(Vec::new, |contact| self.contact_values(contact, field));
        let created = contact.and_then(|contact| contact.created_at);
        let created = created.filter(|_| field == "created_at");
        let window = || self.window(&leaf["window"], person);
        let dates = found.iter().filter_map(|found| match found {
            Found::Date(date) => Some(*date),
            _ => None,
        });
        let date = dates.clone().next();
        let holds = match text(&leaf["op"]) {
            "in_window" => window().is_some_and(|window| match created {
                Some(ts) => window.holds(ts),
                None => date.is_some_and(|date| self.has_date(&window, date)),
            }),
            "anniversary_in" => window()
                .is_some_and(|window| date.is_some_and(|date| self.has_anniversary(&window, date))),
            _ => passes(&found, leaf),
        };
        let value = match created {
            Some(ts) => Some(Found::Number(ts.into())),
            None if self.is_list(field) => listed(found),
            None => found.into_iter().next(),
        };
        Answer {
            holds,
            value,
            facts: Vec::new(),
        }
    }

    fn is_list(&self, field: &str) -> bool {
        let mut fields = self.facts.fields.iter();
        fields.any(|own| own.name == field && own.kind == FieldKind::List)
    }

    fn contact_values(&self, contact: &Contact, field: &str) -> Vec<Found> {
        let date = |date: Option<Date>| date.map(Found::Date).into_iter().collect();
        let bool = |bool: Option<bool>| bool.map(Found::Bool).into_iter().collect();
        match field {
            "birthday" => date(contact.birthday),
            "anniversary" => date(contact.anniversary),
            "created_at" => date(contact.created_at.map(|ts| self.date(ts))),
            "consent_mail" => bool(contact.consent_mail),
            "consent_sms" => bool(contact.consent_sms),
            "consent_whatsapp" => bool(contact.consent_whatsapp),
            field => match self.facts.fields.iter().find(|own| own.name == field) {
                Some(own) => contact
                    .own
                    .get(field)
                    .map_or_else(Vec::new, |found| own_values(own.kind, found)),
                None => worded(contact.texts.get(field).copied().unwrap_or_default()),
            },
        }
    }

    /// Whether a date lies in a window, by whole days.
    fn has_date(&self, window: &Window, date: Date) -> bool {
        window.from.is_none_or(|from| self.date(from) <= date)
            && window.to.is_none_or(|to| date < self.date(to))
    }

    /// Whether the month and day of a date come in a window.
    fn has_anniversary(&self, window: &Window, date: Date) -> bool {
        let (Some(from), Some(to)) = (window.from, window.to) else {
            return true;
        };
        let mut years = self.date(from).year()..=self.date(to).year();
        years.any(|year| self.has_date(window, anniversary(date, year)))
    }
}

fn anniversary(date: Date, year: i16) -> Date {
    let leapless = || Date::new(year, 2, 28).unwrap();
    Date::new(year, date.month(), date.day()).unwrap_or_else(|_| leapless())
}

/// A value of another kind than the field's is absent.
fn own_values(kind: FieldKind, found: &Value) -> Vec<Found> {
    match (kind, found) {
        (FieldKind::Bool, Value::Bool(found)) => vec![Found::Bool(*found)],
        (FieldKind::Text | FieldKind::Choice, Value::String(found)) => worded(found),
        (FieldKind::List, Value::Array(found)) => found
            .iter()
            .flat_map(|found| worded(found.as_str().unwrap_or_default()))
            .collect(),
        (FieldKind::Date, Value::String(found)) => {
            let date = found.parse().map(Found::Date);
            date.into_iter().collect()
        }
        (FieldKind::Number | FieldKind::Rating, Value::Number(found)) => vec![numeric(found)],
        _ => Vec::new(),
    }
}

fn numeric(found: &Number) -> Found {
    match found.as_i128() {
        Some(whole) => Found::Number(whole),
        None => Found::Real(found.as_f64().unwrap()),
    }
}

/// The values of a list as one, if there are some.
fn listed(found: Vec<Found>) -> Option<Found> {
    let texts = found.into_iter().map(|found| match found {
        Found::Text(text) => text,
        other => unreachable!("{other:?} in a list"),
    });
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then_some(Found::Texts(texts))
}
