//! What the edge knows of a batch beyond its bytes: the stamp on the envelope.
//!
//! The IP address is no part of it: the platform turns it into a place before
//! the worker runs.

use protocol::{
    envelope::{Agent, Place, Stamp},
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
}

/// Makes the stamp of a batch that was taken at `received_at_ms` and sent, by
/// the browser's clock, at `sent_at_ms`.
#[must_use]
pub fn stamp(
    visitor_id: VisitorId,
    received_at_ms: u64,
    sent_at_ms: u64,
    place: &RawPlace,
) -> Stamp<'_> {
    Stamp {
        visitor_id,
        received_at_ms,
        sent_at_ms,
        place: Place {
            country: fit(&place.country),
            region: fit(&place.region),
            city: fit(&place.city),
        },
        agent: Agent::default(),
    }
}

fn fit(text: &str) -> &str {
    limit::cut(text, limit::TEXT_BYTES).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::envelope::Envelope;

    #[test]
    fn a_stamp_of_overlong_names_still_makes_an_envelope() {
        let place = RawPlace {
            country: "IL".into(),
            region: "ת".repeat(limit::TEXT_BYTES),
            city: "ג".repeat(limit::TEXT_BYTES),
        };
        let batch = [0; limit::BATCH_BYTES];
        let envelope = Envelope {
            stamp: stamp(VisitorId::new(7), u64::MAX, u64::MAX, &place),
            batch: &batch,
        };
        let bytes = envelope.encode();
        assert!(bytes.len() <= limit::ENVELOPE_BYTES);
        assert_eq!(Envelope::decode(&bytes), Ok(envelope));
    }
}
