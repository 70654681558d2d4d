//! Measuring: many cases due at one instant, beside the raw limit of the same store in the same run.
//!
//! Absolute times say little on a shared machine; the ratio is what counts. Runs of ours and of the
//! raw limit take turns, and the median of the ratios is quoted.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::opening::Candidate;
use super::versions::publish;
use super::{RunError, Runner, Settings};
use crate::calendar::{Calendar, Holidays, PhraseError};
use crate::clock::{Clock, Stopwatch};
use crate::engine::NewCase;
use crate::message::{Mailbox, TemplateSource};
use crate::store::{NewPerson, PersonRef, RawTransition, Store};

const WORKFLOW: &str = r"
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
    planned: {title: Før, until: cohort.start, then: course}
    course:
      title: Efter
      messages: {begun: {template: begun, to: candidate, when: entered}}
      events: {finish: {title: Slut, then: finished}}
    finished: {title: Slut, final: success}
";

/// Candidates opened in one transaction.
const OPENED_AT_ONCE: usize = 2000;

/// What a drain measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drained {
    /// Cases that were due at the one instant.
    pub cases: usize,
    /// From the instant to the last commit.
    pub seconds: f64,
    /// How late the middle case was committed after its instant, in milliseconds.
    pub lateness_p50_ms: f64,
    /// How late one in a hundred was.
    pub lateness_p99_ms: f64,
    /// The process's peak memory after the drain, in MB; 0 where the system does not tell.
    pub peak_mb: f64,
}

/// Opens a hold whose `cases` all come due at one instant, in a database of its own in the folder.
pub async fn prepare(folder: &Path, name: &str, cases: usize) -> Result<(), RunError> {
    let store = Store::open(folder.join(name)).await?;
    let opening = Clock::manual(start()? - SignedDuration::from_hours(240));
    let runner = Runner::new(store.clone(), opening, Settings::new(sender()?, "Bench"));
    open(&runner, cases).await?;
    runner.work(runner.now()).await?;
    store.close().await?;
    Ok(())
}

/// Drains what [`prepare`] has opened: every case moves, with its history and one mail in the outbox.
pub async fn drain(folder: &Path, name: &str, batch_max: i64) -> Result<Drained, RunError> {
    let store = Store::open(folder.join(name)).await?;
    let start = start()?;
    let runner = Runner::new(
        store.clone(),
        Clock::manual(start),
        Settings::new(sender()?, "Bench"),
    );
    let begun = Stopwatch::start();
    let mut late: Vec<(Duration, usize)> = Vec::new();
    loop {
        let ids = store.load_due(start.as_microsecond(), batch_max).await?;
        if ids.is_empty() {
            break;
        }
        runner.batch(&ids, start).await?;
        late.push((begun.elapsed(), ids.len()));
    }
    let seconds = begun.elapsed().as_secs_f64();
    store.close().await?;
    Ok(Drained {
        cases: late.iter().map(|(_, cases)| cases).sum(),
        seconds,
        lateness_p50_ms: percentile(&late, 50),
        lateness_p99_ms: percentile(&late, 99),
        peak_mb: peak_mb(),
    })
}

/// Writes the rows of a drained database by hand into one that was only prepared; seconds of writing alone.
pub async fn raw(
    folder: &Path,
    drained: &str,
    prepared: &str,
    batch_max: i64,
) -> Result<f64, RunError> {
    let from = Store::open(folder.join(drained)).await?;
    let into = Store::open(folder.join(prepared)).await?;
    let start = start()?;
    let mut seconds = 0.0;
    loop {
        let ids = into.load_due(start.as_microsecond(), batch_max).await?;
        if ids.is_empty() {
            break;
        }
        let mut batch = Vec::with_capacity(ids.len());
        for row in from.load(&ids).await?.subjects {
            let (events, mail) = (from.history(row.id).await?, from.mails_of(row.id).await?);
            batch.push(RawTransition {
                subject_id: row.id,
                snapshot: row.snapshot,
                seq: 100,
                events: events
                    .into_iter()
                    .rev()
                    .take(3)
                    .map(|event| event.payload)
                    .collect(),
                intent: mail.into_iter().next(),
            });
        }
        let begun = Stopwatch::start();
        into.write_raw(&batch, start.as_microsecond()).await?;
        seconds += begun.elapsed().as_secs_f64();
    }
    from.close().await?;
    into.close().await?;
    Ok(seconds)
}

/// The instant at which everybody is due.
fn start() -> Result<Timestamp, RunError> {
    let hours = "00:00-24:00"
        .parse()
        .map_err(|error: PhraseError| RunError::Inconsistent(error.message))?;
    let calendar = Calendar::new("Europe/Copenhagen", Holidays::None, Vec::new(), hours)
        .map_err(|error| RunError::Inconsistent(error.name))?;
    Ok(calendar.start_of(jiff::civil::date(2026, 2, 2)))
}

async fn open(runner: &Runner, cases: usize) -> Result<(), RunError> {
    let part = |text: &str| text.to_owned();
    let files = BTreeMap::from([
        (part("da/begun/subject.hbs"), part("Velkommen")),
        (
            part("da/begun/body.txt.hbs"),
            part("Kære {{candidate.name}}"),
        ),
        (
            part("da/begun/body.html.hbs"),
            part("<p>Kære {{candidate.name}}</p>"),
        ),
    ]);
    let version = publish(
        runner.store(),
        "bench.yaml",
        WORKFLOW,
        "bench",
        &TemplateSource { files },
        runner.now(),
    )
    .await?;
    let dates = BTreeMap::from([("start".into(), jiff::civil::date(2026, 2, 2))]);
    let hold = runner
        .open_cohort(version, "Bench", dates, BTreeMap::new(), &BTreeMap::new())
        .await?;
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
    Candidate {
        person: PersonRef::New(person),
        born: None,
        organisation_id: None,
        case: NewCase::default(),
    }
}

fn sender() -> Result<Mailbox, RunError> {
    Mailbox::parse("Bench", "bench@eksempel.example")
        .map_err(|error| RunError::Inconsistent(error.to_string()))
}

/// The lateness of the case at a percentage of all, each batch being as late as its commit.
fn percentile(late: &[(Duration, usize)], percent: usize) -> f64 {
    let all: usize = late.iter().map(|(_, cases)| cases).sum();
    let mut left = (all * percent / 100).max(1);
    for (at, cases) in late {
        if left <= *cases {
            return at.as_secs_f64() * 1000.0;
        }
        left -= cases;
    }
    0.0
}

/// Peak resident memory of this process, as Linux tells it.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| {
        line.trim()
            .trim_end_matches(" kB")
            .trim()
            .parse::<f64>()
            .ok()
    })
    .map_or(0.0, |kb| kb / 1024.0)
}
