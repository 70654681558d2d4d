//! What happens next, and why: the plans of cases and holds, told as an agenda.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Desk, DeskError, words};
use crate::definition::model::{MeetingTime, Workflow};
use crate::engine::frame::Frame;
use crate::engine::plan::{Planned, THEN, What, length_of, plan, window};
use crate::engine::subject::{Kind, Mark, Subject};
use crate::engine::why::{facts_words, what_words, why_words};
use crate::runner::context::Context;
use crate::runner::data;
use crate::store::PersonRow;

/// How far to look for the next thing when the days asked for are empty.
const FAR_DAYS: i64 = 800;

/// The agenda of a hold with its cases, of one case, or of a workflow's own mail.
#[derive(Clone, Debug, Serialize)]
pub struct Agenda {
    /// The hold's or case's id.
    pub id: String,
    /// The hold's title, or the candidate's name.
    pub title: String,
    /// The workflow's title.
    pub workflow: String,
    /// A case's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The last day that was looked at, local.
    pub until: Date,
    /// In order.
    pub items: Vec<AgendaItem>,
    /// What waits for something to be recorded.
    pub waiting: Vec<Waiting>,
    /// Meetings that stand outside their window, or in a pause: for a person to look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub misplaced: Vec<String>,
    /// Cases that cannot be advanced, and why.
    pub stuck: Vec<String>,
    /// When nothing happens in the days asked for: the first thing after them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub later: Option<AgendaItem>,
}

/// Something that will happen, to one or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgendaItem {
    /// When, UTC.
    pub at: Timestamp,
    /// The local day.
    pub day: Date,
    /// The local time.
    #[schema(value_type = String)]
    pub time: Time,
    /// Danish.
    pub what: String,
    /// Danish.
    pub why: String,
    /// Its time has come; the service is about to do it.
    pub is_due: bool,
    /// To whom.
    pub who: Vec<Who>,
    /// Of a booked meeting: what those who are invited have answered. Danish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
}

/// A case or hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Who {
    /// Its id.
    pub id: String,
    /// The candidate's name, or "holdet".
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Waiting {
    /// Danish.
    pub what: String,
    /// The titles of the facts.
    pub waits_for: String,
    /// Whose.
    pub who: Vec<Who>,
}

impl Desk {
    /// The agenda of a case or hold, or of all holds, for so many days from now.
    pub async fn agenda(&self, of: Option<&str>, days: u32) -> Result<Vec<Agenda>, DeskError> {
        if let Some(typed) = of {
            let context = self.any(typed).await?;
            return Ok(vec![match context.subject.kind {
                Kind::Cohort => self.agenda_of_hold(&context, days).await?,
                Kind::Case | Kind::Workflow => self.agenda_of_one(&context, days).await?,
            }]);
        }
        let mut all = Vec::new();
        for row in self.runner().store().cohorts().await? {
            let hold = self.context(row.id).await?;
            all.push(self.agenda_of_hold(&hold, days).await?);
        }
        Ok(all)
    }

    /// A hold with all its cases.
    pub(super) async fn agenda_of_hold(
        &self,
        hold: &Context,
        days: u32,
    ) -> Result<Agenda, DeskError> {
        let rows = self
            .runner()
            .store()
            .subjects_of(self.sees, hold.row.id)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut contexts = vec![hold.clone()];
        contexts.extend(self.runner().contexts(&ids).await?);
        let title = hold.row.title.clone().unwrap_or_default();
        self.gathered(hold, title, &contexts, days).await
    }

    pub(super) async fn agenda_of_one(
        &self,
        context: &Context,
        days: u32,
    ) -> Result<Agenda, DeskError> {
        let workflow = &context.version.workflow;
        let people: Vec<i64> = context.row.person_id.into_iter().collect();
        let title = self
            .names(&people)
            .await?
            .pop()
            .unwrap_or_else(|| workflow.title.clone());
        self.gathered(context, title, std::slice::from_ref(context), days)
            .await
    }

    async fn gathered(
        &self,
        of: &Context,
        title: String,
        contexts: &[Context],
        days: u32,
    ) -> Result<Agenda, DeskError> {
        let people: Vec<i64> = contexts
            .iter()
            .filter_map(|context| context.row.person_id)
            .collect();
        let people = self.runner().store().people(&people).await?;
        let (workflow, now) = (&of.version.workflow, self.runner().now());
        let calendar = &workflow.calendar;
        let last = calendar
            .local(now)
            .date()
            .saturating_add(jiff::Span::new().days(i64::from(days)));
        let until = calendar.start_of(last.tomorrow().unwrap_or(last));
        let far = now + SignedDuration::from_hours(24 * FAR_DAYS);
        let (mut items, mut waiting, mut stuck) = (Vec::new(), Vec::new(), Vec::new());
        for context in contexts {
            let who = who(context, &people);
            let view = context.view();
            let frame = Frame::new(&view, &context.subject);
            let coming = plan(&frame, far.max(until)).into_iter();
            for planned in coming.filter(|planned| !is_over(&frame, planned, now)) {
                items.push(item(&frame, &planned, &who, now));
            }
            waiting.extend(waits(&context.version.workflow, &context.subject, &who));
            if let Some(fault) = context
                .row
                .fault_text
                .as_ref()
                .filter(|_| context.row.faults > 0)
            {
                stuck.push(format!("{}: {fault}", who.name));
            }
        }
        let mut items = merged(items);
        let later = items.iter().position(|item| item.at >= until);
        let after = items.split_off(later.unwrap_or(items.len()));
        let state = of
            .subject
            .state
            .as_ref()
            .map(|state| words::state_title(workflow, state));
        Ok(Agenda {
            id: of.row.public_id.clone(),
            title,
            workflow: workflow.title.clone(),
            state,
            until: last,
            later: after.into_iter().next().filter(|_| items.is_empty()),
            items,
            waiting: merged_waits(waiting),
            misplaced: self.misplaced(contexts).await?,
            stuck,
        })
    }
}

