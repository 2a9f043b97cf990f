//! Tokens: what a link carries so that whoever follows it can be believed.
//!
//! ```text
//! token = 'C' 'T' version body mac
//!   body   postcard
//!   mac    128 bits of HMAC-SHA256 (RFC 2104) over all that stands before it
//! ```
//!
//! In an address a token stands as base64url without padding (RFC 4648, 5). It says for which
//! site it is and what it may be used for, so that none passes for another. Its id makes it
//! one of its kind: what was done by it once, a second time changes nothing.

use crate::{
    DecodeError,
    event::{text, url},
    frame,
    id::{ContactId, Site},
};
use alloc::vec::Vec;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const KIND: u8 = b'T';
const MAC_BYTES: usize = 16;

/// What a token is for, to whom it was given, and until when it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The site it is for.
    pub site: Site<'a>,
    /// Told apart from all others by this.
    pub id: TokenId,
    /// When it stops to hold, in seconds since the epoch.
    pub expires_s: u64,
    /// Whom it was given to, and in which message.
    pub message: Message<'a>,
    /// What it may be used for.
    pub purpose: Purpose<'a>,
}

/// 64 random bits that a token has alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub u64);

/// A message to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message<'a> {
    /// Who got it.
    pub contact: ContactId,
    /// By which way.
    pub channel: Channel,
    /// The sending that it belongs to.
    pub message_id: &'a str,
    /// The campaign that the sending belongs to; empty where there is none.
    pub campaign: &'a str,
}

/// The way of a message. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail.
    Mail,
    /// A text message.
    Sms,
    /// A message on WhatsApp.
    Whatsapp,
    /// A push notification.
    Push,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Sms, Self::Whatsapp, Self::Push];

    /// The name in a stored message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Push => "push",
        }
    }
}

/// What a token may be used for. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose<'a> {
    /// To tell that a message was opened.
    Open,
    /// To tell that a link in a message was followed, and to lead on.
    #[serde(borrow)]
    Click(Link<'a>),
    /// To tell the page that a link led to who came.
    Landing,
}

/// A link in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link<'a> {
    /// Where it leads.
    pub url: &'a str,
    /// What it is about; empty where that isn't said.
    pub topic: &'a str,
}

/// Why a token isn't accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is none, or one for something else.
    #[error("this is no token for this")]
    NotAToken,
    /// Its site has no key of that name, or the mac isn't that key's.
    #[error("the token is not signed by a key of its site")]
    Unsigned,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// What stands before the mac.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    key: &'a str,
    site: &'a str,
    id: TokenId,
    expires_s: u64,
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow)]
    purpose: Purpose<'a>,
}

impl<'a> Token<'a> {
    /// The token's bytes, signed by the key of that name.
    #[must_use]
    pub fn seal(&self, key_name: &str, key: &[u8]) -> Vec<u8> {
        let body = Body {
            key: key_name,
            site: self.site.as_str(),
            id: self.id,
            expires_s: self.expires_s,
            message: self.message,
            purpose: self.purpose,
        };
        let mut out = Vec::new();
        frame::open(KIND, &mut out);
        let mut out = frame::put(&body, out);
        let mac = mac(key, &out).finalize().into_bytes();
        out.extend(mac.iter().take(MAC_BYTES));
        out
    }

    /// Reads a token that holds at `now_s` and is signed by a key that `find_key` knows by
    /// its site and name.
    ///
    /// What it is for is the caller's to look at: [`Token::purpose`].
    ///
    /// # Errors
    /// [`BadToken`].
    pub fn open<'k>(
        bytes: &'a [u8],
        now_s: u64,
        find_key: impl FnOnce(Site<'a>, &str) -> Option<&'k [u8]>,
    ) -> Result<Self, BadToken> {
        let signed = bytes.len().checked_sub(MAC_BYTES);
        let (signed, found) = signed
            .and_then(|length| bytes.split_at_checked(length))
            .ok_or(BadToken::NotAToken)?;
        let (body, site) = read(signed).map_err(|_| BadToken::NotAToken)?;
        let key = find_key(site, body.key).ok_or(BadToken::Unsigned)?;
        mac(key, signed)
            .verify_truncated_left(found)
            .map_err(|_| BadToken::Unsigned)?;
        if now_s >= body.expires_s {
            return Err(BadToken::Expired);
        }
        Ok(Self {
            site,
            id: body.id,
            expires_s: body.expires_s,
            message: body.message,
            purpose: body.purpose,
        })
    }
}

fn read(signed: &[u8]) -> Result<(Body<'_>, Site<'_>), DecodeError> {
    let (body, rest): (Body<'_>, _) = frame::take(frame::strip(KIND, signed)?)?;
    if !rest.is_empty() {
        return Err(DecodeError::Trailing);
    }
    let site = Site::new(body.site)?;
    check_message(&body.message)?;
    if let Purpose::Click(link) = body.purpose {
        url("url", link.url)?;
        text("topic", link.topic)?;
    }
    Ok((body, site))
}

/// Checks the bounds of a message's texts.
pub(crate) fn check_message(message: &Message<'_>) -> Result<(), DecodeError> {
    text("message_id", message.message_id)?;
    text("campaign", message.campaign)
}

fn mac(key: &[u8], signed: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
    mac.chain_update(signed)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
