//! What contacts are known by: the shop's own id, mail addresses, phone numbers.
//!
//! Every identifier is a contact by itself, with an id made of it, so that whoever names one
//! needs to look nothing up; which of them are one person is for [`book`](super::book) to say.

use crate::ingest::given::Wrong;
use email_address::{EmailAddress, Options};
use phonenumber::country;
use protocol::{
    id::{ContactId, Site},
    signature,
};
use serde::{Deserialize, Serialize};

/// The kinds of identifiers, the most decisive first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// The shop's own id.
    Id,
    /// A mail address.
    Mail,
    /// A phone number.
    Phone,
}

impl IdentifierKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Id, Self::Mail, Self::Phone];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Mail => "mail",
            Self::Phone => "phone",
        }
    }
}

/// One identifier, in its one form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// The shop's id as it is; a mail address in small letters; a number as E.164 writes it.
    pub value: String,
}

/// Longest id of a shop's own, in bytes.
pub const ID_BYTES: usize = 256;
/// Most characters of a value that a problem quotes.
const QUOTED_CHARS: usize = 60;
/// Longest mail address, in bytes (RFC 5321, 4.5.3.1.3, less its brackets).
const MAIL_BYTES: usize = 254;

impl Identifier {
    /// The shop's own id: what it is without blanks around it.
    ///
    /// # Errors
    /// What would fit.
    pub fn id(text: &str) -> Result<Self, String> {
        let value = clean(text);
        if value.is_empty() || value.len() > ID_BYTES {
            return Err(format!("1 to {ID_BYTES} bytes fit"));
        }
        Ok(Self {
            kind: IdentifierKind::Id,
            value,
        })
    }

    /// A mail address, `mailto:` before it or not.
    ///
    /// Capitals make no difference, as no mail service in use makes one.
    ///
    /// # Errors
    /// What would fit.
    pub fn mail(text: &str) -> Result<Self, String> {
        let value = clean(text).to_lowercase();
        let value = value.strip_prefix("mailto:").unwrap_or(&value);
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        if value.len() > MAIL_BYTES || EmailAddress::parse_with_options(value, options).is_err() {
            return Err("a mail address such as dana@example.com fits".into());
        }
        Ok(Self {
            kind: IdentifierKind::Mail,
            value: value.to_owned(),
        })
    }

    /// A phone number as people write one: local ones are of `country` (ISO 3166-1 alpha-2),
    /// with or without the zero that spreadsheets drop.
    ///
    /// # Errors
    /// What would fit.
    pub fn phone(text: &str, country: &str) -> Result<Self, String> {
        let text = clean(text);
        let home: Option<country::Id> = country.parse().ok();
        let number = phonenumber::parse(home, &text)
            .ok()
            .filter(phonenumber::is_valid);
        let number = number.ok_or_else(|| match home {
            Some(_) => format!("a phone number of {country}, or one with + and its country, fits"),
            None => "a phone number with + and its country fits; local ones do once the site's \
                     `country` is set"
                .to_owned(),
        })?;
        Ok(Self {
            kind: IdentifierKind::Phone,
            // As E.164 has it; the library's own formatter looks up the country's rules first.
            value: format!("+{}{}", number.country().code(), number.national()),
        })
    }

    /// The contact that it is by itself. `key` keeps others from making the same id.
    #[must_use]
    pub fn contact(&self, site: Site<'_>, key: &[u8]) -> ContactId {
        let text = [self.kind.as_str(), site.as_str(), &self.value].join("\0");
        let mac = signature::sign(key, 0, text.as_bytes());
        ContactId::new(
            mac.first_chunk()
                .map_or(0, |first| u64::from_be_bytes(*first)),
        )
    }
}

/// Whether it is a country whose phone numbers are understood, by ISO 3166-1 alpha-2.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.parse::<country::Id>().is_ok()
}

/// A text without blanks around it, and without the marks of direction, breaks and byte order
/// that come along when people copy from Hebrew mails and spreadsheets.
#[must_use]
pub fn clean(text: &str) -> String {
    let marks = |c: &char| {
        !matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
        )
    };
    let text: String = text.chars().filter(marks).collect();
    text.trim().to_owned()
}

