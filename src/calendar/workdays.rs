//! Workdays: Monday to Friday less public holidays less closing days, and counting by them.

use jiff::civil::{Date, Weekday};

use super::{
    Calendar, Closed, ClosingDay, Direction, Length, Unit,
    length::{plus_days, plus_months},
};

/// How many closed days in a row are searched before a calendar counts as closed for good. The
/// longest real run in Denmark is a week or two; an author may list every day of the year.
const CLOSED_DAYS_MAX: u32 = 800;

impl Calendar {
    /// Whether a day is a workday.
    #[must_use]
    pub fn is_workday(&self, day: Date) -> bool {
        self.closed_because(day).is_none()
    }

    /// Why a day is no workday; none if it is one. A holiday is named even on a Sunday, since its
    /// name says more; the law goes before the organisation.
    #[must_use]
    pub fn closed_because(&self, day: Date) -> Option<Closed> {
        let holiday = self.holidays.on(day);
        if let Some(holiday) = holiday.filter(|_| !self.becomes_workday(day)) {
            return Some(Closed::Holiday(holiday));
        }
        if let weekday @ (Weekday::Saturday | Weekday::Sunday) = day.weekday() {
            return Some(Closed::Weekend(weekday));
        }
        let closing_day = self.closed.iter().find(|closing| closing.closes(day));
        let becomes = || self.becomes_holiday(day).then_some(ClosingDay::Once(day));
        closing_day
            .copied()
            .or_else(becomes)
            .map(Closed::ClosingDay)
    }

    /// The day itself if it is a workday, else the next one. A calendar without workdays gives
    /// [`Date::MAX`]: never.
    #[must_use]
    pub fn workday_on_or_after(&self, day: Date) -> Date {
        self.seek(day, 1).unwrap_or(Date::MAX)
    }

    /// The day itself if it is a workday, else the one before. A calendar without workdays gives
    /// [`Date::MIN`].
    #[must_use]
    pub fn workday_on_or_before(&self, day: Date) -> Date {
        self.seek(day, -1).unwrap_or(Date::MIN)
    }

    /// The `count`th workday after a day. The day itself never counts, and 0 gives it back.
    #[must_use]
    pub fn workday_after(&self, day: Date, count: u32) -> Date {
        self.count_workdays(day, count, 1).unwrap_or(Date::MAX)
    }

    /// The `count`th workday before a day. The day itself never counts, and 0 gives it back.
    #[must_use]
    pub fn workday_before(&self, day: Date, count: u32) -> Date {
        self.count_workdays(day, count, -1).unwrap_or(Date::MIN)
    }

    /// How many workdays come after a day, up to and with another; 0 when that is no later.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use tovholder::calendar::{Calendar, Holidays, Hours};
    /// let hours: Hours = "08:00-16:00".parse().unwrap();
    /// let calendar = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours).unwrap();
    /// // Easter 2027 is 28 March: from Wednesday to the Tuesday after it there is one workday.
    /// assert_eq!(calendar.workdays_between(date(2027, 3, 24), date(2027, 3, 30)), 1);
    /// assert_eq!(calendar.workdays_between(date(2027, 3, 30), date(2027, 3, 24)), 0);
    /// ```
    #[must_use]
    pub fn workdays_between(&self, after: Date, until: Date) -> u32 {
        let days = after.series(jiff::ToSpan::days(1)).skip(1);
        let days = days.take_while(|day| *day <= until);
        u32::try_from(
            days.filter(|day| self.closed_because(*day).is_none())
                .count(),
        )
        .unwrap_or(u32::MAX)
    }

    /// The day that lies a length before or after a day, which itself never counts.
    ///
    /// Months and years clamp. Minutes and hours, which a day cannot hold, are counted from its
    /// opening, and the day in which they end is given; [`Calendar::place`] knows their instant.
    #[must_use]
    pub fn add(&self, day: Date, length: Length, direction: Direction) -> Date {
        let sign: i64 = if direction == Direction::Before {
            -1
        } else {
            1
        };
        let count = i64::from(length.count) * sign;
        let moved = match length.unit {
            Unit::Minutes => self.opening_plus_minutes(day, count),
            Unit::Hours => self.opening_plus_minutes(day, count * 60),
            Unit::CalendarDays => plus_days(day, count),
            Unit::Weeks => plus_days(day, count * 7),
            Unit::Months => plus_months(day, count),
            Unit::Years => plus_months(day, count * 12),
            Unit::Workdays => self.count_workdays(day, length.count, sign),
        };
        moved.unwrap_or(if direction == Direction::Before {
            Date::MIN
        } else {
            Date::MAX
        })
    }

    fn opening_plus_minutes(&self, day: Date, minutes: i64) -> Option<Date> {
        let minutes = jiff::SignedDuration::from_mins(minutes);
        self.opening(day)
            .checked_add(minutes)
            .ok()
            .map(jiff::civil::DateTime::date)
    }

    fn count_workdays(&self, day: Date, count: u32, step_days: i64) -> Option<Date> {
        let mut day = day;
        for _ in 0..count {
            day = self.seek(plus_days(day, step_days)?, step_days)?;
        }
        Some(day)
    }

