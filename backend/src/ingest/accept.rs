//! What the edge posts: checked, decoded, and every event given an outcome.

use bytes::Bytes;
use protocol::{
    DecodeError,
    batch::Batch,
    envelope::{Envelope, Stamp, split_body},
    event::Event,
    form::Answers,
    id::Site,
    limit::SIGNATURE_SKEW_MS,
    notice::{Notice, What},
    outcome::{Outcome, correct_clock},
    signature,
};
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr};

use super::spool::{self, Spooled};
use crate::{
    control::{Consent, SiteSettings},
    people::given::SentForm,
};

/// The keys with which edges sign, by their ids.
#[derive(Clone, Default)]
pub struct EdgeKeys(BTreeMap<String, Vec<u8>>);

/// Why a text is no [`EdgeKeys`]. It never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeKeysError {
    /// Not `id:hex`.
    #[error("key {0} is not of the form id:hex; give ids and keys as id:hex,id:hex")]
    Form(usize),
    /// Too short to be safe.
    #[error(
        "key {0} is shorter than 32 bytes (64 hex digits); make one with `openssl rand -hex 32`"
    )]
    Weak(usize),
}

impl FromStr for EdgeKeys {
    type Err = EdgeKeysError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let keys = text.split(',').zip(1..).map(|(part, place)| {
            let (id, key) = part
                .trim()
                .split_once(':')
                .ok_or(EdgeKeysError::Form(place))?;
            let key = hex::decode(key).map_err(|_| EdgeKeysError::Form(place))?;
            if key.len() < signature::MIN_KEY_BYTES {
                return Err(EdgeKeysError::Weak(place));
            }
            Ok((id.to_owned(), key))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }
}

impl std::fmt::Debug for EdgeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// The signature that came with a body.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    /// The key's id.
    pub key: &'a str,
    /// When it was signed, milliseconds since the epoch.
    pub time: &'a str,
    /// The signature in hex.
    pub signature: &'a str,
}

/// Why a body was refused. Nothing of it is kept then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No signature, or none that fits.
    #[error("the body is not signed by a key that this backend knows")]
    Unsigned,
    /// The signature is too old or too new.
    #[error("the signature's time is more than 5 minutes from this backend's clock")]
    Stale,
    /// The bytes are no body of envelopes.
    #[error("envelope {envelope}: {error}")]
    Malformed {
        /// Which, from 0.
        envelope: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A site that this backend doesn't know.
    #[error("envelope {envelope}: the site `{site}` is not known here")]
    UnknownSite {
        /// Which, from 0.
        envelope: usize,
        /// The site.
        site: String,
    },
}

/// A body that was accepted: what to spool and what to answer.
#[derive(Debug)]
pub struct Accepted {
    /// What to spool.
    pub spooled: Spooled,
    /// Forms, which are spooled as what they say.
    pub forms: Vec<SentForm>,
    /// How many events had which outcome.
    pub outcomes: Outcomes,
}

/// Counts of events by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Outcomes {
    /// Events that will be stored, once.
    pub accepted: u64,
    /// Events that are set aside, by reason; of those without the consent that their site
    /// requires (`no_consent`) nothing is kept.
    pub rejected: BTreeMap<&'static str, u64>,
}

impl Outcomes {
    fn reject(&mut self, reason: &'static str, events: usize) {
        *self.rejected.entry(reason).or_default() += events as u64;
    }

    fn count(&mut self, stamp: &Stamp<'_>, events: &[Event<'_>]) {
        for event in events {
            match correct_clock(event.at_ms, stamp.sent_at_ms, stamp.received_at_ms).1 {
                Outcome::Accepted => self.accepted += 1,
                Outcome::Rejected(reason) => {
                    self.reject(reason.code(), 1);
                }
            }
        }
    }
}

impl EdgeKeys {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What can be said of a signature before there is a body: its key is known, and it
    /// says that it was made within five minutes of `now_ms`. Gives the key and that time.
    ///
    /// # Errors
    /// [`Refused::Unsigned`] and [`Refused::Stale`].
    pub fn check_head(
        &self,
        signature: Signature<'_>,
        now_ms: u64,
    ) -> Result<(&[u8], u64), Refused> {
        let key = self.0.get(signature.key).ok_or(Refused::Unsigned)?;
        let time_ms: u64 = signature.time.parse().map_err(|_| Refused::Unsigned)?;
        if time_ms.abs_diff(now_ms) > SIGNATURE_SKEW_MS {
            return Err(Refused::Stale);
        }
        Ok((key, time_ms))
    }

