//! Outcomes: what a history is made of, and how folding them gives the snapshot.
//!
//! An event says what came of a decision, so that folding needs neither definition nor calendar.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::renamed::Renamed;
use super::subject::{Ending, Kind, Mark, Said, Subject};
use crate::definition::machine::Branch;
use crate::definition::model::{FactRef, Name, Part};
use crate::definition::value::Value;

/// One outcome in the history of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// It began.
    Opened {
        /// What it is.
        kind: Kind,
        /// The local day.
        day: Date,
        /// The hold's dates.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        dates: BTreeMap<Name, Date>,
        /// Who holds which role.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        people: BTreeMap<Name, Vec<i64>>,
    },
    /// A declared event was raised.
    Fired {
        /// Its key.
        name: Name,
        /// A false guard was passed by someone who may.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        overridden: bool,
    },
    /// Facts were recorded.
    Recorded {
        /// By key.
        facts: BTreeMap<Name, Value>,
    },
    /// Facts are unknown again.
    Cleared {
        /// By key.
        facts: Vec<Name>,
    },
    /// A role got its people.
    Assigned {
        /// The role.
        role: Name,
        /// Ids of people.
        people: Vec<i64>,
    },
    /// States were left and entered.
    Moved {
        /// Why.
        cause: Cause,
        /// Innermost first, with the actual last workday.
        left: Vec<(Name, Date)>,
        /// Outermost first.
        entered: Vec<Entry>,
        /// The atomic state.
        to: Name,
        /// Which declaration led there; none when it was opened there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        way: Option<Way>,
    },
    /// The case ended, or the hold was cancelled.
    Ended {
        /// How.
        how: Ending,
        /// The local day.
        day: Date,
        /// What led on to another hold; none when a person moved it there, or when it ended in a final state, which
        /// says that itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moved_by: Option<(Cause, Way)>,
    },
    /// A task opened.
    TaskOpened {
        /// Its key.
        task: Name,
        /// Its number.
        no: u32,
        /// The slot of a recurring one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<DateTime>,
        /// Its due day had passed already.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
    },
    /// A task left the list of open ones, or passed its due day.
    Task {
        /// Its key.
        task: Name,
        /// Its number.
        no: u32,
        /// What became of it.
        what: TaskFate,
    },
    /// A meeting was booked, or moved (then the revision is above 0).
    Booked {
        /// Its key.
        meeting: Name,
        /// Its number.
        no: u32,
        /// The slot of a recurring one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<DateTime>,
        /// Start.
        start: Timestamp,
        /// End.
        end: Timestamp,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// Raised by every move.
        revision: u32,
    },
    /// A booked meeting was held, missed or called off.
    Met {
        /// Its key.
        meeting: Name,
        /// Its number.
        no: u32,
        /// `held`, `no_show` or `cancelled`.
        part: Part,
        /// A hold's meeting with a list of who came: each case is told for itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        listed: bool,
    },
    /// A meeting's time is over, and nobody has said how it went.
    Lapsed {
        /// Its key.
        meeting: Name,
        /// Its number.
        no: u32,
    },
    /// Somebody answered an invitation.
    Answered {
        /// The meeting's key.
        meeting: Name,
        /// Its number.
        no: u32,
        /// The seat that was invited: a role, never an address.
        seat: String,
        /// What.
        said: Said,
        /// The revision that was answered.
        revision: u32,
        /// When, as the attendee's calendar has it.
        stamp: Timestamp,
    },
    /// A case took note of what happened on its hold.
    Heard {
        /// The hold's task or meeting.
        name: Name,
        /// What happened.
        part: Part,
        /// How often so far, as the hold counts; 0 when it concerns this case alone.
        count: u32,
        /// When it happened there.
        happened_at: Timestamp,
    },
    /// A case took one of its hold's places.
    PlaceTaken,
    /// A case gave its place back.
    PlaceGiven,
    /// A place of this hold became free.
    PlaceFree,
    /// The hold's dates are others.
    DatesMoved {
        /// The new ones, by name; those not named stay.
        dates: BTreeMap<Name, Date>,
    },
    /// A pause was given, or the one that begins on that day got another last day.
    Paused {
        /// Its first day.
        first: Date,
        /// Its last day, included.
        last: Date,
    },
    /// A pause was lifted.
    Unpaused {
        /// Its first day.
        first: Date,
    },
    /// A person wants a mail said again: it is planned anew, and then has this revision.
    Again {
        /// The scope whose mark it sets back.
        scope: Name,
        /// The declaration whose mark it sets back.
        declaration: String,
        /// Which instance of its anchor.
        ordinal: u64,
        /// `declaration@scope#visit.ordinal`.
        occurrence: String,
        /// Higher than any that was said.
        revision: u32,
    },
    /// An occurrence was decided.
    Decided(Decision),
    /// It goes on by another version of its workflow; all that was said before counts under the new names.
    Migrated(Box<Migrated>),
    /// A move to another version was undone: the subject is as it was.
    Unmigrated {
        /// As it was, but for how many events it has.
        before: Box<Subject>,
    },
    /// What a person led the case on by was taken back.
    Undone {
        /// What had led on.
        cause: Cause,
        /// How many events there were before what was taken back.
        from: u64,
        /// The case as it is now, but for how many events it has.
        after: Box<Subject>,
    },
    /// What identified the person was erased.
    Anonymised,
}

