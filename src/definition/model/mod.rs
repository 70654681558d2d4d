//! The checked workflow: what a YAML file means once every name is known and every phrase parsed.
//!
//! Nothing here can be wrong in a way the checker could have seen, so the engine never re-checks.
//! Durations named by `settings.NAME` are already replaced by their length.

mod guard;
mod point;
mod scenario;
mod state;
mod things;

use crate::calendar::{Calendar, Length};
use crate::definition::value::FactKind;
use jiff::civil::Weekday;
use std::collections::HashMap;
use std::sync::Arc;

pub use self::guard::{Compare, Guard, Test};
pub use self::point::{Anchor, Point, Remind, StatePart};
pub use self::scenario::{
    Because, Expect, Finish, Raised, Scenario, ScenarioCandidate, ScenarioHold, ScenarioStep,
    StepKind, Target, TaskDeed, Waits, Who, Whose,
};
pub use self::state::{Event, Goal, Outcome, Part, State, Stay, Then, ThingPart, Trigger};
pub use self::things::{
    Book, Fill, Meeting, MeetingTime, Message, MessageTime, Need, Recurrence, Scope, Task,
};

/// An identifier written in the YAML: a state, a role, a fact. Cheap to clone.
pub type Name = Arc<str>;

/// A place in the list of states, parents before children, in the order of the file.
/// [`StateId::ROOT`] is the candidate itself, which is a compound state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub usize);

impl StateId {
    /// The candidate as a whole.
    pub const ROOT: Self = Self(0);
}

/// A whole workflow, checked.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// `workflow:`, the identity.
    pub id: Name,
    /// What people read.
    pub title: String,
    /// Where the initiative is described.
    pub source: Option<String>,
    /// `da` or `en`; rules texts, dates and sorting.
    pub language: String,
    /// Zone, holidays, closing days and send hours.
    pub calendar: Calendar,
    /// The one rule for overdue tasks.
    pub overdue: Option<Overdue>,
    /// Named lengths, in the order of the file.
    pub settings: Vec<Setting>,
    /// Declared roles, in the order of the file; `candidate` and `jobcentre` come first, built in.
    pub roles: Vec<Role>,
    /// The hold.
    pub cohort: CohortDef,
    /// All states, parents first; empty when the workflow has no candidate.
    pub states: Vec<State>,
    /// What a candidate's facts are.
    pub facts: Vec<Fact>,
    /// `candidate.title`.
    pub candidate_title: String,
    /// Workflow scope: messages over all holds.
    pub scope: Scope,
    /// Counts to reach.
    pub targets: Vec<Target>,
    /// When a case is anonymised, after it ended.
    pub retention: Option<Retention>,
    /// Played by `tovholder test`.
    pub scenarios: Vec<Scenario>,
    /// Looks a state up by name.
    pub state_ids: HashMap<Name, StateId>,
}

/// `retention: {anonymise, journal}`.
#[derive(Clone, Debug)]
pub struct Retention {
    /// How long after it ended.
    pub anonymise: Point,
    /// Only once its journal has been written out.
    pub journal_first: bool,
}

/// `overdue: {to, after}`.
#[derive(Clone, Debug)]
pub struct Overdue {
    /// Roles that are told.
    pub to: Vec<Name>,
    /// How long after the due day.
    pub after: Length,
}

/// A named length.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its key.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// The length.
    pub length: Length,
    /// Whether the seed says so or we assume it.
    pub assumption: bool,
}

/// Who holds a role: one set of people per what?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Each case has its own.
    Candidate,
    /// Each hold has its own.
    Cohort,
    /// The same over all holds.
    Workflow,
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its key.
    pub name: Name,
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
    /// What people read.
    pub title: String,
    /// What it is held per.
    pub per: Per,
}

/// The role that is the candidate.
pub const CANDIDATE: &str = "candidate";

/// The role that is the candidate's organisation.
pub const JOBCENTRE: &str = "jobcentre";

/// The hold.
#[derive(Clone, Debug, Default)]
pub struct CohortDef {
    /// What people read: "Hold".
    pub title: String,
    /// How many may hold a place; `None` is without limit.
    pub places: Option<u32>,
    /// Dates that every hold must have.
    pub dates: Vec<HoldDate>,
    /// What is recorded about the hold.
    pub facts: Vec<Fact>,
    /// Tasks, meetings and messages of the hold.
    pub scope: Scope,
}

/// A date of the hold.
#[derive(Clone, Debug)]
pub struct HoldDate {
    /// Its key: `start`.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// The weekday it must fall on.
    pub weekday: Option<Weekday>,
}

/// A fact: something recorded.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its key.
    pub name: Name,
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
    /// What people read.
    pub title: String,
    /// Its type.
    pub kind: FactKind,
    /// Never reaches a template.
    pub confidential: bool,
}

/// Names a fact of the case, or of its hold (`cohort.x`).
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct FactRef {
    /// True for `cohort.x`.
    pub cohort: bool,
    /// The fact's key.
    pub name: Name,
}
