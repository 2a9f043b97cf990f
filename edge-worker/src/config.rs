//! What the worker is told: its variables and secrets, parsed once.
//!
//! `wrangler.toml` documents each of them. A message names the variable and how
//! to set it, and never a value.

use crate::identity::{Key, KeyRing};
use protocol::id::Site;
use serde::Deserialize;
use std::collections::BTreeMap;

const PREFIX: &str = "PREFIX";
const SITES: &str = "SITES";
const COOKIE_KEYS: &str = "COOKIE_KEYS";
const MINT_KEY: &str = "MINT_KEY";
const FORWARD_KEYS: &str = "FORWARD_KEYS";
const LOGIN_KEYS: &str = "LOGIN_KEYS";
const MESSAGE_KEYS: &str = "MESSAGE_KEYS";

/// Where the routes begin, unless `PREFIX` says otherwise.
pub const DEFAULT_PREFIX: &str = "/c";

/// The configuration, whole and checked.
#[derive(Debug)]
pub struct Config {
    /// Where the routes begin: `/c`, without a slash at the end.
    pub prefix: String,
    /// The sites that this deployment serves: one or a few.
    pub sites: Vec<SiteConfig>,
    /// Sign and verify what carries a visitor's id.
    pub cookie_keys: KeyRing,
    /// Makes the id of a new visitor.
    pub mint_key: Key,
    /// The first signs what is forwarded.
    pub forward_keys: KeyRing,
}

/// One site.
#[derive(Debug)]
pub struct SiteConfig {
    /// Its slug.
    pub slug: String,
    /// The origins whose pages may send for it: `https://shop.example`.
    pub origins: Vec<String>,
    /// Where its backend takes envelopes, as a whole URL.
    pub ingest_url: String,
    /// Whether nothing is kept of visitors who made no choice.
    pub needs_consent: bool,
    /// By which the shop's own backend signs who is logged in; without them nobody is.
    pub login_keys: Option<KeyRing>,
    /// By which the site's backend signs the links in messages; without them none is known.
    pub message_keys: Option<KeyRing>,
}

/// A ring of a site's.
type RingOf = fn(&mut SiteConfig) -> &mut Option<KeyRing>;

/// The variables with keys of each site's own, which may be missing.
const PER_SITE: [(&str, RingOf); 2] = [
    (LOGIN_KEYS, |site| &mut site.login_keys),
    (MESSAGE_KEYS, |site| &mut site.message_keys),
];

/// What is wrong with the configuration. The worker answers nothing until it is mended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {fault}. {}", remedy(.variable))]
pub struct Misconfigured {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It isn't there.
    #[error("is not set")]
    Missing,
    /// No path prefix.
    #[error("must begin with a slash, end without one and hold only a-z, 0-9, -, _ and /")]
    NotAPrefix,
    /// No JSON of the wanted shape.
    #[error("is not the JSON that is expected: {0}")]
    Json(String),
    /// No site at all.
    #[error("names no site")]
    NoSite,
    /// A name that is no slug.
    #[error("has a site whose name is not 3 to 32 characters of a-z, 0-9 and -")]
    NotASite,
    /// A site that nobody may send for.
    #[error("has the site {0} without origins")]
    NoOrigin(String),
    /// No origin.
    #[error("has for the site {0} an origin that is not like https://shop.example, in lower case")]
    NotAnOrigin(String),
    /// No base URL.
    #[error("has for the site {0} a backend that is not like https://backend.example")]
    NotABackend(String),
    /// Not one of the two words.
    #[error("has for the site {0} a consent that is neither \"assumed\" nor \"required\"")]
    NotAConsent(String),
    /// A key of a site that isn't served.
    #[error("has a key for {0}, which is no site in SITES; a key is site/name:key")]
    OfNoSite(String),
    /// No key with its name.
    #[error(
        "must be name:key, or several of them with commas between; a name is 1 to 8 of a-z, 0-9"
    )]
    NotNamedKeys,
    /// Two keys of one name.
    #[error("has two keys of one name")]
    NameTwice,
    /// No hex.
    #[error("has a key that is not hex")]
    NotHex,
    /// A short key.
    #[error("has a key of less than 32 bytes (64 hex digits)")]
    Short,
    /// A key that was never random.
    #[error("has a key whose bytes are all the same; keys must be random")]
    NotRandom,
}

fn remedy(variable: &str) -> &'static str {
    match variable {
        COOKIE_KEYS | MINT_KEY | LOGIN_KEYS | MESSAGE_KEYS => {
            "`cargo xtask edge keys` makes one; `wrangler secret put` takes it"
        }
        FORWARD_KEYS => {
            "Set it to the key that the backend has in CRUMBTRAIL_EDGE_KEYS: wrangler secret put FORWARD_KEYS"
        }
        _ => "Set it under [vars] in wrangler.toml, where it is explained",
    }
}

