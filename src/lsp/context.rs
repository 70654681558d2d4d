//! Where in a file a place is, read from the letters before it: proposals are wanted while the text
//! is broken, when there is no tree to look into.
//!
//! A tolerant reader of the YAML that workflows are written in: indentation, `key: value`, dashes,
//! brackets, quotes and comments. A bracket that is never closed ends where a line is no more
//! indented than the one that opened it.

use std::ops::Range;

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The keys from the top of the file; items of lists are left out.
    pub path: Vec<String>,
    /// Whether a key or a value is written here.
    pub at: At,
    /// The bytes of the word at the place.
    pub word: Range<usize>,
    /// The keys that the map has already.
    pub siblings: Vec<String>,
}

/// What is written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A key of the map at the path.
    Key,
    /// The value of the path's last key, or an item of its list; with what stands before the word.
    Value {
        /// As it is written.
        before: String,
    },
    /// A comment.
    Nothing,
}

/// Reads what stands at a byte of a text.
#[must_use]
pub fn context(text: &str, byte: usize) -> Context {
    let byte = text.floor_char_boundary(byte);
    let mut scan = Scan::default();
    let mut start = 0;
    let mut at = At::Key;
    for line in text.split_inclusive('\n') {
        let is_last = start + line.len() > byte || start + line.len() == text.len();
        let seen = if is_last { byte - start } else { line.len() };
        at = scan.line(line[..seen].trim_end_matches(['\n', '\r']), is_last);
        start += line.len();
        if is_last {
            break;
        }
    }
    if text.ends_with('\n') && byte == text.len() {
        at = scan.line("", true);
    }
    let word = word_at(text, byte);
    if let At::Value { before } = &mut at {
        before.truncate(before.len().saturating_sub(byte - word.start));
    }
    let siblings = scan.siblings(text, byte);
    Context {
        path: scan.path(),
        at,
        word,
        siblings,
    }
}

/// The word around a byte: names with their dots, numbers, hyphens.
fn word_at(text: &str, byte: usize) -> Range<usize> {
    let of_word = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let before: usize = text[..byte]
        .chars()
        .rev()
        .take_while(of_word)
        .map(char::len_utf8)
        .sum();
    let after: usize = text[byte..]
        .chars()
        .take_while(of_word)
        .map(char::len_utf8)
        .sum();
    byte - before..byte + after
}

/// A block, by its indentation; a dash has no key.
#[derive(Debug)]
struct Block {
    indent: usize,
    key: Option<String>,
    /// The keys of the map that stands below it.
    keys: Vec<String>,
}

/// A bracket that is open.
#[derive(Debug)]
struct Flow {
    map: bool,
    key: Option<String>,
    keys: Vec<String>,
    /// What was written since the last comma, colon or bracket.
    token: String,
}

#[derive(Debug, Default)]
struct Scan {
    blocks: Vec<Block>,
    flows: Vec<Flow>,
    /// The indentation of the line in which the outermost bracket opened.
    opened_at: usize,
    /// The keys at the top of the file.
    top: Vec<String>,
    /// The column of the latest line, for an empty one.
    column: usize,
}

impl Scan {
    fn path(&self) -> Vec<String> {
        let blocks = self.blocks.iter().filter_map(|block| block.key.clone());
        let flows = self.flows.iter().filter_map(|flow| flow.key.clone());
        blocks.chain(flows).collect()
    }

    /// Reads one line, as far as it goes. An empty one says where it is only when it is the last.
    fn line(&mut self, line: &str, is_last: bool) -> At {
        let rest = line.trim_start_matches(' ');
        let indent = line.len() - rest.len();
        self.column = indent;
        if !self.flows.is_empty() {
            if indent > self.opened_at || rest.is_empty() || rest.starts_with(['}', ']']) {
                return self.flow(rest);
            }
            self.flows.clear();
        }
        if rest.starts_with('#') {
            return At::Nothing;
        }
        if rest.is_empty() {
            if is_last {
                self.leave(indent, false);
            }
            return At::Key;
        }
        self.leave(indent, rest.starts_with('-'));
        self.block(indent, rest)
    }

