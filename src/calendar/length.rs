//! Lengths of time and shifts by them: what the phrases for them mean.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::{
    names::{weekday_da, weekday_en},
    phrase::{self, PhraseError},
};

/// What a length is counted in. There is no plain "day": the author says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Elapsed minutes.
    Minutes,
    /// Elapsed hours.
    Hours,
    /// Every day of the calendar.
    CalendarDays,
    /// Seven calendar days.
    Weeks,
    /// Calendar months, clamped to the month's last day.
    Months,
    /// Calendar years; 29 February clamps to the 28th.
    Years,
    /// Monday to Friday less public holidays less closing days.
    Workdays,
}

impl Unit {
    /// All units, in the order in which help lists them.
    pub const ALL: [Self; 7] = [
        Self::Minutes,
        Self::Hours,
        Self::CalendarDays,
        Self::Weeks,
        Self::Months,
        Self::Years,
        Self::Workdays,
    ];

    /// Minutes and hours elapse; every other unit counts days and keeps the clock.
    #[must_use]
    pub fn is_elapsed(self) -> bool {
        matches!(self, Self::Minutes | Self::Hours)
    }

    /// English singular and plural, Danish singular and plural.
    pub(crate) const fn words(self) -> [&'static str; 4] {
        match self {
            Self::Minutes => ["minute", "minutes", "minut", "minutter"],
            Self::Hours => ["hour", "hours", "time", "timer"],
            Self::CalendarDays => [
                "calendar day",
                "calendar days",
                "kalenderdag",
                "kalenderdage",
            ],
            Self::Weeks => ["week", "weeks", "uge", "uger"],
            Self::Months => ["month", "months", "måned", "måneder"],
            Self::Years => ["year", "years", "år", "år"],
            Self::Workdays => ["workday", "workdays", "arbejdsdag", "arbejdsdage"],
        }
    }

    /// The unit that an English word names; "calendar days" are two words and not among them.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.words()[..2].contains(&word))
    }

    /// The unit that a Danish word names.
    pub(crate) fn named_da(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.words()[2..].contains(&word))
    }
}

/// A count of a unit: `2 weeks`. Serialised as that phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Length {
    /// How many; phrases give at least 1.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Length {
    /// The length in Danish: "2 uger", "1 arbejdsdag".
    #[must_use]
    pub fn da(&self) -> String {
        let [.., one, many] = self.unit.words();
        format!(
            "{} {}",
            self.count,
            if self.count == 1 { one } else { many }
        )
    }

    /// Minutes and hours as elapsed time; none for units that count days.
    #[must_use]
    pub fn elapsed(&self) -> Option<SignedDuration> {
        match self.unit {
            Unit::Minutes => Some(SignedDuration::from_mins(i64::from(self.count))),
            Unit::Hours => Some(SignedDuration::from_hours(i64::from(self.count))),
            _ => None,
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, many, ..] = self.unit.words();
        write!(
            f,
            "{} {}",
            self.count,
            if self.count == 1 { one } else { many }
        )
    }
}

/// Which way a shift goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Earlier than the anchor.
    Before,
    /// Later than the anchor.
    After,
}

impl Direction {
    /// The word in Danish: "før" or "efter".
    #[must_use]
    pub fn da(self) -> &'static str {
        match self {
            Self::Before => "før",
            Self::After => "efter",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

/// What a shift goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// A length.
    Length(Length),
    /// To the nearest such weekday, never the anchor's own day.
    Weekday(Weekday),
}

/// A shift from an anchor: `3 workdays before`, `monday after`. Serialised as that phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shift {
    /// How far.
    pub by: By,
    /// Which way.
    pub direction: Direction,
}

impl Shift {
    /// The elapsed time that the shift goes by, where it goes by minutes or hours.
    #[must_use]
    pub fn elapsed(&self) -> Option<SignedDuration> {
        match self.by {
            By::Length(length) => length.elapsed(),
            By::Weekday(_) => None,
        }
    }

    /// The shift in Danish: "3 arbejdsdage før", "mandagen efter".
    #[must_use]
    pub fn da(&self) -> String {
        let direction = self.direction.da();
        match self.by {
            By::Length(length) => format!("{} {direction}", length.da()),
            By::Weekday(weekday) => format!("{}en {direction}", weekday_da(weekday)),
        }
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Length(length) => write!(f, "{length} {}", self.direction),
            By::Weekday(weekday) => write!(f, "{} {}", weekday_en(weekday), self.direction),
        }
    }
}

