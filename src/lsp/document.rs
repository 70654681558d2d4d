//! A file as the editor has it now, and what was last understood of it.

use std::path::PathBuf;

use super::position::Lines;
use super::protocol::Change;
use crate::definition::model::Workflow;
use crate::definition::symbols::Symbols;
use crate::definition::{self, Read};

/// How many lines at most are left out to see what the rest of a broken file says.
const REPAIRS_MAX: usize = 3;

/// An open file.
#[derive(Debug)]
pub struct Document {
    /// Its address, as the editor writes it.
    pub uri: String,
    /// How often it was changed, as the editor counts.
    pub version: i32,
    /// What it says now.
    pub text: String,
    /// Where its lines begin.
    pub lines: Lines,
    /// What the text means now; a text that is no YAML means nothing.
    pub read: Read,
    /// The names of the latest text that had any, and its workflow: for proposals, which are wanted
    /// when the text is broken. Their places may be those of an older text.
    pub known: Known,
}

/// What was last understood.
#[derive(Debug, Default)]
pub struct Known {
    /// The names.
    pub symbols: Symbols,
    /// The workflow, faulty parts left out.
    pub workflow: Option<Workflow>,
}

impl Document {
    /// A file is opened.
    #[must_use]
    pub fn open(uri: String, version: i32, text: String) -> Self {
        let (lines, read) = (Lines::of(&text), definition::read(&uri, &text));
        let mut document = Self {
            uri,
            version,
            text,
            lines,
            read,
            known: Known::default(),
        };
        document.learn();
        document
    }

    /// It is changed.
    pub fn change(&mut self, version: Option<i32>, changes: Vec<Change>) {
        for change in changes {
            match change.range {
                Some(range) => {
                    let start = self.lines.byte(&self.text, range.start);
                    let end = self.lines.byte(&self.text, range.end).max(start);
                    self.text.replace_range(start..end, &change.text);
                }
                None => self.text = change.text,
            }
            self.lines = Lines::of(&self.text);
        }
        self.version = version.unwrap_or(self.version + 1);
        self.read = definition::read(&self.uri, &self.text);
        self.learn();
    }

    /// The workflow that the text means, faulty parts left out.
    #[must_use]
    pub fn workflow(&self) -> Option<&Workflow> {
        self.read.workflow.as_ref().or(self.read.draft.as_ref())
    }

    /// Where the file lies, if it does.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        let url = url::Url::parse(&self.uri).ok()?;
        url.to_file_path().ok()
    }

    /// The language of its templates.
    #[must_use]
    pub fn language(&self) -> &str {
        let known = self.known.workflow.as_ref();
        known.map_or("da", |workflow| workflow.language.as_str())
    }

    fn learn(&mut self) {
        if let Some(known) = understood(&self.read) {
            self.known = known;
        } else if self.known.symbols.all.is_empty() {
            self.known = repaired(&self.text).unwrap_or_default();
        }
    }
}

fn understood(read: &Read) -> Option<Known> {
    let symbols = read.symbols.clone();
    let workflow = read.workflow.clone().or_else(|| read.draft.clone());
    (!symbols.all.is_empty()).then_some(Known { symbols, workflow })
}

/// What a text says without the lines that make it unreadable: a file may be broken when it is
/// opened. A bracket that is not closed is noticed in the line below it.
fn repaired(text: &str) -> Option<Known> {
    let mut lines: Vec<&str> = text.lines().collect();
    for _ in 0..REPAIRS_MAX {
        let read = definition::read("", &lines.join("\n"));
        if let Some(known) = understood(&read) {
            return Some(known);
        }
        let broken = read
            .problems
            .first()?
            .line
            .min(lines.len())
            .checked_sub(1)?;
        for without in [broken, broken.saturating_sub(1)] {
            let line = std::mem::take(&mut lines[without]);
            let read = definition::read("", &lines.join("\n"));
            if let Some(known) = understood(&read) {
                return Some(known);
            }
            lines[without] = line;
        }
        lines[broken] = "";
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::protocol::{Position, Range};
    use super::*;

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
        let position = |(line, character)| Position { line, character };
        let range = Some(Range {
            start: position(start),
            end: position(end),
        });
        Change {
            range,
            text: text.to_owned(),
        }
    }

    #[test]
    fn changes_are_counted_in_utf16() {
        let text = "title: \"æ😀ø\"\nb: c\n".to_owned();
        let mut document = Document::open("file:///x.yaml".into(), 1, text);
        document.change(
            Some(2),
            vec![
                change((0, 11), (0, 12), "å"),
                change((1, 3), (2, 0), ""),
                change((0, 8), (0, 9), ""),
            ],
        );
        assert_eq!(document.text, "title: \"😀å\"\nb: ");
        document.change(
            None,
            vec![Change {
                range: None,
                text: "a".into(),
            }],
        );
        assert_eq!((document.text.as_str(), document.version), ("a", 3));
    }

    #[test]
    fn names_stay_known_while_the_text_is_broken() {
        const BASE: &str = include_str!("../../tests/fixtures/workflows/base.yaml");
        let broken = BASE.replace("cohort.start, then: course}", "cohort.start, then: c");
        let opened = Document::open("file:///x.yaml".into(), 1, broken);
        let is_known = |document: &Document, name: &str| {
            let names = &document.known.symbols.all;
            names.iter().any(|symbol| symbol.name == name)
        };
        assert!(opened.read.symbols.all.is_empty());
        assert!(is_known(&opened, "accept"), "a broken file is opened");
        let mut document = Document::open("file:///x.yaml".into(), 1, BASE.to_owned());
        document.change(None, vec![change((0, 0), (0, 0), "{")]);
        assert!(document.read.symbols.all.is_empty());
        assert!(is_known(&document, "accept"), "an open file is broken");
    }
}