    /// Leaves the blocks that a line of this indentation is not in. A list may stand as far left as
    /// its key.
    fn leave(&mut self, indent: usize, dash: bool) {
        while let Some(block) = self.blocks.last() {
            let outside =
                block.indent > indent || (block.indent == indent && !(dash && block.key.is_some()));
            if !outside {
                break;
            }
            self.blocks.pop();
        }
    }

    fn block(&mut self, mut indent: usize, mut rest: &str) -> At {
        while let Some(item) = rest.strip_prefix("- ").or((rest == "-").then_some("")) {
            self.blocks.push(Block {
                indent,
                key: None,
                keys: Vec::new(),
            });
            let inner = item.trim_start_matches(' ');
            indent += rest.len() - inner.len();
            rest = inner;
        }
        let in_item = self.blocks.last().is_some_and(|block| block.key.is_none());
        if rest.starts_with(['{', '[']) {
            self.opened_at = self.column;
            return self.flow(rest);
        }
        let Some((key, value)) = key_and_value(rest) else {
            if in_item {
                return value_at(rest);
            }
            return At::Key;
        };
        self.keys().push(key.to_owned());
        self.blocks.push(Block {
            indent,
            key: Some(key.to_owned()),
            keys: Vec::new(),
        });
        if value.starts_with(['{', '[']) {
            self.opened_at = self.column;
            return self.flow(value);
        }
        value_at(value)
    }

    /// The keys of the innermost map.
    fn keys(&mut self) -> &mut Vec<String> {
        let block = self.blocks.last_mut();
        block.map_or(&mut self.top, |block| &mut block.keys)
    }

    /// Reads on within brackets.
    fn flow(&mut self, part: &str) -> At {
        let mut quote: Option<char> = None;
        let mut letters = part.chars().peekable();
        let mut before = ' ';
        while let Some(letter) = letters.next() {
            let next = letters.peek().copied();
            match (quote, letter) {
                (Some(open), _) => {
                    quote = (letter != open).then_some(open);
                    self.push(letter);
                }
                (None, '#') if before == ' ' => return At::Nothing,
                (None, '"' | '\'') if self.begins() => {
                    quote = Some(letter);
                    self.push(letter);
                }
                (None, '{' | '[') => self.flows.push(Flow {
                    map: letter == '{',
                    key: None,
                    keys: Vec::new(),
                    token: String::new(),
                }),
                (None, '}' | ']') => {
                    self.flows.pop();
                }
                (None, ',') => {
                    if let Some(flow) = self.flows.last_mut() {
                        flow.key = None;
                        flow.token.clear();
                    }
                }
                (None, ':') if next.is_none_or(|next| " \t{[}],".contains(next)) => self.key(),
                _ => self.push(letter),
            }
            before = letter;
        }
        match self.flows.last() {
            Some(flow) if flow.map && flow.key.is_none() => At::Key,
            Some(flow) => value_at(flow.token.trim_start()),
            None => At::Nothing,
        }
    }

    /// Whether nothing of the key or value stands here yet: "KL's" opens no quote.
    fn begins(&self) -> bool {
        let flow = self.flows.last();
        flow.is_some_and(|flow| flow.token.trim().is_empty())
    }

    fn push(&mut self, letter: char) {
        if let Some(flow) = self.flows.last_mut() {
            flow.token.push(letter);
        }
    }

    fn key(&mut self) {
        if let Some(flow) = self.flows.last_mut().filter(|flow| flow.map) {
            let key = flow.token.trim().trim_matches(['"', '\'']).to_owned();
            flow.keys.push(key.clone());
            flow.key = Some(key);
            flow.token.clear();
        }
    }

    /// The keys before the place, and in a block those behind it.
    fn siblings(&self, text: &str, byte: usize) -> Vec<String> {
        if let Some(flow) = self.flows.last() {
            return flow.keys.clone();
        }
        let before = self.blocks.last().map_or(&self.top, |block| &block.keys);
        let mut siblings = before.clone();
        let behind = text[byte..].lines().skip(1);
        for line in behind {
            let rest = line.trim_start_matches(' ');
            let indent = line.len() - rest.len();
            if rest.is_empty() || rest.starts_with('#') || indent > self.column {
                continue;
            }
            if indent < self.column || rest.starts_with('-') {
                break;
            }
            siblings.extend(key_and_value(rest).map(|(key, _)| key.to_owned()));
        }
        siblings
    }
}

