//! What comes in: refused with a stable code and nothing stored, or stored once.

use crate::{
    harness::Database,
    server::{KEY, Server, body, code, envelope, now_ms},
};
use protocol::{envelope::append_to_body, limit::BODY_BYTES};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn what_is_taken_is_stored_once_however_often_it_is_sent() {
    let database = Database::open();
    let server = Server::start(&database);
    let first = body("demo", 1, 3, 1000);
    for _ in 0..3 {
        assert_eq!(server.ingest(first.clone()).await.status(), 202);
    }
    server.drained().await;
    assert_eq!(
        server.ingest(first).await.status(),
        202,
        "a late copy is no error"
    );
    let answer = server.ingest(body("demo", 2, 5, 1000)).await;
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"accepted":5,"rejected":{}}"#
    );
    server.drained().await;
    let rows =
        "SELECT visitor_id, count(), uniqExact(event_id) FROM events GROUP BY ALL ORDER BY ALL";
    assert_eq!(database.value(rows).await, "1\t3\t3\n2\t5\t5");
    let metrics = server.get("/metrics").await.text().await.unwrap();
    assert!(
        metrics.contains("crumbtrail_events_stored_total 8\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("crumbtrail_events_duplicate_total 9\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_is_refused_has_a_code_is_counted_and_leaves_nothing() {
    let database = Database::open();
    let server = Server::start(&database);
    let good = body("demo", 1, 1, 0);
    let unsigned = server
        .http
        .post(format!("{}/v1/ingest", server.url))
        .body(good.clone());
    assert_eq!(
        code(unsigned.send().await.unwrap()).await,
        (401, "unsigned".into())
    );
    let forged = server.signed(now_ms(), &[1; 32], good.clone());
    assert_eq!(
        code(forged.send().await.unwrap()).await,
        (401, "unsigned".into())
    );
    let stale = server.signed(now_ms() - 10 * 60 * 1000, &KEY, good);
    assert_eq!(
        code(stale.send().await.unwrap()).await,
        (401, "stale_signature".into())
    );

    let mut garbage = Vec::new();
    append_to_body(&mut garbage, &envelope("demo", 1, 1, now_ms(), now_ms()));
    append_to_body(&mut garbage, b"garbage");
    let mut cut = body("demo", 1, 1, 0);
    cut.pop();
    for (bad, status, expected) in [
        (garbage, 400, "bad_magic"),
        (cut, 400, "bad_structure"),
        (Vec::new(), 400, "empty"),
        (body("nowhere", 1, 1, 0), 400, "unknown_site"),
        (vec![0; BODY_BYTES + 1], 413, "too_large"),
    ] {
        assert_eq!(
            code(server.ingest(bad).await).await,
            (status, expected.into())
        );
    }
    server.drained().await;
    assert_eq!(database.value("SELECT count() FROM events").await, "0");
    let metrics = server.get("/metrics").await.text().await.unwrap();
    for code in ["unsigned", "stale_signature", "bad_magic", "too_large"] {
        let line = format!("crumbtrail_ingest_requests_total{{code=\"{code}\"}}");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn what_is_too_old_is_set_aside_with_its_reason() {
    let database = Database::open();
    let server = Server::start(&database);
    for age in [0, 29 * DAY_MS, 31 * DAY_MS] {
        let response = server.ingest(body("demo", age + 1, 2, age)).await;
        assert_eq!(response.status(), 202);
    }
    server.drained().await;
    assert_eq!(database.value("SELECT count() FROM events").await, "4");
    let aside =
        "SELECT site, reason, count(), min(length(bytes)) > 0 FROM rejected_events GROUP BY ALL";
    assert_eq!(database.value(aside).await, "demo\ttoo_old\t2\t1");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let database = Database::open();
    let server = Server::start(&database);
    assert_eq!(
        code(server.get("/v1/nothing").await).await,
        (404, "not_found".into())
    );
    assert_eq!(
        code(server.get("/v1/ingest").await).await,
        (405, "method_not_allowed".into())
    );
    assert_eq!(server.get("/healthz").await.status(), 200);
}
