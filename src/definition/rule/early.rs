//! What the hold can know before anyone enters: days of states that all cases share.

use super::machine::goals;
use crate::definition::keyword::Cx;
use crate::definition::model::{Anchor, Goal, State, StateId, StatePart, Stay};

/// Rule `unknown-anchor` for the hold: it may use a day of a state only when that is known early,
/// which is when the state is reached only by time after a fixed day.
pub(super) fn check(cx: &Cx, states: &[State]) {
    let uses = cx.notes.borrow_mut().early.split_off(0);
    if uses.is_empty() {
        return;
    }
    let early = Early::new(states);
    for (id, part, span) in uses {
        if !early.knows(id, part) {
            let message = format!(
                "the days of \"{}\" differ from case to case",
                states[id.0].name
            );
            let help =
                "the hold can use states that are only reached by time after \"until: cohort.…\"";
            cx.sink.error_help("unknown-anchor", &span, message, help);
        }
    }
}

/// Which days of states all cases share.
pub(super) struct Early<'s> {
    states: &'s [State],
    entries: Vec<Entry>,
}

impl<'s> Early<'s> {
    pub(super) fn new(states: &'s [State]) -> Self {
        Self {
            states,
            entries: entries(states),
        }
    }

    /// Whether a state's first or last day is known from the hold's dates alone.
    pub(super) fn knows(&self, id: StateId, part: StatePart) -> bool {
        match part {
            StatePart::LastDay => end_known(self.states, &self.entries, id),
            _ => start_known(self.states, &self.entries, id),
        }
    }
}

/// How cases come into a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Never,
    ByTimeFrom(StateId),
    Otherwise,
}

/// For each state, whether there is exactly one way in and that by time.
fn entries(states: &[State]) -> Vec<Entry> {
    let mut entries = vec![Entry::Never; states.len()];
    mark(
        states,
        &mut entries,
        StateId::ROOT,
        StateId::ROOT,
        Entry::Otherwise,
    );
    for (id, state) in states
        .iter()
        .enumerate()
        .map(|(id, state)| (StateId(id), state))
    {
        for goal in state
            .scope
            .events
            .iter()
            .flat_map(|event| event.then.iter().flat_map(goals))
        {
            mark(states, &mut entries, id, target(goal), Entry::Otherwise);
        }
        for goal in state.then.iter().flat_map(goals) {
            let by_time = matches!(goal, Goal::State(_));
            let entry = if by_time {
                Entry::ByTimeFrom(id)
            } else {
                Entry::Otherwise
            };
            mark(states, &mut entries, id, target(goal), entry);
        }
    }
    entries
}

/// Marks all states that a move enters: from the goal down to the atomic state, and from the goal
/// up to what the case is in already.
fn mark(states: &[State], entries: &mut [Entry], from: StateId, goal: StateId, entry: Entry) {
    let mut atomic = goal;
    while let Some(first) = states[atomic.0].children.first() {
        atomic = *first;
    }
    let mut inside_goal = true;
    for id in upwards(states, atomic) {
        if inside_goal || upwards(states, from).all(|outer| outer != id) {
            let first_way = entries[id.0] == Entry::Never || entries[id.0] == entry;
            entries[id.0] = if first_way { entry } else { Entry::Otherwise };
        }
        inside_goal &= id != goal;
    }
}

fn target(goal: &Goal) -> StateId {
    match goal {
        Goal::State(id) | Goal::NextCohort(id) => *id,
    }
}

/// A state and what it is in, innermost first.
fn upwards(states: &[State], id: StateId) -> impl Iterator<Item = StateId> {
    std::iter::successors(Some(id), |id| states[id.0].parent)
}

fn end_known(states: &[State], entries: &[Entry], id: StateId) -> bool {
    match &states[id.0].stay {
        Stay::Open => false,
        Stay::Until(point) => matches!(point.anchor, Anchor::HoldDate(_) | Anchor::Date(_)),
        Stay::Lasts(_) => start_known(states, entries, id),
    }
}

/// Goes back from state to state to a fixed day; round a loop of states there is none.
fn start_known(states: &[State], entries: &[Entry], mut id: StateId) -> bool {
    for _ in states {
        let Entry::ByTimeFrom(from) = entries[id.0] else {
            return false;
        };
        if !matches!(states[from.0].stay, Stay::Lasts(_)) {
            return end_known(states, entries, from);
        }
        id = from;
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::definition::read;

    const BASE: &str = include_str!("../../../tests/fixtures/workflows/base.yaml");

    #[test]
    fn the_hold_knows_days_that_all_cases_share() {
        for (point, change, known) in [
            ("course.first_day", ("base", "base"), true),
            ("course.last_day", ("base", "base"), true),
            ("search.first_day", ("base", "base"), true),
            ("search.last_day", ("base", "base"), true),
            // Entered by an event, and by whom and when differs.
            ("met.first_day", ("base", "base"), false),
            ("enrolled.first_day", ("base", "base"), false),
            ("enrolled.last_day", ("base", "base"), false),
            ("waiting.first_day", ("base", "base"), false),
            ("waiting.last_day", ("base", "base"), true),
            // Finals: entered by time from one state, but also by events.
            ("stopped.first_day", ("base", "base"), false),
            ("hired.first_day", ("base", "base"), true),
            ("hired.last_day", ("base", "base"), false),
            // One more way in, and the day is no longer the same for all.
            (
                "course.last_day",
                ("then: enrolled}", "then: course}"),
                false,
            ),
            (
                "search.last_day",
                (
                    "absence: {title: Fravær,",
                    "absence: {title: Fravær, then: search,",
                ),
                false,
            ),
            (
                "course.last_day",
                ("until: cohort.start, then", "until: ends, then"),
                false,
            ),
            (
                "course.last_day",
                ("until: cohort.start, then", "until: 2026-02-02, then"),
                true,
            ),
        ] {
            let text = BASE
                .replace("until: course.last_day", &format!("until: {point}"))
                .replace(change.0, change.1);
            let early = read("f", &text)
                .problems
                .iter()
                .any(|problem| problem.rule == "unknown-anchor");
            assert_eq!(!early, known, "{point} {change:?}");
        }
    }
}
