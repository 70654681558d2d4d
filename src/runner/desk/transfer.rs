//! A candidate goes on at another hold of the same workflow, by a person's choice.

use serde::Serialize;

use super::possible::not_taken;
use super::words::{did_you_mean, state_title};
use super::{Agenda, Consequences, Desk, DeskError, Wrong};
use crate::definition::model::Name;
use crate::engine::input::Input;
use crate::engine::subject::Kind;
use crate::runner::context::Context;
use crate::runner::operator;

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
        let (case, hold, input) = self.going_on(of, to, state).await?;
        let expect = Some(case.row.seq);
        let runner = self.runner();
        let done = runner
            .input_to(case.row.id, expect, &input, &operator("cli"), None)
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
        Some("Det kan kun gøres med en kandidat.".to_owned())
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
            let open = workflow.states.iter().filter(|one| one.outcome.is_none());
            let names = open
                .map(|one| &*one.name)
                .filter(|name| *name != "candidate");
            let help = did_you_mean(state, names).unwrap_or_default();
            let wrong = Wrong::new(format!("{title} har ingen fase »{state}« at begynde i."));
            Err(wrong.help(help).column("--state").into())
        }
    }
}
