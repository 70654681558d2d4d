//! Named days on a scale: a word at the top, each on a line of its own, and a line down from it.

use super::glyphs::SMALL;
use super::svg::{Page, Spot, Tag};

/// Height of a line of words.
const ROW: i32 = 18;

/// Named days, placed.
pub(super) struct Flags {
    /// Where each word stands.
    words: Vec<(Spot, String)>,
    /// Where the line of each day begins.
    lines: Vec<Spot>,
    /// The height below all words.
    pub bottom: i32,
}

impl Flags {
    /// Places the names of days between two edges, from this height down.
    pub fn place(days: &[(i32, String)], (left, right): (i32, i32), top: i32) -> Self {
        let mut flags = Self {
            words: Vec::new(),
            lines: Vec::new(),
            bottom: top,
        };
        for (x, name) in days {
            flags.lines.push((*x, flags.bottom + 2));
            // Right of its day where there is room, else left of it, else as far left as it must.
            let width = SMALL.width(name);
            let after = x + 5;
            let from = if after + width <= right {
                after
            } else {
                x - 5 - width
            };
            let from = from.max(left);
            for line in SMALL.wrap(name, right - from) {
                flags.words.push(((from, flags.bottom + 13), line));
                flags.bottom += ROW;
            }
        }
        flags
    }

    /// Draws the lines down to this height, and the words on top: where a word must cross another
    /// day's line, the line gives way.
    pub fn draw(&self, page: &mut Page, bottom: i32) {
        for (x, top) in &self.lines {
            page.put(Tag::path("flag", format!("M{x} {top}V{bottom}")));
        }
        for (at, text) in &self.words {
            page.text(SMALL, "halo", *at, text);
        }
    }
}
