//! A hold's whole calendar, played on the real engine with a virtual clock.
//!
//! The same runner as in service works on an empty store in memory. It holds no channel, so
//! nothing can be sent; mail is rendered and marked as if it had left at its time.

mod coverage;
mod report;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

pub use self::coverage::{Covered, Declared, Says, derived, messages};
pub use self::report::{
    Entry, EntryKind, HeldMail, HoldDay, MeetingHeld, Phase, Report, SimulatedMail,
};
use super::assumed::{Assumed, Assumption, Unmet};
use super::cast::{Cast, Stage};
use super::reason::reason_words;
use super::serve::instant;
use super::{RunError, Runner, Settings};
use crate::clock::Clock;
use crate::definition::model::Part;
use crate::engine::effect::Intent;
use crate::engine::event::Event;
use crate::engine::subject::Subject;
use crate::message::Mail;
use crate::store::{OutboxFilter, OutboxRow, Sees, Status, Store};

/// A simulation goes on for so long after the last case has ended; retention is in it.
const AFTER_END_DAYS: i64 = 7 * 31;
/// And never longer than this after the hold's start.
const DAYS_MAX: i64 = 366 * 6;

/// A simulation under way.
pub struct Simulation {
    runner: Runner,
    stage: Stage,
    assumed: Assumed,
    until: Option<Timestamp>,
    /// Kept as they leave: an erasure takes them from the store.
    mails: Vec<SimulatedMail>,
    held: Vec<HeldMail>,
    held_ids: BTreeSet<i64>,
    stuck: Vec<Entry>,
    /// What has left so far.
    covered: Covered,
}

impl Simulation {
    /// Sets the stage on an empty store in memory.
    pub async fn begin(cast: &Cast, mut settings: Settings) -> Result<Self, RunError> {
        // What a workflow sends is shown mail by mail, however many a recipient gets on a day.
        settings.recipient_max = 0;
        let store = Store::open_in_memory().await?;
        let clock = Clock::manual(cast.begins());
        let runner = Runner::new(store, clock, settings);
        let stage = cast.set(&runner).await?;
        let assumed = stage.assumed.clone();
        Ok(Self {
            runner,
            stage,
            assumed,
            until: None,
            mails: Vec::new(),
            held: Vec::new(),
            held_ids: BTreeSet::new(),
            stuck: Vec::new(),
            covered: Covered::default(),
        })
    }

    /// Stops when this day is over; local.
    pub fn stop_after(&mut self, day: Date) {
        self.until = Some(
            self.stage
                .workflow
                .calendar
                .start_of(day.tomorrow().unwrap_or(day)),
        );
    }

    /// The runner it plays on.
    #[must_use]
    pub fn runner(&self) -> &Runner {
        &self.runner
    }

    /// The names of those who play, by row id.
    #[must_use]
    pub fn names(&self) -> BTreeMap<i64, String> {
        self.assumed.named()
    }

