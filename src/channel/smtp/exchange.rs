//! Passes one mail over an open connection and knows, whatever happens, how far it got.
//!
//! | step | 4xx | 5xx | lost, late or nonsense |
//! |---|---|---|---|
//! | `MAIL`, `RCPT`, `DATA` | retry | permanent | retry |
//! | the message, before its final dot | retry | permanent | retry |
//! | the final dot and the answer to it | retry | permanent | **unknown** |
//!
//! A 421 is the server closing the connection (RFC 5321, 3.8): before the final dot it counts as
//! lost, since it says nothing about this mail.
//!
//! Where the server takes it (RFC 2920), `MAIL`, `RCPT` and `DATA` go out in one write; the message
//! goes out with its final dot in one. A server may then ask for the message (354) although it has
//! refused the recipient. It gets neither message nor dot: the connection is given up, and a mail
//! whose dot never came is not delivered. With several recipients `DATA` waits until all are taken, so
//! that no refusal costs a connection.

use std::fmt::Write as _;
use std::time::Duration;

use super::answer::{Answer, Kind};
use super::conversation::{Abilities, Conversation};
use crate::channel::{Receipt, SendError};
use crate::message::Mail;

/// How long a server that broke off is listened to for the reason.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What ends a message.
const DOT: &[u8] = b".\r\n";

/// A mail as it goes over the wire.
pub(super) struct Parcel<'m> {
    mail: &'m Mail,
    /// The message with dots doubled where they begin a line (RFC 5321, 4.5.2), and the final dot.
    wire: Vec<u8>,
    is_ascii: bool,
    has_ascii_addresses: bool,
}

/// How long the steps may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The first command's answer.
    pub(super) first_answer: Duration,
    /// Each further command with its answer, and the writing of the message.
    pub(super) exchange: Duration,
    /// The answer to the message.
    pub(super) last_answer: Duration,
}

/// How an exchange failed, and with that whether the connection can be used again.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said no.
    Refused {
        /// Its words.
        error: SendError,
        /// Whether the next command would get its own answer.
        in_step: bool,
    },
    /// The connection failed before the mail's end was on its way: certainly not delivered.
    Lost(String),
    /// The connection failed afterwards.
    Unknown(String),
}

impl Failure {
    pub(super) fn into_error(self) -> SendError {
        match self {
            Failure::Refused { error, .. } => error,
            Failure::Lost(message) => SendError::Retry { message },
            Failure::Unknown(message) => SendError::Unknown { message },
        }
    }
}

/// One command of the envelope.
struct Step {
    name: String,
    line: String,
    expects: Kind,
}

