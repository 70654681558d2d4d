//! What makes a link ours.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Hex digits of an id.
pub(super) const ID_DIGITS: usize = 32;
/// And of a signature.
pub(super) const DIGITS: usize = 32;

/// Of what is said for a purpose.
pub(super) fn signature(secret: &str, purpose: &str, said: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(b":");
    mac.update(said.as_bytes());
    let signed = mac.finalize().into_bytes();
    let half = signed.iter().take(DIGITS / 2);
    half.map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a signature is the one, in a time that does not tell how much of it is right.
pub(super) fn is_ours(secret: &str, purpose: &str, said: &str, given: &str) -> bool {
    let expected = signature(secret, purpose, said);
    let differs =
        (expected.bytes().zip(given.bytes())).fold(0, |differs, (a, b)| differs | (a ^ b));
    differs == 0 && given.len() == DIGITS
}

pub(super) fn is_hex(text: &str) -> bool {
    (text.bytes()).all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
