//! What becomes of a case in the end: it is anonymised, when nothing keeps it.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::{Ordinal, Planned, What, Why};
use crate::definition::model::CANDIDATE;
use crate::engine::frame::Frame;
use crate::engine::subject::Kind;

/// What keeps a case from being anonymised although its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    /// The candidate's data are kept for legal reasons.
    Legal,
    /// Its journal is to be written out first, with all of its history.
    Journal,
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legal => "it is kept for legal reasons",
            Self::Journal => "its journal is to be written out first",
        })
    }
}

/// What keeps a case from being anonymised, if anything does.
#[must_use]
pub fn keeps(frame: &Frame<'_>) -> Option<Keeps> {
    let retention = frame.workflow().retention.as_ref();
    let is_journal_first = retention.is_some_and(|retention| retention.journal_first);
    match frame.view {
        view if view.is_kept => Some(Keeps::Legal),
        view if is_journal_first && view.journaled != Some(frame.subject.seq) => {
            Some(Keeps::Journal)
        }
        _ => None,
    }
}

/// When a case that has ended is to be anonymised, whatever keeps it.
#[must_use]
pub fn anonymised_at(frame: &Frame<'_>) -> Option<Timestamp> {
    let point = &frame.workflow().retention.as_ref()?.anonymise;
    let is_case = frame.subject.kind == Kind::Case;
    let ended = frame
        .subject
        .ended
        .as_ref()
        .filter(|_| is_case && !frame.subject.anonymised)?;
    let day = frame.calendar().shift_day(ended.day, point.shift.as_ref());
    Some(frame.calendar().start_of(day))
}

/// That what identifies the candidate is erased, unless something keeps it.
pub fn retention<'a>(frame: &Frame<'a>) -> Option<Planned<'a>> {
    let point = &frame.workflow().retention.as_ref()?.anonymise;
    let at = anonymised_at(frame).filter(|_| keeps(frame).is_none())?;
    Some(Planned {
        scope: CANDIDATE.into(),
        visit: 1,
        declaration: "retention".into(),
        ordinal: Ordinal::Count(1),
        at,
        what: What::Retention,
        why: Why {
            phrase: point.text.clone(),
            nominal: None,
            moved: None,
        },
        ahead: false,
    })
}
