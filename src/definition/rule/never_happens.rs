//! `event-never-happens`: a state that reacts to a task or meeting which nobody has while in it, or
//! to something that cannot become of it.

use std::collections::HashMap;

use super::Ground;
use crate::definition::keyword::Home;
use crate::definition::model::{Part, StateId, Task, Trigger};

/// Reports them.
pub(super) fn check(ground: &Ground) {
    let homes = homes(ground);
    for id in ground.all() {
        for event in &ground.state(id).scope.events {
            let trigger = event.trigger.to_string();
            let span = || ground.key(Home::Case(id), &["events", &trigger]);
            if let Some((message, help)) = why(ground, &event.trigger) {
                ground.report("event-never-happens", &span(), &message, help);
            } else if let Trigger::Thing(thing) = &event.trigger
                && !thing.cohort
                && let Some(owners) = homes.get(&*thing.name)
                && owners.iter().all(|owner| !ground.overlap(*owner, id))
            {
                let owner = &ground.state(owners[0]).name;
                let message = format!("\"{}\" is of \"{owner}\": nobody has it here", thing.name);
                let help = format!("react in \"{owner}\", or in a state that both are in");
                ground.report("event-never-happens", &span(), &message, &help);
            }
        }
    }
}

/// The states that declare each task and meeting of a case.
pub(super) fn homes<'g>(ground: &Ground<'g, '_>) -> HashMap<&'g str, Vec<StateId>> {
    let mut homes: HashMap<&str, Vec<StateId>> = HashMap::new();
    for id in ground.all() {
        let scope = &ground.state(id).scope;
        let tasks = scope.tasks.iter().map(|task| &*task.name);
        for name in tasks.chain(scope.meetings.iter().map(|meeting| &*meeting.name)) {
            homes.entry(name).or_default().push(id);
        }
    }
    homes
}

/// Whether a case in an atomic state can have what an event is about: its own tasks and meetings are
/// withdrawn with the state that declares them.
pub(super) fn open(
    ground: &Ground,
    homes: &HashMap<&str, Vec<StateId>>,
    trigger: &Trigger,
    atomic: StateId,
) -> bool {
    let Trigger::Thing(thing) = trigger else {
        return true;
    };
    let owners = homes.get(&*thing.name).filter(|_| !thing.cohort);
    owners.is_none_or(|owners| {
        owners
            .iter()
            .any(|owner| ground.upwards(atomic).any(|id| id == *owner))
    })
}

/// Why a built-in event never happens wherever the case is.
pub(super) fn why(ground: &Ground, trigger: &Trigger) -> Option<(String, &'static str)> {
    let Trigger::Thing(thing) = trigger else {
        return None;
    };
    if thing.part != Part::Overdue {
        return None;
    }
    let task = task(ground, thing.cohort, &thing.name)?;
    if task.optional {
        let message = format!(
            "\"{}\" is optional, so that it is never overdue",
            thing.name
        );
        return Some((message, "leave out \"optional:\", or the event"));
    }
    (task.due.is_none() && task.every.is_none()).then(|| {
        let message = format!(
            "\"{}\" has no \"due:\", so that it is never overdue",
            thing.name
        );
        (message, "give the task \"due:\", or leave out the event")
    })
}

/// A task by its name.
pub(super) fn task<'g>(ground: &Ground<'g, '_>, cohort: bool, name: &str) -> Option<&'g Task> {
    let mut scopes = ground
        .scopes()
        .filter(|(home, _)| (*home == Home::Hold) == cohort);
    scopes.find_map(|(_, scope)| scope.tasks.iter().find(|task| *task.name == *name))
}
