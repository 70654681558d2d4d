//! Handing over: our channel, a sender that knows nothing but bytes, and a program of somebody else.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::sink::CA_PEM;
use super::{Ports, real};
use crate::channel::{Channel, SmtpChannel, SmtpConfig};
use crate::clock::Stopwatch;
use crate::message::Mail;
use crate::runner::RunError;

/// How often a server that is about to start is tried.
const TRIES_MAX: usize = 100;
/// A program that sends a mail in fifty milliseconds is not given more than this.
const PEER_MAILS_MAX: usize = 400;
/// How large a mail is that is handed over, in bytes.
const LETTER: usize = 4096;

/// One round: mails a second of each sender, in the order in which they took their turns.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Handed {
    /// Prepared bytes by hand, in the clear.
    pub raw: f64,
    /// Our channel, in the clear.
    pub ours: f64,
    /// Prepared bytes by hand, in TLS.
    pub raw_tls: f64,
    /// Our channel, in TLS.
    pub ours_tls: f64,
    /// The other program, in the clear.
    pub peer: Option<f64>,
}

/// Hands so many mails over, each way in its turn.
pub(super) async fn hand_over(
    ports: Ports,
    mails: usize,
    rounds: usize,
    peer: Option<String>,
) -> Result<Vec<Handed>, RunError> {
    until_there(ports.plain).await?;
    until_there(ports.tls).await?;
    let mail = letter();
    let mut handed = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let peer = match &peer {
            Some(program) => Some(by_peer(program, ports.plain, &mail, mails).await?),
            None => None,
        };
        handed.push(Handed {
            raw: by_hand(ports.plain, false, &mail.bytes, mails).await?,
            ours: by_channel(plain(ports.plain)?, &mail, mails).await?,
            raw_tls: by_hand(ports.tls, true, &mail.bytes, mails).await?,
            ours_tls: by_channel(tls(ports.tls)?, &mail, mails).await?,
            peer,
        });
    }
    Ok(handed)
}

/// A mail of four kilobytes.
fn letter() -> Mail {
    let head = "From: a@b.example\r\nTo: c@d.example\r\nSubject: Bench\r\n\
                Message-ID: <1@b.example>\r\n\r\n";
    let line =
        "Velkommen. Her staar, hvad der skal ske i de kommende uger, og hvem der hjaelper.\r\n";
    let mut bytes = [head, &line.repeat(LETTER / line.len())].concat();
    bytes.truncate(LETTER - 2);
    bytes.push_str("\r\n");
    Mail {
        envelope_from: "a@b.example".to_owned(),
        recipients: vec!["c@d.example".to_owned()],
        message_id: "<1@b.example>".to_owned(),
        subject: "Bench".to_owned(),
        bytes: bytes.into_bytes(),
    }
}

/// Our channel's configuration for the sink, in the clear.
pub(super) fn plain(port: u16) -> Result<SmtpConfig, RunError> {
    config(&format!("smtp://127.0.0.1:{port}"))
}

fn tls(port: u16) -> Result<SmtpConfig, RunError> {
    let mut config = config(&format!("smtps://localhost:{port}"))?;
    config.ca_pem = Some(CA_PEM.to_owned());
    Ok(config)
}

fn config(address: &str) -> Result<SmtpConfig, RunError> {
    SmtpConfig::from_url(address, "bench.example").map_err(wrong)
}

fn wrong(error: impl std::fmt::Display) -> RunError {
    RunError::Inconsistent(error.to_string())
}

/// Waits until somebody listens.
pub(super) async fn until_there(port: u16) -> Result<(), RunError> {
    for _ in 0..TRIES_MAX {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(wrong("the mail server of the measurement did not start"))
}

/// How many of so many mails a connection takes.
fn share(mails: usize, width: usize, connection: usize) -> usize {
    mails / width + usize::from(connection < mails % width)
}

/// Mails a second over our channel's own number of connections, each as soon as the one before is
/// answered.
async fn by_channel(config: SmtpConfig, mail: &Mail, mails: usize) -> Result<f64, RunError> {
    let channel = Arc::new(Channel::Smtp(SmtpChannel::new(config).map_err(wrong)?));
    let begun = Stopwatch::start();
    let mut sending = JoinSet::new();
    for connection in 0..channel.width() {
        let share = share(mails, channel.width(), connection);
        let (channel, mail) = (channel.clone(), mail.clone());
        sending.spawn(async move {
            for _ in 0..share {
                channel.send(&mail).await?;
            }
            Ok::<_, crate::channel::SendError>(())
        });
    }
    for ended in sending.join_all().await {
        ended.map_err(wrong)?;
    }
    let rate = real(mails) / begun.elapsed().as_secs_f64();
    channel.close().await;
    Ok(rate)
}

/// The same bytes over as many connections, by a sender that does no more than it must.
pub(super) async fn by_hand(
    port: u16,
    tls: bool,
    bytes: &[u8],
    mails: usize,
) -> Result<f64, RunError> {
    let width = config("smtp://127.0.0.1")?.connections;
    let begun = Stopwatch::start();
    let mut sending = JoinSet::new();
    let connector = connector().map_err(wrong)?;
    for connection in 0..width {
        let share = share(mails, width, connection);
        let ended = [bytes, b".\r\n"].concat();
        let connector = connector.clone();
        sending.spawn(async move {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            if tls {
                let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
                one_connection(connector.connect(name, stream).await?, &ended, share).await
            } else {
                one_connection(stream, &ended, share).await
            }
        });
    }
    for ended in sending.join_all().await {
        ended.map_err(wrong)?;
    }
    Ok(real(mails) / begun.elapsed().as_secs_f64())
}

fn connector() -> Result<TlsConnector, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CA_PEM.as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn one_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    ended: &[u8],
    mails: usize,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    stream.write_all(b"HELO bench.example\r\n").await?;
    stream.flush().await?;
    stream.read_line(&mut line).await?;
    for _ in 0..mails {
        stream
            .write_all(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            .await?;
        stream.flush().await?;
        for _ in 0..3 {
            line.clear();
            stream.read_line(&mut line).await?;
        }
        stream.write_all(ended).await?;
        stream.flush().await?;
        line.clear();
        stream.read_line(&mut line).await?;
        if !line.starts_with("250") {
            return Err(std::io::Error::other(line));
        }
    }
    stream.write_all(b"QUIT\r\n").await?;
    stream.flush().await
}

/// A program that gets port, mails and connections as arguments and the message on its input, sends,
/// and says how many seconds that took.
async fn by_peer(program: &str, port: u16, mail: &Mail, mails: usize) -> Result<f64, RunError> {
    let mails = mails.min(PEER_MAILS_MAX);
    let width = config("smtp://127.0.0.1")?.connections;
    let arguments = [usize::from(port), mails, width].map(|number| number.to_string());
    let (program, bytes) = (program.to_owned(), mail.bytes.clone());
    let run = tokio::task::spawn_blocking(move || {
        let mut child = std::process::Command::new(&program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            std::io::Write::write_all(&mut stdin, &bytes)?;
        }
        child.wait_with_output()
    });
    let output = run.await.map_err(wrong)?.map_err(wrong)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let seconds: Option<f64> = said.trim().parse().ok().filter(|seconds| *seconds > 0.0);
    let seconds = seconds.ok_or_else(|| wrong(format!("the other program said {said:?}")))?;
    Ok(real(mails) / seconds)
}
