//! Seats: which recipients an intent has. A seat is a role, not an address; who sits in it is
//! looked up when the mail is frozen.
//!
//! `candidate`, `job_consultant`, `jobcentre` in a case; `role:PERSON` for roles of the hold and the
//! workflow, one mail each, or the role alone while nobody has it; for mail of a hold about its cases also `candidate:CASE` and `jobcentre:ORGANISATION`.

use std::collections::BTreeSet;

use super::context::Context;
use super::{People, RunError, Runner};
use crate::definition::model::{CANDIDATE, JOBCENTRE, Name, Per};
use crate::engine::effect::{About, Intent, MeetingWord};
use crate::engine::subject::{Ending, Kind, Subject};
use crate::store::{MemberRow, SubjectKind};

/// The seat of whoever runs the installation: set by it, and no role of a workflow.
pub(super) const OPERATOR: &str = "operator";

impl Runner {
    /// The seats of an intent, each once, in the order of its roles.
    pub(super) async fn seats(
        &self,
        context: &Context,
        subject: &Subject,
        intent: &Intent,
    ) -> Result<Vec<String>, RunError> {
        let workflow = &context.version.workflow;
        let mut seats: Vec<String> = Vec::new();
        let mut members: Option<Vec<(MemberRow, Subject)>> = None;
        for role in &intent.to {
            let per = workflow
                .roles
                .iter()
                .find(|known| known.name == *role)
                .map(|known| known.per);
            match per {
                Some(Per::Candidate) if subject.kind == Kind::Case => seats.push(role.to_string()),
                Some(Per::Candidate) => {
                    if members.is_none() {
                        members = Some(self.members(context, &intent.cases_in).await?);
                    }
                    seats.extend(seats_of_cases(role, members.as_deref().unwrap_or_default()));
                }
                Some(per @ (Per::Cohort | Per::Workflow)) => {
                    let people = people_of(context, subject, per);
                    let held = each(role, people.and_then(|people| people.get(role)));
                    if held.is_empty() {
                        // Nobody has the role: the seat waits for whoever gets it, and is seen to.
                        seats.push(role.to_string());
                    }
                    seats.extend(held);
                }
                None => {}
            }
        }
        let mut seen = BTreeSet::new();
        seats.retain(|seat| seen.insert(seat.clone()));
        self.without_those_told(context, intent, seats).await
    }

    /// A hold's invitation is looked at again when somebody comes: those who have it keep it as it
    /// is. A withdrawal goes to those who were invited, and to nobody else.
    async fn without_those_told(
        &self,
        context: &Context,
        intent: &Intent,
        mut seats: Vec<String>,
    ) -> Result<Vec<String>, RunError> {
        let About::Meeting { word, .. } = intent.about else {
            return Ok(seats);
        };
        if context.row.kind != SubjectKind::Cohort {
            return Ok(seats);
        }
        match word {
            MeetingWord::Invited => {
                let invited = self
                    .store()
                    .seats(context.row.id, &intent.occurrence)
                    .await?;
                seats.retain(|seat| !invited.iter().any(|(known, _)| known == seat));
            }
            MeetingWord::Cancelled => {
                let invited = self
                    .store()
                    .seats(context.row.id, &intent.occurrence)
                    .await?;
                seats = invited
                    .into_iter()
                    .map(|(seat, _)| seat)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect();
            }
            MeetingWord::Moved | MeetingWord::Reminder => {}
        }
        Ok(seats)
    }

    /// The cases of a hold, or of all holds of a workflow, that are in certain states.
    pub(super) async fn members(
        &self,
        context: &Context,
        states: &[Name],
    ) -> Result<Vec<(MemberRow, Subject)>, RunError> {
        let mut members = self
            .members_of(context.cohort_id(), &context.row.workflow, states)
            .await?;
        members.retain(|(_, subject)| is_concerned(context, subject));
        Ok(members)
    }

