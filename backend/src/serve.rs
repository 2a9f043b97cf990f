//! `crumbtrail serve`: puts the parts together, and takes them apart again in order.

use crate::{
    backup::{self, RestoreError},
    control::{Control, ControlError, KeySpec, NewKey, Scope},
    embedded::{self, Embedded, Secret},
    erasing::Eraser,
    http::{self, App, MessageKeys, Requests, Seldom},
    ingest::{
        accept::EdgeKeys,
        drain::{self, Drain, DrainState},
        live::Live,
        spool::{self, SpoolError},
    },
    living::{self, Keeper, Noted, Sizes},
    metrics,
    people::tombs::Tombs,
    retention,
    store::{Address, Bounds, Store, StoreError},
    verify::Reach,
};
use metrics_exporter_prometheus::BuildError;
use std::{
    convert::Infallible,
    fmt,
    fs::{DirBuilder, File, TryLockError},
    io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, Semaphore, oneshot, watch},
};
use tracing::{info, warn};

/// Bodies from the edge that are worked on at once; each may be 8 MiB.
const INGEST_SLOTS: usize = 32;
/// Questions that are asked at once.
const QUESTION_SLOTS: usize = 4;

/// How long requests under way may take to end once the backend is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The flags of `crumbtrail serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    /// Directory of everything stored; made if it is missing. One process per directory.
    #[arg(long, env = "CRUMBTRAIL_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Address to listen on; port 0 takes any free one.
    #[arg(long, env = "CRUMBTRAIL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The keys with which edges sign, as id:hex,id:hex; 32 bytes each at least.
    #[arg(
        long,
        env = "CRUMBTRAIL_EDGE_KEYS",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub edge_keys: EdgeKeys,
    /// The keys by which sites sign the links in their messages, as the worker's MESSAGE_KEYS:
    /// site/name:hex,site/name:hex.
    #[arg(
        long,
        env = "CRUMBTRAIL_MESSAGE_KEYS",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub message_keys: MessageKeys,
    /// A ClickHouse server's URL; without it ClickHouse runs embedded, as a child.
    #[arg(long, env = "CRUMBTRAIL_CLICKHOUSE_URL")]
    pub clickhouse_url: Option<String>,
    /// The ClickHouse server's user.
    #[arg(long, env = "CRUMBTRAIL_CLICKHOUSE_USER", default_value = "default")]
    pub clickhouse_user: String,
    /// The ClickHouse server's password; better given by the environment.
    #[arg(
        long,
        env = "CRUMBTRAIL_CLICKHOUSE_PASSWORD",
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub clickhouse_password: Password,
    /// The ClickHouse server's database, which has to be there.
    #[arg(
        long,
        env = "CRUMBTRAIL_CLICKHOUSE_DATABASE",
        default_value = "default"
    )]
    pub clickhouse_database: String,
    /// The libchdb for the embedded ClickHouse, instead of looking for it.
    #[arg(long, env = "CRUMBTRAIL_LIBCHDB")]
    pub libchdb: Option<PathBuf>,
    /// Most bytes that wait on disk for ClickHouse; beyond, the edge is told to wait.
    #[arg(long, env = "CRUMBTRAIL_SPOOL_MAX_BYTES", default_value_t = 4 << 30)]
    pub spool_max_bytes: u64,
    /// How long events gather before they are inserted together, in milliseconds.
    #[arg(long, env = "CRUMBTRAIL_DRAIN_PAUSE_MS", default_value_t = 1000)]
    pub drain_pause_ms: u64,
    /// Let owners and marketers have the backend look at shops on private addresses too; they learn
    /// what this machine can reach there.
    #[arg(long, env = "CRUMBTRAIL_VERIFY_PRIVATE")]
    pub verify_private: bool,
    /// How the log is written to standard error.
    #[arg(long, env = "CRUMBTRAIL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Stop when standard input closes, as it does when the process that holds its other end
    /// dies.
    #[arg(long)]
    pub die_with_stdin: bool,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON for programs.
    Json,
}

/// A password. Its `Debug` hides it.
#[derive(Clone)]
pub struct Password(String);

