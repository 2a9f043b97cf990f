//! What an operator sees of requests, and of a shop.

use crate::{
    harness::Database,
    server::{Server, body, command, now_ms, spawn},
};
use axum::{Router, response::Html, routing::get};
use reqwest::Method;
use serde_json::Value;
use std::{
    collections::HashSet,
    fs::{self, File},
    process::Command,
};
use tokio::net::TcpListener;

#[tokio::test]
async fn every_request_has_an_id_in_its_answer_and_in_the_log() {
    let database = Database::open();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = command(&folder.path().join("data"), &database.url());
    command
        .args(["--log-format", "json"])
        .env("RUST_LOG", "backend::http=debug")
        .stderr(File::create(&log).unwrap());
    let (mut process, url, _) = spawn(&mut command);
    let client = reqwest::Client::new();
    let ask = async |path: &str, id: Option<&str>| {
        let mut request = client.get(format!("{url}{path}"));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let answer = request.send().await.unwrap();
        answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(ask("/healthz", Some("mine-1")).await, "mine-1");
    assert_eq!(ask("/nowhere", Some("mine-2")).await, "mine-2");
    let given: HashSet<_> = [
        ask("/healthz", None).await,
        ask("/healthz", None).await,
        ask("/healthz", Some("not a fitting one")).await,
    ]
    .into();
    assert_eq!(given.len(), 3);
    let metrics = client.get(format!("{url}/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        r#"crumbtrail_http_request_seconds_count{method="GET",route="/healthz",status="200"} 4"#,
        r#"crumbtrail_http_request_seconds_count{method="GET",route="none",status="404"} 1"#,
        r#"crumbtrail_part_ready{part="disk"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let log = fs::read_to_string(&log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    let of = |id: &str| lines.iter().find(|line| line["span"]["id"] == id);
    let line = of("mine-2").unwrap();
    assert_eq!(
        (&line["status"], &line["span"]["route"]),
        (&404.into(), &"none".into())
    );
    assert!(of("mine-1").is_some());
}

/// A shop with such a page, and the worker's route where it is `routed`.
async fn shop(page: String, routed: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let script = ([("content-type", "text/javascript; charset=utf-8")], "");
    let everything = Html("<h1>the shop</h1>");
    let routes = Router::new().route("/", get(async move || Html(page)));
    let routes = if routed {
        routes
            .route("/c/crumb.js", get(async move || script))
            .route("/c/health", get(async || r#"{"status":"ok"}"#))
    } else {
        routes.fallback(async move || everything)
    };
    tokio::spawn(async { axum::serve(listener, routes).await });
    url
}

async fn verify(server: &Server, site: &'static str, page: String) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
    command
        .args(["site", "verify", site, &page, "--data"])
        .arg(server.data.path());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

#[tokio::test]
async fn a_shop_is_looked_at_as_a_browser_does() {
    let database = Database::open();
    let server = Server::start(&database);
    let line = |site: &str| {
        format!(r#"<head><script async src="/c/crumb.js" data-site="{site}"></script></head>"#)
    };
    let (said, is_well) = verify(&server, "demo", shop(line("demo"), true).await).await;
    assert!(is_well, "{said}");
    assert_eq!(said.matches("ok   ").count(), 7, "{said}");

    for (site, page, routed, says) in [
        (
            "demo",
            "<p>none</p>".to_owned(),
            true,
            "no line of Crumbtrail's",
        ),
        (
            "demo",
            line("other"),
            true,
            "the line of another site, `other`",
        ),
        ("demo", line("demo"), false, "and not as JavaScript"),
        (
            "nowhere",
            line("nowhere"),
            true,
            "there is no site `nowhere`",
        ),
    ] {
        let (said, is_well) = verify(&server, site, shop(page, routed).await).await;
        assert!(!is_well && said.contains(says), "{said}");
    }
    let (said, is_well) = verify(&server, "demo", "http://127.0.0.1:1/".to_owned()).await;
    assert!(!is_well && said.contains("can't be reached"), "{said}");
}

#[tokio::test]
async fn a_site_says_whether_its_events_come() {
    let database = Database::open();
    let server = Server::start(&database);
    let [demo, other] = ["demo", "other"].map(|site| server.key(site));
    let ask = async |site: &str, key: &str| {
        let path = format!("/v1/sites/{site}/verify");
        let answer = server.ask(Method::GET, &path, key, None).await;
        answer.json::<Value>().await.unwrap()
    };
    let sent_ms = now_ms();
    server.ingest(body("demo", 1, 3, 0)).await;
    server
        .ingest(body("demo", 2, 2, 40 * 24 * 60 * 60 * 1000))
        .await;
    server.drained().await;
    let said = ask("demo", &demo).await;
    assert_eq!(said["works"], true);
    let hosts = said["hosts"].as_array().unwrap();
    let of = |what: &str| -> u64 { hosts.iter().filter_map(|host| host[what].as_u64()).sum() };
    assert_eq!((of("stored"), of("rejected")), (3, 2));
    assert!(
        hosts[0]["last_received_at"].as_u64() >= Some(sent_ms),
        "{said}"
    );
    let said = ask("other", &other).await;
    assert_eq!(said["works"], false);
    assert!(
        said["advice"]
            .as_str()
            .unwrap()
            .contains("crumbtrail site verify other")
    );
}

#[tokio::test]
async fn json_comes_compressed_to_who_takes_it_so_and_nothing_else_does() {
    let database = Database::open();
    let server = Server::start(&database);
    let client = reqwest::Client::new();
    let ask = async |path: &str, takes: &str| {
        let request = client.get(format!("{}{path}", server.url));
        let answer = request.header("accept-encoding", takes).send().await;
        let answer = answer.unwrap();
        let encoding = answer.headers().get("content-encoding").cloned();
        (encoding, answer.bytes().await.unwrap())
    };
    let (none, plain) = ask("/v1/segment-templates", "identity").await;
    let (gzip, small) = ask("/v1/segment-templates", "gzip").await;
    assert_eq!((none, gzip.unwrap().to_str().unwrap()), (None, "gzip"));
    assert!(
        small.len() * 4 < plain.len(),
        "{} of {}",
        small.len(),
        plain.len()
    );
    assert_eq!(ask("/metrics", "gzip").await.0, None);
}
