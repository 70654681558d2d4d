//! Checks that need all states at once: what is reached, what is stuck, what never ends.

use std::collections::{HashMap, HashSet};

use super::keyword::Cx;
use super::machine;
use super::model::{Goal, State, StateId, Stay, Then, Trigger};

/// Runs them all. When a goal could not be read, what is reachable is not known, and only the
/// checks that do not need it are run.
pub(crate) fn check(cx: &Cx, states: &[State]) {
    if states.len() < 2 {
        return;
    }
    let graph = Graph { cx, states };
    if cx.notes.borrow().goal_broken {
        return;
    }
    let reached = graph.reached();
    graph.unreachable(&reached);
    let dead: HashSet<StateId> = graph.no_exit();
    let looping = graph.timed_loops(&reached);
    graph.cannot_end(&reached, &dead, &looping);
}

/// A way out of an atomic state.
struct Way<'s> {
    goal: &'s Goal,
    timed: bool,
}

struct Graph<'c, 'r> {
    cx: &'c Cx<'r>,
    states: &'c [State],
}

impl Graph<'_, '_> {
    fn error(&self, rule: &'static str, state: StateId, message: &str, help: &str) {
        self.cx
            .sink
            .error_help(rule, &self.cx.names.states[state.0].key, message, help);
    }

    fn name(&self, state: StateId) -> &str {
        &self.states[state.0].name
    }

    fn all(&self) -> impl Iterator<Item = StateId> {
        (0..self.states.len()).map(StateId)
    }

    fn is_atomic(&self, id: StateId) -> bool {
        self.states[id.0].children.is_empty()
    }

    fn is_final(&self, id: StateId) -> bool {
        self.states[id.0].outcome.is_some()
    }

    /// A state and what it is in, innermost first.
    fn upwards(&self, id: StateId) -> impl Iterator<Item = &State> {
        std::iter::successors(Some(&self.states[id.0]), |state| {
            state.parent.map(|parent| &self.states[parent.0])
        })
    }

    fn entered(&self, id: StateId) -> StateId {
        machine::entered(self.states, id)
    }

