//! Advancing subjects: step in memory, write everything set-wise, try again what was overtaken.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::context::Context;
use super::{People, RunError, Runner};
use crate::definition::model::{FactRef, Name};
use crate::engine::effect::Effect;
use crate::engine::event::Event;
use crate::engine::frame::View;
use crate::engine::input::{Actor, Given, Input, News, Refusal};
use crate::engine::subject::Subject;
use crate::engine::{NewCase, Step, open_case, open_cohort, open_workflow, step};
use crate::store::{
    Committed, EventNew, NewSubject, Outcome, PersonRef, Place, SubjectKind, Write,
};

/// How often an input is tried that others overtake.
const TRIES_MAX: usize = 20;
/// After so many failures a subject is stuck and shown.
const FAULT_BACK_OFF_SECONDS: i64 = 30;

/// What came of an input.
#[derive(Clone, Debug)]
pub struct Done {
    /// The subject's row id.
    pub subject_id: i64,
    /// Its snapshot after the input.
    pub subject: Subject,
    /// What happened, in order, with what was due before it.
    pub events: Vec<(Timestamp, Event)>,
    /// The input had been taken before: nothing has happened now.
    pub repeated: bool,
}

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

/// Several steps of one subject, to be committed as one.
pub(super) struct Advance {
    pub subject: Subject,
    pub events: Vec<(Timestamp, Event, Actor)>,
    pub effects: Vec<Effect>,
    pub next_due: Option<Timestamp>,
    pub inbox_done: Vec<i64>,
}

impl Runner {
    /// Advances subjects in one transaction. A batch that fails is halved until the culprit stands alone.
    pub(super) async fn batch(&self, ids: &[i64], now: Timestamp) -> Result<(), RunError> {
        let mut halves: Vec<Vec<i64>> = vec![ids.to_vec()];
        while let Some(part) = halves.pop() {
            match self.try_batch(&part, now).await {
                Ok(()) => {}
                Err(RunError::Store(error))
                    if error.is_storage() || error.is_closed() || error.is_busy() =>
                {
                    return Err(RunError::Store(error));
                }
                Err(error) if part.len() == 1 => self.fault(part[0], &error.to_string()).await?,
                Err(_) => {
                    let middle = part.len() / 2;
                    halves.push(part[middle..].to_vec());
                    halves.push(part[..middle].to_vec());
                }
            }
        }
        Ok(())
    }

    async fn try_batch(&self, ids: &[i64], now: Timestamp) -> Result<(), RunError> {
        let mut writes = Vec::with_capacity(ids.len());
        for context in self.contexts(ids).await? {
            let advance = advance(&context, None, now)?;
            writes.push(self.write(&context, advance, None, now).await?);
        }
        // What was overtaken stays due, and is read again with the next batch.
        self.store()
            .commit(writes, self.now().as_microsecond())
            .await?;
        Ok(())
    }

    async fn fault(&self, subject: i64, text: &str) -> Result<(), RunError> {
        tracing::error!(subject, error = text, "a case cannot be advanced");
        let retry_at = self.now() + SignedDuration::from_secs(FAULT_BACK_OFF_SECONDS);
        self.store()
            .fault(subject, text.to_owned(), retry_at.as_microsecond())
            .await?;
        Ok(())
    }

    /// Takes an input from a person. With a key, the same input twice is taken once.
    pub async fn input(
        &self,
        subject_id: i64,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
    ) -> Result<Done, RunError> {
        self.input_at(subject_id, input, actor, key, self.now())
            .await
    }

