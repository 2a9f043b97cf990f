//! For those who watch over the backend.

use super::{App, Shared};
use crate::{disk, embedded::Health, ingest::drain::DrainState, metrics::amount};
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
    spool: String,
    disk: String,
}

impl Ready {
    /// Looks at every part.
    async fn look(app: &App) -> Self {
        let mut ready = Self {
            ready: false,
            clickhouse: clickhouse(app).await,
            drain: drain(app),
            spool: spool(app),
            disk: disk(app),
        };
        ready.ready = ready.parts().iter().all(|(_, says)| *says == OK);
        ready
    }

    fn parts(&self) -> [(&'static str, &str); 4] {
        [
            ("clickhouse", &self.clickhouse),
            ("drain", &self.drain),
            ("spool", &self.spool),
            ("disk", &self.disk),
        ]
    }
}

/// What a part says that works.
const OK: &str = "ok";

async fn clickhouse(app: &App) -> String {
    let answer = app.store.ping().await;
    let health = app.engine.as_ref().map(|engine| engine.borrow().clone());
    match (answer, health) {
        (Ok(()), _) => OK.to_owned(),
        (_, Some(Health::Down { reason, .. })) => format!("down: {reason}"),
        (Err(problem), _) => problem.to_string(),
    }
}

fn drain(app: &App) -> String {
    match &*app.drain.borrow() {
        DrainState::Starting => "starting".to_owned(),
        DrainState::Running => OK.to_owned(),
        DrainState::Retrying(why) => format!("retrying: {why}"),
        DrainState::Stopped(why) => format!("stopped: {why}"),
    }
}

fn spool(app: &App) -> String {
    if app.spool.has_room(BODY_BYTES as u64) {
        OK.to_owned()
    } else {
        "full: events are refused until ClickHouse has taken some".to_owned()
    }
}

fn disk(app: &App) -> String {
    match disk::free(&app.data) {
        Ok(free) if free >= disk::FULL_BYTES => OK.to_owned(),
        Ok(free) => format!(
            "full: {} MiB are free; make room, events are refused until there is some",
            free >> 20
        ),
        Err(error) => format!("its room can't be told: {error}"),
    }
}

/// Tells which part works and what is wrong with the one that doesn't. Events are taken
/// without ClickHouse as well.
#[utoipa::path(
    get, path = "/readyz", tag = "operating",
    responses((status = 200, description = "every part works", body = Ready),
              (status = 503, description = "one doesn't", body = Ready))
)]
pub async fn ready(State(app): Shared) -> impl IntoResponse {
    let ready = Ready::look(&app).await;
    let status = if ready.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(ready))
}

/// Tells the metrics, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operating", responses((status = 200, description = "the metrics", body = String)))]
pub async fn metrics(State(app): Shared) -> String {
    for (part, says) in Ready::look(&app).await.parts() {
        let ready = if says == OK { 1.0 } else { 0.0 };
        metrics::gauge!("crumbtrail_part_ready", "part" => part).set(ready);
    }
    if let Ok(free) = disk::free(&app.data) {
        metrics::gauge!("crumbtrail_disk_free_bytes").set(amount(free));
    }
    metrics::gauge!("crumbtrail_live_watchers").set(amount(app.live.watchers() as u64));
    app.metrics.render()
}
