//! YAML into a small tree with spans: the one place that knows the YAML reader.
//!
//! The event parser is used directly rather than through serde, because serde stops at the first
//! mistake and cannot tell `02` from `"02"`. What YAML can do beyond maps, lists and scalars
//! (anchors, aliases, merge keys, tags, several documents) is refused by name: nobody who edits a
//! plan on paper needs it, and it is how a small file becomes a huge one.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span};

use super::problem::Sink;

const BYTES_MAX: usize = 1 << 20;
const DEPTH_MAX: usize = 64;
const NODES_MAX: usize = 200_000;

/// A value with its place in the file, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub span: Range<usize>,
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A word or text; `plain` when it stands without quotes.
    Scalar { text: String, plain: bool },
    /// Keys and values, in order; a doubled key is reported and its first value kept.
    Map(Vec<(Node, Node)>),
    /// A list.
    List(Vec<Node>),
    /// Nothing stands after the colon or dash.
    Empty,
    /// Something that was refused and reported already.
    Broken,
}

impl Node {
    /// The text, if it is a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What it is, in the author's words.
    pub fn what(&self) -> &'static str {
        match self.kind {
            Kind::Scalar { .. } => "a text",
            Kind::Map(_) => "a map",
            Kind::List(_) => "a list",
            Kind::Empty | Kind::Broken => "nothing",
        }
    }

    /// The bytes in the file of a part of a scalar's text; the whole when the text is written
    /// with escapes or over several lines.
    pub fn within(&self, source: &str, part: &Range<usize>) -> Range<usize> {
        let written = source.get(self.span.clone()).unwrap_or_default();
        let text = self.text().unwrap_or_default();
        let inner = written
            .get(1..written.len().saturating_sub(1))
            .unwrap_or_default();
        let start = match () {
            () if written == text => self.span.start,
            () if inner == text && written.starts_with(['"', '\'']) => self.span.start + 1,
            () => return self.span.clone(),
        };
        if part.end > text.len() || part.start > part.end {
            return self.span.clone();
        }
        start + part.start..start + part.end
    }
}

/// Reads a file into a tree; `None` when there is none to go on with. What is wrong goes to the sink.
pub(crate) fn parse(sink: &Sink) -> Option<Node> {
    if sink.text.len() > BYTES_MAX {
        let message = format!("the file is larger than {} KiB", BYTES_MAX / 1024);
        sink.error("too-large", &(0..0), message);
        return None;
    }
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    let mut builder = Builder {
        sink,
        open: Vec::new(),
        root: None,
        nodes: 0,
        documents: 0,
        at: 0,
    };
    for event in Parser::new_from_str_with_options(sink.text, options) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                builder.syntax(&error);
                return None;
            }
        };
        if !builder.take(event, &span) {
            return None;
        }
    }
    if builder.root.is_none() {
        let message = "the file is empty";
        sink.error_help(
            "yaml-syntax",
            &(0..0),
            message,
            "a workflow begins with workflow:, title:, language:",
        );
    }
    builder.root
}

/// A collection that is still open.
struct Open {
    start: usize,
    map: bool,
    key: Option<Node>,
    entries: Vec<(Node, Node)>,
    items: Vec<Node>,
    seen: HashMap<String, Range<usize>>,
}

struct Builder<'s, 't> {
    sink: &'s Sink<'t>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
    at: usize,
}

