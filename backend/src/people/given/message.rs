//! What became of messages, and who is in a group.

use super::{moment, needed, text};
use crate::{
    ingest::given::{Moment, Wrong},
    people::{
        fact::{MemberFact, MessageEvent, MessageFact},
        identifier::Named,
    },
};
use protocol::token::Channel;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenMessage {
    /// Its id in the system that tells it, at most 1 KiB: the same one twice, of the same time, is one.
    pub id: String,
    /// Who got the message.
    pub contact: Named,
    /// Which message: what became of one has the same `message_id`.
    pub message_id: String,
    /// `mail`, `sms`, `whatsapp` or `push`.
    #[schema(value_type = String, example = "mail")]
    pub channel: Channel,
    /// What happened to it.
    pub event: MessageEvent,
    /// The campaign it is of.
    #[serde(default)]
    pub campaign: String,
    /// Of a click: the link.
    #[serde(default)]
    pub link: String,
    /// Of a click: what the link is about.
    #[serde(default)]
    pub topic: String,
    /// Whether a program did it, such as a scanner of mails.
    #[serde(default)]
    pub machine: bool,
    /// When: milliseconds since the epoch, or RFC 3339.
    pub ts: Moment,
}

impl GivenMessage {
    /// Checks it, as of when it came.
    ///
    /// # Errors
    /// [`Wrong`] with the first part that doesn't fit.
    pub fn check(&self, country: &str, received_at: i64) -> Result<MessageFact, Wrong> {
        let who = self.contact.identifiers(country, "/contact")?;
        if who.is_empty() {
            let fits = "a message has a contact: an `id`, a `mail` or a `phone`";
            return Err(Wrong::missing("/contact", fits));
        }
        Ok(MessageFact {
            id: needed(&self.id, "/id")?,
            who,
            message_id: needed(&self.message_id, "/message_id")?,
            channel: self.channel,
            event: self.event,
            campaign: text(&self.campaign, "/campaign")?,
            link: text(&self.link, "/link")?,
            topic: text(&self.topic, "/topic")?,
            is_machine: self.machine,
            at: moment(self.ts, "/ts", received_at, None)?,
        })
    }
}

/// That somebody came into a group, or left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenMember {
    /// Who.
    pub contact: Named,
    /// Whether they are in it from then on; without it they are.
    #[serde(default = "yes")]
    pub member: bool,
    /// Since when: milliseconds since the epoch, or RFC 3339; without it since now.
    #[serde(default)]
    pub since: Moment,
}

const fn yes() -> bool {
    true
}

impl GivenMember {
    /// Checks it, as of when it came.
    ///
    /// # Errors
    /// [`Wrong`] with the first part that doesn't fit.
    pub fn check(&self, group: &str, country: &str, received_at: i64) -> Result<MemberFact, Wrong> {
        let who = self.contact.identifiers(country, "/contact")?;
        if who.is_empty() {
            let fits = "a member has an `id`, a `mail` or a `phone`";
            return Err(Wrong::missing("/contact", fits));
        }
        Ok(MemberFact {
            who,
            group: group.to_owned(),
            is_in: self.member,
            at: moment(self.since, "/since", received_at, Some(received_at))?,
        })
    }
}
