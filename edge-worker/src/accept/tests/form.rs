//! Forms that are sent.

use super::*;
use proptest::prelude::*;
use protocol::{
    limit,
    notice::{Notice, What},
    token::TokenId,
};

const PAIRS: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const CLUB: &str = "site=demo&form=club&email=noa%40example.com&city=%D7%99%D7%A4%D7%95";

/// A form on the shop's own page.
fn asked() -> Asked {
    Asked {
        path: "/c/form".into(),
        ..super::asked()
    }
}

fn world(content_type: &str, body: impl Into<Vec<u8>>) -> World {
    World {
        details: Details {
            content_type: content_type.into(),
            ..Details::default()
        },
        ..World::new(body.into())
    }
}

fn with_cookie(sealed: &str) -> Asked {
    Asked {
        cookie: Some(format!("__Host-crumb-demo={sealed}")),
        ..asked()
    }
}

/// What the backend is told: the notice's bytes, by the only post.
fn notice(world: &World) -> Vec<u8> {
    let posts = world.posts.borrow();
    let [(_, body)] = posts.as_slice() else {
        panic!("{} posts", posts.len());
    };
    let envelopes = split_body(body).unwrap();
    let [envelope] = envelopes.as_slice() else {
        panic!("{} envelopes", envelopes.len());
    };
    Envelope::decode(envelope).unwrap().payload.into()
}

/// What it says: `demo club | email=… city=…`.
fn told(world: &World) -> String {
    let notice = notice(world);
    let Notice { site, what } = Notice::decode(&notice).unwrap();
    let What::Form(answers) = what else {
        panic!("{what:?}");
    };
    let mut text = format!("{site} {} |", answers.form);
    for (name, value) in answers.answers {
        text += &format!(" {name}={value}");
    }
    text
}

fn token_id(world: &World) -> TokenId {
    let notice = notice(world);
    match Notice::decode(&notice).unwrap().what {
        What::Form(answers) => answers.token_id,
        other => panic!("{other:?}"),
    }
}

/// The answer summed up with where it leads, and what the backend is told.
fn check(asked: &Asked, content_type: &str, body: impl Into<Vec<u8>>, expected: Expect) {
    let world = world(content_type, body);
    let answer = world.ask(asked);
    let mut text = sum_up(&answer);
    for name in ["location", "crumb-refused"] {
        if let Some(value) = header(&answer, name) {
            text += &format!(" {name}: {value}");
        }
    }
    if !world.posts.borrow().is_empty() {
        text += &format!(" | {} {}", world.visitor(), told(&world));
    }
    assert_eq!(header(&answer, "set-cookie"), None);
    assert!(world.log.borrow().is_empty());
    expected.assert_eq(&text);
}

#[test]
fn answers_are_forwarded_however_the_page_writes_them() {
    let json = r#"{"site":"demo","form":"club","email":"noa@example.com","city":"יפו"}"#;
    for (content_type, body) in [
        (PAIRS, CLUB),
        (JSON, json),
        ("text/plain;charset=UTF-8", json),
    ] {
        check(
            &asked(),
            content_type,
            body,
            expect!["204 | 0 demo club | email=noa@example.com city=יפו"],
        );
    }
    check(
        &asked(),
        JSON,
        r#"{"site":"demo","form":"survey","stars":5,"again":false,"topics":["a","b"]}"#,
        expect!["204 | 0 demo survey | stars=5 again=false topics=a topics=b"],
    );
    check(
        &asked(),
        PAIRS,
        "site=demo&form=join",
        expect!["204 | 0 demo join |"],
    );
}

#[test]
fn a_form_is_the_visitors_who_sends_it() {
    let (visitor, cookie) = carried(Carrier::Cookie, NOW_MS);
    let world = world(PAIRS, CLUB);
    let answer = world.ask(&with_cookie(&cookie));
    assert_eq!(
        (answer.status, header(&answer, "set-cookie")),
        (204, None),
        "a form changes nothing of who somebody is"
    );
    assert_eq!(world.visitor(), visitor);
    let posts = world.posts.borrow();
    let stamp = Envelope::decode(split_body(&posts[0].1).unwrap()[0])
        .unwrap()
        .stamp;
    assert_eq!((stamp.received_at_ms, stamp.sent_at_ms), (NOW_MS, NOW_MS));
    assert_eq!((stamp.place.country, stamp.agent.device), ("IL", "mobile"));
    assert_eq!(posts[0].0, "http://demo/v1/ingest");
}

