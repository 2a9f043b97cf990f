//! What goes in: typed rows, raw bytes of any format, and what a broken insert leaves behind.

use std::time::Duration;

use bytes::Bytes;
use clickhouse::Row;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::harness::{Database, SECRET, text};

#[derive(Row, Serialize, Deserialize, PartialEq, Debug, Clone)]
struct Event {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    visitor: u64,
    name: String,
    tags: Vec<String>,
}

const EVENTS: &str = "CREATE TABLE events (id UUID, visitor UInt64, name String, tags Array(String), props JSON DEFAULT '{}',
    PROJECTION by_id (SELECT id ORDER BY toUInt128(id))) ENGINE = ReplacingMergeTree ORDER BY visitor
    SETTINGS deduplicate_merge_projection_mode = 'rebuild'";

#[tokio::test]
async fn typed_rows_come_back_as_they_went() {
    let database = Database::open();
    let client = database.client();
    client.query(EVENTS).execute().await.unwrap();
    let rows: Vec<Event> = (0..50_000)
        .map(|at| Event {
            id: Uuid::from_u128(at * 7919),
            visitor: at as u64,
            name: format!("n\0'{at}"),
            tags: vec!["a".into(), "\n".into()],
        })
        .collect();
    let mut insert = client.insert::<Event>("events").await.unwrap();
    for row in &rows {
        insert.write(row).await.unwrap();
    }
    insert.end().await.unwrap();
    let back = client
        .query("SELECT ?fields FROM events WHERE visitor < {most:UInt64} ORDER BY visitor")
        .param("most", 40_000);
    assert_eq!(back.fetch_all::<Event>().await.unwrap(), rows[..40_000]);
    let one = client
        .query("SELECT ?fields FROM events WHERE toUInt128(id) = {id:UInt128}")
        .param("id", "55433");
    assert_eq!(one.fetch_all::<Event>().await.unwrap(), rows[7..8]);
}

#[tokio::test]
async fn raw_bytes_of_a_format_go_in() {
    let database = Database::open();
    let client = database.client();
    client.query(EVENTS).execute().await.unwrap();
    let mut insert = client
        .insert_formatted_with("INSERT INTO events (visitor, name, props) FORMAT JSONEachRow");
    insert
        .send(Bytes::from_static(
            b"{\"visitor\": 1, \"name\": \"a\", \"pro",
        ))
        .await
        .unwrap();
    insert
        .send(Bytes::from_static(
            b"ps\": {\"price\": 5, \"deep\": {\"x\": [1, 2]}}}\n",
        ))
        .await
        .unwrap();
    insert.end().await.unwrap();
    let row = text(
        &client,
        "SELECT visitor, props, props.deep.x FROM events",
        "JSONEachRow",
    )
    .await
    .unwrap();
    assert_eq!(
        row,
        "{\"visitor\":1,\"props\":{\"deep\":{\"x\":[1,2]},\"price\":5},\"props.deep.x\":[1,2]}\n"
    );
    // Native out, Native in, with the settings of its request.
    let native = client
        .query("SELECT * FROM events")
        .fetch_bytes("Native")
        .unwrap()
        .collect()
        .await
        .unwrap();
    let mut insert = client
        .insert_formatted_with("INSERT INTO events FORMAT Native")
        .with_setting("async_insert", "0");
    insert.send(native).await.unwrap();
    insert.end().await.unwrap();
    assert_eq!(
        database
            .value("SELECT count(), uniqExact(toString(props)) FROM events")
            .await,
        "2\t1"
    );
    // Every format that can be read, cut anywhere.
    for format in [
        "Parquet",
        "ArrowStream",
        "RowBinaryWithNamesAndTypes",
        "JSONCompactEachRow",
        "TSVWithNames",
    ] {
        let sql = "SELECT id, number AS visitor, 'n' AS name FROM (SELECT generateUUIDv4() AS id, number FROM numbers(20000))";
        let rows = client
            .query(sql)
            .fetch_bytes(format)
            .unwrap()
            .collect()
            .await
            .unwrap();
        client
            .query("CREATE OR REPLACE TABLE copy AS events")
            .execute()
            .await
            .unwrap();
        let mut insert = client.insert_formatted_with(format!(
            "INSERT INTO copy (id, visitor, name) FORMAT {format}"
        ));
        for piece in rows.chunks(7_001) {
            insert.send(Bytes::copy_from_slice(piece)).await.unwrap();
        }
        insert.end().await.unwrap();
        assert_eq!(
            database
                .value("SELECT count(), uniqExact(id), sum(visitor) FROM copy")
                .await,
            "20000\t20000\t199990000",
            "{format}"
        );
    }
    // All in the body, and the head in the URL with the rest in the body.
    assert_eq!(
        database
            .post(&[], "INSERT INTO events (visitor) FORMAT CSV\n5\n6\n")
            .await
            .0,
        200
    );
    assert_eq!(
        database
            .post(
                &[("query", "INSERT INTO events (visitor) VALUES")],
                "(7), (8)"
            )
            .await
            .0,
        200
    );
    assert_eq!(
        database
            .post(&[("query", "INSERT INTO events (visitor)")], "SELECT 9")
            .await
            .0,
        200
    );
    assert_eq!(
        database.value("SELECT sum(visitor) FROM events").await,
        "37"
    );
}

