//! What several rooms' tests need.

pub mod browser;
pub mod bytes;
pub mod node;
pub mod postgres;
pub mod python;
pub mod smtp;
pub mod space;
pub mod stage;

use tovholder::seal::Keys;

/// A key that everybody knows, and its id.
pub const KEY: (&str, &str) = ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "6c3a9709");

/// That key alone.
pub fn keys() -> Keys {
    KEY.0.parse().expect("a key")
}