#[test]
fn on_another_site_the_token_says_who_it_is() {
    let cross = |cookie: &str| Asked {
        fetch_site: Some("cross-site".into()),
        ..with_cookie(cookie)
    };
    let (visitor, token) = carried(Carrier::Token, NOW_MS);
    let (_, cookie) = carried(Carrier::Cookie, NOW_MS);
    let sent = world(PAIRS, format!("{CLUB}&crumb_token={token}"));
    let answer = sent.ask(&cross(&cookie));
    assert_eq!((answer.status, answer.body.as_slice()), (204, &b""[..]));
    assert_eq!(sent.visitor(), visitor);
    assert!(!told(&sent).contains("crumb_token"));

    // Neither passes for the other.
    let nobody = VisitorId::new(0);
    let as_token = world(PAIRS, format!("{CLUB}&crumb_token={cookie}"));
    as_token.ask(&cross(""));
    assert_eq!(as_token.visitor(), nobody);
    let as_cookie = world(PAIRS, format!("{CLUB}&crumb_token={token}"));
    as_cookie.ask(&with_cookie(&token));
    assert_eq!(as_cookie.visitor(), nobody);
}

#[test]
fn a_forged_cookie_is_nobodys() {
    let (_, cookie) = carried(Carrier::Cookie, NOW_MS);
    let old = carried(Carrier::Cookie, NOW_MS - 401 * 24 * 60 * 60 * 1000).1;
    for forged in [
        "7.7.0.0.0.k1.AAAAAAAAAAAAAAAAAAAAAA",
        &cookie[1..],
        &cookie[..cookie.len() - 1],
        &old,
        "",
    ] {
        let world = world(PAIRS, CLUB);
        assert_eq!(world.ask(&with_cookie(forged)).status, 204);
        assert_eq!(world.visitor(), VisitorId::new(0), "{forged}");
    }
    // Another site's cookie.
    let world = world(PAIRS, CLUB);
    world.ask(&Asked {
        cookie: Some(format!("__Host-crumb-news={cookie}")),
        ..asked()
    });
    assert_eq!(world.visitor(), VisitorId::new(0));
}

#[test]
fn who_does_not_want_to_be_known_is_not() {
    let (visitor, cookie) = carried(Carrier::Cookie, NOW_MS);
    for (body, privacy_control, expected) in [
        ("", None, visitor),
        ("&crumb_consent=granted", None, visitor),
        ("&crumb_consent=denied", None, VisitorId::new(0)),
        ("", Some("1"), VisitorId::new(0)),
        ("&crumb_consent=granted", Some("1"), VisitorId::new(0)),
        ("", Some("0"), visitor),
    ] {
        let world = world(PAIRS, format!("{CLUB}{body}"));
        let answer = world.ask(&Asked {
            privacy_control: privacy_control.map(Into::into),
            ..with_cookie(&cookie)
        });
        assert_eq!(answer.status, 204);
        assert_eq!(world.visitor(), expected, "{body} {privacy_control:?}");
        assert_eq!(
            told(&world),
            "demo club | email=noa@example.com city=יפו",
            "what they say is said nevertheless"
        );
        let posts = world.posts.borrow();
        let stamp = Envelope::decode(split_body(&posts[0].1).unwrap()[0])
            .unwrap()
            .stamp;
        let is_known = expected == visitor;
        assert_eq!(stamp.place.country, if is_known { "IL" } else { "" });
        assert_eq!(stamp.agent.device, if is_known { "mobile" } else { "" });
    }
}

