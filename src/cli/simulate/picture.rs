//! The hold as a picture: weeks across, phases as bars, meetings and mails as marks.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use unicode_width::UnicodeWidthStr;

use crate::calendar::{month_da, week_of};
use crate::cli::text::{COLUMNS, cut};
use crate::runner::simulate::{Phase, Report};

/// Room for titles.
const TITLE: usize = 24;
/// Room for weeks.
const ROOM: usize = COLUMNS - TITLE;
/// Columns of a week, at most.
const WEEK_MAX: usize = 4;
/// More kinds of meetings than this share a line.
const MEETINGS_MAX: usize = 4;

/// Where days stand: so many columns for so many weeks from a Monday on.
struct Grid {
    monday: Date,
    weeks: usize,
    /// Columns of a stretch of weeks.
    columns: usize,
    /// Weeks in a stretch: 1, unless the hold is longer than there is room for.
    stretch: usize,
}

impl Grid {
    fn of(report: &Report) -> Option<Self> {
        let mut first = report.phases.first()?.first.min(report.begins.date());
        let marks = report
            .mails
            .iter()
            .map(|mail| mail.at.date())
            .chain(report.meetings.iter().map(|met| met.at.date()));
        let ends = report
            .phases
            .iter()
            .map(|phase| phase.last.unwrap_or(phase.first));
        let last = marks.chain(ends).max()?;
        while first.weekday() != Weekday::Monday {
            first = first.yesterday().ok()?;
        }
        let weeks = usize::try_from(days(first, last) / 7 + 1).ok()?;
        let stretch = weeks.div_ceil(ROOM);
        let columns = if stretch > 1 {
            1
        } else {
            (ROOM / weeks).clamp(1, WEEK_MAX)
        };
        Some(Self {
            monday: first,
            weeks,
            columns,
            stretch,
        })
    }

    fn width(&self) -> usize {
        self.weeks.div_ceil(self.stretch) * self.columns
    }

    /// The column a day begins in.
    fn column(&self, day: Date) -> usize {
        let days = usize::try_from(days(self.monday, day).max(0)).unwrap_or(0);
        (days * self.columns / (7 * self.stretch)).min(self.width().saturating_sub(1))
    }

    fn line(&self, title: &str, marks: impl Fn(usize) -> char) -> String {
        let title = cut(title, TITLE - 2);
        let blanks = " ".repeat(TITLE.saturating_sub(title.width()));
        let cells: String = (0..self.width()).map(marks).collect();
        format!("{}\n", format!("{title}{blanks}{cells}").trim_end())
    }

    /// A line with words that begin at their columns; one that would run into the last is left out.
    fn words(&self, title: &str, words: impl IntoIterator<Item = (usize, String)>) -> String {
        let mut cells: Vec<char> = Vec::new();
        for (column, word) in words {
            let touches = !cells.is_empty() && column < cells.len() + 1;
            if !touches && column + word.width() <= ROOM {
                cells.resize(column, ' ');
                cells.extend(word.chars());
            }
        }
        cells.resize(self.width().max(cells.len()), ' ');
        let cells: String = cells.iter().collect();
        let title = cut(title, TITLE - 2);
        format!("{}\n", format!("{title:<TITLE$}{cells}").trim_end())
    }

    fn mondays(&self) -> impl Iterator<Item = Date> + '_ {
        self.monday.series(Span::new().weeks(1)).take(self.weeks)
    }
}

fn days(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

/// The picture; nothing when there are no phases.
pub(super) fn text(report: &Report) -> String {
    let Some(grid) = Grid::of(report) else {
        return String::new();
    };
    let mut out = String::from("\n");
    out.push_str(&header(&grid));
    report
        .phases
        .iter()
        .for_each(|phase| out.push_str(&bar(&grid, phase)));
    out.push_str(&meetings(&grid, report));
    out.push_str(&mails(&grid, report));
    out.push_str("\n█ fase  ◆ slut  ● møde holdt\n");
    out
}

fn header(grid: &Grid) -> String {
    // A week belongs to the month its Thursday is in, as it does to its year.
    let thursday = |monday: Date| monday.saturating_add(3.days());
    let (mut years, mut months) = (Vec::new(), Vec::new());
    let mut last = (0, 0);
    for monday in grid.mondays() {
        let (year, month) = (thursday(monday).year(), thursday(monday).month());
        if last.0 != year {
            years.push((grid.column(monday), year.to_string()));
        }
        if last != (year, month) {
            let name = if grid.columns > 2 {
                month_da(month)
            } else {
                month_da(month).get(..3).unwrap_or_default()
            };
            months.push((grid.column(monday), name.to_owned()));
        }
        last = (year, month);
    }
    let weeks = grid
        .mondays()
        .map(|monday| (grid.column(monday), week_of(monday).1.to_string()));
    [
        grid.words("", years),
        grid.words("", months),
        grid.words("Uge", weeks),
    ]
    .concat()
}

fn bar(grid: &Grid, phase: &Phase) -> String {
    let first = grid.column(phase.first);
    let last = phase.last.map(|last| {
        let next = last.tomorrow().unwrap_or(last);
        let end = days(grid.monday, next).max(0);
        let end = usize::try_from(end).unwrap_or(0) * grid.columns;
        end.div_ceil(7 * grid.stretch).max(first + 1)
    });
    grid.line(&phase.title, |column| match last {
        Some(last) if (first..last).contains(&column) => '█',
        None if column == first => '◆',
        _ => ' ',
    })
}

fn meetings(grid: &Grid, report: &Report) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for met in &report.meetings {
        if !titles.contains(&&*met.title) {
            titles.push(&met.title);
        }
    }
    let line = |title: &str, wanted: &dyn Fn(&str) -> bool| {
        let held: Vec<usize> = report
            .meetings
            .iter()
            .filter(|met| wanted(&met.title))
            .map(|met| grid.column(met.at.date()))
            .collect();
        grid.line(
            title,
            |column| if held.contains(&column) { '●' } else { ' ' },
        )
    };
    if titles.len() > MEETINGS_MAX {
        return line("Møder", &|_| true);
    }
    titles
        .iter()
        .map(|title| line(title, &|held| held == *title))
        .collect()
}

/// How many mails leave in each week: numbers where there is room, else bars of eight heights.
fn mails(grid: &Grid, report: &Report) -> String {
    if report.mails.is_empty() {
        return String::new();
    }
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for mail in &report.mails {
        let column = grid.column(mail.at.date());
        *counts.entry(column - column % grid.columns).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(1).max(1);
    if grid.columns > most.to_string().len() {
        return grid.words(
            "Mails",
            counts
                .into_iter()
                .map(|(column, count)| (column, count.to_string())),
        );
    }
    let heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let title = format!("Mails (højst {most})");
    grid.line(&title, |column| {
        match counts.get(&(column - column % grid.columns)) {
            Some(count) if column % grid.columns == 0 => {
                heights[(count * heights.len()).div_ceil(most).clamp(1, 8) - 1]
            }
            _ => ' ',
        }
    })
}
