//! Facts about people, as they wait in the spool: checked, and in their one form, so that what
//! was accepted is read the same way whatever became of the site's settings meanwhile.
//!
//! ```text
//! facts = 'C' 'F' version body               body: postcard
//! ```

use super::{book::Choice, field::Fitting, identifier::Identifier, tombs::Buried};
use protocol::{DecodeError, id::Site, token::Channel};
use serde::{Deserialize, Serialize};

/// What a request brought about people of one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The site's slug.
    pub site: String,
    /// When it came, in milliseconds since the epoch.
    pub received_at: i64,
    /// Who brought it.
    pub by: String,
    /// What it says.
    pub facts: Vec<Fact>,
}

/// One fact. Times are milliseconds since the epoch. The order is the format's: new ones go last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// What is known of a contact.
    Contact(ContactFact),
    /// An order, as the shop has it.
    Order(Box<OrderFact>),
    /// Something became of a message.
    Message(MessageFact),
    /// Somebody came into a group, or left it.
    Member(MemberFact),
    /// Somebody is known.
    Named {
        /// The identifiers.
        who: Vec<Identifier>,
    },
    /// A person decided who somebody is.
    Decided {
        /// The identity.
        id: u64,
        /// What.
        choice: Choice,
        /// When.
        at: i64,
    },
    /// A form was filled in.
    Form(Box<FormFact>),
    /// Somebody is to be erased, with all that they are known by.
    Erased {
        /// Identities of theirs.
        ids: Vec<u64>,
        /// What was before this goes.
        at: i64,
    },
}

/// Fields of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactFact {
    /// The identifiers, the most decisive first; at least one.
    pub who: Vec<Identifier>,
    /// As of when.
    pub at: i64,
    /// The fields; none is taken back.
    pub fields: Vec<(String, Option<Fitting>)>,
    /// Whether nobody vouches for it: it fills only what nobody else ever said.
    pub is_weak: bool,
}

/// A form that was filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormFact {
    /// Its id: the same twice is one.
    pub id: String,
    /// Who filled it in, and what that says of them; nobody where no answer says who.
    pub contact: Option<ContactFact>,
    /// The browser it was filled in with; 0 where that isn't known.
    pub visitor_id: u64,
    /// What its proof is known by.
    pub token_id: u64,
    /// The form's name.
    pub form: String,
    /// When.
    pub at: i64,
    /// Answers that are no identifiers, and where the form was, as JSON.
    pub props: String,
    /// Whether a crawler did it.
    pub is_bot: bool,
}

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFact {
    /// The shop's id of it.
    pub order_id: String,
    /// Who bought, the most decisive identifier first; nobody where that isn't known.
    pub who: Vec<Identifier>,
    /// The browser that bought; 0 where it isn't known.
    pub visitor_id: u64,
    /// When it was placed.
    pub at: i64,
    /// Of when this is the state of it.
    pub updated_at: i64,
    /// Whether it was bought in a store.
    pub is_in_store: bool,
    /// Which store.
    pub store: String,
    /// ISO 4217; empty for the site's.
    pub currency: String,
    /// What one of its currency is in the site's, in units of 10⁻⁸; 0 where that isn't known.
    pub rate_e8: u64,
    /// The whole, in cents.
    pub value_cents: Option<i64>,
    /// What is left after returns, where the shop says so.
    pub net_cents: Option<i64>,
    /// Of the whole, shipping.
    pub shipping_cents: Option<i64>,
    /// Coupons.
    pub coupons: Vec<String>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
    /// What was bought.
    pub items: Vec<ItemFact>,
    /// What was returned.
    pub returns: Vec<ReturnFact>,
}

/// What was bought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFact {
    /// The product's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: String,
    /// Its brand.
    pub brand: String,
    /// Price of one piece, in cents.
    pub price_cents: Option<i64>,
    /// Pieces.
    pub quantity: u32,
}

/// What was returned at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnFact {
    /// The shop's id of the return.
    pub id: String,
    /// When.
    pub at: i64,
    /// What was given back, in cents.
    pub value_cents: Option<i64>,
    /// Of which products how many pieces.
    pub items: Vec<(String, u32)>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFact {
    /// Its id: the same twice is one.
    pub id: String,
    /// Who got it; at least one identifier.
    pub who: Vec<Identifier>,
    /// The sending it belongs to.
    pub message_id: String,
    /// On which channel.
    pub channel: Channel,
    /// What happened.
    pub event: MessageEvent,
    /// The campaign.
    pub campaign: String,
    /// The link that was clicked.
    pub link: String,
    /// What the link is about.
    pub topic: String,
    /// Whether a program did it.
    pub is_machine: bool,
    /// When.
    pub at: i64,
}

