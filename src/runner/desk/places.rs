//! Who waits for one of a hold's places, and in which order they get one.

use std::collections::{HashMap, HashSet};

use super::{Desk, DeskError};
use crate::definition::model::{Goal, Guard, StateId, Test, Then, Workflow};
use crate::engine::frame::initial;
use crate::runner::context::Context;

impl Desk {
    /// The number of each case that waits for a place of a hold, by row id, counted from 1 over all of them, whoever
    /// asks: first who takes the next one by itself, in the engine's order; then who is on a list from which people
    /// offer places, by when they came on it.
    pub(super) async fn waiting_list(
        &self,
        hold: &Context,
    ) -> Result<HashMap<i64, usize>, DeskError> {
        let (mut line, others) = self.runner().line_of(hold, self.runner().now()).await?;
        let lists = lists(&hold.version.workflow);
        let mut listed: Vec<_> = (others.iter())
            .filter_map(|(id, case)| {
                let state = case.state.as_ref().filter(|_| case.ended.is_none())?;
                let on_list = lists.contains(&**state);
                on_list.then_some((case.visits.get(state)?.at, *id))
            })
            .collect();
        listed.sort_unstable();
        line.extend(listed.into_iter().map(|(_, id)| id));
        Ok(line.into_iter().zip(1..).collect())
    }
}

/// The states that a candidate comes to because no place is free.
fn lists(workflow: &Workflow) -> HashSet<&str> {
    let of_events = workflow.states.iter().flat_map(|state| &state.scope.events);
    let all = of_events.filter_map(|event| event.then.as_ref());
    let all = all.chain(
        workflow
            .states
            .iter()
            .filter_map(|state| state.then.as_ref()),
    );
    let without = all.filter_map(|then| match then {
        Then::Branches {
            branches,
            otherwise: Goal::State(id),
        } => branches
            .iter()
            .any(|(guard, _)| asks_for_places(guard))
            .then_some(*id),
        Then::Branches { .. } | Then::To(_) => None,
    });
    let name = |id: StateId| &*workflow.states[initial(workflow, id).0].name;
    without.map(name).collect()
}

fn asks_for_places(guard: &Guard) -> bool {
    guard.0.iter().any(|test| match test {
        Test::FreePlaces(_) => true,
        Test::Any(guards) => guards.iter().any(asks_for_places),
        Test::Fact(..) | Test::Age(_) => false,
    })
}
