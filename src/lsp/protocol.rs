//! The shapes of the wire that the server speaks (Language Server Protocol 3.17).
//!
//! A dozen structs rather than a crate of them: generated types for the whole protocol take longer
//! to compile than the rest of the server, and a recorded session of a real client tests these.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A place in a text: lines from 0, and UTF-16 code units from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The code unit within the line.
    pub character: u32,
}

/// From a place up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first place.
    pub start: Position,
    /// The place behind the last.
    pub end: Position,
}

/// Names a document.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its address.
    pub uri: String,
    /// How often it was changed, where the client says so.
    #[serde(default)]
    pub version: Option<i32>,
}

/// `textDocument/didOpen`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// The document.
    pub text_document: Item,
}

/// A document with its text.
#[derive(Debug, Deserialize)]
pub struct Item {
    /// Its address.
    pub uri: String,
    /// How often it was changed.
    pub version: i32,
    /// What it says.
    pub text: String,
}

/// `textDocument/didChange`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The document.
    pub text_document: Named,
    /// The changes, one after the other.
    pub content_changes: Vec<Change>,
}

/// One change.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// What is replaced; the whole document when it is left out.
    #[serde(default)]
    pub range: Option<Range>,
    /// By what.
    pub text: String,
}

/// `textDocument/didClose`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    /// The document.
    pub text_document: Named,
}

/// A question about a place of a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The document.
    pub text_document: Named,
    /// The place.
    pub position: Position,
}

/// `textDocument/rename`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Renaming {
    /// Where the name stands.
    #[serde(flatten)]
    pub place: Place,
    /// The name it is to have.
    pub new_name: String,
}

/// `textDocument/publishDiagnostics`.
#[derive(Debug, Serialize)]
pub struct Published {
    /// The document.
    pub uri: String,
    /// The version that was read.
    pub version: i32,
    /// What is wrong in it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A problem as an editor shows it.
#[derive(Debug, Serialize)]
pub struct Diagnostic {
    /// The words it is about.
    pub range: Range,
    /// 1 is an error, 2 a warning.
    pub severity: u8,
    /// The rule.
    pub code: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// What the list shows.
    pub label: String,
    /// Which picture stands beside it.
    pub kind: u8,
    /// A few words behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<Markdown>,
    /// The order among the proposals.
    pub sort_text: String,
    /// What is written when it is taken.
    pub text_edit: Edit,
}

/// Text with simple marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Markdown {
    kind: &'static str,
    /// The text.
    pub value: String,
}

impl Markdown {
    /// As the protocol wants it said.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            kind: "markdown",
            value: value.into(),
        }
    }
}

/// A part of a document is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// What.
    pub range: Range,
    /// By what.
    pub new_text: String,
}

/// What is shown over a place.
#[derive(Debug, Serialize)]
pub struct Hover {
    /// The words.
    pub contents: Markdown,
    /// What they are about.
    pub range: Range,
}

/// A part of a document.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The document.
    pub uri: String,
    /// The part.
    pub range: Range,
}

/// What can be renamed here.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Renamable {
    /// Where the name stands.
    pub range: Range,
    /// The name.
    pub placeholder: String,
}

/// Edits of documents.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Edits {
    /// By document.
    pub changes: BTreeMap<String, Vec<Edit>>,
}
