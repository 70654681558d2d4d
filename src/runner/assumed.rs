//! People as a plan expects them, for simulations and the demo.
//!
//! Tasks are done on their due day with sample facts, meetings are booked on the first workday of
//! their window and held, and where time alone leads no further the first event listed in a state
//! is raised. Every such act is listed as what it is: an assumption.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, time};

use super::advance::operator;
use super::opening::Candidate;
use super::cast::Said;
use super::data;
use super::context::Context;
use super::{People, RunError, Runner};
use crate::definition::model::{
    Event, Fact, FactRef, Fill, Goal, Meeting, MeetingTime, Name, Outcome, Part, Task, Then, Trigger,
};
use crate::definition::value::{FactKind, Value};
use crate::engine::effect::Intent;
use crate::engine::frame::{Frame, Open};
use crate::engine::input::{Given, Input, TaskAct};
use crate::engine::plan::{self, Reach};
use crate::engine::subject::Kind;
use crate::engine::why;
use crate::store::{OutboxFilter, Status};

/// When tasks are done, bookings made, and events raised on their days; local.
const TASK_AT: Time = time(10, 0, 0, 0);
const BOOK_AT: Time = time(10, 30, 0, 0);
const EVENT_AT: Time = time(11, 0, 0, 0);
const CLEAR_AT: Time = time(15, 0, 0, 0);
/// When meetings start that people book; local.
const MEET_AT: Time = time(13, 0, 0, 0);
/// An act that is refused is tried on so many workdays.
const TRIES_MAX: u32 = 40;

/// Something a person is expected to do.
#[derive(Clone, Debug)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Whose case or hold, row id.
    pub subject: i64,
    /// What it is, so that it is not done twice.
    pub key: String,
    /// The input.
    pub input: Input,
    /// In words.
    pub words: String,
}

/// People's acts so far, and who they are.
#[derive(Clone, Debug, Default)]
pub struct Assumed {
    /// Who fills a role when a task asks for it.
    pub stand_ins: People,
    /// Acts that a person's own list replaces: nothing is assumed where something is said.
    pub told: Vec<Told>,
    /// What was assumed, in order.
    pub taken: Vec<Assumption>,
    tried: BTreeMap<(i64, String), (u32, Timestamp)>,
    done: BTreeSet<usize>,
    /// Up to when everything has been done; time does not go back behind it.
    pub frontier: Timestamp,
    /// Candidates still to come, in order of time.
    pub arrivals: Vec<Arrival>,
    /// The subjects that play, row ids.
    pub ids: Vec<i64>,
    /// Their names, which an erasure does not take from a simulation.
    pub names: BTreeMap<i64, String>,
    /// What a scenario expected and did not find.
    pub unmet: Vec<Unmet>,
    /// Nothing is assumed; only what is told happens.
    pub only_told: bool,
}

/// Candidates who come to a hold.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// The hold's row id.
    pub cohort_id: i64,
    /// Who.
    pub candidates: Vec<Candidate>,
    /// Their names.
    pub names: Vec<String>,
    /// What is said about them and their hold.
    pub said: Vec<Said>,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// When.
    pub at: Timestamp,
    /// Whose, row id.
    pub subject: i64,
    /// What was expected and what was found, in words.
    pub words: String,
}

/// The next thing that people do.
#[derive(Clone, Debug)]
pub enum Next {
    /// Candidates come.
    Arrive(Timestamp),
    /// An act.
    Act(Act),
}

impl Next {
    /// When.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Arrive(at) => *at,
            Self::Act(act) => act.at,
        }
    }
}

/// Something that a scenario or a file says instead of what would be assumed.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whose, row id.
    pub subject: i64,
    /// When; `None`: when it would have been assumed.
    pub at: Option<Timestamp>,
    /// What.
    pub what: ToldWhat,
}

/// What is said.
#[derive(Clone, Debug)]
pub enum ToldWhat {
    /// This happens.
    Input(Input),
    /// A meeting was held, missed or called off.
    Met {
        /// Which.
        meeting: Name,
        /// What.
        part: Part,
    },
    /// This is expected by now.
    Expect {
        /// The atomic state.
        state: Option<Name>,
        /// How many mails of a template there have been about the case.
        mails: BTreeMap<String, u32>,
    },
    /// The candidate does not come to the hold's meeting.
    Absent(Name),
    /// A task is done so many workdays after its due day.
    Late(Name, u32),
    /// A task is never done, a meeting never booked.
    Never(Name),
}

