use super::*;
use crate::{event::Action, fixture};
use expect_test::expect_file;
use proptest::prelude::*;

#[test]
fn the_bytes_of_version_1_stay_as_they_are() {
    let bytes = Batch::encode(&fixture::header(), &fixture::events());
    expect_file!["../golden/batch-v1.hex"].assert_eq(&hex::encode(&bytes));
    let decoded = Batch::decode(&bytes).unwrap();
    expect_file!["../golden/batch-v1.txt"].assert_eq(&format!("{decoded:#?}\n"));
}

#[test]
fn a_growing_batch_is_always_whole() {
    let mut bytes = begin(&fixture::header());
    assert_eq!(Batch::decode(&bytes), Err(DecodeError::Empty));
    for (n, event) in fixture::events().iter().enumerate() {
        bytes.extend(encode_event(event));
        assert_eq!(Batch::decode(&bytes).unwrap().events.len(), n + 1);
    }
}

#[test]
fn bounds_hold_at_and_past_the_edge() {
    let event = fixture::events().swap_remove(0);
    let many = |n: u32| -> Vec<Event<'static>> {
        (0..n)
            .map(|seq| Event {
                seq,
                ..event.clone()
            })
            .collect()
    };
    let decode = |events: &[Event<'_>]| {
        Batch::decode(&Batch::encode(&fixture::header(), events)).map(|_| ())
    };
    assert_eq!(decode(&many(500)), Ok(()));
    let too_many = DecodeError::TooLong {
        field: "events",
        limit: limit::BATCH_EVENTS,
    };
    assert_eq!(decode(&many(501)), Err(too_many));

    let term = "a".repeat(limit::TEXT_BYTES + 1);
    let search = |term| Event {
        action: Action::Search { term },
        ..event.clone()
    };
    assert_eq!(decode(&[search(&term[1..])]), Ok(()));
    let too_long = DecodeError::TooLong {
        field: "search term",
        limit: limit::TEXT_BYTES,
    };
    assert_eq!(decode(&[search(&term)]), Err(too_long));

    let mut bytes = Batch::encode(&fixture::header(), &many(1));
    bytes.resize(limit::BATCH_BYTES + 1, 0);
    assert!(matches!(
        Batch::decode(&bytes),
        Err(DecodeError::TooLong { field: "batch", .. })
    ));
}

#[test]
fn each_fault_is_named() {
    let (header, events) = (fixture::header(), fixture::events());
    let bytes = Batch::encode(&header, &events);
    let with = |at: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[at] = byte;
        Batch::decode(&changed).unwrap_err()
    };
    assert_eq!(with(0, b'X'), DecodeError::Magic);
    assert_eq!(with(1, b'A'), DecodeError::Magic);
    assert_eq!(with(2, 2), DecodeError::Version(2));
    assert_eq!(with(4, b'D'), DecodeError::Site(crate::id::NotASite));
    assert_eq!(Batch::decode(&[]), Err(DecodeError::Magic));
    assert_eq!(
        Batch::decode(&bytes[..bytes.len() - 1]),
        Err(DecodeError::Structure)
    );
    let twice = [events[0].clone(), events[0].clone()];
    assert_eq!(
        Batch::decode(&Batch::encode(&header, &twice)),
        Err(DecodeError::Order)
    );
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(
        header in fixture::any_header(),
        events in fixture::any_events(),
    ) {
        let bytes = Batch::encode(&header, &events);
        let batch = Batch::decode(&bytes).unwrap();
        prop_assert_eq!(batch.site.as_str(), header.site);
        prop_assert_eq!(batch.header, header);
        prop_assert_eq!(batch.events, events);
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Batch::decode(&bytes);
        let mut framed = alloc::vec![b'C', KIND, 1, 4];
        framed.extend(b"demo");
        framed.extend(bytes);
        let _ = Batch::decode(&framed);
    }

    #[test]
    fn no_damage_panics(
        events in fixture::any_events(),
        at: prop::sample::Index,
        byte: u8,
        cut: prop::sample::Index,
    ) {
        let mut bytes = Batch::encode(&fixture::header(), &events);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Batch::decode(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        let _ = Batch::decode(&bytes);
    }
}
