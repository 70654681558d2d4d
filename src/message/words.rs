//! How dates, lists and numbers are said in Danish and in English.

use jiff::civil::{Date, DateTime, Time, Weekday};

/// The language that helpers speak. A directory of templates called `en` speaks English; every
/// other one speaks Danish, the language of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    Danish,
    English,
}

const MONTHS_DANISH: [&str; 12] = [
    "januar",
    "februar",
    "marts",
    "april",
    "maj",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Speech {
    pub(super) fn of(language: &str) -> Speech {
        if language == "en" {
            Speech::English
        } else {
            Speech::Danish
        }
    }

    /// "onsdag den 24. marts 2027"
    pub(super) fn long_date(self, date: Date) -> String {
        match self {
            Speech::Danish => format!("{} den {}", self.weekday(date), self.date(date)),
            Speech::English => format!("{} {}", self.weekday(date), self.date(date)),
        }
    }

    /// "24. marts 2027"
    pub(super) fn date(self, date: Date) -> String {
        let month = usize::from(date.month().unsigned_abs()) - 1;
        match self {
            Speech::Danish => format!("{}. {} {}", date.day(), MONTHS_DANISH[month], date.year()),
            Speech::English => format!("{} {} {}", date.day(), MONTHS_ENGLISH[month], date.year()),
        }
    }

    /// "24.3.2027"
    pub(super) fn short_date(self, date: Date) -> String {
        let mark = match self {
            Speech::Danish => '.',
            Speech::English => '/',
        };
        format!("{}{mark}{}{mark}{}", date.day(), date.month(), date.year())
    }

    /// "kl. 9.00"
    pub(super) fn time(self, time: Time) -> String {
        match self {
            Speech::Danish => format!("kl. {}.{:02}", time.hour(), time.minute()),
            Speech::English => format!("{}:{:02}", time.hour(), time.minute()),
        }
    }

    /// "onsdag den 24. marts 2027 kl. 9.00"
    pub(super) fn date_time(self, at: DateTime) -> String {
        let (date, time) = (self.long_date(at.date()), self.time(at.time()));
        match self {
            Speech::Danish => format!("{date} {time}"),
            Speech::English => format!("{date} at {time}"),
        }
    }

    /// "uge 12", counted as ISO 8601 does.
    pub(super) fn week(self, date: Date) -> String {
        let word = match self {
            Speech::Danish => "uge",
            Speech::English => "week",
        };
        format!("{word} {}", date.iso_week_date().week())
    }

    /// "Anna, Bo og Cæcilie"
    pub(super) fn list(self, items: &[String]) -> String {
        let and = match self {
            Speech::Danish => " og ",
            Speech::English => " and ",
        };
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [before @ .., last] => format!("{}{and}{last}", before.join(", ")),
        }
    }

    /// "1.234,50": `digits` after the comma, thousands grouped.
    pub(super) fn decimal(self, number: f64, digits: usize) -> String {
        let (group, comma) = match self {
            Speech::Danish => ('.', ','),
            Speech::English => (',', '.'),
        };
        let plain = format!("{:.digits$}", number.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        // A number that rounds to nothing has no sign: "-0,00" would be read as a mistake.
        let is_zero = plain.chars().all(|c| c == '0' || c == '.');
        let mut said = String::from(if number < 0.0 && !is_zero { "-" } else { "" });
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                said.push(group);
            }
            said.push(digit);
        }
        if !fraction.is_empty() {
            said.push(comma);
            said.push_str(fraction);
        }
        said
    }

    fn weekday(self, date: Date) -> &'static str {
        let (danish, english) = match date.weekday() {
            Weekday::Monday => ("mandag", "Monday"),
            Weekday::Tuesday => ("tirsdag", "Tuesday"),
            Weekday::Wednesday => ("onsdag", "Wednesday"),
            Weekday::Thursday => ("torsdag", "Thursday"),
            Weekday::Friday => ("fredag", "Friday"),
            Weekday::Saturday => ("lørdag", "Saturday"),
            Weekday::Sunday => ("søndag", "Sunday"),
        };
        match self {
            Speech::Danish => danish,
            Speech::English => english,
        }
    }
}
