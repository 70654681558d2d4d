//! Scenarios of a workflow file: played by their own steps and nothing else.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::cast_of;
use crate::cli::text::{Table, wrap};
use crate::cli::{Answer, Failure};
use crate::definition::model::Workflow;
use crate::runner::cast::Cast;
use crate::runner::desk::{Files, nearest};
use crate::runner::simulate::{Entry, Simulation};

/// How a scenario went.
#[derive(Debug, Serialize)]
struct Played {
    scenario: String,
    title: String,
    /// What was expected and did not come true, and what could not be done.
    unmet: Vec<Entry>,
}

/// The cast of one scenario.
pub(super) fn cast(files: &Files, workflow: &Arc<Workflow>, name: &str) -> Result<Cast, Failure> {
    let Some(scenario) = workflow
        .scenarios
        .iter()
        .find(|scenario| *scenario.name == *name)
    else {
        let known: Vec<&str> = workflow
            .scenarios
            .iter()
            .map(|scenario| &*scenario.name)
            .collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("Mente du »{near}«?"),
            None if known.is_empty() => "Filen har ingen scenarier.".to_owned(),
            None => format!("Filen har {}.", known.join(", ")),
        };
        return Err(Failure::new(
            format!("Der er intet scenarie »{name}«."),
            help,
        ));
    };
    let mut cast = cast_of(files, workflow);
    cast.follow(scenario);
    Ok(cast)
}

/// Plays all of them, and says which are met.
pub(super) async fn all(files: &Files, workflow: &Arc<Workflow>) -> Result<Answer, Failure> {
    let mut all = Vec::new();
    for scenario in &workflow.scenarios {
        let cast = cast(files, workflow, &scenario.name)?;
        let mut simulation = Simulation::begin(&cast, crate::cli::settings()).await?;
        if let Some(last) = scenario.steps.last() {
            simulation.stop_after(last.at.date());
        }
        simulation.play(|_| {}).await?;
        let report = simulation.report().await?;
        let unmet = report.unmet().chain(&report.stuck).cloned().collect();
        all.push(Played {
            scenario: scenario.name.to_string(),
            title: scenario.title.clone(),
            unmet,
        });
    }
    let has_problems = all.iter().any(|played| !played.unmet.is_empty());
    Ok(Answer {
        has_problems,
        ..Answer::new(text(workflow, &all), &all)
    })
}

fn text(workflow: &Workflow, all: &[Played]) -> String {
    let mut out = wrap("", &workflow.title) + "\n";
    if all.is_empty() {
        out.push_str("Filen har ingen scenarier.\n");
        return out;
    }
    let mut table = Table::plain().whole(1);
    for played in all {
        let word = if played.unmet.is_empty() {
            "opfyldt"
        } else {
            "IKKE OPFYLDT"
        };
        table.row([
            word.to_owned(),
            played.scenario.clone(),
            played.title.clone(),
        ]);
    }
    out.push_str(&table.text(2));
    for played in all.iter().filter(|played| !played.unmet.is_empty()) {
        let _ = write!(out, "\n{}\n", played.scenario);
        for entry in &played.unmet {
            let at = entry.at.strftime("%-d.%-m.%Y kl. %-H.%M");
            out.push_str(&wrap("  ", &format!("{at}: {}", entry.what)));
        }
    }
    out
}