impl<'m> Parcel<'m> {
    /// Frozen mail was well-formed once; what could end a command or a message early is a fault for
    /// good.
    pub(super) fn of(mail: &'m Mail) -> Result<Parcel<'m>, SendError> {
        let permanent = |message: String| SendError::Permanent { message };
        let from = Some(&mail.envelope_from).filter(|from| !from.is_empty());
        if let Some(address) = from
            .into_iter()
            .chain(&mail.recipients)
            .find(|address| !is_path(address))
        {
            return Err(permanent(format!("{address:?} is not an address")));
        }
        if mail.recipients.is_empty() {
            return Err(permanent("the mail has no recipient".to_owned()));
        }
        let wire = on_the_wire(&mail.bytes)
            .ok_or_else(|| permanent("the mail has a line break that is not CRLF".to_owned()))?;
        let addresses = mail.recipients.iter().chain([&mail.envelope_from]);
        Ok(Parcel {
            mail,
            wire,
            is_ascii: mail.bytes.is_ascii(),
            has_ascii_addresses: addresses.into_iter().all(|address| address.is_ascii()),
        })
    }

    /// From here on the mail may be delivered.
    fn dot(&self) -> usize {
        self.wire.len() - DOT.len()
    }

    /// What the server would have to be able to do.
    fn lacks(&self, abilities: &Abilities) -> Option<String> {
        let size = self.mail.bytes.len();
        let too_large = |max: &u64| *max > 0 && u64::try_from(size).is_ok_and(|size| size > *max);
        if !self.has_ascii_addresses && !abilities.utf8 {
            return Some(
                "an address has letters such as æ, ø or å, and the server does not take them (SMTPUTF8)"
                    .to_owned(),
            );
        }
        if !self.is_ascii && !abilities.eight_bit {
            return Some("the mail has bytes that the server does not take (8BITMIME)".to_owned());
        }
        let max = abilities.size.filter(too_large)?;
        Some(format!(
            "552 5.3.4 the mail has {size} bytes, and the server takes {max} (SIZE)"
        ))
    }

    /// The envelope, in groups that go out in one write each.
    fn groups(&self, abilities: &Abilities) -> Vec<Vec<Step>> {
        let mut from = format!("MAIL FROM:<{}>", self.mail.envelope_from);
        if !self.has_ascii_addresses {
            from.push_str(" SMTPUTF8");
        }
        if !self.is_ascii {
            from.push_str(" BODY=8BITMIME");
        }
        if abilities.size.is_some() {
            // Writing into a String cannot fail.
            let _ = write!(from, " SIZE={}", self.mail.bytes.len());
        }
        let mut steps = vec![Step::new("MAIL FROM", from, Kind::Done)];
        for to in &self.mail.recipients {
            let (name, line) = (format!("RCPT TO <{to}>"), format!("RCPT TO:<{to}>"));
            steps.push(Step::new(name, line, Kind::Done));
        }
        let data = Step::new("DATA", "DATA".to_owned(), Kind::More);
        match (abilities.pipelining, self.mail.recipients.len()) {
            (true, 1) => {
                steps.push(data);
                vec![steps]
            }
            (true, _) => vec![steps, vec![data]],
            (false, _) => steps
                .into_iter()
                .chain([data])
                .map(|step| vec![step])
                .collect(),
        }
    }
}

impl Step {
    fn new(name: impl Into<String>, line: String, expects: Kind) -> Step {
        Step {
            name: name.into(),
            line: line + "\r\n",
            expects,
        }
    }

