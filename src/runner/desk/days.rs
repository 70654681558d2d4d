//! A hold's dates moved, with all that follows from it; pauses; a hold cancelled; mail said again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::cohort::read_some_dates;
use super::possible::not_taken;
use super::words::{event_words, misplaced_words};
use super::{Agenda, BringsShown, DaysAsked, Desk, DeskError, Fired, MailLine, Wrong};
use crate::calendar::date_da;
use crate::definition::model::MessageTime;
use crate::engine::frame::Frame;
use crate::engine::input::{Actor, Input};
use crate::engine::plan;
use crate::engine::subject::{Kind, Subject};
use crate::runner::context::Context;
use crate::runner::{RunError, operator};
use crate::store::{OutboxFilter, OutboxRow, Status};

/// More than a hold ever says.
const SAID_MAX: i64 = 100_000;

/// What moving a hold's dates does, or would do.
#[derive(Clone, Debug, Serialize)]
pub struct DatesMoved {
    /// The hold's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Nothing was done: this is what would be.
    pub is_dry_run: bool,
    /// Title, before, after.
    pub dates: Vec<(String, Date, Date)>,
    /// What is allowed, but seldom meant.
    pub notes: Vec<String>,
    /// Before it is done: what it brings to the hold and to each of its cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brings: Option<BringsShown>,
    /// And what names that report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Meetings that stand outside their window then. Nothing cancels them but a person.
    pub misplaced: Vec<String>,
    /// Mails that were sent for the old dates: they would go at another time now, or say something else.
    pub sent: Vec<MailLine>,
    /// What happens next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Agenda>,
}

/// Who does something, and how many events it had, when that is said, that it is done to.
pub(super) struct By {
    pub actor: Actor,
    pub expect: Option<i64>,
}

impl By {
    /// Whoever types commands.
    pub(super) fn command() -> Self {
        Self {
            actor: operator("cli"),
            expect: None,
        }
    }
}

impl Desk {
    /// Moves dates of a hold, or only tells what would come of it.
    pub async fn move_dates(
        &self,
        of: &str,
        dates: &[(String, String)],
        is_dry_run: bool,
    ) -> Result<DatesMoved, DeskError> {
        self.dates_moved(of, dates, is_dry_run, &By::command())
            .await
    }

    pub(super) async fn dates_moved(
        &self,
        of: &str,
        dates: &[(String, String)],
        is_dry_run: bool,
        by: &By,
    ) -> Result<DatesMoved, DeskError> {
        let hold = self.cohort(of).await?;
        let workflow = &hold.version.workflow;
        let mut wrongs = Vec::new();
        let dates = read_some_dates(workflow, dates, &mut wrongs);
        if !wrongs.is_empty() {
            return Err(DeskError::Wrong(wrongs));
        }
        let input = Input::MoveDates(dates);
        let after = self.as_if(&hold, &input)?;
        let before = &hold.subject.dates;
        let defined = workflow.cohort.dates.iter();
        let moved = defined.filter_map(|date| {
            let (from, to) = (*before.get(&date.name)?, *after.dates.get(&date.name)?);
            (from != to).then(|| (date.title.clone(), from, to))
        });
        let moved: Vec<(String, Date, Date)> = moved.collect();
        let today = workflow.calendar.local(self.runner().now()).date();
        let passed = moved.iter().filter(|(_, _, to)| *to < today);
        let notes =
            passed.map(|(title, _, to)| format!("{title} er {}, som er passeret.", date_da(*to)));
        let notes = notes.collect();
        let cases = self.cases_on(&hold).await?;
        let sent = self.sent_for_the_old(&hold, &cases, &after).await?;
        let others: Vec<Context> = std::iter::once(&hold)
            .chain(&cases)
            .map(|context| context.with_hold(hold.row.id, &after))
            .collect();
        let misplaced = self.misplaced(&others).await?;
        let seen = if is_dry_run {
            Some(self.if_input(&hold, input.clone()).await?)
        } else {
            None
        };
        let (hash, brings) = seen.map(|seen| (seen.hash, seen.brings)).unzip();
        let next = if is_dry_run {
            None
        } else {
            let done = self
                .runner()
                .input_to(hold.row.id, by.expect, &input, &by.actor, None)
                .await;
            done.map_err(|error| not_taken(&hold, error))?;
            self.settle().await;
            Some(self.next(&self.context(hold.row.id).await?).await?)
        };
        Ok(DatesMoved {
            id: hold.row.public_id.clone(),
            title: hold.row.title.clone().unwrap_or_default(),
            is_dry_run,
            dates: moved,
            notes,
            brings,
            hash,
            misplaced,
            sent,
            next,
        })
    }