    /// The same of one hold, or of all holds of a workflow; and those who were cancelled with theirs.
    pub(super) async fn members_of(
        &self,
        cohort: Option<i64>,
        workflow: &str,
        states: &[Name],
    ) -> Result<Vec<(MemberRow, Subject)>, RunError> {
        let states: Vec<String> = states.iter().map(ToString::to_string).collect();
        let rows = self.all_members(cohort, workflow, &states).await?;
        let mut members: Vec<_> = rows.into_iter().filter_map(readable).collect();
        members.retain(|(_, case)| !case.is_taken_back());
        Ok(members)
    }
}

/// Whether a hold's or workflow's mail is about a case. Who was cancelled with a hold hears no more but from
/// the hold itself.
pub(super) fn is_concerned(context: &Context, case: &Subject) -> bool {
    let of_own = context.subject.kind == Kind::Cohort && context.subject.ended.is_some();
    of_own || case.ended.as_ref().map(|ended| ended.how) != Some(Ending::Cancelled)
}

/// One case that cannot be read must not keep a digest from all the others.
fn readable(row: MemberRow) -> Option<(MemberRow, Subject)> {
    match serde_json::from_str(&row.snapshot) {
        Ok(subject) => Some((row, subject)),
        Err(error) => {
            tracing::error!(subject = row.id, %error, "a case is left out: its snapshot cannot be read");
            None
        }
    }
}

fn each(role: &Name, people: Option<&Vec<i64>>) -> Vec<String> {
    people
        .map(|people| {
            people
                .iter()
                .map(|person| format!("{role}:{person}"))
                .collect()
        })
        .unwrap_or_default()
}

fn seats_of_cases(role: &Name, members: &[(MemberRow, Subject)]) -> Vec<String> {
    let mut seats: Vec<String> = Vec::new();
    // Of the anonymised nobody is told, and they least of all.
    for (row, subject) in members.iter().filter(|(_, subject)| !subject.anonymised) {
        match &**role {
            CANDIDATE => seats.push(format!("{role}:{}", row.id)),
            JOBCENTRE => seats.extend(row.organisation_id.map(|id| format!("{role}:{id}"))),
            _ => seats.extend(each(role, subject.people.get(role))),
        }
    }
    seats.sort();
    seats.dedup();
    seats
}

/// Whether whoever sits in a seat is told of its own cases only.
pub(super) fn is_of_cases(context: &Context, seat: &str) -> bool {
    let mut roles = context.version.workflow.roles.iter();
    roles.any(|role| *role.name == *parts(seat).0 && role.per == Per::Candidate)
}

/// A seat's role and, for `role:ID`, its id.
pub(super) fn parts(seat: &str) -> (&str, Option<i64>) {
    match seat.split_once(':') {
        Some((role, id)) => (role, id.parse().ok()),
        None => (seat, None),
    }
}

/// Who sits in a seat of this subject now, as far as it is people of a role.
pub(super) fn holders(context: &Context, subject: &Subject, seat: &str) -> Vec<i64> {
    match parts(seat) {
        (_, Some(id)) => vec![id],
        (CANDIDATE, None) => context.row.person_id.into_iter().collect(),
        (JOBCENTRE, None) => Vec::new(),
        (role, None) => {
            let role: Name = role.into();
            let role = &**subject.called.role(&role);
            let mut roles = context.version.workflow.roles.iter();
            let per = roles.find(|known| *known.name == *role);
            let per = per.map_or(Per::Candidate, |known| known.per);
            let people = people_of(context, subject, per);
            people
                .and_then(|people| people.get(role))
                .cloned()
                .unwrap_or_default()
        }
    }
}

/// The people of the roles of one kind, as this subject sees them.
fn people_of<'a>(context: &'a Context, subject: &'a Subject, per: Per) -> Option<&'a People> {
    match (per, subject.kind) {
        (Per::Candidate, _) | (Per::Cohort, Kind::Cohort) | (Per::Workflow, Kind::Workflow) => {
            Some(&subject.people)
        }
        (Per::Cohort, _) => context.cohort_people(),
        (Per::Workflow, _) => Some(&context.workflow_people),
    }
}
