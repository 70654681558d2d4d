//! Why a day is closed, the organisation's own closing days, and what a moved point says of itself.

use std::{fmt, str::FromStr};

use jiff::civil::{Date, DateTime, Weekday};

use super::{
    holidays::Holiday,
    hours::Hours,
    names::{
        date_da, date_en, month_da, month_en, month_like, month_named, time_da, weekday_da,
        weekday_en,
    },
    phrase::PhraseError,
};

/// A day on which the organisation is closed though the law does not make it a holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosingDay {
    /// Every year, written `24 december`. 29 February closes leap years only.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// Once, written `2026-12-28`.
    Once(Date),
}

impl ClosingDay {
    /// Whether the day closes this date.
    #[must_use]
    pub fn closes(self, date: Date) -> bool {
        match self {
            Self::Yearly { month, day } => (date.month(), date.day()) == (month, day),
            Self::Once(once) => date == once,
        }
    }

    /// The day in Danish: "24. december".
    #[must_use]
    pub fn da(self) -> String {
        match self {
            Self::Yearly { month, day } => format!("{day}. {}", month_da(month)),
            Self::Once(date) => {
                format!("{}. {} {}", date.day(), month_da(date.month()), date.year())
            }
        }
    }
}

impl fmt::Display for ClosingDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yearly { month, day } => write!(f, "{day} {}", month_en(*month)),
            Self::Once(date) => write!(f, "{date}"),
        }
    }
}

impl FromStr for ClosingDay {
    type Err = PhraseError;

    /// Reads `24 december`, the day each year, or `2026-12-28`, that day only.
    fn from_str(text: &str) -> Result<Self, PhraseError> {
        let wrong = || PhraseError::whole(text, format!("`{text}` is no closing day"));
        if text.len() == 10 && text.is_ascii() && text.as_bytes()[4] == b'-' {
            let once = text.parse().map(Self::Once);
            return once.map_err(|_| wrong().help("there is no such date"));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let &[first, second] = words.as_slice() else {
            return Err(
                wrong().help("write a day of each year, `24 december`, or one date, `2026-12-28`")
            );
        };
        if let (Ok(day), Some(month)) = (first.parse::<i8>(), month_named(second)) {
            return match Date::new(LEAP_YEAR, month, day) {
                Ok(_) => Ok(Self::Yearly { month, day }),
                Err(_) => Err(wrong().help(format!("{} has no such day", month_en(month)))),
            };
        }
        // "December 24", "24. december" and "24 dec" say what they mean, in other words than ours.
        let day = |word: &str| word.trim_end_matches(['.', ',']).parse::<i8>().ok();
        let meant = day(first)
            .zip(month_like(second))
            .or_else(|| day(second).zip(month_like(first)));
        Err(match meant {
            Some((day, month)) => wrong().did_you_mean(&format!("{day} {}", month_en(month))),
            None => {
                wrong().help("write a day of each year, `24 december`, or one date, `2026-12-28`")
            }
        })
    }
}

/// Any leap year: whether a day and month can meet is asked of the longest year.
const LEAP_YEAR: i16 = 2028;

/// Why a day is no workday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Saturday or Sunday.
    Weekend(Weekday),
    /// A statutory public holiday.
    Holiday(Holiday),
    /// The organisation's own closing day.
    ClosingDay(ClosingDay),
}

impl Closed {
    /// What the day is, in Danish, so that it can follow "det er": "lørdag", "langfredag",
    /// "lukkedag (24. december)".
    #[must_use]
    pub fn da(&self) -> String {
        match self {
            Self::Weekend(weekday) => weekday_da(*weekday).to_owned(),
            Self::Holiday(holiday) => holiday.name_da.to_lowercase(),
            Self::ClosingDay(day) => format!("lukkedag ({})", day.da()),
        }
    }

    /// What the day is, in English: "saturday", "Good Friday", "a closing day (24 december)".
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Weekend(weekday) => weekday_en(*weekday).to_owned(),
            Self::Holiday(holiday) => holiday.name_en.to_owned(),
            Self::ClosingDay(day) => format!("a closing day ({day})"),
        }
    }
}

/// Why a point could not stay where it was counted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The day is no workday.
    Closed(Closed),
    /// The day is a workday, but the clock time is outside these hours.
    OutsideHours(Hours),
}

/// A point that was moved: where it was counted to, and why it is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Local date and time before the move; 00:00 for a point that only names a day.
    pub from: DateTime,
    /// What stood in the way.
    pub because: Because,
}

