//! What a subject asks people for, and when first: kept beside its row, so that what waits for people over all
//! holds is found without reading every case.

use super::frame::Frame;
use crate::definition::model::Scope;
use jiff::Timestamp;

/// When a subject first asks for something. Like the next due time it is derived at every step and never read
/// back by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// The start of the first day on which an open task is due; of one without a day, the end of time.
    pub task: Option<Timestamp>,
    /// The end of the first meeting that is booked: from then on its outcome is asked for.
    pub meeting: Option<Timestamp>,
}

impl Asks {
    /// What a subject asks for; nothing once it has ended.
    #[must_use]
    pub fn of(frame: &Frame<'_>) -> Self {
        let subject = frame.subject;
        let asks_nothing = subject.tasks.values().all(|log| log.open.is_empty())
            && subject.meetings.values().all(|log| log.open.is_empty());
        if subject.ended.is_some() || asks_nothing {
            return Self::default();
        }
        let open = frame.open();
        let due = |scope: &super::frame::Open<'_>| first_task(frame, scope);
        Self {
            task: open.iter().filter_map(due).min(),
            meeting: (open.iter())
                .filter_map(|open| first_meeting(frame, open.scope))
                .min(),
        }
    }
}

fn first_task(frame: &Frame<'_>, open: &super::frame::Open<'_>) -> Option<Timestamp> {
    let tasks = open.scope.tasks.iter();
    let due = tasks.filter_map(|task| {
        let first = frame.subject.tasks.get(&task.name)?.open.first()?;
        let day = super::plan::task_due(frame, task, first, open);
        Some(day.map_or(Timestamp::MAX, |day| frame.calendar().start_of(day)))
    });
    due.min()
}

fn first_meeting(frame: &Frame<'_>, scope: &Scope) -> Option<Timestamp> {
    let logs = scope.meetings.iter();
    let booked = logs.filter_map(|meeting| {
        let log = frame.subject.meetings.get(&meeting.name)?;
        Some(log.open.first()?.end)
    });
    booked.min()
}
