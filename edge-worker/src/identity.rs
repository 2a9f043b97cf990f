//! Who a browser is: the id that the edge mints, and the sealed text that
//! carries it from one request to the next.
//!
//! ```text
//! sealed = id '.' issued '.' link '.' key '.' mac
//!   id      the visitor's id, hex
//!   issued  when it was sealed, seconds since the epoch, hex
//!   link    keyed hash of the contact it is linked to, hex; 0: none
//!   key     name of the key
//!   mac     128 bits of HMAC-SHA256 (RFC 2104) by that key over the carrier's
//!           name, the site and the text before the mac; base64url (RFC 4648, 5)
//! ```
//!
//! On the shop's own site a cookie carries it, out of reach of scripts. On
//! another site the pixel keeps it and sends it with the attempt; the mac tells
//! the two apart, so that neither passes for the other.
//!
//! Only the edge mints ids, and an id that comes without a valid seal is
//! nothing. This module knows no clock and no randomness: a new id derives from
//! the tab, so that repeated and parallel first batches of one tab agree.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use protocol::id::{SessionId, Site, TabId, VisitorId};
use sha2::Sha256;
use std::fmt;

/// Name of the cookie.
pub const COOKIE_NAME: &str = "crumb";

/// How long a seal holds: 400 days, the longest that browsers keep a cookie
/// (RFC 6265bis, 5.5).
pub const MAX_AGE_S: u64 = 400 * DAY_S;

const DAY_S: u64 = 24 * 60 * 60;
const MAC_BYTES: usize = 16;
/// A browser sends one cookie of the name, two where a parent domain set its
/// own. More are not looked at, so that a request's cost is bounded.
const MAX_COOKIES: usize = 4;

/// A secret key.
pub struct Key(Vec<u8>);

/// Keys by name, for rotation: the first signs, all verify. Never empty.
#[derive(Debug)]
pub struct KeyRing {
    first: (String, Key),
    others: Vec<(String, Key)>,
}

/// What identity needs of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    /// Seal and verify.
    pub ring: &'a KeyRing,
    /// Mints.
    pub mint: &'a Key,
}

/// What carries the sealed id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The cookie, between pages of the shop's own site.
    Cookie,
    /// The token in an attempt's head, from pages of another site.
    Token,
}

/// Whose browser sent a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The id.
    pub id: VisitorId,
    /// The sealed id to carry from here on.
    pub sealed: String,
    /// Whether `sealed` differs from what the browser sent.
    pub renewed: bool,
    /// Whether the id is new: the browser presented no valid seal.
    pub minted: bool,
}

/// Decides whose browser it is: the one that a presented seal names, else a
/// new one that derives from the tab.
///
/// A seal is renewed when it is older than a day or by another key than the first.
#[must_use]
pub fn decide<'p>(
    keys: Keys<'_>,
    site: Site<'_>,
    carrier: Carrier,
    presented: impl IntoIterator<Item = &'p str>,
    tab: TabId,
    now_ms: u64,
) -> Visitor {
    let now_s = now_ms / 1000;
    let known = presented
        .into_iter()
        .find_map(|sealed| Some((sealed, open(keys.ring, site, carrier, sealed, now_s)?)));
    if let Some((sealed, opened)) = known
        && opened.by_first_key
        && now_s.saturating_sub(opened.issued_s) <= DAY_S
    {
        return Visitor {
            id: opened.id,
            sealed: sealed.into(),
            renewed: false,
            minted: false,
        };
    }
    let (id, link) = known.map_or_else(
        || (mint(keys.mint, site, tab), 0),
        |(_, opened)| (opened.id, opened.link),
    );
    Visitor {
        id,
        sealed: seal(keys.ring, site, carrier, id, now_s, link),
        renewed: true,
        minted: known.is_none(),
    }
}

/// The visit that a visitor is in during `window`, for browsers in which nothing
/// remembers one: the first 64 bits of an HMAC over (site, visitor, window).
#[must_use]
pub fn visit(key: &Key, site: Site<'_>, visitor: VisitorId, window: u64) -> SessionId {
    let mac = key
        .mac(["visit", site.as_str()])
        .chain_update(visitor.get().to_be_bytes())
        .chain_update(window.to_be_bytes());
    SessionId(first_bits(mac))
}

