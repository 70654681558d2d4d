//! Periods of recurrence as data: what the phrases of `every` mean.

use std::fmt;

use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};

use super::{
    names::weekday_en,
    phrase::{self, PhraseError},
};

/// How often something recurs, and at what local clock time. Serialised as its phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Period {
    /// The days.
    pub each: Each,
    /// The clock time; none means the opening of the hours.
    pub at: Option<Time>,
}

/// The days of a recurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Each {
    /// `friday`: each Friday on or after the origin.
    Weekday(Weekday),
    /// `workday`: each workday on or after the origin.
    Workday,
    /// `2 weeks`: intervals from the origin. `2 weeks on friday`: from the first Friday on or after it.
    Weeks {
        /// Weeks between slots, at least 1.
        count: u32,
        /// The weekday, if one is named.
        on: Option<Weekday>,
    },
    /// `3 months`: counted from the origin and clamped.
    Months(u32),
    /// `1 year`: counted from the origin and clamped.
    Years(u32),
    /// `first workday of the month`.
    OfMonth {
        /// The first or the last such day.
        which: Which,
        /// The kind of day.
        day: MonthDay,
    },
}

/// Which of the days of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// The first.
    First,
    /// The last.
    Last,
}

/// The kind of day that is counted in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonthDay {
    /// A weekday by name.
    Weekday(Weekday),
    /// A workday.
    Workday,
}

impl fmt::Display for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut every = |count: u32, one: &str| match count {
            1 => f.write_str(one),
            _ => write!(f, "{count} {one}s"),
        };
        match *self {
            Self::Weekday(weekday) => f.write_str(weekday_en(weekday)),
            Self::Workday => f.write_str("workday"),
            Self::Weeks { count, on } => {
                every(count, "week")?;
                on.map_or(Ok(()), |weekday| write!(f, " on {}", weekday_en(weekday)))
            }
            Self::Months(count) => every(count, "month"),
            Self::Years(count) => every(count, "year"),
            Self::OfMonth { which, day } => {
                let which = if which == Which::First {
                    "first"
                } else {
                    "last"
                };
                let day = match day {
                    MonthDay::Weekday(weekday) => weekday_en(weekday),
                    MonthDay::Workday => "workday",
                };
                write!(f, "{which} {day} of the month")
            }
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.each)?;
        self.at
            .map_or(Ok(()), |at| write!(f, " at {}", at.strftime("%H:%M")))
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl TryFrom<String> for Period {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, PhraseError> {
        phrase::parse_period(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_stored_as_its_phrase() {
        for phrase in [
            "\"friday at 12:00\"",
            "\"2 weeks on monday\"",
            "\"last workday of the month\"",
        ] {
            let period: Period = serde_json::from_str(phrase).unwrap();
            assert_eq!(serde_json::to_string(&period).unwrap(), phrase);
        }
        assert!(serde_json::from_str::<Period>("\"2 workdays\"").is_err());
    }
}
