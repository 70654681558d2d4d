//! Phrases as tables of what they mean, and as properties.

mod refused;

use jiff::civil::{Weekday, date, time};
use proptest::prelude::*;

use super::*;
use crate::calendar::{By, Direction, Each, MonthDay, Unit, Which};

fn settings(name: &str) -> Option<Length> {
    (name == "internship").then_some(Length {
        count: 2,
        unit: Unit::Weeks,
    })
}

fn by_length(count: u32, unit: Unit, direction: Direction) -> Shift {
    Shift {
        by: By::Length(Length { count, unit }),
        direction,
    }
}

/// The pattern that editors are given, as a question.
#[track_caller]
fn matches(pattern: &str, text: &str) -> bool {
    regex_lite::Regex::new(pattern).unwrap().is_match(text)
}

fn thing(name: &str, part: Option<&str>) -> AnchorKind {
    AnchorKind::Thing {
        name: name.to_owned(),
        part: part.map(str::to_owned),
    }
}

#[test]
fn points_mean_what_they_say() {
    use Direction::{After, Before};
    let monday_before = Some(Shift {
        by: By::Weekday(Weekday::Monday),
        direction: Before,
    });
    let table = [
        (
            "cohort.start",
            None,
            true,
            thing("start", None),
            0..12,
            None,
        ),
        (
            "2027-03-24 at 09:30",
            None,
            false,
            AnchorKind::Date(date(2027, 3, 24)),
            0..10,
            Some(time(9, 30, 0, 0)),
        ),
        ("entered", None, false, AnchorKind::Entered, 0..7, None),
        ("left", None, false, AnchorKind::Left, 0..4, None),
        (
            "6 months after ended",
            Some(by_length(6, Unit::Months, After)),
            false,
            AnchorKind::Ended,
            15..20,
            None,
        ),
        (
            "1 calendar day after left",
            Some(by_length(1, Unit::CalendarDays, After)),
            false,
            AnchorKind::Left,
            21..25,
            None,
        ),
        ("absence", None, false, thing("absence", None), 0..7, None),
        (
            "3 workdays before internship_2.last_day at 09:00",
            Some(by_length(3, Unit::Workdays, Before)),
            false,
            thing("internship_2", Some("last_day")),
            18..39,
            Some(time(9, 0, 0, 0)),
        ),
        (
            "settings.internship after cohort.info_meeting.held",
            Some(by_length(2, Unit::Weeks, After)),
            true,
            thing("info_meeting", Some("held")),
            26..50,
            None,
        ),
        (
            "monday before cohort.gf2_end",
            monday_before,
            true,
            thing("gf2_end", None),
            14..28,
            None,
        ),
        (
            "cohort.cancelled",
            None,
            true,
            thing("cancelled", None),
            0..16,
            None,
        ),
        (
            "  45 minutes  after cohort.place_free ",
            Some(by_length(45, Unit::Minutes, After)),
            true,
            thing("place_free", None),
            20..37,
            None,
        ),
    ];
    for (text, shift, cohort, kind, span, at) in table {
        let point = PointText {
            shift,
            anchor: AnchorText { cohort, kind, span },
            at,
        };
        assert_eq!(parse_point(text, &settings), Ok(point), "{text}");
        assert!(matches(&point_pattern(), text), "{text}");
    }
}

#[test]
fn periods_mean_what_they_say() {
    let table = [
        (
            "friday at 12:00",
            Each::Weekday(Weekday::Friday),
            Some(time(12, 0, 0, 0)),
        ),
        ("workday", Each::Workday, None),
        ("week", Each::Weeks { count: 1, on: None }, None),
        ("1 week", Each::Weeks { count: 1, on: None }, None),
        (
            "2 weeks on friday",
            Each::Weeks {
                count: 2,
                on: Some(Weekday::Friday),
            },
            None,
        ),
        (
            "week on monday",
            Each::Weeks {
                count: 1,
                on: Some(Weekday::Monday),
            },
            None,
        ),
        ("month", Each::Months(1), None),
        ("6 months", Each::Months(6), None),
        ("year", Each::Years(1), None),
        (
            "first workday of the month at 09:00",
            Each::OfMonth {
                which: Which::First,
                day: MonthDay::Workday,
            },
            Some(time(9, 0, 0, 0)),
        ),
        (
            "last friday of the month",
            Each::OfMonth {
                which: Which::Last,
                day: MonthDay::Weekday(Weekday::Friday),
            },
            None,
        ),
    ];
    for (text, each, at) in table {
        assert_eq!(parse_period(text), Ok(Period { each, at }), "{text}");
        assert!(matches(&period_pattern(), text), "{text}");
    }
}

