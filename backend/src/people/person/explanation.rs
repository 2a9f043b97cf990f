//! Why somebody is in a segment, or out, as people read it.

use super::{
    orders,
    timeline::{self, Entry, Kind},
};
use crate::{
    segment::{Fact, FactId, Found, Reason},
    store::{FactRows, PersonIds},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Why somebody is in a segment, or out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Explanation {
    /// Whether they are in it.
    pub is_in: bool,
    /// The nodes of the definition, the whole first and parents before their parts.
    pub nodes: Vec<NodeExplained>,
}

/// Why a node is true or false of somebody.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NodeExplained {
    /// Where it stands in the definition, by RFC 6901; empty for the whole.
    #[schema(example = "/all/0")]
    pub pointer: String,
    /// Whether it is true.
    pub is_true: bool,
    /// What was found; left out of a node that joins others, and where there is nothing. A measure
    /// is in its column's unit (cents, milliseconds), a moment in milliseconds since the epoch, a
    /// cart is how many pieces remain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// What was asked: the leaf as the definition has it; left out of a node that joins others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub asked: Option<Value>,
    /// The latest facts in the leaf's window, at most 20, the latest first, though the node may be
    /// false; of a sequence the first choice that fits, in its order; of a cart its last event.
    pub facts: Vec<Entry>,
}

/// Puts it together: the definition's JSON, the reasons of its nodes, and what is stored of their
/// facts.
#[must_use]
pub fn explanation(
    definition: &Value,
    reasons: &[Reason],
    rows: &FactRows,
    of: &PersonIds,
    site_currency: &str,
) -> Explanation {
    let orders = orders(&rows.orders, of, site_currency);
    let entries = rows.events.iter().map(timeline::event);
    let entries = entries
        .chain(orders.iter().flat_map(timeline::order))
        .chain(rows.messages.iter().map(timeline::message));
    let entries: BTreeMap<(Kind, String), Entry> = entries
        .map(|entry| ((entry.kind, entry.id.clone()), entry))
        .collect();
    let nodes: Vec<_> = reasons
        .iter()
        .map(|reason| NodeExplained {
            pointer: reason.pointer.clone(),
            is_true: reason.is_true,
            found: reason.found.clone(),
            asked: leaf(definition, &reason.pointer),
            facts: reason
                .facts
                .iter()
                .map(|fact| shown(fact, &entries))
                .collect(),
        })
        .collect();
    Explanation {
        is_in: nodes.first().is_some_and(|whole| whole.is_true),
        nodes,
    }
}

fn leaf(definition: &Value, pointer: &str) -> Option<Value> {
    let node = definition.pointer(pointer)?;
    node.get("kind").map(|_| node.clone())
}

/// What there is to say of a fact; of one that was erased meanwhile, when it was.
fn shown(fact: &Fact, entries: &BTreeMap<(Kind, String), Entry>) -> Entry {
    let (kind, id) = match &fact.id {
        FactId::Event(id) => (Kind::Event, id.to_string()),
        FactId::Order(id) => (Kind::Order, id.clone()),
        FactId::Message(id) => (Kind::Message, id.to_string()),
    };
    let place = (kind, id);
    entries.get(&place).cloned().unwrap_or_else(|| Entry {
        at: fact.at,
        kind: place.0,
        id: place.1,
        what: json!({}),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        segment::number::Number,
        store::{StoredMessage, StoredOrder},
    };
    use expect_test::expect;
    use uuid::Uuid;

    #[test]
    fn each_leaf_shows_what_was_asked_what_was_found_and_its_facts() {
        let definition = json!({"all": [
            {"kind": "order", "compare": {"gte": 2}},
            {"not": {"kind": "message", "event": "clicked"}},
        ]});
        let order = Fact {
            at: 5,
            id: FactId::Order("A1".into()),
        };
        let gone = Fact {
            at: 4,
            id: FactId::Order("A2".into()),
        };
        let clicked = Fact {
            at: 7,
            id: FactId::Message(Uuid::from_u128(9)),
        };
        let reason = |pointer: &str, is_true, found: Option<i128>, facts: &[&Fact]| Reason {
            pointer: pointer.to_owned(),
            is_true,
            found: found.map(|found| Found::Number(Number::Int(found))),
            facts: facts.iter().copied().cloned().collect(),
        };
        let reasons = [
            reason("", false, None, &[]),
            reason("/all/0", true, Some(2), &[&order, &gone]),
            reason("/all/1", false, None, &[]),
            reason("/all/1/not", true, Some(1), &[&clicked]),
        ];
        let of = PersonIds {
            contacts: vec![3],
            ..PersonIds::default()
        };
        let rows = FactRows {
            orders: vec![StoredOrder {
                order_id: "A1".into(),
                is_feed: true,
                contact_id: 3,
                ts: 5,
                value_cents: Some(990),
                ..StoredOrder::default()
            }],
            messages: vec![StoredMessage {
                id: Uuid::from_u128(9),
                event: "clicked".into(),
                ts: 7,
                ..StoredMessage::default()
            }],
            ..FactRows::default()
        };
        let shown = explanation(&definition, &reasons, &rows, &of, "ILS");
        expect![[r#"
            {
              "is_in": false,
              "nodes": [
                {
                  "pointer": "",
                  "is_true": false,
                  "facts": []
                },
                {
                  "pointer": "/all/0",
                  "is_true": true,
                  "found": 2,
                  "asked": {
                    "compare": {
                      "gte": 2
                    },
                    "kind": "order"
                  },
                  "facts": [
                    {
                      "at": 5,
                      "kind": "order",
                      "id": "A1",
                      "what": {
                        "net_cents": 990,
                        "order_id": "A1",
                        "placed_at": 5,
                        "sent_by_shop": true,
                        "value_cents": 990
                      }
                    },
                    {
                      "at": 4,
                      "kind": "order",
                      "id": "A2",
                      "what": {}
                    }
                  ]
                },
                {
                  "pointer": "/all/1",
                  "is_true": false,
                  "facts": []
                },
                {
                  "pointer": "/all/1/not",
                  "is_true": true,
                  "found": 1,
                  "asked": {
                    "event": "clicked",
                    "kind": "message"
                  },
                  "facts": [
                    {
                      "at": 7,
                      "kind": "message",
                      "id": "00000000-0000-0000-0000-000000000009",
                      "what": {
                        "event": "clicked"
                      }
                    }
                  ]
                }
              ]
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&shown).unwrap());
    }
}
