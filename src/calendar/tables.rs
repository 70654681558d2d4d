//! Other holidays, or other data of a time zone, than those that are compiled in: a law that is coming, looked at
//! before a build has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{civil::Date, tz::TimeZone};

use super::{Calendar, Holidays};

/// What is otherwise than in this build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Days that become public holidays.
    pub holidays: BTreeSet<Date>,
    /// Public holidays that become workdays.
    pub workdays: BTreeSet<Date>,
    /// Data of time zones, by their IANA name.
    pub zones: BTreeMap<String, TimeZone>,
}

impl Calendar {
    /// The same calendar by other tables. Days that become holidays, or are no more, concern only who keeps the
    /// public holidays.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use jiff::civil::date;
    /// use tovholder::calendar::{Calendar, Holidays, Hours, Tables};
    /// let hours: Hours = "08:00-16:00".parse().unwrap();
    /// let calendar = Calendar::new("Europe/Copenhagen", Holidays::Dk, vec![], hours).unwrap();
    /// let whit_monday = date(2027, 5, 17);
    /// assert!(!calendar.is_workday(whit_monday));
    /// let tables = Tables { workdays: [whit_monday].into(), ..Tables::default() };
    /// assert!(calendar.under(&Arc::new(tables)).is_workday(whit_monday));
    /// ```
    #[must_use]
    pub fn under(&self, tables: &Arc<Tables>) -> Self {
        let name = self.zone.iana_name();
        let zone = name.and_then(|name| tables.zones.get(name));
        Self {
            zone: zone.unwrap_or(&self.zone).clone(),
            tables: Some(tables.clone()),
            ..self.clone()
        }
    }

    /// Whether other tables than this build's make a day a holiday.
    pub(super) fn becomes_holiday(&self, day: Date) -> bool {
        self.other(|tables| tables.holidays.contains(&day))
    }

    /// Whether other tables than this build's make a holiday a workday.
    pub(super) fn becomes_workday(&self, day: Date) -> bool {
        self.other(|tables| tables.workdays.contains(&day))
    }

    fn other(&self, is: impl Fn(&Tables) -> bool) -> bool {
        self.holidays == Holidays::Dk && self.tables.as_deref().is_some_and(is)
    }
}
