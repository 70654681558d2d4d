//! Makes the final bytes of a mail.
//!
//! The result depends on the arguments alone: the date is given, and the MIME boundary is made of
//! the Message-ID instead of at random, so that a mail frozen twice is the same mail.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::{Invitation, Logo, Mail, Mailbox, Rendered};

/// Octets in a line, without its line break (RFC 5322, 2.1.1).
const LINE_OCTETS_MAX: usize = 998;

/// All that a mail is made of.
#[derive(Debug, Clone)]
pub struct MailParts {
    /// With angle brackets; see [`message_id`](super::message_id).
    pub message_id: String,
    /// When the mail was made.
    pub date: Timestamp,
    /// The zone in which the `Date` header says it; Europe/Copenhagen for our readers.
    pub zone: TimeZone,
    /// Who sends; also the address bounces go to.
    pub from: Mailbox,
    /// Who gets the answers, if not the sender.
    pub reply_to: Option<Mailbox>,
    /// Who gets the mail; at least one.
    pub to: Vec<Mailbox>,
    /// Subject and bodies.
    pub rendered: Rendered,
    /// The language of both, such as `da`.
    pub language: String,
    /// The picture that the HTML names, if it names one.
    pub logo: Option<Logo>,
    /// Message-IDs of what was said before about the same thing, the oldest first: mail programs show
    /// them together.
    pub thread: Vec<String>,
    /// The meeting that the mail invites to, moves or withdraws.
    pub invitation: Option<Invitation>,
    /// An `https:` or `mailto:` address for `List-Unsubscribe`; network announcements only. An
    /// `https:` one must unsubscribe on POST (RFC 8058).
    pub list_unsubscribe: Option<String>,
}

/// Why there is no mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// A mail to nobody.
    #[error("the mail has no recipient")]
    NoRecipient,
    /// Not of the form `<id@host>` in plain ASCII.
    #[error("{0:?} is not a Message-ID such as <id@host>")]
    MessageId(String),
    /// A line break or another control character where one line is meant.
    #[error("the subject {0:?} holds a line break or another control character")]
    Subject(String),
    /// Not an address that a mail program can call.
    #[error("{0:?} is not an https: or mailto: address to unsubscribe at")]
    ListUnsubscribe(String),
    /// A meeting that runs backwards.
    #[error("the meeting ends at {end}, before it starts at {start}")]
    EndsBeforeStart {
        /// When it starts.
        start: Timestamp,
        /// When it ends.
        end: Timestamp,
    },
    /// A date that no mail can carry (before year 0), or lettre would not build the message.
    #[error("the mail cannot be written: {0}")]
    Unwritable(String),
}

/// Builds the mail. Equal parts give equal bytes.
pub fn freeze(parts: &MailParts) -> Result<Mail, FreezeError> {
    check(parts)?;
    let mut builder = Message::builder()
        .message_id(Some(parts.message_id.clone()))
        // Replaced below: lettre only writes UTC, but refuses to go without (it asks the clock).
        .date(std::time::SystemTime::UNIX_EPOCH)
        .from(parts.from.to_lettre());
    if let Some(reply_to) = &parts.reply_to {
        builder = builder.reply_to(reply_to.to_lettre());
    }
    for to in &parts.to {
        builder = builder.to(to.to_lettre());
    }
    let mut message = builder
        .subject(parts.rendered.subject.clone())
        .multipart(bodies(parts))
        .map_err(|error| FreezeError::Unwritable(error.to_string()))?;
    for (name, value) in headers(parts)? {
        let name = HeaderName::new_from_ascii_str(name);
        message
            .headers_mut()
            .insert_raw(HeaderValue::dangerous_new_pre_encoded(
                name,
                value.clone(),
                value,
            ));
    }
    let bytes = message.formatted();
    check_lines(&bytes)?;
    Ok(Mail {
        envelope_from: parts.from.address().to_owned(),
        recipients: parts.to.iter().map(|to| to.address().to_owned()).collect(),
        message_id: parts.message_id.clone(),
        subject: parts.rendered.subject.clone(),
        bytes,
    })
}

fn check(parts: &MailParts) -> Result<(), FreezeError> {
    if parts.to.is_empty() {
        return Err(FreezeError::NoRecipient);
    }
    let mut ids = std::iter::once(&parts.message_id).chain(&parts.thread);
    if let Some(id) = ids.find(|id| !is_message_id(id)) {
        return Err(FreezeError::MessageId(id.clone()));
    }
    let subject = &parts.rendered.subject;
    if subject.chars().any(char::is_control) {
        return Err(FreezeError::Subject(subject.clone()));
    }
    if let Some(Invitation { start, end, .. }) =
        parts.invitation.as_ref().filter(|i| i.end < i.start)
    {
        return Err(FreezeError::EndsBeforeStart {
            start: *start,
            end: *end,
        });
    }
    Ok(())
}

