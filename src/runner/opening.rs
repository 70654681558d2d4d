//! Opening holds, candidates, and the subject of a workflow's own mail.

use super::advance::{TRIES_MAX, operator};
use super::context::Context;
use super::courier::told_of;
use super::queue::Lines;
use super::write::{events_of, progress, seats_of};
use super::{People, RunError, Runner};
use crate::definition::model::{FactRef, Name};
use crate::engine::effect::Effect;
use crate::engine::frame::View;
use crate::engine::input::{Actor, Given, Input};
use crate::engine::{NewCase, Step, open_case, open_cohort, open_workflow};
use crate::mutant::{self, Mutant};
use crate::store::{ImportNew, NewSubject, Outcome, PersonChange, PersonRef, SubjectKind};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A subject that has been opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Row id.
    pub id: i64,
    /// `UUIDv7`.
    pub public_id: String,
}

/// A candidate to be opened on a hold.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The person.
    pub person: PersonRef,
    /// The day of birth, when known.
    pub born: Option<jiff::civil::Date>,
    /// The organisation the case belongs to.
    pub organisation_id: Option<i64>,
    /// What is known from the start.
    pub case: NewCase,
}

/// A list of candidates, beside the candidates themselves.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The hold.
    pub cohort_id: i64,
    /// Its newest case when the list was compared with those it has.
    pub newest_case: i64,
    /// Who takes it in.
    pub by: String,
    /// SHA-256 of the file, hex.
    pub file_hash: String,
    /// What becomes of people who were known.
    pub people: Vec<PersonChange>,
    /// By candidate: of somebody who was known, what was known of what is changed, JSON.
    pub was: Vec<Option<String>>,
}

fn opened(ids: Vec<i64>, public_ids: Vec<String>) -> Vec<Opened> {
    let opened = ids.into_iter().zip(public_ids);
    opened
        .map(|(id, public_id)| Opened { id, public_id })
        .collect()
}

impl Runner {
    /// Opens a hold. Its dates must be those the workflow declares.
    pub async fn open_cohort(
        &self,
        version_id: i64,
        title: &str,
        dates: BTreeMap<Name, jiff::civil::Date>,
        people: People,
        facts: &BTreeMap<FactRef, Given>,
    ) -> Result<Opened, RunError> {
        self.open_cohort_as(None, version_id, title, dates, people, facts)
            .await
    }

    /// The same with an id that it is to have.
    ///
    /// # Errors
    /// [`is_conflict`](crate::store::StoreError::is_conflict) when there is one with that id.
    pub(super) async fn open_cohort_as(
        &self,
        public_id: Option<String>,
        version_id: i64,
        title: &str,
        dates: BTreeMap<Name, jiff::civil::Date>,
        people: People,
        facts: &BTreeMap<FactRef, Given>,
    ) -> Result<Opened, RunError> {
        let version = self.version(version_id).await?;
        let now = self.now();
        let starts_on = dates.get("start").map(ToString::to_string);
        let step = open_cohort(&View::of(&version.workflow), dates, people, facts, now)?;
        let plan_rev = self.store().plan_rev().await?;
        let mut new = new_subject(
            SubjectKind::Cohort,
            version_id,
            plan_rev,
            &step,
            &operator("cohort create"),
        );
        new.public_id = public_id.unwrap_or(new.public_id);
        new.title = Some(title.to_owned());
        new.starts_on = starts_on;
        new.outcome.texts = super::outgoing::texts(&step.effects, now);
        self.create(new).await
    }

    /// Opens the subject of a workflow's own messages, once; gives it its people.
    pub async fn open_workflow(&self, version_id: i64, people: People) -> Result<Opened, RunError> {
        let version = self.version(version_id).await?;
        if let Some(row) = self.store().workflow_subject(&version.workflow.id).await? {
            for (role, people) in people {
                let input = Input::Assign { role, people };
                self.input(row.id, &input, &operator("people import"), None)
                    .await?;
            }
            return Ok(Opened {
                id: row.id,
                public_id: row.public_id,
            });
        }
        let step = open_workflow(&View::of(&version.workflow), people, self.now())?;
        let plan_rev = self.store().plan_rev().await?;
        let new = new_subject(
            SubjectKind::Workflow,
            version_id,
            plan_rev,
            &step,
            &operator("publish"),
        );
        self.create(new).await
    }

