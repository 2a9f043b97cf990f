//! What is stored of people, and what it means.

use super::{
    book::{Choice, Found, Identity, Kind, Set},
    profile::{self, Statement, Statements, Told},
};
use crate::store::{ContactRow, IdentityRow, StatementRow, StoreError};
use protocol::id::Site;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use uuid::Uuid;

/// A stored identity; nothing where its kind is another build's.
pub fn identity(row: IdentityRow) -> Option<Identity> {
    let found = (row.found_in != 0).then_some(Found {
        at: row.found_at,
        parent: row.found_in,
        by: row.found_by,
    });
    let choice = match row.choice.as_str() {
        "into" => Some(Choice::Into(row.set_to)),
        "alone" => Some(Choice::Alone),
        "as_found" => Some(Choice::AsFound),
        _ => None,
    };
    Some(Identity {
        kind: Kind::from_word(&row.kind)?,
        value: row.value,
        found,
        set: choice.map(|choice| Set {
            at: row.set_at,
            choice,
            by: row.set_by,
        }),
        person: row.person,
        first_at: row.first_at,
        version: row.version,
    })
}

/// An identity, as it is kept.
pub fn identity_row(site: Site<'_>, id: u64, identity: &Identity) -> IdentityRow {
    let found = identity.found.as_ref();
    let set = identity.set.as_ref();
    IdentityRow {
        site: site.as_str().to_owned(),
        id,
        kind: identity.kind.as_str().to_owned(),
        value: identity.value.clone(),
        found_in: found.map_or(0, |found| found.parent),
        found_at: found.map_or(0, |found| found.at),
        found_by: found.map_or("", |found| &found.by).to_owned(),
        choice: match set.map(|set| set.choice) {
            Some(Choice::Into(_)) => "into",
            Some(Choice::Alone) => "alone",
            Some(Choice::AsFound) => "as_found",
            None => "",
        }
        .to_owned(),
        set_to: match set.map(|set| set.choice) {
            Some(Choice::Into(parent)) => parent,
            _ => 0,
        },
        set_at: set.map_or(0, |set| set.at),
        set_by: set.map_or("", |set| &set.by).to_owned(),
        person: identity.person,
        first_at: identity.first_at,
        version: identity.version,
    }
}

/// What a stored row says.
pub fn statement(row: &StatementRow) -> Result<Statement<'_>, StoreError> {
    let fields = profile::decode(&row.fields)
        .map_err(|problem| StoreError::Unreadable(format!("contact_rows.fields: {problem}")))?;
    Ok(Statement {
        at: row.ts,
        id: row.id.as_u128(),
        contact: row.contact_id,
        by: &row.said_by,
        is_weak: row.is_weak,
        fields: fields.into(),
    })
}

/// What a fact says of a contact.
pub fn stated<'f>(
    contact: u64,
    by: &'f str,
    (at, is_weak): (i64, bool),
    fields: Cow<'f, [(String, Told)]>,
) -> Statement<'f> {
    let said = (contact, at, by, is_weak, &fields);
    // Texts and numbers: there is nothing in it that can fail.
    let digest = Sha256::digest(postcard::to_allocvec(&said).unwrap_or_default());
    Statement {
        at,
        // The same for the same words.
        id: Uuid::new_v8(digest.first_chunk().copied().unwrap_or_default()).as_u128(),
        contact,
        by,
        is_weak,
        fields,
    }
}

/// What was said, as it is kept.
pub fn statement_row(site: Site<'_>, said: &Statement<'_>, received_at: i64) -> StatementRow {
    StatementRow {
        site: site.as_str().to_owned(),
        contact_id: said.contact,
        ts: said.at,
        id: Uuid::from_u128(said.id),
        received_at,
        said_by: said.by.to_owned(),
        is_weak: said.is_weak,
        fields: profile::encode(&said.fields),
    }
}

/// The contact that statements come to.
pub fn contact_row(mut row: ContactRow, said: &Statements<'_>) -> ContactRow {
    let mut own = serde_json::Map::new();
    for (field, held) in said.fields() {
        let json = held.told.as_ref().map_or("null", |told| &told.json);
        let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let text = || value.as_str().unwrap_or_default().to_owned();
        let day = || {
            let date: Option<jiff::civil::Date> = value.as_str().and_then(|day| day.parse().ok());
            let since = date.and_then(|date| date.since(jiff::civil::date(1970, 1, 1)).ok());
            since.map(|span| span.get_days())
        };
        match field {
            "first_name" => row.first_name = text(),
            "last_name" => row.last_name = text(),
            "mail" => row.mail = text(),
            "phone" => row.phone = text(),
            "gender" => row.gender = text(),
            "birthday" => row.birthday = day(),
            "anniversary" => row.anniversary = day(),
            "family_status" => row.family_status = text(),
            "street" => row.street = text(),
            "city" => row.city = text(),
            "region" => row.region = text(),
            "postal_code" => row.postal_code = text(),
            "country" => row.country = text(),
            "language" => row.language = text(),
            "source" => row.source = text(),
            "created_at" => row.created_at = value.as_i64(),
            "consent_mail" => row.consent_mail = value.as_bool(),
            "consent_sms" => row.consent_sms = value.as_bool(),
            "consent_whatsapp" => row.consent_whatsapp = value.as_bool(),
            own_field => drop(own.insert(own_field.to_owned(), value)),
        }
    }
    row.fields = serde_json::Value::Object(own).to_string();
    row
}
