//! Targets and scenarios.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::{Date, DateTime};

use super::{FactRef, Name, StateId, ThingPart};
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