/// An act that was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// When.
    pub at: Timestamp,
    /// Whose, row id.
    pub subject: i64,
    /// In words.
    pub words: String,
    /// Why it was refused, when it was.
    pub refused: Option<String>,
}

impl Runner {
    /// The next thing people do, of all open cases and holds.
    pub(super) async fn next_act(&self, assumed: &Assumed) -> Result<Option<Next>, RunError> {
        let contexts = self.contexts(&assumed.ids).await?;
        let mut acts: Vec<Act> = Vec::new();
        if !assumed.only_told {
            for context in contexts.iter().filter(|context| context.subject.ended.is_none()) {
                acts.extend(acts_of(context, &contexts, assumed));
            }
        }
        for (index, told) in assumed.told.iter().enumerate() {
            let Some(at) = told.at.filter(|_| !assumed.done.contains(&index)) else { continue };
            let input = match &told.what {
                ToldWhat::Input(input) => input.clone(),
                ToldWhat::Met { meeting, part } => {
                    let Some(context) = contexts.iter().find(|context| context.row.id == told.subject) else { continue };
                    let attendance = match data::meeting_named(&Frame::new(&context.view(), &context.subject), meeting) {
                        Some(meeting) => attendance(context, meeting, &contexts, assumed, *part),
                        None => Vec::new(),
                    };
                    let part = if context.subject.kind == Kind::Cohort && *part == Part::NoShow { Part::Held } else { *part };
                    Input::Met { meeting: meeting.clone(), part, attendance }
                }
                ToldWhat::Expect { .. } => Input::Tick,
                ToldWhat::Absent(_) | ToldWhat::Late(..) | ToldWhat::Never(_) => continue,
            };
            let key = format!("told {index:06}");
            acts.push(Act { at, subject: told.subject, key, input, words: "sagt på forhånd".into() });
        }
        let act = acts.into_iter().min_by(|a, b| (a.at, a.subject, &a.key).cmp(&(b.at, b.subject, &b.key)));
        let arrival = assumed.arrivals.iter().map(|arrival| arrival.at).min();
        Ok(match (act, arrival) {
            (Some(act), Some(arrival)) if arrival <= act.at => Some(Next::Arrive(arrival)),
            (Some(act), _) => Some(Next::Act(act)),
            (None, arrival) => arrival.map(Next::Arrive),
        })
    }

    /// Candidates come to their hold.
    pub(super) async fn arrive(&self, assumed: &mut Assumed) -> Result<(), RunError> {
        let Some(first) = (0..assumed.arrivals.len()).min_by_key(|index| assumed.arrivals[*index].at) else { return Ok(()) };
        let arrival = assumed.arrivals.remove(first);
        let opened = self.open_cases_at(arrival.cohort_id, &arrival.candidates, arrival.at).await?;
        for (case, name) in opened.iter().zip(&arrival.names) {
            assumed.names.insert(case.id, name.clone());
        }
        for said in arrival.said {
            let subject = match said.player {
                Some(player) => opened.get(player).map(|case| case.id),
                None => Some(arrival.cohort_id),
            };
            assumed.told.extend(subject.map(|subject| Told { subject, at: said.at, what: said.what }));
        }
        assumed.ids.extend(opened.iter().map(|case| case.id));
        Ok(())
    }

    /// Compares what a scenario expects with what is.
    async fn expect(&self, act: &Act, index: usize, assumed: &mut Assumed) -> Result<(), RunError> {
        let Some(ToldWhat::Expect { state, mails }) = assumed.told.get(index).map(|told| told.what.clone()) else { return Ok(()) };
        let mut unmet = |words: String| assumed.unmet.push(Unmet { at: act.at, subject: act.subject, words });
        let context = self.context(act.subject).await?;
        if let Some(state) = state
            && context.subject.state.as_ref() != Some(&state)
        {
            let found = context.subject.state.as_deref().unwrap_or("-").to_owned();
            unmet(format!("forventet tilstand {state}, fandt {found}"));
        }
        for (template, expected) in mails {
            let found = self.mails_of(&context, &template).await?;
            if found != expected {
                unmet(format!("forventet {expected} mails af {template}, fandt {found}"));
            }
        }
        Ok(())
    }

