//! Mail addresses and phone numbers, for those who don't see them.

use super::Problem;
use crate::{
    people::person::{
        Explanation,
        timeline::{Entry, Kind},
    },
    segment::ast::Node,
};
use axum::http::StatusCode;
use serde_json::Value;

/// What stands in place of one.
pub const HIDDEN: &str = "•••";

/// Whether what is called so, a field or a kind of identity, is hidden.
pub fn is_hidden(name: &str) -> bool {
    matches!(name, "mail" | "phone")
}

/// Hides what an entry of a timeline says of them.
pub fn hide_in(entry: &mut Entry) {
    let of = match entry.kind {
        Kind::Field => "field",
        Kind::Identity => "identity",
        Kind::Event | Kind::Order | Kind::Return | Kind::Message | Kind::Group => return,
    };
    let named = entry.what.get(of).and_then(Value::as_str);
    if named.is_some_and(is_hidden)
        && let Some(value) = entry.what.get_mut("value")
    {
        *value = HIDDEN.into();
    }
}

/// Hides what was found of them.
pub fn hide_found(explanation: &mut Explanation) {
    for node in &mut explanation.nodes {
        let asked = node.asked.as_ref();
        let of_contact = asked.filter(|leaf| leaf.get("kind") == Some(&"contact".into()));
        let field = of_contact.and_then(|leaf| leaf.get("field")?.as_str());
        if field.is_some_and(is_hidden) {
            node.found = None;
        }
    }
}

/// Refuses a question about them: its answers would tell one letter by letter.
pub fn check_question(node: &Node) -> Result<(), Problem> {
    if asks(node) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "scope",
            "who doesn't see mail addresses and phone numbers can't ask about them either",
        ));
    }
    Ok(())
}

fn asks(node: &Node) -> bool {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().any(asks),
        Node::Not(part) => asks(part),
        Node::Contact(leaf) => is_hidden(&leaf.filter.field),
        Node::Measured(_)
        | Node::Message(_)
        | Node::Last(_)
        | Node::Cart(_)
        | Node::Group(_)
        | Node::Segment(_)
        | Node::Sequence(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;
    use serde_json::json;

    #[test]
    fn questions_about_them_are_refused_wherever_they_stand() {
        let mail = json!({"kind": "contact", "field": "mail", "op": "contains", "value": "a"});
        let city = json!({"kind": "contact", "field": "city", "op": "eq", "value": "Haifa"});
        let refused = |definition: Value| check_question(&parse(&definition).unwrap()).is_err();
        assert!(refused(json!({"all": [city, {"not": {"any": [mail]}}]})));
        assert!(!refused(json!({"not": city})));
    }

    #[test]
    fn entries_keep_what_is_neither() {
        let of = |kind, what: Value| {
            let mut entry = Entry {
                at: 1,
                kind,
                id: "1".into(),
                what,
            };
            hide_in(&mut entry);
            entry.what["value"].clone()
        };
        let mail = json!({"identity": "mail", "value": "a@b.example"});
        assert_eq!(of(Kind::Identity, mail), HIDDEN);
        let phone = json!({"field": "phone", "value": "+972501234567"});
        assert_eq!(of(Kind::Field, phone), HIDDEN);
        let city = json!({"field": "city", "value": "Haifa"});
        assert_eq!(of(Kind::Field, city), "Haifa");
    }
}
