//! Measuring: many cases due at one instant, beside the raw limit of the same store in the same run.
//!
//! Absolute times say little on a shared machine; the ratio is what counts. Runs of ours and of the
//! raw limit take turns, and the median of the ratios is quoted.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::advance::Candidate;
use super::serve::instant;
use super::versions::publish;
use super::{RunError, Runner, Settings};
use crate::clock::{Clock, Stopwatch};
use crate::engine::NewCase;
use crate::message::{Mailbox, TemplateSource};
use crate::store::{NewPerson, PersonRef, RawTransition, Store};

const WORKFLOW: &str = r#"
workflow: bench
title: Bench
language: da
time_zone: Europe/Copenhagen
holidays: none
hours: 00:00-24:00
roles: {}
cohort: {title: Hold, dates: {start: {title: Start}}}
candidate:
  title: Kandidat
  states:
    before: {title: Før, until: cohort.start, then: after}
    after:
      title: Efter
      messages: {begun: {template: begun, to: candidate, when: entered}}
      events: {finish: {title: Slut, then: done}}
    done: {title: Slut, final: success}
"#;

/// Candidates opened in one transaction.
const OPENED_AT_ONCE: usize = 2000;

/// What a drain measured.
#[derive(Clone, Debug, Serialize)]
pub struct Drained {
    /// Cases that were due at the one instant.
    pub cases: usize,
    /// From the instant to the last commit.
    pub seconds: f64,
    /// Transitions a second; each with its history and one outbox row.
    pub per_second: f64,
    /// How late the middle case was recorded after its instant, in milliseconds.
    pub lateness_p50_ms: f64,
    /// How late one in a hundred was.
    pub lateness_p99_ms: f64,
    /// The same rows written by hand, a second.
    pub raw_per_second: f64,
    /// Ours as a share of the raw limit.
    pub ratio: f64,
    /// The process's peak memory after the drain, in MB; 0 where the system does not tell.
    pub peak_mb: f64,
}

/// Lets `cases` come due at one instant and drains them, then writes the same rows by hand.
pub async fn drain(folder: &Path, cases: usize, batch_max: i64) -> Result<Drained, RunError> {
    let store = Store::open(folder.join(format!("drain-{cases}.db"))).await?;
    let start: Timestamp = jiff::civil::date(2026, 2, 2)
        .to_zoned(crate::calendar::Calendar::new("Europe/Copenhagen", crate::calendar::Holidays::None, Vec::new(), whole_day()?)
            .map_err(|error| RunError::Inconsistent(error.name))?
            .zone()
            .clone())
        .map_err(|error| RunError::Inconsistent(error.to_string()))?
        .timestamp();
    let opening = Clock::manual(start - SignedDuration::from_hours(240));
    let mut settings = Settings::new(sender()?, "Bench");
    settings.batch_max = batch_max;
    let runner = Runner::new(store.clone(), opening.clone(), settings.clone());
    open(&runner, cases).await?;
    runner.work(runner.now()).await?;

    let runner = Runner::new(store.clone(), Clock::manual(start), settings);
    let begun = Stopwatch::start();
    let mut late: Vec<Duration> = Vec::with_capacity(cases);
    loop {
        let ids = store.load_due(start.as_microsecond(), batch_max).await?;
        if ids.is_empty() {
            break;
        }
        runner.batch(&ids, start).await?;
        late.extend(std::iter::repeat_n(begun.elapsed(), ids.len()));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let raw_seconds = raw(folder, &store, cases, batch_max).await?;
    store.close().await?;
    let per_second = rate(cases, seconds);
    let raw_per_second = rate(cases, raw_seconds);
    Ok(Drained {
        cases,
        seconds,
        per_second,
        lateness_p50_ms: percentile(&late, 50),
        lateness_p99_ms: percentile(&late, 99),
        raw_per_second,
        ratio: per_second / raw_per_second,
        peak_mb: peak_mb(),
    })
}

async fn open(runner: &Runner, cases: usize) -> Result<(), RunError> {
    let part = |text: &str| text.to_owned();
    let files = BTreeMap::from([
        (part("da/begun/subject.hbs"), part("Velkommen")),
        (part("da/begun/body.txt.hbs"), part("Kære {{candidate.name}}")),
        (part("da/begun/body.html.hbs"), part("<p>Kære {{candidate.name}}</p>")),
    ]);
    let version = publish(runner.store(), "bench.yaml", WORKFLOW, &TemplateSource { files }, runner.now()).await?;
    let dates = BTreeMap::from([("start".into(), jiff::civil::date(2026, 2, 2))]);
    let hold = runner.open_cohort(version, "Bench", dates, BTreeMap::new(), &BTreeMap::new()).await?;
    let mut left = cases;
    while left > 0 {
        let some = left.min(OPENED_AT_ONCE);
        let candidates: Vec<Candidate> = (0..some).map(|number| candidate(left - number)).collect();
        runner.open_cases(hold.id, &candidates).await?;
        left -= some;
    }
    Ok(())
}

fn candidate(number: usize) -> Candidate {
    let person = NewPerson {
        name: format!("Kandidat {number}"),
        email: Some(format!("kandidat{number}@eksempel.example")),
        ..NewPerson::default()
    };
    Candidate { person: PersonRef::New(person), born: None, organisation_id: None, case: NewCase::default() }
}

/// The same rows as the drain has written, by hand, into a file of their own.
async fn raw(folder: &Path, drained: &Store, cases: usize, batch_max: i64) -> Result<f64, RunError> {
    let store = Store::open(folder.join(format!("raw-{cases}.db"))).await?;
    let at = jiff::civil::date(2026, 1, 20)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|error| RunError::Inconsistent(error.to_string()))?
        .timestamp();
    let runner = Runner::new(store.clone(), Clock::manual(at), Settings::new(sender()?, "Bench"));
    open(&runner, cases).await?;
    let step = usize::try_from(batch_max).unwrap_or(512);
    let ids: Vec<i64> = (0..).zip(0..cases).map(|(id, _)| id + 2).collect();
    let mut seconds = 0.0;
    for ids in ids.chunks(step) {
        let mut batch = Vec::with_capacity(ids.len());
        for row in drained.load(ids).await?.subjects {
            let events = drained.history(row.id).await?;
            batch.push(RawTransition {
                subject_id: row.id,
                snapshot: row.snapshot,
                seq: 100,
                events: events.into_iter().rev().take(3).map(|event| event.payload).collect(),
                intent: Some("x".repeat(400)),
            });
        }
        let begun = Stopwatch::start();
        store.write_raw(&batch, instant(0).as_microsecond()).await?;
        seconds += begun.elapsed().as_secs_f64();
    }
    store.close().await?;
    Ok(seconds)
}

fn sender() -> Result<Mailbox, RunError> {
    Mailbox::parse("Bench", "bench@eksempel.example").map_err(|error| RunError::Inconsistent(error.to_string()))
}

fn whole_day() -> Result<crate::calendar::Hours, RunError> {
    "00:00-24:00".parse().map_err(|error: crate::calendar::PhraseError| RunError::Inconsistent(error.message))
}

#[expect(clippy::cast_precision_loss, reason = "counts of cases are far below 2^52")]
fn rate(cases: usize, seconds: f64) -> f64 {
    cases as f64 / seconds.max(1e-9)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |late| late.as_secs_f64() * 1000.0)
}

/// Peak resident memory of this process, as Linux tells it.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}