    /// The nearest workday from a day on, in one direction; none at the end of the calendar or in
    /// one that has no workdays.
    fn seek(&self, from: Date, step_days: i64) -> Option<Date> {
        let mut day = from;
        for _ in 0..CLOSED_DAYS_MAX {
            if self.is_workday(day) {
                return Some(day);
            }
            day = plus_days(day, step_days)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::{ClosingDay, Holidays, tests::danish};

    #[test]
    fn counting_over_easter_and_christmas() {
        use Direction::{After, Before};
        let table = [
            // The trap of 2027: an information meeting on the Wednesday before Easter.
            (
                date(2027, 3, 24),
                2,
                Unit::Workdays,
                After,
                date(2027, 3, 31),
            ),
            (
                date(2027, 3, 24),
                2,
                Unit::CalendarDays,
                After,
                date(2027, 3, 26),
            ),
            // 24 December closed by the organisation, 25 a holiday, 26 and 27 a weekend.
            (
                date(2026, 12, 23),
                1,
                Unit::Workdays,
                After,
                date(2026, 12, 28),
            ),
            (
                date(2027, 1, 4),
                3,
                Unit::Workdays,
                Before,
                date(2026, 12, 28),
            ),
            // 5 June 2026 is a Friday that this organisation closes.
            (
                date(2026, 6, 8),
                1,
                Unit::Workdays,
                Before,
                date(2026, 6, 4),
            ),
            // From a Sunday the first workday is Monday.
            (
                date(2026, 3, 29),
                1,
                Unit::Workdays,
                After,
                date(2026, 3, 30),
            ),
            (
                date(2026, 3, 29),
                1,
                Unit::Workdays,
                Before,
                date(2026, 3, 27),
            ),
            (date(2026, 2, 2), 2, Unit::Weeks, After, date(2026, 2, 16)),
            (date(2026, 1, 31), 1, Unit::Months, After, date(2026, 2, 28)),
            (
                date(2026, 3, 31),
                1,
                Unit::Months,
                Before,
                date(2026, 2, 28),
            ),
            (date(2028, 2, 29), 1, Unit::Years, After, date(2029, 2, 28)),
            // Hours run from the opening at 08:00.
            (date(2026, 2, 2), 15, Unit::Hours, After, date(2026, 2, 2)),
            (date(2026, 2, 2), 16, Unit::Hours, After, date(2026, 2, 3)),
            (
                date(2026, 2, 2),
                481,
                Unit::Minutes,
                Before,
                date(2026, 2, 1),
            ),
        ];
        for (from, count, unit, direction, expect) in table {
            let length = Length { count, unit };
            assert_eq!(
                danish().add(from, length, direction),
                expect,
                "{length} {direction} {from}"
            );
        }
    }

    #[test]
    fn the_law_is_named_before_the_organisation() {
        let closed = |day| danish().closed_because(day).map(|closed| closed.da());
        assert_eq!(
            closed(date(2026, 12, 24)).as_deref(),
            Some("lukkedag (24. december)")
        );
        assert_eq!(closed(date(2026, 12, 25)).as_deref(), Some("juledag"));
        assert_eq!(closed(date(2026, 12, 26)).as_deref(), Some("2. juledag"));
        assert_eq!(closed(date(2026, 12, 27)).as_deref(), Some("søndag"));
        assert_eq!(closed(date(2026, 12, 28)), None);
        assert_eq!(closed(date(2023, 5, 5)).as_deref(), Some("store bededag"));
        assert_eq!(closed(date(2024, 4, 26)), None);
    }

    #[test]
    fn a_calendar_that_is_always_closed_says_never() {
        let days = (1..=12)
            .flat_map(|month| (1..=31).map(move |day| ClosingDay::Yearly { month, day }))
            .collect();
        let closed =
            Calendar::new("Europe/Copenhagen", Holidays::Dk, days, danish().hours()).unwrap();
        assert_eq!(closed.workday_on_or_after(date(2026, 1, 1)), Date::MAX);
        assert_eq!(closed.workday_on_or_before(date(2026, 1, 1)), Date::MIN);
        assert_eq!(closed.workday_after(date(2026, 1, 1), 9), Date::MAX);
    }

    #[test]
    fn counts_beyond_the_calendar_saturate() {
        for unit in Unit::ALL {
            let length = Length {
                count: u32::MAX,
                unit,
            };
            assert_eq!(
                danish().add(date(9990, 1, 1), length, Direction::After),
                Date::MAX,
                "{unit:?}"
            );
            assert_eq!(
                danish().add(date(-9990, 1, 1), length, Direction::Before),
                Date::MIN,
                "{unit:?}"
            );
        }
        assert_eq!(danish().workday_after(date(9999, 12, 30), 5), Date::MAX);
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_last_workday(days in 0_i64..100_000, count in 1_u32..60) {
            let day = plus_days(date(1950, 1, 1), days).unwrap();
            let calendar = danish();
            let there = calendar.workday_after(day, count);
            prop_assert!(calendar.is_workday(there) && there > day);
            prop_assert_eq!(calendar.workday_before(there, count), calendar.workday_on_or_before(day));
        }

        #[test]
        fn on_or_after_is_the_nearest(days in 0_i64..100_000) {
            let day = plus_days(date(1950, 1, 1), days).unwrap();
            let calendar = danish();
            let next = calendar.workday_on_or_after(day);
            let mut between = day;
            while between < next {
                prop_assert!(!calendar.is_workday(between));
                between = between.tomorrow().unwrap();
            }
            prop_assert!(calendar.is_workday(next));
        }
    }
}
