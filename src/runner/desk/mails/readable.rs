//! The bodies of a mail that this program froze, decoded.
//!
//! It reads what [`freeze`](crate::message::freeze) writes and no more; mail from elsewhere needs
//! a real MIME parser.

/// The text body; empty when there is none.
pub(super) fn text_of(bytes: &[u8]) -> String {
    part_of(bytes, "text/plain").unwrap_or_default()
}

/// The first body of a kind, such as `text/html`, decoded; of mail that this program froze.
#[must_use]
pub fn part_of(bytes: &[u8], wanted: &str) -> Option<String> {
    let message = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    find(&message, wanted)
}

fn find(part: &str, wanted: &str) -> Option<String> {
    let (head, body) = part.split_once("\n\n")?;
    let kind = header(head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    if let Some(boundary) = boundary(&kind) {
        let marker = format!("--{boundary}");
        return body
            .split(marker.as_str())
            .skip(1)
            .find_map(|inner| find(inner.trim_start_matches('\n'), wanted));
    }
    if !kind.to_lowercase().starts_with(wanted) {
        return None;
    }
    let coding = header(head, "content-transfer-encoding")
        .unwrap_or_default()
        .to_lowercase();
    let decoded = match coding.as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        _ => body.as_bytes().to_vec(),
    };
    let text = String::from_utf8_lossy(&decoded).replace("\r\n", "\n");
    Some(text.trim_end().to_owned() + "\n")
}

/// A header's value, unfolded.
fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

fn boundary(kind: &str) -> Option<String> {
    let (_, rest) = kind.split_once("boundary=")?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([';', ' ']).next(),
    };
    value.map(ToOwned::to_owned)
}

fn quoted_printable(body: &str) -> Vec<u8> {
    let joined = body.replace("=\n", "");
    let bytes = joined.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'=')
            .then(|| joined.get(at + 1..at + 3))
            .flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

fn base64(body: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let sextets: Vec<u8> = body.bytes().filter_map(value).collect();
    let mut out = Vec::with_capacity(sextets.len() * 3 / 4);
    for group in sextets.chunks(4) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, sextet| bits << 6 | u32::from(*sextet))
            << (6 * (4 - group.len()));
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(bytes.get(1..group.len()).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::message::{MailParts, Mailbox, Rendered, freeze};

    /// Whatever the text, it comes out of the frozen mail as it went in.
    #[test]
    fn the_text_of_a_frozen_mail_is_what_was_rendered() {
        let long = "Ærø og Øresund, ".repeat(100);
        for text in [
            "Hej Anna\n\nVi ses.\n",
            "Kære Åse\n= 2 = 4 =C3\n.\n",
            long.as_str(),
            "--part-x\n\n日本\n",
        ] {
            let rendered = Rendered {
                subject: "Hej".into(),
                text: text.into(),
                html: "<p>Nej</p>".into(),
            };
            let mail = freeze(&MailParts {
                message_id: "<1@college.example>".into(),
                date: Timestamp::UNIX_EPOCH,
                zone: TimeZone::UTC,
                from: Mailbox::parse("", "post@college.example").expect("a mailbox"),
                reply_to: None,
                to: vec![Mailbox::parse("", "anna@post.example").expect("a mailbox")],
                rendered,
                language: "da".to_owned(),
                logo: None,
                thread: Vec::new(),
                invitation: None,
                list_unsubscribe: None,
            });
            let mail = mail.expect("a mail");
            assert_eq!(text_of(&mail.bytes).trim_end(), text.trim_end());
        }
    }

    #[test]
    fn base64_of_every_length_is_decoded() {
        for (given, expect) in [
            ("", ""),
            ("YQ==", "a"),
            ("YWI=", "ab"),
            ("YWJj", "abc"),
            ("w6bDuMOl\nYQ==", "æøåa"),
        ] {
            assert_eq!(String::from_utf8_lossy(&base64(given)), expect);
        }
    }
}
