//! Which of our mails a mail speaks of.
//!
//! Ours are known by their Message-ID, `ID@HOST`, and by the address that reports go to, `LOCAL+ID@HOST`, where
//! ID is the mail's own. The second is the surest: it stands outside of anything that a server rewrites.

use mail_parser::{HeaderName, Message, PartType};

use super::parts::{from, header, headers, word};
use super::{Kind, text_of};

/// What tells our mail from that of others.
#[derive(Clone, Copy, Debug)]
pub struct Ours<'a> {
    /// The host part of our Message-IDs.
    pub host: &'a str,
    /// The address that our mail is from.
    pub from: &'a str,
    /// The address that reports go to, without an id in it; none when they go to the sender.
    pub bounces: Option<&'a str>,
}

/// Headers in which servers write to whom they have delivered.
const DELIVERED: [&str; 9] = [
    "Delivered-To",
    "X-Original-To",
    "X-Delivered-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Rcpt-To",
    "Apparently-To",
    "To",
    "X-Forwarded-To",
];

/// The address that reports about a mail go to: `bounces+ID@college.example`.
///
/// ```
/// use tovholder::intake::bounces_to;
///
/// assert_eq!(bounces_to("bounces@college.example", "0193"), "bounces+0193@college.example");
/// ```
#[must_use]
pub fn bounces_to(bounces: &str, id: &str) -> String {
    match bounces.rsplit_once('@') {
        Some((local, host)) => format!("{local}+{id}@{host}"),
        None => bounces.to_owned(),
    }
}

/// Whether a mail is one of ours that has come round.
pub(super) fn is_ours(mail: &Message<'_>, ours: &Ours<'_>) -> bool {
    let own = mail.message_id().unwrap_or_default();
    let by_id = !ids_in(&format!("<{own}>"), ours.host).is_empty();
    let is_from_us = from(mail).is_some_and(|from| from.eq_ignore_ascii_case(ours.from));
    by_id || (is_from_us && word(mail, "Auto-Submitted").as_deref() == Some("auto-generated"))
}

/// Ids of ours, the likeliest first.
pub(super) fn refers_to(
    mail: &Message<'_>,
    bytes: &[u8],
    ours: &Ours<'_>,
    kind: &Kind,
) -> Vec<String> {
    let mut all = tagged(mail, ours);
    if matches!(kind, Kind::Bounce(_)) {
        all.extend(quoted(mail, bytes, ours));
    }
    all.extend(answered(mail, ours));
    let mut seen = Vec::new();
    all.retain(|id| {
        let is_new = !seen.contains(id);
        seen.push(id.clone());
        is_new
    });
    all
}

/// Ids in the address that it was sent to.
fn tagged(mail: &Message<'_>, ours: &Ours<'_>) -> Vec<String> {
    let Some((local, host)) = ours.bounces.and_then(|bounces| bounces.rsplit_once('@')) else {
        return Vec::new();
    };
    let local = format!("{}+", local.to_lowercase());
    let found = DELIVERED.iter().flat_map(|name| headers(mail, name));
    found
        .flat_map(|value| {
            let value = value.to_lowercase();
            let ids = ids_in(&value, host);
            ids.into_iter()
                .filter(|id| value.contains(&format!("{local}{id}@")))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Ids of what it answers: the last of a thread is the nearest.
pub(super) fn answered(mail: &Message<'_>, ours: &Ours<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for name in ["In-Reply-To", "References"] {
        let value = header(mail, name).unwrap_or_default();
        let mut ids = ids_in(value, ours.host);
        ids.reverse();
        all.extend(ids);
    }
    all
}

/// Ids of what a report carries: the mail itself, its headers, or words with its id in them.
pub(super) fn quoted(mail: &Message<'_>, bytes: &[u8], ours: &Ours<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for part in &mail.parts {
        match &part.body {
            PartType::Message(carried) => {
                if let Some(id) = carried.header(HeaderName::MessageId).and_then(text_of) {
                    all.extend(ids_in(&format!("<{id}>"), ours.host));
                }
                all.extend(answered(carried, ours));
            }
            PartType::Text(text) | PartType::Html(text) => all.extend(ids_in(text, ours.host)),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                all.extend(ids_in(&String::from_utf8_lossy(bytes), ours.host));
            }
            PartType::Multipart(_) => {}
        }
    }
    all.extend(ids_in(&String::from_utf8_lossy(bytes), ours.host));
    all
}

/// `ID@HOST` in a text, where ID is a UUID; a meeting's UID, which ends so too, is none.
fn ids_in(text: &str, host: &str) -> Vec<String> {
    const ID_CHARS: usize = 36;
    if host.is_empty() {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    let at_host = format!("@{}", host.to_ascii_lowercase());
    let mut ids = Vec::new();
    for (at, _) in lower.match_indices(&at_host) {
        // A dot may end a sentence, or go on with another host.
        let after = lower[at + at_host.len()..]
            .trim_start_matches('.')
            .chars()
            .next();
        let goes_on = after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
        let Some(start) = at.checked_sub(ID_CHARS) else {
            continue;
        };
        let Some(id) = lower.get(start..at) else {
            continue;
        };
        let before = lower[..start].chars().next_back();
        let is_longer = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if is_id(id) && !goes_on && !is_longer {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_and_uids_of_meetings_are_none() {
        const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
        let table = [
            (format!("<{ID}@college.example>"), 1),
            (format!("bounces+{ID}@COLLEGE.example,"), 1),
            (format!("talk.1.{ID}@college.example"), 0),
            (format!("<{ID}@college.example.test>"), 0),
            (format!("{ID}@college.example. Ok"), 1),
            (format!("<{ID}@college.examples>"), 0),
            (format!("<a{ID}@college.example>"), 0),
            ("<0189@college.example>".to_owned(), 0),
            ("æ@college.example".to_owned(), 0),
        ];
        for (text, expect) in table {
            assert_eq!(ids_in(&text, "college.example").len(), expect, "{text}");
        }
    }
}
