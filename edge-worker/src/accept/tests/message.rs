//! The links in messages.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    id::ContactId,
    notice::{Notice, What},
    token::{Channel, Link, Message, Token, TokenId},
};

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CLICK: Purpose<'_> = Purpose::Click(Link {
    url: "https://shop.example/sale/?a=b#top",
    topic: "sale",
});

fn seal(site: &str, expires_s: u64, purpose: Purpose<'_>) -> String {
    let token = Token {
        site: Site::new(site).unwrap(),
        id: TokenId(9),
        expires_s,
        message: Message {
            contact: ContactId::new(42),
            channel: Channel::Mail,
            message_id: "m-1",
            campaign: "autumn",
        },
        purpose,
    };
    URL_SAFE_NO_PAD.encode(token.seal("s1", &hex::decode(KEY).unwrap()))
}

fn token(purpose: Purpose<'_>) -> String {
    seal("demo", NOW_MS / 1000 + 1, purpose)
}

fn ask(method: &str, path: &str, user_agent: &str, gpc: bool) -> (World, Answer) {
    let details = Details {
        user_agent: user_agent.into(),
        ..Details::default()
    };
    let world = World {
        details,
        ..World::new(Vec::new())
    };
    let answer = world.ask(&Asked {
        method: method.into(),
        path: path.into(),
        origin: None,
        privacy_control: gpc.then(|| "1".into()),
        ..asked()
    });
    assert_eq!(header(&answer, "set-cookie"), None);
    (world, answer)
}

/// What the backend is told: `clicked by a machine`.
fn told(world: &World) -> String {
    let posts = world.posts.borrow();
    let Some((_, body)) = posts.first() else {
        return "nothing".into();
    };
    let envelope = Envelope::decode(split_body(body).unwrap()[0]).unwrap();
    assert_eq!(envelope.stamp.visitor_id, VisitorId::new(0));
    assert_eq!(envelope.stamp.place.country, "IL");
    let Notice { site, what } = Notice::decode(envelope.payload).unwrap();
    let What::Message(followed) = what else {
        panic!("{what:?}");
    };
    assert_eq!((site.as_str(), followed.token_id), ("demo", TokenId(9)));
    assert_eq!(followed.message.message_id, "m-1");
    let what = followed.link.map_or("opened", |_| "clicked");
    let who = if followed.machine {
        "machine"
    } else {
        "person"
    };
    format!("{what} by a {who}")
}

#[test]
fn a_link_leads_on_with_a_token_for_the_page() {
    let (world, answer) = ask("GET", &format!("/c/r/{}", token(CLICK)), PERSON, false);
    assert_eq!(
        (answer.status, told(&world).as_str()),
        (302, "clicked by a person")
    );
    let location = header(&answer, "location").unwrap();
    let landing = location
        .strip_prefix("https://shop.example/sale/?a=b&crumb=")
        .and_then(|rest| rest.strip_suffix("#top"))
        .unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(landing).unwrap();
    let key = hex::decode(KEY).unwrap();
    let open = |now_s| Token::open(&bytes, now_s, |_, name| (name == "k1").then_some(&*key));
    let now_s = NOW_MS / 1000;
    let shown = open(now_s + 599).unwrap();
    assert_eq!(
        (shown.purpose, shown.id),
        (Purpose::Landing, TokenId(RANDOM))
    );
    assert_eq!(shown.message.contact, ContactId::new(42));
    assert!(open(now_s + 600).is_err());
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
}

#[test]
fn machines_and_those_who_said_no_get_no_token() {
    let path = format!("/c/r/{}", token(CLICK));
    let plain = Some("https://shop.example/sale/?a=b#top");
    for (method, agent, gpc, expected) in [
        ("HEAD", PERSON, false, "clicked by a machine"),
        ("GET", "Barracuda Sentinel", false, "clicked by a machine"),
        ("GET", PERSON, true, "nothing"),
    ] {
        let (world, answer) = ask(method, &path, agent, gpc);
        assert_eq!((answer.status, header(&answer, "location")), (302, plain));
        assert_eq!(told(&world), expected);
    }
}

#[test]
fn another_sites_page_gets_no_token() {
    let url = "https://elsewhere.example/";
    let link = token(Purpose::Click(Link { url, topic: "" }));
    let (world, answer) = ask("GET", &format!("/c/r/{link}"), PERSON, false);
    assert_eq!(header(&answer, "location"), Some(url));
    assert_eq!(told(&world), "clicked by a person");
}

#[test]
fn it_leads_on_whatever_becomes_of_the_news() {
    let details = Details {
        user_agent: PERSON.into(),
        ..Details::default()
    };
    let world = World {
        details,
        reply: Reply::Unreachable("gone".into()),
        ..World::new(Vec::new())
    };
    let answer = world.ask(&Asked {
        method: "GET".into(),
        path: format!("/c/r/{}", token(CLICK)),
        ..Asked::default()
    });
    assert_eq!(answer.status, 302);
    assert_eq!(world.log.borrow().len(), 1, "the operator is told");
}

#[test]
fn only_good_tokens_lead_anywhere() {
    let past = NOW_MS / 1000;
    let script = "javascript:alert(1)";
    for (token, status, code) in [
        (seal("demo", past, CLICK), 410, "expired_token"),
        (seal("news", past + 1, CLICK), 404, "bad_token"),
        (token(Purpose::Open), 404, "bad_token"),
        (token(Purpose::Landing), 404, "bad_token"),
        (
            token(Purpose::Click(Link {
                url: script,
                topic: "",
            })),
            404,
            "bad_token",
        ),
        (
            token(Purpose::Click(Link {
                url: "https://a/\r\nset-cookie: b",
                topic: "",
            })),
            404,
            "bad_token",
        ),
        ("!".into(), 404, "bad_token"),
        (String::new(), 404, "bad_token"),
    ] {
        let (world, answer) = ask("GET", &format!("/c/r/{token}"), PERSON, false);
        assert_eq!((answer.status, header(&answer, "location")), (status, None));
        assert_eq!(header(&answer, "crumb-refused"), Some(code));
        assert!(world.posts.borrow().is_empty());
        assert!(String::from_utf8(answer.body).unwrap().contains("הקישור"));
    }
}

#[test]
fn an_opening_is_an_image_whatever_comes() {
    let good = token(Purpose::Open);
    for (token, agent, gpc, expected) in [
        (good.as_str(), PERSON, false, "opened by a person"),
        (
            good.as_str(),
            "GoogleImageProxy",
            false,
            "opened by a machine",
        ),
        (good.as_str(), PERSON, true, "nothing"),
        (token(CLICK).as_str(), PERSON, false, "nothing"),
        ("bad", PERSON, false, "nothing"),
    ] {
        let (world, answer) = ask("GET", &format!("/c/o/{token}.gif"), agent, gpc);
        assert_eq!(
            (answer.status, header(&answer, "content-type")),
            (200, Some("image/gif"))
        );
        assert_eq!(told(&world), expected);
    }
}
