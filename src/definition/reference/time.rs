//! The page of time phrases: the grammar, and what each example gives on a calendar.

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime, date, time};

use crate::calendar::{
    Calendar, Direction, Holidays, Hours, Moment, PhraseError, UnknownZone, date_en,
    parse_duration, parse_period, parse_point,
};

/// Points: the phrase, and the day that its anchor falls on.
const POINTS: [(&str, Date); 13] = [
    ("cohort.start", date(2027, 2, 1)),
    ("2027-03-24 at 09:30", date(2027, 3, 24)),
    ("2 workdays after cohort.start", date(2027, 3, 24)),
    ("2 calendar days after cohort.start", date(2027, 3, 24)),
    ("3 workdays before cohort.start at 09:00", date(2027, 2, 1)),
    ("1 week before cohort.start", date(2027, 2, 1)),
    ("monday before cohort.start", date(2027, 2, 1)),
    ("friday after school.last_day", date(2027, 2, 19)),
    ("1 month after cohort.start", date(2027, 1, 31)),
    ("6 months after ended", date(2027, 3, 23)),
    ("1 year after cohort.start", date(2028, 2, 29)),
    ("2 hours after cohort.start", date(2027, 2, 1)),
    ("1 calendar day before cohort.start", date(2027, 2, 1)),
];

/// Periods, all counted from one origin.
const PERIODS: [&str; 10] = [
    "friday at 12:00",
    "workday",
    "week",
    "2 weeks",
    "2 weeks on friday",
    "month",
    "3 months",
    "year",
    "first workday of the month at 09:00",
    "last friday of the month",
];
const ORIGIN: Date = date(2027, 2, 1);

/// Lengths, all counted from one day: the Wednesday before Easter, and a month's last weeks.
const LENGTHS: [&str; 5] = [
    "2 workdays",
    "2 calendar days",
    "2 weeks",
    "1 month",
    "1 year",
];
const COUNTED: Date = date(2027, 3, 24);

/// Phrases that people try, which are refused with what was probably meant.
const REFUSED: [&str; 7] = [
    "2 days before cohort.start",
    "the day before cohort.start",
    "within 2 workdays of cohort.start",
    "cohort.start kl. 9.00",
    "2 uger før cohort.start",
    "24/3/2027",
    "2 weeks",
];

