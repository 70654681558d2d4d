//! A mail server that accepts everything and keeps nothing.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::Ports;
use crate::runner::RunError;

/// The authority of the certificate below. Its key is gone, and the server's guards nothing.
pub(super) const CA_PEM: &str = include_str!("tls/ca.pem");
const CHAIN_PEM: &[u8] = include_bytes!("tls/server.pem");
const KEY_PEM: &[u8] = include_bytes!("tls/server.key");

/// Listens at both ports until its process is ended.
pub(super) async fn sink(ports: Ports) -> Result<(), RunError> {
    let acceptor = acceptor().map_err(|error| RunError::Inconsistent(error.to_string()))?;
    let plain = listen(ports.plain, None);
    let listened = tokio::try_join!(plain, listen(ports.tls, Some(acceptor)));
    listened.map_err(|error| RunError::Inconsistent(error.to_string()))?;
    Ok(())
}

fn acceptor() -> Result<TlsAcceptor, Box<dyn std::error::Error>> {
    let chain = CertificateDer::pem_slice_iter(CHAIN_PEM).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(KEY_PEM)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn listen(port: u16, acceptor: Option<TlsAcceptor>) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move { drop(welcome(stream, acceptor).await) });
    }
}

async fn welcome(stream: TcpStream, acceptor: Option<TlsAcceptor>) -> std::io::Result<()> {
    match acceptor {
        Some(acceptor) => swallow(acceptor.accept(stream).await?).await,
        None => swallow(stream).await,
    }
}

async fn swallow(stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    say(&mut stream, b"220 sink.example\r\n").await?;
    let (mut line, mut in_data) = (Vec::new(), false);
    let mut answers = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        answers.extend_from_slice(match (in_data, &*word) {
            (true, _) if line == b".\r\n" => {
                in_data = false;
                b"250 taken\r\n".as_slice()
            }
            (true, _) => continue,
            (false, b"DATA") => {
                in_data = true;
                b"354 go on\r\n"
            }
            (false, b"EHLO") => b"250-sink.example\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
            (false, b"QUIT") => return say(&mut stream, b"221 bye\r\n").await,
            (false, _) => b"250 ok\r\n",
        });
        // As RFC 2920 asks of a server: the answers to what came together go out together.
        if stream.buffer().is_empty() {
            say(&mut stream, &answers).await?;
            answers.clear();
        }
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}
