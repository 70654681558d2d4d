//! What a person led a case on by last, to be taken back: found in its history, and what the case was before it.
//!
//! Nothing of a history is ever changed. To undo is an event of its own, [`Event::Undone`], and what stood before it
//! is written in full, so that it needs no rules of the time to be read again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Cause, Event, TaskFate};
use super::subject::Subject;
use crate::definition::model::Part;

/// A stretch of a visit's history that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Which visit of the state.
    pub visit: u32,
    /// How many events there were before what was taken back.
    pub from: u64,
    /// And with it.
    pub to: u64,
    /// What is said in this visit from now on has at least this revision, so that it is compared with what was said.
    pub revision: u32,
}

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// What led on.
    pub cause: Cause,
    /// When.
    pub at: Timestamp,
    /// What the case was before.
    pub before: Box<Subject>,
    /// Higher than any revision of mail that was ever queued for it.
    pub revision: u32,
}

/// Why nothing can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUndone {
    /// Only time has led it on, or it is where it began.
    OnlyTime,
    /// It has gone on by another version of its workflow since.
    Migrated,
    /// It went on to another hold, was taken back itself, was cancelled with its hold, or is anonymised.
    Over,
}

/// What a person led a case on by last, when, and what it was before.
pub fn last_led_on(
    history: &[(Timestamp, Event)],
) -> Result<(Cause, Timestamp, Subject), NotUndone> {
    let mut end = history.len();
    while end > 0 {
        let (at, event) = &history[end - 1];
        end = match event {
            Event::Moved {
                cause: cause @ Cause::Event(_),
                ..
            } => {
                let before = history[..begins(history, end - 1)].iter();
                let before = Subject::replay(before.map(|(at, event)| (*at, event)));
                let before = before.ok_or(NotUndone::OnlyTime)?;
                return Ok((cause.clone(), *at, before));
            }
            // What was taken back is not there any more.
            Event::Undone { from, .. } => usize::try_from(*from).unwrap_or_default().min(end - 1),
            Event::Migrated(_) | Event::Unmigrated { .. } => return Err(NotUndone::Migrated),
            Event::Anonymised => return Err(NotUndone::Over),
            _ => end - 1,
        };
    }
    Err(NotUndone::OnlyTime)
}

/// Where the act begins that led on at `moved`: with what happened, before all that leaving brought with it.
fn begins(history: &[(Timestamp, Event)], moved: usize) -> usize {
    let at = history[moved].0;
    let goes_with_leaving = |event: &Event| {
        matches!(
            event,
            Event::Decided(_)
                | Event::Lapsed { .. }
                | Event::Task {
                    what: TaskFate::Withdrawn | TaskFate::Missed,
                    ..
                }
                | Event::Met {
                    part: Part::Cancelled,
                    ..
                }
        )
    };
    let mut first = moved;
    while first > 0 && history[first - 1].0 == at && goes_with_leaving(&history[first - 1].1) {
        first -= 1;
    }
    let led_on = |event: &Event| {
        matches!(
            event,
            Event::Fired { .. } | Event::Task { .. } | Event::Met { .. } | Event::Heard { .. }
        )
    };
    if first > 0 && history[first - 1].0 == at && led_on(&history[first - 1].1) {
        first -= 1;
    }
    first
}
