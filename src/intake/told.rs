//! Reports in words: of servers older than the RFCs, or that keep to nobody's form but their own.
//!
//! Two of these forms are old, documented and unmistakable: qmail's (QSBMF) and Exim's. They may say that an
//! address does not exist. Anything else that a mail server writes in its own words is soft, whatever it says.

use mail_parser::Message;

use super::parts::{has, has_null_path, header, headers, is_from_server, one_line};
use super::status::{Weight, enhanced, reply, weight};
use super::{Kind, Ours, Returned, quoted, refers};

/// How such mail is called, in the words of its servers; lower case.
const SUBJECTS: [&str; 30] = [
    "undelivered mail",
    "undeliverable",
    "undelivered",
    "delivery status notification",
    "delivery failure",
    "delivery failed",
    "delivery delayed",
    "delivery has failed",
    "delivery notification",
    "failure notice",
    "returned mail",
    "mail delivery",
    "mail system error",
    "message delivery",
    "message could not be delivered",
    "could not send message",
    "message undeliverable",
    "message status - undeliverable",
    "non-delivery",
    "nondeliverable",
    "warning: message",
    "warning: could not send",
    "permanent delivery failure",
    "rejected:",
    "kan ikke leveres",
    "ikke leveret",
    "meddelelsen kunne ikke leveres",
    "unzustellbar",
    "olevererbart",
    "kan ikke leveres:",
];

/// Words of a server that is still trying.
const DELAYED: [&str; 8] = [
    "delay",
    "still being retried",
    "still trying",
    "will continue",
    "not yet been delivered",
    "will be retried",
    "temporary",
    "forsinket",
];

/// qmail's own first line, and the line before the copy of the mail.
const QMAIL: &str = "this is the";
const QMAIL_COPY: &str = "--- below this line is a copy of the message";
/// Exim's first line, and the line before the copy.
const EXIM: &str = "this message was created automatically by mail delivery software";
const EXIM_COPY: &str = "this is a copy of the message";

/// A report in words, if the mail is one.
pub(super) fn returned(mail: &Message<'_>, bytes: &[u8], ours: &Ours<'_>) -> Option<Kind> {
    let subject = mail.subject().unwrap_or_default().to_lowercase();
    let is_called_so = SUBJECTS.iter().any(|known| subject.starts_with(known))
        || subject.ends_with("kan ikke leveres");
    let failed = failed_recipients(mail);
    let is_servers = is_from_server(mail) || (has_null_path(mail) && is_called_so);
    if !is_servers || !(is_called_so || !failed.is_empty() || is_of_qmail(mail)) {
        return None;
    }
    let text = quoted::whole(mail);
    let said = said_before_copy(&text);
    let flat = said.to_lowercase();
    let recipient = failed
        .into_iter()
        .next()
        .or_else(|| recipient_in(said, ours));
    let words = words_of(said);
    let status = enhanced(&words);
    let quotes_ours = !refers::quoted(mail, bytes, ours).is_empty();
    let is_delayed = DELAYED
        .iter()
        .any(|word| flat.contains(word) || subject.contains(word))
        && !flat.contains("permanent");
    let is_complete = quotes_ours && recipient.is_some() && has_old_form(&text.to_lowercase());
    let weight = match (is_delayed, is_complete) {
        (true, _) => Weight::Delayed,
        (false, true) => weight(status.as_deref(), &with_reply(&words)),
        (false, false) => Weight::Soft,
    };
    Some(Kind::Bounce(vec![Returned {
        recipient,
        forwarded_to: None,
        weight,
        status,
        words,
    }]))
}

/// qmail's words come without the server's number when it is the server itself that knows nobody.
fn with_reply(words: &str) -> String {
    match reply(words) {
        Some(_) => words.to_owned(),
        None => format!("550 {words}"),
    }
}

fn is_of_qmail(mail: &Message<'_>) -> bool {
    let text = quoted::whole(mail).to_lowercase();
    text.trim_start().starts_with("hi. this is the")
}

/// Whether it is of one of the two forms, from its first line to the copy of the mail.
fn has_old_form(text: &str) -> bool {
    let from_to =
        |first: &str, copy: &str| text.find(first).is_some_and(|at| text[at..].contains(copy));
    from_to(QMAIL, QMAIL_COPY) || from_to(EXIM, EXIM_COPY)
}

fn said_before_copy(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let copies = [
        QMAIL_COPY,
        EXIM_COPY,
        "original message follows",
        "----- original message -----",
        "-----oprindelig meddelelse",
        "message header follows",
        "headers follow",
    ];
    let end = copies.iter().filter_map(|copy| lower.find(copy)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What Exim and Gmail say in a header.
fn failed_recipients(mail: &Message<'_>) -> Vec<String> {
    headers(mail, "X-Failed-Recipients")
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().trim_matches(['<', '>']).to_lowercase())
        .filter(|one| one.contains('@'))
        .collect()
}

/// The first address in the words that is not ours.
fn recipient_in(text: &str, ours: &Ours<'_>) -> Option<String> {
    text.split(|c: char| c.is_whitespace() || "<>()[]\",;:'".contains(c))
        .map(|word| word.trim_matches('.').to_lowercase())
        .find(|word| {
            let (local, host) = word.rsplit_once('@').unwrap_or_default();
            let is_server = local.starts_with("postmaster") || local.starts_with("mailer-daemon");
            !local.is_empty()
                && host.contains('.')
                && !is_server
                && *word != ours.from.to_lowercase()
                && !host.eq_ignore_ascii_case(ours.host)
        })
}

/// The line with the server's reason, and what it is folded onto; failing that the beginning.
fn words_of(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let has_code = |line: &&str| enhanced(line).is_some() || reply(line).is_some();
    let found = lines.iter().position(has_code);
    let text = match found {
        Some(at) => lines[at..]
            .iter()
            .take_while(|line| !line.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
        None => {
            // qmail's reason stands under the address.
            let after = lines
                .iter()
                .position(|line| line.starts_with('<') && line.ends_with(">:"));
            let from = after.map_or(0, |at| at + 1);
            lines[from..].join(" ")
        }
    };
    one_line(&text).chars().take(500).collect()
}

/// Whether a server of a kind that reports in words has written it; for the signs of automatic mail.
pub(super) fn is_server_notice(mail: &Message<'_>) -> bool {
    is_from_server(mail)
        && (has_null_path(mail)
            || has(mail, "X-Failed-Recipients")
            || header(mail, "Auto-Submitted").is_some())
}
