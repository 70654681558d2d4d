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
use crate::engine::input::{Actor, Input};
use crate::engine::subject::Subject;
use crate::engine::{plan, step};

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

    /// Whether a case would take a place that somebody before it is to have: who waits and has not yet
    /// heard that there is one, or wants one from an earlier moment on, or from the same and came to the
    /// hold before. Who cannot be advanced keeps nobody back.
    pub(super) async fn passes_somebody(
        &self,
        context: &Context,
        advance: &Advance,
        now: Timestamp,
    ) -> Result<bool, RunError> {
        let workflow = &context.version.workflow;
        let mut events = advance.events.iter();
        let taken = events.find(|(_, event, _)| *event == Event::PlaceTaken);
        let (Some((at, ..)), Some(_), Some(hold)) =
            (taken, workflow.cohort.places, &context.cohort)
        else {
            return Ok(false);
        };
        let view = View {
            free_places: Some(1),
            ..context.view()
        };
        let waits = |case: &Subject| plan::stands_in_line(&Frame::new(&view, case), now);
        let own = context.row.id;
        let waited = waits(&context.subject);
        let before = if waited { own } else { i64::MAX };
        let hold = hold.row.subject.id;
        let others = self.store().cases_before(hold, before, placeless(workflow));
        Ok(others.await?.into_iter().any(|(id, snapshot)| {
            let is_before = |case: &Subject| {
                let wants =
                    || wants_from(&view, case, now).is_some_and(|from| (from, id) < (*at, own));
                waits(case) || !waited && wants()
            };
            id != own && serde_json::from_str(&snapshot).is_ok_and(|case| is_before(&case))
        }))
    }
}

/// From which moment on a case wants a place, if what is due leads to one that is free.
fn wants_from(view: &View<'_>, case: &Subject, now: Timestamp) -> Option<Timestamp> {
    plan::first(&Frame::new(view, case)).filter(|first| first.at <= now)?;
    let clock = Actor {
        role: None,
        from: "clock".into(),
    };
    let ahead = step(view, case, &Input::Tick, &clock, now).ok()?;
    let mut events = ahead.events.into_iter();
    let (at, _) = events.find(|(_, event)| *event == Event::PlaceTaken)?;
    Some(at)
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