/// How a subject came to another version of its workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    /// What this version calls otherwise than the one before.
    pub renamed: Renamed,
    /// All that was ever called otherwise, and is not the name of something else now.
    pub called: Renamed,
    /// What is left by it, innermost first, with the last workday.
    pub left: Vec<(Name, Date)>,
    /// What is entered by it, outermost first.
    pub entered: Vec<Entry>,
    /// The atomic state of an open case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Name>,
    /// Days of dates that the hold had not had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<Name, Date>,
}

/// A state entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The state.
    pub state: Name,
    /// Number of the visit.
    pub n: u32,
    /// The planned day it counts from.
    pub day: Date,
    /// Time led here, no person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_time: bool,
}

/// Why a case moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was opened here.
    Opened,
    /// An event.
    Event(String),
    /// The state's time was up.
    Time,
}

/// The declaration that a case followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The state that declares it; atomic or compound.
    pub from: Name,
    /// Which branch of its `then`.
    pub branch: Branch,
}

/// What became of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskFate {
    /// Done.
    Done,
    /// Skipped by a person.
    Skipped,
    /// Its state was left.
    Withdrawn,
    /// It would have been due in a state that was passed through.
    Missed,
    /// Its due day passed; it stays open.
    Overdue,
}

/// An occurrence decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `declaration@scope#visit.ordinal`: numbered by what it belongs to, never by when it falls.
    pub occurrence: String,
    /// The scope whose mark it sets: a state, `cohort` or `workflow`.
    pub scope: Name,
    /// The declaration whose mark it sets.
    pub declaration: String,
    /// The mark.
    pub mark: Mark,
    /// What was decided.
    pub fate: Fate,
    /// A person had it sent before its time, which was this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<Timestamp>,
}

/// What was decided about an occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Mail was queued.
    Queued,
    /// Something was done: a task opened, a meeting booked.
    Done,
    /// Its guard did not hold, or was unknown.
    Guard,
    /// Its moment had passed when it could first be decided.
    Missed,
    /// Only the newest of several slots went; this many older ones did not.
    Coalesced(u32),
    /// It waits for these facts.
    Waiting(Vec<FactRef>),
    /// The version that the subject was moved to says it, and the one before did not: of the time before it says nothing.
    New,
}

/// `NAME.part`, as an author writes it.
#[must_use]
pub fn thing_part(name: &str, part: Part) -> String {
    format!("{name}.{}", part.word())
}
