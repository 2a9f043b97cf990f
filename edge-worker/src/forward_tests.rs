use super::*;
use crate::identity::Key;
use expect_test::expect;

fn keys() -> KeyRing {
    let key = |seed: u8| Key::new((0..32).map(|i| seed ^ i).collect());
    KeyRing::new(vec![("f2".into(), key(2)), ("f1".into(), key(1))]).unwrap()
}

#[test]
fn a_post_carries_envelopes_signed_by_the_first_key() {
    let sent: [&[u8]; 2] = [b"one", b"another"];
    let url = "https://b.example/v1/ingest";
    let post = sign(url, &keys(), 1_790_000_000_000, sent);
    assert_eq!(envelope::split_body(&post.body).unwrap(), sent);
    let [kind, key, time, signature] = &post.headers;
    assert_eq!(kind, &("content-type", "application/octet-stream".into()));
    assert_eq!(key, &("crumb-key", "f2".into()));
    assert_eq!(time, &("crumb-time", "1790000000000".into()));
    assert_eq!(signature.0, "crumb-signature");
    let signature = hex::decode(&signature.1).unwrap();
    let key = keys();
    assert!(signature::verify(
        key.first().1.bytes(),
        1_790_000_000_000,
        &post.body,
        &signature
    ));
}

#[test]
fn only_a_202_is_a_yes() {
    let judge = |status| {
        let reply = Reply::Answered {
            status,
            retry_after: None,
        };
        judge("http://b", reply).map_err(|why| why.to_string())
    };
    assert_eq!(judge(202), Ok(()));
    let table: String = [200, 204, 301, 400, 401, 403, 404, 413, 429, 500, 503]
        .map(|status| judge(status).unwrap_err() + "\n")
        .concat();
    expect![[r#"
        the backend at http://b answers as no ingest does: status 200; check the site's backend in SITES
        the backend at http://b answers as no ingest does: status 204; check the site's backend in SITES
        the backend at http://b answers as no ingest does: status 301; check the site's backend in SITES
        the backend at http://b refuses an envelope that the edge found good: status 400; this is a fault, please report it
        the backend at http://b refuses the signature: status 401; compare FORWARD_KEYS and the clocks
        the backend at http://b refuses the signature: status 403; compare FORWARD_KEYS and the clocks
        the backend at http://b answers as no ingest does: status 404; check the site's backend in SITES
        the backend at http://b refuses an envelope that the edge found good: status 413; this is a fault, please report it
        the backend at http://b is busy or down: status 429
        the backend at http://b is busy or down: status 500
        the backend at http://b is busy or down: status 503
    "#]].assert_eq(&table);
    let gone = super::judge("http://b", Reply::Unreachable("timed out".into())).unwrap_err();
    expect!["the backend at http://b did not answer: timed out"].assert_eq(&gone.to_string());
    assert_eq!(gone.retry_after_s, RETRY_AFTER_S);
}

#[test]
fn the_wait_is_the_backends_within_bounds() {
    let wait = |after: &str| {
        let retry_after = Some(after.into());
        judge(
            "http://b",
            Reply::Answered {
                status: 503,
                retry_after,
            },
        )
        .unwrap_err()
        .retry_after_s
    };
    assert_eq!(wait("30"), 30);
    assert_eq!(wait("0"), 1);
    assert_eq!(wait("86400"), MAX_RETRY_AFTER_S);
    assert_eq!(wait("Wed, 21 Oct 2026 07:28:00 GMT"), RETRY_AFTER_S);
}
