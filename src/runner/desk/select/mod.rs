//! Many candidates decided on at once, as after an information meeting: who waits for an answer, what the answers can
//! be, what each asks for, and how long there is left.

mod foreseen;

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;

pub use self::foreseen::{Foreseen, Foretold};
use super::deeds::{Deed, Field, Sort};
use super::{Desk, DeskError, Visitor, words};
use crate::definition::model::{Name, Trigger};
use crate::engine::frame::{Frame, atomic_in, path_to};
use crate::engine::plan::task_due;
use crate::message::danish_key;
use crate::runner::context::Context;

/// As many as anybody decides on at once, and as a page has room for.
const LISTED_MAX: usize = 60;

/// Those who wait for an answer in one state of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// The hold: id and title.
    pub hold: (String, String),
    /// The state they are in: its key.
    pub state: String,
    /// Its title.
    pub title: String,
    /// All states in which somebody can be decided on: key, title, and how many are there.
    pub states: Vec<(String, String, usize)>,
    /// By when.
    pub clock: Option<Clock>,
    /// Those who are in it, by name.
    pub candidates: Vec<Selectable>,
    /// So many more are in it than are listed.
    pub unlisted: usize,
}

/// By when everybody has to be decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// The hold's task that asks for it; without one it is time that moves candidates on.
    pub task: Option<String>,
    /// The day.
    pub due: Date,
    /// Workdays that are left until then; 0 on the day itself.
    pub left: u32,
    /// Workdays that have gone since then.
    pub late: u32,
}

/// Somebody who waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Selectable {
    /// The case's id.
    pub id: String,
    /// The candidate's name.
    pub name: String,
    /// The jobcentre.
    pub organisation: Option<String>,
    /// How many events the case has: what is decided is decided of the case as it was seen.
    pub seq: i64,
    /// The answers: what is fired, and what it is called.
    pub choices: Vec<(String, String)>,
    /// What the answers ask for, with what is known already; who is not answered now is asked for nothing.
    pub fields: Vec<Field>,
}

/// What somebody has decided of one candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The case's id.
    pub of: String,
    /// The answer.
    pub event: String,
    /// What it asks for: `screened=yes`.
    pub set: Vec<(String, String)>,
    /// How many events the case had when it was seen.
    pub seq: i64,
}

impl Desk {
    /// Those on a hold who can be decided on by one who has logged in: in the state that is asked for, else in the one
    /// that a task of the hold wants emptied, else where most are.
    pub async fn selection(
        &self,
        hold: &str,
        state: Option<&str>,
        visitor: &Visitor,
    ) -> Result<Selection, DeskError> {
        let hold = self.cohort(hold).await?;
        let workflow = &hold.version.workflow;
        let rows = self.runner().store().subjects_of(self.sees, hold.row.id);
        let ids: Vec<i64> = rows.await?.iter().map(|row| row.id).collect();
        let mut by_state: HashMap<Name, Vec<(Context, Vec<Deed>)>> = HashMap::new();
        for case in self.runner().contexts(&ids).await? {
            let answers = answers(&case, visitor);
            let at = case.subject.state.clone();
            if let (Some(at), true) = (at, answers.iter().any(|one| one.sort == Sort::Event)) {
                by_state.entry(at).or_default().push((case, answers));
            }
        }
        let states: Vec<(String, String, usize)> = (workflow.states.iter())
            .filter_map(|one| Some((&one.name, &one.title, by_state.get(&one.name)?.len())))
            .map(|(name, title, many)| (name.to_string(), title.clone(), many))
            .collect();
        let cleared = cleared(&hold);
        let is_there = |state: &&(String, String, usize)| by_state.contains_key(state.0.as_str());
        let at = (states.iter().find(|one| Some(one.0.as_str()) == state))
            .or_else(|| {
                states
                    .iter()
                    .find(|one| cleared.contains_key(one.0.as_str()))
            })
            .or_else(|| states.iter().filter(is_there).max_by_key(|one| one.2))
            .cloned()
            .unwrap_or_default();
        let cases = by_state.remove(at.0.as_str()).unwrap_or_default();
        let clock = self.clock_of(&hold, cleared.get(at.0.as_str()), &cases);
        let unlisted = cases.len().saturating_sub(LISTED_MAX);
        Ok(Selection {
            hold: (
                hold.row.public_id.clone(),
                hold.row.title.clone().unwrap_or_default(),
            ),
            candidates: self.selectables(cases).await?,
            state: at.0,
            title: at.1,
            states,
            clock,
            unlisted,
        })
    }

