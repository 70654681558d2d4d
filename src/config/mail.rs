//! How mail leaves the house, and in whose name.

use std::path::PathBuf;

use clap::Args;

use super::{BadDkim, Dkim};
use crate::channel::{BadSmtpConfig, Channel, FileChannel, SmtpChannel, SmtpConfig};
use crate::message::{BadLogo, Logo, Mailbox};
use crate::runner::Settings;

/// The sender, and the way out.
#[derive(Args, Clone, Debug, Default)]
pub struct Mail {
    /// Who sends, such as "SOSU-indgangen <post@college.example>"; `TOVHOLDER_MAIL_FROM`.
    #[arg(
        long,
        env = "TOVHOLDER_MAIL_FROM",
        value_name = "MAILBOX",
        hide_env = true
    )]
    pub mail_from: Option<Mailbox>,
    /// The sending organisation as people know it; `TOVHOLDER_ORGANISATION`. Default: the sender's
    /// name.
    #[arg(
        long,
        env = "TOVHOLDER_ORGANISATION",
        value_name = "NAME",
        hide_env = true
    )]
    pub organisation: Option<String>,
    /// The organisation's picture at the top of every mail: PNG, JPEG or GIF; `TOVHOLDER_LOGO`.
    #[arg(long, env = "TOVHOLDER_LOGO", value_name = "FILE", hide_env = true)]
    pub logo: Option<PathBuf>,
    /// Who runs the installation, such as `Driften <drift@college.example>`, and is told in a mail when so much
    /// is late that it waits for a person; `TOVHOLDER_OPERATOR`. Default: it is only in the log and in
    /// `tovholder today`.
    #[arg(
        long,
        env = "TOVHOLDER_OPERATOR",
        value_name = "MAILBOX",
        hide_env = true
    )]
    pub operator: Option<Mailbox>,
    /// The mail server, such as `smtps://user:password@mail.example`; `TOVHOLDER_SMTP`. TLS with a
    /// certificate that is valid and carries the server's name is required, unless the server is this
    /// machine (?tls=none-on-loopback) or the address says otherwise: ?tls=opportunistic takes STARTTLS if
    /// it is offered, and sends nothing when it then fails; ?tls=none never asks. It may hold a password, so
    /// prefer the variable: other users can read a command line.
    #[arg(long, env = "TOVHOLDER_SMTP", value_name = "ADDRESS", hide_env = true)]
    pub smtp: Option<String>,
    /// A file of certificates (PEM) to trust beside the public ones; `TOVHOLDER_SMTP_CA`.
    #[arg(long, env = "TOVHOLDER_SMTP_CA", value_name = "FILE", hide_env = true)]
    pub smtp_ca: Option<PathBuf>,
    /// Write mail into this folder instead of sending it; `TOVHOLDER_MAIL_DIR`.
    #[arg(
        long,
        env = "TOVHOLDER_MAIL_DIR",
        value_name = "FOLDER",
        conflicts_with = "smtp",
        hide_env = true
    )]
    pub mail_dir: Option<PathBuf>,
    /// At most so many mails a minute to a domain, such as `kommune.example=30`; `*=600` is each domain
    /// that has none of its own, and `none` takes all away. For all processes on the database, from when
    /// it is said until other rates are; `TOVHOLDER_THROTTLE`, joined by commas. Default: as before.
    #[arg(
        long,
        env = "TOVHOLDER_THROTTLE",
        value_name = "DOMAIN=PER_MINUTE",
        value_delimiter = ',',
        hide_env = true
    )]
    pub throttle: Vec<String>,
    /// At most so many mails to an address on a day, 0 for as many as there are; `TOVHOLDER_RECIPIENT_MAX`.
    /// What would be more is put off to the end of the day and sent as one mail. Default: 10.
    #[arg(
        long,
        env = "TOVHOLDER_RECIPIENT_MAX",
        value_name = "N",
        value_parser = clap::value_parser!(i64).range(0..),
        hide_env = true
    )]
    pub recipient_max: Option<i64>,
    /// Where the pages are, such as `https://tov.college.example`; `TOVHOLDER_BASE_URL`. Mails link
    /// there.
    #[arg(long, env = "TOVHOLDER_BASE_URL", value_name = "URL", hide_env = true)]
    pub base_url: Option<String>,
    /// Whether it is signed.
    #[command(flatten)]
    pub dkim: Dkim,
}