    async fn mails_of(&self, context: &Context, template: &str) -> Result<u32, RunError> {
        let filter = OutboxFilter { status: Some(Status::Sent), cohort: context.row.cohort_id, subject: None, limit: 100_000 };
        let mut found = 0;
        for row in self.store().outbox(&filter).await? {
            let json = match row.group_key {
                Some(_) => self.store().gather_items(row.id).await?.first().map(|item| item.intent.clone()),
                None => Some(row.intent),
            };
            let intent: Option<Intent> = json.and_then(|json| serde_json::from_str(&json).ok());
            let used = intent.and_then(|intent| {
                let templates = &context.version.templates;
                intent.templates.into_iter().find(|name| templates.has(&context.version.workflow.language, name))
            });
            found += u32::from(used.as_deref() == Some(template));
        }
        Ok(found)
    }

    /// Does what is expected; a refusal is noted, and it is tried again on the next workday.
    pub(super) async fn act(&self, act: &Act, assumed: &mut Assumed) -> Result<(), RunError> {
        let done = self.input_at(act.subject, &act.input, &operator("antagelse"), None, act.at).await;
        let refused = match done {
            Ok(_) => None,
            Err(RunError::Refused(refusal)) => Some(refusal.to_string()),
            Err(error) => return Err(error),
        };
        if let Some(index) = act.key.strip_prefix("told ").and_then(|index| index.parse().ok()) {
            assumed.done.insert(index);
            self.expect(act, index, assumed).await?;
            if let Some(refusal) = &refused {
                assumed.unmet.push(Unmet { at: act.at, subject: act.subject, words: format!("afvist: {refusal}") });
            }
            if matches!(act.input, Input::Tick) {
                return Ok(());
            }
        }
        let calendar = &self.context(act.subject).await?.version.workflow.calendar;
        let local = calendar.local(act.at);
        let again = calendar.instant(calendar.workday_after(local.date(), 1).to_datetime(local.time()));
        let tries = assumed.tried.entry((act.subject, act.key.clone())).or_insert((0, again));
        *tries = (tries.0 + 1, again);
        if refused.is_none() || tries.0 == 1 {
            assumed.taken.push(Assumption { at: act.at, subject: act.subject, words: act.words.clone(), refused });
        }
        Ok(())
    }
}

fn acts_of(context: &Context, all: &[Context], assumed: &Assumed) -> Vec<Act> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut acts = Vec::new();
    for open in frame.open() {
        let scope = open.scope;
        acts.extend(scope.tasks.iter().flat_map(|task| tasks(context, &frame, &open, task, assumed)));
        acts.extend(scope.meetings.iter().flat_map(|meeting| meetings(context, &frame, &open, meeting, all, assumed)));
    }
    acts.extend(event(context, &frame, assumed));
    acts.retain_mut(|act| match assumed.tried.get(&(act.subject, act.key.clone())) {
        Some((tries, again)) => {
            act.at = act.at.max(*again);
            *tries < TRIES_MAX
        }
        None => true,
    });
    acts
}

fn tasks(context: &Context, frame: &Frame<'_>, open: &Open<'_>, task: &Task, assumed: &Assumed) -> Vec<Act> {
    let calendar = frame.calendar();
    let Some(log) = frame.subject.tasks.get(&task.name) else { return Vec::new() };
    if assumed.is_told(context.row.id, |told| matches!(told, ToldWhat::Never(name) if *name == task.name)) {
        return Vec::new();
    }
    let late = assumed.late(context.row.id, &task.name);
    let act = |one: &crate::engine::subject::OpenTask| {
        let due = plan::task_due(frame, task, one, open);
        let day = due.unwrap_or_else(|| calendar.workday_after(calendar.local(one.at).date(), 1));
        let day = if late > 0 { calendar.workday_after(day, late) } else { day };
        let time = if task.clears.is_empty() { TASK_AT } else { CLEAR_AT };
        let mut set = BTreeMap::new();
        let mut assign = People::new();
        for fill in &task.fills {
            match fill {
                Fill::Fact(fact) if frame.fact(fact).is_none() => {
                    set.insert(fact.clone(), sample(frame, fact, day));
                }
                Fill::Role(role) => {
                    assign.insert(role.clone(), assumed.stand_ins.get(role).cloned().unwrap_or_default());
                }
                Fill::Fact(_) => {}
            }
        }
        Act {
            at: calendar.instant(day.to_datetime(time)).max(one.at),
            subject: context.row.id,
            key: format!("task {}#{}", task.name, one.no),
            input: Input::Task { task: task.name.clone(), act: TaskAct::Done, set, assign },
            words: format!("»{}« bliver udført på fristen", task.title),
        }
    };
    log.open.iter().take(1).map(act).collect()
}

