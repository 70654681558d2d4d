//! Phrases that are refused: where they are at fault, and what was probably meant.

use jiff::civil::time;

use super::{super::*, matches, settings};
use crate::calendar::Unit;

#[track_caller]
fn refused(error: &PhraseError, text: &str, at_fault: &str, help: &str) {
    assert_eq!(
        &text[error.span.clone()],
        at_fault,
        "place in `{text}`: {error:?}"
    );
    let found = error.help.as_deref().unwrap_or_default();
    assert!(found.contains(help), "help for `{text}`: {error:?}");
}

#[test]
fn points_are_refused_with_what_was_meant() {
    let table = [
        (
            "2 days before cohort.start",
            "2 days",
            "did you mean \"2 calendar days\" or \"2 workdays\"?",
        ),
        (
            "1 day after entered",
            "1 day",
            "did you mean \"1 calendar day\" or \"1 workday\"?",
        ),
        (
            "the day before cohort.start",
            "the day before",
            "\"1 calendar day before\" or \"1 workday before\"",
        ),
        ("dagen før cohort.start", "dagen", "a length or a weekday"),
        (
            "within 2 workdays of cohort.start",
            "within 2 workdays",
            "did you mean \"2 workdays after cohort.start\"?",
        ),
        (
            "within 2 workdays",
            "within 2 workdays",
            "did you mean \"2 workdays after …\"?",
        ),
        ("within 2 days", "2 days", "\"2 workdays\""),
        (
            "cohort.start kl. 9.00",
            "kl. 9.00",
            "did you mean \"at 09:00\"?",
        ),
        ("cohort.start at 9.00", "9.00", "did you mean \"09:00\"?"),
        ("cohort.start at 8:30", "8:30", "did you mean \"08:30\"?"),
        ("cohort.start at 24:00", "24:00", "from 00:00 to 23:59"),
        ("cohort.start at 9pm", "9pm", "did you mean \"21:00\"?"),
        ("cohort.start at", "at", "such as `at 09:00`"),
        ("cohort.start 09:00", "09:00", "did you mean \"at 09:00\"?"),
        (
            "2 hours after absence at 09:00",
            "at 09:00",
            "leave `at` out",
        ),
        (
            "2 wekks before cohort.start",
            "wekks",
            "did you mean \"2 weeks\"?",
        ),
        (
            "2 uger før cohort.start",
            "uger",
            "did you mean \"2 weeks\"?",
        ),
        (
            "2weeks before cohort.start",
            "2weeks",
            "did you mean \"2 weeks\"?",
        ),
        (
            "2 calendar weeks before cohort.start",
            "calendar",
            "did you mean \"2 calendar days\"?",
        ),
        (
            "2 working days before cohort.start",
            "working",
            "did you mean \"2 workdays\"?",
        ),
        (
            "2 weeks efter cohort.start",
            "efter",
            "did you mean \"2 weeks after\"?",
        ),
        (
            "2 weeks cohort.start",
            "cohort",
            "write \"2 weeks before\" or \"2 weeks after\"",
        ),
        ("2 weeks", "2 weeks", "write \"2 weeks before …\""),
        (
            "2 weeks before",
            "2 weeks before",
            "such as `2 weeks before cohort.start`",
        ),
        (
            "two weeks before cohort.start",
            "two weeks",
            "did you mean \"2 weeks\"?",
        ),
        (
            "mondya before cohort.start",
            "mondya",
            "did you mean \"monday before\"?",
        ),
        (
            "mandag før cohort.start",
            "mandag",
            "did you mean \"monday before\"?",
        ),
        (
            "friday",
            "friday",
            "write \"friday before …\" or \"friday after …\"",
        ),
        ("cohort.friday", "friday", "`every` takes `friday`"),
        ("0 workdays after entered", "0", "leave it out"),
        ("999999 weeks after entered", "999999", ""),
        ("24-03-2027", "24-03-2027", "did you mean \"2027-03-24\"?"),
        ("24/3/2027", "24/3/2027", "did you mean \"2027-03-24\"?"),
        ("2027-02-30", "2027-02-30", ""),
        ("09:00", "09:00", "after `at`"),
        ("cohort", "cohort", "`cohort.start`"),
        ("Cohort.start", "Cohort", "did you mean \"cohort\"?"),
        (
            "cohort.info-meeting",
            "info-meeting",
            "did you mean \"info_meeting\"?",
        ),
        ("school.end", "end", "did you mean \"school.last_day\"?"),
        (
            "school.lastday",
            "lastday",
            "did you mean \"school.last_day\"?",
        ),
        ("school.", "", "a state has `first_day`"),
        ("school.due.done", ".", "`NAME.PART`"),
        ("last_day", "last_day", "say whose: `NAME.last_day`"),
        ("settings.nonsense before entered", "nonsense", ""),
        ("", "", "a point is a date"),
        ("entered entered", "entered", ""),
        (
            "cohort.start at 09:00 at 10:00",
            "at 10:00",
            "one clock time is enough",
        ),
    ];
    for (text, at_fault, help) in table {
        refused(
            &parse_point(text, &settings).unwrap_err(),
            text,
            at_fault,
            help,
        );
        // No pattern knows which names and days there are.
        let looks_right = [
            "2 hours after absence at 09:00",
            "2027-02-30",
            "settings.nonsense before entered",
            "cohort.friday",
            "friday",
            "cohort",
            "last_day",
        ];
        let matched = matches(&point_pattern(), text);
        assert_eq!(matched, looks_right.contains(&text), "{text}");
    }
}

