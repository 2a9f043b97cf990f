//! What bounds a statement: its settings, its client's presence, the number that run at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tokio::time::Instant;

use crate::harness::{Database, text};

const ENDLESS: &str = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)";

#[tokio::test]
async fn settings_bind_their_own_query_alone() {
    let database = Database::open();
    let client = database.client();
    let plain = database.value("SELECT getSetting('max_block_size')").await;
    for _ in 0..5 {
        let query = client
            .query("SELECT toUInt64(getSetting('max_block_size'))")
            .with_setting("max_block_size", "777");
        assert_eq!(query.fetch_one::<u64>().await.unwrap(), 777);
        assert_eq!(
            database.value("SELECT getSetting('max_block_size')").await,
            plain
        );
    }
    database.post(&[], "SET max_block_size = 5").await;
    database
        .post(&[], "CREATE TEMPORARY TABLE scratch (a UInt8)")
        .await;
    database.post(&[], "USE system").await;
    let left = "SELECT getSetting('max_block_size'), currentDatabase(), (SELECT count() FROM system.tables WHERE is_temporary)";
    assert_eq!(database.value(left).await, format!("{plain}\tdefault\t0"));
    let odd = client
        .query("SELECT getSetting('log_comment')")
        .with_setting("log_comment", "it's \\ mine");
    let comment: String = odd.fetch_one().await.unwrap();
    assert!(comment.starts_with("it's \\ mine"), "{comment}");
    assert_eq!(
        database
            .post(&[("database", "system")], "SELECT currentDatabase()")
            .await
            .1,
        "system\n"
    );
    assert_eq!(
        database.post(&[("database", "no`pe")], "SELECT 1").await.0,
        404
    );
}

#[tokio::test]
async fn readonly_forbids_writing() {
    let database = Database::open();
    let client = database.client();
    client
        .query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        .execute()
        .await
        .unwrap();
    for statement in [
        "INSERT INTO t VALUES (1)",
        "DROP TABLE t",
        "SELECT 1 SETTINGS max_threads = 7",
        "SET readonly = 0",
    ] {
        let refused = client
            .query(statement)
            .with_setting("max_threads", "1")
            .with_setting("readonly", "1")
            .execute()
            .await;
        assert!(
            refused.unwrap_err().to_string().contains("Code: 164"),
            "{statement}"
        );
    }
    let url = [("query", "INSERT INTO t FORMAT CSV"), ("readonly", "1")];
    assert!(database.post(&url, "1\n").await.1.starts_with("Code: 164."));
    let get = reqwest::Client::new()
        .get(database.url())
        .query(&[("query", "DROP TABLE t"), ("readonly", "0")]);
    let got = get
        .header("X-ClickHouse-Key", crate::harness::SECRET)
        .send()
        .await
        .unwrap();
    assert!(got.text().await.unwrap().starts_with("Code: 164."));
    assert_eq!(database.value("SELECT count() FROM t").await, "0");
}

#[tokio::test]
async fn time_and_memory_are_bounded() {
    let database = Database::open();
    let client = database.client();
    let began = Instant::now();
    let late = client
        .query(ENDLESS)
        .with_setting("max_execution_time", "1")
        .execute()
        .await
        .unwrap_err();
    assert!(late.to_string().contains("Code: 159"), "{late}");
    assert!(began.elapsed() < Duration::from_secs(3));
    let large = client.query("SELECT groupArray(number) FROM numbers(100000000)");
    let large = large
        .with_setting("max_memory_usage", "10000000")
        .execute()
        .await
        .unwrap_err();
    assert!(large.to_string().contains("Code: 241"), "{large}");
    let rows = client
        .query("SELECT number FROM numbers(1000000)")
        .with_setting("max_result_rows", "10");
    assert!(
        rows.execute()
            .await
            .unwrap_err()
            .to_string()
            .contains("Code: 396")
    );
}

#[tokio::test]
async fn a_statement_ends_with_its_client() {
    let database = Database::open();
    let streamed = "SELECT number, repeat('x', 100) FROM numbers(100000000000)";
    for sql in [
        ENDLESS,
        "EXPLAIN ANALYZE SELECT 1",
        "INSERT INTO FUNCTION null('n UInt64') SELECT number FROM numbers(1000000000000)",
    ] {
        let client = database.client();
        let running = tokio::spawn(async move { text(&client, sql, "TabSeparated").await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        running.abort();
        database
            .falls_idle_within(Duration::from_millis(1_500))
            .await;
    }
    let mut cursor = database
        .client()
        .query(streamed)
        .fetch_bytes("CSV")
        .unwrap();
    for _ in 0..3 {
        cursor.next().await.unwrap().unwrap();
    }
    drop(cursor);
    database
        .falls_idle_within(Duration::from_millis(1_500))
        .await;
    let used = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split(' ')
            .skip(12)
            .take(2)
            .map(|field| field.parse().unwrap())
            .collect();
        fields[0] + fields[1]
    };
    let before = used(database.process.id());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ticks = used(database.process.id()) - before;
    assert!(
        ticks < 15,
        "{ticks} of 50 ticks of a core while nothing runs"
    );
}

#[tokio::test]
async fn one_too_many_is_refused_and_room_comes_back() {
    let database = Database::with(&["--max-queries", "2"]);
    let sleeping: Vec<_> = (0..2)
        .map(|_| {
            let client = database.client();
            tokio::spawn(async move { client.query("SELECT sleep(2.5)").execute().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    let refused = database
        .client()
        .query("SELECT 1")
        .execute()
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 2. (TOO_MANY_SIMULTANEOUS_QUERIES)"), "{refused}");
    assert!(began.elapsed() < Duration::from_secs(2));
    for sleeper in sleeping {
        sleeper.await.unwrap().unwrap();
    }
    let many = (0..40).map(|_| {
        let client = database.client();
        tokio::spawn(async move { client.query("SELECT 1").execute().await })
    });
    for one in many.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let database = Database::open();
    let (status, words) = database.post(&[], "x".repeat(17 << 20)).await;
    assert!(
        status == 413 && words.contains("put the statement in the URL's query"),
        "{status} {words}"
    );
    let url: Vec<(String, String)> = (0..1_001)
        .map(|at| (format!("param_p{at}"), "1".to_owned()))
        .collect();
    let url: Vec<(&str, &str)> = url
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(database.post(&url, "SELECT 1").await.0, 400);
    assert_eq!(
        database
            .post(
                &[("param_x", &"x".repeat(60_000))],
                "SELECT length({x:String})"
            )
            .await
            .1,
        "60000\n"
    );
    // More than a URL may have; reqwest would not send it.
    let mut raw = TcpStream::connect(database.listening.listen).unwrap();
    let _cut = write!(raw, "GET /?param_x={} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    let mut words = String::new();
    let _cut = raw.read_to_string(&mut words);
    assert!(words.starts_with("HTTP/1.1 414"), "{words}");
    assert_eq!(database.value("SELECT 1").await, "1");
}
