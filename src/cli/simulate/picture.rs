//! The hold as a picture: weeks across, phases as bars, meetings and mails as marks; for the terminal,
//! or as SVG in a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::grid::Grid;
use crate::cli::text::wrap;
use crate::definition::model::Workflow;
use crate::picture::season::{self, Days, Season};
use crate::runner::simulate::{Phase, Report};

/// More kinds of meetings than this share a line.
const MEETINGS_MAX: usize = 4;

/// Writes the picture into a file, and says so.
pub(super) fn write(path: &Path, workflow: &Workflow, report: &Report) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let Some(picture) = season::svg(workflow, report) else {
        return Ok(format!(
            "\n{}",
            wrap(
                "",
                &format!("Der er intet at tegne i {shown}: der sker ingenting.")
            )
        ));
    };
    fs::write(path, picture).map_err(|error| {
        Failure::new(
            format!("Der kan ikke skrives i {shown}: {error}."),
            "Angiv en anden fil med --svg.",
        )
    })?;
    let told = format!("Kalenderen er tegnet i {shown}. Åbn den i en browser.");
    Ok(format!("\n{}", wrap("", &told)))
}

/// The picture for the terminal; nothing when there are no phases.
pub(super) fn text(report: &Report) -> String {
    let season = Season::of(report).filter(|season| !season.phases.is_empty());
    let Some((season, grid)) = season.and_then(|season| {
        let grid = Grid::between(season.first, season.last)?;
        Some((season, grid))
    }) else {
        return String::new();
    };
    let mut out = String::from("\n");
    out.push_str(&grid.header());
    for phase in season.phases {
        out.push_str(&bar(&grid, phase));
    }
    for (title, days) in season.meetings_within(MEETINGS_MAX, "Møder") {
        let held: Vec<usize> = days.keys().map(|day| grid.column(*day)).collect();
        out.push_str(&grid.line(title, |at| if held.contains(&at) { '●' } else { ' ' }));
    }
    out.push_str(&mails(&grid, &season.all_mails()));
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

/// How many mails leave in each week: numbers where there is room, else bars of eight heights.
fn mails(grid: &Grid, mails: &Days) -> String {
    if mails.is_empty() {
        return String::new();
    }
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (day, count) in mails {
        let column = grid.column(*day);
        *counts.entry(column - column % grid.columns).or_default() += count;
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
