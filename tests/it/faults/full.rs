//! The disk is full in the middle of the work, and then has room again: the service says so, loses
//! nothing, and goes on by itself. With the SQLite file on a disk of a few megabytes, and with
//! PostgreSQL's data on one.

use std::fs;
use std::path::Path;

use tovholder::store::Store;

use super::service::{Service, pause, serve, until};
use super::stage::{Stage, is_over, until_over};
use super::truth;
use crate::support::postgres::Cluster;
use crate::support::smtp::{At, Fault, Script, SmtpServer};
use crate::support::space::Space;

/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 1.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_sqlite_only_until_there_is_room() {
    let space = Space::of_megabytes(48);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("full.db");
    let stage = Stage::new(12).await;
    let store = Store::open(&file).await.expect("a database");
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;
    store.close().await.expect("closed");
    fs::copy(&file, space.outside().join("full.db")).expect("it is copied in");

    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let inside = space.path().join("full.db");
    let start = || {
        let mut command = space.command(Path::new(env!("CARGO_BIN_EXE_tovholder")));
        let database = inside.to_str().expect("a path");
        serve(&mut command, database, &server.url());
        Service::of(command)
    };
    let mut service = start();
    arrived(&server, &service, 5).await;
    for _ in 0..3 {
        let before = service.log().len();
        space.fill();
        service.says(before, "disk is full").await;
        pause(300).await;
        space.make_room();
        pause(1200).await;
    }
    // The file can only be seen from inside while it is served: it may be over when no mail has come
    // for long, and is served again if it is not.
    let store = loop {
        quiet(&server).await;
        service.stop().await;
        // The last connection of a service that is stopped puts the log of writes into the file.
        fs::copy(space.outside().join("full.db"), &file).expect("it is copied out");
        assert!(!space.outside().join("full.db-wal").exists());
        let store = Store::open(&file).await.expect("the database");
        if is_over(&store).await.expect("a look") {
            break store;
        }
        store.close().await.expect("closed");
        service = start();
    };
    let outbox = truth::check(&store, &server, &stage.planned, &names).await;
    let unknown = truth::unknown(&outbox);
    println!("{} mails, {} of unknown fate", outbox.len(), unknown.len());
    assert!(
        unknown.is_empty(),
        "the process knows their fate: {unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_postgresql_only_until_there_is_room() {
    // Each piece of its log of writes is to need new room.
    let settings = ["max_wal_size=4MB", "min_wal_size=2MB", "wal_recycle=off"];
    let mut cluster = Cluster::start_in(Space::of_megabytes(128), &settings);
    let database = cluster.database();
    let stage = Stage::new(12).await;
    let store = Store::connect(&database).await.expect("a database");
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;

    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let mut service = Service::start(&database, &server.url());
    arrived(&server, &service, 5).await;
    for _ in 0..2 {
        let before = service.log().len();
        cluster.space().fill();
        service.says(before, "goes on in a moment").await;
        cluster.space().make_room();
        // Without room for its log it ends, and is started by whoever made room.
        if !cluster.runs() {
            cluster.start_again();
        }
        pause(1200).await;
    }
    until_over(&store).await;
    service.stop().await;
    let outbox = truth::check(&store, &server, &stage.planned, &names).await;
    let unknown = truth::unknown(&outbox);
    println!("{} mails, {} of unknown fate", outbox.len(), unknown.len());
    assert!(
        unknown.is_empty(),
        "the process knows their fate: {unknown:?}"
    );
}

/// Waits until so many mails were accepted.
async fn arrived(server: &SmtpServer, service: &Service, mails: usize) {
    let enough = until(async || server.accepted().len() >= mails).await;
    let came = server.accepted().len();
    assert!(enough, "{came} of {mails} mails came: {}", service.log());
}

/// Waits until no mail has come for so long that a weekend of the hold is over.
async fn quiet(server: &SmtpServer) {
    let mut before = usize::MAX;
    while before != server.accepted().len() {
        before = server.accepted().len();
        pause(4000).await;
    }
}
