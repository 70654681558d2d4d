//! Deciding one planned occurrence whose time has come.

use jiff::Timestamp;

use super::Run;
use crate::definition::machine::Branch;
use crate::definition::model::{
    Anchor, Event as EventDef, FactRef, Goal, Message, MessageTime, StateId, StatePart, Task, Then,
    ThingPart,
};
use crate::engine::effect::{About, Effect};
use crate::engine::event::{Cause, Decision, Event, Fate, TaskFate};
use crate::engine::frame::Frame;
use crate::engine::guard::{FREE_PLACES, NEXT_COHORT, Truth, of_hold};
use crate::engine::input::Refusal;
use crate::engine::plan::{self, Ordinal, Planned, Reach, What};
use crate::engine::subject::Mark;

impl Run<'_> {
    pub(super) fn decide(&mut self, frame: &Frame<'_>, due: &Planned<'_>) -> Result<(), Refusal> {
        match &due.what {
            What::Deadline(state) => return self.time_is_up(frame, due, *state),
            What::Resume(state, event) => return self.resume(frame, due, *state, event),
            What::Hears(thing) => return self.hears(frame, thing),
            What::HoldEnds => self.hold_ends(frame),
            What::SlotMoves(meeting, no, to) => self.follow(frame, due, meeting, *no, *to)?,
            What::Overdue(task, no) => self.overdue(task, *no)?,
            What::TaskOpens(task) => self.open_task(frame, due, task)?,
            What::MeetingSlot(meeting, start) => self.book_slot(frame, due, meeting, *start),
            What::Message(message) => self.message(frame, due, message),
            What::MeetingReminder(meeting, no, remind) => {
                self.remind_of_meeting(frame, due, meeting, *no, remind);
            }
            What::BookingReminder(meeting, remind) => {
                self.remind_to_book(frame, due, meeting, remind);
            }
            What::BookingOverdue(meeting) => self.booking_overdue(frame, due, meeting),
            What::TaskReminder(task, no, remind) => {
                self.remind_of_task(frame, due, task, *no, remind);
            }
            What::OverdueMail(task, no) => self.overdue_mail(frame, due, task, *no),
            What::Retention => self.erase(),
            What::Due(..) | What::Meets(..) => {}
        }
        Ok(())
    }

    /// Records what was decided about an occurrence, with its mark.
    pub(super) fn decided(&mut self, due: &Planned<'_>, mark: Mark, fate: Fate) {
        self.happen(Event::Decided(decision(due, mark, fate)));
    }

    /// A state's time is up: the first branch that holds. A missing fact makes it wait, visibly.
    fn time_is_up(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        id: StateId,
    ) -> Result<(), Refusal> {
        let Some(then) = &frame.state(id).then else {
            return Ok(());
        };
        let way = match self.goal(frame, then) {
            Ok(way) => way,
            Err(facts) => {
                self.wait(due, facts);
                return Ok(());
            }
        };
        let waited = matches!(
            frame.subject.mark(&due.scope, &due.declaration),
            Some(Mark::Waiting { .. })
        );
        if waited {
            self.at_resumption(frame, due);
        }
        let base = if waited {
            self.today()
        } else {
            frame.calendar().local(due.at).date()
        };
        let base = frame.own_end(id).filter(|_| !waited).unwrap_or(base);
        match self.missing_for(frame, &way.1) {
            Some(missing) => self.wait(due, vec![missing]),
            None => self.go(frame, id, way, Cause::Time, base)?,
        }
        Ok(())
    }

    /// What was waited for came at some instant, and what follows counts from its day. A place or a
    /// later hold says nothing of its own time: then it is the present.
    fn at_resumption(&mut self, frame: &Frame<'_>, due: &Planned<'_>) {
        let dated = match frame.subject.mark(&due.scope, &due.declaration) {
            Some(Mark::Waiting { facts, .. }) => frame.known_since(facts).is_some(),
            _ => true,
        };
        if !dated {
            self.at = self.now;
        }
    }

    /// Something happened earlier that leads on, and what was missing for it is there now.
    fn resume(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        id: StateId,
        event: &EventDef,
    ) -> Result<(), Refusal> {
        self.at_resumption(frame, due);
        match self.leads_to(frame, event) {
            Ok(Some(way)) => {
                let cause = Cause::Event(due.declaration.replacen("event.", "", 1));
                self.go(frame, id, way, cause, self.today())
            }
            Ok(None) => {
                self.decided(due, due.mark(), Fate::Guard);
                Ok(())
            }
            Err(facts) => {
                self.wait_to_react(frame, id, event, facts);
                Ok(())
            }
        }
    }

    /// Where an event leads now; nowhere; or what would have to be known or free.
    pub(super) fn leads_to(
        &self,
        frame: &Frame<'_>,
        event: &EventDef,
    ) -> Result<Option<(Branch, Goal)>, Vec<FactRef>> {
        match frame.truth(&event.guard, self.today()) {
            Truth::True => {}
            Truth::False => return Ok(None),
            Truth::Unknown(facts) => return Err(facts),
        }
        let Some(then) = &event.then else {
            return Ok(None);
        };
        let way = self.goal(frame, then)?;
        match self.missing_for(frame, &way.1) {
            Some(missing) => Err(vec![missing]),
            None => Ok(Some(way)),
        }
    }

    /// A case takes note of what happened on its hold, once, and its state reacts.
    fn hears(&mut self, frame: &Frame<'_>, thing: &ThingPart) -> Result<(), Refusal> {
        let Some(happened) = frame.happened_to_all(thing) else {
            return Ok(());
        };
        self.take_note(thing, happened.count, happened.at);
        self.raise(true, &thing.name, thing.part)
    }

    pub(super) fn take_note(&mut self, thing: &ThingPart, count: u32, happened_at: Timestamp) {
        self.happen(Event::Heard {
            name: thing.name.clone(),
            part: thing.part,
            count,
            happened_at,
        });
    }

    /// What a goal needs of the hold that is not there now.
    pub(super) fn missing_for(&self, frame: &Frame<'_>, goal: &Goal) -> Option<FactRef> {
        match goal {
            Goal::NextCohort(_) => self
                .view
                .next_cohort
                .is_none()
                .then(|| of_hold(NEXT_COHORT)),
            Goal::State(id) => {
                let full =
                    self.takes_place(frame, *id) && self.free_places().is_some_and(|free| free < 1);
                full.then(|| of_hold(FREE_PLACES))
            }
        }
    }

    fn wait(&mut self, due: &Planned<'_>, facts: Vec<FactRef>) {
        let mark = Mark::Waiting {
            ordinal: 1,
            facts: facts.clone(),
        };
        self.decided(due, mark, Fate::Waiting(facts));
    }

    /// Where a `then` leads now, or the facts it would have to know.
    pub(super) fn goal(
        &self,
        frame: &Frame<'_>,
        then: &Then,
    ) -> Result<(Branch, Goal), Vec<FactRef>> {
        match then {
            Then::To(goal) => Ok((Branch::Only, goal.clone())),
            Then::Branches {
                branches,
                otherwise,
            } => {
                for (at, (guard, goal)) in branches.iter().enumerate() {
                    match frame.truth(guard, self.today()) {
                        Truth::True => return Ok((Branch::If(at), goal.clone())),
                        Truth::False => {}
                        Truth::Unknown(facts) => return Err(facts),
                    }
                }
                Ok((Branch::Else, otherwise.clone()))
            }
        }
    }

    fn overdue(&mut self, task: &Task, no: u32) -> Result<(), Refusal> {
        self.happen(Event::Task {
            task: task.name.clone(),
            no,
            what: TaskFate::Overdue,
        });
        self.raise(false, &task.name, crate::definition::model::Part::Overdue)
    }

    fn message(&mut self, frame: &Frame<'_>, due: &Planned<'_>, message: &Message) {
        let (due, older) = self.newest(frame, due, message);
        let (mark, fate) = match (self.verdict(frame, &due, message), due.ordinal) {
            (Verdict::Goes, _) => {
                if older > 0 {
                    self.decided(&due, due.mark(), Fate::Coalesced(older));
                }
                self.decided(&due, due.mark(), Fate::Queued);
                let intent = self.message_intent(frame, &due, message);
                self.effects.push(Effect::Mail(Box::new(intent)));
                return;
            }
            (Verdict::Passed(Some(anchor_at)), Ordinal::Count(ordinal)) => {
                (Mark::Missed { ordinal, anchor_at }, Fate::Missed)
            }
            (Verdict::Passed(_), _) => (due.mark(), Fate::Missed),
            (Verdict::Needs(missing), Ordinal::Count(ordinal)) => {
                let mark = Mark::Waiting {
                    ordinal,
                    facts: missing.clone(),
                };
                (mark, Fate::Waiting(missing))
            }
            // The next slot says it anew: this one is not waited for.
            (Verdict::Guard | Verdict::Needs(_), _) => (due.mark(), Fate::Guard),
        };
        self.decided(&due, mark, fate);
    }

    /// Whether a message goes now, or why not.
    pub(super) fn verdict(
        &self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        message: &Message,
    ) -> Verdict {
        if let Some(anchor_at) = before_passed(frame, due, message, self.now) {
            return Verdict::Passed(Some(anchor_at));
        }
        if self.speaks_of_a_state_passed_through(frame, due, message, false) {
            return Verdict::Passed(None);
        }
        if frame.truth(&message.guard, self.today()) != Truth::True {
            return Verdict::Guard;
        }
        match frame.unmet(&message.needs) {
            missing if missing.is_empty() => Verdict::Goes,
            missing => Verdict::Needs(missing),
        }
    }

    /// A latecomer goes through states whose time was up before they came; nobody is welcomed there.
    pub(super) fn speaks_of_a_state_passed_through(
        &self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        message: &Message,
        leaving: bool,
    ) -> bool {
        let MessageTime::When { point, .. } = &message.when else {
            return false;
        };
        let name = match &point.anchor {
            Anchor::Entered => due.scope.clone(),
            Anchor::State {
                state,
                part: StatePart::Entered,
            } => frame.state(*state).name.clone(),
            _ => return false,
        };
        frame.subject.visits.get(&name).is_some_and(|visit| {
            let left_at = visit.left.as_ref().map_or(self.at, |left| left.at);
            (leaving || visit.left.is_some())
                && left_at <= visit.at
                && frame.calendar().local(visit.at).date() > visit.day
        })
    }

    /// Of a recurrence only the newest slot goes: after an outage, or when closed days push two
    /// slots onto one day. Says how many older ones are left out.
    fn newest<'p>(
        &self,
        frame: &Frame<'p>,
        due: &Planned<'p>,
        message: &Message,
    ) -> (Planned<'p>, u32) {
        let MessageTime::Every(_) = &message.when else {
            return (due.clone(), 0);
        };
        let same_day = |at: Timestamp| {
            frame.calendar().local(at).date() == frame.calendar().local(due.at).date()
        };
        let mut newest = due.clone();
        let mut older = 0;
        for planned in plan::slots_of(
            frame,
            due,
            Reach::Through(self.now.max(end_of_day(frame, due.at))),
        ) {
            if planned.ordinal > newest.ordinal && (planned.at <= self.now || same_day(planned.at))
            {
                newest = planned;
                older += 1;
            }
        }
        (newest, older)
    }

    /// Facts that were waited for, or a state passed through at once: nothing is reminded of then.
    pub(super) fn say(
        &mut self,
        due: &Planned<'_>,
        about: About,
        intent: Option<crate::engine::effect::Intent>,
    ) {
        match intent {
            Some(mut intent) => {
                intent.about = about;
                self.decided(due, due.mark(), Fate::Queued);
                self.effects.push(Effect::Mail(Box::new(intent)));
            }
            None => self.decided(due, due.mark(), Fate::Missed),
        }
    }
}

