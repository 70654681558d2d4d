//! Whether mail is signed (DKIM), and with what.

use std::path::PathBuf;

use clap::Args;

use super::others_can_read;
use crate::channel::{BadSigner, Signer};
use crate::message::Mailbox;

/// The key that mail is signed with.
#[derive(Args, Clone, Debug, Default)]
pub struct Dkim {
    /// Sign each mail as it leaves (DKIM) with the key in this file: PEM, RSA of 2048 to 4096 bits, or Ed25519, which
    /// many receivers do not check yet. `tovholder mail dkim-record` tells what DNS must say; `TOVHOLDER_DKIM_KEY`.
    /// Default: mail is not signed, or by the mail server.
    #[arg(long, env = "TOVHOLDER_DKIM_KEY", value_name = "FILE", hide_env = true)]
    pub dkim_key: Option<PathBuf>,
    /// The key's name in DNS, such as tov2026; a new key gets a new one; `TOVHOLDER_DKIM_SELECTOR`.
    #[arg(
        long,
        env = "TOVHOLDER_DKIM_SELECTOR",
        value_name = "NAME",
        hide_env = true
    )]
    pub dkim_selector: Option<String>,
    /// The domain that signs; `TOVHOLDER_DKIM_DOMAIN`. Default: the sender's.
    #[arg(
        long,
        env = "TOVHOLDER_DKIM_DOMAIN",
        value_name = "DOMAIN",
        hide_env = true
    )]
    pub dkim_domain: Option<String>,
}

/// What is missing or wrong about signing.
#[derive(Debug, thiserror::Error)]
pub enum BadDkim {
    /// A selector or a domain for nothing.
    #[error(
        "mail would not be signed: --dkim-selector or --dkim-domain is given, but no key; give --dkim-key or \
         TOVHOLDER_DKIM_KEY too, or none of them"
    )]
    NoKey,
    /// A key without a name.
    #[error(
        "the key needs the name that it has in DNS: give --dkim-selector or TOVHOLDER_DKIM_SELECTOR, such as tov2026"
    )]
    NoSelector,
    /// The key cannot be read.
    #[error(
        "{path}: {error}; --dkim-key or TOVHOLDER_DKIM_KEY names a file with a private key in PEM"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no key, or no name.
    #[error("{}, named by --dkim-{option} or TOVHOLDER_DKIM_{}: {error}", path.display(), option.to_uppercase())]
    Signer {
        /// The key's file.
        path: PathBuf,
        /// Which option is to be looked at.
        option: &'static str,
        /// Why.
        error: BadSigner,
    },
    /// Receivers compare the two (DMARC, RFC 7489, 3.1.1).
    #[error(
        "mail from {sender} cannot be signed by {domain}: receivers only count a signature of the sender's own domain, \
         or of one above or below it. Change --dkim-domain or TOVHOLDER_DKIM_DOMAIN, or leave it out"
    )]
    NotAligned {
        /// The domain that would sign.
        domain: String,
        /// The sender's domain.
        sender: String,
    },
}

impl Dkim {
    /// Who signs mail of this sender; none when nobody is to.
    pub fn signer(&self, from: &Mailbox) -> Result<Option<Signer>, BadDkim> {
        let Some(path) = &self.dkim_key else {
            let is_asked = self.dkim_selector.is_some() || self.dkim_domain.is_some();
            return if is_asked {
                Err(BadDkim::NoKey)
            } else {
                Ok(None)
            };
        };
        let selector = self.dkim_selector.as_ref().ok_or(BadDkim::NoSelector)?;
        let sender = in_dns(from.address().rsplit('@').next().unwrap_or_default());
        let domain = (self.dkim_domain.as_deref()).map_or_else(|| sender.clone(), in_dns);
        let pem = std::fs::read_to_string(path).map_err(|error| BadDkim::Unreadable {
            path: path.clone(),
            error,
        })?;
        let signer = Signer::new(&pem, selector, &domain);
        let signer = signer.map_err(|error| BadDkim::Signer {
            path: path.clone(),
            option: match error {
                BadSigner::Key(_) => "key",
                BadSigner::Selector(_) => "selector",
                BadSigner::Domain(_) => "domain",
            },
            error,
        })?;
        if !are_related(signer.domain(), &sender) {
            return Err(BadDkim::NotAligned { domain, sender });
        }
        if others_can_read(path) {
            tracing::warn!(
                file = %path.display(),
                "every user of this machine can read the key that mail is signed with; keep it to one: chmod 600"
            );
        }
        Ok(Some(signer))
    }
}

/// A domain as DNS has it: lower case, and letters such as ø in their ASCII form.
fn in_dns(domain: &str) -> String {
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) => domain,
        _ => domain.to_lowercase(),
    }
}

/// Whether they are one domain, or one is part of the other.
fn are_related(one: &str, other: &str) -> bool {
    let holds = |whole: &str, part: &str| {
        whole
            .strip_suffix(part)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    holds(one, other) || holds(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "tests/it/support/dkim/rsa.pem";

    fn signer(key: &str, selector: &str, domain: &str, from: &str) -> Result<String, String> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let dkim = Dkim {
            dkim_key: given(key).map(PathBuf::from),
            dkim_selector: given(selector),
            dkim_domain: given(domain),
        };
        let from = from.parse().expect("a mailbox");
        match dkim.signer(&from) {
            Ok(signer) => Ok(signer.map_or_else(String::new, |signer| signer.record().name)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_domain_is_the_senders_or_related_to_it() {
        let post = "Indgangen <post@tov.college.example>";
        for (domain, from, expect) in [
            ("", post, "s1._domainkey.tov.college.example"),
            ("College.example", post, "s1._domainkey.college.example"),
            (
                "mail.tov.college.example",
                post,
                "s1._domainkey.mail.tov.college.example",
            ),
            ("", "post@rød.example", "s1._domainkey.xn--rd-lka.example"),
            (
                "rød.example",
                "post@rød.example",
                "s1._domainkey.xn--rd-lka.example",
            ),
        ] {
            assert_eq!(signer(KEY, "s1", domain, from).as_deref(), Ok(expect));
        }
        assert_eq!(signer("", "", "", post).as_deref(), Ok(""));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_option_and_what_to_do() {
        let post = "post@college.example";
        let ssl = "tests/it/support/tls/ca.pem";
        for (key, selector, domain, expect) in [
            ("", "s1", "", "TOVHOLDER_DKIM_KEY"),
            ("", "", "college.example", "TOVHOLDER_DKIM_KEY"),
            (KEY, "", "", "TOVHOLDER_DKIM_SELECTOR"),
            (KEY, "s 1", "", "TOVHOLDER_DKIM_SELECTOR"),
            (KEY, "s1", "example", "TOVHOLDER_DKIM_DOMAIN"),
            (KEY, "s1", "ege.example", "TOVHOLDER_DKIM_DOMAIN"),
            (KEY, "s1", "mycollege.example", "sender's own domain"),
            ("nothing/here.pem", "s1", "", "TOVHOLDER_DKIM_KEY"),
            (ssl, "s1", "", "BEGIN PRIVATE KEY"),
        ] {
            let error = signer(key, selector, domain, post).expect_err(expect);
            assert!(error.contains(expect), "{error}");
        }
    }
}
