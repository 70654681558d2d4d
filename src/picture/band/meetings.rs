//! The meetings of the hold and of the phases on the main line, where their days are known.

use std::collections::BTreeSet;

use super::{At, Row, RowKind, Walk, later};
use crate::definition::model::{Anchor, Meeting, MeetingTime, Recurrence, Scope, StateId};
use crate::picture::route::upwards;

impl Walk<'_> {
    /// Adds a row for each meeting with known days.
    pub(super) fn meetings(&mut self) {
        let workflow = self.workflow;
        self.of_scope(&workflow.cohort.scope, None);
        let atomics: Vec<StateId> = self.days.keys().copied().collect();
        let mut seen: BTreeSet<StateId> = BTreeSet::new();
        for atomic in atomics {
            for id in upwards(workflow, atomic) {
                if seen.insert(id) {
                    self.of_scope(&workflow.states[id.0].scope, Some(id));
                }
            }
        }
    }

    fn of_scope(&mut self, scope: &Scope, home: Option<StateId>) {
        for meeting in &scope.meetings {
            if let Some(row) = self.meeting(meeting, home) {
                self.rows.push(row);
            }
        }
    }

    fn meeting(&mut self, meeting: &Meeting, home: Option<StateId>) -> Option<Row> {
        let (from, to, often) = match &meeting.when {
            MeetingTime::Free => return None,
            MeetingTime::Between(from, to) => {
                let (from, mut to) = (self.known(from, false)?, self.known(to, true)?);
                if from >= to {
                    to = later(from, 1);
                }
                (from, Some(to), None)
            }
            MeetingTime::Every(recurrence) => {
                let (from, to) = self.recurring(recurrence, home)?;
                (from, to, Some(self.words.period(&recurrence.period)))
            }
        };
        let when = match to {
            Some(to) if to.stretch == from.stretch => self.weeks(from, to),
            Some(to) => {
                let until = self.words.say("indtil", "until");
                let title = self.words.quoted(&self.stretches[to.stretch].title);
                format!("{until} {title}")
            }
            None => String::new(),
        };
        let words: Vec<String> = often.into_iter().chain([when]).collect();
        Some(Row {
            title: meeting.title.clone(),
            words: words.join(", ").trim_end_matches(", ").to_owned(),
            from: Some(from),
            to,
            kind: RowKind::Meeting,
        })
    }

    /// The days of a recurrence: its own, or those of the phase that it is declared in.
    fn recurring(&mut self, every: &Recurrence, home: Option<StateId>) -> Option<(At, Option<At>)> {
        let workflow = self.workflow;
        let inside = |id: &StateId| {
            home.is_some_and(|home| upwards(workflow, *id).any(|outer| outer == home))
        };
        let own: Vec<_> = self
            .days
            .iter()
            .filter(|(id, _)| inside(id))
            .map(|(_, days)| *days)
            .collect();
        let from = match (&every.from, home) {
            (Some(point), _) => self.known(point, false)?,
            (None, Some(_)) => own.first()?.0?,
            (None, None) => At { stretch: 0, day: 0 },
        };
        let to = match &every.until {
            Some(point) => match (&point.anchor, self.known(point, true)) {
                (_, Some(at)) => Some(at),
                (Anchor::HoldDate(name), None) if point.shift.is_none() => {
                    Some(self.hold_date(name))
                }
                _ => None,
            },
            None => own.last().and_then(|days| days.1),
        };
        Some((from, to.filter(|to| *to > from)))
    }
}
