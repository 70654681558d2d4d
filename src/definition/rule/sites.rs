//! Which states come before, beside and after one another, and where the things of a case are.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::Ground;
use super::early::Early;
use super::machine::Machine;
use super::never_happens;
use crate::definition::model::{StateId, Stay, Trigger};

/// The states of a file as an order in time.
pub(super) struct Sites<'a> {
    machine: &'a Machine<'a>,
    ground: &'a Ground<'a, 'a>,
    homes: HashMap<&'a str, Vec<StateId>>,
    events: HashMap<&'a str, Vec<StateId>>,
    pub(super) early: Early<'a>,
    /// What is reached from each state that was asked about.
    after: RefCell<HashMap<StateId, Rc<Vec<bool>>>>,
}

impl<'a> Sites<'a> {
    pub(super) fn new(ground: &'a Ground<'a, 'a>, machine: &'a Machine<'a>) -> Self {
        let mut events: HashMap<&str, Vec<StateId>> = HashMap::new();
        for id in ground.all() {
            for event in &ground.state(id).scope.events {
                if let Trigger::Named(name) = &event.trigger {
                    events.entry(name).or_default().push(id);
                }
            }
        }
        Self {
            machine,
            ground,
            homes: never_happens::homes(ground),
            events,
            early: Early::new(ground.states),
            after: RefCell::default(),
        }
    }

    /// The states that declare a task or meeting of the case.
    pub(super) fn of_thing(&self, name: &str) -> &[StateId] {
        self.homes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The states that declare an event.
    pub(super) fn of_event(&self, name: &str) -> &[StateId] {
        self.events.get(name).map_or(&[], Vec::as_slice)
    }

    fn atomic_in(&self, id: StateId) -> impl Iterator<Item = StateId> {
        let within = move |atomic: &StateId| self.ground.upwards(*atomic).any(|outer| outer == id);
        self.machine.atomic().filter(within)
    }

    /// Whether a case that is in one state can be in the other later.
    pub(super) fn before(&self, first: StateId, later: StateId) -> bool {
        let known = self.after.borrow().get(&first).cloned();
        let reached = known.unwrap_or_else(|| {
            let goals = self.atomic_in(first).flat_map(|id| self.machine.ways(id));
            let goals: Vec<StateId> = goals.filter(|way| way.possible).map(|way| way.to).collect();
            let mut reached = self.machine.from(goals, |way| way.possible);
            for id in self
                .machine
                .atomic()
                .filter(|id| reached[id.0])
                .collect::<Vec<_>>()
            {
                self.ground
                    .upwards(id)
                    .for_each(|outer| reached[outer.0] = true);
            }
            let reached = Rc::new(reached);
            self.after.borrow_mut().insert(first, Rc::clone(&reached));
            reached
        });
        reached[later.0]
    }

    /// Whether a case goes straight from one state into the other, so that both are known at once.
    pub(super) fn next_to(&self, first: StateId, later: StateId) -> bool {
        let inside = |id| self.ground.upwards(id).any(|outer| outer == later);
        let mut ways = self.atomic_in(first).flat_map(|id| self.machine.ways(id));
        ways.any(|way| way.possible && inside(way.to))
    }

    /// Whether an event always leads away, to where a state does not follow.
    pub(super) fn leads_away(&self, event: &str, id: StateId) -> bool {
        let is_it = |trigger: &Trigger| matches!(trigger, Trigger::Named(name) if **name == *event);
        let of_it = |site: &StateId| {
            self.ground
                .state(*site)
                .scope
                .events
                .iter()
                .filter(|known| is_it(&known.trigger))
        };
        let moves = self
            .of_event(event)
            .iter()
            .flat_map(of_it)
            .all(|known| known.then.is_some());
        let ways = self
            .machine
            .declared()
            .filter(|way| way.event.is_some_and(|known| is_it(&known.trigger)));
        let reached = self
            .machine
            .from(ways.map(|way| way.to), |way| way.possible);
        moves && self.atomic_in(id).all(|atomic| !reached[atomic.0])
    }

    /// Whether the last day of a state is planned while a case is in it: it or what it is in ends by
    /// time, or something in it leads out by time.
    pub(super) fn is_planned(&self, id: StateId) -> bool {
        let timed = |id: StateId| !matches!(self.ground.state(id).stay, Stay::Open);
        let inside = |to| self.ground.upwards(to).any(|outer| outer == id);
        self.ground.upwards(id).any(timed)
            || self.atomic_in(id).any(|atomic| {
                self.machine
                    .ways(atomic)
                    .any(|way| way.event.is_none() && !inside(way.to))
            })
    }
}
