//! A candidate goes on at another hold of the same workflow, by a person's choice.

use serde::Serialize;

use super::days::By;
use super::possible::not_taken;
use super::words::{did_you_mean, state_title};
use super::{Agenda, Consequences, Desk, DeskError, Visitor, Wrong};
use crate::definition::model::{Name, State, Workflow};
use crate::engine::input::Input;
use crate::engine::subject::Kind;
use crate::runner::context::Context;

const ONLY_CANDIDATES: &str = "Det kan kun gøres med en kandidat.";

/// Where somebody goes on.
#[derive(Clone, Debug, Serialize)]
pub struct Transferred {
    /// The new case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The hold's title.
    pub hold: String,
    /// The title of the state there.
    pub state: String,
    /// What happens next to them.
    pub next: Agenda,
}

/// Where a candidate can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TransferShown {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The title of the hold they are at.
    pub hold: String,
    /// The title of the state they are in.
    pub state: String,
    /// Their case has ended: it does not go on anywhere.
    pub is_over: bool,
    /// Other holds of the workflow that are not called off, by first day: id and title.
    pub holds: Vec<(String, String)>,
    /// Where one can begin at one of these at least: key and title.
    pub states: Vec<(String, String)>,
}

impl Desk {
    /// Lets a candidate go on at another hold: in a state of that hold's version, or in the one they are in. Facts,
    /// the words of texts and people go along.
    pub async fn transfer(
        &self,
        of: &str,
        to: &str,
        state: Option<&str>,
    ) -> Result<Transferred, DeskError> {
        self.settle().await;
        self.transfer_by(of, to, state, By::command()).await
    }

    /// The same for one who has logged in, if that still brings what was read.
    pub async fn transfer_as(
        &self,
        visitor: &Visitor,
        of: &str,
        to: &str,
        state: Option<&str>,
        hash: &str,
    ) -> Result<Transferred, DeskError> {
        let by = self.looking(visitor, of).await?;
        let Consequences { hash: now, .. } = Box::pin(self.if_transferred(of, to, state)).await?;
        if now != hash {
            return Err(DeskError::MovedOn);
        }
        self.transfer_by(of, to, state, by).await
    }

    /// Where a candidate can go on.
    pub async fn transfer_shown(&self, of: &str) -> Result<TransferShown, DeskError> {
        let case = self.any(of).await?;
        if case.subject.kind != Kind::Case {
            return Err(Wrong::new(ONLY_CANDIDATES).into());
        }
        let own = case.cohort_id();
        let all = self
            .runner()
            .store()
            .holds(Some(&case.row.workflow))
            .await?;
        let (mut holds, mut states) = (Vec::new(), Vec::new());
        for hold in all {
            // A hold has a state when it is called off.
            if Some(hold.id) == own || hold.state.is_some() {
                continue;
            }
            let version = self.runner().version(hold.version_id).await?;
            for state in to_begin_in(&version.workflow) {
                let state = (state.name.to_string(), state.title.clone());
                if !states.contains(&state) {
                    states.push(state);
                }
            }
            holds.push((hold.public_id, hold.title.unwrap_or_default()));
        }
        let person: Vec<i64> = case.row.person_id.into_iter().collect();
        let hold = case.cohort.as_ref();
        let at = case.subject.state.as_deref().unwrap_or_default();
        Ok(TransferShown {
            id: case.row.public_id.clone(),
            name: self.names(&person).await?.pop().unwrap_or_default(),
            hold: hold
                .and_then(|hold| hold.row.subject.title.clone())
                .unwrap_or_default(),
            state: state_title(&case.version.workflow, at),
            is_over: case.subject.ended.is_some(),
            holds,
            states,
        })
    }

