//! A candidate's whole story: who, where, what has happened, what was sent, what comes, what is known, what can be done.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::deeds::{Deed, deeds};
use super::{
    Agenda, Desk, DeskError, DocumentShown, KeptShown, MailLine, MailsAsked, NoteShown, Unsent,
    Visitor, Wrong, words,
};
use crate::access::May;
use crate::definition::model::Workflow;
use crate::definition::value::Value;
use crate::engine::event::Event;
use crate::engine::input::Actor;
use crate::engine::subject::Kind;
use crate::runner::context::Context;
use crate::runner::data::role_title;
use crate::runner::write::actor_parts;
use crate::store::{EventRow, SubjectKind};

/// How far ahead what comes is told.
const COMING_DAYS: u32 = 120;
/// More mails than one candidate gets.
const MAILS_MAX: i64 = 500;

/// A candidate's story.
#[derive(Clone, Debug, Serialize)]
pub struct CaseShown {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// Mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Day of birth, ISO.
    pub born: Option<String>,
    /// The jobcentre.
    pub organisation: Option<String>,
    /// The workflow's title.
    pub workflow: String,
    /// The hold: id and title.
    pub hold: (String, String),
    /// The state's title.
    pub state: String,
    /// The day it was entered.
    pub since: Option<Date>,
    /// How it ended. Danish.
    pub ended: Option<&'static str>,
    /// Roles by title, with names.
    pub people: Vec<(String, Vec<String>)>,
    /// What is known.
    pub facts: Vec<FactShown>,
    /// What has happened, the newest first.
    pub past: Vec<Happened>,
    /// Mails, the newest first.
    pub mails: Vec<MailLine>,
    /// What comes, and why.
    pub coming: Agenda,
    /// What the one who asks can do.
    pub deeds: Vec<Deed>,
    /// The title of the state that it goes back to if the one who asks takes back what led it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
    /// What people have written beside it, as far as whoever asks may read it, the newest first.
    pub notes: Vec<NoteShown>,
    /// Files that belong to it, the newest first.
    pub documents: Vec<DocumentShown>,
    /// Why the candidate's data are kept for legal reasons, if they are.
    pub kept: Option<KeptShown>,
    /// Mails of the workflow that have not been sent, and why; none for whoever reads no mail.
    pub unsent: Vec<Unsent>,
}

/// Something in a story, whether the workflow knows of it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment<'s> {
    /// It has happened.
    Happened(&'s Happened),
    /// Somebody has written a note.
    Noted(&'s NoteShown),
}

/// A fact and who said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FactShown {
    /// Its title.
    pub title: String,
    /// What people read.
    pub value: String,
    /// It never leaves by mail.
    pub confidential: bool,
    /// Who said so. Danish.
    pub by: String,
    /// When, local.
    #[schema(value_type = Option<String>)]
    pub at: Option<DateTime>,
}

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Happened {
    /// When, local.
    #[schema(value_type = String)]
    pub at: DateTime,
    /// Danish.
    pub what: String,
    /// Who did it. Danish.
    pub by: String,
}

impl CaseShown {
    /// What has happened and what was noted, the newest first.
    #[must_use]
    pub fn story(&self) -> Vec<Moment<'_>> {
        let happened = self.past.iter().map(Moment::Happened);
        let mut story: Vec<Moment<'_>> = happened
            .chain(self.notes.iter().map(Moment::Noted))
            .collect();
        story.sort_by_key(|moment| {
            Reverse(match moment {
                Moment::Happened(happened) => happened.at,
                Moment::Noted(note) => note.at,
            })
        });
        story
    }
}