    /// Takes an input that counts for an instant, for a simulation that runs by its own time.
    pub(super) async fn input_at(
        &self,
        subject_id: i64,
        input: &Input,
        actor: &Actor,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Done, RunError> {
        if let Some(key) = key
            && self.store().input_outcome(subject_id, key).await?.is_some()
        {
            let subject = self.context(subject_id).await?.subject;
            return Ok(Done {
                subject_id,
                subject,
                events: Vec::new(),
                repeated: true,
            });
        }
        for _ in 0..TRIES_MAX {
            let context = self.context(subject_id).await?;
            let advance = advance(&context, Some((input, actor)), now)?;
            let subject = advance.subject.clone();
            let events = advance
                .events
                .iter()
                .map(|(at, event, _)| (*at, event.clone()))
                .collect();
            let write = self.write(&context, advance, key, now).await?;
            let committed = self
                .store()
                .commit(vec![write], now.as_microsecond())
                .await?;
            match committed.first() {
                Some(Committed::Done) => {
                    self.notify();
                    return Ok(Done {
                        subject_id,
                        subject,
                        events,
                        repeated: false,
                    });
                }
                Some(Committed::HoldFull) => {
                    let places = context.version.workflow.cohort.places.unwrap_or_default();
                    return Err(Refusal::HoldFull { places }.into());
                }
                Some(Committed::Stale) | None => {}
            }
        }
        Err(RunError::Contended(TRIES_MAX))
    }

    /// Opens a hold. Its dates must be those the workflow declares.
    pub async fn open_cohort(
        &self,
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
        let hold = self.context(cohort_id).await?;
        let mut rows = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let view = View {
                workflow: &hold.version.workflow,
                cohort: Some(&hold.subject),
                born: candidate.born,
                free_places: None,
                next_cohort: None,
                cases_in: BTreeMap::new(),
            };
            let opened = open_case(&view, &candidate.case, now)?;
            let mut new = new_case(&hold, &opened, &operator("import"), now)?;
            new.person = Some(candidate.person.clone());
            new.organisation_id = candidate.organisation_id;
            rows.push(new);
        }
        let public_ids: Vec<String> = rows.iter().map(|row| row.public_id.clone()).collect();
        let ids = self.store().create(rows, now.as_microsecond()).await?;
        self.notify();
        Ok(ids
            .into_iter()
            .zip(public_ids)
            .map(|(id, public_id)| Opened { id, public_id })
            .collect())
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

/// The operator at a command.
#[must_use]
pub fn operator(from: &str) -> Actor {
    Actor {
        role: None,
        from: from.to_owned(),
    }
}

/// News first, then the input; without either, what is due.
pub(super) fn advance(
    context: &Context,
    input: Option<(&Input, &Actor)>,
    now: Timestamp,
) -> Result<Advance, RunError> {
    let clock = Actor {
        role: None,
        from: "clock".into(),
    };
    let inbox = Actor {
        role: None,
        from: "hold".into(),
    };
    let mut advance = Advance {
        subject: context.subject.clone(),
        events: Vec::new(),
        effects: Vec::new(),
        next_due: None,
        inbox_done: Vec::new(),
    };
    for news in &context.inbox {
        let said: News = serde_json::from_str(&news.payload)?;
        match advance.one(context, &Input::News(said), &inbox, now) {
            Ok(()) => {}
            Err(RunError::Refused(refusal)) => {
                // The news was true when it was sent, but the case has gone on; it is taken in all the same.
                tracing::info!(subject = context.row.id, %refusal, "news without effect");
            }
            Err(error) => return Err(error),
        }
        advance.inbox_done.push(news.id);
    }
    let (input, actor) = input.unwrap_or((&Input::Tick, &clock));
    advance.one(context, input, actor, now)?;
    Ok(advance)
}

impl Advance {
    fn one(
        &mut self,
        context: &Context,
        input: &Input,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), RunError> {
        let view = context.view();
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            step(&view, &self.subject, input, actor, now)
        }));
        let Step {
            subject,
            events,
            effects,
            next_due,
        } = stepped.map_err(|_| RunError::Inconsistent("the engine panicked".into()))??;
        self.subject = subject;
        self.events.extend(
            events
                .into_iter()
                .map(|(at, event)| (at, event, actor.clone())),
        );
        self.effects.extend(effects);
        self.next_due = next_due;
        Ok(())
    }
}

