//! When meetings take place, are booked, and are reminded of.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::messages::is_decided;
use super::rhythm::is_booked_for;
use super::slots::{open_slots, slots_after};
use super::{Ordinal, Planned, Reach, What, Why};
use crate::calendar::{By, Direction, Length, Moment, Shift, Unit};
use crate::definition::model::{Book, Meeting, MeetingTime, Recurrence, Remind};
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::{Booking, Mark, MeetingLog};

pub fn of<'a>(frame: &Frame<'a>, open: &Open<'a>, reach: Reach, out: &mut Vec<Planned<'a>>) {
    for meeting in &open.scope.meetings {
        match (&meeting.when, &meeting.book) {
            (MeetingTime::Every(rec), None) => {
                slots(frame, open, meeting, rec, reach, out);
                if !open.ahead {
                    super::rhythm::of(frame, open, meeting, rec, out);
                }
            }
            (MeetingTime::Every(rec), Some(book)) => {
                booked_slots(frame, open, meeting, rec, book, reach, out);
            }
            (MeetingTime::Between(..), book) => {
                windowed(frame, open, meeting, book.as_ref(), reach, out);
            }
            (MeetingTime::Free, _) => {}
        }
        if !open.ahead {
            for booking in log(frame, meeting).map_or(&[][..], |log| &log.open) {
                reminders(frame, open, meeting, booking, out);
                out.push(meets(
                    open,
                    meeting,
                    booking.start,
                    Some(booking.start),
                    String::new(),
                ));
            }
        }
    }
}

fn log<'f>(frame: &Frame<'f>, meeting: &Meeting) -> Option<&'f MeetingLog> {
    frame.subject.meetings.get(&meeting.name)
}

/// A meeting's length; lengths of meetings are minutes or hours.
#[must_use]
pub fn length_of(length: Length) -> SignedDuration {
    let minutes = match length.unit {
        Unit::Hours => i64::from(length.count) * 60,
        _ => i64::from(length.count),
    };
    SignedDuration::from_mins(minutes)
}

/// A recurring meeting that books itself: the first slot on entry, each next one when the one before is over.
fn slots<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    meeting: &'a Meeting,
    rec: &'a Recurrence,
    reach: Reach,
    out: &mut Vec<Planned<'a>>,
) {
    let declaration = format!("meeting.{}", meeting.name);
    let mut free_from = match frame.subject.mark(&open.name, &declaration) {
        Some(Mark::Through(last)) if !open.ahead => {
            let nominal = frame.calendar().instant(*last) + length_of(meeting.lasts);
            // A slot that was moved off a closed day is over when it is over, not when it would have been.
            let log = log(frame, meeting);
            let booked = log
                .into_iter()
                .flat_map(|log| log.open.iter().chain(&log.last));
            let actual = booked
                .filter(|booking| booking.slot == Some(*last))
                .map(|booking| booking.end);
            actual.max().unwrap_or(nominal).max(open.at)
        }
        _ => open.at,
    };
    for slot in open_slots(frame, open, rec, &declaration, reach) {
        let why = Why {
            phrase: format!("every: {}", rec.text),
            nominal: Some(slot.nominal),
            moved: slot.moved,
        };
        out.push(Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration: declaration.clone(),
            ordinal: Ordinal::Slot(slot.nominal),
            at: free_from,
            what: What::MeetingSlot(meeting, slot.at),
            why,
            ahead: open.ahead,
        });
        out.push(meets(
            open,
            meeting,
            slot.at,
            Some(slot.at),
            format!("every: {}", rec.text),
        ));
        free_from = slot.at + length_of(meeting.lasts);
    }
}

/// A recurring meeting that somebody books, slot by slot.
fn booked_slots<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    meeting: &'a Meeting,
    rec: &'a Recurrence,
    book: &'a Book,
    reach: Reach,
    out: &mut Vec<Planned<'a>>,
) {
    let mut push =
        |word: String, remind: &Remind, what: What<'a>, from_due: bool, after: Option<&Shift>| {
            let declaration = format!("meeting.{}.book.{word}", meeting.name);
            for slot in open_slots(frame, open, rec, &declaration, reach) {
                let due = due_day(frame, book, slot.nominal.date());
                let base = if from_due { due } else { slot.nominal.date() };
                let placed = frame.calendar().place(
                    Moment::Day(base),
                    Some(after.unwrap_or(&remind.shift)),
                    remind.at,
                );
                out.push(Planned {
                    scope: open.name.clone(),
                    visit: open.visit,
                    declaration: declaration.clone(),
                    ordinal: Ordinal::Slot(slot.nominal),
                    at: placed.at.max(open.at),
                    what: what.clone(),
                    why: Why {
                        phrase: remind.text.clone(),
                        nominal: Some(placed.nominal),
                        moved: placed.moved,
                    },
                    ahead: open.ahead,
                });
            }
        };
    for remind in &book.remind {
        push(
            format!("remind[{}]", remind.text),
            remind,
            What::BookingReminder(meeting, remind),
            true,
            None,
        );
    }
    if let Some(rule) = &frame.workflow().overdue {
        let after = Shift {
            by: By::Length(rule.after),
            direction: Direction::After,
        };
        push(
            "overdue".into(),
            &book.due,
            What::BookingOverdue(meeting),
            true,
            Some(&after),
        );
    }
    for slot in slots_after(
        frame,
        open,
        rec,
        frame.calendar().local(open.at).into(),
        reach,
    ) {
        if !is_booked_for(frame, open, meeting, rec, slot.nominal) {
            out.push(meets(
                open,
                meeting,
                slot.at,
                None,
                format!("every: {}", rec.text),
            ));
        }
    }
}

