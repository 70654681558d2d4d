//! Asking somebody over HTTP: one request over a connection of its own, in TLS where the address says so, redirects not
//! followed. The HTTP is hyper's and the TLS what mail is sent with, both there already. For the optional parts, each of
//! which has rules of its own for whom it asks.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request, Response, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// More than anybody says who is asked here, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// Why there is no answer, in English.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unanswered(String);

/// Asks, and trusts the public certificates.
#[derive(Clone)]
pub(crate) struct Asker(TlsConnector);

impl Asker {
    pub(crate) fn new() -> Result<Self, Unanswered> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(client))))
    }

    /// Asks whom the request names, for as long as the caller waits.
    pub(crate) async fn ask<B>(
        &self,
        mut request: Request<B>,
    ) -> Result<Response<Bytes>, Unanswered>
    where
        Body: From<B>,
    {
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
        let request = request.map(Body::from);
        if is_tls {
            let name = ServerName::try_from(bare).map_err(failed)?;
            let tls = self.0.connect(name, tcp).await.map_err(failed)?;
            return over(tls, request).await;
        }
        over(tcp, request).await
    }
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Body>,
) -> Result<Response<Bytes>, Unanswered> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // It ends with the answer, or when nobody waits for that any more.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(failed)?;
    let (head, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), ANSWER_MAX)
        .await
        .map_err(failed)?;
    Ok(Response::from_parts(head, body))
}

fn failed(error: impl std::fmt::Display) -> Unanswered {
    Unanswered(error.to_string())
}
