//! One hold in a year: how far it has come, its phases, when it meets.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Standing, YearHold, YearMeeting, YearPhase, YearStage, YearWindow};
use crate::definition::model::{Meeting, MeetingTime, Name, Per, StateId, Task, Workflow};
use crate::engine::frame::{Frame, View, path_to};
use crate::engine::plan::{What, length_of, plan, window};
use crate::engine::subject::Subject;
use crate::runner::desk::standing::titled;

/// A hold's task whose name begins so is what makes a draft of it an adopted plan.
const ADOPTS: &str = "adopt_";
/// And one whose name begins so writes the draft.
const DRAFTS: &str = "draft_";

/// The hold, with its meetings up to the last day of a year. `None` when nothing of it has a day.
pub(super) fn hold(standing: &Standing, today: Date, until: Date) -> Option<YearHold> {
    let Standing {
        subject, version, ..
    } = standing;
    let workflow = &version.workflow;
    let view = View::of(workflow);
    let frame = Frame::new(&view, subject);
    let dates = titled(workflow, subject);
    let phases = phases(&frame);
    let days = || {
        let of_phases = phases.iter().flat_map(|phase| [phase.first, phase.last]);
        of_phases.chain(subject.dates.values().copied())
    };
    let (first, last) = (days().min()?, days().max()?);
    let stage = stage(workflow, subject, last, today);
    Some(YearHold {
        id: standing.id.clone(),
        title: standing.title.clone(),
        workflow: workflow.id.to_string(),
        workflow_title: workflow.title.clone(),
        stage,
        stage_words: stage.words(),
        first,
        last,
        places: workflow.cohort.places,
        meetings: meetings(standing, &frame, until),
        windows: windows(&frame),
        phases,
        dates,
    })
}

/// Whether something that can be done moves a hold's plan on: a task that drafts or adopts it.
pub(super) fn is_adoption(event: &str) -> bool {
    [ADOPTS, DRAFTS]
        .iter()
        .any(|begins| event.starts_with(begins))
}

/// By its dates; and before it begins, by whether the task that adopts it is done.
fn stage(workflow: &Workflow, subject: &Subject, last: Date, today: Date) -> YearStage {
    let named = |begins: &str| {
        let mut tasks = workflow.cohort.scope.tasks.iter();
        tasks.find(|task| task.name.starts_with(begins))
    };
    let is_done = |task: &Task| {
        let log = subject.tasks.get(&task.name);
        log.is_some_and(|log| log.done.is_some())
    };
    let begun = subject
        .dates
        .get("start")
        .is_none_or(|start| *start <= today);
    match (named(ADOPTS), named(DRAFTS)) {
        _ if subject.ended.is_some() => YearStage::Cancelled,
        _ if last < today => YearStage::Ended,
        _ if begun => YearStage::Running,
        (None, _) => YearStage::Planned,
        (Some(adopts), _) if is_done(adopts) => YearStage::Adopted,
        (_, Some(drafts)) if is_done(drafts) => YearStage::Proposed,
        _ => YearStage::Draft,
    }
}

/// The states whose days follow from the hold's dates; of a hold without candidates, all its days.
fn phases(frame: &Frame<'_>) -> Vec<YearPhase> {
    let workflow = frame.workflow();
    let mut phases: Vec<(Date, StateId, YearPhase)> = Vec::new();
    for (id, stretch) in frame.early() {
        let state = frame.state(*id);
        let is_phase = state.children.is_empty() && state.outcome.is_none();
        let Some(stretch) = stretch.filter(|_| is_phase) else {
            continue;
        };
        let first = frame.first_of(stretch);
        let Some(last) = frame.last_of(stretch).filter(|last| first <= *last) else {
            continue;
        };
        let phase = YearPhase {
            state: state.name.to_string(),
            title: state.title.clone(),
            first,
            last,
            holds_place: has_place(workflow, *id),
        };
        phases.push((first, *id, phase));
    }
    phases.sort_by_key(|(first, id, _)| (*first, *id));
    if workflow.states.is_empty() {
        let days = frame.subject.dates.values().copied();
        return days
            .clone()
            .min()
            .zip(days.max())
            .map(|(first, last)| YearPhase {
                state: String::new(),
                title: workflow.cohort.title.clone(),
                first,
                last,
                holds_place: false,
            })
            .into_iter()
            .collect();
    }
    phases.into_iter().map(|(.., phase)| phase).collect()
}