#[test]
fn lengths_and_reminders() {
    let length = |count, unit| Length { count, unit };
    assert_eq!(
        parse_duration("1 hour", &settings),
        Ok(length(1, Unit::Hours))
    );
    assert_eq!(
        parse_duration("1 calendar day", &settings),
        Ok(length(1, Unit::CalendarDays))
    );
    assert_eq!(
        parse_duration("settings.internship", &settings),
        Ok(length(2, Unit::Weeks))
    );
    let remind = parse_remind("3 workdays before at 09:00", &settings).unwrap();
    assert_eq!(
        (remind.shift, remind.at),
        (
            by_length(3, Unit::Workdays, Direction::Before),
            Some(time(9, 0, 0, 0))
        )
    );
    assert_eq!(remind.to_string(), "3 workdays before at 09:00");
    assert!(matches(&remind_pattern(), "3 workdays before at 09:00"));
    let any = length_pattern(&Unit::ALL, true);
    for text in ["1 hour", "1 calendar day", "settings.internship"] {
        assert!(matches(&any, text), "{text}");
    }
    let written = length_pattern(&[Unit::Weeks], false);
    for text in ["settings.internship", "1 hour", "0 weeks"] {
        assert!(!matches(&written, text), "{text}");
    }
}

fn any_shift() -> impl Strategy<Value = Shift> {
    let length = (1_u32..500, 0_usize..7).prop_map(|(count, unit)| {
        By::Length(Length {
            count,
            unit: Unit::ALL[unit],
        })
    });
    let weekday =
        (0_i8..7).prop_map(|offset| By::Weekday(Weekday::from_monday_zero_offset(offset).unwrap()));
    let direction = prop_oneof![Just(Direction::Before), Just(Direction::After)];
    (prop_oneof![length, weekday], direction).prop_map(|(by, direction)| Shift { by, direction })
}

fn any_anchor() -> impl Strategy<Value = AnchorText> {
    let part = proptest::option::of((0..PARTS.len()).prop_map(|part| PARTS[part].to_owned()));
    let name = "[a-z][a-z0-9_]{0,8}".prop_filter("no reserved name", |name| {
        !RESERVED.contains(&name.as_str())
    });
    let named = (any::<bool>(), name, part)
        .prop_map(|(cohort, name, part)| (cohort, AnchorKind::Thing { name, part }));
    let fixed = prop_oneof![
        Just(AnchorKind::Entered),
        Just(AnchorKind::Left),
        Just(AnchorKind::Ended),
        (1900_i16..2200, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| AnchorKind::Date(date(y, m, d))),
    ];
    prop_oneof![named, fixed.prop_map(|kind| (false, kind))].prop_map(|(cohort, kind)| AnchorText {
        cohort,
        kind,
        span: 0..0,
    })
}

fn any_clock() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of((0_i8..24, 0_i8..60).prop_map(|(hour, minute)| time(hour, minute, 0, 0)))
}

proptest! {
    #[test]
    fn a_printed_point_reads_back(shift in proptest::option::of(any_shift()), anchor in any_anchor(), at in any_clock()) {
        let at = at.filter(|_| shift.is_none_or(|shift| shift.elapsed().is_none()));
        let point = PointText { shift, anchor, at };
        prop_assert!(matches(&point_pattern(), &point.to_string()));
        let read = parse_point(&point.to_string(), &|_| None);
        let read = read.map(|read| PointText { anchor: AnchorText { span: 0..0, ..read.anchor }, ..read });
        prop_assert_eq!(read, Ok(point));
    }

    #[test]
    fn a_printed_reminder_reads_back(shift in any_shift(), at in any_clock()) {
        let at = at.filter(|_| shift.elapsed().is_none());
        let remind = RemindText { shift, at };
        prop_assert!(matches(&remind_pattern(), &remind.to_string()));
        prop_assert_eq!(parse_remind(&remind.to_string(), &|_| None), Ok(remind));
    }

    #[test]
    fn no_text_panics_and_every_error_points_into_it(
        text in prop_oneof![
            any::<String>(),
            "[a-zæøå0-9 .:/_-]{0,24}",
            proptest::collection::vec((0..RESERVED.len()).prop_map(|word| RESERVED[word]), 0..6).prop_map(|words| words.join(" ")),
            "(within|the|twice|2|kl\\.|first|99999|monday|cohort\\.|a) (2|day|a|weeks|9\\.00|of|before)( |\\.)(before|year|at|due)?",
        ],
    ) {
        let errors = [
            parse_point(&text, &settings).err(),
            parse_remind(&text, &settings).err(),
            parse_period(&text).err(),
            parse_duration(&text, &settings).err(),
            parse_hhmm(&text).err(),
            text.parse::<crate::calendar::Hours>().err(),
            text.parse::<crate::calendar::ClosingDay>().err(),
            text.parse::<crate::calendar::Holidays>().err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
        }
    }
}
