//! Who comes when a place is given back at the same moment.

use jiff::Timestamp;

use super::advance::Advance;
use super::context::Context;
use super::{RunError, Runner};
use crate::engine::event::{Event, Fate};
use crate::engine::guard::{FREE_PLACES, of_hold};

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