#[test]
fn periods_are_refused_with_what_was_meant() {
    let table = [
        ("twice a year", "twice a year", "did you mean \"6 months\"?"),
        ("once a week", "once a week", "did you mean \"week\"?"),
        (
            "3 times a year",
            "3 times a year",
            "did you mean \"4 months\"?",
        ),
        ("twice a week", "twice a week", "such as `week`"),
        (
            "every friday at 12:00",
            "every",
            "did you mean \"friday at 12:00\"?",
        ),
        ("weekly", "weekly", "did you mean \"week\"?"),
        ("2 days", "2 days", "a period is"),
        (
            "1 calendar day",
            "1 calendar day",
            "did you mean \"workday\"?",
        ),
        ("2 workdays", "2 workdays", "a period is"),
        ("fridays", "fridays", "did you mean \"friday\"?"),
        ("Friday", "Friday", "did you mean \"friday\"?"),
        ("fredag", "fredag", "did you mean \"friday\"?"),
        (
            "2 fridays",
            "fridays",
            "did you mean \"2 weeks on friday\"?",
        ),
        ("2 weeks on fridya", "fridya", "did you mean \"friday\"?"),
        ("2 weeks on", "on", "such as `2 weeks on friday`"),
        (
            "first workday",
            "first workday",
            "did you mean \"first workday of the month\"?",
        ),
        (
            "first day of the month",
            "day",
            "did you mean \"first workday of the month\"?",
        ),
        (
            "second friday of the month",
            "second",
            "only the first and the last",
        ),
        ("friday kl. 12", "kl. 12", "did you mean \"at 12:00\"?"),
        ("friday at noon", "noon", "from 00:00 to 23:59"),
        ("2 måneder", "måneder", "did you mean \"2 months\"?"),
        ("0 weeks", "0", ""),
        ("", "", "a period is"),
    ];
    for (text, at_fault, help) in table {
        refused(&parse_period(text).unwrap_err(), text, at_fault, help);
        assert!(!matches(&period_pattern(), text), "{text}");
    }
}

#[test]
fn reminders_and_lengths_are_refused_with_what_was_meant() {
    let table = [
        (
            "3 workdays before cohort.start",
            "cohort.start",
            "did you mean \"3 workdays before\"?",
        ),
        ("cohort.start", "cohort", "3 workdays before at 09:00"),
        ("2 days before", "2 days", "\"2 workdays\""),
        (
            "the day before",
            "the day before",
            "\"1 calendar day before\"",
        ),
        ("2 hours before at 09:00", "at 09:00", "leave `at` out"),
        ("", "", "3 workdays before at 09:00"),
    ];
    for (text, at_fault, help) in table {
        refused(
            &parse_remind(text, &settings).unwrap_err(),
            text,
            at_fault,
            help,
        );
        let looks_right = text == "2 hours before at 09:00";
        assert_eq!(matches(&remind_pattern(), text), looks_right, "{text}");
    }
    let table = [
        ("2 days", "2 days", "\"2 calendar days\" or \"2 workdays\""),
        ("settings.internships", "internships", ""),
        ("settings", "settings", "`settings.NAME`"),
        ("2", "2", "a length is"),
        ("2 weeks before", "before", ""),
        ("weeks", "weeks", "a length is"),
    ];
    for (text, at_fault, help) in table {
        refused(
            &parse_duration(text, &settings).unwrap_err(),
            text,
            at_fault,
            help,
        );
        let looks_right = text == "settings.internships";
        let pattern = length_pattern(&Unit::ALL, true);
        assert_eq!(matches(&pattern, text), looks_right, "{text}");
    }
    let unknown = parse_duration("settings.nonsense", &settings).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no setting `nonsense`");
}

#[test]
fn clock_times_are_strict() {
    assert_eq!(parse_hhmm(" 08:05 "), Ok(time(8, 5, 0, 0)));
    for (text, at_fault) in [
        ("8:05", "8:05"),
        (" 24:00", "24:00"),
        ("08:60", "08:60"),
        ("", ""),
        ("ø8:0", "ø8:0"),
    ] {
        refused(&parse_hhmm(text).unwrap_err(), text, at_fault, "");
    }
}