/// What a message comes to.
pub(super) enum Verdict {
    /// It goes.
    Goes,
    /// What it was to come before began then; `None`: it speaks of what was passed through.
    Passed(Option<Timestamp>),
    /// Its guard does not hold, or is unknown.
    Guard,
    /// These are not known.
    Needs(Vec<FactRef>),
}

/// A decision about an occurrence, at its time.
pub(super) fn decision(due: &Planned<'_>, mark: Mark, fate: Fate) -> Decision {
    Decision {
        occurrence: due.occurrence(),
        scope: due.scope.clone(),
        declaration: due.declaration.clone(),
        mark,
        fate,
        early: None,
    }
}

fn end_of_day(frame: &Frame<'_>, at: Timestamp) -> Timestamp {
    let day = frame.calendar().local(at).date();
    frame.calendar().start_of(day.tomorrow().unwrap_or(day))
}

/// The anchor of a "before" message, once it has passed: such mail is missed, never sent.
fn before_passed(
    frame: &Frame<'_>,
    due: &Planned<'_>,
    message: &Message,
    now: Timestamp,
) -> Option<Timestamp> {
    let anchor = useless_from(frame, due, message)?;
    (anchor <= now).then_some(anchor)
}

/// From when on a "before" message says nothing useful: when what it is before begins.
pub(super) fn useless_from(
    frame: &Frame<'_>,
    due: &Planned<'_>,
    message: &Message,
) -> Option<Timestamp> {
    let MessageTime::When { point, .. } = &message.when else {
        return None;
    };
    if !plan::is_before(point.shift.as_ref()) {
        return None;
    }
    let open = frame
        .open()
        .into_iter()
        .find(|open| open.name == due.scope)?;
    Some(frame.begins(frame.anchor(&point.anchor, &open)?.moment))
}
