//! Connections that break in every way at every request, and what a question is answered then.

use crate::{
    draining::{ALL, Draining, rows, store},
    harness::Database,
    proxy::{Fault, Passed, Proxy, Shape, What},
    server::{Server, body, code},
};
use backend::ingest::drain::DrainState;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// Every request of a drainer, by what is in its statement.
const REQUESTS: [&str; 11] = [
    "CREATE TABLE IF NOT EXISTS migrations",
    "FROM migrations",
    "FROM events",
    "FROM messages",
    "INTO proofs",
    "INTO erasure_requests",
    "INTO tabs",
    "INTO messages",
    "INTO rejected_events",
    "INTO events",
    "", // the first one, whatever it is
];

/// What only a question says.
const QUESTION: &str = "SELECT preview.1 AS counts";

const BREAKS: [What; 9] = [
    What::Reset(Passed::No),
    What::Reset(Passed::Yes),
    What::Hang(Passed::No),
    What::Hang(Passed::Yes),
    What::Cut(0),
    What::Cut(40),
    What::Cut(99),
    What::Gateway("502 Bad Gateway", ""),
    What::Gateway(
        "503 Service Unavailable",
        "<html><title>503 Service Temporarily Unavailable</title>",
    ),
];

#[tokio::test]
async fn whatever_request_breaks_however_it_is_repeated_and_stored_once() {
    let database = Database::open();
    store(&database.url()).migrate().await.unwrap();
    let cases = REQUESTS
        .iter()
        .flat_map(|on| BREAKS.iter().map(move |what| (*on, *what)));
    let broken = cases.enumerate().map(async |(number, (on, what))| {
        let site = format!("broken-{number}");
        let mut draining = Draining::start(&database, &site, Fault::new(on, what)).await;
        let says = draining.says().await;
        assert!(
            matches!(says, DrainState::Retrying(_)),
            "{on} {what:?}: {says:?}"
        );
        assert!(draining.proxy.met() > 0);
        draining.end().await;
        assert_eq!(rows(&database, &site).await, ALL, "{on} {what:?}");
    });
    let broken = stream::iter(broken).buffer_unordered(8).count().await;
    assert_eq!(broken, 99);
}

#[tokio::test]
async fn an_answer_that_only_looks_whole_is_not_believed() {
    let database = Database::open();
    store(&database.url()).migrate().await.unwrap();
    let fault = |on| Fault::new(on, What::Short);
    let mut draining = Draining::start(&database, "short", fault("FROM events")).await;
    let says = draining.says().await;
    assert!(matches!(says, DrainState::Retrying(_)), "{says:?}");
    draining.end().await;
    assert_eq!(rows(&database, "short").await, ALL);
}

#[tokio::test]
async fn a_backend_behind_a_network_that_breaks_answers_in_time_and_loses_nothing() {
    let database = Database::open();
    let proxy = Proxy::open(&database.url()).await;
    let server = Server::behind(&proxy.url);
    let key = server.key("demo");
    server.drained().await;
    let definition = json!({ "kind": "event", "event": "page_view" });
    let question = json!({ "site": "demo", "definition": definition });
    let mut answers = String::new();
    let mut visitor = 0;
    for what in [
        What::Exception(Shape::Whole, 252, "TOO_MANY_PARTS"),
        What::Exception(Shape::Late, 241, "MEMORY_LIMIT_EXCEEDED"),
        What::Exception(Shape::Header, 159, "TIMEOUT_EXCEEDED"),
        What::Exception(Shape::Whole, 117, "INCORRECT_DATA"),
        What::Exception(Shape::Text, 60, "UNKNOWN_TABLE"),
        What::Gateway("504 Gateway Timeout", ""),
        What::Gateway("404 Not Found", "nothing here"),
        What::Reset(Passed::Yes),
        What::Cut(60),
        What::Short,
    ] {
        // Pings pass: that ClickHouse answers doesn't mean that it does what it should.
        for on in [QUESTION, "INSERT"] {
            proxy.set(Some(Fault::new(on, what)));
            visitor += 1;
            let taken = timeout(
                Duration::from_secs(2),
                server.ingest(body("demo", visitor, 2, 0)),
            );
            assert_eq!(taken.await.expect("it waits for ClickHouse").status(), 202);
            if on == QUESTION {
                let (status, code) = code(server.preview(&key, question.clone()).await).await;
                answers += &format!("{what:?}: {status} {code}\n");
            }
        }
    }
    expect_test::expect![[r#"
        Exception(Whole, 252, "TOO_MANY_PARTS"): 503 store_unavailable
        Exception(Late, 241, "MEMORY_LIMIT_EXCEEDED"): 422 too_heavy
        Exception(Header, 159, "TIMEOUT_EXCEEDED"): 422 too_heavy
        Exception(Whole, 117, "INCORRECT_DATA"): 500 store_failed
        Exception(Text, 60, "UNKNOWN_TABLE"): 500 store_failed
        Gateway("504 Gateway Timeout", ""): 503 store_unavailable
        Gateway("404 Not Found", "nothing here"): 500 store_failed
        Reset(Yes): 503 store_unavailable
        Cut(60): 503 store_unavailable
        Short: 503 store_unavailable
    "#]]
    .assert_eq(&answers);
    proxy.set(None);
    server.drained().await;
    let rows = "SELECT count(), uniqExact(event_id) FROM events";
    assert_eq!(database.value(rows).await, format!("{0}\t{0}", visitor * 2));
}