/// Who is meant, as callers write it: by one identifier at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Named {
    /// The shop's own id.
    #[schema(example = "c-1047")]
    pub id: String,
    /// A mail address.
    #[schema(example = "dana@example.com")]
    pub mail: String,
    /// A phone number; local ones are of the site's country.
    #[schema(example = "050-234-5678")]
    pub phone: String,
}

impl Named {
    /// Whether nobody is.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        [&self.id, &self.mail, &self.phone]
            .iter()
            .all(|text| clean(text).is_empty())
    }

    /// The identifiers, the most decisive first; none where nobody is named. `within` is where
    /// they stand in their row.
    ///
    /// # Errors
    /// [`Wrong`] with the first one that is none.
    pub fn identifiers(&self, country: &str, within: &str) -> Result<Vec<Identifier>, Wrong> {
        let mut identifiers = Vec::new();
        for (kind, text) in IdentifierKind::ALL
            .into_iter()
            .zip([&self.id, &self.mail, &self.phone])
        {
            if clean(text).is_empty() {
                continue;
            }
            let read = match kind {
                IdentifierKind::Id => Identifier::id(text),
                IdentifierKind::Mail => Identifier::mail(text),
                IdentifierKind::Phone => Identifier::phone(text, country),
            };
            identifiers.push(read.map_err(|fits| {
                let pointer = format!("{within}/{}", kind.as_str());
                Wrong::value(&pointer, text, &fits)
            })?);
        }
        Ok(identifiers)
    }
}

/// A value as a problem quotes it: not at any length.
#[must_use]
pub fn quoted(value: &str) -> String {
    let short: String = value.chars().take(QUOTED_CHARS).collect();
    let more = if short.len() < value.len() { "…" } else { "" };
    format!("`{short}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Result<String, String> {
        Identifier::phone(text, "IL").map(|phone| phone.value)
    }

    #[test]
    fn phones_of_one_form() {
        for text in [
            "050-2345678",
            "0502345678",
            "050 234 5678",
            "(050) 234-5678",
            "502345678",
            "+972-50-234-5678",
            "972502345678",
            "00972502345678",
            " \u{200F}+972 50-2345678\u{202C} ",
        ] {
            assert_eq!(phone(text).as_deref(), Ok("+972502345678"), "{text}");
        }
        assert_eq!(phone("03-6123456").as_deref(), Ok("+97236123456"));
        assert_eq!(phone("+1 650 253 0000").as_deref(), Ok("+16502530000"));
        for text in ["", "12", "050-12345", "אין", "0500000000000000"] {
            assert!(phone(text).is_err(), "{text}");
        }
        assert!(Identifier::phone("050-2345678", "").is_err());
    }

    #[test]
    fn mails_of_one_form() {
        let mail = |text| Identifier::mail(text).map(|mail| mail.value);
        for text in [
            "Dana@Example.COM",
            " dana@example.com\u{a0}",
            "mailto:dana@example.com",
            "\u{202A}dana@example.com\u{202C}",
        ] {
            assert_eq!(mail(text).as_deref(), Ok("dana@example.com"), "{text}");
        }
        for text in [
            "",
            "dana",
            "dana@",
            "@example.com",
            "dana@localhost",
            "a b@example.com",
        ] {
            assert!(mail(text).is_err(), "{text}");
        }
    }

    #[test]
    fn kinds_and_sites_and_keys_make_other_contacts() {
        let site = Site::new("demo").unwrap();
        let mail = Identifier::mail("dana@example.com").unwrap();
        let id = Identifier::id("dana@example.com").unwrap();
        let contact = mail.contact(site, b"key");
        assert_eq!(contact, mail.contact(site, b"key"));
        assert_ne!(contact, id.contact(site, b"key"));
        assert_ne!(contact, mail.contact(Site::new("demo-2").unwrap(), b"key"));
        assert_ne!(contact, mail.contact(site, b"other"));
    }

    #[test]
    fn names_say_which_one_is_wrong() {
        let named = Named {
            id: " 7 ".into(),
            phone: "12".into(),
            ..Named::default()
        };
        let wrong = named.identifiers("IL", "/contact").unwrap_err();
        assert_eq!(wrong.pointer, "/contact/phone");
        assert!(Named::default().identifiers("IL", "").unwrap().is_empty());
    }
}
