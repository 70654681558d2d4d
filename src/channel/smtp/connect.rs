//! Opens a connection: TCP, TLS, greeting, EHLO, login, each within the deadline.
//!
//! Whatever fails here is the server's or the operator's trouble, not the mail's. So it is always
//! a reason to try later, even if the server says 5xx: a wrong password must not make a thousand
//! mails undeliverable.

use std::fmt;
use std::future::Future;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::answer::{Answer, Kind};
use super::config::{BadSmtpConfig, Login, SmtpConfig, Tls, is_this_machine};
use super::conversation::{Abilities, Conversation, seconds};
use super::secure::Secure;
use super::stream::Stream;

/// Opens connections to one server.
pub(super) struct Connector {
    pub(super) config: SmtpConfig,
    secure: Option<Secure>,
}

impl Connector {
    pub(super) fn new(config: SmtpConfig) -> Result<Connector, BadSmtpConfig> {
        config.check()?;
        let secure = match config.tls {
            Tls::Plain | Tls::NoneOnLoopback => None,
            Tls::Required | Tls::Opportunistic | Tls::Implicit => Some(Secure::new(&config)?),
        };
        Ok(Connector { config, secure })
    }

    /// A connection that is ready for mail, or what failed, for the operator.
    pub(super) async fn connect(&self) -> Result<Conversation, String> {
        let opened = self.open().await;
        opened.map_err(|error| format!("{}:{}: {error}", self.config.host, self.config.port))
    }

    async fn open(&self) -> Result<Conversation, String> {
        let tcp = self.reach().await?;
        let mut talk = match &self.secure {
            Some(secure) if self.config.tls == Tls::Implicit => {
                Conversation::new(self.shake_hands(secure, tcp).await?)
            }
            _ => Conversation::new(Stream::Plain(tcp)),
        };
        self.greet(&mut talk).await?;
        self.hello(&mut talk).await?;
        if let Some(secure) = &self.secure
            && self.config.tls != Tls::Implicit
        {
            talk = self.go_over(secure, talk).await?;
        }
        self.log_in(&mut talk).await?;
        Ok(talk)
    }

    async fn reach(&self) -> Result<TcpStream, String> {
        let SmtpConfig { host, port, .. } = &self.config;
        let connecting = TcpStream::connect((host.as_str(), *port));
        let tcp = self.within("connecting", connecting).await?;
        let peer = tcp.peer_addr().map_err(|error| error.to_string())?;
        if self.config.tls == Tls::NoneOnLoopback && !peer.ip().to_canonical().is_loopback() {
            return Err(format!(
                "{peer} is not this machine, so mail would go unencrypted; remove tls=none-on-loopback"
            ));
        }
        // Without this, each small write waits for the other side's delayed acknowledgement.
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(tcp)
    }

    async fn shake_hands(&self, secure: &Secure, tcp: TcpStream) -> Result<Stream, String> {
        let handshake = self.within("the TLS handshake", secure.handshake(tcp));
        Ok(Stream::Tls(Box::new(handshake.await?)))
    }

    async fn greet(&self, talk: &mut Conversation) -> Result<(), String> {
        let greeting = talk.answer(self.config.deadline).await;
        expect("the greeting", greeting, Kind::Done).map(drop)
    }

    async fn hello(&self, talk: &mut Conversation) -> Result<(), String> {
        let hello = format!("EHLO {}\r\n", self.config.hello_name);
        let hello = talk.ask(&hello, self.config.deadline).await;
        talk.abilities = Abilities::of(&expect("EHLO", hello, Kind::Done)?);
        Ok(())
    }

    /// STARTTLS. A server that offers it is spoken to in TLS or not at all; one that does not is
    /// spoken to in the clear only where that was asked for.
    async fn go_over(
        &self,
        secure: &Secure,
        mut talk: Conversation,
    ) -> Result<Conversation, String> {
        if !talk.abilities.starttls {
            if self.config.tls == Tls::Opportunistic {
                tracing::warn!(
                    server = self.config.host,
                    "the server offers no STARTTLS: mail goes unencrypted, as tls=opportunistic allows"
                );
                return Ok(talk);
            }
            return Err(
                "the server offers no STARTTLS, so mail would go unencrypted; use \
                 smtps://, or add ?tls=none if the network to it is trusted"
                    .to_owned(),
            );
        }
        let answer = talk.ask("STARTTLS\r\n", self.config.deadline).await;
        expect("STARTTLS", answer, Kind::Done)?;
        // What came in the clear behind the answer would be taken for the server's words in TLS: that
        // is how somebody in between puts words into its mouth (CVE-2011-0411).
        if talk.has_heard_more() {
            return Err(
                "STARTTLS: somebody said more in the clear before TLS began; the \
                        connection cannot be trusted"
                    .to_owned(),
            );
        }
        let Stream::Plain(tcp) = talk.into_stream() else {
            return Err("STARTTLS: the connection is in TLS already".to_owned());
        };
        let mut talk = Conversation::new(self.shake_hands(secure, tcp).await?);
        // What the server said before TLS counts for nothing.
        self.hello(&mut talk).await?;
        Ok(talk)
    }

    async fn log_in(&self, talk: &mut Conversation) -> Result<(), String> {
        let Some(login) = &self.config.login else {
            return Ok(());
        };
        if !talk.is_private() && !is_this_machine(&self.config.host) {
            return Err("the login: the password would go unencrypted".to_owned());
        }
        let offers = |name: &str| talk.abilities.logins.iter().any(|login| login == name);
        let limit = self.config.deadline;
        let answer = if offers("PLAIN") {
            talk.ask(&format!("AUTH PLAIN {}\r\n", login.plain()), limit)
                .await
        } else if offers("LOGIN") {
            self.log_in_by_steps(talk, login).await
        } else {
            let offered = talk.abilities.logins.join(" ");
            return Err(format!(
                "the login: the server takes neither PLAIN nor LOGIN, but \"{offered}\""
            ));
        };
        expect("the login", answer, Kind::Done).map(drop)
    }

    async fn log_in_by_steps(
        &self,
        talk: &mut Conversation,
        login: &Login,
    ) -> Result<Answer, String> {
        let limit = self.config.deadline;
        let mut answer = talk.ask("AUTH LOGIN\r\n", limit).await?;
        for word in login.words() {
            if answer.kind() != Kind::More {
                break;
            }
            answer = talk.ask(&format!("{word}\r\n"), limit).await?;
        }
        Ok(answer)
    }

    async fn within<T, E: fmt::Display>(
        &self,
        step: &str,
        exchange: impl Future<Output = Result<T, E>>,
    ) -> Result<T, String> {
        let deadline = self.config.deadline;
        match timeout(deadline, exchange).await {
            Ok(done) => done.map_err(|error| format!("{step}: {error}")),
            Err(_) => Err(format!("{step}: no answer within {}", seconds(deadline))),
        }
    }
}

/// The answer, if it is of the kind that goes on.
fn expect(step: &str, answer: Result<Answer, String>, kind: Kind) -> Result<Answer, String> {
    match answer {
        Ok(answer) if answer.kind() == kind => Ok(answer),
        Ok(answer) => Err(format!("{step}: {}", answer.said())),
        Err(error) => Err(format!("{step}: {error}")),
    }
}
