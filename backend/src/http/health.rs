//! For those who watch over the backend.

use super::Shared;
use crate::{embedded::Health, ingest::drain::DrainState};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;

/// The process is alive. Says nothing of its parts.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Whether each part works, and what is wrong with the one that doesn't.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    clickhouse: String,
    drain: String,
}

/// 200 where every part works, else 503. Ingest goes on without ClickHouse.
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
    let ready = clickhouse == "ok" && drain == "ok";
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = Ready {
        ready,
        clickhouse,
        drain,
    };
    (status, Json(body))
}

/// Prometheus' text format.
pub async fn metrics(State(app): Shared) -> String {
    app.metrics.render()
}
