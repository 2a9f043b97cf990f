//! What was forged, changed, kept too long or meant for something else: none of it is accepted.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use protocol::{
    batch::Batch,
    event::{Action, Event, Identify, IdentifyBy},
    id::ContactId,
    token::{Channel, Link, Message, Token, TokenId},
};
use sha2::Sha256;

const NOW_S: u64 = NOW_MS / 1000;
const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// What is shown to the edge.
#[derive(Clone, Copy, Debug)]
enum Thing {
    Cookie,
    VisitorToken,
    Login,
    Landing,
    Click,
}

const THINGS: [Thing; 5] = [
    Thing::Cookie,
    Thing::VisitorToken,
    Thing::Login,
    Thing::Landing,
    Thing::Click,
];

/// What is wrong with it.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    /// A bit of its text.
    Bit(prop::sample::Index, u8),
    /// It ends early.
    Cut(prop::sample::Index),
    /// It goes on.
    Longer(char),
    /// It is signed by somebody's key.
    Key(u8),
    /// It is another site's.
    Site,
    /// It is too old.
    Old,
    /// It is a good one, but of another kind.
    Kind(prop::sample::Index),
}

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 0..7_u8).prop_map(|(at, bit)| Wrong::Bit(at, bit)),
        1 => any::<prop::sample::Index>().prop_map(Wrong::Cut),
        1 => "[a-zA-Z0-9_.-]".prop_map(|text| Wrong::Longer(text.chars().next().unwrap())),
        1 => any::<u8>().prop_map(Wrong::Key),
        1 => Just(Wrong::Site),
        1 => Just(Wrong::Old),
        2 => any::<prop::sample::Index>().prop_map(Wrong::Kind),
    ]
}

