//! The steps of a batch, and what each of them makes. A view without JavaScript
//! ([`image`](super::image)) joins them at [`Identified`].

use super::{Answer, Asked, Refusal};
use crate::{
    config::{Config, SiteConfig},
    enrich::{self, RawPlace},
    fault::Report,
    forward::{self, Post, Reply},
    identity::{self, Carrier, Keys, Visitor},
};
use protocol::{
    attempt::Attempt,
    batch::Batch,
    envelope::{Envelope, Stamp},
    id::{Site, TabId},
};
use std::borrow::Cow;

/// The origin of the page that sends, known to be one of ours; a page's request
/// always names one, another program's need not.
pub(super) struct Sender<'a> {
    origin: Option<&'a str>,
}

/// An attempt whose batch was decoded and checked whole.
pub(super) struct Decoded<'a> {
    attempt: Attempt<'a>,
    site: Site<'a>,
    tab: TabId,
}

/// It belongs to a site of ours, and the page may send for that site.
pub(super) struct Placed<'a> {
    decoded: Decoded<'a>,
    site: &'a SiteConfig,
}

/// What a request says of the browser that sent it, besides its headers.
pub(super) struct Browser<'a> {
    pub(super) site: Site<'a>,
    pub(super) tab: TabId,
    /// The token in an attempt's head; empty where there is none.
    pub(super) token: &'a str,
}

/// Whose browser it is, and what is to carry its id from here on.
pub(super) struct Who {
    carrier: Carrier,
    pub(super) visitor: Visitor,
}

/// It is known whose browser sent the batch, and when it was taken.
pub(super) struct Identified<'a> {
    pub(super) site: &'a SiteConfig,
    pub(super) batch: Cow<'a, [u8]>,
    pub(super) sent_at_ms: u64,
    pub(super) received_at_ms: u64,
    pub(super) who: Who,
}

/// It is ready to be sealed into an envelope.
pub(super) struct Stamped<'a> {
    identified: Identified<'a>,
    stamp: Stamp<'a>,
}

/// It is ready to go.
pub(super) struct Signed<'a> {
    who: Who,
    post: Post<'a>,
}

/// The backend has it on its disk.
pub(super) struct Delivered(Who);

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
    serve(config, report.site, sender.origin)?;
    Ok(report)
}

/// Decodes the attempt and its batch, whole.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Refusal> {
    let attempt = Attempt::decode(bytes)?;
    let batch = Batch::decode(attempt.batch)?;
    Ok(Decoded {
        attempt,
        site: batch.site,
        tab: batch.header.tab_id,
    })
}

/// Finds the site, and refuses pages that may send only for others.
pub(super) fn find_site<'a>(
    config: &'a Config,
    sender: Sender<'_>,
    decoded: Decoded<'a>,
) -> Result<Placed<'a>, Refusal> {
    let site = serve(config, decoded.site, sender.origin)?;
    Ok(Placed { decoded, site })
}

/// The site of that name, unless the page may send only for others.
pub(super) fn serve<'a>(
    config: &'a Config,
    slug: Site<'_>,
    origin: Option<&str>,
) -> Result<&'a SiteConfig, Refusal> {
    let site = config.site(slug).ok_or(Refusal::UnknownSite)?;
    match origin {
        Some(origin) if !site.allows(origin) => Err(Refusal::OriginNotAllowed),
        _ => Ok(site),
    }
}

/// Decides whose browser sent the batch.
pub(super) fn identify<'a>(
    config: &Config,
    asked: &Asked,
    placed: Placed<'a>,
    now_ms: u64,
) -> Identified<'a> {
    let Placed { decoded, site } = placed;
    let Attempt { head, batch } = decoded.attempt;
    let browser = Browser {
        site: decoded.site,
        tab: decoded.tab,
        token: head.token,
    };
    Identified {
        site,
        batch: Cow::Borrowed(batch),
        sent_at_ms: head.sent_at_ms,
        received_at_ms: now_ms,
        who: recognize(config, asked, browser, now_ms),
    }
}

/// Decides whose browser it is, by the cookie or, from a page of another site, by the
/// token.
pub(super) fn recognize(config: &Config, asked: &Asked, browser: Browser<'_>, now_ms: u64) -> Who {
    let Browser { site, tab, token } = browser;
    let keys = Keys {
        ring: &config.cookie_keys,
        mint: &config.mint_key,
    };
    let carrier = match asked.fetch_site.as_deref() {
        Some("cross-site") => Carrier::Token,
        _ => Carrier::Cookie,
    };
    let visitor = match carrier {
        Carrier::Token => identity::decide(keys, site, carrier, Some(token), tab, now_ms),
        Carrier::Cookie => {
            let cookies = asked.cookie.iter().flat_map(|all| identity::cookies(all));
            identity::decide(keys, site, carrier, cookies, tab, now_ms)
        }
    };
    Who { carrier, visitor }
}

/// Stamps it with all that the edge knows.
pub(super) fn stamp<'a>(identified: Identified<'a>, place: &'a RawPlace) -> Stamped<'a> {
    let stamp = enrich::stamp(
        identified.who.visitor.id,
        identified.received_at_ms,
        identified.sent_at_ms,
        place,
    );
    Stamped { identified, stamp }
}

/// Signs it, as of now, for the site's backend.
pub(super) fn sign<'a>(config: &Config, stamped: Stamped<'a>, now_ms: u64) -> Signed<'a> {
    let Stamped { identified, stamp } = stamped;
    let Identified {
        site, batch, who, ..
    } = identified;
    let envelope = Envelope {
        stamp,
        batch: &batch,
    };
    let post = forward::sign(&site.ingest_url, &config.forward_keys, now_ms, &envelope);
    Signed { who, post }
}

impl Signed<'_> {
    pub(super) fn post(&self) -> &Post<'_> {
        &self.post
    }
}

/// Reads the backend's answer: nothing but its yes is a yes.
pub(super) fn confirm(signed: Signed<'_>, reply: Reply) -> Result<Delivered, Refusal> {
    forward::judge(signed.post.url, reply)?;
    Ok(Delivered(signed.who))
}

/// Says yes, and hands the browser what carries its id.
pub(super) fn welcome(delivered: Delivered) -> Answer {
    match delivered.0.carrier {
        Carrier::Token => Answer::text(delivered.0.visitor.sealed),
        Carrier::Cookie => delivered.remembered_by(Answer::nothing()),
    }
}

impl Delivered {
    /// The answer, with the cookie where one carries the id and the browser lacks it.
    pub(super) fn remembered_by(&self, answer: Answer) -> Answer {
        let Who { carrier, visitor } = &self.0;
        if *carrier == Carrier::Cookie && visitor.renewed {
            answer.with("set-cookie", identity::set_cookie(&visitor.sealed))
        } else {
            answer
        }
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
