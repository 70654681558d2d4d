//! The time language: its phrases, their meaning as data, and a parser that points at mistakes.
//!
//! ```ebnf
//! POINT    = [ SHIFT ] ANCHOR [ "at" HHMM ] ;
//! REMIND   = SHIFT [ "at" HHMM ] ;
//! PERIOD   = EACH [ "at" HHMM ] ;
//! DURATION = N UNIT | "settings." NAME ;
//! SHIFT    = ( DURATION | WEEKDAY ) ( "before" | "after" ) ;
//! ANCHOR   = ISODATE | [ "cohort." ] NAME [ "." PART ] | "entered" | "left" | "ended" ;
//! EACH     = WEEKDAY | "workday" | [ N ] WEEKS [ "on" WEEKDAY ] | [ N ] ( MONTHS | YEARS )
//!          | ( "first" | "last" ) ( WEEKDAY | "workday" ) "of the month" ;
//! ```
//!
//! Which names exist, and which part goes with what, is for the reader of the workflow to check.

mod error;
mod hint;
mod idiom;
mod lexer;
mod parser;
mod pattern;
mod period;
mod point;

use std::{fmt, ops::Range};

use jiff::civil::{Date, Time};

use self::parser::Parser;
use super::{Length, Period, Shift};

pub use self::error::PhraseError;
pub use self::pattern::{
    closing_day_pattern, date_pattern, hours_pattern, length_pattern, moment_pattern,
    period_pattern, point_pattern, remind_pattern,
};

/// The parts of a state, task or meeting that can follow its name and a dot.
pub const PARTS: &[&str] = &[
    "first_day",
    "last_day",
    "entered",
    "left",
    "due",
    "done",
    "overdue",
    "held",
    "no_show",
    "cancelled",
];

/// The words of the time language, which no fact, state, task, meeting, event or date may take as
/// its name.
pub const RESERVED: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday", //
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "calendar",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "workday",
    "workdays", //
    "at",
    "before",
    "after",
    "on",
    "of",
    "the",
    "first",
    "last",
    "cohort",
    "settings",
    "ended", //
    "first_day",
    "last_day",
    "entered",
    "left",
    "due",
    "done",
    "overdue",
    "held",
    "no_show",
    "cancelled",
];

/// A parsed point: `when`, `due`, `until`, `between` and their like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointText {
    /// How far from the anchor, if at all.
    pub shift: Option<Shift>,
    /// From what.
    pub anchor: AnchorText,
    /// The local clock time, if one is given.
    pub at: Option<Time>,
}

/// What a point is anchored on, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorText {
    /// Whether it stands behind `cohort.`: the hold's, not the case's.
    pub cohort: bool,
    /// What it names.
    pub kind: AnchorKind,
    /// Where it stands, in bytes of the phrase, `cohort.` included.
    pub span: Range<usize>,
}

/// The kinds of anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// A date of the calendar.
    Date(Date),
    /// When the declaring state was entered.
    Entered,
    /// When the declaring state was left.
    Left,
    /// When the case ended.
    Ended,
    /// A name of the workflow, with one of [`PARTS`] or none.
    Thing {
        /// The name as written.
        name: String,
        /// The part as written, known to be one of [`PARTS`].
        part: Option<String>,
    },
}

/// A parsed reminder: a shift of something that the phrase does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemindText {
    /// How far.
    pub shift: Shift,
    /// The local clock time, if one is given.
    pub at: Option<Time>,
}

/// Reads a point such as `3 workdays before cohort.start at 09:00`. `settings` resolves
/// `settings.NAME`.
///
/// # Errors
/// A [`PhraseError`] that points at the words at fault.
///
/// ```
/// # use tovholder::calendar::{PhraseError, parse_point};
/// let error = parse_point("2 days after cohort.info_meeting", &|_| None).unwrap_err();
/// assert_eq!(error.span, 0..6);
/// assert_eq!(error.help.as_deref(), Some("did you mean \"2 calendar days\" or \"2 workdays\"?"));
/// ```
pub fn parse_point(
    text: &str,
    settings: &dyn Fn(&str) -> Option<Length>,
) -> Result<PointText, PhraseError> {
    let mut parser = Parser::new(text, settings);
    parser.refuse_idioms()?;
    let point = parser.point()?;
    parser.finish()?;
    Ok(point)
}

/// Reads a reminder such as `3 workdays before at 09:00`.
///
/// # Errors
/// A [`PhraseError`] that points at the words at fault.
pub fn parse_remind(
    text: &str,
    settings: &dyn Fn(&str) -> Option<Length>,
) -> Result<RemindText, PhraseError> {
    let mut parser = Parser::new(text, settings);
    parser.refuse_idioms()?;
    let remind = parser.remind()?;
    parser.finish()?;
    Ok(remind)
}

/// Reads a period such as `2 weeks on friday` or `first workday of the month at 09:00`.
///
/// # Errors
/// A [`PhraseError`] that points at the words at fault.
pub fn parse_period(text: &str) -> Result<Period, PhraseError> {
    let mut parser = Parser::new(text, &|_| None);
    parser.refuse_idioms()?;
    let period = parser.period()?;
    parser.finish()?;
    Ok(period)
}

/// Reads a length such as `2 weeks` or `settings.internship`.
///
/// # Errors
/// A [`PhraseError`] that points at the words at fault; an unknown setting is named.
pub fn parse_duration(
    text: &str,
    settings: &dyn Fn(&str) -> Option<Length>,
) -> Result<Length, PhraseError> {
    let mut parser = Parser::new(text, settings);
    parser.refuse_idioms()?;
    let (length, _) = parser.length()?;
    parser.finish()?;
    Ok(length)
}

/// Reads a clock time: two digits, a colon, two digits, of 24 hours.
///
/// # Errors
/// A [`PhraseError`] with the same time as it should be written, where that can be guessed.
pub fn parse_hhmm(text: &str) -> Result<Time, PhraseError> {
    let time = text.trim();
    let starts = text.len() - text.trim_start().len();
    strict_hhmm(time).ok_or_else(|| hint::no_clock_time(time, starts..starts + time.len()))
}

fn strict_hhmm(text: &str) -> Option<Time> {
    let &[h1, h2, b':', m1, m2] = text.as_bytes() else {
        return None;
    };
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(10)
            .and_then(|digit| i8::try_from(digit).ok())
    };
    Time::new(
        digit(h1)? * 10 + digit(h2)?,
        digit(m1)? * 10 + digit(m2)?,
        0,
        0,
    )
    .ok()
}

impl fmt::Display for AnchorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cohort {
            f.write_str("cohort.")?;
        }
        match &self.kind {
            AnchorKind::Date(date) => write!(f, "{date}"),
            AnchorKind::Entered => f.write_str("entered"),
            AnchorKind::Left => f.write_str("left"),
            AnchorKind::Ended => f.write_str("ended"),
            AnchorKind::Thing { name, part: None } => f.write_str(name),
            AnchorKind::Thing {
                name,
                part: Some(part),
            } => write!(f, "{name}.{part}"),
        }
    }
}

impl fmt::Display for PointText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(shift) = &self.shift {
            write!(f, "{shift} ")?;
        }
        write!(f, "{}", self.anchor)?;
        write_clock(f, self.at)
    }
}

impl fmt::Display for RemindText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shift)?;
        write_clock(f, self.at)
    }
}

fn write_clock(f: &mut fmt::Formatter<'_>, at: Option<Time>) -> fmt::Result {
    at.map_or(Ok(()), |at| write!(f, " at {}", at.strftime("%H:%M")))
}

#[cfg(test)]
mod tests;
