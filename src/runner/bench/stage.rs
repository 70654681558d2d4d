//! What is measured on: small workflows, and any number of cases in them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Holidays, PhraseError};
use crate::clock::Clock;
use crate::engine::NewCase;
use crate::message::{Mailbox, TemplateSource};
use crate::runner::opening::Candidate;
use crate::runner::versions::publish;
use crate::runner::{RunError, Runner, Settings};
use crate::store::{Copies, NewPerson, PersonRef, Scratch, Store};

/// What the cases go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Play {
    /// One move at the hold's start, with one mail; then a person's word.
    Due,
    /// Three steps, each with a mail, and a minute between them.
    Steps,
}

const HEAD: &str = r"
workflow: bench
title: Bench
language: da
time_zone: Europe/Copenhagen
holidays: none
hours: 00:00-24:00
roles: {}
cohort: {title: Hold, dates: {start: {title: Start}}}
";

const DUE: &str = r"
candidate:
  title: Kandidat
  states:
    planned: {title: Før, until: cohort.start, then: course}
    course:
      title: Efter
      messages: {begun: {template: begun, to: candidate, when: entered}}
      events: {finish: {title: Slut, then: finished}}
    finished: {title: Slut, final: success}
";

const STEPS: &str = r"
candidate:
  title: Kandidat
  states:
    planned: {title: Før, until: cohort.start, then: first}
    first:
      title: Første
      lasts: 1 minute
      then: second
      messages: {one: {template: begun, to: candidate, when: entered}}
    second:
      title: Anden
      lasts: 1 minute
      then: third
      messages: {two: {template: begun, to: candidate, when: entered}}
    third:
      title: Tredje
      final: success
      messages: {three: {template: begun, to: candidate, when: entered}}
";

/// The state in which cases are when they have moved.
pub(super) fn moved_to(play: Play) -> &'static str {
    match play {
        Play::Due => "course",
        Play::Steps => "third",
    }
}

/// Fills an empty database, and answers its bytes: one case is opened and settled as every case is,
/// and the database copies its rows.
pub(super) async fn fill(database: &Scratch, play: Play, cases: usize) -> Result<i64, RunError> {
    let store = database.open().await?;
    let opening = Clock::manual(start()? - SignedDuration::from_hours(240));
    let runner = Runner::new(store.clone(), opening, settings()?);
    let case = open(&runner, play).await?;
    let copies = Copies {
        of: case,
        count: i64::try_from(cases).unwrap_or(i64::MAX) - 1,
        apart: 0,
        history: true,
    };
    store.copy_case(copies).await?;
    store.settle_down().await?;
    let bytes = store.bytes().await?;
    store.close().await?;
    Ok(bytes)
}

/// A hold with one case on it that has nothing to do before the hold's start; its row id.
async fn open(runner: &Runner, play: Play) -> Result<i64, RunError> {
    let body = match play {
        Play::Due => DUE,
        Play::Steps => STEPS,
    };
    let yaml = format!("{HEAD}{body}");
    let version = publish(
        runner.store(),
        "bench.yaml",
        &yaml,
        "bench",
        &templates(),
        runner.now(),
    )
    .await?;
    let dates = BTreeMap::from([("start".into(), jiff::civil::date(2026, 2, 2))]);
    let hold = runner
        .open_cohort(version, "Bench", dates, BTreeMap::new(), &BTreeMap::new())
        .await?;
    let opened = runner.open_cases(hold.id, &[candidate()]).await?;
    runner.work(runner.now()).await?;
    let case = opened.first().map(|case| case.id);
    case.ok_or_else(|| RunError::Inconsistent("no case was opened".into()))
}

fn templates() -> TemplateSource {
    let files = [
        ("subject.hbs", "Velkommen"),
        ("body.txt.hbs", "Kære {{candidate.name}}"),
        ("body.html.hbs", "<p>Kære {{candidate.name}}</p>"),
    ];
    let files = files.map(|(file, text)| (format!("da/begun/{file}"), text.to_owned()));
    TemplateSource {
        files: BTreeMap::from(files),
    }
}

fn candidate() -> Candidate {
    let person = NewPerson {
        name: "Kandidat 1".to_owned(),
        email: Some("kandidat1@eksempel.example".to_owned()),
        ..NewPerson::default()
    };
    Candidate {
        person: PersonRef::New(person),
        born: None,
        organisation_id: None,
        case: NewCase::default(),
    }
}

/// The instant at which everybody is due, as the workflow's calendar has it.
pub(super) fn start() -> Result<Timestamp, RunError> {
    let hours = "00:00-24:00"
        .parse()
        .map_err(|error: PhraseError| RunError::Inconsistent(error.message))?;
    let calendar = Calendar::new("Europe/Copenhagen", Holidays::None, Vec::new(), hours)
        .map_err(|error| RunError::Inconsistent(error.name))?;
    Ok(calendar.start_of(jiff::civil::date(2026, 2, 2)))
}

/// A runner on a store that was filled.
pub(super) fn runner(store: &Store, clock: Clock) -> Result<Runner, RunError> {
    Ok(Runner::new(store.clone(), clock, settings()?))
}

fn settings() -> Result<Settings, RunError> {
    let from = Mailbox::parse("Bench", "bench@eksempel.example")
        .map_err(|error| RunError::Inconsistent(error.to_string()))?;
    Ok(Settings::new(from, "Bench"))
}
