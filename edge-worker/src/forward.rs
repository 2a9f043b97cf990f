//! The way to the backend: a signed body, and what the backend's answer means.
//!
//! The envelope is safe when the backend answered 202, and only then. All else
//! is sorted here, once, into what the log should say; for the pixel it is
//! always the same: send it again later.

use crate::identity::KeyRing;
use protocol::{envelope, signature};

/// How long the backend may take, in milliseconds.
pub const TIMEOUT_MS: u32 = 10_000;

/// How long it may take while somebody waits for a page, in milliseconds.
pub const SHORT_TIMEOUT_MS: u32 = 2_000;

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
    /// How long the answer is awaited, in milliseconds.
    pub timeout_ms: u32,
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

/// The envelope isn't safe, or nobody knows whether it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place} {cause}")]
pub struct Undelivered {
    /// Where the envelope was to go.
    pub place: String,
    /// Why it isn't there.
    pub cause: Cause,
    /// When to try again, in seconds.
    pub retry_after_s: u32,
}

/// Why an envelope isn't where it was to go.
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

/// Makes the POST of envelopes, signed as of `now_ms` by the first key.
#[must_use]
pub fn sign<'a, 'e>(
    url: &'a str,
    keys: &KeyRing,
    now_ms: u64,
    envelopes: impl IntoIterator<Item = &'e [u8]>,
) -> Post<'a> {
    let mut body = Vec::new();
    for envelope in envelopes {
        body.reserve(envelope.len() + 4);
        envelope::append_to_body(&mut body, envelope);
    }
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
        timeout_ms: TIMEOUT_MS,
    }
}

/// Reads the queue's answer.
///
/// # Errors
/// [`Undelivered`] where it didn't take the envelope.
pub fn judge_queued(queued: Result<(), String>) -> Result<(), Undelivered> {
    queued.map_err(|why| Undelivered {
        place: "the queue".into(),
        cause: Cause::Unreachable(why),
        retry_after_s: RETRY_AFTER_S,
    })
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
        place: format!("the backend at {url}"),
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
