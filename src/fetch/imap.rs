//! A mailbox on a server, by IMAP over TLS.
//!
//! How far it has been read is remembered here, by UIDVALIDITY and UID, and not on the server: then people and
//! their programs may read, mark and move as they like, and a server need allow nothing but reading. Messages
//! get growing UIDs, so what is above the highest that is kept is new; when the validity is another, everything
//! is read again, and what is known is known by what it says.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, RootCertStore, crypto};

use super::{FetchError, Letter, OCTETS_MAX, Place};

/// How long a server may be silent.
const SILENT_SECONDS: u64 = 60;

/// A mailbox on a server, and how to get in.
#[derive(Clone)]
pub struct Imap {
    host: String,
    port: u16,
    user: String,
    password: String,
    mailbox: String,
    /// None where the server is this machine and the address says `imap:`.
    tls: Option<Arc<ClientConfig>>,
}

/// What is wrong with the address of a mailbox. It never repeats it, since it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadImap {
    /// No folder is named.
    #[error("a Maildir is named maildir:FOLDER")]
    Folder,
    /// Not an address.
    #[error(
        "it is not an address such as imaps://USER:PASSWORD@mail.example/INBOX or maildir:FOLDER: {0}"
    )]
    Address(String),
    /// A way that is not known.
    #[error("\"{0}:\" is no way to fetch mail; use imaps: or maildir:")]
    Scheme(String),
    /// Without TLS to another machine.
    #[error("imap: without TLS goes only to this machine; use imaps:")]
    Plain,
    /// Nobody to log in as.
    #[error("a user and a password are needed: imaps://USER:PASSWORD@mail.example/INBOX")]
    User,
    /// The certificates cannot be read.
    #[error("the certificates cannot be read: {0}")]
    Certificates(String),
}

/// Never with the password.
impl fmt::Debug for Imap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Imap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "imaps" } else { "imap" };
        let (user, host, port) = (&self.user, &self.host, self.port);
        write!(f, "{scheme}://{user}@{host}:{port}/{}", self.mailbox)
    }
}

impl Imap {
    pub(super) fn from_url(address: &str, ca_pem: Option<&str>) -> Result<Self, BadImap> {
        let url = url::Url::parse(address).map_err(|error| BadImap::Address(error.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(BadImap::Address("it names no server".into()));
        }
        let is_here = host == "localhost"
            || host
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let tls = match url.scheme() {
            "imaps" => Some(tls(ca_pem)?),
            "imap" if is_here => None,
            "imap" => return Err(BadImap::Plain),
            other => return Err(BadImap::Scheme(other.to_owned())),
        };
        let user = decoded(url.username());
        let password = decoded(url.password().unwrap_or_default());
        if user.is_empty() || password.is_empty() {
            return Err(BadImap::User);
        }
        let mailbox = decoded(url.path().trim_matches('/'));
        let mailbox = if mailbox.is_empty() {
            "INBOX".to_owned()
        } else {
            mailbox
        };
        let port = url.port().unwrap_or(if tls.is_some() { 993 } else { 143 });
        Ok(Self {
            host,
            port,
            user,
            password,
            mailbox,
            tls,
        })
    }

    fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, logs in and looks which messages are new.
    pub(super) async fn open(&self, place: Place) -> Result<Session, FetchError> {
        let server = self.server();
        let connect = |error| FetchError::Connect {
            server: server.clone(),
            error,
        };
        let opened = async {
            let tcp = TcpStream::connect((self.host.as_str(), self.port))
                .await
                .map_err(connect)?;
            let stream: Box<dyn Stream> = match &self.tls {
                None => Box::new(tcp),
                Some(config) => {
                    let name = ServerName::try_from(self.host.clone())
                        .map_err(|error| connect(std::io::Error::other(error)))?;
                    let tls = TlsConnector::from(config.clone());
                    let shaken = tls.connect(name, tcp).await;
                    Box::new(shaken.map_err(|error| distrust(server.clone(), error))?)
                }
            };
            self.enter(stream, place).await
        };
        patiently(&server, opened).await
    }

    async fn enter(&self, stream: Box<dyn Stream>, place: Place) -> Result<Session, FetchError> {
        let server = self.server();
        let said = |error: async_imap::error::Error| FetchError::Server {
            server: server.clone(),
            message: error.to_string(),
        };
        let mut client = async_imap::Client::new(stream);
        let greeting = client.read_response().await;
        let greeted = greeting.map_err(|error| said(error.into()))?;
        if greeted.is_none() {
            return Err(said(async_imap::error::Error::ConnectionLost));
        }
        let login = client.login(&self.user, &self.password).await;
        let mut session = login.map_err(|(error, _)| said(error))?;
        let mailbox = session.examine(&self.mailbox).await.map_err(said)?;
        let validity = i64::from(mailbox.uid_validity.unwrap_or_default());
        let last_uid = if validity == place.validity {
            place.last_uid
        } else {
            0
        };
        let search = format!("UID {}:*", last_uid + 1);
        let found = session.uid_search(search).await.map_err(said)?;
        // `n:*` is never empty: without anything above it, it is the last message.
        let mut uids: Vec<u32> = found
            .into_iter()
            .filter(|uid| i64::from(*uid) > last_uid)
            .collect();
        uids.sort_unstable();
        Ok(Session {
            server,
            inner: session,
            validity,
            uids: uids.into(),
        })
    }
}

/// A mailbox that is being read.
pub struct Session {
    server: String,
    inner: async_imap::Session<Box<dyn Stream>>,
    validity: i64,
    uids: VecDeque<u32>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} to read", self.server, self.uids.len())
    }
}