/// A stored phrase holds no settings: they were resolved when it was read.
const NO_SETTINGS: fn(&str) -> Option<Length> = |_| None;

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

impl TryFrom<String> for Length {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, PhraseError> {
        phrase::parse_duration(&text, &NO_SETTINGS)
    }
}

impl From<Shift> for String {
    fn from(shift: Shift) -> Self {
        shift.to_string()
    }
}

impl TryFrom<String> for Shift {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, PhraseError> {
        phrase::parse_remind(&text, &NO_SETTINGS).map(|remind| remind.shift)
    }
}

/// The date a number of calendar days away, or none past the ends of the calendar.
pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(SignedDuration::from_hours(days.checked_mul(24)?))
        .ok()
}

/// The date a number of months away, clamped to the month's last day (31 January + 1 month is
/// 28 February), or none past the ends of the calendar.
pub(super) fn plus_months(date: Date, months: i64) -> Option<Date> {
    let month_index =
        (i64::from(date.year()) * 12 + i64::from(date.month()) - 1).checked_add(months)?;
    let year = i16::try_from(month_index.div_euclid(12)).ok()?;
    let month = i8::try_from(month_index.rem_euclid(12) + 1).ok()?;
    let last = Date::new(year, month, 1).ok()?.days_in_month();
    Date::new(year, month, date.day().min(last)).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn lengths_speak_both_languages() {
        let table = [
            (1, Unit::Weeks, "1 week", "1 uge"),
            (2, Unit::Weeks, "2 weeks", "2 uger"),
            (1, Unit::CalendarDays, "1 calendar day", "1 kalenderdag"),
            (3, Unit::Workdays, "3 workdays", "3 arbejdsdage"),
            (45, Unit::Minutes, "45 minutes", "45 minutter"),
            (1, Unit::Hours, "1 hour", "1 time"),
            (6, Unit::Months, "6 months", "6 måneder"),
            (2, Unit::Years, "2 years", "2 år"),
        ];
        for (count, unit, en, da) in table {
            let length = Length { count, unit };
            assert_eq!(
                (length.to_string().as_str(), length.da().as_str()),
                (en, da)
            );
        }
        let by = By::Weekday(Weekday::Monday);
        assert_eq!(
            Shift {
                by,
                direction: Direction::Before
            }
            .da(),
            "mandagen før"
        );
        let by = By::Length(Length {
            count: 2,
            unit: Unit::Workdays,
        });
        assert_eq!(
            Shift {
                by,
                direction: Direction::After
            }
            .da(),
            "2 arbejdsdage efter"
        );
    }

    #[test]
    fn they_are_stored_as_phrases() {
        let shift: Shift = serde_json::from_str("\"3 workdays before\"").unwrap();
        assert_eq!(
            serde_json::to_string(&shift).unwrap(),
            "\"3 workdays before\""
        );
        let length: Length = serde_json::from_str("\"2 weeks\"").unwrap();
        assert_eq!(serde_json::to_string(&length).unwrap(), "\"2 weeks\"");
        assert!(serde_json::from_str::<Length>("\"2 days\"").is_err());
    }

    #[test]
    fn months_clamp_and_nothing_overflows() {
        let table = [
            (date(2026, 1, 31), 1, Some(date(2026, 2, 28))),
            (date(2026, 1, 31), 2, Some(date(2026, 3, 31))),
            (date(2028, 2, 29), 12, Some(date(2029, 2, 28))),
            (date(2026, 3, 31), -1, Some(date(2026, 2, 28))),
            (date(2026, 1, 15), -13, Some(date(2024, 12, 15))),
            (Date::MAX, 1, None),
            (Date::MIN, -1, None),
            (date(2026, 1, 1), i64::MAX, None),
        ];
        for (from, months, expect) in table {
            assert_eq!(
                plus_months(from, months),
                expect,
                "{from} + {months} months"
            );
        }
        assert_eq!(plus_days(Date::MAX, 1), None);
        assert_eq!(plus_days(date(2026, 1, 1), i64::MAX), None);
        assert_eq!(plus_days(date(2026, 1, 1), -1), Some(date(2025, 12, 31)));
    }
}
