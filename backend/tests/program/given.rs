//! Events in bulk, what is measured of loss, and events as they come.

use crate::{
    harness::Database,
    server::{Server, body, now_ms, run},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const EVENTS: &str = "/v1/sites/demo/events";

#[tokio::test]
async fn every_column_may_be_given_and_the_same_id_is_one_event() {
    let database = Database::open();
    let server = Server::start(&database);
    let key = server.key_of("demo", "write");
    let four_years_ms = 4 * 365 * 24 * 60 * 60 * 1000;
    let event = json!({
        "id": "order-7", "type": "purchase", "ts": now_ms() - four_years_ms,
        "anonymous_id": "abc", "session_id": "s1", "session_start": true,
        "url": "https://shop.example/thanks?order=7", "title": "תודה",
        "utm_source": "newsletter", "utm_medium": "email", "device": "mobile",
        "value_cents": 12_990, "currency": "ILS", "order_id": "7",
        "items": [{ "id": "p1", "price_cents": 12_990, "quantity": 1 }],
        "props": { "gift": true, "wrap": "blue", "points": 12.5 },
        "bot": false, "machine": true, "staff": false, "contact": "1042",
    });
    for _ in 0..3 {
        let answer = server
            .ask(Method::POST, EVENTS, &key, Some(json!([event, event])))
            .await;
        assert_eq!(answer.status(), 202);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer, json!({ "accepted": 2, "rejected": [] }));
    }
    server.drained().await;
    let row = "SELECT count(), any(type), any(host), any(path), any(query), any(title), any(channel),
                      any(value_cents), any(items.id), any(props.wrap), any(machine), any(is_session_start)
               FROM events";
    assert_eq!(
        database.value(row).await,
        "1\tpurchase\tshop.example\t/thanks\torder=7\tתודה\tmail\t12990\t['p1']\tblue\ttrue\ttrue"
    );
    let proof = "SELECT kind, contact FROM proofs FINAL";
    assert_eq!(database.value(proof).await, "login\t1042");
}

#[tokio::test]
async fn each_row_is_answered_for_by_itself() {
    let database = Database::open();
    let server = Server::start(&database);
    let key = server.key_of("demo", "write");
    let good = json!({ "id": "1", "type": "page_view", "ts": now_ms(), "visitor_id": "7" });
    let with = |name: &str, value: Value| {
        let mut row = good.clone();
        row[name] = value;
        row
    };
    let rows = [
        good.clone(),
        with("type", json!("pageview")),
        with("ts", json!("yesterday")),
        with("ts", json!(1)),
        with("visitor_id", json!("18446744073709551615")),
        with("titel", json!("x")),
        with("title", json!("x".repeat(1025))),
        with("id", json!("")),
        with("channel", json!("carrier pigeon")),
        with("props", json!({ "a": { "b": 1 } })),
        with("type", json!("search")),
        with("ts", json!("2026-11-21T10:00:00+02:00")),
    ];
    let lines: Vec<_> = rows.iter().map(Value::to_string).collect();
    let request = server.http.post(format!("{}{EVENTS}", server.url));
    let answer = request
        .bearer_auth(&key)
        .header("content-type", "application/x-ndjson")
        .body(lines.join("\n"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let answer: Value = answer.json().await.unwrap();
    let mut told = format!("accepted {}\n", answer["accepted"]);
    for row in answer["rejected"].as_array().unwrap() {
        let pointer = row["pointer"].as_str().unwrap_or_default();
        told += &format!(
            "{} {} {pointer}\n",
            row["row"],
            row["code"].as_str().unwrap()
        );
    }
    expect_test::expect![[r#"
        accepted 2
        1 unknown_word /type
        2 bad_shape 
        3 too_old /ts
        4 bad_value /visitor_id
        5 bad_shape 
        6 too_long /title
        7 missing /id
        8 unknown_word /channel
        9 bad_value /props/a
        10 missing /search_term
    "#]]
    .assert_eq(&told);
    server.drained().await;
    assert_eq!(database.value("SELECT count() FROM events").await, "2");
}

#[tokio::test]
async fn what_is_no_list_of_events_is_refused_whole() {
    let database = Database::open();
    let server = Server::start(&database);
    let key = server.key_of("demo", "write");
    for body in [json!({}), json!("x"), json!(null)] {
        let answer = server.ask(Method::POST, EVENTS, &key, Some(body)).await;
        assert_eq!(crate::server::code(answer).await, (400, "bad_body".into()));
    }
    let many = json!(vec![json!({}); 10_001]);
    let answer = server.ask(Method::POST, EVENTS, &key, Some(many)).await;
    assert_eq!(crate::server::code(answer).await, (413, "too_many".into()));
}

#[tokio::test]
async fn what_never_came_is_seen() {
    let database = Database::open();
    let server = Server::start(&database);
    let key = server.key("demo");
    // Tab 1 has 5 events, of which the batch of the first 3 never comes.
    let whole = body("demo", 2, 4, 0);
    assert_eq!(server.ingest(whole).await.status(), 202);
    assert_eq!(
        server.ingest(crate::server::body_from(3, 2)).await.status(),
        202
    );
    server.drained().await;
    let answer = server
        .ask(Method::GET, "/v1/sites/demo/quality", &key, None)
        .await;
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    let [day] = answer["days"].as_array().unwrap().as_slice() else {
        panic!("{answer}");
    };
    let counts = [
        "tabs", "recorded", "stored", "rejected", "no_room", "missing", "given_up",
    ];
    let counts: Vec<_> = counts
        .iter()
        .map(|name| day[name].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [2, 9, 6, 0, 0, 3, 0]);
    for bad in [
        "?from=2026-13-01",
        "?from=2020-01-01",
        "?to=2026-01-01&from=2026-01-02",
        "?x=1",
    ] {
        let path = format!("/v1/sites/demo/quality{bad}");
        let answer = server.ask(Method::GET, &path, &key, None).await;
        assert_eq!(
            crate::server::code(answer).await,
            (400, "bad_query".into()),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn events_are_told_as_they_come() {
    let database = Database::open();
    let server = Server::start(&database);
    let key = server.key("demo");
    let mut live = server
        .ask(Method::GET, "/v1/sites/demo/live", &key, None)
        .await;
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    for site in ["other", "demo", "demo"] {
        assert_eq!(server.ingest(body(site, 1, 1, 0)).await.status(), 202);
        server.drained().await;
    }
    let mut text = String::new();
    let told = async {
        while text.matches("\n\n").count() < 4 {
            let piece = live.chunk().await.unwrap().unwrap();
            text += str::from_utf8(&piece).unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told)
        .await
        .unwrap();
    let outcomes: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str::<Value>(data).unwrap())
        .collect();
    let outcome = |at: usize| outcomes[at]["outcome"].as_str().unwrap();
    assert_eq!(
        [outcome(0), outcome(1), outcome(2)],
        ["received", "stored", "received"]
    );
    let event = &outcomes[1]["event"];
    assert_eq!(
        (&event["type"], &event["path"]),
        (&json!("page_view"), &json!("/"))
    );
    assert_eq!(event["visitor_id"], "1");
    assert!(!text.contains("other"));

    // A key that is revoked watches no longer.
    let id = key.split('_').nth(1).unwrap();
    run(server.data.path(), &["key", "revoke", id]);
    let ended = async { while live.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .unwrap();
}
