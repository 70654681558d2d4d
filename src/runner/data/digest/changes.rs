//! What is new since the last digest to the same recipient: told by the cases' sequence numbers and by what
//! was told then, never by the clock.

use super::case::{absences, missed};
use super::{Members, One, first_name};
use crate::definition::model::Workflow;
use crate::engine::subject::Subject;
use crate::store::{DigestRow, MemberRow};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// What a recipient was told last.
#[derive(Debug)]
pub(in crate::runner) struct Last {
    /// The run's row id.
    pub id: i64,
    cases: HashMap<i64, Then>,
}

/// A case as it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Then {
    seq: i64,
    state: Option<String>,
    absences: u32,
    missed: u32,
}

impl Last {
    /// Reads what [`cases_told`] wrote.
    pub fn read(row: &DigestRow) -> Result<Self, serde_json::Error> {
        let cases: Vec<(i64, Then)> = serde_json::from_str(&row.cases)?;
        Ok(Self {
            id: row.id,
            cases: cases.into_iter().collect(),
        })
    }
}

impl Then {
    fn of(row: &MemberRow, subject: &Subject) -> Self {
        Self {
            seq: row.seq,
            state: subject.state.as_ref().map(ToString::to_string),
            absences: absences(subject),
            missed: missed(subject),
        }
    }
}

/// What a digest tells of its cases, for the next one: row ids, numbers and states.
pub(in crate::runner) fn cases_told(members: &Members) -> String {
    let listed = members.iter().filter(|(_, subject)| !subject.anonymised);
    let cases: Vec<(i64, Then)> = listed
        .map(|(row, subject)| (row.id, Then::of(row, subject)))
        .collect();
    serde_json::to_string(&cases).expect("names and numbers are always JSON")
}

/// What is new, in the order of the cases; nothing the first time. Of a case that the recipient is not told
/// of any more, nothing is said.
pub(super) fn changes(workflow: &Workflow, cases: &[One<'_>], last: Option<&Last>) -> Json {
    let Some(last) = last else {
        return json!([]);
    };
    let listed = cases.iter().filter(|one| !one.subject.anonymised);
    let changed = listed.filter_map(|one| {
        let what = change(workflow, one, last.cases.get(&one.row.id))?;
        Some(json!({"name": one.name, "first_name": first_name(one.name), "what": what}))
    });
    Json::Array(changed.collect())
}

fn change(workflow: &Workflow, one: &One<'_>, then: Option<&Then>) -> Option<String> {
    let words = Words::of(&workflow.language);
    let Some(then) = then else {
        return Some(words.listed.to_owned());
    };
    if then.seq == one.row.seq {
        return None;
    }
    let now = Then::of(one.row, one.subject);
    let title = |state: &str| {
        let id = workflow.state_ids.get(state)?;
        Some(workflow.states[id.0].title.as_str())
    };
    let mut told = Vec::new();
    if now.state != then.state
        && let Some(to) = now.state.as_deref().and_then(title)
    {
        told.push(match then.state.as_deref().and_then(title) {
            Some(from) => format!("{} {from} {} {to}", words.from, words.to),
            // The state is not in the workflow any more.
            None => format!("{} {to}", words.now),
        });
    }
    for (more, words) in [
        (now.absences.saturating_sub(then.absences), words.absent),
        (now.missed.saturating_sub(then.missed), words.missed),
    ] {
        told.extend(match more {
            0 => None,
            1 => Some(words[0].to_owned()),
            more => Some(words[1].replace('#', &more.to_string())),
        });
    }
    (!told.is_empty()).then(|| told.join(", "))
}

/// How it is said.
struct Words {
    listed: &'static str,
    from: &'static str,
    to: &'static str,
    now: &'static str,
    absent: [&'static str; 2],
    missed: [&'static str; 2],
}

impl Words {
    fn of(language: &str) -> Self {
        if language == "en" {
            return Self {
                listed: "new on the list",
                from: "from",
                to: "to",
                now: "now",
                absent: [
                    "absent once since last time",
                    "absent # times since last time",
                ],
                missed: [
                    "missed 1 meeting since last time",
                    "missed # meetings since last time",
                ],
            };
        }
        Self {
            listed: "ny på listen",
            from: "fra",
            to: "til",
            now: "nu",
            absent: ["fravær 1 gang siden sidst", "fravær # gange siden sidst"],
            missed: [
                "ikke mødt til 1 møde siden sidst",
                "ikke mødt til # møder siden sidst",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "workflow: it
title: Det
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}}
cohort: {dates: {start: {title: Start}}}
candidate:
  states:
    course: {title: Kursus, until: cohort.start, then: through}
    through: {title: Gennemført, final: success}
";

    fn then(seq: i64, state: &str, absences: u32, missed: u32) -> Then {
        let state = Some(state.to_owned());
        Then {
            seq,
            state,
            absences,
            missed,
        }
    }

    #[test]
    fn what_is_new_is_told_by_number_and_by_what_was_told() {
        let read = crate::definition::read("it.yaml", YAML);
        let workflow = read.workflow.expect("it is right");
        let table = [
            (None, Some("ny på listen")),
            (Some(then(3, "through", 0, 0)), None),
            // Something was recorded that is not told.
            (Some(then(2, "through", 2, 1)), None),
            (
                Some(then(2, "course", 2, 1)),
                Some("fra Kursus til Gennemført"),
            ),
            (Some(then(2, "gone", 2, 1)), Some("nu Gennemført")),
            (
                Some(then(2, "through", 0, 1)),
                Some("fravær 2 gange siden sidst"),
            ),
            (
                Some(then(2, "course", 1, 0)),
                Some(
                    "fra Kursus til Gennemført, fravær 1 gang siden sidst, ikke mødt til 1 møde siden sidst",
                ),
            ),
        ];
        let happened = |count: u32| json!({"count": count, "at": "2026-02-02T09:00:00Z"});
        let subject: Subject = serde_json::from_value(json!({
            "kind": "case", "seq": 3, "state": "through", "opened_at": "2026-01-02T09:00:00Z",
            "opened_day": "2026-01-02", "last_at": "2026-02-02T09:00:00Z",
            "fired": {"absence": happened(2)},
            "meetings": {"talk": {"booked": 1, "no_show": happened(1)}},
        }))
        .expect("a case");
        let row = MemberRow {
            id: 1,
            public_id: String::new(),
            cohort_id: 1,
            version_id: 1,
            person_id: None,
            organisation_id: None,
            seq: 3,
            state: Some("through".into()),
            snapshot: String::new(),
        };
        let one = One {
            row: &row,
            subject: &subject,
            name: "Ida Aagren",
            state: None,
            json: Json::Null,
        };
        for (then, expected) in table {
            let told = change(&workflow, &one, then.as_ref());
            assert_eq!(told.as_deref(), expected, "{then:?}");
        }
        let kept = cases_told(&[(row.clone(), subject.clone())]);
        let last = Last::read(&DigestRow { id: 1, cases: kept }).expect("it is read");
        assert_eq!(changes(&workflow, &[one], Some(&last)), json!([]));
    }
}