    /// Whether `signature` is one of `body`, made within five minutes of `now_ms`.
    ///
    /// # Errors
    /// [`Refused::Unsigned`] and [`Refused::Stale`].
    pub fn verify(
        &self,
        signature: Signature<'_>,
        body: &[u8],
        now_ms: u64,
    ) -> Result<(), Refused> {
        let (key, time_ms) = self.check_head(signature, now_ms)?;
        let mac = hex::decode(signature.signature).map_err(|_| Refused::Unsigned)?;
        if signature::verify(key, time_ms, body, &mac) {
            Ok(())
        } else {
            Err(Refused::Unsigned)
        }
    }
}

/// Decodes a verified body whole and gives every event an outcome.
///
/// # Errors
/// [`Refused`] for the first envelope that doesn't fit; none is taken then.
pub fn decode(body: Bytes, sites: &[SiteSettings]) -> Result<Accepted, Refused> {
    let split = split_body(&body).map_err(|error| Refused::Malformed { envelope: 0, error })?;
    let mut kept = Vec::with_capacity(split.len());
    let mut events = 0;
    let mut forms = Vec::new();
    let mut outcomes = Outcomes::default();
    let envelopes = split.len();
    for (place, bytes) in split.into_iter().enumerate() {
        let malformed = |error| Refused::Malformed {
            envelope: place,
            error,
        };
        let envelope = Envelope::decode(bytes).map_err(malformed)?;
        let site = envelope.site().map_err(malformed)?;
        let Some(settings) = sites.iter().find(|known| known.slug == site.as_str()) else {
            return Err(Refused::UnknownSite {
                envelope: place,
                site: site.as_str().to_owned(),
            });
        };
        if Notice::is(envelope.payload) {
            let notice = Notice::decode(envelope.payload).map_err(malformed)?;
            if let What::Form(answers) = notice.what {
                forms.push(sent(site, &envelope.stamp, &answers));
                continue;
            }
        } else {
            let batch = Batch::decode(envelope.payload).map_err(malformed)?;
            let is_unset = batch.header.consent == protocol::batch::Consent::Unset;
            if is_unset && settings.consent == Consent::Required {
                // Nothing of it is kept.
                outcomes.reject("no_consent", batch.events.len());
                continue;
            }
            outcomes.count(&envelope.stamp, &batch.events);
            events += batch.events.len();
        }
        kept.push(bytes);
    }
    let bytes = if kept.len() == envelopes {
        body
    } else {
        spool::body(&kept)
    };
    Ok(Accepted {
        spooled: Spooled { bytes, events },
        forms,
        outcomes,
    })
}

fn sent(site: Site<'_>, stamp: &Stamp<'_>, answers: &Answers<'_>) -> SentForm {
    SentForm {
        site: site.as_str().to_owned(),
        visitor_id: stamp.visitor_id.get(),
        token_id: answers.token_id.0,
        form: answers.form.to_owned(),
        answers: answers
            .answers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        received_at: i64::try_from(stamp.received_at_ms).unwrap_or(i64::MAX),
        is_bot: stamp.agent.bot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_760_000_000_000;

    fn keys() -> EdgeKeys {
        format!("f1:{}", "ab".repeat(32)).parse().unwrap()
    }

    fn verify(key: &str, time: u64, body: &[u8]) -> Result<(), Refused> {
        let mac = hex::encode(signature::sign(&[0xAB; 32], time, b"body"));
        let signature = Signature {
            key,
            time: &time.to_string(),
            signature: &mac,
        };
        keys().verify(signature, body, NOW)
    }

    #[test]
    fn only_signed_and_fresh_bodies_pass() {
        assert_eq!(verify("f1", NOW, b"body"), Ok(()));
        assert_eq!(verify("f2", NOW, b"body"), Err(Refused::Unsigned));
        assert_eq!(verify("f1", NOW, b"other"), Err(Refused::Unsigned));
        assert_eq!(verify("f1", NOW + SIGNATURE_SKEW_MS, b"body"), Ok(()));
        for time in [NOW - SIGNATURE_SKEW_MS - 1, NOW + SIGNATURE_SKEW_MS + 1] {
            assert_eq!(verify("f1", time, b"body"), Err(Refused::Stale));
        }
    }

    #[test]
    fn keys_are_named_by_their_place_and_never_shown() {
        let parse = |text: &str| text.parse::<EdgeKeys>().map(|_| ());
        assert_eq!(parse("f1"), Err(EdgeKeysError::Form(1)));
        let two = format!("f1:{},f2:{}", "ab".repeat(32), "cd".repeat(31));
        assert_eq!(parse(&two), Err(EdgeKeysError::Weak(2)));
        assert_eq!(format!("{:?}", keys()), r#"["f1"]"#);
    }

    #[test]
    fn garbage_is_refused_whole() {
        let mut body = Vec::new();
        protocol::envelope::append_to_body(&mut body, b"garbage");
        assert_eq!(
            decode(body.into(), &[]).unwrap_err(),
            Refused::Malformed {
                envelope: 0,
                error: DecodeError::Magic
            }
        );
    }
}
