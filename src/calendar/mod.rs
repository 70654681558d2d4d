//! Civil dates as a coordinator counts them: workdays, holidays by year and law, time phrases and
//! their parser, points and recurrences placed on a calendar.
//!
//! Pure: no clock, no ambient zone, no tables of the machine. Time-zone rules are the ones compiled
//! into the program; "now" is always someone else's argument. Civil values (`Date`, `DateTime`) are
//! local to the calendar's zone, `Timestamp`s are instants. Nothing here panics at the ends of the
//! calendar (years −9999 to 9999): results stop at the last date or instant, which reads as "never".
//!
//! ```
//! use jiff::civil::date;
//! use tovholder::calendar::{Calendar, Direction, Holidays, Length, Unit};
//!
//! let calendar = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], "08:00-16:00".parse()?)?;
//! // "2 days" after an information meeting on the Wednesday before Easter depends on which days.
//! let meeting = date(2027, 3, 24);
//! let calendar_days = Length { count: 2, unit: Unit::CalendarDays };
//! let workdays = Length { count: 2, unit: Unit::Workdays };
//! assert_eq!(calendar.add(meeting, calendar_days, Direction::After), date(2027, 3, 26)); // Good Friday
//! assert_eq!(calendar.add(meeting, workdays, Direction::After), date(2027, 3, 31));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod closed;
mod holidays;
mod hours;
mod length;
mod names;
mod period;
mod phrase;
mod place;
mod recurrence;
mod tables;
mod week;
mod workdays;

use std::sync::Arc;

use crate::mutant::{self, Mutant};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{TimeZone, TimeZoneDatabase},
};

pub use self::{
    closed::{Because, Closed, ClosingDay, Moved},
    holidays::{Holiday, Holidays, danish_holidays},
    hours::Hours,
    length::{By, Direction, Length, Shift, Unit},
    names::{capital, date_da, date_en, month_da, month_en, time_da, weekday_da, weekday_en},
    period::{Each, MonthDay, Period, Which},
    phrase::{
        AnchorKind, AnchorText, PARTS, PhraseError, PointText, RESERVED, RemindText,
        closing_day_pattern, date_pattern, hours_pattern, length_pattern, moment_pattern,
        parse_duration, parse_hhmm, parse_period, parse_point, parse_remind, period_pattern,
        point_pattern, remind_pattern,
    },
    place::{Moment, Placed, PlacedDay},
    recurrence::{Slot, Slots},
    tables::Tables,
    week::week_of,
};

/// A zone with its workdays and hours: all that a date needs to become an instant. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: TimeZone,
    holidays: Holidays,
    closed: Arc<[ClosingDay]>,
    hours: Hours,
    /// Others than this build's; none in service.
    tables: Option<Arc<Tables>>,
}

/// No time zone has this name in the IANA database that the program carries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{name}`")]
pub struct UnknownZone {
    /// The name that was asked for.
    pub name: String,
    /// The nearest name that exists.
    pub did_you_mean: Option<String>,
}

impl Calendar {
    /// A calendar in an IANA time zone such as `Europe/Copenhagen`.
    ///
    /// The zone comes from the database compiled into the program, never from the machine, so that
    /// every node and every replay computes alike.
    pub fn new(
        zone: &str,
        holidays: Holidays,
        closed: Vec<ClosingDay>,
        hours: Hours,
    ) -> Result<Self, UnknownZone> {
        let database = TimeZoneDatabase::bundled();
        let Ok(zone) = database.get(zone) else {
            return Err(UnknownZone {
                name: zone.to_owned(),
                did_you_mean: nearest_zone(&database, zone),
            });
        };
        Ok(Self {
            zone,
            holidays,
            closed: closed.into(),
            hours,
            tables: None,
        })
    }

    /// The hours of a workday.
    #[must_use]
    pub fn hours(&self) -> Hours {
        self.hours
    }

    /// The public holidays that are no workdays.
    #[must_use]
    pub fn holidays(&self) -> Holidays {
        self.holidays
    }

    /// The organisation's own closing days.
    #[must_use]
    pub fn closing_days(&self) -> &[ClosingDay] {
        &self.closed
    }

    /// The time zone of all civil values.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The instant of a local date and time. A time that daylight saving skips moves forward by the
    /// gap; one that occurs twice is its first.
    #[must_use]
    pub fn instant(&self, local: DateTime) -> Timestamp {
        let instant = self.zone.to_ambiguous_timestamp(local).compatible();
        // Only local times within a day of the calendar's ends have no instant.
        instant.unwrap_or(if local.year() > 0 {
            Timestamp::MAX
        } else {
            Timestamp::MIN
        })
    }

