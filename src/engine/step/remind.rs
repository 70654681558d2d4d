//! Reminding of meetings, and of meetings that nobody has booked.

use super::Run;
use crate::definition::model::{Meeting, MeetingTime, Name, Remind};
use crate::engine::effect::{About, MeetingWord};
use crate::engine::event::Fate;
use crate::engine::frame::Frame;
use crate::engine::guard::Truth;
use crate::engine::plan::{self, Ordinal, Planned};

impl Run<'_> {
    pub(super) fn remind_of_meeting(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        meeting: &Meeting,
        no: u32,
        remind: &Remind,
    ) {
        let booking = frame
            .subject
            .meetings
            .get(&meeting.name)
            .and_then(|log| log.open.iter().find(|one| one.no == no));
        let Some(booking) = booking else {
            return self.decided(due, due.mark(), Fate::Missed);
        };
        let span = crate::calendar::Moment::Span {
            start: booking.start,
            end: booking.end,
        };
        let at = frame
            .calendar()
            .place(span, Some(&remind.shift), remind.at)
            .at;
        let before = plan::is_before(Some(&remind.shift));
        // Whoever was invited after the time of the reminder needs no reminder on top.
        if before && (booking.start <= self.now || at < booking.made) {
            return self.decided(due, due.mark(), Fate::Missed);
        }
        let mut intent = self.intent_of(
            due.occurrence(),
            self.at,
            &meeting.name,
            "meeting",
            "reminder",
            &meeting.with,
        );
        intent.revision = booking.revision;
        intent.why = crate::engine::why::why_words(due);
        intent.useless_from = before.then_some(booking.start);
        intent.cases_in = self.cases_for(meeting);
        intent.scope = Some((due.scope.clone(), due.visit));
        self.say(
            due,
            About::Meeting {
                no,
                word: MeetingWord::Reminder,
            },
            Some(intent),
        );
    }

    pub(super) fn remind_to_book(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        meeting: &Meeting,
        remind: &Remind,
    ) {
        let Some(book) = meeting
            .book
            .as_ref()
            .filter(|_| !has_slot(frame, due, meeting))
        else {
            return self.decided(due, due.mark(), Fate::Done);
        };
        if frame.truth(&meeting.guard, self.today()) != Truth::True {
            return self.decided(due, due.mark(), Fate::Guard);
        }
        let newer = book
            .remind
            .iter()
            .filter(|other| other.text != remind.text)
            .any(|other| {
                let open = frame.open().into_iter().find(|open| open.name == due.scope);
                let day = open.and_then(|open| match due.ordinal {
                    Ordinal::Slot(slot) => Some(plan::due_day(frame, book, slot.date())),
                    Ordinal::Count(_) => plan::booking_due(frame, &open, meeting, book),
                });
                day.is_some_and(|day| {
                    let at = frame
                        .calendar()
                        .place(
                            crate::calendar::Moment::Day(day),
                            Some(&other.shift),
                            other.at,
                        )
                        .at;
                    at <= self.now && at > due.at
                })
            });
        let intent =
            (!newer).then(|| self.booking_intent(due, meeting, "booking-reminder", &book.by));
        self.say(due, About::Booking, intent);
    }

    pub(super) fn booking_overdue(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        meeting: &Meeting,
    ) {
        let Some(rule) = frame
            .workflow()
            .overdue
            .as_ref()
            .filter(|_| !has_slot(frame, due, meeting))
        else {
            return self.decided(due, due.mark(), Fate::Done);
        };
        if frame.truth(&meeting.guard, self.today()) != Truth::True {
            return self.decided(due, due.mark(), Fate::Guard);
        }
        let intent = self.booking_intent(due, meeting, "task-overdue", &rule.to);
        self.say(due, About::Overdue { no: 0 }, Some(intent));
    }

    fn booking_intent(
        &self,
        due: &Planned<'_>,
        meeting: &Meeting,
        template: &str,
        to: &[Name],
    ) -> crate::engine::effect::Intent {
        let mut intent = self.intent(due, &meeting.name, template, to);
        intent.scope = Some((due.scope.clone(), due.visit));
        // What comes up for one person at the same moment is one mail.
        intent.gather_until = Some(intent.not_before);
        intent
    }
}

/// Whether the slot that a recurring meeting's booking is due for has its booking already.
fn has_slot(frame: &Frame<'_>, due: &Planned<'_>, meeting: &Meeting) -> bool {
    let (Ordinal::Slot(slot), MeetingTime::Every(rec)) = (due.ordinal, &meeting.when) else {
        return false;
    };
    let open = frame.open().into_iter().find(|open| open.name == due.scope);
    open.is_some_and(|open| plan::is_booked_for(frame, &open, meeting, rec, slot))
}
