//! What waits for a person today, over all holds: tasks by when they are due, and meetings that nobody has said the
//! outcome of.

use std::collections::HashSet;

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

/// The most urgent of what waits for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Duties {
    /// The most urgent first.
    pub first: Vec<Duty>,
    /// There is more than is listed.
    pub more: bool,
}

/// As many as anybody does in a day, and as a page shows at once.
const LISTED_MAX: usize = 100;
/// So many cases are read at a time.
const READ_AT_ONCE: usize = 50;

impl Desk {
    /// What waits for somebody who has logged in, the most urgent first; `None` is the operator.
    ///
    /// Only who waits for people is read, and no more of these than are listed.
    pub async fn duties(&self, visitor: Option<&Visitor>) -> Result<Duties, DeskError> {
        let mut all = Duties::default();
        if visitor.is_some_and(|visitor| !visitor.may(May::Act)) {
            return Ok(all);
        }
        let by = visitor.and_then(Visitor::acts_as);
        let now = self.runner().now();
        let (mut known, mut seen) = (HashSet::new(), Vec::new());
        let mut after = (i64::MIN, 0);
        'looks: loop {
            let store = self.runner().store();
            let found = store.asking(self.sees, now.as_microsecond(), after).await?;
            let Some(last) = found.last() else { break };
            after = *last;
            let new: Vec<i64> = (found.iter().map(|(_, id)| *id))
                .filter(|id| known.insert(*id))
                .collect();
            for some in new.chunks(READ_AT_ONCE) {
                if all.first.len() >= LISTED_MAX {
                    all.more = true;
                    break 'looks;
                }
                seen.extend(self.add_duties(&mut all.first, some, by, now).await?);
            }
        }
        let key = |duty: &Duty| {
            (
                duty.due.unwrap_or(Date::MAX),
                duty.hold.clone(),
                duty.title.clone(),
            )
        };
        all.first.sort_by_cached_key(key);
        all.more |= all.first.len() > LISTED_MAX;
        all.first.truncate(LISTED_MAX);
        // One entry in the log of who read what, since each is a write.
        self.saw(&seen, "today").await?;
        Ok(all)
    }

    /// What waits for a role in these subjects, by row id; answers which of them have any.
    async fn add_duties(
        &self,
        all: &mut Vec<Duty>,
        ids: &[i64],
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<i64>, DeskError> {
        let contexts = self.runner().contexts(ids).await?;
        let people: Vec<i64> = (contexts.iter())
            .filter_map(|context| context.row.person_id)
            .collect();
        let names = self.runner().store().people(&people).await?;
        let mut seen = Vec::new();
        for context in &contexts {
            let hold = context.cohort.as_ref();
            let title = hold.map_or(&context.row.title, |hold| &hold.row.subject.title);
            let title = title.clone().unwrap_or_default();
            let person = context.row.person_id.and_then(|id| names.get(&id));
            let name = person.map_or_else(|| title.clone(), |person| person.name.clone());
            let before = all.len();
            all.extend(of_one(context, by, now).into_iter().map(|duty| Duty {
                name: name.clone(),
                hold: title.clone(),
                is_hold: hold.is_none(),
                ..duty
            }));
            if all.len() > before {
                seen.push(context.row.id);
            }
        }
        Ok(seen)
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
        // A meeting's outcome is asked for from the day it was.
        let log = context.subject.meetings.get(&*thing);
        let met = log.and_then(|log| log.open.first());
        let due = (deed.due).or_else(|| Some(calendar.local(met?.end).date()));
        duties.push(Duty {
            of: context.row.public_id.clone(),
            name: String::new(),
            hold: String::new(),
            is_hold: false,
            title: deed.title.clone(),
            due,
            late: due.map_or(0, |due| calendar.workdays_between(due, today)),
            deeds: vec![deed],
        });
    }
    duties
}
