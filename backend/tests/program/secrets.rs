//! Keys and passwords are in no log, no error, no answer and no file: only where their owner put
//! them, and in the one line and the one answer that hand them out.

use crate::{
    harness::{client, text},
    server::{KEY, Server, body, now_ms},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// A secret, with what it is.
pub type Secrets = Vec<(String, String)>;

/// What was said, with who said it.
pub type Said = Vec<(String, Vec<u8>)>;

/// What of a key is secret: what stands behind its id.
fn secret_of(key: &str) -> String {
    key.rsplit('_').next().unwrap().to_owned()
}

/// No secret is in what was said, plain, in capitals, or as the bytes that its digits mean.
pub fn check(secrets: &Secrets, said: &Said) {
    for (what, secret) in secrets {
        assert!(secret.len() >= 16, "{what} is too short to be looked for");
        let bytes = hex::decode(secret).unwrap_or_else(|_| secret.clone().into_bytes());
        let shapes = [
            secret.clone().into_bytes(),
            secret.to_uppercase().into_bytes(),
            bytes,
        ];
        for (who, words) in said {
            let shown = shapes
                .iter()
                .any(|shape| words.windows(shape.len()).any(|part| part == shape));
            assert!(!shown, "{who} shows {what}");
        }
    }
}

/// Every file below a folder.
fn files(folder: &Path, said: &mut Said) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, said);
        } else if let Ok(bytes) = fs::read(&path) {
            // A part may have been merged away meanwhile.
            said.push((path.display().to_string(), bytes));
        }
    }
}

/// What a process was started with, and its environment.
fn process(pid: u32) -> (Vec<u8>, String) {
    let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap();
    (
        read("cmdline"),
        String::from_utf8_lossy(&read("environ")).into_owned(),
    )
}

/// Uses keys in every way that is meant, and in many that are not; the answers that don't hand
/// a key out.
async fn use_keys(server: &Server, secrets: &mut Secrets) -> Said {
    let mut said = Said::new();
    let set_up = server.set_up_key.clone().unwrap();
    let made = server.ask(Method::POST, "/v1/setup", &set_up, None).await;
    let made: Value = made.json().await.unwrap();
    let admin = made["key"].as_str().unwrap().to_owned();
    let mut keys = vec![
        ("the set-up key".to_owned(), set_up),
        ("the key of all sites".to_owned(), admin.clone()),
    ];
    for scope in ["ingest", "read", "write", "admin"] {
        let wanted = json!({ "scope": scope, "label": scope });
        let made = server
            .ask(Method::POST, "/v1/sites/demo/keys", &admin, Some(wanted))
            .await;
        let made: Value = made.json().await.unwrap();
        keys.push((
            format!("a key of scope {scope}"),
            made["key"].as_str().unwrap().to_owned(),
        ));
    }
    secrets.extend(
        keys.iter()
            .map(|(what, key)| (what.clone(), secret_of(key))),
    );

    let definition = json!({ "kind": "event", "event": "page_view" });
    for (what, key) in &keys {
        let wrong = format!("ct_0011223344556677_{}", secret_of(key));
        let message = json!({ "messageId": what, "anonymousId": "a", "type": "track", "event": "x", "writeKey": key });
        let batch = json!({ "batch": [message], "writeKey": key });
        let event =
            json!([{ "id": what, "type": "page_view", "ts": now_ms(), "anonymous_id": "a" }]);
        let question = json!({ "site": "demo", "definition": definition });
        for (method, path, body) in [
            (Method::GET, "/v1/sites", None),
            (Method::GET, "/v1/sites/demo", None),
            (Method::GET, "/v1/sites/nowhere", None),
            (Method::GET, "/v1/sites/demo/keys", None),
            (Method::GET, "/v1/sites/demo/quality", None),
            (Method::GET, "/no/such/place", None),
            (Method::DELETE, "/v1/sites/demo/keys/0011223344556677", None),
            (Method::POST, "/v1/setup", None),
            (Method::POST, "/v1/segments/preview", Some(question)),
            (
                Method::POST,
                "/v1/segments/preview",
                Some(json!({ "site": 7 })),
            ),
            (Method::POST, "/v1/sites/demo/events", Some(event)),
            (
                Method::POST,
                "/v1/sites/demo/events",
                Some(json!([{ "id": "no type" }])),
            ),
            (Method::POST, "/v1/track", Some(message)),
            (Method::POST, "/v1/batch", Some(batch)),
            (Method::POST, "/v1/ingest", None),
        ] {
            for key in [key, &wrong] {
                if path == "/v1/setup" && what == "the set-up key" {
                    continue;
                }
                let answer = server.ask(method.clone(), path, key, body.clone()).await;
                said.push((
                    format!("{method} {path}"),
                    answer.bytes().await.unwrap().to_vec(),
                ));
            }
        }
        let track = server.http.post(format!("{}/v1/track", server.url));
        let answer = track
            .basic_auth(key, Some(key))
            .body("no JSON")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        said.push((
            "an SDK's error".to_owned(),
            answer.bytes().await.unwrap().to_vec(),
        ));
    }
    assert_eq!(server.ingest(body("demo", 1, 2, 0)).await.status(), 202);
    let forged = server
        .signed(now_ms(), &KEY[..31], body("demo", 1, 2, 0))
        .send()
        .await
        .unwrap();
    said.push((
        "a forged body".to_owned(),
        forged.bytes().await.unwrap().to_vec(),
    ));
    server.drained().await;
    for path in ["/metrics", "/readyz", "/openapi.json", "/docs/"] {
        said.push((
            path.to_owned(),
            server.get(path).await.bytes().await.unwrap().to_vec(),
        ));
    }
    said
}

