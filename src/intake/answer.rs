//! Answers to invitations: a calendar's `METHOD:REPLY` (RFC 5546) in a mail (RFC 6047).

use jiff::Timestamp;
use jiff::civil::DateTime;
use mail_parser::{Message, MimeHeaders};

use super::parts::{content, from, kind_of, own};
use super::{Automatic, Kind};

/// An answer to an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The meeting's UID, as invited.
    pub uid: String,
    /// Of the version of the meeting that is answered.
    pub sequence: u32,
    /// Who answers: the bare address in lower case.
    pub attendee: String,
    /// What.
    pub says: Says,
    /// When it was answered, as the calendar has it.
    pub stamp: Option<Timestamp>,
}

/// What somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// They come.
    Accepted,
    /// They do not.
    Declined,
    /// They may.
    Tentative,
}

/// An answer, if the mail is one. Another proposal of a time, a substitute, or an answer that is not clear is
/// for a person to read.
pub(super) fn answer(mail: &Message<'_>) -> Option<Kind> {
    let sender = from(mail);
    own(mail)
        .filter(|part| {
            matches!(kind_of(part).as_str(), "text/calendar" | "application/ics")
                || part
                    .attachment_name()
                    .is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"))
        })
        .find_map(|part| read(&content(part)?, sender.as_deref()))
}

fn read(calendar: &str, sender: Option<&str>) -> Option<Kind> {
    let lines = unfolded(calendar);
    let lines: Vec<Line> = lines.iter().filter_map(|line| Line::read(line)).collect();
    let method = lines.iter().find(|line| line.name == "METHOD")?;
    if !method.value.eq_ignore_ascii_case("REPLY") {
        return None;
    }
    let begin = lines.iter().position(|line| line.is("BEGIN", "VEVENT"))?;
    let end = begin
        + lines[begin..]
            .iter()
            .position(|line| line.is("END", "VEVENT"))?;
    let event = &lines[begin..end];
    let value = |name: &str| {
        event
            .iter()
            .find(|line| line.name == name)
            .map(|line| line.value)
    };
    let uid = value("UID").filter(|uid| !uid.is_empty())?;
    let attendees: Vec<(String, &Line<'_>)> = event
        .iter()
        .filter(|line| line.name == "ATTENDEE")
        .filter_map(|line| Some((mailto(line.value)?, line)))
        .collect();
    // A reply has one attendee; some calendars send the whole list back, and then it is the sender's.
    let (attendee, line) = match &attendees[..] {
        [one] => one,
        many => many
            .iter()
            .find(|(address, _)| sender == Some(address.as_str()))?,
    };
    let says = match line.parameter("PARTSTAT")?.to_ascii_uppercase().as_str() {
        "ACCEPTED" => Says::Accepted,
        "DECLINED" => Says::Declined,
        "TENTATIVE" => Says::Tentative,
        // A calendar that only says that it has got it.
        "NEEDS-ACTION" => return Some(Kind::Automatic(Automatic::Receipt)),
        _ => return None,
    };
    Some(Kind::Answer(Answer {
        uid: uid.replace("\\,", ",").replace("\\;", ";"),
        sequence: value("SEQUENCE")
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or_default(),
        attendee: attendee.clone(),
        says,
        stamp: value("DTSTAMP").and_then(utc),
    }))
}

/// A content line.
struct Line<'l> {
    name: String,
    parameters: &'l str,
    value: &'l str,
}

impl<'l> Line<'l> {
    /// `NAME;PARAMETER="a:b":value`: the first colon that stands in no quotes ends the name.
    fn read(line: &'l str) -> Option<Self> {
        let mut in_quotes = false;
        let colon = line.find(|c: char| {
            in_quotes ^= c == '"';
            c == ':' && !in_quotes
        })?;
        let (head, value) = (&line[..colon], line[colon + 1..].trim());
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        Some(Self {
            name: name.trim().to_ascii_uppercase(),
            parameters,
            value,
        })
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.eq_ignore_ascii_case(value)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let mut in_quotes = false;
        let all = self.parameters.split(move |c: char| {
            in_quotes ^= c == '"';
            c == ';' && !in_quotes
        });
        all.filter_map(|one| one.split_once('='))
            .find(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().trim_matches('"'))
    }
}

/// Lines as they were before they were folded (RFC 5545, 3.1).
fn unfolded(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn mailto(value: &str) -> Option<String> {
    let lower = value.trim().to_lowercase();
    let address = lower.strip_prefix("mailto:").unwrap_or(&lower).trim();
    address.contains('@').then(|| address.to_owned())
}

fn utc(value: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches(['Z', 'z'])).ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}
