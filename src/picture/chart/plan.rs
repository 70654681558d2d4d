//! Which states stand in the column, which ways go straight down, and which boxes the others lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use crate::definition::machine::{self, Cause};
use crate::definition::model::{StateId, Workflow};
use crate::picture::words::{Label, Target, Words};

/// What the chart is to show, before anything has a place.
pub(super) struct Plan<'w> {
    pub workflow: &'w Workflow,
    pub words: Words<'w>,
    pub ways: Vec<Way>,
    /// Ways that go straight down, by the state they leave.
    pub straight: BTreeMap<StateId, usize>,
    /// Goals that some way comes to from the side.
    pub from_the_side: BTreeSet<Target>,
    /// How many boxes are nested in each state, at most.
    pub levels: Vec<i32>,
}

/// A way with its words.
pub(super) struct Way {
    pub index: usize,
    pub from: StateId,
    pub to: Target,
    pub label: Label,
}

impl<'w> Plan<'w> {
    pub fn of(workflow: &'w Workflow) -> Self {
        let words = Words::new(workflow);
        let transitions = machine::transitions(workflow);
        let way = |(index, way): (usize, &machine::Transition)| Way {
            index,
            from: way.from,
            to: Target::from(&way.goal),
            label: words.way(way),
        };
        let ways: Vec<Way> = transitions.iter().enumerate().map(way).collect();
        let mut plan = Self {
            workflow,
            words,
            ways,
            straight: BTreeMap::new(),
            from_the_side: BTreeSet::new(),
            levels: levels(workflow),
        };
        plan.straighten(&transitions);
        let is_straight = |way: &&Way| plan.straight.get(&way.from) != Some(&way.index);
        plan.from_the_side = plan
            .ways
            .iter()
            .filter(is_straight)
            .map(|way| way.to)
            .collect();
        plan
    }

    /// Chooses one way for each step down the column; time goes before events.
    fn straighten(&mut self, transitions: &[machine::Transition]) {
        let mut order: Vec<usize> = (0..self.ways.len()).collect();
        order.sort_by_key(|at| transitions[*at].cause != Cause::Time);
        let mut taken: BTreeSet<StateId> = BTreeSet::new();
        for at in order {
            let way = &self.ways[at];
            let Target::State(goal) = way.to else {
                continue;
            };
            let Some(below) = self.below(way.from) else {
                continue;
            };
            let mut first = Some(below);
            while let Some(id) = first.filter(|id| *id != goal) {
                first = self.workflow.states[id.0].children.first().copied();
            }
            if first.is_some() && !self.straight.contains_key(&way.from) && taken.insert(below) {
                self.straight.insert(way.from, at);
            }
        }
    }

    /// The box that stands right below one, out of as many boxes as end there.
    fn below(&self, mut id: StateId) -> Option<StateId> {
        while let Some(parent) = self.workflow.states[id.0].parent {
            let children = self.children(parent);
            let at = children.iter().position(|child| *child == id)?;
            if let Some(next) = children.get(at + 1) {
                return Some(*next);
            }
            id = parent;
        }
        None
    }

    /// The states in a compound that stand in the column.
    pub fn children(&self, id: StateId) -> Vec<StateId> {
        let children = self.workflow.states[id.0].children.iter().copied();
        children.filter(|child| self.in_column(*child)).collect()
    }

    /// The ends of the whole course stand at the side.
    pub fn in_column(&self, id: StateId) -> bool {
        let state = &self.workflow.states[id.0];
        state.outcome.is_none() || state.parent != Some(StateId::ROOT)
    }

    /// The candidate as a whole is a box when something leads out of it or into it.
    pub fn root_is_boxed(&self) -> bool {
        let root = Target::State(StateId::ROOT);
        self.ways
            .iter()
            .any(|way| way.from == StateId::ROOT || way.to == root)
    }

    pub fn kind(&self, target: Target) -> Kind {
        let Target::State(id) = target else {
            return Kind::Next;
        };
        let state = &self.workflow.states[id.0];
        match state.outcome {
            Some(outcome) => Kind::Final(outcome),
            None if state.children.is_empty() => Kind::Atomic,
            None => Kind::Compound,
        }
    }

    /// The ways that leave a state to the right.
    pub fn to_the_side(&self, id: StateId) -> impl Iterator<Item = &Way> {
        let straight = self.straight.get(&id);
        self.ways
            .iter()
            .filter(move |way| way.from == id && Some(&way.index) != straight)
    }

    /// What stands at the far right, in the order of the file, the next hold last.
    pub fn exits(&self) -> Vec<Target> {
        let all = (0..self.workflow.states.len()).map(StateId);
        let finals = all.filter(|id| !self.in_column(*id)).map(Target::State);
        let next = |target: &Target| matches!(target, Target::Next(_));
        finals
            .chain(self.from_the_side.iter().copied().filter(next))
            .collect()
    }
}

fn levels(workflow: &Workflow) -> Vec<i32> {
    let mut levels = vec![0; workflow.states.len()];
    // Parents come before their children.
    for (at, state) in workflow.states.iter().enumerate().rev() {
        if let Some(parent) = state.parent {
            levels[parent.0] = levels[parent.0].max(levels[at] + 1);
        }
    }
    levels
}
