//! Whether a segment can be answered as it is to be, and all that use it still can.

use super::{
    SegmentError,
    known::known,
    uses::{Uses, place},
};
use crate::{
    control::{ControlError, SiteSettings},
    segment::{self, Code, Invalid, Known, Question, ast::Node, invalid::At},
};
use sqlx::SqliteConnection;
use std::collections::{BTreeSet, VecDeque};

/// How deep segments nest: as deep as their nodes, though one that is nothing but another adds no
/// node.
const MOST_NESTED: usize = segment::parse::MAX_DEPTH;

/// The live segments from which one is reached; its joins are crossed as those of `REACHED`.
pub(super) const USERS: &str = "
    WITH RECURSIVE users (id) AS (
        SELECT segment FROM segment_uses WHERE site = ?1 AND kind = 'segment' AND uses = ?2
        UNION
        SELECT segment FROM users CROSS JOIN segment_uses
            ON site = ?1 AND kind = 'segment' AND uses = users.id
    )
    SELECT id FROM users CROSS JOIN segments USING (id)
    WHERE site = ?1 AND archived_at IS NULL ORDER BY id";

/// Checks a segment that was just written, with all live ones that use it, directly or not.
pub async fn check(
    control: &mut SqliteConnection,
    site: &SiteSettings,
    id: &str,
    definition: &Node,
    as_of_ms: i64,
) -> Result<(), SegmentError> {
    let users = users(control, &site.slug, id).await?;
    let mut named = Uses::of(definition);
    named.segments.extend(users.iter().cloned());
    let known = known(control, site, &named).await?;
    if let Some(way) = way_back(id, definition, &known) {
        let pointer = place(definition, &way[1]);
        return Err(SegmentError::Circle { way, pointer });
    }
    let question = Question {
        site: &site.slug,
        settings: &site.reckoning()?,
        known: &known,
        as_of_ms,
    };
    answerable(definition, &question)?;
    for user in users {
        let Some(definition) = known.segments.get(&user) else {
            continue;
        };
        if let Err(invalid) = answerable(definition, &question) {
            return Err(SegmentError::Breaks { user, invalid });
        }
    }
    Ok(())
}

/// The live segments that use this one, directly or not.
async fn users(
    control: &mut SqliteConnection,
    site: &str,
    id: &str,
) -> Result<Vec<String>, ControlError> {
    let users: Vec<(String,)> = sqlx::query_as(USERS)
        .bind(site)
        .bind(id)
        .fetch_all(control)
        .await?;
    Ok(users.into_iter().map(|(user,)| user).collect())
}

/// The shortest way from a segment over those that it uses to itself.
fn way_back(id: &str, definition: &Node, known: &Known) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = VecDeque::from([(vec![id.to_owned()], definition)]);
    while let Some((way, definition)) = ways.pop_front() {
        for used in Uses::of(definition).segments {
            let mut way = way.clone();
            way.push(used.clone());
            if used == id {
                return Some(way);
            }
            if let Some(definition) = known.segments.get(&used)
                && seen.insert(used)
            {
                ways.push_back((way, definition));
            }
        }
    }
    None
}

fn answerable(definition: &Node, question: &Question<'_>) -> Result<(), Invalid> {
    let mut level = Uses::of(definition).segments;
    for _ in 0..MOST_NESTED {
        let used = level
            .iter()
            .filter_map(|id| question.known.segments.get(id));
        level = used.flat_map(|node| Uses::of(node).segments).collect();
    }
    if !level.is_empty() {
        let message = format!("segments stand in each other more than {MOST_NESTED} deep");
        return Err(At::Root.refuse(Code::TooDeep, message));
    }
    segment::resolve(definition, question).map(drop)
}
