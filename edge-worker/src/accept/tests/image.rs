//! Views of browsers without JavaScript.

use super::*;
use protocol::batch::Batch;

const PAGE: &str = "https://shop.example/product/cer-01/?q=1";

/// The image on a page of the shop, as the shop's own site asks for it.
fn asked() -> Asked {
    Asked {
        method: "GET".into(),
        path: "/c/n.gif".into(),
        origin: None,
        ..super::asked()
    }
}

fn world(query: &str, referer: &str) -> World {
    let details = Details {
        query: query.into(),
        referer: referer.into(),
        accept_language: "he,en;q=0.5".into(),
        ..Details::default()
    };
    World {
        details,
        ..World::new(Vec::new())
    }
}

/// Asks for the image and checks that it is one.
fn look(world: &World, asked: &Asked) -> Answer {
    let answer = world.ask(asked);
    assert_eq!(answer.status, 200);
    assert_eq!(header(&answer, "content-type"), Some("image/gif"));
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    assert_eq!(answer.body.len(), 43);
    assert!(answer.body.starts_with(b"GIF89a\x01\x00\x01\x00") && answer.body.ends_with(b"\x3b"));
    answer
}

/// What matters of the only post: visitor, tab, visit, whether it begins one, its page.
fn view(world: &World) -> (VisitorId, u64, u64, bool, String) {
    let posts = world.posts.borrow();
    let [(url, body)] = posts.as_slice() else {
        panic!("{} posts", posts.len());
    };
    assert_eq!(url, "http://demo/v1/ingest");
    let envelope = Envelope::decode(split_body(body).unwrap()[0]).unwrap();
    let stamp = envelope.stamp;
    assert_eq!((stamp.received_at_ms, stamp.sent_at_ms), (NOW_MS, NOW_MS));
    assert_eq!(stamp.place.country, "IL");
    let batch = Batch::decode(envelope.payload).unwrap();
    let [event] = batch.events.as_slice() else {
        panic!("{} events", batch.events.len());
    };
    assert_eq!(event.at_ms, NOW_MS);
    let Header { page, session, .. } = batch.header;
    (
        stamp.visitor_id,
        batch.header.tab_id.0,
        session.id.0,
        event.session_start,
        format!("{}{} {}", page.host, page.path, page.language),
    )
}

#[test]
fn a_view_is_forwarded_and_the_cookie_handed_out() {
    let first = world("site=demo", PAGE);
    let answer = look(&first, &asked());
    let cookie = header(&answer, "set-cookie").unwrap();
    let (visitor, tab, visit, begins, page) = view(&first);
    assert_eq!((tab, begins), (RANDOM, true));
    assert_eq!(page, "shop.example/product/cer-01/ he");

    let second = World {
        random: RANDOM + 1,
        ..world("site=demo", "https://shop.example/cart")
    };
    let with_cookie = Asked {
        cookie: Some(cookie.split(';').next().unwrap().into()),
        ..asked()
    };
    assert_eq!(header(&look(&second, &with_cookie), "set-cookie"), None);
    let (known, other_tab, same_visit, begins, _) = view(&second);
    assert_eq!((known, same_visit, begins), (visitor, visit, false));
    assert_eq!(other_tab, RANDOM + 1);
}

#[test]
fn an_old_cookie_is_renewed_without_beginning_a_visit() {
    let two_days_ago = NOW_MS - 2 * 24 * 60 * 60 * 1000;
    let (old, cookie) = carried(Carrier::Cookie, two_days_ago);
    let world = world("site=demo", PAGE);
    let answer = look(
        &world,
        &Asked {
            cookie: Some(format!("__Host-crumb-demo={cookie}")),
            ..asked()
        },
    );
    assert!(header(&answer, "set-cookie").is_some());
    let (visitor, _, _, begins, _) = view(&world);
    assert_eq!((visitor, begins), (old, false));
}

#[test]
fn on_another_site_nothing_lasts() {
    let cross = Asked {
        fetch_site: Some("cross-site".into()),
        ..asked()
    };
    let visitors = [1, 2].map(|random| {
        let world = World {
            random,
            ..world("site=demo", PAGE)
        };
        assert_eq!(header(&look(&world, &cross), "set-cookie"), None);
        view(&world).0
    });
    assert_ne!(visitors[0], visitors[1]);
}

#[test]
fn the_image_is_answered_whatever_is_wrong() {
    let rows: String = [
        ("site=demo", PAGE),
        ("site=news", PAGE),
        ("site=demo", "https://evil.example/"),
        ("site=demo", "https://shop.example.evil.example/"),
        ("site=demo", "https://shop.example@evil.example/"),
        ("site=demo", ""),
        ("site=dem0", PAGE),
        ("site=DEMO", PAGE),
        ("", PAGE),
    ]
    .map(|(query, referer)| {
        let world = world(query, referer);
        let answer = look(&world, &asked());
        let refused = header(&answer, "crumb-refused");
        let posts = world.posts.borrow().len();
        assert_eq!(posts == 0, refused.is_some());
        assert_eq!(header(&answer, "set-cookie").is_some(), refused.is_none());
        assert!(world.log.borrow().is_empty());
        format!("{query} on {referer} → {}\n", refused.unwrap_or("recorded"))
    })
    .concat();
    expect![[r#"
        site=demo on https://shop.example/product/cer-01/?q=1 → recorded
        site=news on https://shop.example/product/cer-01/?q=1 → origin_not_allowed
        site=demo on https://evil.example/ → origin_not_allowed
        site=demo on https://shop.example.evil.example/ → origin_not_allowed
        site=demo on https://shop.example@evil.example/ → origin_not_allowed
        site=demo on  → no_referrer
        site=dem0 on https://shop.example/product/cer-01/?q=1 → unknown_site
        site=DEMO on https://shop.example/product/cer-01/?q=1 → bad_site
         on https://shop.example/product/cer-01/?q=1 → bad_site
    "#]]
    .assert_eq(&rows);
}

#[test]
fn a_view_that_the_backend_does_not_take_is_told_to_the_operator() {
    let world = World {
        reply: Reply::Unreachable("timed out".into()),
        ..world("site=demo", PAGE)
    };
    let answer = look(&world, &asked());
    assert_eq!(header(&answer, "set-cookie"), None);
    assert_eq!(header(&answer, "crumb-refused"), Some("not_delivered"));
    assert_eq!(
        *world.log.borrow(),
        ["the backend at http://demo/v1/ingest did not answer: timed out"]
    );
}

#[test]
fn what_nobody_sees_or_wants_counted_is_not() {
    let opted_out = Asked {
        privacy_control: Some("1".into()),
        ..asked()
    };
    let ahead = |purpose: &str| {
        let mut world = world("site=demo", PAGE);
        world.details.purpose = purpose.into();
        world
    };
    for (asked, world) in [
        (&opted_out, ahead("")),
        (&asked(), ahead("prefetch")),
        (&asked(), ahead("prefetch;prerender")),
    ] {
        let answer = look(&world, asked);
        assert_eq!(header(&answer, "set-cookie"), None);
        assert_eq!(header(&answer, "crumb-refused"), None);
        assert!(world.posts.borrow().is_empty());
    }
}
