//! The sealed text that carries an identity from one request to the next.
//!
//! ```text
//! sealed = id '.' issued '.' link '.' since '.' began '.' key '.' mac
//!   id      the visitor's id, hex
//!   issued  when it was sealed, seconds since the epoch, hex
//!   link    keyed hash of the contact who logged in, hex; 0: nobody
//!   since   when somebody last logged in or signed out, ms since the epoch, hex; 0: never
//!   began   when the browser became this visitor, ms since the epoch, hex; 0: it always was
//!   key     name of the key
//!   mac     128 bits of HMAC-SHA256 (RFC 2104) by that key over the carrier's
//!           name, the site and the text before the mac; base64url (RFC 4648, 5)
//! ```
//!
//! On the shop's own site a cookie carries it, out of reach of scripts. On another site the
//! pixel keeps it and sends it with the attempt; the mac tells the two apart, so that neither
//! passes for the other.

use super::{Identity, Key, KeyRing};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use protocol::id::{Site, VisitorId};
use sha2::Sha256;

/// Name of a site's cookie, but for the site. By the prefix browsers take it from its own host
/// alone, and over HTTPS (RFC 6265bis, 4.1.3.2): no other host of the zone can plant one.
const COOKIE_NAME: &str = "__Host-crumb-";

/// How long a seal holds: 400 days, the longest that browsers keep a cookie
/// (RFC 6265bis, 5.5).
pub const MAX_AGE_S: u64 = 400 * super::DAY_S;

const MAC_BYTES: usize = 16;
/// A browser sends one cookie of the name. More than this are not looked at, so that a request's
/// cost is bounded.
pub(super) const MAX_COOKIES: usize = 4;

/// What carries the sealed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The cookie, between pages of the shop's own site.
    Cookie,
    /// The token in an attempt's head, from pages of another site.
    Token,
}

/// What a valid seal says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) identity: Identity,
    pub(super) issued_s: u64,
    pub(super) by_first_key: bool,
}

/// The values of a site's cookie in a `Cookie` header.
pub fn cookies<'h>(header: &'h str, site: Site<'h>) -> impl Iterator<Item = &'h str> {
    let value = move |pair: &'h str| {
        let rest = pair.trim().strip_prefix(COOKIE_NAME)?;
        rest.strip_prefix(site.as_str())?.strip_prefix('=')
    };
    header.split(';').filter_map(value).take(MAX_COOKIES)
}

/// The value of a `Set-Cookie` header.
#[must_use]
pub fn set_cookie(site: Site<'_>, sealed: &str) -> String {
    with_attributes(site, sealed, MAX_AGE_S)
}

/// The value of a `Set-Cookie` header that makes the browser forget it.
#[must_use]
pub fn clear_cookie(site: Site<'_>) -> String {
    with_attributes(site, "", 0)
}

fn with_attributes(site: Site<'_>, value: &str, max_age_s: u64) -> String {
    let site = site.as_str();
    format!(
        "{COOKIE_NAME}{site}={value}; Max-Age={max_age_s}; Path=/; Secure; HttpOnly; SameSite=Lax"
    )
}

pub(super) fn seal(
    ring: &KeyRing,
    site: Site<'_>,
    carrier: Carrier,
    identity: Identity,
    now_s: u64,
) -> String {
    let (name, key) = ring.first();
    let Identity {
        id,
        link,
        since_ms,
        began_ms,
    } = identity;
    let id = id.get();
    let mut text = format!("{id:x}.{now_s:x}.{link:x}.{since_ms:x}.{began_ms:x}.{name}");
    let mac = carrier.mac(key, site, &text).finalize().into_bytes();
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(mac.get(..MAC_BYTES).unwrap_or_default(), &mut text);
    text
}

/// Reads a seal; `None` where it is none, not ours, another site's, another
/// carrier's or too old.
pub(super) fn open(
    ring: &KeyRing,
    site: Site<'_>,
    carrier: Carrier,
    sealed: &str,
    now_s: u64,
) -> Option<Opened> {
    let (text, mac) = sealed.rsplit_once('.')?;
    let mut parts = text.split('.');
    let mut part = || parts.next();
    let [id, issued, link, since, began, name] =
        [part()?, part()?, part()?, part()?, part()?, part()?];
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
        identity: Identity {
            id: VisitorId::new(hex(id)?),
            link: hex(link)?,
            since_ms: hex(since)?,
            began_ms: hex(began)?,
        },
        issued_s: hex(issued)?,
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
