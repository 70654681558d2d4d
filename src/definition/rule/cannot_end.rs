//! `cannot-end`: from every state a case can be in, some end is reached.

use super::Ground;
use super::machine::Machine;
use super::no_exit;
use crate::definition::model::StateId;

/// Reports states from which no end is reached. One that only leads to states reported already
/// (`no-exit`) is not reported again, and of a round that is closed only the first.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    let ends = |id| machine.is_final(id) || no_exit::stuck(machine, id);
    let ending = machine.leading_to(ends);
    let mut told = vec![false; ground.states.len()];
    for id in machine.atomic().filter(|id| machine.reached(*id)) {
        if ending[id.0] || told[id.0] {
            continue;
        }
        let lost = machine.from([id], |way| way.possible);
        let names = machine.atomic().filter(|id| lost[id.0]);
        let names: Vec<&str> = names.map(|id| &*ground.state(id).name).collect();
        let message = match names.as_slice() {
            [_] => "a case that comes here never ends".to_owned(),
            _ => format!(
                "a case that comes here never ends: it only goes between {}",
                names.join(", ")
            ),
        };
        let help = "let some way from here lead to a final state";
        ground.report("cannot-end", &ground.name(id), &message, help);
        mark(&mut told, machine.from([id], |way| way.possible), id);
    }
}

fn mark(told: &mut [bool], lost: Vec<bool>, first: StateId) {
    told[first.0] = true;
    for (told, lost) in told.iter_mut().zip(lost) {
        *told |= lost;
    }
}
