//! `--assume FILE`: from the file's lines to what is said about the cast.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::Path;

use crate::cli::Failure;
use crate::definition::assume::{self, Assume, Given as Told, Instead};
use crate::definition::model::{FactRef, Workflow};
use crate::definition::report;
use crate::engine::input::{Given, Input, TaskAct};
use crate::runner::People;
use crate::runner::assumed::ToldWhat;
use crate::runner::cast::{Player, Said, Saying};

/// Reads the file; all its problems at once.
pub(super) fn read(
    path: &Path,
    workflow: &Workflow,
    players: &[Player],
) -> Result<Vec<Said>, Failure> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            format!("{shown} kan ikke læses: {error}."),
            "Angiv en fil med --assume.",
        )
    })?;
    let names: Vec<&str> = players.iter().map(|player| player.name.as_str()).collect();
    let lines = assume::read(&shown, &text, workflow, &names).map_err(|problems| {
        let color = std::io::stderr().is_terminal();
        Failure::of_problems(&problems, report(&problems, &|_| Some(text.clone()), color))
    })?;
    Ok(lines.into_iter().map(|line| said(workflow, line)).collect())
}

fn said(workflow: &Workflow, line: Assume) -> Said {
    let instant = |at| Some(workflow.calendar.instant(at));
    let (at, what) = match line.what {
        Instead::Absent(meeting) => (None, ToldWhat::Absent(meeting)),
        Instead::Late(name, workdays) => (None, ToldWhat::Late(name, workdays)),
        Instead::Never(name) => (None, ToldWhat::Never(name)),
        Instead::Event(at, event, set) => {
            let input = Input::Fire {
                event,
                set: given(set),
                override_reason: None,
                another: true,
            };
            (instant(at), ToldWhat::Input(input))
        }
        Instead::Done(at, task, set) => {
            let input = Input::Task {
                task,
                act: TaskAct::Done,
                set: given(set),
                assign: People::new(),
            };
            (instant(at), ToldWhat::Input(input))
        }
        Instead::Book(at, meeting, on) => (
            instant(at),
            ToldWhat::Input(Input::Book {
                meeting,
                start: on,
                place: None,
            }),
        ),
    };
    Said {
        whom: line.candidate.map_or(Saying::Hold, Saying::Player),
        at,
        what,
        step: None,
    }
}

fn given(set: Told) -> BTreeMap<FactRef, Given> {
    set.into_iter()
        .map(|(fact, (value, text))| (fact, Given { value, text }))
        .collect()
}
