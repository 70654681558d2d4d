//! Whether a case can still come to an end from where it stands. The checker has proved it for every case that came the
//! file's own way; one that was moved to another version came another.

use std::collections::BTreeSet;

use super::hindrance::Hindrance;
use crate::definition::machine::{self, Transition};
use crate::definition::model::{
    Anchor, Event, Goal, Part, StateId, Stay, ThingPart, Trigger, Workflow,
};
use crate::engine::frame::{Frame, View, initial, path_to};
use crate::engine::plan;
use crate::engine::subject::{Mark, Subject};

/// From every state that the case may come to something leads on, and the end is among them.
pub(super) fn can_end(view: &View<'_>, subject: &Subject) -> Result<(), Hindrance> {
    let frame = Frame::new(view, subject);
    let Some(here) = frame.atomic().filter(|_| subject.is_open_case()) else {
        return Ok(());
    };
    let ahead = Ahead::of(frame.workflow(), here);
    let stuck = |id: &&StateId| !ahead.leads_on(&frame, **id, **id == here);
    let found = ahead.atomic.iter().find(stuck).copied();
    let found = found.or_else(|| (!ahead.ends).then_some(here));
    match found {
        None => Ok(()),
        Some(id) => Err(Hindrance::CannotEnd {
            state: frame.state(id).name.to_string(),
            why: if ahead.ends {
                "nothing leads on from there that can still happen".to_owned()
            } else {
                "no way leads to an end".to_owned()
            },
        }),
    }
}

/// What a case may come to, whatever people do.
struct Ahead {
    ways: Vec<Transition>,
    /// Where it can be, the present state with them; none that are final.
    atomic: BTreeSet<StateId>,
    /// All of these and what is around them.
    all: BTreeSet<StateId>,
    /// It can come to an end, or go on to another hold.
    ends: bool,
}

impl Ahead {
    fn of(workflow: &Workflow, here: StateId) -> Self {
        let mut ahead = Self {
            ways: machine::transitions(workflow),
            atomic: BTreeSet::new(),
            all: BTreeSet::new(),
            ends: false,
        };
        let mut todo = vec![here];
        while let Some(id) = todo.pop() {
            if workflow.states[id.0].outcome.is_some() {
                ahead.ends = true;
                continue;
            }
            if !ahead.atomic.insert(id) {
                continue;
            }
            let path = path_to(workflow, id);
            ahead.all.extend(&path);
            for way in ahead.ways.iter().filter(|way| path.contains(&way.from)) {
                match &way.goal {
                    Goal::State(goal) => todo.push(initial(workflow, *goal)),
                    Goal::NextCohort(_) => ahead.ends = true,
                }
            }
        }
        ahead
    }

    fn leads_on(&self, frame: &Frame<'_>, id: StateId, is_here: bool) -> bool {
        path_to(frame.workflow(), id).iter().any(|around| {
            let state = frame.state(*around);
            let is_open = is_here || frame.path().contains(around);
            let mut events = state.scope.events.iter();
            let by_event = events
                .any(|event| event.then.is_some() && can_happen(frame, *around, event, is_open));
            by_event || (state.then.is_some() && self.day_can_come(frame, *around, is_open))
        })
    }

    /// Whether the day that a state lasts until is known, or can become known.
    fn day_can_come(&self, frame: &Frame<'_>, id: StateId, is_open: bool) -> bool {
        match &frame.state(id).stay {
            Stay::Open => false,
            Stay::Lasts(_) => true,
            Stay::Until(_) if is_open && frame.own_end(id).is_some() => true,
            Stay::Until(point) => match &point.anchor {
                // Where it has been the day is known, and where it may come it becomes known.
                Anchor::State { state, .. } => {
                    self.all.contains(state)
                        || (frame.subject.visits).contains_key(&frame.state(*state).name)
                }
                Anchor::Left | Anchor::Ended => false,
                _ => true,
            },
        }
    }
}

/// Whether what a state reacts to can still happen.
fn can_happen(frame: &Frame<'_>, id: StateId, event: &Event, is_open: bool) -> bool {
    let Trigger::Thing(thing) = &event.trigger else {
        return true;
    };
    if !is_open {
        return true;
    }
    if thing.cohort {
        return can_happen_on_hold(frame, thing);
    }
    let scope = &frame.state(id).name;
    match thing.part {
        Part::Done | Part::Overdue => task_can(frame, scope, thing),
        Part::Held | Part::NoShow | Part::Cancelled => true,
    }
}

/// A task that is open, or has yet to open. One that was passed over never does.
fn task_can(frame: &Frame<'_>, scope: &str, thing: &ThingPart) -> bool {
    let log = frame.subject.tasks.get(&thing.name);
    if log.is_some_and(|log| !log.open.is_empty()) {
        return true;
    }
    // It may be declared around the state that reacts to it.
    let declaration = format!("task.{}", thing.name);
    let path = frame.path();
    let mut scopes = path.iter().map(|id| &frame.state(*id).name);
    let decided = scopes.find_map(|scope| frame.subject.mark(scope, &declaration));
    let decided = decided.or_else(|| frame.subject.mark(scope, &declaration));
    let waits = frame.subject.mark(scope, &plan::reaction(thing));
    matches!(waits, Some(Mark::Waiting { .. }))
        || !matches!(decided, Some(Mark::Decided(_) | Mark::Missed { .. }))
}

/// What happens on a hold but once, and has happened, does not happen again.
fn can_happen_on_hold(frame: &Frame<'_>, thing: &ThingPart) -> bool {
    let scope = &frame.workflow().cohort.scope;
    let mut tasks = scope.tasks.iter();
    let is_single = tasks.any(|task| task.name == thing.name && task.every.is_none());
    let has_been = frame.happened_to_all(thing).is_some();
    !(is_single && has_been && thing.part == Part::Done)
        || frame.subject.marks.values().any(|marks| {
            matches!(
                marks.get(&plan::reaction(thing)),
                Some(Mark::Waiting { .. })
            )
        })
}
