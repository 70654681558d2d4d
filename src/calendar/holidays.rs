//! Denmark's statutory public holidays, by rule and law.
//!
//! The holidays are those of the national church ("folkekirkens helligdage", helligdagsloven,
//! LBK nr. 1023 of 24/10/2012) that the reform of 1770 left standing; one of them, Store Bededag,
//! was abolished from 2024. 5 June, 24 December and 31 December are *not* among them: where they
//! are days off it is by agreement, so an organisation lists them as closing days.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::phrase::PhraseError;

/// Which statutory holidays a workflow keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Holidays {
    /// Denmark's, written `DK`.
    #[serde(rename = "DK")]
    Dk,
    /// None at all, written `none`: every Monday to Friday is a workday unless a closing day.
    #[serde(rename = "none")]
    None,
}

impl Holidays {
    /// The holiday that falls on this date, if one does.
    #[must_use]
    pub fn on(self, date: Date) -> Option<Holiday> {
        match self {
            Self::Dk => danish_holiday_on(date),
            Self::None => None,
        }
    }
}

impl FromStr for Holidays {
    type Err = PhraseError;

    /// Reads `DK` or `none`.
    fn from_str(text: &str) -> Result<Self, PhraseError> {
        match text {
            "DK" => Ok(Self::Dk),
            "none" => Ok(Self::None),
            _ => {
                let error = PhraseError::whole(text, format!("`{text}` is no set of holidays"));
                Err(match text.to_lowercase().as_str() {
                    "dk" | "denmark" | "danmark" | "da" => error.did_you_mean("DK"),
                    "no" | "false" | "ingen" | "" => error.did_you_mean("none"),
                    _ => error.help("known are `DK` and `none`"),
                })
            }
        }
    }
}

impl fmt::Display for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dk => "DK",
            Self::None => "none",
        })
    }
}

/// A public holiday in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Holiday {
    /// The day it falls on.
    pub date: Date,
    /// Its Danish name, capitalised: "Langfredag".
    pub name_da: &'static str,
    /// Its English name: "Good Friday".
    pub name_en: &'static str,
    /// The law that makes, or for Store Bededag made, the day a holiday.
    pub law: &'static str,
}

const REFORM: &str = "Forordning ang. Afskaffelse af nogle Fest- og Helligdage, 26. oktober 1770; \
    helligdagsloven, LBK nr. 1023 af 24/10/2012";
const PRAYER_DAY: &str =
    "Bededagsforordningen, marts 1686; afskaffet ved lov nr. 214 af 06/03/2023";

/// Store Bededag was last held on 5 May 2023: lov nr. 214 of 06/03/2023 is in force from 2024.
const PRAYER_DAY_LAST_YEAR: i16 = 2023;

/// When in a year a holiday falls.
#[derive(Clone, Copy)]
enum Falls {
    On(i8, i8),
    DaysFromEaster(i16),
}

struct Rule {
    falls: Falls,
    name_da: &'static str,
    name_en: &'static str,
    law: &'static str,
    last_year: Option<i16>,
}

const fn rule(falls: Falls, name_da: &'static str, name_en: &'static str) -> Rule {
    Rule {
        falls,
        name_da,
        name_en,
        law: REFORM,
        last_year: None,
    }
}

/// In the order of the year, which no Easter changes.
const RULES: [Rule; 11] = [
    rule(Falls::On(1, 1), "Nytårsdag", "New Year's Day"),
    rule(Falls::DaysFromEaster(-3), "Skærtorsdag", "Maundy Thursday"),
    rule(Falls::DaysFromEaster(-2), "Langfredag", "Good Friday"),
    rule(Falls::DaysFromEaster(0), "Påskedag", "Easter Sunday"),
    rule(Falls::DaysFromEaster(1), "2. påskedag", "Easter Monday"),
    Rule {
        falls: Falls::DaysFromEaster(26),
        name_da: "Store bededag",
        name_en: "Great Prayer Day",
        law: PRAYER_DAY,
        last_year: Some(PRAYER_DAY_LAST_YEAR),
    },
    rule(
        Falls::DaysFromEaster(39),
        "Kristi himmelfartsdag",
        "Ascension Day",
    ),
    rule(Falls::DaysFromEaster(49), "Pinsedag", "Whit Sunday"),
    rule(Falls::DaysFromEaster(50), "2. pinsedag", "Whit Monday"),
    rule(Falls::On(12, 25), "Juledag", "Christmas Day"),
    rule(Falls::On(12, 26), "2. juledag", "Second Day of Christmas"),
];

impl Rule {
    /// The day in a year, by its ordinal so that no date arithmetic can overflow.
    fn holds_on(&self, date: Date, easter_day_of_year: i16) -> bool {
        self.last_year.is_none_or(|last| date.year() <= last)
            && match self.falls {
                Falls::On(month, day) => (date.month(), date.day()) == (month, day),
                Falls::DaysFromEaster(days) => date.day_of_year() == easter_day_of_year + days,
            }
    }

