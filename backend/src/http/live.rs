//! `GET /v1/sites/{site}/live`: events as they come, as server-sent events.

use super::{
    App, Problem, Shared,
    auth::{self, At, Reads},
};
use crate::control::Scope;
use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// A watcher's key is looked at this often.
const CHECK: Duration = Duration::from_millis(500);

/// Tells of each event as it is received, and of what became of it: `received` once it is on
/// the disk, then `stored`, `duplicate` or `rejected` with the reason.
///
/// Server-sent events of type `event`, each a JSON object with its `outcome`. Who reads too
/// slowly is told by one of type `missed` how many it missed. It ends when the key does.
#[utoipa::path(
    get, path = "/v1/sites/{site}/live", tag = "events",
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "the events, for as long as the connection holds",
               content_type = "text/event-stream", body = String), Problem),
    security(("key" = ["read"]))
)]
pub async fn watch(
    at: At<Reads>,
    State(app): Shared,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let site = at.site.slug;
    let ended = Box::pin(key_ends(Arc::clone(&app), headers, site.clone()));
    let told = BroadcastStream::new(app.live.watch()).take_until(ended);
    let told = told.filter_map(move |told| {
        let event = match told {
            Ok(told) if *told.site == *site => {
                Some(Event::default().event("event").data(told.json))
            }
            Ok(_) => None,
            Err(BroadcastStreamRecvError::Lagged(missed)) => {
                Some(Event::default().event("missed").data(missed.to_string()))
            }
        };
        std::future::ready(event.map(Ok))
    });
    Ok(Sse::new(told).keep_alive(KeepAlive::default()))
}

/// Completes once the request's key is good no longer. That it can't be looked at for the moment
/// is no end.
async fn key_ends(app: Arc<App>, headers: HeaderMap, site: String) {
    loop {
        tokio::time::sleep(CHECK).await;
        let checked = auth::check(&headers, &app, &site, Scope::Read).await;
        if checked.is_err_and(|problem| problem.code() != "control_unavailable") {
            return;
        }
    }
}
