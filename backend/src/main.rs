//! `crumbtrail`: the backend's program.

use anyhow::{Context as _, Result, bail};
use backend::{
    config::{self, ConfigFile},
    control::{Consent, Control, KeySpec, NewKey, Scope, SiteSettings},
    doctor,
    embedded::{self, ClickhouseArgs},
    serve::{self, ServeArgs},
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
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

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

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
    /// The sites.
    #[command(subcommand)]
    Site(SiteCommand),
    /// The API keys.
    #[command(subcommand)]
    Key(KeyCommand),
}

#[derive(Subcommand)]
enum SiteCommand {
    /// Adds a site; adding it again does nothing.
    Add {
        /// 3 to 32 characters of a-z, 0-9 and -.
        slug: String,
        /// IANA name of the site's time zone.
        #[arg(long, default_value = "UTC")]
        time_zone: String,
        /// ISO 4217 code of the site's currency.
        #[arg(long)]
        currency: String,
        /// First day of the week; 1 is Monday, 7 is Sunday.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i8).range(1..=7))]
        week_start: i8,
        /// What people call it.
        #[arg(long, default_value = "")]
        name: String,
        /// Keeps no event of visitors who made no choice about consent.
        #[arg(long)]
        consent_required: bool,
        /// For how many days events are kept; for good where it is left out.
        #[arg(long)]
        retention_days: Option<u16>,
        #[command(flatten)]
        data: Data,
    },
    /// Lists the sites.
    List {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Makes a key and prints it, this once.
    Create {
        /// The site that the key is for.
        #[arg(
            long,
            required_unless_present = "all_sites",
            conflicts_with = "all_sites"
        )]
        site: Option<String>,
        /// Makes it one of all sites.
        #[arg(long)]
        all_sites: bool,
        /// What its owner calls it.
        #[arg(long, default_value = "")]
        label: String,
        /// For how many days it is good; until it is revoked where it is left out.
        #[arg(long)]
        days: Option<u64>,
        /// What the key allows.
        #[arg(long, value_enum, default_value_t = Scope::Read)]
        scope: Scope,
        #[command(flatten)]
        data: Data,
    },
    /// Lists the keys of a site, or those of all sites.
    List {
        /// The site.
        #[arg(long)]
        site: Option<String>,
        #[command(flatten)]
        data: Data,
    },
    /// Revokes a key, at once or after an overlap with the one that takes its place.
    Revoke {
        /// The key's id: what stands between its two underscores.
        id: String,
        /// For how many minutes it is still good.
        #[arg(long, default_value_t = 0)]
        overlap_minutes: u64,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(clap::Args)]
struct Data {
    /// Directory of everything stored; made if it is missing.
    #[arg(long = "data", env = "CRUMBTRAIL_DATA", default_value = "data")]
    data: PathBuf,
}

impl Data {
    async fn open(&self) -> Result<Control> {
        std::fs::create_dir_all(&self.data).with_context(|| {
            format!(
                "the directory {} (--data) can't be made",
                self.data.display()
            )
        })?;
        Ok(Control::open(&serve::control_file(&self.data)).await?)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("RUST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let ended = match arguments() {
        Ok(Some(command)) => Box::pin(run(command)).await,
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

/// Reads the arguments, with the file of settings under them. What `config` asks is answered
/// here, since nobody else knows where a setting is from; then there is nothing left to run.
fn arguments() -> Result<Option<Command>> {
    let mut command = Arguments::command();
    let first = command.clone().ignore_errors(true).get_matches();
    let file = match first.get_one::<PathBuf>("config") {
        Some(path) => ConfigFile::read(path)?,
        None => ConfigFile::default(),
    };
    for name in ["serve", "config", "doctor"] {
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
                        "first start: `curl -X POST http://{address}/v1/setup -H 'authorization: \
                         Bearer <setup_key>'` gives a key of scope admin for the setup_key printed"
                    );
                    said["setup_key"] = key.reveal().into();
                }
                println!("{said}");
            };
            Box::pin(serve::serve(*args, now_ms, listening, stopping)).await?;
        }
        Command::Doctor(args) => {
            let findings = doctor::examine(&args, now_ms).await;
            for finding in &findings {
                println!("{finding}");
            }
            if findings.iter().any(|finding| finding.is.is_err()) {
                bail!("something needs mending");
            }
        }
        Command::Clickhouse(args) => Box::pin(embedded::command::run(args)).await?,
        Command::Site(command) => site(command).await?,
        Command::Key(command) => key(command).await?,
    }
    Ok(())
}

async fn site(command: SiteCommand) -> Result<()> {
    match command {
        SiteCommand::Add {
            slug,
            time_zone,
            currency,
            week_start,
            name,
            consent_required,
            retention_days,
            data,
        } => {
            let site = SiteSettings {
                slug,
                name,
                time_zone,
                currency,
                week_start,
                consent: if consent_required {
                    Consent::Required
                } else {
                    Consent::Optional
                },
                retention_days,
            };
            data.open().await?.add_site(&site).await?;
        }
        SiteCommand::List { data } => {
            for site in data.open().await?.sites().await? {
                println!("{}\t{}\t{}", site.slug, site.time_zone, site.currency);
            }
        }
    }
    Ok(())
}

async fn key(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create {
            site,
            all_sites: _,
            label,
            days,
            scope,
            data,
        } => {
            let mut random = [0; 40];
            getrandom::fill(&mut random).context("the system gives no random bytes")?;
            let control = data.open().await?;
            let spec = KeySpec {
                site: site.as_deref(),
                scope,
                label: &label,
                expires_at_ms: days.map(|days| now_ms().saturating_add(days * DAY_MS)),
            };
            let key = control.create_key(&spec, random, now_ms()).await?;
            println!("{}", key.reveal());
        }
        KeyCommand::List { site, data } => {
            for key in data.open().await?.keys(site.as_deref()).await? {
                println!("{}", serde_json::to_string(&key)?);
            }
        }
        KeyCommand::Revoke {
            id,
            overlap_minutes,
            data,
        } => {
            let now_ms = now_ms();
            let end_ms = now_ms.saturating_add(overlap_minutes * 60_000);
            let control = data.open().await?;
            if !control.revoke_key(&id, None, (now_ms, end_ms)).await? {
                bail!("there is no key `{id}` that could be revoked");
            }
        }
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
