//! The machine is pulled out of the wall: `serve` is killed with SIGKILL at seeded random moments,
//! again and again, and started anew.
//!
//! Every planned message has exactly one outbox row; nothing is lost; the mail server has accepted
//! no message twice. Those whose fate a kill left open are `unknown`, listed, and leave again only
//! when a person says so, with the same Message-ID.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tovholder::clock::Clock;
use tovholder::engine::event::Event;
use tovholder::engine::subject::Subject;
use tovholder::message::TemplateSource;
use tovholder::runner::Runner;
use tovholder::runner::cast::Cast;
use tovholder::runner::serve::set_clock;
use tovholder::runner::simulate::Simulation;
use tovholder::store::{OutboxFilter, OutboxRow, Status, Store};

use super::support::smtp::{At, Fault, Script, SmtpServer};
use super::support::stage::{cast, settings};

/// How often the service is killed; more with `TOVHOLDER_KILLS` for a long campaign.
const ROUNDS: u64 = 200;
/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 1.0;

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
      lasts: 3 weeks
      then: phase_two
      tasks: {check: {title: Se til, by: job_consultant, every: workday, optional: true, remind: [0, 0]}}
      messages:
        hello: {template: note, to: [candidate, job_consultant], when: entered}
        daily: {template: note, to: candidate, every: workday at 09:00}
      meetings: {talk: {title: Samtale, with: [candidate, coordinator], lasts: 1 hours, every: wednesday at 10:00}}
    phase_two:
      title: Anden
      lasts: 2 weeks
      then: finished
      tasks: {report: {title: Skriv, by: job_consultant, due: 3 workdays after phase_two.first_day}}
      messages:
        weekly: {template: note, to: [candidate, job_consultant], every: monday at 13:00}
    finished: {title: Færdig, final: success}
";

pub(super) fn templates() -> TemplateSource {
    let names = [
        "note",
        "meeting-invitation",
        "meeting-moved",
        "meeting-cancelled",
        "task-overdue",
        "task-reminder",
    ];
    let mut files = BTreeMap::new();
    for name in names {
        files.insert(
            format!("da/{name}/subject.hbs"),
            format!("{name} {{{{cohort.title}}}}"),
        );
        files.insert(
            format!("da/{name}/body.txt.hbs"),
            "Kære {{recipient.name}}".to_owned(),
        );
        files.insert(
            format!("da/{name}/body.html.hbs"),
            "<p>Kære {{recipient.name}}</p>".to_owned(),
        );
    }
    TemplateSource { files }
}

fn the_cast() -> Cast {
    let yaml = WORKFLOW.replace(", remind: [0, 0]", "");
    let mut cast = cast(
        "udholdenhed",
        yaml,
        templates(),
        &[("start", date(2026, 2, 2))],
        10,
    );
    // Nobody does anything: all that happens is time.
    cast.only_said = true;
    cast
}

/// A small generator of our own, so that a seed is the same everywhere (splitmix64).
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

fn serve(database: &Path, url: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tovholder"))
        .args(["--database", database.to_str().expect("a path"), "serve"])
        .env("TOVHOLDER_SMTP", url)
        .env("TOVHOLDER_MAIL_FROM", "tovholder@kommune.example")
        .env("TOVHOLDER_ORGANISATION", "Eksempel Kommune")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the service starts")
}

/// What must be there: one row for each of these, by subject's name, occurrence and seat's role.
pub(super) type Planned = BTreeMap<(String, String, String), usize>;

pub(super) async fn planned(cast: &Cast) -> Planned {
    let mut simulation = Simulation::begin(cast, settings()).await.expect("a stage");
    simulation.play(|_| {}).await.expect("it plays");
    rows(simulation.runner().store(), &simulation.names()).await
}

pub(super) async fn rows(store: &Store, names: &BTreeMap<i64, String>) -> Planned {
    let mut planned = Planned::new();
    for row in outbox(store).await {
        let who = names.get(&row.subject_id).cloned().unwrap_or_default();
        *planned.entry((who, row.occurrence, row.seat)).or_default() += 1;
    }
    planned
}

pub(super) async fn outbox(store: &Store) -> Vec<OutboxRow> {
    let all = OutboxFilter {
        status: None,
        cohort: None,
        subject: None,
        limit: 1_000_000,
    };
    let mut rows = store.outbox(&all).await.expect("the outbox");
    // A workflow's own subject belongs to no hold.
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    rows
}

pub(super) fn is_open(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Retry | Status::Sending)
}

