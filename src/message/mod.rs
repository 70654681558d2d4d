//! Turns a template and data into a mail whose bytes are final. Nothing is sent here.
//!
//! The way of a mail: [`TemplateSource`] (files as text) is compiled once into [`Templates`];
//! [`Templates::render`] gives a [`Rendered`] subject, text and HTML; [`freeze`] adds addresses,
//! date and Message-ID and gives a [`Mail`]. Equal input gives equal bytes, so a mail that was
//! frozen in a transaction is the mail that is sent, however often it is tried.
//!
//! The room is pure: the date, the time zone and the Message-ID are arguments.

mod check;
mod collation;
mod compile;
mod feed;
mod freeze;
mod helpers;
mod invitation;
mod layout;
mod logo;
mod mailbox;
mod marks;
mod references;
mod rehearsal;
mod samples;
mod scan;
mod source;
mod spoken;
mod style;
mod supply;
mod templates;
mod words;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use collation::danish_key;
pub use feed::{FeedEvent, FeedTime, feed};
pub use freeze::{FreezeError, MailParts, freeze};
pub use invitation::{Invitation, Method};
pub use logo::{BadLogo, Logo};
pub use mailbox::{BadAddress, Mailbox};
pub use rehearsal::{Tried, Uses, leftovers};
pub use scan::cpr;
pub use source::{Fault, Finding, TemplateProblem, TemplateSource};
pub use supply::{Blank, Kind, Supply};
pub use templates::{RenderError, Rendered, Templates};

/// A mail as it goes over the wire, with the envelope it goes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Address that bounces go to.
    pub envelope_from: String,
    /// Addresses that get the mail, in the order of `To`.
    pub recipients: Vec<String>,
    /// Message-ID with its angle brackets; the same at every attempt.
    pub message_id: String,
    /// Subject as people read it, for lists and logs.
    pub subject: String,
    /// The message, RFC 5322, lines ending in CRLF. Stored as text: it is ASCII, or UTF-8 when an
    /// address is not ASCII.
    #[serde(with = "bytes_as_text")]
    pub bytes: Vec<u8>,
}

/// The Message-ID of a mail: stable, because it is made of the mail's own id.
///
/// ```
/// let id = tovholder::message::message_id("0193", "mail.tovholder.example");
/// assert_eq!(id, "<0193@mail.tovholder.example>");
/// ```
#[must_use]
pub fn message_id(id: impl fmt::Display, host: &str) -> String {
    format!("<{id}@{host}>")
}

/// JSON would write bytes as a list of numbers, four times as long and unreadable.
mod bytes_as_text {
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(std::str::from_utf8(bytes).map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from).map_err(de::Error::custom)?;
        Ok(text.into_bytes())
    }
}
