use super::*;
use crate::{batch::Batch, fixture, id::ContactId, token::Channel};
use expect_test::expect_file;
use proptest::prelude::*;

fn stamp() -> Stamp<'static> {
    Stamp {
        visitor_id: VisitorId::new(77),
        received_at_ms: 1_760_000_000_500,
        sent_at_ms: 1_760_000_000_400,
        place: Place {
            country: "IL",
            region: "Tel Aviv",
            city: "גבעתיים",
            time_zone: "Asia/Jerusalem",
        },
        agent: Agent {
            device: "mobile",
            browser: "Chrome",
            os: "Android",
            bot: false,
        },
        proof: Some(Proof::Landing {
            message: Message {
                contact: ContactId::new(42),
                channel: Channel::Mail,
                message_id: "m-1",
                campaign: "סתיו",
            },
            token_id: TokenId(9),
        }),
    }
}

#[test]
fn the_bytes_of_version_1_stay_as_they_are() {
    let batch = Batch::encode(&fixture::header(), &fixture::events()[..1]);
    let envelope = Envelope {
        stamp: stamp(),
        payload: &batch,
    };
    let bytes = envelope.encode();
    expect_file!["../golden/envelope-v1.hex"].assert_eq(&hex::encode(&bytes));
    assert_eq!(Envelope::decode(&bytes), Ok(envelope));
}

#[test]
fn a_body_of_too_many_envelopes_is_refused() {
    let body_of = |n: usize| {
        let mut body = Vec::new();
        (0..n).for_each(|_| append_to_body(&mut body, b"x"));
        body
    };
    assert_eq!(split_body(&body_of(100)).unwrap().len(), 100);
    assert!(matches!(
        split_body(&body_of(101)),
        Err(DecodeError::TooLong {
            field: "envelopes",
            ..
        })
    ));
    assert_eq!(split_body(&[]), Err(DecodeError::Empty));
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(
        visitor: u64,
        received_at_ms: u64,
        sent_at_ms: u64,
        city in "\\PC{0,30}",
        batch in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut stamp = stamp();
        stamp.visitor_id = VisitorId::new(visitor);
        stamp.received_at_ms = received_at_ms;
        stamp.sent_at_ms = sent_at_ms;
        stamp.place.city = &city;
        let envelope = Envelope { stamp, payload: &batch };
        let bytes = envelope.encode();
        prop_assert_eq!(Envelope::decode(&bytes), Ok(envelope));
    }

    #[test]
    fn a_body_gives_back_its_envelopes(
        envelopes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 1..9),
    ) {
        let mut body = Vec::new();
        for envelope in &envelopes {
            append_to_body(&mut body, envelope);
        }
        let split = split_body(&body).unwrap();
        prop_assert!(split.iter().zip(&envelopes).all(|(a, b)| *a == b.as_slice()));
        prop_assert_eq!(split.len(), envelopes.len());
        body.pop();
        prop_assert!(split_body(&body).is_err());
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Envelope::decode(&bytes);
        let _ = split_body(&bytes);
        let mut framed = alloc::vec![b'C', KIND, 1];
        framed.extend(bytes);
        let _ = Envelope::decode(&framed);
    }
}