impl Config {
    /// Parses the variables, each as `read` gives it by its name.
    ///
    /// # Errors
    /// [`Misconfigured`] with the first that is wrong.
    pub fn parse(read: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let need = |variable| read(variable).ok_or(Fault::Missing);
        let at = |variable| move |fault| Misconfigured { variable, fault };
        let prefix = read(PREFIX).unwrap_or_else(|| DEFAULT_PREFIX.into());
        let mut sites = need(SITES)
            .and_then(|text| parse_sites(&text))
            .map_err(at(SITES))?;
        for (variable, ring_of) in PER_SITE {
            let keys = read(variable).unwrap_or_default();
            give_keys(&keys, &mut sites, ring_of).map_err(at(variable))?;
        }
        Ok(Self {
            prefix: parse_prefix(prefix).map_err(at(PREFIX))?,
            sites,
            cookie_keys: need(COOKIE_KEYS)
                .and_then(|text| parse_keys(&text))
                .map_err(at(COOKIE_KEYS))?,
            mint_key: need(MINT_KEY)
                .and_then(|text| parse_key(&text))
                .map_err(at(MINT_KEY))?,
            forward_keys: need(FORWARD_KEYS)
                .and_then(|text| parse_keys(&text))
                .map_err(at(FORWARD_KEYS))?,
        })
    }

    /// The site of that name.
    #[must_use]
    pub fn site(&self, site: Site<'_>) -> Option<&SiteConfig> {
        self.sites.iter().find(|known| known.slug == site.as_str())
    }

    /// Whether pages of that origin may send for any of the sites.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.sites.iter().any(|site| site.allows(origin))
    }
}

impl SiteConfig {
    /// Whether pages of that origin may send for this site.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }
}

fn parse_prefix(text: String) -> Result<String, Fault> {
    let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'/');
    let fits =
        text.len() > 1 && text.starts_with('/') && !text.ends_with('/') && text.bytes().all(plain);
    if fits {
        Ok(text)
    } else {
        Err(Fault::NotAPrefix)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    origins: Vec<String>,
    backend: String,
    #[serde(default)]
    consent: Option<String>,
}

fn parse_sites(text: &str) -> Result<Vec<SiteConfig>, Fault> {
    let raw: BTreeMap<String, RawSite> =
        serde_json::from_str(text).map_err(|error| Fault::Json(error.to_string()))?;
    if raw.is_empty() {
        return Err(Fault::NoSite);
    }
    raw.into_iter()
        .map(|(slug, raw)| parse_site(slug, raw))
        .collect()
}

fn parse_site(slug: String, raw: RawSite) -> Result<SiteConfig, Fault> {
    if Site::new(&slug).is_err() {
        return Err(Fault::NotASite);
    }
    if raw.origins.is_empty() {
        return Err(Fault::NoOrigin(slug));
    }
    if !raw.origins.iter().all(|origin| is_origin(origin)) {
        return Err(Fault::NotAnOrigin(slug));
    }
    let base = raw.backend.trim_end_matches('/');
    if !is_base_url(base) {
        return Err(Fault::NotABackend(slug));
    }
    let needs_consent = match raw.consent.as_deref() {
        None | Some("assumed") => false,
        Some("required") => true,
        Some(_) => return Err(Fault::NotAConsent(slug)),
    };
    Ok(SiteConfig {
        ingest_url: format!("{base}/v1/ingest"),
        origins: raw.origins,
        slug,
        needs_consent,
        login_keys: None,
        message_keys: None,
    })
}

/// Browsers send origins in lower case and without a slash (RFC 6454, 6.2).
fn is_origin(text: &str) -> bool {
    let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'[' | b']');
    after_scheme(text).is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

fn is_base_url(text: &str) -> bool {
    after_scheme(text).is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && rest
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'@'))
    })
}

fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
}

/// Gives each site its own keys of `site/name:key,…`; those of one site stay in their order.
fn give_keys(text: &str, sites: &mut [SiteConfig], ring_of: RingOf) -> Result<(), Fault> {
    let mut by_site: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in text.split(',').filter(|entry| !entry.trim().is_empty()) {
        let (slug, key) = entry.trim().split_once('/').ok_or(Fault::NotNamedKeys)?;
        by_site.entry(slug).or_default().push(key);
    }
    for (slug, keys) in by_site {
        let site = sites.iter_mut().find(|site| site.slug == slug);
        let site = site.ok_or_else(|| Fault::OfNoSite(slug.into()))?;
        *ring_of(site) = Some(parse_entries(keys)?);
    }
    Ok(())
}

fn parse_keys(text: &str) -> Result<KeyRing, Fault> {
    parse_entries(text.trim().split(','))
}

fn parse_entries<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<KeyRing, Fault> {
    let mut keys: Vec<(String, Key)> = Vec::new();
    for entry in entries {
        let (name, key) = entry.trim().split_once(':').ok_or(Fault::NotNamedKeys)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if !(1..=8).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(Fault::NotNamedKeys);
        }
        if keys.iter().any(|(taken, _)| taken == name) {
            return Err(Fault::NameTwice);
        }
        keys.push((name.into(), parse_key(key)?));
    }
    KeyRing::new(keys).ok_or(Fault::NotNamedKeys)
}

fn parse_key(text: &str) -> Result<Key, Fault> {
    let bytes = hex::decode(text.trim()).map_err(|_| Fault::NotHex)?;
    if bytes.len() < Key::MIN_BYTES {
        return Err(Fault::Short);
    }
    if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
        return Err(Fault::NotRandom);
    }
    Ok(Key::new(bytes))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
