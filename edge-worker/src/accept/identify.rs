//! Whose browser it is: the steps that look at what carries an identity, and at what the
//! first and the last event of a batch say of one.

use super::{Asked, step::Placed};
use crate::{
    config::{Config, SiteConfig},
    identity::{self, Carried, Carrier, Identity, Recognized, Registry},
    login::{self, Login},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    batch::Batch,
    envelope::Proof,
    event::{Action, Event, Identify, IdentifyBy},
    id::{Site, TabId, VisitorId},
    token::{BadToken, Channel, Message, Purpose, Token, TokenId},
};

/// Whose browser it is, and what is to carry its identity from here on.
pub(super) struct Who {
    /// As whom the batch is stamped.
    pub(super) visitor: VisitorId,
    /// Whether the browser is new.
    pub(super) minted: bool,
    /// The token that a page of another site is to keep.
    pub(super) token: Option<String>,
    /// The cookie, where one carries the identity and the browser lacks it.
    pub(super) cookie: Option<String>,
}

/// What a token proved.
pub(super) enum Proved {
    /// Who logged in.
    Login(Login),
    /// Whose message was followed.
    Landing {
        contact: protocol::id::ContactId,
        channel: Channel,
        message_id: String,
        campaign: String,
        token_id: TokenId,
    },
}

/// What a request says of the browser that sent it, besides its headers.
pub(super) struct Browser<'a> {
    pub(super) site: Site<'a>,
    pub(super) tab: TabId,
    /// The token in an attempt's head; empty where there is none.
    pub(super) token: &'a str,
}

/// Verifies the token with which the batch's first event says who the visitor is; `None`
/// where it says nothing of the kind.
pub(super) fn prove(
    config: &Config,
    placed: &Placed<'_>,
    now_ms: u64,
) -> Option<Result<Proved, BadToken>> {
    let Placed { site, decoded } = placed;
    let now_s = now_ms / 1000;
    let Action::Identify(Identify { by, value }) = decoded.batch.events.first()?.action else {
        return None;
    };
    match by {
        IdentifyBy::Login => Some(log_in(value, decoded.batch.site, site, now_s)),
        IdentifyBy::Landing => Some(land(value, decoded.batch.site, config, now_s)),
        IdentifyBy::Id | IdentifyBy::Mail | IdentifyBy::Phone => None,
    }
}

fn log_in(text: &str, slug: Site<'_>, site: &SiteConfig, now_s: u64) -> Result<Proved, BadToken> {
    let keys = site.login_keys.as_ref().ok_or(BadToken::Unsigned)?;
    login::read(text, slug, keys, now_s).map(Proved::Login)
}

fn land(text: &str, slug: Site<'_>, config: &Config, now_s: u64) -> Result<Proved, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(text);
    let bytes = bytes.map_err(|_| BadToken::NotAToken)?;
    let token = Token::open(&bytes, now_s, |_, name| {
        config.cookie_keys.get(name).map(identity::Key::bytes)
    })?;
    if token.purpose != Purpose::Landing || token.site != slug {
        return Err(BadToken::NotAToken);
    }
    let Message {
        contact,
        channel,
        message_id,
        campaign,
    } = token.message;
    Ok(Proved::Landing {
        contact,
        channel,
        message_id: message_id.into(),
        campaign: campaign.into(),
        token_id: token.id,
    })
}

impl Proved {
    /// What the backend is to know of it; an expired token proves nothing.
    pub(super) fn proof(&self) -> Option<Proof<'_>> {
        Some(match self {
            Self::Login(login) if login.is_expired => return None,
            Self::Login(login) => Proof::Login {
                contact: &login.contact,
                token_id: login.token_id,
            },
            Self::Landing {
                contact,
                channel,
                message_id,
                campaign,
                token_id,
            } => Proof::Landing {
                message: Message {
                    contact: *contact,
                    channel: *channel,
                    message_id,
                    campaign,
                },
                token_id: *token_id,
            },
        })
    }

    /// What is wrong with the token nevertheless.
    pub(super) fn fault(&self) -> Option<BadToken> {
        self.proof().is_none().then_some(BadToken::Expired)
    }
}

