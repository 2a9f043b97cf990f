//! Keeps the embedded ClickHouse up: starts the child, starts it again when it dies, stops it.
//!
//! Owns the child process, its port (chosen by the first start, kept by all later ones, so that the URL
//! holds), the waits between starts, and what is known of its health. Must not know what the child does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::command::Listening;
use super::{Error, SECRET_VARIABLE, Secret};

/// The one variable of the parent that the child reads too.
const LIBCHDB_VARIABLE: &str = "CRUMBTRAIL_LIBCHDB";

/// Until the child says that it listens. Opening a large database takes seconds.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// The child's own bound is 10 s.
const STOP_PATIENCE: Duration = Duration::from_secs(12);
/// Waits before starts double from the first to the last; a child that was up for `STEADY` begins anew.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(30);
const STEADY: Duration = Duration::from_secs(60);
/// Of what the child wrote to stderr so many lines are kept, to say why it ended.
const LINES_KEPT: usize = 4;

/// What to start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The executable with the command `clickhouse`; usually `std::env::current_exe()`.
    pub program: PathBuf,
    /// Directory of the database.
    pub path: PathBuf,
    /// The libchdb to load; `None`: the child looks for it.
    pub libchdb: Option<PathBuf>,
    /// What the child will ask of its clients; handed to it in its environment.
    pub secret: Secret,
    /// Statements at once; 8 is the command's own default.
    pub max_queries: u32,
}

/// What is known of the child. `Up` means that it took requests when it started and has not ended since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// A child was started and has not yet said that it listens.
    Starting,
    /// It takes requests.
    Up {
        /// Its process id.
        pid: u32,
    },
    /// It ended, or could not start.
    Down {
        /// How it ended, and the last lines it wrote.
        reason: String,
        /// The wait before it is started again.
        retry_in: Duration,
    },
    /// It was stopped, and is not started again.
    Stopped,
}

/// A supervised ClickHouse. Dropping it stops the child as [`Embedded::stop`] does, but without waiting.
#[derive(Debug)]
pub struct Embedded {
    url: String,
    secret: Secret,
    health: watch::Receiver<Health>,
    stop: oneshot::Sender<()>,
    keeping: JoinHandle<()>,
}

impl Embedded {
    /// Starts the child and returns when it takes requests. Must be called in a tokio runtime that
    /// lives as long as the child is to be kept up.
    ///
    /// # Errors
    /// Where the first start fails, with the child's own words; it is not tried again.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let child = Child::start(&config, any_port)
            .await
            .map_err(Error::Child)?;
        let listen = child.listening.listen;
        let (health, seen) = watch::channel(Health::Up {
            pid: child.listening.pid,
        });
        let (stop, stopped) = oneshot::channel();
        let url = format!("http://{listen}");
        let secret = config.secret.clone();
        let keeping = tokio::spawn(Box::pin(keep_up(config, listen, child, health, stopped)));
        Ok(Self {
            url,
            secret,
            health: seen,
            stop,
            keeping,
        })
    }

    /// `http://127.0.0.1:PORT`; the same for the life of this value.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What clients send as `X-ClickHouse-Key`: the `clickhouse` crate's `with_password`.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The child's health as it changes.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Stops the child: running statements have 5 s, then are killed. Returns when it is gone, at most
    /// 12 s later.
    pub async fn stop(self) {
        let _gone = self.stop.send(());
        if let Err(error) = self.keeping.await {
            tracing::error!(%error, "the supervisor of ClickHouse failed");
        }
    }
}

async fn keep_up(
    config: Config,
    listen: SocketAddr,
    mut child: Child,
    health: watch::Sender<Health>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut wait = FIRST_WAIT;
    loop {
        let up = Instant::now();
        health.send_replace(Health::Up {
            pid: child.listening.pid,
        });
        let mut reason = tokio::select! {
            ended = child.ended() => ended,
            _ = &mut stop => {
                child.stop().await;
                break;
            }
        };
        if up.elapsed() >= STEADY {
            wait = FIRST_WAIT;
        }
        let restarted = async {
            loop {
                tracing::error!(
                    reason,
                    retry_in_ms = wait.as_millis(),
                    "the embedded ClickHouse is down"
                );
                health.send_replace(Health::Down {
                    reason: reason.clone(),
                    retry_in: wait,
                });
                sleep(wait).await;
                wait = LAST_WAIT.min(wait * 2);
                health.send_replace(Health::Starting);
                metrics::counter!("crumbtrail_clickhouse_restarts_total").increment(1);
                match Child::start(&config, listen).await {
                    Ok(child) => return child,
                    Err(again) => reason = again,
                }
            }
        };
        child = tokio::select! {
            child = restarted => child,
            _ = &mut stop => break,
        };
    }
    health.send_replace(Health::Stopped);
}

