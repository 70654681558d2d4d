//! Whether mail is still wanted when it is about to leave.

use super::No;
use crate::definition::model::{Message, MessageTime};
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::frame::Frame;
use crate::engine::guard::Truth;
use crate::engine::plan;
use crate::engine::subject::{Ended, Ending, Kind};
use crate::runner::context::Context;
use crate::runner::reason::Reason;
use jiff::Timestamp;

/// Whether mail of one subject is still wanted.
pub(super) fn wanted(context: &Context, intent: &Intent, now: Timestamp) -> Result<(), No> {
    if intent.useless_from.is_some_and(|from| from <= now) {
        return Err(No::Cancel(Reason::MomentPassed));
    }
    let subject = &context.subject;
    let took_back = |(scope, visit)| subject.took_back(scope, visit, intent.decided);
    if intent.visit().is_some_and(took_back) {
        return Err(No::Cancel(Reason::Undone));
    }
    if let Some((state, n)) = &intent.scope
        && subject.kind == Kind::Case
    {
        let here = subject
            .visits
            .get(state)
            .is_some_and(|visit| visit.n == *n && visit.left.is_none());
        if !here {
            return Err(No::Cancel(Reason::LeftState));
        }
    }
    if subject.is_taken_back() {
        return Err(No::Cancel(Reason::TakenBack));
    }
    let is_cancelled = |ended: &Ended| ended.how == Ending::Cancelled;
    let view = context.view();
    let frame = Frame::new(&view, subject);
    if subject.ended.as_ref().is_some_and(is_cancelled) && !tells_of_the_end(&frame, intent) {
        return Err(No::Cancel(Reason::HoldCancelled));
    }
    match &intent.about {
        About::Message => {
            let today = frame.calendar().local(now).date();
            let Some(message) = message_of(&frame, &intent.name) else {
                // The version that it was decided by is not that of its case any more.
                return Err(No::Cancel(Reason::NotInVersion));
            };
            if frame.truth(&message.guard, today) != Truth::True {
                return Err(No::Cancel(Reason::ConditionFails));
            }
        }
        About::Meeting { no, word } => {
            let open = subject
                .meetings
                .get(&intent.name)
                .and_then(|log| log.open.iter().find(|booking| booking.no == *no));
            let current = open.is_some_and(|booking| {
                booking.revision == intent.revision || *word == MeetingWord::Reminder
            });
            if *word != MeetingWord::Cancelled && !current {
                return Err(No::Cancel(Reason::MeetingChanged));
            }
        }
        About::Task { no } | About::Overdue { no } if *no > 0 => {
            let log = subject.tasks.get(&intent.name);
            if !log.is_some_and(|log| log.open.iter().any(|one| one.no == *no)) {
                return Err(No::Cancel(Reason::TaskClosed));
            }
        }
        // What somebody wrote has been written, whatever has become of the case; whether a lot is still held is
        // seen when it is told of.
        About::Reply | About::LateLot { .. } => {}
        About::Task { .. } | About::Overdue { .. } | About::Booking => {
            if is_booked(&frame, intent) {
                return Err(No::Cancel(Reason::MeetingBooked));
            }
        }
    }
    Ok(())
}

/// Whether the meeting has been booked that nobody had: of one that recurs, on the slot in question.
fn is_booked(frame: &Frame<'_>, intent: &Intent) -> bool {
    if let Some(booked) = plan::books_slot(frame, &intent.occurrence) {
        return booked;
    }
    let log = frame.subject.meetings.get(&intent.name);
    log.is_some_and(|log| !log.open.is_empty())
}

/// Whether mail still has something to say when the hold is cancelled: what has happened, and what is called off.
fn tells_of_the_end(frame: &Frame<'_>, intent: &Intent) -> bool {
    match &intent.about {
        About::Message => message_of(frame, &intent.name).is_some_and(|message| {
            matches!(&message.when, MessageTime::When { point, .. } if plan::outlives(&point.anchor))
        }),
        About::Meeting { word, .. } => *word == MeetingWord::Cancelled,
        About::Reply | About::LateLot { .. } => true,
        About::Booking | About::Task { .. } | About::Overdue { .. } => false,
    }
}

fn message_of<'a>(frame: &Frame<'a>, name: &str) -> Option<&'a Message> {
    let workflow = frame.workflow();
    let all: Box<dyn Iterator<Item = &'a Message>> = match frame.subject.kind {
        Kind::Case => Box::new(
            workflow
                .states
                .iter()
                .flat_map(|state| &state.scope.messages),
        ),
        Kind::Cohort => Box::new(workflow.cohort.scope.messages.iter()),
        Kind::Workflow => Box::new(workflow.scope.messages.iter()),
    };
    all.into_iter().find(|message| *message.name == *name)
}
