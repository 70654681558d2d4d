//! `restless-loop`: a round of states that a case can go at one moment, so that it never rests. The
//! engine refuses such a step (`NoRest`); what passes here it never refuses.
//!
//! A way takes no time when it is by time and its day is past, or when a task is done as it opens: one
//! that fills only roles, which somebody holds already. (The facts that a task fills are unknown when
//! it opens again; what people or the hold do happens once.) A round by time alone gets on in its days
//! unless all of them are fixed. A round with such a task goes on from the present, and a fixed day
//! that is past turns it back, so that lengths on the way are past as well.

use std::collections::VecDeque;

use super::Ground;
use super::machine::{Machine, Way};
use super::never_happens;
use super::outcome::{Domain, Known, Truth};
use crate::definition::model::{
    Anchor, Fill, Goal, Guard, Part, Point, StateId, StatePart, Stay, Then, Trigger,
};

/// Why a way may take no time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// The state stays until a day that may be past, however often it is entered.
    Day,
    /// It lasts a length from a day that may be past.
    Length,
    /// A task of it is done as it opens.
    Task,
}

/// An atomic state, and whether what counts from its entry counts from a day that is past.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Node(StateId, bool);

impl Node {
    fn place(self) -> usize {
        self.0.0 * 2 + usize::from(self.1)
    }
}

/// A way from one to another that may take no time.
struct Step<'m, 's> {
    from: Node,
    to: Node,
    by: By,
    way: &'m Way<'s>,
}

/// Reports one round for each set of states that lead to each other without time.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    let steps = Steps::new(ground, machine);
    let mut told = vec![false; ground.states.len()];
    for last in steps.0.iter().flatten() {
        let by_days = last.by == By::Day && last.from.1;
        if told[last.from.0.0] || !(by_days || last.by == By::Task) {
            continue;
        }
        let over = |step: &Step| !by_days || step.by == By::Day;
        let Some(round) = steps.path(last, &over) else {
            continue;
        };
        if !steps.can_be(ground, last, &over) {
            continue;
        }
        for Node(id, _) in &round {
            told[id.0] = true;
        }
        let names: Vec<&str> = round
            .iter()
            .chain(round.first())
            .map(|Node(id, _)| &*ground.state(*id).name)
            .collect();
        let message = format!(
            "once these days are past, it never rests: {}",
            names.join(" → ")
        );
        let help = "let one of them last a length, or let a person decide";
        ground.report("restless-loop", &ground.name(last.to.0), &message, help);
    }
}

/// All steps, by the node they begin at.
struct Steps<'m, 's>(Vec<Vec<Step<'m, 's>>>);

impl<'m, 's> Steps<'m, 's> {
    fn new(ground: &Ground, machine: &'m Machine<'s>) -> Self {
        let mut all: Vec<Vec<Step>> = Vec::new();
        for id in ground.all() {
            for past in [false, true] {
                let ways = machine
                    .ways(id)
                    .filter(|way| way.possible && machine.reached(id));
                let step = |way: &'m Way<'s>| {
                    let by = by(ground, way).filter(|by| past || *by != By::Length)?;
                    let (from, to) = (Node(id, past), Node(way.to, by != By::Task));
                    Some(Step { from, to, by, way })
                };
                all.push(ways.filter_map(step).collect());
            }
        }
        Self(all)
    }

    fn of(&self, node: Node) -> &[Step<'m, 's>] {
        &self.0[node.place()]
    }

    /// The states of a round that a step closes, the shortest; it begins where the step leads.
    fn path(&self, last: &Step, over: &dyn Fn(&Step) -> bool) -> Option<Vec<Node>> {
        let mut came_from: Vec<Option<Node>> = vec![None; self.0.len()];
        let mut todo = VecDeque::from([last.to]);
        while let Some(node) = todo.pop_front() {
            if node == last.from {
                let back = |node: &Node| came_from[node.place()];
                let mut path: Vec<Node> = std::iter::successors(Some(node), back).collect();
                path.reverse();
                return Some(path);
            }
            for step in self.of(node).iter().filter(|step| over(step)) {
                let known = &mut came_from[step.to.place()];
                if known.is_none() && step.to != last.to {
                    *known = Some(node);
                    todo.push_back(step.to);
                }
            }
        }
        None
    }

