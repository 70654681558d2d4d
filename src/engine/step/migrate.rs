//! Moving a subject to another version of its workflow: its history stands, and what is planned is planned anew.
//!
//! Only the move itself, when nothing is due by the old version: what the new one makes due is found by the next step,
//! as for everybody else. What is new to the subject says nothing of the time before (ENGINE §1).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::declared::Declared;
use super::hindrance::Hindrance;
use super::{Run, Step};
use crate::definition::model::{Meeting, Name, Scope, StateId, Task, Workflow};
use crate::definition::value::{FactKind, Value};
use crate::engine::event::{Entry, Event, Fate, Migrated};
use crate::engine::frame::{Frame, View, initial, path_to};
use crate::engine::plan::{self, Planned, Reach, What};
use crate::engine::renamed::Renamed;
use crate::engine::subject::{Kind, Subject};

/// At most so much that is new is passed over, so that a mistake ends.
const PASSED_OVER_MAX: usize = 4096;

/// What a subject is moved to, beside the version itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// What is called otherwise.
    pub renamed: Renamed,
    /// Where those go whose state is gone, or who are to go elsewhere.
    pub states: BTreeMap<Name, Name>,
    /// Days of dates that the hold has not had.
    pub dates: BTreeMap<Name, Date>,
}

/// Moves a subject from one version to another. Both views are of the same surroundings.
pub fn migrate(
    old: &View<'_>,
    new: &View<'_>,
    subject: &Subject,
    turn: &Turn,
    now: Timestamp,
) -> Result<Step, Hindrance> {
    let now = now.max(subject.last_at);
    if plan::first(&Frame::new(old, subject)).is_some_and(|due| due.at <= now) {
        return Err(Hindrance::Due);
    }
    kinds_fit(new.workflow, subject, turn)?;
    names_are_free(subject, &turn.renamed)?;
    let mut before = Run::new(old, subject.clone(), now);
    before.at = now;
    let goal = match subject.kind {
        Kind::Case => goal(old.workflow, new.workflow, subject, turn)?,
        Kind::Cohort | Kind::Workflow => None,
    };
    before.close_what_is_gone(new.workflow, turn, goal);
    let mut run = Run::new(new, Subject::clone(&before.subject), now);
    run.at = now;
    run.events = before.events;
    run.effects = before.effects;
    run.places = before.places;
    run.turn(old, turn, goal)?;
    run.pass_over_what_is_new(old.workflow, &turn.renamed);
    super::ending::can_end(new, &run.subject)?;
    Ok(run.finish())
}

/// Takes a move back: the subject is what it was before, whatever of it nobody has heard of yet. Whether anybody has is
/// the asker's to know. The views are those of the version it is on, and of the one it goes back to.
#[must_use]
pub fn unmigrate(
    on: &View<'_>,
    back: &View<'_>,
    subject: &Subject,
    before: Subject,
    now: Timestamp,
) -> Step {
    let holds_place = |view: &View<'_>, subject: &Subject| {
        let path = Frame::new(view, subject).path();
        subject.is_open_case() && (path.iter()).any(|id| view.workflow.states[id.0].holds_place)
    };
    let (held, holds) = (holds_place(on, subject), holds_place(back, &before));
    let mut run = Run::new(back, subject.clone(), now);
    run.at = now.max(subject.last_at);
    let before = Box::new(before);
    run.happen(Event::Unmigrated { before });
    run.change_places(held, holds);
    run.finish()
}

/// What is recorded must be a value of what its fact is now.
fn kinds_fit(new: &Workflow, subject: &Subject, turn: &Turn) -> Result<(), Hindrance> {
    let facts = match subject.kind {
        Kind::Case => &new.facts,
        Kind::Cohort | Kind::Workflow => &new.cohort.facts,
    };
    let names = &turn.renamed.own(subject.kind).facts;
    for (name, recorded) in &subject.facts {
        let name = names.get(name).unwrap_or(name);
        let declared = facts.iter().find(|fact| fact.name == *name);
        if declared.is_some_and(|fact| !is_of_kind(&fact.kind, &recorded.value)) {
            let fact = name.to_string();
            return Err(Hindrance::OtherKind { fact });
        }
    }
    if subject.kind == Kind::Cohort {
        let has = |name: &Name| subject.dates.contains_key(name) || turn.dates.contains_key(name);
        let missing = new.cohort.dates.iter().find(|date| !has(&date.name));
        if let Some(missing) = missing {
            let date = missing.name.to_string();
            return Err(Hindrance::NoDate { date });
        }
    }
    Ok(())
}

