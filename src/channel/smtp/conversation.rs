//! A conversation with a server: commands out, answers in, each within a time.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;

use super::answer::{self, Answer};
use super::stream::Stream;

/// What a server says that is gone.
pub(super) const CLOSED: &str = "the server closed the connection";

/// What the server said to EHLO that it can do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an extension that a server has or has not"
)]
pub(super) struct Abilities {
    /// Several commands in one write (RFC 2920).
    pub(super) pipelining: bool,
    /// Bytes above 127 in the message (RFC 6152).
    pub(super) eight_bit: bool,
    /// Letters such as æ in addresses (RFC 6531).
    pub(super) utf8: bool,
    /// TLS begun in the conversation (RFC 3207).
    pub(super) starttls: bool,
    /// That a size may be told beforehand, and the largest mail in octets; 0 is unstated (RFC 1870).
    pub(super) size: Option<u64>,
    /// How one may log in (RFC 4954).
    pub(super) logins: Vec<String>,
}

impl Abilities {
    /// Of the answer to EHLO, whose first line is a greeting.
    pub(super) fn of(hello: &Answer) -> Abilities {
        let mut abilities = Abilities::default();
        for line in hello.lines.iter().skip(1) {
            let mut words = line.split_ascii_whitespace().map(str::to_ascii_uppercase);
            match words.next().unwrap_or_default().as_str() {
                "PIPELINING" => abilities.pipelining = true,
                "8BITMIME" => abilities.eight_bit = true,
                "SMTPUTF8" => abilities.utf8 = true,
                "STARTTLS" => abilities.starttls = true,
                "SIZE" => {
                    let size = words.next().and_then(|size| size.parse().ok());
                    abilities.size = Some(size.unwrap_or(0));
                }
                "AUTH" => abilities.logins.extend(words),
                _ => {}
            }
        }
        abilities
    }
}

/// A connection with what was heard and not yet understood.
#[derive(Debug)]
pub(super) struct Conversation {
    stream: Stream,
    heard: Vec<u8>,
    pub(super) abilities: Abilities,
}

impl Conversation {
    pub(super) fn new(stream: Stream) -> Conversation {
        Conversation {
            stream,
            heard: Vec::with_capacity(1024),
            abilities: Abilities::default(),
        }
    }

    /// The next answer, or why there is none.
    pub(super) async fn answer(&mut self, limit: Duration) -> Result<Answer, String> {
        if let Some(answer) = self.understood()? {
            return Ok(answer);
        }
        match timeout(limit, self.listen()).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {}", seconds(limit))),
        }
    }

    async fn listen(&mut self) -> Result<Answer, String> {
        loop {
            let read = self.stream.read_buf(&mut self.heard).await;
            if read.map_err(|error| told(&error))? == 0 {
                return Err(CLOSED.to_owned());
            }
            if let Some(answer) = self.understood()? {
                return Ok(answer);
            }
        }
    }

    fn understood(&mut self) -> Result<Option<Answer>, String> {
        let read = answer::read(&self.heard)?;
        Ok(read.map(|(answer, length)| {
            self.heard.drain(..length);
            answer
        }))
    }

    /// Says something, or tells why it could not.
    pub(super) async fn say(&mut self, bytes: &[u8], limit: Duration) -> Result<(), String> {
        self.say_counting(bytes, &mut 0, limit).await
    }

    /// [`say`](Self::say), which counts the bytes that the network or the TLS session has taken, also
    /// when it fails: what it has not counted has certainly not left.
    pub(super) async fn say_counting(
        &mut self,
        bytes: &[u8],
        taken: &mut usize,
        limit: Duration,
    ) -> Result<(), String> {
        let writing = async {
            while *taken < bytes.len() {
                match self.stream.write(&bytes[*taken..]).await? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    more => *taken += more,
                }
            }
            self.stream.flush().await
        };
        match timeout(limit, writing).await {
            Ok(written) => written.map_err(|error| told(&error)),
            Err(_) => Err(format!("not taken within {}", seconds(limit))),
        }
    }

    /// A command and its answer.
    pub(super) async fn ask(&mut self, command: &str, limit: Duration) -> Result<Answer, String> {
        self.say(command.as_bytes(), limit).await?;
        self.answer(limit).await
    }

    /// Whether the server has said anything that it was not asked, or has gone: then its next answer
    /// would be taken for one to another question. Waits for nothing.
    pub(super) async fn is_out_of_step(&mut self) -> bool {
        if !self.heard.is_empty() {
            return true;
        }
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        poll_fn(|context| {
            let read = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
            // A byte, an end or a failure: none of them belongs here.
            Poll::Ready(read.is_ready())
        })
        .await
    }

    /// What was heard before it was asked for, if anything.
    pub(super) fn has_heard_more(&self) -> bool {
        !self.heard.is_empty()
    }

    /// Whether nobody in between can read along.
    pub(super) fn is_private(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// The bytes beneath, to be wrapped in TLS.
    pub(super) fn into_stream(self) -> Stream {
        self.stream
    }
}

/// A failed connection as an operator would put it.
pub(super) fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => format!("{CLOSED} ({error})"),
        _ => error.to_string(),
    }
}

/// A time as an operator reads it: "60 s", "0.2 s".
pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