pub(super) async fn pause(milliseconds: u64) {
    let real = Clock::Real;
    real.sleep_until(
        real.now() + SignedDuration::from_millis(i64::try_from(milliseconds).expect("short")),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_and_double_nothing() {
    let rounds = std::env::var("TOVHOLDER_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("killed.db");
    // A server that takes its time, so that many a kill falls between the dot and its answer.
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let cast = the_cast();
    let planned = planned(&cast).await;
    assert!(
        planned.len() > 250,
        "there is something to lose: {}",
        planned.len()
    );

    let names = set_the_stage(&cast, &database).await;
    let mut seed = Seed(20_260_202);
    for _ in 0..rounds {
        let mut child = serve(&database, &server.url());
        pause(40 + seed.next() % 260).await;
        child.kill().expect("SIGKILL");
        child.wait().expect("it is dead");
    }

    // One more, left alone until everything that was planned has been tried.
    let mut child = serve(&database, &server.url());
    let store = Store::open(&database)
        .await
        .expect("the database, beside the service");
    for _ in 0..600 {
        let counts = store.outbox_counts().await.expect("counts");
        let open = counts
            .iter()
            .filter(|(status, count)| is_open(*status) && *count > 0)
            .count();
        if open == 0 && rows(&store, &names).await.len() >= planned.len() {
            break;
        }
        pause(100).await;
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it is dead");

    check_rows(&planned, &rows(&store, &names).await);
    let unknown = check_fates(&store, &server).await;
    check_histories(&store, &names).await;
    check_release(&store, &server, &database, &unknown).await;
}

async fn set_the_stage(cast: &Cast, database: &Path) -> BTreeMap<i64, String> {
    let store = Store::open(database).await.expect("a database");
    let runner = Runner::new(store.clone(), Clock::manual(cast.begins()), settings());
    let mut assumed = cast.set(&runner).await.expect("a stage").assumed;
    let arrival: Timestamp = cast.arrive();
    runner.clock().move_to(arrival);
    runner
        .work_with_people(arrival, &mut assumed)
        .await
        .expect("the candidates come");
    set_clock(&store, arrival, DAYS_PER_SECOND * 86_400.0)
        .await
        .expect("a clock");
    store.close().await.expect("closed");
    assumed.named()
}

/// Every planned message has exactly one outbox row, and there are no others.
pub(super) fn check_rows(planned: &Planned, found: &Planned) {
    let missing: Vec<_> = planned
        .keys()
        .filter(|key| !found.contains_key(*key))
        .collect();
    let extra: Vec<_> = found
        .keys()
        .filter(|key| !planned.contains_key(*key))
        .collect();
    assert!(missing.is_empty(), "{} lost: {missing:?}", missing.len());
    assert!(
        extra.is_empty(),
        "{} nobody planned: {extra:?}",
        extra.len()
    );
    assert!(found.values().all(|count| *count == 1), "one row each");
}

/// Sent is accepted once, unknown at most once, and nothing else was accepted.
pub(super) async fn check_fates(store: &Store, server: &SmtpServer) -> Vec<OutboxRow> {
    let rows = outbox(store).await;
    let mut unknown = Vec::new();
    let mut ids = BTreeSet::new();
    for row in rows {
        let id = format!("<{}@kommune.example>", row.public_id);
        let arrivals = server.arrivals(&id);
        match row.status {
            Status::Sent => assert_eq!(arrivals, 1, "sent and accepted once: {}", row.occurrence),
            Status::Unknown => {
                assert!(arrivals <= 1, "accepted twice: {}", row.occurrence);
                unknown.push(row);
            }
            Status::Cancelled => assert_eq!(
                arrivals, 0,
                "cancelled, and yet accepted: {}",
                row.occurrence
            ),
            other => panic!("{} is {other:?}: {:?}", row.occurrence, row.reason),
        }
        ids.insert(id);
    }
    let strangers = server
        .accepted()
        .into_iter()
        .filter(|mail| !ids.contains(&mail.message_id))
        .count();
    assert_eq!(strangers, 0, "what was accepted is in the outbox");
    println!("{} mails, {} of unknown fate", ids.len(), unknown.len());
    unknown
}

/// Every history folds to its snapshot.
pub(super) async fn check_histories(store: &Store, names: &BTreeMap<i64, String>) {
    let ids: Vec<i64> = names.keys().copied().collect();
    for row in store.load(&ids).await.expect("subjects").subjects {
        let history = store.history(row.id).await.expect("its history");
        let events: Vec<(Timestamp, Event)> = history
            .iter()
            .map(|event| {
                let at = Timestamp::from_microsecond(event.at).expect("an instant");
                (at, serde_json::from_str(&event.payload).expect("an event"))
            })
            .collect();
        let folded =
            Subject::replay(events.iter().map(|(at, event)| (*at, event))).expect("it begins");
        let snapshot: Subject = serde_json::from_str(&row.snapshot).expect("a snapshot");
        assert_eq!(folded, snapshot, "{}", names[&row.id]);
        assert_eq!(history.len(), usize::try_from(row.seq).expect("a count"));
    }
}

/// Unknown mail leaves again only when a person says so, with the same Message-ID.
async fn check_release(store: &Store, server: &SmtpServer, database: &Path, unknown: &[OutboxRow]) {
    let before: Vec<usize> = unknown
        .iter()
        .map(|row| server.arrivals(&format!("<{}@kommune.example>", row.public_id)))
        .collect();
    for row in unknown {
        let released = Command::new(env!("CARGO_BIN_EXE_tovholder"))
            .args([
                "--database",
                database.to_str().expect("a path"),
                "outbox",
                "release",
                &row.id.to_string(),
            ])
            .output()
            .expect("the command runs");
        assert!(
            released.status.success(),
            "{}",
            String::from_utf8_lossy(&released.stderr)
        );
    }
    // The clock runs on: it may be night, so the service gets the time for a few days.
    let mut child = serve(database, &server.url());
    for _ in 0..200 {
        let counts = store.outbox_counts().await.expect("counts");
        let open = counts
            .iter()
            .filter(|(status, count)| is_open(*status) && *count > 0)
            .count();
        if open == 0 {
            break;
        }
        pause(100).await;
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it is dead");
    for (row, before) in unknown.iter().zip(before) {
        let now = store
            .outbox_row(row.id)
            .await
            .expect("the outbox")
            .expect("the row");
        assert_eq!(now.public_id, row.public_id, "the same Message-ID");
        if now.status == Status::Sent {
            assert_eq!(
                server.arrivals(&format!("<{}@kommune.example>", row.public_id)),
                before + 1
            );
        }
    }
}
