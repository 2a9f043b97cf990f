//! The parent's half: it starts the child, keeps it up on one URL, and neither outlives the other.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use backend::embedded::{Config, Embedded, Health, Secret};
use rustix::process::Signal;
use tokio::time::timeout;

use crate::harness::{client, runs, signal, text};

fn config(path: &Path) -> Config {
    Config {
        program: env!("CARGO_BIN_EXE_crumbtrail").into(),
        path: path.to_owned(),
        libchdb: None,
        secret: Secret::random().unwrap(),
        max_queries: 4,
    }
}

async fn next_pid(embedded: &Embedded, not: u32) -> u32 {
    let mut health = embedded.health();
    let up = health.wait_for(|health| matches!(health, Health::Up { pid } if *pid != not));
    match *timeout(Duration::from_secs(20), up).await.unwrap().unwrap() {
        Health::Up { pid } => pid,
        _ => unreachable!("waited for Up"),
    }
}

#[tokio::test]
async fn a_killed_child_comes_back_with_its_data_on_the_same_url() {
    let directory = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(config(directory.path())).await.unwrap();
    let client = client(embedded.url(), embedded.secret().expose());
    let table = "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";
    client.query(table).execute().await.unwrap();
    let mut pid = next_pid(&embedded, 0).await;
    for round in 1..=3 {
        client
            .query("INSERT INTO t SELECT number FROM numbers(1000)")
            .with_setting("async_insert", "0")
            .execute()
            .await
            .unwrap();
        signal(pid, Signal::KILL);
        let mut health = embedded.health();
        let down = health
            .wait_for(|health| matches!(health, Health::Down { .. }))
            .await
            .unwrap()
            .clone();
        assert!(
            matches!(&down, Health::Down { reason, .. } if reason.contains("SIGKILL")),
            "{down:?}"
        );
        pid = next_pid(&embedded, pid).await;
        assert_eq!(
            text(&client, "SELECT count() FROM t", "TSV").await.unwrap(),
            format!("{}\n", round * 1000)
        );
    }
    let health = embedded.health();
    let began = Instant::now();
    embedded.stop().await;
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(*health.borrow(), Health::Stopped);
    assert!(!runs(pid));
}

/// As a full disk may leave one, in an insert that failed.
#[tokio::test]
async fn a_part_whose_files_are_empty_is_set_aside_by_a_new_start() {
    let directory = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(config(directory.path())).await.unwrap();
    let client = client(embedded.url(), embedded.secret().expose());
    let table = "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a PARTITION BY a";
    client.query(table).execute().await.unwrap();
    let insert = "INSERT INTO t SELECT number FROM numbers(3)";
    client.query(insert).execute().await.unwrap();
    let path = "SELECT path FROM system.parts WHERE active AND table = 't' AND partition = '1'";
    let part = text(&client, path, "TSVRaw").await.unwrap();
    for file in Path::new(part.trim()).read_dir().unwrap() {
        std::fs::write(file.unwrap().path(), "").unwrap();
    }
    let forget = "SYSTEM DROP MARK CACHE";
    client.query(forget).execute().await.unwrap();

    let pid = next_pid(&embedded, 0).await;
    let all = "SELECT groupArray(a) FROM (SELECT a FROM t ORDER BY a)";
    let refused = text(&client, all, "TSV").await.unwrap_err().to_string();
    assert!(refused.contains("Code: 246."), "{refused}");
    next_pid(&embedded, pid).await;
    assert_eq!(text(&client, all, "TSV").await.unwrap(), "[0,2]\n");
    embedded.stop().await;
}

#[tokio::test]
async fn a_child_that_cannot_start_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config {
        libchdb: Some("/nowhere/libchdb.so".into()),
        ..config(directory.path())
    };
    let error = Embedded::start(config).await.unwrap_err().to_string();
    assert!(
        error.contains("exit status: 1") && error.contains("npm install"),
        "{error}"
    );
}

#[tokio::test]
async fn dropping_the_handle_ends_the_child() {
    let directory = tempfile::tempdir().unwrap();
    let embedded = Embedded::start(config(directory.path())).await.unwrap();
    let pid = next_pid(&embedded, 0).await;
    drop(embedded);
    let gone = async {
        while runs(pid) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(3), gone).await.unwrap();
}

#[test]
fn a_killed_parent_takes_the_child_along() {
    let directory = tempfile::tempdir().unwrap();
    let mut parent = Command::new(env!("CARGO_BIN_EXE_crumbtrail"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(directory.path())
        .env("CRUMBTRAIL_EDGE_KEYS", format!("k1:{}", "ab".repeat(32)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("listening"), "{line}");
    let child = child_of(parent.id());
    assert!(runs(child));
    parent.kill().unwrap();
    parent.wait().unwrap();
    let began = Instant::now();
    while runs(child) {
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "the child outlives its parent"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The process whose parent is `parent`.
pub fn child_of(parent: u32) -> u32 {
    let line = format!("PPid:\t{parent}");
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(|pid| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
            status.is_ok_and(|status| status.lines().any(|found| found == line))
        })
        .unwrap()
}

#[tokio::test]
async fn a_child_that_keeps_dying_is_started_ever_more_slowly() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("short-lived");
    let script = r#"#!/bin/sh
echo '{"listen":"127.0.0.1:9","pid":1,"engine":"none"}'
echo "something broke" >&2
exit 3
"#;
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let config = Config {
        program,
        ..config(directory.path())
    };
    let embedded = Embedded::start(config).await.unwrap();
    assert_eq!(embedded.url(), "http://127.0.0.1:9");
    let mut health = embedded.health();
    for wait in [100, 200, 400] {
        let down = health.wait_for(|health| matches!(health, Health::Down { retry_in, .. } if retry_in.as_millis() == wait));
        let down = timeout(Duration::from_secs(5), down)
            .await
            .unwrap()
            .unwrap()
            .clone();
        assert!(
            matches!(&down, Health::Down { reason, .. } if reason == "exit status: 3: something broke"),
            "{down:?}"
        );
    }
    embedded.stop().await;
    assert_eq!(*health.borrow(), Health::Stopped);
}