    /// What an answer means here.
    fn judge(&self, answer: &Answer) -> Result<(), Failure> {
        if answer.kind() == self.expects {
            return Ok(());
        }
        match refusal(&self.name, answer) {
            Some(error) if !answer.is_closing() => Err(Failure::Refused {
                error,
                in_step: true,
            }),
            Some(_) => Err(Failure::Lost(format!("{}: {}", self.name, answer.said()))),
            None => Err(Failure::Lost(unexpected(&self.name, answer))),
        }
    }
}

/// Passes the mail over. All recipients take it or none does: the first refusal ends the attempt.
pub(super) async fn pass(
    talk: &mut Conversation,
    parcel: &Parcel<'_>,
    limits: Limits,
) -> Result<Receipt, Failure> {
    if let Some(message) = parcel.lacks(&talk.abilities) {
        return Err(Failure::Refused {
            error: SendError::Permanent { message },
            in_step: true,
        });
    }
    let mut first = limits.first_answer;
    for group in parcel.groups(&talk.abilities) {
        envelope(talk, &group, first, limits.exchange).await?;
        first = limits.exchange;
    }
    content(talk, parcel, limits).await
}

/// After a refusal: the server forgets the half-made transaction, or the connection is given up.
pub(super) async fn reset(talk: &mut Conversation, limits: Limits) -> bool {
    let answer = talk.ask("RSET\r\n", limits.exchange).await;
    answer.is_ok_and(|answer| answer.kind() == Kind::Done)
}

/// Commands in one write, then the answer to each. After a refusal the others' answers are heard,
/// too, so that the next mail does not get them.
async fn envelope(
    talk: &mut Conversation,
    group: &[Step],
    first: Duration,
    others: Duration,
) -> Result<(), Failure> {
    let lines: String = group.iter().map(|step| step.line.as_str()).collect();
    let name = group.first().map_or("", |step| step.name.as_str());
    let said = talk.say(lines.as_bytes(), first).await;
    said.map_err(|error| Failure::Lost(format!("{name}: {error}")))?;
    let (mut refused, mut limit) = (Ok(()), first);
    for step in group {
        let answer = talk.answer(limit).await;
        limit = others;
        if let Err(Failure::Refused { in_step, .. }) = &mut refused {
            // A server that waits for a message now would take the next command for it.
            let ends = |answer: Answer| answer.kind() != Kind::More && !answer.is_closing();
            *in_step &= answer.is_ok_and(ends);
            if !*in_step {
                break;
            }
            continue;
        }
        let answer = answer.map_err(|error| Failure::Lost(format!("{}: {error}", step.name)))?;
        refused = match step.judge(&answer) {
            lost @ Err(Failure::Lost(_) | Failure::Unknown(_)) => return lost,
            judged => judged,
        };
    }
    refused
}

/// The message and its final dot in one write, and the answer to it.
async fn content(
    talk: &mut Conversation,
    parcel: &Parcel<'_>,
    limits: Limits,
) -> Result<Receipt, Failure> {
    const NAME: &str = "the message";
    if talk.has_heard_more() {
        // It would be taken for the answer to this message.
        let message = format!("{NAME}: the server said more than it was asked");
        return Err(Failure::Lost(message));
    }
    let mut taken = 0;
    let said = talk
        .say_counting(&parcel.wire, &mut taken, limits.exchange)
        .await;
    if let Err(error) = said {
        let message = format!("{NAME}: {error}");
        if taken > parcel.dot() {
            return Err(Failure::Unknown(message));
        }
        // A server that will not have the mail may break off in its middle and say why.
        let why = talk.answer(limits.exchange.min(LAST_WORDS)).await.ok();
        let why = why.filter(|answer| !answer.is_closing());
        return Err(match why.and_then(|answer| refusal(NAME, &answer)) {
            Some(error) => Failure::Refused {
                error,
                in_step: false,
            },
            None => Failure::Lost(message),
        });
    }
    let answer = talk.answer(limits.last_answer).await;
    let answer = answer.map_err(|error| Failure::Unknown(format!("{NAME}: {error}")))?;
    match refusal(NAME, &answer) {
        Some(error) => Err(Failure::Refused {
            error,
            in_step: !answer.is_closing(),
        }),
        None if answer.kind() == Kind::Done => Ok(Receipt {
            server_answer: answer.said(),
        }),
        None => Err(Failure::Unknown(unexpected(NAME, &answer))),
    }
}

/// The server's no, if that is what it said.
fn refusal(step: &str, answer: &Answer) -> Option<SendError> {
    let message = format!("{step}: {}", answer.said());
    match answer.kind() {
        Kind::Never => Some(SendError::Permanent { message }),
        Kind::NotNow => Some(SendError::Retry { message }),
        Kind::Done | Kind::More => None,
    }
}

fn unexpected(step: &str, answer: &Answer) -> String {
    format!("{step}: unexpected answer {}", answer.said())
}

/// Whether it can stand between angle brackets and do no harm there.
fn is_path(address: &str) -> bool {
    let harmless = |c: char| !c.is_control() && !c.is_whitespace() && !"<>".contains(c);
    address
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && address.chars().all(harmless)
}

/// The message as it is written, or none when it has a line break that some servers would take for
/// one and others not: between two such readings a second mail could hide.
fn on_the_wire(message: &[u8]) -> Option<Vec<u8>> {
    let mut wire = Vec::with_capacity(message.len() + message.len() / 32 + DOT.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        if text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return None;
        }
        if text.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(text);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(DOT);
    Some(wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_doubled_where_they_begin_a_line_and_lines_end_as_they_must() {
        let table: [(&str, Option<&str>); 9] = [
            ("", Some(".\r\n")),
            ("a\r\n", Some("a\r\n.\r\n")),
            ("a", Some("a\r\n.\r\n")),
            (".\r\n", Some("..\r\n.\r\n")),
            ("..a\r\nb.\r\n.c", Some("...a\r\nb.\r\n..c\r\n.\r\n")),
            ("a\r\n\r\n", Some("a\r\n\r\n.\r\n")),
            ("a\n.\r\nb", None),
            ("a\r.\r\n", None),
            ("a\r", None),
        ];
        for (message, wire) in table {
            let written = on_the_wire(message.as_bytes());
            assert_eq!(written.as_deref(), wire.map(str::as_bytes), "{message:?}");
        }
    }

    #[test]
    fn no_address_ends_a_command() {
        for (address, good) in [
            ("bo@kommune.example", true),
            ("søren@kommune.example", true),
            ("bo", false),
            ("@kommune.example", false),
            ("bo@", false),
            ("ikke en@adresse.example", false),
            ("bo@kommune.example>\r\nDATA", false),
            ("a><b@kommune.example", false),
        ] {
            assert_eq!(is_path(address), good, "{address}");
        }
    }
}