impl FromStr for Password {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Why the backend did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No edge could be believed.
    #[error(
        "the keys with which edges sign are missing; name them with --edge-keys or CRUMBTRAIL_EDGE_KEYS \
         (`cargo xtask edge keys` makes them together with the worker's)"
    )]
    NoEdgeKeys,
    /// The directory can't be made, or locked.
    #[error("the directory {0} (--data) can't be used: {1}")]
    Data(PathBuf, io::Error),
    /// Another process has the directory.
    #[error(
        "{0} (--data) is in use by another `crumbtrail serve`; stop that one, or name another directory"
    )]
    DataTaken(PathBuf),
    /// The port is in use.
    #[error(
        "{0} is in use by another process; name another address with --listen (port 0: any free one)"
    )]
    PortTaken(SocketAddr),
    /// A backup can't be brought back.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// ClickHouse can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else about the address.
    #[error("can't listen on {0} (--listen): {1}")]
    Listen(SocketAddr, io::Error),
    /// The embedded ClickHouse did not start.
    #[error(transparent)]
    Embedded(#[from] embedded::Error),
    /// The control data can't be used.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The spool can't be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The metrics can't be recorded.
    #[error("metrics can't be recorded: {0}")]
    Metrics(#[from] BuildError),
    /// The drainer ended, which it never does by itself. Events are safe in the spool, and
    /// are drained at the next start.
    #[error("the drainer ended: {0:?}")]
    Drainer(Option<tokio::task::JoinError>),
    /// The secret can't be made, or the server failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Serves until `stopping` completes; then drains and stops. `listening` is told the address
/// and, where nobody has a key yet, one to set up with.
///
/// # Errors
/// [`ServeError`] where a part can't start.
pub async fn serve(
    args: ServeArgs,
    now_ms: fn() -> u64,
    listening: impl FnOnce(SocketAddr, Option<NewKey>),
    stopping: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    if args.edge_keys.is_empty() {
        return Err(ServeError::NoEdgeKeys);
    }
    let _lock = lock(&args.data)?;
    let listener = listen(args.listen).await?;
    let metrics = metrics::record()?;
    let control = Control::open(&control_file(&args.data)).await?;
    let set_up_key = set_up_key(&control, now_ms()).await?;
    let (spool, reader) = spool::open(&spool_file(&args.data), args.spool_max_bytes).await?;
    let (engine, address) = Box::pin(start_engine(&args)).await?;
    let store = Store::new(&address);

    let (state, drain_state) = watch::channel(DrainState::Starting);
    let (stop, stopped) = watch::channel(false);
    let pause = Duration::from_millis(args.drain_pause_ms);
    let hash_key = control.secret("visitors").await?;
    let live = Live::default();
    let reader = Arc::new(Mutex::new(reader));
    let tombs = Arc::new(Tombs::default());
    let noted = Arc::new(Noted::default());
    let drain = Drain {
        spool: Arc::clone(&reader),
        chunk_events: drain::CHUNK_EVENTS,
        store: store.clone(),
        hash_key: hash_key.clone(),
        live: live.clone(),
        tombs: Arc::clone(&tombs),
        noted: Arc::clone(&noted),
        now_ms,
    };
    let mut draining = tokio::spawn(drain::run(drain, pause, state, stopped));

    let bounds = Bounds {
        seconds: 20,
        memory_bytes: 4 << 30,
    };
    let sizes = Sizes::default();
    let keeper = Keeper::new(control.clone(), store.clone(), noted, sizes.clone(), bounds);
    let keeper = Arc::new(Mutex::new(keeper));
    let keeping = living::run(Arc::clone(&keeper), drain_state.clone(), now_ms);
    let keeping = tokio::spawn(keeping);
    let eraser = Eraser {
        control: control.clone(),
        store: store.clone(),
        tombs,
        spool: reader,
        keeper,
        now_ms,
    };
    let erasing = tokio::spawn(eraser.run(drain_state.clone()));
    let retaining = tokio::spawn(retention::run(
        control.clone(),
        store.clone(),
        drain_state.clone(),
    ));
    let app = App {
        control,
        store,
        engine: engine.as_ref().map(Embedded::health),
        spool,
        drain: drain_state,
        live,
        hash_key,
        edge_keys: args.edge_keys,
        message_keys: args.message_keys,
        ingest_slots: Semaphore::new(INGEST_SLOTS),
        question_slots: Arc::new(Semaphore::new(QUESTION_SLOTS)),
        bounds,
        sizes,
        metrics,
        data: args.data,
        requests: Requests::new(now_ms()),
        refusals: Seldom::default(),
        reach: if args.verify_private {
            Reach::Anywhere
        } else {
            Reach::Public
        },
        now_ms,
    };
    listening(listener.local_addr()?, set_up_key);
    let (stopping_now, begun) = oneshot::channel();
    let stopping = async move {
        stopping.await;
        // Whoever waits for it is there until the server has ended.
        let _ = stopping_now.send(());
    };
    let server = axum::serve(listener, http::routes(app)).with_graceful_shutdown(stopping);
    tokio::select! {
        served = server => served?,
        () = past_grace(begun) => warn!("requests that took too long are cut off"),
        ended = &mut draining => return Err(ServeError::Drainer(ended.err())),
    }

    info!("stopping: draining what was taken");
    retaining.abort();
    erasing.abort();
    keeping.abort();
    stop.send_replace(true);
    draining
        .await
        .map_err(|error| ServeError::Drainer(Some(error)))?;
    if let Some(engine) = engine {
        engine.stop().await;
    }
    Ok(())
}

/// Brings a backup back into the directory and the database that `serve` would use with these
/// settings. Gives the names of the tables.
///
/// # Errors
/// [`ServeError`] where a part can't start, and [`RestoreError`].
pub async fn restore(args: ServeArgs, backup: &Path) -> Result<Vec<String>, ServeError> {
    let _lock = lock(&args.data)?;
    for file in [control_file(&args.data), spool_file(&args.data)] {
        if file.exists() {
            return Err(RestoreError::NotEmpty(file.display().to_string()).into());
        }
    }
    let (engine, address) = Box::pin(start_engine(&args)).await?;
    let store = Store::new(&address);
    store.migrate().await?;
    let restored = Box::pin(backup::restore(backup, &args.data, &store)).await;
    if let Some(engine) = engine {
        engine.stop().await;
    }
    Ok(restored?)
}

/// A key to set up with, where there is none at all.
async fn set_up_key(control: &Control, now_ms: u64) -> Result<Option<NewKey>, ServeError> {
    if !control.has_no_keys().await? {
        return Ok(None);
    }
    let mut random = [0; 40];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    let spec = KeySpec {
        site: None,
        scope: Scope::Setup,
        label: "first start",
        expires_at_ms: None,
    };
    Ok(Some(control.create_key(&spec, random, now_ms).await?))
}

/// Completes so long after stopping began that nobody is waited for any more.
async fn past_grace(begun: oneshot::Receiver<()>) {
    if begun.await.is_ok() {
        tokio::time::sleep(GRACE).await;
    } else {
        std::future::pending().await
    }
}

/// Where the control data is.
#[must_use]
pub fn control_file(data: &Path) -> PathBuf {
    data.join("control.sqlite")
}

/// Where the spool is.
#[must_use]
pub fn spool_file(data: &Path) -> PathBuf {
    data.join("spool.sqlite")
}

fn lock(data: &Path) -> Result<File, ServeError> {
    let unusable = |error| ServeError::Data(data.to_owned(), error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(unusable)?;
    let file = File::create(data.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::DataTaken(data.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            ServeError::PortTaken(address)
        } else {
            ServeError::Listen(address, error)
        }
    })
}

/// The ClickHouse server at `url`, as the settings have it.
#[must_use]
pub fn server(args: &ServeArgs, url: &str) -> Address {
    Address {
        url: url.to_owned(),
        user: args.clickhouse_user.clone(),
        password: args.clickhouse_password.0.clone(),
        database: args.clickhouse_database.clone(),
        folder: None,
    }
}

async fn start_engine(args: &ServeArgs) -> Result<(Option<Embedded>, Address), ServeError> {
    if let Some(url) = &args.clickhouse_url {
        return Ok((None, server(args, url)));
    }
    let engine = Embedded::start(embedded::Config {
        program: std::env::current_exe()?,
        path: args.data.join("clickhouse"),
        libchdb: args.libchdb.clone(),
        secret: Secret::random()?,
        max_queries: 8,
    })
    .await?;
    let address = Address {
        url: engine.url().to_owned(),
        user: "default".to_owned(),
        password: engine.secret().expose().to_owned(),
        database: "default".to_owned(),
        folder: Some(args.data.join("clickhouse")),
    };
    Ok((Some(engine), address))
}