fn has_place(workflow: &Workflow, id: StateId) -> bool {
    path_to(workflow, id)
        .iter()
        .any(|on| workflow.states[on.0].holds_place)
}

/// Booked meetings, those on the slots of a recurrence, and of each the one that was last.
fn meetings(standing: &Standing, frame: &Frame<'_>, until: Date) -> Vec<YearMeeting> {
    let calendar = frame.calendar();
    let day_after = until.saturating_add(1.day());
    let mut found: Vec<YearMeeting> = Vec::new();
    for planned in plan(frame, calendar.start_of(day_after)) {
        if let What::Meets(meeting, Some(at)) = planned.what {
            let log = frame.subject.meetings.get(&meeting.name);
            let booking = log.and_then(|log| log.open.iter().find(|one| one.start == at));
            let ends = booking.map_or(at + length_of(meeting.lasts), |booking| booking.end);
            found.push(one(standing, meeting, (at, ends), booking.is_some()));
        }
    }
    for meeting in &frame.workflow().cohort.scope.meetings {
        let log = frame.subject.meetings.get(&meeting.name);
        if let Some(last) = log.and_then(|log| log.last.as_ref()) {
            found.push(one(standing, meeting, (last.start, last.end), true));
        }
    }
    found.sort_by(|a, b| (a.day, a.from, &a.title).cmp(&(b.day, b.from, &b.title)));
    // A slot is both planned and, once it is booked, in the book.
    found.dedup_by(|b, a| {
        let is_same = (a.day, a.from, &a.title) == (b.day, b.from, &b.title);
        a.is_booked |= is_same && b.is_booked;
        is_same
    });
    found
}

fn one(
    standing: &Standing,
    meeting: &Meeting,
    (start, end): (jiff::Timestamp, jiff::Timestamp),
    is_booked: bool,
) -> YearMeeting {
    let workflow = &standing.version.workflow;
    let (from, to) = (workflow.calendar.local(start), workflow.calendar.local(end));
    let title = |name: &Name| {
        let role = workflow.roles.iter().find(|role| role.name == *name);
        role.map_or_else(|| name.to_string(), |role| role.title.clone())
    };
    YearMeeting {
        title: meeting.title.clone(),
        day: from.date(),
        from: from.time(),
        to: to.time(),
        is_booked,
        with: meeting.with.iter().map(title).collect(),
        people: people(standing, &meeting.with),
    }
}

/// Who sits in roles of the hold or of its workflow.
pub(super) fn people(standing: &Standing, roles: &[Name]) -> BTreeSet<i64> {
    let mut people = BTreeSet::new();
    for role in &standing.version.workflow.roles {
        if roles.contains(&role.name) {
            let held = match role.per {
                Per::Candidate => None,
                Per::Cohort => standing.subject.people.get(&role.name),
                Per::Workflow => standing.workflow_people.get(&role.name),
            };
            people.extend(held.into_iter().flatten());
        }
    }
    people
}

/// Meetings that are still to be booked between two days.
fn windows(frame: &Frame<'_>) -> Vec<YearWindow> {
    let Some(open) = frame
        .scope_of(None, true)
        .filter(|_| frame.subject.ended.is_none())
    else {
        return Vec::new();
    };
    let mut windows: Vec<YearWindow> = Vec::new();
    for meeting in &open.scope.meetings {
        let is_booked = frame
            .subject
            .meetings
            .get(&meeting.name)
            .is_some_and(|log| log.booked > 0);
        let is_windowed = matches!(meeting.when, MeetingTime::Between(..));
        if is_booked || !is_windowed {
            continue;
        }
        if let Some((first, last)) = window(frame, &open, meeting).filter(|(a, b)| a <= b) {
            windows.push(YearWindow {
                title: meeting.title.clone(),
                first,
                last,
            });
        }
    }
    windows.sort_by_key(|window| window.first);
    windows
}
