//! A year: every hold that touches it with its phases and meetings, the days that are closed, and
//! where holds get in each other's way.
//!
//! Nothing of it is stored. Phases follow from a hold's dates and its workflow, as they do for
//! whatever the hold itself is told; whether a hold is a draft or adopted follows from the tasks by
//! which its workflow says so.

mod clash;
mod feed;
mod hold;
mod like;
mod new;
mod weeks;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use serde::Serialize;

pub use self::clash::{Clash, ClashKind};
pub use self::like::{CohortLike, LikeDate, LikeFact, LikeRole};
pub use self::new::{CohortAsked, CohortProposed, RoleAsked};
pub use self::weeks::{WeekLine, WeekLineKind, YearWeek};
use super::words::here;
use super::{Desk, DeskError, Wrong};
use crate::calendar::{Calendar, Closed, danish_holidays};
use crate::engine::subject::Subject;
use crate::runner::People;
use crate::runner::versions::Version;
use crate::store::PersonRow;

/// The years that a person may ask for.
pub const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// A year of holds.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// The day it is, local, when that lies in the year.
    pub today: Option<Date>,
    /// Holds by first day, then title: all that have a day in the year.
    pub holds: Vec<YearHold>,
    /// Public holidays and closing days of any of the workflows, in order; weekends are not in it.
    pub closed: Vec<ClosedDay>,
    /// What a coordinator should look at, in the order of time.
    pub clashes: Vec<Clash>,
    /// The year's ISO weeks, each with what is in it.
    pub weeks: Vec<YearWeek>,
}

/// A day on which nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct ClosedDay {
    /// The day.
    pub date: Date,
    /// "langfredag", "lukkedag (24. december)".
    pub title: String,
}

/// A hold in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct YearHold {
    /// Its id; empty for one that is only proposed.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The workflow's id.
    pub workflow: String,
    /// The workflow's title.
    pub workflow_title: String,
    /// How far it has come.
    pub stage: YearStage,
    /// The same in a Danish word.
    pub stage_words: &'static str,
    /// The first day that belongs to it.
    pub first: Date,
    /// The last one that is known.
    pub last: Date,
    /// How many places it has; none: no limit.
    pub places: Option<u32>,
    /// Its phases in order.
    pub phases: Vec<YearPhase>,
    /// The hold's own dates, by title.
    #[schema(value_type = Vec<Vec<String>>)]
    pub dates: Vec<(String, Date)>,
    /// Meetings with a time of day: booked, or on the slots of a recurrence.
    pub meetings: Vec<YearMeeting>,
    /// Meetings that nobody has booked yet, with the days between which they may be.
    pub windows: Vec<YearWindow>,
}

/// How far a hold has come, as a year's plan sees it: by its dates, and by whether it is adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum YearStage {
    /// Its workflow has it adopted by somebody, and that has not been asked for yet.
    Draft,
    /// The draft is written and waits to be adopted.
    Proposed,
    /// Adopted, and not begun.
    Adopted,
    /// Not begun; its workflow has nobody adopt it.
    Planned,
    /// Begun.
    Running,
    /// The last day that is known of it has passed.
    Ended,
    /// Called off.
    Cancelled,
}

impl YearStage {
    /// In a Danish word.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Draft => "udkast",
            Self::Proposed => "til vedtagelse",
            Self::Adopted => "vedtaget",
            Self::Planned => "planlagt",
            Self::Running => "i gang",
            Self::Ended => "afsluttet",
            Self::Cancelled => "aflyst",
        }
    }
}

/// Days on which a hold's candidates are in one state, if all goes by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct YearPhase {
    /// The state's key; empty for a hold without candidates.
    pub state: String,
    /// Its title.
    pub title: String,
    /// The first workday.
    pub first: Date,
    /// The last workday.
    pub last: Date,
    /// Candidates hold one of the hold's places in it.
    pub holds_place: bool,
}

/// A meeting of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct YearMeeting {
    /// Its title.
    pub title: String,
    /// The local day.
    pub day: Date,
    /// When it begins, local.
    #[schema(value_type = String)]
    pub from: Time,
    /// When it ends, local.
    #[schema(value_type = String)]
    pub to: Time,
    /// It is booked, and not only to be expected.
    pub is_booked: bool,
    /// The titles of the roles that take part.
    pub with: Vec<String>,
    /// Who they are: row ids of people. Candidates are not among them.
    #[serde(skip)]
    pub(in crate::runner::desk) people: BTreeSet<i64>,
}

/// The days between which a meeting may be booked, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct YearWindow {
    /// The meeting's title.
    pub title: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// A hold, stored or only proposed, with what it follows.
struct Standing {
    id: String,
    title: String,
    subject: Subject,
    version: Arc<Version>,
    workflow_people: Arc<People>,
}

/// A hold and what was found out about it.
struct Laid {
    standing: Standing,
    hold: YearHold,
}

impl Desk {
    /// A year of all holds.
    ///
    /// # Errors
    /// When no calendar has the year, or the store fails.
    pub async fn year(&self, year: i16) -> Result<Year, DeskError> {
        let (first, last) = bounds(year)?;
        let standing = self.standing().await?;
        let today = self.local_today(&standing);
        let laid = laid(standing, today, (first, last));
        let names = self.named(&laid).await?;
        let clashes = clash::all(&laid, &names, (first, last));
        let mut closed = closed(&laid, in_weeks(first, last));
        let holds: Vec<YearHold> = laid.into_iter().map(|one| one.hold).collect();
        let weeks = weeks::weeks(year, &holds, &closed, &clashes);
        closed.retain(|day| day.date.year() == year);
        Ok(Year {
            year,
            today: Some(today).filter(|today| today.year() == year),
            holds,
            closed,
            clashes,
            weeks,
        })
    }