/// A child that listens. Dropping it closes its standard input, on which it ends by itself.
struct Child {
    process: tokio::process::Child,
    listening: Listening,
    words: LastWords,
    _stdin: Option<ChildStdin>,
}

impl Child {
    async fn start(config: &Config, listen: SocketAddr) -> Result<Self, String> {
        let mut command = Command::new(&config.program);
        command
            .arg("clickhouse")
            .arg("--path")
            .arg(&config.path)
            .arg("--listen")
            .arg(listen.to_string());
        command
            .arg("--die-with-stdin")
            .arg("--max-queries")
            .arg(config.max_queries.to_string());
        if let Some(file) = &config.libchdb {
            command.arg("--libchdb").arg(file);
        }
        // Of the parent's own variables it needs none; the other secrets are not its business.
        let own = std::env::vars_os().map(|(name, _)| name);
        for name in own.filter(|name| name.as_bytes().starts_with(b"CRUMBTRAIL_")) {
            if name != LIBCHDB_VARIABLE {
                command.env_remove(name);
            }
        }
        command.env(SECRET_VARIABLE, config.secret.expose());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command
            .spawn()
            .map_err(|error| format!("{}: {error}", config.program.display()))?;
        // Taken out, for waiting for a tokio child closes its standard input.
        let stdin = process.stdin.take();
        let words = LastWords::default();
        words.listen_to(process.stderr.take());
        match first_line(process.stdout.take()).await {
            Ok((listening, rest)) => {
                words.follow(Some(rest));
                Ok(Self {
                    process,
                    listening,
                    words,
                    _stdin: stdin,
                })
            }
            Err(reason) => {
                drop(stdin);
                let status = timeout(STOP_PATIENCE, process.wait()).await;
                Err(words
                    .why(&format!("{reason}; {}", describe(status.ok())))
                    .await)
            }
        }
    }

    /// Waits for the end and says why.
    async fn ended(&mut self) -> String {
        let status = self.process.wait().await;
        self.words.why(&describe(Some(status))).await
    }

    async fn stop(mut self) {
        let pid = self
            .process
            .id()
            .and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        let told = pid.is_some_and(|pid| {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok()
        });
        if told && let Ok(Ok(status)) = timeout(STOP_PATIENCE, self.process.wait()).await {
            tracing::info!(%status, "the embedded ClickHouse has stopped");
            return;
        }
        let killed = self.process.kill().await;
        tracing::warn!(
            ?killed,
            "the embedded ClickHouse would not stop and was killed"
        );
    }
}

async fn first_line(
    stdout: Option<ChildStdout>,
) -> Result<(Listening, Lines<BufReader<ChildStdout>>), String> {
    let stdout = stdout.ok_or("it has no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = timeout(START_PATIENCE, lines.next_line()).await;
    let line =
        line.map_err(|_| format!("it did not listen within {} s", START_PATIENCE.as_secs()))?;
    let line = line
        .map_err(|error| error.to_string())?
        .ok_or("it ended before it listened")?;
    let listening =
        serde_json::from_str(&line).map_err(|error| format!("its first line {line:?}: {error}"))?;
    Ok((listening, lines))
}

fn describe(status: Option<std::io::Result<ExitStatus>>) -> String {
    match status {
        Some(Ok(status)) => status.to_string(),
        Some(Err(error)) => error.to_string(),
        None => "it still runs".to_owned(),
    }
}

/// The last lines of the child's stderr; all of them go to the log as they come.
#[derive(Clone, Default)]
struct LastWords(Arc<Mutex<VecDeque<String>>>);

impl LastWords {
    fn listen_to<R: AsyncRead + Unpin + Send + 'static>(&self, output: Option<R>) {
        self.follow(output.map(|output| BufReader::new(output).lines()));
    }

    fn follow<R: AsyncRead + Unpin + Send + 'static>(&self, lines: Option<Lines<BufReader<R>>>) {
        let Some(mut lines) = lines else { return };
        let words = self.clone();
        tokio::spawn(async move {
            // A line that is not UTF-8 ends the reading; the child writes none.
            while let Ok(Some(line)) = lines.next_line().await {
                tracing::info!(target: "clickhouse", "{line}");
                words.keep(line);
            }
        });
    }

    fn keep(&self, line: String) {
        let Ok(mut lines) = self.0.lock() else { return };
        if lines.len() == LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    async fn why(&self, end: &str) -> String {
        // The process is gone; its last lines may still be in the pipe.
        sleep(Duration::from_millis(50)).await;
        let words: Vec<String> = self
            .0
            .lock()
            .map(|lines| lines.iter().cloned().collect())
            .unwrap_or_default();
        if words.is_empty() {
            end.to_owned()
        } else {
            format!("{end}: {}", words.join(" / "))
        }
    }
}
