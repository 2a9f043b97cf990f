//! Whatever bytes arrive, nothing panics, and nothing that isn't whole is believed. Random
//! bytes here; guided by coverage with `cargo bolero test --package edge-worker --test fuzz NAME`.

#[cfg(test)]
mod targets {
    use bolero::check;
    use edge_worker::{
        form::{Kind, Sent},
        identity::{Carrier, Key, KeyRing, Registry, cookies},
        login,
    };
    use protocol::{
        attempt::Attempt,
        batch::Batch,
        cover::cover,
        envelope::{Envelope, split_body},
        id::{Site, TabId},
        notice::Notice,
        token::Token,
    };

    fn ring() -> KeyRing {
        KeyRing::new(vec![("k1".into(), Key::new((0..32).collect()))]).unwrap()
    }

    /// The golden batch with its first bytes as they should be, so that the rest is looked at.
    fn framed(kind: u8, bytes: &[u8]) -> Vec<u8> {
        [&[b'C', kind, 1], bytes].concat()
    }

    /// Bytes laid over the golden batch from a place on.
    fn mutated(place: usize, bytes: &[u8]) -> Vec<u8> {
        let golden = include_str!("../../protocol/golden/batch-v1.hex");
        let mut batch = hex::decode(golden.trim()).unwrap();
        let place = place % batch.len();
        for (byte, change) in batch.iter_mut().skip(place).zip(bytes) {
            *byte ^= change;
        }
        batch
    }

    #[test]
    fn batch() {
        check!()
            .with_type::<(usize, Vec<u8>)>()
            .for_each(|(place, bytes)| {
                let _ = Attempt::decode(bytes);
                let _ = Attempt::decode(&framed(b'A', bytes));
                let _ = Notice::decode(&framed(b'N', bytes));
                let _ = split_body(bytes);
                if let Ok(envelope) = Envelope::decode(&framed(b'E', bytes)) {
                    let _ = envelope.site();
                }
                for whole in [framed(b'B', bytes), mutated(*place, bytes)] {
                    let Ok(mut batch) = Batch::decode(&whole) else {
                        continue;
                    };
                    // What is whole can be written again, and read as the same.
                    let again = Batch::encode(&batch.header, &batch.events);
                    assert_eq!(Batch::decode(&again).as_ref(), Ok(&batch));
                    if let Some(covered) = cover(&mut batch) {
                        assert!(Batch::decode(&covered).is_ok());
                    }
                }
            });
    }

    #[test]
    fn cookie() {
        let (ring, mint) = (ring(), Key::new(vec![7; 32]));
        check!().with_type::<String>().for_each(|header| {
            for carrier in [Carrier::Cookie, Carrier::Token] {
                let registry = Registry {
                    ring: &ring,
                    mint: &mint,
                    site: Site::new("demo").unwrap(),
                    carrier,
                    now_ms: 1_790_000_000_000,
                };
                let all = cookies(header, registry.site).chain([header.as_str()]);
                assert!(registry.recognize(all, TabId(1)).minted);
            }
        });
    }

    #[test]
    fn form() {
        check!().with_type::<Vec<u8>>().for_each(|bytes| {
            for kind in [Kind::Pairs, Kind::Json] {
                let _ = Sent::read(kind, bytes);
                let _ = Sent::read(kind, &[&b"{\"form\":\"f\","[..], bytes].concat());
                if let Ok(sent) = Sent::read(kind, &[&b"form=f&"[..], bytes].concat()) {
                    assert_eq!(sent.form, "f");
                }
            }
        });
    }

    #[test]
    fn token() {
        let (ring, key) = (ring(), [7; 32]);
        check!().with_type::<Vec<u8>>().for_each(|bytes| {
            for bytes in [bytes.clone(), framed(b'T', bytes)] {
                assert!(Token::open(&bytes, 0, |_, _| Some(&key)).is_err());
            }
            let text = String::from_utf8_lossy(bytes);
            let site = Site::new("demo").unwrap();
            for text in [
                text.to_string(),
                format!("e30.{text}.AA"),
                format!("eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.{text}.AA"),
            ] {
                assert!(login::read(&text, site, &ring, 0).is_err());
            }
        });
    }
}
