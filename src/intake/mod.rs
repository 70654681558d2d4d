//! What comes back: the bytes of a mail, read as what it is. Nothing is fetched, stored or decided here.
//!
//! A mail that arrives is one of five things: a report that one of ours could not be delivered, something a
//! program wrote, an answer to an invitation, one of our own that has come round, or words of a person. Wrong
//! guesses do not weigh alike. To take a report for a person's words costs a person a minute; to take
//! somebody's words for a program's loses them; to take a full mailbox for an address that does not exist stops
//! mail to somebody who needs it. So an address is only said not to exist by a complete report, and what
//! looks like a person's words is a person's.
//!
//! The room is pure: [`read`] depends on its arguments alone, and any bytes give an answer.

mod answer;
mod automatic;
mod parts;
mod quoted;
mod refers;
mod report;
mod status;
mod told;

use jiff::Timestamp;
use mail_parser::{HeaderValue, Message, MessageParser};

pub use answer::{Answer, Says};
pub use automatic::Automatic;
pub use refers::{Ours, bounces_to};
pub use status::Weight;

/// More of a mail is never looked at: a report quotes at most what we sent.
pub const OCTETS_MAX: usize = 10_000_000;

/// A mail that has come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its own Message-ID, without angle brackets.
    pub message_id: Option<String>,
    /// Whom it says it is from, the bare address in lower case.
    pub from: Option<String>,
    /// When it says it was written.
    pub at: Option<Timestamp>,
    /// Its subject, one line.
    pub subject: String,
    /// What it is.
    pub kind: Kind,
    /// Ids of mails of ours that it speaks of, the likeliest first: what stands in the address it was sent
    /// to, then what it quotes or answers.
    pub refers_to: Vec<String>,
}

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A mail of ours could not be delivered, or not yet: what the report says of each recipient; at least one.
    Bounce(Vec<Returned>),
    /// A program wrote it.
    Automatic(Automatic),
    /// Somebody answers an invitation.
    Answer(Answer),
    /// One of ours has come round.
    Own,
    /// A person wrote it.
    Human {
        /// What they wrote, without what they quote.
        text: String,
    },
}

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The address as we wrote it, as far as the report knows; lower case.
    pub recipient: Option<String>,
    /// Where it went in the end, if that is another address.
    pub forwarded_to: Option<String>,
    /// How bad it is.
    pub weight: Weight,
    /// The enhanced status code (RFC 3463), such as `5.1.1`.
    pub status: Option<String>,
    /// The server's own words, one line.
    pub words: String,
}

impl Kind {
    /// Whether it says for certain that an address of ours does not exist.
    #[must_use]
    pub fn is_hard_bounce(&self) -> bool {
        matches!(self, Self::Bounce(all) if all.iter().any(|one| one.weight == Weight::Hard))
    }
}

/// Reads a mail.
///
/// ```
/// use tovholder::intake::{Kind, Ours, read};
///
/// let ours = Ours { host: "college.example", from: "post@college.example", bounces: None };
/// let mail = b"From: Anna <anna@post.example>\r\nSubject: Re: Velkommen\r\n\r\nTak, jeg kommer.\r\n> Du er optaget.\r\n";
/// let text = "Tak, jeg kommer.".to_owned();
/// assert_eq!(read(mail, &ours).kind, Kind::Human { text });
/// ```
#[must_use]
pub fn read(bytes: &[u8], ours: &Ours<'_>) -> Incoming {
    let bytes = &bytes[..bytes.len().min(OCTETS_MAX)];
    // Some deliver a line for mbox readers before the first header.
    let bytes = match bytes.strip_prefix(b"From ") {
        Some(_) => bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes, |end| &bytes[end + 1..]),
        None => bytes,
    };
    let Some(mail) = MessageParser::default()
        .parse(bytes)
        .filter(|mail| !mail.parts.is_empty())
    else {
        // Not even a header: somebody has to look, so it is words.
        return Incoming {
            message_id: None,
            from: None,
            at: None,
            subject: String::new(),
            kind: Kind::Human {
                text: String::from_utf8_lossy(bytes).trim().to_owned(),
            },
            refers_to: Vec::new(),
        };
    };
    let message_id = mail.message_id().map(ToOwned::to_owned);
    let from = parts::from(&mail);
    let kind = kind(&mail, bytes, ours);
    let refers_to = refers::refers_to(&mail, bytes, ours, &kind);
    Incoming {
        message_id,
        from,
        at: mail
            .date()
            .and_then(|date| Timestamp::from_second(date.to_timestamp()).ok()),
        subject: parts::one_line(mail.subject().unwrap_or_default()),
        kind,
        refers_to,
    }
}

/// The order matters: our own mail is known by its id, a report by its form, an answer by its calendar
/// part, and only then do headers say whether a program wrote it.
fn kind(mail: &Message<'_>, bytes: &[u8], ours: &Ours<'_>) -> Kind {
    if refers::is_ours(mail, ours) {
        return Kind::Own;
    }
    if let Some(returned) = report::returned(mail, bytes) {
        return returned;
    }
    if let Some(answer) = answer::answer(mail) {
        return answer;
    }
    if let Some(returned) = told::returned(mail, bytes, ours) {
        return returned;
    }
    let answers_ours = !refers::answered(mail, ours).is_empty();
    if let Some(why) = automatic::automatic(mail, answers_ours) {
        return Kind::Automatic(why);
    }
    Kind::Human {
        text: quoted::own_words(mail),
    }
}

/// The value of a header as one text, whatever mail-parser made of it.
fn text_of(value: &HeaderValue<'_>) -> Option<String> {
    match value {
        HeaderValue::Text(text) => Some(text.to_string()),
        HeaderValue::TextList(all) => Some(all.join(" ")),
        _ => None,
    }
}