    /// All ways out of an atomic state: its own and those of what it is in. The innermost state's
    /// event hides the outer one of the same name.
    fn ways(&self, id: StateId) -> Vec<Way<'_>> {
        let mut ways = Vec::new();
        let mut seen: HashSet<&Trigger> = HashSet::new();
        for state in self.upwards(id) {
            for event in &state.scope.events {
                // A guarded event may be refused, but it hides the outer one all the same.
                if seen.insert(&event.trigger) {
                    ways.extend(goals(event.then.as_ref()).map(|goal| Way { goal, timed: false }));
                }
            }
            ways.extend(goals(state.then.as_ref()).map(|goal| Way { goal, timed: true }));
        }
        ways
    }

    /// Every state that a case can be in, compounds included. `next_cohort.S` begins a new case in S.
    fn reached(&self) -> HashSet<StateId> {
        let mut reached = HashSet::new();
        let mut todo = vec![self.entered(StateId::ROOT)];
        while let Some(id) = todo.pop() {
            if !reached.insert(id) {
                continue;
            }
            let mut parent = self.states[id.0].parent;
            while let Some(id) = parent {
                reached.insert(id);
                parent = self.states[id.0].parent;
            }
            todo.extend(
                self.ways(id)
                    .iter()
                    .map(|way| self.entered(target(way.goal))),
            );
        }
        reached
    }

    /// Rule `unreachable-state`: only the outermost is reported.
    fn unreachable(&self, reached: &HashSet<StateId>) {
        for id in self.all().filter(|id| !reached.contains(id)) {
            if self.states[id.0]
                .parent
                .is_some_and(|parent| reached.contains(&parent))
            {
                let help = "let an event or \"then:\" lead here, or leave it out";
                self.error("unreachable-state", id, "no case ever comes here", help);
            }
        }
    }

    /// Rule `no-exit`: a state that is not final and has no way out at all.
    fn no_exit(&self) -> HashSet<StateId> {
        let stuck =
            |id: &StateId| self.is_atomic(*id) && !self.is_final(*id) && self.ways(*id).is_empty();
        let dead: HashSet<StateId> = self.all().filter(stuck).collect();
        for id in self.all().filter(|id| dead.contains(id)) {
            let help = "give it \"final:\", or an event or a time with \"then:\"";
            self.error("no-exit", id, "a case that comes here stays for ever", help);
        }
        dead
    }

    /// Rule `timed-loop`: states that lead to each other by time alone and never let a case go, or
    /// whose days are all fixed, so that a late case would move round and round at one moment.
    fn timed_loops(&self, reached: &HashSet<StateId>) -> HashSet<StateId> {
        let mut looping = HashSet::new();
        for start in self
            .all()
            .filter(|id| reached.contains(id) && self.is_atomic(*id))
        {
            if looping.contains(&start) {
                continue;
            }
            let only_time = self.cycle(start, &|id| self.ways(id).iter().all(|way| way.timed));
            let closed = only_time.as_ref().is_some_and(|_| !self.ends(start));
            let restless = self.cycle(start, &|id| {
                matches!(self.states[id.0].stay, Stay::Until(_))
            });
            let cycle = if closed { only_time } else { restless };
            let Some(cycle) = cycle else { continue };
            let path: Vec<&str> = cycle
                .iter()
                .chain([&start])
                .map(|id| self.name(*id))
                .collect();
            let why = if closed {
                "this can never end"
            } else {
                "once these days are past, it never rests"
            };
            let message = format!("{why}: {}", path.join(" → "));
            let help = if closed {
                "let a way out lead to a final state"
            } else {
                "let one of them last a length"
            };
            self.error("timed-loop", start, &message, help);
            looping.extend(cycle);
        }
        looping
    }

    /// A way from a state back to itself by time, through states that satisfy `through` only.
    fn cycle(&self, start: StateId, through: &dyn Fn(StateId) -> bool) -> Option<Vec<StateId>> {
        let mut came_from: HashMap<StateId, StateId> = HashMap::new();
        let mut todo: Vec<StateId> = Some(start).filter(|id| through(*id)).into_iter().collect();
        while let Some(last) = todo.pop() {
            for goal in goals(self.states[last.0].then.as_ref()) {
                let Goal::State(id) = goal else { continue };
                let next = self.entered(*id);
                if next == start {
                    let back = std::iter::successors(Some(last), |id| came_from.get(id).copied());
                    let mut path: Vec<StateId> = back.collect();
                    path.reverse();
                    return Some(path);
                }
                if through(next) && !came_from.contains_key(&next) {
                    came_from.insert(next, last);
                    todo.push(next);
                }
            }
        }
        None
    }

    /// Whether a case in this state can come to an end.
    fn ends(&self, start: StateId) -> bool {
        let mut seen = HashSet::from([start]);
        let mut todo = vec![start];
        while let Some(id) = todo.pop() {
            if self.is_final(id) {
                return true;
            }
            for way in self.ways(id) {
                match way.goal {
                    // The case ends as moved.
                    Goal::NextCohort(_) => return true,
                    Goal::State(id) => {
                        let next = self.entered(*id);
                        if seen.insert(next) {
                            todo.push(next);
                        }
                    }
                }
            }
        }
        false
    }

    /// Rule `cannot-end`: from every state some final is reached. A state that only leads to one
    /// reported already is not reported again.
    fn cannot_end(
        &self,
        reached: &HashSet<StateId>,
        dead: &HashSet<StateId>,
        looping: &HashSet<StateId>,
    ) {
        if !dead.is_empty() || !looping.is_empty() {
            return;
        }
        let ending = self.ending();
        let lost =
            |id: &StateId| reached.contains(id) && self.is_atomic(*id) && !ending.contains(id);
        for id in self.all().filter(lost) {
            let help = "let some way from here lead to a final state";
            self.error(
                "cannot-end",
                id,
                "no final state can be reached from here",
                help,
            );
        }
    }

    /// All atomic states from which an end is reached, found backwards from the ends.
    fn ending(&self) -> HashSet<StateId> {
        let mut ending: HashSet<StateId> = self.all().filter(|id| self.is_final(*id)).collect();
        let mut leads: Vec<Vec<StateId>> = vec![Vec::new(); self.states.len()];
        for id in self.all().filter(|id| self.is_atomic(*id)) {
            for way in self.ways(id) {
                match way.goal {
                    Goal::NextCohort(_) => {
                        ending.insert(id);
                    }
                    Goal::State(goal) => leads[self.entered(*goal).0].push(id),
                }
            }
        }
        let mut todo: Vec<StateId> = ending.iter().copied().collect();
        while let Some(id) = todo.pop() {
            for from in &leads[id.0] {
                if ending.insert(*from) {
                    todo.push(*from);
                }
            }
        }
        ending
    }
}

