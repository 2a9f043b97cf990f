use super::*;
use crate::{
    enrich::{RawAgent, RawPlace},
    identity::{self, Carrier, Registry},
};
use expect_test::{Expect, expect};
use protocol::{
    attempt::Head,
    batch::Header,
    envelope::{Envelope, split_body},
    id::{Site, VisitorId},
};
use std::{
    cell::RefCell,
    pin::pin,
    task::{Context, Poll, Waker},
};

mod fault;
mod forged;
mod form;
mod identify;
mod image;
mod leave;
mod message;

const NOW_MS: u64 = 1_790_000_000_000;
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SHOP: &str = "https://shop.example";
const NEWS: &str = "https://news.example";
const EVIL: &str = "https://evil.example";
const RANDOM: u64 = 0x5EED;

/// A world in which everything is at hand at once.
struct World {
    body: Vec<u8>,
    details: Details,
    random: u64,
    reply: Reply,
    /// What the queue says, where there is one.
    queue: Option<Result<(), String>>,
    too_often: bool,
    bot: bool,
    queued: RefCell<Vec<Vec<u8>>>,
    posts: RefCell<Vec<(String, Vec<u8>)>>,
    log: RefCell<Vec<String>>,
}

impl World {
    fn new(body: Vec<u8>) -> Self {
        let reply = Reply::Answered {
            status: 202,
            retry_after: None,
        };
        Self {
            body,
            details: Details::default(),
            random: RANDOM,
            reply,
            queue: None,
            too_often: false,
            bot: false,
            queued: RefCell::default(),
            posts: RefCell::default(),
            log: RefCell::default(),
        }
    }

    fn ask(&self, asked: &Asked) -> Answer {
        let config = config();
        let future = pin!(answer(&config, asked, self));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    /// The stamp's visitor in the only post.
    fn visitor(&self) -> VisitorId {
        let posts = self.posts.borrow();
        let [(_, body)] = posts.as_slice() else {
            panic!("{} posts", posts.len());
        };
        Envelope::decode(split_body(body).unwrap()[0])
            .unwrap()
            .stamp
            .visitor_id
    }
}

impl Platform for World {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }

    fn random(&self) -> u64 {
        self.random
    }

    fn details(&self) -> Details {
        self.details.clone()
    }

    fn origins(&self) -> Origins {
        Origins {
            place: RawPlace {
                country: "IL".into(),
                ..RawPlace::default()
            },
            agent: RawAgent {
                device: "mobile".into(),
                bot: self.bot,
                ..RawAgent::default()
            },
        }
    }

    async fn is_too_often(&self) -> bool {
        self.too_often
    }

    async fn enqueue(&self, envelope: &[u8]) -> Option<Result<(), String>> {
        let queued = self.queue.clone()?;
        self.queued.borrow_mut().push(envelope.into());
        Some(queued)
    }

    async fn read_body(&self, limit: usize) -> Result<Vec<u8>, Unread> {
        if self.body.len() > limit {
            return Err(Unread::TooLarge);
        }
        Ok(self.body.clone())
    }

    async fn post(&self, post: &Post<'_>) -> Reply {
        self.posts
            .borrow_mut()
            .push((post.url.into(), post.body.clone()));
        self.reply.clone()
    }

    fn report(&self, message: &str) {
        self.log.borrow_mut().push(message.into());
    }
}

fn config() -> Config {
    Config::parse(|name| {
        Some(match name {
            "PREFIX" => "/c".into(),
            "SITES" => format!(
                r#"{{"demo":{{"origins":["{SHOP}"],"backend":"http://demo"}},
                    "news":{{"origins":["{NEWS}"],"backend":"http://news"}},
                    "shut":{{"origins":["{SHOP}"],"backend":"http://shut","consent":"required"}}}}"#
            ),
            "MINT_KEY" => KEY.into(),
            "LOGIN_KEYS" | "MESSAGE_KEYS" => format!("demo/s1:{KEY}"),
            _ => format!("k1:{KEY}"),
        })
    })
    .unwrap()
}

