//! Meetings: booking, moving, holding, calling off, inviting, reminding.

use std::collections::BTreeMap;

use super::Run;
use super::input::may;
use crate::calendar::Slot;
use crate::definition::model::{Meeting, MeetingTime, Name, Part};
use crate::engine::effect::{About, Effect, MeetingWord};
use crate::engine::event::{Event, Fate, thing_part};
use crate::engine::frame::{Frame, Open, atomic_in};
use crate::engine::guard::Truth;
use crate::engine::input::{Actor, News, Refusal};
use crate::engine::plan::{self, Ordinal, Planned, Reach};
use crate::engine::subject::{Answered, Booking, Kind};
use jiff::Timestamp;
use jiff::civil::DateTime;

impl Run<'_> {
    /// A recurring meeting books itself on its slot.
    pub(super) fn book_slot(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        meeting: &Meeting,
        start: Timestamp,
    ) {
        let Ordinal::Slot(slot) = due.ordinal else {
            return;
        };
        let end = start + plan::length_of(meeting.lasts);
        if end <= self.now {
            return self.decided(due, due.mark(), Fate::Missed);
        }
        if frame.truth(&meeting.guard, self.today()) != Truth::True {
            return self.decided(due, due.mark(), Fate::Guard);
        }
        let no = frame
            .subject
            .meetings
            .get(&meeting.name)
            .map_or(1, |log| log.booked + 1);
        self.decided(due, due.mark(), Fate::Done);
        let booking = Booking {
            no,
            slot: Some(slot),
            made: self.at,
            start,
            end,
            place: None,
            revision: 0,
            answers: BTreeMap::new(),
        };
        self.set_booking(meeting, &booking, MeetingWord::Invited);
    }

    /// A meeting that booked itself follows its recurrence, or is called off when it has no slot left.
    pub(super) fn follow(
        &mut self,
        frame: &Frame<'_>,
        due: &Planned<'_>,
        meeting: &Meeting,
        no: u32,
        to: Option<Slot>,
    ) -> Result<(), Refusal> {
        let log = frame.subject.meetings.get(&meeting.name);
        let booking = log.and_then(|log| log.open.iter().find(|booking| booking.no == no));
        let Some(booking) = booking else {
            return Ok(());
        };
        let Some(to) = to else {
            self.happen(Event::Met {
                meeting: meeting.name.clone(),
                no,
                part: Part::Cancelled,
                listed: false,
            });
            self.invite(frame, meeting, booking, MeetingWord::Cancelled);
            return self.raise(false, &meeting.name, Part::Cancelled);
        };
        self.decided(due, due.mark(), Fate::Done);
        let moved = Booking {
            slot: Some(to.nominal),
            start: to.at,
            end: to.at + plan::length_of(meeting.lasts),
            made: self.at,
            revision: booking.revision + 1,
            ..booking.clone()
        };
        self.set_booking(meeting, &moved, MeetingWord::Moved);
        Ok(())
    }

    fn set_booking(&mut self, meeting: &Meeting, booking: &Booking, word: MeetingWord) {
        let Booking {
            no,
            slot,
            start,
            end,
            place,
            revision,
            ..
        } = booking.clone();
        self.lapse_older(meeting);
        let name = meeting.name.clone();
        self.happen(Event::Booked {
            meeting: name,
            no,
            slot,
            start,
            end,
            place,
            revision,
        });
        let before = self.subject.clone();
        self.invite(&Frame::new(self.view, &before), meeting, booking, word);
    }

    /// Of meetings that are over only the latest waits to be told how it went.
    fn lapse_older(&mut self, meeting: &Meeting) {
        let log = self.subject.meetings.get(&meeting.name);
        let open = log.map_or(&[][..], |log| &log.open);
        let mut over: Vec<u32> = open
            .iter()
            .filter(|booking| booking.end <= self.at)
            .map(|booking| booking.no)
            .collect();
        over.pop();
        for no in over {
            self.lapse(meeting, no);
        }
    }

    pub(super) fn lapse(&mut self, meeting: &Meeting, no: u32) {
        self.happen(Event::Lapsed {
            meeting: meeting.name.clone(),
            no,
        });
    }

    pub(super) fn book(
        &mut self,
        name: &Name,
        start: DateTime,
        place: Option<String>,
        actor: &Actor,
    ) -> Result<(), Refusal> {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let refuse = |why: String| Refusal::NotBookable {
            meeting: name.to_string(),
            why,
        };
        let (open, meeting) = find(&frame, name).ok_or_else(|| {
            refuse(format!(
                "it is not declared in state {:?}",
                before.state.as_deref().unwrap_or("-")
            ))
        })?;
        if let Some(book) = &meeting.book {
            may(&book.by, &[], actor)?;
        }
        within(&frame, &open, meeting, start).map_err(refuse)?;
        let at = frame.calendar().instant(start);
        if at <= self.now {
            return Err(refuse(format!("{start} has passed")));
        }
        let log = before.meetings.get(name);
        let slot = slot_for(&frame, &open, meeting, start);
        let moved = log.and_then(|log| match meeting.when {
            MeetingTime::Free => None,
            // One that has begun is no plan any more: what is booked now is another.
            MeetingTime::Between(..) => log.open.iter().find(|booking| booking.start > self.now),
            MeetingTime::Every(_) => log.open.iter().find(|booking| booking.slot == slot),
        });
        let no = moved.map_or_else(|| log.map_or(0, |log| log.booked) + 1, |booking| booking.no);
        let revision = moved.map_or(0, |booking| booking.revision + 1);
        let end = at + plan::length_of(meeting.lasts);
        let booking = Booking {
            no,
            slot,
            made: self.at,
            start: at,
            end,
            place,
            revision,
            answers: BTreeMap::new(),
        };
        let word = if moved.is_some() {
            MeetingWord::Moved
        } else {
            MeetingWord::Invited
        };
        self.set_booking(meeting, &booking, word);
        Ok(())
    }

    pub(super) fn met(
        &mut self,
        name: &Name,
        part: Part,
        attendance: &[(i64, bool)],
    ) -> Result<(), Refusal> {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let open = before.meetings.get(name).map_or(&[][..], |log| &log.open);
        let begun = open.iter().rfind(|booking| booking.start <= self.now);
        let coming = open.iter().find(|booking| booking.start > self.now);
        // Someone comes or does not come to the latest that has begun; called off is the next.
        let booking = match part {
            Part::Held | Part::NoShow => begun.or(coming),
            Part::Cancelled => coming.or(begun),
            Part::Done | Part::Overdue => None,
        };
        let (Some(booking), Some((_, meeting))) = (booking, find(&frame, name)) else {
            return Err(Refusal::NotBooked {
                meeting: name.to_string(),
            });
        };
        self.happen(Event::Met {
            meeting: name.clone(),
            no: booking.no,
            part,
            listed: !attendance.is_empty(),
        });
        if part == Part::Cancelled {
            self.invite(&frame, meeting, booking, MeetingWord::Cancelled);
        }
        if self.subject.kind == Kind::Cohort {
            self.tell_attendance(name, booking.no, part, attendance);
        }
        self.raise(false, name, part)
    }

    /// Answers come in any order, and twice: one to an older time than was answered last is no news, and
    /// neither is one that was given before it.
    pub(super) fn answer(
        &mut self,
        name: &Name,
        no: u32,
        seat: &str,
        answer: &Answered,
    ) -> Result<(), Refusal> {
        let log = self.subject.meetings.get(name);
        let booking = log.and_then(|log| log.open.iter().find(|booking| booking.no == no));
        let Some(booking) = booking else {
            return Err(Refusal::NotBooked {
                meeting: name.to_string(),
            });
        };
        let before = booking.answers.get(seat);
        let is_news = before
            .is_none_or(|before| (before.revision, before.stamp) < (answer.revision, answer.stamp));
        if is_news {
            self.happen(Event::Answered {
                meeting: name.clone(),
                no,
                seat: seat.to_owned(),
                said: answer.said,
                revision: answer.revision,
                stamp: answer.stamp,
            });
        }
        Ok(())
    }

    /// An attendance list gives each case `cohort.MEETING.held` or `.no_show`.
    fn tell_attendance(&mut self, name: &Name, no: u32, part: Part, attendance: &[(i64, bool)]) {
        for came in [true, false] {
            let cases: Vec<i64> = attendance
                .iter()
                .filter(|(_, c)| *c == came)
                .map(|(case, _)| *case)
                .collect();
            let part = if part == Part::Held && !came {
                Part::NoShow
            } else {
                part
            };
            if !cases.is_empty() {
                let news = News::Hold {
                    name: name.clone(),
                    part,
                    at: self.at,
                };
                let key = thing_part(&format!("meeting.{name}#{no}"), part);
                self.effects.push(Effect::TellCases { cases, key, news });
            }
        }
    }

    /// Somebody came where the hold's meetings look: those booked ahead are looked at again.
    pub(super) fn invite_newcomers(&mut self) {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        for meeting in &self.view.workflow.cohort.scope.meetings {
            for booking in before
                .meetings
                .get(&meeting.name)
                .map_or(&[][..], |log| &log.open)
            {
                if booking.start > self.at {
                    self.invite(&frame, meeting, booking, MeetingWord::Invited);
                }
            }
        }
    }

    /// Participants are always invited; the invitation follows when the meeting moves and is withdrawn when it is called off.
    pub(super) fn invite(
        &mut self,
        frame: &Frame<'_>,
        meeting: &Meeting,
        booking: &Booking,
        word: MeetingWord,
    ) {
        let Some(open) = scope_with(frame, meeting) else {
            return;
        };
        let revision = booking.revision + u32::from(word == MeetingWord::Cancelled);
        let general = match word {
            MeetingWord::Invited | MeetingWord::Reminder => "invitation",
            MeetingWord::Moved => "moved",
            MeetingWord::Cancelled => "cancelled",
        };
        let occurrence = format!(
            "meeting.{}#{}.invitation@{}#{}",
            meeting.name, booking.no, open.name, open.visit
        );
        let mut intent = self.intent_of(
            occurrence,
            self.at,
            &meeting.name,
            "meeting",
            general,
            &meeting.with,
        );
        intent.revision = revision;
        let why = match word {
            MeetingWord::Invited | MeetingWord::Reminder => "mødet er booket",
            MeetingWord::Moved => "mødet er flyttet",
            MeetingWord::Cancelled => "mødet er aflyst",
        };
        intent.why.push_str(why);
        intent.about = About::Meeting {
            no: booking.no,
            word,
        };
        intent.called_off = (word == MeetingWord::Cancelled).then(|| booking.clone());
        intent.useless_from = Some(booking.start);
        intent.cases_in = self.cases_for(meeting);
        self.effects.push(Effect::Mail(Box::new(intent)));
    }

    pub(super) fn cases_for(&self, meeting: &Meeting) -> Vec<Name> {
        match self.subject.kind {
            Kind::Cohort => atomic_in(self.view.workflow, &meeting.about),
            Kind::Case | Kind::Workflow => Vec::new(),
        }
    }
}

