//! When tasks open, are due, are reminded of and are overdue.

use jiff::Timestamp;
use jiff::civil::Date;

use super::messages::{is_decided, one_shot};
use super::slots::{end, open_slots, slots_after};
use super::{Ordinal, Planned, Reach, What, Why};
use crate::calendar::{By, Direction, Moment, Shift};
use crate::definition::model::Task;
use crate::engine::frame::{Frame, Open};
use crate::engine::subject::OpenTask;

pub fn of<'a>(frame: &Frame<'a>, open: &Open<'a>, reach: Reach, out: &mut Vec<Planned<'a>>) {
    for task in &open.scope.tasks {
        opening(frame, open, task, reach, out);
        if open.ahead {
            continue;
        }
        let running = frame
            .subject
            .tasks
            .get(&task.name)
            .map_or(&[][..], |log| &log.open);
        for one in running {
            under_way(frame, open, task, one, out);
        }
    }
}

fn opening<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    task: &'a Task,
    reach: Reach,
    out: &mut Vec<Planned<'a>>,
) {
    let declaration = format!("task.{}", task.name);
    if let Some(rec) = &task.every {
        for slot in open_slots(frame, open, rec, &declaration, reach) {
            out.push(Planned {
                scope: open.name.clone(),
                visit: open.visit,
                declaration: declaration.clone(),
                ordinal: Ordinal::Slot(slot.nominal),
                at: slot.at.max(open.at),
                what: What::TaskOpens(task),
                why: Why {
                    phrase: format!("every: {}", rec.text),
                    nominal: Some(slot.nominal),
                    moved: slot.moved,
                },
                ahead: open.ahead,
            });
        }
        return;
    }
    let planned = match &task.opens {
        Some(point) => one_shot(frame, open, point, task.until.as_ref(), &declaration)
            .map(|shot| shot.planned(open, declaration, What::TaskOpens(task))),
        None => on_entering(frame, open, task, declaration),
    };
    if let Some(planned) = planned {
        if let (Some(due), true) = (due_when_opened(frame, task, open), reach != Reach::Heads) {
            out.push(due_on(frame, open, task, due, planned.at));
        }
        out.push(planned);
    }
}

fn on_entering<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    task: &'a Task,
    declaration: String,
) -> Option<Planned<'a>> {
    if !open.ahead && is_decided(frame, &open.name, &declaration, open.visit.into()) {
        return None;
    }
    Some(Planned {
        scope: open.name.clone(),
        visit: open.visit,
        declaration,
        ordinal: Ordinal::Count(open.visit.into()),
        at: open.at,
        what: What::TaskOpens(task),
        why: Why {
            phrase: "entered".into(),
            nominal: None,
            moved: None,
        },
        ahead: open.ahead,
    })
}

/// What still comes of a task that is open.
fn under_way<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    task: &'a Task,
    one: &OpenTask,
    out: &mut Vec<Planned<'a>>,
) {
    let Some(due) = task_due(frame, task, one, open) else {
        return;
    };
    out.push(due_on(frame, open, task, due, one.at));
    let calendar = frame.calendar();
    let mut push = |word: String, at: Timestamp, what, why| {
        let declaration = format!("task.{}#{}.{word}", task.name, one.no);
        if !is_decided(frame, &open.name, &declaration, 1) {
            out.push(Planned {
                scope: open.name.clone(),
                visit: open.visit,
                declaration,
                ordinal: Ordinal::Count(1),
                at: at.max(one.at),
                what,
                why,
                ahead: false,
            });
        }
    };
    for remind in &task.remind {
        let placed = calendar.place(Moment::Day(due), Some(&remind.shift), remind.at);
        let why = Why {
            phrase: remind.text.clone(),
            nominal: Some(placed.nominal),
            moved: placed.moved,
        };
        push(
            format!("remind[{}]", remind.text),
            placed.at,
            What::TaskReminder(task, one.no, remind),
            why,
        );
    }
    if task.optional {
        return;
    }
    if !one.overdue {
        let why = Why {
            phrase: format!("due: {}", due_phrase(task)),
            nominal: None,
            moved: None,
        };
        push(
            "overdue".into(),
            past_due(frame, task, due),
            What::Overdue(task, one.no),
            why,
        );
    }
    if let Some(rule) = &frame.workflow().overdue {
        let shift = Shift {
            by: By::Length(rule.after),
            direction: Direction::After,
        };
        let placed = calendar.place(Moment::Day(due), Some(&shift), None);
        let why = Why {
            phrase: format!("overdue: {} after {}", rule.after, due_phrase(task)),
            nominal: Some(placed.nominal),
            moved: placed.moved,
        };
        push(
            "overdue_mail".into(),
            placed.at,
            What::OverdueMail(task, one.no),
            why,
        );
    }
}

