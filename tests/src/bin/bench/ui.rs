//! What the web app is like on a large site: the backend serves it on the site that segments are
//! measured on, and a browser uses it.

use crate::segments::{EXAMPLES, made_up};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use tests::{
    backend::{Backend, add_owner},
    page::SITE,
};
use tokio::process::Command;

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// How many events; a visitor is made for 40 and a contact for 100 of them.
    #[arg(long, default_value_t = 20_000_000, value_parser = clap::value_parser!(u64).range(100_000..=100_000_000))]
    events: u64,
    /// Where the made-up site is kept, so that another run finds it; it is the same site whatever
    /// that run says of its size. Without it, it is made up anew.
    #[arg(long)]
    home: Option<PathBuf>,
    /// The script that uses the app, for Node.
    #[arg(long)]
    script: PathBuf,
}

/// Measures; the script tells.
pub async fn run(program: &Path, args: &Args) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let home = args.home.as_deref().unwrap_or(temporary.path());
    let (database, site) = made_up(home, program, args.events, 1).await?;
    database.stop().await?;
    let backend = Backend::resume(program, home, &[]).await?;
    let link = add_owner(program, home, backend.url()).await?;
    eprintln!("→ the web app on {} events", site.events);
    let status = Command::new("node")
        .arg(&args.script)
        .args(["--link", &link, "--site", SITE])
        .args(["--templates", &EXAMPLES.join(",")])
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(status.success(), "the browser's part failed");
    backend.stop().await
}
