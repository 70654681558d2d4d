//! DKIM (RFC 6376): a mail says, so that anybody can check it, that the sender's domain stands behind it.
//!
//! A mail is signed **each time it is handed over, not when it is frozen.** The signature is no part of what the
//! mail says: it stands above the frozen bytes, as the trace of a server does, and these stay as they are at
//! every attempt. A mail can leave days after it was frozen, or weeks when a person lets it go; by then the key
//! may be another and the old one gone from DNS, and a signature that nobody can check any more is worse than
//! none. It is made of mail and key alone, without a time (`t=`): as long as the key is the same, every attempt
//! is the same to the last byte. The database holds nothing that a stolen key could be tried on.
//!
//! The signing is our own and not lettre's, which signs a message that it has built, and not bytes; reads the
//! machine's clock; cannot cover a header that is not there, so that another `From` could be added; reads RSA
//! keys in PKCS#1 only; and brings a second set of cryptography, with an RSA that leaks by its timing
//! (RUSTSEC-2023-0071). Ring is here for TLS already.

mod canonical;
mod key;

use std::collections::HashMap;
use std::pin::Pin;

use sha2::{Digest as _, Sha256};

use self::key::Key;
use super::base64::base64;
use super::{Channel, Receipt, SendError};
use crate::message::Mail;

pub use key::BadKey;

/// What a signature covers (RFC 6376, 5.4; RFC 8058, 4), and whether one more than there are is covered too:
/// what people go by cannot be said a second time by somebody on the way (RFC 6376, 8.15).
const COVERED: [(&str, bool); 18] = [
    ("from", true),
    ("to", true),
    ("cc", true),
    ("subject", true),
    ("date", true),
    ("reply-to", true),
    ("message-id", false),
    ("in-reply-to", false),
    ("references", false),
    ("mime-version", false),
    ("content-type", true),
    ("content-transfer-encoding", false),
    ("content-language", false),
    ("auto-submitted", false),
    ("x-auto-response-suppress", false),
    ("list-unsubscribe", false),
    ("list-unsubscribe-post", false),
    ("sender", false),
];

/// Letters of a signature in a line.
const LINE: usize = 72;

/// Signs in the name of a domain.
#[derive(Debug)]
pub struct Signer {
    key: Key,
    selector: String,
    domain: String,
}

/// Why there is nobody to sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSigner {
    /// The key.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// The selector is no name in DNS.
    #[error("{0:?} is no selector: letters, digits and hyphens, such as tov2026")]
    Selector(String),
    /// The domain is no name in DNS.
    #[error("{0:?} is no domain such as college.example")]
    Domain(String),
}

/// What DNS must say, so that receivers can check signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The name of the TXT record, without a dot at its end.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Signer {
    /// A signer with a private key in PEM: PKCS#8 or PKCS#1, RSA from 2048 bits or Ed25519. The domain is in
    /// ASCII, as DNS has it.
    pub fn new(pem: &str, selector: &str, domain: &str) -> Result<Signer, BadSigner> {
        if !is_name(selector) {
            return Err(BadSigner::Selector(selector.to_owned()));
        }
        if !is_name(domain) || !domain.contains('.') {
            return Err(BadSigner::Domain(domain.to_owned()));
        }
        Ok(Signer {
            key: Key::from_pem(pem)?,
            selector: selector.to_lowercase(),
            domain: domain.to_lowercase(),
        })
    }

    /// The domain in whose name it signs.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What receivers look for in DNS (RFC 6376, 3.6).
    #[must_use]
    pub fn record(&self) -> DnsRecord {
        let (kind, public) = self.key.public();
        DnsRecord {
            name: format!("{}._domainkey.{}", self.selector, self.domain),
            text: format!("v=DKIM1; k={kind}; p={}", base64(&public)),
        }
    }

    /// The mail with a signature above it. Everything below is as it was.
    pub fn sign(&self, mail: &Mail) -> Result<Mail, SendError> {
        let (fields, body) = canonical::cut(&mail.bytes);
        let (names, mut covered) = covered(&fields);
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={}; s={};\r\n h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            names.join(":\r\n "),
            base64(&Sha256::digest(canonical::body(body))),
        );
        covered.extend(canonical::field(unsigned.as_bytes()));
        let signature = self.key.sign(&covered).ok_or_else(|| SendError::Retry {
            message: "the mail could not be signed: the machine gave no random numbers".to_owned(),
        })?;
        let mut bytes = unsigned.into_bytes();
        bytes.extend(folded(&base64(&signature)).into_bytes());
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&mail.bytes);
        Ok(Mail {
            bytes,
            ..mail.clone()
        })
    }
}

/// The names that `h=` lists, some to a line, and what they cover. Of fields of one name the last comes first
/// (RFC 6376, 5.4.2).
fn covered(fields: &[&[u8]]) -> (Vec<String>, Vec<u8>) {
    let mut by_name: HashMap<String, Vec<&[u8]>> = HashMap::new();
    for field in fields {
        by_name
            .entry(canonical::name(field))
            .or_default()
            .push(field);
    }
    let mut listed: Vec<&str> = Vec::new();
    let mut text = Vec::new();
    for (name, and_no_more) in COVERED {
        let found = by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        for field in found.iter().rev() {
            listed.push(name);
            text.extend(canonical::field(field));
            text.extend_from_slice(b"\r\n");
        }
        listed.extend(and_no_more.then_some(name));
    }
    let lines = listed.chunks(5).map(|names| names.join(":"));
    (lines.collect(), text)
}

fn folded(signature: &str) -> String {
    let lines = signature.as_bytes().chunks(LINE);
    let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
    lines.join("\r\n ")
}

/// Labels of letters, digits and hyphens, with dots between.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 200 && name.split('.').all(is_label)
}

/// A channel that signs what another sends.
#[derive(Debug)]
pub struct Signed {
    signer: Signer,
    by: Box<Channel>,
}

impl Signed {
    pub(super) fn new(signer: Signer, by: Channel) -> Signed {
        Signed {
            signer,
            by: Box::new(by),
        }
    }

    pub(super) fn by(&self) -> &Channel {
        &self.by
    }

    /// Boxed: a channel in a channel would else be a future that holds itself.
    pub(super) fn send<'a>(
        &'a self,
        mail: &'a Mail,
    ) -> Pin<Box<dyn Future<Output = Result<Receipt, SendError>> + Send + 'a>> {
        Box::pin(async move {
            let signed = self.signer.sign(mail)?;
            self.by.send(&signed).await
        })
    }

    /// Boxed for the same reason.
    pub(super) fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.by.close())
    }
}