fn is_of_kind(kind: &FactKind, value: &Value) -> bool {
    match (kind, value) {
        (FactKind::OneOf(choices), Value::Choice(key)) => {
            choices.iter().any(|(choice, _)| choice == key)
        }
        (FactKind::YesNo, Value::YesNo(_))
        | (FactKind::WholeNumber, Value::Whole(_))
        | (FactKind::Decimal, Value::Decimal(_))
        | (FactKind::Date, Value::Date(_))
        | (FactKind::Grade, Value::Grade(_))
        | (FactKind::Text { .. }, Value::Written) => true,
        _ => false,
    }
}

/// A new name must not be one that the subject's history has for something else.
fn names_are_free(subject: &Subject, renamed: &Renamed) -> Result<(), Hindrance> {
    let own = renamed.own(subject.kind);
    let taken = |names: &BTreeMap<Name, Name>, has: &dyn Fn(&Name) -> bool| {
        let mut names = names.iter();
        let found = names.find(|(old, new)| has(old) && has(new))?;
        Some(found.1.to_string())
    };
    let found = taken(&renamed.states, &|name| subject.visits.contains_key(name))
        .or_else(|| taken(&own.facts, &|name| subject.facts.contains_key(name)))
        .or_else(|| taken(&own.tasks, &|name| subject.tasks.contains_key(name)))
        .or_else(|| taken(&own.meetings, &|name| subject.meetings.contains_key(name)));
    if let Some(name) = found {
        return Err(Hindrance::NameTaken { name });
    }
    // An invitation that is changed must be the one that was sent.
    let is_booked = |name: &&Name| {
        let log = subject.meetings.get(*name);
        log.is_some_and(|log| !log.open.is_empty())
    };
    match own.meetings.keys().find(is_booked) {
        Some(meeting) => Err(Hindrance::Booked {
            meeting: meeting.to_string(),
        }),
        None => Ok(()),
    }
}

/// Where a case goes: the state itself where it stays, else another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Where {
    /// In the new version; atomic.
    id: StateId,
    /// It stays where it is, whatever that is called.
    stays: bool,
}

fn goal(
    old: &Workflow,
    new: &Workflow,
    subject: &Subject,
    turn: &Turn,
) -> Result<Option<Where>, Hindrance> {
    let Some(state) = &subject.state else {
        return Ok(None);
    };
    let known = |name: &Name| new.state_ids.get(name).copied();
    if subject.ended.is_some() {
        // It is over, and stands where it stood; there may be no such place any more.
        let id = known(turn.renamed.state(state));
        return Ok(id.map(|id| Where { id, stays: true }));
    }
    // An outer state's cases go where the nearest that is spoken of says.
    let path = old.state_ids.get(state).map(|id| path_to(old, *id));
    let path = path.unwrap_or_default();
    let mut named = path.iter().rev().map(|id| &old.states[id.0].name);
    let given = named.find_map(|name| turn.states.get(name));
    let (id, stays) = match given {
        Some(goal) => {
            let id = known(goal).ok_or_else(|| no_state(goal))?;
            (id, goal == turn.renamed.state(state))
        }
        None => {
            let id = known(turn.renamed.state(state));
            let gone = || Hindrance::StateGone {
                state: state.to_string(),
            };
            (id.ok_or_else(gone)?, true)
        }
    };
    let id = initial(new, id);
    if new.states[id.0].outcome.is_some() {
        return Err(no_state(&new.states[id.0].name));
    }
    Ok(Some(Where { id, stays }))
}

