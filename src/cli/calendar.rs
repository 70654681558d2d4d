//! `tovholder calendar`: the holidays of a year with their law, closing days and week numbers.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::{Date, Weekday};
use serde_json::{Value as Json, json};

use super::text::{Table, wrap};
use super::{Answer, Failure, capital};
use crate::calendar::{
    Calendar, Closed, Holiday, Holidays, month_da, month_en, week_of, weekday_da, weekday_en,
};
use crate::definition;

/// The years for which the rules of holidays are checked against two sources.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2200;

const EXAMPLES: &str = "\
Examples:
  tovholder calendar 2027
  tovholder calendar 2026 --workflow workflows/holstebro-introforloeb.yaml
  tovholder calendar 2026 --format json";

/// Holidays with their law, closing days and week numbers of a year.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct YearCalendar {
    /// The year, 1900 to 2200.
    #[arg(value_parser = clap::value_parser!(i16).range(YEARS))]
    year: i16,
    /// A workflow file, for its closing days.
    #[arg(long, value_name = "FILE")]
    workflow: Option<PathBuf>,
    /// The language of the listing.
    #[arg(long, value_enum, default_value_t)]
    language: Language,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Danish.
    #[default]
    Da,
    /// English.
    En,
}

/// A week as ISO counts it.
struct Week {
    number: i8,
    first: Date,
    last: Date,
    workdays: usize,
    closed: Vec<(Date, Closed)>,
}

impl YearCalendar {
    pub fn run(&self) -> Result<Answer, Failure> {
        let (calendar, source) = self.calendar()?;
        let days: Vec<(Date, Closed)> = days_of(self.year)
            .filter_map(|day| Some((day, calendar.closed_because(day)?)))
            .collect();
        let holidays: Vec<Holiday> = days
            .iter()
            .filter_map(|(day, _)| Holidays::Dk.on(*day))
            .chain(days_of(self.year).filter_map(|day| Holidays::Dk.on(day)))
            .collect();
        let holidays = unique(holidays);
        let closing: Vec<Date> = days
            .iter()
            .filter(|(_, why)| matches!(why, Closed::ClosingDay(_)))
            .map(|(day, _)| *day)
            .collect();
        let weeks = weeks_of(self.year, &calendar);
        let text = self.text(source.as_deref(), &holidays, &closing, &weeks);
        Ok(Answer {
            text,
            json: json_of(self.year, source.as_deref(), &holidays, &closing, &weeks),
            has_problems: false,
        })
    }

    /// The workflow's calendar and title, or the plain Danish one.
    fn calendar(&self) -> Result<(Calendar, Option<String>), Failure> {
        let Some(path) = &self.workflow else {
            let hours = "08:00-16:00"
                .parse()
                .map_err(|_| Failure::new("08:00-16:00", "hours"))?;
            let plain = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours);
            return plain
                .map(|plain| (plain, None))
                .map_err(|error| Failure::new(error.to_string(), "rebuild"));
        };
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                format!("{shown}: {error}"),
                "Name a workflow file, such as workflows/NAME.yaml.",
            )
        })?;
        let workflow = definition::read(&shown, &text).workflow;
        let workflow = workflow.ok_or_else(|| {
            Failure::new(
                format!("{shown} has errors"),
                format!("See them with: tovholder check {shown}"),
            )
        })?;
        Ok((workflow.calendar, Some(workflow.title)))
    }

    fn text(
        &self,
        source: Option<&str>,
        holidays: &[Holiday],
        closing: &[Date],
        weeks: &[Week],
    ) -> String {
        let da = self.language == Language::Da;
        let say = |danish: &'static str, english: &'static str| if da { danish } else { english };
        let mut laws: Vec<&str> = Vec::new();
        let mut table = Table::plain().right(1).right(3);
        for holiday in holidays {
            let law = laws
                .iter()
                .position(|law| *law == holiday.law)
                .unwrap_or_else(|| {
                    laws.push(holiday.law);
                    laws.len() - 1
                });
            let name = if da { holiday.name_da } else { holiday.name_en };
            let [weekday, day, month, week] = self.day(holiday.date);
            table.row([
                weekday,
                day,
                month,
                week,
                name.to_owned(),
                format!("[{}]", law + 1),
            ]);
        }
        let mut out = format!(
            "{} {}\n\n{}\n",
            say("Helligdage", "Public holidays"),
            self.year,
            table.text(2)
        );
        for (at, law) in laws.iter().enumerate() {
            out.push_str(&wrap(&format!("  [{}] ", at + 1), law));
        }
        match source {
            Some(title) => {
                out.push('\n');
                out.push_str(&wrap(
                    "",
                    &format!(
                        "{}: {title}",
                        say("Lukkedage på hverdage", "Closing days on weekdays")
                    ),
                ));
            }
            None => out.push_str(say(
                "\nEgne lukkedage: angiv --workflow FILE.\n",
                "\nClosing days of your own: give --workflow FILE.\n",
            )),
        }
        if source.is_some() {
            let mut table = Table::plain().right(1).right(3);
            for day in closing {
                table.row(self.day(*day));
            }
            let _ = write!(out, "\n{}", table.text(2));
        }
        let _ = write!(out, "\n{}\n\n{}", say("Uger", "Weeks"), self.weeks(weeks));
        out
    }

    fn weeks(&self, weeks: &[Week]) -> String {
        let da = self.language == Language::Da;
        let titles = if da {
            ["Uge", "Mandag", "Søndag", "Hverdage", ""]
        } else {
            ["Week", "Monday", "Sunday", "Workdays", ""]
        };
        let mut table = Table::titled(&titles).right(0).right(3);
        for week in weeks {
            let names: Vec<String> = week
                .closed
                .iter()
                .map(|(_, why)| if da { why.da() } else { why.en() })
                .collect();
            let date = |day: Date| self.short(day);
            table.row([
                week.number.to_string(),
                date(week.first),
                date(week.last),
                week.workdays.to_string(),
                names.join(", "),
            ]);
        }
        table.text(2)
    }

    /// Weekday, day, month, week.
    fn day(&self, day: Date) -> [String; 4] {
        let (_, week) = week_of(day);
        match self.language {
            Language::Da => [
                capital(weekday_da(day.weekday())),
                format!("{}.", day.day()),
                month_da(day.month()).to_owned(),
                format!("uge {week:>2}"),
            ],
            Language::En => [
                capital(weekday_en(day.weekday())),
                day.day().to_string(),
                capital(month_en(day.month())),
                format!("week {week:>2}"),
            ],
        }
    }

    fn short(&self, day: Date) -> String {
        let mark = if self.language == Language::Da {
            "."
        } else {
            "/"
        };
        format!(
            "{:>2}{mark}{:>2}{mark}{}",
            day.day(),
            day.month(),
            day.year()
        )
    }
}

