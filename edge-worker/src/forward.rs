//! The way to the backend: a signed body, and what the backend's answer means.
//!
//! The envelope is safe when the backend answered 202, and only then. All else
//! is sorted here, once, into what the log should say; for the pixel it is
//! always the same: send it again later.

use crate::identity::KeyRing;
use protocol::{
    envelope::{self, Envelope},
    signature,
};

/// How long the backend may take, in milliseconds.
pub const TIMEOUT_MS: u32 = 10_000;

/// When the pixel may try again where the backend doesn't say, in seconds.
pub const RETRY_AFTER_S: u32 = 5;

/// Longest wait that is passed on from the backend, in seconds.
pub const MAX_RETRY_AFTER_S: u32 = 3600;

/// A POST to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post<'a> {
    /// Where to.
    pub url: &'a str,
    /// Its headers.
    pub headers: [(&'static str, String); 4],
    /// Its body.
    pub body: Vec<u8>,
}

/// What came of a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The backend answered.
    Answered {
        /// The status.
        status: u16,
        /// The header `Retry-After`, where there was one.
        retry_after: Option<String>,
    },
    /// It didn't, in time; with what the platform says about it.
    Unreachable(String),
}

/// The backend doesn't have the envelope, or nobody knows whether it has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the backend at {url} {cause}")]
pub struct Undelivered {
    /// Where the envelope was to go.
    pub url: String,
    /// Why it isn't there.
    pub cause: Cause,
    /// When to try again, in seconds.
    pub retry_after_s: u32,
}

/// Why an envelope isn't at the backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No answer.
    #[error("did not answer: {0}")]
    Unreachable(String),
    /// It takes nothing for now.
    #[error("is busy or down: status {0}")]
    Busy(u16),
    /// It doesn't know the signature.
    #[error("refuses the signature: status {0}; compare FORWARD_KEYS and the clocks")]
    Unsigned(u16),
    /// It won't have what the edge found good: a fault in the edge or the backend.
    #[error(
        "refuses an envelope that the edge found good: status {0}; this is a fault, please report it"
    )]
    Refused(u16),
    /// It is no ingest.
    #[error("answers as no ingest does: status {0}; check the site's backend in SITES")]
    Strange(u16),
}

/// Makes the POST of one envelope, signed as of `now_ms` by the first key.
#[must_use]
pub fn sign<'a>(url: &'a str, keys: &KeyRing, now_ms: u64, envelope: &Envelope<'_>) -> Post<'a> {
    let encoded = envelope.encode();
    let mut body = Vec::with_capacity(encoded.len() + 4);
    envelope::append_to_body(&mut body, &encoded);
    let (name, key) = keys.first();
    let signed = signature::sign(key.bytes(), now_ms, &body);
    Post {
        url,
        headers: [
            ("content-type", "application/octet-stream".into()),
            (signature::KEY_HEADER, name.into()),
            (signature::TIME_HEADER, now_ms.to_string()),
            (signature::SIGNATURE_HEADER, hex::encode(signed)),
        ],
        body,
    }
}

/// Reads the backend's answer to a POST at `url`.
///
/// # Errors
/// [`Undelivered`] for all but a 202.
pub fn judge(url: &str, reply: Reply) -> Result<(), Undelivered> {
    let (cause, retry_after) = match reply {
        Reply::Answered { status: 202, .. } => return Ok(()),
        Reply::Answered {
            status,
            retry_after,
        } => (sort(status), retry_after),
        Reply::Unreachable(why) => (Cause::Unreachable(why), None),
    };
    Err(Undelivered {
        url: url.into(),
        cause,
        retry_after_s: retry_after
            .and_then(|seconds| seconds.trim().parse().ok())
            .map_or(RETRY_AFTER_S, |s: u32| s.clamp(1, MAX_RETRY_AFTER_S)),
    })
}

const fn sort(status: u16) -> Cause {
    match status {
        400 | 413 => Cause::Refused(status),
        401 | 403 => Cause::Unsigned(status),
        429 | 500..=599 => Cause::Busy(status),
        _ => Cause::Strange(status),
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
