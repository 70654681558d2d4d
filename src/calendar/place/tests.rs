//! Every kind of anchor with every kind of shift: where the point is counted to and where it lands.

use jiff::civil::date;

use super::*;
use crate::calendar::{
    parse_remind,
    tests::{at, danish},
};

#[derive(Clone, Copy)]
enum Anchor {
    Day(&'static str),
    Event(&'static str),
    Meeting(&'static str, &'static str),
}
use Anchor::{Day, Event, Meeting};

fn moment(anchor: Anchor) -> Moment {
    let instant = |text| danish().instant(at(text));
    match anchor {
        Day(day) => Moment::Day(day.parse().unwrap()),
        Event(text) => Moment::At(instant(text)),
        Meeting(start, end) => Moment::Span {
            start: instant(start),
            end: instant(end),
        },
    }
}

/// `phrase` is a shift with its `at`, "" or only an `at`.
fn check(anchor: Anchor, phrase: &str, nominal: &str, placed: &str) {
    let (shift, clock) = match phrase.strip_prefix("at ") {
        Some(clock) => (None, Some(clock.parse().unwrap())),
        None if phrase.is_empty() => (None, None),
        None => {
            let remind = parse_remind(phrase, &|_| None).unwrap();
            (Some(remind.shift), remind.at)
        }
    };
    let result = danish().place(moment(anchor), shift.as_ref(), clock);
    assert_eq!(result.nominal, at(nominal), "nominal of `{phrase}`");
    assert_eq!(danish().local(result.at), at(placed), "place of `{phrase}`");
    assert_eq!(
        result.moved.map(|moved| moved.from),
        (nominal != placed).then(|| at(nominal))
    );
}

#[test]
fn points_that_act() {
    let table = [
        // No `at`: the opening.
        (
            Day("2026-02-02"),
            "",
            "2026-02-02T08:00",
            "2026-02-02T08:00",
        ),
        (
            Day("2026-02-02"),
            "at 12:30",
            "2026-02-02T12:30",
            "2026-02-02T12:30",
        ),
        // A day that is closed moves forward, or back if before something.
        (
            Day("2026-03-28"),
            "at 12:30",
            "2026-03-28T12:30",
            "2026-03-30T12:30",
        ),
        (
            Day("2026-04-01"),
            "3 calendar days before at 12:30",
            "2026-03-29T12:30",
            "2026-03-27T12:30",
        ),
        (
            Day("2027-03-24"),
            "2 calendar days after",
            "2027-03-26T08:00",
            "2027-03-30T08:00",
        ),
        (
            Day("2027-03-24"),
            "2 workdays after",
            "2027-03-31T08:00",
            "2027-03-31T08:00",
        ),
        (
            Day("2026-01-31"),
            "1 month after",
            "2026-02-28T08:00",
            "2026-03-02T08:00",
        ),
        (
            Day("2026-02-02"),
            "monday before",
            "2026-01-26T08:00",
            "2026-01-26T08:00",
        ),
        (
            Day("2026-02-02"),
            "monday after at 10:00",
            "2026-02-09T10:00",
            "2026-02-09T10:00",
        ),
        (
            Day("2026-02-04"),
            "monday before",
            "2026-02-02T08:00",
            "2026-02-02T08:00",
        ),
        (
            Day("2026-02-04"),
            "friday after",
            "2026-02-06T08:00",
            "2026-02-06T08:00",
        ),
        // Outside the hours: the next opening, or the previous one.
        (
            Day("2026-02-06"),
            "at 17:00",
            "2026-02-06T17:00",
            "2026-02-09T08:00",
        ),
        (
            Day("2026-02-06"),
            "at 06:00",
            "2026-02-06T06:00",
            "2026-02-06T08:00",
        ),
        (
            Day("2026-02-10"),
            "1 workday before at 06:00",
            "2026-02-09T06:00",
            "2026-02-06T08:00",
        ),
        (
            Day("2026-02-10"),
            "1 workday before at 17:00",
            "2026-02-09T17:00",
            "2026-02-09T08:00",
        ),
        (
            Day("2026-02-07"),
            "at 17:00",
            "2026-02-07T17:00",
            "2026-02-09T08:00",
        ),
        (
            Day("2026-02-09"),
            "1 calendar day before at 06:00",
            "2026-02-08T06:00",
            "2026-02-06T08:00",
        ),
        // Hours of a day run from its opening.
        (
            Day("2026-02-02"),
            "2 hours after",
            "2026-02-02T10:00",
            "2026-02-02T10:00",
        ),
        (
            Day("2026-02-03"),
            "30 minutes before",
            "2026-02-03T07:30",
            "2026-02-02T08:00",
        ),
        // An event mails at once inside the hours, else at the next opening.
        (
            Event("2026-02-03T10:17"),
            "",
            "2026-02-03T10:17",
            "2026-02-03T10:17",
        ),
        (
            Event("2026-02-03T05:00"),
            "",
            "2026-02-03T05:00",
            "2026-02-03T08:00",
        ),
        (
            Event("2026-02-06T16:00"),
            "",
            "2026-02-06T16:00",
            "2026-02-09T08:00",
        ),
        (
            Event("2026-02-07T10:17"),
            "",
            "2026-02-07T10:17",
            "2026-02-09T08:00",
        ),
        (
            Event("2026-02-03T10:17"),
            "at 15:00",
            "2026-02-03T15:00",
            "2026-02-03T15:00",
        ),
        (
            Event("2026-02-03T10:17"),
            "1 hour after",
            "2026-02-03T11:17",
            "2026-02-03T11:17",
        ),
        (
            Event("2026-02-06T15:30"),
            "1 hour after",
            "2026-02-06T16:30",
            "2026-02-09T08:00",
        ),
        (
            Event("2026-02-03T10:17"),
            "2 workdays after",
            "2026-02-05T08:00",
            "2026-02-05T08:00",
        ),
        (
            Event("2026-02-03T10:17"),
            "1 week after at 09:15",
            "2026-02-10T09:15",
            "2026-02-10T09:15",
        ),
        // Elapsed over the night in which summer time begins: 24 hours are not the same clock time.
        (
            Event("2026-03-28T12:00"),
            "24 hours after",
            "2026-03-29T13:00",
            "2026-03-30T08:00",
        ),
        // A meeting: before its start, after its end, otherwise its start.
        (
            Meeting("2026-03-12T13:00", "2026-03-12T13:45"),
            "",
            "2026-03-12T13:00",
            "2026-03-12T13:00",
        ),
        (
            Meeting("2026-03-12T13:00", "2026-03-13T13:45"),
            "at 09:00",
            "2026-03-12T09:00",
            "2026-03-12T09:00",
        ),
        (
            Meeting("2026-03-12T13:00", "2026-03-12T13:45"),
            "2 hours before",
            "2026-03-12T11:00",
            "2026-03-12T11:00",
        ),
        (
            Meeting("2026-03-12T13:00", "2026-03-12T13:45"),
            "1 hour after",
            "2026-03-12T14:45",
            "2026-03-12T14:45",
        ),
        (
            Meeting("2026-03-12T13:00", "2026-03-12T13:45"),
            "3 workdays before at 09:00",
            "2026-03-09T09:00",
            "2026-03-09T09:00",
        ),
        (
            Meeting("2026-03-12T22:00", "2026-03-13T01:00"),
            "1 workday after",
            "2026-03-16T08:00",
            "2026-03-16T08:00",
        ),
        // On a Monday morning, two hours before is too early: the previous workday's opening.
        (
            Meeting("2026-03-09T09:00", "2026-03-09T10:00"),
            "2 hours before",
            "2026-03-09T07:00",
            "2026-03-06T08:00",
        ),
        // On a Sunday, the clock time is kept on the Friday.
        (
            Meeting("2026-03-08T12:00", "2026-03-08T13:00"),
            "2 hours before",
            "2026-03-08T10:00",
            "2026-03-06T10:00",
        ),
    ];
    for (anchor, phrase, nominal, placed) in table {
        check(anchor, phrase, nominal, placed);
    }
}

#[test]
fn points_that_name_a_day() {
    let table = [
        (Day("2026-03-28"), "", "2026-03-28", "2026-03-30"),
        (
            Day("2027-03-27"),
            "1 calendar day before",
            "2027-03-26",
            "2027-03-24",
        ),
        (
            Day("2027-03-24"),
            "2 calendar days after",
            "2027-03-26",
            "2027-03-30",
        ),
        (
            Day("2027-03-24"),
            "2 workdays after",
            "2027-03-31",
            "2027-03-31",
        ),
        (Event("2026-02-06T23:30"), "", "2026-02-06", "2026-02-06"),
        (
            Meeting("2026-03-12T22:00", "2026-03-13T01:00"),
            "2 workdays before",
            "2026-03-10",
            "2026-03-10",
        ),
    ];
    for (anchor, phrase, nominal, day) in table {
        let shift = (!phrase.is_empty()).then(|| parse_remind(phrase, &|_| None).unwrap().shift);
        let placed = danish().place_day(moment(anchor), shift.as_ref());
        assert_eq!(
            (placed.nominal.to_string(), placed.day.to_string()),
            (nominal.into(), day.into()),
            "{phrase}"
        );
        assert_eq!(placed.moved.is_some(), nominal != day);
    }
}

#[test]
fn a_state_bound_stays_on_a_closed_day() {
    let shift = parse_remind("2 calendar days after", &|_| None)
        .unwrap()
        .shift;
    assert_eq!(
        danish().shift_day(date(2027, 3, 24), Some(&shift)),
        date(2027, 3, 26)
    );
    assert_eq!(
        danish().shift_day(date(2026, 3, 28), None),
        date(2026, 3, 28)
    );
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    for phrase in [
        "99999 years after",
        "99999 hours after",
        "monday after",
        "monday before",
        "5 workdays before",
    ] {
        let shift = parse_remind(phrase, &|_| None).unwrap().shift;
        let ends = [
            Moment::Day(Date::MAX),
            Moment::Day(Date::MIN),
            Moment::At(Timestamp::MAX),
            Moment::At(Timestamp::MIN),
        ];
        for end in ends {
            let (point, day) = (
                danish().place(end, Some(&shift), None),
                danish().place_day(end, Some(&shift)),
            );
            assert_eq!(point.nominal.date(), day.nominal, "{phrase} {end:?}");
        }
    }
}
