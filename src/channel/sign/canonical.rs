//! A mail as a signature sees it: what servers on the way do to blanks and line breaks is taken away first
//! (RFC 6376, 3.4, `relaxed/relaxed`).

/// The header fields of a message, each with its folds and without its last line break, and the body.
pub(super) fn cut(message: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut fields: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        match line {
            b"\r\n" | b"\n" => break,
            [b' ' | b'\t', ..] => {
                if let Some(last) = fields.last_mut() {
                    last.1 = end;
                }
            }
            _ => fields.push((start, end)),
        }
    }
    let fields = fields
        .into_iter()
        .map(|(start, end)| message[start..end].trim_ascii_end());
    (fields.collect(), &message[at..])
}

/// The name of a field, lower case.
pub(super) fn name(field: &[u8]) -> String {
    let name = field.split(|byte| *byte == b':').next().unwrap_or_default();
    String::from_utf8_lossy(name.trim_ascii()).to_lowercase()
}

/// A field without its folds, with single blanks, its name in lower case, and without a line break.
pub(super) fn field(field: &[u8]) -> Vec<u8> {
    let colon = field.iter().position(|byte| *byte == b':');
    let value = colon.map_or(&[][..], |colon| &field[colon + 1..]);
    let unfolded: Vec<u8> = value
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let mut out = name(field).into_bytes();
    out.push(b':');
    out.extend(single_blanks(unfolded.trim_ascii()));
    out
}

/// A body with single blanks and none before a line break, without empty lines at its end.
pub(super) fn body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    let mut end = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let blanks = text.iter().rev().take_while(|byte| is_blank(**byte));
        let text = &text[..text.len() - blanks.count()];
        out.extend(single_blanks(text));
        out.extend_from_slice(b"\r\n");
        if !text.is_empty() {
            end = out.len();
        }
    }
    out.truncate(end);
    out
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn single_blanks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match (is_blank(*byte), out.last()) {
            (true, Some(b' ')) => {}
            (true, _) => out.push(b' '),
            (false, _) => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6376, 3.4.5.
    #[test]
    fn the_example_of_the_rfc_becomes_what_it_says() {
        let message = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (fields, text) = cut(message);
        let fields: Vec<Vec<u8>> = fields.into_iter().map(field).collect();
        assert_eq!(fields, [&b"a:X"[..], b"b:Y Z"]);
        assert_eq!(body(text), b" C\r\nD E\r\n");
    }

    #[test]
    fn a_body_ends_in_one_line_break_or_is_nothing() {
        for (given, expect) in [
            ("", ""),
            ("\r\n", ""),
            (" \t\r\n\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n", "a\r\n"),
            ("a\r\n\r\n \r\n", "a\r\n"),
            ("\r\n.a\r\n", "\r\n.a\r\n"),
            ("æ  \tø\r\n", "æ ø\r\n"),
        ] {
            assert_eq!(body(given.as_bytes()), expect.as_bytes(), "{given:?}");
        }
    }

    #[test]
    fn a_message_is_cut_where_its_header_ends() {
        for (given, fields, body) in [
            ("A: 1\r\nB: 2\r\n 3\r\n\r\nx\r\n\r\ny", 2, "x\r\n\r\ny"),
            ("A: 1\r\n\r\n", 1, ""),
            ("A: 1\r\n", 1, ""),
            ("\r\nA: 1\r\n", 0, "A: 1\r\n"),
        ] {
            let (found, text) = cut(given.as_bytes());
            assert_eq!((found.len(), text), (fields, body.as_bytes()), "{given:?}");
        }
    }
}
