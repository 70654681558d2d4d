//! How the demo looks while it runs: a band of phases for each hold with today's mark, who is
//! where, and the last mails.

use jiff::civil::Date;
use std::fmt::Write as _;

use super::watch::Standing;
use crate::calendar::{date_da, week_of};
use crate::cli::capital;
use crate::cli::grid::Grid;
use crate::cli::text::{COLUMNS, cut};
use crate::runner::simulate::{Phase, Report};
use crate::store::Status;

/// One shade for a phase and another for the next.
const SHADES: [char; 2] = ['▒', '█'];

/// What stands still: the weeks, and each hold's phases as simulated beforehand.
#[derive(Debug)]
pub(super) struct View {
    grid: Option<Grid>,
    bands: Vec<Vec<Phase>>,
    /// Mails that a simulation of each hold sends.
    expected: usize,
}

impl View {
    pub fn of(reports: &[Report]) -> Self {
        let firsts = reports.iter().map(|report| report.begins.date());
        let mails = reports
            .iter()
            .flat_map(|report| report.mails.iter().map(|mail| mail.at.date()));
        let grid = firsts
            .min()
            .zip(mails.max())
            .and_then(|(first, last)| Grid::between(first, last));
        let bands = reports.iter().map(|report| report.phases.clone()).collect();
        let expected = reports.iter().map(|report| report.mails.len()).sum();
        Self {
            grid,
            bands,
            expected,
        }
    }

    /// The whole view; every line fits.
    pub fn text(&self, standing: &Standing) -> String {
        let mut out = format!("{}\n\n", day(standing.now.date()));
        if let Some(grid) = &self.grid {
            let today = grid.column(standing.now.date());
            out.push_str(&grid.header());
            out.push_str(&grid.line("", |column| if column == today { '▼' } else { ' ' }));
            for (hold, phases) in standing.holds.iter().zip(&self.bands) {
                out.push_str(&grid.line(&hold.title, |column| shade(grid, phases, column)));
                let states: Vec<String> = hold
                    .states
                    .iter()
                    .map(|(state, count)| format!("{state} {count}"))
                    .collect();
                let states = if states.is_empty() {
                    "ingen kandidater endnu".to_owned()
                } else {
                    states.join(", ")
                };
                let _ = writeln!(out, "  {}", cut(&states, COLUMNS - 2));
            }
        }
        let _ = write!(out, "\n{}\n", self.mails(standing));
        for (at, mail) in &standing.last {
            let line = format!(
                "  {}  {}",
                at.strftime("%e.%-m. %H.%M"),
                mail.subject_line.as_deref().unwrap_or_default()
            );
            let _ = writeln!(out, "{}", cut(&line, COLUMNS));
        }
        out
    }

    fn mails(&self, standing: &Standing) -> String {
        let count = |status: Status| standing.mails.get(&status).copied().unwrap_or(0);
        let waiting = count(Status::Queued) + count(Status::Retry) + count(Status::Sending);
        format!(
            "Mails: {} sendt af omkring {}, {waiting} på vej",
            count(Status::Sent),
            self.expected
        )
    }

    /// One line for a week, where there is no terminal.
    pub fn line(standing: &Standing) -> String {
        let hold = |hold: &super::watch::HoldStanding| {
            let states: Vec<String> = hold
                .states
                .iter()
                .map(|(state, count)| format!("{state} {count}"))
                .collect();
            format!(
                "{}: {}",
                hold.title,
                if states.is_empty() {
                    "-".to_owned()
                } else {
                    states.join(", ")
                }
            )
        };
        let holds: Vec<String> = standing.holds.iter().map(hold).collect();
        let sent = standing.mails.get(&Status::Sent).copied().unwrap_or(0);
        format!(
            "{}. {}. {sent} mails sendt.",
            day(standing.now.date()),
            holds.join(". ")
        )
    }
}

fn day(date: Date) -> String {
    format!("{}, uge {}", capital(&date_da(date)), week_of(date).1)
}

fn shade(grid: &Grid, phases: &[Phase], column: usize) -> char {
    let begins = |phase: &Phase| grid.column(phase.first);
    let at = phases.iter().rposition(|phase| begins(phase) <= column);
    match at.map(|at| (at, &phases[at])) {
        Some((_, phase)) if phase.is_final && column == begins(phase) => '◆',
        Some((at, phase)) if !phase.is_final => SHADES[at % SHADES.len()],
        _ => ' ',
    }
}
