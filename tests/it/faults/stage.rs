//! What is played: a hold where everything goes by time, and what is expected of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use tovholder::clock::Clock;
use tovholder::message::TemplateSource;
use tovholder::runner::Runner;
use tovholder::runner::cast::Cast;
use tovholder::runner::serve::set_clock;
use tovholder::runner::simulate::Simulation;
use tovholder::store::{OutboxFilter, OutboxRow, Sees, Status, Store};

use super::service::until;
use crate::support::stage::{cast, settings};

/// Everything by time: states, mail on entry, slots, a digest, gathered reminders, meetings.
const WORKFLOW: &str = r"
workflow: udholdenhed
title: Udholdenhed
language: da
time_zone: Europe/Copenhagen
holidays: DK
closed: [24 december, 31 december, 5 june]
hours: 08:00-16:00
overdue: {to: coordinator, after: 1 workday}
roles:
  coordinator: {title: Tovholder, per: cohort}
  job_consultant: {title: Jobkonsulent, per: candidate}
cohort:
  places: 40
  dates: {start: {title: Start, weekday: monday}}
  messages:
    status: {template: note, to: jobcentre, every: workday at 12:00, until: phase_two.last_day}
candidate:
  title: Kandidat
  states:
    waiting: {title: Venter, until: cohort.start, then: phase_one}
    phase_one:
      title: Første
      lasts: 1 weeks
      then: phase_two
      tasks: {check: {title: Se til, by: job_consultant, every: workday, optional: true}}
      messages:
        hello: {template: hello, to: [candidate, job_consultant], when: entered}
        daily: {template: note, to: candidate, every: workday at 09:00}
        noon: {template: note, to: candidate, every: workday at 11:30}
        later: {template: note, to: [candidate, job_consultant], every: workday at 14:00}
      meetings: {talk: {title: Samtale, with: [candidate, coordinator], lasts: 1 hours, every: wednesday at 10:00}}
    phase_two:
      title: Anden
      lasts: 1 weeks
      then: finished
      tasks: {report: {title: Skriv, by: job_consultant, due: 3 workdays after phase_two.first_day}}
      messages:
        weekly: {template: note, to: [candidate, job_consultant], every: monday at 13:00}
    finished: {title: Færdig, final: success}
";

/// Who a mail is about by name, its occurrence, and its seat.
pub type Stream = (String, String, String);

/// How many rows each has.
pub type Rows = BTreeMap<Stream, usize>;

/// Names of subjects by row id.
pub type Names = BTreeMap<i64, String>;

/// A hold and its candidates, and what the simulation shows of them.
pub struct Stage {
    /// The hold.
    pub cast: Cast,
    /// Every mail there must be.
    pub planned: Rows,
    /// When each is decided, µs UTC.
    pub due: BTreeMap<Stream, i64>,
}

impl Stage {
    /// Over in two weeks and a few hours.
    pub async fn new(players: usize) -> Self {
        Self::with(players, WORKFLOW.to_owned()).await
    }

    /// The same with a second phase of three weeks.
    pub async fn of_a_month(players: usize) -> Self {
        let short = "title: Anden\n      lasts: 1 weeks";
        assert!(WORKFLOW.contains(short));
        let long = WORKFLOW.replace(short, "title: Anden\n      lasts: 3 weeks");
        Self::with(players, long).await
    }

    async fn with(players: usize, yaml: String) -> Self {
        let start = [("start", date(2026, 2, 2))];
        let mut cast = cast("udholdenhed", yaml, templates(), &start, players);
        // Nobody does anything: all that happens is time.
        cast.only_said = true;
        cast.begins_at = Some(instant("2026-02-01T16:00:00Z"));
        Self::of(cast).await
    }

