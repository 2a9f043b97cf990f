//! What comes out: values, parameters, formats, exceptions before and after the first byte.

use clickhouse::Row;
use expect_test::{Expect, expect};
use serde::Deserialize;

use crate::harness::{Database, SECRET, text};

async fn refused(database: &Database, sql: &str, expect: Expect) {
    let error = text(&database.client(), sql, "TabSeparated")
        .await
        .unwrap_err()
        .to_string();
    expect.assert_eq(&error);
}

#[tokio::test]
async fn parameters_arrive_as_they_were_given() {
    let database = Database::open();
    for value in [
        "",
        "plain",
        "a'b\"c`d",
        "tab\there",
        "line\nend",
        r"back\slash \n \t",
        "\u{5d0}\u{1f600}",
        "{x:UInt8}",
        "--boundary",
    ] {
        let query = database
            .client()
            .query("SELECT {value:String}, length({value:String})")
            .param("value", value);
        let (back, length): (String, u64) = query.fetch_one().await.unwrap();
        assert_eq!((back.as_str(), length), (value, value.len() as u64));
    }
    let ids: Vec<u64> = (0..100_000).collect();
    let query = database
        .client()
        .query("SELECT sum(arrayJoin({ids:Array(UInt64)})), {none:Nullable(UInt8)} IS NULL");
    let query = query.param("ids", &ids).param("none", None::<u8>);
    let (sum, none): (u64, bool) = query.fetch_one().await.unwrap();
    assert_eq!((sum, none), (4_999_950_000, true));
    let missing = database
        .client()
        .query("SELECT {absent:UInt8}")
        .execute()
        .await
        .unwrap_err();
    assert!(missing.to_string().contains("Code: 456"), "{missing}");
    let url = [
        ("query", "SELECT {x:UInt64} + {y:UInt64}"),
        ("param_x", "40"),
        ("param_y", "2"),
    ];
    assert_eq!(database.post(&url, "").await, (200, "42\n".to_owned()));
}

#[derive(Row, Deserialize)]
struct Number {
    number: u64,
}

#[tokio::test]
async fn a_million_rows_stream_in_every_joined_format() {
    let database = Database::open();
    let mut cursor = database
        .client()
        .query("SELECT number FROM numbers(1000000)")
        .fetch::<Number>()
        .unwrap();
    let (mut rows, mut sum) = (0_u64, 0_u64);
    while let Some(row) = cursor.next().await.unwrap() {
        rows += 1;
        sum += row.number;
    }
    assert_eq!((rows, sum), (1_000_000, 499_999_500_000));
    let before = database.resident();
    // The digest of the answer as one whole document of the engine's own.
    for (format, lines) in [
        ("CSVWithNames", 1_000_001),
        ("TSVWithNamesAndTypes", 1_000_002),
        ("JSONEachRow", 1_000_000),
    ] {
        let sql = "SELECT number AS n, repeat('x', 100) AS pad FROM numbers(1000000)";
        assert_eq!(
            text(&database.client(), sql, format)
                .await
                .unwrap()
                .lines()
                .count(),
            lines,
            "{format}"
        );
    }
    let grown = database.resident().saturating_sub(before);
    assert!(grown < 150, "streaming took {grown} MiB");
}

#[tokio::test]
async fn streamed_and_whole_answers_are_the_same_bytes() {
    let database = Database::open();
    let client = database.client();
    let formats = [
        "RowBinary",
        "RowBinaryWithNames",
        "RowBinaryWithNamesAndTypes",
        "TabSeparated",
        "TSVRaw",
        "TSVWithNames",
        "TabSeparatedWithNamesAndTypes",
        "CSV",
        "CSVWithNames",
        "CSVWithNamesAndTypes",
        "JSONEachRow",
        "JSONCompactEachRow",
        "JSONCompactEachRowWithNames",
        "JSONCompactEachRowWithNamesAndTypes",
        "TSKV",
        "MsgPack",
        "JSONStringsEachRow",
        "Native",
        "JSON",
        "Parquet",
        "Values",
        "PrettyCompact",
    ];
    for format in formats {
        for rows in ["0", "1", "200000"] {
            let select = format!(
                "SELECT number AS `a\nb`, toString(number) AS \"c\"\"d\" FROM numbers({rows})"
            );
            // EXPLAIN-like statements run whole; so does a SELECT with the word extremes in it.
            let whole = format!("{select} SETTINGS extremes = 0");
            let get = |sql: String| {
                let mut cursor = client.query(&sql).fetch_bytes(format).unwrap();
                async move { cursor.collect().await.unwrap() }
            };
            let (streamed, whole) = (get(select).await, get(whole).await);
            if format == "JSON" || format == "Native" {
                // Statistics differ in time, blocks in their cuts.
                assert_eq!(streamed.is_empty(), whole.is_empty(), "{format} {rows}");
            } else {
                assert!(
                    streamed == whole,
                    "{format} {rows}: {} and {} bytes",
                    streamed.len(),
                    whole.len()
                );
            }
        }
    }
}

