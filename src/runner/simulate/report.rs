//! What a simulation showed, in the order of time, in words that people read.

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::message::Mail;

/// What a simulation showed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The workflow's key.
    pub workflow: String,
    /// Its title.
    pub title: String,
    /// The hold's title.
    pub cohort: String,
    /// The hold's dates, in the order of the file.
    pub dates: Vec<HoldDay>,
    /// The candidates, in the order of the list.
    pub candidates: Vec<String>,
    /// When the hold was created; local.
    pub begins: DateTime,
    /// The phases by time, as the candidate with the most of them went through them.
    pub phases: Vec<Phase>,
    /// Everything that happened, in order.
    pub entries: Vec<Entry>,
    /// What people were assumed to do, in order.
    pub assumptions: Vec<Entry>,
    /// The mails, in order.
    pub mails: Vec<SimulatedMail>,
    /// Mails that could not leave until a person has looked.
    pub held: Vec<HeldMail>,
    /// Meetings that were held, in order.
    pub meetings: Vec<MeetingHeld>,
    /// Cases and holds that could not be advanced: an error of ours.
    pub stuck: Vec<Entry>,
}

/// A date of the hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldDay {
    /// Its key.
    pub name: String,
    /// What people read.
    pub title: String,
    /// The day.
    pub date: Date,
}

/// A meeting that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MeetingHeld {
    /// When it ended; local.
    pub at: DateTime,
    /// Its title.
    pub title: String,
    /// A candidate's name or the hold's title.
    pub who: String,
}

/// A mail that could not leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldMail {
    /// When it should have left; local.
    pub at: DateTime,
    /// Of whom or what it speaks.
    pub who: String,
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub role: String,
    /// What is in the way.
    pub reason: String,
}

/// A state and the days spent in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// The state's key.
    pub state: String,
    /// What people read.
    pub title: String,
    /// The day it counts from.
    pub first: Date,
    /// The last day before the next one; `None` while it is not over.
    pub last: Option<Date>,
    /// Nothing comes after it.
    pub is_final: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When; local.
    pub at: DateTime,
    /// What kind of thing.
    pub kind: EntryKind,
    /// Whose: a candidate's name or the hold's title.
    pub who: String,
    /// In words.
    pub what: String,
    /// Why then.
    pub why: String,
}

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A state was left and another entered.
    Transition,
    /// A task opened, was done, or was not.
    Task,
    /// A meeting was booked, held, missed or called off.
    Meeting,
    /// Something was recorded.
    Fact,
    /// Mail was decided not to go, or to wait.
    Decision,
    /// A person was assumed to do something.
    Assumption,
    /// A scenario expected something else, or what was told could not be done.
    Unmet,
    /// It could not be advanced.
    Stuck,
}

/// A mail that would have left.
#[derive(Clone, Debug, Serialize)]
pub struct SimulatedMail {
    /// When it leaves; local.
    pub at: DateTime,
    /// Of whom or what it speaks.
    pub who: String,
    /// The key of the message, meeting or task.
    pub name: String,
    /// The role it goes to.
    pub role: String,
    /// To where.
    pub to: Vec<String>,
    /// Its subject line.
    pub subject: String,
    /// The template.
    pub template: String,
    /// Why it goes when it does.
    pub why: String,
    /// The frozen mail.
    #[serde(skip)]
    pub mail: Mail,
}

impl Report {
    /// What a scenario expected and did not find, or what was told and could not be done.
    pub fn unmet(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Unmet)
    }

    /// Whether anything went wrong: mail that could not leave, an expectation that was not met.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        !self.held.is_empty() || !self.stuck.is_empty() || self.unmet().next().is_some()
    }
}
