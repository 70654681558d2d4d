//! Who comes when a place is given back: whoever waits for one, in the order in which they came to the hold,
//! and then whoever wants one at that moment.

use jiff::Timestamp;

use super::advance::Advance;
use super::context::Context;
use super::{RunError, Runner};
use crate::definition::model::{StateId, Workflow};
use crate::engine::event::{Event, Fate};
use crate::engine::frame::{Frame, View, path_to};
use crate::engine::guard::{FREE_PLACES, of_hold};
use crate::engine::plan;
use crate::engine::subject::Subject;

impl Runner {
    /// Whether a case would begin to wait for a place that somebody is about to give back. Whoever has
    /// a place and is due no later goes first: otherwise it would depend on the batch, or on which of
    /// several processes is quicker, whether the case waits, and from which day its next state counts.
    pub(super) async fn comes_too_soon(
        &self,
        context: &Context,
        advance: &Advance,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        let (Some(at), Some(hold)) = (begins_to_wait(advance), &context.cohort) else {
            return Ok(false);
        };
        let places = context.version.workflow.cohort.places;
        let may_come = self.store().place_may_come(
            (hold.row.subject.id, places.map_or(i64::MAX, i64::from)),
            context.row.id,
            at.as_microsecond(),
            now.as_microsecond(),
        );
        Ok(may_come.await?)
    }

    /// Whether a case would take a place for which somebody before it waits, who has not yet heard
    /// that there is one. Who cannot be advanced keeps nobody back.
    pub(super) async fn passes_somebody(
        &self,
        context: &Context,
        advance: &Advance,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        let workflow = &context.version.workflow;
        let mut events = advance.events.iter();
        let takes = events.any(|(_, event, _)| *event == Event::PlaceTaken);
        let (true, Some(_), Some(hold)) = (takes, workflow.cohort.places, &context.cohort) else {
            return Ok(false);
        };
        let view = View {
            free_places: Some(1),
            ..context.view()
        };
        let waits = |case: &Subject| plan::stands_in_line(&Frame::new(&view, case), now);
        let before = if waits(&context.subject) {
            context.row.id
        } else {
            i64::MAX
        };
        let hold = hold.row.subject.id;
        let others = self.store().cases_before(hold, before, placeless(workflow));
        let mut others = others.await?.into_iter();
        Ok(others.any(|(id, snapshot)| {
            let case = serde_json::from_str::<Subject>(&snapshot);
            id != context.row.id && case.is_ok_and(|case| waits(&case))
        }))
    }
}

/// States in which a case may wait for a place: none that holds one, nor one that is final.
fn placeless(workflow: &Workflow) -> Vec<String> {
    let holds_none = |id: StateId| {
        let mut path = path_to(workflow, id).into_iter();
        path.all(|id| !workflow.states[id.0].holds_place)
    };
    let states = workflow.states.iter().enumerate();
    states
        .filter(|(at, state)| {
            state.children.is_empty() && state.outcome.is_none() && holds_none(StateId(*at))
        })
        .map(|(_, state)| state.name.to_string())
        .collect()
}

/// When a step begins to wait for a place of the hold, if it does.
fn begins_to_wait(advance: &Advance) -> Option<Timestamp> {
    let for_place = |event: &Event| match event {
        Event::Decided(decision) => matches!(&decision.fate, Fate::Waiting(facts)
            if facts.contains(&of_hold(FREE_PLACES))),
        _ => false,
    };
    let mut events = advance.events.iter();
    events
        .find(|(_, event, _)| for_place(event))
        .map(|(at, ..)| *at)
}
