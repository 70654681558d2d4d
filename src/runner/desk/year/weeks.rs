//! A year by week: what begins and ends, who meets, which days are closed.

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use serde::Serialize;

use super::clash::mondays;
use super::{Clash, ClosedDay, YearHold, YearStage};
use crate::calendar::{time_da, week_of};

/// An ISO week. Its days at the turn of the year may lie in another year than the week does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct YearWeek {
    /// Its number.
    pub number: i8,
    /// Its Monday.
    pub first: Date,
    /// Its Sunday.
    pub last: Date,
    /// What is in it, in the order of days.
    pub lines: Vec<WeekLine>,
}

/// Something in a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WeekLine {
    /// The day.
    pub day: Date,
    /// What it is.
    pub kind: WeekLineKind,
    /// The hold's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Danish.
    pub words: String,
}

/// What a line of a week is. The order is the order on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekLineKind {
    /// A holiday or closing day.
    Closed,
    /// A clash begins.
    Clash,
    /// A phase begins.
    Begins,
    /// A date of the hold.
    Date,
    /// A meeting may be booked from this day on.
    Window,
    /// A meeting.
    Meets,
    /// A phase ends.
    Ends,
}

/// A line, and where it comes on its day.
type Placed = (Date, WeekLineKind, Time, WeekLine);

/// The year's weeks: those whose Thursday lies in it.
pub(super) fn weeks(
    year: i16,
    holds: &[YearHold],
    closed: &[ClosedDay],
    clashes: &[Clash],
) -> Vec<YearWeek> {
    let mut lines: Vec<Placed> = Vec::new();
    for day in closed {
        lines.push(line(
            day.date,
            WeekLineKind::Closed,
            None,
            day.title.clone(),
        ));
    }
    for clash in clashes {
        lines.push(line(
            clash.first,
            WeekLineKind::Clash,
            None,
            clash.words.clone(),
        ));
    }
    for hold in holds
        .iter()
        .filter(|hold| hold.stage != YearStage::Cancelled)
    {
        of_hold(hold, &mut lines);
    }
    lines.sort_by(|a, b| {
        let key = |one: &Placed| (one.0, one.1, one.2, one.3.words.clone());
        key(a).cmp(&key(b))
    });
    let all = mondays(date(year, 1, 1), date(year, 12, 31));
    let own = all.filter(|monday| week_of(*monday).0 == year);
    own.map(|monday| {
        let sunday = monday.saturating_add(6.days());
        let here = lines
            .iter()
            .filter(|one| (monday..=sunday).contains(&one.0));
        YearWeek {
            number: week_of(monday).1,
            first: monday,
            last: sunday,
            lines: here.map(|one| one.3.clone()).collect(),
        }
    })
    .collect()
}

fn line(day: Date, kind: WeekLineKind, hold: Option<&YearHold>, words: String) -> Placed {
    let line = WeekLine {
        day,
        kind,
        hold: hold.map(|hold| hold.id.clone()),
        words,
    };
    (day, kind, Time::midnight(), line)
}

fn of_hold(hold: &YearHold, lines: &mut Vec<Placed>) {
    let mut add = |day, kind, words: String| {
        lines.push(line(
            day,
            kind,
            Some(hold),
            format!("{}: {words}", hold.title),
        ));
    };
    for phase in &hold.phases {
        add(
            phase.first,
            WeekLineKind::Begins,
            format!("{} begynder", phase.title),
        );
        add(
            phase.last,
            WeekLineKind::Ends,
            format!("{} slutter", phase.title),
        );
    }
    for (title, day) in &hold.dates {
        add(*day, WeekLineKind::Date, title.clone());
    }
    for window in &hold.windows {
        let last = window.last.strftime("%-d.%-m.");
        let words = format!("{} skal holdes fra nu til {last}", window.title);
        add(window.first, WeekLineKind::Window, words);
    }
    for meeting in &hold.meetings {
        let ends = time_da(meeting.to);
        let ends = ends.trim_start_matches("kl. ");
        let who = meeting.with.join(", ").to_lowercase();
        let words = format!("{} {}-{ends} ({who})", meeting.title, time_da(meeting.from));
        let mut placed = line(
            meeting.day,
            WeekLineKind::Meets,
            Some(hold),
            format!("{}: {words}", hold.title),
        );
        placed.2 = meeting.from;
        lines.push(placed);
    }
}
