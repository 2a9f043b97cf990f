//! Secret keys, and rings of them for rotation.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// A secret key.
pub struct Key(Vec<u8>);

/// Keys by name, for rotation: the first signs, all verify. Never empty.
#[derive(Debug)]
pub struct KeyRing {
    first: (String, Key),
    others: Vec<(String, Key)>,
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
    pub(super) fn mac(&self, labels: [&str; 2]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("any length");
        labels
            .iter()
            .fold(mac, |mac, label| mac.chain_update(label).chain_update([0]))
    }
}

/// The first 64 bits of a mac.
pub(super) fn first_bits(mac: Hmac<Sha256>) -> u64 {
    let digest = mac.finalize().into_bytes();
    digest
        .first_chunk::<8>()
        .map_or(0, |b| u64::from_be_bytes(*b))
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