/// The golden batch of the site `demo` as an attempt.
fn attempt(token: &str) -> Vec<u8> {
    let golden = include_str!("../../../protocol/golden/batch-v1.hex");
    let batch = hex::decode(golden.trim()).unwrap();
    let head = Head {
        sent_at_ms: NOW_MS - 5,
        token,
    };
    Attempt {
        head,
        batch: &batch,
    }
    .encode()
}

/// Another browser, as it was known at that time.
fn carried(carrier: Carrier, now_ms: u64) -> (VisitorId, String) {
    let config = config();
    let registry = Registry {
        ring: &config.cookie_keys,
        mint: &config.mint_key,
        site: Site::new("demo").unwrap(),
        carrier,
        now_ms,
    };
    let recognized = registry.recognize(None, TabId(1));
    let carried = registry.carry(recognized, recognized.identity);
    (recognized.identity.id, carried.sealed)
}

/// A POST of the shop's own page.
fn asked() -> Asked {
    Asked {
        method: "POST".into(),
        path: "/c/e".into(),
        origin: Some(SHOP.into()),
        fetch_site: Some("same-origin".into()),
        ..Asked::default()
    }
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_ref())
}

/// `400 bad_magic`: the status, the problem's code and what else matters.
fn sum_up(answer: &Answer) -> String {
    let mut text = answer.status.to_string();
    if let Ok(problem) = serde_json::from_slice::<serde_json::Value>(&answer.body) {
        text += &format!(" {}", problem["code"].as_str().unwrap_or("json"));
    }
    for name in ["allow", "retry-after"] {
        if let Some(value) = header(answer, name) {
            text += &format!(" {name}: {value}");
        }
    }
    text
}

