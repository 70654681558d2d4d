//! The expanded machine: every atomic state with every way out of it. A case in `course` also goes
//! where `enrolled`, in which `course` is, lets it go; what happens to its tasks and meetings, and to
//! those of the hold, are ways as well.

use std::collections::{HashMap, HashSet};

use super::Ground;
use super::branch::Dead;
use super::never_happens;
use crate::definition::machine::entered;
use crate::definition::model::{Event, Goal, State, StateId, Then, Trigger};

/// A way that some state declares, one for each branch.
pub(super) struct Way<'s> {
    /// The state that declares it.
    pub from: StateId,
    /// The event; `None`: the state's time is over.
    pub event: Option<&'s Event>,
    /// The whole `then` it is a branch of.
    pub then: &'s Then,
    /// Which branch, the last being `else`.
    pub branch: usize,
    /// Where to.
    pub goal: &'s Goal,
    /// The atomic state a case is in then.
    pub to: StateId,
    /// Whether some case can go this way: its guard can hold, and its event can happen.
    pub possible: bool,
}

/// All states with all ways.
pub(super) struct Machine<'s> {
    states: &'s [State],
    declared: Vec<Vec<Way<'s>>>,
    /// Of each atomic state: which of the declared ways are its own, by state and number.
    out: Vec<Vec<(usize, usize)>>,
    reached: Vec<bool>,
}

impl<'s> Machine<'s> {
    pub(super) fn new(ground: &Ground<'s, '_>, dead: &Dead) -> Self {
        let declared: Vec<Vec<Way<'s>>> =
            ground.all().map(|id| declare(ground, id, dead)).collect();
        let mut machine = Self {
            states: ground.states,
            out: Vec::new(),
            declared,
            reached: Vec::new(),
        };
        let homes = never_happens::homes(ground);
        machine.out = ground
            .all()
            .map(|id| machine.exits(ground, &homes, id))
            .collect();
        machine.reached = machine.from([machine.start()], |way| way.possible);
        machine
    }

    /// The ways out of an atomic state. The innermost state's event hides the outer one of the
    /// same name, also when its guard refuses.
    fn exits(
        &self,
        ground: &Ground,
        homes: &HashMap<&str, Vec<StateId>>,
        id: StateId,
    ) -> Vec<(usize, usize)> {
        if !self.is_atomic(id) {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut seen: HashSet<&Trigger> = HashSet::new();
        for state in ground.upwards(id) {
            for (at, way) in self.declared[state.0].iter().enumerate() {
                let open = way.event.is_none_or(|event| {
                    !seen.contains(&event.trigger)
                        && never_happens::open(ground, homes, &event.trigger, id)
                });
                if open {
                    out.push((state.0, at));
                }
            }
            seen.extend(
                self.states[state.0]
                    .scope
                    .events
                    .iter()
                    .map(|event| &event.trigger),
            );
        }
        out
    }

    /// Where a case begins.
    pub(super) fn start(&self) -> StateId {
        entered(self.states, StateId::ROOT)
    }

    /// The ways out of an atomic state.
    pub(super) fn ways(&self, id: StateId) -> impl Iterator<Item = &Way<'s>> {
        self.out[id.0]
            .iter()
            .map(|(state, at)| &self.declared[*state][*at])
    }

    /// All ways that are declared, each once.
    pub(super) fn declared(&self) -> impl Iterator<Item = &Way<'s>> {
        self.declared.iter().flatten()
    }

    pub(super) fn is_atomic(&self, id: StateId) -> bool {
        self.states[id.0].children.is_empty()
    }

    pub(super) fn is_final(&self, id: StateId) -> bool {
        self.states[id.0].outcome.is_some()
    }

    /// The atomic states, in the order of the file.
    pub(super) fn atomic(&self) -> impl Iterator<Item = StateId> {
        (0..self.states.len())
            .map(StateId)
            .filter(|id| self.is_atomic(*id))
    }

    /// Whether a case can be in an atomic state.
    pub(super) fn reached(&self, id: StateId) -> bool {
        self.reached[id.0]
    }

    /// The atomic states that are reached from some, those included, over ways of a kind.
    /// `next_cohort.S` begins in S with all that is known.
    pub(super) fn from(
        &self,
        starts: impl IntoIterator<Item = StateId>,
        over: impl Fn(&Way) -> bool,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.states.len()];
        let mut todo: Vec<StateId> = starts.into_iter().collect();
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut reached[id.0], true) {
                todo.extend(self.ways(id).filter(|way| over(way)).map(|way| way.to));
            }
        }
        reached
    }

    /// The atomic states from which some goal is reached, found backwards.
    pub(super) fn leading_to(&self, goals: impl Fn(StateId) -> bool) -> Vec<bool> {
        let mut back: Vec<Vec<StateId>> = vec![Vec::new(); self.states.len()];
        let mut leads = vec![false; self.states.len()];
        let mut todo: Vec<StateId> = self.atomic().filter(|id| goals(*id)).collect();
        for id in self.atomic() {
            for way in self.ways(id).filter(|way| way.possible) {
                match way.goal {
                    // The case ends as moved.
                    Goal::NextCohort(_) => todo.push(id),
                    Goal::State(_) => back[way.to.0].push(id),
                }
            }
        }
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut leads[id.0], true) {
                todo.extend(&back[id.0]);
            }
        }
        leads
    }
}

/// The ways of one state, by event in the order of the file; the way by time is last.
fn declare<'s>(ground: &Ground<'s, '_>, from: StateId, dead: &Dead) -> Vec<Way<'s>> {
    let state = ground.state(from);
    let events = state.scope.events.iter().enumerate();
    let by_event = events.filter_map(|(at, event)| Some((Some((at, event)), event.then.as_ref()?)));
    let by_time = state.then.as_ref().map(|then| (None, then));
    let mut ways = Vec::new();
    for (event, then) in by_event.chain(by_time) {
        let happens =
            event.is_none_or(|(_, event)| never_happens::why(ground, &event.trigger).is_none());
        for (branch, goal) in goals(then).enumerate() {
            let (Goal::State(id) | Goal::NextCohort(id)) = goal;
            ways.push(Way {
                from,
                event: event.map(|(_, event)| event),
                then,
                branch,
                goal,
                to: entered(ground.states, *id),
                possible: happens && !dead.has(from, event.map(|(at, _)| at), branch),
            });
        }
    }
    ways
}

/// The goals of a `then`, in order.
pub(super) fn goals(then: &Then) -> impl Iterator<Item = &Goal> {
    let (branches, last) = match then {
        Then::To(goal) => (&[][..], goal),
        Then::Branches {
            branches,
            otherwise,
        } => (branches.as_slice(), otherwise),
    };
    branches.iter().map(|(_, goal)| goal).chain([last])
}