#[test]
fn a_site_that_asks_first_knows_nobody_without_a_yes() {
    let config = config();
    let registry = Registry {
        ring: &config.cookie_keys,
        mint: &config.mint_key,
        site: Site::new("shut").unwrap(),
        carrier: Carrier::Cookie,
        now_ms: NOW_MS,
    };
    let recognized = registry.recognize(None, TabId(1));
    let sealed = registry.carry(recognized, recognized.identity).sealed;
    for (consent, expected) in [
        ("", VisitorId::new(0)),
        ("&crumb_consent=denied", VisitorId::new(0)),
        ("&crumb_consent=granted", recognized.identity.id),
    ] {
        let world = world(PAIRS, format!("site=shut&form=club&a=b{consent}"));
        let answer = world.ask(&Asked {
            cookie: Some(format!("__Host-crumb-shut={sealed}")),
            ..asked()
        });
        assert_eq!((answer.status, world.visitor()), (204, expected));
        assert_eq!(told(&world), "shut club | a=b");
    }
}

#[test]
fn bots_are_marked_even_if_nobody_is_known() {
    for bot in [false, true] {
        let world = World {
            bot,
            ..world(PAIRS, CLUB)
        };
        world.ask(&asked());
        let posts = world.posts.borrow();
        let envelopes = split_body(&posts[0].1).unwrap();
        assert_eq!(Envelope::decode(envelopes[0]).unwrap().stamp.agent.bot, bot);
    }
}

#[test]
fn a_plain_form_goes_on_within_the_site() {
    let club = |next: &str| {
        form_urlencoded::Serializer::new("site=demo&form=f".to_owned())
            .append_pair("next", next)
            .finish()
    };
    for (next, expected) in [
        ("/thanks/?a=b#c", "https://shop.example/thanks/?a=b#c"),
        ("/", "https://shop.example/"),
        (
            "/תודה רבה/",
            "https://shop.example/%D7%AA%D7%95%D7%93%D7%94%20%D7%A8%D7%91%D7%94/",
        ),
        ("/%D7%AA/", "https://shop.example/%D7%AA/"),
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/a", "https://shop.example/a"),
    ] {
        let world = world(PAIRS, club(next));
        let answer = world.ask(&asked());
        assert_eq!(
            (answer.status, header(&answer, "location")),
            (303, Some(expected))
        );
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
        assert_eq!(told(&world), "demo f |");
    }
    for next in [
        "https://evil.example/",
        "https://news.example/",
        "http://shop.example/",
        "HTTPS://shop.example/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example:8443/",
        "https://shop.example\\@evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/a\r\nset-cookie: b=c",
        "javascript:alert(1)",
        "data:text/html,x",
        "thanks/",
        "?thanks",
        " /thanks",
    ] {
        check(&asked(), PAIRS, club(next), expect!["400 bad_next"]);
    }
}

#[test]
fn it_goes_on_only_when_the_answers_are_safe() {
    let body = "site=demo&form=f&next=/thanks/&a=b";
    let lost = World {
        reply: Reply::Answered {
            status: 503,
            retry_after: Some("30".into()),
        },
        ..world(PAIRS, body)
    };
    let answer = lost.ask(&asked());
    assert_eq!(sum_up(&answer), "503 not_delivered retry-after: 30");
    assert_eq!(header(&answer, "location"), None);
    assert_eq!(lost.log.borrow().len(), 1);

    for (queue, expected) in [
        (Ok(()), "303"),
        (Err("full".to_owned()), "503 not_delivered retry-after: 5"),
    ] {
        let queued = World {
            queue: Some(queue),
            ..world(PAIRS, body)
        };
        assert_eq!(sum_up(&queued.ask(&asked())), expected);
        assert_eq!(queued.queued.borrow().len(), 1);
        assert!(queued.posts.borrow().is_empty());
    }
}