    /// Plays to the end: what is due, what people do, what mail leaves, each at its instant.
    pub async fn play(&mut self, mut progress: impl FnMut(DateTime)) -> Result<(), RunError> {
        let last = self.runner.now() + SignedDuration::from_hours(24 * DAYS_MAX);
        let last = self.until.unwrap_or(last).min(last);
        while let Some(next) = self.next().await? {
            if next >= last || self.is_over(next) {
                break;
            }
            self.runner.clock().move_to(next);
            progress(self.local(next));
            self.runner
                .work_with_people(next, &mut self.assumed)
                .await?;
            self.note_stuck(next).await?;
            self.mail(next).await?;
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Timestamp>, RunError> {
        let work = self.runner.store().next_work_due().await?.map(instant);
        let mail = self.runner.store().next_mail_due().await?.map(instant);
        let act = self
            .runner
            .next_act(&mut self.assumed)
            .await?
            .map(|act| act.at());
        let now = self.runner.now();
        Ok(work
            .into_iter()
            .chain(mail)
            .chain(act)
            .min()
            .map(|next| next.max(now)))
    }

    /// Long after everybody's end only recurring words about nobody are left.
    fn is_over(&self, next: Timestamp) -> bool {
        let after = SignedDuration::from_hours(24 * AFTER_END_DAYS);
        self.assumed
            .all_ended()
            .is_some_and(|ended| next > ended + after)
    }

    fn local(&self, at: Timestamp) -> DateTime {
        self.stage.workflow.calendar.local(at)
    }

    /// Keeps what leaves now.
    async fn mail(&mut self, now: Timestamp) -> Result<(), RunError> {
        let leaving = self.runner.leaves(now).await?;
        for (row, mail) in leaving.mails {
            let intents = self.intents(&row).await?;
            for intent in &intents {
                self.covered.sent(intent);
            }
            let first = intents.into_iter().next();
            let simulated = first.map(|intent| self.simulated(&row, intent, mail));
            self.mails.extend(simulated);
        }
        if leaving.some_wait {
            self.note_held().await?;
        }
        Ok(())
    }

    /// Notes what could not leave, before an erasure takes it away.
    async fn note_held(&mut self) -> Result<(), RunError> {
        let filter = OutboxFilter {
            before: None,
            status: Some(Status::Held),
            cohort: None,
            subject: None,
            unseen: false,
            limit: 10_000,
        };
        for row in self.runner.store().outbox(Sees::All, &filter).await? {
            if self.held_ids.insert(row.id) {
                self.held.push(HeldMail {
                    at: self.local(instant(row.not_before)),
                    who: self.who(row.subject_id),
                    occurrence: row.occurrence,
                    role: super::data::role_title(&self.stage.workflow, &row.seat),
                    reason: reason_words(&row.reason.unwrap_or_default()),
                });
            }
        }
        Ok(())
    }

    /// Notes what could not be advanced, before a later commit clears it.
    async fn note_stuck(&mut self, now: Timestamp) -> Result<(), RunError> {
        for row in self.runner.store().faulty(100).await? {
            let (who, what) = (self.who(row.id), row.fault_text.unwrap_or_default());
            if !self
                .stuck
                .iter()
                .any(|known| known.who == who && known.what == what)
            {
                let (at, kind) = (self.local(now), EntryKind::Stuck);
                self.stuck.push(Entry {
                    at,
                    kind,
                    who,
                    what,
                    why: String::new(),
                });
            }
        }
        Ok(())
    }

    /// What a mail is about: one thing, or all that was gathered.
    async fn intents(&self, row: &OutboxRow) -> Result<Vec<Intent>, RunError> {
        if row.group_key.is_none() {
            return Ok(vec![serde_json::from_str(&row.intent)?]);
        }
        let items = self.runner.store().gather_items(row.id).await?;
        let intents = items.iter().map(|item| serde_json::from_str(&item.intent));
        Ok(intents.collect::<Result<_, _>>()?)
    }

    fn simulated(&self, row: &OutboxRow, intent: Intent, mail: Mail) -> SimulatedMail {
        let templates = &self.stage.version.templates;
        let language = &self.stage.workflow.language;
        let template = intent
            .templates
            .iter()
            .find(|name| templates.has(language, name));
        SimulatedMail {
            at: self.local(instant(row.not_before)),
            who: self.who(row.subject_id),
            name: intent.name.to_string(),
            role: super::data::role_title(&self.stage.workflow, &row.seat),
            to: mail.recipients.clone(),
            subject: mail.subject.clone(),
            template: template.cloned().unwrap_or_default(),
            why: intent.why,
            mail,
        }
    }

    /// What was expected and did not come true, in order.
    #[must_use]
    pub fn unmet(&self) -> &[Unmet] {
        &self.assumed.unmet
    }

    fn who(&self, subject: i64) -> String {
        self.assumed
            .names
            .get(&subject)
            .cloned()
            .unwrap_or_default()
    }

    /// What it came to.
    pub async fn report(&self) -> Result<Report, RunError> {
        let (mut entries, mut phases, mut meetings) = (Vec::new(), Vec::new(), Vec::new());
        for id in self.assumed.players() {
            for row in self.runner.store().history(id).await? {
                let event: Event = serde_json::from_str(&row.payload)?;
                meetings.extend(self.meeting(id, instant(row.at), &event));
                entries.extend(self.entry(id, instant(row.at), &row.actor, &event));
            }
            let of_case = phases_of(&self.stage, &self.runner.context(id).await?.subject);
            if of_case.len() > phases.len() {
                phases = of_case;
            }
        }
        entries.extend(
            self.assumed
                .unmet
                .iter()
                .map(|unmet| self.unmet_entry(unmet)),
        );
        entries.sort_by(|a, b| (a.at, a.kind, &a.who).cmp(&(b.at, b.kind, &b.who)));
        meetings
            .sort_by(|a: &MeetingHeld, b| (a.at, &a.title, &a.who).cmp(&(b.at, &b.title, &b.who)));
        let mut mails = self.mails.clone();
        mails.sort_by(|a, b| {
            (a.at, &a.name, &a.to, &a.subject).cmp(&(b.at, &b.name, &b.to, &b.subject))
        });
        Ok(Report {
            workflow: self.stage.workflow.id.to_string(),
            title: self.stage.workflow.title.clone(),
            cohort: self.who(self.stage.cohort_id),
            dates: self.dates(),
            candidates: self.stage.candidates.clone(),
            begins: self.local(self.stage.begins),
            phases,
            entries,
            assumptions: self
                .assumed
                .taken
                .iter()
                .map(|taken| self.assumption(taken))
                .collect(),
            mails,
            held: self.held.clone(),
            meetings,
            stuck: self.stuck.clone(),
        })
    }

    fn entry(&self, id: i64, at: Timestamp, actor: &str, event: &Event) -> Option<Entry> {
        let (kind, what, why) = words::words(&self.stage, actor, event)?;
        Some(Entry {
            at: self.local(at),
            kind,
            who: self.who(id),
            what,
            why,
        })
    }

    fn dates(&self) -> Vec<HoldDay> {
        let declared = self.stage.workflow.cohort.dates.iter();
        let day = declared.filter_map(|date| {
            let (name, title) = (date.name.to_string(), date.title.clone());
            Some(HoldDay {
                name,
                title,
                date: *self.stage.dates.get(&date.name)?,
            })
        });
        day.collect()
    }

    fn meeting(&self, id: i64, at: Timestamp, event: &Event) -> Option<MeetingHeld> {
        let Event::Met {
            meeting,
            part: Part::Held,
            ..
        } = event
        else {
            return None;
        };
        let title = self.stage.titles.get(&**meeting).cloned();
        let title = title.unwrap_or_else(|| meeting.to_string());
        Some(MeetingHeld {
            at: self.local(at),
            title,
            who: self.who(id),
        })
    }

    fn unmet_entry(&self, unmet: &Unmet) -> Entry {
        let (at, who) = (self.local(unmet.at), self.who(unmet.subject));
        Entry {
            at,
            kind: EntryKind::Unmet,
            who,
            what: unmet.words(),
            why: super::assumed::TOLD.into(),
        }
    }

    fn assumption(&self, taken: &Assumption) -> Entry {
        let why = taken
            .refused
            .as_ref()
            .map(|why| format!("afvist: {why}"))
            .unwrap_or_default();
        let (at, who) = (self.local(taken.at), self.who(taken.subject));
        Entry {
            at,
            kind: EntryKind::Assumption,
            who,
            what: taken.words.clone(),
            why,
        }
    }
}

/// The days a case spent in each atomic state, in order.
fn phases_of(stage: &Stage, subject: &Subject) -> Vec<Phase> {
    let mut phases: Vec<(Timestamp, Phase)> = Vec::new();
    for (state, visit) in &subject.visits {
        let Some(id) = stage.workflow.state_ids.get(state) else {
            continue;
        };
        let defined = &stage.workflow.states[id.0];
        if !defined.children.is_empty() {
            continue;
        }
        let (title, is_final) = (defined.title.clone(), defined.outcome.is_some());
        phases.push((
            visit.at,
            Phase {
                state: state.to_string(),
                title,
                first: visit.day,
                last: None,
                is_final,
            },
        ));
    }
    phases.sort_by_key(|(at, _)| *at);
    let firsts: Vec<Date> = phases.iter().map(|(_, phase)| phase.first).collect();
    for (index, (_, phase)) in phases.iter_mut().enumerate() {
        phase.last = firsts
            .get(index + 1)
            .and_then(|next| next.yesterday().ok())
            .map(|last| last.max(phase.first));
    }
    phases.into_iter().map(|(_, phase)| phase).collect()
}