    async fn create(&self, new: NewSubject) -> Result<Opened, RunError> {
        let public_id = new.public_id.clone();
        let ids = self
            .store()
            .create(vec![new], self.now().as_microsecond())
            .await?;
        self.notify();
        let id = ids
            .first()
            .copied()
            .ok_or_else(|| RunError::Inconsistent("nothing was created".into()))?;
        Ok(Opened { id, public_id })
    }

    /// Opens candidates on a hold, all or none.
    pub async fn open_cases(
        &self,
        cohort_id: i64,
        candidates: &[Candidate],
    ) -> Result<Vec<Opened>, RunError> {
        self.open_cases_at(cohort_id, candidates, self.now()).await
    }

    /// Opens candidates as of an instant, for a simulation that runs by its own time.
    pub(super) async fn open_cases_at(
        &self,
        cohort_id: i64,
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Result<Vec<Opened>, RunError> {
        for _ in 0..TRIES_MAX {
            match self.try_open_cases(cohort_id, candidates, now).await {
                Err(RunError::Store(error)) if error.is_overtaken() => {}
                opened => return opened,
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }

    async fn try_open_cases(
        &self,
        cohort_id: i64,
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Result<Vec<Opened>, RunError> {
        let rows = self.new_cases(cohort_id, candidates, now).await?;
        let public_ids: Vec<String> = rows.iter().map(|row| row.public_id.clone()).collect();
        let ids = self.store().create(rows, now.as_microsecond()).await?;
        self.notify();
        Ok(opened(ids, public_ids))
    }

    /// Opens the candidates of a list and remembers that they came together, all or none. Answers the import's row
    /// id and the cases, in order.
    ///
    /// # Errors
    /// [`is_overtaken`](crate::store::StoreError::is_overtaken) when the hold has got other cases than those the
    /// list was compared with.
    pub(super) async fn open_list(
        &self,
        list: &List,
        candidates: &[Candidate],
    ) -> Result<(i64, Vec<Opened>), RunError> {
        let now = self.now();
        for _ in 0..TRIES_MAX {
            let cases = self.new_cases(list.cohort_id, candidates, now).await?;
            let public_ids: Vec<String> = cases.iter().map(|row| row.public_id.clone()).collect();
            let import = ImportNew {
                cohort_id: list.cohort_id,
                newest_case: list.newest_case,
                by: list.by.clone(),
                at: now.as_microsecond(),
                file_hash: list.file_hash.clone(),
                cases,
                people: list.people.clone(),
                was: list.was.clone(),
            };
            match self.store().take_in(import).await {
                // The places were looked at too early; of other cases the caller has to hear.
                Err(error) if error.is_overtaken() => {
                    if self.store().newest_case(list.cohort_id).await? != list.newest_case {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
                Ok((import, ids)) => {
                    self.notify();
                    return Ok((import, opened(ids, public_ids)));
                }
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }

    async fn new_cases(
        &self,
        cohort_id: i64,
        candidates: &[Candidate],
        now: Timestamp,
    ) -> Result<Vec<NewSubject>, RunError> {
        let hold = self.context(cohort_id).await?;
        let mut lines = Lines::default();
        let mut rows = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let view = View {
                cohort: Some(&hold.subject),
                born: candidate.born,
                ..View::of(&hold.version.workflow)
            };
            let opened = open_case(&view, &candidate.case, now)?;
            let mut new = new_case(&hold, &opened, &operator("import"), now)?;
            new.person = Some(candidate.person.clone());
            new.organisation_id = candidate.organisation_id;
            if new.take_place.is_some() {
                new.news_seen = self.place_for_another(&hold, &mut lines, now).await?;
            }
            rows.push(new);
        }
        Ok(rows)
    }

    pub(super) async fn open_next(
        &self,
        context: &Context,
        cohort: i64,
        state: &Name,
        facts: &BTreeMap<Name, crate::definition::value::Value>,
        people: &People,
        now: Timestamp,
    ) -> Result<NewSubject, RunError> {
        let hold = Box::pin(self.context(cohort)).await?;
        let known = |name: &Name| {
            hold.version
                .workflow
                .facts
                .iter()
                .any(|fact| fact.name == *name)
        };
        // The words of texts stand apart from history, by case: they go along.
        let words = self.store().texts(&[context.row.id]).await?;
        let words_of = |name: &Name| words.iter().find(|row| *row.name == **name);
        let facts = facts.iter().filter(|(name, _)| known(name));
        let facts = facts.map(|(name, value)| {
            let given = Given {
                value: value.clone(),
                text: words_of(name).map(|row| row.text.clone()),
            };
            (name.clone(), given)
        });
        let facts = facts.collect();
        let case = NewCase {
            state: Some(state.clone()),
            facts,
            people: people.clone(),
        };
        let view = View {
            cohort: Some(&hold.subject),
            born: context.born,
            ..View::of(&hold.version.workflow)
        };
        let opened = open_case(&view, &case, now)?;
        let mut new = new_case(&hold, &opened, &operator("moved from another hold"), now)?;
        new.person = context.row.person_id.map(PersonRef::Id);
        new.organisation_id = context.row.organisation_id;
        if new.take_place.is_some() {
            let lines = &mut Lines::default();
            new.news_seen = self.place_for_another(&hold, lines, now).await?;
        }
        Ok(new)
    }
}

/// A case on a hold, with what its opening brings forth. It is due at once.
fn new_case(
    hold: &Context,
    opened: &Step,
    actor: &Actor,
    now: Timestamp,
) -> Result<NewSubject, RunError> {
    let mut new = new_subject(
        SubjectKind::Case,
        hold.version.id,
        hold.plan_rev,
        opened,
        actor,
    );
    new.cohort_id = Some(hold.row.id);
    new.cohort_broadcast = Some(hold.row.broadcast);
    new.next_due_at = Some(0);
    if mutant::is(Mutant::EnrolmentUnshared) {
        new.cohort_broadcast = None;
        new.next_due_at = opened.next_due.map(Timestamp::as_microsecond);
    }
    new.outcome.texts = super::outgoing::texts(&opened.effects, now);
    for effect in &opened.effects {
        match effect {
            Effect::TellCohort { key, news } => {
                new.outcome.inbox_out.push(super::outgoing::news_of(
                    hold.row.id,
                    &new.public_id,
                    key,
                    news,
                    now,
                )?);
            }
            Effect::TakePlace => {
                new.take_place = Some(
                    hold.version
                        .workflow
                        .cohort
                        .places
                        .map_or(i64::MAX, i64::from),
                );
            }
            _ => {}
        }
    }
    Ok(new)
}

fn new_subject(
    kind: SubjectKind,
    version_id: i64,
    plan_rev: i64,
    step: &Step,
    actor: &Actor,
) -> NewSubject {
    let events: Vec<_> = step
        .events
        .iter()
        .map(|(at, event)| (*at, event.clone(), actor.clone()))
        .collect();
    NewSubject {
        public_id: uuid::Uuid::now_v7().to_string(),
        kind,
        cohort_id: None,
        cohort_broadcast: None,
        version_id,
        person: None,
        organisation_id: None,
        title: None,
        starts_on: None,
        seq: i64::try_from(step.subject.seq).unwrap_or(i64::MAX),
        state: step.subject.state.as_ref().map(ToString::to_string),
        next_due_at: step.next_due.map(Timestamp::as_microsecond),
        plan_rev,
        last_at: step.subject.last_at.as_microsecond(),
        snapshot: serde_json::to_string(&step.subject).unwrap_or_default(),
        outcome: Outcome {
            events: events_of(0, &events, None),
            told: told_of(step.subject.kind, 0, &events),
            task_due_at: step.asks.task.map(Timestamp::as_microsecond),
            meeting_end_at: step.asks.meeting.map(Timestamp::as_microsecond),
            progress: progress(&step.subject),
            seats: seats_of(&step.subject).filter(|people| !people.is_empty()),
            ..Outcome::default()
        },
        take_place: None,
        news_seen: None,
    }
}
