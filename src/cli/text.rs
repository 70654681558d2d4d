//! Text for a terminal of 80 columns: tables that line up, lines that break at blanks.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width that output keeps to.
pub(super) const COLUMNS: usize = 80;
/// A column is not cut to less.
const CELL_COLUMNS_MIN: usize = 10;
/// Between two columns.
const GAP: &str = "  ";

/// A table without lines, its columns as wide as they need to be.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns that are never cut: ids that are to be typed.
    whole: Vec<usize>,
    right: Vec<usize>,
}

impl Table {
    /// A table with a line of titles.
    pub fn titled(titles: &[&str]) -> Self {
        Self {
            rows: vec![titles.iter().map(|title| (*title).to_owned()).collect()],
            ..Self::default()
        }
    }

    /// A table without titles.
    pub fn plain() -> Self {
        Self::default()
    }

    /// Never cuts a column.
    pub fn whole(mut self, column: usize) -> Self {
        self.whole.push(column);
        self
    }

    /// Sets a column to the right, as numbers are.
    pub fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| visible(&cell)).collect());
    }

    /// The table as text, each line indented by so many blanks.
    pub fn text(&self, indent: usize) -> String {
        let widths = self.widths(COLUMNS.saturating_sub(indent));
        let mut out = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (at, cell) in row.iter().enumerate() {
                let width = widths[at];
                let cell = cut(cell, width);
                let blanks = " ".repeat(width.saturating_sub(cell.width()));
                if at > 0 {
                    line.push_str(GAP);
                }
                let (before, after) = if self.right.contains(&at) {
                    (&*blanks, "")
                } else {
                    ("", &*blanks)
                };
                line.push_str(before);
                line.push_str(&cell);
                line.push_str(after);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The widest column gives way first, until all fit.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |at: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.width())
                .max()
        };
        let mut widths: Vec<usize> = (0..count).map(|at| widest(at).unwrap_or(0)).collect();
        let room = columns.saturating_sub(GAP.len() * count.saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            let gives =
                (0..count).filter(|at| !self.whole.contains(at) && widths[*at] > CELL_COLUMNS_MIN);
            let Some(at) = gives.max_by_key(|at| widths[*at]) else {
                break;
            };
            widths[at] -= 1;
        }
        widths
    }
}

/// Cuts a cell to a width, with an ellipsis.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 1);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// What people wrote must not steer the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text of several lines, as it is but for what would steer the terminal.
pub(super) fn visible_lines(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect()
}

/// Breaks at blanks to 80 columns; the first line begins after `first`, the others after blanks.
pub(super) fn wrap(first: &str, text: &str) -> String {
    let indent = " ".repeat(first.width());
    let mut lines = vec![first.to_owned()];
    let mut has_words = false;
    for word in visible(text).split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if has_words && line.width() + 1 + word.width() > COLUMNS {
            lines.push(format!("{indent}{word}"));
            continue;
        }
        if has_words {
            line.push(' ');
        }
        line.push_str(word);
        has_words = true;
    }
    lines.join("\n") + "\n"
}

/// "Anna, Bo og 12 til".
pub(super) fn some_names(names: &[&str]) -> String {
    const NAMED_MAX: usize = 3;
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        names if names.len() <= NAMED_MAX => {
            let (last, before) = names.split_last().unwrap_or((&"", &[]));
            format!("{} og {last}", before.join(", "))
        }
        names => format!(
            "{} og {} til",
            names[..NAMED_MAX - 1].join(", "),
            names.len() - (NAMED_MAX - 1)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_also_with_wide_letters_and_fit() {
        let mut table = Table::titled(&["Id", "Navn", "Antal"]).whole(0).right(2);
        table.row(["0193".into(), "Ærø".into(), "7".into()]);
        table.row(["0194".into(), "漢字".into(), "12".into()]);
        assert_eq!(
            table.text(0),
            "Id    Navn  Antal\n0193  Ærø       7\n0194  漢字     12\n"
        );
        table.row(["0195".into(), "ø".repeat(200), "12".into()]);
        assert!(
            table.text(2).lines().all(|line| line.width() <= COLUMNS),
            "{}",
            table.text(2)
        );
        assert!(table.text(2).contains('…'));
    }

    #[test]
    fn text_breaks_at_blanks_and_hangs_under_its_first_word() {
        let shown = wrap("  ! ", &"ord ".repeat(40));
        assert!(shown.lines().all(|line| line.width() <= COLUMNS));
        assert!(
            shown
                .lines()
                .skip(1)
                .all(|line| line.starts_with("    ord"))
        );
    }

    #[test]
    fn names_are_listed_until_there_are_many() {
        for (names, expect) in [
            (&["Bo"][..], "Bo"),
            (&["Bo", "Ida"], "Bo og Ida"),
            (&["Bo", "Ida", "Åse"], "Bo, Ida og Åse"),
            (&["Bo", "Ida", "Åse", "Eva"], "Bo, Ida og 2 til"),
        ] {
            assert_eq!(some_names(names), expect);
        }
    }
}
