//! The first slots of every form, and what holds of all of them.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::calendar::{
    Holidays, parse_period,
    tests::{at, danish},
};

fn nominal_days(phrase: &str, origin: Date, count: usize) -> Vec<String> {
    let period = parse_period(phrase).unwrap();
    danish()
        .slots(&period, origin, None)
        .take(count)
        .map(|slot| slot.nominal.date().to_string())
        .collect()
}

#[test]
fn the_first_slots_of_each_form() {
    let monday = date(2026, 2, 2);
    let table = [
        ("week", monday, ["2026-02-09", "2026-02-16", "2026-02-23"]),
        (
            "2 weeks",
            monday,
            ["2026-02-16", "2026-03-02", "2026-03-16"],
        ),
        (
            "2 weeks on friday",
            monday,
            ["2026-02-06", "2026-02-20", "2026-03-06"],
        ),
        ("monday", monday, ["2026-02-02", "2026-02-09", "2026-02-16"]),
        ("friday", monday, ["2026-02-06", "2026-02-13", "2026-02-20"]),
        (
            "workday",
            date(2027, 3, 24),
            ["2027-03-24", "2027-03-30", "2027-03-31"],
        ),
        (
            "month",
            date(2026, 1, 31),
            ["2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (
            "6 months",
            date(2026, 8, 31),
            ["2027-02-28", "2027-08-31", "2028-02-29"],
        ),
        (
            "year",
            date(2028, 2, 29),
            ["2029-02-28", "2030-02-28", "2031-02-28"],
        ),
        (
            "first workday of the month",
            date(2026, 3, 2),
            ["2026-03-02", "2026-04-01", "2026-05-01"],
        ),
        (
            "first workday of the month",
            date(2026, 3, 3),
            ["2026-04-01", "2026-05-01", "2026-06-01"],
        ),
        (
            "last workday of the month",
            date(2026, 12, 1),
            ["2026-12-30", "2027-01-29", "2027-02-26"],
        ),
        (
            "last friday of the month",
            monday,
            ["2026-02-27", "2026-03-27", "2026-04-24"],
        ),
        (
            "first monday of the month",
            date(2026, 2, 3),
            ["2026-03-02", "2026-04-06", "2026-05-04"],
        ),
        // Fortnights over week 53 are counted from the course, not from the week's number.
        (
            "2 weeks",
            date(2026, 12, 7),
            ["2026-12-21", "2027-01-04", "2027-01-18"],
        ),
    ];
    for (phrase, origin, days) in table {
        assert_eq!(
            nominal_days(phrase, origin, 3),
            days,
            "{phrase} from {origin}"
        );
    }
}

#[test]
fn a_moved_slot_shifts_no_other() {
    let calendar = danish();
    let period = parse_period("friday at 12:00").unwrap();
    let slots: Vec<_> = calendar
        .slots(&period, date(2027, 3, 19), None)
        .take(3)
        .collect();
    let places: Vec<_> = slots.iter().map(|slot| calendar.local(slot.at)).collect();
    assert_eq!(
        places,
        ["2027-03-19T12:00", "2027-03-30T12:00", "2027-04-02T12:00"].map(at)
    );
    assert_eq!(
        slots[1].moved.map(|moved| moved.from),
        Some(at("2027-03-26T12:00"))
    );
    assert_eq!((slots[0].moved, slots[2].moved), (None, None));
}

#[test]
fn a_slot_keeps_its_clock_time_over_daylight_saving() {
    let calendar = danish();
    let period = parse_period("wednesday at 08:30").unwrap();
    let instants: Vec<_> = calendar
        .slots(&period, date(2026, 3, 25), None)
        .take(2)
        .map(|slot| slot.at.to_string())
        .collect();
    assert_eq!(instants, ["2026-03-25T07:30:00Z", "2026-04-01T06:30:00Z"]);
    let night = Calendar::new(
        "Europe/Copenhagen",
        Holidays::None,
        vec![],
        "00:00-24:00".parse().unwrap(),
    )
    .unwrap();
    let sunday = parse_period("sunday at 02:30").unwrap();
    let slot = night
        .slots(&sunday, date(2026, 3, 29), None)
        .next()
        .unwrap();
    assert_eq!(
        night.local(slot.at),
        at("2026-03-30T02:30"),
        "a Sunday is closed, and Monday has a 02:30"
    );
}

#[test]
fn an_end_and_an_endless_closure_end_the_iterator() {
    let calendar = danish();
    for phrase in [
        "week",
        "monday",
        "workday",
        "month",
        "9999 years",
        "last workday of the month",
    ] {
        let period = parse_period(phrase).unwrap();
        let slots = calendar.slots(&period, date(9999, 11, 1), None);
        assert!(slots.count() < 50, "{phrase}");
        assert_eq!(
            calendar
                .slots(&period, Date::MAX, Some(DateTime::MAX))
                .next(),
            None,
            "{phrase}"
        );
        assert_eq!(
            calendar
                .slots(&period, Date::MIN, Some(DateTime::MAX))
                .next(),
            None,
            "{phrase}"
        );
        assert!(
            calendar
                .slots(&period, Date::MAX, Some(DateTime::MIN))
                .count()
                <= 1,
            "{phrase}"
        );
    }
}

fn any_period() -> impl Strategy<Value = Period> {
    let weekday = (0_i8..7).prop_map(|offset| Weekday::from_monday_zero_offset(offset).unwrap());
    let month_day = prop_oneof![
        weekday.clone().prop_map(MonthDay::Weekday),
        Just(MonthDay::Workday)
    ];
    let which = prop_oneof![Just(Which::First), Just(Which::Last)];
    let each = prop_oneof![
        weekday.clone().prop_map(Each::Weekday),
        Just(Each::Workday),
        (1_u32..9, proptest::option::of(weekday)).prop_map(|(count, on)| Each::Weeks { count, on }),
        (1_u32..25).prop_map(Each::Months),
        (1_u32..4).prop_map(Each::Years),
        (which, month_day).prop_map(|(which, day)| Each::OfMonth { which, day }),
    ];
    let clock = (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0));
    (each, proptest::option::of(clock)).prop_map(|(each, at)| Period { each, at })
}

proptest! {
    #[test]
    fn slots_increase_and_lie_on_workdays(period in any_period(), days in 0_i64..60_000) {
        let calendar = danish();
        let origin = plus_days(date(1990, 1, 1), days).unwrap();
        let slots: Vec<_> = calendar.slots(&period, origin, None).take(12).collect();
        for slot in &slots {
            prop_assert!(slot.nominal.date() >= origin);
            let local = calendar.local(slot.at);
            prop_assert!(calendar.is_workday(local.date()) && calendar.hours().contains(local.time()));
            prop_assert!(local >= slot.nominal);
            prop_assert_eq!(slot.moved.is_some(), local != slot.nominal);
        }
        prop_assert!(slots.is_sorted_by(|a, b| a.nominal < b.nominal && a.at <= b.at));
    }

    #[test]
    fn jumping_in_is_the_same_as_walking(period in any_period(), days in 0_i64..9_000, later in -50_i64..9_000) {
        let calendar = danish();
        let origin = plus_days(date(1990, 1, 1), days).unwrap();
        let after = plus_days(origin, later).unwrap().at(8, 0, 0, 0);
        let walked = calendar.slots(&period, origin, None).find(|slot| slot.nominal > after);
        prop_assert_eq!(calendar.slots(&period, origin, Some(after)).next(), walked);
    }

    #[test]
    fn a_printed_period_reads_back(period in any_period()) {
        prop_assert_eq!(parse_period(&period.to_string()), Ok(period));
    }
}
