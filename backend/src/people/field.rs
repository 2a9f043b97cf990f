//! Fields of contacts: the standard ones, and those that a site adds; and which values fit.

use super::identifier::{Identifier, clean, quoted};
use jiff::{Timestamp, civil::Date};
use protocol::limit;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Most fields that a site adds.
pub const MOST_FIELDS: usize = 200;
/// Most options of a choice.
const MOST_OPTIONS: usize = 500;
/// The greatest rating that a scale may have.
const MOST_STARS: u8 = 100;
/// Numbers that are exact in every program that reads JSON.
const MOST_NUMBER: f64 = 9_007_199_254_740_991.0;

/// What kind of values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Yes or no.
    Bool,
    /// A text of at most 1 KiB.
    Text,
    /// One of its options, or several of them.
    Choice,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A moment: milliseconds since the epoch or RFC 3339. Standard fields alone.
    Instant,
    /// A number.
    Number,
    /// A whole number from 1 to its scale.
    Rating,
    /// A mail address. The standard field `mail` alone.
    Mail,
    /// A phone number. The standard field `phone` alone.
    Phone,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What people read, by language (BCP 47).
    #[serde(default)]
    pub labels: Labels,
}

/// Texts by language (BCP 47).
pub type Labels = BTreeMap<String, String>;

/// What a field is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What values it has. It never changes.
    pub r#type: FieldType,
    /// Of a choice: what there is to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Of a choice: whether several may be chosen. It never changes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub several: bool,
    /// Of a rating: the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// What people read, by language.
    #[serde(default)]
    pub labels: Labels,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// A value that fits its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fitting {
    /// The value in its one form, as JSON.
    pub json: String,
    /// As it was sent, where that is another text.
    pub given: String,
}

/// The fields of a site's contacts, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Standard ones and its own.
    pub by_name: BTreeMap<String, Field>,
    /// Where its local phone numbers are of, ISO 3166-1 alpha-2; empty where that isn't known.
    pub country: String,
}

/// A standard field.
struct Standard {
    name: &'static str,
    r#type: FieldType,
    english: &'static str,
    hebrew: &'static str,
}

const fn standard(
    name: &'static str,
    r#type: FieldType,
    english: &'static str,
    hebrew: &'static str,
) -> Standard {
    Standard {
        name,
        r#type,
        english,
        hebrew,
    }
}

/// The standard fields. Each has a column of its own.
const STANDARD: [Standard; 19] = [
    standard("first_name", FieldType::Text, "First name", "שם פרטי"),
    standard("last_name", FieldType::Text, "Last name", "שם משפחה"),
    standard("mail", FieldType::Mail, "Mail address", "דואר אלקטרוני"),
    standard("phone", FieldType::Phone, "Phone", "טלפון"),
    standard("gender", FieldType::Choice, "Gender", "מגדר"),
    standard("birthday", FieldType::Date, "Birthday", "תאריך לידה"),
    standard("anniversary", FieldType::Date, "Anniversary", "יום נישואין"),
    standard(
        "family_status",
        FieldType::Text,
        "Family status",
        "מצב משפחתי",
    ),
    standard("street", FieldType::Text, "Street", "רחוב"),
    standard("city", FieldType::Text, "City", "עיר"),
    standard("region", FieldType::Text, "Region", "אזור"),
    standard("postal_code", FieldType::Text, "Postal code", "מיקוד"),
    standard("country", FieldType::Text, "Country", "ארץ"),
    standard("language", FieldType::Text, "Language", "שפה"),
    standard("source", FieldType::Text, "Sign-up source", "מקור ההצטרפות"),
    standard(
        "created_at",
        FieldType::Instant,
        "Signed up",
        "תאריך הצטרפות",
    ),
    standard(
        "consent_mail",
        FieldType::Bool,
        "Consents to mails",
        "אישור דיוור",
    ),
    standard(
        "consent_sms",
        FieldType::Bool,
        "Consents to SMS",
        "אישור SMS",
    ),
    standard(
        "consent_whatsapp",
        FieldType::Bool,
        "Consents to WhatsApp",
        "אישור WhatsApp",
    ),
];

/// Keys of a contact's row that are no fields.
pub const NO_FIELDS: [&str; 3] = ["id", "key", "updated_at"];

/// The names of the standard fields.
pub fn standard_names() -> impl Iterator<Item = &'static str> {
    STANDARD.iter().map(|field| field.name)
}

