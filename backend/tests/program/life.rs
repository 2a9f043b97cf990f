//! How the process starts, refuses to start, and ends.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use tokio::time::Instant;

use rustix::process::Signal;

use crate::harness::{Database, command, failure, signal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_per_path() {
    let database = Database::open();
    let words = failure(command(database.directory.path()).args(["--listen", "127.0.0.1:0"]));
    let holder = format!(
        "in use by process {}: one process per path",
        database.process.id()
    );
    assert!(words.contains(&holder), "{words}");
    assert_eq!(database.value("SELECT 1").await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_is_taken_over_from_one_that_is_ending() {
    let mut database = Database::open();
    drop(database.process.stdin.take());
    // At once, as when the parent was killed and is started again.
    database.restart();
    assert_eq!(database.value("SELECT 1").await, "1");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let words = failure(command(directory.path()).args(["--listen", &address]));
    assert!(
        words.contains(&address) && words.contains("--listen"),
        "{words}"
    );
    let words = failure(command(directory.path()).args(["--listen", "0.0.0.0:0"]));
    assert!(words.contains("not a loopback address"), "{words}");
    let words = failure(command(directory.path()).args([
        "--listen",
        "127.0.0.1:0",
        "--libchdb",
        "/nowhere/libchdb.so",
    ]));
    assert!(
        words.contains("npm install @chdb/lib-linux-x64-gnu@26.7.3-stable.1")
            && words.contains("/nowhere"),
        "{words}"
    );
    let words = failure(command(directory.path()).args([
        "--listen",
        "127.0.0.1:0",
        "--libchdb",
        "/bin/true",
    ]));
    assert!(
        words.contains("/bin/true can't be used as libchdb"),
        "{words}"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let words = failure(command(file.path()).args(["--listen", "127.0.0.1:0"]));
    assert!(words.contains("(--path) can't be used"), "{words}");
    let words = failure(
        command(directory.path())
            .arg("--password-file")
            .arg(file.path()),
    );
    assert!(words.contains("the file is empty"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_in_order() {
    for (stop, busy) in [
        (Signal::TERM, false),
        (Signal::INT, false),
        (Signal::TERM, true),
    ] {
        let mut database = Database::open();
        let client = database.client();
        client
            .query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
            .execute()
            .await
            .unwrap();
        client
            .query("INSERT INTO t VALUES (1)")
            .execute()
            .await
            .unwrap();
        let long = tokio::spawn(async move {
            let endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)";
            if busy {
                client.query(endless).execute().await
            } else {
                Ok(())
            }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        // Waiting would close it, which ends the process otherwise.
        let _stdin = database.process.stdin.take();
        let began = Instant::now();
        signal(database.process.id(), stop);
        let status = tokio::task::block_in_place(|| database.process.wait()).unwrap();
        assert_eq!(status.code(), Some(0), "{status}, busy: {busy}");
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(long.await.unwrap().is_err(), busy);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_goes_when_its_standard_input_closes() {
    for busy in [false, true] {
        let mut database = Database::open();
        let client = database.client();
        let long = tokio::spawn(async move {
            let endless = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)";
            if busy {
                client.query(endless).execute().await
            } else {
                Ok(())
            }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        drop(database.process.stdin.take());
        let status = tokio::task::block_in_place(|| database.process.wait()).unwrap();
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(status.code(), Some(0), "{status}");
        assert_eq!(long.await.unwrap().is_err(), busy);
    }
}

#[test]
fn without_the_flag_standard_input_does_not_matter() {
    let directory = tempfile::tempdir().unwrap();
    let mut process = command(directory.path())
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1_200));
    assert!(process.try_wait().unwrap().is_none());
    signal(process.id(), Signal::TERM);
    assert_eq!(process.wait().unwrap().code(), Some(0));
}
