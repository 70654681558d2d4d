//! SIGKILL while a backup is made, and while one is put back, at moments that a seed decides. What looks like a backup is
//! whole; where the database was stands the old one or the new one, and the new one holds its mail.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tovholder::clock::Clock;
use tovholder::store::{Status, Store};

use super::{a_database, back_up, backups, names, ok, text};
use crate::faults::service::{pause, tovholder};
use crate::faults::stage::outbox;
use crate::faults::{Seed, how_often};

/// Kills of each kind.
const KILLS: u64 = 30;

fn kills() -> u64 {
    how_often("TOVHOLDER_KILLS", KILLS)
}

/// How long a command takes here, in ms.
fn takes(database: &str, args: &[&str]) -> u64 {
    let begun = Clock::Real.now();
    ok(database, args);
    let took = Clock::Real.now().duration_since(begun);
    u64::try_from(took.as_millis()).expect("forwards").max(1)
}

/// Begins a command and kills it before it ends, or not long after.
async fn killed(database: &str, args: &[&str], takes: u64, seed: &mut Seed) {
    let mut child = tovholder()
        .args(args)
        .env("DATABASE_URL", database)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it begins");
    pause(seed.next() % (takes + takes / 8)).await;
    child.kill().expect("SIGKILL");
    child.wait().expect("it is dead");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_nothing_that_looks_like_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 12).await;
    let mut seed = Seed(20_260_206);
    let mut left = 0;
    let args = ["backup", "--to", text(into.path())];
    let takes = takes(text(&file), &args);
    for _ in 0..kills() {
        killed(text(&file), &args, takes, &mut seed).await;
        left += names(into.path())
            .iter()
            .filter(|name| name.starts_with('.'))
            .count();
    }
    println!(
        "{left} parts were left, {} are whole",
        backups(into.path()).len()
    );
    for backup in backups(into.path()) {
        ok("", &["restore", "--verify", text(&backup)]);
    }
    back_up(text(&file), into.path());
    let parts: Vec<String> = (names(into.path()).into_iter())
        .filter(|name| name.contains("tovholder-part"))
        .collect();
    assert!(parts.is_empty(), "cleared away by the next: {parts:?}");
    for name in names(into.path()) {
        let of = name.trim_end_matches(".sha256");
        assert!(
            into.path().join(of).exists(),
            "a checksum of nothing: {name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_leaves_the_old_or_the_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let (new, file) = (folder.path().join("new.db"), folder.path().join("t.db"));
    // What is put back has never been served, so that only its own word says that it is a copy.
    a_database(&new, 3).await;
    let into = tempfile::tempdir().expect("a folder");
    let backup = back_up(text(&new), into.path());
    a_database(&file, 6).await;
    let old = folder.path().join("old.db");
    fs::copy(&file, &old).expect("copied");
    let (cases_old, cases_new) = (cases(&old).await, cases(&new).await);
    assert_ne!(cases_old, cases_new);
    let args = ["restore", text(&backup), "--replace"];
    let takes = takes(text(&file), &args);
    begin_again(folder.path(), &old, &file);

    let mut seed = Seed(20_260_207);
    let mut became = [0, 0];
    for _ in 0..kills() {
        killed(text(&file), &args, takes, &mut seed).await;
        let store = Store::open(&file).await.expect("a whole database");
        assert_eq!(store.integrity_check().await.expect("a look"), [""; 0]);
        let found = store.cohorts().await.expect("holds")[0].id;
        let found = store.cases_in(found).await.expect("cases").by_state;
        let is_new = found.values().sum::<u32>() == cases_new;
        became[usize::from(is_new)] += 1;
        assert!(is_new || found.values().sum::<u32>() == cases_old);
        if is_new {
            // As the next service asks.
            store
                .recognise(1_800_000_000_000_000)
                .await
                .expect("a look");
            let open = |status| matches!(status, Status::Queued | Status::Retry);
            let mails = outbox(&store).await;
            assert!(!mails.is_empty());
            assert!(
                !mails.iter().any(|mail| open(mail.status)),
                "it would be sent again"
            );
        }
        store.close().await.expect("closed");
        let asides: Vec<String> = (names(folder.path()).into_iter())
            .filter(|name| name.starts_with("t-replaced-"))
            .collect();
        assert!(
            !is_new || asides.len() == 1,
            "the old one is kept: {asides:?}"
        );
        for aside in asides {
            assert_eq!(cases(&folder.path().join(aside)).await, cases_old);
        }
        begin_again(folder.path(), &old, &file);
    }
    println!(
        "{} times the old one, {} times the new",
        became[0], became[1]
    );
    // And the next one clears away what was left.
    ok(text(&file), &["restore", text(&backup), "--replace"]);
    assert!(
        !names(folder.path())
            .iter()
            .any(|name| name.contains("part"))
    );
}

/// The old database stands there again, and nothing of another beside it.
fn begin_again(folder: &Path, old: &Path, file: &Path) {
    for name in names(folder) {
        if name.starts_with("t-replaced-") || name.starts_with("t.db") {
            fs::remove_file(folder.join(name)).expect("removed");
        }
    }
    fs::copy(old, file).expect("copied");
}

async fn cases(file: &Path) -> u32 {
    let store = Store::open(file).await.expect("a database");
    let hold = store.cohorts().await.expect("holds")[0].id;
    let cases = store.cases_in(hold).await.expect("cases").by_state;
    store.close().await.expect("closed");
    cases.values().sum()
}
