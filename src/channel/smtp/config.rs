//! What an operator says about the mail server, in one address or field by field.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use crate::channel::base64::base64;

/// How the connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Begin in the clear and go over to TLS by STARTTLS, or do not send (RFC 3207). Port 587.
    Required,
    /// TLS from the first byte (RFC 8314). Port 465.
    Implicit,
    /// STARTTLS if the server offers it, with the same certificate as where it is required: a
    /// handshake that fails sends nothing. In the clear if it offers none, which somebody in between
    /// can bring about (RFC 7435); for a server that is known to have no TLS yet. Port 25.
    Opportunistic,
    /// No TLS, and the server is this machine: what is reached elsewhere is refused. Port 25.
    NoneOnLoopback,
    /// No TLS, wherever the server is. For a network that the operator vouches for. Port 25.
    Plain,
}

/// A user name and a password. The password is never shown, not even in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    username: String,
    password: String,
}

impl Login {
    /// A login for `AUTH PLAIN` or `AUTH LOGIN`.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Login {
        Login {
            username: username.into(),
            password: password.into(),
        }
    }

    /// What `AUTH PLAIN` brings (RFC 4616).
    pub(super) fn plain(&self) -> String {
        base64(format!("\0{}\0{}", self.username, self.password).as_bytes())
    }

    /// What `AUTH LOGIN` asks for, one after the other.
    pub(super) fn words(&self) -> [String; 2] {
        [&self.username, &self.password].map(|word| base64(word.as_bytes()))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// All about the server that takes our mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Name or IP address; the name its certificate must carry.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: Tls,
    /// Login, if the server asks for one.
    pub login: Option<Login>,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How long each exchange may take: connecting, a command with its answer, a whole message.
    pub deadline: Duration,
    /// How long the answer to a whole message may take. Long, because the server may be
    /// looking for viruses, and giving up here leaves a mail of which nobody knows whether it was
    /// delivered; RFC 5321 (4.5.3.2.6) asks for 10 minutes.
    pub answer_deadline: Duration,
    /// The name we say in EHLO: this machine's, as the world knows it.
    pub hello_name: String,
    /// Certificates in PEM that are trusted beside the public ones: an in-house server's, or a
    /// test's.
    pub ca_pem: Option<String>,
}

