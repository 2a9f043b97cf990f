//! What a form on a shop's page sends, in each of the ways in which pages send one.
//!
//! ```html
//! <form action="/c/form" method="post">
//!   <input type="hidden" name="site" value="demo"> <input type="hidden" name="form" value="club">
//!   <input type="hidden" name="next" value="/thanks/"> <input name="email" type="email">
//! </form>
//! ```
//!
//! | name | |
//! |---|---|
//! | `site`, `form` | the site's slug and the form's name; needed |
//! | `next` | where the browser goes on: a path from `/`, or an address on one of the site's origins |
//! | `submission_id` | tells this sending from another of the same answers |
//! | `crumb_consent` | the visitor's choice as the page knows it, `granted` or `denied` |
//! | `crumb_token` | the visitor's token, on a page of another site |
//! | any other | an answer: `[a-z0-9_]`, as often as it has values |
//!
//! This module knows no request and no site; `accept` hands in what it needs.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// Passwords and payment cards, by what is anywhere in a field's name but for the signs between
/// its words. All three lists: what browsers' lists of fields have (WHATWG HTML, 4.10.18.7), and
/// what shops call them.
const PARTS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "creditcard",
    "debitcard",
    "cardnum",
    "cardexp",
    "cardcode",
    "cvv",
    "securitycode",
    "onetimecode",
];

/// The same by a word of the name.
const WORDS: [&str; 8] = [
    "pass", "otp", "secret", "cc", "cvc", "cvc2", "csc", "ccnumber",
];

/// The same by the whole name but for the signs between its words.
const WHOLE: [&str; 3] = ["card", "cardno", "pin"];

/// How a form is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As browsers write one by themselves (WHATWG URL, `application/x-www-form-urlencoded`).
    Pairs,
    /// As an object of JSON: texts, numbers, booleans and lists of texts.
    Json,
}

/// A form that was sent. What it doesn't say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The site's slug, unchecked.
    pub site: String,
    /// The form's name, unchecked.
    pub form: String,
    /// Where the browser is to go on, unchecked.
    pub next: String,
    /// Which sending it is.
    pub submission_id: String,
    /// Whether the visitor wants to be known, where the page says so.
    pub consent: Option<bool>,
    /// The visitor's token, unchecked.
    pub token: String,
    /// Names and values, their names unchecked.
    pub answers: Vec<(String, String)>,
    /// Whether there were passwords or cards among them, which are left out.
    pub had_secrets: bool,
}

/// Why a body is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAForm {
    /// Its `Content-Type` is another.
    #[error(
        "a form comes as application/x-www-form-urlencoded, as application/json, or as text/plain with JSON in it"
    )]
    Kind,
    /// A text of it is none.
    #[error("the form is not in UTF-8")]
    NotText,
    /// It isn't the JSON that is expected.
    #[error("the body is not a JSON object of texts, numbers, booleans and lists of texts")]
    NotJson,
    /// It lacks its name.
    #[error("a form needs its name, in a field `form`")]
    NoName,
    /// What may stand in it once stands in it twice.
    #[error("`{0}` stands in the form twice")]
    Twice(&'static str),
    /// The visitor's choice is none.
    #[error("crumb_consent is neither `granted` nor `denied`")]
    NotAConsent,
}

impl Kind {
    /// The kind that a `Content-Type` names.
    ///
    /// # Errors
    /// [`NotAForm::Kind`].
    pub fn of(content_type: &str) -> Result<Self, NotAForm> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let is = |known: &&str| essence.eq_ignore_ascii_case(known);
        if is(&"application/x-www-form-urlencoded") {
            return Ok(Self::Pairs);
        }
        // Of plain text browsers ask nothing beforehand, and beacons can have no other.
        let is_json = ["application/json", "text/plain"].iter().any(is);
        is_json.then_some(Self::Json).ok_or(NotAForm::Kind)
    }
}

impl Sent {
    /// Reads a body.
    ///
    /// # Errors
    /// [`NotAForm`].
    pub fn read(kind: Kind, body: &[u8]) -> Result<Self, NotAForm> {
        let fields = match kind {
            Kind::Pairs => pairs(body)?,
            Kind::Json => members(body)?,
        };
        let mut sent = Self::default();
        let mut consent = String::new();
        for (name, value) in fields {
            match name.as_str() {
                "site" => once("site", &mut sent.site, value)?,
                "form" => once("form", &mut sent.form, value)?,
                "next" => once("next", &mut sent.next, value)?,
                "submission_id" => once("submission_id", &mut sent.submission_id, value)?,
                "crumb_consent" => once("crumb_consent", &mut consent, value)?,
                "crumb_token" => once("crumb_token", &mut sent.token, value)?,
                _ if is_secret(&name) => sent.had_secrets = true,
                _ => sent.answers.push((name, value)),
            }
        }
        if sent.form.is_empty() {
            return Err(NotAForm::NoName);
        }
        sent.consent = match consent.as_str() {
            "" => None,
            "granted" => Some(true),
            "denied" => Some(false),
            _ => return Err(NotAForm::NotAConsent),
        };
        Ok(sent)
    }
}

fn once(name: &'static str, place: &mut String, value: String) -> Result<(), NotAForm> {
    if !place.is_empty() {
        return Err(NotAForm::Twice(name));
    }
    *place = value;
    Ok(())
}

/// Whether it is the name of what nobody but the shop itself may have.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let whole: String = words.clone().collect();
    PARTS.iter().any(|part| whole.contains(part))
        || WHOLE.contains(&whole.as_str())
        || words.any(|word| WORDS.contains(&word))
}

fn pairs(body: &[u8]) -> Result<Vec<(String, String)>, NotAForm> {
    let pairs = form_urlencoded::parse(body);
    let pairs = pairs.map(|(name, value)| {
        // What isn't UTF-8 is decoded to this, which nobody writes.
        let is_broken = [&name, &value].iter().any(|text| text.contains('\u{fffd}'));
        (!is_broken).then(|| (name.into_owned(), value.into_owned()))
    });
    pairs.collect::<Option<_>>().ok_or(NotAForm::NotText)
}

fn members(body: &[u8]) -> Result<Vec<(String, String)>, NotAForm> {
    let Members(members) = serde_json::from_slice(body).map_err(|_| NotAForm::NotJson)?;
    let mut fields = Vec::with_capacity(members.len());
    for (name, value) in members {
        let values = values(value.get()).ok_or(NotAForm::NotJson)?;
        fields.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    Ok(fields)
}

/// The texts that a value of JSON stands for; numbers stay as they are written.
fn values(json: &str) -> Option<Vec<String>> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok().map(|text| vec![text]),
        b'[' => serde_json::from_str(json).ok(),
        b'{' | b'n' => None,
        _ => Some(vec![json.into()]),
    }
}

/// The members of an object of JSON, in their order, and each as often as it stands there.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