fn labels(texts: &[(&str, &str)]) -> Labels {
    let texts = texts.iter();
    texts
        .map(|(language, text)| ((*language).to_owned(), (*text).to_owned()))
        .collect()
}

impl Fields {
    /// The standard ones.
    #[must_use]
    pub fn standard(country: &str) -> Self {
        let fields = STANDARD.iter().map(|standard| {
            let genders = [("female", "אישה"), ("male", "גבר"), ("other", "אחר")];
            let options = match standard.r#type {
                FieldType::Choice => genders
                    .iter()
                    .map(|(value, hebrew)| Choice {
                        value: (*value).to_owned(),
                        labels: labels(&[("en", value), ("he", hebrew)]),
                    })
                    .collect(),
                _ => Vec::new(),
            };
            let field = Field {
                r#type: standard.r#type,
                options,
                several: false,
                scale: None,
                labels: labels(&[("en", standard.english), ("he", standard.hebrew)]),
            };
            (standard.name.to_owned(), field)
        });
        Self {
            by_name: fields.collect(),
            country: country.to_owned(),
        }
    }

    /// The value in its one form.
    ///
    /// # Errors
    /// What would fit; nothing where there is no such field.
    pub fn fit(&self, name: &str, value: &Value) -> Option<Result<Fitting, String>> {
        let field = self.by_name.get(name)?;
        Some(
            field
                .fit(value, &self.country)
                .map(|(json, given)| Fitting {
                    json: json.to_string(),
                    given,
                }),
        )
    }
}

impl Field {
    /// Checks what a site wants a field of its own to be.
    ///
    /// # Errors
    /// The key that is wrong, and what would fit.
    pub fn check(&self, name: &str) -> Result<(), (&'static str, String)> {
        let is_name = (1..=64).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_name {
            let fits = "1 to 64 characters of a-z, 0-9 and _ fit, a letter first";
            return Err(("name", fits.into()));
        }
        if NO_FIELDS.contains(&name) || standard_names().any(|standard| standard == name) {
            return Err(("name", format!("`{name}` is a standard field")));
        }
        if matches!(
            self.r#type,
            FieldType::Instant | FieldType::Mail | FieldType::Phone
        ) {
            let fits = "bool, text, choice, date, number and rating fit";
            return Err(("type", fits.into()));
        }
        let is_choice = self.r#type == FieldType::Choice;
        if is_choice == self.options.is_empty() || self.options.len() > MOST_OPTIONS {
            let fits =
                format!("a choice has 1 to {MOST_OPTIONS} options, and nothing else has any");
            return Err(("options", fits));
        }
        let mut values: Vec<_> = self.options.iter().map(|option| &option.value).collect();
        values.sort_unstable();
        values.dedup();
        let is_text = |text: &&String| !text.is_empty() && text.len() <= limit::TEXT_BYTES;
        if values.len() != self.options.len() || !values.iter().all(is_text) {
            return Err(("options", "their values differ and are not empty".into()));
        }
        if self.several && !is_choice {
            return Err(("several", "a choice alone may have several".into()));
        }
        let is_rating = self.r#type == FieldType::Rating;
        let is_scale = self
            .scale
            .is_some_and(|scale| (2..=MOST_STARS).contains(&scale));
        if is_rating != is_scale || is_rating != self.scale.is_some() {
            let fits =
                format!("a rating has a scale of 2 to {MOST_STARS}, and nothing else has any");
            return Err(("scale", fits));
        }
        Ok(())
    }

