//! What a server's messages say of contacts: `identify` fills fields by its traits, `group` says
//! who is in a group of the site's.

use super::{Message, text_of};
use crate::people::{
    fact::{ContactFact, Fact, MemberFact},
    field::{Fields, Fitting},
    identifier::Identifier,
};
use serde_json::{Map, Value};

/// Traits and the fields that they are. A site's own fields have their own names.
const TRAITS: [(&str, &str); 14] = [
    ("firstName", "first_name"),
    ("first_name", "first_name"),
    ("lastName", "last_name"),
    ("last_name", "last_name"),
    ("gender", "gender"),
    ("birthday", "birthday"),
    ("createdAt", "created_at"),
    ("created_at", "created_at"),
    ("language", "language"),
    ("street", "street"),
    ("city", "city"),
    ("state", "region"),
    ("postalCode", "postal_code"),
    ("country", "country"),
];
/// A day, as a date and a time begin with it.
const DAY_BYTES: usize = "1985-04-23".len();

impl Message {
    /// What it says of a contact, and how many of its traits don't fit their fields; those are
    /// left out, and so are traits that no field has the name of. `groups` are the site's.
    #[must_use]
    pub fn fact(
        &self,
        fields: &Fields,
        groups: &[String],
        received_at_ms: i64,
    ) -> Option<(Fact, usize)> {
        let who = self.who(&fields.country);
        if who.is_empty() {
            return None;
        }
        let at = self.happened_at(received_at_ms).min(received_at_ms);
        match self.r#type.as_str() {
            "identify" => {
                let (told, unfit) = self.told(fields, &who);
                let fact = ContactFact {
                    who,
                    at,
                    fields: told,
                    is_weak: false,
                };
                Some((Fact::Contact(fact), unfit))
            }
            "group" => {
                let id = text_of(self.group_id.as_ref());
                let group = groups.iter().find(|group| **group == id)?.clone();
                let is_in = true;
                Some((
                    Fact::Member(MemberFact {
                        who,
                        group,
                        is_in,
                        at,
                    }),
                    0,
                ))
            }
            _ => None,
        }
    }

    /// Whom it names: what is no mail address and no phone number names nobody.
    fn who(&self, country: &str) -> Vec<Identifier> {
        let named = |name| text_of(self.said_of(name));
        let id = Identifier::id(&text_of(self.user_id.as_ref()));
        let mail = Identifier::mail(&named("email"));
        let phone = Identifier::phone(&named("phone"), country);
        [id, mail, phone].into_iter().flatten().collect()
    }

    fn said_of(&self, name: &str) -> Option<&Value> {
        let traits = [&self.traits, &self.context.traits];
        traits.into_iter().find_map(|traits| traits.get(name))
    }

    fn told(&self, fields: &Fields, who: &[Identifier]) -> (Vec<(String, Option<Fitting>)>, usize) {
        let mut told = Map::new();
        for traits in [&self.context.traits, &self.traits] {
            if let Some(Value::Object(address)) = traits.get("address") {
                tell(&mut told, address, fields);
            }
            tell(&mut told, traits, fields);
        }
        let has_name = told.contains_key("first_name") || told.contains_key("last_name");
        if let (Some(Value::String(name)), false) = (self.said_of("name"), has_name) {
            let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
            told.insert("first_name".into(), first.into());
            if !last.is_empty() {
                told.insert("last_name".into(), last.trim().into());
            }
        }
        let mut unfit = 0;
        let mut fitting = Vec::new();
        for (name, value) in told {
            match fields.fit(&name, &value) {
                Some(Ok(fit)) => fitting.push((name, Some(fit))),
                Some(Err(_)) => unfit += 1,
                None => {}
            }
        }
        for (name, field) in [("email", "mail"), ("phone", "phone")] {
            let given = text_of(self.said_of(name));
            match who.iter().find(|who| who.kind.as_str() == field) {
                Some(identifier) => fitting.push((field.into(), Some(identifier.fitting(&given)))),
                None => unfit += usize::from(!given.is_empty()),
            }
        }
        (fitting, unfit)
    }
}

/// Takes the traits that fields have names for. An empty one says nothing.
fn tell(told: &mut Map<String, Value>, traits: &Map<String, Value>, fields: &Fields) {
    for (name, value) in traits {
        let known = TRAITS.iter().find(|(known, _)| known == name);
        let is_own =
            || !matches!(name.as_str(), "mail" | "phone") && fields.by_name.contains_key(name);
        let field = match known {
            Some((_, field)) => (*field).to_owned(),
            None if is_own() => name.clone(),
            None => continue,
        };
        let value = match value {
            Value::Null => continue,
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) if field == "birthday" => {
                text.get(..DAY_BYTES).unwrap_or(text).into()
            }
            value => value.clone(),
        };
        told.insert(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW_MS: i64 = 1_790_000_000_000;

    fn fact(message: Value) -> Option<(Fact, usize)> {
        let message: Message = serde_json::from_value(message).unwrap();
        message.fact(&Fields::standard("IL"), &["vip".into()], NOW_MS)
    }

    #[test]
    fn traits_are_fields() {
        let (fact, unfit) = fact(json!({
            "type": "identify", "userId": 7,
            "context": { "traits": { "email": "Dana@Example.com" } },
            "traits": {
                "name": "דנה כהן לוי", "phone": "050-2345678", "birthday": "1985-04-23T00:00:00Z",
                "gender": "?", "plan": "gold", "title": "", "createdAt": "2026-01-02T03:04:05Z",
                "address": { "city": "חיפה", "postalCode": "31000" },
            },
        }))
        .unwrap();
        let Fact::Contact(fact) = fact else {
            panic!("{fact:?}")
        };
        let who: Vec<_> = fact.who.iter().map(|who| who.value.as_str()).collect();
        assert_eq!(who, ["7", "dana@example.com", "+972502345678"]);
        let told = fact.fields.iter().map(|(name, told)| {
            let told = told.as_ref().unwrap();
            format!("{name} {} {}", told.json, told.given)
        });
        let told: Vec<_> = told.collect();
        assert_eq!(
            told,
            [
                "birthday \"1985-04-23\" ",
                "city \"חיפה\" ",
                "created_at 1767323045000 ",
                "first_name \"דנה\" ",
                "last_name \"כהן לוי\" ",
                "postal_code \"31000\" ",
                "mail \"dana@example.com\" Dana@Example.com",
                "phone \"+972502345678\" 050-2345678",
            ]
        );
        // The gender; nobody knows of a plan.
        assert_eq!(unfit, 1);
        assert_eq!(fact.at, NOW_MS);
    }

    #[test]
    fn a_group_of_the_site_has_members() {
        let (fact, _) = fact(json!({"type": "group", "userId": "7", "groupId": "vip"})).unwrap();
        assert!(matches!(fact, Fact::Member(member) if member.group == "vip" && member.is_in));
        for none in [
            json!({"type": "group", "userId": "7", "groupId": "other"}),
            json!({"type": "group", "anonymousId": "a", "groupId": "vip"}),
            json!({"type": "identify", "anonymousId": "a", "traits": {"city": "x"}}),
            json!({"type": "track", "userId": "7", "event": "x"}),
        ] {
            assert_eq!(super::tests::fact(none), None);
        }
    }
}
