//! Ids. Each is its own type, so that one can't be taken for another.

use core::{fmt, str::FromStr};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A site: a slug of `[a-z0-9-]`, 3 to 32 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Site<'a>(&'a str);

/// A text that is no [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a site is 3 to 32 characters of a-z, 0-9 and -")]
pub struct NotASite;

impl<'a> Site<'a> {
    /// Checks the slug.
    ///
    /// # Errors
    /// [`NotASite`] where its length or a character doesn't fit.
    pub fn new(slug: &'a str) -> Result<Self, NotASite> {
        let fits = (3..=32).contains(&slug.len())
            && slug
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits { Ok(Self(slug)) } else { Err(NotASite) }
    }

    /// The slug.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Site<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A browser as the edge knows it. Minted by the edge alone; the top bit is 0.
///
/// A decimal string in JSON, since JavaScript's numbers end at 2⁵³.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct VisitorId(u64);

impl From<u64> for VisitorId {
    fn from(bits: u64) -> Self {
        Self::new(bits)
    }
}

impl From<VisitorId> for u64 {
    fn from(id: VisitorId) -> Self {
        id.0
    }
}

impl VisitorId {
    /// Takes 64 bits and clears the top one, which marks a contact.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits & (u64::MAX >> 1))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for VisitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for VisitorId {
    type Err = core::num::ParseIntError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self::new)
    }
}

/// A contact as the backend knows them. The top bit is 1, by which a person's id says whether
/// it is a contact's or, of somebody yet unknown, a visitor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct ContactId(u64);

impl From<u64> for ContactId {
    fn from(bits: u64) -> Self {
        Self::new(bits)
    }
}

impl From<ContactId> for u64 {
    fn from(id: ContactId) -> Self {
        id.0
    }
}

impl ContactId {
    /// Takes 64 bits and sets the top one.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits | (1 << 63))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One load of a page in one tab: 64 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TabId(pub u64);

/// A visit: 64 random bits, shared by the tabs of one browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

/// An event: a UUID of version 8 (RFC 9562) whose first 48 bits are the client's
/// milliseconds and whose other free bits are a hash of (site, tab, seq).
///
/// The same event always has the same id, however often it is sent, and ids of
/// one time lie together on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u128);

impl EventId {
    /// The id of the event that a tab recorded as its `seq`-th.
    #[must_use]
    pub fn derive(at_ms: u64, site: Site<'_>, tab: TabId, seq: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(tab.0.to_be_bytes())
            .chain_update(seq.to_be_bytes())
            .chain_update(site.as_str());
        Self::of(at_ms, digest)
    }

    /// The id of an event to which another system gave an id of its own.
    #[must_use]
    pub fn of_message(at_ms: u64, site: Site<'_>, id: &str) -> Self {
        let digest = Sha256::new()
            .chain_update("message")
            .chain_update([0])
            .chain_update(id)
            .chain_update([0])
            .chain_update(site.as_str());
        Self::of(at_ms, digest)
    }

    fn of(at_ms: u64, digest: Sha256) -> Self {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(&digest.finalize()) {
            *to = *from;
        }
        let hash = u128::from_be_bytes(bytes);
        let time = u128::from(at_ms & 0xFFFF_FFFF_FFFF) << 80;
        let version = 0x8_u128 << 76;
        let variant = 0b10_u128 << 62;
        let hash_a = hash & (0xFFF << 64);
        let hash_b = hash & ((1 << 62) - 1);
        Self(time | version | variant | hash_a | hash_b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn sites_are_slugs() {
        for good in ["abc", "my-shop-7", &"a".repeat(32)] {
            assert_eq!(Site::new(good).map(Site::as_str), Ok(good));
        }
        for bad in ["", "ab", "My-shop", "shop_1", "חנות", &"a".repeat(33)] {
            assert_eq!(Site::new(bad), Err(NotASite), "{bad}");
        }
    }

    #[test]
    fn an_event_id_is_a_uuid_with_its_time_in_front() {
        let site = Site::new("demo").unwrap();
        let id = EventId::derive(1_760_000_000_000, site, TabId(7), 3);
        expect!["0199c82cc00089e1a1542982ed7ad203"].assert_eq(&format!("{:032x}", id.0));
    }

    proptest! {
        #[test]
        fn version_and_variant_are_those_of_rfc_9562(at: u64, tab: u64, seq: u32) {
            let id = EventId::derive(at, Site::new("demo").unwrap(), TabId(tab), seq).0;
            prop_assert_eq!((id >> 76) & 0xF, 8);
            prop_assert_eq!((id >> 62) & 0b11, 0b10);
            prop_assert_eq!((id >> 80) as u64, at & 0xFFFF_FFFF_FFFF);
        }

        #[test]
        fn a_visitor_is_never_taken_for_a_contact(bits: u64) {
            prop_assert_eq!(VisitorId::new(bits).get() >> 63, 0);
            prop_assert_eq!(ContactId::new(bits).get() >> 63, 1);
        }
    }
}
