//! Something happened: an event, a task, a meeting, a fact. It goes to the runner, and what came of
//! it is told.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde::Serialize;

use super::possible::{not_taken, possible};
use super::said::{actor, inputs};
use super::{Desk, DeskError, MailLine, MailsAsked, Possible, StateCount, Visitor, Wrong, words};
use crate::definition::model::{Meeting, Name, Part};
use crate::engine::event::Event;
use crate::engine::frame::atomic_in;
use crate::engine::input::{Actor, Input};
use crate::engine::subject::{Kind, Subject};
use crate::runner::context::Context;
use crate::store::{Sees, SubjectRow};

/// What a person says has happened.
#[derive(Clone, Debug, Default)]
pub struct Fire {
    /// The case or hold.
    pub of: String,
    /// `accept`, `TASK.done`, `MEETING.booked`, `facts`.
    pub event: String,
    /// `track=sundhed`.
    pub set: Vec<(String, String)>,
    /// The role acted in; none is the operator.
    pub role: Option<String>,
    /// Where it comes from; none is a command.
    pub from: Option<String>,
    /// Why a false condition is passed.
    pub override_reason: Option<String>,
    /// It is another one than what was recorded earlier that day.
    pub another: bool,
    /// A meeting's start, local.
    pub at: Option<DateTime>,
    /// A meeting's place.
    pub place: Option<String>,
    /// `mentor=aase@college.example`.
    pub assign: Vec<(String, String)>,
    /// Cases that did not come to a hold's meeting.
    pub absent: Vec<String>,
    /// The same key twice is one input.
    pub key: Option<String>,
    /// How many events it had when it was looked at: with others by now, nothing is done.
    pub expect: Option<i64>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Fired {
    /// The case's or hold's id.
    pub id: String,
    /// The candidate's name, or the hold's title.
    pub name: String,
    /// It had happened before, and is not done again.
    pub repeated: bool,
    /// What happened, in words, in order.
    pub events: Vec<String>,
    /// A case's state now: key and title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<(String, String)>,
    /// A hold's cases by state now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<StateCount>,
    /// Mails it gave rise to.
    pub mails: Vec<MailLine>,
    /// Meetings that stand outside their window now, or in a pause: for a person to look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub misplaced: Vec<String>,
    /// What is possible now.
    pub possible: Vec<Possible>,
}

impl Desk {
    /// The same of somebody who has logged in: what they are not offered they cannot do, whatever a form says.
    /// What was done by the same key before is answered as that.
    pub async fn fire_as(&self, visitor: &Visitor, said: &Fire) -> Result<Fired, DeskError> {
        let context = self.any(&said.of).await?;
        let is_offered = (visitor.deeds(&context).iter()).any(|deed| deed.event == said.event);
        let key = said.key.as_deref().unwrap_or_default();
        let store = self.runner().store();
        if visitor.acts_as().is_some()
            && !is_offered
            && store.input_outcome(context.row.id, key).await?.is_none()
        {
            // Perhaps it was possible when they looked.
            if said.expect.is_some_and(|expect| expect != context.row.seq) {
                return Err(DeskError::MovedOn);
            }
            let wrong = Wrong::new("Det kan din rolle ikke gøre her, eller det er ikke muligt nu.");
            return Err(wrong.help("Siden viser, hvad der er muligt.").into());
        }
        self.fire(said).await
    }

    /// Puts what a person says to a case or hold.
    pub async fn fire(&self, said: &Fire) -> Result<Fired, DeskError> {
        let context = self.any(&said.of).await?;
        let workflow = &context.version.workflow;
        let (actor, inputs) = self.prepared(said, &context).await?;
        let before = self.newest_mail(context.row.id).await?;
        let (mut events, mut repeated, mut expect) = (Vec::new(), false, said.expect);
        for (at, input) in inputs.into_iter().enumerate() {
            // One command may be several inputs, and each is to be taken once.
            let key = said.key.as_ref().map(|key| {
                if at == 0 {
                    key.clone()
                } else {
                    format!("{key}/{at}")
                }
            });
            let done = self
                .runner()
                .input_to(context.row.id, expect, &input, &actor, key.as_deref())
                .await;
            let done = done.map_err(|error| not_taken(&context, error))?;
            expect = expect.and(i64::try_from(done.subject.seq).ok());
            repeated |= done.repeated;
            events.extend(done.events.into_iter().map(|(_, event)| event));
        }
        self.settle().await;
        let names = self.everyone(&events).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let kind = context.subject.kind;
        let words = events
            .iter()
            .filter_map(|event| words::event_words(workflow, kind, &name, event))
            .collect();
        self.fired(&context, words, repeated, before).await
    }

    /// What a person says, as inputs to a case or hold, and who they are.
    pub(super) async fn prepared(
        &self,
        said: &Fire,
        context: &Context,
    ) -> Result<(Actor, Vec<Input>), DeskError> {
        let mut wrongs = Vec::new();
        let actor = actor(&context.version.workflow, said, &mut wrongs);
        let assign = self.assigned(said, &mut wrongs).await?;
        let absent = self.absent(said, context, &mut wrongs).await?;
        let mut inputs = inputs(context, said, assign, &mut wrongs);
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        for input in &mut inputs {
            if let Input::Met {
                meeting,
                part,
                attendance,
            } = input
            {
                *attendance = self.attendance(context, meeting, *part, &absent).await?;
            }
        }
        Ok((actor, inputs))
    }

