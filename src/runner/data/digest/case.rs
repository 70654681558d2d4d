//! One case in a digest: where it is, how it has come and not come, and what is next.

use super::{Told, first_name, next};
use crate::definition::model::{Part, Workflow};
use crate::engine::frame::View;
use crate::engine::subject::{Happened, MeetingLog, Subject};
use crate::runner::data::Known;
use crate::store::{MemberRow, SubjectRow};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Writes the cases of one digest.
pub(super) struct Writer<'t> {
    workflow: &'t Workflow,
    told: &'t Told<'t>,
    known: &'t Known<'t>,
    /// The holds as their histories leave them, when the days that come are told.
    holds: HashMap<i64, Subject>,
}

impl<'t> Writer<'t> {
    pub fn new(workflow: &'t Workflow, told: &'t Told<'t>, known: &'t Known<'t>) -> Self {
        let tells_next = told.beside.is_some_and(|beside| beside.tells_next);
        let read =
            |(id, row): (&i64, &SubjectRow)| Some((*id, serde_json::from_str(&row.snapshot).ok()?));
        let holds = told.holds.iter().filter(|_| tells_next);
        Self {
            workflow,
            told,
            known,
            holds: holds.filter_map(read).collect(),
        }
    }

    pub fn case(&self, row: &MemberRow, subject: &Subject, name: &str) -> Json {
        let workflow = self.workflow;
        let state = (subject.state.as_ref())
            .and_then(|state| workflow.state_ids.get(state))
            .map(|id| &workflow.states[id.0]);
        let since = (subject.state.as_ref())
            .and_then(|state| subject.visits.get(state))
            .map(|visit| visit.day.to_string());
        let hold = self.told.holds.get(&row.cohort_id);
        let organisation = row.organisation_id;
        let organisation = organisation.and_then(|id| self.known.organisations.get(&id));
        json!({
            "name": name,
            "first_name": first_name(name),
            "organisation": organisation.map(|one| &one.name),
            "state": state.map(|state| &state.title),
            "state_name": subject.state,
            "since": since,
            "cohort": {"title": hold.and_then(|hold| hold.title.clone()), "start": hold.and_then(|hold| hold.starts_on.clone())},
            "absences": absences(subject),
            "attended": attended(subject),
            "missed": missed(subject),
            "next": self.next(row, subject),
            "outcome": subject.ended.as_ref().map(|ended| ended.how),
        })
    }

    fn next(&self, row: &MemberRow, subject: &Subject) -> Json {
        let version = self.told.versions.get(&row.version_id);
        let hold = self.holds.get(&row.cohort_id);
        let (Some(version), Some(hold)) = (version, hold) else {
            return json!([]);
        };
        let view = View {
            cohort: Some(hold),
            ..View::of(&version.workflow)
        };
        next::next(&view, subject, self.told.now)
    }
}

/// How often absence was recorded.
pub(super) fn absences(subject: &Subject) -> u32 {
    subject.fired.get("absence").map_or(0, |fired| fired.count)
}

/// How many meetings took place with the candidate. Those of the hold count when a list says who came.
pub(super) fn attended(subject: &Subject) -> u32 {
    met(subject, Part::Held, |log| log.held)
}

/// How many meetings the candidate did not come to.
pub(super) fn missed(subject: &Subject) -> u32 {
    met(subject, Part::NoShow, |log| log.no_show)
}

fn met(subject: &Subject, part: Part, own: fn(&MeetingLog) -> Option<Happened>) -> u32 {
    let own = subject.meetings.values().filter_map(own);
    let of_hold = subject.attended.iter().filter_map(|(thing, happened)| {
        let (_, word) = thing.rsplit_once('.')?;
        (word == part.word()).then_some(*happened)
    });
    own.chain(of_hold).map(|happened| happened.count).sum()
}