impl Builder<'_, '_> {
    /// Takes one event; false when reading cannot go on.
    fn take(&mut self, event: Event, span: &Span) -> bool {
        let bytes = span.byte_range().unwrap_or(self.at..self.at);
        self.refuse_tag(&event, span);
        match event {
            Event::DocumentStart(..) => return self.document(&bytes),
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                // The reader gives "~" for what is not there at all.
                let absent = plain && bytes.is_empty();
                let kind = if absent {
                    Kind::Empty
                } else {
                    Kind::Scalar {
                        text: text.trim_end().to_owned(),
                        plain,
                    }
                };
                return self.leaf(bytes, kind);
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(&bytes, "an alias (*name)");
                return self.leaf(bytes, Kind::Broken);
            }
            Event::Anchor(..) => self.refuse(&bytes, "an anchor (&name)"),
            Event::MappingStart(..) => return self.start(true, &bytes),
            Event::SequenceStart(..) => return self.start(false, &bytes),
            Event::MappingEnd | Event::SequenceEnd => self.end(&bytes),
            _ => {}
        }
        true
    }

    fn refuse(&self, span: &Range<usize>, what: &str) {
        let message = format!("{what} is YAML, but not part of the workflow language");
        self.sink
            .error_help("yaml-feature", span, message, "write it out");
    }

    fn refuse_tag(&self, event: &Event, span: &Span) {
        if event.tag().is_some() {
            let at = span
                .tag_span()
                .and_then(|span| span.byte_range())
                .or_else(|| span.byte_range());
            self.refuse(&at.unwrap_or(0..0), "a tag (!name)");
        }
    }

    fn document(&mut self, span: &Range<usize>) -> bool {
        self.documents += 1;
        if self.documents > 1 {
            let help = "put the second workflow in a file of its own";
            self.sink
                .error_help("yaml-feature", span, "one file holds one workflow", help);
        }
        self.documents == 1
    }

    /// Counts a node against the budget, so that no file can use more memory than its kind of size.
    fn count(&mut self, span: &Range<usize>) -> bool {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            self.sink.error(
                "too-large",
                span,
                format!("more than {NODES_MAX} values are not a workflow"),
            );
        }
        self.nodes <= NODES_MAX
    }

    fn start(&mut self, map: bool, span: &Range<usize>) -> bool {
        if self.open.len() >= DEPTH_MAX {
            self.too_deep(span);
            return false;
        }
        let (start, key) = (span.start, None);
        self.open.push(Open {
            start,
            map,
            key,
            entries: Vec::new(),
            items: Vec::new(),
            seen: HashMap::new(),
        });
        self.count(span)
    }

    fn too_deep(&self, span: &Range<usize>) {
        self.sink.error(
            "too-large",
            span,
            format!("nested more than {DEPTH_MAX} deep"),
        );
    }

    fn leaf(&mut self, span: Range<usize>, kind: Kind) -> bool {
        self.at = self.at.max(span.end);
        let go_on = self.count(&span);
        self.place(Node { span, kind });
        go_on
    }

    fn end(&mut self, span: &Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        // A block ends where the next begins; its own last word is what people see as its end.
        let end = if span.is_empty() { self.at } else { span.end };
        self.at = self.at.max(end);
        let kind = if open.map {
            Kind::Map(open.entries)
        } else {
            Kind::List(open.items)
        };
        self.place(Node {
            span: open.start..end.max(open.start),
            kind,
        });
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        if !open.map {
            open.items.push(node);
            return;
        }
        let Some(key) = open.key.take() else {
            open.key = Some(node);
            return;
        };
        let mut value = node;
        if matches!(value.kind, Kind::Empty) {
            value.span = key.span.clone();
        }
        self.entry(key, value);
    }

    /// Keeps an entry, unless its key is refused or stands in the map already.
    fn entry(&mut self, key: Node, value: Node) {
        let Kind::Scalar { text, plain } = &key.kind else {
            if !matches!(key.kind, Kind::Broken) {
                self.sink.error(
                    "wrong-type",
                    &key.span,
                    format!("a key is a word, not {}", key.what()),
                );
            }
            return;
        };
        if text == "<<" && *plain {
            self.refuse(&key.span, "a merge key (<<)");
            return;
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if let Some(first) = open.seen.get(text) {
            let (line, column) = self.sink.place(first);
            let message = format!(
                "the key \"{}\" stands twice; first in line {line}, column {column}",
                short(text)
            );
            self.sink
                .error_help("duplicate-key", &key.span, message, "keep one of them");
            return;
        }
        open.seen.insert(text.clone(), key.span.clone());
        open.entries.push((key, value));
    }

    fn syntax(&self, error: &ScanError) {
        let mark = error.marker();
        let by_chars = || {
            self.sink
                .text
                .char_indices()
                .nth(mark.index())
                .map(|(at, _)| at)
        };
        let at = mark
            .byte_offset()
            .or_else(by_chars)
            .unwrap_or(self.sink.text.len());
        let at = self.sink.text.floor_char_boundary(at);
        let next = self.sink.text[at..]
            .chars()
            .next()
            .filter(|c| *c != '\n')
            .map_or(0, char::len_utf8);
        let span = at..at + next;
        let message = match error.kind() {
            ErrorKind::RecursionLimitExceeded => return self.too_deep(&span),
            _ => format!("not readable as YAML: {}", error.info()),
        };
        match syntax_help(error.kind()) {
            Some(help) => self.sink.error_help("yaml-syntax", &span, message, help),
            None => self.sink.error("yaml-syntax", &span, message),
        }
    }
}

/// What usually lies behind the reader's words.
fn syntax_help(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TabInBlockIndentation => Some("indent with spaces, not with tabs"),
        ErrorKind::MappingValueNotAllowed => Some(
            "is the indentation of this line that of its neighbours? A text with \": \" in it needs quotes",
        ),
        ErrorKind::UnexpectedCharacter { .. } => {
            Some("a text that begins with this character needs quotes")
        }
        ErrorKind::UnclosedFlowCollection { .. } => {
            Some("the bracket that opens here is never closed")
        }
        _ => None,
    }
}