impl Moved {
    /// The move in Danish, for people: "flyttet fra fredag den 26. marts 2027, som er langfredag".
    #[must_use]
    pub fn da(&self) -> String {
        let day = date_da(self.from.date());
        match self.because {
            // The date begins with its weekday: "lørdag den 28., som er lørdag" says nothing new.
            Because::Closed(Closed::Weekend(_)) => format!("flyttet fra {day}"),
            Because::Closed(closed) => format!("flyttet fra {day}, som er {}", closed.da()),
            Because::OutsideHours(hours) => {
                format!(
                    "flyttet fra {day} {}, uden for tiden {}",
                    time_da(self.from.time()),
                    hours.da()
                )
            }
        }
    }

    /// The move in English, for logs: "moved from friday 26 march 2027, which is Good Friday".
    #[must_use]
    pub fn en(&self) -> String {
        let day = date_en(self.from.date());
        match self.because {
            Because::Closed(Closed::Weekend(_)) => format!("moved from {day}"),
            Because::Closed(closed) => format!("moved from {day}, which is {}", closed.en()),
            Because::OutsideHours(hours) => {
                format!(
                    "moved from {day} {}, outside {hours}",
                    self.from.time().strftime("%H:%M")
                )
            }
        }
    }
}

impl fmt::Display for Moved {
    /// English, as [`Moved::en`]; people are shown [`Moved::da`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::danish_holidays;

    #[test]
    fn closing_days_are_read_and_printed() {
        let yearly = ClosingDay::Yearly { month: 12, day: 24 };
        let table = [
            ("24 december", yearly),
            ("5 june", ClosingDay::Yearly { month: 6, day: 5 }),
            ("29 february", ClosingDay::Yearly { month: 2, day: 29 }),
            ("2026-12-28", ClosingDay::Once(date(2026, 12, 28))),
        ];
        for (text, day) in table {
            assert_eq!(text.parse(), Ok(day));
            assert_eq!(day.to_string(), text);
        }
        assert!(yearly.closes(date(2031, 12, 24)) && !yearly.closes(date(2031, 12, 25)));
        assert!(!ClosingDay::Once(date(2026, 12, 28)).closes(date(2027, 12, 28)));
    }

    #[test]
    fn other_spellings_are_refused_with_the_right_one() {
        let table = [
            ("december 24", "did you mean \"24 december\"?"),
            ("24. december", "did you mean \"24 december\"?"),
            ("24 December", "did you mean \"24 december\"?"),
            ("5 juni", "did you mean \"5 june\"?"),
            ("31 june", "june has no such day"),
            ("2026-02-30", "there is no such date"),
            (
                "jul",
                "write a day of each year, `24 december`, or one date, `2026-12-28`",
            ),
        ];
        for (text, help) in table {
            let error = text.parse::<ClosingDay>().unwrap_err();
            assert_eq!(error.help.as_deref(), Some(help), "{text}");
            assert_eq!(error.span, 0..text.len());
        }
    }

    #[test]
    fn a_move_says_why() {
        let at = |day: Date| day.at(17, 30, 0, 0);
        let moved = |day, because| Moved {
            from: at(day),
            because,
        };
        let closing = Closed::ClosingDay(ClosingDay::Yearly { month: 12, day: 24 });
        let table = [
            (
                moved(
                    date(2027, 3, 26),
                    Because::Closed(Closed::Holiday(danish_holidays(2027)[2])),
                ),
                "flyttet fra fredag den 26. marts 2027, som er langfredag",
                "moved from friday 26 march 2027, which is Good Friday",
            ),
            (
                moved(
                    date(2026, 3, 28),
                    Because::Closed(Closed::Weekend(Weekday::Saturday)),
                ),
                "flyttet fra lørdag den 28. marts 2026",
                "moved from saturday 28 march 2026",
            ),
            (
                moved(date(2026, 12, 24), Because::Closed(closing)),
                "flyttet fra torsdag den 24. december 2026, som er lukkedag (24. december)",
                "moved from thursday 24 december 2026, which is a closing day (24 december)",
            ),
            (
                moved(
                    date(2026, 3, 27),
                    Because::OutsideHours("08:00-16:00".parse().unwrap()),
                ),
                "flyttet fra fredag den 27. marts 2026 kl. 17.30, uden for tiden 8.00–16.00",
                "moved from friday 27 march 2026 17:30, outside 08:00-16:00",
            ),
        ];
        for (moved, da, en) in table {
            assert_eq!((moved.da().as_str(), moved.to_string().as_str()), (da, en));
        }
    }
}
