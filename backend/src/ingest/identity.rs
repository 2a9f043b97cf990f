//! What batches and notices say besides events: who visitors are, what became of messages, who
//! asks to be forgotten. As rows of their tables.

use super::row::{EventRow, Month, millis};
use crate::people::{
    fact::{FormFact, MessageFact},
    identifier::Identifier,
    proven::{FORM, FORM_OF_SERVER},
    tombs::Buried,
};
use clickhouse::Row;
use protocol::{
    envelope::{Proof, Stamp},
    event::{Action, Event, IdentifyBy},
    id::{ContactId, EventId, Site, VisitorId},
    notice::Followed,
    token::TokenId,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A row of `proofs`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize)]
pub struct ProofRow {
    site: String,
    visitor_id: u64,
    kind: &'static str,
    contact: String,
    contact_id: u64,
    token_id: u64,
    ts: i64,
    received_at: i64,
}

/// A row of `messages`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize)]
pub struct MessageRow {
    pub(super) site: String,
    pub(super) contact_id: u64,
    message_id: String,
    channel: &'static str,
    event: &'static str,
    campaign: String,
    link: String,
    topic: String,
    machine: bool,
    pub(super) ts: i64,
    received_at: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub(super) id: Uuid,
}

/// A row of `erasure_requests`.
#[derive(Clone, Debug, PartialEq, Eq, Row, Serialize)]
pub struct ErasureRow {
    site: String,
    visitor_id: u64,
    requested_at: i64,
}

impl ProofRow {
    /// What the edge verified; the batch's first event, at `ts`, said it.
    pub fn verified(site: Site<'_>, stamp: &Stamp<'_>, ts: u64) -> Option<Self> {
        let (kind, contact, token_id) = match stamp.proof.as_ref()? {
            Proof::Login { contact, token_id } => {
                (IdentifyBy::Login, (*contact).to_owned(), token_id)
            }
            Proof::Landing { message, token_id } => {
                (IdentifyBy::Landing, message.contact.to_string(), token_id)
            }
        };
        Some(Self::new(site, stamp, (kind, contact, token_id.0), ts))
    }

    /// What an event claims; a token proves nothing unless the edge verified it.
    pub fn claimed(site: Site<'_>, stamp: &Stamp<'_>, event: &Event<'_>, ts: u64) -> Option<Self> {
        match &event.action {
            Action::Identify(identify) => {
                match identify.by {
                    IdentifyBy::Login | IdentifyBy::Landing => None,
                    by @ (IdentifyBy::Id | IdentifyBy::Mail | IdentifyBy::Phone) => Some(
                        Self::new(site, stamp, (by, identify.value.to_owned(), 0), ts),
                    ),
                }
            }
            _ => None,
        }
    }

    /// What a given event says of its visitor.
    pub fn given(row: &EventRow<'_>, (kind, contact, token_id): (IdentifyBy, String, u64)) -> Self {
        Self {
            site: row.site.to_owned(),
            visitor_id: row.visitor_id,
            kind: kind.as_str(),
            contact,
            contact_id: 0,
            token_id,
            ts: row.ts,
            // A server may tell of years at once: proofs are in the order that it states.
            received_at: row.ts,
        }
    }

    /// What a form says of who filled it in: strong where a server sends it, weak else.
    pub fn of_form(site: Site<'_>, form: &FormFact, key: &[u8]) -> Option<Self> {
        let contact = form.contact.as_ref()?;
        let who = contact.who.first()?.contact(site, key);
        (form.visitor_id != 0 && !form.is_bot).then(|| Self {
            site: site.as_str().to_owned(),
            visitor_id: form.visitor_id,
            kind: if contact.is_weak {
                FORM
            } else {
                FORM_OF_SERVER
            },
            contact: who.to_string(),
            contact_id: who.get(),
            token_id: form.token_id,
            ts: form.at,
            received_at: form.at,
        })
    }

    /// Says which contact it names. Of claims that are no mail address or phone number, as good as
    /// can be.
    pub fn name(&mut self, key: &[u8]) {
        let Ok(site) = Site::new(&self.site) else {
            return;
        };
        let identifier = match self.kind {
            "landing" | FORM | FORM_OF_SERVER => {
                self.contact_id = self.contact.parse().unwrap_or_default();
                return;
            }
            "mail" => Identifier::mail(&self.contact),
            "phone" => Identifier::phone(&self.contact, ""),
            _ => Identifier::id(&self.contact),
        };
        if let Ok(identifier) = identifier {
            self.contact_id = identifier.contact(site, key).get();
        }
    }