/// What stands before the cursor in a value; a quote that opens it is not part of it.
fn value_at(value: &str) -> At {
    if value.starts_with('#') || value.contains(" #") {
        return At::Nothing;
    }
    At::Value {
        before: value.trim_start_matches(['"', '\'']).to_owned(),
    }
}

fn key_and_value(rest: &str) -> Option<(&str, &str)> {
    let (key, value) = match rest.find(": ") {
        Some(at) => (&rest[..at], rest[at + 2..].trim_start_matches(' ')),
        None => (rest.strip_suffix(':')?, ""),
    };
    Some((key.trim().trim_matches(['"', '\'']), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Path, what is written, word, siblings; `|` is the cursor.
    fn seen(text: &str) -> String {
        let byte = text.find('|').expect("a cursor");
        let text = text.replacen('|', "", 1);
        let context = context(&text, byte);
        let at = match &context.at {
            At::Key => "key".to_owned(),
            At::Value { before } => format!("value after {before:?}"),
            At::Nothing => "nothing".to_owned(),
        };
        format!(
            "{} {at} word {:?} has {}",
            context.path.join("/"),
            &text[context.word],
            context.siblings.join(",")
        )
    }

    #[test]
    fn the_place_is_read_from_the_letters_before_it() {
        for (text, expect) in [
            ("|", " key word \"\" has "),
            ("work|", " key word \"work\" has "),
            ("title: x\n|", " key word \"\" has title"),
            ("title: x|\n", "title value after \"\" word \"x\" has "),
            ("a:\n  b: c\n  |\n  d: e\nf: g\n", "a key word \"\" has b,d"),
            ("a:\n  b:\n    c: d\n|", " key word \"\" has a"),
            (
                "a:\n  b: {c: d, e: 3 workdays before coh|}\n",
                "a/b/e value after \"3 workdays before \" word \"coh\" has c,e",
            ),
            ("a:\n  b: {c: d, |}\n", "a/b key word \"\" has c"),
            (
                "a:\n  b: {c: [x, cohort.y|\n  d: e\n",
                "a/b/c value after \"\" word \"cohort.y\" has ",
            ),
            // The bracket of the line before was never closed.
            (
                "a:\n  b: {c: d\n  e: |\n",
                "a/e value after \"\" word \"\" has ",
            ),
            (
                "a:\n  then:\n    - {if: {x: |",
                "a/then/if/x value after \"\" word \"\" has x",
            ),
            (
                "a:\n  then:\n  - |",
                "a/then value after \"\" word \"\" has ",
            ),
            (
                "a:\n  - b: c\n    d: |\n",
                "a/d value after \"\" word \"\" has ",
            ),
            (
                "steps:\n  - {at: x, |\n  - {at: y}",
                "steps key word \"\" has at",
            ),
            ("a: b # |", "a nothing word \"\" has "),
            ("a: \"x: {y\"\nb: |", "b value after \"\" word \"\" has "),
            (
                "a: {t: \"x, {y\", b: |",
                "a/b value after \"\" word \"\" has t,b",
            ),
            (
                "a: {t: KL's b, c: |",
                "a/c value after \"\" word \"\" has t,c",
            ),
            // An empty line ends nothing.
            ("a:\n  b:\n\n    c: d\n    |", "a/b key word \"\" has c"),
            (
                "æ: {ø: \"😀\", å: v|",
                "æ/å value after \"\" word \"v\" has ø,å",
            ),
            (
                "a:\n  b: {c: d,\n      e: |}",
                "a/b/e value after \"\" word \"\" has c,e",
            ),
        ] {
            assert_eq!(seen(text), expect, "{text}");
        }
    }

    #[test]
    fn no_place_of_no_text_is_too_strange() {
        let texts = [
            "{[}]:,-#\"'\n\t",
            "- - -\n-",
            "]\n}:",
            "a: {{{\n\n  :",
            "\r\n: |\r\n",
        ];
        for text in texts {
            for byte in 0..=text.len() {
                let context = context(text, byte);
                assert!(context.word.end <= text.len(), "{text:?}");
            }
        }
    }
}