fn meetings(
    context: &Context,
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    all: &[Context],
    assumed: &Assumed,
) -> Vec<Act> {
    let log = frame.subject.meetings.get(&meeting.name);
    let mut acts: Vec<Act> = Vec::new();
    if let Some(booking) = log.and_then(|log| log.open.first()) {
        let attendance = attendance(context, meeting, all, assumed, Part::Held);
        acts.push(Act {
            at: booking.end,
            subject: context.row.id,
            key: format!("held {}#{}", meeting.name, booking.no),
            input: Input::Met { meeting: meeting.name.clone(), part: Part::Held, attendance },
            words: format!("»{}« bliver holdt", meeting.title),
        });
    }
    if assumed.is_told(context.row.id, |told| matches!(told, ToldWhat::Never(name) if *name == meeting.name)) {
        return acts;
    }
    let wanted = match &meeting.when {
        MeetingTime::Between(..) => {
            let settled = log.is_some_and(|log| !log.open.is_empty() || log.held.is_some_and(|held| held.at >= open.at));
            plan::window(frame, open, meeting).filter(|_| !settled)
        }
        MeetingTime::Every(rec) if meeting.book.is_some() => next_slot(frame, open, meeting, rec),
        MeetingTime::Every(_) | MeetingTime::Free => None,
    };
    acts.extend(wanted.and_then(|(first, last)| booking(context, frame, open, meeting, first, last)));
    acts
}

/// The next slot that nobody has booked, up to the eve of the one after it.
fn next_slot(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    rec: &crate::definition::model::Recurrence,
) -> Option<(Date, Date)> {
    let calendar = frame.calendar();
    let today = calendar.local(frame.subject.last_at);
    let from = calendar.local(open.at).max(today.date().to_datetime(Time::midnight()));
    let far = calendar.instant(today) + jiff::SignedDuration::from_hours(24 * 400);
    let slots = plan::slots_between(frame, open, rec, from, Reach::Until(far));
    let free = slots.iter().position(|slot| !plan::is_booked_for(frame, open, meeting, rec, *slot))?;
    let eve = slots.get(free + 1).and_then(|next| next.date().yesterday().ok());
    Some((slots[free].date(), eve.unwrap_or(slots[free].date())))
}

fn booking(
    context: &Context,
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    first: Date,
    last: Date,
) -> Option<Act> {
    let calendar = frame.calendar();
    let due = meeting.book.as_ref().map_or_else(|| calendar.workday_before(first, 1), |book| plan::due_day(frame, book, first));
    let at = calendar.instant(due.to_datetime(BOOK_AT)).max(open.at).max(frame.subject.last_at);
    let on_day = |day: Date| -> DateTime { day.to_datetime(MEET_AT) };
    let mut start = on_day(calendar.workday_on_or_after(first));
    if calendar.instant(start) <= at {
        start = on_day(calendar.workday_after(calendar.local(at).date(), 1));
    }
    (start.date() <= last.max(first) || meeting.book.is_some() && first == last).then(|| Act {
        at,
        subject: context.row.id,
        key: format!("book {} {first}", meeting.name),
        input: Input::Book { meeting: meeting.name.clone(), start, place: None },
        words: format!("»{}« bliver booket til {}", meeting.title, start.strftime("%-d.%-m.%Y kl. %-H.%M")),
    })
}

/// Everybody a hold's meeting is about comes, unless something else is said.
fn attendance(context: &Context, meeting: &Meeting, all: &[Context], assumed: &Assumed, part: Part) -> Vec<(i64, bool)> {
    if context.subject.kind != Kind::Cohort {
        return Vec::new();
    }
    let states = crate::engine::frame::atomic_in(&context.version.workflow, &meeting.about);
    all.iter()
        .filter(|case| case.row.cohort_id == Some(context.row.id) && case.subject.ended.is_none())
        .filter(|case| case.subject.state.as_ref().is_some_and(|state| states.contains(state)))
        .map(|case| {
            let absent = assumed.is_told(case.row.id, |told| matches!(told, ToldWhat::Absent(name) if *name == meeting.name));
            (case.row.id, !absent && part != Part::NoShow)
        })
        .collect()
}