#[test]
fn what_is_sent_twice_is_the_same() {
    let (_, cookie) = carried(Carrier::Cookie, NOW_MS);
    let sent = |asked: &Asked, content_type: &str, body: &str| {
        let world = world(content_type, body);
        assert!(world.ask(asked).status < 400, "{body}");
        (token_id(&world), notice(&world))
    };
    let first = sent(&asked(), PAIRS, CLUB);
    assert_ne!(first.0, TokenId(0));
    assert_eq!(sent(&asked(), PAIRS, CLUB), first);
    // Where it goes on, and how it is written, is not what it says.
    assert_eq!(sent(&asked(), PAIRS, &format!("{CLUB}&next=/a")), first);
    let json = r#"{"form":"club","site":"demo","email":"noa@example.com","city":"יפו"}"#;
    assert_eq!(sent(&asked(), JSON, json), first);

    let mut ids: Vec<_> = [
        CLUB.to_owned(),
        format!("{CLUB}&submission_id=1"),
        format!("{CLUB}&submission_id=2"),
        format!("{CLUB}&a="),
        CLUB.replace("club", "klub"),
        CLUB.replace("noa", "dan"),
        CLUB.replace("site=demo", "site=shut"),
    ]
    .iter()
    .map(|body| sent(&asked(), PAIRS, body).0)
    .collect();
    let by_visitor = sent(&with_cookie(&cookie), PAIRS, CLUB);
    assert_eq!(sent(&with_cookie(&cookie), PAIRS, CLUB), by_visitor);
    ids.push(by_visitor.0);
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "what differs is told apart");
}

#[test]
fn only_the_sites_own_pages_can_send() {
    for (origin, slug, expected) in [
        (None, "demo", expect!["403 origin_not_allowed"]),
        (Some("null"), "demo", expect!["403 origin_not_allowed"]),
        (Some(EVIL), "demo", expect!["403 origin_not_allowed"]),
        (Some(NEWS), "demo", expect!["403 origin_not_allowed"]),
        (Some(SHOP), "news", expect!["403 origin_not_allowed"]),
        (Some(NEWS), "news", expect!["204 | 0 news f |"]),
        (Some(SHOP), "dem0", expect!["400 unknown_site"]),
        (Some(SHOP), "DEMO", expect!["400 bad_site"]),
        (Some(SHOP), "", expect!["400 bad_site"]),
    ] {
        let asked = Asked {
            origin: origin.map(Into::into),
            ..asked()
        };
        check(&asked, PAIRS, format!("site={slug}&form=f"), expected);
    }
    let preflight = Asked {
        method: "OPTIONS".into(),
        ..asked()
    };
    let answer = world("", "").ask(&preflight);
    assert_eq!(answer.status, 204);
    assert_eq!(
        header(&answer, "access-control-allow-headers"),
        Some("content-type")
    );
    assert_eq!(header(&answer, "access-control-allow-origin"), Some(SHOP));
}

#[test]
fn bad_forms_are_refused_and_not_forwarded() {
    let check = |kind, body: &str, expected| check(&asked(), kind, body, expected);
    check(
        "multipart/form-data; boundary=x",
        CLUB,
        expect!["415 unsupported_type"],
    );
    check("", CLUB, expect!["415 unsupported_type"]);
    check(PAIRS, "", expect!["400 bad_form"]);
    check(PAIRS, "site=demo", expect!["400 bad_form"]);
    check(PAIRS, "site=demo&form=f&form=g", expect!["400 bad_form"]);
    check(PAIRS, "site=demo&form=f&a=%FF", expect!["400 bad_form"]);
    check(
        PAIRS,
        "site=demo&form=f&crumb_consent=1",
        expect!["400 bad_form"],
    );
    check(JSON, CLUB, expect!["400 bad_form"]);
    check(
        JSON,
        r#"{"site":"demo","form":"f","a":{}}"#,
        expect!["400 bad_form"],
    );
    check(PAIRS, "site=demo&form=The+club", expect!["400 bad_name"]);
    check(
        PAIRS,
        "site=demo&form=f&First-Name=a",
        expect!["400 bad_name"],
    );
    check(PAIRS, "site=demo&form=f&=a", expect!["400 bad_name"]);
}

