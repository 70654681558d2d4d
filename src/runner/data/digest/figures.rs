//! Figures over all cases, for whoever reads of all: how many ever came how far, and how far that is from
//! what is aimed at. Counts only.

use crate::definition::model::{Outcome, StateId, Workflow};
use crate::engine::subject::{Ending, Subject};
use serde_json::{Value as Json, json};

/// The widest bar in a text, in characters.
const BAR_MAX: u32 = 30;

/// How many cases ever came where.
#[derive(Debug)]
pub(in crate::runner) struct Figures {
    /// By state.
    came: Vec<u32>,
    /// By target, over all holds.
    reached: Vec<u32>,
    /// Cases that targets are counted over.
    of: u32,
}

impl Figures {
    pub fn new(workflow: &Workflow) -> Self {
        Self {
            came: vec![0; workflow.states.len()],
            reached: vec![0; workflow.targets.len()],
            of: 0,
        }
    }

    /// Counts for the funnel. Who went on to another hold is counted there.
    pub fn of_states<'s>(&mut self, workflow: &Workflow, cases: impl Iterator<Item = &'s Subject>) {
        let moved = |case: &Subject| {
            let ended = case.ended.as_ref();
            ended.is_some_and(|ended| ended.how == Ending::Moved)
        };
        for case in cases.filter(|case| !moved(case)) {
            self.add_to_states(workflow, |state| case.visits.contains_key(state), 1);
        }
    }

    /// Counts for the targets, as a hold's own figures do.
    pub fn of_targets<'s>(
        &mut self,
        workflow: &Workflow,
        cases: impl Iterator<Item = &'s Subject>,
    ) {
        for case in cases {
            self.add_to_targets(workflow, |state| case.visits.contains_key(state), 1);
        }
    }

    /// So many cases more that came to these states.
    pub fn add_to_states(&mut self, workflow: &Workflow, came: impl Fn(&str) -> bool, cases: u32) {
        for (count, state) in self.came.iter_mut().zip(&workflow.states) {
            *count += if came(&state.name) { cases } else { 0 };
        }
    }

    /// So many cases more, over which targets are counted, that came to these states.
    pub fn add_to_targets(&mut self, workflow: &Workflow, came: impl Fn(&str) -> bool, cases: u32) {
        self.of += cases;
        for (count, target) in self.reached.iter_mut().zip(&workflow.targets) {
            let state = &workflow.states[target.reached.0].name;
            *count += if came(state) { cases } else { 0 };
        }
    }

    /// How many ever came to a state.
    pub fn came(&self, id: StateId) -> u32 {
        self.came.get(id.0).copied().unwrap_or_default()
    }

    /// How many reached each target, in the order of the workflow.
    pub fn reached(&self) -> &[u32] {
        &self.reached
    }

    /// How many cases targets are counted over.
    pub fn of(&self) -> u32 {
        self.of
    }

    pub(super) fn targets(&self, workflow: &Workflow) -> Json {
        let targets = workflow.targets.iter().zip(&self.reached);
        let targets = targets.map(|(target, reached)| {
            json!({
                "title": target.title,
                "reached": reached,
                "of": self.of,
                "at_least": target.at_least,
                "percent": percent(*reached, target.at_least),
                "deadline": target.deadline.map(|day| day.to_string()),
            })
        });
        Json::Array(targets.collect())
    }

    /// How many ever came to each state on the way, in its order. Where a case ends otherwise than well is
    /// no step of it.
    pub(super) fn funnel(&self, workflow: &Workflow, named: &[StateId]) -> Json {
        let steps = steps(workflow, named);
        let came = |id: &StateId| self.came(*id);
        let first = steps.first().map_or(0, came);
        let most = steps.iter().map(came).max().unwrap_or_default();
        let rows = steps.iter().map(|id| {
            let count = came(id);
            let part = |of: u32| u32::from(count > 0).max((count * of + most / 2) / most.max(1));
            let length = part(BAR_MAX) as usize;
            json!({
                "title": workflow.states[id.0].title,
                "count": count,
                "share": (first > 0).then(|| percent(count, first)),
                "width": part(100),
                "rest": 100 - part(100),
                "bar": (length > 0).then(|| bar(length)),
            })
        });
        Json::Array(rows.collect())
    }
}

