use super::*;
use crate::{
    accept::{Details, Unread},
    enrich::{Decided, Origins, stamp},
    forward::{Post, Reply},
};
use protocol::{
    envelope::split_body,
    id::{Site, VisitorId},
    notice::{Notice, What},
};
use std::{
    cell::RefCell,
    pin::pin,
    task::{Context, Poll, Waker},
};

const NOW_MS: u64 = 1_790_000_000_000;

/// Backends that refuse the envelopes of these visitors, and a status for all else.
struct World {
    refused: Vec<u64>,
    status: u16,
    /// The URL and the visitors of each post.
    posts: RefCell<Vec<(String, Vec<u64>)>>,
}

impl Platform for World {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }

    fn random(&self) -> u64 {
        0
    }

    fn details(&self) -> Details {
        Details::default()
    }

    fn origins(&self) -> Origins {
        Origins::default()
    }

    async fn is_too_often(&self) -> bool {
        false
    }

    async fn read_body(&self, _: usize) -> Result<Vec<u8>, Unread> {
        Err(Unread::Broken)
    }

    async fn post(&self, post: &Post<'_>) -> Reply {
        let envelopes = split_body(&post.body).unwrap();
        let visitors: Vec<_> = envelopes
            .into_iter()
            .map(|bytes| Envelope::decode(bytes).unwrap().stamp.visitor_id.get())
            .collect();
        let is_refused = visitors
            .iter()
            .any(|visitor| self.refused.contains(visitor));
        self.posts.borrow_mut().push((post.url.into(), visitors));
        Reply::Answered {
            status: if is_refused { 400 } else { self.status },
            retry_after: Some("30".into()),
        }
    }

    async fn enqueue(&self, _: &[u8]) -> Option<Result<(), String>> {
        None
    }

    fn report(&self, _: &str) {}
}

fn config() -> Config {
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let site = |name: &str| {
        format!(r#""{name}":{{"origins":["https://{name}"],"backend":"http://{name}"}}"#)
    };
    Config::parse(|name| match name {
        "SITES" => Some(format!("{{{},{}}}", site("demo"), site("news"))),
        "MINT_KEY" => Some(key.into()),
        "COOKIE_KEYS" | "FORWARD_KEYS" => Some(format!("k1:{key}")),
        _ => None,
    })
    .unwrap()
}

fn envelope(site: &str, visitor: u64) -> Vec<u8> {
    let decided = Decided {
        visitor_id: VisitorId::new(visitor),
        received_at_ms: NOW_MS,
        sent_at_ms: NOW_MS,
        proof: None,
    };
    let notice = Notice {
        site: Site::new(site).unwrap(),
        what: What::Forget,
    };
    Envelope {
        stamp: stamp(decided, &Origins::default()),
        payload: &notice.encode(),
    }
    .encode()
}

fn first_try(envelope: Vec<u8>) -> Waiting {
    Waiting {
        envelope,
        attempts: 1,
    }
}

/// Drains, and gives the verdicts and the posts.
fn check(
    status: u16,
    refused: &[u64],
    messages: &[Waiting],
) -> (Vec<Verdict>, Vec<(String, Vec<u64>)>) {
    let world = World {
        refused: refused.to_vec(),
        status,
        posts: RefCell::default(),
    };
    let config = config();
    let future = pin!(drain(&config, messages, &world));
    let Poll::Ready(verdicts) = future.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing here waits");
    };
    (verdicts, world.posts.take())
}

#[test]
fn each_backend_gets_its_own_at_once() {
    let messages: Vec<_> = (0..4)
        .map(|n| first_try(envelope(if n % 2 == 0 { "demo" } else { "news" }, n)))
        .collect();
    let (verdicts, posts) = check(202, &[], &messages);
    assert_eq!(verdicts, [Verdict::Done; 4]);
    let expected = [("demo", vec![0, 2]), ("news", vec![1, 3])];
    assert_eq!(
        posts,
        expected.map(|(site, visitors)| (format!("http://{site}/v1/ingest"), visitors))
    );
}

#[test]
fn no_body_holds_more_than_a_backend_takes() {
    let messages: Vec<_> = (0..205).map(|n| first_try(envelope("demo", n))).collect();
    let (verdicts, posts) = check(202, &[], &messages);
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Done));
    let sizes: Vec<_> = posts.iter().map(|(_, visitors)| visitors.len()).collect();
    assert_eq!(sizes, [100, 100, 5]);
}

#[test]
fn what_is_refused_alone_waits_alone() {
    let messages: Vec<_> = (0..5).map(|n| first_try(envelope("demo", n))).collect();
    let (verdicts, posts) = check(202, &[3], &messages);
    let mut expected = [Verdict::Done; 5];
    expected[3] = Verdict::Again(30);
    assert_eq!(verdicts, expected);
    assert_eq!(posts.len(), 6);
}

#[test]
fn what_fails_is_tried_again_ever_later() {
    let waits: Vec<_> = [1, 2, 4, 8, 11, 100]
        .map(|attempts| {
            let message = Waiting {
                attempts,
                ..first_try(envelope("demo", 1))
            };
            check(503, &[], &[message]).0[0]
        })
        .into();
    // The backend asked for 30 seconds.
    let expected = [30, 30, 40, 640, 3600, 3600].map(Verdict::Again);
    assert_eq!(waits, expected);
}

#[test]
fn what_is_no_envelope_of_ours_stays() {
    let messages = [
        first_try(b"junk".to_vec()),
        first_try(envelope("other", 1)),
        first_try(envelope("demo", 2)),
    ];
    let (verdicts, posts) = check(202, &[], &messages);
    assert_eq!(
        verdicts,
        [Verdict::Again(5), Verdict::Again(5), Verdict::Done]
    );
    assert_eq!(posts.len(), 1);
}
