//! What is wrong with a workflow's text, and with its mails.

use std::path::Path;

use serde::Serialize;

use super::{Desk, DeskError, Source};
use crate::definition::{self, Problem};
use crate::runner::RunError;
use crate::runner::rehearsal::Stage;

/// Where templates lie, as problems name them.
const TEMPLATES: &str = "email-templates";

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What `tovholder check` says, in the order of the text; what lies in a template alone comes last.
    pub problems: Vec<Problem>,
    /// How many of them are errors.
    pub errors: usize,
    /// What only this place can know. Danish.
    pub note: Option<String>,
    /// The text's own name, which its problems have.
    pub file: String,
}

impl Checked {
    /// Whether it can be published.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.errors == 0 && self.note.is_none()
    }
}

impl Desk {
    /// What is wrong with the text of a workflow.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn check_workflow(&self, id: &str, yaml: &str) -> Result<Checked, DeskError> {
        let source = self.source(id).await?;
        checked(source, id, yaml).await
    }
}

/// Checks beside what else is answered: it takes as long as all mails take to be tried.
pub(super) async fn checked(source: Source, id: &str, yaml: &str) -> Result<Checked, DeskError> {
    let (id, yaml) = (id.to_owned(), yaml.to_owned());
    let checked = tokio::task::spawn_blocking(move || check(source, &id, &yaml)).await;
    checked.map_err(|error| RunError::Inconsistent(format!("a check ended: {error}")).into())
}

fn check(source: Source, id: &str, yaml: &str) -> Checked {
    let file = source.file;
    let read = definition::read(&file, yaml);
    let mut stage = Stage::new(Path::new(TEMPLATES), source.templates);
    let mut problems = read.problems.clone();
    problems.extend(stage.with_workflow(&file, yaml, &read));
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    problems.extend(stage.problems());
    problems.dedup();
    let note = (read.workflow.is_some() && read.called(id).is_none()).then(|| {
        format!("Teksten hedder ikke længere »{id}«. Skriv navnet tilbage under »workflow:«, eller opret en ny fil.")
    });
    Checked {
        errors: problems.iter().filter(|one| one.is_error()).count(),
        problems,
        note,
        file,
    }
}
