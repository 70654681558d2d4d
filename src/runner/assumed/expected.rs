//! What is expected of people at one case or hold: tasks done, meetings booked and held, and the
//! event that leads on. It depends on that case and its hold, and on nothing else.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, time};

use super::sample::sample;
use super::{Act, Assumed, ToldWhat};
use crate::definition::model::{
    Event, FactRef, Fill, Goal, Meeting, MeetingTime, Outcome, Part, Recurrence, State, Task, Then,
    Trigger,
};
use crate::engine::frame::{Frame, Open};
use crate::engine::input::{Input, TaskAct};
use crate::engine::plan::{self, Reach};
use crate::engine::subject::{Kind, OpenTask};
use crate::runner::People;
use crate::runner::context::Context;

/// When tasks are done, bookings made, and events raised on their days; local.
const TASK_AT: Time = time(10, 0, 0, 0);
const BOOK_AT: Time = time(10, 30, 0, 0);
const EVENT_AT: Time = time(11, 0, 0, 0);
const CLEAR_AT: Time = time(15, 0, 0, 0);
/// When meetings start that people book; local.
const MEET_AT: Time = time(13, 0, 0, 0);

/// Everything that is expected at a subject as it is now.
pub(super) fn acts_of(context: &Context, assumed: &Assumed) -> Vec<Act> {
    let view = context.view();
    let frame = Frame::new(&view, &context.subject);
    let mut acts = Vec::new();
    for open in frame.open() {
        let scope = open.scope;
        acts.extend(
            scope
                .tasks
                .iter()
                .filter_map(|task| task_done(context, &frame, &open, task, assumed)),
        );
        acts.extend(
            scope
                .meetings
                .iter()
                .flat_map(|meeting| meetings(context, &frame, &open, meeting, assumed)),
        );
    }
    acts.extend(event(context, &frame));
    acts
}

fn task_done(
    context: &Context,
    frame: &Frame<'_>,
    open: &Open<'_>,
    task: &Task,
    assumed: &Assumed,
) -> Option<Act> {
    if assumed.is_told(
        context.row.id,
        |told| matches!(told, ToldWhat::Never(name) if *name == task.name),
    ) {
        return None;
    }
    let one = frame.subject.tasks.get(&task.name)?.open.first()?;
    let late = assumed.late(context.row.id, &task.name);
    let day = day_done(frame, open, task, one, late);
    let time = if task.clears.is_empty() {
        TASK_AT
    } else {
        CLEAR_AT
    };
    let mut set = BTreeMap::new();
    let mut assign = People::new();
    for fill in &task.fills {
        match fill {
            Fill::Fact(fact) if frame.fact(fact).is_none() => {
                set.insert(fact.clone(), sample(frame, fact, day));
            }
            Fill::Role(role) => {
                assign.insert(role.clone(), assumed.stand_in(&frame.workflow().id, role));
            }
            Fill::Fact(_) => {}
        }
    }
    Some(Act {
        at: frame.calendar().instant(day.to_datetime(time)).max(one.at),
        subject: context.row.id,
        key: format!("task {}#{}", task.name, one.no),
        input: Input::Task {
            task: task.name.clone(),
            act: TaskAct::Done,
            set,
            assign,
        },
        words: format!(
            "»{}« bliver udført {}",
            task.title,
            on_time(late, "på fristen")
        ),
    })
}

fn day_done(frame: &Frame<'_>, open: &Open<'_>, task: &Task, one: &OpenTask, late: u32) -> Date {
    let calendar = frame.calendar();
    let due = plan::task_due(frame, task, one, open);
    let due = due.unwrap_or_else(|| calendar.workday_after(calendar.local(one.at).date(), 1));
    if late > 0 {
        calendar.workday_after(due, late)
    } else {
        due
    }
}

/// "på fristen", or how long after it.
fn on_time(late: u32, in_time: &str) -> String {
    match late {
        0 => in_time.to_owned(),
        1 => "1 hverdag efter fristen".to_owned(),
        days => format!("{days} hverdage efter fristen"),
    }
}

fn meetings(
    context: &Context,
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    assumed: &Assumed,
) -> Vec<Act> {
    let log = frame.subject.meetings.get(&meeting.name);
    let mut acts: Vec<Act> = Vec::new();
    if let Some(booking) = log.and_then(|log| log.open.first()) {
        let absent = context.subject.kind == Kind::Case
            && log.is_some_and(|log| log.no_show.is_none())
            && assumed.is_absent(context.row.id, &meeting.name);
        let (part, becomes) = if absent {
            (Part::NoShow, "kandidaten kommer ikke")
        } else {
            (Part::Held, "bliver holdt")
        };
        acts.push(Act {
            at: booking.end,
            subject: context.row.id,
            key: format!("held {}#{}", meeting.name, booking.no),
            // Who comes to a hold's meeting is seen when it is held.
            input: Input::Met {
                meeting: meeting.name.clone(),
                part,
                attendance: Vec::new(),
            },
            words: format!("»{}«: {becomes}", meeting.title),
        });
    }
    if assumed.is_told(
        context.row.id,
        |told| matches!(told, ToldWhat::Never(name) if *name == meeting.name),
    ) {
        return acts;
    }
    let wanted = match &meeting.when {
        MeetingTime::Between(..) => {
            let settled = log.is_some_and(|log| {
                !log.open.is_empty() || log.held.is_some_and(|held| held.at >= open.at)
            });
            plan::window(frame, open, meeting).filter(|_| !settled)
        }
        MeetingTime::Every(rec) if meeting.book.is_some() => next_slot(frame, open, meeting, rec),
        MeetingTime::Every(_) | MeetingTime::Free => None,
    };
    let late = assumed.late(context.row.id, &meeting.name);
    acts.extend(
        wanted
            .and_then(|(first, last)| booking(context, frame, open, meeting, (first, last), late)),
    );
    acts
}

