//! The keywords of the language, one file each: its shape, its checks, its meaning.

pub(super) mod calendar;
pub(super) mod cohort;
pub(super) mod event;
pub(super) mod facts;
pub(super) mod guard;
pub(super) mod meeting;
pub(super) mod message;
pub(super) mod overdue;
pub(super) mod phrase;
pub(super) mod retention;
pub(super) mod roles;
pub(super) mod scenarios;
pub(super) mod settings;
pub(super) mod state;
pub(super) mod targets;
pub(super) mod task;
pub(super) mod then;
pub(super) mod variants;
pub(super) mod workflow;

use std::cell::RefCell;
use std::ops::Range;

use super::TemplateUse;
use super::model::{Name, StateId, StatePart};
use super::names::Names;
use super::problem::Sink;

/// What every keyword reads with: where problems go, all names, and notes for the checks that
/// need the whole file.
pub(crate) struct Cx<'r> {
    pub sink: &'r Sink<'r>,
    pub names: Names<'r>,
    pub notes: RefCell<Notes>,
}

/// Seen while reading, judged at the end.
#[derive(Default)]
pub(crate) struct Notes {
    /// Some goal was not readable: what is reachable is not known.
    pub goal_broken: bool,
    /// Some `lasts` or `until` was not readable: which days are known is not known.
    pub stay_broken: bool,
    /// Days of states that the hold uses, so that they must be known before anyone enters.
    pub early: Vec<(StateId, StatePart, Range<usize>)>,
    /// Templates with their places.
    pub templates: Vec<TemplateUse>,
    /// Messages by their names, which scenarios may expect.
    pub messages: Vec<Name>,
}

/// Where a declaration stands, which is its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In a state: the case.
    Case(StateId),
    /// Under `cohort:`: the hold.
    Hold,
    /// At the top: all holds.
    Workflow,
}

impl Home {
    /// Whether what is declared there is the hold's.
    pub fn is_hold(self) -> bool {
        matches!(self, Self::Hold)
    }
}