fn is_message_id(id: &str) -> bool {
    let inner = id.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner
        .and_then(|inner| inner.split_once('@'))
        .is_some_and(|(left, right)| {
            [left, right].iter().all(|side| {
                let is_plain = |c: char| c.is_ascii_graphic() && !"<>@()[],;:\\\"".contains(c);
                !side.is_empty() && side.len() <= 200 && side.chars().all(is_plain)
            })
        })
}

/// The headers that lettre has no type for. Their values are ours or checked here.
fn headers(parts: &MailParts) -> Result<Vec<(&'static str, String)>, FreezeError> {
    let local = parts.date.to_zoned(parts.zone.clone());
    let date = DateTimePrinter::new()
        .zoned_to_string(&local)
        .map_err(|error| FreezeError::Unwritable(error.to_string()))?;
    let mut headers = vec![
        ("Date", date),
        // RFC 3834: no out-of-office answer is wanted; the second says it to Exchange.
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
    ];
    let is_tag = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !parts.language.is_empty() && parts.language.chars().all(is_tag) {
        headers.push(("Content-Language", parts.language.clone()));
    }
    if let Some(last) = parts.thread.last() {
        // One to a line: no line grows beyond what a mail may hold.
        headers.push(("References", parts.thread.join("\r\n ")));
        headers.push(("In-Reply-To", last.clone()));
    }
    if let Some(address) = &parts.list_unsubscribe {
        let is_plain = address
            .chars()
            .all(|c| c.is_ascii_graphic() && !"<>,".contains(c));
        let is_web = address.starts_with("https://");
        if !is_plain || address.len() > 900 || !(is_web || address.starts_with("mailto:")) {
            return Err(FreezeError::ListUnsubscribe(address.clone()));
        }
        headers.push(("List-Unsubscribe", format!("<{address}>")));
        if is_web {
            headers.push((
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ));
        }
    }
    Ok(headers)
}

/// Text, then HTML, then the invitation: of the alternatives, a reader shows the last it can.
fn bodies(parts: &MailParts) -> MultiPart {
    let bodies = MultiPart::alternative()
        .boundary(boundary(&parts.message_id, "part"))
        .singlepart(SinglePart::plain(readable(&parts.rendered.text)));
    let html = SinglePart::html(readable(&parts.rendered.html));
    let bodies = match &parts.logo {
        Some(logo) => bodies.multipart(
            MultiPart::related()
                .boundary(boundary(&parts.message_id, "related"))
                .singlepart(html)
                .singlepart(picture(parts, logo)),
        ),
        None => bodies.singlepart(html),
    };
    let Some(invitation) = &parts.invitation else {
        return bodies;
    };
    let kind = format!(
        "text/calendar; charset=utf-8; method={}",
        invitation.method.word()
    );
    let kind = ContentType::parse(&kind).expect("the words of Method are tokens of a media type");
    bodies.singlepart(
        SinglePart::builder()
            .header(kind)
            .body(invitation.to_calendar()),
    )
}

/// The logo, as a part that the HTML names.
fn picture(parts: &MailParts, logo: &Logo) -> SinglePart {
    let host = parts.message_id.trim_end_matches('>').rsplit('@').next();
    let id = Logo::id(host.unwrap_or_default());
    let kind = ContentType::parse(logo.media_type()).expect("the media types of Format are such");
    Attachment::new_inline(id).body(logo.bytes().to_vec(), kind)
}

/// A stray CR or another control character, pasted into a note years ago, must not stop a mail.
fn readable(body: &str) -> String {
    let lines = body.replace("\r\n", "\n").replace('\r', "\n");
    lines.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
}

/// A boundary that no body holds: nobody can have quoted the hash of an id that is new.
fn boundary(message_id: &str, of: &str) -> String {
    let hash = Sha256::digest(message_id.as_bytes());
    let (start, _) = hash.split_at(16);
    let number = start
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{of}-{number:032x}")
}

/// The last gate: what a mail server may refuse, or read as the start of something else.
fn check_lines(bytes: &[u8]) -> Result<(), FreezeError> {
    for line in bytes.split(|byte| *byte == b'\n') {
        let is_last = std::ptr::eq(line.as_ptr_range().end, bytes.as_ptr_range().end);
        let line = match line.strip_suffix(b"\r") {
            Some(line) => line,
            None if is_last => line,
            None => {
                return Err(FreezeError::Unwritable(
                    "a line ends without CRLF".to_owned(),
                ));
            }
        };
        if line.contains(&b'\r') || line.len() > LINE_OCTETS_MAX {
            let message = "a line is longer than 998 octets or holds a bare CR";
            return Err(FreezeError::Unwritable(message.to_owned()));
        }
    }
    Ok(())
}
