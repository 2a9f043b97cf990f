//! A page view of a browser without JavaScript: what a request for the image says of
//! the page it stands on, and the batch that is made of it.
//!
//! ```html
//! <noscript><img src="/c/n.gif?site=demo" alt="" width="1" height="1"
//!   referrerpolicy="no-referrer-when-downgrade"></noscript>
//! ```
//!
//! The page is the one that `Referer` names. Where the worker is on another host than
//! the page, browsers name no more than the page's origin unless the attribute
//! `referrerpolicy` says otherwise, and every view would be one of the home page.
//!
//! Such a browser keeps nothing but the cookie, so three things are less exact here
//! than from the pixel:
//!
//! - The visit is the half hour by the clock that the view lies in, and which of the
//!   browser's visits it is stays unknown: its number is 0.
//! - A visit begins only with a view whose visitor is new. That leaves out the visits of
//!   those who come back; to count every view as a visit would be further off.
//! - Where no cookie lasts (a page of another site, or a browser that takes none) every
//!   view has a visitor of its own, and a visit.
//!
//! This module knows no request and no clock; `accept` hands in what it needs.

use crate::identity::{self, Key};
use protocol::{
    batch::{self, Batch, Consent, Header, Origin, PageSource, Session},
    event::{Action, Event},
    id::{Site, TabId, VisitorId},
    limit,
    mask::{Kind, mask},
};

/// Half an hour, after which the pixel's visits end too; in milliseconds.
pub const VISIT_MS: u64 = 30 * 60 * 1000;

/// Longest `Referer`, in bytes: past it browsers send the origin alone (W3C Referrer
/// Policy, 8.3).
pub const REFERER_BYTES: usize = 4096;

/// Longest language, in bytes: what RFC 5646 (4.4.1) asks to be kept of one.
pub const LANGUAGE_BYTES: usize = 35;

/// The page that an image stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// Its origin, as a browser's header `Origin` would have it.
    pub origin: &'a str,
    host: &'a str,
    path: String,
    language: &'a str,
}

/// A view of a page, but for the page.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The site.
    pub site: Site<'a>,
    /// Stands for the tab, of which there is none: random.
    pub tab: TabId,
    /// Who looks.
    pub visitor: VisitorId,
    /// Whether their browser is new.
    pub is_new: bool,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// The slug in the query `site=slug`, as it stands there; empty where there is none.
#[must_use]
pub fn slug(query: &str) -> &str {
    let found = query.split('&').find_map(|pair| pair.strip_prefix("site="));
    found.unwrap_or_default()
}

/// Whether a `Sec-Purpose` says that nobody looks, maybe ever: the browser fetches the
/// page ahead (Fetch standard; Prerendering Revamped).
#[must_use]
pub fn is_ahead(purpose: &str) -> bool {
    purpose.contains("prefetch")
}

impl<'a> Page<'a> {
    /// Reads a `Referer` and an `Accept-Language`. `None` where the first names no page.
    ///
    /// The path is recorded as the pixel does it: without the query, percent-decoded
    /// where that gives text, masked, and cut at [`limit::URL_BYTES`].
    #[must_use]
    pub fn read(referer: &'a str, accept_language: &'a str) -> Option<Self> {
        if referer.len() > REFERER_BYTES {
            return None;
        }
        let (scheme, rest) = referer.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        let (origin, rest) = referer.split_at_checked(scheme.len() + 3 + host.len())?;
        let path = rest.split(['?', '#']).next()?;
        Some(Self {
            origin,
            host,
            path: clean_path(if path.is_empty() { "/" } else { path }),
            language: first_language(accept_language),
        })
    }
}

impl View<'_> {
    /// The batch of this one event.
    #[must_use]
    pub fn encode(&self, page: &Page<'_>, mint: &Key) -> Vec<u8> {
        let window = self.at_ms / VISIT_MS;
        let header = Header {
            site: self.site.as_str(),
            tab_id: self.tab,
            previous: None,
            lost: 0,
            dropped: 0,
            consent: Consent::Unset,
            staff: false,
            session: Session {
                id: identity::visit(mint, self.site, self.visitor, window),
                started_at_ms: window * VISIT_MS,
                number: 0,
                origin: Origin {
                    landing_path: if self.is_new { &page.path } else { "" },
                    ..Origin::default()
                },
            },
            page: batch::Page {
                source: PageSource::None,
                host: page.host,
                path: &page.path,
                language: page.language,
                ..batch::Page::default()
            },
        };
        let event = Event {
            seq: 0,
            at_ms: self.at_ms,
            session_start: self.is_new,
            action: Action::PageView,
            props: Vec::new(),
        };
        Batch::encode(&header, &[event])
    }
}

fn clean_path(raw: &str) -> String {
    let decoded = decode(raw);
    let mut path = mask(decoded.as_deref().unwrap_or(raw), Kind::Path);
    let (kept, was_cut) = limit::cut(&path, limit::URL_BYTES);
    let length = kept.len();
    path.truncate(length);
    if was_cut {
        path.push(limit::CUT_MARK);
    }
    path
}

/// Percent-decodes, but for what means something in an address, as JavaScript's
/// `decodeURI` does; `None` where an escape is none, or it gives no UTF-8.
fn decode(raw: &str) -> Option<String> {
    let mut pieces = raw.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        match *hex::decode(digits).ok()? {
            [byte] if b";/?:@&=+$,#".contains(&byte) => {
                bytes.push(b'%');
                bytes.extend_from_slice(digits.as_bytes());
            }
            ref decoded => bytes.extend_from_slice(decoded),
        }
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The language that a browser likes best; empty where it names none.
fn first_language(accept: &str) -> &str {
    let first = accept.split([',', ';']).next().unwrap_or_default().trim();
    let fits = first.len() <= LANGUAGE_BYTES
        && first
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { first } else { "" }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
