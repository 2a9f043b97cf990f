//! Says in plain lines what is being done, and for how long already.

use anyhow::{Context as _, Result, bail};
use std::{
    io::Read,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// A step that takes longer says so this often.
const REMINDER: Duration = Duration::from_secs(15);

/// Runs a step under its name and says how long it took.
pub fn step<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = now();
    eprintln!("→ {name}");
    let (done, waiting) = mpsc::channel::<()>();
    let reminder = thread::spawn({
        let name = name.to_owned();
        move || {
            while waiting.recv_timeout(REMINDER) == Err(mpsc::RecvTimeoutError::Timeout) {
                eprintln!("  … {name}: {} so far", elapsed(started));
            }
        }
    });
    let result = run();
    drop(done);
    // The reminder ends with its channel, and has nothing to tell.
    let _ = reminder.join();
    match &result {
        Ok(_) => eprintln!("  ✓ {name} ({})", elapsed(started)),
        Err(_) => eprintln!("  ✗ {name} ({})", elapsed(started)),
    }
    result
}

/// Runs a program quietly; what it said is shown only when it fails.
pub fn quiet(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    bail!("`{shown}` failed: {}", output.status);
}

/// Runs a program whose own output the reader wants to see.
pub fn loud(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// What a program printed; an error where it failed.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed no UTF-8"))
}

/// Reads a child's pipe to its end on a thread, so that the child never blocks on it.
pub fn drain(pipe: impl Read + Send + 'static, mut each_line: impl FnMut(&str) + Send + 'static) {
    thread::spawn(move || {
        use std::io::{BufRead, BufReader};
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            each_line(&line);
        }
    });
}

/// The clock of the commands: progress is for people, so it may read the real one.
#[expect(clippy::disallowed_methods, reason = "xtask is all main")]
pub fn now() -> Instant {
    Instant::now()
}

fn elapsed(since: Instant) -> String {
    let seconds = now().duration_since(since).as_secs_f32();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            seconds % 60.0
        )
    }
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(program)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
