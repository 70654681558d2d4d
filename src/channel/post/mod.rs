//! Telling other programs what happens: one signed POST over a connection of its own, in TLS.
//!
//! Headers and signature are those of Standard Webhooks. No redirect is followed, and nothing inside the own network is
//! reached unless the operator has named it: an address is looked at after its name has been looked up, and that very
//! address is connected to. What a receiver says is not read but for its status.

mod reach;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac as _};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::base64::base64;

/// To be connected, names and TLS included.
const CONNECTS_WITHIN: Duration = Duration::from_secs(10);

/// What an operator has decided about where other programs may be.
#[derive(Clone, Debug)]
pub struct PostRules {
    /// Addresses inside the own network, or of this machine, that may be reached.
    pub inside: Vec<IpAddr>,
    /// Certificates to trust beside the public ones, PEM.
    pub ca_pem: Option<String>,
    /// How long an answer is waited for, once there is a connection.
    pub answers_within: Duration,
}

/// The extra certificates are none.
#[derive(Debug, thiserror::Error)]
#[error("the extra certificates are not PEM; give a file with -----BEGIN CERTIFICATE----- blocks")]
pub struct BadPost;

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// It is no address.
    #[error("it is no address")]
    Unreadable,
    /// It is neither in TLS nor of this machine.
    #[error("it is not https")]
    Clear,
    /// It names a user, or has a part after #.
    #[error("it has a user or a # in it")]
    Extras,
    /// It is inside the own network.
    #[error("{0} is inside the own network")]
    Inside(IpAddr),
}

/// Something to be told.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Where to.
    pub url: String,
    /// What the receiver knows it by: the same at every attempt.
    pub id: String,
    /// Seconds since the epoch of this attempt.
    pub at: i64,
    /// JSON.
    pub body: String,
    /// What it is signed with.
    pub secret: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It was taken; the HTTP status.
    Taken(u16),
    /// The receiver wants nothing more at this address (410).
    Gone,
    /// It was not, or nobody knows; what is known, in English.
    Not(String),
}

/// The way to other programs.
#[derive(Clone)]
pub struct Post {
    tls: TlsConnector,
    inside: Vec<IpAddr>,
    answers_within: Duration,
}

/// As whoever receives them configures it.
///
/// ```
/// assert_eq!(tovholder::channel::hook_secret(b"foobar"), "whsec_Zm9vYmFy");
/// ```
#[must_use]
pub fn hook_secret(secret: &[u8]) -> String {
    format!("whsec_{}", base64(secret))
}

/// The open net, and 20 seconds.
impl Default for PostRules {
    fn default() -> Self {
        Self {
            inside: Vec::new(),
            ca_pem: None,
            answers_within: Duration::from_secs(20),
        }
    }
}

impl PostRules {
    /// Whether something may be sent to an address, as far as it says itself.
    pub fn check(&self, url: &str) -> Result<Url, BadTarget> {
        let url = Url::parse(url).map_err(|_| BadTarget::Unreadable)?;
        let literal = match url.host() {
            None => return Err(BadTarget::Unreadable),
            Some(Host::Domain(name)) => (name == "localhost").then_some(reach::LOOPBACK),
            Some(Host::Ipv4(ip)) => Some(ip.into()),
            Some(Host::Ipv6(ip)) => Some(ip.into()),
        };
        match url.scheme() {
            "https" => {}
            "http" if literal.is_some_and(|ip| ip.is_loopback()) => {}
            _ => return Err(BadTarget::Clear),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(BadTarget::Extras);
        }
        match literal.filter(|ip| !reach::may(*ip, &self.inside)) {
            Some(ip) => Err(BadTarget::Inside(ip)),
            None => Ok(url),
        }
    }
}

impl Letter {
    /// `v1,` and the HMAC-SHA256 of id, time and body.
    fn signature(&self) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(format!("{}.{}.{}", self.id, self.at, self.body).as_bytes());
        format!("v1,{}", base64(&mac.finalize().into_bytes()))
    }

    fn request(&self, url: &Url) -> Result<Request<Full<Bytes>>, String> {
        let at = &url[url::Position::BeforePath..url::Position::AfterQuery];
        // With the port, where it is not the usual one.
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let version = concat!("tovholder/", env!("CARGO_PKG_VERSION"));
        let request = Request::post(at)
            .header(header::HOST, host)
            .header(header::USER_AGENT, version)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .header("webhook-id", &self.id)
            .header("webhook-timestamp", self.at)
            .header("webhook-signature", self.signature())
            .body(Full::from(self.body.clone()));
        request.map_err(|error| error.to_string())
    }
}

