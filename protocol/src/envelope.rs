//! An envelope: a batch or a notice with the edge's stamp on it, and the body that carries
//! up to [`limit::BODY_ENVELOPES`] of them to the backend.
//!
//! ```text
//! envelope = 'C' 'E' version stamp payload   stamp: postcard; payload: to the end
//! body     = (length envelope)*              length: 4 bytes, big-endian
//! ```

use crate::{
    DecodeError,
    batch::Batch,
    event::text,
    frame,
    id::{Site, VisitorId},
    limit,
    notice::Notice,
    token::{Message, TokenId, check_message},
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const KIND: u8 = b'E';

/// What the edge knows of a batch or a notice. What is not known is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamp<'a> {
    /// Whose browser it was; 0 where that isn't known.
    pub visitor_id: VisitorId,
    /// When the edge took it, in milliseconds since the epoch.
    pub received_at_ms: u64,
    /// When the browser sent it, by the browser's clock.
    pub sent_at_ms: u64,
    /// Where the request came from.
    #[serde(borrow)]
    pub place: Place<'a>,
    /// What it came from.
    #[serde(borrow)]
    pub agent: Agent<'a>,
    /// Who the batch's first event proved the visitor to be, where it did.
    #[serde(borrow)]
    pub proof: Option<Proof<'a>>,
}

/// A proof of who a visitor is, verified by the edge. The order is the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof<'a> {
    /// The shop's backend said who is logged in: a strong proof.
    Login {
        /// The shop's own id of the contact.
        contact: &'a str,
        /// The token's id.
        token_id: TokenId,
    },
    /// They followed a link in a message to this contact: a weak proof, for messages are
    /// handed on.
    Landing {
        /// The message.
        #[serde(borrow)]
        message: Message<'a>,
        /// The token's id.
        token_id: TokenId,
    },
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Name of the region.
    pub region: &'a str,
    /// Name of the city.
    pub city: &'a str,
    /// Name of the time zone in the IANA database.
    pub time_zone: &'a str,
}

/// What a request came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agent<'a> {
    /// `desktop`, `mobile`, `tablet` or `other`.
    pub device: &'a str,
    /// The browser's name.
    pub browser: &'a str,
    /// The operating system's name.
    pub os: &'a str,
    /// Whether it is a crawler or another program.
    pub bot: bool,
}

/// An envelope, taken apart. What it carries is not decoded yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope<'a> {
    /// The edge's stamp.
    pub stamp: Stamp<'a>,
    /// The sealed batch, or the notice.
    pub payload: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Takes an envelope apart.
    ///
    /// # Errors
    /// [`DecodeError`] where it is none or a text is too long.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limit::ENVELOPE_BYTES {
            return Err(DecodeError::TooLong {
                field: "envelope",
                limit: limit::ENVELOPE_BYTES,
            });
        }
        let (stamp, payload): (Stamp<'a>, _) = frame::take(frame::strip(KIND, bytes)?)?;
        text("country", stamp.place.country)?;
        text("region", stamp.place.region)?;
        text("city", stamp.place.city)?;
        text("time zone", stamp.place.time_zone)?;
        text("device", stamp.agent.device)?;
        text("browser", stamp.agent.browser)?;
        text("os", stamp.agent.os)?;
        match &stamp.proof {
            Some(Proof::Login { contact, .. }) => text("contact", contact)?,
            Some(Proof::Landing { message, .. }) => check_message(message)?,
            None => {}
        }
        Ok(Self { stamp, payload })
    }

    /// The site that the payload belongs to; no more of it is looked at.
    ///
    /// # Errors
    /// [`DecodeError`] where it is neither a batch nor a notice.
    pub fn site(&self) -> Result<Site<'a>, DecodeError> {
        if Notice::is(self.payload) {
            return Notice::decode(self.payload).map(|notice| notice.site);
        }
        Batch::site(self.payload)
    }

    /// The bytes to forward.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len() + 192);
        frame::open(KIND, &mut out);
        let mut out = frame::put(&self.stamp, out);
        out.extend_from_slice(self.payload);
        out
    }
}

/// Puts an envelope into a body.
pub fn append_to_body(body: &mut Vec<u8>, envelope: &[u8]) {
    // An envelope is at most 64 KiB, so its length always fits.
    let length = u32::try_from(envelope.len()).unwrap_or(u32::MAX);
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(envelope);
}

/// Splits a body into its envelopes, none of them decoded.
///
/// # Errors
/// [`DecodeError`] where a length doesn't fit the bytes, there is no envelope or
/// there are too many.
pub fn split_body(body: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let mut split = Vec::new();
    for envelope in envelopes(body) {
        if split.len() == limit::BODY_ENVELOPES {
            return Err(DecodeError::TooLong {
                field: "envelopes",
                limit: limit::BODY_ENVELOPES,
            });
        }
        split.push(envelope?);
    }
    if split.is_empty() {
        return Err(DecodeError::Empty);
    }
    Ok(split)
}

/// The envelopes of a body however many, none of them decoded, up to the first whose length
/// doesn't fit the bytes.
pub fn envelopes(mut body: &[u8]) -> impl Iterator<Item = Result<&[u8], DecodeError>> {
    core::iter::from_fn(move || {
        let left = core::mem::take(&mut body);
        if left.is_empty() {
            return None;
        }
        Some(split_first(left).map(|(envelope, rest)| {
            body = rest;
            envelope
        }))
    })
}

/// A body's first envelope and the rest.
fn split_first(body: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (length, rest) = body.split_first_chunk::<4>().ok_or(DecodeError::Trailing)?;
    let length = usize::try_from(u32::from_be_bytes(*length));
    let split = length.ok().and_then(|length| rest.split_at_checked(length));
    split.ok_or(DecodeError::Structure)
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
