//! The main line of a workflow: the states that a case comes through when all goes well.

use std::collections::BTreeSet;

use crate::definition::machine::{self, Cause, Transition};
use crate::definition::model::{Goal, Outcome, StateId, Workflow};

/// A state and what it is in, innermost first.
pub(super) fn upwards(workflow: &Workflow, id: StateId) -> impl Iterator<Item = StateId> {
    std::iter::successors(Some(id), |id| workflow.states[id.0].parent)
}

/// All ways of a workflow, and where each leads.
pub(super) struct Routes<'w> {
    workflow: &'w Workflow,
    ways: Vec<Transition>,
}

impl<'w> Routes<'w> {
    pub fn new(workflow: &'w Workflow) -> Self {
        let ways = machine::transitions(workflow);
        Self { workflow, ways }
    }

    /// The atomic states of the main line, in order, the last one a success if there is any.
    ///
    /// Time goes before events, and what the file lists first before what it lists later: that is
    /// the order in which authors tell the story.
    pub fn main_line(&self) -> Vec<StateId> {
        let states = &self.workflow.states;
        let mut line = Vec::new();
        if states.is_empty() {
            return line;
        }
        let mut next = Some(machine::entered(states, StateId::ROOT));
        while let Some(here) = next {
            line.push(here);
            next = self.onwards(here, &line);
        }
        line
    }

    fn onwards(&self, here: StateId, seen: &[StateId]) -> Option<StateId> {
        let states = &self.workflow.states;
        let ahead: Vec<(bool, StateId)> = self
            .ways_from(here)
            .filter_map(|way| match way.goal {
                Goal::State(goal) => Some((
                    way.cause == Cause::Time,
                    machine::entered(states, goal),
                )),
                Goal::NextCohort(_) => None,
            })
            .filter(|(_, goal)| !seen.contains(goal))
            .collect();
        let open = |goal: &StateId| states[goal.0].outcome.is_none();
        let find = |wanted: &dyn Fn(bool, &StateId) -> bool| {
            let found = ahead.iter().find(|(timed, goal)| wanted(*timed, goal));
            found.map(|(_, goal)| *goal)
        };
        find(&|timed, goal| timed && open(goal))
            .or_else(|| find(&|_, goal| open(goal) && *goal > here))
            .or_else(|| find(&|_, goal| states[goal.0].outcome == Some(Outcome::Success)))
    }

    /// The ways out of an atomic state, its own and those of what it is in.
    fn ways_from(&self, id: StateId) -> impl Iterator<Item = &Transition> {
        upwards(self.workflow, id)
            .flat_map(|outer| self.ways.iter().filter(move |way| way.from == outer))
    }

    /// Whether a case can come to a success without ever being in this state.
    pub fn avoidable(&self, without: StateId) -> bool {
        let states = &self.workflow.states;
        let first = machine::entered(states, StateId::ROOT);
        let (mut seen, mut todo) = (BTreeSet::from([first]), vec![first]);
        while let Some(here) = todo.pop().filter(|_| first != without) {
            if states[here.0].outcome == Some(Outcome::Success) {
                return true;
            }
            for way in self.ways_from(here) {
                let Goal::State(goal) = way.goal else {
                    continue;
                };
                let goal = machine::entered(states, goal);
                if goal != without && seen.insert(goal) {
                    todo.push(goal);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(yaml: &str) -> Vec<(String, bool)> {
        let workflow = crate::definition::read("f", yaml).workflow.expect("a workflow");
        let routes = Routes::new(&workflow);
        let name = |id: &StateId| (workflow.states[id.0].name.to_string(), routes.avoidable(*id));
        routes.main_line().iter().map(name).collect()
    }

    #[test]
    fn the_main_line_is_the_story_as_it_is_told() {
        let holstebro = include_str!("../../workflows/holstebro-introforloeb.yaml");
        let jrs = include_str!("../../workflows/jrs-bliv-klar-til-sosu.yaml");
        for (yaml, expect) in [
            (
                holstebro,
                &[
                    ("nominated", false),
                    ("admitted", false),
                    ("internship_1", false),
                    ("school", false),
                    ("internship_2", false),
                    ("recruited", false),
                ][..],
            ),
            (
                jrs,
                &[
                    ("nominated", false),
                    // Whoever comes to the waiting list later may still begin.
                    ("met", true),
                    ("selected", false),
                    ("course", false),
                    // Some find a job while the course lasts.
                    ("matching", true),
                    ("substitute", true),
                ],
            ),
        ] {
            let expect: Vec<_> = expect
                .iter()
                .map(|(name, avoidable)| ((*name).to_owned(), *avoidable))
                .collect();
            assert_eq!(line(yaml), expect);
        }
    }
}
