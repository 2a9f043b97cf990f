//! Sites and keys over HTTP: who may do what, and for how long.

use crate::{
    harness::Database,
    server::{Server, body, code},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

async fn json_of(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    response.json().await.unwrap()
}

#[tokio::test]
async fn the_first_start_hands_out_a_key_for_one_use() {
    let database = Database::open();
    let mut server = Server::start(&database);
    let set_up = server.set_up_key.clone().unwrap();
    let post = async |key: &str| server.ask(Method::POST, "/v1/setup", key, None).await;
    let made = json_of(post(&set_up).await, 201).await;
    let admin = made["key"].as_str().unwrap().to_owned();
    assert_eq!(code(post(&set_up).await).await, (401, "bad_key".into()));
    assert_eq!(code(post(&admin).await).await, (403, "scope".into()));

    let site = json!({ "site": "new-shop", "currency": "EUR", "time_zone": "Europe/Berlin" });
    let add = async |site: &Value| {
        let site = Some(site.clone());
        server.ask(Method::POST, "/v1/sites", &admin, site).await
    };
    json_of(add(&site).await, 201).await;
    json_of(add(&site).await, 201).await;
    let other = json!({ "site": "new-shop", "currency": "ILS" });
    assert_eq!(code(add(&other).await).await, (409, "site_exists".into()));
    let bad = json!({ "site": "new-shop", "currency": "euro" });
    let keyless = server.http.post(format!("{}/v1/sites", server.url));
    let keyless = keyless.json(&site).send().await.unwrap();
    assert_eq!(code(keyless).await, (401, "no_key".into()));
    let nameless = json!(["nameless", "", "UTC", "EUR", 7, "optional", null]);
    assert_eq!(code(add(&nameless).await).await, (422, "bad_body".into()));
    let refused = json_of(add(&bad).await, 422).await;
    assert_eq!(
        (&refused["code"], &refused["pointer"]),
        (&json!("bad_setting"), &json!("/currency"))
    );
    let sites = server.ask(Method::GET, "/v1/sites", &admin, None).await;
    let sites = json_of(sites, 200).await;
    let slugs: Vec<_> = sites
        .as_array()
        .unwrap()
        .iter()
        .map(|site| &site["site"])
        .collect();
    assert_eq!(slugs, ["demo", "new-shop", "other"]);
    server.crash();
    assert_eq!(server.set_up_key, None, "the next start hands out none");
}

#[tokio::test]
async fn keys_are_made_shown_once_rotated_and_revoked() {
    let database = Database::open();
    let server = Server::start(&database);
    let admin = server.key_of("demo", "admin");
    let keys = "/v1/sites/demo/keys";
    let wanted = json!({ "scope": "write", "label": "till" });
    let made = server.ask(Method::POST, keys, &admin, Some(wanted)).await;
    let made = json_of(made, 201).await;
    let key = made["key"].as_str().unwrap();
    let endless = json!({ "scope": "read", "expires_at": u64::MAX });
    let endless = server.ask(Method::POST, keys, &admin, Some(endless)).await;
    assert_eq!(code(endless).await, (422, "bad_setting".into()));
    let give = async |key: &str| {
        let path = "/v1/sites/demo/events";
        server
            .ask(Method::POST, path, key, Some(json!([])))
            .await
            .status()
            .as_u16()
    };
    assert_eq!(give(key).await, 202);

    let listed = server.ask(Method::GET, keys, &admin, None).await;
    let text = listed.text().await.unwrap();
    assert!(!text.contains(key.rsplit('_').next().unwrap()), "no secret");
    let listed: Value = serde_json::from_str(&text).unwrap();
    let till = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["label"] == "till")
        .unwrap();
    assert_eq!(till["scope"], "write");
    assert!(till["last_used_at"].is_i64());

    let path = format!("{keys}/{}", made["id"].as_str().unwrap());
    let revoke = async |path: &str| {
        server
            .ask(Method::DELETE, path, &admin, None)
            .await
            .status()
            .as_u16()
    };
    assert_eq!(revoke(&format!("{path}?overlap_s=604801")).await, 400);
    assert_eq!(revoke(&format!("{path}?overlap_s=60")).await, 204);
    assert_eq!(give(key).await, 202, "good until the overlap is over");
    assert_eq!(revoke(&path).await, 204);
    assert_eq!(give(key).await, 401);
    assert_eq!(revoke(&path).await, 404);
}

#[tokio::test]
async fn a_scope_allows_what_it_says() {
    let database = Database::open();
    let server = Server::start(&database);
    let mut rows = String::new();
    for scope in ["ingest", "read", "write", "admin"] {
        let key = server.key_of("demo", scope);
        let ask = async |method, path: &str, body| {
            server.ask(method, path, &key, body).await.status().as_u16()
        };
        let given = ask(Method::POST, "/v1/sites/demo/events", Some(json!([]))).await;
        let read = ask(Method::GET, "/v1/sites/demo", None).await;
        let changed = ask(
            Method::PATCH,
            "/v1/sites/demo",
            Some(json!({ "name": "x" })),
        )
        .await;
        let added = ask(Method::POST, "/v1/sites", Some(json!({}))).await;
        rows += &format!(
            "{scope}: events {given}, read {read}, change {changed}, add a site {added}\n"
        );
    }
    expect_test::expect![[r#"
        ingest: events 403, read 403, change 403, add a site 403
        read: events 403, read 200, change 403, add a site 403
        write: events 202, read 200, change 403, add a site 403
        admin: events 202, read 200, change 200, add a site 403
    "#]]
    .assert_eq(&rows);
}

#[tokio::test]
async fn the_api_describes_itself() {
    let database = Database::open();
    let server = Server::start(&database);
    let docs = server.get("/docs/").await;
    assert_eq!(docs.status(), 200);
    assert!(docs.text().await.unwrap().contains("swagger-ui"));
    let api: Value = server.get("/openapi.json").await.json().await.unwrap();
    assert_eq!(
        api["components"]["securitySchemes"]["key"]["scheme"],
        "bearer"
    );
    assert!(api["components"]["schemas"]["Problem"].is_object());
    let paths = api["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<&str> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert!(
        names.is_sorted_by(|a, b| a < b),
        "twice the same: {names:?}"
    );
}

#[tokio::test]
async fn a_sites_settings_hold_for_what_comes() {
    let database = Database::open();
    let server = Server::start(&database);
    let admin = server.key_of("demo", "admin");
    let change = async |settings: Value| {
        let path = "/v1/sites/demo";
        json_of(
            server
                .ask(Method::PATCH, path, &admin, Some(settings))
                .await,
            200,
        )
        .await
    };
    let site = change(json!({ "consent": "required", "retention_days": 30 })).await;
    assert_eq!(
        (&site["consent"], &site["currency"]),
        (&json!("required"), &json!("ILS"))
    );
    let unset = server.ingest(crate::server::unset_body("demo", 2)).await;
    let unset = json_of(unset, 202).await;
    assert_eq!(
        unset,
        json!({ "accepted": 0, "rejected": { "no_consent": 2 } })
    );
    assert_eq!(server.ingest(body("demo", 1, 3, 0)).await.status(), 202);
    server.drained().await;
    let counts = "SELECT (SELECT count() FROM events), (SELECT count() FROM rejected_events)";
    assert_eq!(database.value(counts).await, "3\t0");
    assert_eq!(
        change(json!({ "retention_days": 0 })).await["retention_days"],
        Value::Null
    );
}
