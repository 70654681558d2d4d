//! Cases as a digest shows them: what is new first, then all in Danish order, by hold and by state. Who is
//! anonymised is counted, and not listed.

mod case;
mod changes;
mod figures;
mod next;

pub(in crate::runner) use changes::{Last, cases_told};
pub(super) use figures::bars;
pub(in crate::runner) use figures::{Figures, percent, steps};

use super::{Known, Members, first_name};
use crate::definition::model::{StateId, Workflow};
use crate::engine::effect::Intent;
use crate::engine::frame::atomic_in;
use crate::engine::subject::Subject;
use crate::message::danish_key;
use crate::runner::context::Context;
use crate::runner::versions::Version;
use crate::store::{MemberRow, SubjectRow};
use case::Writer;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a digest tells besides where its cases are.
#[derive(Debug, Default)]
pub(in crate::runner) struct Beside {
    /// It is said again and again.
    pub comes_again: bool,
    /// What its recipient was told last; none before anything was.
    pub last: Option<Last>,
    /// Its template tells of the days that come.
    pub tells_next: bool,
    /// For whoever reads of all.
    pub figures: Option<Figures>,
    /// Who is counted in the figures: row id and seq, as read.
    pub counted: Vec<(i64, i64)>,
}

/// Whom a digest tells of, and what of them.
pub(in crate::runner) struct Told<'t> {
    pub members: &'t Members,
    /// Its recipient is told of its own cases only.
    pub is_own: bool,
    pub holds: &'t HashMap<i64, SubjectRow>,
    pub versions: &'t HashMap<i64, Arc<Version>>,
    pub beside: Option<&'t Beside>,
    pub now: Timestamp,
}

/// A case in a digest.
struct One<'t> {
    row: &'t MemberRow,
    subject: &'t Subject,
    name: &'t str,
    state: Option<StateId>,
    json: Json,
}

/// The names of a digest.
pub(in crate::runner) fn digest(
    context: &Context,
    intent: &Intent,
    told: &Told<'_>,
    known: &Known<'_>,
) -> Map<String, Json> {
    let workflow = &context.version.workflow;
    let name = |row: &MemberRow| {
        row.person_id
            .and_then(|id| known.people.get(&id))
            .map_or("", |person| person.name.as_str())
    };
    let mut sorted: Vec<&(MemberRow, Subject)> = told.members.iter().collect();
    sorted.sort_by_cached_key(|(row, _)| (danish_key(name(row)), row.id));
    let writer = Writer::new(workflow, told, known);
    let cases: Vec<One<'_>> = sorted
        .into_iter()
        .map(|(row, subject)| One {
            row,
            subject,
            name: name(row),
            state: (subject.state.as_ref())
                .and_then(|state| workflow.state_ids.get(state))
                .copied(),
            json: writer.case(row, subject, name(row)),
        })
        .collect();
    let last = told.beside.and_then(|beside| beside.last.as_ref());
    let figures = told.beside.and_then(|beside| beside.figures.as_ref());
    let figures = figures.filter(|_| !told.is_own);
    let named = named(workflow, &intent.name);
    let mut data = Map::new();
    let mut add = |name: &str, value: Json| data.insert(name.to_owned(), value);
    add("count", json!(cases.len()));
    add("is_first", json!(last.is_none()));
    add("changes", changes::changes(workflow, &cases, last));
    add("by_state", by_state(workflow, named, &cases));
    add("cohorts", cohorts(workflow, &cases, told.holds));
    add("cases", listed(&cases));
    let targets = figures.map_or_else(|| json!([]), |figures| figures.targets(workflow));
    add("targets", targets);
    let funnel = figures.map_or_else(|| json!([]), |figures| figures.funnel(workflow, named));
    add("funnel", funnel);
    data
}

fn listed<'t, 'o: 't>(cases: impl IntoIterator<Item = &'t One<'o>>) -> Json {
    let listed = cases.into_iter().filter(|one| !one.subject.anonymised);
    Json::Array(listed.map(|one| one.json.clone()).collect())
}

/// The holds that anybody can be listed of, by their first days.
fn cohorts(workflow: &Workflow, cases: &[One<'_>], holds: &HashMap<i64, SubjectRow>) -> Json {
    let mut by_hold: BTreeMap<(&str, i64), Vec<&One<'_>>> = BTreeMap::new();
    for one in cases {
        let starts = (holds.get(&one.row.cohort_id)).and_then(|hold| hold.starts_on.as_deref());
        let hold = (starts.unwrap_or_default(), one.row.cohort_id);
        by_hold.entry(hold).or_default().push(one);
    }
    by_hold.retain(|_, cases| cases.iter().any(|one| !one.subject.anonymised));
    let cohorts = by_hold.into_iter().map(|((start, id), cases)| {
        let title = holds.get(&id).and_then(|hold| hold.title.clone());
        let start = Some(start).filter(|start| !start.is_empty());
        json!({
            "title": title,
            "start": start,
            "count": cases.len(),
            "states": states(workflow, &cases),
            "cases": listed(cases),
        })
    });
    Json::Array(cohorts.collect())
}

/// The states that anybody is listed in, in the order of the workflow.
fn states(workflow: &Workflow, cases: &[&One<'_>]) -> Json {
    let mut by_state: BTreeMap<StateId, Vec<&One<'_>>> = BTreeMap::new();
    for one in cases.iter().filter(|one| !one.subject.anonymised) {
        if let Some(state) = one.state {
            by_state.entry(state).or_default().push(one);
        }
    }
    let states = by_state.into_iter().map(|(id, cases)| {
        let title = &workflow.states[id.0].title;
        json!({"title": title, "count": cases.len(), "cases": listed(cases)})
    });
    Json::Array(states.collect())
}

/// One entry per state that the message names; a compound collects what it contains.
fn by_state(workflow: &Workflow, named: &[StateId], cases: &[One<'_>]) -> Json {
    let all: Vec<StateId>;
    let named = if named.is_empty() {
        all = (1..workflow.states.len()).map(StateId).collect();
        &all
    } else {
        named
    };
    let entries = named.iter().map(|id| {
        let inside = atomic_in(workflow, &[*id]);
        let here: Vec<&One<'_>> = (cases.iter())
            .filter(|one| {
                one.subject
                    .state
                    .as_ref()
                    .is_some_and(|state| inside.contains(state))
            })
            .collect();
        let state = &workflow.states[id.0];
        (
            state.name.to_string(),
            json!({"title": state.title, "count": here.len(), "cases": listed(here)}),
        )
    });
    Json::Object(entries.collect())
}

/// The states that a message says it is about.
fn named<'w>(workflow: &'w Workflow, name: &str) -> &'w [StateId] {
    let hold = workflow.cohort.scope.messages.iter();
    let mut all = hold.chain(&workflow.scope.messages);
    all.find(|message| *message.name == *name)
        .map_or(&[], |message| &message.about)
}
