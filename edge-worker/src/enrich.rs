//! What the edge knows of a request beyond its bytes: the stamp on the envelope.
//!
//! The IP address is no part of it: the platform turns it into a place before
//! the worker runs.

use protocol::{
    envelope::{Agent, Place, Proof, Stamp},
    id::VisitorId,
    limit,
};

/// The place as the platform gives it. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawPlace {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Name of the region.
    pub region: String,
    /// Name of the city.
    pub city: String,
    /// Name of the time zone in the IANA database.
    pub time_zone: String,
}

/// What the request came from, by its `User-Agent`. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawAgent {
    /// `desktop`, `mobile`, `tablet` or `other`.
    pub device: String,
    /// The browser's name.
    pub browser: String,
    /// The operating system's name.
    pub os: String,
    /// Whether it is a crawler or another program.
    pub bot: bool,
}

/// What the platform knows of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Where it came from.
    pub place: RawPlace,
    /// What it came from.
    pub agent: RawAgent,
}

/// What the edge itself decided about a request.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// Whose browser it is; 0 where that isn't known.
    pub visitor_id: VisitorId,
    /// When it was taken, in milliseconds since the epoch.
    pub received_at_ms: u64,
    /// When it was sent, by the browser's clock.
    pub sent_at_ms: u64,
    /// Who the visitor proved to be.
    pub proof: Option<Proof<'a>>,
}

/// Makes the stamp.
#[must_use]
pub fn stamp<'a>(decided: Decided<'a>, Origins { place, agent }: &'a Origins) -> Stamp<'a> {
    Stamp {
        visitor_id: decided.visitor_id,
        received_at_ms: decided.received_at_ms,
        sent_at_ms: decided.sent_at_ms,
        place: Place {
            country: fit(&place.country),
            region: fit(&place.region),
            city: fit(&place.city),
            time_zone: fit(&place.time_zone),
        },
        agent: Agent {
            device: fit(&agent.device),
            browser: fit(&agent.browser),
            os: fit(&agent.os),
            bot: agent.bot,
        },
        proof: decided.proof,
    }
}

fn fit(text: &str) -> &str {
    limit::cut(text, limit::TEXT_BYTES).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{envelope::Envelope, token::TokenId};

    #[test]
    fn a_stamp_of_overlong_names_still_makes_an_envelope() {
        let long = "ת".repeat(limit::TEXT_BYTES);
        let origins = Origins {
            place: RawPlace {
                country: "IL".into(),
                region: long.clone(),
                city: long.clone(),
                time_zone: long.clone(),
            },
            agent: RawAgent {
                device: long.clone(),
                browser: long.clone(),
                os: long,
                bot: true,
            },
        };
        let contact = "c".repeat(limit::TEXT_BYTES);
        let decided = Decided {
            visitor_id: VisitorId::new(7),
            received_at_ms: u64::MAX,
            sent_at_ms: u64::MAX,
            proof: Some(Proof::Login {
                contact: &contact,
                token_id: TokenId(u64::MAX),
            }),
        };
        let batch = [0; limit::BATCH_BYTES];
        let envelope = Envelope {
            stamp: stamp(decided, &origins),
            payload: &batch,
        };
        let bytes = envelope.encode();
        assert!(bytes.len() <= limit::ENVELOPE_BYTES);
        assert_eq!(Envelope::decode(&bytes), Ok(envelope));
    }
}
