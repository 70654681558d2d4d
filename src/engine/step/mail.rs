//! Intents: what mail is wanted, by whom, and from when.

use jiff::{SignedDuration, Timestamp};

use super::Run;
use super::decide::useless_from;
use crate::calendar::{Length, Unit};
use crate::definition::model::{Anchor, Message, MessageTime, Name, Point};
use crate::engine::effect::{About, EventSaid, Intent};
use crate::engine::frame::{Frame, atomic_in};
use crate::engine::plan::Planned;
use crate::engine::subject::Kind;
use crate::engine::why::why_words;

impl Run<'_> {
    /// Mail that follows from a task: `THING-word`, else the general name.
    pub(super) fn intent(
        &self,
        due: &Planned<'_>,
        name: &Name,
        template: &str,
        to: &[Name],
    ) -> Intent {
        let mut intent = self.intent_of(due.occurrence(), due.at, name, "", template, to);
        intent.templates = vec![
            format!("{}-{template}", name.replace('_', "-")),
            template.to_owned(),
        ];
        intent.why = why_words(due);
        intent
    }

    pub(super) fn intent_of(
        &self,
        occurrence: String,
        at: Timestamp,
        name: &Name,
        kind: &str,
        word: &str,
        to: &[Name],
    ) -> Intent {
        let mut intent = Intent {
            occurrence,
            revision: 0,
            decided: self.subject.seq,
            again: false,
            early: false,
            name: name.clone(),
            about: About::Message,
            templates: vec![
                format!("{}-{word}", name.replace('_', "-")),
                format!("{kind}-{word}"),
            ],
            to: to.to_vec(),
            cases_in: Vec::new(),
            at,
            not_before: self.view.workflow.calendar.open_at_or_after(at),
            useless_from: None,
            gather_until: None,
            scope: None,
            event: None,
            called_off: None,
            why: String::new(),
        };
        let revision = intent
            .visit()
            .map(|(scope, visit)| self.subject.revision_in(scope, visit));
        intent.revision = revision.unwrap_or(0);
        intent
    }

    pub(super) fn message_intent(
        &self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        message: &Message,
    ) -> Intent {
        let mut intent =
            self.intent_of(due.occurrence(), due.at, &message.name, "", "", &message.to);
        intent.templates = vec![message.template.clone()];
        intent.why = why_words(due);
        if let Some(revision) = frame.subject.again.get(&intent.occurrence) {
            intent.revision = *revision;
            intent.again = true;
            // It goes when it was asked for, if its time has passed; that is not late.
            intent.at = due.at.max(self.at);
            intent.not_before = self.view.workflow.calendar.open_at_or_after(intent.at);
        }
        intent.useless_from = useless_from(frame, due, message);
        if self.subject.kind != Kind::Case {
            intent.cases_in = atomic_in(self.view.workflow, &message.about);
        }
        if let Some(length) = message.gather {
            intent.gather_until =
                Some(self.gathered(intent.not_before.min(due.at), minutes(length)));
        }
        let point = match &message.when {
            MessageTime::When { point, .. } => Some(point),
            MessageTime::Every(_) => None,
        };
        intent.event = point.and_then(|point| self.event_said(frame, due, point));
        // News of what has happened still leaves when the state does not last; a planned word does not.
        let news = point.is_some_and(|point| point.shift.is_none() && is_happening(&point.anchor));
        if !news && self.subject.kind == Kind::Case {
            intent.scope = Some((due.scope.clone(), due.visit));
        }
        intent
    }

    /// When a gathering that opens now closes: inside send hours.
    pub(super) fn gathered(&self, from: Timestamp, minutes: i64) -> Timestamp {
        self.view
            .workflow
            .calendar
            .open_at_or_after(from + SignedDuration::from_mins(minutes))
    }

    fn event_said(&self, frame: &Frame<'_>, due: &Planned<'_>, point: &Point) -> Option<EventSaid> {
        let open = frame
            .open()
            .into_iter()
            .find(|open| open.name == due.scope)?;
        let at = frame.anchor(&point.anchor, &open)?.since?;
        Some(EventSaid {
            title: crate::engine::why::anchor_words(self.view.workflow, &point.anchor),
            at,
        })
    }
}

fn is_happening(anchor: &Anchor) -> bool {
    use crate::definition::model::StatePart;
    match anchor {
        Anchor::Entered
        | Anchor::Left
        | Anchor::Event(_)
        | Anchor::PlaceFree
        | Anchor::HoldCancelled
        | Anchor::Thing(_) => true,
        Anchor::State { part, .. } => matches!(part, StatePart::Entered | StatePart::Left),
        Anchor::Date(_)
        | Anchor::Ended
        | Anchor::HoldDate(_)
        | Anchor::Fact(_)
        | Anchor::Meeting { .. }
        | Anchor::TaskDue { .. } => false,
    }
}

/// A gathering's length in minutes; longer units count whole days.
fn minutes(length: Length) -> i64 {
    let count = i64::from(length.count);
    match length.unit {
        Unit::Minutes => count,
        Unit::Hours => count * 60,
        Unit::CalendarDays | Unit::Workdays => count * 24 * 60,
        Unit::Weeks => count * 7 * 24 * 60,
        Unit::Months | Unit::Years => count * 30 * 24 * 60,
    }
}
