//! A contact's row: identifiers and fields, side by side.

use super::moment;
use crate::{
    ingest::given::{Moment, Wrong},
    people::{
        fact::ContactFact,
        field::Fields,
        identifier::{Named, quoted},
    },
};
use serde_json::{Map, Value};

/// Checks a row: `id`, `updated_at`, and every field by its name; null takes a field back.
///
/// # Errors
/// [`Wrong`] with the first part that doesn't fit.
pub fn contact(
    row: &Map<String, Value>,
    fields: &Fields,
    received_at: i64,
) -> Result<ContactFact, Wrong> {
    let text = |key: &str| match row.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        // Shops' ids are often numbers.
        Some(Value::Number(number)) if key == "id" => Ok(number.to_string()),
        Some(Value::Null) | None => Ok(String::new()),
        Some(other) => Err(Wrong::value(
            &format!("/{key}"),
            &other.to_string(),
            "a text fits",
        )),
    };
    let named = Named {
        id: text("id")?,
        mail: text("mail")?,
        phone: text("phone")?,
    };
    let who = named.identifiers(&fields.country, "")?;
    if who.is_empty() {
        let fits = "a contact needs an `id`, a `mail` or a `phone`";
        return Err(Wrong::missing("/id", fits));
    }
    let updated_at: Moment = match row.get("updated_at") {
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| Wrong::new("bad_value", "/updated_at", error.to_string()))?,
        None => Moment::default(),
    };
    let mut told = Vec::with_capacity(row.len());
    for (name, value) in row {
        if name == "id" || name == "updated_at" {
            continue;
        }
        let pointer = format!("/{name}");
        let identifier = who.iter().find(|who| who.kind.as_str() == name);
        let fitting = match value {
            Value::String(given) if let Some(identifier) = identifier => {
                Some(identifier.fitting(given))
            }
            Value::Null if fields.by_name.contains_key(name) => None,
            value => {
                let fit = fields.fit(name, value).ok_or_else(|| {
                    let detail = format!(
                        "there is no field {}; add it with PUT …/fields/{{name}}",
                        quoted(name)
                    );
                    Wrong::new("unknown_field", &pointer, detail)
                })?;
                let wrong = |fits: String| Wrong::value(&pointer, &shown(value), &fits);
                Some(fit.map_err(wrong)?)
            }
        };
        told.push((name.clone(), fitting));
    }
    Ok(ContactFact {
        who,
        at: moment(updated_at, "/updated_at", received_at, Some(received_at))?,
        fields: told,
        is_weak: false,
    })
}

/// A value as its sender wrote it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW_MS: i64 = 1_790_000_000_000;

    fn read(row: Value) -> Result<ContactFact, Wrong> {
        contact(row.as_object().unwrap(), &Fields::standard("IL"), NOW_MS)
    }

    #[test]
    fn identifiers_are_fields_too() {
        let fact = read(json!({
            "id": 7, "mail": "Dana@example.com", "city": "חיפה", "gender": null,
            "updated_at": "2026-01-02T03:04:05Z",
        }))
        .unwrap();
        let who: Vec<_> = fact.who.iter().map(|who| who.value.as_str()).collect();
        assert_eq!(who, ["7", "dana@example.com"]);
        let names: Vec<_> = fact.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["city", "gender", "mail"]);
        assert_eq!(fact.fields[1].1, None);
        assert_eq!(fact.at, 1_767_323_045_000);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (row, code, pointer) in [
            (json!({}), "missing", "/id"),
            (json!({"id": "", "city": "x"}), "missing", "/id"),
            (json!({"id": true}), "bad_value", "/id"),
            (json!({"mail": "dana"}), "bad_value", "/mail"),
            (json!({"id": "7", "shoe": 1}), "unknown_field", "/shoe"),
            (json!({"id": "7", "shoe": null}), "unknown_field", "/shoe"),
            (
                json!({"id": "7", "birthday": "1/2/1990"}),
                "bad_value",
                "/birthday",
            ),
            (
                json!({"id": "7", "updated_at": "soon"}),
                "bad_value",
                "/updated_at",
            ),
            (
                json!({"id": "7", "updated_at": NOW_MS + 600_000}),
                "too_far_ahead",
                "/updated_at",
            ),
        ] {
            let wrong = read(row.clone()).unwrap_err();
            assert_eq!(
                (wrong.code, wrong.pointer.as_str()),
                (code, pointer),
                "{row}"
            );
        }
    }
}
