//! What waits for a person today, over all holds: tasks by when they are due, and meetings that nobody has said the
//! outcome of.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::deeds::{Deed, Sort, deeds};
use super::{Desk, DeskError, Visitor};
use crate::access::May;
use crate::runner::context::Context;

/// Something that somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Duty {
    /// The case's or hold's id.
    pub of: String,
    /// The candidate's name; of a hold its title.
    pub name: String,
    /// The hold's title.
    pub hold: String,
    /// It is about the hold itself.
    pub is_hold: bool,
    /// What it is: the task or meeting.
    pub title: String,
    /// By when.
    pub due: Option<Date>,
    /// By how many workdays that day has passed; 0 when it has not.
    pub late: u32,
    /// What can be done about it.
    pub deeds: Vec<Deed>,
}

impl Desk {
    /// What waits for somebody who has logged in, the most urgent first; `None` is the operator.
    pub async fn duties(&self, visitor: Option<&Visitor>) -> Result<Vec<Duty>, DeskError> {
        if visitor.is_some_and(|visitor| !visitor.may(May::Act)) {
            return Ok(Vec::new());
        }
        let by = visitor.and_then(Visitor::acts_as);
        let (mut all, mut seen) = (Vec::new(), Vec::new());
        for row in self.runner().store().cohorts().await? {
            if row.state.is_some() {
                continue;
            }
            let cases = self.runner().store().subjects_of(self.sees, row.id).await?;
            let people: Vec<i64> = cases.iter().filter_map(|case| case.person_id).collect();
            let names = self.runner().store().people(&people).await?;
            let mut ids = vec![row.id];
            ids.extend(cases.iter().map(|case| case.id));
            let title = row.title.clone().unwrap_or_default();
            let now = self.runner().now();
            for context in self.runner().contexts(&ids).await? {
                let is_hold = context.row.id == row.id;
                let person = context.row.person_id.and_then(|id| names.get(&id));
                let name = person.map_or_else(|| title.clone(), |person| person.name.clone());
                let before = all.len();
                all.extend(of_one(&context, by, now).into_iter().map(|duty| Duty {
                    name: name.clone(),
                    hold: title.clone(),
                    is_hold,
                    ..duty
                }));
                if all.len() > before {
                    seen.push(context.row.id);
                }
            }
        }
        let key = |duty: &Duty| {
            (
                duty.due.unwrap_or(Date::MAX),
                duty.hold.clone(),
                duty.title.clone(),
            )
        };
        all.sort_by_cached_key(key);
        self.saw(&seen, "today").await?;
        Ok(all)
    }
}

/// The open tasks of one, each with all that can be done about it, and meetings whose time has passed.
fn of_one(context: &Context, by: Option<&str>, now: Timestamp) -> Vec<Duty> {
    let calendar = &context.version.workflow.calendar;
    let today = calendar.local(now).date();
    let met = |deed: &Deed| {
        let name = deed.event.split('.').next().unwrap_or_default();
        let log = context.subject.meetings.get(name);
        log.is_some_and(|log| log.open.first().is_some_and(|one| one.end <= now))
    };
    let mut duties: Vec<Duty> = Vec::new();
    for deed in deeds(context, by) {
        let counts = match deed.sort {
            Sort::Task => true,
            Sort::Meeting => met(&deed),
            Sort::Event => false,
        };
        if !counts {
            continue;
        }
        let thing = deed.event.split('.').next().unwrap_or_default().to_owned();
        let same = |duty: &&mut Duty| {
            (duty.deeds.first()).is_some_and(|first| first.event.starts_with(&format!("{thing}.")))
        };
        if let Some(known) = duties.iter_mut().find(same) {
            known.deeds.push(deed);
            continue;
        }
        duties.push(Duty {
            of: context.row.public_id.clone(),
            name: String::new(),
            hold: String::new(),
            is_hold: false,
            title: deed.title.clone(),
            due: deed.due,
            late: deed
                .due
                .map_or(0, |due| calendar.workdays_between(due, today)),
            deeds: vec![deed],
        });
    }
    duties
}
