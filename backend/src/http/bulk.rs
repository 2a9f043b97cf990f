//! Rows in bulk: how a body is split into them, and what each is answered.

use super::{App, Problem, auth::from_control, ingest};
use crate::{
    control::{Caller, Deed, SiteSettings},
    ingest::{
        given::Wrong,
        spool::{self, Place, Spooled},
    },
    people::fact::{Fact, Facts},
};
use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Longest body, in bytes.
pub const BODY_BYTES: usize = 8 << 20;
/// Most rows of a request.
pub const MOST_ROWS: usize = 10_000;
/// How long a request may wait for its rows to be stored.
const STORED_WITHIN: Duration = Duration::from_secs(30);

/// What became of the rows.
#[derive(Serialize, ToSchema)]
pub struct Taken {
    /// Rows that are on the disk and will be stored, each once.
    pub accepted: usize,
    /// Rows that don't fit, of which nothing is kept.
    pub rejected: Vec<RejectedRow>,
}

/// A row that doesn't fit.
#[derive(Serialize, ToSchema)]
pub struct RejectedRow {
    /// Which row, from 0; of NDJSON which line that isn't empty.
    row: usize,
    /// Why, for programs.
    pub code: &'static str,
    /// The wrong part (RFC 6901).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// What would fit.
    pub detail: String,
}

impl Wait {
    /// Until what was sent is in the tables.
    pub const UNTIL_STORED: Self = Self { wait: true };
}

impl RejectedRow {
    /// Why a row doesn't fit.
    pub fn new(row: usize, wrong: Wrong) -> Self {
        let Wrong {
            code,
            pointer,
            detail,
        } = wrong;
        Self {
            row,
            code,
            pointer,
            detail,
        }
    }
}

/// When rows are answered for.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wait {
    /// With `true` it is answered once the rows are in the tables and every question sees them,
    /// by 200; without it, and where that takes over 30 seconds, once they are on the disk,
    /// by 202.
    #[serde(default)]
    pub wait: bool,
}

/// The rows of a body, each as it came.
pub fn split<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<Vec<&'b RawValue>, Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad_body", detail);
    let rows: Vec<&RawValue> = if kind.starts_with("application/x-ndjson") {
        let lines = body.split(|byte| *byte == b'\n').zip(1..);
        lines
            .filter(|(line, _)| !line.trim_ascii().is_empty())
            .map(|(line, number)| {
                serde_json::from_slice(line)
                    .map_err(|error| bad(format!("line {number} is no JSON: {error}")))
            })
            .collect::<Result<_, _>>()?
    } else {
        serde_json::from_slice(body)
            .map_err(|error| bad(format!("the body is no JSON array: {error}")))?
    };
    if rows.len() > MOST_ROWS {
        let detail = format!("{} rows; at most {MOST_ROWS} fit", rows.len());
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_many",
            detail,
        ));
    }
    Ok(rows)
}

/// What became of rows, and whether they are in the tables or on the disk.
pub type Answered = Result<(StatusCode, Json<Taken>), Problem>;

/// Who brings rows, and for which site.
#[derive(Clone, Copy)]
pub struct Bringer<'b> {
    /// The site.
    pub site: &'b SiteSettings,
    /// The key.
    pub caller: &'b Caller,
}

/// Takes rows each of which is a fact about people.
pub async fn take<T: DeserializeOwned>(
    app: &App,
    bringer: Bringer<'_>,
    (headers, body): (&HeaderMap, &[u8]),
    wait: Wait,
    check: impl Fn(T, i64) -> Result<Fact, Wrong>,
) -> Answered {
    let _slot = ingest::slot(app)?;
    let received_at = now(app);
    let mut facts = Vec::new();
    let mut rejected = Vec::new();
    for (raw, row) in split(headers, body)?.into_iter().zip(0..) {
        let read = serde_json::from_str(raw.get());
        let read = read.map_err(|error| Wrong::new("bad_shape", "", error.to_string()));
        match read.and_then(|given| check(given, received_at)) {
            Ok(fact) => facts.push(fact),
            Err(wrong) => rejected.push(RejectedRow::new(row, wrong)),
        }
    }
    let accepted = facts.len();
    let status = put(app, bringer, facts, wait).await?;
    Ok((status, Json(Taken { accepted, rejected })))
}

/// Spools facts about people that a key's holder says.
pub async fn put(
    app: &App,
    bringer: Bringer<'_>,
    facts: Vec<Fact>,
    wait: Wait,
) -> Result<StatusCode, Problem> {
    if facts.is_empty() {
        return Ok(StatusCode::OK);
    }
    let facts = Facts {
        site: bringer.site.slug.clone(),
        received_at: now(app),
        by: bringer.caller.name(),
        facts,
    };
    let place = put_facts(app, &facts).await?;
    Ok(answer(app, place, wait).await)
}

/// Spools facts about people.
pub async fn put_facts(app: &App, facts: &Facts) -> Result<Place, Problem> {
    let events = facts.facts.len();
    let spooled = Spooled {
        bytes: spool::body(&[facts.encode()]),
        events,
    };
    metrics::counter!("crumbtrail_facts_accepted_total").increment(events as u64);
    ingest::spool(app, spooled).await
}

/// Waits for what is spooled up to there to be stored, if that is asked for.
pub async fn answer(app: &App, place: Place, wait: Wait) -> StatusCode {
    let stored = app.spool.stored(place);
    if wait.wait && tokio::time::timeout(STORED_WITHIN, stored).await.is_ok() {
        return StatusCode::OK;
    }
    StatusCode::ACCEPTED
}

/// Notes what somebody does to a person, or to a site's settings, before it is done.
pub async fn note(
    app: &App,
    bringer: Bringer<'_>,
    action: &str,
    target: &str,
    detail: &str,
) -> Result<(), Problem> {
    let deed = Deed {
        id: 0,
        at_ms: now(app),
        who: bringer.caller.name(),
        action: action.to_owned(),
        target: target.to_owned(),
        detail: detail.to_owned(),
    };
    let noted = app.control.note(&bringer.site.slug, &deed).await;
    noted.map_err(from_control)
}

/// Now, in milliseconds since the epoch.
pub fn now(app: &App) -> i64 {
    i64::try_from((app.now_ms)()).unwrap_or(i64::MAX)
}
