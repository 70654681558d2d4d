//! What a part has to say.

use serde_json::Value as Json;

use super::super::Answer;
use super::super::text::wrap;
use super::table::{self, Line};

/// The figures of a part.
#[derive(Debug)]
pub(super) struct Told {
    /// What was measured on.
    pub title: String,
    /// For people.
    pub lines: Vec<Line>,
    /// What they must know to read them; may be empty.
    pub note: String,
    /// For programs.
    pub json: Json,
}

impl Told {
    /// As a command answers.
    pub fn answer(self) -> Answer {
        let mut text = table::text(&self.title, &self.lines);
        if !self.note.is_empty() {
            text.push('\n');
            text.push_str(&wrap("  ", &self.note));
        }
        Answer::new(text, &self.json)
    }
}
