//! Which states have days that are known for certain: where only time leads, from the hold's dates or
//! from where the case is. Beyond a branch nobody knows, and what people decide has no day.

use std::collections::BTreeSet;

use super::known::anchor;
use super::{Sort, What};
use crate::definition::model::{Anchor, Goal, StateId, StatePart, Stay, Then, Workflow};
use crate::engine::frame::{initial, path_to};
use crate::engine::subject::Kind as Of;
use crate::message::{Kind, Supply};

/// States whose first and last day are known.
pub(super) struct Days<'w> {
    workflow: &'w Workflow,
    first: BTreeSet<StateId>,
    last: BTreeSet<StateId>,
}

impl<'w> Days<'w> {
    pub fn of(sort: &Sort<'w>) -> Self {
        let mut days = Days {
            workflow: sort.workflow,
            first: BTreeSet::new(),
            last: BTreeSet::new(),
        };
        for (at, state) in sort.workflow.states.iter().enumerate() {
            if let (true, Some(then)) = (by_date(&state.stay), &state.then) {
                days.follow(StateId(at), then);
            }
        }
        if let Some(home) = sort.home {
            days.first.extend(path_to(sort.workflow, home));
            let message = match sort.what {
                What::Message(message) => anchor(message),
                _ => None,
            };
            // On entering, the case is in the first of what is inside.
            match message {
                Some(Anchor::Entered) => days.on_from(initial(sort.workflow, home)),
                Some(Anchor::State {
                    state,
                    part: StatePart::LastDay | StatePart::Left,
                }) => {
                    days.first.insert(*state);
                    days.last.insert(*state);
                }
                // Where it was led from there, only the case itself knows.
                Some(Anchor::Left) => drop(days.last.insert(home)),
                _ if sort.workflow.states[home.0].children.is_empty() && sort.of == Of::Case => {
                    days.on_from(home);
                }
                _ => {}
            }
        }
        days
    }

    /// First and last day of a state.
    pub fn supply(&self, id: StateId) -> (Supply, Supply) {
        let day = || Supply::new(Kind::Date);
        let state = &self.workflow.states[id.0];
        let tied = matches!(state.stay, Stay::Lasts(_)) && state.then.is_some();
        match (self.first.contains(&id), self.last.contains(&id)) {
            (true, true) => (day(), day()),
            (true, false) => (day(), day().or_empty()),
            (false, _) if tied => (day().or_empty_with("days"), day().or_empty_with("days")),
            (false, _) => (day().or_empty(), day().or_empty()),
        }
    }

    /// Where the `then` of a state leads; what both lie inside was entered before.
    fn follow(&mut self, from: StateId, then: &Then) {
        if let Then::To(Goal::State(goal)) = then {
            let atomic = initial(self.workflow, *goal);
            let is_new = !self.first.contains(&atomic);
            let old = path_to(self.workflow, from);
            let inside = old.iter().take_while(|id| **id != from && *id != goal);
            let new = path_to(self.workflow, atomic);
            if self.waits_for_place(&old, &new) {
                return;
            }
            let stays = inside.zip(&new).take_while(|(old, new)| old == new).count();
            self.first.extend(&new[stays..]);
            if is_new {
                self.on_from(atomic);
            }
        }
    }

    /// Whoever has no place yet may have to wait for one, and nobody knows how long.
    fn waits_for_place(&self, old: &[StateId], new: &[StateId]) -> bool {
        let holds = |path: &[StateId]| {
            let mut states = path.iter().map(|id| &self.workflow.states[id.0]);
            states.any(|state| state.holds_place)
        };
        self.workflow.cohort.places.is_some() && holds(new) && !holds(old)
    }

    /// Goes on from an atomic state, as long as it is one state's time that ends it.
    fn on_from(&mut self, atomic: StateId) {
        let path = path_to(self.workflow, atomic);
        let mut ending = path.iter().enumerate().filter(|(_, id)| self.has_end(**id));
        let (Some((at, id)), None) = (ending.next(), ending.next()) else {
            return;
        };
        self.last.extend(&path[at..]);
        if let Some(then) = &self.workflow.states[id.0].then {
            self.follow(*id, then);
        }
    }

    fn has_end(&self, id: StateId) -> bool {
        let state = &self.workflow.states[id.0];
        let ends = matches!(state.stay, Stay::Lasts(_)) || by_date(&state.stay);
        ends && state.then.is_some()
    }
}

/// Until a date that each hold has, or that is written in the file.
fn by_date(stay: &Stay) -> bool {
    matches!(stay, Stay::Until(point) if matches!(point.anchor, Anchor::HoldDate(_) | Anchor::Date(_)))
}
