//! The calendar against sources that know nothing of it, and against the language's own table.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, date};
use tovholder::calendar::{
    Calendar, Direction, Holidays, Length, Moment, Unit, danish_holidays, parse_period,
    parse_point, parse_remind, week_of,
};

/// Generated from two independent packages; see the README beside it.
const INDEPENDENT: &str = include_str!("../fixtures/holidays/dk.csv");

fn copenhagen() -> Calendar {
    let closed =
        ["24 december", "31 december", "5 june"].map(|day| day.parse().expect("a closing day"));
    let hours = "08:00-16:00".parse().expect("hours");
    Calendar::new("Europe/Copenhagen", Holidays::Dk, closed.to_vec(), hours).expect("a known zone")
}

fn at(text: &str) -> DateTime {
    text.parse().expect("a local date and time")
}

#[test]
fn holidays_agree_with_independent_sources() {
    let mut reader = csv::Reader::from_reader(INDEPENDENT.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .expect("a header")
        .iter()
        .skip(1)
        .map(official_name)
        .collect();
    let mut years = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let year: i16 = row[0].parse().expect("a year");
        let theirs: BTreeSet<(Date, String)> = row
            .iter()
            .skip(1)
            .zip(&names)
            .filter(|(day, _)| !day.is_empty())
            .map(|(day, name)| {
                (
                    format!("{year}-{day}").parse().expect("a date"),
                    name.clone(),
                )
            })
            .collect();
        let ours: BTreeSet<_> = danish_holidays(year)
            .iter()
            .map(|day| (day.date, day.name_da.to_lowercase()))
            .collect();
        assert_eq!(ours, theirs, "{year}");
        years += 1;
    }
    assert_eq!(years, 301, "1900 to 2200");
}

/// The sources write "Anden påskedag" where the law's readers say "2. påskedag".
fn official_name(column: &str) -> String {
    column.to_lowercase().replace("anden ", "2. ")
}

/// One row of the language's table: an anchor day, a phrase as it stands in a workflow, the place.
#[test]
fn days_count_as_the_language_says() {
    let table = [
        // counting: the anchor's day never counts; months clamp; `monday before` a Monday.
        ("2027-03-24", "2 workdays after", "2027-03-31T08:00", ""),
        (
            "2026-01-31",
            "1 month after",
            "2026-03-02T08:00",
            "flyttet fra lørdag den 28. februar 2026",
        ),
        ("2026-02-02", "monday before", "2026-01-26T08:00", ""),
        // closed: back if before something, else forward, with the reason.
        (
            "2027-03-24",
            "2 calendar days after",
            "2027-03-30T08:00",
            "flyttet fra fredag den 26. marts 2027, som er langfredag",
        ),
        (
            "2027-03-29",
            "1 calendar day before at 09:00",
            "2027-03-24T09:00",
            "flyttet fra søndag den 28. marts 2027, som er påskedag",
        ),
        (
            "2026-12-23",
            "1 calendar day after",
            "2026-12-28T08:00",
            "flyttet fra torsdag den 24. december 2026, som er lukkedag (24. december)",
        ),
        (
            "2026-06-08",
            "3 calendar days before",
            "2026-06-04T08:00",
            "flyttet fra fredag den 5. juni 2026, som er lukkedag (5. juni)",
        ),
        (
            "2026-02-03",
            "1 workday after at 17:30",
            "2026-02-05T08:00",
            "flyttet fra onsdag den 4. februar 2026 kl. 17.30, uden for tiden 8.00–16.00",
        ),
    ];
    let calendar = copenhagen();
    for (anchor, phrase, place, reason) in table {
        let remind = parse_remind(phrase, &|_| None).expect(phrase);
        let anchor = Moment::Day(anchor.parse().expect("a date"));
        let placed = calendar.place(anchor, Some(&remind.shift), remind.at);
        // Where a holiday is a Sunday, people are told the weekday alone.
        let moved = placed.moved.map(|moved| moved.da()).unwrap_or_default();
        assert_eq!(calendar.local(placed.at), at(place), "{phrase}");
        assert!(
            reason.starts_with(&moved) && moved.is_empty() == reason.is_empty(),
            "{phrase}: {moved}"
        );
    }
}

#[test]
fn a_state_of_two_weeks_from_a_monday() {
    // "`lasts: 2 weeks` from Mon 2 Feb 2026: `last_day` Fri 13, moves on Mon 16."
    let calendar = copenhagen();
    let ends = calendar.add(
        date(2026, 2, 2),
        Length {
            count: 2,
            unit: Unit::Weeks,
        },
        Direction::After,
    );
    assert_eq!(ends, date(2026, 2, 16));
    assert_eq!(calendar.workday_before(ends, 1), date(2026, 2, 13));
    assert_eq!(calendar.start_of(ends).to_string(), "2026-02-15T23:00:00Z");
}

#[test]
fn fortnights_pass_week_53() {
    // A course of 2 + 3 + 2 weeks from week 49 of 2026 has its school in weeks 51 to 53.
    let calendar = copenhagen();
    let start = date(2026, 11, 30);
    assert_eq!(week_of(start), (2026, 49));
    let school = calendar.add(
        start,
        Length {
            count: 2,
            unit: Unit::Weeks,
        },
        Direction::After,
    );
    let after_school = calendar.add(
        school,
        Length {
            count: 3,
            unit: Unit::Weeks,
        },
        Direction::After,
    );
    assert_eq!(
        (week_of(school), week_of(after_school)),
        ((2026, 51), (2027, 1))
    );
    let period = parse_period("2 weeks").expect("a period");
    let visits: Vec<_> = calendar
        .slots(&period, start, None)
        .take(3)
        .map(|slot| week_of(slot.nominal.date()))
        .collect();
    assert_eq!(visits, [(2026, 51), (2026, 53), (2027, 2)]);
}

#[test]
fn a_recurrence_of_a_thousand_years_is_reached_by_arithmetic() {
    let calendar = copenhagen();
    let period = parse_period("2 weeks on friday at 12:00").expect("a period");
    let slot = calendar
        .slots(&period, date(1026, 1, 1), Some(at("2026-02-06T12:00")))
        .next()
        .expect("a slot");
    let walked = calendar
        .slots(&period, date(1026, 1, 1), None)
        .find(|slot| slot.nominal > at("2026-02-06T12:00"));
    assert_eq!(Some(slot), walked);
}

/// Phrases of the shipped drafts: each must read, and print as it was written.
#[test]
fn phrases_of_the_workflows_read_and_print_alike() {
    let points = [
        "3 workdays before internship.last_day",
        "cohort.start",
        "6 months after ended",
        "4 weeks after cohort.start",
        "6 weeks before main_ends",
        "cohort.map_need.done",
        "2 workdays after cohort.info_meeting",
        "1 workday after cohort.place_free",
        "cohort.info_meeting.held",
        "13 weeks after course.last_day",
        "1 month after guarantee.first_day",
        "absence",
    ];
    for text in points {
        assert_eq!(parse_point(text, &|_| None).expect(text).to_string(), text);
    }
    let periods = [
        "friday at 12:00",
        "2 weeks",
        "week",
        "month",
        "6 months",
        "first workday of the month at 09:00",
        "wednesday at 08:30",
    ];
    for text in periods {
        assert_eq!(parse_period(text).expect(text).to_string(), text);
    }
}
