//! Who is who, and what is known of them.

use super::super::facts::{CONTACT, Contact, FieldKind, Identity, Membership, Message};
use super::trail::moment;
use super::{CONTACT_TEXTS, FIELDS, GENDERS, GROUPS, MESSAGE_TYPES, Scene, maybe, word};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Ids of messages with their channels.
const MESSAGES: &[(&str, &str)] = &[
    ("m1", "mail"),
    ("m2", "mail"),
    ("m3", "sms"),
    ("M3", "push"),
];

/// Some contacts merged into others, and some visitors linked to contacts.
pub(super) fn identities(scene: &Scene) -> BoxedStrategy<Vec<Identity>> {
    let contacts = scene.contacts;
    if contacts == 0 {
        return Just(Vec::new()).boxed();
    }
    let merges =
        prop::collection::vec(prop::option::weighted(0.2, 1..=contacts), contacts as usize);
    let links = prop::collection::vec(
        prop::option::weighted(0.2, 1..=contacts),
        scene.visitors as usize,
    );
    (merges, links)
        .prop_map(|(merges, links)| identified(&merges, &links))
        .boxed()
}

/// A contact is absorbed by one of a lower number only, which may be absorbed
/// itself.
fn identified(merges: &[Option<u64>], links: &[Option<u64>]) -> Vec<Identity> {
    let mut people: Vec<u64> = Vec::new();
    let mut identities = Vec::new();
    for (n, into) in (1..).zip(merges) {
        let into = into.filter(|into| *into < n);
        let person = into.map_or(n, |into| people[into as usize - 1]);
        people.push(person);
        identities.extend(into.map(|_| Identity {
            id: CONTACT | n,
            person: CONTACT | person,
            is_visitor: false,
        }));
    }
    for (visitor, link) in (1..).zip(links) {
        identities.extend(link.map(|n| Identity {
            id: visitor,
            person: CONTACT | people[n as usize - 1],
            is_visitor: true,
        }));
    }
    identities
}

/// Rows for most of the contacts that are not absorbed.
pub(super) fn contacts(scene: &Scene, identities: &[Identity]) -> BoxedStrategy<Vec<Contact>> {
    let absorbed = |id: &u64| identities.iter().any(|identity| identity.id == *id);
    let ids = (1..=scene.contacts).map(|n| CONTACT | n);
    let ids: Vec<u64> = ids.filter(|id| !absorbed(id)).collect();
    let rows: Vec<_> = ids
        .into_iter()
        .map(|id| prop::option::weighted(0.9, contact(scene, id)))
        .collect();
    rows.prop_map(|rows| rows.into_iter().flatten().collect())
        .boxed()
}

fn contact(scene: &Scene, id: u64) -> impl Strategy<Value = Contact> + use<> {
    let texts = prop::collection::btree_map(word(CONTACT_TEXTS), word(&scene.texts), 2..5);
    let date = || prop::option::weighted(0.7, select(scene.dates.clone()));
    let consents = proptest::array::uniform3(prop::option::of(any::<bool>()));
    (
        (texts, maybe(GENDERS)),
        (date(), date()),
        prop::option::weighted(0.8, moment(scene)),
        consents,
        own(scene),
    )
        .prop_map(
            move |((mut texts, gender), dates, created_at, consents, own)| {
                texts.insert("gender", gender);
                texts.retain(|_, text| !text.is_empty());
                let (birthday, anniversary) = dates;
                let [consent_mail, consent_sms, consent_whatsapp] = consents;
                Contact {
                    id,
                    texts,
                    birthday,
                    anniversary,
                    created_at,
                    consent_mail,
                    consent_sms,
                    consent_whatsapp,
                    own,
                }
            },
        )
}

fn own(scene: &Scene) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let fields: Vec<_> = FIELDS
        .iter()
        .map(|(name, kind)| {
            let value = prop::option::weighted(0.8, own_value(scene, *kind));
            (Just(*name), value)
        })
        .collect();
    fields.prop_map(|fields| {
        let given = fields.into_iter();
        given
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    })
}

fn own_value(scene: &Scene, kind: FieldKind) -> BoxedStrategy<Value> {
    let text = word(&scene.texts);
    match kind {
        FieldKind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        FieldKind::Text | FieldKind::Choice => text.prop_map(Value::from).boxed(),
        FieldKind::List => prop::collection::vec(text, 0..4)
            .prop_map(Value::from)
            .boxed(),
        FieldKind::Date => select(scene.dates.clone())
            .prop_map(|date| json!(date.to_string()))
            .boxed(),
        FieldKind::Number => prop_oneof![
            (-3..5i64).prop_map(Value::from),
            (-3..5i64).prop_map(|half| json!(half as f64 / 2.0)),
        ]
        .boxed(),
        FieldKind::Rating => (1..=5i64).prop_map(Value::from).boxed(),
    }
}

pub(super) fn memberships(scene: &Scene) -> BoxedStrategy<Vec<Membership>> {
    if scene.contacts == 0 {
        return Just(Vec::new()).boxed();
    }
    let membership = (
        scene.contact(),
        word(GROUPS),
        moment(scene),
        prop::bool::weighted(0.65),
    );
    let membership = membership.prop_map(|(contact, group, ts, is_in)| Membership {
        contact,
        group,
        ts,
        is_in,
    });
    prop::collection::vec(membership, 0..14).boxed()
}

pub(super) fn messages(scene: &Scene) -> BoxedStrategy<Vec<Message>> {
    if scene.contacts == 0 {
        return Just(Vec::new()).boxed();
    }
    let texts = || maybe(&scene.texts);
    let message = (
        (scene.contact(), select(MESSAGES), word(MESSAGE_TYPES)),
        (texts(), texts(), texts()),
        prop::bool::weighted(0.07),
        moment(scene),
    );
    let message = message.prop_map(|(what, (campaign, link, topic), machine, ts)| {
        let (contact, (message_id, channel), event) = what;
        Message {
            contact,
            message_id,
            channel,
            event,
            campaign,
            link,
            topic,
            machine,
            ts,
            id: 0,
        }
    });
    prop::collection::vec(message, 10..60)
        .prop_map(|mut messages| {
            for (message, id) in messages.iter_mut().zip(1..) {
                message.id = id;
            }
            messages
        })
        .boxed()
}
