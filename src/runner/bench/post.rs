//! Mail: rendered, handed over to a server that discards it, and a digest over many cases.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::machine::peak_mb;
use super::real;
use super::rendering::beside_handlebars;
use super::stage::{runner, start};
use crate::channel::{Channel, MemoryChannel, SmtpChannel, SmtpConfig};
use crate::clock::{Clock, Stopwatch};
use crate::runner::freeze::Prepared;
use crate::runner::{Mailer, RunError, Runner};
use crate::store::{OutboxRow, Scratch};

/// Mails rendered at a time.
const AT_ONCE: i64 = 64;
/// How often a server that is about to start is tried.
const TRIES_MAX: usize = 100;

/// What mail came to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// Mails handed over.
    pub mails: usize,
    /// Decided, rendered and frozen a second, on one core, with all that is read for it.
    pub rendered_per_second: f64,
    /// Rendered a second, a mail of the size that is shipped.
    pub templates_per_second: f64,
    /// The same texts with the same words by handlebars alone.
    pub handlebars_per_second: f64,
    /// Handed over a second, with every mark in the outbox.
    pub sent_per_second: f64,
    /// The same bytes a second by a sender that knows nothing but bytes.
    pub raw_per_second: f64,
    /// The most memory, in MB.
    pub peak_mb: f64,
}

/// Queues a mail for each case, renders them, and hands them over to the server at the port.
pub(super) async fn post(database: &Scratch, port: u16) -> Result<Posted, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    runner.work(start()?).await?;
    let cases = store.cases_after(0, i64::MAX).await?.len();
    let rows = store.ready(start()?.as_microsecond(), AT_ONCE).await?;
    let (rendered_per_second, bytes) = render(&runner, &rows, cases).await?;
    until_there(port).await?;
    let config = SmtpConfig::from_url(&format!("smtp://127.0.0.1:{port}"), "bench.example")
        .map_err(|error| RunError::Inconsistent(error.to_string()))?;
    let width = config.connections;
    let channel =
        SmtpChannel::new(config).map_err(|error| RunError::Inconsistent(error.to_string()))?;
    let mailer = Mailer::new(runner.clone(), Channel::Smtp(channel));
    let begun = Stopwatch::start();
    let mut mails = 0;
    loop {
        let mailed = mailer.run_once().await?;
        mails += mailed.sent;
        if mailed.looked_at == 0 {
            break;
        }
    }
    let sent_per_second = real(mails) / begun.elapsed().as_secs_f64();
    mailer.channel().close().await;
    let raw_per_second = by_hand(port, width, &bytes, mails).await?;
    store.close().await?;
    let (templates_per_second, handlebars_per_second) = beside_handlebars(cases)?;
    Ok(Posted {
        mails,
        rendered_per_second,
        templates_per_second,
        handlebars_per_second,
        sent_per_second,
        raw_per_second,
        peak_mb: peak_mb(),
    })
}

/// Decides, renders and freezes as many mails as there are cases, and answers one's bytes too.
async fn render(
    runner: &Runner,
    rows: &[OutboxRow],
    cases: usize,
) -> Result<(f64, Vec<u8>), RunError> {
    let (mut done, mut bytes) = (0, Vec::new());
    let begun = Stopwatch::start();
    while done < cases.max(1) {
        for prepared in runner.prepare(rows, runner.now()).await? {
            let Prepared::Send(both) = prepared else {
                return Err(RunError::Inconsistent("a mail is not wanted".into()));
            };
            bytes = both.1.bytes;
            done += 1;
        }
        if rows.is_empty() {
            return Err(RunError::Inconsistent("no mail was queued".into()));
        }
    }
    Ok((real(done) / begun.elapsed().as_secs_f64(), bytes))
}

async fn until_there(port: u16) -> Result<(), RunError> {
    for _ in 0..TRIES_MAX {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(RunError::Inconsistent(
        "the mail server of the measurement did not start".into(),
    ))
}

/// Sends so many mails over so many connections, each as soon as the one before is answered.
async fn by_hand(port: u16, width: usize, bytes: &[u8], mails: usize) -> Result<f64, RunError> {
    let begun = Stopwatch::start();
    let mut sending = tokio::task::JoinSet::new();
    for connection in 0..width {
        let share = mails / width + usize::from(connection < mails % width);
        let bytes = bytes.to_vec();
        sending.spawn(async move { one_connection(port, &bytes, share).await });
    }
    for ended in sending.join_all().await {
        ended.map_err(|error| RunError::Inconsistent(error.to_string()))?;
    }
    Ok(real(mails) / begun.elapsed().as_secs_f64())
}

async fn one_connection(port: u16, bytes: &[u8], mails: usize) -> std::io::Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    stream.write_all(b"HELO bench.example\r\n").await?;
    stream.read_line(&mut line).await?;
    for _ in 0..mails {
        stream
            .write_all(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            .await?;
        for _ in 0..3 {
            line.clear();
            stream.read_line(&mut line).await?;
        }
        stream.write_all(bytes).await?;
        stream.write_all(b"\r\n.\r\n").await?;
        line.clear();
        stream.read_line(&mut line).await?;
        if !line.starts_with("250") {
            return Err(std::io::Error::other(line));
        }
    }
    stream.write_all(b"QUIT\r\n").await
}

/// A mail server that accepts everything and keeps nothing, until its process is ended.
pub(super) async fn sink(port: u16) -> Result<(), RunError> {
    let cannot = |error: std::io::Error| RunError::Inconsistent(error.to_string());
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(cannot)?;
    loop {
        let (stream, _) = listener.accept().await.map_err(cannot)?;
        tokio::spawn(async move { drop(swallow(stream).await) });
    }
}

async fn swallow(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.example\r\n").await?;
    let (mut line, mut in_data) = (Vec::new(), false);
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match (in_data, &*word) {
            (true, _) if line == b".\r\n" => {
                in_data = false;
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, b"DATA") => {
                in_data = true;
                b"354 go on\r\n"
            }
            (false, b"EHLO") => b"250-sink.example\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
            (false, b"QUIT") => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            (false, _) => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// A digest over a hold.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Digested {
    /// To decide it, with its row in the outbox.
    pub decide_ms: f64,
    /// To read all cases, render it and freeze it.
    pub render_ms: f64,
    /// The mail's size.
    pub bytes: usize,
    /// The most memory, in MB.
    pub peak_mb: f64,
}

/// Decides and renders the digest of a hold.
pub(super) async fn digest(database: &Scratch) -> Result<Digested, RunError> {
    let store = database.open().await?;
    let runner = runner(&store, Clock::manual(start()?))?;
    let begun = Stopwatch::start();
    runner.work(start()?).await?;
    let decide_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let channel = MemoryChannel::new();
    let mailer = Mailer::new(runner, Channel::Memory(channel.clone()));
    let begun = Stopwatch::start();
    mailer.run_once().await?;
    let render_ms = begun.elapsed().as_secs_f64() * 1000.0;
    store.close().await?;
    let sent = channel.sent();
    let [mail] = &*sent else {
        return Err(RunError::Inconsistent(format!(
            "{} mails instead of one",
            sent.len()
        )));
    };
    Ok(Digested {
        decide_ms,
        render_ms,
        bytes: mail.bytes.len(),
        peak_mb: peak_mb(),
    })
}
