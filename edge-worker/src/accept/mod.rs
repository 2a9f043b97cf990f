//! What becomes of a request: [`answer`] finds its route, and each route has a function that
//! lists its steps, first of all [`take`], the steps of a batch from the first byte to where
//! it is safe.
//!
//! Each step takes what the one before it made, so that none can be left out
//! and no two can be swapped. What goes wrong is a [`Refusal`], and the table
//! there says what it means for the pixel.

mod address;
mod answer;
mod form;
mod identify;
mod image;
mod leave;
mod message;
mod route;
mod step;

pub use answer::{Answer, Refusal};
use identify::{Proved, Who};
pub use route::Route;
use step::{Delivered, Sender, Stamped};

use crate::{
    config::Config,
    enrich::Origins,
    fault,
    form::{Kind, Sent},
    forward::{Post, Reply, SHORT_TIMEOUT_MS, TIMEOUT_MS},
    view,
};
use protocol::{
    DecodeError,
    attempt::Attempt,
    id::{Site, TabId},
    token::Purpose,
};

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

/// What is read besides of a request that a browser makes without the pixel, and of no
/// other. What is absent is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The query, without its question mark.
    pub query: String,
    /// `User-Agent`.
    pub user_agent: String,
    /// `Referer`: the page that an image stands on.
    pub referer: String,
    /// `Accept-Language`.
    pub accept_language: String,
    /// `Sec-Purpose`: whether the page is fetched ahead.
    pub purpose: String,
    /// `Content-Type`: how a form is written.
    pub content_type: String,
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

    /// What else the request says; called only for those that the pixel doesn't make.
    fn details(&self) -> Details;

    /// Where the request came from, and what from.
    fn origins(&self) -> Origins;

    /// Whether whoever asks does so more often than the platform's limit allows.
    async fn is_too_often(&self) -> bool;

    /// Reads the request's body, and no more of it than `limit` bytes.
    async fn read_body(&self, limit: usize) -> Result<Vec<u8>, Unread>;

    /// Posts, without following redirects.
    async fn post(&self, post: &Post<'_>) -> Reply;

    /// Puts an envelope into the queue; `None` where there is no queue.
    async fn enqueue(&self, envelope: &[u8]) -> Option<Result<(), String>>;

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
        Ok(Route::Form) => hand_in(config, asked, platform).await,
        Ok(Route::Preflight) => step::preflight(config, asked),
        Ok(Route::Image) => Ok(show(config, asked, platform).await),
        Ok(Route::Fault) => hear(config, asked, platform).await,
        Ok(Route::Withdraw) => leave(config, asked, platform, false).await,
        Ok(Route::Forget) => leave(config, asked, platform, true).await,
        Ok(Route::Click(token)) => Ok(lead_on(config, asked, token, platform).await),
        Ok(Route::Open(token)) => Ok(open(config, asked, token, platform).await),
        Ok(Route::Health) => health(config, asked, platform),
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

/// Whether the worker is well; and where a site is asked for, whether pages of the request's
/// origin may send for it, and whether it waits for consent.
fn health(config: &Config, asked: &Asked, platform: &impl Platform) -> Result<Answer, Refusal> {
    let query = platform.details().query;
    let slug = view::slug(&query);
    if slug.is_empty() {
        return Ok(Answer::healthy(None));
    }
    let slug = Site::new(slug).map_err(DecodeError::from)?;
    let sender = asked.origin.as_deref().map(Sender::of).unwrap_or_default();
    let site = step::serve(config, slug, &sender)?;
    Ok(Answer::healthy(Some(site)))
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
    let placed = step::find_site(config, &sender, decoded)?;
    if !step::may_be_kept(&placed) {
        return Ok(Answer::nothing());
    }
    let now_ms = platform.now_ms();
    let (proved, bad) = match identify::prove(config, &placed, now_ms).transpose() {
        Ok(proved) => {
            let fault = proved.as_ref().and_then(Proved::fault);
            (proved, fault)
        }
        Err(bad) => (None, Some(bad)),
    };
    let identified = step::identify(config, asked, &placed, proved.as_ref(), now_ms);
    let (stamped, who) = step::stamp(identified, &platform.origins());
    let delivered = deliver(config, &stamped, TIMEOUT_MS, platform).await?;
    Ok(step::welcome(&who, delivered).in_spite_of(bad))
}

/// The steps of a form. Its answers are what somebody gives on purpose, so they are taken
/// whatever the browser says of being known; but then without whose they are.
async fn hand_in(
    config: &Config,
    asked: &Asked,
    platform: &impl Platform,
) -> Result<Answer, Refusal> {
    step::bound_length(asked, form::MAX_BYTES)?;
    let sender = step::check_page(config, asked)?;
    let kind = Kind::of(&platform.details().content_type)?;
    let bytes = read(platform, form::MAX_BYTES).await?;
    let sent = Sent::read(kind, &bytes)?;
    let form = form::find_site(config, &sender, &sent)?;
    let now_ms = platform.now_ms();
    let visitor = form.visitor(config, asked, now_ms);
    let stamped = form.stamp(config, visitor, &platform.origins(), now_ms)?;
    let delivered = deliver(config, &stamped, TIMEOUT_MS, platform).await?;
    Ok(form.thank(delivered))
}

/// The last steps, of whatever is forwarded: into the queue, else to the backend, which may
/// take so long.
async fn deliver(
    config: &Config,
    stamped: &Stamped<'_>,
    timeout_ms: u32,
    platform: &impl Platform,
) -> Result<Delivered, Refusal> {
    if let Some(queued) = platform.enqueue(&stamped.envelope).await {
        return step::confirm_queued(queued);
    }
    let post = Post {
        timeout_ms,
        ..step::sign(config, stamped, platform.now_ms())
    };
    step::confirm(&post, platform.post(&post).await)
}

/// As [`deliver`], while somebody waits for a page. What isn't taken is lost, and told to the
/// operator.
async fn deliver_soon(config: &Config, stamped: &Stamped<'_>, platform: &impl Platform) {
    if let Err(refusal) = deliver(config, stamped, SHORT_TIMEOUT_MS, platform).await {
        tell(platform, &refusal);
    }
}

/// The image, whatever became of the view: it must never break a page.
///
/// Nobody would send the view again, so one that the backend doesn't take is lost, and the
/// operator is told.
async fn show(config: &Config, asked: &Asked, platform: &impl Platform) -> Answer {
    match record(config, asked, platform).await {
        Ok(Some(who)) => step::remember(&who, Answer::image()),
        Ok(None) => Answer::image(),
        Err(refusal) => {
            tell(platform, &refusal);
            Answer::image_in_spite_of(&refusal)
        }
    }
}

/// The steps of a view without JavaScript. `None` where it isn't to be recorded: the browser
/// or the site says not to, or it fetches the page ahead.
async fn record(
    config: &Config,
    asked: &Asked,
    platform: &impl Platform,
) -> Result<Option<Who>, Refusal> {
    if step::opted_out(asked) {
        return Ok(None);
    }
    let details = platform.details();
    if view::is_ahead(&details.purpose) {
        return Ok(None);
    }
    let seen = image::see(config, &details)?;
    if !seen.may_be_kept() {
        return Ok(None);
    }
    bound_rate(platform).await?;
    let tab = TabId(platform.random());
    let identified = image::record(config, asked, &seen, tab, platform.now_ms());
    let (stamped, who) = step::stamp(identified, &platform.origins());
    deliver(config, &stamped, TIMEOUT_MS, platform).await?;
    Ok(Some(who))
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

/// The steps of a visitor who takes their consent back, or wants to be forgotten. It is done
/// whatever else the browser says, and is no request to keep anything.
async fn leave(
    config: &Config,
    asked: &Asked,
    platform: &impl Platform,
    is_to_be_forgotten: bool,
) -> Result<Answer, Refusal> {
    step::bound_length(asked, leave::MAX_BYTES)?;
    let sender = step::check_page(config, asked)?;
    let bytes = read(platform, leave::MAX_BYTES).await?;
    let leaving = leave::read(config, &sender, &bytes)?;
    let now_ms = platform.now_ms();
    if is_to_be_forgotten && let Some(visitor) = leaving.visitor(config, asked, now_ms) {
        let stamped = leaving.stamp(visitor, now_ms);
        deliver(config, &stamped, TIMEOUT_MS, platform).await?;
    }
    Ok(leaving.forgotten())
}

/// The steps of a link in a message. Who follows one gets to its page, whatever becomes of
/// the news of it.
async fn lead_on(config: &Config, asked: &Asked, token: &str, platform: &impl Platform) -> Answer {
    match follow(config, asked, token, platform).await {
        Ok(destination) => Answer::redirect(destination),
        Err(refusal) => Answer::dead_link(&refusal),
    }
}

async fn follow(
    config: &Config,
    asked: &Asked,
    token: &str,
    platform: &impl Platform,
) -> Result<String, Refusal> {
    let now_ms = platform.now_ms();
    let bytes = message::bytes(token)?;
    let read = message::read(config, &bytes, now_ms, |purpose| {
        matches!(purpose, Purpose::Click(_))
    })?;
    if step::opted_out(asked) || platform.is_too_often().await {
        return read.destination(config, None, now_ms);
    }
    let origins = platform.origins();
    let machine = message::is_machine(asked, &platform.details(), &origins);
    let token_id = (!machine).then(|| platform.random());
    let destination = read.destination(config, token_id, now_ms)?;
    deliver_soon(config, &read.stamp(&origins, machine, now_ms), platform).await;
    Ok(destination)
}

/// The steps of a message that is opened: the image, whatever becomes of the news of it.
async fn open(config: &Config, asked: &Asked, token: &str, platform: &impl Platform) -> Answer {
    match look_at(config, asked, token, platform).await {
        Ok(()) => Answer::image(),
        Err(refusal) => Answer::image_in_spite_of(&refusal),
    }
}

async fn look_at(
    config: &Config,
    asked: &Asked,
    token: &str,
    platform: &impl Platform,
) -> Result<(), Refusal> {
    if step::opted_out(asked) {
        return Ok(());
    }
    let now_ms = platform.now_ms();
    let bytes = message::bytes(token)?;
    let read = message::read(config, &bytes, now_ms, |purpose| *purpose == Purpose::Open)?;
    bound_rate(platform).await?;
    let origins = platform.origins();
    let machine = message::is_machine(asked, &platform.details(), &origins);
    deliver_soon(config, &read.stamp(&origins, machine, now_ms), platform).await;
    Ok(())
}

/// Reads a body, of somebody who doesn't ask too often.
async fn read(platform: &impl Platform, limit: usize) -> Result<Vec<u8>, Refusal> {
    bound_rate(platform).await?;
    let read = platform.read_body(limit).await;
    read.map_err(|unread| Refusal::unread(unread, limit))
}

async fn bound_rate(platform: &impl Platform) -> Result<(), Refusal> {
    if platform.is_too_often().await {
        return Err(Refusal::TooMany);
    }
    Ok(())
}

fn tell(platform: &impl Platform, refusal: &Refusal) {
    if let Some(message) = refusal.message() {
        platform.report(&message);
    }
}

#[cfg(test)]
mod tests;
