//! For those who watch over the backend.

use super::Shared;
use crate::{embedded::Health, ingest::drain::DrainState};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use protocol::limit::BODY_BYTES;
use serde::Serialize;
use utoipa::ToSchema;

/// Tells that the process is alive; nothing of its parts.
#[utoipa::path(get, path = "/healthz", tag = "operating", responses((status = 200, description = "it is", body = String)))]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Whether each part works, and what is wrong with the one that doesn't.
#[derive(Serialize, ToSchema)]
struct Ready {
    ready: bool,
    clickhouse: String,
    drain: String,
    spool: &'static str,
}

/// Tells which part works and what is wrong with the one that doesn't. Events are taken
/// without ClickHouse as well.
#[utoipa::path(
    get, path = "/readyz", tag = "operating",
    responses((status = 200, description = "every part works", body = Ready),
              (status = 503, description = "one doesn't", body = Ready))
)]
pub async fn ready(State(app): Shared) -> impl IntoResponse {
    let answer = app.store.ping().await;
    let health = app.engine.as_ref().map(|engine| engine.borrow().clone());
    let clickhouse = match (answer, health) {
        (Ok(()), _) => "ok".to_owned(),
        (_, Some(Health::Down { reason, .. })) => format!("down: {reason}"),
        (Err(problem), _) => problem.to_string(),
    };
    let drain = match &*app.drain.borrow() {
        DrainState::Starting => "starting".to_owned(),
        DrainState::Running => "ok".to_owned(),
        DrainState::Retrying(why) => format!("retrying: {why}"),
        DrainState::Stopped(why) => format!("stopped: {why}"),
    };
    let spool = if app.spool.has_room(BODY_BYTES as u64) {
        "ok"
    } else {
        "full: events are refused until ClickHouse has taken some"
    };
    let ready = [&clickhouse, &drain, spool]
        .iter()
        .all(|part| *part == "ok");
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = Ready {
        ready,
        clickhouse,
        drain,
        spool,
    };
    (status, Json(body))
}

/// Tells the metrics, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operating", responses((status = 200, description = "the metrics", body = String)))]
pub async fn metrics(State(app): Shared) -> String {
    app.metrics.render()
}