    /// The local date and time of an instant.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> DateTime {
        self.zone.to_datetime(instant)
    }

    /// The instant at which a day begins, 00:00 local time.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.instant(day.to_datetime(Time::midnight()))
    }

    /// The local opening on a day, workday or not.
    fn opening(&self, day: Date) -> DateTime {
        day.to_datetime(self.hours.from)
    }

    /// The first instant at or after this one that lies on a workday inside the hours: when mail
    /// that an event causes may leave.
    #[must_use]
    pub fn open_at_or_after(&self, instant: Timestamp) -> Timestamp {
        let local = self.local(instant);
        let day = if mutant::is(Mutant::UtcDate) {
            instant.to_zoned(TimeZone::UTC).date()
        } else {
            local.date()
        };
        if !self.is_workday(day)
            || (local.time() >= self.hours.from && !self.hours.contains(local.time()))
        {
            return self.instant(self.opening(self.workday_after(day, 1)));
        }
        instant.max(self.instant(self.opening(day)))
    }
}

fn nearest_zone(database: &TimeZoneDatabase, name: &str) -> Option<String> {
    let distance =
        |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
    let nearest = database
        .available()
        .map(|known| known.to_string())
        .min_by_key(|known| distance(known))?;
    // One slip in four letters: "Mars" is not a way of writing "Eire".
    (distance(&nearest) <= name.chars().count() / 4).then_some(nearest)
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::*;

    /// The shipped workflows' calendar: Copenhagen, Danish holidays, three closing days, 8 to 16.
    pub(crate) fn danish() -> Calendar {
        let closed = ["24 december", "31 december", "5 june"].map(|day| day.parse().unwrap());
        Calendar::new(
            "Europe/Copenhagen",
            Holidays::Dk,
            closed.to_vec(),
            "08:00-16:00".parse().unwrap(),
        )
        .unwrap()
    }

    pub(crate) fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn daylight_saving_sundays() {
        let table = [
            // Skipped: 02:30 does not exist and becomes 03:30 summer time.
            (
                "2026-03-29T02:30",
                "2026-03-29T01:30:00Z",
                "2026-03-29T03:30",
            ),
            (
                "2026-03-29T01:59",
                "2026-03-29T00:59:00Z",
                "2026-03-29T01:59",
            ),
            // Twice: the first 02:30 is still summer time.
            (
                "2026-10-25T02:30",
                "2026-10-25T00:30:00Z",
                "2026-10-25T02:30",
            ),
            (
                "2026-10-25T03:00",
                "2026-10-25T02:00:00Z",
                "2026-10-25T03:00",
            ),
        ];
        for (local, instant, back) in table {
            assert_eq!(danish().instant(at(local)).to_string(), instant);
            assert_eq!(danish().local(instant.parse().unwrap()), at(back));
        }
        assert_eq!(
            danish().start_of(date(2026, 7, 1)).to_string(),
            "2026-06-30T22:00:00Z"
        );
    }

    #[test]
    fn the_first_open_instant() {
        let table = [
            ("2026-03-27T07:59", "2026-03-27T08:00"),
            ("2026-03-27T08:00", "2026-03-27T08:00"),
            ("2026-03-27T15:59:59", "2026-03-27T15:59:59"),
            // Friday at closing, over the weekend in which the clocks change.
            ("2026-03-27T16:00", "2026-03-30T08:00"),
            ("2026-03-28T10:00", "2026-03-30T08:00"),
            // Easter 2027: Thursday to Monday are closed.
            ("2027-03-24T16:30", "2027-03-30T08:00"),
            // 24 December is this organisation's closing day, 25 and 26 are holidays.
            ("2026-12-24T09:00", "2026-12-28T08:00"),
        ];
        for (from, open) in table {
            let calendar = danish();
            assert_eq!(
                calendar.open_at_or_after(calendar.instant(at(from))),
                calendar.instant(at(open)),
                "{from}"
            );
        }
    }

    #[test]
    fn an_event_in_the_repeated_hour_stays_where_it_happened() {
        let night = Calendar::new(
            "Europe/Copenhagen",
            Holidays::None,
            vec![],
            "00:00-24:00".parse().unwrap(),
        )
        .unwrap();
        let second = "2026-10-26T01:30:00Z".parse().unwrap();
        assert_eq!(night.open_at_or_after(second), second);
    }

    #[test]
    fn the_ends_of_the_calendar_are_never_passed() {
        let calendar = danish();
        assert_eq!(calendar.instant(DateTime::MAX), Timestamp::MAX);
        assert_eq!(calendar.instant(DateTime::MIN), Timestamp::MIN);
        assert_eq!(calendar.open_at_or_after(Timestamp::MAX), Timestamp::MAX);
        assert!(calendar.open_at_or_after(Timestamp::MIN) > Timestamp::MIN);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let hours = "08:00-16:00".parse().unwrap();
        let error = Calendar::new("Europe/Kopenhagen", Holidays::Dk, vec![], hours).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no time zone `Europe/Kopenhagen`"
        );
        assert_eq!(error.did_you_mean.as_deref(), Some("Europe/Copenhagen"));
        assert_eq!(
            Calendar::new("Mars", Holidays::Dk, vec![], hours)
                .unwrap_err()
                .did_you_mean,
            None
        );
    }
}
