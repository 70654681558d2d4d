//! The grammar as regular expressions, for editors that know patterns and no parser.
//!
//! They are made of the same words as the parser, so that they cannot drift. What the parser takes,
//! they match; what no pattern can say they let pass: days that no month has, names that nothing
//! has, a clock time beside minutes. They keep to what ECMAScript, Python and Rust read alike.

use super::super::{
    Unit,
    names::{WEEKDAYS, month_en},
};
use super::PARTS;

const NAME: &str = "[a-z][a-z0-9_]*";
const DOT: &str = r"\s*\.\s*";
const HHMM: &str = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
const DATE: &str = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])";
/// From 1 to 99,999, as the parser counts.
const COUNT: &str = "0*[1-9][0-9]{0,4}";

/// Points: `3 workdays before cohort.start at 09:00`.
#[must_use]
pub fn point_pattern() -> String {
    let parts = either(PARTS.iter().copied());
    let thing = format!("(?:cohort{DOT})?{NAME}(?:{DOT}{parts})?");
    let shift = shift();
    whole(&format!(r"(?:{shift}\s+)?(?:{DATE}|{thing}){}", at()))
}

/// Reminders: `3 workdays before at 09:00`.
#[must_use]
pub fn remind_pattern() -> String {
    whole(&format!("{}{}", shift(), at()))
}

/// Periods: `2 weeks on friday at 12:00`.
#[must_use]
pub fn period_pattern() -> String {
    let weekday = weekday();
    let counted = |units: &[Unit]| {
        let one = either(units.iter().map(|unit| unit.words()[0]));
        format!(r"(?:{COUNT}\s+{}|{one})", unit(units))
    };
    let weeks = format!(r"{}(?:\s+on\s+{weekday})?", counted(&[Unit::Weeks]));
    let months = counted(&[Unit::Months, Unit::Years]);
    let of_month = format!(r"(?:first|last)\s+(?:{weekday}|workday)\s+of\s+the\s+month");
    whole(&format!(
        "(?:{weekday}|workday|{weeks}|{months}|{of_month}){}",
        at()
    ))
}

/// Lengths in some of the units, such as `2 weeks`; where settings are known, `settings.NAME` too.
#[must_use]
pub fn length_pattern(units: &[Unit], settings: bool) -> String {
    let written = format!(r"{COUNT}\s+{}", unit(units));
    if settings {
        whole(&format!("(?:{written}|settings{DOT}{NAME})"))
    } else {
        whole(&written)
    }
}

/// Opening and closing: `08:00-16:00`.
#[must_use]
pub fn hours_pattern() -> String {
    whole(&format!(r"{HHMM}\s*[-–]\s*(?:{HHMM}|24:00)"))
}

/// Closing days: `24 december`, or one date.
#[must_use]
pub fn closing_day_pattern() -> String {
    let months = either((1..=12).map(month_en));
    whole(&format!(r"(?:{DATE}|[0-9]{{1,2}}\s+{months})"))
}

/// Dates: `2026-02-02`.
#[must_use]
pub fn date_pattern() -> String {
    format!("^{DATE}$")
}

/// Local dates and times: `2026-02-02 09:00`.
#[must_use]
pub fn moment_pattern() -> String {
    format!("^{DATE}[ T]{HHMM}$")
}

fn shift() -> String {
    let length = format!(r"{COUNT}\s+{}|settings{DOT}{NAME}", unit(&Unit::ALL));
    format!(r"(?:{length}|{})\s+(?:before|after)", weekday())
}

fn at() -> String {
    format!(r"(?:\s+at\s+{HHMM})?")
}

fn weekday() -> String {
    either(WEEKDAYS.iter().map(|(_, word, _)| *word))
}

/// The words of some units, one and many.
fn unit(units: &[Unit]) -> String {
    either(units.iter().flat_map(|unit| {
        let [one, many, ..] = unit.words();
        [one, many]
    }))
}

fn either<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| word.replace(' ', r"\s+"))
        .collect();
    format!("(?:{})", words.join("|"))
}

/// The parser does not mind blanks around a phrase.
fn whole(pattern: &str) -> String {
    format!(r"^\s*{pattern}\s*$")
}