    /// What can be done with a case or hold now.
    pub async fn possible(&self, of: &str) -> Result<Vec<Possible>, DeskError> {
        Ok(possible(&self.any(of).await?))
    }

    pub(super) async fn fired(
        &self,
        context: &Context,
        events: Vec<String>,
        repeated: bool,
        before: i64,
    ) -> Result<Fired, DeskError> {
        let now = self.context(context.row.id).await?;
        let workflow = &now.version.workflow;
        let person: Vec<i64> = now.row.person_id.into_iter().collect();
        let name = self
            .names(&person)
            .await?
            .pop()
            .or(now.row.title.clone())
            .unwrap_or_default();
        let state = now
            .subject
            .state
            .as_ref()
            .map(|state| (state.to_string(), words::state_title(workflow, state)));
        let states = match now.subject.kind {
            Kind::Cohort => {
                self.by_state(workflow, &self.subjects_of(now.row.id).await?)
                    .await?
            }
            Kind::Case | Kind::Workflow => Vec::new(),
        };
        let asked = MailsAsked {
            subject: Some(now.row.id),
            ..MailsAsked::default()
        };
        let mut mails = self.mails(&asked).await?;
        mails.retain(|mail| mail.id > before);
        mails.reverse();
        let possible = possible(&now);
        Ok(Fired {
            id: now.row.public_id,
            name,
            repeated,
            events,
            state,
            states,
            mails,
            misplaced: Vec::new(),
            possible,
        })
    }

    pub(super) async fn newest_mail(&self, subject: i64) -> Result<i64, DeskError> {
        let asked = MailsAsked {
            subject: Some(subject),
            limit: Some(1),
            ..MailsAsked::default()
        };
        Ok(self.mails(&asked).await?.first().map_or(0, |mail| mail.id))
    }

    async fn assigned(
        &self,
        said: &Fire,
        wrongs: &mut Vec<Wrong>,
    ) -> Result<BTreeMap<Name, Vec<i64>>, DeskError> {
        let mut assigned: BTreeMap<Name, Vec<i64>> = BTreeMap::new();
        for (role, emails) in &said.assign {
            let ids = self
                .people_by_email(emails, &format!("--assign {role}"), wrongs)
                .await?;
            assigned
                .entry(role.as_str().into())
                .or_default()
                .extend(ids);
        }
        Ok(assigned)
    }

    async fn absent(
        &self,
        said: &Fire,
        context: &Context,
        wrongs: &mut Vec<Wrong>,
    ) -> Result<Vec<i64>, DeskError> {
        let mut absent = Vec::new();
        for typed in &said.absent {
            match self.any(typed).await {
                Ok(case) if case.row.cohort_id == Some(context.row.id) => absent.push(case.row.id),
                Ok(_) => {
                    let wrong =
                        Wrong::new(format!("»{typed}« er ikke på holdet.")).column("--absent");
                    wrongs.push(wrong.help(format!(
                        "Se holdets kandidater med: tovholder cohort show {}",
                        said.of
                    )));
                }
                Err(DeskError::Wrong(found)) => {
                    wrongs.extend(found.into_iter().map(|wrong| wrong.column("--absent")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(absent)
    }

    /// Who came to a hold's meeting: all it is about, but for those who are named.
    async fn attendance(
        &self,
        context: &Context,
        meeting: &Name,
        part: Part,
        absent: &[i64],
    ) -> Result<Vec<(i64, bool)>, DeskError> {
        let came = |id: i64| part != Part::NoShow && !absent.contains(&id);
        // A list is kept of all, also of those whom the one who keeps it does not see.
        let all = self.clone().seen_by(Sees::All);
        let about = all.about(context, meeting).await?;
        Ok(about
            .iter()
            .map(|(row, _)| (row.id, came(row.id)))
            .collect())
    }

    /// The cases that a hold's meeting is about now; none of what is no meeting of a hold.
    pub(super) async fn about(
        &self,
        context: &Context,
        meeting: &str,
    ) -> Result<Vec<(SubjectRow, Subject)>, DeskError> {
        let workflow = &context.version.workflow;
        let meetings = &workflow.cohort.scope.meetings;
        let found: Option<&Meeting> = meetings.iter().find(|known| *known.name == *meeting);
        let Some(found) = found.filter(|_| context.subject.kind == Kind::Cohort) else {
            return Ok(Vec::new());
        };
        let states = atomic_in(workflow, &found.about);
        let mut cases = self.subjects_of(context.row.id).await?;
        cases.retain(|(_, case)| {
            let state = case.state.as_ref().filter(|_| case.ended.is_none());
            state.is_some_and(|state| states.contains(state))
        });
        Ok(cases)
    }

    pub(super) async fn everyone(
        &self,
        events: &[Event],
    ) -> Result<std::collections::HashMap<i64, String>, DeskError> {
        let ids: Vec<i64> = events
            .iter()
            .filter_map(|event| match event {
                Event::Assigned { people, .. } => Some(people.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        let people = self.runner().store().people(&ids).await?;
        Ok(people
            .into_iter()
            .map(|(id, person)| (id, person.name))
            .collect())
    }
}
