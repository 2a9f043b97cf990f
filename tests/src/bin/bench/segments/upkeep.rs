//! What it costs to keep a hundred living segments up to date, while a site's visitors send a
//! thousand events a second.

use super::{memberships_of, site::Site, three_leaves_json};
use anyhow::{Context as _, Result, ensure};
use backend::{
    control::{Control, Draft, SiteSettings},
    living::{EVERY, Keeper, Noted, Sizes},
    segment::Question,
    store::Bounds,
};
use serde_json::{json, value::to_raw_value};
use std::{path::Path, sync::Arc};
use tests::{clickhouse::ClickHouse, page::SITE, process::Usage};

/// How many segments live.
const SEGMENTS: usize = 100;
const EVENTS_A_SECOND: u64 = 1_000;
/// While somebody is on the site, an event comes of them every five seconds.
const EVENT_EVERY_S: u64 = 5;
/// Minutes that are measured, after one that is not.
const MINUTES: u64 = 3;

const BOUNDS: Bounds = Bounds {
    seconds: 120,
    memory_bytes: 8 << 30,
};

/// What a minute costs.
pub struct Upkeep {
    /// The CPU of ClickHouse and of the keeper in a minute's looks, of one core's minute.
    pub cpu_share: f64,
    /// The share of that which is ClickHouse's.
    pub of_clickhouse: f64,
    /// How many memberships changed in a minute.
    pub changes: f64,
}

/// Measures.
pub async fn upkeep(database: &ClickHouse, site: &Site, home: &Path) -> Result<Upkeep> {
    let settings = SiteSettings {
        slug: SITE.to_owned(),
        time_zone: "Asia/Jerusalem".to_owned(),
        currency: "ILS".to_owned(),
        country: "IL".to_owned(),
        ..SiteSettings::default()
    };
    let control = Control::open(&home.join("upkeep.sqlite")).await?;
    control.add_site(&settings).await?;
    for segment in 0..SEGMENTS {
        let draft = Draft {
            names: serde_json::from_value(json!({ "en": format!("Segment {segment}") }))?,
            descriptions: serde_json::from_value(json!({}))?,
            definition: to_raw_value(&three_leaves_json(segment))?,
            version: None,
        };
        let made = ("bench", i64::try_from(site.until_ms)?);
        let id = format!("s{segment:02}");
        control.put_segment(&settings, &id, &draft, made).await?;
    }
    let noted = Arc::new(Noted::default());
    let (store, sizes) = (database.store(), Sizes::default());
    let mut keeper = Keeper::new(control, store, Arc::clone(&noted), sizes.clone(), BOUNDS);
    let mut now_ms = site.until_ms;
    keeper.look(&settings, i64::try_from(now_ms)?).await?;

    let look_ms = u64::try_from(EVERY.as_millis())?;
    let looks = 60_000 / look_ms;
    let (mut clickhouse, mut own, mut before) = (0.0, 0.0, 0);
    for look in 0..looks * (1 + MINUTES) {
        if look == looks {
            (clickhouse, own) = (0.0, 0.0);
            before = changes(database).await?;
        }
        let pace = (EVENTS_A_SECOND, EVENT_EVERY_S);
        let came = site.come(database, look, (now_ms, look_ms), pace).await?;
        noted.note(SITE, came.into_iter().map(|visitor| (visitor, 0)));
        now_ms += look_ms;
        let began = (database.usage()?, Usage::of(std::process::id())?);
        keeper.look(&settings, i64::try_from(now_ms)?).await?;
        clickhouse += database.usage()?.since(began.0).cpu_s;
        own += Usage::of(std::process::id())?.since(began.1).cpu_s;
    }
    let changed = changes(database).await? - before;
    let kept: u64 = sizes.of(SITE).context("sizes")?.values().sum();
    let now = i64::try_from(now_ms)?;
    let question = Question {
        as_of_ms: now,
        ..site.question()?
    };
    let everyone = memberships_of(SEGMENTS, &question)?;
    let all = database.question::<u64>(&everyone).await?;
    ensure!(
        all == [kept],
        "{kept} memberships are kept, and everyone answers {all:?}"
    );
    let minutes = MINUTES as f64;
    Ok(Upkeep {
        cpu_share: (clickhouse + own) / (60.0 * minutes),
        of_clickhouse: clickhouse / (clickhouse + own),
        changes: changed as f64 / minutes,
    })
}

async fn changes(database: &ClickHouse) -> Result<u64> {
    database.number("SELECT count() FROM segment_changes").await
}
