//! The hold as a picture: weeks across, phases as bars, meetings and mails as marks.

use std::collections::BTreeMap;

use crate::cli::grid::Grid;
use crate::runner::simulate::{Phase, Report};

/// More kinds of meetings than this share a line.
const MEETINGS_MAX: usize = 4;

/// The weeks of a hold's whole life.
fn grid(report: &Report) -> Option<Grid> {
    let first = report.phases.first()?.first.min(report.begins.date());
    let mails = report.mails.iter().map(|mail| mail.at.date());
    let meetings = report.meetings.iter().map(|met| met.at.date());
    let ends = report
        .phases
        .iter()
        .map(|phase| phase.last.unwrap_or(phase.first));
    Grid::between(first, mails.chain(meetings).chain(ends).max()?)
}

/// The picture; nothing when there are no phases.
pub(super) fn text(report: &Report) -> String {
    let Some(grid) = grid(report) else {
        return String::new();
    };
    let mut out = String::from("\n");
    out.push_str(&grid.header());
    report
        .phases
        .iter()
        .for_each(|phase| out.push_str(&bar(&grid, phase)));
    out.push_str(&meetings(&grid, report));
    out.push_str(&mails(&grid, report));
    out.push_str("\n█ fase  ◆ slut  ● møde holdt\n");
    out
}

fn bar(grid: &Grid, phase: &Phase) -> String {
    let first = grid.column(phase.first);
    let last = phase.last.map(|last| grid.end_column(last).max(first + 1));
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
        return Grid::words(
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
