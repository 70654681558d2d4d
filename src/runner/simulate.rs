//! A hold's whole calendar, played on the real engine with a virtual clock.
//!
//! The same runner as in service works on an empty store in memory. It holds no channel, so
//! nothing can be sent; mail is rendered and marked as if it had left at its time.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::assumed::Assumed;
use super::cast::{Cast, Stage};
use super::mailer::Mailed;
use super::serve::instant;
use super::{RunError, Runner, Settings};
use crate::clock::Clock;
use crate::engine::event::{Cause, Event, TaskFate};
use crate::engine::subject::Subject;
use crate::engine::why;
use crate::message::Mail;
use crate::store::{OutboxFilter, OutboxRow, Settle, Settled, Status, Store, SubjectKind};

/// A simulation goes on for so long after the last case has ended; retention is in it.
const AFTER_END_DAYS: i64 = 7 * 31;
/// And never longer than this after the hold's start.
const DAYS_MAX: i64 = 366 * 6;

/// What a simulation showed.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The workflow's key.
    pub workflow: String,
    /// Its title.
    pub title: String,
    /// When the hold was created; local.
    pub begins: DateTime,
    /// The phases by time, as one candidate went through them.
    pub phases: Vec<Phase>,
    /// Everything that happened, in order.
    pub entries: Vec<Entry>,
    /// What people were assumed to do, in order.
    pub assumptions: Vec<Entry>,
    /// The mails, in order.
    pub mails: Vec<SimulatedMail>,
    /// Mails that could not leave until a person has looked.
    pub held: Vec<HeldMail>,
}

/// A mail that could not leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldMail {
    /// When it should have left; local.
    pub at: DateTime,
    /// Of whom or what it speaks.
    pub who: String,
    /// `declaration@scope#visit.ordinal`.
    pub occurrence: String,
    /// The role it goes to.
    pub role: String,
    /// What is in the way.
    pub reason: String,
}

/// A state and the days spent in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// The state's key.
    pub state: String,
    /// What people read.
    pub title: String,
    /// The day it counts from.
    pub first: Date,
    /// The last day before the next one; `None` while it is not over.
    pub last: Option<Date>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When; local.
    pub at: DateTime,
    /// What kind of thing.
    pub kind: EntryKind,
    /// Whose: a candidate's name or the hold's title.
    pub who: String,
    /// In words.
    pub what: String,
    /// Why then.
    pub why: String,
}

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A state was left and another entered.
    Transition,
    /// A task opened, was done, or was not.
    Task,
    /// A meeting was booked, held, missed or called off.
    Meeting,
    /// Something was recorded.
    Fact,
    /// Mail was decided not to go, or to wait.
    Decision,
    /// A person was assumed to do something.
    Assumption,
    /// A scenario expected something else.
    Unmet,
}

/// A mail that would have left.
#[derive(Clone, Debug, Serialize)]
pub struct SimulatedMail {
    /// When it leaves; local.
    pub at: DateTime,
    /// Of whom or what it speaks.
    pub who: String,
    /// The key of the message, meeting or task.
    pub name: String,
    /// The role it goes to.
    pub role: String,
    /// To where.
    pub to: Vec<String>,
    /// Its subject line.
    pub subject: String,
    /// The template.
    pub template: String,
    /// Why it goes when it does.
    pub why: String,
    /// The frozen mail.
    #[serde(skip)]
    pub mail: Mail,
}

/// A simulation under way.
pub struct Simulation {
    runner: Runner,
    stage: Stage,
    assumed: Assumed,
    /// Kept as they leave: an erasure takes them from the store.
    mails: Vec<SimulatedMail>,
}

impl Simulation {
    /// Sets the stage on an empty store in memory.
    pub async fn begin(cast: &Cast, settings: Settings) -> Result<Self, RunError> {
        let store = Store::open_in_memory().await?;
        let clock = Clock::manual(cast.begins());
        let runner = Runner::new(store, clock, settings);
        let stage = cast.set(&runner).await?;
        let assumed = stage.assumed.clone();
        Ok(Self { runner, stage, assumed, mails: Vec::new() })
    }