#[test]
fn the_routes() {
    let rows: String = [
        ("GET", "/c/health"),
        ("POST", "/c/health"),
        ("GET", "/c/e"),
        ("OPTIONS", "/c/e"),
        ("POST", "/c/e"),
        ("PUT", "/c/e"),
        ("POST", "/c/form"),
        ("OPTIONS", "/c/form"),
        ("GET", "/c/form"),
        ("GET", "/c/n.gif"),
        ("HEAD", "/c/n.gif"),
        ("POST", "/c/n.gif"),
        ("POST", "/c/x"),
        ("GET", "/c/x"),
        ("OPTIONS", "/c/x"),
        ("POST", "/c/w"),
        ("GET", "/c/w"),
        ("POST", "/c/f"),
        ("GET", "/c/r/token"),
        ("POST", "/c/r/token"),
        ("GET", "/c/o/token"),
        ("HEAD", "/c/o/token.gif"),
        ("PUT", "/c/o/token.gif"),
        ("GET", "/c/"),
        ("GET", "/c/e/"),
        ("GET", "/cc/e"),
        ("GET", "/"),
    ]
    .map(|(method, path)| {
        let asked = Asked {
            method: method.into(),
            path: path.into(),
            ..Asked::default()
        };
        let answer = World::new(attempt("")).ask(&asked);
        format!("{method} {path} → {}\n", sum_up(&answer))
    })
    .concat();
    expect![[r#"
        GET /c/health → 200 json
        POST /c/health → 405 wrong_method allow: GET
        GET /c/e → 405 wrong_method allow: POST, OPTIONS
        OPTIONS /c/e → 204
        POST /c/e → 204
        PUT /c/e → 405 wrong_method allow: POST, OPTIONS
        POST /c/form → 403 origin_not_allowed
        OPTIONS /c/form → 204
        GET /c/form → 405 wrong_method allow: POST, OPTIONS
        GET /c/n.gif → 200
        HEAD /c/n.gif → 405 wrong_method allow: GET
        POST /c/n.gif → 405 wrong_method allow: GET
        POST /c/x → 403 origin_not_allowed
        GET /c/x → 405 wrong_method allow: POST
        OPTIONS /c/x → 405 wrong_method allow: POST
        POST /c/w → 403 origin_not_allowed
        GET /c/w → 405 wrong_method allow: POST
        POST /c/f → 403 origin_not_allowed
        GET /c/r/token → 404
        POST /c/r/token → 405 wrong_method allow: GET, HEAD
        GET /c/o/token → 404 not_found
        HEAD /c/o/token.gif → 200
        PUT /c/o/token.gif → 405 wrong_method allow: GET, HEAD
        GET /c/ → 404 not_found
        GET /c/e/ → 404 not_found
        GET /cc/e → 404 not_found
        GET / → 404 not_found
    "#]]
    .assert_eq(&rows);
}

#[test]
fn health_of_a_site_is_told_to_its_pages() {
    let rows: String = [
        ("", None),
        ("site=demo", None),
        ("site=demo", Some(SHOP)),
        ("site=shut", Some(SHOP)),
        ("site=demo", Some("https://elsewhere.example")),
        ("site=nowhere", Some(SHOP)),
        ("site=No+Slug", None),
    ]
    .map(|(query, origin)| {
        let asked = Asked {
            method: "GET".into(),
            path: "/c/health".into(),
            origin: origin.map(Into::into),
            ..Asked::default()
        };
        let mut world = World::new(Vec::new());
        world.details.query = query.into();
        let answer = world.ask(&asked);
        let said = match answer.status {
            200 => String::from_utf8(answer.body).unwrap(),
            _ => sum_up(&answer),
        };
        format!("{query} of {} → {said}\n", origin.unwrap_or("nobody"))
    })
    .concat();
    expect![[r#"
         of nobody → {"status":"ok"}
        site=demo of nobody → {"status":"ok","consent":"assumed"}
        site=demo of https://shop.example → {"status":"ok","consent":"assumed"}
        site=shut of https://shop.example → {"status":"ok","consent":"required"}
        site=demo of https://elsewhere.example → 403 origin_not_allowed
        site=nowhere of https://shop.example → 400 unknown_site
        site=No+Slug of nobody → 400 bad_site
    "#]]
    .assert_eq(&rows);
}

#[test]
fn who_may_read_the_answer() {
    let rows: String = [("POST", ""), ("OPTIONS", ""), ("PUT", ""), ("POST", "bad")]
        .into_iter()
        .flat_map(|(method, body)| {
            [None, Some(SHOP), Some(NEWS), Some(EVIL), Some("null")].map(|origin| {
                let body = if body.is_empty() {
                    attempt("")
                } else {
                    body.into()
                };
                let asked = Asked {
                    method: method.into(),
                    origin: origin.map(Into::into),
                    ..asked()
                };
                let answer = World::new(body).ask(&asked);
                let cors = header(&answer, "access-control-allow-origin").unwrap_or("-");
                let credentials = header(&answer, "access-control-allow-credentials");
                assert_eq!(credentials.is_some(), cors != "-");
                let exposed = header(&answer, "access-control-expose-headers");
                assert_eq!(exposed, credentials.map(|_| "Retry-After"));
                assert_eq!(header(&answer, "vary").is_some(), cors != "-");
                assert_ne!(cors, "*");
                let origin = origin.unwrap_or("no origin");
                format!(
                    "{method} from {origin} → {}, read by {cors}\n",
                    sum_up(&answer)
                )
            })
        })
        .collect();
    expect![[r#"
        POST from no origin → 204, read by -
        POST from https://shop.example → 204, read by https://shop.example
        POST from https://news.example → 403 origin_not_allowed, read by -
        POST from https://evil.example → 403 origin_not_allowed, read by -
        POST from null → 403 origin_not_allowed, read by -
        OPTIONS from no origin → 204, read by -
        OPTIONS from https://shop.example → 204, read by https://shop.example
        OPTIONS from https://news.example → 204, read by https://news.example
        OPTIONS from https://evil.example → 403 origin_not_allowed, read by -
        OPTIONS from null → 403 origin_not_allowed, read by -
        PUT from no origin → 405 wrong_method allow: POST, OPTIONS, read by -
        PUT from https://shop.example → 405 wrong_method allow: POST, OPTIONS, read by https://shop.example
        PUT from https://news.example → 405 wrong_method allow: POST, OPTIONS, read by https://news.example
        PUT from https://evil.example → 405 wrong_method allow: POST, OPTIONS, read by -
        PUT from null → 405 wrong_method allow: POST, OPTIONS, read by -
        POST from no origin → 400 bad_magic, read by -
        POST from https://shop.example → 400 bad_magic, read by https://shop.example
        POST from https://news.example → 400 bad_magic, read by https://news.example
        POST from https://evil.example → 403 origin_not_allowed, read by -
        POST from null → 403 origin_not_allowed, read by -
    "#]].assert_eq(&rows);
}

fn check_refused(asked: &Asked, body: Vec<u8>, expected: Expect) {
    let world = World::new(body);
    expected.assert_eq(&sum_up(&world.ask(asked)));
    assert!(world.posts.borrow().is_empty(), "nothing is forwarded");
}

#[test]
fn bad_input_is_refused_with_its_code_and_not_forwarded() {
    let check = |body, expected| check_refused(&asked(), body, expected);
    check(Vec::new(), expect!["400 bad_magic"]);
    check(b"{}".to_vec(), expect!["400 bad_magic"]);
    check(vec![b'C', b'A', 9], expect!["400 unknown_version"]);
    check(attempt(&"t".repeat(257)), expect!["400 too_long"]);
    check(vec![0; Attempt::MAX_BYTES], expect!["400 bad_magic"]);
    check(vec![0; Attempt::MAX_BYTES + 1], expect!["413 too_large"]);
    let mut cut = attempt("");
    cut.pop();
    check(cut, expect!["400 bad_structure"]);
    let other = |slug: &[u8; 4]| {
        let mut bytes = attempt("");
        let at = bytes.windows(4).position(|w| w == b"demo").unwrap();
        bytes[at..at + 4].copy_from_slice(slug);
        bytes
    };
    check(other(b"DEMO"), expect!["400 bad_site"]);
    check(other(b"dem0"), expect!["400 unknown_site"]);
    check(other(b"news"), expect!["403 origin_not_allowed"]);
}

#[test]
fn a_length_past_the_bound_is_refused_unread() {
    let with_length = |content_length| Asked {
        content_length: Some(content_length),
        ..asked()
    };
    let max = Attempt::MAX_BYTES as u64;
    check_refused(&with_length(max + 1), attempt(""), expect!["413 too_large"]);
    assert_eq!(World::new(attempt("")).ask(&with_length(max)).status, 204);
}

#[test]
fn global_privacy_control_leaves_no_trace() {
    let world = World::new(attempt(""));
    let asked = Asked {
        privacy_control: Some("1".into()),
        ..asked()
    };
    let answer = world.ask(&asked);
    assert_eq!((answer.status, header(&answer, "set-cookie")), (204, None));
    assert!(world.posts.borrow().is_empty());
    let off = Asked {
        privacy_control: Some("0".into()),
        ..asked
    };
    assert!(header(&world.ask(&off), "set-cookie").is_some());
}

#[test]
fn a_batch_is_forwarded_as_it_is_under_the_edges_stamp() {
    let world = World::new(attempt(""));
    assert_eq!(world.ask(&asked()).status, 204);
    let posts = world.posts.borrow();
    let (url, body) = posts.first().unwrap();
    assert_eq!(url, "http://demo/v1/ingest");
    let envelopes = split_body(body).unwrap();
    let envelope = Envelope::decode(envelopes[0]).unwrap();
    let sent = attempt("");
    assert_eq!(envelope.payload, Attempt::decode(&sent).unwrap().batch);
    let stamp = envelope.stamp;
    assert_eq!(
        (stamp.received_at_ms, stamp.sent_at_ms),
        (NOW_MS, NOW_MS - 5)
    );
    assert_eq!((stamp.place.country, stamp.place.city), ("IL", ""));
}

#[test]
fn a_cookie_makes_the_next_batch_the_same_visitors() {
    let first = World::new(attempt(""));
    let answer = first.ask(&asked());
    let cookie = header(&answer, "set-cookie").unwrap();
    let second = World::new(attempt(""));
    let with_cookie = Asked {
        cookie: Some(cookie.split(';').next().unwrap().into()),
        ..asked()
    };
    let answer = second.ask(&with_cookie);
    assert_eq!((answer.status, header(&answer, "set-cookie")), (204, None));
    assert_eq!(first.visitor(), second.visitor());
}

#[test]
fn from_another_site_a_token_stands_for_the_cookie() {
    let cross = Asked {
        fetch_site: Some("cross-site".into()),
        ..asked()
    };
    let first = World::new(attempt(""));
    let answer = first.ask(&cross);
    assert_eq!((answer.status, header(&answer, "set-cookie")), (201, None));
    let token = String::from_utf8(answer.body).unwrap();
    let second = World::new(attempt(&token));
    assert_eq!(second.ask(&cross).body, token.as_bytes());
    assert_eq!(first.visitor(), second.visitor());

    // Neither passes for the other: the id is then the tab's own again.
    let (other, cookie) = carried(Carrier::Cookie, NOW_MS);
    let as_token = World::new(attempt(&cookie));
    as_token.ask(&cross);
    assert_eq!(as_token.visitor(), first.visitor());
    assert_ne!(as_token.visitor(), other);
    let as_cookie = World::new(attempt(""));
    as_cookie.ask(&Asked {
        cookie: Some(format!("__Host-crumb-demo={token}")),
        ..asked()
    });
    assert_eq!(as_cookie.visitor(), first.visitor());
}

#[test]
fn without_the_backends_yes_there_is_no_yes() {
    let rows: String = [
        Reply::Unreachable("timed out".into()),
        Reply::Answered {
            status: 200,
            retry_after: None,
        },
        Reply::Answered {
            status: 400,
            retry_after: None,
        },
        Reply::Answered {
            status: 503,
            retry_after: Some("30".into()),
        },
    ]
    .map(|reply| {
        let world = World {
            reply,
            ..World::new(attempt(""))
        };
        let answer = world.ask(&asked());
        assert_eq!(header(&answer, "set-cookie"), None);
        format!("{} | {}\n", sum_up(&answer), world.log.borrow().join(" "))
    })
    .concat();
    expect![[r#"
        503 not_delivered retry-after: 5 | the backend at http://demo/v1/ingest did not answer: timed out
        503 not_delivered retry-after: 5 | the backend at http://demo/v1/ingest answers as no ingest does: status 200; check the site's backend in SITES
        503 not_delivered retry-after: 5 | the backend at http://demo/v1/ingest refuses an envelope that the edge found good: status 400; this is a fault, please report it
        503 not_delivered retry-after: 30 | the backend at http://demo/v1/ingest is busy or down: status 503
    "#]].assert_eq(&rows);
}

#[test]
fn a_problem_is_as_rfc_9457_has_it() {
    let answer = World::new(Vec::new()).ask(&Asked::default());
    assert_eq!(
        header(&answer, "content-type"),
        Some("application/problem+json")
    );
    expect![[
        r#"{"type":"about:blank","title":"there is nothing here","status":404,"code":"not_found"}"#
    ]]
    .assert_eq(str::from_utf8(&answer.body).unwrap());
}