/// What is missing or wrong in the mail configuration.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    /// Nobody to send as.
    #[error(
        "no sender is set; give --mail-from or TOVHOLDER_MAIL_FROM, such as \"SOSU-indgangen <post@college.example>\""
    )]
    NoSender,
    /// No way out.
    #[error(
        "no way for mail to leave is set; give --smtp or TOVHOLDER_SMTP, such as smtps://user:password@mail.example, \
         or --mail-dir to write mails into a folder"
    )]
    NoWayOut,
    /// The server's address is wrong.
    #[error("--smtp or TOVHOLDER_SMTP: {0}")]
    Smtp(#[from] BadSmtpConfig),
    /// The certificates cannot be read.
    #[error("{path}: {error}; --smtp-ca or TOVHOLDER_SMTP_CA names a file of certificates in PEM")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The logo cannot be read.
    #[error(
        "{path} kan ikke læses som logo: {error}; filen angives med --logo eller TOVHOLDER_LOGO"
    )]
    NoLogo {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The logo is not such a picture.
    #[error("{path} kan ikke være logo: {error}; filen angives med --logo eller TOVHOLDER_LOGO")]
    Logo {
        /// The file.
        path: PathBuf,
        /// Why.
        error: BadLogo,
    },
    /// It cannot be signed.
    #[error(transparent)]
    Dkim(#[from] BadDkim),
    /// Not a rate.
    #[error(
        "--throttle or TOVHOLDER_THROTTLE: {0:?} is not a domain and mails a minute such as kommune.example=30, \
         and not `none`"
    )]
    Throttle(String),
    /// Not an address of pages.
    #[error(
        "--base-url or TOVHOLDER_BASE_URL: {0:?} is not an address such as https://tov.college.example"
    )]
    BaseUrl(String),
}

impl Mail {
    /// The runner's settings for a process that sends.
    pub fn settings(&self) -> Result<Settings, BadMail> {
        let from = self.mail_from.clone().ok_or(BadMail::NoSender)?;
        let organisation = self
            .organisation
            .clone()
            .or_else(|| from.name().map(ToOwned::to_owned));
        let organisation = organisation.unwrap_or_else(|| from.address().to_owned());
        let mut settings = Settings::new(from, organisation);
        settings.logo = self.logo()?;
        settings.operator.clone_from(&self.operator);
        settings.recipient_max = self.recipient_max.unwrap_or(settings.recipient_max);
        if let Some(base) = &self.base_url {
            let web =
                url::Url::parse(base).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !web {
                return Err(BadMail::BaseUrl(base.clone()));
            }
            settings.base_url = Some(base.clone());
        }
        Ok(settings)
    }

    fn logo(&self) -> Result<Option<Logo>, BadMail> {
        let Some(path) = self.logo.clone() else {
            return Ok(None);
        };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(BadMail::NoLogo { path, error }),
        };
        match Logo::read(bytes) {
            Ok(logo) => Ok(Some(logo)),
            Err(error) => Err(BadMail::Logo { path, error }),
        }
    }

    /// The domains and mails a minute that were asked for; none when nothing was said about them.
    pub fn throttles(&self) -> Result<Option<Vec<(String, u32)>>, BadMail> {
        let said: Vec<&str> = (self.throttle.iter())
            .map(|rate| rate.trim())
            .filter(|rate| !rate.is_empty())
            .collect();
        match said[..] {
            [] => Ok(None),
            ["none"] => Ok(Some(Vec::new())),
            _ => said
                .into_iter()
                .map(throttle)
                .collect::<Result<_, _>>()
                .map(Some),
        }
    }

    /// The way out, signed if that is asked for.
    pub fn channel(&self) -> Result<Channel, BadMail> {
        let way = self.way()?;
        let signer = match (&self.mail_from, self.dkim.dkim_key.is_some()) {
            (None, true) => return Err(BadMail::NoSender),
            (None, false) => None,
            (Some(from), _) => self.dkim.signer(from)?,
        };
        Ok(match signer {
            Some(signer) => way.signed_by(signer),
            None => way,
        })
    }

    fn way(&self) -> Result<Channel, BadMail> {
        if let Some(folder) = &self.mail_dir {
            return Ok(Channel::File(FileChannel::new(folder)));
        }
        let address = self.smtp.as_ref().ok_or(BadMail::NoWayOut)?;
        let hello = self.settings()?.mail_host;
        let mut config = SmtpConfig::from_url(address, &hello)?;
        if let Some(path) = &self.smtp_ca {
            let read = std::fs::read_to_string(path);
            config.ca_pem = Some(read.map_err(|error| BadMail::Ca {
                path: path.clone(),
                error,
            })?);
        }
        Ok(Channel::Smtp(SmtpChannel::new(config)?))
    }
}

