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

/// A state of the main line.
pub(super) struct Step<'r> {
    pub state: StateId,
    /// The event that moves the case on, when it is not time that does.
    pub by_event: Option<&'r Transition>,
}

impl<'w> Routes<'w> {
    pub fn new(workflow: &'w Workflow) -> Self {
        let ways = machine::transitions(workflow);
        Self { workflow, ways }
    }

    /// The atomic states of the main line, in order, the last one a success if there is any; each
    /// with the event that moves the case on, `None` where time does.
    ///
    /// Time goes before events, and what the file lists first before what it lists later: that is
    /// the order in which authors tell the story.
    pub fn main_line(&self) -> Vec<Step<'_>> {
        let states = &self.workflow.states;
        let mut line = Vec::new();
        if states.is_empty() {
            return line;
        }
        let mut seen = Vec::new();
        let mut next = Some(machine::entered(states, StateId::ROOT));
        while let Some(here) = next {
            seen.push(here);
            let way = self.onwards(here, &seen);
            line.push(Step {
                state: here,
                by_event: way.filter(|way| way.cause != Cause::Time),
            });
            next = way.and_then(|way| self.goal(way));
        }
        line
    }

    /// The atomic state that a way leads to on this hold.
    fn goal(&self, way: &Transition) -> Option<StateId> {
        match way.goal {
            Goal::State(goal) => Some(machine::entered(&self.workflow.states, goal)),
            Goal::NextCohort(_) => None,
        }
    }

    fn onwards(&self, here: StateId, seen: &[StateId]) -> Option<&Transition> {
        let states = &self.workflow.states;
        let ahead: Vec<(&Transition, StateId)> = self
            .ways_from(here)
            .filter_map(|way| Some((way, self.goal(way)?)))
            .filter(|(_, goal)| !seen.contains(goal))
            .collect();
        let open = |goal: StateId| states[goal.0].outcome.is_none();
        let find = |wanted: &dyn Fn(&Transition, StateId) -> bool| {
            let found = ahead.iter().find(|(way, goal)| wanted(way, *goal));
            found.map(|(way, _)| *way)
        };
        find(&|way, goal| way.cause == Cause::Time && open(goal))
            .or_else(|| find(&|_, goal| open(goal) && goal > here))
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
                if let Some(goal) = self.goal(way)
                    && goal != without
                    && seen.insert(goal)
                {
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
        let workflow = crate::definition::read("f", yaml)
            .workflow
            .expect("a workflow");
        let routes = Routes::new(&workflow);
        let name = |id: &StateId| {
            (
                workflow.states[id.0].name.to_string(),
                routes.avoidable(*id),
            )
        };
        routes
            .main_line()
            .iter()
            .map(|step| name(&step.state))
            .collect()
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