    /// The hold as an input would leave it; refused as the input would be.
    pub(super) fn as_if(&self, hold: &Context, input: &Input) -> Result<Subject, DeskError> {
        let now = self.runner().now();
        let stepped =
            crate::engine::step(&hold.view(), &hold.subject, input, &operator("cli"), now);
        let stepped = stepped.map_err(|refusal| not_taken(hold, RunError::Refused(refusal)))?;
        Ok(stepped.subject)
    }

    pub(super) async fn cases_on(&self, hold: &Context) -> Result<Vec<Context>, DeskError> {
        let rows = self
            .runner()
            .store()
            .subjects_of(self.sees, hold.row.id)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        Ok(self.runner().contexts(&ids).await?)
    }

    /// The latest mail of each stream that was sent and would go at another time, or say something
    /// else, with another hold; as far as it can be said again.
    async fn sent_for_the_old(
        &self,
        hold: &Context,
        cases: &[Context],
        after: &Subject,
    ) -> Result<Vec<MailLine>, DeskError> {
        let filter = OutboxFilter {
            before: None,
            status: None,
            cohort: Some(hold.row.id),
            subject: None,
            unseen: false,
            limit: SAID_MAX,
        };
        let all = self.runner().store().outbox(self.sees, &filter).await?;
        let contexts: HashMap<i64, &Context> = std::iter::once(hold)
            .chain(cases)
            .map(|context| (context.row.id, context))
            .collect();
        let mut streams: BTreeSet<(i64, String, String)> = BTreeSet::new();
        let mut rows: Vec<OutboxRow> = all
            .into_iter()
            .filter(|row| matches!(row.status, Status::Sent | Status::Unknown))
            .filter(|row| {
                contexts
                    .get(&row.subject_id)
                    .is_some_and(|context| can_be_again(context, row))
            })
            .filter(|row| {
                streams.insert((row.subject_id, row.occurrence.clone(), row.seat.clone()))
            })
            .collect();
        let otherwise = self
            .runner()
            .that_read_otherwise(&rows, hold.row.id, after)
            .await?;
        rows.retain(|row| {
            let context = contexts[&row.subject_id];
            let other = context.with_hold(hold.row.id, after);
            otherwise.contains(&row.id) || time_of(context, row) != time_of(&other, row)
        });
        rows.sort_by_key(|row| row.id);
        self.lines(&rows).await
    }

    /// Meetings to come that stand outside their window, or in a pause, in words.
    pub(super) async fn misplaced(&self, contexts: &[Context]) -> Result<Vec<String>, DeskError> {
        let mut words = Vec::new();
        for context in contexts {
            let view = context.view();
            let frame = Frame::new(&view, &context.subject);
            let found = plan::misplaced(&frame, self.runner().now());
            if found.is_empty() {
                continue;
            }
            let person: Vec<i64> = context.row.person_id.into_iter().collect();
            let whose = match context.subject.kind {
                Kind::Case => self.names(&person).await?.pop().unwrap_or_default(),
                Kind::Cohort | Kind::Workflow => "holdet".to_owned(),
            };
            for one in found {
                let (at, why) = misplaced_words(&frame, &one);
                words.push(format!("{}, {whose}: {at}, {why}", one.meeting.title));
            }
        }
        Ok(words)
    }