/// The goals of a `then`, in order.
pub(crate) fn goals(then: Option<&Then>) -> impl Iterator<Item = &Goal> {
    let (single, branches, otherwise) = match then {
        None => (None, &[][..], None),
        Some(Then::To(goal)) => (Some(goal), &[][..], None),
        Some(Then::Branches {
            branches,
            otherwise,
        }) => (None, branches.as_slice(), Some(otherwise)),
    };
    single
        .into_iter()
        .chain(branches.iter().map(|(_, goal)| goal))
        .chain(otherwise)
}

pub(crate) fn target(goal: &Goal) -> StateId {
    match goal {
        Goal::State(id) | Goal::NextCohort(id) => *id,
    }
}

#[cfg(test)]
mod tests {
    use crate::definition::read;

    /// The rules that a set of states breaks, each with the state.
    fn broken(states: &str) -> Vec<String> {
        let head = "workflow: w\ntitle: W\nlanguage: da\ntime_zone: Europe/Copenhagen\nholidays: DK\nhours: 08:00-16:00\n\
                    cohort: {dates: {start: {title: D}}}\ncandidate:\n  states:\n    ";
        let text = format!(
            "{head}{}\n",
            states.replace('T', "title: X").replace("; ", "\n    ")
        );
        let show = |p: &crate::definition::Problem| format!("{} {}", p.rule, &text[p.span.clone()]);
        read("f", &text).problems.iter().map(show).collect()
    }

    #[test]
    fn ways_through_the_states() {
        let cases: [(&str, &[&str]); 12] = [
            (
                "a: {T, lasts: 1 week, then: b}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T}; b: {T, final: success}",
                &["no-exit a", "unreachable-state b"],
            ),
            ("a: {T, lasts: 1 week, then: a}", &["timed-loop a"]),
            // A stay with an end in sight is no trap: each round lasts.
            (
                "a: {T, lasts: 1 week, then: a, events: {x: {T, then: b}}}; b: {T, final: success}",
                &[],
            ),
            (
                "a: {T, until: cohort.start, then: a, events: {x: {T, then: b}}}; b: {T, final: success}",
                &["timed-loop a"],
            ),
            (
                "a: {T, events: {x: {T, then: b}}}; b: {T, events: {y: {T, then: a}}}",
                &["cannot-end a", "cannot-end b"],
            ),
            ("a: {T, until: cohort.start, then: next_cohort.a}", &[]),
            // What a compound declares leads out of all that is in it.
            (
                "p: {T, events: {x: {T, then: b}}, states: {a: {T}}}; b: {T, final: success}",
                &[],
            ),
            // The inner event hides the outer one, and leads nowhere.
            (
                "p: {T, events: {x: {T, then: b}}, states: {a: {T, events: {x: {T}}}}}; b: {T, final: success}",
                &["no-exit a", "unreachable-state b"],
            ),
            // Of a compound that is never reached, only itself is reported.
            (
                "a: {T, lasts: 1 week, then: b}; b: {T, final: success}; p: {T, events: {x: {T, then: b}}, states: {c: {T}}}",
                &["unreachable-state p"],
            ),
            (
                "p: {T, states: {a: {T, lasts: 1 week, then: b}, c: {T}}}; b: {T, final: success}",
                &["unreachable-state c", "no-exit c"],
            ),
            // A goal that cannot be read makes nothing unreachable.
            (
                "a: {T, lasts: 1 week, then: bb}; b: {T, final: success}",
                &["unknown-name bb"],
            ),
        ];
        for (states, expect) in cases {
            let mut expect: Vec<&str> = expect.to_vec();
            expect.sort_unstable();
            let mut found = broken(states);
            found.sort_unstable();
            assert_eq!(found, expect, "{states}");
        }
    }
}