/// What may become of a message. The order is the format's: new ones go last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageEvent {
    /// It was sent.
    Sent,
    /// It came.
    Delivered,
    /// It was opened.
    Opened,
    /// A link in it was clicked.
    Clicked,
    /// It was read.
    Read,
    /// It was answered.
    Answered,
    /// It couldn't be delivered.
    Bounced,
    /// Who got it wants no more.
    Unsubscribed,
}

impl MessageEvent {
    /// The name in a stored message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Read => "read",
            Self::Answered => "answered",
            Self::Bounced => "bounced",
            Self::Unsubscribed => "unsubscribed",
        }
    }
}

/// That somebody came into a group, or left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFact {
    /// Who; at least one identifier.
    pub who: Vec<Identifier>,
    /// The group's id.
    pub group: String,
    /// Whether they are in it from then on.
    pub is_in: bool,
    /// Since when.
    pub at: i64,
}

impl MessageFact {
    /// Who unsubscribes consents no longer.
    #[must_use]
    pub fn consent_taken_back(&self) -> Option<ContactFact> {
        if self.event != MessageEvent::Unsubscribed {
            return None;
        }
        let field = match self.channel {
            Channel::Mail => "consent_mail",
            Channel::Sms => "consent_sms",
            Channel::Whatsapp => "consent_whatsapp",
            // Who wants no more of these tells their browser.
            Channel::Push => return None,
        };
        let no = Fitting {
            json: "false".into(),
            given: String::new(),
        };
        Some(ContactFact {
            who: self.who.clone(),
            at: self.at,
            fields: vec![(field.into(), Some(no))],
            is_weak: false,
        })
    }
}

impl Fact {
    /// What is left of it once some are erased: nothing of what says who somebody is, and orders
    /// without a buyer.
    #[must_use]
    pub fn without(
        &self,
        buried: &Buried,
        received_at: i64,
        (site, key): (Site<'_>, &[u8]),
    ) -> Option<Self> {
        let (who, at) = self.named(received_at);
        let contacts = who.iter().map(|who| who.contact(site, key).get());
        let visitor = match self {
            Self::Order(order) => order.visitor_id,
            Self::Form(form) => form.visitor_id,
            Self::Decided { id, .. } => *id,
            _ => 0,
        };
        if !buried.hides(site.as_str(), contacts.chain([visitor]), at) {
            return Some(self.clone());
        }
        match self {
            Self::Order(order) => Some(Self::Order(Box::new(OrderFact {
                who: Vec::new(),
                visitor_id: 0,
                ..(**order).clone()
            }))),
            _ => None,
        }
    }

    /// Who is named, and when.
    #[must_use]
    pub fn named(&self, received_at: i64) -> (&[Identifier], i64) {
        match self {
            Self::Contact(fact) => (&fact.who, fact.at),
            Self::Form(fact) => {
                let who = fact.contact.as_ref().map(|contact| contact.who.as_slice());
                (who.unwrap_or_default(), fact.at)
            }
            Self::Order(fact) => (&fact.who, fact.at),
            Self::Message(fact) => (&fact.who, fact.at),
            Self::Member(fact) => (&fact.who, fact.at),
            Self::Named { who } => (who, received_at),
            Self::Decided { .. } | Self::Erased { .. } => (&[], received_at),
        }
    }
}

const MAGIC: [u8; 3] = *b"CF\x01";

impl Facts {
    /// Whether bytes of the spool are facts.
    #[must_use]
    pub fn is(bytes: &[u8]) -> bool {
        bytes.starts_with(b"CF")
    }

    /// Their bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        // Texts and numbers: there is nothing in it that can fail.
        bytes.extend(postcard::to_allocvec(self).unwrap_or_default());
        bytes
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`DecodeError`] where they are none, or another build's.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let version = bytes.get(2).copied().unwrap_or_default();
        let body = bytes
            .strip_prefix(&MAGIC)
            .ok_or(DecodeError::Version(version))?;
        let facts: Self = postcard::from_bytes(body).map_err(|_| DecodeError::Structure)?;
        Site::new(&facts.site)?;
        Ok(facts)
    }
}
