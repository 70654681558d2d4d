//! What somebody asks for, read; and what names a plan.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Diff, MoveAsked, MovePlan, Verdicts};
use crate::definition::model::{Name, State, Workflow};
use crate::engine::renamed::Renamed;
use crate::engine::subject::Kind;
use crate::runner::change::{Brings, Move};
use crate::runner::context::Context;
use crate::runner::desk::cohort::read_some_dates;
use crate::runner::desk::{DateAsked, DeskError, Wrong, words, workflows};

/// Everything that was read, in one: a plan in which anything is otherwise is another.
pub(super) fn hash_of(diff: &Diff, to: &Move, brings: &Brings) -> Result<String, DeskError> {
    let mut hash = Sha256::new();
    let said = serde_json::to_vec(&(&diff.from, &diff.to, &to.states, &to.dates, &diff.changes))?;
    hash.update(said);
    hash.update(brings.hash()?);
    let hash = hash.finalize();
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a move has to know before it can be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MoveNeeds {
    /// States that cases are in and the new version has not: key and title.
    pub states: Vec<(String, String)>,
    /// Where their cases may go: key and title.
    pub goals: Vec<(String, String)>,
    /// Dates that the hold has not had.
    pub dates: Vec<DateAsked>,
}

pub(super) fn needs(all: &[Context], new: &Workflow) -> MoveNeeds {
    let mut gone: BTreeMap<Name, String> = BTreeMap::new();
    let mut dates = workflows::asked(new);
    for one in all {
        let (old, subject) = (&one.version.workflow, &one.subject);
        if subject.kind == Kind::Cohort {
            dates.retain(|date| !subject.dates.contains_key(date.name.as_str()));
        }
        let renamed = Renamed::of(old, new);
        let state = subject.state.as_ref().filter(|_| subject.ended.is_none());
        if let Some(state) = state.filter(|state| !new.state_ids.contains_key(renamed.state(state)))
        {
            gone.insert(state.clone(), words::state_title(old, state));
        }
    }
    let goes_on = |state: &&State| state.children.is_empty() && state.outcome.is_none();
    let goals = new.states.iter().filter(goes_on);
    MoveNeeds {
        goals: goals
            .map(|state| (state.name.to_string(), state.title.clone()))
            .collect(),
        states: (gone.into_iter())
            .map(|(state, title)| (state.to_string(), title))
            .collect(),
        dates,
    }
}

pub(super) fn cannot(plan: &MovePlan) -> Wrong {
    let Verdicts {
        blocked,
        cannot_end,
        ..
    } = plan.brings.counts;
    let wrong = Wrong::new(format!(
        "Holdet kan ikke skifte: {} kan ikke følge med.",
        match blocked + cannot_end {
            1 => "én sag".to_owned(),
            many => format!("{many} sager"),
        }
    ));
    wrong.help("Planen siger ved hver af dem, hvorfor, og hvad der skal til.")
}

pub(super) fn read(
    hold: &Context,
    new: &Workflow,
    to: i64,
    asked: &MoveAsked,
) -> Result<Move, DeskError> {
    let mut wrongs = Vec::new();
    let old = &hold.version.workflow;
    let mut states: BTreeMap<Name, Name> = BTreeMap::new();
    for (from, goal) in &asked.states {
        let known = old.state_ids.get_key_value(from.as_str());
        let goes = new.state_ids.get_key_value(goal.as_str());
        match (known, goes) {
            (Some((from, _)), Some((goal, _))) => {
                states.insert(from.clone(), goal.clone());
            }
            (None, _) => wrongs.push(
                Wrong::new(format!("Holdets version har ingen fase »{from}«.")).column("--map"),
            ),
            (_, None) => wrongs.push(
                Wrong::new(format!("Den nye version har ingen fase »{goal}«.")).column("--map"),
            ),
        }
    }
    let dates = read_some_dates(new, &asked.dates, &mut wrongs);
    if wrongs.is_empty() {
        Ok(Move { to, states, dates })
    } else {
        Err(DeskError::Wrong(wrongs))
    }
}