/// The states of a funnel: those that the message names, or all that have no states of their own.
pub(in crate::runner) fn steps(workflow: &Workflow, named: &[StateId]) -> Vec<StateId> {
    let is_step = |id: &StateId| {
        let state = &workflow.states[id.0];
        let is_named = named.contains(id) || named.is_empty() && state.children.is_empty();
        is_named
            && state
                .outcome
                .is_none_or(|outcome| outcome == Outcome::Success)
    };
    (1..workflow.states.len())
        .map(StateId)
        .filter(is_step)
        .collect()
}

/// Bars of all lengths.
pub(in crate::runner::data) fn bars() -> Vec<String> {
    (1..=BAR_MAX as usize).map(bar).collect()
}

fn bar(length: usize) -> String {
    "█".repeat(length)
}

/// To the nearest whole one.
pub(in crate::runner) fn percent(part: u32, of: u32) -> u32 {
    (part * 100 + of / 2) / of.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "workflow: it
title: Det
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort: {dates: {start: {title: Start}}}
candidate:
  states:
    asked: {title: Spurgt, until: cohort.start, then: course}
    course: {title: Kursus, lasts: 2 weeks, then: through, events: {stop: {title: Stop, by: coordinator, then: gone}}}
    through: {title: Gennemført, final: success}
    gone: {title: Stoppet, final: dropout}
targets: {jobs: {title: Færdige, reached: through, at_least: 14, deadline: 2026-12-31}}
";

    fn case(states: &[&str], ended: &str) -> Subject {
        let visit = json!({"n": 1, "day": "2026-01-02", "at": "2026-01-02T09:00:00Z"});
        let visits: serde_json::Map<String, Json> = (states.iter())
            .map(|state| ((*state).to_owned(), visit.clone()))
            .collect();
        let ended = (!ended.is_empty())
            .then(|| json!({"how": ended, "at": "2026-03-02T09:00:00Z", "day": "2026-03-02"}));
        serde_json::from_value(json!({
            "kind": "case", "seq": 3, "opened_at": "2026-01-02T09:00:00Z", "opened_day": "2026-01-02",
            "last_at": "2026-02-02T09:00:00Z", "visits": visits, "ended": ended,
        }))
        .expect("a case")
    }

    #[test]
    fn a_funnel_counts_whoever_came_by_and_a_target_over_all() {
        let read = crate::definition::read("it.yaml", YAML);
        let workflow = read.workflow.expect("it is right");
        let cases = [
            case(&["asked"], ""),
            case(&["asked"], ""),
            case(&["asked", "course"], ""),
            case(&["asked", "course", "gone"], "dropout"),
            case(&["asked", "course", "through"], "success"),
            case(&["asked", "course"], "moved"),
        ];
        let mut figures = Figures::new(&workflow);
        figures.of_states(&workflow, cases.iter());
        figures.of_targets(&workflow, cases.iter());
        let funnel = figures.funnel(&workflow, &[]);
        let rows: Vec<(&str, u64, u64, u64, usize)> = (funnel.as_array().into_iter().flatten())
            .map(|row| {
                let number = |name: &str| row[name].as_u64().unwrap_or(u64::MAX);
                let title = row["title"].as_str().unwrap_or_default();
                let bar = row["bar"].as_str().unwrap_or_default().chars().count();
                (
                    title,
                    number("count"),
                    number("share"),
                    number("width"),
                    bar,
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("Spurgt", 5, 100, 100, 30),
                ("Kursus", 3, 60, 60, 18),
                ("Gennemført", 1, 20, 20, 6)
            ]
        );
        assert_eq!(
            figures.targets(&workflow),
            json!([{"title": "Færdige", "reached": 1, "of": 6, "at_least": 14, "percent": 7, "deadline": "2026-12-31"}])
        );
        let nobody = Figures::new(&workflow).funnel(&workflow, &[]);
        assert_eq!(
            nobody[0],
            json!({"title": "Spurgt", "count": 0, "share": null, "width": 0, "rest": 100, "bar": null})
        );
    }
}
