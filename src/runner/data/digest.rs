//! Cases as a digest shows them: in Danish order, together, by hold and by state. Who is anonymised
//! is counted, and not listed.

use super::{Known, Members, first_name};
use crate::definition::model::{StateId, Workflow};
use crate::engine::effect::Intent;
use crate::engine::subject::Subject;
use crate::message::danish_key;
use crate::runner::context::Context;
use crate::store::{MemberRow, SubjectRow};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// Cases as a digest shows them: in Danish order, together, by hold and by state.
pub(in crate::runner) fn digest(
    context: &Context,
    intent: &Intent,
    members: &Members,
    holds: &HashMap<i64, SubjectRow>,
    known: &Known<'_>,
) -> Map<String, Json> {
    let workflow = &context.version.workflow;
    let mut sorted: Vec<&(MemberRow, Subject)> = members.iter().collect();
    let name = |row: &MemberRow| {
        row.person_id
            .and_then(|id| known.people.get(&id))
            .map_or("", |person| person.name.as_str())
    };
    sorted.sort_by_cached_key(|(row, _)| (danish_key(name(row)), row.id));
    let one = |(row, subject): &(MemberRow, Subject)| {
        digest_case(workflow, row, subject, holds, known, name(row))
    };
    let cases: Vec<Told> = sorted
        .iter()
        .map(|member| Told {
            case: one(member),
            is_listed: !member.1.anonymised,
        })
        .collect();
    let mut by_hold: BTreeMap<(String, i64), Vec<&Told>> = BTreeMap::new();
    for (member, case) in sorted.iter().zip(&cases) {
        let starts = holds
            .get(&member.0.cohort_id)
            .and_then(|hold| hold.starts_on.clone())
            .unwrap_or_default();
        by_hold
            .entry((starts, member.0.cohort_id))
            .or_default()
            .push(case);
    }
    let cohorts: Vec<Json> = by_hold
        .into_iter()
        .map(|((start, id), cases)| {
            let title = holds.get(&id).and_then(|hold| hold.title.clone());
            json!({"title": title, "start": start, "count": cases.len(), "cases": listed(cases)})
        })
        .collect();
    let mut data = Map::new();
    data.insert("count".into(), json!(cases.len()));
    data.insert("by_state".into(), by_state(workflow, intent, &cases));
    data.insert("cohorts".into(), Json::Array(cohorts));
    data.insert("cases".into(), listed(&cases));
    data
}

/// A case in a digest.
struct Told {
    case: Json,
    is_listed: bool,
}

fn listed<'t>(cases: impl IntoIterator<Item = &'t Told>) -> Json {
    let listed = cases.into_iter().filter(|told| told.is_listed);
    Json::Array(listed.map(|told| told.case.clone()).collect())
}

fn digest_case(
    workflow: &Workflow,
    row: &MemberRow,
    subject: &Subject,
    holds: &HashMap<i64, SubjectRow>,
    known: &Known<'_>,
    name: &str,
) -> Json {
    let state = subject
        .state
        .as_ref()
        .and_then(|state| workflow.state_ids.get(state))
        .map(|id| &workflow.states[id.0]);
    let since = subject
        .state
        .as_ref()
        .and_then(|state| subject.visits.get(state))
        .map(|visit| visit.day.to_string());
    let hold = holds.get(&row.cohort_id);
    json!({
        "name": name,
        "first_name": first_name(name),
        "organisation": row.organisation_id.and_then(|id| known.organisations.get(&id)).map(|one| &one.name),
        "state": state.map(|state| &state.title),
        "state_name": subject.state,
        "since": since,
        "cohort": {"title": hold.and_then(|hold| hold.title.clone()), "start": hold.and_then(|hold| hold.starts_on.clone())},
        "absences": subject.fired.get("absence").map_or(0, |fired| fired.count),
        "outcome": subject.ended.as_ref().map(|ended| ended.how),
    })
}

/// One entry per state that the message names; a compound collects what it contains.
fn by_state(workflow: &Workflow, intent: &Intent, cases: &[Told]) -> Json {
    let mut named: Vec<StateId> = message_named(workflow, &intent.name)
        .map(<[StateId]>::to_vec)
        .unwrap_or_default();
    if named.is_empty() {
        named = (1..workflow.states.len()).map(StateId).collect();
    }
    let entries = named.into_iter().map(|id| {
        let inside = crate::engine::frame::atomic_in(workflow, &[id]);
        let here: Vec<&Told> = cases
            .iter()
            .filter(|told| {
                told.case["state_name"]
                    .as_str()
                    .is_some_and(|state| inside.iter().any(|name| **name == *state))
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

fn message_named<'w>(workflow: &'w Workflow, name: &str) -> Option<&'w [StateId]> {
    let all = workflow
        .cohort
        .scope
        .messages
        .iter()
        .chain(&workflow.scope.messages);
    all.into_iter()
        .find(|message| *message.name == *name)
        .map(|message| message.about.as_slice())
}
