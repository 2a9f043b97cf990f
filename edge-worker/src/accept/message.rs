//! The links in messages: `/r/{token}` leads on to a page, `/o/{token}.gif` is the image that a
//! mail's opening asks for. Both tell the backend what became of the message.
//!
//! Neither sets a cookie or reads one: whoever follows a link has consented to nothing, and
//! mails are handed on. Instead the page that a link leads to gets a token of its own for ten
//! minutes (`?crumb=…`), which its pixel presents once there is consent.

use super::{
    Asked, Details, Refusal,
    address::{is_address, origin},
    step::{self, Stamped},
};
use crate::{
    config::{Config, SiteConfig},
    enrich::Origins,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    id::VisitorId,
    notice::{Followed, Notice, What},
    token::{BadToken, Link, Purpose, Token, TokenId},
};

/// How long the token for the landing page holds, in seconds.
const LANDING_S: u64 = 10 * 60;

/// Programs that ask for what is in messages, by a word of their `User-Agent`; they are not
/// in lists of crawlers, for some do it as a person opens the mail. Sources: Google's and
/// Yahoo's notes on their image proxies, and what the filters of Barracuda, Mimecast,
/// Proofpoint and Microsoft send.
const MACHINES: [&str; 9] = [
    "googleimageproxy",
    "yahoomailproxy",
    "barracuda",
    "mimecast",
    "proofpoint",
    "safelinks",
    "slackbot",
    "whatsapp/",
    "facebookexternalhit",
];

/// A token that was read, of a site that is served.
pub(super) struct Read<'c, 't> {
    token: Token<'t>,
    site: &'c SiteConfig,
}

/// The bytes of a token in an address.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text);
    bytes.map_err(|_| BadToken::NotAToken.into())
}

/// Reads a token of which `is_meant` says whether it is for this.
pub(super) fn read<'c, 't>(
    config: &'c Config,
    bytes: &'t [u8],
    now_ms: u64,
    is_meant: impl Fn(&Purpose<'_>) -> bool,
) -> Result<Read<'c, 't>, Refusal> {
    let token = Token::open(bytes, now_ms / 1000, |site, name| {
        let keys = config.site(site)?.message_keys.as_ref()?;
        Some(keys.get(name)?.bytes())
    })?;
    let site = config.site(token.site).ok_or(Refusal::UnknownSite)?;
    if is_meant(&token.purpose) {
        Ok(Read { token, site })
    } else {
        Err(BadToken::NotAToken.into())
    }
}

/// Whether a program asks, and no person.
pub(super) fn is_machine(asked: &Asked, details: &Details, origins: &Origins) -> bool {
    // Apple's Mail fetches every image of every mail under this name alone.
    let is_bare = matches!(details.user_agent.trim(), "" | "Mozilla/5.0");
    let name = details.user_agent.to_ascii_lowercase();
    asked.method == "HEAD"
        || !details.purpose.is_empty()
        || origins.agent.bot
        || is_bare
        || MACHINES.iter().any(|machine| name.contains(machine))
}

impl<'c, 't> Read<'c, 't> {
    /// The link that the token is of; an image's is none.
    fn link(&self) -> Option<Link<'t>> {
        match self.token.purpose {
            Purpose::Click(link) => Some(link),
            Purpose::Open | Purpose::Landing => None,
        }
    }

    /// What is to be told of it.
    pub(super) fn stamp(&self, origins: &Origins, machine: bool, now_ms: u64) -> Stamped<'c> {
        let notice = Notice {
            site: self.token.site,
            what: What::Message(Followed {
                token_id: self.token.id,
                message: self.token.message,
                link: self.link(),
                machine,
            }),
        };
        step::stamp_notice(self.site, &notice, VisitorId::new(0), origins, now_ms)
    }

    /// Where the link leads; with a token for its page, where that is one of the site's own and
    /// `token_id`, random, is given.
    pub(super) fn destination(
        &self,
        config: &Config,
        token_id: Option<u64>,
        now_ms: u64,
    ) -> Result<String, Refusal> {
        let url = self.link().map_or("", |link| link.url);
        if !is_address(url) {
            return Err(BadToken::NotAToken.into());
        }
        let Some(token_id) = token_id.filter(|_| self.site.allows(origin(url))) else {
            return Ok(url.into());
        };
        let (name, key) = config.cookie_keys.first();
        let token = Token {
            id: TokenId(token_id),
            expires_s: now_ms / 1000 + LANDING_S,
            purpose: Purpose::Landing,
            ..self.token.clone()
        };
        let token = URL_SAFE_NO_PAD.encode(token.seal(name, key.bytes()));
        let (before, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let mark = if before.contains('?') { '&' } else { '?' };
        Ok(format!("{before}{mark}crumb={token}{fragment}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        let is = |method: &str, user_agent: &str, purpose: &str| {
            let asked = Asked {
                method: method.into(),
                ..Asked::default()
            };
            let details = Details {
                user_agent: user_agent.into(),
                purpose: purpose.into(),
                ..Details::default()
            };
            is_machine(&asked, &details, &Origins::default())
        };
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";
        assert!(!is("GET", phone, ""));
        assert!(is("HEAD", phone, ""));
        assert!(is("GET", phone, "prefetch"));
        for machine in [
            "",
            "Mozilla/5.0",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "WhatsApp/2.23.20.0",
        ] {
            assert!(is("GET", machine, ""), "{machine}");
        }
    }
}
