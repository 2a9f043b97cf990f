//! `POST /v1/ingest`: signed envelopes from the edge. 202 means: on the disk.

use super::{App, Problem, Shared, forms};
use crate::control::SiteSettings;
use crate::ingest::{
    accept::{self, Outcomes, Refused, Signature},
    spool::{Place, SpoolError, Spooled},
};
use crate::people::given::SentForm;
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, LengthLimitError, Limited};
use protocol::{envelope::append_to_body, limit::BODY_BYTES, signature};
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tracing::{error, warn};

/// A body has to arrive within this.
const PATIENCE: Duration = Duration::from_secs(15);

/// Takes envelopes from the edge, all or none, signed by one of its keys. They are on the disk
/// when it is answered.
#[utoipa::path(
    post, path = "/v1/ingest", tag = "events",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, description = "what becomes of the events", body = Outcomes), Problem)
)]
pub async fn take(
    State(app): Shared,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Outcomes>), Problem> {
    match accept_and_spool(&app, &headers, body).await {
        Ok(outcomes) => {
            metrics::counter!("crumbtrail_ingest_requests_total", "code" => "accepted")
                .increment(1);
            metrics::counter!("crumbtrail_events_accepted_total").increment(outcomes.accepted);
            Ok((StatusCode::ACCEPTED, Json(outcomes)))
        }
        Err(problem) => {
            metrics::counter!("crumbtrail_ingest_requests_total", "code" => problem.code())
                .increment(1);
            Err(problem)
        }
    }
}

async fn accept_and_spool(app: &App, headers: &HeaderMap, body: Body) -> Result<Outcomes, Problem> {
    // Strangers are turned away before a byte of their body is read.
    let signature = signature_of(headers).ok_or_else(|| refused(app, &Refused::Unsigned))?;
    app.edge_keys
        .check_head(signature, (app.now_ms)())
        .map_err(|why| refused(app, &why))?;
    // Nor is one read that there is no room for.
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if !app.spool.has_room(length.unwrap_or_default()) {
        return Err(not_spooled(SpoolError::Full));
    }
    let _slot = slot(app)?;
    let body = tokio::time::timeout(PATIENCE, read(body))
        .await
        .map_err(|_| {
            Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "slow_body",
                "the body took too long",
            )
        })??;
    app.edge_keys
        .verify(signature, &body, (app.now_ms)())
        .map_err(|why| refused(app, &why))?;
    let sites = app.control.sites().await.map_err(|problem| {
        error!("the sites could not be read: {problem}");
        Problem::unavailable(
            "control_unavailable",
            "the sites can't be read at the moment",
            5,
        )
    })?;
    let accepted = accept::decode(body, &sites).map_err(|why| refused(app, &why))?;
    let spooled = with_forms(app, &sites, accepted.spooled, &accepted.forms).await?;
    spool(app, spooled).await?;
    Ok(accepted.outcomes)
}

/// A body, and what the forms say that came with it.
async fn with_forms(
    app: &App,
    sites: &[SiteSettings],
    spooled: Spooled,
    forms: &[SentForm],
) -> Result<Spooled, Problem> {
    if forms.is_empty() {
        return Ok(spooled);
    }
    let mut bytes = spooled.bytes.to_vec();
    for facts in forms::facts(app, sites, forms).await? {
        append_to_body(&mut bytes, &facts.encode());
    }
    Ok(Spooled {
        bytes: bytes.into(),
        events: spooled.events + forms.len(),
    })
}

/// One of the few places for requests that bring events.
pub fn slot(app: &App) -> Result<SemaphorePermit<'_>, Problem> {
    let slot = app.ingest_slots.try_acquire();
    slot.map_err(|_| Problem::unavailable("busy", "too many requests at once", 1))
}

/// Appends to the spool, then tells whoever watches.
pub async fn spool(app: &App, spooled: Spooled) -> Result<Place, Problem> {
    let watched = app.live.is_watched().then(|| spooled.clone());
    let place = app.spool.append(spooled).await.map_err(not_spooled)?;
    if let Some(spooled) = watched {
        app.live.received(&spooled, &app.hash_key);
    }
    Ok(place)
}

/// Reads a body up to its bound, and not a byte beyond.
async fn read(body: Body) -> Result<Bytes, Problem> {
    Limited::new(body, BODY_BYTES)
        .collect()
        .await
        .map(Collected::to_bytes)
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                let detail = format!("a body may have {BODY_BYTES} bytes");
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
            } else {
                Problem::new(StatusCode::BAD_REQUEST, "broken_body", error.to_string())
            }
        })
}

fn signature_of(headers: &HeaderMap) -> Option<Signature<'_>> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    Some(Signature {
        key: header(signature::KEY_HEADER)?,
        time: header(signature::TIME_HEADER)?,
        signature: header(signature::SIGNATURE_HEADER)?,
    })
}

fn refused(app: &App, refused: &Refused) -> Problem {
    if let Some(unsaid) = app.refusals.now((app.now_ms)()) {
        warn!(unsaid, "a body was refused: {refused}");
    }
    let (status, code) = match refused {
        Refused::Unsigned => (StatusCode::UNAUTHORIZED, "unsigned"),
        Refused::Stale => (StatusCode::UNAUTHORIZED, "stale_signature"),
        Refused::Malformed { error, .. } => (StatusCode::BAD_REQUEST, error.code()),
        Refused::UnknownSite { .. } => (StatusCode::BAD_REQUEST, "unknown_site"),
    };
    Problem::new(status, code, refused.to_string())
}

fn not_spooled(problem: SpoolError) -> Problem {
    let code = match problem {
        // These are counted, and /readyz says them: a log of each would fill the disk as well.
        SpoolError::Full => "spool_full",
        SpoolError::DiskFull => "disk_full",
        _ => {
            error!("a body could not be spooled: {problem}");
            "spool_unavailable"
        }
    };
    Problem::unavailable(code, "events can't be taken at the moment", 5)
}
