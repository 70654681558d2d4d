//! A scenario of a workflow file: played by its own steps and nothing else.

use std::sync::Arc;

use crate::cli::Failure;
use crate::definition::model::Workflow;
use crate::runner::cast::Cast;
use crate::runner::desk::cast_of;
use crate::runner::desk::{Files, nearest};

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
