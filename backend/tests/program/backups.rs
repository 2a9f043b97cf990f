//! `crumbtrail backup` and `crumbtrail restore`.

use crate::{
    harness::{Database, SECRET},
    server::{Server, body, command, now_ms, run},
};
use reqwest::Method;
use serde_json::json;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Runs the program with the database and a key; gives what it said.
fn crumbtrail(arguments: &[&str], file: &Path, clickhouse: &str, key: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crumbtrail"))
        .args(arguments)
        .arg(file)
        .env("RUST_LOG", "warn")
        .env("CRUMBTRAIL_CLICKHOUSE_URL", clickhouse)
        .env("CRUMBTRAIL_CLICKHOUSE_PASSWORD", SECRET)
        .env("CRUMBTRAIL_KEY", key)
        .output()
        .unwrap()
}

fn restore(file: &Path, data: &Path, database: &Database) -> Result<String, String> {
    let data = data.to_str().unwrap();
    let output = crumbtrail(&["restore", "--data", data], file, &database.url(), "");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Every row of every table, as text.
async fn rows(database: &Database) -> Vec<String> {
    let mut rows = Vec::new();
    for (table, columns) in [
        ("events", "*"),
        ("rejected_events", "* EXCEPT bytes, hex(bytes)"),
        ("tabs", "*"),
        ("proofs", "*"),
        ("messages", "*"),
        ("erasure_requests", "*"),
    ] {
        let all = format!("SELECT {columns} FROM {table} ORDER BY ALL");
        rows.push(database.value(&all).await);
    }
    rows
}

#[tokio::test]
async fn what_was_stored_and_what_waited_comes_back() {
    let database = Database::open();
    let server = Server::start(&database);
    let [read, write] = ["read", "write"].map(|scope| server.key_of("demo", scope));
    let admin = ["key", "create", "--all-sites", "--scope", "admin"];
    let admin = run(server.data.path(), &admin);
    let event = json!({
        "id": "order-7", "type": "purchase", "ts": now_ms(), "anonymous_id": "abc",
        "title": "תודה", "value_cents": 12_990, "currency": "ILS", "order_id": "7", "contact": "1042",
        "items": [{ "id": "p1", "price_cents": 12_990 }, { "id": "p2" }],
        "props": { "gift": true, "wrap": "blue", "points": 12.5 },
    });
    let events = Some(json!([event]));
    let path = "/v1/sites/demo/events";
    server.ask(Method::POST, path, &write, events).await;
    for age_days in [0, 9, 40] {
        let body = body("demo", age_days + 1, 3, age_days * 24 * 60 * 60 * 1000);
        assert_eq!(server.ingest(body).await.status(), 202);
    }
    server.drained().await;
    let stored = rows(&database).await;

    // What is acknowledged from here on stays in the spool: a part more is too many.
    let full =
        "ALTER TABLE tabs MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 1";
    database.client().query(full).execute().await.unwrap();
    server.ingest(body("demo", 50, 5, 0)).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.tar");
    let backup = |key: &str| crumbtrail(&["backup", "--backend", &server.url], &file, "", key);
    for key in [&read, &server.key_of("demo", "admin")] {
        let refused = String::from_utf8(backup(key).stderr).unwrap();
        assert!(refused.contains("403"), "{refused}");
        assert!(!file.exists());
    }
    let output = backup(&admin);
    assert!(output.status.success(), "{output:?}");

    let anew = Database::open();
    let data = tempfile::tempdir().unwrap();
    restore(&file, data.path(), &anew).unwrap();
    assert_eq!(rows(&anew).await, stored);
    let mut command = command(data.path(), &anew.url());
    let restored = Server::begin(data, &mut command, &anew.url());
    restored.drained().await;
    let events = "SELECT count(), uniqExact(event_id) FROM events";
    assert_eq!(anew.value(events).await, "12\t12");
    let answer = restored
        .ask(Method::GET, "/v1/sites/demo", &read, None)
        .await;
    assert_eq!(answer.status(), 200, "keys come back as well");

    // Onto what is there, nothing is restored.
    let refused = restore(&file, restored.data.path(), &anew).unwrap_err();
    assert!(refused.contains("is in use"), "{refused}");
    let beside = folder.path().join("beside");
    let refused = restore(&file, &beside, &anew).unwrap_err();
    assert!(refused.contains("has data already"), "{refused}");
}

#[tokio::test]
async fn half_a_backup_is_none() {
    let database = Database::open();
    let server = Server::start(&database);
    server.ingest(body("demo", 1, 3, 0)).await;
    server.drained().await;
    let admin = ["key", "create", "--all-sites", "--scope", "admin"];
    let admin = run(server.data.path(), &admin);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.tar");
    crumbtrail(&["backup", "--backend", &server.url], &file, "", &admin);
    let whole = fs::read(&file).unwrap();
    // Cut within the last entry; one byte of a table's rows another.
    let cut = whole[..whole.len() - 1600].to_vec();
    let mut bent = whole;
    let at = bent.windows(9).position(|bytes| bytes == b"page_view");
    bent[at.unwrap()] = b'q';
    for (name, bytes) in [("cut", cut), ("bent", bent)] {
        fs::write(&file, bytes).unwrap();
        let data = folder.path().join(name);
        let refused = restore(&file, &data, &Database::open()).unwrap_err();
        assert!(refused.contains("not whole"), "{refused}");
        assert!(!data.join("control.sqlite").exists());
    }
}