    /// Whether it may take another's place: what is stored goes on to fit.
    ///
    /// # Errors
    /// The key that may not change, and why.
    pub fn check_change(&self, before: &Self) -> Result<(), (&'static str, String)> {
        if self.r#type != before.r#type {
            return Err((
                "type",
                "a field's type never changes; add another field".into(),
            ));
        }
        if self.several != before.several {
            return Err(("several", "it never changes; add another field".into()));
        }
        if self.scale < before.scale {
            return Err(("scale", "ratings that were given would not fit it".into()));
        }
        let is_kept = |option: &Choice| self.options.iter().any(|new| new.value == option.value);
        if let Some(gone) = before.options.iter().find(|option| !is_kept(option)) {
            let why = format!(
                "{} may be some contact's; options stay",
                quoted(&gone.value)
            );
            return Err(("options", why));
        }
        Ok(())
    }

    /// The value in its one form, and as it was sent where that is another text.
    fn fit(&self, value: &Value, country: &str) -> Result<(Value, String), String> {
        let text = value.as_str().map(clean);
        let same = |value: Value| Ok((value, String::new()));
        match (self.r#type, value) {
            (FieldType::Bool, Value::Bool(_)) => same(value.clone()),
            (FieldType::Bool, _) => Err("true or false fits".into()),
            (FieldType::Text, _) => same(fit_text(text)?.into()),
            (FieldType::Choice, Value::Array(chosen)) if self.several => {
                let mut values = Vec::new();
                for value in chosen {
                    values.push(self.fit_option(value.as_str().map(clean))?);
                }
                values.sort_unstable();
                values.dedup();
                same(values.into())
            }
            (FieldType::Choice, _) if self.several => same(vec![self.fit_option(text)?].into()),
            (FieldType::Choice, _) => same(self.fit_option(text)?.into()),
            (FieldType::Date, _) => {
                let date: Option<Date> = text.and_then(|text| text.parse().ok());
                let date = date.filter(|date| (1900..=2100).contains(&date.year()));
                let date = date.ok_or("a day such as 1985-04-23 fits, from 1900 to 2100")?;
                same(date.to_string().into())
            }
            (FieldType::Instant, Value::Number(ms)) if ms.is_i64() => same(value.clone()),
            (FieldType::Instant, _) => {
                let moment: Option<Timestamp> = text.and_then(|text| text.parse().ok());
                let moment = moment.ok_or(
                    "milliseconds since the epoch fit, or RFC 3339 such as 2026-11-21T10:00:00Z",
                )?;
                same(moment.as_millisecond().into())
            }
            (FieldType::Number, Value::Number(number)) => {
                let fits = number.as_f64().is_some_and(|n| n.abs() <= MOST_NUMBER);
                if !fits {
                    return Err("numbers up to 2^53 fit".into());
                }
                same(value.clone())
            }
            (FieldType::Number, _) => Err("a number fits".into()),
            (FieldType::Rating, _) => {
                let scale = u64::from(self.scale.unwrap_or_default());
                let rating = value.as_u64().filter(|rating| (1..=scale).contains(rating));
                let rating =
                    rating.ok_or_else(|| format!("a whole number from 1 to {scale} fits"))?;
                same(rating.into())
            }
            (FieldType::Mail, _) => identified(Identifier::mail, text),
            (FieldType::Phone, _) => identified(|text| Identifier::phone(text, country), text),
        }
    }

    fn fit_option(&self, text: Option<String>) -> Result<String, String> {
        let known = |text: &String| self.options.iter().any(|option| option.value == *text);
        text.filter(known).ok_or_else(|| {
            let options = self.options.iter().map(|option| quoted(&option.value));
            let options: Vec<_> = options.take(20).collect();
            let more = if self.options.len() > 20 { ", …" } else { "" };
            format!("one of {}{more} fits", options.join(", "))
        })
    }
}

fn fit_text(text: Option<String>) -> Result<String, String> {
    let fits = |text: &String| !text.is_empty() && text.len() <= limit::TEXT_BYTES;
    text.filter(fits).ok_or_else(|| {
        format!(
            "a text of at most {} bytes fits; null takes it back",
            limit::TEXT_BYTES
        )
    })
}

fn identified(
    read: impl Fn(&str) -> Result<Identifier, String>,
    text: Option<String>,
) -> Result<(Value, String), String> {
    let given = text.unwrap_or_default();
    let identifier = read(&given)?;
    let given = identifier.given(&given);
    Ok((identifier.value.into(), given))
}

impl Identifier {
    /// It as the value of the field of its kind, where it was read of `given`.
    #[must_use]
    pub fn fitting(&self, given: &str) -> Fitting {
        Fitting {
            json: Value::from(self.value.as_str()).to_string(),
            given: self.given(given),
        }
    }

