//! The machine is pulled out of the wall: `serve` is killed with SIGKILL at seeded random moments,
//! again and again, and started anew; on SQLite, and on PostgreSQL as one process and as two.
//!
//! Those mails whose fate a kill left open are `unknown`, listed, and leave again only when a person
//! says so, with the same Message-ID.

use tovholder::store::{OutboxRow, Sees, Status, Store};

use super::service::{Service, pause, tovholder};
use super::stage::{Stage, until_over};
use super::{Seed, how_often, truth};
use crate::support::postgres;
use crate::support::smtp::{At, Fault, Script, SmtpServer};

/// Kills while one hold is played; a longer campaign plays more holds.
const KILLS: u64 = 30;
/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 0.9;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_and_double_nothing_on_sqlite() {
    for seed in seeds(20_260_202) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("killed.db");
        let store = Store::open(&file).await.expect("a database");
        killed(&store, file.to_str().expect("a path"), 1, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_and_double_nothing_on_postgresql() {
    for seed in seeds(20_260_203) {
        let database = postgres::shared().database();
        let store = Store::connect(&database).await.expect("a database");
        killed(&store, &database, 1, seed).await;
        store.close().await.expect("closed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_one_of_two_lose_and_double_nothing() {
    for seed in seeds(20_260_204) {
        let database = postgres::shared().database();
        let store = Store::connect(&database).await.expect("a database");
        killed(&store, &database, 2, seed).await;
        store.close().await.expect("closed");
    }
}

fn seeds(first: u64) -> impl Iterator<Item = u64> {
    first..first + how_often("TOVHOLDER_KILLS", KILLS).div_ceil(KILLS)
}

async fn killed(store: &Store, database: &str, nodes: u64, seed: u64) {
    println!("seed {seed}");
    // A server that takes its time, so that many a kill falls between the dot and its answer.
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let stage = Stage::new(10).await;
    let names = stage.set_running(store, DAYS_PER_SECOND).await;
    let start = || Service::start(database, &server.url());
    let mut services: Vec<Service> = (0..nodes).map(|_| start()).collect();
    let mut seed = Seed(seed);
    for _ in 0..KILLS {
        let one = usize::try_from(seed.next() % nodes).expect("a few");
        // Most die at work, some before they begin.
        if !seed.next().is_multiple_of(4) {
            services[one].begun().await;
        }
        pause(seed.next() % 250).await;
        services[one].kill();
        services[one] = start();
    }
    until_over(store).await;
    for service in services {
        service.stop().await;
    }
    let outbox = truth::check(store, &server, &stage.planned, &names).await;
    let unknown = truth::unknown(&outbox);
    println!("{} mails, {} of unknown fate", outbox.len(), unknown.len());
    check_release(store, &server, database, &outbox).await;
}

/// Unknown mail leaves again only when a person says so, with the same Message-ID.
async fn check_release(store: &Store, server: &SmtpServer, database: &str, outbox: &[OutboxRow]) {
    let arrivals = |row: &OutboxRow| server.arrivals(&truth::message_id_of(row, outbox));
    let unknown = truth::unknown(outbox);
    let before: Vec<usize> = unknown.iter().map(|row| arrivals(row)).collect();
    // What was merged leaves with the mail it is in.
    for row in unknown.iter().filter(|row| row.merged_into.is_none()) {
        let released = tovholder()
            .args(["outbox", "release", &row.id.to_string()])
            .env("DATABASE_URL", database)
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&released.stderr);
        assert!(released.status.success(), "{said}");
    }
    // The clock runs on: it may be night, so the service gets the time for a few days.
    let service = Service::start(database, &server.url());
    until_over(store).await;
    service.stop().await;
    for (row, before) in unknown.iter().zip(before) {
        let now = store
            .outbox_row(Sees::All, row.id)
            .await
            .expect("the outbox");
        let now = now.expect("the row");
        assert_eq!(now.public_id, row.public_id, "the same Message-ID");
        if now.status == Status::Sent {
            assert_eq!(arrivals(row), before + 1);
        }
    }
}
