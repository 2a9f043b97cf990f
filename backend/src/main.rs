//! `crumbtrail`: the backend's program.

mod commands;

use anyhow::Result;
use backend::{
    backup,
    config::{self, ConfigFile},
    control::NewKey,
    doctor,
    embedded::{self, ClickhouseArgs},
    serve::{self, LogFormat, ServeArgs},
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use commands::{KeyCommand, SiteCommand, UserCommand, tell};
use std::{
    io::IsTerminal as _,
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tracing_subscriber::EnvFilter;

/// The system's own spends a third of an import's time on small texts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "crumbtrail", about = "The backend of Crumbtrail", version)]
struct Arguments {
    /// A file of settings: TOML, whose keys are the flags of `serve` with `_` for `-`.
    #[arg(long, global = true, env = "CRUMBTRAIL_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API, takes events and stores them.
    Serve(Box<ServeArgs>),
    /// Prints the settings of `serve` as they hold, each with where it is from.
    Config(Box<ServeArgs>),
    /// Looks at everything that `serve` needs, and says what to do; changes nothing.
    Doctor(Box<ServeArgs>),
    /// ClickHouse in this process, over HTTP on loopback.
    Clickhouse(ClickhouseArgs),
    /// Copies everything stored into a file, from a running backend.
    Backup {
        /// The file; it is there once it is whole.
        to: PathBuf,
        /// The backend's address.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        backend: String,
        /// A key of scope admin, of all sites; better given by the environment.
        #[arg(long, env = "CRUMBTRAIL_KEY", hide_env_values = true)]
        key: String,
    },
    /// Brings a backup back, into a directory and a database that have no data.
    Restore {
        /// The file.
        from: PathBuf,
        #[command(flatten)]
        serve: Box<ServeArgs>,
    },
    /// The sites.
    #[command(subcommand)]
    Site(SiteCommand),
    /// The API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Those who sign in to the web app.
    #[command(subcommand)]
    User(UserCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match arguments() {
        Ok(Some(command)) => {
            log(match &command {
                Command::Serve(args) => args.log_format,
                _ => LogFormat::Text,
            });
            Box::pin(run(command)).await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Logs to stderr, what `RUST_LOG` asks for.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_env("RUST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Reads the arguments, with the file of settings under them. What `config` asks is answered
/// here, since nobody else knows where a setting is from; then there is nothing left to run.
fn arguments() -> Result<Option<Command>> {
    let mut command = Arguments::command();
    let first = command.clone().ignore_errors(true).get_matches();
    let file = match first.get_one::<PathBuf>("config") {
        Some(path) => ConfigFile::read(path)?,
        None => ConfigFile::default(),
    };
    for name in ["serve", "config", "doctor", "restore"] {
        if let Some(settings) = command.find_subcommand(name) {
            let layered = file.apply(settings.clone())?;
            command = command.mut_subcommand(name, |_| layered);
        }
    }
    // To print what there is, nothing has to be there.
    command = command.mut_subcommand("config", |asked| asked.mut_args(|arg| arg.required(false)));
    let matches = command.clone().try_get_matches();
    let matches = matches.unwrap_or_else(|error| config::without_secret(error, &command).exit());
    if let (Some(asked), Some(settings)) = (
        matches.subcommand_matches("config"),
        command.find_subcommand("config"),
    ) {
        print!("{}", file.tell(settings, asked));
        return Ok(None);
    }
    Ok(Some(Arguments::from_arg_matches(&matches)?.command))
}

async fn run(command: Command) -> Result<()> {
    match command {
        // Answered when the arguments were read.
        Command::Config(_) => {}
        Command::Serve(args) => {
            let stopping = stop_signal(args.die_with_stdin)?;
            // One line of JSON, for whoever started us. The key is nowhere else.
            let listening = |address, set_up_key: Option<NewKey>| {
                tracing::info!("listening on http://{address}");
                let mut said = serde_json::json!({ "listening": format!("http://{address}") });
                if let Some(key) = set_up_key {
                    tracing::info!(
                        "first start: open http://{address}/#<setup_key> with the setup_key printed; or \
                         `curl -X POST http://{address}/v1/setup -H 'authorization: Bearer <setup_key>'` \
                         gives a key of scope admin for it"
                    );
                    said["setup_key"] = key.reveal().into();
                }
                println!("{said}");
            };
            Box::pin(serve::serve(*args, now_ms, listening, stopping)).await?;
        }
        Command::Doctor(args) => {
            tell(&doctor::examine(&args, now_ms).await)?;
        }
        Command::Backup { to, backend, key } => {
            let bytes = backup::fetch(&backend, &key, &to).await?;
            println!("{} has {bytes} bytes", to.display());
        }
        Command::Restore { from, serve } => {
            let tables = Box::pin(serve::restore(*serve, &from)).await?;
            println!("brought back: sites, keys, spool, {}", tables.join(", "));
        }
        Command::Clickhouse(args) => Box::pin(embedded::command::run(args)).await?,
        Command::Site(command) => commands::site(command).await?,
        Command::Key(command) => commands::key(command).await?,
        Command::User(command) => commands::user(command).await?,
    }
    Ok(())
}

/// Completes at SIGTERM or SIGINT, and where it was asked for when stdin closes.
fn stop_signal(with_stdin: bool) -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (closed, stdin) = oneshot::channel();
    std::thread::spawn(move || {
        if with_stdin {
            // An error is an end as well.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = closed.send(());
        } else {
            // The channel stays open for as long as the process lives.
            std::mem::forget(closed);
        }
    });
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = stdin => {}
        }
    })
}

/// The clock of the backend, in milliseconds since the epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "here the clock is read, and handed in everywhere"
)]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
