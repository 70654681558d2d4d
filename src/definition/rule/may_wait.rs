//! `may-wait`: a time is over, or something is held or done, and where the case goes then depends on a
//! fact that nobody was asked for by a day. The case waits where it is, visibly, for ever if need be.
//!
//! A fact is asked for in time when a task with a due day fills it, here or before, or when no case
//! comes here without it: an event needs it, or a guard has tested it. The hold's facts are asked for
//! when some task of the hold with a due day fills them.

use super::Ground;
use super::machine::{Machine, Way};
use super::outcome::{Asked, Domain, Truth, listed, written};
use super::place::then_path;
use super::sites::Sites;
use crate::definition::keyword::Home;
use crate::definition::model::{Event, FactRef, Fill, Guard, Scope, StateId, Task, Then, Trigger};

/// Reports each `then`, and each built-in event, with all facts that it may wait for.
pub(super) fn check(ground: &Ground, machine: &Machine, sites: &Sites) {
    for id in ground.all() {
        let state = ground.state(id);
        if let Some(then) = &state.then {
            decision(ground, machine, sites, id, None, Some(then));
        }
        for event in &state.scope.events {
            if matches!(event.trigger, Trigger::Thing(_)) && event.then.is_some() {
                decision(ground, machine, sites, id, Some(event), event.then.as_ref());
            }
        }
    }
}

fn decision(
    ground: &Ground,
    machine: &Machine,
    sites: &Sites,
    id: StateId,
    event: Option<&Event>,
    then: Option<&Then>,
) {
    let asked = waits_for(ground, event.map(|event| &event.guard), then);
    let missing: Vec<&FactRef> = asked
        .iter()
        .filter(|fact| {
            !asked_in_time(ground, sites, id, event, fact) && !known(ground, machine, id, fact)
        })
        .collect();
    let Some(first) = missing.first() else { return };
    let (verb, them) = if missing.len() == 1 {
        ("is", "it")
    } else {
        ("are", "them")
    };
    let facts = listed(&missing);
    let message = format!(
        "while {facts} {verb} not recorded a case waits here, and no task asks for {them} by a day"
    );
    let help = format!(
        "let a task say \"fills: [{}]\" and \"due:\"",
        written(first)
    );
    let path = then_path(event.map(|event| &event.trigger));
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    ground.report(
        "may-wait",
        &ground.key(Home::Case(id), &path),
        &message,
        &help,
    );
}

/// The facts without which a decision may stand still.
fn waits_for(ground: &Ground, guard: Option<&Guard>, then: Option<&Then>) -> Vec<FactRef> {
    let branches = match then {
        Some(Then::Branches { branches, .. }) => branches.as_slice(),
        Some(Then::To(_)) | None => &[],
    };
    let guards = guard
        .into_iter()
        .chain(branches.iter().map(|(guard, _)| guard));
    let domain = Domain::of(ground, guards);
    let mut found: Vec<FactRef> = Vec::new();
    // With one fact missing and all others known it is that fact which is waited for.
    domain.any(|known| {
        let mut missing = known.missing();
        if let (Some(fact), None) = (missing.next(), missing.next()) {
            let passes = guard.map_or(Truth::True, |guard| known.truth(guard));
            let waits = match passes {
                Truth::True => then.is_some_and(|then| known.taken(then).is_none()),
                Truth::Unknown => true,
                Truth::False => false,
            };
            if waits && !found.contains(fact) {
                found.push(fact.clone());
            }
        }
        false
    });
    found.sort();
    found
}

/// Whether a task with a due day fills a fact, here or before; done is done for the event of a task.
fn asked_in_time(
    ground: &Ground,
    sites: &Sites,
    id: StateId,
    event: Option<&Event>,
    fact: &FactRef,
) -> bool {
    let of_event = |task: &Task| match event.map(|event| &event.trigger) {
        Some(Trigger::Thing(thing)) => thing.name == task.name,
        Some(Trigger::Named(_)) | None => false,
    };
    let fills = |task: &Task| {
        let filled = |fill: &Fill| matches!(fill, Fill::Fact(filled) if filled == fact);
        let by_a_day = task.due.is_some() || task.every.is_some();
        task.fills.iter().any(filled) && (by_a_day && !task.optional || of_event(task))
    };
    let in_scope = |scope: &Scope| scope.tasks.iter().any(fills);
    ground.scopes().any(|(home, scope)| match home {
        Home::Case(site) => in_scope(scope) && (ground.overlap(site, id) || sites.before(site, id)),
        Home::Hold | Home::Workflow => in_scope(scope),
    })
}

/// Whether no case comes to a state without a fact: without the ways that need it, it is not reached.
fn known(ground: &Ground, machine: &Machine, id: StateId, fact: &FactRef) -> bool {
    let without = machine.from([machine.start()], |way| {
        way.possible && !tests(ground, way, fact)
    });
    let here = |atomic: &StateId| ground.upwards(*atomic).any(|outer| outer == id);
    machine
        .atomic()
        .filter(here)
        .all(|atomic| !without[atomic.0])
}

/// Whether a case that went this way has the fact recorded.
fn tests(ground: &Ground, way: &Way, fact: &FactRef) -> bool {
    if way.event.is_some_and(|event| event.needs.contains(fact)) {
        return true;
    }
    let branches = match way.then {
        Then::Branches { branches, .. } => branches.as_slice(),
        Then::To(_) => &[],
    };
    let guard = way
        .event
        .filter(|event| event.may_override.is_empty())
        .map(|event| &event.guard);
    let domain = Domain::of(
        ground,
        guard
            .into_iter()
            .chain(branches.iter().map(|(guard, _)| guard)),
    );
    let asked = Asked::Fact(fact.clone());
    domain.asks(&asked)
        && domain.any(|known| {
            known.get(&asked).is_none()
                && guard.is_none_or(|guard| known.truth(guard) == Truth::True)
                && known.taken(way.then) == Some(way.branch)
        }) == Some(false)
}
