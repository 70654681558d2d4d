//! What will happen next, and when, and why: computed from the definition and the facts, never stored.
//!
//! The *heads* are the next occurrence of every open declaration; the smallest of their instants
//! is when the subject is due. A whole plan adds the occurrences after the heads and those of the
//! states that a case will come to by time.

mod meetings;
mod messages;
mod moves;
mod retention;
mod rhythm;
mod slots;
mod tasks;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

pub use self::meetings::{booking_due, due_day, length_of, window};
pub use self::messages::{instant_of, is_decided, one_shot, outlives, said};
pub use self::moves::{THEN, hold_triggers, reaction, stands_in_line};
use self::moves::{deadline, deadlines, expected_deadline, heard, hold_ends, is_undated, resumed};
use self::retention::retention;
pub use self::retention::{Keeps, anonymised_at, keeps};
pub use self::rhythm::{Misplaced, books_slot, is_booked_for, misplaced};
pub use self::slots::slots_between;
pub use self::tasks::{opens_late, task_due, task_due_by_name};
use super::frame::{Frame, Open};
use super::subject::Mark;
use crate::calendar::{Direction, Moved, Shift, Slot};
use crate::definition::model::{
    Anchor, Event, Meeting, Message, MessageTime, Name, Remind, StateId, Task, ThingPart,
};
use crate::mutant::{self, Mutant};

/// Something that is planned to happen.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    /// The scope it belongs to.
    pub scope: Name,
    /// The visit of that scope.
    pub visit: u32,
    /// The declaration, stable over changes of the file's order.
    pub declaration: String,
    /// Which occurrence of it.
    pub ordinal: Ordinal,
    /// When it is decided.
    pub at: Timestamp,
    /// What it is.
    pub what: What<'a>,
    /// Why then.
    pub why: Why,
    /// It stands in a state that the case has not come to.
    pub ahead: bool,
}

/// Which occurrence of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ordinal {
    /// The instance of the anchor.
    Count(u64),
    /// The nominal local time of a recurrence's slot.
    Slot(DateTime),
}

