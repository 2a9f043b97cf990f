//! A database of its own for each test: a child process on a directory that goes with it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use backend::embedded::SECRET_VARIABLE;
use backend::embedded::command::Listening;
use clickhouse::Client;

pub const SECRET: &str = "of the tests";

pub struct Database {
    pub process: Child,
    pub listening: Listening,
    pub directory: tempfile::TempDir,
}

pub fn command(directory: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crumbtrail"));
    command.arg("clickhouse").arg("--path").arg(directory);
    command.env(SECRET_VARIABLE, SECRET).env("RUST_LOG", "warn");
    command
}

impl Database {
    pub fn open() -> Self {
        Self::with(&[])
    }

    pub fn with(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = command(directory.path());
        command
            .args(["--listen", "127.0.0.1:0", "--die-with-stdin"])
            .args(flags);
        let (process, listening) = start(&mut command);
        Self {
            process,
            listening,
            directory,
        }
    }

    /// Starts it again where it was, after it was killed.
    pub fn restart(&mut self) {
        let mut command = command(self.directory.path());
        let listen = self.listening.listen.to_string();
        command.args(["--listen", &listen, "--die-with-stdin"]);
        (self.process, self.listening) = start(&mut command);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listening.listen)
    }

    pub fn client(&self) -> Client {
        client(&self.url(), SECRET)
    }

    /// The text of one value, as TSV.
    pub async fn value(&self, sql: &str) -> String {
        text(&self.client(), sql, "TabSeparated")
            .await
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// A request without the crate: status and body.
    pub async fn post(
        &self,
        parameters: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> (u16, String) {
        let request = reqwest::Client::new()
            .post(self.url())
            .query(parameters)
            .body(body);
        let response = request
            .header("X-ClickHouse-Key", SECRET)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Waits until no statement but the asking one runs.
    pub async fn falls_idle_within(&self, limit: Duration) {
        let idle = async {
            while self.value("SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'").await != "0" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(limit, idle)
            .await
            .expect("statements still run");
    }

    /// Resident memory in MiB.
    pub fn resident(&self) -> u64 {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096 / (1 << 20)
    }
}

/// Starts a ClickHouse and waits until it listens.
fn start(command: &mut Command) -> (Child, Listening) {
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (process, serde_json::from_str(&line).unwrap())
}

impl Drop for Database {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

pub fn client(url: &str, secret: &str) -> Client {
    Client::default()
        .with_url(url)
        .with_user("default")
        .with_password(secret)
}

pub async fn text(client: &Client, sql: &str, format: &str) -> clickhouse::error::Result<String> {
    let mut cursor = client.query(sql).fetch_bytes(format)?;
    let bytes = cursor.collect().await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// Runs a command that is to fail by itself, and returns what it said.
pub fn failure(command: &mut Command) -> String {
    let mut process = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = String::new();
    process
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut words)
        .unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(1), "{words}");
    words
}

/// Whether the process still runs (a zombie does not).
pub fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

pub fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}
