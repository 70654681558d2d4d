//! TLS: whom we trust, and that the server is who it says.
//!
//! A server's certificate must lead to a public authority or to one that the operator has named,
//! must be valid now, and must carry the name that mail is handed to. Nothing turns that off.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::config::{BadSmtpConfig, SmtpConfig};

/// Goes over to TLS with one server.
pub(super) struct Secure {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Secure {
    pub(super) fn new(config: &SmtpConfig) -> Result<Secure, BadSmtpConfig> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        if let Some(pem) = &config.ca_pem {
            trust(&mut roots, pem)?;
        }
        let provider = Arc::new(ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| {
                BadSmtpConfig::new(format!("TLS: {error}"), "this is a fault of the build")
            })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(config.host.clone()).map_err(|_| {
            BadSmtpConfig::new(
                format!("no certificate can carry the name {:?}", config.host),
                "give the server's full name, such as mail.college.example",
            )
        })?;
        Ok(Secure {
            connector: TlsConnector::from(Arc::new(client)),
            name,
        })
    }

    /// The handshake. An error says what is wrong with the certificate.
    pub(super) async fn handshake(&self, tcp: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), tcp).await
    }
}

fn trust(roots: &mut RootCertStore, pem: &str) -> Result<(), BadSmtpConfig> {
    let refused = || {
        BadSmtpConfig::new(
            "the extra certificates are not PEM",
            "give a file with -----BEGIN CERTIFICATE----- blocks",
        )
    };
    let mut found = 0;
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| refused())?;
        roots.add(certificate).map_err(|_| refused())?;
        found += 1;
    }
    if found == 0 { Err(refused()) } else { Ok(()) }
}