fn due_phrase(task: &Task) -> &str {
    task.due.as_ref().map_or("due", |point| &point.text)
}

/// A due day lasts to its end, unless the file gives a time of day.
fn past_due(frame: &Frame<'_>, task: &Task, due: Date) -> Timestamp {
    let calendar = frame.calendar();
    match task.due.as_ref().and_then(|point| point.at) {
        Some(at) => calendar.instant(due.to_datetime(at)),
        None => calendar.start_of(due.tomorrow().unwrap_or(due)),
    }
}

fn due_on<'a>(
    frame: &Frame<'a>,
    open: &Open<'a>,
    task: &'a Task,
    due: Date,
    opened: Timestamp,
) -> Planned<'a> {
    Planned {
        scope: open.name.clone(),
        visit: open.visit,
        declaration: format!("task.{}.due", task.name),
        ordinal: Ordinal::Count(0),
        at: frame.calendar().start_of(due).max(opened),
        what: What::Due(task, due),
        why: Why {
            phrase: due_phrase(task).to_owned(),
            nominal: None,
            moved: None,
        },
        ahead: open.ahead,
    }
}

fn next_workday(frame: &Frame<'_>, at: Timestamp) -> Date {
    let calendar = frame.calendar();
    calendar.workday_after(calendar.local(at).date(), 1)
}

/// The day an open task is due, in the zone of the workflow. What was past already when it opened,
/// or when a person set the date that it is measured from, is due the next workday.
#[must_use]
pub fn task_due(frame: &Frame<'_>, task: &Task, one: &OpenTask, open: &Open<'_>) -> Option<Date> {
    let calendar = frame.calendar();
    if let Some(point) = &task.due {
        let Some(day) = frame.point_day(point, open) else {
            return one.late.then(|| next_workday(frame, one.at));
        };
        let known_at = frame.anchor(&point.anchor, open)?.known_at;
        let asked = known_at.map_or(one.at, |known_at| known_at.max(one.at));
        let passed = past_due(frame, task, day) <= asked;
        return Some(if passed {
            next_workday(frame, asked)
        } else {
            day
        });
    }
    // A recurring task without a due day has until the eve of its next slot, the last one until the end.
    let (rec, slot) = (task.every.as_ref()?, one.slot?);
    let next = slots_after(frame, open, rec, Some(slot), Reach::Heads)
        .first()
        .map(|slot| slot.nominal.date());
    let last = match next {
        Some(next) => next.yesterday().ok()?,
        None => end(frame, open, rec)??,
    };
    Some(calendar.workday_on_or_before(last).max(slot.date()))
}

/// Whether a task has missed its due day, or the hour of it, already as it opens.
#[must_use]
pub fn opens_late(frame: &Frame<'_>, task: &Task, one: &OpenTask, open: &Open<'_>) -> bool {
    let due = task.due.as_ref().and_then(|due| frame.point_day(due, open));
    due.is_some_and(|due| past_due(frame, task, due) <= one.at)
}

/// The day a task would be due that has not opened yet.
pub fn due_when_opened(frame: &Frame<'_>, task: &Task, open: &Open<'_>) -> Option<Date> {
    frame.point_day(task.due.as_ref()?, open)
}

/// The due day of a task named by an anchor.
#[must_use]
pub fn task_due_by_name(frame: &Frame<'_>, cohort: bool, name: &str) -> Option<Date> {
    let workflow = frame.workflow();
    let of_hold = || {
        workflow
            .cohort
            .scope
            .tasks
            .iter()
            .find(|task| *task.name == *name)
            .map(|task| (task, None))
    };
    let of_case = || {
        workflow.states.iter().enumerate().find_map(|(at, state)| {
            let task = state.scope.tasks.iter().find(|task| *task.name == *name)?;
            Some((task, Some(crate::definition::model::StateId(at))))
        })
    };
    let (task, state) = if cohort { of_hold() } else { of_case() }?;
    let owner = if cohort { frame.hold()? } else { frame.subject };
    let open = frame.scope_of(state, cohort)?;
    let one = owner.tasks.get(name).and_then(|log| log.open.last());
    match one {
        Some(one) => task_due(frame, task, one, &open),
        None => due_when_opened(frame, task, &open),
    }
}
