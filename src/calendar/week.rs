//! ISO 8601 weeks, which is how Danish planners count: week 1 holds the year's first Thursday.

use jiff::civil::Date;

/// The ISO week of a date and the year that the week belongs to, which at New Year is not always
/// the date's own. 2026 has a week 53, so "even weeks" are no fortnight.
///
/// ```
/// # use tovholder::calendar::week_of;
/// use jiff::civil::date;
/// assert_eq!(week_of(date(2026, 12, 31)), (2026, 53));
/// assert_eq!(week_of(date(2027, 1, 3)), (2026, 53));
/// assert_eq!(week_of(date(2027, 1, 4)), (2027, 1));
/// ```
#[must_use]
pub fn week_of(date: Date) -> (i16, i8) {
    let week = date.iso_week_date();
    (week.year(), week.week())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_turn_of_2026() {
        let table = [
            (date(2025, 12, 29), (2026, 1)),
            (date(2026, 12, 14), (2026, 51)),
            (date(2026, 12, 20), (2026, 51)),
            (date(2026, 12, 21), (2026, 52)),
            (date(2026, 12, 27), (2026, 52)),
            (date(2026, 12, 28), (2026, 53)),
            (date(2027, 1, 3), (2026, 53)),
            (date(2027, 1, 4), (2027, 1)),
        ];
        for (day, week) in table {
            assert_eq!(week_of(day), week, "{day}");
        }
    }
}
