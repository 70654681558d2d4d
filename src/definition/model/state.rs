//! States, the events they react to, and where transitions lead.

use super::{FactRef, Guard, Name, Point, Scope, StateId};
use crate::calendar::Length;

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
    /// What earlier versions call it, where that is another name.
    pub was: Option<Name>,
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

impl Part {
    /// As it is written after the dot.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Overdue => "overdue",
            Self::Held => "held",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
        }
    }
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
