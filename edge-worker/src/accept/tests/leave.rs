//! Visitors who withdraw their consent, or want to be forgotten.

use super::*;
use protocol::notice::{Notice, What};

const CLEARED: &str = "__Host-crumb-demo=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax";

fn leave(path: &str, body: &str, cookie: Option<&str>) -> (World, Answer) {
    let world = World::new(body.into());
    let answer = world.ask(&Asked {
        path: path.into(),
        cookie: cookie.map(|sealed| format!("__Host-crumb-demo={sealed}")),
        ..asked()
    });
    (world, answer)
}

/// Who is to be forgotten, by the only post.
fn forgotten(world: &World) -> VisitorId {
    let posts = world.posts.borrow();
    let envelope = Envelope::decode(split_body(&posts[0].1).unwrap()[0]).unwrap();
    let notice = Notice::decode(envelope.payload).unwrap();
    assert_eq!((notice.site.as_str(), notice.what), ("demo", What::Forget));
    assert_eq!(envelope.stamp.place.country, "", "no more is told");
    envelope.stamp.visitor_id
}

#[test]
fn who_withdraws_is_known_no_more_and_nobody_is_told() {
    let (_, cookie) = carried(Carrier::Cookie, NOW_MS);
    let (world, answer) = leave("/c/w", "demo", Some(&cookie));
    assert_eq!(answer.status, 204);
    assert_eq!(header(&answer, "set-cookie"), Some(CLEARED));
    assert!(world.posts.borrow().is_empty());
}

#[test]
fn the_backend_is_told_who_is_to_be_forgotten() {
    let (visitor, cookie) = carried(Carrier::Cookie, NOW_MS);
    let (world, answer) = leave("/c/f", "demo", Some(&cookie));
    assert_eq!(
        (answer.status, header(&answer, "set-cookie")),
        (204, Some(CLEARED))
    );
    assert_eq!(forgotten(&world), visitor);

    // From another site, by the token.
    let (visitor, token) = carried(Carrier::Token, NOW_MS);
    let world = World::new(format!("demo\n{token}").into());
    let answer = world.ask(&Asked {
        path: "/c/f".into(),
        fetch_site: Some("cross-site".into()),
        ..asked()
    });
    assert_eq!(answer.status, 204);
    assert_eq!(forgotten(&world), visitor);
}

#[test]
fn nobody_can_have_another_forgotten() {
    let (_, token) = carried(Carrier::Token, NOW_MS);
    for cookie in [
        None,
        Some("7.7.0.0.k1.AAAAAAAAAAAAAAAAAAAAAA"),
        Some(token.as_str()),
    ] {
        let (world, answer) = leave("/c/f", "demo", cookie);
        assert_eq!(answer.status, 204);
        assert!(world.posts.borrow().is_empty());
    }
}

#[test]
fn what_the_backend_does_not_take_is_to_be_asked_again() {
    let (_, cookie) = carried(Carrier::Cookie, NOW_MS);
    let world = World {
        reply: Reply::Unreachable("gone".into()),
        ..World::new(b"demo".to_vec())
    };
    let answer = world.ask(&Asked {
        path: "/c/f".into(),
        cookie: Some(format!("__Host-crumb-demo={cookie}")),
        ..asked()
    });
    assert_eq!(sum_up(&answer), "503 not_delivered retry-after: 5");
    assert_eq!(header(&answer, "set-cookie"), None);
}

#[test]
fn only_the_sites_own_pages_can() {
    for (origin, body, expected) in [
        (None, "demo", "403 origin_not_allowed"),
        (Some(EVIL), "demo", "403 origin_not_allowed"),
        (Some(NEWS), "demo", "403 origin_not_allowed"),
        (Some(SHOP), "", "400 bad_site"),
        (Some(SHOP), "nowhere", "400 unknown_site"),
    ] {
        let asked = Asked {
            path: "/c/w".into(),
            origin: origin.map(Into::into),
            ..asked()
        };
        let answer = World::new(body.into()).ask(&asked);
        assert_eq!(sum_up(&answer), expected, "{origin:?} {body}");
    }
}
