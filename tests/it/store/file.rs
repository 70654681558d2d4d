//! What is only true of a file: it outlives the process, and others may write to it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tovholder::store::{Committed, Store, Write};

use super::{NOW, cohort, hold_with, mail, publish, queue, step};

async fn open(folder: &TempDir) -> Store {
    Store::open(folder.path().join("store.db")).await.unwrap()
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (hold, cases) = hold_with(&store, 3).await;
    queue(&store, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    let ids = [hold, cases[0], cases[1], cases[2]];
    let before = (
        store.load(&ids).await.unwrap(),
        store.ready(NOW, 9).await.unwrap(),
        store.history(cases[0]).await.unwrap(),
        store.cluster().await.unwrap(),
    );
    store.close().await.unwrap();
    assert!(store.plan_rev().await.is_err_and(|error| error.is_closed()));
    assert!(
        store
            .bump_plan_rev()
            .await
            .is_err_and(|error| error.is_closed())
    );

    let store = open(&folder).await;
    let after = (
        store.load(&ids).await.unwrap(),
        store.ready(NOW, 9).await.unwrap(),
        store.history(cases[0]).await.unwrap(),
        store.cluster().await.unwrap(),
    );
    assert_eq!(before, after);
    assert_eq!(store.integrity_check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn another_handle_sees_and_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (serve, cli) = (open(&folder).await, open(&folder).await);
    let (_, cases) = hold_with(&serve, 1).await;
    let seen = serve.data_version().await.unwrap();
    assert_eq!(
        serve.commit(vec![step(cases[0], 1)], NOW).await.unwrap(),
        [Committed::Done]
    );
    assert_eq!(
        serve.data_version().await.unwrap(),
        seen,
        "one's own writes are no news"
    );
    assert_eq!(cli.load(&cases).await.unwrap().subjects[0].seq, 2);
    assert_eq!(
        cli.commit(vec![step(cases[0], 2)], NOW).await.unwrap(),
        [Committed::Done]
    );
    assert_ne!(serve.data_version().await.unwrap(), seen);
    assert_eq!(
        serve.commit(vec![step(cases[0], 2)], NOW).await.unwrap(),
        [Committed::Stale]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handles_that_write_at_once_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [open(&folder).await, open(&folder).await];
    let (_, cases) = hold_with(&stores[0], 40).await;
    let tasks: Vec<_> = (cases.iter().enumerate())
        .map(|(at, case)| {
            let (store, write) = (stores[at % 2].clone(), step(*case, 1));
            tokio::spawn(async move { store.commit(vec![write], NOW).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), [Committed::Done]);
    }
    let rows = stores[1].load(&cases).await.unwrap().subjects;
    assert!(rows.iter().all(|row| row.seq == 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_file_may_be_opened_by_several_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let tasks: Vec<_> = (0..4)
        .map(|_| tokio::spawn(Store::open(path.clone())))
        .collect();
    let mut incarnations = std::collections::BTreeSet::new();
    for task in tasks {
        let store = task.await.unwrap().unwrap();
        incarnations.insert(store.cluster().await.unwrap().incarnation);
    }
    assert_eq!(incarnations.len(), 1);
}

#[tokio::test]
async fn one_serve_per_file_and_others_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let lock = Store::lock_for_serving(&path).unwrap();
    let second = Store::lock_for_serving(&path);
    assert!(second.is_err_and(|error| error.is_already_served()));
    publish(&open(&folder).await, "sosu").await;
    drop(lock);
    assert!(Store::lock_for_serving(&path).is_ok());
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    std::fs::write(
        &path,
        "Kære alle, dette er et brev og ingen database. ".repeat(99),
    )
    .unwrap();
    let refused = Store::open(&path).await;
    assert!(refused.is_err_and(|error| error.is_storage()));
    let refused = Store::open(path.join("below.db")).await;
    assert!(refused.is_err_and(|error| error.is_storage()));
}

#[tokio::test]
async fn a_copy_that_is_put_back_holds_what_may_have_been_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (
        folder.path().join("store.db"),
        folder.path().join("copy.db"),
    );
    let store = open(&folder).await;
    let (_, cases) = hold_with(&store, 1).await;
    let mails = vec![mail("a", "a@school#1.1", 0), mail("b", "b@school#1.1", 0)];
    queue(&store, cases[0], mails).await;
    assert_eq!(store.recognise(NOW).await.unwrap(), 0, "it is new");
    store.close().await.unwrap();
    std::fs::copy(&path, &copy).unwrap();

    let store = open(&folder).await;
    assert_eq!(store.recognise(NOW).await.unwrap(), 0, "it goes on");
    assert!(super::send(&store, "a", b"x").await);
    store.remember().await.unwrap();
    store.close().await.unwrap();

    for beside in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("store.db{beside}")));
    }
    std::fs::copy(&copy, &path).unwrap();
    let store = open(&folder).await;
    let before = store.cluster().await.unwrap().incarnation;
    assert_eq!(store.recognise(NOW + 5).await.unwrap(), 2);
    assert_ne!(store.cluster().await.unwrap().incarnation, before);
    assert_eq!(
        store.recognise(NOW + 6).await.unwrap(),
        0,
        "it is known now"
    );
    // What is decided again of what was to leave before is held with it; what comes later is not.
    let mut later = mail("later", "d@school#1.1", 0);
    later.not_before = NOW + 6;
    queue(
        &store,
        cases[0],
        vec![mail("again", "c@school#1.1", 0), later],
    )
    .await;
    let ready: Vec<String> = (store.ready(NOW + 9, 9).await.unwrap().into_iter())
        .map(|row| row.public_id)
        .collect();
    assert_eq!(ready, ["later"]);
    assert_eq!(store.lot_size(NOW + 5).await.unwrap(), 3);
    assert_eq!(store.late_lots(NOW - 1, 50).await.unwrap(), []);
    assert_eq!(store.release_lot(NOW + 5).await.unwrap(), 3);
    assert_eq!(store.ready(NOW + 9, 9).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_file_from_elsewhere_is_taken_for_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (_, cases) = hold_with(&store, 1).await;
    queue(&store, cases[0], vec![mail("a", "a@school#1.1", 0)]).await;
    assert_eq!(store.recognise(NOW).await.unwrap(), 0);
    std::fs::remove_file(folder.path().join("store.db.served")).unwrap();
    assert_eq!(store.recognise(NOW + 1).await.unwrap(), 1);
}

/// Nobody knows of what an older build has written whether it waits for a later hold.
#[tokio::test]
async fn open_cases_of_an_older_build_look_when_a_hold_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    let (_, cases) = hold_with(&store, 2).await;
    let ended = Write {
        state: None,
        next_due_at: None,
        ..step(cases[1], 1)
    };
    let asleep = Write {
        next_due_at: None,
        ..step(cases[0], 1)
    };
    store.commit(vec![asleep, ended], NOW).await.unwrap();
    store.close().await.unwrap();
    let path = folder.path().join("store.db");
    let mut older = SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap();
    for text in [
        "DROP INDEX subjects_waits",
        "ALTER TABLE subjects DROP COLUMN waits",
        "DELETE FROM _sqlx_migrations WHERE version = 3",
    ] {
        sqlx::query(text).execute(&mut older).await.unwrap();
    }
    older.close().await.unwrap();

    let store = open(&folder).await;
    let version = publish(&store, "sosu").await;
    let later = cohort(version, "later", "2026-08-03");
    store.create(vec![later], NOW).await.unwrap();
    let rows = store.load(&cases).await.unwrap().subjects;
    let due: Vec<_> = rows.iter().map(|row| row.next_due_at).collect();
    assert_eq!(due, [Some(0), None]);
}
