//! The live segments of a site together, as they are kept up to date.

use super::known;
use crate::{
    control::{Control, ControlError, SiteSettings, segments::uses::Uses},
    segment::{Known, ast::Node},
};
use std::collections::BTreeMap;

/// A live segment.
#[derive(Clone, Debug)]
pub struct LiveSegment {
    /// Its id.
    pub id: String,
    /// Which version it is.
    pub version: u32,
    /// Its definition.
    pub definition: Node,
    /// The versions of all that it asks: its own, and those of the segments that it uses,
    /// directly or not. Where these are the same, it asks the same.
    pub asks: BTreeMap<String, u32>,
}

impl Control {
    /// The live segments of a site by their ids, and what the site has of what they name.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn live_segments(
        &self,
        site: &SiteSettings,
    ) -> Result<(Vec<LiveSegment>, Known), ControlError> {
        let mut one_moment = self.pool.begin().await?;
        let live: Vec<(String, u32)> = sqlx::query_as(
            "SELECT id, version FROM segments WHERE site = ? AND archived_at IS NULL ORDER BY id",
        )
        .bind(&site.slug)
        .fetch_all(&mut *one_moment)
        .await?;
        let named = Uses {
            segments: live.iter().map(|(id, _)| id.clone()).collect(),
            ..Uses::default()
        };
        let known = known::known(&mut one_moment, site, &named).await?;
        let versions: BTreeMap<&str, u32> =
            live.iter().map(|(id, version)| (&**id, *version)).collect();
        let segments = live.iter().filter_map(|(id, version)| {
            Some(LiveSegment {
                id: id.clone(),
                version: *version,
                definition: known.segments.get(id)?.clone(),
                asks: asks(id, &known, &versions),
            })
        });
        let segments = segments.collect();
        Ok((segments, known))
    }
}

/// The versions of a segment and of all that it uses.
fn asks(id: &str, known: &Known, versions: &BTreeMap<&str, u32>) -> BTreeMap<String, u32> {
    let mut asks = BTreeMap::new();
    let mut left = vec![id.to_owned()];
    while let Some(id) = left.pop() {
        let version = versions.get(&*id).copied().unwrap_or_default();
        if asks.insert(id.clone(), version).is_none()
            && let Some(definition) = known.segments.get(&id)
        {
            left.extend(Uses::of(definition).segments);
        }
    }
    asks
}
