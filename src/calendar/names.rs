//! The names of weekdays and months in English (what authors write) and Danish (what people read).

use jiff::civil::{Date, Time, Weekday};

/// The weekdays from Monday, as authors write them.
pub(crate) const WEEKDAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Monday, "monday", "mandag"),
    (Weekday::Tuesday, "tuesday", "tirsdag"),
    (Weekday::Wednesday, "wednesday", "onsdag"),
    (Weekday::Thursday, "thursday", "torsdag"),
    (Weekday::Friday, "friday", "fredag"),
    (Weekday::Saturday, "saturday", "lørdag"),
    (Weekday::Sunday, "sunday", "søndag"),
];

/// The months from January: English, Danish.
const MONTHS: [(&str, &str); 12] = [
    ("january", "januar"),
    ("february", "februar"),
    ("march", "marts"),
    ("april", "april"),
    ("may", "maj"),
    ("june", "juni"),
    ("july", "juli"),
    ("august", "august"),
    ("september", "september"),
    ("october", "oktober"),
    ("november", "november"),
    ("december", "december"),
];

fn row(weekday: Weekday) -> &'static (Weekday, &'static str, &'static str) {
    // Monday has offset 0, so the offset is the row.
    &WEEKDAYS[usize::from(weekday.to_monday_zero_offset().unsigned_abs()) % WEEKDAYS.len()]
}

/// The weekday in English, lower case: the word of the time language.
#[must_use]
pub fn weekday_en(weekday: Weekday) -> &'static str {
    row(weekday).1
}

/// The weekday in Danish, lower case.
#[must_use]
pub fn weekday_da(weekday: Weekday) -> &'static str {
    row(weekday).2
}

/// The English word of a weekday, exactly as the time language spells it.
pub(crate) fn weekday_named(word: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(_, en, _)| *en == word)
        .map(|(weekday, ..)| *weekday)
}

/// The English name of a month from 1 to 12, lower case.
#[must_use]
pub fn month_en(month: i8) -> &'static str {
    month_row(month).0
}

/// The Danish name of a month from 1 to 12, lower case.
#[must_use]
pub fn month_da(month: i8) -> &'static str {
    month_row(month).1
}

fn month_row(month: i8) -> (&'static str, &'static str) {
    MONTHS[usize::from(month.clamp(1, 12).unsigned_abs()) - 1]
}

/// The number of a month by its English name.
pub(crate) fn month_named(word: &str) -> Option<i8> {
    (1..=12).find(|&month| month_en(month) == word)
}

/// The number of the month that a word was meant to name: any case, Danish or nearly spelt.
pub(crate) fn month_like(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    (1..=12)
        .find(|&month| month_en(month) == word || month_da(month) == word)
        .or_else(|| {
            (1..=12).find(|&month| strsim::damerau_levenshtein(month_en(month), &word) == 1)
        })
}

/// A date as Danish readers meet it: "onsdag den 24. marts 2027".
///
/// ```
/// # use tovholder::calendar::date_da;
/// assert_eq!(date_da(jiff::civil::date(2027, 3, 24)), "onsdag den 24. marts 2027");
/// ```
#[must_use]
pub fn date_da(date: Date) -> String {
    let (weekday, month) = (weekday_da(date.weekday()), month_da(date.month()));
    format!("{weekday} den {}. {month} {}", date.day(), date.year())
}

/// A date as English readers meet it: "wednesday 24 march 2027", names in lower case.
#[must_use]
pub fn date_en(date: Date) -> String {
    let (weekday, month) = (weekday_en(date.weekday()), month_en(date.month()));
    format!("{weekday} {} {month} {}", date.day(), date.year())
}

/// A name or a date as a heading or a sentence begins with it: its first letter is a capital.
///
/// ```
/// # use tovholder::calendar::capital;
/// assert_eq!(capital("onsdag den 24. marts 2027"), "Onsdag den 24. marts 2027");
/// ```
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    first.map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A clock time as Danish readers meet it: "kl. 9.00".
#[must_use]
pub fn time_da(time: Time) -> String {
    format!("kl. {}.{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn every_weekday_and_month_has_its_own_name() {
        assert_eq!(weekday_da(date(2026, 3, 23).weekday()), "mandag");
        assert_eq!(weekday_en(date(2026, 3, 29).weekday()), "sunday");
        for (weekday, en, da) in WEEKDAYS {
            assert_eq!((weekday_en(weekday), weekday_da(weekday)), (en, da));
            assert_eq!(weekday_named(en), Some(weekday));
        }
        for month in 1..=12 {
            assert_eq!(month_named(month_en(month)), Some(month));
            assert_eq!(month_like(month_da(month)), Some(month));
        }
    }

    #[test]
    fn dates_and_times_read_as_people_write_them() {
        assert_eq!(date_da(date(2026, 6, 7)), "søndag den 7. juni 2026");
        assert_eq!(date_en(date(2026, 6, 7)), "sunday 7 june 2026");
        assert_eq!(time_da(time(14, 5, 0, 0)), "kl. 14.05");
    }
}
