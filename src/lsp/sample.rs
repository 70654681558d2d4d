//! The hold that explanations are counted out for.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};

use crate::calendar::{capital, month_en, weekday_en};
use crate::definition::model::{Name, Workflow};
use crate::engine::frame::View;
use crate::engine::open_cohort;
use crate::engine::subject::Subject;

/// The first date of a sample hold, a Monday, where the file has no scenario to take one from.
const FIRST: Date = date(2026, 2, 2);
/// So many weeks lie between the dates of a sample hold.
const WEEKS_BETWEEN: i64 = 8;

/// The dates of a hold that might be.
pub(super) struct Sample {
    dates: BTreeMap<Name, Date>,
    /// The scenario that they are from.
    scenario: Option<Name>,
}

impl Sample {
    /// Those of the first scenario that gives all dates, or else dates from [`FIRST`] on.
    pub fn of(workflow: &Workflow) -> Self {
        let declared = &workflow.cohort.dates;
        let complete = workflow.scenarios.iter().find(|scenario| {
            let given = |name| scenario.cohort.dates.contains_key(name);
            !declared.is_empty() && declared.iter().all(|date| given(&date.name))
        });
        if let Some(scenario) = complete {
            return Self {
                dates: scenario.cohort.dates.clone(),
                scenario: Some(scenario.name.clone()),
            };
        }
        let day = |(number, weekday): (i64, Option<Weekday>)| {
            let from = FIRST.saturating_add((WEEKS_BETWEEN * number).weeks());
            let on = weekday.unwrap_or(from.weekday());
            from.saturating_add(i64::from(from.weekday().until(on)).days())
        };
        let dates = (0..).zip(declared);
        let dates = dates.map(|(number, date)| (date.name.clone(), day((number, date.weekday))));
        Self {
            dates: dates.collect(),
            scenario: None,
        }
    }

    /// The day on which what nobody can know is imagined to happen.
    pub fn day(&self) -> Date {
        let start = self
            .dates
            .get("start")
            .or_else(|| self.dates.values().min());
        start.copied().unwrap_or(FIRST)
    }

    /// The hold, made some time before its first date.
    pub fn hold(&self, view: &View<'_>) -> Option<Subject> {
        let first = self.dates.values().min().copied().unwrap_or(FIRST);
        let made = first.saturating_sub(WEEKS_BETWEEN.weeks());
        let now = view.workflow.calendar.start_of(made);
        let dates = self.dates.clone();
        let opened = open_cohort(view, dates, BTreeMap::new(), &BTreeMap::new(), now);
        opened.ok().map(|step| step.subject)
    }

    /// Which hold it is.
    pub fn words(&self) -> String {
        let mut dates: Vec<(&Name, &Date)> = self.dates.iter().collect();
        dates.sort_by_key(|(_, day)| **day);
        let dates: Vec<String> = dates
            .into_iter()
            .map(|(name, day)| format!("`{name}` on {}", words(*day)))
            .collect();
        let hold = match dates.as_slice() {
            [] => "For a hold without dates".to_owned(),
            dates => format!("For a hold with {}", dates.join(", ")),
        };
        match &self.scenario {
            Some(scenario) => format!("{hold} (scenario `{scenario}`)."),
            None => format!("{hold} (a sample)."),
        }
    }
}

/// A day as a reader meets it: "Monday 2 February 2026".
pub(super) fn words(day: Date) -> String {
    let (weekday, month) = (weekday_en(day.weekday()), month_en(day.month()));
    format!(
        "{} {} {} {}",
        capital(weekday),
        day.day(),
        capital(month),
        day.year()
    )
}
