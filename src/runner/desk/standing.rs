//! How holds stand: candidates by state, places, targets, what happens next.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;

use super::numbers::{Come, Counted, Tally};
use super::{Agenda, Desk, DeskError};
use crate::definition::model::{Per, Workflow};
use crate::engine::subject::{Ending, Stage, Subject};
use crate::runner::context::Context;
use crate::store::{HoldRow, SubjectRow};

/// How far ahead what happens next is shown.
const NEXT_DAYS: u32 = 60;
/// How much of it.
const NEXT_ITEMS: usize = 5;

/// A hold in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CohortLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The workflow's id.
    pub workflow: String,
    /// Its first day, ISO.
    pub start: Option<String>,
    /// It was cancelled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_cancelled: bool,
    /// Whether candidates come to it.
    pub has_candidates: bool,
    /// Its cases.
    pub cases: u32,
    /// Those that have not ended.
    pub open: u32,
}

/// How a hold stands.
#[derive(Clone, Debug, Serialize)]
pub struct CohortShown {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The workflow's title.
    pub workflow: String,
    /// How far it has come.
    pub stage: Stage,
    /// Pauses: first and last day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<(Date, Date)>,
    /// By title.
    pub dates: Vec<(String, Date)>,
    /// Whether candidates come to it.
    pub has_candidates: bool,
    /// How many places there are; none: no limit.
    pub places: Option<u32>,
    /// How many are taken.
    pub places_taken: usize,
    /// The people of its roles and of the workflow's, by title.
    pub people: Vec<(String, Vec<String>)>,
    /// The states that any case is in.
    pub states: Vec<StateCount>,
    /// Counts to reach, over all holds of the workflow.
    pub targets: Vec<Reached>,
    /// What happens next.
    pub next: Agenda,
}

/// Cases in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// The state's key.
    pub state: String,
    /// Its title.
    pub title: String,
    /// Who is in it: id, name.
    pub cases: Vec<(String, String)>,
}

/// A count to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Reached {
    /// Its title.
    pub title: String,
    /// Cases of this hold that ever came there.
    pub on_hold: usize,
    /// Cases of all holds.
    pub in_all: usize,
    /// How many there should be.
    pub at_least: u32,
    /// By when.
    pub deadline: Option<Date>,
}

impl Desk {
    /// All holds, by workflow and first day.
    pub async fn cohorts(&self) -> Result<Vec<CohortLine>, DeskError> {
        let holds = self.runner().store().holds(None).await?;
        self.cohort_lines(holds).await
    }

    /// Holds in a list, in this order.
    async fn cohort_lines(&self, holds: Vec<HoldRow>) -> Result<Vec<CohortLine>, DeskError> {
        let store = self.runner().store();
        let ids: Vec<i64> = holds.iter().map(|hold| hold.id).collect();
        let counts = store.progress_by_hold(self.sees_counts(), &ids).await?;
        let mut lines = Vec::new();
        for hold in holds {
            let version = self.runner().version(hold.version_id).await?;
            let is_cancelled = hold.state.is_some();
            let mut tally = Tally::new(&version.workflow);
            for row in counts.iter().filter(|row| row.of == hold.id) {
                tally.add(row, is_cancelled);
            }
            lines.push(CohortLine {
                has_candidates: !version.workflow.states.is_empty(),
                open: tally.count(&Counted::Open),
                cases: tally.cases(),
                id: hold.public_id,
                title: hold.title.unwrap_or_default(),
                workflow: hold.workflow,
                start: hold.starts_on,
                is_cancelled,
            });
        }
        Ok(lines)
    }