/// The next slot that nobody has booked, up to the eve of the one after it.
fn next_slot(
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    rec: &Recurrence,
) -> Option<(Date, Date)> {
    let calendar = frame.calendar();
    let today = calendar.local(frame.subject.last_at);
    let from = calendar
        .local(open.at)
        .max(today.date().to_datetime(Time::midnight()));
    let far = calendar.instant(today) + jiff::SignedDuration::from_hours(24 * 400);
    let slots = plan::slots_between(frame, open, rec, from, Reach::Until(far));
    let free = slots
        .iter()
        .position(|slot| !plan::is_booked_for(frame, open, meeting, rec, *slot))?;
    let eve = slots
        .get(free + 1)
        .and_then(|next| next.date().yesterday().ok());
    Some((slots[free].date(), eve.unwrap_or(slots[free].date())))
}

fn booking(
    context: &Context,
    frame: &Frame<'_>,
    open: &Open<'_>,
    meeting: &Meeting,
    (first, last): (Date, Date),
    late: u32,
) -> Option<Act> {
    let calendar = frame.calendar();
    let due = meeting.book.as_ref().map_or_else(
        || calendar.workday_before(first, 1),
        |book| {
            plan::booking_due(frame, open, meeting, book)
                .unwrap_or_else(|| plan::due_day(frame, book, first))
        },
    );
    let due = if late > 0 {
        calendar.workday_after(due, late)
    } else {
        due
    };
    let at = calendar
        .instant(due.to_datetime(BOOK_AT))
        .max(open.at)
        .max(frame.subject.last_at);
    let on_day = |day: Date| -> DateTime { day.to_datetime(MEET_AT) };
    let mut start = on_day(calendar.workday_on_or_after(first));
    if calendar.instant(start) <= at {
        start = on_day(calendar.workday_after(calendar.local(at).date(), 1));
    }
    let when = start.strftime("%-d.%-m.%Y kl. %-H.%M");
    let lateness = if late > 0 {
        format!(", {}", on_time(late, ""))
    } else {
        String::new()
    };
    (start.date() <= last.max(first) || meeting.book.is_some() && first == last).then(|| Act {
        at,
        subject: context.row.id,
        key: format!("book {} {first}", meeting.name),
        input: Input::Book {
            meeting: meeting.name.clone(),
            start,
            place: None,
        },
        words: format!("»{}« bliver booket til {when}{lateness}", meeting.title),
    })
}

/// The first event listed in a state where time alone leads no further on this hold, and to no
/// success either.
pub(super) fn expected_event<'s>(frame: &Frame<'_>, state: &'s State) -> Option<&'s Event> {
    let goes_on = |goal: &&Goal| {
        let Goal::State(id) = goal else { return false };
        matches!(frame.state(*id).outcome, None | Some(Outcome::Success))
    };
    let by_time = state.then.as_ref().map(goals).unwrap_or_default();
    if by_time.iter().any(goes_on) {
        return None;
    }
    let mut events = state.scope.events.iter();
    events.find(|event| is_hopeful(frame, event))
}

/// What is raised, a day after entering. When that is something that happens to a task or meeting,
/// it comes with it, and nothing is raised.
fn event(context: &Context, frame: &Frame<'_>) -> Option<Act> {
    let id = frame.atomic()?;
    let state = frame.state(id);
    let event = expected_event(frame, state)?;
    let Trigger::Named(name) = &event.trigger else {
        return None;
    };
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
    let latest = event
        .needs
        .iter()
        .filter_map(|fact| frame.subject.facts.get(&fact.name))
        .map(|known| known.at)
        .max();
    if let Some(latest) = latest {
        day = day.max(calendar.local(latest).date());
    }
    let at = calendar.instant(day.to_datetime(EVENT_AT)).max(visit.at);
    Some(Act {
        at,
        subject: context.row.id,
        key: format!("event {name} {}#{}", state.name, visit.n),
        input: Input::Fire {
            event: name.clone(),
            set,
            override_reason: None,
            another: true,
        },
        words: format!("»{}« bliver valgt i »{}«", event.title, state.title),
    })
}

/// Whether an event leads on, and not to a dropout or back from something that went wrong.
fn is_hopeful(frame: &Frame<'_>, event: &Event) -> bool {
    let expected = match &event.trigger {
        Trigger::Named(_) => true,
        Trigger::Thing(thing) => matches!(thing.part, Part::Done | Part::Held),
    };
    let drops = |goal: &&Goal| matches!(goal, Goal::State(id) if frame.state(*id).outcome == Some(Outcome::Dropout));
    expected
        && event
            .then
            .as_ref()
            .is_some_and(|then| !goals(then).iter().any(drops))
}

fn goals(then: &Then) -> Vec<&Goal> {
    match then {
        Then::To(goal) => vec![goal],
        Then::Branches {
            branches,
            otherwise,
        } => branches
            .iter()
            .map(|(_, goal)| goal)
            .chain([otherwise])
            .collect(),
    }
}

fn filled_by_open_task(frame: &Frame<'_>, fact: &FactRef) -> bool {
    frame
        .open()
        .iter()
        .flat_map(|open| &open.scope.tasks)
        .any(|task| {
            let open = frame
                .subject
                .tasks
                .get(&task.name)
                .is_some_and(|log| !log.open.is_empty());
            open && task
                .fills
                .iter()
                .any(|fill| matches!(fill, Fill::Fact(filled) if filled == fact))
        })
}
