//! Segment previews over HTTP: who may ask, what is refused, what is answered.

use crate::{
    harness::Database,
    server::{Server, body, now_ms},
};
use serde_json::{Value, json};

fn views(least: u64) -> Value {
    json!({ "kind": "event", "event": "page_view", "compare": { "gte": least } })
}

#[tokio::test]
async fn a_preview_counts_and_names_the_people() {
    let database = Database::open();
    let server = Server::start(&database);
    for (site, visitor, events) in [
        ("demo", 1, 1),
        ("demo", 2, 5),
        ("demo", 3, 9),
        ("other", 4, 9),
    ] {
        assert_eq!(
            server
                .ingest(body(site, visitor, events, 60_000))
                .await
                .status(),
            202
        );
    }
    server.drained().await;
    let key = server.key("demo");
    let ask = async |body: Value| -> Value {
        let response = server.preview(&key, body).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    };
    let answer = ask(json!({ "site": "demo", "definition": views(5) })).await;
    assert_eq!(
        (&answer["count"], &answer["sample"]),
        (&json!(2), &json!(["2", "3"]))
    );
    // So few are counted at once.
    let typing = json!({ "site": "demo", "definition": views(5), "estimate": true });
    let typed = ask(typing).await;
    assert_eq!(
        (&typed["count"], &typed["estimate"]),
        (&json!(2), &Value::Null)
    );
    let before = json!({ "site": "demo", "definition": views(1), "as_of": now_ms() - 3_600_000 });
    assert_eq!(
        ask(before).await["count"],
        0,
        "as_of an hour ago nobody was there"
    );
    let none = json!({ "site": "demo", "definition": { "not": views(1) }, "sample": 0 });
    assert_eq!(ask(none).await["count"], 0);
}

#[tokio::test]
async fn a_key_is_needed_and_is_for_its_site_alone() {
    let database = Database::open();
    let server = Server::start(&database);
    server.drained().await;
    let (own, other) = (server.key("demo"), server.key("other"));
    let question = |site: &str| json!({ "site": site, "definition": views(1) });
    for (key, site, expected) in [
        (own.as_str(), "demo", 200),
        (other.as_str(), "demo", 403),
        (own.as_str(), "nowhere", 403),
        ("ct_0000000000000000_00", "demo", 401),
    ] {
        assert_eq!(server.preview(key, question(site)).await.status(), expected);
    }
    let unasked = server
        .http
        .post(format!("{}/v1/segments/preview", server.url));
    let response = unasked.json(&question("demo")).send().await.unwrap();
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn a_definition_that_does_not_fit_is_a_422_that_points() {
    let database = Database::open();
    let server = Server::start(&database);
    server.drained().await;
    let key = server.key("demo");
    for (definition, pointer, code) in [
        (json!({ "all": [] }), "/all", "empty_list"),
        (
            json!({ "all": [views(1), { "kind": "event", "event": "pageview" }] }),
            "/all/1/event",
            "unknown_word",
        ),
        (
            json!({ "kind": "group", "group": "vip" }),
            "/group",
            "unknown_word",
        ),
        (json!([]), "", "wrong_type"),
    ] {
        let response = server
            .preview(&key, json!({ "site": "demo", "definition": definition }))
            .await;
        assert_eq!(response.status(), 422);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem: Value = response.json().await.unwrap();
        assert_eq!(
            (&problem["pointer"], &problem["code"]),
            (&json!(pointer), &json!(code))
        );
    }
    let response = server.preview(&key, json!({ "site": "demo" })).await;
    assert_eq!(response.status(), 422, "the definition is missing");
    let long = json!({ "site": "demo", "definition": "x".repeat(2 << 20) });
    assert_eq!(server.preview(&key, long).await.status(), 413);
}
