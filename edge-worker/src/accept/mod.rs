//! What becomes of a request: [`answer`] finds its route, [`take`] lists the
//! steps of a batch from the first byte to the backend's disk, [`record`] those of a
//! view without JavaScript, and [`hear`] those of a pixel's report of a fault.
//!
//! Each step takes what the one before it made, so that none can be left out
//! and no two can be swapped. What goes wrong is a [`Refusal`], and the table
//! there says what it means for the pixel.

mod answer;
mod image;
mod route;
mod step;

pub use answer::{Answer, Refusal};
pub use route::Route;
use step::{Delivered, Identified};

use crate::{
    config::Config,
    enrich::RawPlace,
    fault,
    forward::{Post, Reply},
    view,
};
use protocol::{attempt::Attempt, id::TabId};

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

/// What is read besides of a request for the image, and of no other. What is absent is
/// empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedImage {
    /// The query, without its question mark.
    pub query: String,
    /// `Referer`: the page that the image stands on.
    pub referer: String,
    /// `Accept-Language`.
    pub accept_language: String,
    /// `Sec-Purpose`: whether the page is fetched ahead.
    pub purpose: String,
}

/// The world outside: whatever takes time, tells it or is left to chance.
#[expect(
    async_fn_in_trait,
    reason = "a worker has one thread, so no future here needs to be Send"
)]
pub trait Platform {
    /// Milliseconds since the epoch.
    fn now_ms(&self) -> u64;

    /// 64 random bits.
    fn random(&self) -> u64;

    /// What a request for the image says; called only for one.
    fn asked_image(&self) -> AskedImage;

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
        Ok(Route::Image) => Ok(show(config, asked, platform).await),
        Ok(Route::Fault) => hear(config, asked, platform).await,
        Ok(Route::Health) => Ok(Answer::healthy()),
        Err(refusal) => Err(refusal),
    };
    let origin = asked.origin.as_deref();
    answered
        .unwrap_or_else(|refusal| {
            tell(platform, &refusal);
            Answer::refused(&refusal)
        })
        .with_cors(origin.filter(|origin| config.allows(origin)))
}

/// The steps of a batch.
async fn take(config: &Config, asked: &Asked, platform: &impl Platform) -> Result<Answer, Refusal> {
    step::bound_length(asked, Attempt::MAX_BYTES)?;
    let sender = step::check_origin(config, asked)?;
    if step::opted_out(asked) {
        return Ok(Answer::nothing());
    }
    let bytes = read(platform, Attempt::MAX_BYTES).await?;
    let decoded = step::decode(&bytes)?;
    let placed = step::find_site(config, sender, decoded)?;
    let identified = step::identify(config, asked, placed, platform.now_ms());
    let delivered = deliver(config, identified, platform).await?;
    Ok(step::welcome(delivered))
}

/// The last steps, of a batch as of a view.
async fn deliver(
    config: &Config,
    identified: Identified<'_>,
    platform: &impl Platform,
) -> Result<Delivered, Refusal> {
    let place = platform.place();
    let stamped = step::stamp(identified, &place);
    let signed = step::sign(config, stamped, platform.now_ms());
    let reply = platform.post(signed.post()).await;
    step::confirm(signed, reply)
}

/// The image, whatever became of the view: it must never break a page.
///
/// Nobody would send the view again, so one that the backend doesn't take is lost. This
/// is the only such place; the operator is told.
async fn show(config: &Config, asked: &Asked, platform: &impl Platform) -> Answer {
    match record(config, asked, platform).await {
        Ok(Some(delivered)) => delivered.remembered_by(Answer::image()),
        Ok(None) => Answer::image(),
        Err(refusal) => {
            tell(platform, &refusal);
            Answer::image_in_spite_of(&refusal)
        }
    }
}

/// The steps of a view without JavaScript. `None` where it isn't to be recorded: the
/// browser says not to, or fetches the page ahead.
async fn record(
    config: &Config,
    asked: &Asked,
    platform: &impl Platform,
) -> Result<Option<Delivered>, Refusal> {
    if step::opted_out(asked) {
        return Ok(None);
    }
    let asked_image = platform.asked_image();
    if view::is_ahead(&asked_image.purpose) {
        return Ok(None);
    }
    let seen = image::see(config, &asked_image)?;
    let tab = TabId(platform.random());
    let identified = image::record(config, asked, &seen, tab, platform.now_ms());
    deliver(config, identified, platform).await.map(Some)
}

/// The steps of a pixel's report of a fault: the operator is told, nothing is kept.
async fn hear(config: &Config, asked: &Asked, platform: &impl Platform) -> Result<Answer, Refusal> {
    step::bound_length(asked, fault::MAX_BYTES)?;
    let sender = step::check_page(config, asked)?;
    if step::opted_out(asked) {
        return Ok(Answer::nothing());
    }
    let bytes = read(platform, fault::MAX_BYTES).await?;
    let report = step::check_report(config, &sender, &bytes)?;
    platform.report(&report.to_string());
    Ok(Answer::nothing())
}

async fn read(platform: &impl Platform, limit: usize) -> Result<Vec<u8>, Refusal> {
    let read = platform.read_body(limit).await;
    read.map_err(|unread| Refusal::unread(unread, limit))
}

fn tell(platform: &impl Platform, refusal: &Refusal) {
    if let Some(message) = refusal.message() {
        platform.report(&message);
    }
}

#[cfg(test)]
mod tests;
