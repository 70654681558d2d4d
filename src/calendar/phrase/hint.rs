//! "Did you mean": what words that are not of the time language were probably meant to say.

use std::ops::Range;

use jiff::civil::{Time, Weekday};

use super::{
    super::{
        Direction, Unit,
        names::{WEEKDAYS, weekday_named},
    },
    error::PhraseError,
};

/// English words for units that the language does not have. Danish ones are known to `Unit`.
const UNITS: &[(&str, Unit)] = &[
    ("min", Unit::Minutes),
    ("mins", Unit::Minutes),
    ("minuter", Unit::Minutes),
    ("h", Unit::Hours),
    ("hr", Unit::Hours),
    ("hrs", Unit::Hours),
    ("calendar-day", Unit::CalendarDays),
    ("calendar-days", Unit::CalendarDays),
    ("calendar_days", Unit::CalendarDays),
    ("wk", Unit::Weeks),
    ("mdr", Unit::Months),
    ("yr", Unit::Years),
    ("working", Unit::Workdays),
    ("business", Unit::Workdays),
    ("work", Unit::Workdays),
    ("weekday", Unit::Workdays),
    ("weekdays", Unit::Workdays),
    ("hverdag", Unit::Workdays),
    ("hverdage", Unit::Workdays),
];

const DIRECTIONS: &[(&str, Direction)] = &[
    ("prior", Direction::Before),
    ("earlier", Direction::Before),
    ("til", Direction::Before),
    ("until", Direction::Before),
    ("to", Direction::Before),
    ("før", Direction::Before),
    ("inden", Direction::Before),
    ("later", Direction::After),
    ("from", Direction::After),
    ("past", Direction::After),
    ("following", Direction::After),
    ("efter", Direction::After),
    ("fra", Direction::After),
];

const PART_WORDS: &[(&str, &str)] = &[
    ("start", "first_day"),
    ("begin", "first_day"),
    ("first", "first_day"),
    ("end", "last_day"),
    ("last", "last_day"),
    ("exited", "left"),
    ("finished", "done"),
    ("completed", "done"),
    ("closed", "done"),
    ("deadline", "due"),
    ("late", "overdue"),
    ("absent", "no_show"),
    ("canceled", "cancelled"),
];

/// The nearest of some words: two slips at most, fewer in short words.
pub(super) fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    let slips_max = (word.chars().count() / 3).min(2);
    words
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&word, known), known))
        .filter(|(slips, _)| *slips <= slips_max)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}

pub(super) fn unit_like(word: &str) -> Option<Unit> {
    let word = word.to_lowercase();
    let named = Unit::named(&word).or_else(|| Unit::named_da(&word));
    let known = named.or_else(|| {
        UNITS
            .iter()
            .find(|(text, _)| *text == word)
            .map(|(_, unit)| *unit)
    });
    known.or_else(|| {
        let words = [
            "minutes", "hours", "weeks", "months", "years", "workdays", "minute", "hour", "week",
            "month",
        ];
        nearest(&word, words.into_iter().chain(["year", "workday"])).and_then(Unit::named)
    })
}

/// Whether a word means "day" without saying which kind.
pub(super) fn is_plain_day(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "day" | "days" | "d" | "dag" | "dage"
    )
}

/// A weekday as nearly anyone writes it: any case, plural, Danish, or misspelt.
pub(super) fn weekday_like(word: &str) -> Option<Weekday> {
    let word = word.to_lowercase();
    let singular = word
        .strip_suffix('s')
        .or_else(|| word.strip_suffix("en"))
        .unwrap_or(&word);
    let exact = WEEKDAYS
        .iter()
        .find(|(_, en, da)| [*en, *da].contains(&singular) || en.get(..3) == Some(&word));
    exact.map(|(weekday, ..)| *weekday).or_else(|| {
        // "today" is two slips from "monday": a weekday keeps its last letters and one slip.
        nearest(&word, WEEKDAYS.map(|(_, en, _)| en))
            .filter(|known| {
                strsim::damerau_levenshtein(&word, known) <= 1
                    || word.ends_with("day") && word.len() > 5
            })
            .and_then(weekday_named)
    })
}

pub(super) fn direction_like(word: &str) -> Option<Direction> {
    let word = word.to_lowercase();
    match nearest(&word, ["before", "after"]) {
        Some("before") => Some(Direction::Before),
        Some(_) => Some(Direction::After),
        None => DIRECTIONS
            .iter()
            .find(|(text, _)| *text == word)
            .map(|(_, direction)| *direction),
    }
}