/// Why an SMTP address or configuration cannot be used. The text says what to write instead; it
/// never holds the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct BadSmtpConfig {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl BadSmtpConfig {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> BadSmtpConfig {
        BadSmtpConfig {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl SmtpConfig {
    /// Reads an address. TLS is required unless the server is this machine.
    ///
    /// | address | means |
    /// |---|---|
    /// | `smtp://mail.college.example` | port 587, STARTTLS required |
    /// | `smtps://user:p%40ss@mail.college.example` | port 465, TLS from the start, login |
    /// | `smtp://localhost:2525` | this machine, no TLS (`tls=none-on-loopback`) |
    /// | `smtp://relay.college.example:25?tls=opportunistic` | STARTTLS if it is offered |
    /// | `smtp://relay.college.example:25?tls=none` | no TLS, said in so many words |
    ///
    /// Settings after `?`, joined by `&`: `tls=required|implicit|opportunistic|none-on-loopback|none`,
    /// `connections=4`, `deadline_seconds=60`, `answer_seconds=600`. What stands here is the default.
    /// Wherever there is TLS, the certificate must be valid and carry the server's name.
    ///
    /// ```
    /// use tovholder::channel::{SmtpConfig, Tls};
    ///
    /// let config = SmtpConfig::from_url("smtp://mail.college.example", "app.college.example");
    /// assert_eq!(config.unwrap().tls, Tls::Required);
    /// ```
    pub fn from_url(address: &str, hello_name: &str) -> Result<SmtpConfig, BadSmtpConfig> {
        let help = "write smtps://user:password@mail.example or smtp://mail.example:587";
        let url = Url::parse(address)
            .map_err(|error| BadSmtpConfig::new(format!("not an SMTP address: {error}"), help))?;
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        if host.is_empty() {
            return Err(BadSmtpConfig::new("the SMTP address names no server", help));
        }
        let tls = match url.scheme() {
            "smtps" => Tls::Implicit,
            "smtp" if is_this_machine(&host) => Tls::NoneOnLoopback,
            "smtp" => Tls::Required,
            other => {
                let message = format!("\"{other}://\" is not a way to send mail");
                return Err(BadSmtpConfig::new(message, help));
            }
        };
        let mut config = SmtpConfig {
            host,
            port: 0,
            tls,
            login: login_of(&url)?,
            connections: 4,
            deadline: Duration::from_mins(1),
            answer_deadline: Duration::from_mins(10),
            hello_name: hello_name.to_owned(),
            ca_pem: None,
        };
        for (name, value) in url.query_pairs() {
            config.set(&name, &value)?;
        }
        config.port = url.port().unwrap_or(match config.tls {
            Tls::Required => 587,
            Tls::Implicit => 465,
            Tls::Opportunistic | Tls::NoneOnLoopback | Tls::Plain => 25,
        });
        config.check()?;
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), BadSmtpConfig> {
        let number = || {
            let whole = value.parse::<u32>().ok().filter(|number| *number > 0);
            whole.ok_or_else(|| {
                let message = format!("{name}={value} is not a whole number above 0");
                BadSmtpConfig::new(message, format!("write for example {name}=4"))
            })
        };
        match (name, value) {
            ("tls", "required") => self.tls = Tls::Required,
            ("tls", "implicit") => self.tls = Tls::Implicit,
            ("tls", "opportunistic") => self.tls = Tls::Opportunistic,
            ("tls", "none-on-loopback") => self.tls = Tls::NoneOnLoopback,
            ("tls", "none") => self.tls = Tls::Plain,
            ("connections", _) => self.connections = number()?.min(100) as usize,
            ("deadline_seconds", _) => self.deadline = Duration::from_secs(number()?.into()),
            ("answer_seconds", _) => self.answer_deadline = Duration::from_secs(number()?.into()),
            _ => {
                let help = "the settings are tls=required|implicit|opportunistic|\
                            none-on-loopback|none, connections, deadline_seconds and answer_seconds";
                return Err(BadSmtpConfig::new(
                    format!("no setting {name}={value}"),
                    help,
                ));
            }
        }
        Ok(())
    }

    /// What must hold however the configuration was made.
    pub(super) fn check(&self) -> Result<(), BadSmtpConfig> {
        if self.login.is_some() && self.tls == Tls::Plain && !is_this_machine(&self.host) {
            return Err(BadSmtpConfig::new(
                format!("the password would go to {} unencrypted", self.host),
                "use smtps:// or remove tls=none",
            ));
        }
        if self.tls == Tls::NoneOnLoopback && !is_this_machine(&self.host) {
            return Err(BadSmtpConfig::new(
                format!(
                    "{} is not this machine, so mail would go there unencrypted",
                    self.host
                ),
                "remove tls=none-on-loopback, or write tls=none if the network to it is trusted",
            ));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if self.hello_name.is_empty() || !self.hello_name.chars().all(is_name) {
            return Err(BadSmtpConfig::new(
                format!("{:?} is not the name of a machine", self.hello_name),
                "give this machine's full name, such as app.college.example",
            ));
        }
        Ok(())
    }
}

fn login_of(url: &Url) -> Result<Option<Login>, BadSmtpConfig> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (username, Some(password)) if !username.is_empty() => {
            Ok(Some(Login::new(unescape(username)?, unescape(password)?)))
        }
        _ => Err(BadSmtpConfig::new(
            "a login needs a user name and a password",
            "write smtps://user:password@mail.example",
        )),
    }
}

/// Undoes `%40` and the like.
fn unescape(text: &str) -> Result<String, BadSmtpConfig> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        let help = "write special characters as % and two hexadecimal digits of their UTF-8";
        BadSmtpConfig::new("the user name or password is not UTF-8", help)
    })
}

pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let table = [
            (
                "smtp://mail.college.example",
                "mail.college.example",
                587,
                Tls::Required,
            ),
            (
                "smtp://mail.college.example:25",
                "mail.college.example",
                25,
                Tls::Required,
            ),
            (
                "smtps://mail.college.example",
                "mail.college.example",
                465,
                Tls::Implicit,
            ),
            (
                "smtp://localhost:2525",
                "localhost",
                2525,
                Tls::NoneOnLoopback,
            ),
            ("smtp://127.0.0.1", "127.0.0.1", 25, Tls::NoneOnLoopback),
            ("smtp://[::1]:2525", "::1", 2525, Tls::NoneOnLoopback),
            (
                "smtp://[::1]:2525?tls=none-on-loopback",
                "::1",
                2525,
                Tls::NoneOnLoopback,
            ),
            (
                "smtp://relay.example?tls=opportunistic",
                "relay.example",
                25,
                Tls::Opportunistic,
            ),
            (
                "smtp://localhost?tls=required",
                "localhost",
                587,
                Tls::Required,
            ),
            (
                "smtp://relay.example?tls=none",
                "relay.example",
                25,
                Tls::Plain,
            ),
            (
                "smtp://relay.example?tls=implicit",
                "relay.example",
                465,
                Tls::Implicit,
            ),
        ];
        for (address, host, port, tls) in table {
            let config = SmtpConfig::from_url(address, "app.example").unwrap();
            assert_eq!(
                (config.host.as_str(), config.port, config.tls),
                (host, port, tls),
                "{address}"
            );
        }
    }

    #[test]
    fn logins_and_settings_are_read() {
        let address = "smtps://anna%40college.example:p%3A%c3%a6+%@mail.example\
                       ?connections=8&deadline_seconds=5&answer_seconds=7";
        let config = SmtpConfig::from_url(address, "app.example").unwrap();
        assert_eq!(
            config.login,
            Some(Login::new("anna@college.example", "p:æ+%"))
        );
        assert_eq!(config.connections, 8);
        assert_eq!(config.deadline, Duration::from_secs(5));
        assert_eq!(config.answer_deadline, Duration::from_secs(7));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_what_to_do() {
        let table = [
            ("mail.example", "not an SMTP address", "smtps://"),
            ("http://mail.example", "\"http://\"", "smtps://"),
            ("smtp:", "no server", "smtp://"),
            (
                "smtps://anna@mail.example",
                "a login needs",
                "user:password@",
            ),
            (
                "smtp://a:secret@relay.example?tls=none",
                "unencrypted",
                "smtps://",
            ),
            (
                "smtp://mail.example?tls=none-on-loopback",
                "not this machine",
                "tls=none",
            ),
            (
                "smtp://mail.example?tls=maybe",
                "tls=maybe",
                "tls=required|implicit|opportunistic",
            ),
            ("smtp://mail.example?retries=3", "retries=3", "connections"),
            (
                "smtp://mail.example?connections=0",
                "connections=0",
                "connections=4",
            ),
        ];
        for (address, message, help) in table {
            let error = SmtpConfig::from_url(address, "app.example").unwrap_err();
            assert!(error.message.contains(message), "{address}: {error}");
            assert!(error.help.contains(help), "{address}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(SmtpConfig::from_url("smtp://mail.example", "a b\r\nQUIT").is_err());
    }

    #[test]
    fn a_login_is_said_as_the_rfc_has_it() {
        assert_eq!(
            Login::new("anna", "hemmeligt").plain(),
            "AGFubmEAaGVtbWVsaWd0"
        );
    }

    #[test]
    fn a_password_is_never_shown() {
        let config = SmtpConfig::from_url("smtps://anna:hemmeligt@mail.example", "app.example");
        let shown = format!("{:?}", config.unwrap());
        assert!(
            shown.contains("anna") && !shown.contains("hemmeligt"),
            "{shown}"
        );
    }
}