    async fn transfer_by(
        &self,
        of: &str,
        to: &str,
        state: Option<&str>,
        by: By,
    ) -> Result<Transferred, DeskError> {
        let (case, hold, input) = self.going_on(of, to, state).await?;
        let expect = by.expect.or(Some(case.row.seq));
        let runner = self.runner();
        let done = runner
            .input_to(case.row.id, expect, &input, &by.actor, None)
            .await;
        done.map_err(|error| not_taken(&case, error))?;
        self.settle().await;
        let there = runner.hold_with_cases(hold.row.id).await?;
        // Row ids grow: the newest is the one that has just begun.
        let theirs = there.iter().filter(|one| is_of(one, &case));
        let newest = theirs.max_by_key(|one| one.row.id);
        let new = newest.ok_or(crate::runner::RunError::Contended(1))?;
        let person: Vec<i64> = new.row.person_id.into_iter().collect();
        let at = new.subject.state.as_deref().unwrap_or_default();
        Ok(Transferred {
            id: new.row.public_id.clone(),
            name: self.names(&person).await?.pop().unwrap_or_default(),
            hold: hold.row.title.clone().unwrap_or_default(),
            state: state_title(&new.version.workflow, at),
            next: self.next(new).await?,
        })
    }

    /// What would come of that.
    pub async fn if_transferred(
        &self,
        of: &str,
        to: &str,
        state: Option<&str>,
    ) -> Result<Consequences, DeskError> {
        self.settle().await;
        let (case, _, input) = self.going_on(of, to, state).await?;
        self.if_input(&case, input).await
    }

    /// The case, the hold at which it is to go on, and what says so.
    async fn going_on(
        &self,
        of: &str,
        to: &str,
        state: Option<&str>,
    ) -> Result<(Context, Context, Input), DeskError> {
        let case = self.any(of).await?;
        let hold = self.cohort(to).await?;
        let state = goal(&case, &hold, state)?;
        let there = self.runner().hold_with_cases(hold.row.id).await?;
        let mut theirs = there.iter().filter(|one| is_of(one, &case));
        if theirs.any(|one| one.subject.ended.is_none()) {
            let title = hold.row.title.clone().unwrap_or_default();
            return Err(Wrong::new(format!("Kandidaten er allerede på {title}.")).into());
        }
        let input = Input::Transfer {
            cohort: hold.row.id,
            state,
        };
        Ok((case, hold, input))
    }
}

fn is_of(one: &Context, case: &Context) -> bool {
    one.subject.kind == Kind::Case && one.row.person_id == case.row.person_id
}

/// Where they begin there.
fn goal(case: &Context, hold: &Context, state: Option<&str>) -> Result<Name, DeskError> {
    let title = hold.row.title.clone().unwrap_or_default();
    let refused = if case.subject.kind != Kind::Case {
        Some(ONLY_CANDIDATES.to_owned())
    } else if case.subject.ended.is_some() {
        Some("Forløbet er slut; der kan ikke ske mere i det.".to_owned())
    } else if case.cohort_id() == Some(hold.row.id) {
        Some(format!("Kandidaten er på {title}."))
    } else if case.row.workflow != hold.row.workflow {
        Some(format!("{title} følger et andet forløb."))
    } else if hold.subject.ended.is_some() {
        Some(format!("{title} er aflyst."))
    } else {
        None
    };
    if let Some(refused) = refused {
        return Err(Wrong::new(refused).into());
    }
    let workflow = &hold.version.workflow;
    let state = state.or(case.subject.state.as_deref()).unwrap_or_default();
    let known = workflow.state_ids.get_key_value(state);
    let open = known.filter(|(_, id)| workflow.states[id.0].outcome.is_none());
    match open {
        Some((name, _)) => Ok(name.clone()),
        None => {
            let names = to_begin_in(workflow).map(|state| &*state.name);
            let help = did_you_mean(state, names).unwrap_or_default();
            let wrong = Wrong::new(format!("{title} har ingen fase »{state}« at begynde i."));
            Err(wrong.help(help).column("--state").into())
        }
    }
}

/// States in which a case can go on.
fn to_begin_in(workflow: &Workflow) -> impl Iterator<Item = &State> {
    let open = workflow.states.iter().filter(|one| one.outcome.is_none());
    open.filter(|one| &*one.name != "candidate")
}