#[tokio::test]
async fn a_backend_that_is_used_in_every_way_shows_no_key_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = Server::embedded_at_trace(&log);
    let mut secrets = vec![("the edges' key".to_owned(), hex::encode(KEY))];
    let mut said = use_keys(&server, &mut secrets).await;

    let (parent, environment) = process(server.process.id());
    assert!(
        environment.contains(&hex::encode(KEY)),
        "it was given there"
    );
    let child = crate::supervision::child_of(server.process.id());
    let (arguments, environment) = process(child);
    let embedded = environment
        .split('\0')
        .find_map(|line| line.strip_prefix("CRUMBTRAIL_CLICKHOUSE_SECRET="));
    let embedded = embedded.unwrap().to_owned();
    assert!(
        !environment.contains(&hex::encode(KEY)),
        "the edges' keys are not the child's business"
    );
    let mode = |path: String| {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions())
    };
    assert_eq!(mode(format!("/proc/{child}/environ")) & 0o077, 0);
    said.extend([
        ("the arguments".to_owned(), parent),
        ("the child's arguments".to_owned(), arguments),
    ]);

    let words = fs::read_to_string(&log).unwrap();
    let (_, address) = words.split_once("listens on ").unwrap();
    let clickhouse = client(address.lines().next().unwrap(), &embedded);
    secrets.push(("the embedded ClickHouse's secret".to_owned(), embedded));
    let tables = "SELECT database || '.`' || name || '`' FROM system.tables
        WHERE database = currentDatabase() OR database = 'system' AND name LIKE '%log' ORDER BY 1";
    let tables = text(&clickhouse, tables, "TabSeparatedRaw").await.unwrap();
    assert!(
        tables.contains("events") && tables.contains("migrations"),
        "{tables}"
    );
    for table in tables.lines() {
        let rows = text(
            &clickhouse,
            &format!("SELECT * FROM {table}"),
            "JSONEachRow",
        )
        .await
        .unwrap();
        said.push((table.to_owned(), rows.into_bytes()));
    }
    for command in ["config", "doctor"] {
        let output = Command::new(env!("CARGO_BIN_EXE_crumbtrail"))
            .args([command, "--data"])
            .arg(server.data.path())
            .env("RUST_LOG", "trace")
            .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", hex::encode(KEY)))
            .output()
            .unwrap();
        said.extend(both(command, output));
    }
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    files(server.data.path(), &mut said);
    let words = fs::read(&log).unwrap();
    assert!(words.len() > 100_000, "{} bytes of log", words.len());
    said.push(("the log".to_owned(), words));
    let names: String = said.iter().map(|(who, _)| format!("{who}\n")).collect();
    for name in [
        "control.sqlite",
        "spool.sqlite-wal",
        "clickhouse/",
        ".`events`",
    ] {
        assert!(names.contains(name), "{name} was not looked at:\n{names}");
    }
    check(&secrets, &said);
}

/// What a command said.
pub fn both(who: &str, output: Output) -> Said {
    vec![
        (format!("{who}, stdout"), output.stdout),
        (format!("{who}, stderr"), output.stderr),
    ]
}
