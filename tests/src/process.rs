//! The running processes: how they are started, what they used, how they end.

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// How long a process may take to say that it is ready, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many lines of a log are told.
const LAST_LINES: usize = 20;
/// Linux tells CPU times in hundredths of a second, whatever its kernel counts in.
const TICKS_A_SECOND: f64 = 100.0;

/// A running process. Dropping it closes its stdin, on which it ends; or kills it, where the
/// command says so.
pub struct Process {
    child: Child,
    log: PathBuf,
    /// Kept open, for it may print more.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a process that logs to `log`, behind what is there, and waits for the line of JSON
    /// by which it says that it is ready.
    ///
    /// # Errors
    /// Where it ends before, with what it logged, or takes too long.
    pub async fn start<T: DeserializeOwned>(
        command: &mut Command,
        log: &Path,
    ) -> Result<(Self, T)> {
        let mut child = command
            .env("RUST_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(log)?)
            .spawn()
            .with_context(|| format!("could not start {command:?}"))?;
        let stdout = child.stdout.take().context("the process has no stdout")?;
        let mut stdout = BufReader::new(stdout).lines();
        let first = timeout(PATIENCE, stdout.next_line()).await;
        let first = first.with_context(|| format!("{command:?} isn't ready after {PATIENCE:?}"))?;
        let Some(first) = first? else {
            bail!("{command:?} did not start: {}", last_lines(log)?);
        };
        let process = Self {
            child,
            log: log.to_owned(),
            _stdout: stdout,
        };
        Ok((process, serde_json::from_str(&first)?))
    }

    /// Its id.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn id(&self) -> Result<u32> {
        self.child.id().context("the process has ended")
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// Where it ends badly, with what it logged, or doesn't.
    pub async fn stop(mut self) -> Result<()> {
        signal(self.id()?, Signal::TERM)?;
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.with_context(|| format!("it runs on for {PATIENCE:?}"))??;
        let said = last_lines(&self.log)?;
        ensure!(status.success(), "a process ended badly ({status}): {said}");
        Ok(())
    }

    /// Kills it as nothing else does (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// Where it has ended by itself before, with what it logged.
    pub async fn kill(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("a process ended ({status}): {}", last_lines(&self.log)?);
        }
        self.child.kill().await?;
        Ok(())
    }
}

/// Sends a signal to a process.
///
/// # Errors
/// Where there is none of this id.
pub fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    Ok(kill_process(
        pid.context("no process has this id")?,
        signal,
    )?)
}

/// The end of a log.
fn last_lines(log: &Path) -> Result<String> {
    let text = fs::read_to_string(log)?;
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.len().saturating_sub(LAST_LINES);
    Ok(lines.get(first..).unwrap_or_default().join("\n"))
}

/// What a process has used since it began.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// CPU time, of user and system.
    pub cpu_s: f64,
    /// The most memory that it ever held, in MiB.
    pub peak_rss_mb: f64,
}

impl Usage {
    /// Of the process with this id.
    ///
    /// # Errors
    /// Where there is none, or Linux tells of it in another way.
    pub fn of(pid: u32) -> Result<Self> {
        let fields = stat(pid)?;
        let [user, system] = [11, 12].map(|place| fields.get(place).and_then(|f| f.parse().ok()));
        let (user, system): (f64, f64) = user.zip(system).context("a CPU time")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
        let peak_kb: f64 = peak.context("a peak of memory")?.trim().parse()?;
        Ok(Self {
            cpu_s: (user + system) / TICKS_A_SECOND,
            peak_rss_mb: peak_kb / 1024.0,
        })
    }

    /// What was used since an earlier moment; the peak is of all time.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            cpu_s: self.cpu_s - earlier.cpu_s,
            ..self
        }
    }
}

/// How large and how busy this machine is, by which figures are to be read: its cores, and how
/// many processes wanted one in the last minute.
///
/// # Errors
/// Where Linux tells of it in another way.
pub fn machine() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let averages = fs::read_to_string("/proc/loadavg")?;
    let load = averages.split(' ').next().unwrap_or_default();
    Ok(format!("{cores} cores, load {load} before"))
}

/// The one child of a process.
///
/// # Errors
/// Where it has none.
pub fn child_of(parent: u32) -> Result<u32> {
    let parent = parent.to_string();
    fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(|pid| stat(*pid).is_ok_and(|fields| fields.get(1) == Some(&parent)))
        .with_context(|| format!("process {parent} has no child"))
}

/// The fields of `/proc/PID/stat` from the state on: what stands before may hold blanks.
fn stat(pid: u32) -> Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("no state of a process")?;
    Ok(fields.split(' ').map(str::to_owned).collect())
}
