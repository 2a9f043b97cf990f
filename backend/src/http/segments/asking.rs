//! A saved segment, as it is asked.

use super::{invalid, refused};
use crate::{
    control::{Segment, SiteSettings},
    http::{App, Problem, auth::from_control, bulk},
    segment::{Invalid, Known, Question, SiteSettings as Reckoning, ast::Node},
};
use axum::http::StatusCode;
use std::{sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;

/// A question waits this long for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most segments whose members are left out.
const MOST_SUPPRESSED: usize = 20;

/// Of which moment, and without whom.
pub struct Of {
    /// The moment asked about, milliseconds since the epoch; now where it is left out.
    pub as_of: Option<i64>,
    /// Ids of segments, with commas between them, whose members are left out; at most 20.
    pub suppress: Option<String>,
}

/// A definition, and what it is asked of.
pub struct Asking {
    pub definition: Node,
    known: Known,
    settings: Reckoning,
    slug: String,
    pub as_of_ms: i64,
}

impl Asking {
    /// The question of a saved segment.
    ///
    /// # Errors
    /// 404 where there is no such segment, or it is archived.
    pub async fn of(
        app: &App,
        site: &SiteSettings,
        segment: &str,
        of: &Of,
    ) -> Result<Self, Problem> {
        live(app, site, segment).await?;
        let suppressed: Vec<&str> = listed(of.suppress.as_deref());
        if suppressed.len() > MOST_SUPPRESSED {
            let detail = format!("suppress: at most {MOST_SUPPRESSED} segments fit");
            return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_query", detail));
        }
        for other in &suppressed {
            live(app, site, other).await?;
        }
        let is_in = |id: &str| Node::Segment(id.to_owned());
        let mut definition = is_in(segment);
        if !suppressed.is_empty() {
            let left_out = Node::Any(suppressed.into_iter().map(is_in).collect());
            definition = Node::All(vec![definition, Node::Not(Box::new(left_out))]);
        }
        Self::of_definition(app, site, definition, of.as_of).await
    }

    /// The question of a definition; of now, where no moment is given.
    ///
    /// # Errors
    /// Where the control store can't be asked.
    pub async fn of_definition(
        app: &App,
        site: &SiteSettings,
        definition: Node,
        as_of: Option<i64>,
    ) -> Result<Self, Problem> {
        let known = app.control.known(site, &definition).await;
        Ok(Self {
            definition,
            known: known.map_err(from_control)?,
            settings: site.reckoning().map_err(from_control)?,
            slug: site.slug.clone(),
            as_of_ms: as_of.unwrap_or_else(|| bulk::now(app)),
        })
    }

    /// What it is asked of.
    pub fn question(&self) -> Question<'_> {
        Question {
            site: &self.slug,
            settings: &self.settings,
            known: &self.known,
            as_of_ms: self.as_of_ms,
        }
    }
}

/// The parts of a list with commas.
pub fn listed(list: Option<&str>) -> Vec<&str> {
    let parts = list.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// A turn to ask ClickHouse.
///
/// # Errors
/// 503 where too many questions are being answered.
pub async fn turn(app: &App) -> Result<OwnedSemaphorePermit, Problem> {
    let slots = Arc::clone(&app.question_slots);
    match tokio::time::timeout(PATIENCE, slots.acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        _ => Err(Problem::unavailable(
            "busy",
            "too many questions are being answered",
            5,
        )),
    }
}

/// A statement that a definition doesn't stand in the way of.
///
/// # Errors
/// 422 where it does: what it names is not there any more.
pub fn stated<T>(statement: Result<T, Invalid>) -> Result<T, Problem> {
    statement.map_err(invalid)
}

/// A segment that is not archived.
///
/// # Errors
/// 404 where there is none.
pub async fn live(app: &App, site: &SiteSettings, id: &str) -> Result<Segment, Problem> {
    let segment = app.control.segment(&site.slug, id).await.map_err(refused)?;
    if segment.listed.archived_at.is_some() {
        let detail = format!("the segment `{id}` is archived; restore it to ask for its members");
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown_segment",
            detail,
        ));
    }
    Ok(segment)
}