    /// Lets a hold or a case stand still, lifts that, or cancels a hold: its open cases end, its meetings are called off.
    pub async fn do_days(&self, of: &str, days: DaysAsked) -> Result<Fired, DeskError> {
        let context = self.whose_days(of, days).await?;
        self.act(&context, &days.input()).await
    }

    /// Whose days they are: only a hold is cancelled.
    pub(super) async fn whose_days(&self, of: &str, days: DaysAsked) -> Result<Context, DeskError> {
        match days {
            DaysAsked::Cancel => self.cohort(of).await,
            DaysAsked::Pause(..) | DaysAsked::Unpause(_) => self.any(of).await,
        }
    }

    /// Has mails said again that were sent, to all whom they went to: at their time by now, at once
    /// when that has passed.
    pub async fn say_again(&self, ids: &[i64]) -> Result<Vec<Fired>, DeskError> {
        let mut wanted: BTreeMap<(i64, String), OutboxRow> = BTreeMap::new();
        for id in ids {
            let row = self.outbox_row(*id).await?;
            wanted.insert((row.subject_id, row.occurrence.clone()), row);
        }
        let mut said = Vec::new();
        for ((subject, occurrence), row) in wanted {
            let context = self.context(subject).await?;
            if !can_be_again(&context, &row) {
                let wrong = Wrong::new(format!("Mail {} kan ikke sendes igen.", row.id));
                let help = "Det kan den seneste af en besked, som hører til der, hvor sagen er nu.";
                return Err(wrong.help(help).into());
            }
            let seats = self.runner().store().seats(subject, &occurrence).await?;
            let newest = seats.iter().map(|(_, revision)| *revision).max();
            let revision = u32::try_from(newest.unwrap_or_default() + 1).unwrap_or(u32::MAX);
            let again = Input::Again {
                occurrence,
                revision,
            };
            said.push(self.act(&context, &again).await?);
        }
        Ok(said)
    }

    /// One input from the operator, and what came of it.
    pub(super) async fn act(&self, context: &Context, input: &Input) -> Result<Fired, DeskError> {
        self.act_by(context, input, &By::command()).await
    }

    /// The same from somebody, if it still has as many events as they saw.
    pub(super) async fn act_by(
        &self,
        context: &Context,
        input: &Input,
        by: &By,
    ) -> Result<Fired, DeskError> {
        let before = self.newest_mail(context.row.id).await?;
        let done = self
            .runner()
            .input_to(context.row.id, by.expect, input, &by.actor, None)
            .await;
        let done = done.map_err(|error| not_taken(context, error))?;
        self.settle().await;
        let (workflow, kind) = (&context.version.workflow, context.subject.kind);
        let nobody = |_| String::new();
        let events = done.events.iter();
        let words = events.filter_map(|(_, event)| event_words(workflow, kind, &nobody, event));
        let mut fired = self.fired(context, words.collect(), false, before).await?;
        let now = self.context(context.row.id).await?;
        let mut concerned = match kind {
            Kind::Cohort => self.cases_on(&now).await?,
            Kind::Case | Kind::Workflow => Vec::new(),
        };
        concerned.insert(0, now);
        fired.misplaced = self.misplaced(&concerned).await?;
        Ok(fired)
    }
}

/// Whether a mail is the latest of a message that stands where its case is now, and says nothing
/// again by itself.
fn can_be_again(context: &Context, row: &OutboxRow) -> bool {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let said = plan::said(&frame, &row.occurrence);
    context.subject.ended.is_none()
        && said.is_some_and(|(_, message, _)| {
            matches!(message.when, MessageTime::When { .. }) && message.gather.is_none()
        })
}

fn time_of(context: &Context, row: &OutboxRow) -> Option<jiff::Timestamp> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let (open, message, _) = plan::said(&frame, &row.occurrence)?;
    plan::instant_of(&frame, &open, message)
}
