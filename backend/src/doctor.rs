//! `crumbtrail doctor`: looks at everything that `serve` needs, and says what to do about what
//! is not as it should be. It changes nothing.

use crate::{
    control::Control,
    disk, embedded,
    serve::{ServeArgs, control_file, server},
    store::Store,
};
use rustix::fs::{Access, access};
use std::{fmt, fs, path::Path, time::Duration};

/// A clock that is further off than this makes signatures stale, in milliseconds.
const CLOCK_MS: u64 = 60_000;
/// A running backend answers this soon.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was looked at, and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How it is; where it isn't as it should be, what to do.
    pub is: Result<String, String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.is {
            Ok(text) => write!(f, "ok   {:<12} {text}", self.what),
            Err(text) => write!(f, "FIX  {:<12} {text}", self.what),
        }
    }
}

/// Looks at everything.
pub async fn examine(args: &ServeArgs, now_ms: fn() -> u64) -> Vec<Finding> {
    let control = Control::open_if_there(&control_file(&args.data)).await;
    let control = control.map_err(|error| error.to_string());
    vec![
        finding("data", data(&args.data)),
        finding("disk", room(&args.data)),
        finding("sites", sites(control.as_ref()).await),
        finding("keys", keys(control.as_ref()).await),
        finding("spool", spool(args)),
        finding("clickhouse", clickhouse(args, now_ms).await),
        finding("backend", backend(args).await),
    ]
}

fn finding(what: &'static str, is: Result<String, String>) -> Finding {
    Finding { what, is }
}

/// The directory as it is, or where it will be made.
fn nearest(path: &Path) -> &Path {
    let mut places = path.ancestors().filter(|place| place.exists());
    places.next().unwrap_or_else(|| Path::new("."))
}

fn data(path: &Path) -> Result<String, String> {
    let place = path.display();
    match access(nearest(path), Access::WRITE_OK) {
        Ok(()) if path.exists() => Ok(format!("{place} can be written")),
        Ok(()) => Ok(format!("{place} is not there yet and will be made")),
        Err(error) => Err(format!(
            "{place} can't be written ({error}); give its owner the right, or name another with --data"
        )),
    }
}

fn room(path: &Path) -> Result<String, String> {
    let free =
        disk::free(nearest(path)).map_err(|error| format!("its room can't be told: {error}"))?;
    let told = format!("{} MiB are free", free >> 20);
    if free < disk::LITTLE_BYTES {
        return Err(format!("{told}; make room, or events will be refused"));
    }
    Ok(told)
}

async fn sites(control: Result<&Option<Control>, &String>) -> Result<String, String> {
    let none = || {
        "there are none, so every event is refused; add one with `crumbtrail site add`".to_owned()
    };
    let control = control.map_err(Clone::clone)?.as_ref().ok_or_else(none)?;
    let sites = control.sites().await.map_err(|error| error.to_string())?;
    if sites.is_empty() {
        return Err(none());
    }
    let slugs: Vec<_> = sites.into_iter().map(|site| site.slug).collect();
    Ok(slugs.join(", "))
}

async fn keys(control: Result<&Option<Control>, &String>) -> Result<String, String> {
    let none = || {
        "there are none; make one with `crumbtrail key create`, or start and use the setup_key"
            .to_owned()
    };
    let control = control.map_err(Clone::clone)?.as_ref().ok_or_else(none)?;
    match control.has_no_keys().await {
        Ok(false) => Ok("there are some".to_owned()),
        Ok(true) => Err(none()),
        Err(error) => Err(error.to_string()),
    }
}

fn spool(args: &ServeArgs) -> Result<String, String> {
    let file = args.data.join("spool.sqlite");
    let bytes = fs::metadata(&file).map_or(0, |file| file.len());
    if bytes > args.spool_max_bytes / 2 {
        return Err(format!(
            "{} MiB lie in it, of {} that may; see what /readyz says of ClickHouse and the drain",
            bytes >> 20,
            args.spool_max_bytes >> 20
        ));
    }
    Ok(format!("{} MiB on the disk", bytes >> 20))
}

async fn clickhouse(args: &ServeArgs, now_ms: fn() -> u64) -> Result<String, String> {
    let Some(url) = &args.clickhouse_url else {
        let here = std::env::current_dir().map_err(|error| error.to_string())?;
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let found = embedded::locate::find(args.libchdb.as_deref(), &program, &here);
        let library = found.map_err(|error| error.to_string())?;
        return Ok(format!("embedded, of {}", library.display()));
    };
    let store = Store::new(&server(args, url));
    let (version, their_ms) = store.about().await.map_err(|error| {
        format!("{url}: {error}; compare --clickhouse-url, its user, password and database")
    })?;
    let off_ms = their_ms.abs_diff(now_ms());
    if off_ms > CLOCK_MS {
        return Err(format!(
            "{url}, version {version}: its clock and this one are {} s apart; set both by NTP",
            off_ms / 1000
        ));
    }
    Ok(format!("{url}, version {version}"))
}

async fn backend(args: &ServeArgs) -> Result<String, String> {
    let url = format!("http://{}/readyz", args.listen);
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let client = client.map_err(|error| error.to_string())?;
    let Ok(answer) = client.get(&url).send().await else {
        return Ok(format!("none answers at {}", args.listen));
    };
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    if status.is_success() {
        Ok(format!("it answers at {} and is ready", args.listen))
    } else {
        Err(format!("{url} answers {status}: {text}"))
    }
}