    /// Plays to the end: what is due, what people do, what mail leaves, each at its instant.
    pub async fn play(&mut self, mut progress: impl FnMut(DateTime)) -> Result<(), RunError> {
        let calendar = self.stage.workflow.calendar.clone();
        let last = self.runner.now() + SignedDuration::from_hours(24 * DAYS_MAX);
        while let Some(next) = self.next().await? {
            if next > last || self.is_over(next).await? {
                break;
            }
            self.runner.clock().move_to(next);
            progress(calendar.local(next));
            self.runner.work_with_people(next, &mut self.assumed).await?;
            self.mail(next).await?;
        }
        Ok(())
    }

    async fn next(&self) -> Result<Option<Timestamp>, RunError> {
        let work = self.runner.store().next_work_due().await?.map(instant);
        let mail = self.runner.store().next_mail_due().await?.map(instant);
        let act = self.runner.next_act(&self.assumed).await?.map(|act| act.at());
        let now = self.runner.now();
        Ok(work.into_iter().chain(mail).chain(act).min().map(|next| next.max(now)))
    }

    /// Long after everybody's end only recurring words about nobody are left.
    async fn is_over(&self, next: Timestamp) -> Result<bool, RunError> {
        if !self.assumed.arrivals.is_empty() {
            return Ok(false);
        }
        let mut latest = None;
        for id in &self.assumed.ids {
            let context = self.runner.context(*id).await?;
            if context.row.kind != SubjectKind::Case {
                continue;
            }
            match &context.subject.ended {
                Some(ended) => latest = latest.max(Some(ended.at)),
                None => return Ok(false),
            }
        }
        let after = SignedDuration::from_hours(24 * AFTER_END_DAYS);
        Ok(latest.is_some_and(|latest| next > latest + after))
    }

    /// Renders what leaves now, and marks it as if it had left.
    async fn mail(&mut self, now: Timestamp) -> Result<(), RunError> {
        loop {
            let rows = self.runner.store().ready(now.as_microsecond(), 200).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut mailed = Mailed::default();
            let frozen = self.runner.freeze_ready(&rows, now, &mut mailed).await?;
            let settled = |(row, _): &(OutboxRow, Mail)| Settle {
                id: row.id,
                attempt: row.attempt + 1,
                settled: Settled::Sent { answer: "simulated".into() },
            };
            self.runner.store().settle_all(frozen.iter().map(settled).collect(), now.as_microsecond()).await?;
            let names = self.names().await?;
            for (row, mail) in frozen {
                self.mails.push(self.simulated(&row, mail, &names).await?);
            }
        }
    }

    /// What it came to.
    pub async fn report(&self) -> Result<Report, RunError> {
        let mut report = Report {
            workflow: self.stage.workflow.id.to_string(),
            title: self.stage.workflow.title.clone(),
            begins: self.stage.workflow.calendar.local(self.stage.begins),
            phases: Vec::new(),
            entries: Vec::new(),
            assumptions: Vec::new(),
            mails: Vec::new(),
            held: Vec::new(),
        };
        let names = self.names().await?;
        for id in &self.assumed.ids {
            let who = names.get(id).cloned().unwrap_or_default();
            for row in self.runner.store().history(*id).await? {
                let event: Event = serde_json::from_str(&row.payload)?;
                report.entries.extend(self.entry(&who, instant(row.at), &event));
            }
        }
        report.entries.extend(self.unmet(&names));
        report.entries.sort_by(|a, b| (a.at, a.kind, &a.who).cmp(&(b.at, b.kind, &b.who)));
        report.assumptions = self.assumptions(&names);
        report.phases = self.phases().await?;
        report.held = self.held(&names).await?;
        report.mails.clone_from(&self.mails);
        report.mails.sort_by(|a, b| (a.at, &a.name, &a.to, &a.subject).cmp(&(b.at, &b.name, &b.to, &b.subject)));
        Ok(report)
    }

