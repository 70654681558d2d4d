//! A mail as a person wants it: kept back, or with other words.

use super::{No, asked};
use crate::message::Rendered;
use crate::runner::reason::Reason;
use crate::store::{OutboxRow, Wish};
use sha2::{Digest as _, Sha256};

/// What it says as a person wants it. What they wrote is for what they had read: if the mail would say something
/// else by now, it waits for them, unless they have asked for it since.
pub(super) fn wished(row: &OutboxRow, wish: &Wish, rendered: Rendered) -> Result<Rendered, No> {
    if wish.held != 0 && !asked(row) {
        return Err(No::Hold(Reason::HeldByHand.stored()));
    }
    let Some(text) = &wish.body else {
        return Ok(rendered);
    };
    if wish.instead_of.as_deref() != Some(&hash_of(&rendered.subject, &rendered.text))
        && !asked(row)
    {
        return Err(No::Hold(Reason::EditedBefore.stored()));
    }
    let text = with_link_of(text, &rendered.text);
    Ok(Rendered {
        subject: wish.subject_line.clone().unwrap_or(rendered.subject),
        html: html_of(&text),
        text,
    })
}

/// What a mail says, as a wish remembers it.
pub(in crate::runner) fn hash_of(subject: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(subject.trim_end());
    hash.update([0]);
    // A link to unsubscribe is another one each time the mail is made; one to answer, when it leaves another day.
    let says = |word: &&str| !is_link(word) && !word.contains("/svar/");
    for word in text.split_whitespace().filter(says) {
        hash.update(word);
        hash.update(" ");
    }
    super::hex(&hash.finalize())
}

/// Whether a person may wish anything of a mail: what was gathered is written when it leaves.
pub(in crate::runner) fn is_wishable(row: &OutboxRow) -> bool {
    row.group_key.is_none()
}

/// A text with the link to unsubscribe that the mail itself has.
fn with_link_of(text: &str, own: &str) -> String {
    let link = |text: &str| {
        text.split_whitespace()
            .find(|word| is_link(word))
            .map(str::to_owned)
    };
    match (link(text), link(own)) {
        (Some(old), Some(new)) => text.replace(&old, &new),
        _ => text.to_owned(),
    }
}

fn is_link(word: &str) -> bool {
    word.contains("/afmeld/")
}

/// Words as a person typed them: paragraphs and lines.
fn html_of(text: &str) -> String {
    let escaped = handlebars::html_escape(text.trim());
    let paragraphs: Vec<String> = escaped
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", paragraph.trim().replace('\n', "<br>")))
        .collect();
    format!(
        "<!doctype html><html><body style=\"font-family: sans-serif; line-height: 1.5\">{}</body></html>",
        paragraphs.concat()
    )
}
