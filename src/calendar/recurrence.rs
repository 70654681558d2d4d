//! Recurrences: the slots of a period, numbered from its origin and reached by arithmetic.
//!
//! Intervals (`2 weeks`, `month`, `3 years`) first fall one period after the origin; weekday forms
//! (`friday`, `workday`, `2 weeks on friday`, `first workday of the month`) on or after it. Every
//! slot is counted from the origin, never from the slot before it: a moved slot shifts no other,
//! and 31 January gives 28 February and then 31 March.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, Weekday},
};

use super::{
    Calendar, Each, MonthDay, Moved, Period, Which,
    length::{plus_days, plus_months},
};

/// One slot of a recurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Local date and time as counted. It names the occurrence, wherever the slot is moved.
    pub nominal: DateTime,
    /// When it acts: on a workday, inside the hours; moved forward if need be.
    pub at: Timestamp,
    /// The move, if there was one, with its reason.
    pub moved: Option<Moved>,
}

/// The slots of a recurrence in order; it ends only where the calendar does.
#[derive(Clone, Debug)]
pub struct Slots<'c> {
    calendar: &'c Calendar,
    rule: Rule,
    time: Time,
    after: Option<DateTime>,
    next: i64,
}

/// A period bound to its origin: a day for every number.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// Number `n` falls `n × step_days` after the base.
    Days {
        base: Date,
        step_days: i64,
        first: i64,
    },
    /// Number `n` falls `n × step` months after the origin.
    Months { origin: Date, step: i64 },
    /// Number `n` is the `n`th day after the origin, where that is a workday.
    Workday { origin: Date },
    /// Number `n` falls in the `n`th month after the origin's own.
    OfMonth {
        origin: Date,
        which: Which,
        day: MonthDay,
    },
}

impl Calendar {
    /// The slots of a period from its origin: only those whose nominal time is later than `after`,
    /// reached by arithmetic, so that a recurrence of many years costs no more than a new one.
    ///
    /// ```
    /// # use tovholder::calendar::{Calendar, Holidays, parse_period};
    /// # let hours = "08:00-16:00".parse()?;
    /// # let calendar = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours)?;
    /// use jiff::civil::date;
    /// let period = parse_period("friday at 12:00")?;
    /// // Good Friday 2027 is closed: that status mail leaves on the Tuesday after Easter.
    /// let slot = calendar.slots(&period, date(2027, 3, 22), None).next().unwrap();
    /// assert_eq!(slot.nominal, date(2027, 3, 26).at(12, 0, 0, 0));
    /// assert_eq!(calendar.local(slot.at), date(2027, 3, 30).at(12, 0, 0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn slots(&self, period: &Period, origin: Date, after: Option<DateTime>) -> Slots<'_> {
        let rule = Rule::of(period.each, origin);
        let next = rule.number_near(after.map(DateTime::date));
        Slots {
            calendar: self,
            rule,
            time: period.at.unwrap_or(self.hours.from),
            after,
            next,
        }
    }
}

impl Iterator for Slots<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        loop {
            let candidate = self.rule.day(self.next, self.calendar)?;
            self.next += 1;
            let Some(day) = candidate else { continue };
            let nominal = day.to_datetime(self.time);
            if self.after.is_none_or(|after| nominal > after) {
                let placed = self.calendar.settle_forward(nominal);
                return Some(Slot {
                    nominal,
                    at: placed.at,
                    moved: placed.moved,
                });
            }
        }
    }
}

impl Rule {
    fn of(each: Each, origin: Date) -> Self {
        let on = |weekday: Weekday, weeks: u32| {
            let base = plus_days(origin, i64::from(origin.weekday().until(weekday)));
            Self::Days {
                base: base.unwrap_or(Date::MAX),
                step_days: 7 * step(weeks),
                first: 0,
            }
        };
        match each {
            Each::Weekday(weekday) => on(weekday, 1),
            Each::Weeks {
                count,
                on: Some(weekday),
            } => on(weekday, count),
            Each::Weeks { count, on: None } => Self::Days {
                base: origin,
                step_days: 7 * step(count),
                first: 1,
            },
            Each::Workday => Self::Workday { origin },
            Each::Months(count) => Self::Months {
                origin,
                step: step(count),
            },
            Each::Years(count) => Self::Months {
                origin,
                step: 12 * step(count),
            },
            Each::OfMonth { which, day } => Self::OfMonth { origin, which, day },
        }
    }

    /// A number at or a little before the first slot later than a day: clamping and clock times
    /// decide the rest.
    fn number_near(self, after: Option<Date>) -> i64 {
        let (first, near) = match self {
            Self::Days {
                base,
                step_days,
                first,
            } => (first, after.map(|day| days_between(base, day) / step_days)),
            Self::Months { origin, step } => {
                (1, after.map(|day| months_between(origin, day) / step - 1))
            }
            Self::Workday { origin } => (0, after.map(|day| days_between(origin, day))),
            Self::OfMonth { origin, .. } => (0, after.map(|day| months_between(origin, day))),
        };
        near.map_or(first, |near| near.max(first))
    }

    /// The day of a number: `None` past the end of the calendar, `Some(None)` where the number has
    /// no day (no workday, or before the origin).
    #[expect(
        clippy::option_option,
        reason = "the end of the calendar and a number without a day are two answers"
    )]
    fn day(self, number: i64, calendar: &Calendar) -> Option<Option<Date>> {
        match self {
            Self::Days {
                base, step_days, ..
            } => plus_days(base, number.checked_mul(step_days)?).map(Some),
            Self::Months { origin, step } => {
                plus_months(origin, number.checked_mul(step)?).map(Some)
            }
            Self::Workday { origin } => {
                let day = plus_days(origin, number)?;
                Some(calendar.is_workday(day).then_some(day))
            }
            Self::OfMonth { origin, which, day } => {
                let month = plus_months(origin.first_of_month(), number)?;
                Some(
                    calendar
                        .day_of_month(month, which, day)
                        .filter(|found| *found >= origin),
                )
            }
        }
    }
}

impl Calendar {
    /// The first or last such day of the month that begins on a date; none in a month that the
    /// organisation closes altogether.
    fn day_of_month(&self, month_begins: Date, which: Which, day: MonthDay) -> Option<Date> {
        match (day, which) {
            (MonthDay::Weekday(weekday), Which::First) => {
                month_begins.nth_weekday_of_month(1, weekday).ok()
            }
            (MonthDay::Weekday(weekday), Which::Last) => {
                month_begins.nth_weekday_of_month(-1, weekday).ok()
            }
            (MonthDay::Workday, which) => {
                let day = match which {
                    Which::First => self.workday_on_or_after(month_begins),
                    Which::Last => self.workday_on_or_before(month_begins.last_of_month()),
                };
                (day.first_of_month() == month_begins).then_some(day)
            }
        }
    }
}

/// A period of zero would never end; it counts as one.
fn step(count: u32) -> i64 {
    i64::from(count.max(1))
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn months_between(from: Date, to: Date) -> i64 {
    let index = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    index(to) - index(from)
}

#[cfg(test)]
mod tests;