/// `kommune.example=30`.
fn throttle(said: &str) -> Result<(String, u32), BadMail> {
    let wrong = || BadMail::Throttle(said.to_owned());
    let (domain, per_minute) = said.split_once('=').ok_or_else(wrong)?;
    let is_domain = |c: char| c.is_alphanumeric() || "-.".contains(c);
    let domain = domain.trim().to_lowercase();
    if domain != "*" && (domain.is_empty() || !domain.chars().all(is_domain)) {
        return Err(wrong());
    }
    let per_minute: u32 = per_minute.trim().parse().map_err(|_| wrong())?;
    if per_minute == 0 {
        return Err(wrong());
    }
    Ok((domain, per_minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_what_is_none_is_named() {
        let mail = |said: &[&str]| Mail {
            throttle: said.iter().map(|said| (*said).to_owned()).collect(),
            ..Mail::default()
        };
        let rate = |domain: &str, per_minute| (domain.to_owned(), per_minute);
        let table = [
            (&[][..], None),
            (&[""], None),
            (&["none"], Some(vec![])),
            (
                &["Kommune.example=30", " *=600"],
                Some(vec![rate("kommune.example", 30), rate("*", 600)]),
            ),
        ];
        for (said, expect) in table {
            assert_eq!(mail(said).throttles().expect("rates"), expect, "{said:?}");
        }
        for said in [
            "kommune.example",
            "=30",
            "a b=3",
            "a.example=0",
            "a.example=-1",
            "a.example=x",
        ] {
            let error = mail(&["b.example=1", said]).throttles().expect_err(said);
            assert!(error.to_string().contains("TOVHOLDER_THROTTLE"), "{error}");
        }
        assert!(mail(&["none", "a.example=1"]).throttles().is_err());
    }

    fn mail(from: &str, smtp: &str) -> Mail {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Mail {
            mail_from: from.parse().ok(),
            smtp: given(smtp),
            ..Mail::default()
        }
    }

    #[test]
    fn what_is_missing_is_named_with_its_variable() {
        let table = [
            (mail("", "smtp://localhost:2525"), "TOVHOLDER_MAIL_FROM"),
            (mail("post@college.example", ""), "TOVHOLDER_SMTP"),
            (
                mail("post@college.example", "http://mail.example"),
                "TOVHOLDER_SMTP",
            ),
            (
                Mail {
                    smtp_ca: Some("nothing/here.pem".into()),
                    ..mail("a@b.example", "smtps://m.example")
                },
                "PEM",
            ),
            (
                Mail {
                    base_url: Some("tov".into()),
                    ..mail("a@b.example", "smtps://m.example")
                },
                "TOVHOLDER_BASE_URL",
            ),
        ];
        for (mail, expect) in table {
            let error = mail.channel().expect_err(expect).to_string();
            assert!(error.contains(expect), "{error}");
        }
    }

    #[test]
    fn the_sender_names_the_organisation_and_the_message_ids() {
        let settings = mail("SOSU-indgangen <post@college.example>", "")
            .settings()
            .expect("settings");
        assert_eq!(
            (settings.organisation.as_str(), settings.mail_host.as_str()),
            ("SOSU-indgangen", "college.example")
        );
    }

    #[test]
    fn a_folder_needs_no_sender_to_be_opened() {
        let mail = Mail {
            mail_dir: Some("mails".into()),
            ..Mail::default()
        };
        assert!(matches!(mail.channel(), Ok(Channel::File(_))));
    }

    #[test]
    fn every_way_out_is_signed_when_there_is_a_key() {
        let dkim = Dkim {
            dkim_key: Some("tests/it/support/dkim/rsa.pem".into()),
            dkim_selector: Some("tov2026".into()),
            dkim_domain: None,
        };
        let folder = Mail {
            mail_dir: Some("mails".into()),
            ..Mail::default()
        };
        for way in [
            mail("post@college.example", "smtps://m.example"),
            Mail {
                mail_from: "post@college.example".parse().ok(),
                ..folder.clone()
            },
        ] {
            assert!(!matches!(way.channel(), Ok(Channel::Signed(_))));
            let dkim = dkim.clone();
            let signed = Mail { dkim, ..way }.channel();
            assert!(matches!(signed, Ok(Channel::Signed(_))), "{signed:?}");
        }
        // Whose domain it is must be known.
        let error = Mail { dkim, ..folder }.channel().expect_err("no sender");
        assert!(error.to_string().contains("TOVHOLDER_MAIL_FROM"), "{error}");
    }
}
