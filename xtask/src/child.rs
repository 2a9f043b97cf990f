//! The processes that a command starts. They end with it: it asks them to, and where it
//! can't any more, they see their stdin close.

use crate::progress;
use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;
use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child as Process, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

/// How long a process may take to say that it is ready: opening a large database, and
/// a busy machine.
const START: Duration = Duration::from_secs(120);
/// How long a process may take to end when it is asked to.
const END: Duration = Duration::from_secs(20);

/// A running process. Dropping it ends it.
pub struct Child {
    name: &'static str,
    process: Process,
    last_lines: Arc<Mutex<VecDeque<String>>>,
}

impl Child {
    /// Starts a process and waits for the one line of JSON with which it says that it is
    /// ready. What it logs goes to `log`. Its stdin stays open until this process is gone,
    /// by which it notices.
    pub fn start<T: DeserializeOwned>(
        name: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> Result<(Self, T)> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started: {command:?}"))?;
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(stderr) = process.stderr.take() {
            let mut log = File::options().create(true).append(true).open(log)?;
            let last_lines = Arc::clone(&last_lines);
            progress::drain(stderr, move |line| {
                // A log that can't be written must not end what it is about.
                let _ = writeln!(log, "{line}");
                if let Ok(mut lines) = last_lines.lock() {
                    lines.push_back(line.to_owned());
                    if lines.len() > 20 {
                        lines.pop_front();
                    }
                }
            });
        }
        let stdout = process.stdout.take();
        let mut child = Self {
            name,
            process,
            last_lines,
        };
        let (say, said) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = stdout.map(|stdout| BufReader::new(stdout).lines());
            let first = lines.as_mut().and_then(Iterator::next);
            // Nobody may be waiting any more.
            let _ = say.send(first);
            // Reading on keeps the process from blocking on a full pipe.
            lines.into_iter().flatten().for_each(drop);
        });
        match said.recv_timeout(START) {
            Ok(Some(Ok(line))) => {
                let ready = serde_json::from_str(&line).with_context(|| {
                    format!("{name} said something else than that it is ready: {line}")
                })?;
                Ok((child, ready))
            }
            Ok(_) => {
                let status = child.process.wait()?;
                Err(anyhow!(
                    "{name} did not start ({status}):\n{}",
                    child.words()
                ))
            }
            Err(_) => bail!("{name} was not ready within {START:?}:\n{}", child.words()),
        }
    }

    /// The last lines that it logged.
    pub fn words(&self) -> String {
        // A moment for the reading thread: the last words come with the end.
        std::thread::sleep(Duration::from_millis(100));
        let lines = self
            .last_lines
            .lock()
            .map(|lines| lines.iter().cloned().collect());
        lines.unwrap_or_else(|_| Vec::new()).join("\n")
    }

    /// An error if it has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}):\n{}", self.name, self.words()),
        }
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let status = self.end()?;
        if !status.success() {
            bail!("{} ended badly ({status}):\n{}", self.name, self.words());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.process.try_wait()? {
            return Ok(status);
        }
        if let Some(pid) = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw)
        {
            // It may have ended this moment.
            let _ = kill_process(pid, Signal::TERM);
        }
        let asked = progress::now();
        while progress::now().duration_since(asked) < END {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("  {} did not end within {END:?} and is killed", self.name);
        self.process.kill()?;
        Ok(self.process.wait()?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("  {} could not be ended: {error}", self.name);
        }
    }
}