const GRAMMAR: &str = "\
POINT    = [ SHIFT ] ANCHOR [ \"at\" HHMM ]            (when, due, from, until, between, anonymise)
REMIND   = SHIFT [ \"at\" HHMM ]                       (remind, book.due)
PERIOD   = EACH [ \"at\" HHMM ]                        (every)
LENGTH   = N UNIT | \"settings.\" NAME                 (lasts, after, gather)
SHIFT    = ( LENGTH | WEEKDAY ) ( \"before\" | \"after\" )
UNIT     = minutes, hours, calendar days, workdays, weeks, months, years
ANCHOR   = DATE | [ \"cohort.\" ] THING | \"entered\" | \"left\" | \"ended\"
THING    = NAME                                      a date of the hold, a date fact, a meeting, an event;
                                                     of the hold also place_free, cancelled
         | STATE   \".\" ( first_day | last_day | entered | left )
         | TASK    \".\" ( due | done | overdue )
         | MEETING \".\" ( held | no_show | cancelled )
EACH     = WEEKDAY | \"workday\" | [ N ] WEEKS [ \"on\" WEEKDAY ] | [ N ] ( MONTHS | YEARS )
         | ( \"first\" | \"last\" ) ( WEEKDAY | \"workday\" ) \"of the month\"
";

pub(super) fn page(made: &str) -> String {
    let mut out = format!("{made}\n# Time phrases\n\n```text\n{GRAMMAR}```\n\n");
    out.push_str(
        "Minutes and hours elapse; calendar days, weeks, months and years keep the clock time; workdays are \
         Monday to Friday less public holidays less closing days. \"2 days\" is not a phrase: say which. The \
         anchor's own day never counts. Months count from the anchor and stop at the last day of a short \
         month. Of a meeting, \"before\" counts from its start and \"after\" from its end.\n\n\
         Without `at`, a point means the opening of `hours`; an event mails as it happens, inside `hours`. \
         A point on a closed day or outside `hours` moves: back if it is before something, else forward.\n",
    );
    // The zone is compiled into the program; the test of this page would miss its tables.
    if let Ok(calendar) = calendar() {
        examples(&mut out, &calendar);
    }
    out.push_str("\n## Refused\n\n| phrase | why |\n|---|---|\n");
    for phrase in REFUSED {
        let _ = writeln!(out, "| `{phrase}` | {} |", refused(phrase));
    }
    out.push_str("\n[All keywords](README.md)\n");
    out
}

/// What each phrase gives.
fn examples(out: &mut String, calendar: &Calendar) {
    out.push_str("\n## Points\n\nOn a calendar with Danish holidays, open 08:00-16:00.\n\n| phrase | counted from | gives | moved |\n|---|---|---|---|\n");
    for (phrase, anchor) in POINTS {
        let _ = writeln!(
            out,
            "| `{phrase}` | {} | {} |",
            date_en(anchor),
            told(point(calendar, phrase, anchor))
        );
    }
    let _ = write!(
        out,
        "\n## Periods\n\nCounted from {}. `every` counts from `from`, else from the first day of the state, else \
         from `cohort.start`. Intervals first fall one period after it, days of the week and of the month on or \
         after it. Each is counted from there, so that one that moves shifts no other.\n\n\
         | phrase | gives |\n|---|---|\n",
        date_en(ORIGIN)
    );
    for phrase in PERIODS {
        let _ = writeln!(out, "| `{phrase}` | {} |", told(period(calendar, phrase)));
    }
    let _ = write!(
        out,
        "\n## Lengths\n\n| phrase | after {} |\n|---|---|\n",
        date_en(COUNTED)
    );
    for phrase in LENGTHS {
        let _ = writeln!(out, "| `{phrase}` | {} |", told(length(calendar, phrase)));
    }
}

fn calendar() -> Result<Calendar, UnknownZone> {
    let hours = Hours {
        from: time(8, 0, 0, 0),
        to: time(16, 0, 0, 0),
    };
    Calendar::new("Europe/Copenhagen", Holidays::Dk, Vec::new(), hours)
}

/// Two cells: when it acts, and the move with its reason.
fn point(calendar: &Calendar, phrase: &str, anchor: Date) -> Result<String, PhraseError> {
    let read = parse_point(phrase, &|_| None)?;
    let placed = calendar.place(Moment::Day(anchor), read.shift.as_ref(), read.at);
    let moved = placed.moved.map_or_else(String::new, |moved| moved.en());
    Ok(format!("{} | {moved}", moment(calendar.local(placed.at))))
}

/// The first three.
fn period(calendar: &Calendar, phrase: &str) -> Result<String, PhraseError> {
    let period = parse_period(phrase)?;
    let slots = calendar.slots(&period, ORIGIN, None).take(3);
    let all: Vec<String> = slots.map(|slot| moment(calendar.local(slot.at))).collect();
    Ok(all.join(", "))
}

fn length(calendar: &Calendar, phrase: &str) -> Result<String, PhraseError> {
    let length = parse_duration(phrase, &|_| None)?;
    Ok(date_en(calendar.add(COUNTED, length, Direction::After)))
}

fn told(row: Result<String, PhraseError>) -> String {
    row.unwrap_or_else(|error| format!("**refused**: {error}"))
}

fn refused(phrase: &str) -> String {
    let Err(error) = parse_point(phrase, &|_| None) else {
        return "**taken**".to_owned();
    };
    let help = error.help.as_deref().unwrap_or_default();
    format!("{error}; {help}").replace('|', "\\|")
}

fn moment(local: DateTime) -> String {
    format!("{} {}", date_en(local.date()), local.strftime("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_of_the_page_is_what_its_table_says() {
        let page = page("");
        assert!(!page.contains("**"), "{page}");
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(
            rows,
            POINTS.len() + PERIODS.len() + LENGTHS.len() + REFUSED.len()
        );
        let row = "| `2 workdays after cohort.start` | wednesday 24 march 2027 | wednesday 31 march 2027 08:00 |  |";
        assert!(page.lines().any(|line| line == row), "{page}");
    }
}
