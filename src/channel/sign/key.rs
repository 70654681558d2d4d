//! The private key of a signature: read from PEM, used, and told of in DNS.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// A key that signs. Its private half is never shown, not even in `Debug`.
pub(super) enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Why a text is no key to sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// No PEM with a private key in it.
    #[error("it holds no private key in PEM, which begins with -----BEGIN PRIVATE KEY-----")]
    NotPem,
    /// Behind a password.
    #[error(
        "the key is encrypted, and nobody is there to give the password; take it away with: openssl pkey -in FILE -out NEW"
    )]
    Encrypted,
    /// Of a kind that mail is not signed with.
    #[error(
        "it is neither an RSA key nor an Ed25519 key; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE"
    )]
    OtherKind,
    /// RSA below what is safe (RFC 8301) or above what everybody checks.
    #[error(
        "an RSA key must have 2048 to 4096 bits; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE"
    )]
    Size,
    /// The numbers in it do not belong together.
    #[error("the key is damaged")]
    Damaged,
}

impl Key {
    /// Reads PKCS#8 or, for RSA, PKCS#1, in PEM.
    pub(super) fn from_pem(pem: &str) -> Result<Key, BadKey> {
        if pem.contains("ENCRYPTED") {
            return Err(BadKey::Encrypted);
        }
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| BadKey::NotPem)?;
        let rsa = match &der {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(BadKey::OtherKind),
        };
        let rejected = match rsa {
            Ok(key) => return Ok(Key::Rsa(Box::new(key))),
            Err(rejected) => rejected.to_string(),
        };
        match (rejected.as_str(), &der) {
            // What OpenSSL writes does not hold the public half, so that it cannot be compared.
            ("WrongAlgorithm", PrivateKeyDer::Pkcs8(der)) => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
                    .map(|key| Key::Ed25519(Box::new(key)))
                    .map_err(|_| BadKey::OtherKind)
            }
            ("TooSmall" | "TooLarge" | "PrivateModulusLenNotMultipleOf512Bits", _) => {
                Err(BadKey::Size)
            }
            _ => Err(BadKey::Damaged),
        }
    }

    /// What `a=` says (RFC 6376, 3.3; RFC 8463).
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Signs; none when the machine has no randomness to hide RSA's arithmetic behind. The same text gives the
    /// same signature.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let random = SystemRandom::new();
                let signed = key.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature);
                signed.ok().map(|()| signature)
            }
            // Of the hash, which Ed25519 then hashes in its own way (RFC 8463, 3).
            Key::Ed25519(key) => Some(key.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }

    /// `k=` and the bytes of `p=` in DNS.
    pub(super) fn public(&self) -> (&'static str, Vec<u8>) {
        match self {
            Key::Rsa(key) => ("rsa", subject_public_key_info(key.public_key().as_ref())),
            Key::Ed25519(key) => ("ed25519", key.public_key().as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.algorithm())
    }
}

/// An RSA key as everybody publishes it (RFC 5280, 4.1.2.7), which is one wrapping more than the numbers alone.
fn subject_public_key_info(numbers: &[u8]) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    /// rsaEncryption, and its parameters: none.
    const ALGORITHM: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let no_unused_bits: &[u8] = &[0];
    let algorithm = der(SEQUENCE, ALGORITHM);
    let key = der(BIT_STRING, &[no_unused_bits, numbers].concat());
    der(SEQUENCE, &[algorithm, key].concat())
}

/// Tag, length, content (X.690, 8.1).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = &length[zeros..];
    let mut out = vec![tag];
    match (length, content.len()) {
        ([], _) => out.push(0),
        ([short], ..0x80) => out.push(*short),
        // At most eight bytes of length.
        (long, _) => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
    out
}
