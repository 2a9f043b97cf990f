//! What becomes of a request: [`answer`] finds its route, [`take`] lists the
//! steps of a batch from the first byte to the backend's disk.
//!
//! Each step takes what the one before it made, so that none can be left out
//! and no two can be swapped. What goes wrong is a [`Refusal`], and the table
//! there says what it means for the pixel.

mod answer;
mod route;
mod step;

pub use answer::{Answer, Refusal};
pub use route::Route;

use crate::{
    config::Config,
    enrich::RawPlace,
    forward::{Post, Reply},
};
use protocol::attempt::Attempt;

/// What is read of a request before its body. Reading a header costs, so there
/// is none that isn't needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The method, in upper case.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// `Content-Length`, where it is a number.
    pub content_length: Option<u64>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`; absent from browsers older than 2023, which are taken
    /// to be on the shop's own site.
    pub fetch_site: Option<String>,
    /// `Sec-GPC` (Global Privacy Control).
    pub privacy_control: Option<String>,
    /// `Cookie`.
    pub cookie: Option<String>,
}

/// The world outside: whatever takes time, or tells it.
#[expect(
    async_fn_in_trait,
    reason = "a worker has one thread, so no future here needs to be Send"
)]
pub trait Platform {
    /// Milliseconds since the epoch.
    fn now_ms(&self) -> u64;

    /// Where the request came from.
    fn place(&self) -> RawPlace;

    /// Reads the request's body, and no more of it than `limit` bytes.
    async fn read_body(&self, limit: usize) -> Result<Vec<u8>, Unread>;

    /// Posts, without following redirects, within
    /// [`TIMEOUT_MS`](crate::forward::TIMEOUT_MS).
    async fn post(&self, post: &Post<'_>) -> Reply;

    /// Tells the operator.
    fn report(&self, message: &str);
}

/// Why a body wasn't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than the limit.
    TooLarge,
    /// The browser went away.
    Broken,
}

/// Answers a request.
pub async fn answer(config: &Config, asked: &Asked, platform: &impl Platform) -> Answer {
    let answered = match Route::find(&config.prefix, asked) {
        Ok(Route::Collect) => take(config, asked, platform).await,
        Ok(Route::Preflight) => step::preflight(config, asked),
        Ok(Route::Health) => Ok(Answer::healthy()),
        Err(refusal) => Err(refusal),
    };
    let origin = asked.origin.as_deref();
    answered
        .unwrap_or_else(|refusal| {
            if let Some(message) = refusal.message() {
                platform.report(&message);
            }
            Answer::refused(&refusal)
        })
        .with_cors(origin.filter(|origin| config.allows(origin)))
}

/// The steps of a batch.
async fn take(config: &Config, asked: &Asked, platform: &impl Platform) -> Result<Answer, Refusal> {
    step::bound_length(asked)?;
    let sender = step::check_origin(config, asked)?;
    if step::opted_out(asked) {
        return Ok(Answer::nothing());
    }
    let bytes = platform.read_body(Attempt::MAX_BYTES).await?;
    let decoded = step::decode(&bytes)?;
    let placed = step::find_site(config, sender, decoded)?;
    let received_at_ms = platform.now_ms();
    let identified = step::identify(config, asked, placed, received_at_ms);
    let place = platform.place();
    let stamped = step::stamp(identified, received_at_ms, &place);
    let signed = step::sign(config, stamped, platform.now_ms());
    let reply = platform.post(signed.post()).await;
    let delivered = step::confirm(signed, reply)?;
    Ok(step::welcome(delivered))
}

#[cfg(test)]
mod tests;
