//! On which days a case will be in which state, as far as time alone decides.
//!
//! A state reached only by time after `until: cohort.X` has days that are known before anyone
//! enters, so the hold may use them (LANGUAGE §3, "known early"). Of branches, the one is followed
//! that the recorded facts choose; while they choose none, only that is known on which all agree.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::civil::Date;

use super::frame::{Frame, Open, initial, path_to};
use super::guard::Truth;
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

/// The days of the states that a walk comes to. `None`: it may be come to, on a day that what is
/// not known yet decides.
pub type Days = HashMap<StateId, Option<Stretch>>;

/// From where the case is now: the states it is in, and those it comes to by time, on the branches
/// that the recorded facts choose.
pub fn ahead(frame: &Frame<'_>) -> Days {
    let mut walk = Walk::new(frame);
    if let Some(atomic) = frame.atomic() {
        for id in frame.path() {
            if let Some(visit) = frame.subject.visits.get(&frame.state(id).name) {
                let here = Stretch {
                    base: visit.day,
                    end: None,
                    visit: visit.n,
                };
                walk.found.insert(id, Some(here));
            }
        }
        if frame.subject.ended.is_none() {
            walk.on_from(atomic);
        }
    }
    walk.found
}

/// From the hold's dates: every state that begins when an `until: cohort.DATE` is over, and what
/// follows by time. A state that two of them lead to on different days has none.
pub fn early(frame: &Frame<'_>) -> Days {
    let nowhere = Scope::default();
    let workflow = frame.workflow();
    let mut found = Days::new();
    for (at, state) in workflow.states.iter().enumerate() {
        let Stay::Until(point) = &state.stay else {
            continue;
        };
        let fixed = matches!(point.anchor, Anchor::HoldDate(_) | Anchor::Date(_));
        // What comes after a state that was walked through is known from there, and better.
        if !fixed || found.contains_key(&StateId(at)) {
            continue;
        }
        let open = elsewhere(&nowhere, frame);
        if let (Some(day), Some(then)) = (frame.until_day(point, &open), &state.then) {
            let mut walk = Walk::new(frame);
            let path = path_to(workflow, StateId(at));
            walk.follow(then, &path[..path.len() - 1], day);
            found = if found.is_empty() {
                walk.found
            } else {
                agreed(found, walk.found, false)
            };
        }
    }
    found
}

/// What two ways say together: a day on which they agree. Of a state that only one of them comes
/// to, the day is known of whoever comes there, but not of `one_case`, which may go the other way.
fn agreed(mut one: Days, other: Days, one_case: bool) -> Days {
    if one_case {
        for (id, stretch) in &mut one {
            if !other.contains_key(id) {
                *stretch = None;
            }
        }
    }
    for (id, theirs) in other {
        match one.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(theirs.filter(|_| !one_case));
            }
            Entry::Occupied(mut both) => {
                let ours = both.get().zip(theirs);
                let ours = ours.filter(|(ours, theirs)| ours.base == theirs.base);
                both.insert(ours.map(|(ours, theirs)| Stretch {
                    end: ours.end.filter(|end| Some(*end) == theirs.end),
                    ..ours
                }));
            }
        }
    }
    one
}

/// So many branches that nothing decides are followed both ways; behind them no day is known.
const OPEN_BRANCHES_MAX: u8 = 6;

#[derive(Clone)]
struct Walk<'f, 'a> {
    frame: &'f Frame<'a>,
    found: Days,
    open_branches: u8,
}

impl<'f, 'a> Walk<'f, 'a> {
    fn new(frame: &'f Frame<'a>) -> Self {
        Self {
            frame,
            found: HashMap::new(),
            open_branches: 0,
        }
    }

    fn found(&self, id: StateId) -> Option<Stretch> {
        self.found.get(&id).copied().flatten()
    }

    fn found_mut(&mut self, id: StateId) -> Option<&mut Stretch> {
        self.found.get_mut(&id).and_then(Option::as_mut)
    }

