//! When a cast's hold is created and its candidates come: early enough for all that is planned.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Cast;
use crate::calendar::Direction;
use crate::definition::model::{Anchor, MeetingTime, Point, Scope};

impl Cast {
    /// When the hold is created: a week before the plan first asks something of anyone, and at
    /// least three weeks before it starts; at the opening of the send hours.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.begins_at
            .unwrap_or_else(|| self.opening(self.earliest(|_| true), 7, 21))
    }

    /// When the candidates come: a week before the first thing that concerns them, and at least four weeks before the start.
    #[must_use]
    pub fn arrive(&self) -> Timestamp {
        if let Some(begins) = self.begins_at {
            return begins;
        }
        self.opening(self.earliest(|of_hold| !of_hold), 7, 28)
            .max(self.begins())
    }

    fn opening(&self, earliest: Option<Date>, days: i64, least: i64) -> Timestamp {
        let calendar = &self.workflow.calendar;
        let start = self
            .dates
            .get("start")
            .copied()
            .unwrap_or(Date::constant(2026, 2, 2));
        let latest = start.saturating_sub(least.days());
        let day = earliest.map_or(latest, |earliest| {
            earliest.saturating_sub(days.days()).min(latest)
        });
        calendar.instant(
            calendar
                .workday_on_or_before(day)
                .to_datetime(calendar.hours().from),
        )
    }

    /// The earliest day that a point measured from the hold's dates names.
    fn earliest(&self, wanted: impl Fn(bool) -> bool) -> Option<Date> {
        let calendar = &self.workflow.calendar;
        let day = |point: &Point| match &point.anchor {
            Anchor::HoldDate(name) => {
                let date = self.dates.get(name)?;
                let shift = point
                    .shift
                    .as_ref()
                    .filter(|shift| shift.direction == Direction::Before)?;
                Some(calendar.shift_day(*date, Some(shift)))
            }
            _ => None,
        };
        let states = self
            .workflow
            .states
            .iter()
            .map(|state| (&state.scope, false));
        let scopes = states.chain([(&self.workflow.cohort.scope, true)]);
        let windows = |scope: &Scope| -> Vec<Date> {
            let windows = scope
                .meetings
                .iter()
                .filter_map(|meeting| match &meeting.when {
                    MeetingTime::Between(from, _) => day(from),
                    MeetingTime::Every(_) | MeetingTime::Free => None,
                });
            windows.collect()
        };
        let dues = |scope: &Scope| -> Vec<Date> {
            scope
                .tasks
                .iter()
                .filter_map(|task| day(task.due.as_ref()?))
                .collect()
        };
        scopes
            .flat_map(|(scope, of_hold)| {
                // A hold's meeting is about candidates, so they must be there before it.
                let mut days = windows(scope);
                if wanted(of_hold) {
                    days.extend(dues(scope));
                }
                days
            })
            .min()
    }
}
