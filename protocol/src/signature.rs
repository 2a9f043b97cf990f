//! The signature on what the edge posts to the backend: HMAC-SHA256 (RFC 2104)
//! over the time of signing and the body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Name of the header with the key's id.
pub const KEY_HEADER: &str = "crumb-key";
/// Name of the header with the time of signing, milliseconds since the epoch.
pub const TIME_HEADER: &str = "crumb-time";
/// Name of the header with the signature, lower-case hex.
pub const SIGNATURE_HEADER: &str = "crumb-signature";

/// Shortest key that is taken, in bytes.
pub const MIN_KEY_BYTES: usize = 32;

/// Signs `body` as of `time_ms`.
#[must_use]
pub fn sign(key: &[u8], time_ms: u64, body: &[u8]) -> [u8; 32] {
    mac(key, time_ms, body).finalize().into_bytes().into()
}

/// Whether `signature` is the one of `body` as of `time_ms`, in constant time.
///
/// Whether `time_ms` is near enough to now is the caller's to judge.
#[must_use]
pub fn verify(key: &[u8], time_ms: u64, body: &[u8], signature: &[u8]) -> bool {
    mac(key, time_ms, body).verify_slice(signature).is_ok()
}

fn mac(key: &[u8], time_ms: u64, body: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
    mac.chain_update(time_ms.to_be_bytes()).chain_update(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn verifies_what_was_signed_and_nothing_else() {
        let signature = sign(&KEY, 5, b"body");
        assert!(verify(&KEY, 5, b"body", &signature));
        assert!(!verify(&KEY, 6, b"body", &signature));
        assert!(!verify(&KEY, 5, b"bodY", &signature));
        assert!(!verify(&[8; 32], 5, b"body", &signature));
        assert!(!verify(&KEY, 5, b"body", signature.get(..31).unwrap()));
        assert!(!verify(&KEY, 5, b"body", &[]));
    }
}