#[tokio::test]
async fn totals_and_described_columns_come() {
    let database = Database::open();
    let totals = database
        .value("SELECT number % 2 AS n, count() FROM numbers(4) GROUP BY n WITH TOTALS ORDER BY n")
        .await;
    assert_eq!(totals, "0\t2\n1\t2\n\n0\t4");
    assert_eq!(
        database
            .value("DESCRIBE TABLE (SELECT 1 AS x)")
            .await
            .trim_end(),
        "x\tUInt8"
    );
    assert_eq!(
        database.value("SHOW DATABASES LIKE 'def%'").await,
        "default"
    );
    assert_eq!(database.value("EXISTS TABLE nothing").await, "0");
    assert_eq!(database.value("WITH 1 AS x SELECT x -- the end").await, "1");
}

#[tokio::test]
async fn exceptions_are_the_engines_own() {
    let database = Database::open();
    refused(&database, "SELECT * FROM nothing", expect!["bad response: Code: 60. DB::Exception: Unknown table expression identifier 'nothing' in scope SELECT * FROM nothing. (UNKNOWN_TABLE)"]).await;
    refused(&database, "DROP TABLE nothing", expect!["bad response: Code: 60. DB::Exception: Table default.nothing does not exist. (UNKNOWN_TABLE)"]).await;
    refused(&database, "SELECT 1; DROP TABLE nothing", expect!["bad response: Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)"]).await;
    let (status, words) = database.post(&[], "SELECT intDiv(1, 0)").await;
    assert_eq!(status, 500);
    assert!(
        words.starts_with("Code: 153. DB::Exception: ") && words.ends_with("(ILLEGAL_DIVISION)\n"),
        "{words}"
    );
    assert_eq!(
        database.post(&[("max_thread", "1")], "SELECT 1").await.0,
        404
    );
    assert_eq!(database.post(&[("compress", "1")], "SELECT 1").await.0, 501);
    let (status, words) = database.post(&[], "1 + 1").await;
    assert!(status == 400 && words.starts_with("Code: 62."), "{words}");
    let nested = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let (status, words) = database.post(&[], nested).await;
    assert!(status != 200, "{words}");
    assert_eq!(database.value("SELECT 'still there'").await, "still there");
}

const FAILS_MIDWAY: &str = "SELECT number, throwIf(number = 900000) AS t FROM numbers(1000000) SETTINGS max_threads = 1, max_block_size = 10000";

#[tokio::test]
async fn an_answer_that_fails_midway_is_never_a_short_one() {
    #[derive(Row, Deserialize)]
    struct Pair {
        number: u64,
        #[expect(dead_code, reason = "the statement needs the column")]
        t: u8,
    }
    let database = Database::open();
    let mut cursor = database
        .client()
        .query(FAILS_MIDWAY)
        .fetch::<Pair>()
        .unwrap();
    let mut last = 0;
    let error = loop {
        match cursor.next().await {
            Ok(Some(row)) => last = row.number,
            Ok(None) => panic!("a clean end after {last}"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(last > 100_000, "{last}");
    assert!(
        error.contains("Code: 395") && error.contains("FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        "{error}"
    );

    let request = reqwest::Client::new()
        .post(database.url())
        .body(FAILS_MIDWAY);
    let response = request
        .header("X-ClickHouse-Key", SECRET)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err(), "the connection was not cut");
    // Held back to the end, the same is a plain refusal.
    let (status, words) = database
        .post(&[("wait_end_of_query", "1")], FAILS_MIDWAY)
        .await;
    assert!(
        status == 500 && words.starts_with("Code: 395."),
        "{status} {words}"
    );
}

#[tokio::test]
async fn only_the_secret_admits() {
    let database = Database::open();
    let get = |path: &str, key: Option<&str>| {
        let request = reqwest::Client::new().get(format!("{}{path}", database.url()));
        let request = match key {
            Some(key) => request.header("X-ClickHouse-Key", key),
            None => request,
        };
        async move {
            let response = request.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        }
    };
    assert_eq!(get("/ping", None).await, (200, "Ok.\n".to_owned()));
    for key in [None, Some(""), Some("of the test"), Some("of the testsx")] {
        let (status, words) = get("/?query=SELECT%201", key).await;
        assert_eq!(status, 403);
        assert!(
            words.starts_with("Code: 516. DB::Exception: default: Authentication failed"),
            "{words}"
        );
    }
    assert_eq!(
        get("/?query=SELECT%201", Some(SECRET)).await,
        (200, "1\n".to_owned())
    );
    assert_eq!(get("/", Some(SECRET)).await, (200, "Ok.\n".to_owned()));
    assert_eq!(get("/nothing", Some(SECRET)).await.0, 404);
}

#[tokio::test]
async fn the_secret_may_come_from_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "from the file\n").unwrap();
    let database = Database::with(&["--password-file", file.path().to_str().unwrap()]);
    assert!(text(&database.client(), "SELECT 1", "TSV").await.is_err());
    let client = crate::harness::client(&database.url(), "from the file");
    assert_eq!(text(&client, "SELECT 1", "TSV").await.unwrap(), "1\n");
}
