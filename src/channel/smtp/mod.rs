//! Mail handed to a server by SMTP (RFC 5321).
//!
//! lettre speaks the protocol; the pool around it is ours, because its own has no deadline on an
//! exchange, leaves Nagle's algorithm on (45 ms for a mail), and cannot tell how far a failed
//! exchange got. Three files: [`config`] is what the operator sets, [`connect`] opens a connection,
//! [`exchange`] passes one mail over it.

mod config;
mod connect;
mod exchange;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::sync::Semaphore;

pub use config::{BadSmtpConfig, Login, SmtpConfig, Tls};

use super::{Receipt, SendError};
use crate::message::Mail;
use connect::Connector;
use exchange::{Failure, Limits, Parcel};

/// A connection from the pool may be long dead without a word, behind a firewall that forgot it.
/// A living server answers `MAIL FROM` within this; if not, a fresh connection is asked.
const REUSED_FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Sends mail over a small pool of connections to one server.
pub struct SmtpChannel {
    /// Boxed, since the other channels are small.
    connector: Box<Connector>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
    /// One permit for each connection that may be open.
    permits: Semaphore,
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
        })
    }

    pub(super) fn width(&self) -> usize {
        self.connector.config.connections.max(1)
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<Receipt, SendError> {
        let parcel = Parcel::of(mail)?;
        let _permit = self.permits.acquire().await.map_err(|_| SendError::Retry {
            message: "the channel is closed".to_owned(),
        })?;
        let config = &self.connector.config;
        let limits = Limits {
            first_answer: config.deadline,
            exchange: config.deadline,
            last_answer: config.answer_deadline,
        };
        // The connection used last is the least likely to have been closed meanwhile.
        let reused = self.idle().pop();
        if let Some(connection) = reused {
            let first_answer = limits.first_answer.min(REUSED_FIRST_ANSWER);
            match self
                .pass(
                    connection,
                    &parcel,
                    Limits {
                        first_answer,
                        ..limits
                    },
                )
                .await
            {
                // The server closed it while it lay idle, or meanwhile: not the mail's fault, and
                // the mail is certainly not delivered. A fresh connection is tried at once.
                Err(Failure::Lost(_)) => {}
                settled => return settled.map_err(Failure::into_error),
            }
        }
        let connection = self
            .connector
            .connect()
            .await
            .map_err(|message| SendError::Retry { message })?;
        self.pass(connection, &parcel, limits)
            .await
            .map_err(Failure::into_error)
    }

    /// Passes the mail over; the connection goes back to the pool only if it is in step.
    async fn pass(
        &self,
        mut connection: AsyncSmtpConnection,
        parcel: &Parcel<'_>,
        limits: Limits,
    ) -> Result<Receipt, Failure> {
        let passed = exchange::pass(&mut connection, parcel, limits).await;
        let in_step = match &passed {
            Ok(_) => true,
            Err(Failure::Refused(_)) => exchange::reset(&mut connection, limits).await,
            Err(Failure::Lost(_) | Failure::Unknown(_)) => false,
        };
        if in_step && !self.permits.is_closed() {
            self.idle().push(connection);
        }
        passed
    }

    pub(super) async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for mut connection in idle {
            let wait = self.connector.config.deadline.min(Duration::from_secs(5));
            // A goodbye that is not answered changes nothing.
            let _ = tokio::time::timeout(wait, connection.quit()).await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<AsyncSmtpConnection>> {
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
