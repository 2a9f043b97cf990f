//! The secret that admits to the embedded ClickHouse.
//!
//! Owns its making, its comparison, and that it never shows in a log. Must not know how it travels.

use std::fmt;
use std::io::{self, Read};

/// A password. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 bits of the system's randomness, as 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where `/dev/urandom` can't be read.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Self(
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// `None` for an empty text, which would admit everyone.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// For handing it on to the child and to the client.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the same time wherever the first difference stands.
    pub fn is(&self, other: &str) -> bool {
        let differences = self
            .0
            .bytes()
            .zip(other.bytes())
            .fold(0, |seen, (a, b)| seen | (a ^ b));
        std::hint::black_box(differences) == 0 && self.0.len() == other.len()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = Secret::new(" s3cret\n").unwrap();
        assert!(secret.is("s3cret"));
        assert!(
            !secret.is("s3cre") && !secret.is("s3cretx") && !secret.is("") && !secret.is("s3creT")
        );
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(Secret::new(" \n").is_none());
    }

    #[test]
    fn two_random_secrets_differ() {
        let (one, two) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_eq!(one.expose().len(), 64);
        assert_ne!(one, two);
    }
}
