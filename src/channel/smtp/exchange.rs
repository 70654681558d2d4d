//! Passes one mail over an open connection and knows, whatever happens, how far it got.
//!
//! | step | 4xx | 5xx | lost, late or nonsense |
//! |---|---|---|---|
//! | `MAIL`, `RCPT`, `DATA` | retry | permanent | retry |
//! | the message, before its final dot | – | – | retry |
//! | the final dot and the answer to it | retry | permanent | **unknown** |
//!
//! A 421 is the server closing the connection (RFC 5321, 3.8): before the final dot it counts as
//! lost, since it says nothing about this mail.

use std::fmt;
use std::iter;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::time::timeout;

use super::connect::{seconds, told};
use crate::channel::{Receipt, SendError};
use crate::message::Mail;

/// A mail with its addresses parsed.
pub(super) struct Parcel<'m> {
    from: Option<Address>,
    to: Vec<Address>,
    bytes: &'m [u8],
}

/// How long the steps may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The first command's answer.
    pub(super) first_answer: Duration,
    /// Each further command with its answer, and the writing of the message.
    pub(super) exchange: Duration,
    /// How much longer the answer to the message.
    pub(super) last_answer: Duration,
}

/// How an exchange failed, and with that whether the connection can be used again.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said no; the connection is in step.
    Refused(SendError),
    /// The connection failed before the mail's end was on its way: certainly not delivered.
    Lost(String),
    /// The connection failed afterwards.
    Unknown(String),
}

impl Failure {
    pub(super) fn into_error(self) -> SendError {
        match self {
            Failure::Refused(error) => error,
            Failure::Lost(message) => SendError::Retry { message },
            Failure::Unknown(message) => SendError::Unknown { message },
        }
    }
}

impl<'m> Parcel<'m> {
    /// Frozen addresses were parsed once; one that no longer parses is a fault for good.
    pub(super) fn of(mail: &'m Mail) -> Result<Parcel<'m>, SendError> {
        let parse = |address: &String| {
            address
                .parse::<Address>()
                .map_err(|error| SendError::Permanent {
                    message: format!("{address:?} is not an address: {error}"),
                })
        };
        let from = match mail.envelope_from.as_str() {
            "" => None,
            _ => Some(parse(&mail.envelope_from)?),
        };
        let to = mail
            .recipients
            .iter()
            .map(parse)
            .collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(SendError::Permanent {
                message: "the mail has no recipient".to_owned(),
            });
        }
        Ok(Parcel {
            from,
            to,
            bytes: &mail.bytes,
        })
    }

    /// What the server must be able to do for this mail, or what it lacks.
    fn parameters(&self, connection: &AsyncSmtpConnection) -> Result<Vec<MailParameter>, String> {
        let mut parameters = Vec::new();
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !self.from.iter().chain(&self.to).all(is_ascii) {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(
                    "an address has letters such as æ, ø or å, and the server does not \
                            take them (SMTPUTF8)"
                        .to_owned(),
                );
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !self.bytes.is_ascii() {
            if !connection
                .server_info()
                .supports_feature(Extension::EightBitMime)
            {
                return Err(
                    "the mail has bytes that the server does not take (8BITMIME)".to_owned(),
                );
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }
}

/// Passes the mail over. All recipients take it or none does: the first refusal ends the attempt.
pub(super) async fn pass(
    connection: &mut AsyncSmtpConnection,
    parcel: &Parcel<'_>,
    limits: Limits,
) -> Result<Receipt, Failure> {
    let parameters = parcel
        .parameters(connection)
        .map_err(|message| Failure::Refused(SendError::Permanent { message }))?;
    let from = MailFrom::new(parcel.from.clone(), parameters);
    command(
        connection,
        "MAIL FROM",
        from,
        Severity::PositiveCompletion,
        limits.first_answer,
    )
    .await?;
    for to in &parcel.to {
        let step = format!("RCPT TO <{to}>");
        let to = Rcpt::new(to.clone(), vec![]);
        command(
            connection,
            &step,
            to,
            Severity::PositiveCompletion,
            limits.exchange,
        )
        .await?;
    }
    command(
        connection,
        "DATA",
        Data,
        Severity::PositiveIntermediate,
        limits.exchange,
    )
    .await?;
    message(connection, parcel.bytes, limits).await
}

/// After a refusal: the server forgets the half-made transaction, or the connection is given up.
pub(super) async fn reset(connection: &mut AsyncSmtpConnection, limits: Limits) -> bool {
    timeout(limits.exchange, connection.command(Rset))
        .await
        .is_ok_and(|answer| answer.is_ok())
}

async fn command(
    connection: &mut AsyncSmtpConnection,
    step: &str,
    command: impl fmt::Display,
    expected: Severity,
    limit: Duration,
) -> Result<(), Failure> {
    let answer = timeout(limit, connection.command(command)).await;
    match answer {
        Err(_) => Err(Failure::Lost(format!(
            "{step}: no answer within {}",
            seconds(limit)
        ))),
        Ok(Ok(response)) if response.code().severity == expected => Ok(()),
        Ok(Ok(response)) => Err(Failure::Lost(format!(
            "{step}: unexpected answer {}",
            said(&response)
        ))),
        Ok(Err(error)) => Err(refusal(step, &error)
            .filter(|_| !is_closing(&error))
            .map_or_else(
                || Failure::Lost(format!("{step}: {}", told(&error))),
                Failure::Refused,
            )),
    }
}

/// The message and its final dot. lettre asks the iterator for more until it ends and only then
/// writes the dot; so its end is the moment from which the mail may be delivered.
async fn message(
    connection: &mut AsyncSmtpConnection,
    bytes: &[u8],
    limits: Limits,
) -> Result<Receipt, Failure> {
    let dot_is_written = AtomicBool::new(false);
    // lettre writes "\r\n.\r\n"; the line break that ends the mail would come twice.
    let body = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let pieces = iter::once(body).chain(iter::from_fn(|| {
        dot_is_written.store(true, Ordering::Relaxed);
        None
    }));
    let mut exchange = pin!(connection.message_iter(pieces));
    let mut answer = timeout(limits.exchange, exchange.as_mut()).await;
    if answer.is_err() && dot_is_written.load(Ordering::Relaxed) {
        answer = timeout(limits.last_answer, exchange).await;
    }
    let lost = |message: String| {
        if dot_is_written.load(Ordering::Relaxed) {
            Failure::Unknown(message)
        } else {
            Failure::Lost(message)
        }
    };
    match answer {
        Err(_) => Err(lost("the message: no answer in time".to_owned())),
        Ok(Ok(response)) if response.code().severity == Severity::PositiveCompletion => {
            Ok(Receipt {
                server_answer: said(&response),
            })
        }
        Ok(Ok(response)) => Err(lost(format!(
            "the message: unexpected answer {}",
            said(&response)
        ))),
        Ok(Err(error)) => Err(refusal("the message", &error).map_or_else(
            || lost(format!("the message: {}", told(&error))),
            Failure::Refused,
        )),
    }
}

/// The server's no, if that is what the error is.
fn refusal(step: &str, error: &Error) -> Option<SendError> {
    let message = format!("{step}: {error}");
    if error.is_permanent() {
        Some(SendError::Permanent { message })
    } else if error.is_transient() {
        Some(SendError::Retry { message })
    } else {
        None
    }
}

fn is_closing(error: &Error) -> bool {
    error.status().is_some_and(|code| code.to_string() == "421")
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), lines.join(" "))
}