impl Desk {
    /// A candidate's story, for one who has logged in; `None` is the operator.
    ///
    /// # Errors
    /// [`DeskError::Wrong`] when there is no such case, or none that is seen.
    pub async fn case_shown(
        &self,
        id: &str,
        visitor: Option<&Visitor>,
    ) -> Result<CaseShown, DeskError> {
        let context = self.any(id).await?;
        let Some(hold) = context
            .cohort
            .clone()
            .filter(|_| context.row.kind == SubjectKind::Case)
        else {
            return Err(Wrong::new("Der er ingen kandidat her.").into());
        };
        self.saw(&[context.row.id], "case").await?;
        let workflow = &context.version.workflow;
        let rows = self.runner().store().history(context.row.id).await?;
        let told = self.told(&context, &rows).await?;
        let person = context.row.person_id;
        let people = self
            .runner()
            .store()
            .people(&person.into_iter().collect::<Vec<_>>())
            .await?;
        let person = person.and_then(|id| people.get(&id));
        let (mut mails, mut unsent) = (Vec::new(), Vec::new());
        if visitor.is_none_or(|visitor| visitor.may(May::ReadMail)) {
            let asked = MailsAsked {
                subject: Some(context.row.id),
                limit: Some(MAILS_MAX),
                ..MailsAsked::default()
            };
            mails = self.mails(&asked).await?;
            unsent = self.unsent(&context, &rows).await?;
        }
        let state = context.subject.state.as_ref();
        let visit = state.and_then(|state| context.subject.visits.get(state));
        let holds = self.runner().contexts(&[hold.row.subject.id]).await?;
        let hold = holds
            .first()
            .map(|hold| (hold.row.public_id.clone(), hold.row.title.clone()));
        let hold = hold.map(|(id, title)| (id, title.unwrap_or_default()));
        Ok(CaseShown {
            id: context.row.public_id.clone(),
            name: (person.map(|person| person.name.clone()))
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "(anonymiseret)".to_owned()),
            email: person.and_then(|person| person.email.clone()),
            phone: person.and_then(|person| person.phone.clone()),
            born: person.and_then(|person| person.born.clone()),
            organisation: self
                .jobcentres_of([&context.row].into_iter())
                .await?
                .into_values()
                .next(),
            workflow: workflow.title.clone(),
            hold: hold.unwrap_or_default(),
            state: state.map_or_else(String::new, |state| words::state_title(workflow, state)),
            since: visit.map(|visit| visit.day),
            ended: (context.subject.ended.as_ref()).map(|ended| words::ending_words(ended.how)),
            people: self.seats_shown(&context).await?,
            facts: self.facts_shown(&context, &rows, &told).await?,
            past: told.happened,
            mails,
            coming: self.agenda_of_one(&context, COMING_DAYS).await?,
            back: self.way_back(visitor, &context).await?,
            deeds: visitor.map_or_else(|| deeds(&context, None), |visitor| visitor.deeds(&context)),
            notes: self.notes_shown(&context, visitor).await?,
            documents: self.documents_shown(&context, visitor).await?,
            kept: self.kept_of(context.row.person_id).await?,
            unsent,
        })
    }

    async fn seats_shown(
        &self,
        context: &Context,
    ) -> Result<Vec<(String, Vec<String>)>, DeskError> {
        let mut shown = Vec::new();
        for role in &context.version.workflow.roles {
            if let Some(ids) = context.subject.people.get(&role.name)
                && !ids.is_empty()
            {
                shown.push((role.title.clone(), self.names(ids).await?));
            }
        }
        Ok(shown)
    }

    async fn facts_shown(
        &self,
        context: &Context,
        rows: &[EventRow],
        told: &Told,
    ) -> Result<Vec<FactShown>, DeskError> {
        let workflow = &context.version.workflow;
        let texts = self.runner().store().texts(&[context.row.id]).await?;
        let written: HashMap<&str, &str> = texts
            .iter()
            .map(|text| (text.name.as_str(), text.text.as_str()))
            .collect();
        let mut facts = Vec::new();
        for fact in &workflow.facts {
            let Some(recorded) = context.subject.facts.get(&fact.name) else {
                continue;
            };
            let said = rows.iter().rev().find(|row| {
                matches!(serde_json::from_str(&row.payload), Ok(Event::Recorded { facts })
                    if facts.contains_key(&fact.name))
            });
            let value = match recorded.value {
                Value::Written => written.get(&*fact.name).map(|text| (*text).to_owned()),
                _ => Some(fact.kind.show(&recorded.value)),
            };
            facts.push(FactShown {
                title: fact.title.clone(),
                value: value.unwrap_or_else(|| "(slettet)".to_owned()),
                confidential: fact.confidential,
                by: said.map_or_else(String::new, |row| told.who(workflow, &row.actor)),
                at: said.map(|row| local(context, row.at)),
            });
        }
        Ok(facts)
    }

    /// The names of those who have an account, by its id.
    pub(super) async fn account_names(&self) -> Result<HashMap<String, String>, DeskError> {
        let accounts = self.runner().store().accounts().await?.into_iter();
        Ok(accounts
            // Whoever is erased has none.
            .filter(|account| !account.name.is_empty())
            .map(|account| (account.public_id, account.name))
            .collect())
    }

    /// A history in words.
    async fn told(&self, context: &Context, rows: &[EventRow]) -> Result<Told, DeskError> {
        let workflow = &context.version.workflow;
        let mut told = Told {
            accounts: self.account_names().await?,
            happened: Vec::new(),
        };
        let events: Vec<Event> = rows
            .iter()
            .filter_map(|row| serde_json::from_str(&row.payload).ok())
            .collect();
        let names = self.everyone(&events).await?;
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        for row in rows.iter().rev() {
            let event: Event = serde_json::from_str(&row.payload)?;
            if let Some(what) = words::event_words(workflow, Kind::Case, &name, &event) {
                told.happened.push(Happened {
                    at: local(context, row.at),
                    what,
                    by: told.who(workflow, &row.actor),
                });
            }
        }
        Ok(told)
    }
}

/// A history in words, and who is who in it.
struct Told {
    /// Names by the ids of accounts.
    accounts: HashMap<String, String>,
    happened: Vec<Happened>,
}

impl Told {
    /// Who acted, as a history has it: where it came from, and the role in brackets. Danish.
    fn who(&self, workflow: &Workflow, actor: &str) -> String {
        let (from, role) = actor_parts(actor);
        let from = source_words(&self.accounts, from);
        match role {
            Some(role) => format!("{from} ({})", role_title(workflow, role)),
            None => from.to_owned(),
        }
    }
}

/// Where something came from: an account by its person's name. Danish.
pub(super) fn source_words<'w>(accounts: &'w HashMap<String, String>, from: &'w str) -> &'w str {
    match from.strip_prefix("account ") {
        Some(id) => accounts.get(id).map_or("en konto", String::as_str),
        None => match from {
            "clock" => "tiden",
            "hold" => "holdet",
            "cli" => "kommandolinjen",
            other => other,
        },
    }
}

impl Visitor {
    /// The role of a workflow that they act in; `None` acts for anybody.
    #[must_use]
    pub fn acts_as(&self) -> Option<&'static str> {
        (!self.may(May::ActForOthers)).then(|| self.role.as_str())
    }

    /// Who they are in a history.
    pub(super) fn actor(&self) -> Actor {
        Actor {
            role: self.acts_as().map(Into::into),
            from: format!("account {}", self.id),
        }
    }

    /// What they can do with a case or hold.
    pub(super) fn deeds(&self, context: &Context) -> Vec<Deed> {
        if self.may(May::Act) {
            deeds(context, self.acts_as())
        } else {
            Vec::new()
        }
    }
}

/// An instant, µs UTC, as the workflow's people read it.
pub(super) fn local(context: &Context, at: i64) -> DateTime {
    let at = Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    context.version.workflow.calendar.local(at)
}
