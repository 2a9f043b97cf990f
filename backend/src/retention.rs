//! Carries over to ClickHouse for how long each site's events are kept.

use crate::{
    control::{Control, SiteSettings},
    ingest::drain::DrainState,
    store::{Retention, Store},
};
use protocol::id::Site;
use std::time::Duration;
use tokio::sync::watch;
use tracing::warn;

/// How soon a change of a site's settings takes effect.
const STEP: Duration = Duration::from_secs(60);

/// Looks, once the tables are there and then every minute, whether sites' settings say
/// otherwise than ClickHouse's rules do. Never ends.
pub async fn run(control: Control, store: Store, mut drain: watch::Receiver<DrainState>) {
    // Where the drainer is gone, so is the backend.
    let _ = drain.wait_for(|state| *state == DrainState::Running).await;
    loop {
        match control.sites().await {
            Ok(sites) => {
                let rules: Vec<_> = sites.iter().filter_map(rule).collect();
                if let Err(problem) = store.retain(&rules).await {
                    warn!("the rules of retention could not be made: {problem}");
                }
            }
            Err(problem) => warn!("the sites could not be read: {problem}"),
        }
        tokio::time::sleep(STEP).await;
    }
}

fn rule(site: &SiteSettings) -> Option<Retention<'_>> {
    Some(Retention {
        site: Site::new(&site.slug).ok()?,
        days: site.retention_days?,
    })
}
