//! The steps of a batch, and what each of them makes. A view without JavaScript
//! ([`image`](super::image)) joins them at [`Identified`], what else there is to forward
//! ([`form`](super::form), [`message`](super::message), [`leave`](super::leave)) at [`Stamped`].

use super::{
    Answer, Asked, Refusal,
    identify::{self, Proved, Who},
};
use crate::{
    config::{Config, SiteConfig},
    enrich::{self, Decided, Origins},
    fault::Report,
    forward::{self, Post, Reply},
};
use protocol::{
    attempt::Attempt,
    batch::{Batch, Consent},
    cover::cover,
    envelope::Envelope,
    id::{Site, VisitorId},
    notice::Notice,
};
use std::borrow::Cow;

/// The origin of the page that sends, known to be one of ours; a page's request
/// always names one, another program's need not.
#[derive(Default)]
pub(super) struct Sender<'a> {
    origin: Option<&'a str>,
}

/// An attempt whose batch was decoded and checked whole.
pub(super) struct Decoded<'a> {
    pub(super) attempt: Attempt<'a>,
    pub(super) batch: Batch<'a>,
    /// Its bytes, where a text in it had to be masked.
    covered: Option<Vec<u8>>,
}

/// It belongs to a site of ours, and the page may send for that site.
pub(super) struct Placed<'a> {
    pub(super) decoded: Decoded<'a>,
    pub(super) site: &'a SiteConfig,
}

/// It is known whose browser sent the batch, and when it was taken.
pub(super) struct Identified<'a> {
    pub(super) site: &'a SiteConfig,
    pub(super) batch: Cow<'a, [u8]>,
    pub(super) sent_at_ms: u64,
    pub(super) received_at_ms: u64,
    pub(super) who: Who,
    pub(super) proved: Option<&'a Proved>,
}

/// An envelope, for the site's backend.
pub(super) struct Stamped<'a> {
    pub(super) site: &'a SiteConfig,
    pub(super) envelope: Vec<u8>,
}

/// It is safe: on the backend's disk, or in the queue.
pub(super) struct Delivered(());

/// Refuses by what the request says of its own length, in bytes.
pub(super) fn bound_length(asked: &Asked, limit: usize) -> Result<(), Refusal> {
    match asked.content_length {
        Some(length) if length > limit as u64 => Err(Refusal::TooLarge { limit }),
        _ => Ok(()),
    }
}

/// Refuses pages of which no site knows. The site itself stands in the batch,
/// which is still unread.
pub(super) fn check_origin<'a>(config: &Config, asked: &'a Asked) -> Result<Sender<'a>, Refusal> {
    match asked.origin.as_deref() {
        Some(origin) if !config.allows(origin) => Err(Refusal::OriginNotAllowed),
        origin => Ok(Sender { origin }),
    }
}

/// As [`check_origin`], and refuses what is of no page at all.
pub(super) fn check_page<'a>(config: &Config, asked: &'a Asked) -> Result<Sender<'a>, Refusal> {
    let sender = check_origin(config, asked)?;
    match sender.origin {
        None => Err(Refusal::OriginNotAllowed),
        Some(_) => Ok(sender),
    }
}

/// Whether the browser says not to (Global Privacy Control, W3C): then nothing
/// is read, kept or forwarded.
pub(super) fn opted_out(asked: &Asked) -> bool {
    asked.privacy_control.as_deref() == Some("1")
}

/// Reads what a pixel reports of itself, and refuses pages that may send only for
/// other sites.
pub(super) fn check_report<'a>(
    config: &Config,
    sender: &Sender<'_>,
    bytes: &'a [u8],
) -> Result<Report<'a>, Refusal> {
    let report = Report::read(bytes)?;
    serve(config, report.site, sender)?;
    Ok(report)
}

/// Decodes the attempt and its batch, whole, and masks what the pixel would have.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Refusal> {
    let attempt = Attempt::decode(bytes)?;
    let mut batch = Batch::decode(attempt.batch)?;
    let covered = cover(&mut batch);
    Ok(Decoded {
        attempt,
        batch,
        covered,
    })
}

/// Finds the site, and refuses pages that may send only for others.
pub(super) fn find_site<'a>(
    config: &'a Config,
    sender: &Sender<'_>,
    decoded: Decoded<'a>,
) -> Result<Placed<'a>, Refusal> {
    let site = serve(config, decoded.batch.site, sender)?;
    Ok(Placed { decoded, site })
}

