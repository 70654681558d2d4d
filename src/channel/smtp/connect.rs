//! Opens a connection: TCP, TLS, greeting, EHLO, login, each within the deadline.
//!
//! Whatever fails here is the server's or the operator's trouble, not the mail's. So it is always
//! a reason to try later, even if the server says 5xx: a wrong password must not make a thousand
//! mails undeliverable.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::config::{BadSmtpConfig, SmtpConfig, Tls};

#[expect(
    deprecated,
    reason = "lettre wraps a stream of ours in TLS through nothing else"
)]
use lettre::transport::smtp::client::AsyncNetworkStream;

/// Opens connections to one server.
pub(super) struct Connector {
    pub(super) config: SmtpConfig,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

impl Connector {
    pub(super) fn new(config: SmtpConfig) -> Result<Connector, BadSmtpConfig> {
        config.check()?;
        let tls = match config.tls {
            Tls::Plain => None,
            Tls::Required | Tls::Implicit => Some(tls_parameters(&config)?),
        };
        let hello = ClientId::Domain(config.hello_name.clone());
        Ok(Connector { config, tls, hello })
    }

    /// A connection that is ready for mail, or what failed, for the operator.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let SmtpConfig { host, port, .. } = &self.config;
        let named = |error: String| format!("{host}:{port}: {error}");
        let tcp = self.within("connecting", TcpStream::connect((host.as_str(), *port)));
        let tcp = tcp.await.map_err(named)?;
        // Without this, each small write waits for the other side's delayed acknowledgement.
        tcp.set_nodelay(true)
            .map_err(|error| named(error.to_string()))?;
        let connection = match (&self.tls, self.config.tls) {
            (Some(tls), Tls::Implicit) => {
                let stream = self.within("the TLS handshake", wrap(tcp, tls.clone()));
                self.greet(Box::new(stream.await.map_err(named)?)).await
            }
            (Some(tls), _) => self.greet_and_secure(tcp, tls.clone()).await,
            (None, _) => self.greet(Box::new(tcp)).await,
        };
        let mut connection = connection.map_err(named)?;
        self.log_in(&mut connection).await.map_err(named)?;
        Ok(connection)
    }

    async fn greet(
        &self,
        stream: Box<dyn AsyncTokioStream>,
    ) -> Result<AsyncSmtpConnection, String> {
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        self.within("the greeting", greeting).await
    }

    async fn greet_and_secure(
        &self,
        tcp: TcpStream,
        tls: TlsParameters,
    ) -> Result<AsyncSmtpConnection, String> {
        let mut connection = self.greet(Box::new(tcp)).await?;
        if !connection.can_starttls() {
            return Err(
                "the server offers no STARTTLS, so mail would go unencrypted; use \
                        smtps://, or add ?tls=none if the network to it is trusted"
                    .to_owned(),
            );
        }
        self.within("STARTTLS", connection.starttls(tls, &self.hello))
            .await?;
        Ok(connection)
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), String> {
        let Some(login) = &self.config.login else {
            return Ok(());
        };
        let credentials = login.credentials();
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        self.within("the login", connection.auth(&mechanisms, &credentials))
            .await?;
        Ok(())
    }

    async fn within<T, E: fmt::Display>(
        &self,
        step: &str,
        exchange: impl Future<Output = Result<T, E>>,
    ) -> Result<T, String> {
        let deadline = self.config.deadline;
        match timeout(deadline, exchange).await {
            Ok(done) => done.map_err(|error| format!("{step}: {}", told(&error))),
            Err(_) => Err(format!("{step}: no answer within {}", seconds(deadline))),
        }
    }
}

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, BadSmtpConfig> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = &config.ca_pem {
        let certificate = Certificate::from_pem(pem.as_bytes()).ok();
        let certificate = certificate.filter(|_| pem.contains("-----BEGIN CERTIFICATE-----"));
        builder = builder.add_root_certificate(certificate.ok_or_else(|| {
            let help = "give a file with -----BEGIN CERTIFICATE----- blocks";
            BadSmtpConfig::new("the extra certificates are not PEM", help)
        })?);
    }
    builder.build().map_err(|error| {
        BadSmtpConfig::new(format!("TLS: {error}"), "check the extra certificates")
    })
}

/// An error as an operator would put it.
pub(super) fn told(error: &impl fmt::Display) -> String {
    error.to_string().replace(
        "response error: incomplete response",
        "the server closed the connection",
    )
}

/// A deadline as an operator reads it: "60 s", "0.2 s".
pub(super) fn seconds(deadline: Duration) -> String {
    format!("{} s", deadline.as_secs_f64())
}

async fn wrap(tcp: TcpStream, tls: TlsParameters) -> io::Result<TlsStream> {
    #[expect(
        deprecated,
        reason = "lettre wraps a stream of ours in TLS through nothing else"
    )]
    let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(tcp));
    stream.upgrade_tls(tls).await.map_err(io::Error::other)?;
    Ok(TlsStream(stream))
}

/// lettre's TLS stream, made to look like one of ours again: lettre begins a conversation only
/// over a [`AsyncTokioStream`], and its own way to connect with TLS would leave Nagle's algorithm on.
#[derive(Debug)]
struct TlsStream(
    #[expect(
        deprecated,
        reason = "lettre wraps a stream of ours in TLS through nothing else"
    )]
    AsyncNetworkStream,
);

impl AsyncTokioStream for TlsStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let free = buffer.initialize_unfilled();
        let read = ready!(futures_io::AsyncRead::poll_read(
            Pin::new(&mut self.0),
            cx,
            free
        ))?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        futures_io::AsyncWrite::poll_write(Pin::new(&mut self.0), cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        futures_io::AsyncWrite::poll_flush(Pin::new(&mut self.0), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        futures_io::AsyncWrite::poll_close(Pin::new(&mut self.0), cx)
    }
}
