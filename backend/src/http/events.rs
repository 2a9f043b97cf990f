//! `POST /v1/sites/{site}/events`: events in bulk, by a server's key.

use super::{
    App, Problem, Shared,
    auth::{At, Writes},
    bulk::{RejectedRow, Taken, split},
    ingest,
};
use crate::ingest::{
    given::{Bundle, Given, RowKind, Wrong},
    spool::{self, Spooled},
};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use protocol::id::Site;
use serde_json::value::RawValue;

/// Takes events of which every column may be given: a JSON array, or NDJSON with
/// `Content-Type: application/x-ndjson`. At most 10,000 and 8 MiB at once.
///
/// Each row is answered for by itself. What is accepted is on the disk when this is answered,
/// and the same `id` twice is one event.
#[utoipa::path(
    post, path = "/v1/sites/{site}/events", tag = "events",
    params(("site" = String, Path, description = "the site's slug")),
    request_body(content(
        (Vec<Given> = "application/json"),
        (String = "application/x-ndjson"),
    )),
    responses((status = 202, description = "what became of each row", body = Taken), Problem),
    security(("key" = ["write"]))
)]
pub async fn take(
    at: At<Writes>,
    State(app): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    let _slot = ingest::slot(&app)?;
    let rows = split(&headers, &body)?;
    let (taken, envelopes) = sort(&app, &at.site.slug, RowKind::Given, &rows)?;
    ingest::spool(&app, envelopes).await?;
    let accepted = u64::try_from(taken.accepted).unwrap_or(u64::MAX);
    metrics::counter!("crumbtrail_events_accepted_total").increment(accepted);
    Ok((StatusCode::ACCEPTED, Json(taken)))
}

/// Sorts rows into what is to be spooled and what doesn't fit.
pub fn sort(
    app: &App,
    site: &str,
    kind: RowKind,
    rows: &[&RawValue],
) -> Result<(Taken, Spooled), Problem> {
    let site = Site::new(site)
        .map_err(|error| Problem::new(StatusCode::NOT_FOUND, "unknown_site", error.to_string()))?;
    let received_at_ms = (app.now_ms)();
    let mut bundle = Bundle {
        site: site.as_str(),
        received_at_ms,
        kind,
        rows: Vec::new(),
    };
    let mut rejected = Vec::new();
    for (raw, row) in rows.iter().zip(0..) {
        match fits(&bundle, site, raw, &app.hash_key) {
            Ok(()) => bundle.rows.push(*raw),
            Err(wrong) => rejected.push(RejectedRow::new(row, wrong)),
        }
    }
    let events = bundle.rows.len();
    let bundles = (events > 0).then(|| bundle.encode());
    let spooled = Spooled {
        bytes: spool::body(bundles.as_slice()),
        events,
    };
    let taken = Taken {
        accepted: events,
        rejected,
    };
    Ok((taken, spooled))
}

fn fits(bundle: &Bundle<'_>, site: Site<'_>, raw: &RawValue, hash_key: &[u8]) -> Result<(), Wrong> {
    let given = bundle.read(raw).map_err(|error| Wrong {
        code: "bad_shape",
        pointer: String::new(),
        detail: error.to_string(),
    })?;
    let received_at = i64::try_from(bundle.received_at_ms).unwrap_or(i64::MAX);
    given.check(site, received_at, hash_key).map(|_| ())
}