    async fn names(&self) -> Result<BTreeMap<i64, String>, RunError> {
        let mut names = BTreeMap::new();
        for id in &self.assumed.ids {
            let row = self.runner.context(*id).await?.row;
            let person = match row.person_id {
                Some(person) => self.runner.store().people(&[person]).await?.remove(&person).map(|person| person.name),
                None => None,
            };
            // An anonymised candidate keeps the name of the cast: nobody real is in a simulation.
            let known = self.assumed.names.get(id).cloned();
            let name = known.or(person).or(row.title).unwrap_or_else(|| self.stage.workflow.title.clone());
            names.insert(*id, name);
        }
        Ok(names)
    }

    fn unmet(&self, names: &BTreeMap<i64, String>) -> Vec<Entry> {
        let entry = |unmet: &super::assumed::Unmet| Entry {
            at: self.stage.workflow.calendar.local(unmet.at),
            kind: EntryKind::Unmet,
            who: names.get(&unmet.subject).cloned().unwrap_or_default(),
            what: unmet.words.clone(),
            why: "forventet af scenariet".into(),
        };
        self.assumed.unmet.iter().map(entry).collect()
    }

    fn assumptions(&self, names: &BTreeMap<i64, String>) -> Vec<Entry> {
        let entry = |taken: &super::assumed::Assumption| Entry {
            at: self.stage.workflow.calendar.local(taken.at),
            kind: EntryKind::Assumption,
            who: names.get(&taken.subject).cloned().unwrap_or_default(),
            what: taken.words.clone(),
            why: taken.refused.as_ref().map(|why| format!("afvist: {why}")).unwrap_or_default(),
        };
        self.assumed.taken.iter().map(entry).collect()
    }

    async fn phases(&self) -> Result<Vec<Phase>, RunError> {
        let mut phases = Vec::new();
        for id in &self.assumed.ids {
            let subject: Subject = self.runner.context(*id).await?.subject;
            let of_case = phases_of(&self.stage, &subject);
            if of_case.len() > phases.len() {
                phases = of_case;
            }
        }
        Ok(phases)
    }

    async fn held(&self, names: &BTreeMap<i64, String>) -> Result<Vec<HeldMail>, RunError> {
        let filter = OutboxFilter { status: Some(Status::Held), cohort: None, subject: None, limit: 10_000 };
        let held = self.runner.store().outbox(&filter).await?;
        let one = |row: OutboxRow| HeldMail {
            at: self.stage.workflow.calendar.local(instant(row.not_before)),
            who: names.get(&row.subject_id).cloned().unwrap_or_default(),
            occurrence: row.occurrence,
            role: super::data::role_title(&self.stage.workflow, super::seats::parts(&row.seat).0),
            reason: row.reason.unwrap_or_default(),
        };
        Ok(held.into_iter().map(one).collect())
    }

    async fn simulated(&self, row: &OutboxRow, mail: Mail, names: &BTreeMap<i64, String>) -> Result<SimulatedMail, RunError> {
        let json = match row.group_key {
            Some(_) => self.runner.store().gather_items(row.id).await?.first().map(|item| item.intent.clone()),
            None => None,
        };
        let intent: crate::engine::effect::Intent = serde_json::from_str(json.as_ref().unwrap_or(&row.intent))?;
        let templates = &self.stage.version.templates;
        let language = &self.stage.workflow.language;
        let template = intent.templates.iter().find(|name| templates.has(language, name));
        Ok(SimulatedMail {
            at: self.stage.workflow.calendar.local(instant(row.not_before)),
            who: names.get(&row.subject_id).cloned().unwrap_or_default(),
            name: intent.name.to_string(),
            role: super::data::role_title(&self.stage.workflow, &row.seat),
            to: mail.recipients.clone(),
            subject: mail.subject.clone(),
            template: template.cloned().unwrap_or_default(),
            why: intent.why,
            mail,
        })
    }

