//! A simulated hold's calendar: which phases, meetings and mails lie in which week.
//!
//! [`Season`] is what every drawing of it is made from: the picture here, and the one in the terminal.

mod draw;
mod weeks;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::runner::simulate::{Phase, Report};

pub use self::draw::svg;

/// More kinds of meetings than this share a line.
const MEETINGS_MAX: usize = 8;

/// Days with something in them, and how much.
pub type Days = BTreeMap<Date, usize>;

/// What there is to draw.
#[derive(Debug)]
pub struct Season<'r> {
    /// The first day of the hold's life, or of its first phase.
    pub first: Date,
    /// The last day on which anything happens.
    pub last: Date,
    /// The phases by time.
    pub phases: &'r [Phase],
    /// Meetings held, by title in the order of time.
    pub meetings: Vec<(&'r str, Days)>,
    /// Mails, by the title of the role they go to, in the order of time.
    pub mails: Vec<(&'r str, Days)>,
}

impl<'r> Season<'r> {
    /// What a report holds; `None` when nothing happens in it.
    #[must_use]
    pub fn of(report: &'r Report) -> Option<Self> {
        let begins = report.begins.date();
        let first = report.phases.first().map_or(begins, |phase| phase.first);
        let mails = report.mails.iter().map(|mail| mail.at.date());
        let meetings = report.meetings.iter().map(|met| met.at.date());
        let ends = report
            .phases
            .iter()
            .map(|phase| phase.last.unwrap_or(phase.first));
        Some(Self {
            first: first.min(begins),
            last: mails.chain(meetings).chain(ends).max()?,
            phases: &report.phases,
            meetings: by_title(
                report
                    .meetings
                    .iter()
                    .map(|met| (&*met.title, met.at.date())),
            ),
            mails: by_title(
                report
                    .mails
                    .iter()
                    .map(|mail| (&*mail.role, mail.at.date())),
            ),
        })
    }

    /// The meetings in few enough lines: all in one when there are more kinds than `most`.
    #[must_use]
    pub fn meetings_within(&self, most: usize, together: &'r str) -> Vec<(&'r str, Days)> {
        if self.meetings.len() <= most {
            return self.meetings.clone();
        }
        vec![(together, all(&self.meetings))]
    }

    /// All mails, whoever they go to.
    #[must_use]
    pub fn all_mails(&self) -> Days {
        all(&self.mails)
    }
}

fn by_title<'r>(things: impl Iterator<Item = (&'r str, Date)>) -> Vec<(&'r str, Days)> {
    let mut found: Vec<(&str, Days)> = Vec::new();
    for (title, day) in things {
        let at = found.iter().position(|(known, _)| *known == title);
        let at = at.unwrap_or_else(|| {
            found.push((title, Days::new()));
            found.len() - 1
        });
        *found[at].1.entry(day).or_default() += 1;
    }
    found
}

fn all(lines: &[(&str, Days)]) -> Days {
    let mut sum = Days::new();
    for (day, count) in lines.iter().flat_map(|(_, days)| days) {
        *sum.entry(*day).or_default() += count;
    }
    sum
}
