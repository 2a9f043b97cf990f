//! Texts of cells become the values that fields take.

use super::{
    Place,
    dates::{Order, Written},
    names::folded,
    numbers,
};
use crate::people::{
    field::{Field, FieldType},
    identifier::clean,
};
use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

/// Words for yes.
const YES: &[&str] = &[
    "כן",
    "yes",
    "y",
    "true",
    "t",
    "1",
    "v",
    "✓",
    "✔",
    "☑",
    "on",
    "נכון",
    "אמת",
    "מאשר",
    "מאשרת",
];
/// Words for no.
const NO: &[&str] = &[
    "לא",
    "no",
    "n",
    "false",
    "f",
    "0",
    "x",
    "✗",
    "✘",
    "☐",
    "off",
    "לאנכון",
    "שקר",
    "לאמאשר",
    "לאמאשרת",
];
/// Words for the options of `gender`.
const GENDERS: &[(&str, &[&str])] = &[
    (
        "female",
        &["female", "f", "woman", "נ", "נקבה", "אישה", "אשה", "בת"],
    ),
    ("male", &["male", "m", "man", "ז", "זכר", "גבר", "בן"]),
    ("other", &["other", "אחר", "אחרת"]),
];
/// Standard fields whose days are past.
const PAST: [&str; 4] = ["anniversary", "birthday", "created_at", "updated_at"];
/// How many years ahead the days of other fields may be, where two digits say the year.
const AHEAD_YEARS: i32 = 20;

/// What a cell of a field is, by its text.
///
/// # Errors
/// What would fit.
pub fn read(
    name: &str,
    field: &Field,
    (text, order): (&str, Order),
    place: &Place<'_>,
) -> Result<Value, String> {
    match field.r#type {
        FieldType::Bool => read_bool(text),
        FieldType::Choice if name == "gender" => Ok(read_gender(text).into()),
        FieldType::Choice => Ok(read_choice(field, text)),
        FieldType::Date => {
            let written = written(name, text, order, place)?;
            Ok(written.day(place.zone).to_string().into())
        }
        FieldType::Instant => read_instant(name, (text, order), place),
        FieldType::Number => numbers::read_number(text),
        FieldType::Rating => numbers::read_rating(text),
        FieldType::Phone => read_identifier(text),
        FieldType::Text | FieldType::Mail => Ok(text.into()),
    }
}

/// A moment, in milliseconds since the epoch.
///
/// # Errors
/// What would fit.
pub fn read_instant(
    name: &str,
    (text, order): (&str, Order),
    place: &Place<'_>,
) -> Result<Value, String> {
    // What systems write, where people write days.
    let millis = text.parse().ok().filter(|ms: &i64| *ms > 100_000_000_000);
    let millis = match millis {
        Some(millis) => Some(millis),
        None => written(name, text, order, place)?.millis(place.zone),
    };
    Ok(millis
        .ok_or("a moment such as 21/11/2026 14:30 fits")?
        .into())
}

/// An id or a number that people dial: it is a text, and what Excel made of it is not.
///
/// # Errors
/// What would fit.
pub fn read_identifier(text: &str) -> Result<Value, String> {
    let (digits, exponent) = text.split_once(['E', 'e']).unwrap_or_default();
    let is_shortened = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && exponent
            .strip_prefix('+')
            .is_some_and(|n| n.parse::<u8>().is_ok());
    if is_shortened {
        let fits = "Excel has shortened the number; format the column as text, enter it again and \
                    save";
        return Err(fits.into());
    }
    Ok(text.into())
}

fn written(name: &str, text: &str, order: Order, place: &Place<'_>) -> Result<Written, String> {
    let today = place.today();
    let latest = match PAST.contains(&name) {
        true => today,
        false => today.checked_add(AHEAD_YEARS.years()).unwrap_or(Date::MAX),
    };
    Written::read(text, order, latest).ok_or_else(|| {
        let example = match order {
            Order::Dmy => "21/11/1985",
            Order::Mdy => "11/21/1985",
            Order::Ymd => "1985-11-21",
        };
        let words = order.as_words();
        format!("there is no such day; the column is read {words}, such as {example}")
    })
}

/// A word as it is compared; signs stand for themselves.
fn word(text: &str) -> String {
    let short = folded(text);
    if short.is_empty() { clean(text) } else { short }
}

fn read_bool(text: &str) -> Result<Value, String> {
    let word = word(text);
    let word = word.trim_end_matches('\u{FE0F}');
    if YES.contains(&word) {
        Ok(true.into())
    } else if NO.contains(&word) {
        Ok(false.into())
    } else {
        Err("כן or לא, yes or no, 1 or 0, v or x fits".into())
    }
}

fn read_gender(text: &str) -> String {
    let word = word(text);
    let mut genders = GENDERS.iter();
    let gender = genders.find(|(_, words)| words.contains(&word.as_str()));
    gender.map_or_else(|| text.to_owned(), |(value, _)| (*value).to_owned())
}

/// The options of a cell, by their values or labels; what is none is left for the field to refuse.
fn read_choice(field: &Field, text: &str) -> Value {
    if let Some(value) = option(field, text) {
        return value.into();
    }
    let parts = text.split([',', ';', '|', '\n']).map(clean);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    if !field.several || parts.is_empty() {
        return text.into();
    }
    let values = parts
        .into_iter()
        .map(|part| option(field, &part).map_or(part.clone(), str::to_owned));
    values.collect::<Vec<_>>().into()
}