    /// The cases as rows, by name; that they were read is written down.
    async fn selectables(
        &self,
        cases: Vec<(Context, Vec<Deed>)>,
    ) -> Result<Vec<Selectable>, DeskError> {
        let people: Vec<i64> = (cases.iter().filter_map(|one| one.0.row.person_id)).collect();
        let people = self.runner().store().people(&people).await?;
        let jobcentres = self
            .jobcentres_of(cases.iter().map(|one| &one.0.row))
            .await?;
        let mut rows: Vec<(i64, Selectable)> = Vec::with_capacity(cases.len());
        for (case, answers) in cases {
            let person = case.row.person_id.and_then(|id| people.get(&id));
            let mut fields: Vec<Field> = Vec::new();
            for field in answers.iter().flat_map(|answer| &answer.fields) {
                if !fields.iter().any(|known| known.name == field.name) {
                    let required = false;
                    fields.push(Field {
                        required,
                        ..field.clone()
                    });
                }
            }
            let row = Selectable {
                id: case.row.public_id.clone(),
                name: person.map(|person| person.name.clone()).unwrap_or_default(),
                organisation: (case.row.organisation_id)
                    .and_then(|id| jobcentres.get(&id).cloned()),
                seq: case.row.seq,
                choices: (answers.iter())
                    .map(|answer| (answer.event.clone(), called(answer)))
                    .collect(),
                fields,
            };
            rows.push((case.row.id, row));
        }
        rows.sort_by_cached_key(|(_, row)| danish_key(&row.name));
        rows.truncate(LISTED_MAX);
        let seen: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        self.saw(&seen, "selection").await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The due day of the hold's task; without one the first day on which time moves somebody on.
    fn clock_of(
        &self,
        hold: &Context,
        task: Option<&(String, Option<Date>)>,
        cases: &[(Context, Vec<Deed>)],
    ) -> Option<Clock> {
        let calendar = &hold.version.workflow.calendar;
        let today = calendar.local(self.runner().now()).date();
        let due = match task {
            Some((_, due)) => *due,
            None => cases.iter().filter_map(|one| moves_on(&one.0)).min(),
        }?;
        Some(Clock {
            task: task.map(|(title, _)| title.clone()),
            due,
            left: calendar.workdays_between(today, due),
            late: calendar.workdays_between(due, today),
        })
    }
}

/// What a candidate can be answered: events that move the case, and tasks that ask for facts.
fn answers(case: &Context, visitor: &Visitor) -> Vec<Deed> {
    let mut all = visitor.deeds(case);
    all.retain(|deed| match deed.sort {
        Sort::Event => leads_on(case, &deed.event),
        Sort::Task => {
            let part = deed.event.rsplit_once('.').map(|(_, part)| part);
            part == Some("done") && !deed.fields.is_empty()
        }
        Sort::Meeting => false,
    });
    all.sort_by_key(|deed| deed.sort != Sort::Event);
    all
}

/// What an answer is called: an event by its title, a task by what becomes of it.
fn called(deed: &Deed) -> String {
    match deed.sort {
        Sort::Event => deed.title.clone(),
        Sort::Task | Sort::Meeting => format!("{}: {}", deed.verb, deed.title),
    }
}

/// Whether an event, where the case is, moves it.
fn leads_on(case: &Context, event: &str) -> bool {
    let view = case.view();
    let frame = Frame::new(&view, &case.subject);
    let mut declared = frame
        .open()
        .into_iter()
        .rev()
        .flat_map(|open| &open.scope.events);
    let found =
        declared.find(|one| matches!(&one.trigger, Trigger::Named(name) if **name == *event));
    found.is_some_and(|event| event.then.is_some())
}

/// The first day as which a state that the case is in ends.
fn moves_on(case: &Context) -> Option<Date> {
    let view = case.view();
    let frame = Frame::new(&view, &case.subject);
    let path = path_to(frame.workflow(), frame.atomic()?);
    path.into_iter().filter_map(|id| frame.own_end(id)).min()
}

/// States that open tasks of a hold want emptied, with the task's title and by when.
fn cleared(hold: &Context) -> HashMap<String, (String, Option<Date>)> {
    let view = hold.view();
    let frame = Frame::new(&view, &hold.subject);
    let mut found = HashMap::new();
    for open in frame.open() {
        // A task that names no state wants none emptied; where states are listed, none means all.
        for task in open
            .scope
            .tasks
            .iter()
            .filter(|task| !task.clears.is_empty())
        {
            let log = hold.subject.tasks.get(&task.name);
            let Some(first) = log.and_then(|log| log.open.first()) else {
                continue;
            };
            let due = task_due(&frame, task, first, &open);
            for state in atomic_in(frame.workflow(), &task.clears) {
                found.insert(state.to_string(), (task.title.clone(), due));
            }
        }
    }
    found
}

/// The title of the state that a case is in; empty when it is in none.
fn state_of(case: &Context) -> String {
    let state = case.subject.state.as_ref();
    state.map_or_else(String::new, |state| {
        words::state_title(&case.version.workflow, state)
    })
}