fn days_of(year: i16) -> impl Iterator<Item = Date> {
    let first = jiff::civil::date(year, 1, 1);
    first
        .series(jiff::Span::new().days(1))
        .take_while(move |day| day.year() == year)
}

/// A holiday on a Sunday is still one.
fn unique(mut holidays: Vec<Holiday>) -> Vec<Holiday> {
    holidays.sort_by_key(|holiday| holiday.date);
    holidays.dedup();
    holidays
}

/// The weeks that belong to a year, Monday to Sunday.
fn weeks_of(year: i16, calendar: &Calendar) -> Vec<Week> {
    // 4 January is always in week 1.
    let mut first = jiff::civil::date(year, 1, 4);
    while first.weekday() != Weekday::Monday {
        first = first.yesterday().unwrap_or(first);
    }
    let mondays = first
        .series(jiff::Span::new().weeks(1))
        .take_while(|monday| week_of(*monday).0 == year);
    let week = |monday: Date| {
        let days: Vec<Date> = monday.series(jiff::Span::new().days(1)).take(7).collect();
        let closed = days
            .iter()
            .filter_map(|day| Some((*day, calendar.closed_because(*day)?)));
        Week {
            number: week_of(monday).1,
            first: monday,
            last: days.last().copied().unwrap_or(monday),
            workdays: days.iter().filter(|day| calendar.is_workday(**day)).count(),
            closed: closed
                .filter(|(_, why)| !matches!(why, Closed::Weekend(_)))
                .collect(),
        }
    };
    mondays.map(week).collect()
}

fn json_of(
    year: i16,
    source: Option<&str>,
    holidays: &[Holiday],
    closing: &[Date],
    weeks: &[Week],
) -> Json {
    let holidays: Vec<Json> = holidays
        .iter()
        .map(|holiday| {
            let (iso_year, week) = week_of(holiday.date);
            json!({
                "date": holiday.date, "weekday": weekday_en(holiday.date.weekday()), "week": week, "week_year": iso_year,
                "name_da": holiday.name_da, "name_en": holiday.name_en, "law": holiday.law,
            })
        })
        .collect();
    let weeks: Vec<Json> = weeks
        .iter()
        .map(|week| {
            let closed: Vec<Json> = week.closed.iter().map(|(day, why)| json!({"date": day, "why": why.en()})).collect();
            json!({"week": week.number, "first": week.first, "last": week.last, "workdays": week.workdays, "closed": closed})
        })
        .collect();
    json!({"year": year, "workflow": source, "holidays": holidays, "closing_days": closing, "weeks": weeks})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_its_weeks_and_no_others() {
        let hours = "08:00-16:00".parse().expect("hours");
        let calendar =
            Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours).expect("a calendar");
        for (year, weeks, first) in [
            (2026, 53, "2025-12-29"),
            (2027, 52, "2027-01-04"),
            (1900, 52, "1900-01-01"),
            (2200, 52, "2199-12-30"),
        ] {
            let all = weeks_of(year, &calendar);
            assert_eq!(
                (all.len(), all[0].first.to_string().as_str()),
                (weeks, first),
                "{year}"
            );
        }
    }
}
