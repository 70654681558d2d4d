//! Backups while `serve` plays a hold, two at a time: each holds one moment, and none of what was committed before it
//! began is missing. The service is not disturbed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tovholder::store::{EventRow, Store};

use super::{back_up, ok, run, text};
use crate::faults::service::{Service, pause};
use crate::faults::stage::{Names, Stage, is_over, outbox, until_over};
use crate::faults::truth;
use crate::support::smtp::{At, Fault, Script, SmtpServer};

/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 0.9;
/// Backups by each of two who make them.
const BACKUPS: usize = 6;

/// What had been committed at a moment.
struct Committed {
    histories: BTreeMap<i64, Vec<EventRow>>,
    mails: Vec<i64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_made_under_load_is_one_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("load.db");
    let database = text(&file).to_owned();
    let into = tempfile::tempdir().expect("a folder");
    let server = SmtpServer::start(Script::default().always(At::Dot, Fault::Late)).await;
    let stage = Stage::new(10).await;
    let store = Store::open(&file).await.expect("a database");
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;
    let mut service = Service::start(&database, &server.url());
    service.begun().await;

    let one = made(&store, &names, &database, into.path());
    let other = made(&store, &names, &database, into.path());
    let (one, other) = tokio::join!(one, other);
    assert!(
        !is_over(&store).await.expect("a look"),
        "nothing was going on"
    );
    until_over(&store).await;
    service.stop().await;
    truth::check(&store, &server, &stage.planned, &names).await;

    let after = committed(&store, &names).await;
    let mut sizes = Vec::new();
    for (backup, before) in one.into_iter().chain(other) {
        sizes.push(is_one_moment(&backup, &before, &after, &names, folder.path()).await);
    }
    sizes.sort_unstable();
    sizes.dedup();
    assert!(sizes.len() > 3, "they are of several moments: {sizes:?}");
}

/// Backups, each with what had been committed when it began.
async fn made(
    store: &Store,
    names: &Names,
    database: &str,
    into: &Path,
) -> Vec<(PathBuf, Committed)> {
    let mut made = Vec::new();
    for _ in 0..BACKUPS {
        let before = committed(store, names).await;
        let (database, into) = (database.to_owned(), into.to_owned());
        let backup = tokio::task::spawn_blocking(move || back_up(&database, &into));
        made.push((backup.await.expect("it ends"), before));
        pause(100).await;
    }
    made
}

async fn committed(store: &Store, names: &Names) -> Committed {
    let mails = outbox(store).await.into_iter().map(|row| row.id).collect();
    let mut histories = BTreeMap::new();
    for id in names.keys() {
        let history = store.history(*id).await.expect("its history");
        histories.insert(*id, history);
    }
    Committed { histories, mails }
}

/// It verifies, it can be put back, what was there when it began is in it, and all in it is what came to be. Answers how
/// many events it has.
async fn is_one_moment(
    backup: &Path,
    before: &Committed,
    after: &Committed,
    names: &Names,
    folder: &Path,
) -> usize {
    let verified = ok("", &["restore", "--verify", text(backup)]);
    assert!(verified.contains("Den er hel"), "{verified}");
    let back = folder.join("back.db");
    let put = run(
        "",
        &["restore", text(backup), "--to", text(&back), "--replace"],
    );
    assert_eq!(put.code, Some(0), "{}", put.lines);
    let store = Store::open(&back).await.expect("a database");
    let here = committed(&store, names).await;
    truth::check_histories(&store, names).await;
    store.close().await.expect("closed");
    for (id, history) in &here.histories {
        let (was, came) = (&before.histories[id], &after.histories[id]);
        assert!(history.starts_with(was), "what was committed is missing");
        assert!(came.starts_with(history), "what is there never happened");
    }
    for mail in &before.mails {
        assert!(here.mails.contains(mail), "mail {mail} is missing");
    }
    here.histories.values().map(Vec::len).sum()
}
