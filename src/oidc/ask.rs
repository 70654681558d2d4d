//! Asking a provider: one request over a connection of its own, in TLS, redirects not followed. The HTTP is hyper's and
//! the TLS what mail is sent with, both there already.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::OidcError;

/// Somebody waits in front of a browser.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// More than any provider says of itself, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// Asks in TLS.
pub(super) struct Asker(TlsConnector);

impl Asker {
    pub(super) fn new() -> Result<Self, OidcError> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let provider = Arc::new(ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| OidcError::Provider(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(client))))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, OidcError> {
        let answered = tokio::time::timeout(ANSWERS_WITHIN, self.exchange(request)).await;
        answered.map_err(|_| OidcError::Provider("it does not answer in time".to_owned()))?
    }

    async fn exchange(&self, mut request: HttpRequest) -> Result<HttpResponse, OidcError> {
        may_be_asked(&request.uri().to_string())?;
        let uri = request.uri().clone();
        let (host, is_tls) = (
            uri.host().unwrap_or_default(),
            uri.scheme_str() == Some("https"),
        );
        let bare = host.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let tcp = TcpStream::connect((bare.as_str(), port))
            .await
            .map_err(failed)?;
        // A request to a server names it in a header and not in its first line.
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let named = HeaderValue::from_str(authority).map_err(failed)?;
        request.headers_mut().insert(header::HOST, named);
        *request.uri_mut() = uri
            .path_and_query()
            .map_or_else(Uri::default, |path| path.clone().into());
        if is_tls {
            let name = ServerName::try_from(bare).map_err(failed)?;
            let tls = self.0.connect(name, tcp).await.map_err(failed)?;
            return over(tls, request).await;
        }
        over(tcp, request).await
    }
}

impl<'c> AsyncHttpClient<'c> for Asker {
    type Error = OidcError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OidcError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: HttpRequest,
) -> Result<HttpResponse, OidcError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // It ends with the answer, or when nobody waits for that any more.
    tokio::spawn(connection);
    let answer = sender
        .send_request(request.map(Body::from))
        .await
        .map_err(failed)?;
    let (head, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), ANSWER_MAX)
        .await
        .map_err(failed)?;
    Ok(HttpResponse::from_parts(head, body.to_vec()))
}

/// Only in TLS, or to this machine.
pub(super) fn may_be_asked(address: &str) -> Result<(), OidcError> {
    let url = url::Url::parse(address).map_err(|error| OidcError::Address(error.to_string()))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(OidcError::Address(format!(
            "{} is not https",
            url.origin().ascii_serialization()
        ))),
    }
}

fn failed(error: impl std::fmt::Display) -> OidcError {
    OidcError::Provider(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_over_the_net_in_the_clear() {
        for (address, may) in [
            ("https://login.example/realm", true),
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:3000", true),
            ("http://localhost/", true),
            ("http://login.example", false),
            ("http://localhost.login.example", false),
            ("ftp://127.0.0.1", false),
            ("login.example", false),
        ] {
            assert_eq!(may_be_asked(address).is_ok(), may, "{address}");
        }
    }
}
