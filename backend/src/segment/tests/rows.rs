//! Facts of people as the tables take them.

use super::facts::{CONTACT, Contact, Facts, Identity, Membership, Message, Order};
use super::truth::World;
use serde_json::{Map, Value, json};

/// The rows of every table but the events', for `FORMAT JSONEachRow`.
pub(super) fn rows(site: &str, world: &World<'_>) -> Vec<(&'static str, Vec<Value>)> {
    let Facts {
        orders,
        messages,
        contacts,
        memberships,
        identities,
        ..
    } = world.facts;
    // Whoever is named has an identity; those who are part of another one come after.
    let named = world.everyone().into_iter().filter(|id| id & CONTACT != 0);
    let named = named.map(|id| Identity {
        id,
        person: id,
        is_visitor: false,
    });
    let identities = named.chain(identities.iter().cloned());
    vec![
        (
            "orders",
            orders.iter().map(|row| order(site, row)).collect(),
        ),
        (
            "messages",
            messages.iter().map(|row| message(site, row)).collect(),
        ),
        (
            "contacts",
            contacts.iter().map(|row| contact(site, row)).collect(),
        ),
        (
            "group_members",
            memberships.iter().map(|row| member(site, row)).collect(),
        ),
        (
            "identities",
            identities.map(|row| identity(site, &row)).collect(),
        ),
    ]
}

fn order(site: &str, order: &Order) -> Value {
    let items =
        |of: fn(&super::event::Item) -> Value| order.items.iter().map(of).collect::<Value>();
    json!({
        "site": site, "order_id": order.order_id, "is_feed": order.is_feed,
        "version": order.version, "visitor_id": order.visitor, "contact_id": order.contact,
        "ts": moment(order.ts), "channel": order.channel, "store": order.store,
        "currency": order.currency, "rate_e8": order.rate_e8, "value_cents": order.value_cents,
        "net_cents": order.net_cents, "coupons": order.coupons, "cancelled": order.cancelled,
        "items.id": items(|item| json!(item.id)),
        "items.name": items(|item| json!(item.name)),
        "items.category": items(|item| json!(item.category)),
        "items.brand": items(|item| json!(item.brand)),
        "items.price_cents": items(|item| json!(item.price_cents)),
        "items.quantity": items(|item| json!(item.quantity)),
        "returns.id": vec![""; order.returns.len()],
        "returns.ts": vec![moment(order.ts); order.returns.len()],
        "returns.value_cents": order.returns.iter().map(|back| json!(back.value_cents)).collect::<Value>(),
        "returns.items": vec![json!([]); order.returns.len()],
    })
}

fn message(site: &str, message: &Message) -> Value {
    json!({
        "site": site, "contact_id": message.contact, "message_id": message.message_id,
        "channel": message.channel, "event": message.event, "campaign": message.campaign,
        "link": message.link, "topic": message.topic, "machine": message.machine,
        "ts": moment(message.ts), "id": uuid::Uuid::from_u128(message.id).to_string(),
    })
}

fn contact(site: &str, contact: &Contact) -> Value {
    let mut row = Map::new();
    for (name, text) in &contact.texts {
        row.insert((*name).to_owned(), json!(text));
    }
    let day = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
    let rest = json!({
        "site": site, "contact_id": contact.id, "birthday": day(contact.birthday),
        "anniversary": day(contact.anniversary), "created_at": contact.created_at.map(moment),
        "consent_mail": contact.consent_mail, "consent_sms": contact.consent_sms,
        "consent_whatsapp": contact.consent_whatsapp, "fields": contact.own, "gone": false,
        "version": 1,
    });
    row.extend(rest.as_object().cloned().unwrap_or_default());
    row.into()
}

fn member(site: &str, member: &Membership) -> Value {
    json!({
        "site": site, "group_id": member.group, "contact_id": member.contact,
        "ts": moment(member.ts), "is_in": member.is_in,
    })
}

fn identity(site: &str, identity: &Identity) -> Value {
    let is_part = identity.id != identity.person;
    json!({
        "site": site, "id": identity.id, "kind": if identity.is_visitor { "visitor" } else { "id" },
        "person": identity.person, "version": 1 + u64::from(is_part),
    })
}

/// Seconds, as `date_time_input_format` `basic` takes them.
fn moment(ms: i64) -> String {
    format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000))
}
