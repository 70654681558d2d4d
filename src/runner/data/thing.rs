//! The task, meeting or booking that mail of a fixed name is about.

use super::{Known, role_title};
use crate::definition::model::{Meeting, Name};
use crate::engine::effect::{About, Intent};
use crate::engine::frame::{Frame, Open, View};
use crate::engine::plan;
use crate::engine::subject::{Kind, Subject};
use crate::runner::context::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

/// The task, meeting or booking that mail of a fixed name is about.
pub(in crate::runner) fn thing(
    context: &Context,
    subject: &Subject,
    view: &View<'_>,
    intent: &Intent,
    known: &Known<'_>,
) -> Map<String, Json> {
    let frame = Frame::new(view, subject);
    let mut data = Map::new();
    match &intent.about {
        About::Message | About::Reply | About::LateLot { .. } => {}
        About::Meeting { no, .. } => {
            data.insert(
                "meeting".into(),
                meeting(context, &frame, intent, *no, known),
            );
        }
        About::Booking => data.extend(booking(&frame, intent)),
        About::Overdue { no: 0 } => {
            let booked = booking(&frame, intent);
            data.insert(
                "task".into(),
                booked.get("task").cloned().unwrap_or(Json::Null),
            );
        }
        About::Task { no } | About::Overdue { no } => {
            data.insert("task".into(), task(&frame, &intent.name, *no));
        }
    }
    data
}

fn meeting(
    context: &Context,
    frame: &Frame<'_>,
    intent: &Intent,
    no: u32,
    known: &Known<'_>,
) -> Json {
    let Some(defined) = meeting_named(frame, &intent.name) else {
        return Json::Null;
    };
    let log = frame.subject.meetings.get(&intent.name);
    let booking = log.and_then(|log| {
        log.open
            .iter()
            .chain(&log.last)
            .chain(&intent.called_off)
            .find(|booking| booking.no == no)
    });
    let local = |at: Timestamp| {
        frame
            .calendar()
            .local(at)
            .strftime("%Y-%m-%dT%H:%M")
            .to_string()
    };
    // Who else is invited to a hold's meeting is nobody else's business; a case's meeting is small.
    let with: Vec<String> = match frame.subject.kind {
        Kind::Case => defined
            .with
            .iter()
            .flat_map(|role| names_of(context, frame.subject, role, known))
            .collect(),
        Kind::Cohort | Kind::Workflow => Vec::new(),
    };
    json!({
        "title": defined.title,
        "start": booking.map(|booking| local(booking.start)),
        "end": booking.map(|booking| local(booking.end)),
        "minutes": plan::length_of(defined.lasts).as_mins(),
        "place": booking.and_then(|booking| booking.place.clone()),
        "participants": with,
    })
}

fn names_of(context: &Context, subject: &Subject, role: &Name, known: &Known<'_>) -> Vec<String> {
    let ids = if **role == *crate::definition::model::CANDIDATE {
        context.row.person_id.into_iter().collect()
    } else {
        let own = subject.people.get(role);
        let hold = || context.cohort_people().and_then(|people| people.get(role));
        own.or_else(hold)
            .or_else(|| context.workflow_people.get(role))
            .cloned()
            .unwrap_or_default()
    };
    ids.iter()
        .filter_map(|id| known.people.get(id))
        .map(|person| person.name.clone())
        .collect()
}

/// A meeting of the subject, by name.
pub(in crate::runner) fn meeting_named<'a>(frame: &Frame<'a>, name: &str) -> Option<&'a Meeting> {
    let workflow = frame.workflow();
    match frame.subject.kind {
        Kind::Cohort => workflow
            .cohort
            .scope
            .meetings
            .iter()
            .find(|meeting| *meeting.name == *name),
        Kind::Case => workflow
            .states
            .iter()
            .flat_map(|state| &state.scope.meetings)
            .find(|meeting| *meeting.name == *name),
        Kind::Workflow => None,
    }
}

fn open_with<'a>(frame: &Frame<'a>, name: &str) -> Option<Open<'a>> {
    frame.open().into_iter().find(|open| {
        let scope = open.scope;
        scope.meetings.iter().any(|meeting| *meeting.name == *name)
            || scope.tasks.iter().any(|task| *task.name == *name)
    })
}

fn booking(frame: &Frame<'_>, intent: &Intent) -> Map<String, Json> {
    let mut data = Map::new();
    let (Some(meeting), Some(open)) = (
        meeting_named(frame, &intent.name),
        open_with(frame, &intent.name),
    ) else {
        return data;
    };
    // A recurring meeting is booked on or after its slot, whose nominal day ends the occurrence's name.
    // The deadline counts from that day; people are told the workday on which it can be.
    let slot = || -> Option<Date> {
        let day = intent.occurrence.rsplit('.').next()?.get(..10)?;
        day.parse().ok()
    };
    let window = plan::window(frame, &open, meeting);
    let first = window.map(|(first, _)| first).or_else(slot);
    // A window is booked by the day it is to be booked by now; a latecomer's is not last month's.
    let due = meeting.book.as_ref().and_then(|book| {
        plan::booking_due(frame, &open, meeting, book)
            .or_else(|| Some(plan::due_day(frame, book, first?)))
    });
    let due = due.map(|due| due.to_string());
    let workday = first.map(|day| frame.calendar().workday_on_or_after(day));
    let window = window.or_else(|| workday.map(|day| (day, day)));
    let roles: Vec<String> = meeting
        .book
        .iter()
        .flat_map(|book| &book.by)
        .map(|role| role_title(frame.workflow(), role))
        .collect();
    data.insert(
        "meeting".into(),
        json!({"title": meeting.title, "minutes": plan::length_of(meeting.lasts).as_mins()}),
    );
    data.insert(
        "window".into(),
        json!(
            window
                .map(|(first, last)| json!({"first": first.to_string(), "last": last.to_string()}))
        ),
    );
    data.insert(
        "task".into(),
        json!({"title": format!("Book: {}", meeting.title), "due": due, "by": roles}),
    );
    data
}

fn task(frame: &Frame<'_>, name: &str, no: u32) -> Json {
    let Some(open) = open_with(frame, name) else {
        return Json::Null;
    };
    let scope = open.scope;
    let Some(defined) = scope.tasks.iter().find(|task| *task.name == *name) else {
        return Json::Null;
    };
    let one = frame
        .subject
        .tasks
        .get(name)
        .and_then(|log| log.open.iter().find(|one| one.no == no));
    let due = one
        .and_then(|one| plan::task_due(frame, defined, one, &open))
        .map(|due| due.to_string());
    let roles: Vec<String> = defined
        .by
        .iter()
        .map(|role| role_title(frame.workflow(), role))
        .collect();
    json!({"title": defined.title, "due": due, "by": roles})
}
