//! Logins, sign-outs and landing pages, as batches tell of them.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use protocol::{
    batch::{Batch, Consent, Header},
    envelope::Proof,
    event::{Action, Event, Identify, IdentifyBy},
    id::ContactId,
    token::{Channel, Message, Token, TokenId},
};
use sha2::Sha256;

/// A batch of these actions, the first half a minute ago, then one a second.
fn batch(actions: &[Action<'_>]) -> Vec<u8> {
    batch_of("demo", Consent::Granted, actions)
}

fn batch_of(site: &str, consent: Consent, actions: &[Action<'_>]) -> Vec<u8> {
    let golden = include_str!("../../../../protocol/golden/batch-v1.hex");
    let golden = hex::decode(golden.trim()).unwrap();
    let header = Header {
        site,
        consent,
        ..Batch::decode(&golden).unwrap().header
    };
    let events: Vec<_> = actions
        .iter()
        .zip(0..)
        .map(|(action, seq)| Event {
            seq,
            at_ms: NOW_MS - 30_000 + u64::from(seq) * 1_000,
            session_start: false,
            action: action.clone(),
            props: Vec::new(),
        })
        .collect();
    let batch = Batch::encode(&header, &events);
    let head = Head {
        sent_at_ms: NOW_MS,
        token: "",
    };
    Attempt {
        head,
        batch: &batch,
    }
    .encode()
}

const fn says(by: IdentifyBy, value: &str) -> Action<'_> {
    Action::Identify(Identify { by, value })
}

/// A token of the shop's backend.
fn login(claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"s1"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let key = hex::decode(KEY).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let mac = mac.chain_update(&signed).finalize().into_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

fn claims(contact: &str) -> String {
    let exp = NOW_MS / 1000 + 60;
    format!(r#"{{"sub":"{contact}","aud":"demo","purpose":"login","exp":{exp},"jti":"{contact}"}}"#)
}

fn cookie_of(answer: &Answer) -> Option<String> {
    let cookie = header(answer, "set-cookie")?;
    Some(cookie.split(';').next().unwrap().to_owned())
}

/// What a batch does to a browser: who it was, what it proved, its cookie from here on.
fn send(body: Vec<u8>, cookie: Option<&str>) -> (VisitorId, String, Option<String>) {
    let world = World::new(body);
    let answer = world.ask(&Asked {
        cookie: cookie.map(Into::into),
        ..asked()
    });
    assert_eq!(answer.status, 204);
    let posts = world.posts.borrow();
    let envelope = Envelope::decode(split_body(&posts[0].1).unwrap()[0]).unwrap();
    let proof = match envelope.stamp.proof {
        None => header(&answer, "crumb-refused").unwrap_or("nothing").into(),
        Some(Proof::Login { contact, .. }) => format!("{contact} logged in"),
        Some(Proof::Landing { message, .. }) => format!("{} got a message", message.contact),
    };
    (
        envelope.stamp.visitor_id,
        proof,
        cookie_of(&answer).or(cookie.map(Into::into)),
    )
}

#[test]
fn a_shared_device_is_a_visitor_for_each_contact() {
    let noa = batch(&[says(IdentifyBy::Login, &login(&claims("noa")))]);
    let dan = batch(&[says(IdentifyBy::Login, &login(&claims("dan")))]);
    let (first, _, cookie) = send(batch(&[Action::PageView]), None);
    let (as_noa, proof, cookie) = send(noa.clone(), cookie.as_deref());
    assert_eq!((as_noa, proof.as_str()), (first, "noa logged in"));
    // Told once more, nothing changes.
    let (again, _, same) = send(noa, cookie.as_deref());
    assert_eq!((again, &same), (as_noa, &cookie));
    let (as_dan, proof, _) = send(dan, cookie.as_deref());
    assert_ne!(as_dan, as_noa);
    assert_eq!(proof, "dan logged in");
}

#[test]
fn a_sign_out_is_heeded_last_and_begins_another_visitor() {
    let token = login(&claims("noa"));
    let both = batch(&[says(IdentifyBy::Login, &token), Action::SignOut]);
    let (noa, _, cookie) = send(both, None);
    let (next, proof, _) = send(batch(&[Action::PageView]), cookie.as_deref());
    assert_ne!(next, noa);
    assert_eq!(proof, "nothing");

    // Elsewhere in a batch neither is heeded.
    let swapped = batch(&[Action::SignOut, says(IdentifyBy::Login, &token)]);
    let (visitor, proof, cookie) = send(swapped, None);
    assert_eq!((visitor, proof.as_str()), (noa, "nothing"));
    assert_eq!(send(batch(&[Action::PageView]), cookie.as_deref()).0, noa);
}

#[test]
fn bad_logins_prove_nothing_and_lose_nothing() {
    let soon = NOW_MS / 1000 + 60;
    let past = NOW_MS / 1000;
    for (claims, expected) in [
        (
            format!(r#"{{"sub":"a","aud":"news","purpose":"login","exp":{soon}}}"#),
            "bad_token",
        ),
        (
            format!(r#"{{"sub":"a","aud":"demo","purpose":"reset","exp":{soon}}}"#),
            "bad_token",
        ),
        (
            format!(r#"{{"sub":"a","aud":"demo","exp":{soon}}}"#),
            "bad_token",
        ),
        (
            format!(r#"{{"sub":"","aud":"demo","purpose":"login","exp":{soon}}}"#),
            "bad_token",
        ),
        (
            format!(r#"{{"sub":"a","aud":"demo","purpose":"login","exp":{past}}}"#),
            "expired_token",
        ),
        (
            r#"{"sub":"a","aud":"demo","purpose":"login"}"#.into(),
            "bad_token",
        ),
        (
            format!(
                r#"{{"sub":"a","aud":"demo","purpose":"login","exp":{soon},"nbf":{}}}"#,
                soon + 1
            ),
            "bad_token",
        ),
        ("{".into(), "bad_token"),
    ] {
        let (_, proof, _) = send(batch(&[says(IdentifyBy::Login, &login(&claims))]), None);
        assert_eq!(proof, expected, "{claims}");
    }
    let none = [
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"s1"}"#),
        URL_SAFE_NO_PAD.encode(claims("a")),
        String::new(),
    ]
    .join(".");
    let other_key = login(&claims("a")).replace(
        &URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"s1"}"#),
        &URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"k1"}"#),
    );
    for token in [none, other_key, "a.b.c".into(), String::new()] {
        let (_, proof, _) = send(batch(&[says(IdentifyBy::Login, &token)]), None);
        assert_eq!(proof, "bad_token", "{token}");
    }
}

#[test]
fn an_expired_login_proves_nothing_and_is_still_somebody_else() {
    let noa = batch(&[says(IdentifyBy::Login, &login(&claims("noa")))]);
    let (as_noa, _, cookie) = send(noa, None);
    let past = NOW_MS / 1000;
    let dan = format!(r#"{{"sub":"dan","aud":"demo","purpose":"login","exp":{past}}}"#);
    let dan = batch(&[says(IdentifyBy::Login, &login(&dan))]);
    let (as_dan, proof, cookie) = send(dan, cookie.as_deref());
    assert_eq!(proof, "expired_token");
    assert_ne!(as_dan, as_noa);
    let next = send(batch(&[Action::PageView]), cookie.as_deref());
    assert_eq!(next.0, as_dan);
}

#[test]
fn what_comes_after_a_sign_out_from_before_it_is_not_the_next_visitors() {
    let token = login(&claims("noa"));
    let both = batch(&[says(IdentifyBy::Login, &token), Action::SignOut]);
    let (_, _, cookie) = send(both, None);
    let head = Head {
        sent_at_ms: NOW_MS + 60_000,
        token: "",
    };
    let late = batch(&[Action::PageView]);
    let late = Attempt {
        head,
        ..Attempt::decode(&late).unwrap()
    };
    let (visitor, _, same) = send(late.encode(), cookie.as_deref());
    assert_eq!(same, cookie);
    assert!(!cookie.unwrap().contains(&format!("={:x}.", visitor.get())));
}

#[test]
fn a_claim_proves_nothing() {
    for by in [IdentifyBy::Id, IdentifyBy::Mail, IdentifyBy::Phone] {
        let (_, proof, _) = send(batch(&[says(by, &login(&claims("noa")))]), None);
        assert_eq!(proof, "nothing");
    }
}

#[test]
fn a_landing_page_shows_its_own_tokens_alone() {
    let message = Message {
        contact: ContactId::new(42),
        channel: Channel::Sms,
        message_id: "m-1",
        campaign: "",
    };
    let seal = |site, purpose, key: &str| {
        let token = Token {
            site: Site::new(site).unwrap(),
            id: TokenId(1),
            expires_s: NOW_MS / 1000 + 1,
            message,
            purpose,
        };
        URL_SAFE_NO_PAD.encode(token.seal(key, &hex::decode(KEY).unwrap()))
    };
    let show = |token: &str| send(batch(&[says(IdentifyBy::Landing, token)]), None).1;
    let contact = ContactId::new(42);
    let shown = show(&seal("demo", Purpose::Landing, "k1"));
    assert_eq!(shown, format!("{contact} got a message"));
    for bad in [
        seal("news", Purpose::Landing, "k1"),
        seal("demo", Purpose::Open, "k1"),
        seal("demo", Purpose::Landing, "s1"),
        "%".into(),
    ] {
        assert_eq!(show(&bad), "bad_token");
    }
}

#[test]
fn what_a_pixel_would_have_masked_is_masked() {
    let world = World::new(batch(&[Action::Search {
        term: "dan@example.com",
    }]));
    world.ask(&asked());
    let posts = world.posts.borrow();
    let envelope = Envelope::decode(split_body(&posts[0].1).unwrap()[0]).unwrap();
    let batch = Batch::decode(envelope.payload).unwrap();
    assert_eq!(batch.events[0].action, Action::Search { term: "[mail]" });
}

#[test]
fn where_consent_is_needed_nothing_is_kept_without_it() {
    for (site, consent, posts) in [
        ("demo", Consent::Unset, 1),
        ("shut", Consent::Granted, 1),
        ("shut", Consent::Unset, 0),
    ] {
        let world = World::new(batch_of(site, consent, &[Action::PageView]));
        let answer = world.ask(&asked());
        assert_eq!(answer.status, 204);
        assert_eq!(world.posts.borrow().len(), posts);
        assert_eq!(header(&answer, "set-cookie").is_some(), posts > 0);
    }
}