    /// The phases, dates and meetings of a hold, and the local day it is; none when nothing of it has a day.
    pub async fn phases_of(&self, hold: &str) -> Result<(Option<YearHold>, Date), DeskError> {
        let found = self.cohort(hold).await?;
        let calendar = &found.version.workflow.calendar;
        let today = calendar.local(self.runner().now()).date();
        let standing = Standing {
            workflow_people: found.workflow_people.clone(),
            version: found.version.clone(),
            id: found.row.public_id.clone(),
            title: found.row.title.clone().unwrap_or_default(),
            subject: found.subject,
        };
        let until = today.last_of_year();
        Ok((hold::hold(&standing, today, until), today))
    }

    /// The year it is by the clock, local.
    #[must_use]
    pub fn this_year(&self) -> i16 {
        self.local_today(&[]).year()
    }

    /// Every hold with its workflow and the people of its workflow.
    async fn standing(&self) -> Result<Vec<Standing>, DeskError> {
        let mut of_workflow: HashMap<String, Arc<People>> = HashMap::new();
        let mut all = Vec::new();
        for row in self.runner().store().cohorts().await? {
            let people = match of_workflow.get(&row.workflow) {
                Some(known) => known.clone(),
                None => {
                    let read = self.runner().people_of_workflow(&row.workflow).await?;
                    let read = Arc::new(read);
                    of_workflow.insert(row.workflow.clone(), read.clone());
                    read
                }
            };
            all.push(Standing {
                subject: serde_json::from_str(&row.snapshot)?,
                version: self.runner().version(row.version_id).await?,
                id: row.public_id,
                title: row.title.unwrap_or_default(),
                workflow_people: people,
            });
        }
        Ok(all)
    }

    /// The local day; all workflows of an installation are in one country.
    fn local_today(&self, standing: &[Standing]) -> Date {
        let now = self.runner().now();
        match standing.first() {
            Some(one) => one.version.workflow.calendar.local(now).date(),
            None => here(now).date(),
        }
    }

    /// The names of all who take part in a hold.
    async fn named(&self, laid: &[Laid]) -> Result<HashMap<i64, PersonRow>, DeskError> {
        let of_hold = |one: &Laid| {
            let own = one.standing.subject.people.values();
            let all = own.chain(one.standing.workflow_people.values());
            all.flatten().copied().collect::<Vec<i64>>()
        };
        let ids: BTreeSet<i64> = laid.iter().flat_map(of_hold).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        Ok(self.runner().store().people(&ids).await?)
    }
}

/// The first and last day of a year.
fn bounds(year: i16) -> Result<(Date, Date), DeskError> {
    if YEARS.contains(&year) {
        return Ok((date(year, 1, 1), date(year, 12, 31)));
    }
    let wrong = Wrong::new(format!("»{year}« er ikke et år, der kan planlægges."));
    Err(wrong
        .help(format!(
            "Skriv et år fra {} til {}.",
            YEARS.start(),
            YEARS.end()
        ))
        .into())
}

/// The same with the rest of the weeks that they lie in.
fn in_weeks(first: Date, last: Date) -> (Date, Date) {
    let back = i32::from(first.weekday().to_monday_zero_offset());
    let on = 6 - i32::from(last.weekday().to_monday_zero_offset());
    (
        first.saturating_sub(back.days()),
        last.saturating_add(on.days()),
    )
}

/// The holds that touch these days, by first day.
fn laid(standing: Vec<Standing>, today: Date, (first, last): (Date, Date)) -> Vec<Laid> {
    let lay = |standing: Standing| {
        let hold = hold::hold(&standing, today, in_weeks(first, last).1)?;
        Some(Laid { standing, hold })
    };
    let mut laid: Vec<Laid> = standing.into_iter().filter_map(lay).collect();
    laid.retain(|one| one.hold.first <= last && first <= one.hold.last);
    laid.sort_by(|a, b| {
        let key = |one: &Laid| (one.hold.first, one.hold.title.clone(), one.hold.id.clone());
        key(a).cmp(&key(b))
    });
    laid
}

/// The days on which any of the workflows is closed, or the country when there is none.
fn closed(laid: &[Laid], (first, last): (Date, Date)) -> Vec<ClosedDay> {
    let mut days = BTreeSet::new();
    let mut calendars: Vec<&Calendar> = Vec::new();
    for one in laid {
        let calendar = &one.standing.version.workflow.calendar;
        if !calendars.contains(&calendar) {
            calendars.push(calendar);
        }
    }
    if calendars.is_empty() {
        days.extend(
            danish_holidays(first.year())
                .iter()
                .map(|holiday| ClosedDay {
                    date: holiday.date,
                    title: holiday.name_da.to_lowercase(),
                }),
        );
    }
    for calendar in calendars {
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            days.extend(named_closed(calendar, day).map(|title| ClosedDay { date: day, title }));
        }
    }
    // Where two workflows close a day, the law's name for it is the better one.
    let mut by_day: BTreeMap<Date, ClosedDay> = BTreeMap::new();
    for day in days {
        by_day.entry(day.date).or_insert(day);
    }
    by_day.into_values().collect()
}

/// Why a day is closed, when it is for more than being a Saturday or Sunday.
fn named_closed(calendar: &Calendar, day: Date) -> Option<String> {
    match calendar.closed_because(day)? {
        Closed::Weekend(_) => None,
        closed => Some(closed.da()),
    }
}
