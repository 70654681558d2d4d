//! The checked workflow: what a YAML file means once every name is known and every phrase parsed.
//!
//! Nothing here can be wrong in a way the checker could have seen, so the engine never re-checks.
//! Durations named by `settings.NAME` are already replaced by their length.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::value::{FactKind, Value};
use crate::calendar::{Calendar, Length, Period, Shift};

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
    pub retention: Option<Point>,
    /// Played by `simulate --scenario`.
    pub scenarios: Vec<Scenario>,
    /// Looks a state up by name.
    pub state_ids: HashMap<Name, StateId>,
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

/// How a state ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What the course is for.
    Success,
    /// Neither.
    Neutral,
    /// Stopped on the way.
    Dropout,
}

/// How long a case stays, when nothing else happens.
#[derive(Clone, Debug)]
pub enum Stay {
    /// Until an event.
    Open,
    /// For a length, from the planned day of entry.
    Lasts(Length),
    /// Until the day of a point begins.
    Until(Point),
}

/// A state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its key; the root's is `candidate`.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// The compound it is in; `None` for the root only.
    pub parent: Option<StateId>,
    /// Its own states, in order; empty for an atomic one.
    pub children: Vec<StateId>,
    /// Set for a final state.
    pub outcome: Option<Outcome>,
    /// How long.
    pub stay: Stay,
    /// Where to by time.
    pub then: Option<Then>,
    /// Takes one of the hold's places while inside.
    pub holds_place: bool,
    /// What it declares.
    pub scope: Scope,
}

/// Where a transition leads.
#[derive(Clone, Debug)]
pub enum Then {
    /// Always there.
    To(Goal),
    /// The first branch whose guard holds.
    Branches {
        /// In order.
        branches: Vec<(Guard, Goal)>,
        /// `{else: …}`.
        otherwise: Goal,
    },
}

/// A state of this case, or of a new case on the next hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A state, entered at its first child down to an atomic one.
    State(StateId),
    /// `next_cohort.S`.
    NextCohort(StateId),
}

/// What raises an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A declared event, by name; `by` says who may.
    Named(Name),
    /// Built in: `TASK.done`, `cohort.MEETING.held` and the like.
    Thing(ThingPart),
}

/// A part of a task or meeting at which something happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThingPart {
    /// True for the hold's task or meeting.
    pub cohort: bool,
    /// Its key.
    pub name: Name,
    /// What happened.
    pub part: Part,
}

/// What can happen to a task or meeting.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A task is done.
    Done,
    /// A task's due day has passed.
    Overdue,
    /// A meeting was held.
    Held,
    /// The participant did not come.
    NoShow,
    /// A meeting was called off.
    Cancelled,
}

/// An event that a state reacts to.
#[derive(Clone, Debug)]
pub struct Event {
    /// What raises it.
    pub trigger: Trigger,
    /// What people read.
    pub title: String,
    /// Who may; empty for built-in events and for "anyone who works on the case".
    pub by: Vec<Name>,
    /// Facts that must be recorded with it or before.
    pub needs: Vec<FactRef>,
    /// Must hold.
    pub guard: Guard,
    /// Roles that may pass a false guard with a recorded reason.
    pub may_override: Vec<Name>,
    /// Where to; `None`: recorded, and the case stays.
    pub then: Option<Then>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its key.
    pub name: Name,
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

/// A guard: all tests must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard(pub Vec<Test>);

/// One line of a guard.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A fact compared.
    Fact(FactRef, Compare),
    /// The candidate's age on the day it is tried, in whole years.
    Age(Compare),
    /// `cohort.free_places`.
    FreePlaces(Compare),
    /// One of these must hold.
    Any(Vec<Guard>),
}

/// How a value is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Compare {
    /// One of the values.
    In(Vec<Value>),
    /// None of the values.
    Not(Vec<Value>),
    /// At least and at most; both may be given.
    Within {
        /// `at_least`.
        least: Option<Value>,
        /// `at_most`.
        most: Option<Value>,
    },
    /// Recorded or not.
    Recorded(bool),
}

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
    /// The hold's dates.
    pub dates: BTreeMap<Name, Date>,
    /// The candidate's facts at the start.
    pub facts: BTreeMap<Name, Value>,
    /// In order of time.
    pub steps: Vec<ScenarioStep>,
}

/// One step of a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioStep {
    /// Local time.
    pub at: DateTime,
    /// What happens.
    pub what: StepKind,
    /// Where it stands in the file, in bytes.
    pub span: Range<usize>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Records facts.
    Set(BTreeMap<FactRef, Value>),
    /// Raises an event, with facts.
    Event(Name, BTreeMap<FactRef, Value>),
    /// Books a meeting.
    Book {
        /// True for the hold's.
        cohort: bool,
        /// The meeting.
        meeting: Name,
        /// Local start.
        on: DateTime,
    },
    /// A meeting was held, missed or called off.
    Meeting(ThingPart),
    /// A task is done.
    Done {
        /// True for the hold's.
        cohort: bool,
        /// The task.
        task: Name,
        /// With these facts.
        set: BTreeMap<FactRef, Value>,
    },
    /// What is expected now.
    Expect {
        /// The atomic state.
        state: Option<StateId>,
        /// How many mails of a template went to this case's people so far.
        mails: BTreeMap<String, u32>,
    },
}
