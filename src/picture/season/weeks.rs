//! The scale of a season: where weeks and days stand.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::{Days, Season};
use crate::picture::glyphs::SMALL;

/// Room round the picture.
pub(super) const MARGIN: i32 = 24;
/// Room for names at the left.
pub(super) const NAMES: i32 = 200;
/// The weeks take about so much, however many they are.
const WEEKS: i32 = 880;
/// The width of a week.
const WEEK: std::ops::RangeInclusive<i32> = 7..=49;

/// Where days stand.
pub(super) struct Weeks {
    monday: Date,
    count: i32,
    pub width: i32,
    /// Weeks that share a number, because one alone is too narrow for it.
    pub step: i32,
}

impl Weeks {
    pub fn of(season: &Season<'_>) -> Option<Self> {
        let mut monday = season.first;
        while monday.weekday() != Weekday::Monday {
            monday = monday.yesterday().ok()?;
        }
        let count = days_between(monday, season.last) / 7 + 1;
        let width = (WEEKS / count).clamp(*WEEK.start(), *WEEK.end());
        let most = season.mails.iter().chain(&season.meetings);
        let most: usize = most.map(|(_, days)| days.values().sum()).max().unwrap_or(0);
        let room = SMALL.width(&most.to_string()).max(SMALL.width("00")) + 8;
        let step = (room + width - 1) / width;
        Some(Self {
            monday,
            count,
            width,
            step,
        })
    }

    pub fn show_weekends(&self) -> bool {
        self.width >= 14
    }

    /// Where the first week begins.
    pub const LEFT: i32 = MARGIN + NAMES + 12;

    pub fn right(&self) -> i32 {
        // The last group of weeks is whole, so that its number has room.
        let count = (self.count + self.step - 1) / self.step * self.step;
        Self::LEFT + count * self.width
    }

    pub fn x(&self, day: Date) -> i32 {
        Self::LEFT + days_between(self.monday, day) * self.width / 7
    }

    /// The Mondays, every so many weeks.
    pub fn mondays(&self, step: i32) -> impl Iterator<Item = Date> + '_ {
        let count = usize::try_from(self.count.div_euclid(step.max(1)) + 1).unwrap_or(1);
        let all = self.monday.series(Span::new().weeks(step)).take(count);
        all.filter(|monday| days_between(self.monday, *monday) < self.count * 7)
    }

    /// How many there are in each group of weeks, by the group's left edge.
    pub fn grouped(&self, days: &Days) -> BTreeMap<i32, usize> {
        let mut groups = BTreeMap::new();
        for (day, count) in days {
            let group = days_between(self.monday, *day) / (7 * self.step);
            *groups
                .entry(Self::LEFT + group * self.step * self.width)
                .or_default() += count;
        }
        groups
    }

    /// All days that are shown.
    pub fn days(&self) -> impl Iterator<Item = Date> + '_ {
        let all = self.monday.series(1.day());
        all.take_while(|day| days_between(self.monday, *day) < self.count * 7)
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}
