//! Secrets that a browser or a link holds. What is kept of one is its hash.

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};

/// 256 bits that nobody guesses.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one, from the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing that is secret can be made then.
    #[must_use]
    pub fn fresh() -> Self {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .expect("the operating system gives randomness");
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As a cookie or a link carries it: 64 hex digits.
    #[must_use]
    pub fn text(&self) -> String {
        hex(&self.0)
    }
}

/// Nobody reads it in a log.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a secret as it is carried. It is long and random, so that a plain hash does.
///
/// ```
/// use tovholder::access::{Secret, hash_of};
/// let secret = Secret::fresh();
/// assert_eq!((secret.text().len(), hash_of(&secret.text()).len()), (64, 64));
/// assert_ne!(secret.text(), hash_of(&secret.text()));
/// ```
#[must_use]
pub fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
