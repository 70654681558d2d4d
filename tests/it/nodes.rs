//! Several services on one PostgreSQL, in this process and as processes of their own: a burst of cases
//! and their mails, one that is told to stop, one that is stopped by force, one of a newer build.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tovholder::channel::{Channel, SmtpChannel, SmtpConfig};
use tovholder::clock::Clock;
use tovholder::runner::cast::Cast;
use tovholder::runner::serve::{clock_of, serve, set_clock};
use tovholder::runner::{Mailer, RunError, Runner};
use tovholder::store::{BUILD, OutboxRow, Planner, Status, Store};

use super::faults::service::{Service, until};
use super::faults::stage::{Names, Stage, is_open, outbox, templates, until_over};
use super::faults::truth::{self, check_histories};
use super::support::postgres::shared;
use super::support::smtp::{At, Fault, Script, SmtpServer};
use super::support::stage::{cast, settings};

const CASES: usize = 120;
/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 3.0;
/// A node that has sent more than this has had its part.
const HANDFUL: usize = 5;

/// All cases move at the same moments, and each says something then.
const WORKFLOW: &str = r"
workflow: noder
title: Flere tjenester
language: da
time_zone: Europe/Copenhagen
holidays: DK
closed: [24 december, 31 december, 5 june]
hours: 08:00-16:00
overdue: {to: coordinator, after: 1 workday}
roles:
  coordinator: {title: Tovholder, per: cohort}
cohort:
  places: 200
  dates: {start: {title: Start, weekday: monday}}
  messages:
    status: {template: note, to: jobcentre, every: workday at 12:00, until: phase_two.last_day}
candidate:
  title: Kandidat
  states:
    waiting: {title: Venter, until: cohort.start, then: phase_one}
    phase_one:
      title: Første
      lasts: 1 week
      then: phase_two
      messages:
        hello: {template: note, to: candidate, when: entered}
        weekly: {template: note, to: candidate, every: wednesday at 09:00}
    phase_two:
      title: Anden
      lasts: 1 week
      then: finished
      messages:
        onwards: {template: note, to: candidate, when: entered}
    finished: {title: Færdig, final: success}
";

fn the_cast() -> Cast {
    let dates = [("start", date(2026, 2, 2))];
    let mut cast = cast("noder", WORKFLOW.to_owned(), templates(), &dates, CASES);
    // Nobody does anything: all that happens is time.
    cast.only_said = true;
    cast
}

/// A hold whose candidates have come, on a clock that runs from there.
async fn set_the_stage(cast: &Cast, url: &str) -> (Store, Names) {
    set_the_clock(cast, url, cast.arrive(), DAYS_PER_SECOND * 86_400.0).await
}

/// The same, on a clock that runs from an instant.
async fn set_the_clock(cast: &Cast, url: &str, from: Timestamp, rate: f64) -> (Store, Names) {
    let store = Store::connect(url).await.expect("a database");
    let runner = Runner::new(store.clone(), Clock::manual(cast.begins()), settings());
    let mut assumed = cast.set(&runner).await.expect("a stage").assumed;
    let arrival = cast.arrive();
    runner.clock().move_to(arrival);
    let came = runner.work_with_people(arrival, &mut assumed).await;
    came.expect("the candidates come");
    let clock = set_clock(&store, from, rate).await;
    clock.expect("a clock");
    (store, assumed.named())
}

/// A service in this process.
struct Node {
    name: String,
    stop: watch::Sender<bool>,
    serving: JoinHandle<Result<(), RunError>>,
    store: Store,
}

impl Node {
    async fn start(url: &str, server: &SmtpServer) -> Self {
        let store = Store::connect(url).await.expect("the database");
        let clock = clock_of(&store).await.expect("its clock");
        let settings = settings();
        let name = settings.node.clone();
        let runner = Runner::new(store.clone(), clock, settings);
        let smtp = SmtpConfig::from_url(&server.url(), "node.kommune.example").expect("an address");
        let channel = Channel::Smtp(SmtpChannel::new(smtp).expect("a channel"));
        let mailer = Mailer::new(runner.clone(), channel);
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(async move { serve(&runner, &mailer, stopped).await });
        Self {
            name,
            stop,
            serving,
            store,
        }
    }

    async fn end(self) {
        self.stop.send(true).expect("it listens");
        self.serving.await.expect("no panic").expect("it served");
        self.store.close().await.expect("closed");
    }
}

/// Waits until so many mails are on their way or gone.
async fn until_sent(store: &Store, mails: i64) {
    let sent = until(async || {
        let counts = store.outbox_counts().await.expect("counts");
        let gone = [Status::Sent, Status::Unknown];
        let gone = counts.iter().filter(|(status, _)| gone.contains(status));
        gone.map(|(_, mails)| mails).sum::<i64>() >= mails
    });
    assert!(sent.await, "{:?}", store.outbox_counts().await);
}

/// Waits until each of these nodes has more than a handful of mails to its name.
async fn until_shared(store: &Store, nodes: &[Node]) {
    let shared = until(async || {
        let shares = shares(store).await;
        let of = |node: &Node| shares.get(&node.name).copied().unwrap_or_default();
        nodes.iter().all(|node| of(node) > HANDFUL)
    });
    assert!(shared.await, "{:?}", shares(store).await);
}

