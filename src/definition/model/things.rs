//! Tasks, meetings and messages.

use super::{Event, FactRef, Guard, Name, Point, Remind, StateId};
use crate::calendar::{Length, Period};

/// What may be declared in a state, in the hold and in the workflow.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Events that people or things may raise here (states only).
    pub events: Vec<Event>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Meetings.
    pub meetings: Vec<Meeting>,
    /// Messages.
    pub messages: Vec<Message>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its key.
    pub name: Name,
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
    /// What people read.
    pub title: String,
    /// Who does it.
    pub by: Vec<Name>,
    /// When it opens; `None`: on entering.
    pub opens: Option<Point>,
    /// When it is due.
    pub due: Option<Point>,
    /// For a recurring task.
    pub every: Option<Recurrence>,
    /// No opening at or after the end of this day.
    pub until: Option<Point>,
    /// Only opened when this holds.
    pub guard: Guard,
    /// What must be recorded to do it.
    pub fills: Vec<Fill>,
    /// Done when nobody is left in these states (hold only).
    pub clears: Vec<StateId>,
    /// May be skipped with a word.
    pub optional: bool,
    /// Reminders to those who do it, before or after the due day.
    pub remind: Vec<Remind>,
}

/// What a task fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fill {
    /// A fact.
    Fact(FactRef),
    /// A role per candidate, such as a mentor found later.
    Role(Name),
}

/// `every` with its bounds.
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// The phrase.
    pub period: Period,
    /// The origin, if not the planned first day of the declaring state, or `cohort.start`.
    pub from: Option<Point>,
    /// Included; default the state's last day.
    pub until: Option<Point>,
    /// The phrase as written, for explanations.
    pub text: String,
}

/// A meeting.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// Its key.
    pub name: Name,
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
    /// What people read.
    pub title: String,
    /// Who takes part.
    pub with: Vec<Name>,
    /// Which cases, for a hold's meeting; empty: all that are not final.
    pub about: Vec<StateId>,
    /// How long it takes (minutes or hours).
    pub lasts: Length,
    /// When it can be.
    pub when: MeetingTime,
    /// Who books it, and by when.
    pub book: Option<Book>,
    /// Reminders to the participants.
    pub remind: Vec<Remind>,
    /// Only arranged when this holds.
    pub guard: Guard,
}

/// When a meeting can be.
#[derive(Clone, Debug)]
pub enum MeetingTime {
    /// Booked within a window, both days included.
    Between(Point, Point),
    /// On the slots of a recurrence.
    Every(Recurrence),
    /// Any time, any number.
    Free,
}

/// `book: {by, due}`.
#[derive(Clone, Debug)]
pub struct Book {
    /// Who books.
    pub by: Vec<Name>,
    /// Due, measured from the window's first day.
    pub due: Remind,
    /// Reminders to those who book, measured from the due day.
    pub remind: Vec<Remind>,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its key, unique in the file.
    pub name: Name,
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
    /// Folder of the templates.
    pub template: String,
    /// Receiving roles.
    pub to: Vec<Name>,
    /// When.
    pub when: MessageTime,
    /// Only sent when this holds.
    pub guard: Guard,
    /// What must be known; the mail waits, visibly, until it is.
    pub needs: Vec<Need>,
    /// Which cases it is about (hold and workflow scope); empty: all that are not final.
    pub about: Vec<StateId>,
    /// Gathers occurrences into one mail per recipient.
    pub gather: Option<Length>,
    /// To a network, of which each can unsubscribe from it.
    pub announcement: bool,
}

/// What a message needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A recorded fact.
    Fact(FactRef),
    /// A booked meeting, of the case or the hold.
    Meeting {
        /// True for the hold's.
        cohort: bool,
        /// Its key.
        name: Name,
    },
}

/// When a message is sent.
#[derive(Clone, Debug)]
pub enum MessageTime {
    /// At a point; `until` drops points after that day.
    When {
        /// The point.
        point: Point,
        /// No later than this day.
        until: Option<Point>,
    },
    /// At each slot.
    Every(Recurrence),
}
