//! Named days on a scale: a word at the top, each on a line of its own, and a line down from it.

use super::glyphs::SMALL;
use super::svg::{Page, Tag};

/// Height of a named day's own line.
const ROW: i32 = 18;

/// Writes the names between two edges, from this height down. Gives the height below them all, and
/// where the line of each day begins.
pub(super) fn write(
    page: &mut Page,
    days: &[(i32, String)],
    (left, right): (i32, i32),
    top: i32,
) -> (i32, Vec<(i32, i32)>) {
    let mut y = top;
    let mut lines = Vec::new();
    for (x, name) in days {
        lines.push((*x, y + 2));
        // To the right of its day where there is room, else to the left, else as far left as needed.
        let width = SMALL.width(name);
        let from = if x + 5 + width <= right {
            x + 5
        } else {
            x - 5 - width
        };
        let from = from.max(left);
        for (number, line) in (0..).zip(SMALL.wrap(name, right - from)) {
            page.text(SMALL, "", (from, y + 13 + number * ROW), &line);
        }
        let count = SMALL.wrap(name, right - from).len();
        y += ROW * i32::try_from(count.max(1)).unwrap_or(1);
    }
    (y, lines)
}

/// Draws the lines of the days down to this height.
pub(super) fn draw(page: &mut Page, lines: &[(i32, i32)], bottom: i32) {
    for (x, top) in lines {
        page.put(Tag::path("flag", format!("M{x} {top}V{bottom}")));
    }
}
