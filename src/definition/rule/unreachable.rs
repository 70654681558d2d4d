//! `unreachable-state`: no case ever comes here. A final one is an end out of reach.

use super::Ground;
use super::machine::Machine;

/// Reports the outermost only. A state that is out of reach because a way to it is dead is not
/// reported again: the dead way is.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    let reached = machine.from([machine.start()], |_| true);
    let mut within = vec![false; ground.states.len()];
    for id in machine.atomic().filter(|id| reached[id.0]) {
        for outer in ground.upwards(id) {
            within[outer.0] = true;
        }
    }
    for id in ground.all().filter(|id| !within[id.0]) {
        if ground
            .state(id)
            .parent
            .is_some_and(|parent| within[parent.0])
        {
            let message = if machine.is_final(id) {
                "no case ever ends here"
            } else {
                "no case ever comes here"
            };
            let help = "let an event or \"then:\" lead here, or leave it out";
            ground.report("unreachable-state", &ground.name(id), message, help);
        }
    }
}
