//! `branch-never-taken` and `guard-never-holds`: what an author wrote for cases that cannot be.

use std::collections::HashSet;

use super::Ground;
use super::outcome::{Domain, Truth};
use super::place::then_path;
use crate::definition::keyword::Home;
use crate::definition::model::{Event, Guard, StateId, Test, Then};
use crate::definition::yaml::{Kind, Node};

/// Branches that no case ever takes: of a state, the event by its place or the way by time, and the
/// number of the branch. They are no ways.
#[derive(Default)]
pub(super) struct Dead(HashSet<(StateId, Option<usize>, usize)>);

impl Dead {
    pub(super) fn has(&self, state: StateId, event: Option<usize>, branch: usize) -> bool {
        self.0.contains(&(state, event, branch))
    }
}

/// Reports both, and says which branches are dead.
pub(super) fn check(ground: &Ground) -> Dead {
    let mut dead = Dead::default();
    for (home, scope) in ground.scopes() {
        if let Home::Case(id) = home {
            of_state(ground, id, &mut dead);
        }
        let things = [
            (
                "tasks",
                scope
                    .tasks
                    .iter()
                    .map(|task| (&task.name, &task.guard))
                    .collect::<Vec<_>>(),
            ),
            (
                "meetings",
                scope
                    .meetings
                    .iter()
                    .map(|it| (&it.name, &it.guard))
                    .collect(),
            ),
            (
                "messages",
                scope
                    .messages
                    .iter()
                    .map(|it| (&it.name, &it.guard))
                    .collect(),
            ),
        ];
        for (key, named) in things {
            for (name, guard) in named {
                holds(ground, home, &[key, name, "if"], guard);
            }
        }
    }
    dead
}

fn of_state(ground: &Ground, id: StateId, dead: &mut Dead) {
    let state = ground.state(id);
    for (at, event) in state.scope.events.iter().enumerate() {
        let trigger = event.trigger.to_string();
        let may_pass = holds(
            ground,
            Home::Case(id),
            &["events", &trigger, "if"],
            &event.guard,
        ) || !event.may_override.is_empty();
        let Some(then) = &event.then else { continue };
        if may_pass {
            let path = then_path(Some(&event.trigger));
            branches(ground, id, &path, Some((at, event)), then, dead);
        } else {
            dead.0
                .extend((0..=count(then)).map(|branch| (id, Some(at), branch)));
        }
    }
    if let Some(then) = &state.then {
        branches(ground, id, &then_path(None), None, then, dead);
    }
}

fn count(then: &Then) -> usize {
    match then {
        Then::To(_) => 0,
        Then::Branches { branches, .. } => branches.len(),
    }
}

/// Whether a guard can hold; reports one that cannot.
fn holds(ground: &Ground, home: Home, path: &[&str], guard: &Guard) -> bool {
    let Some(node) = ground.node(home, path).filter(|node| whole(node, guard)) else {
        return true;
    };
    let can = Domain::of(ground, [guard]).any(|known| known.truth(guard) == Truth::True);
    if can == Some(false) {
        let help =
            "whatever is recorded, one of its lines is false: is one of them meant otherwise?";
        ground.report("guard-never-holds", &node.span, "this can never hold", help);
    }
    can != Some(false)
}

fn branches(
    ground: &Ground,
    id: StateId,
    path: &[String],
    event: Option<(usize, &Event)>,
    then: &Then,
    dead: &mut Dead,
) {
    let Then::Branches { branches, .. } = then else {
        return;
    };
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let at = |branch: usize, key: &str| {
        let number = branch.to_string();
        let path: Vec<&str> = path.iter().copied().chain([number.as_str(), key]).collect();
        ground.node(Home::Case(id), &path)
    };
    let guards = branches.iter().map(|(guard, _)| guard);
    let read = guards
        .clone()
        .enumerate()
        .all(|(branch, guard)| at(branch, "if").is_some_and(|node| whole(node, guard)));
    if !read {
        return;
    }
    let passes = event
        .map(|(_, event)| &event.guard)
        .filter(|_| event.is_none_or(|(_, event)| event.may_override.is_empty()));
    let mut domain = Domain::of(ground, guards.chain(passes));
    if let Some((_, event)) = event {
        domain.recorded(&event.needs);
    }
    let mut taken = vec![false; branches.len() + 1];
    let tried = domain.any(|known| {
        if passes.is_none_or(|guard| known.truth(guard) == Truth::True)
            && let Some(branch) = known.taken(then)
        {
            taken[branch] = true;
        }
        taken.iter().all(|taken| *taken)
    });
    if tried.is_none() {
        return;
    }
    for branch in (0..taken.len()).filter(|branch| !taken[*branch]) {
        dead.0.insert((id, event.map(|(at, _)| at), branch));
        let alone = branches.get(branch).is_some_and(|(guard, _)| {
            Domain::of(ground, [guard]).any(|known| known.truth(guard) == Truth::True) == Some(true)
        });
        let node = at(
            branch,
            if branch < branches.len() {
                "if"
            } else {
                "else"
            },
        );
        let span = node.map_or_else(|| ground.name(id), |node| node.span.clone());
        let (message, help) = words(branch == branches.len(), alone);
        ground.report("branch-never-taken", &span, message, help);
    }
}

fn words(otherwise: bool, alone: bool) -> (&'static str, &'static str) {
    match (otherwise, alone) {
        (true, _) => (
            "no case ever comes here: the branches before take all",
            "while a fact is not recorded the case waits; \"else\" is not taken then. Let \"else\" stand for the last branch, or test for {recorded: no}",
        ),
        (false, true) => (
            "no case ever goes this way: what it asks for went another way before",
            "put it before the branches that take its cases, or leave it out",
        ),
        (false, false) => (
            "no case ever goes this way: this can never hold",
            "whatever is recorded, one of its lines is false: is one of them meant otherwise?",
        ),
    }
}

/// Whether all of a guard could be read: of a faulty one nothing is said but its fault.
fn whole(node: &Node, guard: &Guard) -> bool {
    let Kind::Map(entries) = &node.kind else {
        return false;
    };
    let lines = entries.iter().zip(&guard.0);
    entries.len() == guard.0.len()
        && lines
            .into_iter()
            .all(|((_, value), test)| match (test, &value.kind) {
                (Test::Any(guards), Kind::List(items)) => {
                    items.len() == guards.len()
                        && items
                            .iter()
                            .zip(guards)
                            .all(|(item, guard)| whole(item, guard))
                }
                _ => true,
            })
}
