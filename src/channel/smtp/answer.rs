//! What a server says to one command: a code, and one line of words or several (RFC 5321, 4.2).

/// A line of an answer may be 512 octets long (RFC 5321, 4.5.3.1.5); servers that explain a refusal
/// at length are forgiven four times that.
const LINE_MAX: usize = 2048;

/// All lines of an answer together. What goes on for longer is no answer.
const ANSWER_MAX: usize = 16 * 1024;

/// An answer, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Three digits, the first from 2 to 5.
    pub(super) code: u16,
    /// The words of each line, without the code.
    pub(super) lines: Vec<String>,
}

/// What an answer comes to, by its first digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 2xx.
    Done,
    /// 3xx: go on.
    More,
    /// 4xx.
    NotNow,
    /// 5xx.
    Never,
}

impl Answer {
    pub(super) fn kind(&self) -> Kind {
        match self.code / 100 {
            2 => Kind::Done,
            3 => Kind::More,
            4 => Kind::NotNow,
            _ => Kind::Never,
        }
    }

    /// The server closes the connection (RFC 5321, 3.8): it says nothing about the mail.
    pub(super) fn is_closing(&self) -> bool {
        self.code == 421
    }

    /// The answer in one line, for people: an enhanced code (RFC 2034) that each line repeats
    /// stands there once.
    pub(super) fn said(&self) -> String {
        let mut said = self.code.to_string();
        let first = self.lines.first().map_or("", String::as_str);
        let code = first.split(' ').next().unwrap_or_default();
        let repeats = !code.is_empty() && code.chars().all(|c| c.is_ascii_digit() || c == '.');
        for (at, line) in self.lines.iter().enumerate() {
            let words = line.strip_prefix(code).filter(|_| repeats && at > 0);
            let words = words.unwrap_or(line).trim();
            if !words.is_empty() {
                said.push(' ');
                said.push_str(words);
            }
        }
        said
    }
}

/// Reads the answer that the bytes begin with, and how many bytes it has; none when it is not whole
/// yet. What cannot become an answer is an error, for the operator.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Answer, usize)>, String> {
    let (mut at, mut code, mut lines) = (0, None, Vec::new());
    while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[at..at + end];
        at += end + 1;
        if line.len() > LINE_MAX || at > ANSWER_MAX {
            return Err("the server's answer does not end".to_owned());
        }
        let (number, is_last, words) = parts(line).ok_or_else(|| nonsense(line))?;
        if code.is_some_and(|code| code != number) {
            return Err(nonsense(line));
        }
        code = Some(number);
        lines.push(words);
        if is_last {
            let answer = Answer {
                code: number,
                lines,
            };
            return Ok(Some((answer, at)));
        }
    }
    if bytes.len() - at > LINE_MAX || bytes.len() > ANSWER_MAX {
        return Err("the server's answer does not end".to_owned());
    }
    Ok(None)
}

/// Code, whether it is the last line, and the words.
fn parts(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (code, rest) = line.split_at_checked(3)?;
    let is_code = matches!(code[0], b'2'..=b'5') && code.iter().all(u8::is_ascii_digit);
    let (is_last, words) = match rest {
        [] => (true, rest),
        [b' ', words @ ..] => (true, words),
        [b'-', words @ ..] => (false, words),
        _ => return None,
    };
    let number = std::str::from_utf8(code).ok()?.parse().ok()?;
    is_code.then(|| (number, is_last, shown(words)))
}

/// Text from outside steers no terminal.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

fn nonsense(line: &[u8]) -> String {
    let line = &line[..line.len().min(80)];
    format!("the server said \"{}\", which is no answer", shown(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_however_they_are_cut() {
        let table: [(&str, u16, &str); 6] = [
            ("250 ok\r\n", 250, "250 ok"),
            ("250\r\n", 250, "250"),
            ("354 go\n", 354, "354 go"),
            ("250-a\r\n250-\r\n250 8BITMIME\r\n", 250, "250 a 8BITMIME"),
            (
                "550-5.1.1 no such user\r\n550 5.1.1 here\r\n",
                550,
                "550 5.1.1 no such user here",
            ),
            (
                "451 4.7.1 sl\u{f8}v\u{1b}[2J\r\n",
                451,
                "451 4.7.1 sløv?[2J",
            ),
        ];
        for (text, code, said) in table {
            let bytes = text.as_bytes();
            for cut in 0..bytes.len() {
                assert_eq!(read(&bytes[..cut]), Ok(None), "{text:?} up to {cut}");
            }
            let more = [bytes, b"250 the next\r\n"].concat();
            let (answer, length) = read(&more).expect(text).expect(text);
            assert_eq!(
                (answer.code, &*answer.said(), length),
                (code, said, bytes.len())
            );
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_as_soon_as_it_shows() {
        let long = "2".repeat(LINE_MAX + 1);
        let endless = "250-more\r\n".repeat(ANSWER_MAX / 10 + 1);
        let table: [&[u8]; 9] = [
            b"gibberish\r\n",
            b"\r\n",
            b"25\r\n",
            b"150 no such class\r\n",
            b"650 no such class\r\n",
            b"250_ok\r\n",
            b"250-one\r\n550 another\r\n",
            long.as_bytes(),
            endless.as_bytes(),
        ];
        for bytes in table {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
            assert!(read(bytes).is_err(), "{shown:?}");
        }
    }
}