impl Session {
    pub(super) async fn next(&mut self) -> Result<Option<Letter>, FetchError> {
        while let Some(uid) = self.uids.pop_front() {
            let server = self.server.clone();
            let bytes = patiently(&server, self.fetch(uid)).await?;
            // One that somebody has deleted meanwhile has no content any more.
            if let Some(bytes) = bytes {
                let place = Place {
                    validity: self.validity,
                    last_uid: i64::from(uid),
                };
                return Ok(Some(Letter {
                    bytes,
                    place,
                    file: None,
                }));
            }
        }
        Ok(None)
    }

    /// The message as it is, without marking it as read.
    async fn fetch(&mut self, uid: u32) -> Result<Option<Vec<u8>>, FetchError> {
        let server = self.server.clone();
        let said = |error: async_imap::error::Error| FetchError::Server {
            server: server.clone(),
            message: error.to_string(),
        };
        let query = format!("(UID BODY.PEEK[]<0.{OCTETS_MAX}>)");
        let fetches = self.inner.uid_fetch(uid.to_string(), query);
        let mut fetches = fetches.await.map_err(said)?;
        let mut found = None;
        while let Some(fetch) = fetches.next().await {
            let fetch = fetch.map_err(said)?;
            if fetch.uid == Some(uid) {
                found = fetch.body().map(<[u8]>::to_vec).or(found);
            }
        }
        Ok(found)
    }

    pub(super) async fn close(mut self) {
        let goodbye = self.inner.logout();
        drop(tokio::time::timeout(Duration::from_secs(5), goodbye).await);
    }
}

/// A connection, with TLS or without.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Stream for T {}

/// Gives up on a server that says nothing.
async fn patiently<T>(
    server: &str,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let patience = Duration::from_secs(SILENT_SECONDS);
    match tokio::time::timeout(patience, work).await {
        Ok(done) => done,
        Err(_) => Err(FetchError::Silent {
            server: server.to_owned(),
            seconds: SILENT_SECONDS,
        }),
    }
}

/// Why the handshake failed, in words that say what to do.
fn distrust(server: String, error: std::io::Error) -> FetchError {
    use CertificateError as Bad;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let message = match inner {
        Some(Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. })) => {
            "its certificate has expired, and whoever runs the server must renew it"
        }
        Some(Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. })) => {
            "its certificate is not valid yet; is this machine's clock right?"
        }
        Some(Error::InvalidCertificate(
            Bad::NotValidForName | Bad::NotValidForNameContext { .. },
        )) => {
            "its certificate is of a server with another name; write the name that the certificate has in --intake \
             or TOVHOLDER_INTAKE"
        }
        Some(Error::InvalidCertificate(_)) => {
            "its certificate is not signed by anybody who is trusted here; if the server is your own, give the \
             certificate that signs for it with --intake-ca or TOVHOLDER_INTAKE_CA"
        }
        Some(Error::InvalidMessage(_)) => {
            "it does not speak TLS at this port; imaps: is port 993 at most servers"
        }
        _ => return FetchError::Connect { server, error },
    };
    FetchError::Trust {
        server,
        message: format!("{message} ({error})"),
    }
}

/// TLS with the public certificates and those of the file.
fn tls(ca_pem: Option<&str>) -> Result<Arc<ClientConfig>, BadImap> {
    let bad = |error: String| BadImap::Certificates(error);
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_slice_iter(ca_pem.unwrap_or_default().as_bytes()) {
        let certificate = certificate.map_err(|error| bad(format!("{error:?}")))?;
        roots
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(error.to_string()))?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}

/// A part of an address, with its `%40` as `@`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(hex.unwrap_or(bytes[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_never_told_with_its_password() {
        for (address, expect) in [
            (
                "imaps://a%40b.example:p%40ss@m.example",
                Ok("imaps://a@b.example@m.example:993/INBOX"),
            ),
            (
                "imap://a:p@127.0.0.1:1143/Retur",
                Ok("imap://a@127.0.0.1:1143/Retur"),
            ),
            ("imap://a:p@m.example", Err(BadImap::Plain)),
            ("imaps://m.example", Err(BadImap::User)),
            ("pop3://a:p@m.example", Err(BadImap::Scheme("pop3".into()))),
        ] {
            let told = Imap::from_url(address, None).map(|imap| format!("{imap} {imap:?}"));
            assert_eq!(
                told,
                expect.map(|told| format!("{told} {told}")),
                "{address}"
            );
        }
        assert_eq!(decoded("p%40ss%"), "p@ss%");
    }
}