    /// At most so many holds, of a workflow or of all, from behind one of them (its id), by workflow and first day;
    /// and whether there are more. None when there is no such hold to begin behind.
    pub async fn cohort_page(
        &self,
        workflow: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Option<(Vec<CohortLine>, bool)>, DeskError> {
        let rows = self.runner().store().holds(workflow).await?;
        let from = match after {
            None => 0,
            Some(after) => match rows.iter().position(|row| row.public_id == after) {
                Some(at) => at + 1,
                None => return Ok(None),
            },
        };
        let is_more = rows.len() > from + limit;
        let page = rows.into_iter().skip(from).take(limit).collect();
        Ok(Some((self.cohort_lines(page).await?, is_more)))
    }

    /// How a hold stands.
    pub async fn cohort_shown(&self, typed: &str) -> Result<CohortShown, DeskError> {
        let hold = self.cohort(typed).await?;
        let cases = self.subjects_of(hold.row.id).await?;
        self.shown(&hold, &cases).await
    }

    /// The same of a hold whose cases are read.
    pub(super) async fn shown(
        &self,
        hold: &Context,
        cases: &[(SubjectRow, Subject)],
    ) -> Result<CohortShown, DeskError> {
        let workflow = &hold.version.workflow;
        let today = workflow.calendar.local(self.runner().now()).date();
        let open = cases
            .iter()
            .filter(|(_, case)| case.ended.is_none())
            .count();
        let mut people = Vec::new();
        for role in &workflow.roles {
            let held = match role.per {
                Per::Candidate => continue,
                Per::Cohort => &hold.subject.people,
                Per::Workflow => &*hold.workflow_people,
            };
            let ids = held.get(&role.name).cloned().unwrap_or_default();
            people.push((role.title.clone(), self.names(&ids).await?));
        }
        Ok(CohortShown {
            id: hold.row.public_id.clone(),
            title: hold.row.title.clone().unwrap_or_default(),
            workflow: workflow.title.clone(),
            stage: Stage::of(&hold.subject, today, open),
            pauses: hold
                .subject
                .pauses
                .iter()
                .map(|(first, last)| (*first, *last))
                .collect(),
            dates: titled(workflow, &hold.subject),
            has_candidates: !workflow.states.is_empty(),
            places: workflow.cohort.places,
            places_taken: cases.iter().filter(|(row, _)| row.place.is_some()).count(),
            people,
            states: self.by_state(workflow, cases).await?,
            targets: self.targets(workflow, hold.row.id).await?,
            next: self.next(hold).await?,
        })
    }

    /// The cases of a hold with their snapshots, without those that were taken back.
    pub(super) async fn subjects_of(
        &self,
        cohort: i64,
    ) -> Result<Vec<(SubjectRow, Subject)>, DeskError> {
        let rows = self.runner().store().subjects_of(self.sees, cohort).await?;
        let read = |row: SubjectRow| {
            let subject: Subject = serde_json::from_str(&row.snapshot)?;
            Ok((row, subject))
        };
        let mut cases = rows
            .into_iter()
            .map(read)
            .collect::<Result<Vec<_>, DeskError>>()?;
        cases.retain(|(_, case)| !case.is_taken_back());
        Ok(cases)
    }

    /// The names of people, in the order asked for.
    /// The names of the organisations that cases belong to, by row id.
    pub(super) async fn jobcentres_of(
        &self,
        cases: impl Iterator<Item = &SubjectRow>,
    ) -> Result<HashMap<i64, String>, DeskError> {
        let ids: Vec<i64> = cases.filter_map(|row| row.organisation_id).collect();
        let known = self.runner().store().organisations(&ids).await?;
        Ok(known.into_iter().map(|(id, one)| (id, one.name)).collect())
    }

    pub(super) async fn names(&self, ids: &[i64]) -> Result<Vec<String>, DeskError> {
        let people = self.runner().store().people(ids).await?;
        Ok(ids
            .iter()
            .filter_map(|id| people.get(id))
            .map(|person| person.name.clone())
            .collect())
    }

    pub(super) async fn by_state(
        &self,
        workflow: &Workflow,
        cases: &[(SubjectRow, Subject)],
    ) -> Result<Vec<StateCount>, DeskError> {
        let ids: Vec<i64> = cases.iter().filter_map(|(row, _)| row.person_id).collect();
        let people = self.runner().store().people(&ids).await?;
        let name = |row: &SubjectRow| {
            let person = row
                .person_id
                .and_then(|id| people.get(&id))
                .map(|person| person.name.as_str());
            person
                .filter(|name| !name.is_empty())
                .unwrap_or("(anonymiseret)")
                .to_owned()
        };
        let mut states: Vec<StateCount> = workflow
            .states
            .iter()
            .map(|state| StateCount {
                state: state.name.to_string(),
                title: state.title.clone(),
                cases: Vec::new(),
            })
            .collect();
        let moved = |subject: &Subject| {
            subject
                .ended
                .as_ref()
                .is_some_and(|ended| ended.how == Ending::Moved)
        };
        let mut elsewhere = Vec::new();
        for (row, subject) in cases {
            if moved(subject) {
                elsewhere.push((row.public_id.clone(), name(row)));
                continue;
            }
            let at = subject
                .state
                .as_ref()
                .and_then(|state| workflow.state_ids.get(state));
            if let Some(count) = at.and_then(|id| states.get_mut(id.0)) {
                count.cases.push((row.public_id.clone(), name(row)));
            }
        }
        states.push(StateCount {
            state: "moved".to_owned(),
            title: "Flyttet til et andet hold".to_owned(),
            cases: elsewhere,
        });
        states.retain(|count| !count.cases.is_empty());
        Ok(states)
    }

    async fn targets(&self, workflow: &Workflow, cohort: i64) -> Result<Vec<Reached>, DeskError> {
        let mut targets: Vec<Reached> = workflow
            .targets
            .iter()
            .map(|target| Reached {
                title: target.title.clone(),
                on_hold: 0,
                in_all: 0,
                at_least: target.at_least,
                deadline: target.deadline,
            })
            .collect();
        if targets.is_empty() {
            return Ok(targets);
        }
        let store = self.runner().store();
        let holds = store.holds(Some(&workflow.id)).await?;
        let ids: Vec<i64> = holds.iter().map(|hold| hold.id).collect();
        for row in store.progress_by_hold(self.sees_counts(), &ids).await? {
            let case = Come {
                came: &row.came,
                moved: row.moved != 0,
                cancelled: false,
            };
            let cases = usize::try_from(row.cases).unwrap_or(usize::MAX);
            for (target, reached) in workflow.targets.iter().zip(&mut targets) {
                if case.to(&workflow.states[target.reached.0].name) {
                    reached.in_all += cases;
                    reached.on_hold += if row.of == cohort { cases } else { 0 };
                }
            }
        }
        Ok(targets)
    }

    /// The first things that happen.
    pub(super) async fn next(&self, hold: &Context) -> Result<Agenda, DeskError> {
        let mut agenda = self.agenda_of_hold(hold, NEXT_DAYS).await?;
        agenda.items.truncate(NEXT_ITEMS);
        Ok(agenda)
    }
}

/// The hold's dates by title, in the order of the workflow.
pub(super) fn titled(workflow: &Workflow, hold: &Subject) -> Vec<(String, Date)> {
    let dates = workflow.cohort.dates.iter();
    dates
        .filter_map(|date| Some((date.title.clone(), *hold.dates.get(&date.name)?)))
        .collect()
}