/// The first event listed in a state where time alone leads no further on this hold.
fn event(context: &Context, frame: &Frame<'_>, assumed: &Assumed) -> Option<Act> {
    let id = frame.atomic()?;
    let state = frame.state(id);
    let goes_on = |then: &Then| goals(then).iter().any(|goal| matches!(goal, Goal::State(id) if frame.state(*id).outcome.is_none()));
    if state.then.as_ref().is_some_and(goes_on) {
        return None;
    }
    let hopeful = |event: &&Event| {
        let drops = |goal: &&Goal| matches!(goal, Goal::State(id) if frame.state(*id).outcome == Some(Outcome::Dropout));
        event.then.as_ref().is_some_and(|then| !goals(then).iter().any(|goal| drops(&goal)))
    };
    let event = state.scope.events.iter().filter(hopeful).find(|event| matches!(event.trigger, Trigger::Named(_)))?;
    let Trigger::Named(name) = &event.trigger else { return None };
    let calendar = frame.calendar();
    let visit = frame.subject.visits.get(&state.name)?;
    let mut day = calendar.workday_after(calendar.local(visit.at).date(), 1);
    let mut set = BTreeMap::new();
    for fact in event.needs.iter().filter(|fact| frame.fact(fact).is_none()) {
        if filled_by_open_task(frame, fact) {
            return None;
        }
        set.insert(fact.clone(), sample(frame, fact, day));
    }
    // What a task here was to find out is found out before anything is decided.
    let latest = event.needs.iter().filter_map(|fact| frame.subject.facts.get(&fact.name)).map(|known| known.at).max();
    if let Some(latest) = latest {
        day = day.max(calendar.local(latest).date());
    }
    let at = calendar.instant(day.to_datetime(EVENT_AT)).max(visit.at);
    debug_assert!(!assumed.only_told, "nothing is assumed when only what is told happens");
    Some(Act {
        at,
        subject: context.row.id,
        key: format!("event {name} {}#{}", state.name, visit.n),
        input: Input::Fire { event: name.clone(), set, override_reason: None },
        words: format!("»{}« bliver valgt i »{}«", event.title, state.title),
    })
}

fn goals(then: &Then) -> Vec<&Goal> {
    match then {
        Then::To(goal) => vec![goal],
        Then::Branches { branches, otherwise } => branches.iter().map(|(_, goal)| goal).chain([otherwise]).collect(),
    }
}

fn filled_by_open_task(frame: &Frame<'_>, fact: &FactRef) -> bool {
    frame.open().iter().flat_map(|open| &open.scope.tasks).any(|task| {
        let open = frame.subject.tasks.get(&task.name).is_some_and(|log| !log.open.is_empty());
        open && task.fills.iter().any(|fill| matches!(fill, Fill::Fact(filled) if filled == fact))
    })
}

/// A value that leads on: yes, the first choice, a good grade.
fn sample(frame: &Frame<'_>, fact: &FactRef, day: Date) -> Given {
    let facts: &[Fact] = if fact.cohort { &frame.workflow().cohort.facts } else { &frame.workflow().facts };
    let kind = facts.iter().find(|known| known.name == fact.name).map(|known| &known.kind);
    sample_of(kind, &why::anchor_words(frame.workflow(), &crate::definition::model::Anchor::Fact(fact.clone())), day)
}

/// A value of a kind, as a simulation uses it.
#[must_use]
pub fn sample_of(kind: Option<&FactKind>, title: &str, day: Date) -> Given {
    let value = match kind {
        Some(FactKind::OneOf(choices)) => Value::Choice(choices.first().map(|(key, _)| key.clone()).unwrap_or_default()),
        Some(FactKind::YesNo) | None => Value::YesNo(true),
        Some(FactKind::WholeNumber) => Value::Whole(12),
        Some(FactKind::Decimal) => Value::Decimal(540_000),
        Some(FactKind::Date) => Value::Date(day),
        Some(FactKind::Grade) => Value::Grade(4),
        Some(FactKind::Text { .. }) => {
            return Given { value: Value::Written, text: Some(format!("[{title}, eksempel]")) };
        }
    };
    Given { value, text: None }
}

impl Assumed {
    fn is_told(&self, subject: i64, test: impl Fn(&ToldWhat) -> bool) -> bool {
        self.told.iter().any(|told| told.subject == subject && test(&told.what))
    }

    fn late(&self, subject: i64, task: &Name) -> u32 {
        let late = self.told.iter().find_map(|told| match &told.what {
            ToldWhat::Late(name, workdays) if told.subject == subject && name == task => Some(*workdays),
            _ => None,
        });
        late.unwrap_or(0)
    }
}
