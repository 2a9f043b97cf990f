//! `crumbtrail doctor`: what it finds, and what it says to do.

use crate::{
    harness::{Database, SECRET},
    server::Server,
};
use std::{path::Path, process::Command};

/// What is found, by its first words; and whether all is as it should be.
fn examine(data: &Path, clickhouse: &str, password: &str, listen: &str) -> (Vec<String>, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_crumbtrail"))
        .args(["doctor", "--listen", listen, "--data"])
        .arg(data)
        .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", "ab".repeat(32)))
        .env("CRUMBTRAIL_CLICKHOUSE_URL", clickhouse)
        .env("CRUMBTRAIL_CLICKHOUSE_PASSWORD", password)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (
        text.lines().map(str::to_owned).collect(),
        output.status.success(),
    )
}

fn of<'f>(findings: &'f [String], what: &str) -> &'f str {
    let found = findings.iter().find(|line| line[5..].starts_with(what));
    found.unwrap_or_else(|| panic!("{findings:?}"))
}

#[tokio::test]
async fn all_is_well_beside_a_running_backend() {
    let database = Database::open();
    let server = Server::start(&database);
    server.drained().await;
    let listen = server.url.strip_prefix("http://").unwrap();
    let (findings, is_well) = examine(server.data.path(), &database.url(), SECRET, listen);
    assert!(is_well, "{findings:?}");
    assert!(of(&findings, "sites").ends_with("demo, other"));
    assert!(of(&findings, "clickhouse").contains("version 2"));
    assert!(of(&findings, "backend").ends_with("is ready"));
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let database = Database::open();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (findings, is_well) = examine(&data, &database.url(), "wrong", "127.0.0.1:1");
    assert!(!is_well);
    for (what, expected) in [
        ("sites", "crumbtrail site add"),
        ("keys", "crumbtrail key create"),
        ("clickhouse", "--clickhouse-url"),
    ] {
        let finding = of(&findings, what);
        assert!(
            finding.starts_with("FIX") && finding.contains(expected),
            "{finding}"
        );
    }
    assert!(of(&findings, "data").starts_with("ok"));
    assert!(!data.exists(), "it changes nothing");
    let secrets = findings.join("\n");
    assert!(
        !secrets.contains("wrong") && !secrets.contains("abab"),
        "no secret is shown"
    );
}
