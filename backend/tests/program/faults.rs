//! Crashes and outages: what was acknowledged is stored, once, when all is back.

use crate::{
    harness::{self, Database, failure, signal},
    server::{Server, body, code, command},
};
use rustix::process::Signal;
use serde_json::json;
use std::process::{Command, Stdio};

const ROWS: &str = "SELECT count(), uniqExact(event_id) FROM events";

/// Starts ClickHouse again where it was.
fn restart(database: &mut Database) {
    let listen = database.listening.listen.to_string();
    let mut command: Command = harness::command(database.directory.path());
    command.args(["--listen", &listen, "--die-with-stdin"]);
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = process.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    database.process = process;
}

#[tokio::test]
async fn without_clickhouse_events_are_taken_and_questions_wait() {
    let mut database = Database::open();
    let server = Server::start(&database);
    let key = server.key("demo");
    assert_eq!(server.ingest(body("demo", 1, 2, 0)).await.status(), 202);
    server.drained().await;

    signal(database.process.id(), Signal::KILL);
    database.process.wait().unwrap();
    for visitor in 2..12 {
        assert_eq!(
            server.ingest(body("demo", visitor, 2, 0)).await.status(),
            202
        );
    }
    let definition = json!({ "kind": "event", "event": "page_view" });
    let question = json!({ "site": "demo", "definition": definition });
    let response = server.preview(&key, question.clone()).await;
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(code(response).await, (503, "store_unavailable".into()));
    assert_eq!(server.get("/readyz").await.status(), 503);

    restart(&mut database);
    server.drained().await;
    assert_eq!(database.value(ROWS).await, "22\t22");
    let answer: serde_json::Value = server.preview(&key, question).await.json().await.unwrap();
    assert_eq!(answer["count"], 11);
    assert_eq!(server.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_backend_that_starts_before_clickhouse_takes_events() {
    let mut database = Database::open();
    signal(database.process.id(), Signal::KILL);
    database.process.wait().unwrap();
    let server = Server::start(&database);
    assert_eq!(server.ingest(body("demo", 1, 2, 0)).await.status(), 202);
    restart(&mut database);
    server.drained().await;
    assert_eq!(database.value(ROWS).await, "2\t2");
}

#[tokio::test]
async fn what_was_acknowledged_outlives_crashes() {
    let database = Database::open();
    let mut server = Server::start(&database);
    let mut acknowledged = 0;
    for round in 0..5 {
        for visitor in 0..20 {
            let response = server
                .ingest(body("demo", round * 100 + visitor, 3, 0))
                .await;
            assert_eq!(response.status(), 202);
            acknowledged += 3;
        }
        server.crash();
    }
    server.drained().await;
    let expected = format!("{acknowledged}\t{acknowledged}");
    assert_eq!(database.value(ROWS).await, expected);
}

#[tokio::test]
async fn a_stop_drains_what_was_taken() {
    let database = Database::open();
    let mut server = Server::start(&database);
    assert_eq!(server.ingest(body("demo", 1, 4, 0)).await.status(), 202);
    signal(server.process.id(), Signal::TERM);
    assert!(server.process.wait().unwrap().success());
    assert_eq!(database.value(ROWS).await, "4\t4");
}

#[tokio::test]
async fn taken_ports_and_folders_are_named() {
    let database = Database::open();
    let server = Server::start(&database);
    let said = failure(&mut command(server.data.path(), &database.url()));
    assert!(said.contains("--data") && said.contains("in use"), "{said}");

    let other = tempfile::tempdir().unwrap();
    let address = server.url.strip_prefix("http://").unwrap();
    let mut taken = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
    taken
        .args(["serve", "--listen", address, "--data"])
        .arg(other.path())
        .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", "ab".repeat(32)));
    let said = failure(&mut taken);
    assert!(
        said.contains("--listen") && said.contains(address),
        "{said}"
    );
}