    /// Another hold.
    pub async fn of(cast: Cast) -> Self {
        let mut simulation = Simulation::begin(&cast, settings()).await.expect("a stage");
        simulation.play(|_| {}).await.expect("it plays");
        let outbox = outbox(simulation.runner().store()).await;
        let names = simulation.names();
        let planned = rows(&outbox, &names);
        assert!(planned.len() > 30, "something to lose: {}", planned.len());
        let due = outbox
            .iter()
            .map(|row| (stream(row, &names), row.created_at));
        Self {
            cast,
            planned,
            due: due.collect(),
        }
    }

    /// Sets it up in an empty database, by the machine's clock.
    pub async fn set(&self, store: &Store) -> Names {
        let begins = self.cast.begins();
        let runner = Runner::new(store.clone(), Clock::manual(begins), settings());
        let stage = Box::pin(self.cast.set(&runner)).await;
        let mut assumed = stage.expect("a stage").assumed;
        Box::pin(runner.work_with_people(begins, &mut assumed))
            .await
            .expect("the candidates come");
        assumed.named()
    }

    /// The same with a clock that begins to run, so many days a second.
    pub async fn set_running(&self, store: &Store, days_per_second: f64) -> Names {
        let names = self.set(store).await;
        let rate = days_per_second * 86_400.0;
        set_clock(store, self.cast.begins(), rate)
            .await
            .expect("a clock");
        names
    }
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Waits until nothing is on its way any more and the hold is over. A database that is away is asked
/// again.
pub async fn until_over(store: &Store) {
    let over = until(async || is_over(store).await.unwrap_or(false)).await;
    let counts = store.outbox_counts().await;
    assert!(
        over,
        "it does not end: {counts:?}, {:?}",
        is_over(store).await
    );
}

/// Whether nothing is on its way any more and every case has finished.
pub async fn is_over(store: &Store) -> tovholder::store::Result<bool> {
    // Work before mail, since late work may bring more of it between the two looks.
    if store.next_work_due().await?.is_some() {
        return Ok(false);
    }
    for cohort in store.cohorts().await? {
        let cases = store.cases_in(cohort.id).await?;
        if !cases.by_state.keys().all(|state| state == "finished") {
            return Ok(false);
        }
    }
    let counts = store.outbox_counts().await?;
    let is_open = |(status, count): &(Status, i64)| is_open(*status) && *count > 0;
    Ok(!counts.iter().any(is_open))
}

pub fn is_open(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Retry | Status::Sending)
}

/// All mail there is.
pub async fn outbox(store: &Store) -> Vec<OutboxRow> {
    let all = OutboxFilter {
        before: None,
        status: None,
        cohort: None,
        subject: None,
        unseen: false,
        limit: 1_000_000,
    };
    let mut rows = store.outbox(Sees::All, &all).await.expect("the outbox");
    // A workflow's own subject belongs to no hold.
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    rows
}

/// The rows by what they are about.
pub fn rows(outbox: &[OutboxRow], names: &Names) -> Rows {
    let mut rows = Rows::new();
    for row in outbox {
        *rows.entry(stream(row, names)).or_default() += 1;
    }
    rows
}

pub fn stream(row: &OutboxRow, names: &Names) -> Stream {
    let who = names.get(&row.subject_id).cloned().unwrap_or_default();
    (who, row.occurrence.clone(), row.seat.clone())
}

/// Each says its name.
pub fn templates() -> TemplateSource {
    let names = [
        "hello",
        "note",
        "meeting-invitation",
        "meeting-moved",
        "meeting-cancelled",
        "task-overdue",
        "task-reminder",
    ];
    let mut files = BTreeMap::new();
    for name in names {
        for (file, text) in [
            ("subject.hbs", format!("{name} {{{{cohort.title}}}}")),
            ("body.txt.hbs", "Kære {{recipient.name}}".to_owned()),
            ("body.html.hbs", "<p>Kære {{recipient.name}}</p>".to_owned()),
        ] {
            files.insert(format!("da/{name}/{file}"), text);
        }
    }
    TemplateSource { files }
}
