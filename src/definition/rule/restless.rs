//! `restless-loop`: a round of states that a case can go at one moment, so that it never rests. The
//! engine refuses such a step (`NoRest`); what passes here it never refuses.
//!
//! A way takes no time when it is by time and its day may be past (`until:` a day that the state's
//! own entry does not move), or when a task is done as it opens: one that fills only roles, which
//! somebody holds already. The facts that a task fills are unknown when it opens again, lengths move
//! the day on, and what people or the hold do happens once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::Ground;
use super::length::days;
use super::machine::{Machine, Way};
use super::never_happens;
use super::outcome::{Domain, Truth};
use crate::definition::model::{
    Anchor, Fill, Goal, Guard, Part, Point, State, StateId, StatePart, Stay, Then, Trigger,
};

/// Reports one round for each set of states that lead to each other without time.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    let instant = |way: &Way| way.possible && takes_no_time(ground, way);
    let mut told = vec![false; ground.states.len()];
    for start in machine.atomic().filter(|id| machine.reached(*id)) {
        if told[start.0] || !machine.ways(start).any(&instant) {
            continue;
        }
        let Some(round) = round(machine, start, &instant) else {
            continue;
        };
        let together = together(machine, start, &instant);
        for id in &together {
            told[id.0] = true;
        }
        if !can_be(ground, machine, &together, &instant) {
            continue;
        }
        let names: Vec<&str> = round
            .iter()
            .chain([&start])
            .map(|id| &*ground.state(*id).name)
            .collect();
        let message = format!(
            "once these days are past, it never rests: {}",
            names.join(" → ")
        );
        let help = "let one of them last a length, or let a person decide";
        ground.report("restless-loop", &ground.name(start), &message, help);
    }
}

fn takes_no_time(ground: &Ground, way: &Way) -> bool {
    if matches!(way.goal, Goal::NextCohort(_)) {
        return false;
    }
    match way.event {
        None => may_be_past(ground.state(way.from), way.from),
        Some(event) => match &event.trigger {
            Trigger::Thing(thing) if !thing.cohort && thing.part == Part::Done => {
                let task = never_happens::task(ground, false, &thing.name);
                task.is_some_and(|task| {
                    let role = |fill: &Fill| matches!(fill, Fill::Role(_));
                    !task.fills.is_empty() && task.fills.iter().all(role)
                })
            }
            Trigger::Thing(_) | Trigger::Named(_) => false,
        },
    }
}

/// Whether a state's end may be past as it is entered, however often that is.
fn may_be_past(state: &State, id: StateId) -> bool {
    match &state.stay {
        Stay::Open | Stay::Lasts(_) => false,
        Stay::Until(point) => !moves_on(point, id),
    }
}

/// Whether a point lies at least a day after the state's own entry.
fn moves_on(point: &Point, id: StateId) -> bool {
    let own = match &point.anchor {
        Anchor::Entered => true,
        Anchor::State {
            state,
            part: StatePart::Entered | StatePart::FirstDay,
        } => *state == id,
        _ => false,
    };
    own && days(point.shift.as_ref()).0 >= 1
}

/// A way from a state back to itself, the shortest.
fn round(machine: &Machine, start: StateId, over: &dyn Fn(&Way) -> bool) -> Option<Vec<StateId>> {
    let mut came_from: HashMap<StateId, StateId> = HashMap::new();
    let mut todo = VecDeque::from([start]);
    while let Some(last) = todo.pop_front() {
        for way in machine.ways(last).filter(|way| over(way)) {
            if way.to == start {
                let back = std::iter::successors(Some(last), |id| came_from.get(id).copied());
                let mut path: Vec<StateId> = back.collect();
                path.reverse();
                return Some(path);
            }
            if let Entry::Vacant(entry) = came_from.entry(way.to) {
                entry.insert(last);
                todo.push_back(way.to);
            }
        }
    }
    None
}

/// The states that a state leads to and that lead back to it.
fn together(machine: &Machine, start: StateId, over: &dyn Fn(&Way) -> bool) -> Vec<StateId> {
    let forward = machine.from([start], over);
    let within = machine.atomic().filter(|id| forward[id.0]);
    within
        .filter(|id| machine.from([*id], over)[start.0])
        .collect()
}

/// Whether there are values of all facts for which a round is gone: guards may contradict each other.
/// Places come and go on the way, so of guards that count them nothing is concluded.
fn can_be(
    ground: &Ground,
    machine: &Machine,
    together: &[StateId],
    over: &dyn Fn(&Way) -> bool,
) -> bool {
    let ways: Vec<(StateId, &Way)> = together
        .iter()
        .flat_map(|id| {
            machine
                .ways(*id)
                .filter(|way| over(way))
                .map(|way| (*id, way))
        })
        .filter(|(_, way)| together.contains(&way.to))
        .collect();
    let domain = Domain::of(ground, ways.iter().flat_map(|(_, way)| guards(way)));
    if domain.asks_places() {
        return true;
    }
    let gone = domain.any(|known| {
        let open: Vec<(StateId, StateId)> = ways
            .iter()
            .filter(|(_, way)| {
                way.event
                    .is_none_or(|event| known.truth(&event.guard) == Truth::True)
                    && known.taken(way.then) == Some(way.branch)
            })
            .map(|(from, way)| (*from, way.to))
            .collect();
        goes_round(&open)
    });
    gone != Some(false)
}

fn guards<'w>(way: &'w Way) -> impl Iterator<Item = &'w Guard> {
    let branches = match way.then {
        Then::To(_) => &[][..],
        Then::Branches { branches, .. } => branches.as_slice(),
    };
    let own = way.event.map(|event| &event.guard);
    own.into_iter()
        .chain(branches.iter().map(|(guard, _)| guard))
}

/// Whether some of these ways lead back to where they begin: what leads nowhere is taken away until
/// nothing changes.
fn goes_round(ways: &[(StateId, StateId)]) -> bool {
    let mut left: Vec<(StateId, StateId)> = ways.to_vec();
    loop {
        let before = left.len();
        let froms: Vec<StateId> = left.iter().map(|(from, _)| *from).collect();
        left.retain(|(_, to)| froms.contains(to));
        if left.is_empty() {
            return false;
        }
        if left.len() == before {
            return true;
        }
    }
}
