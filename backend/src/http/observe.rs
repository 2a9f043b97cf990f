//! What is seen of each request: its id in the log and in the answer, and how long it took.

use super::Shared;
use crate::metrics::seconds;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::{Instrument as _, debug, info_span};

/// The header of a request's id, in it and in its answer.
const ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken over.
const ID_BYTES: usize = 64;

/// Gives ids to requests that come without.
#[derive(Debug)]
pub struct Requests {
    began_ms: u64,
    count: AtomicU64,
}

impl Requests {
    /// Ids as no other start of the backend gives them.
    #[must_use]
    pub const fn new(began_ms: u64) -> Self {
        Self {
            began_ms,
            count: AtomicU64::new(0),
        }
    }

    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{count:x}", self.began_ms)
    }
}

/// Lets something be said once a minute: what strangers can cause must not fill the disk.
#[derive(Debug, Default)]
pub struct Seldom {
    said_ms: AtomicU64,
    unsaid: AtomicU64,
}

impl Seldom {
    const PAUSE_MS: u64 = 60_000;

    /// Whether it is to be said now; then how often it was not since the last time.
    pub fn now(&self, now_ms: u64) -> Option<u64> {
        let said_ms = self.said_ms.load(Ordering::Relaxed);
        let is_due = now_ms.saturating_sub(said_ms) >= Self::PAUSE_MS;
        let is_first = || {
            let said = &self.said_ms;
            let swapped =
                said.compare_exchange(said_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed);
            swapped.is_ok()
        };
        if is_due && is_first() {
            Some(self.unsaid.swap(0, Ordering::Relaxed))
        } else {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
            None
        }
    }
}

/// Passes a request on within a span of its id, and measures it.
///
/// The id is the request's own, where it has one of at most 64 letters, digits, `-`, `_` and `.`.
pub async fn request(State(app): Shared, request: Request, next: Next) -> Response {
    let id = id_of(&request).unwrap_or_else(|| app.requests.next());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    // A stranger's addresses must not become labels.
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let span = info_span!("request", id, %method, route);
    let began_ms = (app.now_ms)();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took_ms = (app.now_ms)().saturating_sub(began_ms);
    let status = response.status().as_u16();
    span.in_scope(|| debug!(status, took_ms, "answered"));
    measure(&method, route, status, took_ms);
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(ID, id);
    }
    response
}

fn measure(method: &axum::http::Method, route: String, status: u16, took_ms: u64) {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];
    let method = known.iter().find(|known| **known == method.as_str());
    metrics::histogram!(
        "crumbtrail_http_request_seconds",
        "method" => *method.unwrap_or(&"other"),
        "route" => route,
        "status" => status.to_string(),
    )
    .record(seconds(took_ms));
}

fn id_of(request: &Request) -> Option<String> {
    let id = request.headers().get(ID)?.to_str().ok()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_fit = (1..=ID_BYTES).contains(&id.len()) && id.bytes().all(fits);
    is_fit.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_cause_is_said_once_a_minute() {
        let seldom = Seldom::default();
        let now_ms = 1_790_000_000_000;
        assert_eq!(seldom.now(now_ms), Some(0));
        assert_eq!(seldom.now(now_ms + 1), None);
        assert_eq!(seldom.now(now_ms + 59_999), None);
        assert_eq!(seldom.now(now_ms + 60_000), Some(2));
        assert_eq!(seldom.now(now_ms + 120_000), Some(0));
    }

    #[test]
    fn ids_are_taken_over_where_they_are_harmless() {
        let id_of = |id: &str| {
            let request = Request::builder().header(ID, id);
            super::id_of(&request.body(axum::body::Body::empty()).unwrap())
        };
        assert_eq!(id_of("a-1_b.c"), Some("a-1_b.c".to_owned()));
        assert_eq!(id_of(""), None);
        assert_eq!(id_of("a b"), None);
        assert_eq!(id_of(&"a".repeat(65)), None);
    }
}