#[tokio::test]
async fn rows_that_do_not_fit_store_nothing_and_say_why() {
    let database = Database::open();
    let client = database.client();
    client
        .query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        .execute()
        .await
        .unwrap();
    let mut body = "1\n".repeat(500_000);
    body.push_str("nonsense\n");
    body.push_str(&"2\n".repeat(500_000));
    let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT CSV");
    for piece in body.as_bytes().chunks(100_000) {
        // A failed insert may refuse the rest; its end says why.
        let _refused = insert.send(Bytes::copy_from_slice(piece)).await;
    }
    let error = insert.end().await.unwrap_err().to_string();
    assert!(
        error.contains("(at row 500001)") && error.contains("DB::Exception"),
        "{error}"
    );
    let error = client
        .insert_formatted_with("INSERT INTO nothing FORMAT CSV")
        .send(Bytes::from_static(b"1\n"))
        .await;
    drop(error);
    assert_eq!(
        database
            .post(&[("query", "INSERT INTO nothing FORMAT CSV")], "1\n")
            .await
            .0,
        404
    );
    assert_eq!(database.value("SELECT count() FROM t").await, "0");
}

#[tokio::test]
async fn a_client_that_goes_midway_leaves_nothing() {
    let database = Database::open();
    let client = database.client();
    client
        .query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        .execute()
        .await
        .unwrap();
    let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT CSV");
    for _ in 0..20 {
        insert
            .send(Bytes::from("1\n".repeat(10_000)))
            .await
            .unwrap();
    }
    drop(insert);
    // A body of known length, cut: the connection closes before its end.
    let cut = async_stream(vec![
        Ok(Bytes::from("1\n".repeat(10_000))),
        Err(std::io::Error::other("cut")),
    ]);
    let request = reqwest::Client::new()
        .post(database.url())
        .query(&[("query", "INSERT INTO t FORMAT CSV")]);
    let request = request
        .header("X-ClickHouse-Key", SECRET)
        .body(reqwest::Body::wrap_stream(cut));
    assert!(request.send().await.is_err());
    database
        .falls_idle_within(Duration::from_millis(1_500))
        .await;
    assert_eq!(database.value("SELECT count() FROM t").await, "0");
}

fn async_stream(
    items: Vec<Result<Bytes, std::io::Error>>,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    futures_util::stream::iter(items)
}

#[tokio::test]
async fn an_insert_token_stores_once() {
    let database = Database::open();
    let client = database.client();
    let table = "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100";
    client.query(table).execute().await.unwrap();
    for (token, rows) in [("one", "1"), ("one", "1"), ("two", "2"), ("two", "1")] {
        let insert = client.insert_formatted_with("INSERT INTO t FORMAT CSV");
        let insert = insert
            .with_setting("insert_deduplication_token", token)
            .with_setting("async_insert", "0");
        let mut insert = insert;
        insert.send(Bytes::from_static(b"7\n8\n")).await.unwrap();
        insert.end().await.unwrap();
        assert_eq!(
            database.value("SELECT count() / 2 FROM t").await,
            if token == "one" { "1" } else { "2" },
            "{rows}"
        );
    }
}

#[tokio::test]
async fn a_large_insert_takes_bounded_memory() {
    let database = Database::open();
    let client = database.client();
    client
        .query("CREATE TABLE t (a UInt64, b String CODEC(LZ4)) ENGINE = MergeTree ORDER BY a")
        .execute()
        .await
        .unwrap();
    let piece = Bytes::from(
        (0..10_000)
            .map(|at| format!("{at},{}\n", "v".repeat(100)))
            .collect::<String>(),
    );
    let mut insert = client
        .insert_formatted_with("INSERT INTO t FORMAT CSV")
        .with_setting("max_insert_block_size", "100000");
    let insert_settings = [
        ("min_insert_block_size_rows", "100000"),
        ("min_insert_block_size_bytes", "0"),
    ];
    for (name, value) in insert_settings {
        insert = insert.with_setting(name, value);
    }
    let (mut sent, mut most, before) = (0, 0, database.resident());
    while sent < 1 << 30 {
        insert.send(piece.clone()).await.unwrap();
        sent += piece.len();
        most = most.max(database.resident());
    }
    insert.end().await.unwrap();
    assert_eq!(
        database.value("SELECT count() FROM t").await,
        (sent / piece.len() * 10_000).to_string()
    );
    assert!(
        most - before < 400,
        "an insert of 1 GiB took {} MiB",
        most - before
    );
}

/// The exactly-once of the ingest rests on this: what one insert brings is seen whole or not at
/// all, however its bytes were cut on the way.
#[tokio::test]
async fn an_insert_of_a_full_chunk_is_one_part() {
    let database = Database::open();
    database
        .value("CREATE TABLE whole (n UInt64, t String) ENGINE = MergeTree ORDER BY n")
        .await;
    database.value("SYSTEM STOP MERGES whole").await;
    #[derive(clickhouse::Row, serde::Serialize)]
    struct Numbered {
        n: u64,
        t: String,
    }
    let mut insert = database.client().insert::<Numbered>("whole").await.unwrap();
    for n in 0..100_000 {
        // As long as an event's row.
        let t = "x".repeat(400);
        insert.write(&Numbered { n, t }).await.unwrap();
    }
    insert.end().await.unwrap();
    let parts = "SELECT count(), sum(rows) FROM system.parts WHERE table = 'whole' AND active";
    assert_eq!(database.value(parts).await, "1\t100000");
}
