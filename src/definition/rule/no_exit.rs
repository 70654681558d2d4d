//! `no-exit`: a state that is not final and has no way out at all.

use super::Ground;
use super::machine::Machine;
use crate::definition::model::StateId;

/// Reports them.
pub(super) fn check(ground: &Ground, machine: &Machine) {
    for id in machine.atomic().filter(|id| stuck(machine, *id)) {
        let help = "give it \"final:\", or an event or a time with \"then:\"";
        let message = "a case that comes here stays for ever";
        ground.report("no-exit", &ground.name(id), message, help);
    }
}

/// Whether a case stays there for ever.
pub(super) fn stuck(machine: &Machine, id: StateId) -> bool {
    !machine.is_final(id) && machine.ways(id).next().is_none()
}