fn no_state(name: &Name) -> Hindrance {
    Hindrance::NoState {
        state: name.to_string(),
    }
}

impl Run<'_> {
    /// Tasks are withdrawn, and meetings called off, that are declared nowhere any more where the subject will be.
    fn close_what_is_gone(&mut self, new: &Workflow, turn: &Turn, goal: Option<Where>) {
        let before = self.subject.clone();
        let frame = Frame::new(self.view, &before);
        let names = turn.renamed.own(before.kind).clone();
        let scopes: Vec<&Scope> = match (before.kind, goal) {
            (Kind::Case, Some(goal)) if before.ended.is_none() => path_to(new, goal.id)
                .iter()
                .map(|id| &new.states[id.0].scope)
                .collect(),
            (Kind::Case, _) => return,
            (Kind::Cohort, _) => vec![&new.cohort.scope],
            (Kind::Workflow, _) => vec![&new.scope],
        };
        let task_stays = |task: &Task| {
            let name = names.tasks.get(&task.name).unwrap_or(&task.name);
            scopes
                .iter()
                .any(|scope| scope.tasks.iter().any(|task| task.name == *name))
        };
        let meeting_stays = |meeting: &Meeting| {
            let name = names.meetings.get(&meeting.name).unwrap_or(&meeting.name);
            let mut all = scopes.iter().flat_map(|scope| &scope.meetings);
            all.any(|meeting| meeting.name == *name)
        };
        for open in frame.open() {
            let tasks = open.scope.tasks.iter().filter(|task| !task_stays(task));
            let meetings = open.scope.meetings.iter();
            let meetings = meetings.filter(|meeting| !meeting_stays(meeting));
            let gone = Scope {
                tasks: tasks.cloned().collect(),
                meetings: meetings.cloned().collect(),
                ..Scope::default()
            };
            self.withdraw_tasks(&frame, &gone);
            self.call_off(&frame, &gone);
        }
    }

    /// The move itself, with the states that are left and entered by it.
    fn turn(&mut self, old: &View<'_>, turn: &Turn, goal: Option<Where>) -> Result<(), Hindrance> {
        let workflow = self.view.workflow;
        let before = self.subject.clone();
        let held = Frame::new(old, &before).path();
        let held = held.iter().any(|id| old.workflow.states[id.0].holds_place);
        let is_open = before.is_open_case();
        let (mut left, mut entered, mut to) = (Vec::new(), Vec::new(), None);
        if let (Some(goal), true) = (goal, is_open) {
            let path = path_to(workflow, goal.id);
            let stays = self.staying(&path, turn, goal);
            let day = self.day_of_stay(goal);
            left = self.leaving(&stays, turn);
            entered = self.entering(&path, &stays, turn, day);
            to = Some(workflow.states[goal.id.0].name.clone());
        }
        let id_of = |name: &Name| workflow.state_ids.get(name).copied();
        let (gone, come): (Vec<StateId>, Vec<StateId>) = (
            left.iter().filter_map(|(name, _)| id_of(name)).collect(),
            entered
                .iter()
                .filter_map(|entry| id_of(&entry.state))
                .collect(),
        );
        let mut called = before.called.clone();
        called.then(&turn.renamed);
        called.forget_what_is_there(workflow);
        let migrated = Migrated {
            renamed: turn.renamed.clone(),
            called,
            left,
            entered,
            to,
            dates: match before.kind {
                Kind::Cohort => turn.dates.clone(),
                Kind::Case | Kind::Workflow => BTreeMap::new(),
            },
        };
        self.happen(Event::Migrated(Box::new(migrated)));
        let after = self.subject.clone();
        let path = Frame::new(self.view, &after).path();
        let holds = path.iter().any(|id| workflow.states[id.0].holds_place);
        if is_open && holds && !held && self.free_places().is_some_and(|free| free < 1) {
            let places = workflow.cohort.places.unwrap_or_default();
            return Err(Hindrance::HoldFull { places });
        }
        if is_open {
            self.change_places(held, holds);
            self.tell_hold(&gone, &come);
        }
        Ok(())
    }

    /// The states of the path that the case is in already, by their new names.
    fn staying(&self, path: &[StateId], turn: &Turn, goal: Where) -> Vec<Name> {
        let is_open = |name: &&Name| {
            let mut visits = self.subject.visits.iter();
            visits.any(|(old, visit)| turn.renamed.state(old) == *name && visit.left.is_none())
        };
        let names = path.iter().map(|id| &self.view.workflow.states[id.0].name);
        // Who goes elsewhere enters what it goes to, as by any other way.
        let atomic = &self.view.workflow.states[goal.id.0].name;
        let stays = names.filter(|name| goal.stays || *name != atomic);
        stays.filter(is_open).cloned().collect()
    }

    /// From which day counts what is around or inside of what the case stays in; else today.
    fn day_of_stay(&self, goal: Where) -> Date {
        let state = self.subject.state.as_ref().filter(|_| goal.stays);
        let visit = state.and_then(|state| self.subject.visits.get(state));
        visit.map_or_else(|| self.today(), |visit| visit.day)
    }

    /// What the case is in and will not be, by its new name, innermost first.
    fn leaving(&self, stays: &[Name], turn: &Turn) -> Vec<(Name, Date)> {
        let calendar = &self.view.workflow.calendar;
        let last = calendar.workday_on_or_before(self.today());
        let mut open: Vec<(&Name, Timestamp)> = (self.subject.visits.iter())
            .filter(|(_, visit)| visit.left.is_none())
            .map(|(name, visit)| (turn.renamed.state(name), visit.at))
            .collect();
        open.sort_by_key(|(name, at)| (std::cmp::Reverse(*at), (*name).clone()));
        let open = open.into_iter();
        let left = open.filter(|(name, _)| !stays.contains(name));
        left.map(|(name, _)| (name.clone(), last)).collect()
    }

    fn entering(&self, path: &[StateId], stays: &[Name], turn: &Turn, day: Date) -> Vec<Entry> {
        let states = &self.view.workflow.states;
        let names = path.iter().map(|id| &states[id.0].name);
        let entered = names.filter(|name| !stays.contains(name));
        let visits = |name: &Name| {
            let mut visits = self.subject.visits.iter();
            let found = visits.find(|(old, _)| turn.renamed.state(old) == name);
            found.map_or(0, |(_, visit)| visit.n)
        };
        entered
            .map(|name| Entry {
                state: name.clone(),
                n: visits(name) + 1,
                day,
                by_time: false,
            })
            .collect()
    }

    /// What the subject's version did not have says nothing of the time before.
    fn pass_over_what_is_new(&mut self, old: &Workflow, renamed: &Renamed) {
        for thing in plan::hold_triggers(self.view.workflow) {
            let was_heard = plan::hold_triggers(old).any(|other| {
                let called = renamed.hold.tasks.get(&other.name);
                let called = called.or(renamed.hold.meetings.get(&other.name));
                called.unwrap_or(&other.name) == &thing.name && other.part == thing.part
            });
            let before = self.subject.clone();
            let frame = Frame::new(self.view, &before);
            if let Some(happened) = frame
                .happened_to_all(thing)
                .filter(|_| !was_heard && before.is_open_case())
            {
                self.take_note(thing, happened.count, happened.at);
            }
        }
        let declared = Declared::of(old, renamed);
        for _ in 0..PASSED_OVER_MAX {
            let before = self.subject.clone();
            let frame = Frame::new(self.view, &before);
            let due = plan::heads(&frame).into_iter();
            let is_new = |due: &Planned<'_>| due.at <= self.now && declared.is_new(due);
            let Some(due) = due.filter(|due| is_new(due)).last() else {
                return;
            };
            let newest = match due.what {
                What::Message(_) => plan::slots_of(&frame, &due, Reach::Through(self.now)).pop(),
                _ => None,
            };
            let due = newest
                .filter(|newest| newest.ordinal > due.ordinal)
                .unwrap_or(due);
            self.decided(&due, due.mark(), Fate::New);
        }
    }
}