    /// Whether there are values of all facts for which a round is gone: guards may contradict each
    /// other. Places come and go on the way, so of guards that count them nothing is concluded, nor
    /// of a thicket in which that would take for ever.
    fn can_be(&self, ground: &Ground, last: &Step, over: &dyn Fn(&Step) -> bool) -> bool {
        const LOOKS_MAX: usize = 500_000;
        let (onward, back) = (self.reached(last.to, over), self.leading(last.from, over));
        let within: Vec<&Step> = self
            .0
            .iter()
            .flatten()
            .filter(|step| over(step) && onward[step.from.place()] && back[step.to.place()])
            .collect();
        let domain = Domain::of(
            ground,
            within
                .iter()
                .chain([&last])
                .flat_map(|step| guards(step.way)),
        );
        let looks = domain
            .combinations()
            .and_then(|all| all.checked_mul(within.len() + 1));
        if domain.asks_places() || looks.is_none_or(|looks| looks > LOOKS_MAX) {
            return true;
        }
        let gone = |known: &Known| {
            let open = |step: &Step| over(step) && open(known, step.way);
            open(last) && self.path(last, &open).is_some()
        };
        domain.any(gone) != Some(false)
    }

    fn reached(&self, start: Node, over: &dyn Fn(&Step) -> bool) -> Vec<bool> {
        flood(start, self.0.len(), &|node| {
            self.of(node)
                .iter()
                .filter(|step| over(step))
                .map(|step| step.to)
                .collect()
        })
    }

    fn leading(&self, goal: Node, over: &dyn Fn(&Step) -> bool) -> Vec<bool> {
        let mut back: Vec<Vec<Node>> = vec![Vec::new(); self.0.len()];
        for step in self.0.iter().flatten().filter(|step| over(step)) {
            back[step.to.place()].push(step.from);
        }
        flood(goal, self.0.len(), &|node| back[node.place()].clone())
    }
}

/// All that is reached from a node, itself included.
fn flood(start: Node, nodes: usize, next: &dyn Fn(Node) -> Vec<Node>) -> Vec<bool> {
    let mut reached = vec![false; nodes];
    let mut todo = vec![start];
    while let Some(node) = todo.pop() {
        if !std::mem::replace(&mut reached[node.place()], true) {
            todo.extend(next(node));
        }
    }
    reached
}

fn by(ground: &Ground, way: &Way) -> Option<By> {
    if matches!(way.goal, Goal::NextCohort(_)) {
        return None;
    }
    let Some(event) = way.event else {
        return match &ground.state(way.from).stay {
            Stay::Open => None,
            Stay::Lasts(_) => Some(By::Length),
            Stay::Until(point) => by_day(point, way.from),
        };
    };
    let Trigger::Thing(thing) = &event.trigger else {
        return None;
    };
    let task = never_happens::task(ground, false, &thing.name)?;
    let only_roles = task.fills.iter().all(|fill| matches!(fill, Fill::Role(_)));
    let at_once = !thing.cohort && thing.part == Part::Done && !task.fills.is_empty() && only_roles;
    at_once.then_some(By::Task)
}

/// A day measured from the state's own entry moves on with it, as a length does; from the moment of
/// the entry it is never past.
fn by_day(point: &Point, id: StateId) -> Option<By> {
    let after = super::length::days(point.shift.as_ref()).0 >= 1;
    match &point.anchor {
        Anchor::Entered if after => None,
        Anchor::State { state, part } if after && *state == id => match part {
            StatePart::Entered => None,
            StatePart::FirstDay => Some(By::Length),
            StatePart::LastDay | StatePart::Left => Some(By::Day),
        },
        _ => Some(By::Day),
    }
}

/// Whether a case with these facts goes a way.
fn open(known: &Known, way: &Way) -> bool {
    way.event
        .is_none_or(|event| known.truth(&event.guard) == Truth::True)
        && known.taken(way.then) == Some(way.branch)
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