/// What is planned. The order is the order at one instant.
#[derive(Clone, Debug)]
pub enum What<'a> {
    /// A state's time is up.
    Deadline(StateId),
    /// Something happened that leads on from a state; what was missing for it is there now.
    Resume(StateId, &'a Event),
    /// A case hears of something that happened on its hold.
    Hears(&'a ThingPart),
    /// The hold was cancelled, and the case ends with it.
    HoldEnds,
    /// A task's due day has passed.
    Overdue(&'a Task, u32),
    /// A task opens.
    TaskOpens(&'a Task),
    /// A recurring meeting is booked on its slot.
    MeetingSlot(&'a Meeting, Timestamp),
    /// A meeting that booked itself stands where its recurrence has no slot any more: it moves to
    /// this one, or is called off when there is none, or when its slot is skipped.
    SlotMoves(&'a Meeting, u32, Option<Slot>),
    /// A message.
    Message(&'a Message),
    /// Participants are reminded of a meeting.
    MeetingReminder(&'a Meeting, u32, &'a Remind),
    /// Those who book are reminded.
    BookingReminder(&'a Meeting, &'a Remind),
    /// Nobody has booked.
    BookingOverdue(&'a Meeting),
    /// Those who do a task are reminded.
    TaskReminder(&'a Task, u32, &'a Remind),
    /// A task stayed undone.
    OverdueMail(&'a Task, u32),
    /// What identifies the person is erased.
    Retention,
    /// To be seen in a plan only: a task is due on this day.
    Due(&'a Task, Date),
    /// To be seen in a plan only: a meeting takes place, or can.
    Meets(&'a Meeting, Option<Timestamp>),
}

impl What<'_> {
    /// The order at one instant.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Deadline(_) | Self::Resume(..) => 0,
            Self::HoldEnds | Self::Hears(_) => 1,
            Self::Overdue(..) => 2,
            Self::TaskOpens(_) => 3,
            Self::MeetingSlot(..) | Self::SlotMoves(..) => 4,
            Self::Message(_) => 5,
            Self::MeetingReminder(..) | Self::BookingReminder(..) | Self::TaskReminder(..) => 6,
            Self::BookingOverdue(_) | Self::OverdueMail(..) => 7,
            Self::Retention => 8,
            Self::Due(..) | Self::Meets(..) => 9,
        }
    }

    /// Whether anything is decided by it, or it is only there to be seen.
    #[must_use]
    pub fn acts(&self) -> bool {
        !matches!(self, Self::Due(..) | Self::Meets(..))
    }
}

/// Why something happens when it does.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// The phrase of the file.
    pub phrase: String,
    /// The local time it would have had, on any day and hour.
    pub nominal: Option<DateTime>,
    /// Where a closed day or the send hours moved it.
    pub moved: Option<Moved>,
}

impl Planned<'_> {
    /// `declaration@scope#visit.ordinal`: what this is called in history and outbox, for ever.
    #[must_use]
    pub fn occurrence(&self) -> String {
        let Self {
            declaration,
            scope,
            visit,
            ..
        } = self;
        let visit = if mutant::is(Mutant::ScopeWithoutVisit) {
            &1
        } else {
            visit
        };
        match self.ordinal {
            Ordinal::Count(count) => format!("{declaration}@{scope}#{visit}.{count}"),
            Ordinal::Slot(slot) => format!(
                "{declaration}@{scope}#{visit}.{}",
                slot.strftime("%Y-%m-%dT%H:%M")
            ),
        }
    }

    /// The mark that records its decision.
    #[must_use]
    pub fn mark(&self) -> Mark {
        match self.ordinal {
            Ordinal::Count(count) => Mark::Decided(count),
            Ordinal::Slot(slot) => Mark::Through(slot),
        }
    }

    fn key(&self) -> (Timestamp, u8, &str, Ordinal) {
        (self.at, self.what.rank(), &self.declaration, self.ordinal)
    }
}

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The next occurrence of every open declaration.
    Heads,
    /// Everything up to an instant, as far as a plan lists it.
    Until(Timestamp),
    /// Everything up to an instant, however much: what a long sleep has left undecided.
    Through(Timestamp),
}

/// The next occurrence of every open declaration.
#[must_use]
pub fn heads<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    let mut out = Vec::new();
    for open in active(frame) {
        scope(frame, &open, Reach::Heads, &mut out);
    }
    out.extend(deadlines(frame));
    out.extend(resumed(frame));
    out.extend(heard(frame));
    out.extend(hold_ends(frame));
    out.extend(retention(frame));
    out.retain(|planned| planned.what.acts());
    out
}

/// The head that comes first.
#[must_use]
pub fn first<'a>(frame: &Frame<'a>) -> Option<Planned<'a>> {
    heads(frame)
        .into_iter()
        .min_by(|a, b| a.key().cmp(&b.key()))
}

/// What comes first of all that is due. What goes on in the present, because a place or a later hold
/// has come, comes after everything that has a time of its own: otherwise it would depend on who was
/// looked at first. But that a place is free is said to those who do not get it.
#[must_use]
pub fn first_due<'a>(frame: &Frame<'a>, first: Planned<'a>, now: Timestamp) -> Planned<'a> {
    let undated = |planned: &Planned<'a>| is_undated(frame, planned);
    if !undated(&first) && !tells_of_a_place(&first) {
        return first;
    }
    let due = heads(frame).into_iter();
    let due: Vec<Planned<'a>> = due.filter(|planned| planned.at <= now).collect();
    if !due.iter().any(undated) {
        return first;
    }
    let order = |planned: &Planned<'a>| (tells_of_a_place(planned), undated(planned));
    let first_of = due
        .into_iter()
        .min_by(|a, b| (order(a), a.key()).cmp(&(order(b), b.key())));
    first_of.unwrap_or(first)
}

/// Whether something is said or opened because one of the hold's places has become free.
fn tells_of_a_place(planned: &Planned<'_>) -> bool {
    let point = match &planned.what {
        What::Message(message) => match &message.when {
            MessageTime::When { point, .. } => Some(point),
            MessageTime::Every(_) => None,
        },
        What::TaskOpens(task) => task.opens.as_ref(),
        _ => None,
    };
    point.is_some_and(|point| point.anchor == Anchor::PlaceFree)
}

/// Everything that will happen up to an instant as far as it is known now, in order.
///
/// What depends on people is not in it, nor what depends on a fact that is not recorded; where all
/// branches lead to the same, that is.
#[must_use]
pub fn plan<'a>(frame: &Frame<'a>, until: Timestamp) -> Vec<Planned<'a>> {
    let mut out = Vec::new();
    for open in active(frame).into_iter().chain(frame.expected()) {
        scope(frame, &open, Reach::Until(until), &mut out);
        if open.ahead {
            out.extend(expected_deadline(frame, &open));
        }
    }
    out.extend(deadline(frame));
    out.extend(retention(frame));
    out.retain(|planned| planned.at <= until);
    out.sort_by(|a, b| a.key().cmp(&b.key()));
    out
}

/// The next occurrence of every message that stands where the case is.
#[must_use]
pub fn next_messages<'a>(frame: &Frame<'a>) -> Vec<Planned<'a>> {
    let mut out = Vec::new();
    for open in active(frame) {
        messages::of(frame, &open, Reach::Heads, &mut out);
    }
    out
}

/// The scopes that may still say something. A case that has ended says what its end brings with
/// it; one that went on to another hold says the rest there, and one that was erased says nothing.
fn active<'a>(frame: &Frame<'a>) -> Vec<Open<'a>> {
    match &frame.subject.ended {
        Some(ended) if ended.how.stands_nowhere() => Vec::new(),
        _ => frame.open(),
    }
}

fn scope<'a>(frame: &Frame<'a>, open: &Open<'a>, reach: Reach, out: &mut Vec<Planned<'a>>) {
    messages::of(frame, open, reach, out);
    if frame.subject.ended.is_none() {
        tasks::of(frame, open, reach, out);
        meetings::of(frame, open, reach, out);
    }
}

/// Whether a shift says "before".
#[must_use]
pub fn is_before(shift: Option<&Shift>) -> bool {
    shift.is_some_and(|shift| shift.direction == Direction::Before)
}

/// The slots of the message that a head is the first slot of.
#[must_use]
pub fn slots_of<'a>(frame: &Frame<'a>, head: &Planned<'a>, reach: Reach) -> Vec<Planned<'a>> {
    let mut out = Vec::new();
    for open in active(frame).iter().filter(|open| open.name == head.scope) {
        messages::of(frame, open, reach, &mut out);
    }
    out.retain(|planned| planned.declaration == head.declaration);
    out
}