/// Recognizes the browser by the cookie or, from a page of another site, by the token; and
/// follows it through a login at the batch's beginning and a sign-out at its end.
pub(super) fn follow(
    config: &Config,
    asked: &Asked,
    placed: &Placed<'_>,
    proved: Option<&Proved>,
    now_ms: u64,
) -> Who {
    let decoded = &placed.decoded;
    let browser = Browser {
        site: decoded.batch.site,
        tab: decoded.batch.header.tab_id,
        token: decoded.attempt.head.token,
    };
    let registry = registry(config, asked, browser.site, now_ms);
    let recognized = recognize(&registry, asked, &browser);
    let mut visitor = recognized.identity.id;
    let mut next = recognized.identity;
    // By how long ago it was, which the browser's clock tells right even where it is wrong.
    let at_ms = |event: &Event<'_>| {
        let ago_ms = decoded.attempt.head.sent_at_ms.saturating_sub(event.at_ms);
        now_ms.saturating_sub(ago_ms)
    };
    let Batch { header, events, .. } = &decoded.batch;
    if let Some(last) = events.last() {
        visitor = registry.recorded_by(next, header.tab_id, at_ms(last));
    }
    if let (Some(Proved::Login(login)), Some(first)) = (proved, events.first()) {
        let logged_in = registry.log_in(next, &login.contact, at_ms(first));
        (visitor, next) = (logged_in.visitor, logged_in.next);
    }
    if let Some(last) = events.last()
        && last.action == Action::SignOut
    {
        next = registry.sign_out(next, (header.tab_id, last.seq), at_ms(last));
    }
    who(&registry, recognized, visitor, next)
}

/// Recognizes the browser of a view without JavaScript.
pub(super) fn look(config: &Config, asked: &Asked, browser: &Browser<'_>, now_ms: u64) -> Who {
    let registry = registry(config, asked, browser.site, now_ms);
    let recognized = recognize(&registry, asked, browser);
    let identity = recognized.identity;
    who(&registry, recognized, identity.id, identity)
}

/// The visitor that the browser proves to be, of whom it is to be known already.
pub(super) fn known(
    config: &Config,
    asked: &Asked,
    (site, token): (Site<'_>, &str),
    now_ms: u64,
) -> Option<VisitorId> {
    let browser = Browser {
        site,
        tab: TabId(0),
        token,
    };
    let recognized = recognize(&registry(config, asked, site, now_ms), asked, &browser);
    (!recognized.minted).then_some(recognized.identity.id)
}

fn registry<'a>(config: &'a Config, asked: &Asked, site: Site<'a>, now_ms: u64) -> Registry<'a> {
    Registry {
        ring: &config.cookie_keys,
        mint: &config.mint_key,
        site,
        carrier: match asked.fetch_site.as_deref() {
            Some("cross-site") => Carrier::Token,
            _ => Carrier::Cookie,
        },
        now_ms,
    }
}

fn recognize<'p>(
    registry: &Registry<'_>,
    asked: &'p Asked,
    browser: &Browser<'p>,
) -> Recognized<'p> {
    match registry.carrier {
        Carrier::Token => registry.recognize(Some(browser.token), browser.tab),
        Carrier::Cookie => {
            let headers = asked.cookie.iter();
            let cookies = headers.flat_map(|all| identity::cookies(all, browser.site));
            registry.recognize(cookies, browser.tab)
        }
    }
}

fn who(
    registry: &Registry<'_>,
    recognized: Recognized<'_>,
    visitor: VisitorId,
    next: Identity,
) -> Who {
    let Carried { sealed, renewed } = registry.carry(recognized, next);
    let (token, cookie) = match registry.carrier {
        Carrier::Token => (Some(sealed), None),
        Carrier::Cookie => {
            let cookie = renewed.then(|| identity::set_cookie(registry.site, &sealed));
            (None, cookie)
        }
    };
    Who {
        visitor,
        minted: recognized.minted,
        token,
        cookie,
    }
}
