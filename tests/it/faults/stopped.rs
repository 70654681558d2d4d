//! PostgreSQL is stopped at once (`pg_ctl stop -m immediate`, which is how it looks when its machine
//! loses power) in the middle of the work, and started again; several times, with one process that
//! serves and with two. None of them is started anew: they notice, wait, and go on.
//!
//! A stop also loses the answer to a commit, so that a process cannot know whether it has happened.

use super::service::{Service, pause, until};
use super::stage::{Stage, until_over};
use super::{Seed, how_often, truth};
use crate::support::postgres::Cluster;
use crate::support::smtp::{At, Fault, Script, SmtpServer};
use crate::support::stage::settings;
use tokio::sync::watch;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::clock::Clock;
use tovholder::runner::serve::serve;
use tovholder::runner::{Mailer, Runner};
use tovholder::store::Store;

/// Stops while one hold is played; a longer campaign plays more holds.
const STOPS: u64 = 5;
/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 0.8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_over_is_waited_for() {
    for season in 0..how_often("TOVHOLDER_STOPS", STOPS).div_ceil(STOPS) {
        stopped(1, 20_260_205 + season).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_over_is_waited_for_by_two() {
    for season in 0..how_often("TOVHOLDER_STOPS", STOPS).div_ceil(STOPS) {
        stopped(2, 20_260_206 + season).await;
    }
}

/// Nothing runs yet, but the server was reached once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_over_as_a_service_begins_is_waited_for() {
    let mut cluster = Cluster::start(&[]);
    let store = cluster.store().await;
    let channel = Channel::Memory(MemoryChannel::default());
    let runner = Runner::new(store.clone(), Clock::Real, settings());
    let mailer = Mailer::new(runner.clone(), channel);
    cluster.stop_at_once();
    let (stop, told) = watch::channel(false);
    let serving = tokio::spawn({
        let runner = runner.clone();
        async move { serve(&runner, &mailer, told).await }
    });
    // It ends at once, or asks again later.
    pause(300).await;
    cluster.start_again();
    // A plan is made of something only once somebody has begun.
    let begun = until(async || {
        let planner = store.cluster().await.map(|cluster| cluster.plan_rev);
        serving.is_finished() || planner.is_ok_and(|revision| revision > 1)
    });
    assert!(begun.await, "it does not begin");
    // Nobody listens when it has ended already, which its answer says.
    let _ = stop.send(true);
    serving.await.expect("no panic").expect("it was waited for");
}

async fn stopped(nodes: usize, seed: u64) {
    println!("seed {seed}");
    let mut cluster = Cluster::start(&[]);
    let database = cluster.database();
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let stage = Box::pin(Stage::new(16)).await;
    let store = Store::connect(&database).await.expect("a database");
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;
    let mut services: Vec<Service> = (0..nodes)
        .map(|_| Service::start(&database, &server.url()))
        .collect();
    // Who cannot reach it at all ends with a message; from here on it is waited for.
    for service in &mut services {
        service.begun().await;
    }
    let mut seed = Seed(seed);
    for stop in 0..STOPS {
        pause(800 + seed.next() % 1800).await;
        let before: Vec<usize> = services.iter().map(|service| service.log().len()).collect();
        cluster.stop_at_once();
        pause(seed.next() % 600).await;
        // Some stops are over before anyone looks, who then meets only broken connections; the others
        // last until all have noticed: a broken connection wakes whoever sleeps.
        for (service, before) in services.iter_mut().zip(before) {
            if stop % 2 == 1 {
                service.says(before, "goes on in a moment").await;
            }
        }
        cluster.start_again();
        for service in &mut services {
            service.must_run();
        }
    }
    until_over(&store).await;
    for service in services {
        service.stop().await;
    }
    let outbox = truth::check(&store, &server, &stage.planned, &names).await;
    let unknown = truth::unknown(&outbox);
    println!("{} mails, {} of unknown fate", outbox.len(), unknown.len());
    // The process that sent them lives, and knows what the mail server said.
    if nodes == 1 {
        assert!(unknown.is_empty(), "their fate is known: {unknown:?}");
    }
}
