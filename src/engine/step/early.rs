//! A person wants a planned mail sent before its time: it is decided now, by what is asked of it at its time, and then
//! it is decided.

use super::Run;
use super::decide::{Verdict, decision};
use crate::definition::model::{Message, MessageTime};
use crate::engine::effect::Effect;
use crate::engine::event::{Event, Fate};
use crate::engine::frame::Frame;
use crate::engine::input::{NotEarly, Refusal};
use crate::engine::plan::{self, Planned, What};
use crate::engine::subject::Mark;
use crate::engine::why::{facts_words, guard_words};

impl Run<'_> {
    pub(super) fn send_early(&mut self, occurrence: &str) -> Result<(), Refusal> {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let decided = self.decide_early(&frame, occurrence);
        decided.map_err(|why| Refusal::NotEarly {
            occurrence: occurrence.to_owned(),
            why,
        })
    }

    fn decide_early(&mut self, frame: &Frame<'_>, occurrence: &str) -> Result<(), NotEarly> {
        let (planned, message) = planned(frame, occurrence)?;
        match self.verdict(frame, &planned, message) {
            Verdict::Goes => {}
            Verdict::Passed(_) => return Err(NotEarly::Passed),
            Verdict::Guard => {
                let condition = guard_words(frame.workflow(), &message.guard);
                return Err(NotEarly::Guard { condition });
            }
            Verdict::Needs(facts) => {
                let facts = facts_words(frame.workflow(), &facts);
                return Err(NotEarly::Needs { facts });
            }
        }
        let mut due = planned.clone();
        due.at = self.at;
        let mut decision = decision(&due, due.mark(), Fate::Queued);
        decision.early = Some(planned.at);
        self.happen(Event::Decided(decision));
        let mut intent = self.message_intent(frame, &due, message);
        intent.early = true;
        intent.why.push_str(", men sendt før tid");
        self.effects.push(Effect::Mail(Box::new(intent)));
        Ok(())
    }
}

/// The message that is planned by this name, if it can be said at another time than its own.
fn planned<'a>(
    frame: &Frame<'a>,
    occurrence: &str,
) -> Result<(Planned<'a>, &'a Message), NotEarly> {
    let heads = plan::next_messages(frame).into_iter();
    let mut found = heads.filter_map(|planned| match planned.what {
        What::Message(message) if planned.occurrence() == occurrence => Some((planned, message)),
        _ => None,
    });
    match found.next() {
        Some((_, message)) if !says_the_same_now(message) => Err(whose_time_it_is(message)),
        Some(found) => Ok(found),
        None => Err(not_planned(frame, occurrence)),
    }
}

/// Whether a message is about one thing, which is the same before its time.
fn says_the_same_now(message: &Message) -> bool {
    matches!(message.when, MessageTime::When { .. }) && message.gather.is_none()
}

fn whose_time_it_is(message: &Message) -> NotEarly {
    match message.when {
        MessageTime::Every(_) => NotEarly::Recurs,
        MessageTime::When { .. } => NotEarly::Gathered,
    }
}

/// Why nothing is planned by this name.
fn not_planned(frame: &Frame<'_>, occurrence: &str) -> NotEarly {
    let (declaration, rest) = occurrence.split_once('@').unwrap_or((occurrence, ""));
    let Some(name) = declaration.strip_prefix("message.") else {
        return NotEarly::Follows;
    };
    let (scope, number) = rest.split_once('#').unwrap_or((rest, ""));
    let (visit, ordinal) = number.split_once('.').unwrap_or((number, ""));
    let mut open = frame.open().into_iter();
    let here = open.find(|open| *open.name == *scope && visit.parse() == Ok(open.visit));
    let Some(open) = here else {
        let state = scope.into();
        return NotEarly::Elsewhere { state };
    };
    let mut messages = open.scope.messages.iter();
    match messages.find(|message| *message.name == *name) {
        None => NotEarly::Unplanned,
        Some(message) if !says_the_same_now(message) => whose_time_it_is(message),
        Some(_) => {
            let ordinal: u64 = ordinal.parse().unwrap_or_default();
            match frame.subject.mark(scope, declaration) {
                Some(Mark::Waiting {
                    ordinal: waiting,
                    facts,
                }) if *waiting == ordinal => NotEarly::Needs {
                    facts: facts_words(frame.workflow(), facts),
                },
                _ if plan::is_decided(frame, scope, declaration, ordinal) => NotEarly::Decided,
                _ => NotEarly::Unplanned,
            }
        }
    }
}