/// One of that kind, in a site's name, by this key, good until then.
fn make(thing: Thing, site: &str, key: &[u8], until_s: u64) -> String {
    let sealed = |carrier| {
        let ring = identity::KeyRing::new(vec![("k1".into(), identity::Key::new(key.into()))]);
        let ring = ring.unwrap();
        let registry = Registry {
            ring: &ring,
            mint: &identity::Key::new(vec![1; 32]),
            site: Site::new(site).unwrap(),
            carrier,
            // It holds for 400 days.
            now_ms: (until_s - identity::MAX_AGE_S) * 1000,
        };
        let recognized = registry.recognize(None, TabId(1));
        registry.carry(recognized, recognized.identity).sealed
    };
    let token = |purpose, key_name| {
        let token = Token {
            site: Site::new(site).unwrap(),
            id: TokenId(1),
            expires_s: until_s,
            message: Message {
                contact: ContactId::new(42),
                channel: Channel::Mail,
                message_id: "m-1",
                campaign: "",
            },
            purpose,
        };
        URL_SAFE_NO_PAD.encode(token.seal(key_name, key))
    };
    match thing {
        Thing::Cookie => sealed(Carrier::Cookie),
        Thing::VisitorToken => sealed(Carrier::Token),
        Thing::Landing => token(Purpose::Landing, "k1"),
        Thing::Click => token(
            Purpose::Click(Link {
                url: "https://shop.example/",
                topic: "",
            }),
            "s1",
        ),
        Thing::Login => {
            let claims =
                format!(r#"{{"sub":"noa","aud":"{site}","purpose":"login","exp":{until_s}}}"#);
            let parts = [r#"{"alg":"HS256","kid":"s1"}"#, &claims];
            let signed = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
            let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            let mac = mac.chain_update(&signed).finalize().into_bytes();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
        }
    }
}

/// Whether the edge takes it for what it is shown as.
fn accepts(thing: Thing, text: &str) -> bool {
    match thing {
        Thing::Cookie => {
            let world = World::new(attempt(""));
            world.ask(&Asked {
                cookie: Some(format!("__Host-crumb-demo={text}")),
                ..asked()
            });
            world.visitor() != own()
        }
        Thing::VisitorToken => {
            let world = World::new(attempt(text));
            let answer = world.ask(&Asked {
                fetch_site: Some("cross-site".into()),
                ..asked()
            });
            answer.status < 300 && world.visitor() != own()
        }
        Thing::Login | Thing::Landing => {
            let by = match thing {
                Thing::Login => IdentifyBy::Login,
                _ => IdentifyBy::Landing,
            };
            let world = World::new(identify(by, text));
            world.ask(&asked());
            let posts = world.posts.borrow();
            posts.iter().any(|(_, body)| {
                let envelope = Envelope::decode(split_body(body).unwrap()[0]).unwrap();
                envelope.stamp.proof.is_some()
            })
        }
        Thing::Click => {
            let world = World {
                details: Details {
                    user_agent: PERSON.into(),
                    ..Details::default()
                },
                ..World::new(Vec::new())
            };
            let answer = world.ask(&Asked {
                method: "GET".into(),
                path: format!("/c/r/{text}"),
                ..Asked::default()
            });
            answer.status == 302 || !world.posts.borrow().is_empty()
        }
    }
}

/// The visitor that the golden batch's tab is without anything.
fn own() -> VisitorId {
    let world = World::new(attempt(""));
    world.ask(&asked());
    world.visitor()
}

fn identify(by: IdentifyBy, value: &str) -> Vec<u8> {
    let golden = include_str!("../../../../protocol/golden/batch-v1.hex");
    let golden = hex::decode(golden.trim()).unwrap();
    let header = Batch::decode(&golden).unwrap().header;
    let event = Event {
        seq: 0,
        at_ms: NOW_MS,
        session_start: false,
        action: Action::Identify(Identify { by, value }),
        props: Vec::new(),
    };
    let head = Head {
        sent_at_ms: NOW_MS,
        token: "",
    };
    Attempt {
        head,
        batch: &Batch::encode(&header, &[event]),
    }
    .encode()
}

#[test]
fn good_ones_are_accepted() {
    let key = hex::decode(KEY).unwrap();
    for thing in THINGS {
        assert!(
            accepts(thing, &make(thing, "demo", &key, NOW_S + 60)),
            "{thing:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn bad_ones_never_are(thing in prop::sample::select(THINGS.to_vec()), wrong in wrong()) {
        let key = hex::decode(KEY).unwrap();
        let good = make(thing, "demo", &key, NOW_S + 60);
        let bad = match wrong {
            Wrong::Bit(at, bit) => {
                let mut bytes = good.clone().into_bytes();
                bytes[at.index(good.len())] ^= 1 << bit;
                String::from_utf8(bytes).unwrap()
            }
            Wrong::Cut(at) => good[..at.index(good.len())].to_owned(),
            Wrong::Longer(letter) => format!("{good}{letter}"),
            Wrong::Key(seed) => make(thing, "demo", &[seed; 32], NOW_S + 60),
            Wrong::Site => make(thing, "news", &key, NOW_S + 60),
            Wrong::Old => make(thing, "demo", &key, NOW_S - 1),
            Wrong::Kind(which) => {
                let others: Vec<_> = THINGS
                    .into_iter()
                    .filter(|other| std::mem::discriminant(other) != std::mem::discriminant(&thing))
                    .collect();
                make(others[which.index(others.len())], "demo", &key, NOW_S + 60)
            }
        };
        prop_assert!(!accepts(thing, &bad), "{thing:?} {bad}");
    }
}

#[test]
fn no_changed_bit_of_a_batch_is_forwarded_broken() {
    let good = attempt("");
    for at in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let world = World::new(changed);
        let answer = world.ask(&asked());
        let posts = world.posts.borrow();
        match posts.as_slice() {
            [] => assert!((400..500).contains(&answer.status), "bit {at}"),
            [(_, body)] => {
                let envelope = Envelope::decode(split_body(body).unwrap()[0]).unwrap();
                assert!(Batch::decode(envelope.payload).is_ok(), "bit {at}");
            }
            more => panic!("{} posts", more.len()),
        }
    }
}
