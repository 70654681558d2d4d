//! Reminders: shifts from what they stand under.

use jiff::civil::Date;

use super::{IMAGINED_AT, Teller, moved};
use crate::calendar::Moment;
use crate::definition::model::{Meeting, MeetingTime, Point, Remind, Scope, Task};
use crate::engine::plan::{due_day, length_of};
use crate::lsp::sample::words;

impl<'t> Teller<'t> {
    /// `remind` of a task or meeting, and `book.due`.
    pub(super) fn remind(&self, remind: &Remind) -> Vec<String> {
        let shift = Some(&remind.shift);
        match self.standing.thing() {
            Some(("tasks", name)) => {
                let due = self
                    .scopes()
                    .find_map(|scope| task(scope, name)?.due.as_ref());
                let (day, of) = self.due(due);
                let mut lines = self.acts(Moment::Day(day), shift, remind.at);
                lines.push(format!("Of the due day, {}{of}", words(day)));
                lines
            }
            Some((_, name)) => {
                let meeting = self.scopes().find_map(|scope| meeting(scope, name));
                meeting.map_or_else(Vec::new, |meeting| self.of_meeting(meeting, remind))
            }
            None => Vec::new(),
        }
    }

    fn due(&self, due: Option<&Point>) -> (Date, String) {
        let Some(point) = due else {
            return (self.sample.day(), " (imagined)".to_owned());
        };
        let anchored = self.anchored(&point.anchor);
        let placed = self
            .calendar()
            .place_day(anchored.moment, point.shift.as_ref());
        let of = anchored
            .imagined
            .map_or(String::new(), |imagined| format!(". {imagined}"));
        (placed.day, of)
    }

    /// `book.due` is of the first day of the window, `book.remind` of that due day, and `remind` of
    /// the meeting itself.
    fn of_meeting(&self, meeting: &Meeting, remind: &Remind) -> Vec<String> {
        let first = self.first_day_of(meeting);
        let shift = Some(&remind.shift);
        let in_book = self.standing.path.contains(&"book");
        match (&meeting.book, in_book) {
            (Some(book), true) if self.standing.key() == "due" => {
                let due = due_day(self.frame, book, first);
                let placed = self.calendar().place_day(Moment::Day(first), shift);
                let mut lines = vec![format!("**{}**", words(due))];
                lines.extend(placed.moved.map(moved));
                lines.push(format!("Of the first day it can be held, {}", words(first)));
                lines
            }
            (Some(book), true) => {
                let due = due_day(self.frame, book, first);
                let mut lines = self.acts(Moment::Day(due), shift, remind.at);
                lines.push(format!("Of the day it must be booked by, {}", words(due)));
                lines
            }
            _ => {
                let start = self.calendar().instant(first.to_datetime(IMAGINED_AT));
                let end = start + length_of(meeting.lasts);
                let mut lines = self.acts(Moment::Span { start, end }, shift, remind.at);
                lines.push(format!("For a meeting on {} at 10:00", words(first)));
                lines
            }
        }
    }

    /// The first day on which a meeting can be held.
    fn first_day_of(&self, meeting: &Meeting) -> Date {
        match &meeting.when {
            MeetingTime::Between(from, _) => self.due(Some(from)).0,
            MeetingTime::Every(recurrence) => {
                let origin = self.origin(recurrence);
                let slot = self
                    .calendar()
                    .slots(&recurrence.period, origin, None)
                    .next();
                slot.map_or(origin, |slot| self.calendar().local(slot.at).date())
            }
            MeetingTime::Free => self.calendar().workday_on_or_after(self.sample.day()),
        }
    }

    /// The scopes of the side that the phrase stands on.
    fn scopes(&self) -> impl Iterator<Item = &'t Scope> {
        let hold = self
            .standing
            .in_hold()
            .then_some(&self.workflow.cohort.scope);
        let states = self.workflow.states.iter().filter(move |_| hold.is_none());
        hold.into_iter().chain(states.map(|state| &state.scope))
    }
}

fn task<'s>(scope: &'s Scope, name: &str) -> Option<&'s Task> {
    scope.tasks.iter().find(|task| &*task.name == name)
}

fn meeting<'s>(scope: &'s Scope, name: &str) -> Option<&'s Meeting> {
    scope.meetings.iter().find(|meeting| &*meeting.name == name)
}
