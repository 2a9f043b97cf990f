//! The command `crumbtrail clickhouse`: one process that is the embedded ClickHouse.
//!
//! Owns its flags, the lock on the path, the line that says where it listens, and an orderly end: by
//! SIGTERM, SIGINT, the parent's death, or a part that only a new start sets aside. Must not know who started it, nor what is stored.

use std::fs::{File, TryLockError};
use std::hash::RandomState;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::chdb::Library;
use super::engine::Engine;
use super::server::{Server, routes};
use super::{Error, SECRET_VARIABLE, Secret, locate};

/// On a signal: so long may running statements take to end, so long to be killed; the whole stays below 10 s.
const GRACE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(3);
/// When the parent has died no one reads the answers: all is killed at once, and within a second the
/// process is gone, orderly or not.
const ORPHAN_PATIENCE: Duration = Duration::from_millis(500);
const ORPHAN_END: Duration = Duration::from_millis(800);
/// Whoever has the path may be such an orphan, of a backend that was killed and is started again.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_POLL: Duration = Duration::from_millis(20);

/// The flags of `crumbtrail clickhouse`.
#[derive(Debug, clap::Args)]
pub struct ClickhouseArgs {
    /// Directory of the database; made if it is missing. One process per directory.
    #[arg(long)]
    pub path: PathBuf,
    /// Loopback address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8123")]
    pub listen: SocketAddr,
    /// The libchdb to load, instead of looking beside the executable and in node_modules.
    #[arg(long, env = "CRUMBTRAIL_LIBCHDB")]
    pub libchdb: Option<PathBuf>,
    /// File with the secret that clients send as X-ClickHouse-Key; else CRUMBTRAIL_CLICKHOUSE_SECRET.
    #[arg(long)]
    pub password_file: Option<PathBuf>,
    /// Statements at once; one more waits for a second, then is refused (Code: 202).
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub max_queries: u32,
    /// End when standard input closes, as it does when the process that holds its other end dies.
    #[arg(long)]
    pub die_with_stdin: bool,
}

/// The one line on standard output, once requests are taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listening {
    /// The address, its port chosen by the system where 0 was asked for.
    pub listen: SocketAddr,
    /// The process that says so.
    pub pid: u32,
    /// The engine's version, as `26.7.2.1`.
    pub engine: String,
}

/// Runs until it is told to stop. On `Ok` the engine has stopped and the process may exit.
pub async fn run(args: ClickhouseArgs) -> Result<(), Error> {
    let stop = Stop::watch(args.die_with_stdin)?;
    let secret = secret(args.password_file.as_deref())?;
    if secret.is_none() {
        tracing::warn!(
            "no secret is set ({SECRET_VARIABLE} or --password-file): every user of this machine can read and write"
        );
    }
    let (path, _lock) = lock_in_time(&args.path).await?;
    let listener = listen(args.listen).await?;
    let engine = start_engine(args.libchdb.as_deref(), path, args.max_queries).await?;

    let server = Server {
        engine: Arc::clone(&engine),
        secret,
        marks: RandomState::new(),
        next_mark: AtomicU64::new(0),
    };
    let (close, closed) = oneshot::channel::<()>();
    announce(&listener, &engine, args.listen)?;
    // Without it a short answer's end waits 40 ms for the client's acknowledgement of its start.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
    });
    let serving = axum::serve(listener, routes(server)).with_graceful_shutdown(async {
        let _closed = closed.await;
    });
    let serving = tokio::spawn(serving.into_future());

    let (grace, patience) = tokio::select! {
        told = stop.wait() => told,
        // Whoever holds the other end of standard input starts it again.
        () = engine.needs_new_start(), if args.die_with_stdin => (GRACE, PATIENCE),
    };
    let _listening = close.send(());
    let idle = engine.drain(grace, patience).await;
    // Connections without a statement close at once; one that does not is cut by the process's end.
    let _cut = timeout(Duration::from_millis(200), serving).await;
    if !idle {
        tracing::error!("statements would not end; leaving without closing the engine");
        leave();
    }
    engine.stop();
    tracing::info!("ClickHouse stopped");
    Ok(())
}

fn secret(file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let Some(path) = file else {
        return Ok(std::env::var(SECRET_VARIABLE)
            .ok()
            .and_then(|text| Secret::new(&text)));
    };
    let unreadable = |reason| Error::SecretUnreadable(path.to_owned(), reason);
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    Secret::new(&text)
        .map(Some)
        .ok_or_else(|| unreadable("the file is empty".to_owned()))
}

/// Waits a moment for the lock, where another process has it.
async fn lock_in_time(path: &Path) -> Result<(String, File), Error> {
    let end = Instant::now() + LOCK_PATIENCE;
    loop {
        match lock(path) {
            Err(Error::PathTaken(..)) if Instant::now() < end => sleep(LOCK_POLL).await,
            locked => return locked,
        }
    }
}