    fn entry(&self, who: &str, at: Timestamp, event: &Event) -> Option<Entry> {
        let (kind, what, why) = words(&self.stage, event)?;
        Some(Entry { at: self.stage.workflow.calendar.local(at), kind, who: who.to_owned(), what, why })
    }
}

/// The days a case spent in each atomic state, in order.
fn phases_of(stage: &Stage, subject: &Subject) -> Vec<Phase> {
    let mut phases: Vec<(Timestamp, Phase)> = Vec::new();
    for (state, visit) in &subject.visits {
        let Some(id) = stage.workflow.state_ids.get(state) else { continue };
        let defined = &stage.workflow.states[id.0];
        if !defined.children.is_empty() {
            continue;
        }
        let phase = Phase { state: state.to_string(), title: defined.title.clone(), first: visit.day, last: None };
        phases.push((visit.at, phase));
    }
    phases.sort_by_key(|(at, _)| *at);
    let firsts: Vec<Date> = phases.iter().map(|(_, phase)| phase.first).collect();
    for (index, (_, phase)) in phases.iter_mut().enumerate() {
        phase.last = firsts.get(index + 1).and_then(|next| next.yesterday().ok());
    }
    phases.into_iter().map(|(_, phase)| phase).collect()
}

/// An outcome in Danish; `None` for what is only bookkeeping.
fn words(stage: &Stage, event: &Event) -> Option<(EntryKind, String, String)> {
    let workflow = &stage.workflow;
    let state = |name: &str| workflow.state_ids.get(name).map_or(name.to_owned(), |id| workflow.states[id.0].title.clone());
    let task = |name: &str| stage.titles.get(name).cloned().unwrap_or_else(|| name.to_owned());
    Some(match event {
        Event::Moved { cause, to, entered, .. } if !entered.is_empty() => {
            let why = match cause {
                Cause::Opened => "sagen er oprettet".to_owned(),
                Cause::Time => "tiden er gået".to_owned(),
                Cause::Event(name) => format!("hændelse: {}", task(name)),
            };
            (EntryKind::Transition, state(to), why)
        }
        Event::Ended { how, .. } => (EntryKind::Transition, format!("afsluttet ({how:?})"), String::new()),
        Event::TaskOpened { task: name, .. } => (EntryKind::Task, format!("opgave åbner: {}", task(name)), String::new()),
        Event::Task { task: name, what, .. } => {
            let word = match what {
                TaskFate::Done => "udført",
                TaskFate::Skipped => "sprunget over",
                TaskFate::Withdrawn => "bortfalder",
                TaskFate::Missed => "ikke nået",
                TaskFate::Overdue => "frist overskredet",
            };
            (EntryKind::Task, format!("{word}: {}", task(name)), String::new())
        }
        Event::Booked { meeting, start, revision, .. } => {
            let when = workflow.calendar.local(*start).strftime("%-d.%-m.%Y kl. %-H.%M");
            let word = if *revision > 0 { "flyttet til" } else { "booket til" };
            (EntryKind::Meeting, format!("{} {word} {when}", task(meeting)), String::new())
        }
        Event::Met { meeting, part, .. } => {
            let word = match part {
                crate::definition::model::Part::Held => "afholdt",
                crate::definition::model::Part::NoShow => "ikke mødt",
                _ => "aflyst",
            };
            (EntryKind::Meeting, format!("{} {word}", task(meeting)), String::new())
        }
        Event::Fired { name, .. } => (EntryKind::Fact, format!("hændelse: {}", task(name)), String::new()),
        Event::Decided(decision) if !matches!(decision.fate, crate::engine::event::Fate::Queued | crate::engine::event::Fate::Done) => {
            (EntryKind::Decision, decision.declaration.clone(), why::fate_words(workflow, decision))
        }
        Event::Anonymised => (EntryKind::Transition, "anonymiseret".into(), String::new()),
        _ => return None,
    })
}

