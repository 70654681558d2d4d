//! Targets and scenarios.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, DateTime};

use super::{FactRef, Name, Part, StateId};
use crate::definition::value::Value;

/// A target count.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its key.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// The state to have reached.
    pub reached: StateId,
    /// How many.
    pub at_least: u32,
    /// By when.
    pub deadline: Option<Date>,
}

/// A scenario in the file.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its key.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// The hold.
    pub cohort: ScenarioHold,
    /// The hold after it, if there is one.
    pub next_cohort: Option<ScenarioHold>,
    /// So many of the hold's places are taken by others from the start.
    pub places_taken: u32,
    /// Who it is about; none where the workflow has no candidate.
    pub candidates: Vec<ScenarioCandidate>,
    /// In order of time.
    pub steps: Vec<ScenarioStep>,
}

/// A hold of a scenario.
#[derive(Clone, Debug, Default)]
pub struct ScenarioHold {
    /// All its dates.
    pub dates: BTreeMap<Name, Date>,
    /// Facts known from the start.
    pub facts: BTreeMap<FactRef, Value>,
    /// Who holds a role that is held per hold, by invented names; nobody where the list is empty.
    pub roles: BTreeMap<Name, Vec<String>>,
}

/// A candidate of a scenario.
#[derive(Clone, Debug, Default)]
pub struct ScenarioCandidate {
    /// The name that `who:` uses; empty for the only one.
    pub name: String,
    /// Day of birth.
    pub born: Option<Date>,
    /// Facts known from the start.
    pub facts: BTreeMap<Name, Value>,
    /// Who holds a role that is held per candidate, by invented names; nobody where the list is empty.
    pub roles: BTreeMap<Name, Vec<String>>,
}

/// One step of a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioStep {
    /// Local time.
    pub at: DateTime,
    /// Whom it is about, where it is about candidates.
    pub who: Vec<Who>,
    /// What happens.
    pub what: StepKind,
    /// Where it stands in the file, in bytes.
    pub span: Range<usize>,
}

/// A candidate whom a step is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The one at this place in the list.
    Candidate(usize),
    /// One of those who take the hold's places: the first who still does.
    Other,
}

/// Whose task or meeting a step names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The candidate's.
    Candidate,
    /// The hold's, `cohort.`.
    Hold,
    /// The next hold's, `next_cohort.`.
    NextHold,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Records facts: all of the candidate, or all of the hold.
    Set(BTreeMap<FactRef, Value>),
    /// Raises an event.
    Event(Raised),
    /// Raises an event, which must be refused.
    Refused(Raised, Option<Because>),
    /// Books a meeting.
    Book {
        /// Whose.
        whose: Whose,
        /// The meeting.
        meeting: Name,
        /// Local start.
        on: DateTime,
    },
    /// A meeting was held, missed or called off.
    Meeting {
        /// Whose.
        whose: Whose,
        /// The meeting.
        meeting: Name,
        /// What became of it.
        part: Part,
        /// Who did not come to the hold's meeting.
        absent: Vec<usize>,
    },
    /// Something is done with a task.
    Task {
        /// Whose.
        whose: Whose,
        /// The task.
        task: Name,
        /// What.
        deed: TaskDeed,
        /// With these facts.
        set: BTreeMap<FactRef, Value>,
    },
    /// The hold, or the candidate, stands still from a day to a day, both included.
    Pause(Date, Date),
    /// Dates of the hold are moved.
    MoveDates(BTreeMap<Name, Date>),
    /// The hold is cancelled.
    Cancel,
    /// The next hold is created; without such a step it is there from the start.
    OpenNext,
    /// What is expected now.
    Expect(Box<Expect>),
}

/// An event as a step raises it.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The event.
    pub event: Name,
    /// With these facts.
    pub set: BTreeMap<FactRef, Value>,
    /// The role that raises it; `None` may do everything.
    pub by: Option<Name>,
    /// Why a false guard may be passed.
    pub override_reason: Option<String>,
}

/// What is done with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskDeed {
    /// It is done.
    Done,
    /// It is skipped with a word.
    Skip,
    /// It is open again.
    Reopen,
}

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A fact it needs is not recorded.
    Needs,
    /// Its condition does not hold.
    If,
    /// It is not declared in the state.
    State,
    /// The role may not.
    By,
    /// No place is free.
    Full,
    /// There is no later hold.
    NextCohort,
    /// The course has ended.
    Ended,
}

impl Because {
    /// All, by the word in the file.
    pub const WORDS: [(&'static str, Self, &'static str); 7] = [
        ("needs", Self::Needs, "A fact that must be recorded is not."),
        ("if", Self::If, "Its guard does not hold."),
        (
            "state",
            Self::State,
            "The case is in a state that does not react to it.",
        ),
        ("by", Self::By, "The role may not."),
        ("full", Self::Full, "The hold has no free place."),
        ("next_cohort", Self::NextCohort, "There is no later hold."),
        ("ended", Self::Ended, "The case has ended."),
    ];
}

/// What is expected at a moment; what is not said is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The atomic state.
    pub state: Option<StateId>,
    /// Whether the candidate has gone on to the next hold.
    pub moved: Option<bool>,
    /// Whether the candidate holds a place.
    pub place: Option<bool>,
    /// How many places of the hold are free.
    pub free_places: Option<u32>,
    /// Whether and how the candidate's course has ended.
    pub ended: Option<Finish>,
    /// Whether the candidate waits for something that is missing, and for what.
    pub waits: Option<Waits>,
    /// How many mails of a template have left since the start.
    pub mails: BTreeMap<String, u32>,
    /// How many mails wait for a person because they could not leave. Without it none may.
    pub held: Option<u32>,
    /// Messages that were recorded as missed.
    pub missed: Vec<Name>,
    /// Tasks that are open.
    pub open: Vec<(Whose, Name)>,
    /// Tasks that are not.
    pub not_open: Vec<(Whose, Name)>,
    /// Meetings that are booked and have not been held.
    pub booked: Vec<(Whose, Name)>,
    /// Meetings that are not.
    pub not_booked: Vec<(Whose, Name)>,
}

/// Whether and how a course has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It goes on.
    No,
    /// In a final state.
    Yes,
    /// With its hold, which was cancelled.
    Cancelled,
}

/// What a candidate waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// For nothing.
    No,
    /// For whatever it is.
    Yes,
    /// For exactly these facts, a free place or the next hold.
    For(Vec<FactRef>),
}