impl Runner {
    /// Everything a step wants written, as rows.
    pub(super) async fn write(
        &self,
        context: &Context,
        advance: Advance,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Write, RunError> {
        let before = i64::try_from(context.subject.seq).unwrap_or(i64::MAX);
        let mut outcome = Outcome {
            events: events(before, &advance.events, key),
            ..Outcome::default()
        };
        let mut write = Write {
            subject_id: context.row.id,
            expect_seq: before,
            plan_rev: context.plan_rev,
            seq: i64::try_from(advance.subject.seq).unwrap_or(i64::MAX),
            state: advance.subject.state.as_ref().map(ToString::to_string),
            next_due_at: advance.next_due.map(Timestamp::as_microsecond),
            last_at: advance.subject.last_at.as_microsecond(),
            snapshot: serde_json::to_string(&advance.subject)?,
            inbox_done: advance.inbox_done,
            broadcast: context.row.kind == SubjectKind::Cohort
                && advance
                    .events
                    .iter()
                    .any(|(_, event, _)| !matches!(event, Event::Decided(_))),
            ..Write::default()
        };
        if let Some(hold) = &context.cohort {
            write.expect_cohort = Some((hold.row.subject.id, hold.row.subject.broadcast));
        }
        for effect in &advance.effects {
            match effect {
                Effect::Mail(intent) => {
                    self.queue(context, &advance.subject, intent, now, &mut outcome)
                        .await?;
                }
                Effect::Text { .. } => {}
                Effect::TakePlace => {
                    let capacity = context
                        .version
                        .workflow
                        .cohort
                        .places
                        .map_or(i64::MAX, i64::from);
                    let cohort_id = context.cohort_id().unwrap_or_default();
                    write.place = Place::Take {
                        cohort_id,
                        capacity,
                    };
                }
                Effect::GivePlace => write.place = Place::Give,
                Effect::TellCohort { key, news } => {
                    outcome
                        .inbox_out
                        .extend(super::outgoing::to_cohort(context, key, news, now)?);
                }
                Effect::TellCases { cases, key, news } => {
                    outcome
                        .inbox_out
                        .extend(super::outgoing::to_cases(cases, key, news, now)?);
                }
                Effect::OpenNext {
                    cohort,
                    state,
                    facts,
                    people,
                } => {
                    write.opens.push(
                        self.open_next(context, *cohort, state, facts, people, now)
                            .await?,
                    );
                }
                Effect::Anonymise => write.erase_person = true,
            }
        }
        outcome.texts = super::outgoing::texts(&advance.effects, now);
        write.outcome = outcome;
        Ok(write)
    }

    async fn open_next(
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
        let facts = facts
            .iter()
            .filter(|(name, _)| known(name))
            .map(|(name, value)| {
                (
                    name.clone(),
                    Given {
                        value: value.clone(),
                        text: None,
                    },
                )
            })
            .collect();
        let case = NewCase {
            state: Some(state.clone()),
            facts,
            people: people.clone(),
        };
        let view = View {
            workflow: &hold.version.workflow,
            cohort: Some(&hold.subject),
            born: context.born,
            free_places: None,
            next_cohort: None,
            cases_in: BTreeMap::new(),
        };
        let opened = open_case(&view, &case, now)?;
        let mut new = new_case(&hold, &opened, &operator("moved from another hold"), now)?;
        new.person = context.row.person_id.map(PersonRef::Id);
        new.organisation_id = context.row.organisation_id;
        Ok(new)
    }
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
            ..Outcome::default()
        },
        take_place: None,
    }
}

fn events(before: i64, events: &[(Timestamp, Event, Actor)], key: Option<&str>) -> Vec<EventNew> {
    events_of(before, events, key)
}

/// The input's key stands on the last event: the events before it may only be what was due.
fn events_of(
    before: i64,
    events: &[(Timestamp, Event, Actor)],
    key: Option<&str>,
) -> Vec<EventNew> {
    let last = events.len().saturating_sub(1);
    events
        .iter()
        .zip(1..)
        .enumerate()
        .map(|(at_index, ((at, event, actor), number))| {
            let payload = json!(event);
            EventNew {
                seq: before + number,
                at: at.as_microsecond(),
                actor: actor.role.as_ref().map_or_else(
                    || actor.from.clone(),
                    |role| format!("{} ({role})", actor.from),
                ),
                kind: payload["event"].as_str().unwrap_or_default().to_owned(),
                input_key: key.filter(|_| at_index == last).map(ToOwned::to_owned),
                payload: payload.to_string(),
            }
        })
        .collect()
}