/// Waits until everyone has been greeted, or it is not known whether.
async fn until_greeted(store: &Store) -> Vec<OutboxRow> {
    let mut rows = Vec::new();
    let greeted = until(async || {
        rows = outbox(store).await;
        rows.retain(|row| row.occurrence.starts_with("message.hello@"));
        rows.len() >= CASES && !rows.iter().any(|row| is_open(row.status))
    });
    assert!(greeted.await, "{:?}", store.outbox_counts().await);
    rows
}

/// How much mail each node has sent.
async fn shares(store: &Store) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for row in outbox(store).await {
        *shares.entry(row.node.unwrap_or_default()).or_default() += 1;
    }
    shares
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_share_a_burst_and_one_may_go() {
    let Stage { cast, planned, .. } = Stage::of(the_cast()).await;
    assert!(planned.len() > 3 * CASES, "{}", planned.len());
    let url = shared().database();
    let (store, names) = set_the_stage(&cast, &url).await;
    let server = SmtpServer::start(Script::default()).await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Node::start(&url, &server).await);
    }
    // Who gets what is chance: the third goes when each has had its part, with most of the burst still to come.
    until_shared(&store, &nodes).await;
    nodes.pop().expect("the third").end().await;
    until_over(&store).await;
    for node in nodes {
        node.end().await;
    }

    let outbox = truth::check(&store, &server, &planned, &names).await;
    let unknown = truth::unknown(&outbox);
    assert!(unknown.is_empty(), "nobody died: {unknown:?}");
    store.close().await.expect("closed");
}

/// The one that is stopped by force has mail on the wire and rows in its hands, is given up, and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_stalls_past_its_lease_writes_nothing_twice() {
    let cast = the_cast();
    let url = format!("{}?lease=3", shared().database());
    // Ten minutes before the hour at which everyone is greeted, an hour a second.
    let begins: Timestamp = "2026-02-02T06:50:00Z".parse().expect("an instant");
    let (store, names) = set_the_clock(&cast, &url, begins, 3600.0).await;
    // A server that does not answer yet, so that mail is on the wire when the process is stopped.
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Wait)).await;
    let stalls = Service::start(&url, &server.url());
    assert!(until(async || server.whole() > 0).await, "it sends nothing");
    stalls.signal("STOP");
    server.go_on();
    // What it had claimed is done by the other, though it still holds its connections.
    let goes_on = Service::start(&url, &server.url());
    let before = until_greeted(&store).await;
    stalls.signal("CONT");
    // It says what it still has to say, and goes by itself.
    stalls.stop().await;
    goes_on.stop().await;

    let after = until_greeted(&store).await;
    assert_eq!(
        (before.len(), after.len()),
        (CASES, CASES),
        "each greeted once"
    );
    let unknown = |rows: &[OutboxRow]| {
        rows.iter()
            .filter(|row| row.status == Status::Unknown)
            .count()
    };
    println!(
        "{} unknown, in the end {}",
        unknown(&before),
        unknown(&after)
    );
    assert!(unknown(&before) > 0, "it was stopped with mail on the wire");
    assert!(
        unknown(&after) < unknown(&before),
        "and said in the end what came of it"
    );
    for row in &after {
        let arrivals = server.arrivals(&truth::message_id(row));
        match row.status {
            Status::Sent => assert_eq!(arrivals, 1, "{}", row.id),
            Status::Unknown => assert!(arrivals <= 1, "{}", row.id),
            other => panic!("{} is {other:?}: {:?}", row.id, row.reason),
        }
    }
    check_histories(&store, &names).await;
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_build_ends_the_older_one() {
    let cast = the_cast();
    let url = shared().database();
    let (store, names) = set_the_stage(&cast, &url).await;
    let server = SmtpServer::start(Script::default()).await;
    let node = Node::start(&url, &server).await;
    until_sent(&store, 10).await;
    let newer = store.as_build(BUILD + 1);
    let planner = Planner("of tomorrow".to_owned());
    assert!(newer.adopt(&planner).await.expect("adopted").is_some());
    let ended = node.serving.await.expect("no panic");
    let Err(RunError::Store(error)) = ended else {
        panic!("it goes on: {ended:?}");
    };
    assert!(error.is_newer(), "{error}");
    // Nor does it begin again.
    let again = Service::start(&url, &server.url()).ends().await;
    assert!(!again.success());
    check_histories(&newer, &names).await;
    check_fates_of(&newer, &server).await;
    store.close().await.expect("closed");
}

/// What was begun is finished: nothing is on the wire, and nothing came twice.
async fn check_fates_of(store: &Store, server: &SmtpServer) {
    for row in outbox(store).await {
        let arrivals = server.arrivals(&truth::message_id(&row));
        let expected = usize::from(row.status == Status::Sent);
        assert_ne!(row.status, Status::Sending);
        assert_eq!(arrivals, expected, "{}", row.occurrence);
    }
}