    fn given(&self, given: &str) -> String {
        if given == self.value { "" } else { given }.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(json: Value) -> Field {
        serde_json::from_value(json).unwrap()
    }

    fn fits(field: &Field, value: Value) -> Result<String, String> {
        field.fit(&value, "IL").map(|(json, _)| json.to_string())
    }

    #[test]
    fn what_fits_is_stored_in_one_form() {
        let all = Fields::standard("IL");
        let fit = |name, value: Value| {
            let fit = all.fit(name, &value).unwrap();
            fit.map(|fit| (fit.json, fit.given))
        };
        let one = |json: &str, given: &str| Ok((json.to_owned(), given.to_owned()));
        assert_eq!(
            fit("mail", json!(" Dana@Example.com")),
            one(r#""dana@example.com""#, "Dana@Example.com")
        );
        assert_eq!(
            fit("phone", json!("050-2345678")),
            one(r#""+972502345678""#, "050-2345678")
        );
        assert_eq!(
            fit("phone", json!("+972502345678")),
            one(r#""+972502345678""#, "")
        );
        assert_eq!(
            fit("city", json!("  תל אביב\u{200F} ")),
            one(r#""תל אביב""#, "")
        );
        assert_eq!(fit("gender", json!("female")), one(r#""female""#, ""));
        assert_eq!(
            fit("birthday", json!("1985-04-23")),
            one(r#""1985-04-23""#, "")
        );
        assert_eq!(
            fit("created_at", json!("2026-11-21T10:00:00Z")),
            one("1795255200000", "")
        );
        assert_eq!(fit("consent_sms", json!(false)), one("false", ""));
        assert!(all.fit("shoe_size", &json!(1)).is_none());
    }

    #[test]
    fn what_does_not_fit_is_told_what_would() {
        let all = Fields::standard("IL");
        for (name, value) in [
            ("mail", json!("dana")),
            ("phone", json!(502_345_678)),
            ("city", json!("")),
            ("city", json!(7)),
            ("gender", json!("woman")),
            ("birthday", json!("23/04/1985")),
            ("birthday", json!("1985-02-30")),
            ("created_at", json!(1.5)),
            ("consent_sms", json!("yes")),
        ] {
            assert!(all.fit(name, &value).unwrap().is_err(), "{name} {value}");
        }
    }

    #[test]
    fn own_fields() {
        let club = field(json!({"type": "choice", "several": true,
                                "options": [{"value": "gold"}, {"value": "silver"}]}));
        assert_eq!(club.check("club"), Ok(()));
        assert_eq!(
            fits(&club, json!(["silver", "gold", "gold"])),
            Ok(r#"["gold","silver"]"#.into())
        );
        assert_eq!(fits(&club, json!("gold")), Ok(r#"["gold"]"#.into()));
        assert!(fits(&club, json!(["tin"])).is_err());

        let stars = field(json!({"type": "rating", "scale": 5}));
        assert_eq!(stars.check("stars"), Ok(()));
        assert_eq!(fits(&stars, json!(5)), Ok("5".into()));
        for bad in [json!(0), json!(6), json!(4.5), json!("4")] {
            assert!(fits(&stars, bad).is_err());
        }
        let number = field(json!({"type": "number"}));
        assert_eq!(fits(&number, json!(42.5)), Ok("42.5".into()));
        assert!(fits(&number, json!(1e300)).is_err());
    }

    #[test]
    fn definitions_that_do_not_fit() {
        for (name, json, key) in [
            ("city", json!({"type": "text"}), "name"),
            ("id", json!({"type": "text"}), "name"),
            ("Club", json!({"type": "text"}), "name"),
            ("club", json!({"type": "choice"}), "options"),
            (
                "club",
                json!({"type": "text", "options": [{"value": "a"}]}),
                "options",
            ),
            (
                "club",
                json!({"type": "choice", "options": [{"value": "a"}, {"value": "a"}]}),
                "options",
            ),
            ("club", json!({"type": "text", "several": true}), "several"),
            ("stars", json!({"type": "rating"}), "scale"),
            ("stars", json!({"type": "rating", "scale": 1}), "scale"),
            ("stars", json!({"type": "number", "scale": 5}), "scale"),
            ("other", json!({"type": "phone"}), "type"),
        ] {
            let problem = field(json).check(name).unwrap_err();
            assert_eq!(problem.0, key, "{name}: {}", problem.1);
        }
    }

    #[test]
    fn what_is_stored_goes_on_to_fit() {
        let before = field(json!({"type": "choice", "options": [{"value": "a"}]}));
        let more = field(json!({"type": "choice", "options": [{"value": "b"}, {"value": "a"}]}));
        assert_eq!(more.check_change(&before), Ok(()));
        assert_eq!(before.check_change(&more).unwrap_err().0, "options");
        let text = field(json!({"type": "text"}));
        assert_eq!(text.check_change(&before).unwrap_err().0, "type");
    }
}