/// The first and last day on which a meeting may be booked, both included; `None` while one is unknown.
#[must_use]
pub fn window(frame: &Frame<'_>, open: &Open<'_>, meeting: &Meeting) -> Option<(Date, Date)> {
    let MeetingTime::Between(from, to) = &meeting.when else {
        return None;
    };
    Some((frame.point_day(from, open)?, frame.point_day(to, open)?))
}

/// The day by which a meeting must be booked whose window begins on `first`.
#[must_use]
pub fn due_day(frame: &Frame<'_>, book: &Book, first: Date) -> Date {
    frame
        .calendar()
        .place_day(Moment::Day(first), Some(&book.due.shift))
        .day
}

/// The day by which a meeting within a window must be booked now: before the window, or the next
/// workday when that has passed already as it comes to be booked.
#[must_use]
pub fn booking_due(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    book: &Book,
) -> Option<Date> {
    let (first, _) = window(frame, open, meeting)?;
    let calendar = frame.calendar();
    let due = due_day(frame, book, first);
    let asked = calendar.local(asked_at(frame, open, meeting)).date();
    Some(if due < asked {
        calendar.workday_after(asked, 1)
    } else {
        due
    })
}

/// Since when a meeting within a window waits to be booked: entry, or when its window came to be
/// known, or the last one was called off or missed.
fn asked_at(frame: &Frame<'_>, open: &Open<'_>, meeting: &Meeting) -> Timestamp {
    let known_at = match &meeting.when {
        MeetingTime::Between(from, _) => frame.anchor(&from.anchor, open),
        MeetingTime::Every(_) | MeetingTime::Free => None,
    };
    let known_at = known_at.and_then(|known| known.known_at);
    let log = log(frame, meeting).filter(|_| !open.ahead);
    let over = |log: &MeetingLog| [log.cancelled, log.no_show];
    let again = log.map(over).into_iter().flatten().flatten();
    let again = again.map(|met| met.at);
    again.chain(known_at).fold(open.at, Timestamp::max)
}

fn windowed<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    meeting: &'a Meeting,
    book: Option<&'a Book>,
    reach: Reach,
    out: &mut Vec<Planned<'a>>,
) {
    let log = log(frame, meeting);
    let settled = !open.ahead
        && log.is_some_and(|log| {
            !log.open.is_empty() || log.held.is_some_and(|held| held.at >= open.at)
        });
    let Some((first, last)) = window(frame, open, meeting).filter(|_| !settled) else {
        return;
    };
    // Nobody is asked to book on a day that has gone.
    let asked = asked_at(frame, open, meeting);
    if last < frame.calendar().local(asked).date() {
        return;
    }
    let at = frame.calendar().start_of(first).max(open.at);
    if let (MeetingTime::Between(from, to), true) = (&meeting.when, reach != Reach::Heads) {
        let phrase = format!("between: [{}, {}]", from.text, to.text);
        out.push(meets(open, meeting, at, None, phrase));
    }
    let Some(book) = book else { return };
    let tries = log.map_or(0, |log| log.booked);
    let Some(due) = booking_due(frame, open, meeting, book) else {
        return;
    };
    let mut push = |word: String, shift: &Shift, at, phrase: String, what: What<'a>| {
        let declaration = format!("meeting.{}.book.{word}", meeting.name);
        let ordinal = u64::from(tries) + 1;
        if !open.ahead && is_decided(frame, &open.name, &declaration, ordinal) {
            return;
        }
        let placed = frame.calendar().place(Moment::Day(due), Some(shift), at);
        out.push(Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration,
            ordinal: Ordinal::Count(ordinal),
            at: placed.at.max(asked),
            what,
            why: Why {
                phrase,
                nominal: Some(placed.nominal),
                moved: placed.moved,
            },
            ahead: open.ahead,
        });
    };
    for remind in &book.remind {
        let what = What::BookingReminder(meeting, remind);
        push(
            format!("remind[{}]", remind.text),
            &remind.shift,
            remind.at,
            remind.text.clone(),
            what,
        );
    }
    if let Some(rule) = &frame.workflow().overdue {
        let shift = Shift {
            by: By::Length(rule.after),
            direction: Direction::After,
        };
        push(
            "overdue".into(),
            &shift,
            None,
            format!("overdue: {} after book.due", rule.after),
            What::BookingOverdue(meeting),
        );
    }
}

fn reminders<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    meeting: &'a Meeting,
    booking: &Booking,
    out: &mut Vec<Planned<'a>>,
) {
    for remind in &meeting.remind {
        let declaration = format!(
            "meeting.{}#{}.remind[{}]",
            meeting.name, booking.no, remind.text
        );
        let ordinal = u64::from(booking.revision) + 1;
        if is_decided(frame, &open.name, &declaration, ordinal) {
            continue;
        }
        let span = Moment::Span {
            start: booking.start,
            end: booking.end,
        };
        let placed = frame.calendar().place(span, Some(&remind.shift), remind.at);
        out.push(Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration,
            ordinal: Ordinal::Count(ordinal),
            at: placed.at.max(booking.made),
            what: What::MeetingReminder(meeting, booking.no, remind),
            why: Why {
                phrase: remind.text.clone(),
                nominal: Some(placed.nominal),
                moved: placed.moved,
            },
            ahead: false,
        });
    }
}

fn meets<'a>(
    open: &Open<'a>,
    meeting: &'a Meeting,
    at: Timestamp,
    start: Option<Timestamp>,
    phrase: String,
) -> Planned<'a> {
    Planned {
        scope: open.name.clone(),
        visit: open.visit,
        declaration: format!("meeting.{}.meets", meeting.name),
        ordinal: Ordinal::Count(0),
        at,
        what: What::Meets(meeting, start),
        why: Why {
            phrase,
            nominal: None,
            moved: None,
        },
        ahead: open.ahead,
    }
}
