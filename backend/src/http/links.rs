//! Links in messages: tokens by which a click, or an opening, is known to be a recipient's.

use super::{
    App, Problem, Shared,
    auth::{At, Writes},
    body::Body,
    bulk::{self, RejectedRow, Wait},
};
use crate::{
    ingest::given::{Moment, Wrong},
    people::{fact::Fact, identifier::Named},
};
use axum::{Json, extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use protocol::{
    id::{ContactId, Site},
    token::{Channel, Link, Message, Purpose, Token, TokenId},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, str::FromStr};
use utoipa::ToSchema;

/// Most recipients of a request.
const MOST_RECIPIENTS: usize = 10_000;
/// Most links of a message.
const MOST_LINKS: usize = 100;
/// Most tokens of a request.
const MOST_TOKENS: usize = 100_000;
/// For how long tokens hold where nobody says: 90 days.
const USUAL_SECONDS: u64 = 90 * 24 * 60 * 60;
/// The longest token that the edge takes, in characters.
const MOST_CHARACTERS: usize = 1024;

/// The keys by which sites sign the tokens of messages: the first of each site signs.
#[derive(Clone, Default)]
pub struct MessageKeys(BTreeMap<String, (String, Vec<u8>)>);

impl std::fmt::Debug for MessageKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self
            .0
            .iter()
            .map(|(site, (name, _))| format!("{site}/{name}"));
        f.debug_set().entries(names).finish()
    }
}

/// Why a text is no [`MessageKeys`]. It never holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "key {0} is not site/name:hex with 64 hex digits at least; give them as the worker's MESSAGE_KEYS"
)]
pub struct MessageKeysError(usize);

impl FromStr for MessageKeys {
    type Err = MessageKeysError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut keys = BTreeMap::new();
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        for (part, place) in parts.zip(1..) {
            let read = || {
                let (site, rest) = part.split_once('/')?;
                let (name, key) = rest.split_once(':')?;
                let key = hex::decode(key).ok()?;
                let fits = Site::new(site).is_ok()
                    && key.len() >= protocol::signature::MIN_KEY_BYTES
                    && !name.is_empty();
                fits.then(|| (site.to_owned(), (name.to_owned(), key)))
            };
            let (site, key) = read().ok_or(MessageKeysError(place))?;
            keys.entry(site).or_insert(key);
        }
        Ok(Self(keys))
    }
}

/// A message, and who gets it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageLinks)]
pub struct Wanted {
    /// Where the edge answers on the shop's site.
    #[schema(example = "https://shop.example/c")]
    edge: String,
    /// The sending that it is.
    message_id: String,
    /// The campaign.
    #[serde(default)]
    campaign: String,
    /// `mail`, `sms`, `whatsapp` or `push`.
    #[schema(value_type = String, example = "mail")]
    channel: Channel,
    /// Until when the links hold: milliseconds since the epoch, or RFC 3339; for 90 days where it
    /// is left out.
    #[serde(default)]
    expires_at: Moment,
    /// The links in it, at most 100.
    #[serde(default)]
    links: Vec<WantedLink>,
    /// Who gets it, at most 10,000.
    recipients: Vec<Named>,
}

/// A link in a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedLink {
    /// Where it leads.
    #[schema(example = "https://shop.example/shoes")]
    url: String,
    /// What it is about.
    #[serde(default)]
    topic: String,
}

/// The links of every recipient.
#[derive(Serialize, ToSchema)]
pub struct Minted {
    /// In the order of the recipients, those left out that are rejected.
    recipients: Vec<Recipient>,
    /// Recipients that are nobody, or links that don't fit theirs.
    rejected: Vec<RejectedRow>,
}

/// A recipient's links.
#[derive(Serialize, ToSchema)]
pub struct Recipient {
    /// Which of the recipients, from 0.
    row: usize,
    /// The contact's id, as text.
    contact_id: String,
    /// An image of one point: whoever loads it opened the message.
    open: String,
    /// In the order of the message's links.
    links: Vec<String>,
}

/// Makes the links of a message for each of its recipients, by which the edge knows whose click it
/// is: it answers each with the page that the link leads to, and the page's pixel ties the browser
/// to the contact, if nobody else has proved to be its owner.
#[utoipa::path(
    post, path = "/v1/sites/{site}/message-links", tag = "people", request_body = Wanted,
    params(("site" = String, Path, description = "the site's slug")),
    responses((status = 200, description = "the links", body = Minted), Problem),
    security(("key" = ["write"]))
)]
pub async fn mint(
    at: At<Writes>,
    State(app): Shared,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Minted>, Problem> {
    let wrong = |wrong: Wrong| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad_setting",
            wrong.detail,
        )
        .at(wrong.pointer)
    };
    let site = Site::new(&at.site.slug)
        .map_err(|error| Problem::new(StatusCode::NOT_FOUND, "unknown_site", error.to_string()))?;
    let (key_name, key) = app.message_keys.0.get(site.as_str()).ok_or_else(|| {
        let detail = "the backend has no key by which this site's messages are signed; give it the \
                      worker's MESSAGE_KEYS as CRUMBTRAIL_MESSAGE_KEYS";
        Problem::new(StatusCode::CONFLICT, "no_message_key", detail)
    })?;
    let expires_s = wanted.check((app.now_ms)() / 1000).map_err(wrong)?;
    let mint = Mint {
        site,
        wanted: &wanted,
        key: (key_name, key),
        expires_s,
    };
    let mut minted = Minted {
        recipients: Vec::with_capacity(wanted.recipients.len()),
        rejected: Vec::new(),
    };
    let mut facts = Vec::with_capacity(wanted.recipients.len());
    for (named, row) in wanted.recipients.iter().zip(0..) {
        let made = mint.recipient(named, row, &at.site.country, &app);
        match made? {
            Ok((recipient, fact)) => {
                minted.recipients.push(recipient);
                facts.push(fact);
            }
            Err(wrong) => minted.rejected.push(RejectedRow::new(row, wrong)),
        }
    }
    bulk::put(&app, at.bringer(), facts, Wait::default()).await?;
    Ok(Json(minted))
}