    /// Whether it is of somebody who was erased since.
    pub fn is_hidden(&self, buried: &Buried) -> bool {
        buried.hides(
            &self.site,
            [self.visitor_id, self.contact_id],
            self.received_at,
        )
    }

    /// Which visitor of which site showed which token. A claim shows none.
    pub fn shown(&self) -> Option<(&str, VisitorId, TokenId)> {
        let token = TokenId(self.token_id);
        (token.0 != 0).then(|| (self.site.as_str(), VisitorId::new(self.visitor_id), token))
    }

    fn new(
        site: Site<'_>,
        stamp: &Stamp<'_>,
        (kind, contact, token_id): (IdentifyBy, String, u64),
        ts: u64,
    ) -> Self {
        Self {
            site: site.as_str().to_owned(),
            visitor_id: stamp.visitor_id.get(),
            kind: kind.as_str(),
            contact,
            contact_id: 0,
            token_id,
            ts: millis(ts),
            received_at: millis(stamp.received_at_ms),
        }
    }
}

impl MessageRow {
    /// The row of a link that was followed, or of a message that was opened. Its id is made of
    /// the token's and of what was done with it, by whom: a token used twice is one row.
    pub fn new(site: Site<'_>, stamp: &Stamp<'_>, followed: &Followed<'_>) -> Self {
        let event = match followed.link {
            Some(_) => "clicked",
            None => "opened",
        };
        let digest = Sha256::new()
            .chain_update(followed.token_id.0.to_be_bytes())
            .chain_update([followed.machine.into()])
            .chain_update(event)
            .chain_update(site.as_str())
            .finalize();
        let id = digest.first_chunk().copied().unwrap_or_default();
        let message = &followed.message;
        Self {
            site: site.as_str().to_owned(),
            contact_id: message.contact.get(),
            message_id: message.message_id.to_owned(),
            channel: message.channel.as_str(),
            event,
            campaign: message.campaign.to_owned(),
            link: followed.link.map_or("", |link| link.url).to_owned(),
            topic: followed.link.map_or("", |link| link.topic).to_owned(),
            machine: followed.machine,
            ts: millis(stamp.received_at_ms),
            received_at: millis(stamp.received_at_ms),
            id: Uuid::new_v8(id),
        }
    }
}

impl MessageRow {
    /// The row of what another system says became of a message. The same id twice is one row.
    pub fn told(site: Site<'_>, fact: &MessageFact, key: &[u8], received_at: i64) -> Self {
        let id = EventId::of_message(fact.at.unsigned_abs(), site, &fact.id);
        let contact = fact.who.first().map(|who| who.contact(site, key));
        Self {
            site: site.as_str().to_owned(),
            contact_id: contact.map_or(0, ContactId::get),
            message_id: fact.message_id.clone(),
            channel: fact.channel.as_str(),
            event: fact.event.as_str(),
            campaign: fact.campaign.clone(),
            link: fact.link.clone(),
            topic: fact.topic.clone(),
            machine: fact.is_machine,
            ts: fact.at,
            received_at,
            id: Uuid::from_u128(id.0),
        }
    }

    /// Whether it is of somebody who was erased since.
    pub fn is_hidden(&self, buried: &Buried) -> bool {
        buried.hides(&self.site, [self.contact_id], self.ts)
    }

    /// The month that the row is partitioned by.
    pub fn month(&self) -> Month {
        Month::of(self.ts)
    }
}

impl ErasureRow {
    /// Who of which site asks, when.
    pub fn asks(&self) -> (&str, u64, i64) {
        (&self.site, self.visitor_id, self.requested_at)
    }

    /// The row of a visitor who wants to be forgotten.
    pub fn new(site: Site<'_>, stamp: &Stamp<'_>) -> Self {
        Self {
            site: site.as_str().to_owned(),
            visitor_id: stamp.visitor_id.get(),
            requested_at: millis(stamp.received_at_ms),
        }
    }
}
