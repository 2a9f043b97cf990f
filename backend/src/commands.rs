//! The commands about sites and keys.

use crate::now_ms;
use anyhow::{Context as _, Result, bail};
use backend::{
    control::{Consent, Control, KeySpec, NewKey, NewUser, Role, Scope, SiteSettings},
    doctor::Finding,
    serve,
    verify::{self, Reach, Verdict},
};
use clap::Subcommand;
use std::path::PathBuf;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What is done with sites.
#[derive(Subcommand)]
pub enum SiteCommand {
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
        /// Where its local phone numbers are of, ISO 3166-1 alpha-2, such as IL.
        #[arg(long, default_value = "")]
        country: String,
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
    /// Looks at a page of the shop as a browser does: whether it has the line, and whether what
    /// the line needs comes.
    Verify {
        /// The site.
        slug: String,
        /// The page's address.
        page: reqwest::Url,
        #[command(flatten)]
        data: Data,
    },
}

/// What is done with keys.
#[derive(Subcommand)]
pub enum KeyCommand {
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

/// What is done with users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Adds somebody who may sign in to the web app, and prints the link that signs them in, once.
    Add {
        /// What others call them.
        name: String,
        /// What they may do.
        #[arg(long, value_enum)]
        role: Role,
        /// Their site; all of them where it is left out.
        #[arg(long)]
        site: Option<String>,
        #[command(flatten)]
        app: WebApp,
        #[command(flatten)]
        data: Data,
    },
    /// Lists the users, with their ids.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Prints another link that signs a user in, once, within a week.
    Link {
        /// The user's id.
        id: String,
        #[command(flatten)]
        app: WebApp,
        #[command(flatten)]
        data: Data,
    },
}

/// Where the web app is.
#[derive(clap::Args)]
pub struct WebApp {
    /// The address that users open.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: reqwest::Url,
}

impl WebApp {
    /// The address with a one-time link's secret, which is in no log there.
    fn link(&self, link: &NewKey) -> String {
        let mut url = self.url.clone();
        url.set_fragment(Some(link.reveal()));
        url.to_string()
    }
}

/// Where the data is.
#[derive(clap::Args)]
pub struct Data {
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

/// Does it.
pub async fn site(command: SiteCommand) -> Result<()> {
    match command {
        SiteCommand::Add {
            slug,
            time_zone,
            currency,
            week_start,
            country,
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
                country,
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
        SiteCommand::Verify { slug, page, data } => {
            // A site that is not there is said first.
            data.open().await?.site(&slug).await?;
            let checks = verify::examine(&slug, &page, Reach::Anywhere).await;
            for check in &checks {
                println!("{check}");
            }
            if checks.iter().any(|check| check.verdict == Verdict::Bad) {
                bail!("no events come of this page until what says FIX is mended");
            }
        }
    }
    Ok(())
}

/// Prints what was found; an error where something needs mending.
pub fn tell(findings: &[Finding]) -> Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    if findings.iter().any(|finding| finding.is.is_err()) {
        bail!("something needs mending");
    }
    Ok(())
}

/// Does it.
pub async fn key(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create {
            site,
            all_sites: _,
            label,
            days,
            scope,
            data,
        } => {
            let control = data.open().await?;
            let spec = KeySpec {
                site: site.as_deref(),
                scope,
                label: &label,
                expires_at_ms: days.map(|days| now_ms().saturating_add(days * DAY_MS)),
            };
            let key = control.create_key(&spec, random()?, now_ms()).await?;
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

/// Does it.
pub async fn user(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::Add {
            name,
            role,
            site,
            app,
            data,
        } => {
            let control = data.open().await?;
            let new = NewUser { site, name, role };
            let user = control.add_user(&new, random()?, now_ms()).await?;
            let (_, link) = control
                .link_user(&user.id, None, random()?, now_ms())
                .await?;
            println!("{}", app.link(&link));
        }
        UserCommand::List { data } => {
            for user in data.open().await?.users(None).await? {
                println!("{}", serde_json::to_string(&user)?);
            }
        }
        UserCommand::Link { id, app, data } => {
            let control = data.open().await?;
            let (_, link) = control.link_user(&id, None, random()?, now_ms()).await?;
            println!("{}", app.link(&link));
        }
    }
    Ok(())
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut random = [0; N];
    getrandom::fill(&mut random).context("the system gives no random bytes")?;
    Ok(random)
}
