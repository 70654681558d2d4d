//! What the checker proves about a workflow once every line of it is read (LANGUAGE §4), and the
//! list of all rules, those of the keywords included.
//!
//! One file per rule, or per few that ask the same question. They look at the *expanded machine*
//! ([`machine`]): every state a case can be in, with every way out of it. A new rule is a file here,
//! a row in [`list`], and an example in `tests/it/rules/` that breaks nothing else.

pub(super) mod allow;
mod branch;
mod cannot_end;
mod early;
mod length;
mod limits;
mod list;
mod machine;
mod may_wait;
mod never_happens;
mod no_exit;
mod outcome;
mod place;
mod point;
mod points;
mod restless;
mod role_too_late;
mod sites;
mod unfilled_date;
mod unreachable;

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

pub use list::RULES;

use super::keyword::{Cx, Home};
use super::model::{CohortDef, Fact, Scope, State, StateId};
use super::problem::Severity;
use super::shape::Shape;

/// A rule of the checker.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rule {
    /// Kebab-case: `no-exit`. It stands in brackets in every report.
    pub name: &'static str,
    /// A warning can be allowed in the file, an error cannot.
    pub severity: Severity,
    /// Where it belongs: a part of LANGUAGE §4, a keyword, or the file as such.
    pub belongs: &'static str,
    /// What it finds, in one sentence.
    pub finds: &'static str,
    /// What to do about it.
    pub act: &'static str,
    /// A workflow file that breaks only this rule; `None` where one file cannot: the rule is about
    /// templates or about files that cannot be read.
    pub example: Option<&'static str>,
}

/// The rule of this name.
///
/// ```
/// use tovholder::definition::{read, rule};
/// let rule = rule::named("no-exit").unwrap();
/// let problems = read("f.yaml", rule.example.unwrap()).problems;
/// assert_eq!(problems.len(), 1);
/// assert_eq!(problems[0].rule, "no-exit");
/// ```
#[must_use]
pub fn named(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// A workflow that is read, with the places of its parts.
pub(crate) struct Ground<'g, 'r> {
    pub cx: &'g Cx<'r>,
    pub top: &'g Shape<'r>,
    pub states: &'g [State],
    pub facts: &'g [Fact],
    pub cohort: &'g CohortDef,
}

impl<'g> Ground<'g, '_> {
    fn state(&self, id: StateId) -> &'g State {
        &self.states[id.0]
    }

    fn all(&self) -> impl Iterator<Item = StateId> + use<> {
        (0..self.states.len()).map(StateId)
    }

    /// A state and what it is in, innermost first.
    fn upwards(&self, id: StateId) -> impl Iterator<Item = StateId> + use<'g> {
        let states = self.states;
        std::iter::successors(Some(id), move |id| states[id.0].parent)
    }

    /// Whether one of two states is in the other, or they are the same.
    fn overlap(&self, a: StateId, b: StateId) -> bool {
        self.upwards(a).any(|id| id == b) || self.upwards(b).any(|id| id == a)
    }

    /// What states declare, and then what the hold does.
    fn scopes(&self) -> impl Iterator<Item = (Home, &'g Scope)> + use<'g> {
        let states = self.states.iter().enumerate();
        let of_states = states.map(|(at, state)| (Home::Case(StateId(at)), &state.scope));
        of_states.chain([(Home::Hold, &self.cohort.scope)])
    }

    /// Reports a problem of a rule; the rule says whether it is an error.
    fn report(&self, rule: &'static str, span: &Range<usize>, message: &str, help: &str) {
        self.cx.sink.report(rule, span, message, help);
    }
}

/// Runs all of them. When a goal could not be read, what is reached is not known, and only what
/// does not need it is checked. What is not certain is only said of a file that has no errors.
pub(crate) fn check(ground: &Ground) {
    let (goals, stays) = {
        let notes = ground.cx.notes.borrow();
        (!notes.goal_broken, !notes.stay_broken)
    };
    if goals && ground.states.len() > 1 {
        let dead = branch::check(ground);
        let machine = machine::Machine::new(ground, &dead);
        never_happens::check(ground);
        unreachable::check(ground, &machine);
        no_exit::check(ground, &machine);
        restless::check(ground, &machine);
        cannot_end::check(ground, &machine);
        let sites = sites::Sites::new(ground, &machine);
        point::check(ground, &sites);
        if !ground.cx.sink.has_errors() {
            unfilled_date::check(ground, &sites);
            may_wait::check(ground, &machine, &sites);
            role_too_late::check(ground, &machine);
            limits::check(ground, &machine);
        }
    }
    if goals && stays {
        early::check(ground.cx, ground.states);
    }
}
