//! Opening a case, a hold, or a workflow's own mail.
//!
//! Only the opening itself: what is due at once is found by the first step, which comes right after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Run, Step};
use crate::definition::model::{FactRef, Name, StateId};
use crate::engine::event::{Cause, Entry, Event};
use crate::engine::frame::{Frame, View, initial, path_to};
use crate::engine::input::{Given, Refusal};
use crate::engine::plan;
use crate::engine::subject::{Kind, Subject};

/// A candidate to be opened on a hold.
#[derive(Clone, Debug, Default)]
pub struct NewCase {
    /// Where it starts; `None`: the first state listed.
    pub state: Option<Name>,
    /// Facts known from the start.
    pub facts: BTreeMap<Name, Given>,
    /// Roles per candidate.
    pub people: BTreeMap<Name, Vec<i64>>,
}

/// Opens a case on the hold of the view.
pub fn open_case(view: &View<'_>, new: &NewCase, now: Timestamp) -> Result<Step, Refusal> {
    let workflow = view.workflow;
    if let Some(ended) = view.cohort.and_then(|hold| hold.ended.as_ref()) {
        return Err(Refusal::HoldCancelled { day: ended.day });
    }
    let mut run = begin(view, Kind::Case, BTreeMap::new(), new.people.clone(), now);
    let facts: BTreeMap<FactRef, Given> = new
        .facts
        .iter()
        .map(|(name, given)| {
            (
                FactRef {
                    cohort: false,
                    name: name.clone(),
                },
                given.clone(),
            )
        })
        .collect();
    run.note_what_was(view);
    run.record(&facts)?;
    let start = match &new.state {
        Some(name) => *workflow
            .state_ids
            .get(name)
            .ok_or_else(|| Refusal::NotHere {
                event: "open".into(),
                state: name.to_string(),
                possible: String::new(),
            })?,
        None => first_state(view),
    };
    let day = run.today();
    let path = path_to(workflow, initial(workflow, start));
    let frame_subject = run.subject.clone();
    if run.takes_place(&Frame::new(view, &frame_subject), start)
        && run.free_places().is_some_and(|free| free < 1)
    {
        return Err(Refusal::HoldFull {
            places: workflow.cohort.places.unwrap_or_default(),
        });
    }
    let entered: Vec<Entry> = path
        .iter()
        .map(|id| Entry {
            state: workflow.states[id.0].name.clone(),
            n: 1,
            day,
            by_time: false,
        })
        .collect();
    let to = workflow.states[path[path.len() - 1].0].name.clone();
    run.happen(Event::Moved {
        cause: Cause::Opened,
        left: Vec::new(),
        entered,
        to,
        way: None,
    });
    run.swap_places(&[], &path);
    run.tell_hold(&[], &path);
    run.end_if_final(path[path.len() - 1]);
    Ok(run.finish())
}

impl Run<'_> {
    /// What happened on the hold before a case came is not news to it.
    fn note_what_was(&mut self, view: &View<'_>) {
        let before = self.subject.clone();
        let frame = Frame::new(view, &before);
        for thing in plan::hold_triggers(view.workflow) {
            if let Some(happened) = frame.happened_to_all(thing) {
                self.take_note(thing, happened.count, happened.at);
            }
        }
    }
}

fn first_state(view: &View<'_>) -> StateId {
    initial(view.workflow, StateId::ROOT)
}

/// Opens a hold with its dates and the people of its roles.
pub fn open_cohort(
    view: &View<'_>,
    dates: BTreeMap<Name, Date>,
    people: BTreeMap<Name, Vec<i64>>,
    facts: &BTreeMap<FactRef, Given>,
    now: Timestamp,
) -> Result<Step, Refusal> {
    let mut run = begin(view, Kind::Cohort, dates, people, now);
    run.record(facts)?;
    Ok(run.finish())
}

/// Opens the subject that sends a workflow's own messages.
pub fn open_workflow(
    view: &View<'_>,
    people: BTreeMap<Name, Vec<i64>>,
    now: Timestamp,
) -> Result<Step, Refusal> {
    Ok(begin(view, Kind::Workflow, BTreeMap::new(), people, now).finish())
}

fn begin<'a>(
    view: &'a View<'a>,
    kind: Kind,
    dates: BTreeMap<Name, Date>,
    people: BTreeMap<Name, Vec<i64>>,
    now: Timestamp,
) -> Run<'a> {
    let day = view.workflow.calendar.local(now).date();
    let opened = Event::Opened {
        kind,
        day,
        dates,
        people,
    };
    let subject =
        Subject::begin(now, &opened).expect("a history begins with Opened, and this is it");
    let mut run = Run::new(view, subject, now);
    run.at = now;
    run.events.push((now, opened));
    run
}
