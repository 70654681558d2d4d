//! What a case, a hold or a workflow's own mail is at a moment: the fold of its history.
//!
//! A snapshot holds names, counts, days and instants; never a timer, never a word that identifies
//! anyone. What will happen next is computed from it by [`plan`](super::plan).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::renamed::Renamed;
use super::undo::Undone;
use crate::definition::model::{FactRef, Name};
use crate::definition::value::Value;

/// What a subject is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One candidate on one hold.
    Case,
    /// A hold.
    Cohort,
    /// A workflow over all its holds: it sends, it has no state.
    Workflow,
}

/// A case, a hold or a workflow as its history leaves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// How many events have been folded.
    pub seq: u64,
    /// The atomic state of a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Name>,
    /// When it began.
    pub opened_at: Timestamp,
    /// The local day on which it began.
    pub opened_day: Date,
    /// The latest instant of its history; `now` never goes before it.
    pub last_at: Timestamp,
    /// Set when a case is final, moved to another hold, taken back, erased under way, or its hold was cancelled; and of a
    /// hold that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// The latest visit of every state ever entered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub visits: BTreeMap<Name, Visit>,
    /// Facts as last recorded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<Name, Recorded>,
    /// The hold's dates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<Name, Date>,
    /// When those of them that were moved were last moved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<Name, Timestamp>,
    /// Pauses, given by people: the last day of each by its first, both included.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pauses: BTreeMap<Date, Date>,
    /// Who holds which role here; ids of people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<Name, Vec<i64>>,
    /// Declared events, how often and when last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fired: BTreeMap<Name, Happened>,
    /// What has been heard of the hold's tasks and meetings, by `NAME.part`, as the hold counts it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heard: BTreeMap<Name, Happened>,
    /// The hold's meetings that this case came to or missed by the hold's list, by `NAME.part`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attended: BTreeMap<Name, Happened>,
    /// Tasks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: BTreeMap<Name, TaskLog>,
    /// Meetings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meetings: BTreeMap<Name, MeetingLog>,
    /// Places of this hold that became free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_free: Option<Happened>,
    /// What is decided, by open scope and declaration; a scope's marks go when it is left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<Name, BTreeMap<String, Mark>>,
    /// Mail that a person wants said again, by occurrence, with the revision it then has; dropped
    /// when its scope is left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub again: BTreeMap<String, u32>,
    /// What earlier versions of its workflow called otherwise, for mail that was decided by them.
    #[serde(default, skip_serializing_if = "Renamed::is_empty")]
    pub called: Renamed,
    /// What was taken back, by state.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undone: BTreeMap<Name, Vec<Undone>>,
    /// What identified the person has been erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anonymised: bool,
}

/// How a case or hold ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// `success`, `neutral`, `dropout`, `moved`, `cancelled`, `taken_back` or `erased`.
    pub how: Ending,
    /// When.
    pub at: Timestamp,
    /// The local day.
    pub day: Date,
}

/// The ways a case can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A final state of success.
    Success,
    /// A final state that is neither.
    Neutral,
    /// A final state of dropout.
    Dropout,
    /// Continued on a later hold; counted there.
    Moved,
    /// The hold was cancelled, and its open cases with it.
    Cancelled,
    /// It was opened by mistake and taken back: it counts nowhere, and has been nowhere.
    TakenBack,
    /// What identified the person was erased while it was under way: it counts as far as it had come.
    Erased,
}

impl Ending {
    /// Whether a case that ended so stands in no state any more.
    #[must_use]
    pub fn stands_nowhere(self) -> bool {
        matches!(self, Self::Moved | Self::Erased)
    }
}

/// How far a hold has come. It is built in: a hold has no states of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before its `start`.
    Planned,
    /// From its `start`.
    Running,
    /// After its `end`; a hold without one has ended when it has begun and no case of it is open.
    Ended,
    /// Called off by a person.
    Cancelled,
}

impl Stage {
    /// How far a hold has come on a day, with so many of its cases open.
    #[must_use]
    pub fn of(hold: &Subject, today: Date, open_cases: usize) -> Self {
        let begun = hold.dates.get("start").is_none_or(|start| *start <= today);
        let over = match hold.dates.get("end") {
            Some(end) => *end < today,
            None => begun && open_cases == 0,
        };
        match (&hold.ended, over, begun) {
            (Some(_), ..) => Self::Cancelled,
            (None, true, _) => Self::Ended,
            (None, false, true) => Self::Running,
            (None, false, false) => Self::Planned,
        }
    }
}

/// The latest visit of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Counted from 1.
    pub n: u32,
    /// The planned day it counts from; by time, late processing never drifts it.
    pub day: Date,
    /// The actual moment of entry.
    pub at: Timestamp,
    /// Time led here, no person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_time: bool,
    /// Set when it was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<LeftAt>,
}

/// When a state was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftAt {
    /// The actual moment.
    pub at: Timestamp,
    /// The actual last workday in it.
    pub last_day: Date,
}

/// A fact as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// What.
    pub value: Value,
    /// When.
    pub at: Timestamp,
}

/// Something that happens again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// How often so far.
    pub count: u32,
    /// When last.
    pub at: Timestamp,
}

/// What is known of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskLog {
    /// How many have opened, ever.
    pub opened: u32,
    /// Those open now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenTask>,
    /// Done, how often and when last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Happened>,
    /// Passed its due day undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Happened>,
}

/// An open task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTask {
    /// Its number, counted from 1.
    pub no: u32,
    /// The nominal slot of a recurring one, local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<DateTime>,
    /// When it opened.
    pub at: Timestamp,
    /// Its due day had passed when it opened, so it is due the workday after.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Its due day has passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
}

/// What is known of a meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingLog {
    /// How many have been booked, ever.
    pub booked: u32,
    /// Those booked and not yet held, missed or called off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Booking>,
    /// The latest that left `open` without being called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Booking>,
    /// Held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Happened>,
    /// The participant did not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_show: Option<Happened>,
    /// Called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Happened>,
    /// Held without a list of who came, so that it counts for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for_all: Option<Happened>,
    /// Missed without a list, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_show_for_all: Option<Happened>,
}

/// A booked meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its number, counted from 1: with the subject it is the invitation's UID.
    pub no: u32,
    /// The nominal slot of a recurring one, local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<DateTime>,
    /// When it was booked, or last moved.
    pub made: Timestamp,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Raised by every move: the invitation's SEQUENCE.
    pub revision: u32,
    /// What those who were invited have answered, by seat; what they said to an older time stays until they
    /// say something else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answered>,
}

/// An answer to an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What.
    pub said: Said,
    /// The revision of the meeting that was answered.
    pub revision: u32,
    /// When it was answered, as the attendee's calendar has it.
    pub stamp: Timestamp,
}

/// What somebody answers to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// They come.
    Accepted,
    /// They do not.
    Declined,
    /// They may.
    Tentative,
}

/// How far a declaration is decided in its scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A one-shot, up to and with this instance of its anchor.
    Decided(u64),
    /// A recurrence, up to and with this nominal local time.
    Through(DateTime),
    /// A "before" that came too late: it is decided anew when what it is before moves.
    Missed {
        /// The instance of its anchor.
        ordinal: u64,
        /// What it is before began then.
        anchor_at: Timestamp,
    },
    /// Its time has come, but a fact is missing; it goes on when one of these is recorded.
    Waiting {
        /// The instance of its anchor.
        ordinal: u64,
        /// What is missing.
        facts: Vec<FactRef>,
    },
}
