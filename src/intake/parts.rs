//! What the other readers of this room ask a parsed mail: its headers as text, and its own parts.

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

/// A header as it stands, unfolded and trimmed; the first of that name.
pub(super) fn header<'m>(mail: &'m Message<'_>, name: &str) -> Option<&'m str> {
    headers(mail, name).next()
}

/// All headers of a name, as they stand.
pub(super) fn headers<'m>(
    mail: &'m Message<'_>,
    name: &str,
) -> impl Iterator<Item = &'m str> + use<'m> {
    let name = name.to_ascii_lowercase();
    mail.headers_raw()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(&name))
        .map(|(_, value)| value.trim())
}

/// Whether a header is there and not empty.
pub(super) fn has(mail: &Message<'_>, name: &str) -> bool {
    header(mail, name).is_some_and(|value| !value.is_empty())
}

/// A header's value in lower case, without its parameters and comments.
pub(super) fn word(mail: &Message<'_>, name: &str) -> Option<String> {
    let value = header(mail, name)?;
    let word = value.split([';', '(', ' ', '\t', '\r', '\n']).next()?;
    Some(word.trim().to_ascii_lowercase())
}

/// The bare address of the sender, in lower case.
pub(super) fn from(mail: &Message<'_>) -> Option<String> {
    let from = mail.from().or_else(|| mail.sender())?;
    let address = from.first()?.address.as_deref()?;
    address.contains('@').then(|| address.trim().to_lowercase())
}

/// Whether nobody is to be told if it cannot be delivered, as reports and automatic answers say.
pub(super) fn has_null_path(mail: &Message<'_>) -> bool {
    header(mail, "Return-Path").is_some_and(|path| {
        let path: String = path.chars().filter(|c| !c.is_whitespace()).collect();
        path == "<>" || path.eq_ignore_ascii_case("<mailer-daemon>")
    })
}

/// Whether a mail server signs it, by name.
pub(super) fn is_from_server(mail: &Message<'_>) -> bool {
    const SERVERS: [&str; 8] = [
        "mailer-daemon",
        "mailerdaemon",
        "postmaster",
        "mail-daemon",
        "mdaemon",
        "maildelivery",
        "microsoftexchange",
        "mailadmin",
    ];
    let Some(from) = from(mail) else {
        // A sender of no address at all, such as `From: MAILER-DAEMON`.
        return header(mail, "From")
            .is_some_and(|from| from.to_ascii_lowercase().contains("mailer-daemon"));
    };
    let local = from.split('@').next().unwrap_or_default();
    SERVERS.iter().any(|server| local.starts_with(server))
}

/// The parts of the mail itself, those inside of a mail that it carries left out.
pub(super) fn own<'m, 'x>(mail: &'m Message<'x>) -> impl Iterator<Item = &'m MessagePart<'x>> {
    mail.parts.iter()
}

/// `type/subtype` of a part, in lower case; what says nothing is plain text.
pub(super) fn kind_of(part: &MessagePart<'_>) -> String {
    part.content_type().map_or("text/plain".to_owned(), |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
    })
}

/// A part's decoded content as text.
pub(super) fn content(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.to_string()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        PartType::Message(_) | PartType::Multipart(_) => None,
    }
}

/// Words on one line, with single blanks and nothing that steers a terminal.
pub(super) fn one_line(text: &str) -> String {
    let shown = text.replace(char::is_control, " ");
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