fn option<'f>(field: &'f Field, text: &str) -> Option<&'f str> {
    let exact = field.options.iter().find(|option| option.value == text);
    let short = word(text);
    let found = exact.or_else(|| {
        let is_it = |other: &String| word(other) == short;
        let mut options = field.options.iter();
        options.find(|option| is_it(&option.value) || option.labels.values().any(is_it))
    });
    found.map(|option| option.value.as_str())
}

/// A first name, and a last one where there is one: `דנה כהן`, or `Cohen, Dana`.
#[must_use]
pub fn split_name(text: &str) -> (String, Option<String>) {
    let (first, last) = match text.split_once(',') {
        Some((last, first)) if !first.trim().is_empty() => (first, last),
        _ => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    let (first, last) = (first.trim().to_owned(), last.trim().to_owned());
    if first.is_empty() {
        return (last, None);
    }
    (first, Some(last).filter(|last| !last.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::field::Fields;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;

    /// 2026-11-22 in Jerusalem.
    const NOW_MS: i64 = 1_795_298_400_000;

    fn value(name: &str, field: Value, text: &str) -> Result<Value, String> {
        let fields = Fields::standard("IL");
        let zone = TimeZone::get("Asia/Jerusalem").unwrap();
        let place = Place {
            fields: &fields,
            zone: &zone,
            received_at: NOW_MS,
        };
        let field = serde_json::from_value(field).unwrap();
        read(name, &field, (text, Order::Dmy), &place)
    }

    #[test]
    fn yes_and_no() {
        let read = |text| value("club", json!({"type": "bool"}), text);
        for yes in ["כן", "Yes", "TRUE", "1", "v", "V", "✓", "✔\u{FE0F}", "כן."] {
            assert_eq!(read(yes), Ok(json!(true)), "{yes}");
        }
        for no in ["לא", "no", "False", "0", "x", "X", "✗"] {
            assert_eq!(read(no), Ok(json!(false)), "{no}");
        }
        assert!(read("אולי").is_err());
    }

    #[test]
    fn days_and_moments() {
        let day = |name, text| value(name, json!({"type": "date"}), text);
        assert_eq!(day("birthday", "21.11.26"), Ok(json!("2026-11-21")));
        assert_eq!(day("birthday", "23.11.26"), Ok(json!("1926-11-23")));
        assert_eq!(day("renewal", "23.11.26"), Ok(json!("2026-11-23")));
        assert_eq!(
            day("birthday", "1990-04-30T21:00:00Z"),
            Ok(json!("1990-05-01"))
        );
        let refused = day("birthday", "11/21/1990").unwrap_err();
        assert!(refused.contains("day first"), "{refused}");
        let moment = |text| value("created_at", json!({"type": "instant"}), text);
        assert_eq!(moment("21/11/2026 00:00"), Ok(json!(1_795_212_000_000_i64)));
        assert_eq!(moment("1795212000000"), Ok(json!(1_795_212_000_000_i64)));
    }

    #[test]
    fn genders_and_choices() {
        let gender = |text| value("gender", json!({"type": "choice"}), text);
        for (text, read) in [
            ("ז", "male"),
            ("זכר", "male"),
            ("גבר", "male"),
            ("M", "male"),
            ("נ'", "female"),
            ("נקבה", "female"),
            ("אישה", "female"),
            ("Female", "female"),
            ("?", "?"),
        ] {
            assert_eq!(gender(text), Ok(json!(read)), "{text}");
        }
        let sizes = json!({"type": "choice", "several": true, "options": [
            {"value": "s", "labels": {"he": "קטן", "en": "Small"}},
            {"value": "xl", "labels": {"he": "גדול, מאוד"}},
        ]});
        let size = |text| value("size", sizes.clone(), text);
        assert_eq!(size("small"), Ok(json!("s")));
        assert_eq!(size("גדול, מאוד"), Ok(json!("xl")));
        assert_eq!(size("קטן; XL"), Ok(json!(["s", "xl"])));
        assert_eq!(size("קטן|m"), Ok(json!(["s", "m"])));
    }

    #[test]
    fn numbers_that_excel_shortened_are_no_phones() {
        let phone = |text| value("phone", json!({"type": "phone"}), text);
        assert!(phone("9.72502E+11").unwrap_err().contains("Excel"));
        assert_eq!(phone("050-2345678"), Ok(json!("050-2345678")));
        assert_eq!(read_identifier("e+5"), Ok(json!("e+5")));
    }

    #[test]
    fn whole_names_have_parts() {
        let split = |text| {
            let (first, last) = split_name(text);
            (first, last.unwrap_or_default())
        };
        for (text, first, last) in [
            ("דנה כהן", "דנה", "כהן"),
            ("משה  בן דוד", "משה", "בן דוד"),
            ("Cohen, Dana", "Dana", "Cohen"),
            ("דנה", "דנה", ""),
            ("דנה,", "דנה,", ""),
        ] {
            assert_eq!(split(text), (first.to_owned(), last.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            for field in ["bool", "choice", "date", "number", "rating", "text", "instant", "phone"] {
                let _ = value("some", json!({"type": field}), &text);
            }
            let _ = split_name(&text);
        }
    }
}
