//! Who a browser is: the id that the edge mints, and what a login and a sign-out do to it.
//!
//! Only the edge mints ids, and one that comes without a valid [seal](seal) is nothing. This
//! module knows no clock and no randomness: what it mints derives from what is known of the
//! request, so that repeated and parallel requests agree.
//!
//! One visitor is at most one contact's. So when another contact logs in on the same browser,
//! or the one who did signs out, the browser becomes another visitor from there on. Requests
//! may come twice and late; what happened before the latest login or sign-out changes nothing
//! any more ([`Identity::since_ms`]).

mod key;
mod seal;

pub use key::{Key, KeyRing};
pub use seal::{Carrier, MAX_AGE_S, clear_cookie, cookies, set_cookie};

use hmac::Mac;
use key::first_bits;
use protocol::{
    id::{SessionId, Site, TabId, VisitorId},
    token::TokenId,
};

const DAY_S: u64 = 24 * 60 * 60;
/// A login is told on every page; the latest is remembered this exactly.
const LOGIN_STEP_MS: u64 = 10 * 60 * 1000;
/// When something happened is known this exactly: to how long requests take.
const JITTER_MS: u64 = 10 * 1000;

/// Who a browser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The visitor.
    pub id: VisitorId,
    /// Keyed hash of the contact who logged in as this visitor; 0: nobody did.
    pub link: u64,
    /// When somebody last logged in or signed out, in milliseconds since the epoch; 0: never.
    pub since_ms: u64,
    /// When the browser became this visitor and no longer was another, in milliseconds since
    /// the epoch; 0: it always was.
    pub began_ms: u64,
}

/// What it takes to tell who a browser is.
#[derive(Clone, Copy, Debug)]
pub struct Registry<'a> {
    /// Seal and verify.
    pub ring: &'a KeyRing,
    /// Mints.
    pub mint: &'a Key,
    /// The site it is about.
    pub site: Site<'a>,
    /// What carries the sealed identity.
    pub carrier: Carrier,
    /// Now, in milliseconds since the epoch.
    pub now_ms: u64,
}

/// The browser that sent a request.
#[derive(Clone, Copy, Debug)]
pub struct Recognized<'p> {
    /// Who it is.
    pub identity: Identity,
    /// Whether it is new: it presented no valid seal.
    pub minted: bool,
    /// The seal that it presented, where that is good for longer.
    sealed: Option<&'p str>,
}

/// What carries an identity from here on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The sealed identity.
    pub sealed: String,
    /// Whether that differs from what the browser sent.
    pub renewed: bool,
}

/// What a login does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// The visitor who logged in, as whom the batch was recorded.
    pub visitor: VisitorId,
    /// Who the browser is from here on.
    pub next: Identity,
}

