//! `GET /v1/sites/{site}/live`: events as they come, as server-sent events.

use super::{
    Problem, Shared,
    auth::{At, Reads},
};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _};
use std::convert::Infallible;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// Tells of each event as it is received, and of what became of it: `received` once it is on
/// the disk, then `stored`, `duplicate` or `rejected` with the reason.
///
/// Server-sent events of type `event`, each a JSON object with its `outcome`. Who reads too
/// slowly is told by one of type `missed` how many it missed.
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
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let site = at.site.slug;
    let told = BroadcastStream::new(app.live.watch()).filter_map(move |told| {
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
