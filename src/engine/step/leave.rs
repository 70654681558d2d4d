//! What leaving a state means: farewell mail, open tasks withdrawn, unheld meetings called off.

use super::Run;
use crate::calendar::Moment;
use crate::definition::model::{
    Anchor, Message, MessageTime, Part, Point, Scope, StateId, StatePart,
};
use crate::engine::effect::{About, MeetingWord};
use crate::engine::event::{Event, Fate, TaskFate};
use crate::engine::frame::{Frame, Open};
use crate::engine::guard::Truth;
use crate::engine::plan::{self, Ordinal, Planned, What, Why};

impl Run<'_> {
    /// What leaving means: mail of what has happened still goes, open tasks are withdrawn, unheld
    /// meetings called off.
    pub(super) fn leave(&mut self, frame: &Frame<'_>, left: &[StateId], by_time: bool) {
        for id in left.iter().rev() {
            self.say_farewell(frame, *id, left);
            let scope = &self.view.workflow.states[id.0].scope;
            self.withdraw_tasks(frame, scope);
            if by_time {
                self.miss_tasks(frame, *id);
            }
            self.call_off(frame, scope);
        }
    }

    /// Mail whose event has happened leaves although its state does, so it is decided now: the
    /// farewell itself, and what happened in this very step.
    fn say_farewell(&mut self, frame: &Frame<'_>, id: StateId, left: &[StateId]) {
        let state = frame.state(id);
        let Some(open) = frame.open().into_iter().find(|open| open.state == Some(id)) else {
            return;
        };
        for message in &state.scope.messages {
            let MessageTime::When { point, until } = &message.when else {
                continue;
            };
            let declaration = format!("message.{}", message.name);
            let due = if let Some(n) = parting(frame, point, id, left) {
                Some(self.farewell(&open, declaration, message, point, n))
            } else if point.shift.is_none() && plan::outlives(&point.anchor) {
                plan::one_shot(frame, &open, point, until.as_ref(), &declaration)
                    .map(|shot| shot.planned(&open, declaration, What::Message(message)))
            } else {
                None
            };
            if let Some(due) = due {
                self.last_word(frame, &due, message);
            }
        }
    }

    fn farewell<'m>(
        &self,
        open: &Open<'_>,
        declaration: String,
        message: &'m Message,
        point: &Point,
        n: u32,
    ) -> Planned<'m> {
        let calendar = &self.view.workflow.calendar;
        let moment = Moment::At(self.at);
        let at = match point.at {
            Some(_) => calendar.place(moment, None, point.at).at.max(self.at),
            None => self.at,
        };
        Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration,
            ordinal: Ordinal::Count(n.into()),
            at,
            what: What::Message(message),
            why: Why {
                phrase: point.text.clone(),
                nominal: None,
                moved: None,
            },
            ahead: false,
        }
    }

    /// Decides a message whose scope closes: it goes now or never.
    fn last_word(&mut self, frame: &Frame<'_>, due: &Planned<'_>, message: &Message) {
        if self.speaks_of_a_state_passed_through(frame, due, message, true) {
            return self.decided(due, due.mark(), Fate::Missed);
        }
        let holds = frame.truth(&message.guard, self.today()) == Truth::True;
        if holds && frame.unmet(&message.needs).is_empty() {
            let intent = self.message_intent(frame, due, message);
            self.say(due, About::Message, Some(intent));
        } else {
            self.decided(due, due.mark(), Fate::Guard);
        }
    }

    pub(super) fn withdraw_tasks(&mut self, frame: &Frame<'_>, scope: &Scope) {
        for task in &scope.tasks {
            let log = frame.subject.tasks.get(&task.name);
            for one in log.map_or(&[][..], |log| &log.open) {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no: one.no,
                    what: TaskFate::Withdrawn,
                });
            }
        }
    }

    /// A latecomer passes through a state whose time was up; what should have been done in it shows.
    fn miss_tasks(&mut self, frame: &Frame<'_>, id: StateId) {
        let state = frame.state(id);
        let visit = frame.subject.visits.get(&state.name);
        if visit.is_none_or(|visit| visit.at < self.at) {
            return;
        }
        for task in state.scope.tasks.iter().filter(|task| task.every.is_none()) {
            let mark = format!("task.{}", task.name);
            if frame.subject.mark(&state.name, &mark).is_none() {
                self.happen(Event::Task {
                    task: task.name.clone(),
                    no: 0,
                    what: TaskFate::Missed,
                });
            }
        }
    }

    /// Meetings to come are called off; of one that has begun nobody will say any more how it went.
    pub(super) fn call_off(&mut self, frame: &Frame<'_>, scope: &Scope) {
        for meeting in &scope.meetings {
            let Some(log) = frame.subject.meetings.get(&meeting.name) else {
                continue;
            };
            for booking in &log.open {
                if booking.start > self.at {
                    self.happen(Event::Met {
                        meeting: meeting.name.clone(),
                        no: booking.no,
                        part: Part::Cancelled,
                        listed: false,
                    });
                    self.invite(frame, meeting, booking, MeetingWord::Cancelled);
                } else {
                    self.lapse(meeting, booking.no);
                }
            }
        }
    }
}

/// Whether a point is the leaving of what is left now, and which visit ends with it.
fn parting(frame: &Frame<'_>, point: &Point, own: StateId, left: &[StateId]) -> Option<u32> {
    let id = match &point.anchor {
        _ if point.shift.is_some() => return None,
        Anchor::Left => own,
        Anchor::State {
            state,
            part: StatePart::Left,
        } if left.contains(state) => *state,
        _ => return None,
    };
    Some(frame.subject.visits.get(&frame.state(id).name)?.n)
}