fn who(context: &Context, people: &HashMap<i64, PersonRow>) -> Who {
    let person = context.row.person_id.and_then(|id| people.get(&id));
    let name = match context.subject.kind {
        Kind::Cohort => "holdet".to_owned(),
        Kind::Workflow => "alle hold".to_owned(),
        Kind::Case => person.map_or_else(String::new, |person| person.name.clone()),
    };
    Who {
        id: context.row.public_id.clone(),
        name,
        kind: context.subject.kind,
    }
}

/// A meeting that has been, or whose slot or window has, is no plan any more.
fn is_over(frame: &Frame<'_>, planned: &Planned<'_>, now: Timestamp) -> bool {
    let What::Meets(meeting, booked) = &planned.what else {
        return false;
    };
    let in_window = booked.is_none() && matches!(meeting.when, MeetingTime::Between(..));
    if !in_window {
        return planned.at + length_of(meeting.lasts) <= now;
    }
    let open = frame.open().into_iter();
    let mut open = open.filter(|open| open.name == planned.scope && !planned.ahead);
    let window = open.next().and_then(|open| window(frame, &open, meeting));
    window.is_some_and(|(_, last)| last < frame.calendar().local(now).date())
}

fn item(frame: &Frame<'_>, planned: &Planned<'_>, who: &Who, now: Timestamp) -> AgendaItem {
    let local = frame.calendar().local(planned.at);
    AgendaItem {
        at: planned.at,
        day: local.date(),
        time: local.time(),
        what: what_words(frame.workflow(), &planned.what),
        why: why_words(planned),
        is_due: planned.at <= now && planned.what.acts(),
        who: vec![who.clone()],
        answers: answers(frame, planned),
    }
}

/// What has been answered to the invitation to a booked meeting.
pub(super) fn answers(frame: &Frame<'_>, planned: &Planned<'_>) -> Vec<String> {
    let What::Meets(meeting, Some(_)) = &planned.what else {
        return Vec::new();
    };
    let log = frame.subject.meetings.get(&meeting.name);
    let booking = log.and_then(|log| log.open.iter().find(|booking| booking.start == planned.at));
    let Some(booking) = booking else {
        return Vec::new();
    };
    let said = booking.answers.iter().map(|(seat, answer)| {
        let who = data::role_title(frame.workflow(), seat);
        let older = if answer.revision < booking.revision {
            " (svarede på et tidligere tidspunkt)"
        } else {
            ""
        };
        format!("{who}: {}{older}", words::said_words(answer.said))
    });
    said.collect()
}

/// The same thing at the same instant is said once, with all it is about.
fn merged(mut items: Vec<AgendaItem>) -> Vec<AgendaItem> {
    items.sort_by_key(|item| item.at);
    let mut merged: Vec<AgendaItem> = Vec::new();
    for item in items {
        let same = |known: &&mut AgendaItem| {
            let said = known.answers.is_empty() && item.answers.is_empty();
            known.what == item.what && known.why == item.why && said
        };
        match merged
            .iter_mut()
            .rev()
            .take_while(|known| known.at == item.at)
            .find(same)
        {
            Some(known) => known.who.extend(item.who),
            None => merged.push(item),
        }
    }
    merged
}

fn waits(workflow: &Workflow, subject: &Subject, who: &Who) -> Vec<Waiting> {
    let mut waits = Vec::new();
    for (scope, marks) in &subject.marks {
        for (declaration, mark) in marks {
            let Mark::Waiting { facts, .. } = mark else {
                continue;
            };
            let what = match declaration.strip_prefix("message.") {
                Some(message) => format!("Mail: {message}"),
                None if declaration == THEN => {
                    format!("Videre fra »{}«", words::state_title(workflow, scope))
                }
                None if declaration.starts_with("event.") => "Går videre på holdet".to_owned(),
                None => declaration.clone(),
            };
            waits.push(Waiting {
                what,
                waits_for: facts_words(workflow, facts),
                who: vec![who.clone()],
            });
        }
    }
    waits
}

fn merged_waits(waits: Vec<Waiting>) -> Vec<Waiting> {
    let mut merged: Vec<Waiting> = Vec::new();
    for wait in waits {
        let same =
            |known: &&mut Waiting| known.what == wait.what && known.waits_for == wait.waits_for;
        match merged.iter_mut().find(same) {
            Some(known) => known.who.extend(wait.who),
            None => merged.push(wait),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(at: i64, what: &str, name: &str) -> AgendaItem {
        let at = Timestamp::from_second(at).expect("an instant");
        let who = vec![Who {
            id: String::new(),
            name: name.into(),
            kind: Kind::Case,
        }];
        let (day, time) = (jiff::civil::date(2026, 1, 1), Time::midnight());
        AgendaItem {
            at,
            day,
            time,
            what: what.into(),
            why: String::new(),
            is_due: false,
            who,
            answers: Vec::new(),
        }
    }

    #[test]
    fn the_same_thing_at_the_same_instant_is_said_once() {
        let all = vec![
            item(2, "b", "Ida"),
            item(1, "a", "Bo"),
            item(2, "c", "Bo"),
            item(2, "b", "Bo"),
            item(3, "b", "Bo"),
        ];
        let told: Vec<(String, usize)> = merged(all)
            .into_iter()
            .map(|item| (item.what, item.who.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("a".into(), 1),
                ("b".into(), 2),
                ("c".into(), 1),
                ("b".into(), 1)
            ]
        );
    }
}
