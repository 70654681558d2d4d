//! What a version declares, so that what is new in another one is known.

use crate::definition::model::{Meeting, Message, Name, Scope, Task, Workflow};
use crate::engine::frame::{COHORT, WORKFLOW};
use crate::engine::plan::{Planned, What};
use crate::engine::renamed::Renamed;

/// What the older version declares, by scope, under the new names.
pub(super) struct Declared<'a> {
    scopes: Vec<(Name, &'a Scope)>,
    renamed: &'a Renamed,
    /// Whether things that are late were told of.
    overdue: bool,
}

impl<'a> Declared<'a> {
    pub(super) fn of(old: &'a Workflow, renamed: &'a Renamed) -> Self {
        let states = old.states.iter();
        let states = states.map(|state| (renamed.state(&state.name).clone(), &state.scope));
        let others = [(COHORT, &old.cohort.scope), (WORKFLOW, &old.scope)];
        let others = others.map(|(name, scope)| (Name::from(name), scope));
        Self {
            scopes: states.chain(others).collect(),
            renamed,
            overdue: old.overdue.is_some(),
        }
    }

    pub(super) fn is_new(&self, due: &Planned<'_>) -> bool {
        let scope = self.scopes.iter().find(|(name, _)| *name == due.scope);
        let things = match &*due.scope {
            COHORT | WORKFLOW => &self.renamed.hold,
            _ => &self.renamed.case,
        };
        let message = |new: &Message| {
            let called =
                |old: &Message| things.messages.get(&old.name).unwrap_or(&old.name) == &new.name;
            scope.is_some_and(|(_, scope)| scope.messages.iter().any(called))
        };
        let task = |new: &Task| {
            let called =
                |old: &&Task| things.tasks.get(&old.name).unwrap_or(&old.name) == &new.name;
            scope.and_then(|(_, scope)| scope.tasks.iter().find(called))
        };
        let meeting = |new: &Meeting| {
            let called =
                |old: &&Meeting| things.meetings.get(&old.name).unwrap_or(&old.name) == &new.name;
            scope.and_then(|(_, scope)| scope.meetings.iter().find(called))
        };
        match &due.what {
            What::Message(new) => !message(new),
            What::TaskOpens(new) => task(new).is_none(),
            What::TaskReminder(new, _, remind) => {
                task(new).is_none_or(|old| old.remind.iter().all(|other| other.text != remind.text))
            }
            What::OverdueMail(new, _) => task(new).is_none() || !self.overdue,
            What::MeetingSlot(new, _) => meeting(new).is_none(),
            What::MeetingReminder(new, _, remind) => meeting(new)
                .is_none_or(|old| old.remind.iter().all(|other| other.text != remind.text)),
            What::BookingReminder(new, remind) => {
                let book = meeting(new).and_then(|old| old.book.as_ref());
                book.is_none_or(|old| old.remind.iter().all(|other| other.text != remind.text))
            }
            What::BookingOverdue(new) => {
                let book = meeting(new).and_then(|old| old.book.as_ref());
                book.is_none() || !self.overdue
            }
            // A case moves, hears, is overdue and is forgotten by what it is in, whenever that was written.
            What::Deadline(_)
            | What::Resume(..)
            | What::Hears(_)
            | What::HoldEnds
            | What::Overdue(..)
            | What::SlotMoves(..)
            | What::Retention
            | What::Due(..)
            | What::Meets(..) => false,
        }
    }
}
