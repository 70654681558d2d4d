//! The days that come next for a case: the phases that time brings, and the meetings that are booked.

use crate::definition::model::{CANDIDATE, Meeting};
use crate::engine::frame::{Frame, Open, View, atomic_in};
use crate::engine::subject::{MeetingLog, Subject};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

/// So many are told.
const NEXT_MAX: usize = 2;

/// What comes next for a case, and on which day.
pub(super) fn next(view: &View<'_>, subject: &Subject, now: Timestamp) -> Json {
    if subject.ended.is_some() {
        return json!([]);
    }
    let frame = Frame::new(view, subject);
    let today = frame.calendar().local(now).date();
    let mut days = phases(&frame);
    days.extend(own_meetings(&frame, now));
    days.extend(hold_meetings(&frame, now));
    days.retain(|(day, _)| *day >= today);
    days.sort();
    days.truncate(NEXT_MAX);
    let told = days
        .into_iter()
        .map(|(day, what)| json!({"what": what, "date": day.to_string()}));
    Json::Array(told.collect())
}

/// The first days of the phases that time leads to. Where none is known to follow, the last day of the
/// last one is what is known.
fn phases(frame: &Frame<'_>) -> Vec<(Date, String)> {
    let (begins, ends) = match frame.workflow().language.as_str() {
        "en" => ("begins", "ends"),
        _ => ("begynder", "slutter"),
    };
    let comes = |open: &Open<'_>| {
        let id = open.state?;
        let state = frame.state(id);
        let is_phase = state.children.is_empty() && state.outcome.is_none();
        let day = frame.calendar().workday_on_or_after(open.day?);
        is_phase.then_some((day, id))
    };
    let coming: Vec<_> = frame.expected().iter().filter_map(comes).collect();
    let end = match coming.last() {
        Some((_, id)) => frame.last_day(*id).map(|day| (day, *id)),
        None => {
            let mut path = frame.path().into_iter().rev();
            path.find_map(|id| Some((frame.last_day(id)?, id)))
        }
    };
    let first_days = coming.iter().map(|(day, id)| (*day, *id, begins));
    first_days
        .chain(end.map(|(day, id)| (day, id, ends)))
        .map(|(day, id, word)| (day, format!("{} {word}", frame.state(id).title)))
        .collect()
}

fn own_meetings(frame: &Frame<'_>, now: Timestamp) -> Vec<(Date, String)> {
    let states = frame.workflow().states.iter();
    let all = states.flat_map(|state| &state.scope.meetings);
    let booked =
        all.filter_map(|meeting| Some((meeting, frame.subject.meetings.get(&meeting.name)?)));
    booked
        .flat_map(|(meeting, log)| days_of(frame, meeting, log, now))
        .collect()
}

/// The hold's meetings that candidates in this state take part in.
fn hold_meetings(frame: &Frame<'_>, now: Timestamp) -> Vec<(Date, String)> {
    let workflow = frame.workflow();
    let (Some(hold), Some(state)) = (frame.hold(), &frame.subject.state) else {
        return Vec::new();
    };
    let all = workflow.cohort.scope.meetings.iter();
    let booked = all.filter_map(|meeting| Some((meeting, hold.meetings.get(&meeting.name)?)));
    let takes_part = |meeting: &Meeting| {
        meeting.with.iter().any(|role| **role == *CANDIDATE)
            && atomic_in(workflow, &meeting.about).contains(state)
    };
    booked
        .filter(|(meeting, log)| !log.open.is_empty() && takes_part(meeting))
        .flat_map(|(meeting, log)| days_of(frame, meeting, log, now))
        .collect()
}

fn days_of<'f>(
    frame: &'f Frame<'_>,
    meeting: &'f Meeting,
    log: &'f MeetingLog,
    now: Timestamp,
) -> impl Iterator<Item = (Date, String)> + 'f {
    let ahead = log.open.iter().filter(move |booking| booking.start > now);
    ahead.map(|booking| {
        let day = frame.calendar().local(booking.start).date();
        (day, meeting.title.clone())
    })
}
