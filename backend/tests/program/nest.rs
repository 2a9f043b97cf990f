//! The site `canary`: what it has, and what of it could show elsewhere.

use crate::{
    harness::Database,
    server::{Server, batch, now_ms, run, stamped},
};
use protocol::{
    envelope::append_to_body,
    event::{Action, Identify, IdentifyBy},
    id::{ContactId, Site},
    notice::{Followed, Notice, What},
    token::{Channel, Message, TokenId},
};
use reqwest::Method;
use serde_json::{Value, json};

/// Every text of the canary has this in it.
pub const FEATHER: &str = "feathered";
/// Its visitor.
const VISITOR: u64 = 4_611_686_018_427_300_101;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The tables that hold what is a site's.
const TABLES: [&str; 6] = [
    "events",
    "rejected_events",
    "tabs",
    "proofs",
    "messages",
    "erasure_requests",
];

/// Gives the canary something in every table; its admin's key, and a revoked one.
pub async fn hatch(server: &Server) -> (String, String) {
    let site = [
        "canary",
        "--currency",
        "XPF",
        "--time-zone",
        "Pacific/Chatham",
    ];
    run(server.data.path(), &[&["site", "add"], &site[..]].concat());
    let admin = server.key_of("canary", "admin");
    let name = Some(json!({ "name": FEATHER, "retention_days": 365 }));
    let named = server
        .ask(Method::PATCH, "/v1/sites/canary", &admin, name)
        .await;
    assert_eq!(named.status(), 200);
    let keys = "/v1/sites/canary/keys";
    let label = Some(json!({ "scope": "read", "label": FEATHER }));
    let made: Value = server
        .ask(Method::POST, keys, &admin, label)
        .await
        .json()
        .await
        .unwrap();
    let revoked = format!("{keys}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        server
            .ask(Method::DELETE, &revoked, &admin, None)
            .await
            .status(),
        204
    );

    let segment =
        json!({ "names": { "en": FEATHER }, "definition": { "kind": "event", "event": "any" } });
    let path = format!("/v1/sites/canary/segments/{FEATHER}");
    let kept = server.ask(Method::PUT, &path, &admin, Some(segment)).await;
    assert_eq!(kept.status(), 201);

    let (now_ms, mail) = (now_ms(), format!("{FEATHER}@example.com"));
    let claim = Action::Identify(Identify {
        by: IdentifyBy::Mail,
        value: &mail,
    });
    let actions = [
        Action::PageView,
        Action::Search { term: FEATHER },
        Action::Custom { name: FEATHER },
        claim,
    ];
    let message = Message {
        contact: ContactId::new(42),
        channel: Channel::Mail,
        message_id: FEATHER,
        campaign: FEATHER,
    };
    let followed = Followed {
        token_id: TokenId(1),
        message,
        link: None,
        machine: false,
    };
    let notice = |what| {
        Notice {
            site: Site::new("canary").unwrap(),
            what,
        }
        .encode()
    };
    let mut body = Vec::new();
    for payload in [
        batch("canary", VISITOR, now_ms, &actions),
        batch("canary", VISITOR + 1, now_ms - 40 * DAY_MS, &actions),
        notice(What::Message(followed)),
        notice(What::Forget),
    ] {
        append_to_body(&mut body, &stamped(VISITOR, now_ms, None, &payload));
    }
    assert_eq!(server.ingest(body).await.status(), 202);
    let given = json!([{ "id": FEATHER, "type": "purchase", "ts": now_ms, "anonymous_id": FEATHER, "contact": FEATHER,
        "title": FEATHER, "order_id": FEATHER, "value_cents": 777, "currency": "XPF", "props": { "kind": FEATHER } }]);
    let given = server
        .ask(Method::POST, "/v1/sites/canary/events", &admin, Some(given))
        .await;
    assert_eq!(given.status(), 202);
    server.drained().await;
    (admin, made["key"].as_str().unwrap().to_owned())
}

/// All that there is of the canary, and what is of no site that is known.
pub async fn everything(database: &Database, server: &Server, admin: &str) -> String {
    let mut all = String::new();
    for table in TABLES {
        let sql = format!(
            "SELECT countIf(site = 'canary'), sumIf(cityHash64(tuple(*)::String), site = 'canary'),
                    countIf(site NOT IN ('canary', 'demo')) FROM {table}"
        );
        let told = database.value(&sql).await;
        assert!(
            !told.starts_with("0\t"),
            "the canary has nothing in {table}"
        );
        assert!(told.ends_with("\t0"), "{table}: {told}");
        all += &format!("{table} {told}\n");
    }
    for path in [
        "/v1/sites/canary",
        "/v1/sites/canary/keys",
        "/v1/sites/canary/segments",
    ] {
        let mut told: Value = server
            .ask(Method::GET, path, admin, None)
            .await
            .json()
            .await
            .unwrap();
        // What the backend itself comes to know by and by.
        for listed in told.as_array_mut().into_iter().flatten() {
            listed["last_used_at"] = Value::Null;
            listed["size"] = Value::Null;
        }
        all += &format!("{told}\n");
    }
    all
}

/// What only the canary's data has.
pub async fn marks(database: &Database, ids: &[String]) -> Vec<String> {
    let of = async |sql: &str| database.value(sql).await;
    let people = of("SELECT DISTINCT toString(visitor_id) FROM events WHERE site = 'canary'").await;
    let events = of("SELECT toString(event_id) FROM events WHERE site = 'canary'").await;
    let texts = ["feathered", "Chatham", "XPF", "9223372036854775850"].map(str::to_owned);
    let marks = people.lines().chain(events.lines()).map(str::to_owned);
    marks.chain(texts).chain(ids.iter().cloned()).collect()
}