impl Post {
    /// The way, by an operator's rules.
    pub fn new(rules: &PostRules) -> Result<Self, BadPost> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(pem) = &rules.ca_pem {
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(|_| BadPost)?;
                roots.add(certificate).map_err(|_| BadPost)?;
            }
            if roots.len() == before {
                return Err(BadPost);
            }
        }
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| BadPost)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(client)),
            inside: rules.inside.clone(),
            answers_within: rules.answers_within,
        })
    }

    /// Tells it, once.
    pub async fn send(&self, letter: &Letter) -> Posted {
        let status = match self.exchange(letter).await {
            Ok(status) => status,
            Err(message) => return Posted::Not(message),
        };
        match status {
            200..=299 => Posted::Taken(status),
            410 => Posted::Gone,
            _ => Posted::Not(format!("status {status}")),
        }
    }

    async fn exchange(&self, letter: &Letter) -> Result<u16, String> {
        let url = Url::parse(&letter.url).map_err(|error| error.to_string())?;
        let request = letter.request(&url)?;
        let is_tls = url.scheme() == "https";
        let late = |_| "no connection in time".to_owned();
        let tcp = timeout(CONNECTS_WITHIN, self.connect(&url, is_tls));
        let tcp = tcp.await.map_err(late)??;
        if !is_tls {
            return answer(tcp, request, self.answers_within).await;
        }
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
        let tls = timeout(CONNECTS_WITHIN, self.tls.connect(name, tcp));
        let tls = tls.await.map_err(late)?;
        let tls = tls.map_err(|error| format!("TLS: {error}"))?;
        answer(tls, request, self.answers_within).await
    }

    /// To the first of a name's addresses that may be reached and answers.
    async fn connect(&self, url: &Url, is_tls: bool) -> Result<TcpStream, String> {
        let port = url.port_or_known_default().unwrap_or(443);
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let found = tokio::net::lookup_host((host, port)).await;
        let found = found.map_err(|error| format!("the name is not found: {error}"))?;
        let mut why = "the name has no address".to_owned();
        for at in found {
            let ip = at.ip();
            if !reach::may(ip, &self.inside) || !(is_tls || ip.is_loopback()) {
                why = BadTarget::Inside(ip).to_string();
                continue;
            }
            match TcpStream::connect(at).await {
                Ok(tcp) => return Ok(tcp),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post")
            .field("inside", &self.inside)
            .finish_non_exhaustive()
    }
}

/// The status of the answer. The connection ends with it: what else comes is read by nobody.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<u16, String> {
    let exchange = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let answered = sender.send_request(request);
        tokio::pin!(connection, answered);
        tokio::select! {
            answer = &mut answered => answer,
            // Nothing moves unless the connection does; when that has ended, there is an answer or none.
            _ = &mut connection => answered.await,
        }
    };
    let answered = timeout(within, exchange).await;
    let answer = answered.map_err(|_| "no answer in time".to_owned())?;
    let answer = answer.map_err(|error| format!("no answer: {error}"))?;
    Ok(answer.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_in_tls_and_outside_unless_it_is_named() {
        let inside = PostRules {
            inside: vec![reach::LOOPBACK, [10, 1, 2, 3].into()],
            ..PostRules::default()
        };
        for (url, outside, named) in [
            ("https://fag.example/hook?a=b", None, None),
            (
                "https://10.1.2.3:8443/",
                Some(BadTarget::Inside([10, 1, 2, 3].into())),
                None,
            ),
            (
                "https://127.0.0.1/",
                Some(BadTarget::Inside(reach::LOOPBACK)),
                None,
            ),
            (
                "https://localhost/",
                Some(BadTarget::Inside(reach::LOOPBACK)),
                None,
            ),
            (
                "http://localhost:80/",
                Some(BadTarget::Inside(reach::LOOPBACK)),
                None,
            ),
            (
                "http://10.1.2.3/",
                Some(BadTarget::Clear),
                Some(BadTarget::Clear),
            ),
            (
                "http://fag.example/",
                Some(BadTarget::Clear),
                Some(BadTarget::Clear),
            ),
            (
                "ftp://fag.example/",
                Some(BadTarget::Clear),
                Some(BadTarget::Clear),
            ),
            (
                "https://a:b@fag.example/",
                Some(BadTarget::Extras),
                Some(BadTarget::Extras),
            ),
            (
                "https://fag.example/#a",
                Some(BadTarget::Extras),
                Some(BadTarget::Extras),
            ),
            (
                "fag.example",
                Some(BadTarget::Unreadable),
                Some(BadTarget::Unreadable),
            ),
            // As browsers read it, a number is an address.
            (
                "https://2130706433/",
                Some(BadTarget::Inside(reach::LOOPBACK)),
                None,
            ),
        ] {
            assert_eq!(PostRules::default().check(url).err(), outside, "{url}");
            assert_eq!(inside.check(url).err(), named, "{url}");
        }
    }
}
