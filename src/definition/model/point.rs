//! Points in time, and what they are measured from.

use jiff::civil::{Date, Time};

use super::{FactRef, Name, StateId, ThingPart};
use crate::calendar::Shift;

/// A point in time: a shift from an anchor.
#[derive(Clone, Debug)]
pub struct Point {
    /// How far before or after; `None`: at the anchor.
    pub shift: Option<Shift>,
    /// What it is measured from.
    pub anchor: Anchor,
    /// Local time of day.
    pub at: Option<Time>,
    /// The phrase as written, for explanations.
    pub text: String,
}

/// `remind:` and `book.due`: a shift from what it stands in.
#[derive(Clone, Debug)]
pub struct Remind {
    /// How far before or after.
    pub shift: Shift,
    /// Local time of day.
    pub at: Option<Time>,
    /// The phrase as written; also the stable name of the reminder.
    pub text: String,
}

/// What a point is measured from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// A date written in the file.
    Date(Date),
    /// The declaring state was entered.
    Entered,
    /// The declaring state was left.
    Left,
    /// The case ended.
    Ended,
    /// A date of the hold.
    HoldDate(Name),
    /// A date fact.
    Fact(FactRef),
    /// A booked meeting.
    Meeting {
        /// True for the hold's.
        cohort: bool,
        /// Its key.
        name: Name,
    },
    /// A declared event of the case was raised.
    Event(Name),
    /// A place of the hold became free.
    PlaceFree,
    /// The hold was cancelled.
    HoldCancelled,
    /// A state's first or last day, or its entry or exit.
    State {
        /// The state.
        state: StateId,
        /// Which part.
        part: StatePart,
    },
    /// A task's due day.
    TaskDue {
        /// True for the hold's.
        cohort: bool,
        /// Its key.
        name: Name,
    },
    /// Something happened to a task or meeting.
    Thing(ThingPart),
}

/// Parts of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatePart {
    /// First workday.
    FirstDay,
    /// Last workday.
    LastDay,
    /// The moment of entry.
    Entered,
    /// The moment of exit.
    Left,
}
