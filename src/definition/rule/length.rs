//! How many days a shift or a length can come to, at least and at most: enough to say that one point
//! lies after another whatever the calendar.

use crate::calendar::{By, Direction, Length, Shift, Unit};

/// Days forward that a shift goes, at least and at most; `None` is without limit.
pub(super) fn days(shift: Option<&Shift>) -> (i64, Option<i64>) {
    let Some(shift) = shift else {
        return (0, Some(0));
    };
    let (least, most) = match shift.by {
        By::Length(length) => of_length(length),
        By::Weekday(_) => (1, Some(7)),
    };
    match shift.direction {
        Direction::After => (least, most),
        // Backwards, what is without limit lies as early as can be.
        Direction::Before => (most.map_or(i64::MIN, |most| -most), Some(-least)),
    }
}

/// Days that a length has, at least and at most.
pub(super) fn of_length(length: Length) -> (i64, Option<i64>) {
    let n = i64::from(length.count);
    match length.unit {
        Unit::Minutes => (n / (24 * 60), Some(n / (24 * 60) + 1)),
        Unit::Hours => (n / 24, Some(n / 24 + 1)),
        Unit::CalendarDays => (n, Some(n)),
        Unit::Weeks => (7 * n, Some(7 * n)),
        // No run of months is shorter than with every February in it, nor longer than 31 days each.
        Unit::Months => (n * 365 / 12 - 2, Some(31 * n)),
        Unit::Years => (365 * n, Some(366 * n)),
        // Closing days are without number.
        Unit::Workdays => (n, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{parse_duration, parse_point};

    #[test]
    fn bounds_hold_for_every_start() {
        use jiff::{ToSpan, civil::date};
        for (n, months) in (1..=30).map(|n| (n, n.months())) {
            let (least, most) =
                of_length(parse_duration(&format!("{n} months"), &|_| None).expect("a length"));
            for from in date(2026, 1, 1).series(1.day()).take(4 * 366) {
                let days = i64::from(
                    from.until(from.checked_add(months).expect("a day"))
                        .expect("a span")
                        .get_days(),
                );
                assert!(
                    least <= days && most.is_some_and(|most| days <= most),
                    "{n} months from {from}: {days}"
                );
            }
        }
    }

    #[test]
    fn shifts_are_bounded_both_ways() {
        for (phrase, expect) in [
            ("cohort.start", (0, Some(0))),
            ("2 weeks before cohort.start", (-14, Some(-14))),
            ("3 workdays after cohort.start", (3, None)),
            ("3 workdays before cohort.start", (i64::MIN, Some(-3))),
            ("monday after cohort.start", (1, Some(7))),
            ("1 month before cohort.start", (-31, Some(-28))),
            ("36 hours after cohort.start", (1, Some(2))),
        ] {
            let point = parse_point(phrase, &|_| None).expect("a point");
            assert_eq!(days(point.shift.as_ref()), expect, "{phrase}");
        }
    }
}
