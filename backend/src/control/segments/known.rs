//! What a definition is read with: what it names, and what is named in the segments that it
//! reaches.

use super::{read_definition, uses::Uses};
use crate::{
    control::{Control, ControlError, SiteSettings, people},
    segment::{self, Known, ast::Node},
};
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};

/// What is reached from some segments. The joins are crossed, so that SQLite goes from the few
/// that are found to what they use; it knows of no sizes, and would look through all of a site's.
pub(super) const REACHED: &str = "
    WITH RECURSIVE reached (id) AS (
        SELECT value FROM json_each(?2)
        UNION
        SELECT uses FROM reached CROSS JOIN segment_uses
            ON site = ?1 AND segment = reached.id AND kind = 'segment'
    )
    SELECT id, definition FROM reached CROSS JOIN current_segments USING (id)
    WHERE site = ?1 AND archived_at IS NULL";

impl Control {
    /// What a site has of what a definition names: the segments that it reaches, the groups that
    /// stand in any of these, and all fields. Archived segments are unknown.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn known(
        &self,
        site: &SiteSettings,
        definition: &Node,
    ) -> Result<Known, ControlError> {
        let mut one_moment = self.pool.begin().await?;
        known(&mut one_moment, site, &Uses::of(definition)).await
    }
}

/// What a site has of what is named, and of what the segments among it name.
pub(super) async fn known(
    control: &mut SqliteConnection,
    site: &SiteSettings,
    named: &Uses,
) -> Result<Known, ControlError> {
    let segments = reached(control, &site.slug, &named.segments).await?;
    let nested = segments.values().flat_map(|node| Uses::of(node).groups);
    let groups: BTreeSet<_> = nested.chain(named.groups.iter().cloned()).collect();
    let fields = people::fields(control, site).await?;
    Ok(Known {
        fields: segment::contact::fields(&fields),
        groups: those_there(control, &site.slug, &groups).await?,
        segments,
    })
}

/// The definitions of these segments, and of all that they use.
async fn reached(
    control: &mut SqliteConnection,
    site: &str,
    from: &BTreeSet<String>,
) -> Result<BTreeMap<String, Node>, ControlError> {
    if from.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<(String, String)> = sqlx::query_as(REACHED)
        .bind(site)
        .bind(people::write(from)?)
        .fetch_all(control)
        .await?;
    let found = found.into_iter();
    found
        .map(|(id, definition)| Ok((id, read_definition(&definition)?)))
        .collect()
}

/// Those of these groups that a site has.
async fn those_there(
    control: &mut SqliteConnection,
    site: &str,
    groups: &BTreeSet<String>,
) -> Result<BTreeSet<String>, ControlError> {
    if groups.is_empty() {
        return Ok(BTreeSet::new());
    }
    let there: Vec<(String,)> = sqlx::query_as(
        "SELECT id FROM groups WHERE site = ? AND id IN (SELECT value FROM json_each(?))",
    )
    .bind(site)
    .bind(people::write(groups)?)
    .fetch_all(control)
    .await?;
    Ok(there.into_iter().map(|(id,)| id).collect())
}