/// A text from the file, short enough for a message.
pub(crate) fn short(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(CHARS_MAX)
        .collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line, and the rules that were broken with their places.
    fn read(text: &str) -> (String, Vec<String>) {
        let sink = Sink::new("f.yaml", text);
        let tree = parse(&sink).map_or_else(String::new, |node| show(&node));
        let place = |p: &crate::definition::Problem| format!("{}:{} {}", p.line, p.column, p.rule);
        (tree, sink.into_problems().iter().map(place).collect())
    }

    fn show(node: &Node) -> String {
        match &node.kind {
            Kind::Scalar { text, plain: true } => text.clone(),
            Kind::Scalar { text, plain: false } => format!("{text:?}"),
            Kind::Empty => "-".into(),
            Kind::Broken => "!".into(),
            Kind::List(items) => format!(
                "[{}]",
                items.iter().map(show).collect::<Vec<_>>().join(", ")
            ),
            Kind::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(k, v)| format!("{}: {}", show(k), show(v)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    #[test]
    fn trees_and_refusals() {
        let cases: [(&str, &str, &[&str]); 20] = [
            (
                "# yaml-language-server: x\na: 02\nb: \"02\"\n",
                "{a: 02, b: \"02\"}",
                &[],
            ),
            ("\u{feff}a: 1\r\nb:\r\n", "{a: 1, b: -}", &[]),
            ("a: {b: [x, y], c}\n", "{a: {b: [x, y], c: -}}", &[]),
            ("%YAML 1.2\n---\na: b\n...\n", "{a: b}", &[]),
            ("", "", &["1:1 yaml-syntax"]),
            ("# nothing\n", "", &["1:1 yaml-syntax"]),
            (
                "a: 1\nb: 2\na: 3\nb: 4\n",
                "{a: 1, b: 2}",
                &["3:1 duplicate-key", "4:1 duplicate-key"],
            ),
            ("a: *x\nb: 1\n", "{a: !, b: 1}", &["1:4 yaml-feature"]),
            (
                "a: &x 1\nb: *x\n",
                "{a: 1, b: !}",
                &["1:4 yaml-feature", "2:4 yaml-feature"],
            ),
            ("<<: {a: 1}\nb: 2\n", "{b: 2}", &["1:1 yaml-feature"]),
            ("a: !x b\n", "{a: b}", &["1:4 yaml-feature"]),
            ("a: 1\n---\nb: 2\n", "", &["2:1 yaml-feature"]),
            ("? {x: y}\n: 1\nb: 2\n", "{b: 2}", &["1:3 wrong-type"]),
            ("a:\n\tb: c\n", "", &["2:2 yaml-syntax"]),
            ("a: b: c\n", "", &["1:5 yaml-syntax"]),
            ("a: [b\n", "", &["1:4 yaml-syntax"]),
            ("a: \u{0}\n", "", &["1:4 yaml-syntax"]),
            ("æ: ø\nå: @\n", "", &["2:4 yaml-syntax"]),
            ("- a\n- b\n", "[a, b]", &[]),
            ("word", "word", &[]),
        ];
        for (text, tree, problems) in cases {
            assert_eq!(
                read(text),
                (
                    tree.to_owned(),
                    problems.iter().map(|p| (*p).to_owned()).collect()
                ),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_would_be_huge_ends_at_once() {
        let deep_block: String =
            (0..2_000).fold(String::new(), |text, n| text + &" ".repeat(n) + "a:\n");
        let explosion = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n";
        for text in [
            "[".repeat(100_000),
            "{a: ".repeat(100_000),
            "- ".repeat(100_000),
            "? ".repeat(100_000),
            deep_block,
            format!("[{}]", "a,".repeat(400_000)),
            "x".repeat(2_000_000),
            explosion.to_owned(),
        ] {
            let (_, problems) = read(&text);
            assert!(!problems.is_empty(), "{:?}", text.get(..20));
        }
    }

    #[test]
    fn a_part_of_a_scalar_has_its_own_place() {
        for (text, expect) in [
            ("a: 2 wex after x", "wex"),
            ("a: \"2 wex after x\"", "wex"),
            ("a: 2\n wex", "2\n wex"),
        ] {
            let sink = Sink::new("f", text);
            let Some(Node {
                kind: Kind::Map(entries),
                ..
            }) = parse(&sink)
            else {
                panic!("a map")
            };
            assert_eq!(&text[entries[0].1.within(text, &(2..5))], expect);
        }
    }
}
