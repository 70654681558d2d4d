//! Meetings that stand where they do not belong any more, since a date was moved or a pause given.
//!
//! What booked itself follows its recurrence. What people booked stays where they put it, and is shown.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};

use super::meetings::window;
use super::slots::slots_after;
use super::{Ordinal, Planned, Reach, What, Why};
use crate::calendar::{Moment, Slot};
use crate::definition::model::{Meeting, MeetingTime, Recurrence};
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::Booking;

/// The bookings of a recurring meeting that its recurrence has left behind.
pub fn of<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    meeting: &'a Meeting,
    rec: &Recurrence,
    out: &mut Vec<Planned<'a>>,
) {
    // Only what has just happened here or on the hold can have changed the recurrence.
    let of_hold = frame.hold().map(|hold| hold.last_at);
    let at = of_hold.into_iter().fold(frame.subject.last_at, Ord::max);
    let log = frame.subject.meetings.get(&meeting.name);
    let bookings = log.map_or(&[][..], |log| &log.open);
    for booking in bookings.iter().filter(|booking| booking.start > at) {
        let Some(slot) = booking.slot.filter(|slot| by_itself(frame, booking, *slot)) else {
            continue;
        };
        let Some(to) = left_behind(frame, open, rec, slot, at) else {
            continue;
        };
        let taken = |to: &Slot| bookings.iter().any(|other| other.slot == Some(to.nominal));
        let to = to.filter(|to| !taken(to));
        out.push(Planned {
            scope: open.name.clone(),
            visit: open.visit,
            declaration: format!("meeting.{}", meeting.name),
            ordinal: Ordinal::Slot(to.map_or(slot, |to| to.nominal)),
            at,
            what: What::SlotMoves(meeting, booking.no, to),
            why: Why {
                phrase: format!("every: {}", rec.text),
                nominal: to.map(|to| to.nominal),
                moved: to.and_then(|to| to.moved),
            },
            ahead: false,
        });
    }
}

/// Whether a booking still stands where its slot put it, and not where a person has.
fn by_itself(frame: &Frame<'_>, booking: &Booking, slot: DateTime) -> bool {
    let day = Moment::Day(slot.date());
    frame.calendar().place(day, None, Some(slot.time())).at == booking.start
}

/// Where a booking goes whose slot is none any more: to the next slot, or nowhere. `None`: its slot is
/// still one, or the recurrence is not known now.
#[expect(
    clippy::option_option,
    reason = "to stay, and to go nowhere, are different answers"
)]
fn left_behind(
    frame: &Frame<'_>,
    open: &Open<'_>,
    rec: &Recurrence,
    slot: DateTime,
    at: Timestamp,
) -> Option<Option<Slot>> {
    if frame.is_paused(slot.date()) {
        return Some(None);
    }
    super::slots::end(frame, open, rec)?;
    super::slots::origin(frame, open, rec)?;
    let first = |after: Option<DateTime>| {
        let slots = slots_after(frame, open, rec, after, Reach::Heads);
        slots.first().copied()
    };
    let stays = first(slot.checked_sub(1.second()).ok()).is_some_and(|found| found.nominal == slot);
    (!stays).then(|| first(Some(frame.calendar().local(at))))
}

/// Whether the slot that a recurring meeting is due for has its booking, or had its meeting.
#[must_use]
pub fn is_booked_for(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    rec: &Recurrence,
    slot: DateTime,
) -> bool {
    let Some(log) = frame.subject.meetings.get(&meeting.name) else {
        return false;
    };
    let next = slots_after(frame, open, rec, Some(slot), Reach::Heads)
        .first()
        .map(|next| next.nominal);
    log.open.iter().chain(&log.last).any(|booking| {
        let start = frame.calendar().local(booking.start);
        booking.slot == Some(slot)
            || (start.date() >= slot.date() && next.is_none_or(|next| start < next))
    })
}

/// Whether the slot that mail about a missing booking speaks of is booked by now. `None`: the
/// occurrence is not of a slot of a recurring meeting in a scope that is open.
#[must_use]
pub fn books_slot(frame: &Frame<'_>, occurrence: &str) -> Option<bool> {
    let (declaration, rest) = occurrence.split_once('@')?;
    let name = declaration.strip_prefix("meeting.")?.split('.').next()?;
    let (scope, rest) = rest.split_once('#')?;
    let (visit, slot) = rest.split_once('.')?;
    let (visit, slot): (u32, DateTime) = (visit.parse().ok()?, slot.parse().ok()?);
    let mut open = frame.open().into_iter();
    let open = open.find(|open| *open.name == *scope && open.visit == visit)?;
    let mut meetings = open.scope.meetings.iter();
    let meeting = meetings.find(|meeting| *meeting.name == *name)?;
    let MeetingTime::Every(rec) = &meeting.when else {
        return None;
    };
    Some(is_booked_for(frame, &open, meeting, rec, slot))
}

/// A booked meeting that lies outside its window, or in a pause, and why. Nothing cancels it but a person.
#[derive(Clone, Debug)]
pub struct Misplaced<'a> {
    /// The meeting.
    pub meeting: &'a Meeting,
    /// When it is.
    pub booking: &'a Booking,
    /// The window it lies outside of; `None`: it lies in a pause.
    pub window: Option<(Date, Date)>,
}

/// The meetings to come that lie where they could not be booked now, for people to look at.
#[must_use]
pub fn misplaced<'a>(frame: &Frame<'a>, now: Timestamp) -> Vec<Misplaced<'a>> {
    let mut found = Vec::new();
    if frame.subject.ended.is_some() {
        return found;
    }
    for open in frame.open() {
        for meeting in &open.scope.meetings {
            let log = frame.subject.meetings.get(&meeting.name);
            let bookings = log.map_or(&[][..], |log| &log.open);
            for booking in bookings.iter().filter(|booking| booking.start > now) {
                let day = frame.calendar().local(booking.start).date();
                let window = window(frame, &open, meeting);
                let outside = window.filter(|(first, last)| day < *first || day > *last);
                let paused = frame.is_paused(day);
                let itself =
                    matches!(meeting.when, MeetingTime::Every(_)) && meeting.book.is_none();
                if outside.is_some() || paused && !itself {
                    found.push(Misplaced {
                        meeting,
                        booking,
                        window: outside,
                    });
                }
            }
        }
    }
    found
}