impl Wanted {
    /// Until when its tokens hold, in seconds since the epoch.
    fn check(&self, now_s: u64) -> Result<u64, Wrong> {
        let tokens = self.recipients.len().saturating_mul(self.links.len() + 1);
        for (many, pointer, most) in [
            (self.recipients.len(), "/recipients", MOST_RECIPIENTS),
            (self.links.len(), "/links", MOST_LINKS),
            (tokens, "/links", MOST_TOKENS),
        ] {
            if many > most {
                let detail = format!("{many} are too many; at most {most} fit");
                return Err(Wrong::new("too_many", pointer, detail));
            }
        }
        if self.message_id.trim().is_empty() {
            return Err(Wrong::missing("/message_id", "message_id has to be there"));
        }
        if !self.edge.starts_with("https://") && !self.edge.starts_with("http://") {
            let detail = "edge: an address such as https://shop.example/c fits";
            return Err(Wrong::new("bad_value", "/edge", detail));
        }
        if self.expires_at.0 == 0 {
            return Ok(now_s + USUAL_SECONDS);
        }
        let expires_s = u64::try_from(self.expires_at.0 / 1000).unwrap_or_default();
        if expires_s <= now_s {
            let detail = "expires_at: a moment to come fits";
            return Err(Wrong::new("bad_value", "/expires_at", detail));
        }
        Ok(expires_s)
    }
}

struct Mint<'m> {
    site: Site<'m>,
    wanted: &'m Wanted,
    key: (&'m str, &'m [u8]),
    expires_s: u64,
}

impl Mint<'_> {
    fn recipient(
        &self,
        named: &Named,
        row: usize,
        country: &str,
        app: &App,
    ) -> Result<Result<(Recipient, Fact), Wrong>, Problem> {
        let within = format!("/recipients/{row}");
        let who = match named.identifiers(country, &within) {
            Ok(who) => who,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let Some(first) = who.first() else {
            let detail = "a recipient has an `id`, a `mail` or a `phone`";
            return Ok(Err(Wrong::missing(&within, detail)));
        };
        let contact = first.contact(self.site, &app.hash_key);
        let edge = self.wanted.edge.trim_end_matches('/');
        let open = self.token(contact, Purpose::Open)?;
        let mut links = Vec::with_capacity(self.wanted.links.len());
        for (link, place) in self.wanted.links.iter().zip(0_usize..) {
            let purpose = Purpose::Click(Link {
                url: &link.url,
                topic: &link.topic,
            });
            let token = self.token(contact, purpose)?;
            if token.len() > MOST_CHARACTERS {
                let detail = "the link is too long for a token: its address, topic, message and \
                              campaign take about 700 bytes at most";
                return Ok(Err(Wrong::new(
                    "too_long",
                    &format!("/links/{place}/url"),
                    detail,
                )));
            }
            links.push(format!("{edge}/r/{token}"));
        }
        let recipient = Recipient {
            row,
            contact_id: contact.to_string(),
            open: format!("{edge}/o/{open}.gif"),
            links,
        };
        Ok(Ok((recipient, Fact::Named { who })))
    }

    fn token(&self, contact: ContactId, purpose: Purpose<'_>) -> Result<String, Problem> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| {
            let detail = format!("the system gives no random bytes: {error}");
            Problem::unavailable("no_randomness", detail, 5)
        })?;
        let token = Token {
            site: self.site,
            id: TokenId(u64::from_be_bytes(random).max(1)),
            expires_s: self.expires_s,
            message: Message {
                contact,
                channel: self.wanted.channel,
                message_id: &self.wanted.message_id,
                campaign: &self.wanted.campaign,
            },
            purpose,
        };
        let (name, key) = self.key;
        Ok(URL_SAFE_NO_PAD.encode(token.seal(name, key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_of_a_site_signs_and_none_is_shown() {
        let keys = format!(
            "demo/m2:{}, demo/m1:{}, other/a:{}",
            "ab".repeat(32),
            "cd".repeat(32),
            "ef".repeat(32)
        );
        let keys: MessageKeys = keys.parse().unwrap();
        assert_eq!(format!("{keys:?}"), r#"{"demo/m2", "other/a"}"#);
        assert!("".parse::<MessageKeys>().unwrap().0.is_empty());
        for bad in [
            "demo",
            "demo/m1",
            "demo/m1:ab",
            "d/m1:",
            &format!("demo/:{}", "ab".repeat(32)),
        ] {
            assert!(bad.parse::<MessageKeys>().is_err(), "{bad}");
        }
    }
}