/// The site of that name, unless the page may send only for others.
pub(super) fn serve<'a>(
    config: &'a Config,
    slug: Site<'_>,
    sender: &Sender<'_>,
) -> Result<&'a SiteConfig, Refusal> {
    let site = config.site(slug).ok_or(Refusal::UnknownSite)?;
    match sender.origin {
        Some(origin) if !site.allows(origin) => Err(Refusal::OriginNotAllowed),
        _ => Ok(site),
    }
}

impl<'a> Sender<'a> {
    /// A page, as it says which it is.
    pub(super) const fn of(origin: &'a str) -> Self {
        Self {
            origin: Some(origin),
        }
    }

    /// The page's origin; empty where the request names none.
    pub(super) fn origin(&self) -> &'a str {
        self.origin.unwrap_or_default()
    }
}

/// Whether the visitor's choice lets anything be kept.
pub(super) fn may_be_kept(placed: &Placed<'_>) -> bool {
    !placed.site.needs_consent || placed.decoded.batch.header.consent == Consent::Granted
}

/// Decides whose browser sent the batch.
pub(super) fn identify<'a>(
    config: &Config,
    asked: &Asked,
    placed: &'a Placed<'a>,
    proved: Option<&'a Proved>,
    now_ms: u64,
) -> Identified<'a> {
    let Decoded {
        attempt: Attempt { head, batch },
        covered,
        ..
    } = &placed.decoded;
    Identified {
        site: placed.site,
        batch: Cow::Borrowed(covered.as_deref().unwrap_or(batch)),
        sent_at_ms: head.sent_at_ms,
        received_at_ms: now_ms,
        who: identify::follow(config, asked, placed, proved, now_ms),
        proved,
    }
}

/// Stamps it with all that the edge knows.
pub(super) fn stamp<'a>(identified: Identified<'a>, origins: &Origins) -> (Stamped<'a>, Who) {
    let decided = Decided {
        visitor_id: identified.who.visitor,
        received_at_ms: identified.received_at_ms,
        sent_at_ms: identified.sent_at_ms,
        proof: identified.proved.and_then(Proved::proof),
    };
    let envelope = Envelope {
        stamp: enrich::stamp(decided, origins),
        payload: &identified.batch,
    };
    let stamped = Stamped {
        site: identified.site,
        envelope: envelope.encode(),
    };
    (stamped, identified.who)
}

/// Stamps what there is to tell besides batches, of a visitor who is 0 where nobody is known.
pub(super) fn stamp_notice<'a>(
    site: &'a SiteConfig,
    notice: &Notice<'_>,
    visitor_id: VisitorId,
    origins: &Origins,
    now_ms: u64,
) -> Stamped<'a> {
    let decided = Decided {
        visitor_id,
        received_at_ms: now_ms,
        sent_at_ms: now_ms,
        proof: None,
    };
    let envelope = Envelope {
        stamp: enrich::stamp(decided, origins),
        payload: &notice.encode(),
    };
    Stamped {
        site,
        envelope: envelope.encode(),
    }
}

/// Signs it, as of now, for the site's backend.
pub(super) fn sign<'a>(config: &Config, stamped: &Stamped<'a>, now_ms: u64) -> Post<'a> {
    forward::sign(
        &stamped.site.ingest_url,
        &config.forward_keys,
        now_ms,
        [stamped.envelope.as_slice()],
    )
}

/// Reads the backend's answer: nothing but its yes is a yes.
pub(super) fn confirm(post: &Post<'_>, reply: Reply) -> Result<Delivered, Refusal> {
    forward::judge(post.url, reply)?;
    Ok(Delivered(()))
}

/// Reads the queue's answer.
pub(super) fn confirm_queued(queued: Result<(), String>) -> Result<Delivered, Refusal> {
    forward::judge_queued(queued)?;
    Ok(Delivered(()))
}

/// Says yes, and hands the browser what carries its identity.
pub(super) fn welcome(who: &Who, _: Delivered) -> Answer {
    match &who.token {
        Some(token) => Answer::token(token.clone()),
        None => remember(who, Answer::nothing()),
    }
}

/// The answer, with the cookie where the browser lacks it.
pub(super) fn remember(who: &Who, answer: Answer) -> Answer {
    match &who.cookie {
        Some(cookie) => answer.with("set-cookie", cookie.clone()),
        None => answer,
    }
}

/// Answers a browser that asks whether a page of another origin may post.
pub(super) fn preflight(config: &Config, asked: &Asked) -> Result<Answer, Refusal> {
    check_origin(config, asked)?;
    Ok(Answer::nothing()
        .with("access-control-allow-methods", "POST")
        .with("access-control-allow-headers", "content-type")
        .with("access-control-max-age", "86400"))
}
