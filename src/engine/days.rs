//! On which days a case will be in which state, as far as time alone decides.
//!
//! A state reached only by time after `until: cohort.X` has days that are known before anyone
//! enters, so the hold may use them (LANGUAGE §3, "known early").

use std::collections::HashMap;

use jiff::civil::Date;

use super::frame::{Frame, Open, initial, path_to};
use super::plan::THEN;
use super::subject::{Kind, Mark};
use crate::definition::model::{Anchor, Goal, Point, Scope, StateId, StatePart, Stay, Then};

/// The days of one visit of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The day it counts from.
    pub base: Date,
    /// It ends as this day begins; `None` when only an event ends it.
    pub end: Option<Date>,
    /// The visit it belongs to.
    pub visit: u32,
}

/// From where the case is now: the states it is in, and those it comes to by time.
pub fn ahead(frame: &Frame<'_>) -> HashMap<StateId, Stretch> {
    let mut walk = Walk {
        frame,
        found: HashMap::new(),
    };
    if let Some(atomic) = frame.atomic() {
        for id in frame.path() {
            if let Some(visit) = frame.subject.visits.get(&frame.state(id).name) {
                walk.found.insert(
                    id,
                    Stretch {
                        base: visit.day,
                        end: None,
                        visit: visit.n,
                    },
                );
            }
        }
        if frame.subject.ended.is_none() {
            walk.on_from(atomic);
        }
    }
    walk.found
}

/// From the hold's dates: every state that begins when an `until: cohort.DATE` is over, and what follows by time.
pub fn early(frame: &Frame<'_>) -> HashMap<StateId, Stretch> {
    let mut walk = Walk {
        frame,
        found: HashMap::new(),
    };
    let nowhere = Scope::default();
    for state in &frame.workflow().states {
        let Stay::Until(point) = &state.stay else {
            continue;
        };
        if !matches!(point.anchor, Anchor::HoldDate(_) | Anchor::Date(_)) {
            continue;
        }
        let open = elsewhere(&nowhere, frame);
        if let (Some(day), Some(then)) = (frame.until_day(point, &open), &state.then) {
            for goal in goals(then) {
                walk.enter(goal, day);
            }
        }
    }
    walk.found
}

struct Walk<'f, 'a> {
    frame: &'f Frame<'a>,
    found: HashMap<StateId, Stretch>,
}

impl Walk<'_, '_> {
    /// Goes on from an atomic state whose base is known, until something other than time decides.
    fn on_from(&mut self, atomic: StateId) {
        let workflow = self.frame.workflow();
        let path = path_to(workflow, atomic);
        // What waits has its planned end, and lets what is inside it go on.
        let waiting: Vec<StateId> = path.iter().copied().filter(|id| self.waits(*id)).collect();
        for id in &waiting {
            let end = self.planned_end(*id);
            if let Some(stretch) = self.found.get_mut(id) {
                stretch.end = end;
            }
        }
        let ending = path
            .iter()
            .filter(|id| !waiting.contains(id))
            .filter_map(|id| self.planned_end(*id).map(|end| (end, *id)))
            .min();
        let Some((end, id)) = ending else { return };
        let leaving = path
            .iter()
            .position(|on_path| *on_path == id)
            .unwrap_or(path.len());
        for state in &path[leaving..] {
            if let Some(stretch) = self.found.get_mut(state) {
                stretch.end.get_or_insert(end);
            }
        }
        if let Some(then) = &workflow.states[id.0].then {
            for goal in goals(then) {
                self.close_left(&path, goal, end);
                self.enter(goal, end);
            }
        }
    }

    /// A case whose time is up but which waits for a fact goes on nobody knows when.
    fn waits(&self, id: StateId) -> bool {
        let subject = self.frame.subject;
        let name = &self.frame.state(id).name;
        let here = self.found.get(&id).zip(subject.visits.get(name));
        here.is_some_and(|(stretch, visit)| stretch.visit == visit.n && visit.left.is_none())
            && matches!(subject.mark(name, THEN), Some(Mark::Waiting { .. }))
    }

    /// Compounds that a goal leads out of end on the same day.
    fn close_left(&mut self, path: &[StateId], goal: StateId, end: Date) {
        let target = path_to(self.frame.workflow(), goal);
        for state in path.iter().filter(|state| !target.contains(state)) {
            if let Some(stretch) = self.found.get_mut(state) {
                stretch.end.get_or_insert(end);
            }
        }
    }

    fn enter(&mut self, goal: StateId, base: Date) {
        let workflow = self.frame.workflow();
        let atomic = initial(workflow, goal);
        if self.found.contains_key(&atomic) {
            return;
        }
        for id in path_to(workflow, atomic) {
            let visits = self
                .frame
                .subject
                .visits
                .get(&workflow.states[id.0].name)
                .map_or(0, |visit| visit.n);
            self.found.entry(id).or_insert(Stretch {
                base,
                end: None,
                visit: visits + 1,
            });
        }
        self.on_from(atomic);
    }

    /// When a state's own time is up.
    fn planned_end(&self, id: StateId) -> Option<Date> {
        let state = self.frame.state(id);
        let Stretch { base, visit, .. } = *self.found.get(&id)?;
        state.then.as_ref()?;
        match &state.stay {
            Stay::Open => None,
            Stay::Lasts(length) => Some(self.frame.lasting(base, *length)),
            Stay::Until(point) => {
                let until = self.until(point, &state.scope)?;
                let here = self.frame.subject.visits.get(&state.name);
                let here = here.filter(|here| here.n == visit && here.left.is_none());
                let by_time = here.is_none_or(|here| here.by_time);
                Some(if by_time && visit > 1 {
                    until.max(base)
                } else {
                    until
                })
            }
        }
    }

    /// A bound may be measured from another state's days; those are looked up among what this
    /// walk has found, since the frame's own answer is what is being worked out here.
    fn until(&self, point: &Point, scope: &Scope) -> Option<Date> {
        let calendar = self.frame.calendar();
        match point.anchor {
            Anchor::State {
                state,
                part: StatePart::FirstDay,
            } => {
                let first = calendar.workday_on_or_after(self.found.get(&state)?.base);
                Some(calendar.shift_day(first, point.shift.as_ref()))
            }
            Anchor::State {
                state,
                part: StatePart::LastDay,
            } => {
                let last =
                    calendar.workday_on_or_before(self.found.get(&state)?.end?.yesterday().ok()?);
                Some(calendar.shift_day(last, point.shift.as_ref()))
            }
            Anchor::TaskDue { .. } => None,
            _ => self.frame.until_day(point, &elsewhere(scope, self.frame)),
        }
    }
}

/// A scope to evaluate a state's own bound in: it may not refer to its own entry or exit.
fn elsewhere<'a>(scope: &'a Scope, frame: &Frame<'_>) -> Open<'a> {
    Open {
        name: "".into(),
        visit: 1,
        state: None,
        scope,
        day: None,
        at: frame.subject.opened_at,
        end: None,
        ahead: frame.subject.kind == Kind::Case,
    }
}

fn goals(then: &Then) -> Vec<StateId> {
    let all: Vec<&Goal> = match then {
        Then::To(goal) => vec![goal],
        Then::Branches {
            branches,
            otherwise,
        } => branches
            .iter()
            .map(|(_, goal)| goal)
            .chain(std::iter::once(otherwise))
            .collect(),
    };
    all.into_iter()
        .filter_map(|goal| match goal {
            Goal::State(id) => Some(*id),
            Goal::NextCohort(_) => None,
        })
        .collect()
}
