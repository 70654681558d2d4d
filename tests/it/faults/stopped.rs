//! PostgreSQL is stopped at once (`pg_ctl stop -m immediate`, which is how it looks when its machine
//! loses power) in the middle of the work, and started again; several times, with one process that
//! serves and with two. None of them is started anew: they notice, wait, and go on.
//!
//! A stop also loses the answer to a commit, so that a process cannot know whether it has happened.

use super::service::{Service, pause};
use super::stage::{Stage, until_over};
use super::{Seed, how_often, truth};
use crate::support::postgres::Cluster;
use crate::support::smtp::{At, Fault, Script, SmtpServer};
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

async fn stopped(nodes: usize, seed: u64) {
    println!("seed {seed}");
    let mut cluster = Cluster::start(&[]);
    let database = cluster.database();
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let stage = Stage::new(16).await;
    let store = Store::connect(&database).await.expect("a database");
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;
    let mut services: Vec<Service> = (0..nodes)
        .map(|_| Service::start(&database, &server.url()))
        .collect();
    let mut seed = Seed(seed);
    for _ in 0..STOPS {
        pause(800 + seed.next() % 1800).await;
        cluster.stop_at_once();
        pause(seed.next() % 600).await;
        cluster.start_again();
        for service in &mut services {
            service.must_run();
        }
    }
    until_over(&store, 60).await;
    for service in services {
        let log = service.stop().await;
        assert!(log.contains("goes on in a moment"), "it noticed: {log}");
    }
    let outbox = truth::check(&store, &server, &stage.planned, &names).await;
    let unknown = truth::unknown(&outbox);
    println!("{} mails, {} of unknown fate", outbox.len(), unknown.len());
    // The process that sent them lives, and knows what the mail server said.
    if nodes == 1 {
        assert!(unknown.is_empty(), "their fate is known: {unknown:?}");
    }
}