/// The values of our cookie in a `Cookie` header.
pub fn cookies(header: &str) -> impl Iterator<Item = &str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
        .take(MAX_COOKIES)
}

/// The value of a `Set-Cookie` header.
#[must_use]
pub fn set_cookie(sealed: &str) -> String {
    format!("{COOKIE_NAME}={sealed}; Max-Age={MAX_AGE_S}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The id of a browser that is new: the first 63 bits of an HMAC over (site, tab).
fn mint(key: &Key, site: Site<'_>, tab: TabId) -> VisitorId {
    let mac = key
        .mac(["tab", site.as_str()])
        .chain_update(tab.0.to_be_bytes());
    VisitorId::new(first_bits(mac) >> 1)
}

fn first_bits(mac: Hmac<Sha256>) -> u64 {
    let digest = mac.finalize().into_bytes();
    digest
        .first_chunk::<8>()
        .map_or(0, |b| u64::from_be_bytes(*b))
}

/// What a valid seal says.
#[derive(Clone, Copy, Debug)]
struct Opened {
    id: VisitorId,
    issued_s: u64,
    link: u64,
    by_first_key: bool,
}

fn seal(
    ring: &KeyRing,
    site: Site<'_>,
    carrier: Carrier,
    id: VisitorId,
    now_s: u64,
    link: u64,
) -> String {
    let (name, key) = ring.first();
    let mut text = format!("{:x}.{now_s:x}.{link:x}.{name}", id.get());
    let mac = carrier.mac(key, site, &text).finalize().into_bytes();
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(mac.get(..MAC_BYTES).unwrap_or_default(), &mut text);
    text
}

/// Reads a seal; `None` where it is none, not ours, another site's, another
/// carrier's or too old.
fn open(
    ring: &KeyRing,
    site: Site<'_>,
    carrier: Carrier,
    sealed: &str,
    now_s: u64,
) -> Option<Opened> {
    let (text, mac) = sealed.rsplit_once('.')?;
    let mut parts = text.split('.');
    let mut part = || parts.next();
    let (id, issued, link, name) = (part()?, part()?, part()?, part()?);
    if part().is_some() {
        return None;
    }
    let key = ring.get(name)?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    if mac.len() != MAC_BYTES {
        return None;
    }
    let expected = carrier.mac(key, site, text);
    expected.verify_truncated_left(&mac).ok()?;

    let hex = |text| u64::from_str_radix(text, 16).ok();
    let opened = Opened {
        id: VisitorId::new(hex(id)?),
        issued_s: hex(issued)?,
        link: hex(link)?,
        by_first_key: name == ring.first().0,
    };
    (now_s.saturating_sub(opened.issued_s) <= MAX_AGE_S).then_some(opened)
}

impl Carrier {
    fn mac(self, key: &Key, site: Site<'_>, text: &str) -> Hmac<Sha256> {
        let name = match self {
            Self::Cookie => "cookie",
            Self::Token => "token",
        };
        key.mac([name, site.as_str()]).chain_update(text)
    }
}

impl Key {
    /// Shortest key, in bytes.
    pub const MIN_BYTES: usize = protocol::signature::MIN_KEY_BYTES;

    /// Takes a key's bytes; whether they are good is the configuration's to judge.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Begins a mac over `labels`, none of which has a NUL, each ended by one.
    fn mac(&self, labels: [&str; 2]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("any length");
        labels
            .iter()
            .fold(mac, |mac, label| mac.chain_update(label).chain_update([0]))
    }
}

/// Never shows the key.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl KeyRing {
    /// Keys by name, the one that signs first; `None` where there is none.
    #[must_use]
    pub fn new(keys: Vec<(String, Key)>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self {
            first: keys.next()?,
            others: keys.collect(),
        })
    }

    /// The key that signs, and its name.
    #[must_use]
    pub fn first(&self) -> (&str, &Key) {
        (&self.first.0, &self.first.1)
    }

    /// The key of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Key> {
        std::iter::once(&self.first)
            .chain(&self.others)
            .find(|(known, _)| known == name)
            .map(|(_, key)| key)
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
