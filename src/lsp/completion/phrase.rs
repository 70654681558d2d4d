//! The words that can come next in a time phrase.

use jiff::civil::Weekday;

use super::{Asked, NAME, Offer, described, parts};
use crate::calendar::weekday_en;
use crate::definition::keywords::Takes;
use crate::definition::symbols::{Kind, Space};
use crate::definition::value::FactKind;

pub(super) const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
const UNITS: [&str; 8] = [
    "workdays",
    "workday",
    "weeks",
    "calendar days",
    "months",
    "years",
    "hours",
    "minutes",
];
const PERIODS: [&str; 5] = [
    "workday",
    "week on friday",
    "month",
    "first workday of the month",
    "last workday of the month",
];

/// Whether a shift can end so, with `before` or `after` to come.
fn is_length(word: &str) -> bool {
    let day = |weekday: Weekday| weekday_en(weekday) == word;
    UNITS.contains(&word)
        || word.starts_with("settings.")
        || ["days", "day", "week", "month", "year", "hour", "minute"].contains(&word)
        || WEEKDAYS.into_iter().any(day)
}

impl Asked<'_> {
    /// The words that can come next in a time phrase.
    pub(super) fn phrase(&self, takes: Takes, before: &str) -> Vec<Offer> {
        let words = |words: &[&str]| -> Vec<Offer> {
            words.iter().map(|word| Offer::word(word, "")).collect()
        };
        let last = before.split_whitespace().last().unwrap_or_default();
        let is_number = last.parse::<u32>().is_ok();
        let after_shift = ["before", "after"].contains(&last);
        let is_remind = matches!(takes, Takes::Remind);
        match takes {
            _ if last == "calendar" => words(&["days"]),
            _ if is_number => words(&UNITS),
            Takes::Length(_) if last.is_empty() => self.settings(),
            Takes::Length(_) => Vec::new(),
            Takes::Period if last.is_empty() => {
                [words(&WEEKDAYS.map(weekday_en)), words(&PERIODS)].concat()
            }
            Takes::Period if ["week", "weeks"].contains(&last) => words(&["on", "at"]),
            Takes::Period if last == "on" => words(&WEEKDAYS.map(weekday_en)),
            Takes::Period => words(&["at"]),
            _ if last.is_empty() && is_remind => self.settings(),
            _ if last.is_empty() => [self.anchors(), self.settings()].concat(),
            _ if after_shift && !is_remind => self.anchors(),
            _ if after_shift => words(&["at"]),
            _ if is_length(last) => words(&["before", "after"]),
            _ if last == "at" => words(&["09:00"]),
            _ => words(&["at"]),
        }
    }

    fn settings(&self) -> Vec<Offer> {
        self.of(&Space::Settings, &[Kind::Setting], "settings.")
    }

    /// What points are measured from: dates, days of states, tasks, meetings, events.
    fn anchors(&self) -> Vec<Offer> {
        let in_hold = matches!(
            self.context.path.first().map(String::as_str),
            Some("cohort")
        );
        let mut offers = Vec::new();
        for symbol in self.symbols() {
            let prefix = match symbol.space {
                Space::Hold => "cohort.",
                Space::Case => "",
                _ => continue,
            };
            let mut labels: Vec<String> = parts(symbol.kind)
                .iter()
                .map(|part| format!("{prefix}{}.{part}", symbol.name))
                .collect();
            let cohort = symbol.space == Space::Hold;
            let alone = match symbol.kind {
                Kind::Fact => self.fact_kind(cohort, &symbol.name) == Some(&FactKind::Date),
                kind => matches!(kind, Kind::Date | Kind::Meeting | Kind::Event),
            };
            if alone {
                labels.insert(0, format!("{prefix}{}", symbol.name));
            }
            offers.extend(labels.into_iter().map(|label| Offer {
                label,
                kind: NAME,
                detail: Some(described(symbol)),
                doc: None,
                text: None,
            }));
        }
        if !in_hold {
            offers.push(Offer::word("entered", "When this state was entered."));
            offers.push(Offer::word("left", "When this state was left."));
        }
        offers.push(Offer::word(
            "cohort.place_free",
            "When a place of the hold became free.",
        ));
        offers
    }
}
