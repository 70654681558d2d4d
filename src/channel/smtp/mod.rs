//! Mail over SMTP (RFC 5321).
//!
//! The conversation is our own: it tells how far a failed exchange got, gives every step a deadline,
//! and writes an envelope in one packet and a message with its final dot in another, where a mail of
//! four kilobytes would else wait for four answers, or for a delayed acknowledgement. [`config`] is
//! what the operator sets; [`connect`] opens a connection, in TLS by [`secure`]; [`conversation`] and
//! [`answer`] are what is said over a [`stream`]; [`exchange`] passes one mail.

mod answer;
mod config;
mod connect;
mod conversation;
mod exchange;
mod secure;
mod stream;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

pub use config::{BadSmtpConfig, Login, SmtpConfig, Tls};

use super::{Receipt, SendError};
use crate::clock::Stopwatch;
use crate::message::Mail;
use connect::Connector;
use conversation::Conversation;
use exchange::{Failure, Limits, Parcel};

/// A connection from the pool may be long dead without a word, behind a firewall that forgot it.
/// A living server answers `MAIL FROM` within this; if not, a fresh connection is asked.
const REUSED_FIRST_ANSWER: Duration = Duration::from_secs(10);

/// What is given to the channel is to be on its way to the server within this.
const AHEAD: Duration = Duration::from_millis(20);

/// A connection is never given more than so many mails ahead, however fast it is.
const AHEAD_MAX: u64 = 16;

/// Sends mail over a small pool of connections to one server.
pub struct SmtpChannel {
    /// Boxed, since the other channels are small.
    connector: Box<Connector>,
    idle: Mutex<Vec<Conversation>>,
    /// One permit for each connection that may be open.
    permits: Semaphore,
    /// How long a connection takes for a mail, on average, µs; 0 is not known.
    pace: AtomicU64,
}

impl SmtpChannel {
    /// Checks the configuration; connects when the first mail is sent.
    pub fn new(config: SmtpConfig) -> Result<SmtpChannel, BadSmtpConfig> {
        let permits = Semaphore::new(config.connections.max(1));
        let connector = Box::new(Connector::new(config)?);
        Ok(SmtpChannel {
            connector,
            idle: Mutex::new(Vec::new()),
            permits,
            pace: AtomicU64::new(0),
        })
    }

    pub(super) fn width(&self) -> usize {
        self.connector.config.connections.max(1)
    }

    /// How many mails are on their way soon if they are given now: what the connections pass on in
    /// 20 ms, at least one each and at most sixteen.
    pub(super) fn appetite(&self) -> usize {
        let pace = self.pace.load(Ordering::Relaxed);
        let ahead = u64::try_from(AHEAD.as_micros()).unwrap_or(u64::MAX);
        let each = ahead.checked_div(pace).unwrap_or(1).clamp(1, AHEAD_MAX);
        self.width() * usize::try_from(each).unwrap_or(1)
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        let parcel = Parcel::of(mail)?;
        let _permit = self.permits.acquire().await.map_err(|_| SendError::Retry {
            message: "the channel is closed".to_owned(),
        })?;
        let took = Stopwatch::start();
        let sent = self.hand_over(&parcel).await;
        self.learn(sent.is_ok().then(|| took.elapsed()));
        sent.map_err(Failure::into_error)
    }

    /// Over a connection that is open, or else over a fresh one.
    async fn hand_over(&self, parcel: &Parcel<'_>) -> Result<Receipt, Failure> {
        let config = &self.connector.config;
        let limits = Limits {
            first_answer: config.deadline,
            exchange: config.deadline,
            last_answer: config.answer_deadline,
        };
        // The connection used last is the least likely to have been closed meanwhile.
        let reused = self.idle().pop();
        if let Some(mut talk) = reused
            && !talk.is_out_of_step().await
        {
            let hasty = Limits {
                first_answer: limits.first_answer.min(REUSED_FIRST_ANSWER),
                ..limits
            };
            match self.pass(talk, parcel, hasty).await {
                // The server closed it while it lay idle, or meanwhile: not the mail's fault, and
                // the mail is certainly not delivered. A fresh connection is tried at once.
                Err(Failure::Lost(_)) => {}
                settled => return settled,
            }
        }
        let talk = self.connector.connect().await.map_err(Failure::Lost)?;
        self.pass(talk, parcel, limits).await
    }

    /// Passes the mail over; the connection goes back to the pool only if it is in step.
    async fn pass(
        &self,
        mut talk: Conversation,
        parcel: &Parcel<'_>,
        limits: Limits,
    ) -> Result<Receipt, Failure> {
        let passed = exchange::pass(&mut talk, parcel, limits).await;
        let in_step = match &passed {
            Ok(_) => true,
            Err(Failure::Refused { in_step, .. }) => {
                *in_step && exchange::reset(&mut talk, limits).await
            }
            Err(Failure::Lost(_) | Failure::Unknown(_)) => false,
        };
        if in_step && !self.permits.is_closed() {
            self.idle().push(talk);
        }
        passed
    }

    /// What a mail took, or that it failed: then nothing is given ahead until one goes through.
    fn learn(&self, took: Option<Duration>) {
        let before = self.pace.load(Ordering::Relaxed);
        let took = took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
        let now = match took {
            Some(took) if before > 0 => (7 * before.min(u64::MAX / 16) + took) / 8,
            Some(took) => took,
            None => 0,
        };
        self.pace
            .store(now.max(u64::from(took.is_some())), Ordering::Relaxed);
    }

    pub(super) async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for mut talk in idle {
            let wait = self.connector.config.deadline.min(Duration::from_secs(5));
            // A goodbye that is not answered changes nothing.
            let _ = talk.ask("QUIT\r\n", wait).await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Conversation>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SmtpChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpChannel")
            .field(&self.connector.config)
            .finish()
    }
}