pub(super) fn part_like(word: &str, parts: &[&'static str]) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let known = PART_WORDS
        .iter()
        .find(|(text, _)| *text == lower)
        .map(|(_, part)| *part);
    known.or_else(|| nearest(word, parts.iter().copied()))
}

/// What is wrong with an attempt at a clock time, and how it is written.
pub(super) fn no_clock_time(text: &str, span: Range<usize>) -> PhraseError {
    let error = PhraseError::new(span, format!("`{text}` is no clock time"));
    match loose_time(text) {
        Some(time) => error.did_you_mean(&time.strftime("%H:%M").to_string()),
        None => error.help("a clock time is written `09:00`, from 00:00 to 23:59"),
    }
}

/// A clock time in any of the ways in which people write one: 9, 9.00, 9:5, 0900, 9pm.
pub(super) fn loose_time(text: &str) -> Option<Time> {
    let lower = text.trim().to_lowercase();
    let (digits, noon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(morning), _) => (morning, 0),
        (_, Some(afternoon)) => (afternoon, 12),
        _ => (lower.as_str(), 0),
    };
    let digits = digits.trim();
    let (hour, minute) = match digits.split_once([':', '.', 'h']) {
        Some((hour, minute)) => (hour, if minute.is_empty() { "0" } else { minute }),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let hour = hour.parse::<i8>().ok()?;
    let hour = if noon == 12 && hour < 12 {
        hour + 12
    } else {
        hour
    };
    Time::new(hour, minute.parse().ok()?, 0, 0).ok()
}

/// A date in the ways in which Danes and others write one: 24-03-2027, 24/3/2027, 24.3.2027.
pub(super) fn loose_date(text: &str) -> Option<jiff::civil::Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let &[first, month, last] = parts.as_slice() else {
        return None;
    };
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    if year.len() != 4 {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The period of "N times a UNIT", where there is one that says the same.
pub(super) fn period_of(times: u32, unit: &str) -> Option<String> {
    let months = |count: u32| {
        if count == 1 {
            "month".to_owned()
        } else {
            format!("{count} months")
        }
    };
    match (unit_like(unit), times) {
        _ if is_plain_day(unit) => (times == 1).then(|| "workday".to_owned()),
        (Some(Unit::Years), 1) => Some("year".to_owned()),
        (Some(Unit::Years), 52) | (Some(Unit::Weeks), 1) | (Some(Unit::Months), 4) => {
            Some("week".to_owned())
        }
        (Some(Unit::Years), 2 | 3 | 4 | 6 | 12) => Some(months(12 / times)),
        (Some(Unit::Months), 1) => Some("month".to_owned()),
        (Some(Unit::Months), 2) => Some("2 weeks".to_owned()),
        (Some(Unit::Weeks), 5) | (Some(Unit::Workdays), 1) => Some("workday".to_owned()),
        _ => None,
    }
}

/// How many times a word counts: "twice", "three".
pub(super) fn times_like(word: &str) -> Option<u32> {
    let words = ["once", "twice", "thrice"];
    let numbers = ["one", "two", "three", "four", "five", "six"];
    let lower = word.to_lowercase();
    let place = words
        .iter()
        .position(|text| *text == lower)
        .or_else(|| numbers.iter().position(|text| *text == lower));
    place
        .and_then(|place| u32::try_from(place + 1).ok())
        .or_else(|| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_guessed_but_not_wildly() {
        assert_eq!(unit_like("wekks"), Some(Unit::Weeks));
        assert_eq!(unit_like("arbejdsdage"), Some(Unit::Workdays));
        assert_eq!(unit_like("potatoes"), None);
        assert_eq!(weekday_like("wendesday"), Some(Weekday::Wednesday));
        assert_eq!(weekday_like("Fridays"), Some(Weekday::Friday));
        assert_eq!(weekday_like("mandagen"), Some(Weekday::Monday));
        assert_eq!(weekday_like("today"), None);
        assert_eq!(direction_like("efter"), Some(Direction::After));
        assert_eq!(direction_like("befor"), Some(Direction::Before));
        assert_eq!(part_like("end", super::super::PARTS), Some("last_day"));
    }

    #[test]
    fn clock_times_as_people_write_them() {
        let table = [
            ("9", "09:00"),
            ("9.00", "09:00"),
            ("8:30", "08:30"),
            ("0900", "09:00"),
            ("9pm", "21:00"),
            ("12pm", "12:00"),
            ("9h15", "09:15"),
        ];
        for (text, time) in table {
            assert_eq!(
                loose_time(text)
                    .map(|time| time.strftime("%H:%M").to_string())
                    .as_deref(),
                Some(time),
                "{text}"
            );
        }
        for text in ["25:00", "24:00", "noon", "", "::", "pm"] {
            assert_eq!(loose_time(text), None, "{text}");
        }
    }
}