/// A meeting declared in an open scope, innermost first.
pub(super) fn find<'a>(frame: &Frame<'a>, name: &str) -> Option<(Open<'a>, &'a Meeting)> {
    frame.open().into_iter().rev().find_map(|open| {
        let scope = open.scope;
        scope
            .meetings
            .iter()
            .find(|meeting| *meeting.name == *name)
            .map(|meeting| (open, meeting))
    })
}

fn scope_with<'a>(frame: &Frame<'a>, meeting: &Meeting) -> Option<Open<'a>> {
    find(frame, &meeting.name).map(|(open, _)| open)
}

/// Both days of a window are included; a window whose start is unknown cannot be booked in.
fn within(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    start: DateTime,
) -> Result<(), String> {
    let MeetingTime::Between(from, to) = &meeting.when else {
        return Ok(());
    };
    let Some((first, last)) = plan::window(frame, open, meeting) else {
        return Err(format!(
            "its window is not known yet: it begins {:?} and ends {:?}",
            from.text, to.text
        ));
    };
    if first > last {
        return Err(format!("its window is empty: {first} to {last}"));
    }
    if start.date() < first || start.date() > last {
        return Err(format!(
            "{} lies outside its window, {first} to {last}",
            start.date()
        ));
    }
    Ok(())
}

/// The slot that a booking of a recurring meeting belongs to: the latest that is not after it.
fn slot_for(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    start: DateTime,
) -> Option<DateTime> {
    let MeetingTime::Every(rec) = &meeting.when else {
        return None;
    };
    let until = frame.calendar().instant(
        start
            .date()
            .tomorrow()
            .ok()?
            .to_datetime(jiff::civil::Time::midnight()),
    );
    let before = frame.calendar().local(open.at);
    plan::slots_between(frame, open, rec, before, Reach::Until(until))
        .last()
        .copied()
}
