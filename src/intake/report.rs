//! Reports of a form that machines agree on: delivery status (RFC 3464) and what mail programs tell of mail
//! that was read (RFC 8098) or complained about (RFC 5965).
//!
//! The fields are read by ourselves: few servers write them as the RFC has them, and it matters which of them
//! are missing.

use mail_parser::{Message, MessagePart, MimeHeaders};

use super::automatic::Automatic;
use super::parts::{content, has_null_path, is_from_server, kind_of, one_line, own};
use super::status::{Weight, enhanced, weight};
use super::{Kind, Returned};

/// A report, if the mail is one in the form of the RFCs.
pub(super) fn returned(mail: &Message<'_>, bytes: &[u8]) -> Option<Kind> {
    let is_report = mail.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind
                .subtype()
                .is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    });
    // A footer or a filter's banner may have been put around a server's report. A person who passes a report
    // on carries it as it is, too, but is neither a server nor of nobody.
    if !is_report && !is_from_server(mail) && !has_null_path(mail) {
        return None;
    }
    for part in own(mail) {
        match kind_of(part).as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                return Some(delivery(part, bytes));
            }
            "message/disposition-notification" | "message/global-disposition-notification" => {
                return Some(Kind::Automatic(Automatic::Receipt));
            }
            "message/feedback-report" => return Some(Kind::Automatic(Automatic::Complaint)),
            _ => {}
        }
    }
    None
}

/// What the groups of fields say: the first is of the whole mail, each other of one recipient.
fn delivery(part: &MessagePart<'_>, bytes: &[u8]) -> Kind {
    let text = content(part).unwrap_or_default();
    let is_whole = is_followed(part, bytes);
    let groups = groups(&text);
    let of_recipients = groups.iter().filter(|group| group.is_of_recipient());
    let mut all: Vec<Returned> = Vec::new();
    let mut arrived = false;
    for group in of_recipients {
        match group.returned(is_whole) {
            Some(returned) => all.push(returned),
            None => arrived = true,
        }
    }
    if all.is_empty() && arrived {
        return Kind::Automatic(Automatic::Receipt);
    }
    if all.is_empty() {
        // A report without a word of whom: something did not arrive.
        all.push(Returned {
            recipient: None,
            forwarded_to: None,
            weight: Weight::Soft,
            status: enhanced(&text),
            words: one_line(&text),
        });
    }
    Kind::Bounce(all)
}

/// Whether the part ends where the mail goes on: a report that was cut off says nothing for certain.
fn is_followed(part: &MessagePart<'_>, bytes: &[u8]) -> bool {
    let rest = usize::try_from(part.offset_end)
        .ok()
        .and_then(|end| bytes.get(end..))
        .unwrap_or_default();
    let text = rest.trim_ascii_start();
    text.starts_with(b"--") && text.len() > 2
}

/// Fields up to an empty line.
#[derive(Debug, Default)]
struct Group {
    fields: Vec<(String, String)>,
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![Group::default()];
    for line in text.lines() {
        let last = groups.len() - 1;
        if line.trim().is_empty() {
            if !groups[last].fields.is_empty() {
                groups.push(Group::default());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = groups[last].fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let field = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
            groups[last].fields.push(field);
        }
    }
    groups
}

impl Group {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn is_of_recipient(&self) -> bool {
        ["final-recipient", "original-recipient", "action", "status"]
            .iter()
            .any(|name| self.field(name).is_some())
    }

    /// None where it says that the mail has arrived.
    fn returned(&self, is_whole: bool) -> Option<Returned> {
        let action = self.field("action").map(str::to_ascii_lowercase);
        let action = action.as_deref().unwrap_or_default();
        let action = action.split([' ', '(', ';']).next().unwrap_or_default();
        let status = self.field("status").and_then(enhanced);
        let words = ["diagnostic-code", "x-supplementary-info"]
            .iter()
            .find_map(|name| self.field(name))
            .map_or_else(String::new, |said| one_line(untyped(said)));
        if matches!(action, "delivered" | "relayed" | "expanded")
            || (action.is_empty() && status.as_ref().is_some_and(|code| code.starts_with('2')))
        {
            return None;
        }
        let weight = match action {
            "delayed" => Weight::Delayed,
            "failed" if is_whole && self.field("status").is_some() => {
                weight(status.as_deref(), &words)
            }
            _ => Weight::Soft,
        };
        let last = self.field("final-recipient").and_then(address);
        let first = self.field("original-recipient").and_then(address);
        // Whose mailbox it is cannot be told without an address.
        let weight = match (weight, first.as_ref().or(last.as_ref())) {
            (Weight::Hard, None) => Weight::Soft,
            (weight, _) => weight,
        };
        Some(Returned {
            recipient: first.clone().or_else(|| last.clone()),
            forwarded_to: last.filter(|last| first.as_ref().is_some_and(|first| first != last)),
            weight,
            status: better(status, &words),
            words,
        })
    }
}

/// A code that says something, where the report's own says nothing.
fn better(status: Option<String>, words: &str) -> Option<String> {
    match status {
        Some(code) if code.ends_with(".0.0") => enhanced(words).or(Some(code)),
        Some(code) => Some(code),
        None => enhanced(words),
    }
}

/// `smtp; 550 5.1.1 …` without its type.
fn untyped(said: &str) -> &str {
    match said.split_once(';') {
        Some((kind, rest)) if !kind.trim().contains(' ') => rest.trim(),
        _ => said,
    }
}

/// `rfc822; <anna@post.example>` as an address; one of another kind is none.
pub(super) fn address(value: &str) -> Option<String> {
    let (kind, rest) = value.split_once(';').unwrap_or(("rfc822", value));
    let kind = kind.trim().to_ascii_lowercase();
    if !matches!(
        kind.as_str(),
        "rfc822" | "utf-8" | "unknown" | "local" | "rfc-822"
    ) {
        return None;
    }
    let rest = rest.trim().trim_matches(['<', '>', '"', ' ']);
    // Domino writes names of its own beside.
    let rest = rest.split_whitespace().next()?.trim_matches(['<', '>']);
    (rest.contains('@') && !rest.contains("@@")).then(|| rest.to_lowercase())
}
