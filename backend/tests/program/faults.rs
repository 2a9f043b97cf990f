//! Crashes and outages: what was acknowledged is stored, once, when all is back.

use crate::{
    harness::{Database, failure, signal},
    server::{Server, body, code, command, envelope, now_ms},
};
use backend::ingest::spool::{self, Spooled};
use protocol::envelope::append_to_body;
use rustix::process::Signal;
use serde_json::json;
use std::{io::Write as _, net::TcpStream, process::Command, time::Duration};

const ROWS: &str = "SELECT count(), uniqExact(event_id) FROM events";

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

    database.restart();
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
    database.restart();
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
async fn a_full_spool_says_no_and_loses_nothing() {
    let mut database = Database::open();
    let server = Server::with_spool(&database, 9 << 20);
    server.drained().await;
    signal(database.process.id(), Signal::KILL);
    database.process.wait().unwrap();
    let now_ms = now_ms();
    let mut acknowledged = 0;
    let refused = loop {
        let mut body = Vec::new();
        for _ in 0..50 {
            acknowledged += 1;
            append_to_body(
                &mut body,
                &envelope("demo", acknowledged, 400, now_ms, now_ms),
            );
        }
        let answer = server.ingest(body).await;
        if answer.status() != 202 {
            acknowledged -= 50;
            break answer;
        }
    };
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(code(refused).await, (503, "spool_full".into()));
    assert!(acknowledged >= 100, "{acknowledged}");
    let ready = server.get("/readyz").await.text().await.unwrap();
    assert!(ready.contains("events are refused"), "{ready}");

    database.restart();
    server.drained().await;
    let expected = format!("{0}\t{0}", acknowledged * 400);
    assert_eq!(database.value(ROWS).await, expected);
    assert_eq!(server.ingest(body("demo", 1, 1, 0)).await.status(), 202);
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

#[tokio::test]
async fn a_clickhouse_that_hangs_is_noticed_and_stops_nobody() {
    let database = Database::open();
    let server = Server::start(&database);
    server.drained().await;
    signal(database.process.id(), Signal::STOP);
    assert_eq!(server.get("/readyz").await.status(), 503);
    assert_eq!(server.ingest(body("demo", 1, 2, 0)).await.status(), 202);
    signal(database.process.id(), Signal::CONT);
    server.drained().await;
    assert_eq!(database.value(ROWS).await, "2\t2");
}

/// Begins a request whose body never comes.
fn dawdle(server: &Server, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    let head = format!(
        "POST /v1/ingest HTTP/1.1\r\nhost: backend\r\ncontent-length: 100\r\n{headers}\r\nx"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[tokio::test]
async fn those_who_dawdle_keep_nobody_out_and_do_not_hold_up_a_stop() {
    let database = Database::open();
    let mut server = Server::start(&database);
    let strangers: Vec<_> = (0..100).map(|_| dawdle(&server, "")).collect();
    assert_eq!(server.ingest(body("demo", 1, 2, 0)).await.status(), 202);
    let signed = format!(
        "crumb-key: k1\r\ncrumb-time: {}\r\ncrumb-signature: 00\r\n",
        now_ms()
    );
    let slow = dawdle(&server, &signed);
    signal(server.process.id(), Signal::TERM);
    let stopped = tokio::task::spawn_blocking(move || {
        assert!(server.process.wait().unwrap().success());
    });
    tokio::time::timeout(Duration::from_secs(15), stopped)
        .await
        .expect("the stop is held up")
        .unwrap();
    assert_eq!(database.value(ROWS).await, "2\t2");
    drop((strangers, slow));
}

#[tokio::test]
async fn an_envelope_that_this_build_cannot_read_is_kept_whole() {
    let database = Database::open();
    let mut server = Server::start(&database);
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let (spool, reader) = spool::open(&server.data.path().join("spool.sqlite"), 1 << 20)
        .await
        .unwrap();
    let foreign = Spooled {
        bytes: spool::body(&[b"CE\x63 of another build"]),
        events: 1,
    };
    spool.append(foreign).await.unwrap();
    drop((spool, reader));
    server.crash();
    server.drained().await;
    let aside = "SELECT reason, bytes FROM rejected_events";
    assert_eq!(
        database.value(aside).await,
        "unknown_version\tCEc of another build"
    );
}
