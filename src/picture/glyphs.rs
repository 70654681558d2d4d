//! How wide text is, so that nothing overflows although no font is at hand.
//!
//! The widths are those of Helvetica, Arial and Liberation Sans, which are metrically the same. A
//! reader with another font still sees text of this width: `svg` writes the length beside each line.

/// A size and weight of the one typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Face {
    /// The class in the style sheet.
    pub class: &'static str,
    /// Pixels from line to line are [`Face::line`]; this is the size of the letters.
    pub size: i32,
    /// Whether it is bold.
    pub bold: bool,
}

/// The picture's own title.
pub(super) const TITLE: Face = Face {
    class: "title",
    size: 20,
    bold: true,
};
/// A heading inside the picture.
pub(super) const HEADING: Face = Face {
    class: "heading",
    size: 15,
    bold: true,
};
/// The name of a thing.
pub(super) const NAME: Face = Face {
    class: "name",
    size: 14,
    bold: true,
};
/// What is said about it.
pub(super) const SMALL: Face = Face {
    class: "small",
    size: 12,
    bold: false,
};

impl Face {
    /// Pixels from one baseline to the next.
    pub fn line(self) -> i32 {
        self.size + 4
    }

    /// The width of a text in pixels, rounded up.
    pub fn width(self, text: &str) -> i32 {
        let widths = if self.bold { &BOLD } else { &REGULAR };
        let milli: i32 = text
            .chars()
            .map(|letter| advance(widths, letter))
            .fold(0, i32::saturating_add);
        milli.saturating_mul(self.size).saturating_add(999) / 1000
    }

    /// Breaks a text into lines no wider than this: at blanks, and inside a word that is too long.
    pub fn wrap(self, text: &str, width: i32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if self.width(&longer) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = self.broken(word, width, &mut lines);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Full lines of a long word go to `lines`; what is left is the beginning of the next line.
    fn broken(self, word: &str, width: i32, lines: &mut Vec<String>) -> String {
        let mut part = String::new();
        for letter in word.chars() {
            part.push(letter);
            if self.width(&format!("{part}-")) > width && part.chars().count() > 1 {
                part.pop();
                lines.push(format!("{part}-"));
                part = letter.to_string();
            }
        }
        part
    }
}

/// Thousandths of the size that a letter takes; what the table does not know is as wide as it is high.
fn advance(widths: &Widths, letter: char) -> i32 {
    let of = |table: &[i16], first: u32| {
        let at = u32::from(letter).checked_sub(first)?;
        table.get(usize::try_from(at).ok()?).copied()
    };
    let known = of(&widths.ascii, 0x20).or_else(|| of(&widths.latin, 0xa0));
    known.map_or_else(|| beyond(letter), i32::from)
}

fn beyond(letter: char) -> i32 {
    match letter {
        '–' | '‘' | '’' => 556,
        '−' => 584,
        _ => 1000,
    }
}

struct Widths {
    /// From the blank to the tilde.
    ascii: [i16; 95],
    /// From the no-break space to ÿ.
    latin: [i16; 96],
}

const REGULAR: Widths = Widths {
    ascii: [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
        556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722,
        722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
        667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
        556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
        500, 334, 260, 334, 584,
    ],
    latin: [
        278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549,
        333, 333, 333, 576, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667, 667, 667, 667,
        667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778,
        778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500,
        556, 556, 556, 556, 278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 549, 611, 556,
        556, 556, 556, 500, 556, 500,
    ],
};

const BOLD: Widths = Widths {
    ascii: [
        278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
        556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722,
        722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722,
        667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611,
        611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556,
        500, 389, 280, 389, 584,
    ],
    latin: [
        278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 552, 400, 549,
        333, 333, 333, 576, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722, 722, 722,
        722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778,
        778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 556,
        556, 556, 556, 556, 278, 278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 549, 611, 611,
        611, 611, 611, 556, 611, 556,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_typeface() {
        for (text, regular, bold) in [
            ("", 0, 0),
            ("i", 3, 4),
            ("Skoleforløb", 61, 67),
            ("Æblegrød på Ærø", 97, 101),
            ("漢字", 24, 24),
        ] {
            let face = Face {
                bold: true,
                ..SMALL
            };
            assert_eq!(
                (SMALL.width(text), face.width(text)),
                (regular, bold),
                "{text}"
            );
        }
    }

    #[test]
    fn text_is_broken_to_fit_and_nothing_is_lost() {
        let text = "Gennemført, sagde nej til aftale om Donaudampfschifffahrtsgesellschaft og gik";
        for width in [40, 80, 120, 400] {
            let lines = NAME.wrap(text, width);
            assert!(
                lines.iter().all(|line| NAME.width(line) <= width),
                "{lines:?}"
            );
            let joined: String = lines.concat().replace(['-', ' '], "");
            assert_eq!(joined, text.replace(' ', ""));
        }
        assert!(NAME.wrap("  ", 80).is_empty());
    }
}