impl Registry<'_> {
    /// Recognizes the browser by a seal that it presents, else it is a new one, whose id
    /// derives from the tab.
    pub fn recognize<'p>(
        &self,
        presented: impl IntoIterator<Item = &'p str>,
        tab: TabId,
    ) -> Recognized<'p> {
        let now_s = self.now_ms / 1000;
        let open = |sealed| seal::open(self.ring, self.site, self.carrier, sealed, now_s);
        let known = presented
            .into_iter()
            .find_map(|sealed| Some((sealed, open(sealed)?)));
        match known {
            Some((sealed, opened)) => {
                let is_fresh =
                    opened.by_first_key && now_s.saturating_sub(opened.issued_s) <= DAY_S;
                Recognized {
                    identity: opened.identity,
                    minted: false,
                    sealed: is_fresh.then_some(sealed),
                }
            }
            None => Recognized {
                identity: self.first(tab),
                minted: true,
                sealed: None,
            },
        }
    }

    /// The contact logged in, proved by a token of the shop, at `at_ms`.
    ///
    /// Nobody had logged in before: the browser stays who it is. Another contact had: it is a
    /// new visitor, which derives from the one it was and the contact, so that all requests
    /// that tell of it agree. It was before the latest login or sign-out: the browser stays
    /// who it is now, and the batch is that other visitor's.
    #[must_use]
    pub fn log_in(&self, identity: Identity, contact: &str, at_ms: u64) -> LoggedIn {
        let link = self.link(contact);
        let is_late = at_ms < identity.since_ms;
        let visitor = if identity.link == link || (identity.link == 0 && !is_late) {
            identity.id
        } else {
            self.other(identity.id, link)
        };
        let is_known = identity.link == link && at_ms < identity.since_ms + LOGIN_STEP_MS;
        let next = if is_late || is_known {
            identity
        } else {
            Identity {
                id: visitor,
                link,
                since_ms: at_ms,
                began_ms: if visitor == identity.id {
                    identity.began_ms
                } else {
                    at_ms
                },
            }
        };
        LoggedIn { visitor, next }
    }

    /// Whose a batch is whose last event was at `at_ms`: of somebody who was there before
    /// this visitor, it is the tab's own, for nobody knows any more whose it was.
    #[must_use]
    pub fn recorded_by(&self, identity: Identity, tab: TabId, at_ms: u64) -> VisitorId {
        if at_ms + JITTER_MS < identity.began_ms {
            self.first(tab).id
        } else {
            identity.id
        }
    }

    /// The visitor signed out at `at_ms`: who comes next is somebody else. That one derives
    /// from the event's place (tab, seq), so that all requests that tell of it agree.
    #[must_use]
    pub fn sign_out(&self, identity: Identity, (tab, seq): (TabId, u32), at_ms: u64) -> Identity {
        if at_ms < identity.since_ms {
            return identity;
        }
        let mac = self
            .mint
            .mac(["out", self.site.as_str()])
            .chain_update(tab.0.to_be_bytes())
            .chain_update(seq.to_be_bytes());
        Identity {
            id: VisitorId::new(first_bits(mac) >> 1),
            link: 0,
            since_ms: at_ms,
            began_ms: at_ms,
        }
    }

    /// Seals who the browser is from here on. A seal is renewed when that changed, when it is
    /// older than a day or when it is by another key than the first.
    #[must_use]
    pub fn carry(&self, recognized: Recognized<'_>, next: Identity) -> Carried {
        match recognized.sealed {
            Some(sealed) if next == recognized.identity => Carried {
                sealed: sealed.into(),
                renewed: false,
            },
            _ => Carried {
                sealed: seal::seal(self.ring, self.site, self.carrier, next, self.now_ms / 1000),
                renewed: true,
            },
        }
    }

    /// A browser that is new: the first 63 bits of an HMAC over (site, tab).
    fn first(&self, tab: TabId) -> Identity {
        let mac = self
            .mint
            .mac(["tab", self.site.as_str()])
            .chain_update(tab.0.to_be_bytes());
        Identity {
            id: VisitorId::new(first_bits(mac) >> 1),
            link: 0,
            since_ms: 0,
            began_ms: 0,
        }
    }

    /// Another visitor on the same browser.
    fn other(&self, id: VisitorId, link: u64) -> VisitorId {
        let mac = self
            .mint
            .mac(["other", self.site.as_str()])
            .chain_update(id.get().to_be_bytes())
            .chain_update(link.to_be_bytes());
        VisitorId::new(first_bits(mac) >> 1)
    }

    /// The hash by which a contact is told from others; never 0.
    fn link(&self, contact: &str) -> u64 {
        let mac = self
            .mint
            .mac(["link", self.site.as_str()])
            .chain_update(contact);
        first_bits(mac).max(1)
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

/// What a form that was sent is known by: the first 64 bits of an HMAC over (site, visitor, the
/// id that the form itself gave it, what was sent). Sent twice, it has the same.
#[must_use]
pub fn submission(
    key: &Key,
    site: Site<'_>,
    visitor: VisitorId,
    (own_id, sent): (&str, &[u8]),
) -> TokenId {
    let mac = key
        .mac(["form", site.as_str()])
        .chain_update(visitor.get().to_be_bytes())
        .chain_update((own_id.len() as u64).to_be_bytes())
        .chain_update(own_id)
        .chain_update(sent);
    TokenId(first_bits(mac))
}

#[cfg(test)]
mod histories;
#[cfg(test)]
mod tests;
