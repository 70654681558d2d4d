//! Places in a text, as editors count them (lines, and UTF-16 code units in a line) and as the
//! reader does (bytes).

use std::ops::Range as Bytes;

use super::protocol::{Position, Range};

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Looks at a text once.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// The byte at a place; behind the end of a line or text is its end, and within a letter of two
    /// code units is its start.
    #[must_use]
    pub fn byte(&self, text: &str, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(start) = self.starts.get(line) else {
            return text.len();
        };
        let mut units = 0;
        let wanted = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (at, letter) in text[*start..].char_indices() {
            units += letter.len_utf16();
            if units > wanted || letter == '\n' || text[start + at..].starts_with("\r\n") {
                return start + at;
            }
        }
        text.len()
    }

    /// The place of a byte.
    #[must_use]
    pub fn position(&self, text: &str, byte: usize) -> Position {
        let byte = text.floor_char_boundary(byte);
        let line = self.starts.partition_point(|start| *start <= byte).max(1) - 1;
        let before = &text[self.starts[line]..byte];
        let units = before.chars().map(char::len_utf16).sum::<usize>();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: u32::try_from(units).unwrap_or(u32::MAX),
        }
    }

    /// The places of some bytes.
    #[must_use]
    pub fn range(&self, text: &str, bytes: &Bytes<usize>) -> Range {
        Range {
            start: self.position(text, bytes.start),
            end: self.position(text, bytes.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_places_are_each_others_opposite() {
        let text = "æøå: x\r\n😀 b\n\nsidste";
        let lines = Lines::of(text);
        for (byte, line, character) in [
            (0, 0, 0),
            (2, 0, 1),
            (6, 0, 3),
            (9, 0, 6),
            // The smiley is four bytes and two code units.
            (11, 1, 0),
            (15, 1, 2),
            (17, 1, 4),
            (18, 2, 0),
            (19, 3, 0),
            (25, 3, 6),
        ] {
            let position = Position { line, character };
            assert_eq!(lines.position(text, byte), position, "{byte}");
            assert_eq!(lines.byte(text, position), byte, "{position:?}");
        }
    }

    #[test]
    fn what_lies_outside_is_brought_inside() {
        let text = "æ😀\r\nb";
        let lines = Lines::of(text);
        let at = |line, character| lines.byte(text, Position { line, character });
        // In the middle of the smiley, behind the line, behind the text.
        assert_eq!((at(0, 2), at(0, 99), at(1, 99), at(9, 0)), (2, 6, 9, 9));
        assert_eq!(lines.position(text, 4), lines.position(text, 2));
    }
}
