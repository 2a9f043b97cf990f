//! The steps of a batch, and what each of them makes.

use super::{Answer, Asked, Refusal};
use crate::{
    config::{Config, SiteConfig},
    enrich::{self, RawPlace},
    forward::{self, Post, Reply},
    identity::{self, Carrier, Keys, Visitor},
};
use protocol::{
    attempt::Attempt,
    batch::Batch,
    envelope::{Envelope, Stamp},
    id::{Site, TabId},
};

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

/// It is known whose browser sent it.
pub(super) struct Identified<'a> {
    placed: Placed<'a>,
    carrier: Carrier,
    visitor: Visitor,
}

/// It is ready to be sealed into an envelope.
pub(super) struct Stamped<'a> {
    identified: Identified<'a>,
    stamp: Stamp<'a>,
}

/// It is ready to go.
pub(super) struct Signed<'a> {
    identified: Identified<'a>,
    post: Post<'a>,
}

/// The backend has it on its disk.
pub(super) struct Delivered {
    carrier: Carrier,
    visitor: Visitor,
}

/// Refuses by what the request says of its own length.
pub(super) fn bound_length(asked: &Asked) -> Result<(), Refusal> {
    match asked.content_length {
        Some(length) if length > Attempt::MAX_BYTES as u64 => Err(Refusal::TooLarge),
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

/// Whether the browser says not to (Global Privacy Control, W3C): then nothing
/// is read, kept or forwarded.
pub(super) fn opted_out(asked: &Asked) -> bool {
    asked.privacy_control.as_deref() == Some("1")
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
    let site = config.site(decoded.site).ok_or(Refusal::UnknownSite)?;
    match sender.origin {
        Some(origin) if !site.allows(origin) => Err(Refusal::OriginNotAllowed),
        _ => Ok(Placed { decoded, site }),
    }
}

/// Decides whose browser it is, by the cookie or, from a page of another site,
/// by the token in the attempt's head.
pub(super) fn identify<'a>(
    config: &Config,
    asked: &Asked,
    placed: Placed<'a>,
    now_ms: u64,
) -> Identified<'a> {
    let Decoded { attempt, site, tab } = placed.decoded;
    let keys = Keys {
        ring: &config.cookie_keys,
        mint: &config.mint_key,
    };
    let carrier = match asked.fetch_site.as_deref() {
        Some("cross-site") => Carrier::Token,
        _ => Carrier::Cookie,
    };
    let visitor = match carrier {
        Carrier::Token => {
            let token = Some(attempt.head.token);
            identity::decide(keys, site, carrier, token, tab, now_ms)
        }
        Carrier::Cookie => {
            let cookies = asked.cookie.iter().flat_map(|all| identity::cookies(all));
            identity::decide(keys, site, carrier, cookies, tab, now_ms)
        }
    };
    Identified {
        placed,
        carrier,
        visitor,
    }
}

/// Stamps it with all that the edge knows.
pub(super) fn stamp<'a>(
    identified: Identified<'a>,
    received_at_ms: u64,
    place: &'a RawPlace,
) -> Stamped<'a> {
    let sent_at_ms = identified.placed.decoded.attempt.head.sent_at_ms;
    let stamp = enrich::stamp(identified.visitor.id, received_at_ms, sent_at_ms, place);
    Stamped { identified, stamp }
}

/// Signs it, as of now, for the site's backend.
pub(super) fn sign<'a>(config: &Config, stamped: Stamped<'a>, now_ms: u64) -> Signed<'a> {
    let Stamped { identified, stamp } = stamped;
    let Placed { decoded, site } = &identified.placed;
    let envelope = Envelope {
        stamp,
        batch: decoded.attempt.batch,
    };
    let post = forward::sign(&site.ingest_url, &config.forward_keys, now_ms, &envelope);
    Signed { identified, post }
}

impl Signed<'_> {
    pub(super) fn post(&self) -> &Post<'_> {
        &self.post
    }
}

/// Reads the backend's answer: nothing but its yes is a yes.
pub(super) fn confirm(signed: Signed<'_>, reply: Reply) -> Result<Delivered, Refusal> {
    forward::judge(signed.post.url, reply)?;
    let Identified {
        carrier, visitor, ..
    } = signed.identified;
    Ok(Delivered { carrier, visitor })
}

/// Says yes, and hands the browser what carries its id.
pub(super) fn welcome(delivered: Delivered) -> Answer {
    let Delivered { carrier, visitor } = delivered;
    match carrier {
        Carrier::Token => Answer::text(visitor.sealed),
        Carrier::Cookie if visitor.renewed => {
            Answer::nothing().with("set-cookie", identity::set_cookie(&visitor.sealed))
        }
        Carrier::Cookie => Answer::nothing(),
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
