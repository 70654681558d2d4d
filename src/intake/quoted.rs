//! What a person wrote, without what their program put under it.
//!
//! Words are never lost for it: what would leave nothing is given whole.

use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, PartType};

/// Lines that programs write between what a person wrote and the whole mail they answer.
const OLD_MAIL: [&str; 13] = [
    "-----original message-----",
    "-----oprindelig meddelelse-----",
    "----- oprindelig meddelelse -----",
    "-----oprindelig besked-----",
    "---- oprindelig meddelelse ----",
    "-----ursprüngliche nachricht-----",
    "-----ursprungligt meddelande-----",
    "-----opprinnelig melding-----",
    "----- original message -----",
    "---------- forwarded message",
    "---------- videresendt besked",
    "-------- oprindelig besked --------",
    "-------- original message --------",
];

/// Ends of the line that says who wrote what follows.
const WROTE: [&str; 8] = [
    "wrote:",
    "skrev:",
    "schrieb:",
    "skrev følgende:",
    "writes:",
    "geschrieben:",
    "har skrevet:",
    "skreiv:",
];

/// The first header of an older mail, as Outlook and others write it, and what stands on the next lines.
const FROM: [&str; 5] = ["fra:", "from:", "von:", "från:", "*from:*"];
const SENT: [&str; 9] = [
    "sendt:",
    "sent:",
    "gesendet:",
    "skickat:",
    "dato:",
    "date:",
    "datum:",
    "til:",
    "to:",
];

/// What programs sign with.
const SIGNED: [&str; 6] = [
    "sendt fra min",
    "sent from my",
    "hent outlook til",
    "get outlook for",
    "von meinem",
    "sendt fra outlook",
];

/// In HTML, where what is quoted begins.
const QUOTED_HTML: [&str; 8] = [
    "<blockquote",
    "<div class=\"gmail_quote",
    "<div class=3d\"gmail_quote",
    "<div id=\"appendonsend\"",
    "<div id=\"divrplyfwdmsg\"",
    "<div id=\"mail-editor-reference-message-container\"",
    "<div class=\"moz-cite-prefix\"",
    "<div class=\"yahoo_quoted\"",
];

/// The words of the person, as plain text.
pub(super) fn own_words(mail: &Message<'_>) -> String {
    let html = plain(mail).is_none().then(|| html(mail)).flatten();
    let text = match &html {
        Some(html) => html_to_text(before_quote(html)),
        None => whole(mail),
    };
    let own = unquoted(&text);
    if !own.is_empty() {
        return own;
    }
    let lines: Vec<String> = whole(mail)
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// All of the text.
pub(super) fn whole(mail: &Message<'_>) -> String {
    plain(mail)
        .or_else(|| html(mail).map(|html| html_to_text(&html)))
        .unwrap_or_default()
}

/// The parts that are plain text and no attachment.
fn plain(mail: &Message<'_>) -> Option<String> {
    let mut all = Vec::new();
    for part in mail.text_bodies() {
        if let PartType::Text(text) = &part.body {
            all.push(text.as_ref());
        }
    }
    let text = all.join("\n");
    (!text.trim().is_empty()).then_some(text)
}

fn html(mail: &Message<'_>) -> Option<String> {
    mail.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    })
}

fn before_quote(html: &str) -> &str {
    let lower = html.to_ascii_lowercase();
    let quotes = QUOTED_HTML.iter().filter_map(|quote| lower.find(quote));
    match quotes.min() {
        Some(at) => &html[..at],
        None => html,
    }
}

fn unquoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let lower = line.trim().to_lowercase();
        // Two hyphens and a blank: a signature, the last of a person's words.
        let is_signature = line.trim_start() == "--" || line == "-- ";
        if is_signature || begins_old_mail(&lines[at..], &lower) {
            break;
        }
        if let Some(count) = attribution(&lines[at..]) {
            at += count;
            continue;
        }
        let is_quoted = line.trim_start().starts_with('>');
        let is_signed = SIGNED.iter().any(|word| lower.starts_with(word));
        if !is_quoted && !is_signed {
            own.push(line);
        }
        at += 1;
    }
    // The rule that Outlook draws above an older mail.
    while own
        .last()
        .is_some_and(|line| line.trim().chars().all(|c| c == '_'))
    {
        own.pop();
    }
    let text = own.join("\n");
    let mut out = String::new();
    let mut empty = 0;
    for line in text.trim().lines() {
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

fn begins_old_mail(lines: &[&str], lower: &str) -> bool {
    if OLD_MAIL.iter().any(|known| lower.starts_with(known)) {
        return true;
    }
    let first = |line: &str, known: &[&str]| {
        let line = line.trim().trim_start_matches('*').to_lowercase();
        known
            .iter()
            .any(|word| line.starts_with(word.trim_start_matches('*')))
    };
    first(lower, &FROM) && lines.iter().skip(1).take(2).any(|line| first(line, &SENT))
}

/// "Den … skrev Anna <…>:" on one line or broken onto two, where a quote follows; how many lines it takes.
fn attribution(lines: &[&str]) -> Option<usize> {
    const BEGINS: [&str; 8] = ["den ", "on ", "am ", "på ", "man.", "op ", "d. ", "ons."];
    for count in 1..=3 {
        let said = lines.get(..count)?.join(" ");
        let lower = said.trim().to_lowercase();
        let is_one = lower.contains(|c: char| c.is_ascii_digit())
            && (WROTE.iter().any(|word| lower.ends_with(word))
                || (lower.ends_with(':')
                    && (lower.contains(" skrev ") || lower.contains(" schrieb "))));
        if is_one && (BEGINS.iter().any(|word| lower.starts_with(word)) || lower.contains('<')) {
            return Some(count);
        }
        if lines[count - 1].trim().is_empty() {
            return None;
        }
    }
    None
}
