//! What somebody asks for, read; and what names a plan.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Diff, MoveAsked, MovePlan, Verdicts};
use crate::definition::model::{Name, Workflow};
use crate::runner::change::{Brings, Move};
use crate::runner::context::Context;
use crate::runner::desk::cohort::read_some_dates;
use crate::runner::desk::{DeskError, Wrong};

/// Everything that was read, in one: a plan in which anything is otherwise is another.
pub(super) fn hash_of(diff: &Diff, to: &Move, brings: &Brings) -> Result<String, DeskError> {
    let mut hash = Sha256::new();
    let said = serde_json::to_vec(&(&diff.from, &diff.to, &to.states, &to.dates, &diff.changes))?;
    hash.update(said);
    hash.update(brings.hash()?);
    let hash = hash.finalize();
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
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
