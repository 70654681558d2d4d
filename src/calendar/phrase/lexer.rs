//! A phrase as words, numbers and figures, each with its place.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, digits and `_`, from a letter on. Hyphens inside belong to it, to be refused whole.
    Word,
    /// Digits alone.
    Number,
    /// Anything else that begins with a digit: a date, a time, or an attempt at one.
    Figure,
    /// `.`
    Dot,
    /// A character that no phrase holds.
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub span: Range<usize>,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }
}

pub(super) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        if first.is_whitespace() {
            start += first.len_utf8();
            continue;
        }
        let (kind, length) = measure(&text[start..], first);
        let span = start..start + length;
        tokens.push(Token {
            kind,
            text: &text[span.clone()],
            span,
        });
        start += length;
    }
    tokens
}

/// The kind and byte length of the token that a text begins with.
fn measure(text: &str, first: char) -> (Kind, usize) {
    if first.is_ascii_digit() {
        let length = run(text, &['-', ':', '.', '/']);
        let digits_only = text[..length].bytes().all(|byte| byte.is_ascii_digit());
        return (
            if digits_only {
                Kind::Number
            } else {
                Kind::Figure
            },
            length,
        );
    }
    if first.is_alphabetic() || first == '_' {
        return (Kind::Word, run(text, &['-']));
    }
    (
        if first == '.' { Kind::Dot } else { Kind::Other },
        first.len_utf8(),
    )
}

/// The length of a run of letters, digits and `_`, joined by single marks that stand between two
/// of them.
fn run(text: &str, joints: &[char]) -> usize {
    let belongs = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let joins =
            joints.contains(&letter) && letters.peek().is_some_and(|(_, next)| belongs(*next));
        if !belongs(letter) && !joins {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_fall_into_tokens() {
        use Kind::{Dot, Figure, Number, Other, Word};
        let table: [(&str, &[(Kind, &str)]); 6] = [
            (
                "3 workdays before",
                &[(Number, "3"), (Word, "workdays"), (Word, "before")],
            ),
            (
                "cohort.gf2_end at 09:00",
                &[
                    (Word, "cohort"),
                    (Dot, "."),
                    (Word, "gf2_end"),
                    (Word, "at"),
                    (Figure, "09:00"),
                ],
            ),
            ("kl. 9.00", &[(Word, "kl"), (Dot, "."), (Figure, "9.00")]),
            ("2026-02-03", &[(Figure, "2026-02-03")]),
            (
                "2weeks – år",
                &[(Figure, "2weeks"), (Other, "–"), (Word, "år")],
            ),
            (
                "info-meeting. 2.",
                &[
                    (Word, "info-meeting"),
                    (Dot, "."),
                    (Number, "2"),
                    (Dot, "."),
                ],
            ),
        ];
        for (text, expect) in table {
            let tokens = lex(text);
            assert!(
                tokens
                    .iter()
                    .all(|token| &text[token.span.clone()] == token.text)
            );
            let found: Vec<_> = tokens
                .iter()
                .map(|token| (token.kind, token.text))
                .collect();
            assert_eq!(found, expect, "{text}");
        }
    }
}
