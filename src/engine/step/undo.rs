//! Taking back what a person led a case on by: it stands where it stood, as it stood there.
//!
//! The states that it should never have come to are left as a withdrawal leaves them: tasks are withdrawn, meetings
//! called off, and what has not been sent about them is not sent. What it left is entered as if it had never been
//! left: with the days of then, its tasks open, its meetings booked. Facts, people and pauses are what people said, and
//! stay. If it is led on again, that is the same visit: what was said of it before and reads the same is not said again.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use crate::definition::model::{Name, Scope, StateId, Trigger};
use crate::engine::effect::MeetingWord;
use crate::engine::event::{Cause, Event};
use crate::engine::frame::Frame;
use crate::engine::input::Refusal;
use crate::engine::subject::{Ending, Kind, MeetingLog, Subject, TaskLog};
use crate::engine::undo::{NotUndone, Undo, Undone};

impl Run<'_> {
    pub(super) fn undo(&mut self, undo: &Undo) -> Result<(), Refusal> {
        if self.subject.kind != Kind::Case {
            return Err(Refusal::OnlyCase {
                what: "be led back",
            });
        }
        let how = self.subject.ended.as_ref().map(|ended| ended.how);
        let is_over = matches!(
            how,
            Some(Ending::Moved | Ending::TakenBack | Ending::Cancelled)
        );
        if is_over || self.subject.anonymised {
            return Err(Refusal::NotUndone(NotUndone::Over));
        }
        let wrong = self.subject.clone();
        let frame = Frame::new(self.view, &wrong);
        let (path, back) = (frame.path(), Frame::new(self.view, &undo.before).path());
        let stays = |id: &StateId| {
            let name = &frame.state(*id).name;
            let visit = |subject: &Subject| subject.visits.get(name).map(|visit| visit.n);
            path.contains(id) && back.contains(id) && visit(&wrong) == visit(&undo.before)
        };
        let gone = |path: &[StateId]| path.iter().copied().filter(|id| !stays(id)).collect();
        let (left, entered): (Vec<StateId>, Vec<StateId>) = (gone(&path), gone(&back));
        let (held, holds) = (self.holds_place(&left), self.holds_place(&entered));
        if holds && !held && self.free_places().is_some_and(|free| free < 1) {
            let places = self.view.workflow.cohort.places.unwrap_or_default();
            return Err(Refusal::HoldFull { places });
        }
        for id in left.iter().rev() {
            let scope = &self.view.workflow.states[id.0].scope;
            self.withdraw_tasks(&frame, scope);
            self.call_off(&frame, scope);
        }
        let after = self.as_before(undo, &wrong, &left, &entered);
        self.happen(Event::Undone {
            cause: undo.cause.clone(),
            from: undo.before.seq,
            after: Box::new(after),
        });
        self.change_places(held, holds);
        self.tell_hold(&left, &entered);
        self.invite_anew(&entered, &wrong);
        Ok(())
    }

    /// The case as it was, but for what people have said since and what goes on wherever it stands.
    fn as_before(
        &self,
        undo: &Undo,
        wrong: &Subject,
        left: &[StateId],
        entered: &[StateId],
    ) -> Subject {
        let before = &undo.before;
        let mut after = Subject::clone(&self.subject);
        after.state.clone_from(&before.state);
        after.ended.clone_from(&before.ended);
        after.visits.clone_from(&before.visits);
        let name = |id: &StateId| &self.view.workflow.states[id.0].name;
        let mut taken_back: BTreeSet<&Name> = entered.iter().map(name).collect();
        for (state, visit) in &wrong.visits {
            if before.visits.get(state).map(|visit| visit.n) != Some(visit.n) {
                taken_back.insert(state);
            }
        }
        for state in &taken_back {
            let visit = wrong.visits.get(*state).or(before.visits.get(*state));
            after
                .undone
                .entry((*state).clone())
                .or_default()
                .push(Undone {
                    visit: visit.map_or(1, |visit| visit.n),
                    from: before.seq,
                    to: wrong.seq,
                    revision: undo.revision,
                });
        }
        for id in left.iter().chain(entered) {
            let scope = format!("@{}#", name(id));
            after.marks.remove(name(id));
            after.again.retain(|said, _| !said.contains(&scope));
        }
        for id in entered {
            if let Some(marks) = before.marks.get(name(id)) {
                after.marks.insert(name(id).clone(), marks.clone());
            }
        }
        if let Cause::Event(name) = &undo.cause {
            fired_as_before(&mut after, before, name);
        }
        for state in taken_back {
            if let Some(id) = self.view.workflow.state_ids.get(state) {
                let scope = &self.view.workflow.states[id.0].scope;
                things_as_before(&mut after, before, wrong, scope, self.at);
            }
        }
        after
    }

    /// Whoever was told that a meeting is off is invited to it again.
    fn invite_anew(&mut self, entered: &[StateId], wrong: &Subject) {
        let now = self.subject.clone();
        let frame = Frame::new(self.view, &now);
        for id in entered {
            for meeting in &self.view.workflow.states[id.0].scope.meetings {
                let open = |subject: &Subject| {
                    let log = subject.meetings.get(&meeting.name);
                    log.map_or_else(Vec::new, |log| log.open.clone())
                };
                let was = open(wrong);
                for booking in open(&now) {
                    if booking.start > self.at && !was.iter().any(|one| one.no == booking.no) {
                        self.invite(&frame, meeting, &booking, MeetingWord::Invited);
                    }
                }
            }
        }
    }
}

/// Tasks, meetings and events of one scope as they were; their numbers go on, since what was said of them was said.
fn things_as_before(
    after: &mut Subject,
    before: &Subject,
    wrong: &Subject,
    scope: &Scope,
    at: jiff::Timestamp,
) {
    for task in &scope.tasks {
        let log = as_it_was(&before.tasks, &mut after.tasks, &task.name);
        if let Some((was, log)) = log {
            let opened = log.opened.max(was.opened);
            *log = TaskLog { opened, ..was };
        }
    }
    for meeting in &scope.meetings {
        let log = as_it_was(&before.meetings, &mut after.meetings, &meeting.name);
        if let Some((was, log)) = log {
            let booked = log.booked.max(was.booked);
            *log = MeetingLog { booked, ..was };
            let there = wrong.meetings.get(&meeting.name);
            for booking in &mut log.open {
                let is_there = there.is_some_and(|log| log.open.contains(booking));
                // It was called off by one revision more: this one is newer than that.
                if booking.start > at && !is_there {
                    booking.revision += 2;
                }
            }
        }
    }
    for event in &scope.events {
        if let Trigger::Named(name) = &event.trigger {
            fired_as_before(after, before, name);
        }
    }
}

fn fired_as_before(after: &mut Subject, before: &Subject, name: &str) {
    match before.fired.get_key_value(name) {
        Some((name, happened)) => drop(after.fired.insert(name.clone(), *happened)),
        None => drop(after.fired.remove(name)),
    }
}

/// What a log was, and where it stands now; none when there never was one.
fn as_it_was<'a, L: Clone + Default>(
    before: &BTreeMap<Name, L>,
    after: &'a mut BTreeMap<Name, L>,
    name: &Name,
) -> Option<(L, &'a mut L)> {
    let was = before.get(name).cloned();
    if was.is_none() && !after.contains_key(name) {
        return None;
    }
    Some((
        was.unwrap_or_default(),
        after.entry(name.clone()).or_default(),
    ))
}
