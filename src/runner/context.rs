//! What a decision about a subject needs, read from the store in one go.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::versions::Version;
use super::{People, RunError, Runner};
use crate::definition::model::Name;
use crate::engine::frame::View;
use crate::engine::subject::{Kind, Subject};
use crate::store::{CohortRow, InboxRow, Loaded, SubjectKind, SubjectRow};

/// A subject as read, with everything a step may look at.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub row: SubjectRow,
    pub subject: Subject,
    pub version: Arc<Version>,
    /// The hold of a case.
    pub cohort: Option<Arc<Hold>>,
    pub born: Option<Date>,
    /// The candidate's data are kept for legal reasons.
    pub is_kept: bool,
    pub inbox: Vec<InboxRow>,
    /// Others are to have the next place of its hold.
    pub behind: bool,
    /// Holders of roles per workflow.
    pub workflow_people: Arc<People>,
    /// For a hold: its cases by atomic state.
    pub cases_in: BTreeMap<Name, u32>,
    pub plan_rev: i64,
}

/// A hold as its cases see it.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub row: CohortRow,
    pub subject: Subject,
}

impl Context {
    /// What the engine looks at.
    pub fn view(&self) -> View<'_> {
        let workflow = &self.version.workflow;
        let capacity = workflow.cohort.places;
        let taken = self.cohort.as_ref().map_or(0, |hold| hold.row.places_taken);
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        let taken = if self.behind { u32::MAX } else { taken };
        View {
            workflow,
            cohort: self.cohort.as_ref().map(|hold| &hold.subject),
            born: self.born,
            free_places: capacity.map(|places| places.saturating_sub(taken)),
            behind: self.behind,
            next_cohort: self.cohort.as_ref().and_then(|hold| hold.row.next_cohort),
            cases_in: self.cases_in.clone(),
            is_kept: self.is_kept,
            journaled: (self.row.journaled).and_then(|events| u64::try_from(events).ok()),
        }
    }

    /// The same as if its hold, which has this row id, were another.
    pub fn with_hold(&self, id: i64, hold: &Subject) -> Self {
        let mut other = self.clone();
        if other.row.id == id {
            other.subject = hold.clone();
        }
        if let Some(known) = &self.cohort {
            other.cohort = Some(Arc::new(Hold {
                row: known.row.clone(),
                subject: hold.clone(),
            }));
        }
        other
    }

    /// The row id of the hold: of the case, or the hold itself.
    pub fn cohort_id(&self) -> Option<i64> {
        match self.row.kind {
            SubjectKind::Case => self.row.cohort_id,
            SubjectKind::Cohort => Some(self.row.id),
            SubjectKind::Workflow => None,
        }
    }

    /// The hold's people: of the case's hold, or the hold's own.
    pub fn cohort_people(&self) -> Option<&People> {
        match self.subject.kind {
            Kind::Case => self.cohort.as_ref().map(|hold| &hold.subject.people),
            Kind::Cohort => Some(&self.subject.people),
            Kind::Workflow => None,
        }
    }
}

impl Runner {
    /// Reads subjects with their surroundings. Ids that do not exist are left out.
    pub(super) async fn contexts(&self, ids: &[i64]) -> Result<Vec<Context>, RunError> {
        let loaded = self.store().load(ids).await?;
        let holds = holds(&loaded)?;
        let mut people: HashMap<String, Arc<People>> = HashMap::new();
        let mut contexts = Vec::with_capacity(loaded.subjects.len());
        let Loaded {
            subjects,
            mut inbox,
            born,
            kept,
            plan_rev,
            ..
        } = loaded;
        for row in subjects {
            let subject: Subject = serde_json::from_str(&row.snapshot)?;
            let version = self.version(row.version_id).await?;
            let workflow_people = match people.get(&row.workflow) {
                Some(known) => known.clone(),
                None => {
                    let read = Arc::new(self.people_of_workflow(&row.workflow).await?);
                    people.insert(row.workflow.clone(), read.clone());
                    read
                }
            };
            let inbox = inbox.remove(&row.id).unwrap_or_default();
            let cases_in = self.cases_in(&row, &version, &inbox).await?;
            contexts.push(Context {
                born: born.get(&row.id).and_then(|born| born.parse().ok()),
                behind: false,
                is_kept: kept.contains(&row.id),
                cohort: row.cohort_id.and_then(|id| holds.get(&id).cloned()),
                row,
                subject,
                version,
                inbox,
                workflow_people,
                cases_in,
                plan_rev,
            });
        }
        Ok(contexts)
    }

    /// One subject with its surroundings.
    pub(super) async fn context(&self, id: i64) -> Result<Context, RunError> {
        self.contexts(&[id])
            .await?
            .pop()
            .ok_or_else(|| RunError::NoSubject(id.to_string()))
    }

    /// Holders of the roles per workflow.
    pub(super) async fn people_of_workflow(&self, workflow: &str) -> Result<People, RunError> {
        match self.store().workflow_subject(workflow).await? {
            Some(row) => Ok(serde_json::from_str::<Subject>(&row.snapshot)?.people),
            None => Ok(People::new()),
        }
    }

    /// How many cases are where, for a hold with a task that clears states.
    ///
    /// A case that has news it has not taken in yet may be about to come there, so it counts as
    /// being in the first state that is cleared: a selection is not over while someone is on the way.
    async fn cases_in(
        &self,
        row: &SubjectRow,
        version: &Version,
        _inbox: &[InboxRow],
    ) -> Result<BTreeMap<Name, u32>, RunError> {
        let clears = version
            .workflow
            .cohort
            .scope
            .tasks
            .iter()
            .find_map(|task| task.clears.first());
        let (SubjectKind::Cohort, Some(first)) = (row.kind, clears) else {
            return Ok(BTreeMap::new());
        };
        let counted = self.store().cases_in(row.id).await?;
        let mut cases_in: BTreeMap<Name, u32> = counted
            .by_state
            .into_iter()
            .map(|(state, count)| (state.into(), count))
            .collect();
        if counted.with_news > 0 {
            let state = crate::engine::frame::initial(&version.workflow, *first);
            *cases_in
                .entry(version.workflow.states[state.0].name.clone())
                .or_default() += counted.with_news;
        }
        Ok(cases_in)
    }
}

fn holds(loaded: &Loaded) -> Result<HashMap<i64, Arc<Hold>>, RunError> {
    loaded
        .cohorts
        .iter()
        .map(|(id, row)| {
            let subject = serde_json::from_str(&row.subject.snapshot)?;
            Ok((
                *id,
                Arc::new(Hold {
                    row: row.clone(),
                    subject,
                }),
            ))
        })
        .collect()
}
