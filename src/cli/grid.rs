//! Weeks across a terminal of 80 columns, with room for a title before each line.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use unicode_width::UnicodeWidthStr;

use super::text::{COLUMNS, cut};
use crate::calendar::{month_da, week_of};

/// Room for titles.
const TITLE: usize = 24;
/// Room for weeks.
const ROOM: usize = COLUMNS - TITLE;
/// Columns of a week, at most.
const WEEK_MAX: usize = 4;

/// Where days stand: so many columns for so many weeks from a Monday on.
#[derive(Debug)]
pub(super) struct Grid {
    monday: Date,
    weeks: usize,
    /// Columns of a stretch of weeks.
    pub columns: usize,
    /// Weeks in a stretch: 1, unless there are more weeks than there is room for.
    stretch: usize,
}

impl Grid {
    /// A grid from the week of one day to that of another.
    pub fn between(first: Date, last: Date) -> Option<Self> {
        let mut monday = first;
        while monday.weekday() != Weekday::Monday {
            monday = monday.yesterday().ok()?;
        }
        let weeks = usize::try_from(days(monday, last) / 7 + 1).ok()?;
        let stretch = weeks.div_ceil(ROOM);
        let columns = if stretch > 1 {
            1
        } else {
            (ROOM / weeks).clamp(1, WEEK_MAX)
        };
        Some(Self {
            monday,
            weeks,
            columns,
            stretch,
        })
    }

    fn width(&self) -> usize {
        self.weeks.div_ceil(self.stretch) * self.columns
    }

    /// The column a day begins in.
    pub fn column(&self, day: Date) -> usize {
        let days = usize::try_from(days(self.monday, day).max(0)).unwrap_or(0);
        (days * self.columns / (7 * self.stretch)).min(self.width().saturating_sub(1))
    }

    /// The column after the last one that a day reaches into.
    pub fn end_column(&self, day: Date) -> usize {
        let next = days(self.monday, day).max(-1) + 1;
        let columns = usize::try_from(next).unwrap_or(0) * self.columns;
        columns.div_ceil(7 * self.stretch)
    }

    /// A title and a mark for each column.
    pub fn line(&self, title: &str, marks: impl Fn(usize) -> char) -> String {
        let cells: String = (0..self.width()).map(marks).collect();
        Self::titled(title, &cells)
    }

    /// A line with words that begin at their columns; one that would run into the last is left out.
    pub fn words(title: &str, words: impl IntoIterator<Item = (usize, String)>) -> String {
        let mut cells: Vec<char> = Vec::new();
        for (column, word) in words {
            let touches = !cells.is_empty() && column < cells.len() + 1;
            if !touches && column + word.width() <= ROOM {
                cells.resize(column, ' ');
                cells.extend(word.chars());
            }
        }
        Self::titled(title, &cells.iter().collect::<String>())
    }

    fn titled(title: &str, cells: &str) -> String {
        let title = cut(title, TITLE - 2);
        let blanks = " ".repeat(TITLE.saturating_sub(title.width()));
        format!("{}\n", format!("{title}{blanks}{cells}").trim_end())
    }

    fn mondays(&self) -> impl Iterator<Item = Date> + '_ {
        self.monday.series(Span::new().weeks(1)).take(self.weeks)
    }

    /// Years, months and numbers of weeks.
    pub fn header(&self) -> String {
        // A week belongs to the month its Thursday is in, as it does to its year.
        let thursday = |monday: Date| monday.saturating_add(3.days());
        let (mut years, mut months) = (Vec::new(), Vec::new());
        let mut last = (0, 0);
        for monday in self.mondays() {
            let (year, month) = (thursday(monday).year(), thursday(monday).month());
            if last.0 != year {
                years.push((self.column(monday), year.to_string()));
            }
            if last != (year, month) {
                let name = if self.columns > 2 {
                    month_da(month)
                } else {
                    month_da(month).get(..3).unwrap_or_default()
                };
                months.push((self.column(monday), name.to_owned()));
            }
            last = (year, month);
        }
        let weeks = self
            .mondays()
            .map(|monday| (self.column(monday), week_of(monday).1.to_string()));
        [
            Self::words("", years),
            Self::words("", months),
            Self::words("Uge", weeks),
        ]
        .concat()
    }
}

fn days(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_length_of_a_hold_fits() {
        let first = date(2026, 1, 7);
        for weeks in [1, 7, 12, 14, 15, 28, 29, 56, 57, 100, 400] {
            let last = first.saturating_add(weeks.weeks());
            let grid = Grid::between(first, last).expect("a grid");
            let lines = [grid.header(), grid.line(&"Å".repeat(60), |_| '█')].concat();
            assert!(
                lines.lines().all(|line| line.width() <= COLUMNS),
                "{weeks} weeks\n{lines}"
            );
            assert!(
                grid.column(last) < grid.end_column(last).max(1) && grid.end_column(last) <= ROOM
            );
        }
    }
}