    fn date_in(&self, year: i16, easter_day_of_year: i16) -> Option<Date> {
        if self.last_year.is_some_and(|last| year > last) {
            return None;
        }
        match self.falls {
            Falls::On(month, day) => Date::new(year, month, day).ok(),
            Falls::DaysFromEaster(days) => Date::new(year, 1, 1)
                .ok()?
                .with()
                .day_of_year(easter_day_of_year + days)
                .build()
                .ok(),
        }
    }

    const fn on(&self, date: Date) -> Holiday {
        Holiday {
            date,
            name_da: self.name_da,
            name_en: self.name_en,
            law: self.law,
        }
    }
}

/// Denmark's statutory holidays of a year, sorted by date.
///
/// The rules are those in force from 1900 on; years to come follow the present law. They are
/// checked against two independent sources for 1900–2200. Years that no date can express have none.
///
/// ```
/// # use tovholder::calendar::danish_holidays;
/// use jiff::civil::date;
/// let good_friday = danish_holidays(2027)[2];
/// assert_eq!((good_friday.name_da, good_friday.date), ("Langfredag", date(2027, 3, 26)));
/// assert_eq!((danish_holidays(2023).len(), danish_holidays(2024).len()), (11, 10));
/// ```
#[must_use]
pub fn danish_holidays(year: i16) -> Vec<Holiday> {
    let Ok(first) = Date::new(year, 1, 1) else {
        return Vec::new();
    };
    let easter = easter_day_of_year(first);
    RULES
        .iter()
        .filter_map(|rule| rule.date_in(year, easter).map(|date| rule.on(date)))
        .collect()
}

/// Allocates nothing: every look at the calendar asks this.
fn danish_holiday_on(date: Date) -> Option<Holiday> {
    let easter = easter_day_of_year(date);
    RULES
        .iter()
        .find(|rule| rule.holds_on(date, easter))
        .map(|rule| rule.on(date))
}

/// Easter Sunday of the date's year as a day of the year, by the Gregorian computus
/// (Meeus, Jones and Butcher, "Ecclesiastical Calendar", 1876).
fn easter_day_of_year(date: Date) -> i16 {
    let year = i32::from(date.year());
    let golden = year.rem_euclid(19);
    let (century, rest) = (year.div_euclid(100), year.rem_euclid(100));
    let (leaps, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leaps - correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * century_rest + 2 * (rest / 4) - epact - rest % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday).div_euclid(451);
    // Counted from 22 March, the earliest Easter, which is day 81 of a common year.
    let from_earliest = epact + to_sunday - 7 * late;
    let earliest = if date.in_leap_year() { 82 } else { 81 };
    i16::try_from(earliest + from_earliest).unwrap_or(earliest as i16)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn easter(year: i16) -> Date {
        danish_holidays(year)[3].date
    }

    #[test]
    fn easter_in_known_years() {
        let table = [
            (1900, 4, 15),
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2076, 4, 19),
            (2200, 4, 6),
        ];
        for (year, month, day) in table {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn the_table_and_the_single_look_agree() {
        for year in 1900..=2200 {
            let table = danish_holidays(year);
            assert!(table.is_sorted_by(|a, b| a.date < b.date), "{year}");
            let mut day = date(year, 1, 1);
            let mut found = Vec::new();
            while day.year() == year {
                found.extend(Holidays::Dk.on(day));
                day = day.tomorrow().unwrap();
            }
            assert_eq!(table, found, "{year}");
        }
    }

    #[test]
    fn store_bededag_ends_and_free_days_by_agreement_never_were() {
        assert_eq!(
            Holidays::Dk.on(date(2023, 5, 5)).map(|day| day.name_da),
            Some("Store bededag")
        );
        for closed_only_by_agreement in [
            date(2024, 4, 26),
            date(2026, 6, 5),
            date(2026, 12, 24),
            date(2026, 12, 31),
        ] {
            assert_eq!(Holidays::Dk.on(closed_only_by_agreement), None);
        }
        assert_eq!(Holidays::None.on(date(2026, 12, 25)), None);
    }

    #[test]
    fn no_year_panics() {
        for year in i16::MIN..=i16::MAX {
            let expressible = (-9999..=9999).contains(&year);
            assert_eq!(danish_holidays(year).is_empty(), !expressible, "{year}");
        }
        assert_eq!(Holidays::Dk.on(Date::MAX), None);
        assert_eq!(
            Holidays::Dk.on(Date::MIN).map(|day| day.name_da),
            Some("Nytårsdag")
        );
    }

    #[test]
    fn the_setting_is_read_and_guessed() {
        for text in ["DK", "none"] {
            assert_eq!(text.parse::<Holidays>().unwrap().to_string(), text);
        }
        let help = |text: &str| text.parse::<Holidays>().unwrap_err().help;
        assert_eq!(help("dk").as_deref(), Some("did you mean \"DK\"?"));
        assert_eq!(help("SE").as_deref(), Some("known are `DK` and `none`"));
    }
}