#[test]
fn bounds_at_and_past_the_edge() {
    let sends = |body: String, fits: bool| {
        let world = world(PAIRS, body);
        let expected = if fits { "204" } else { "400 too_long" };
        assert_eq!(sum_up(&world.ask(&asked())), expected);
        assert_eq!(world.posts.borrow().len(), usize::from(fits));
    };
    for past in [0, 1] {
        let fits = past == 0;
        let head = "site=demo&form=f";
        let name = "n".repeat(limit::NAME_BYTES + past);
        sends(format!("site=demo&form={name}"), fits);
        sends(format!("{head}&{name}=a"), fits);
        let value = "v".repeat(limit::TEXT_BYTES + past);
        sends(format!("{head}&a={value}"), fits);
        sends(format!("{head}&submission_id={value}"), fits);
        sends(
            head.to_owned() + &"&a=b".repeat(limit::ANSWERS + past),
            fits,
        );
        let token = "t".repeat(limit::TOKEN_BYTES + past);
        sends(format!("{head}&crumb_token={token}"), fits);

        let value = "v".repeat(limit::TEXT_BYTES);
        let rest = limit::FORM_BYTES - 15 * (limit::TEXT_BYTES + 1) - 2 + past;
        let answers = format!("&a={value}").repeat(15);
        sends(format!("{head}{answers}&a={}", &value[..rest]), fits);

        let next = format!("/{}", "n".repeat(limit::URL_BYTES - 1 + past));
        let answer = world(PAIRS, format!("{head}&next={next}")).ask(&asked());
        let expected = if fits { "303" } else { "400 too_long" };
        assert_eq!(sum_up(&answer), expected);
    }
}

#[test]
fn the_largest_form_of_escapes_fits_a_body_and_no_more_is_read() {
    // Each byte of 16 KiB as three.
    let answers: String = (0..15)
        .map(|_| format!("&a={}", "%D7%90".repeat(limit::TEXT_BYTES / 2)))
        .collect();
    let largest = format!("site=demo&form=f{answers}");
    assert_eq!(world(PAIRS, largest).ask(&asked()).status, 204);

    let max = 4 * limit::FORM_BYTES;
    let filled =
        |length: usize| format!("{CLUB}&password={}", "-".repeat(length - CLUB.len() - 10));
    assert_eq!(world(PAIRS, filled(max)).ask(&asked()).status, 204);
    check(&asked(), PAIRS, filled(max + 1), expect!["413 too_large"]);
    let declared = Asked {
        content_length: Some(max as u64 + 1),
        ..asked()
    };
    check(&declared, PAIRS, CLUB, expect!["413 too_large"]);
}

#[test]
fn who_asks_too_often_is_asked_to_wait() {
    let world = World {
        too_often: true,
        ..world(PAIRS, CLUB)
    };
    assert_eq!(sum_up(&world.ask(&asked())), "429 too_many retry-after: 60");
    assert!(world.posts.borrow().is_empty());
}

#[test]
fn passwords_and_cards_travel_nowhere() {
    let body = "site=demo&form=f&city=jaffa&password=hunter2&cc_number=4580123412341234&next=/";
    for reply in [
        Reply::Answered {
            status: 202,
            retry_after: None,
        },
        Reply::Unreachable("gone".into()),
    ] {
        let world = World {
            reply,
            ..world(PAIRS, body)
        };
        let answer = world.ask(&asked());
        if answer.status == 303 {
            assert_eq!(header(&answer, "crumb-refused"), Some("secret"));
        }
        assert_eq!(told(&world), "demo f | city=jaffa");
        let everything = format!(
            "{answer:?} {:?} {}",
            world.log.borrow(),
            String::from_utf8_lossy(&world.posts.borrow()[0].1)
        );
        for secret in ["hunter2", "4580123412341234", "cc_number"] {
            assert!(!everything.contains(secret), "{secret}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_sent_what_is_forwarded_is_whole(
        body in "site=demo&form=f(&[a-z0-9_]{1,4}=[a-z0-9%+]{0,9}){0,5}|[a-z_=&%+0-9{}\\[\\]\":,]{0,80}",
        next in "(https:|/|\\\\|shop.example|evil.example|[?#@.:%]|\\PC){0,9}",
        kind in prop::sample::select(vec![PAIRS, JSON, "text/plain"]),
    ) {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let world = world(kind, format!("{body}&next={next}"));
        let answer = world.ask(&asked());
        if let Some(location) = header(&answer, "location") {
            let rest = location.strip_prefix(SHOP).unwrap();
            prop_assert!(rest.is_empty() || rest.starts_with(['/', '?', '#']));
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        let posts = world.posts.borrow().len();
        prop_assert_eq!(posts, usize::from(answer.status < 400));
        if posts == 1 {
            told(&world);
        }
    }
}