    /// Goes on from an atomic state whose base is known, until something other than time decides.
    fn on_from(&mut self, atomic: StateId) {
        let workflow = self.frame.workflow();
        let path = path_to(workflow, atomic);
        // What waits has its planned end, and lets what is inside it go on.
        let waiting: Vec<StateId> = path.iter().copied().filter(|id| self.waits(*id)).collect();
        for id in &waiting {
            let end = self.planned_end(*id);
            if let Some(stretch) = self.found_mut(*id) {
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
            if let Some(stretch) = self.found_mut(*state) {
                stretch.end.get_or_insert(end);
            }
        }
        if let Some(then) = &workflow.states[id.0].then {
            self.follow(then, &path[..leaving], end);
        }
    }

    /// Goes where a `then` leads from inside the states of a path: one way when the facts decide it,
    /// else all that are left, of which only that is known on which they agree.
    fn follow(&mut self, then: &Then, path: &[StateId], end: Date) {
        let goals = self.goals(then, end);
        if let [goal] = goals[..] {
            return self.go(goal, path, end);
        }
        self.open_branches += 1;
        if self.open_branches > OPEN_BRANCHES_MAX {
            let all = (0..self.frame.workflow().states.len()).map(StateId);
            for id in all {
                self.found.entry(id).or_insert(None);
            }
            return;
        }
        let one_case = self.frame.subject.kind == Kind::Case;
        let ways = goals.into_iter().map(|goal| {
            let mut way = self.clone();
            way.go(goal, path, end);
            way.found
        });
        let together = ways.reduce(|one, other| agreed(one, other, one_case));
        self.found = together.unwrap_or_default();
    }

    fn go(&mut self, goal: &Goal, path: &[StateId], end: Date) {
        // What goes on to the next hold has no more days on this one.
        if let Goal::State(goal) = goal {
            self.close_left(path, *goal, end);
            self.enter(path, *goal, end);
        }
    }

    /// The goals that are left when the branches are tried with what is recorded now.
    fn goals<'t>(&self, then: &'t Then, day: Date) -> Vec<&'t Goal> {
        let (branches, otherwise) = match then {
            Then::To(goal) => return vec![goal],
            Then::Branches {
                branches,
                otherwise,
            } => (branches, otherwise),
        };
        let mut goals: Vec<&Goal> = Vec::new();
        let mut add = |goal| {
            if !goals.contains(&goal) {
                goals.push(goal);
            }
        };
        for (guard, goal) in branches {
            match self.frame.foreseen(guard, day) {
                Truth::False => {}
                Truth::Unknown(_) => add(goal),
                Truth::True => {
                    add(goal);
                    return goals;
                }
            }
        }
        add(otherwise);
        goals
    }

    /// A case whose time is up but which waits for a fact goes on nobody knows when.
    fn waits(&self, id: StateId) -> bool {
        let subject = self.frame.subject;
        let name = &self.frame.state(id).name;
        let here = self.found(id).zip(subject.visits.get(name));
        here.is_some_and(|(stretch, visit)| stretch.visit == visit.n && visit.left.is_none())
            && matches!(subject.mark(name, THEN), Some(Mark::Waiting { .. }))
    }

    /// Compounds that a goal leads out of end on the same day.
    fn close_left(&mut self, path: &[StateId], goal: StateId, end: Date) {
        let target = path_to(self.frame.workflow(), goal);
        for state in path.iter().filter(|state| !target.contains(state)) {
            if let Some(stretch) = self.found_mut(*state) {
                stretch.end.get_or_insert(end);
            }
        }
    }

    /// Enters what the goal leads into, but for those states of the path that it lies inside.
    fn enter(&mut self, path: &[StateId], goal: StateId, base: Date) {
        let workflow = self.frame.workflow();
        let atomic = initial(workflow, goal);
        if self.found.contains_key(&atomic) {
            return;
        }
        let inside = path.iter().take_while(|id| **id != goal);
        let new = path_to(workflow, atomic);
        let stays = inside.zip(&new).take_while(|(old, new)| old == new).count();
        for id in new.into_iter().skip(stays) {
            let visits = self
                .frame
                .subject
                .visits
                .get(&workflow.states[id.0].name)
                .map_or(0, |visit| visit.n);
            self.found.entry(id).or_insert(Some(Stretch {
                base,
                end: None,
                visit: visits + 1,
            }));
        }
        self.on_from(atomic);
    }

    /// When a state's own time is up.
    fn planned_end(&self, id: StateId) -> Option<Date> {
        let state = self.frame.state(id);
        state.then.as_ref()?;
        let Some(Stretch { base, visit, .. }) = self.found(id) else {
            // A compound that a walk begins inside of: of it only a fixed end is known.
            return match &state.stay {
                Stay::Until(point) => self.until(point, &state.scope),
                Stay::Open | Stay::Lasts(_) => None,
            };
        };
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

    /// The visit of a state that is the latest by then: one on this way, or one that was left.
    fn latest(&self, id: StateId) -> Option<Stretch> {
        if self.found.contains_key(&id) {
            return self.found(id);
        }
        self.frame.left(id)
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
                let first = calendar.workday_on_or_after(self.latest(state)?.base);
                Some(calendar.shift_day(first, point.shift.as_ref()))
            }
            Anchor::State {
                state,
                part: StatePart::LastDay,
            } => {
                let last =
                    calendar.workday_on_or_before(self.latest(state)?.end?.yesterday().ok()?);
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