/// Makes the directory and holds its lock as long as the file lives; the system frees it with the process.
fn lock(path: &Path) -> Result<(String, File), Error> {
    let unusable = |source| Error::PathUnusable(path.to_owned(), source);
    std::fs::create_dir_all(path).map_err(unusable)?;
    let path = path.canonicalize().map_err(unusable)?;
    let file = path.join("crumbtrail.lock");
    let mut lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(file)
        .map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).map_err(unusable)?;
            return Err(Error::PathTaken(path, holder.trim().to_owned()));
        }
        Err(TryLockError::Error(source)) => return Err(unusable(source)),
    }
    lock.set_len(0)
        .and_then(|()| writeln!(lock, "{}", std::process::id()))
        .map_err(unusable)?;
    let text = path
        .to_str()
        .ok_or_else(|| unusable(io::Error::new(ErrorKind::InvalidInput, "not UTF-8")))?;
    Ok((text.to_owned(), lock))
}

async fn listen(listen: SocketAddr) -> Result<TcpListener, Error> {
    if !listen.ip().is_loopback() {
        return Err(Error::NotLoopback(listen));
    }
    TcpListener::bind(listen)
        .await
        .map_err(|source| match source.kind() {
            ErrorKind::AddrInUse => Error::PortTaken(listen),
            _ => Error::Listen(listen, source),
        })
}

async fn start_engine(
    named: Option<&Path>,
    path: String,
    max_queries: u32,
) -> Result<Arc<Engine>, Error> {
    let executable = std::env::current_exe().unwrap_or_default();
    let current = std::env::current_dir().unwrap_or_default();
    let file = locate::find(named, &executable, &current)?;
    let starting = tokio::task::spawn_blocking(move || {
        let library = Library::load(&file)
            .map_err(|error| Error::LibraryUnusable(file.clone(), error.to_string()))?;
        tracing::debug!(file = %file.display(), version = library.version(), "libchdb is loaded");
        let refused = || Error::EngineRefused(PathBuf::from(&path));
        Engine::start(library, path.clone(), max_queries).ok_or_else(refused)
    });
    starting
        .await
        .map_err(|error| Error::Child(error.to_string()))?
}

fn announce(listener: &TcpListener, engine: &Engine, asked: SocketAddr) -> Result<(), Error> {
    let unknown = |source| Error::Listen(asked, source);
    let listen = listener.local_addr().map_err(unknown)?;
    let engine = engine.version().map_err(Error::Child)?;
    tracing::info!("ClickHouse {engine} listens on http://{listen}");
    let line = Listening {
        listen,
        pid: std::process::id(),
        engine,
    };
    let line = serde_json::to_string(&line).map_err(|error| unknown(error.into()))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(unknown)
}

/// What ends the process: a signal, or the end of standard input.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    orphaned: oneshot::Receiver<()>,
    /// Kept where standard input is not watched, so that `orphaned` never comes.
    _unwatched: Option<oneshot::Sender<()>>,
}

impl Stop {
    fn watch(die_with_stdin: bool) -> Result<Self, Error> {
        let (sender, orphaned) = oneshot::channel();
        let unwatched = if die_with_stdin {
            watch_stdin(sender)?
        } else {
            Some(sender)
        };
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(Error::Signals)?,
            interrupt: signal(SignalKind::interrupt()).map_err(Error::Signals)?,
            orphaned,
            _unwatched: unwatched,
        })
    }

    /// Waits, and says how long running statements are given to end, and to be killed.
    async fn wait(mut self) -> (Duration, Duration) {
        tokio::select! {
            _ = self.terminate.recv() => (GRACE, PATIENCE),
            _ = self.interrupt.recv() => (GRACE, PATIENCE),
            _ = self.orphaned => (Duration::ZERO, ORPHAN_PATIENCE),
        }
    }
}

/// A pipe whose other end the parent holds closes however the parent dies. (Linux's death signal
/// would come when the parent's *thread* ends that started us, which a thread pool may do at any time.)
/// A thread of its own, so that it works while the rest starts, hangs or is busy.
fn watch_stdin(orphaned: oneshot::Sender<()>) -> Result<Option<oneshot::Sender<()>>, Error> {
    let watch = move || {
        let mut nothing = [0; 64];
        while io::stdin().read(&mut nothing).is_ok_and(|read| read > 0) {}
        let _still_starting = orphaned.send(());
        std::thread::sleep(ORPHAN_END);
        leave();
    };
    let thread = std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(watch);
    thread.map(|_detached| None).map_err(Error::Signals)
}

/// Ends the process now, without exit hooks: libchdb's crash while statements run.
fn leave() {
    let killed =
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    tracing::error!(?killed, "the process outlived its end");
}
