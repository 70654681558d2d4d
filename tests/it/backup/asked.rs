//! Where a backup may go, what is kept of older ones, and when one is not put back.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use tovholder::store::Store;
use unicode_width::UnicodeWidthStr as _;

use super::{a_database, back_up, backups, came, names, ok, run, sqlite, text};
use crate::support::space::Space;

/// What people read stands in 80 columns, but for names of files.
fn fits(lines: &str) {
    for line in lines.lines().filter(|line| !line.contains('/')) {
        assert!(line.width() <= 80, "{line}");
    }
}

#[tokio::test]
async fn it_is_refused_where_it_would_be_lost_or_in_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    let there = into.path().join("there.db");
    fs::write(&there, "a letter").expect("written");
    let other = folder.path().join("other.txt");
    fs::write(&other, "Kære alle. ".repeat(99)).expect("written");
    let database = text(&file);
    let away = into.path().join("away");
    for (database, args, code, words) in [
        (database, vec![], 1, "på en anden disk med --to"),
        (database, vec!["--to", text(&away)], 1, "Der er ingen mappe"),
        (
            database,
            vec!["--to", text(folder.path())],
            1,
            "databasens egen mappe",
        ),
        (
            database,
            vec!["--to", text(&folder.path().join("x.db"))],
            1,
            "databasens egen mappe",
        ),
        (database, vec!["--to", text(&there)], 1, "findes allerede"),
        (
            database,
            vec!["--to", text(&away.join("x.db"))],
            1,
            "Der er ingen mappe",
        ),
        (
            database,
            vec!["--to", text(&into.path().join("x.db")), "--keep", "2"],
            1,
            "hører til en mappe",
        ),
        (
            database,
            vec!["--to", text(into.path()), "--keep", "0"],
            2,
            "--keep",
        ),
        (
            "none.db",
            vec!["--to", text(into.path())],
            1,
            "Der er ingen database none.db",
        ),
        (
            text(&other),
            vec!["--to", text(into.path())],
            1,
            "Databasen kan ikke bruges",
        ),
        (
            "postgres://db.example/sosu",
            vec!["--to", text(into.path())],
            2,
            "pg_dump",
        ),
    ] {
        let came = run(database, &[vec!["backup"], args].concat());
        assert_eq!(came.code, Some(code), "{words}: {}", came.lines);
        assert!(came.said.contains(words), "{words}: {}", came.lines);
        fits(&came.lines);
    }
    assert_eq!(names(into.path()), ["there.db"], "nothing half is left");
    assert_eq!(fs::read(&there).expect("read"), b"a letter");
}

#[tokio::test]
async fn it_is_its_owners_alone_and_no_other_file_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    // Not of this database, or no backups, or of a clock that was wrong.
    let others = [
        "t-2020-01-01T000000.000Z.db.bak",
        "t-2020-01-01T000000Z.db",
        "t-2099-01-01T000000.000Z.db",
        "t-replaced-2020-01-01T000000.000Z.db",
        "tt-2020-01-01T000000.000Z.db",
        "x.db",
    ];
    for name in others {
        fs::write(into.path().join(name), "").expect("written");
    }
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "a letter").expect("written");
    let points = into.path().join("t-2020-01-02T000000.000Z.db");
    symlink(&letter, &points).expect("a link");
    let mut made = Vec::new();
    for _ in 0..4 {
        made.push(back_up(text(&file), into.path()));
    }
    let mode = fs::metadata(&made[0]).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let said = ok(
        text(&file),
        &["backup", "--to", text(into.path()), "--keep", "2"],
    );
    assert!(said.contains("De 3 ældste backupper er fjernet"), "{said}");
    let left = names(into.path());
    for name in others {
        assert!(left.contains(&name.to_owned()), "{name} was removed");
    }
    assert!(points.is_symlink() && letter.exists());
    for old in &made[..3] {
        assert!(!old.exists());
        assert!(!Path::new(&format!("{}.sha256", text(old))).exists());
    }
    assert!(made[3].exists());
    // The checksum is one that others read, too.
    let sums = Command::new("sha256sum")
        .args(["--check", &format!("{}.sha256", text(&made[3]))])
        .current_dir(into.path())
        .output()
        .expect("sha256sum runs");
    assert!(sums.status.success(), "{}", came(&sums).lines);
}

#[tokio::test]
async fn what_was_erased_is_not_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    let secret = "Hemmelighedskræmmersen";
    sqlite(
        &file,
        &format!("INSERT INTO people (name) VALUES ('{}')", secret.repeat(99)),
    );
    sqlite(
        &file,
        "PRAGMA secure_delete = off; DELETE FROM people WHERE length(name) > 999",
    );
    let holds = |path: &Path| {
        let bytes = fs::read(path).expect("read");
        bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes())
    };
    assert!(holds(&file), "SQLite has wiped it: the test shows nothing");
    let backup = back_up(text(&file), into.path());
    assert!(!holds(&backup));
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half() {
    let space = Space::of_megabytes(2);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    space.fill();
    let output = space
        .command(Path::new(env!("CARGO_BIN_EXE_tovholder")))
        .args(["backup", "--to", text(space.path())])
        .env("DATABASE_URL", &file)
        .output()
        .expect("the command runs");
    let full = came(&output);
    assert_eq!(full.code, Some(1), "{}", full.lines);
    assert!(full.said.contains("ikke plads på disken"), "{}", full.lines);
    assert_eq!(names(&space.outside()), ["ballast"]);
}

#[tokio::test]
async fn what_is_there_is_replaced_when_that_is_said_and_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 3).await;
    let database = text(&file);
    let backup = back_up(database, into.path());
    let backup = text(&backup);

    let refused = run(database, &["restore", backup]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.said.contains("--replace"), "{}", refused.lines);
    let own = run(database, &["restore", database, "--replace"]);
    assert_eq!(own.code, Some(1), "{}", own.lines);

    // A service, and any other program that has it open.
    let lock = Store::lock_for_serving(&file).expect("the lock");
    let served = run(database, &["restore", backup, "--replace"]);
    assert_eq!(served.code, Some(1));
    assert!(served.said.contains("Stop den først"), "{}", served.lines);
    drop(lock);
    let store = Store::open(&file).await.expect("a database");
    store.bump_plan_rev().await.expect("written");
    let used = run(database, &["restore", backup, "--replace"]);
    assert_eq!(used.code, Some(1));
    assert!(used.said.contains("Et andet program"), "{}", used.lines);
    let read = run("", &["restore", "--verify", database]);
    assert!(
        read.said.contains("i brug, ikke en backup"),
        "{}",
        read.lines
    );
    store.close().await.expect("closed");

    // Nothing has happened in an empty one; somebody has stopped the mail of the other, who may write it stays so.
    let empty = folder.path().join("empty.db");
    Store::open(&empty)
        .await
        .expect("made")
        .close()
        .await
        .expect("closed");
    ok("", &["restore", backup, "--to", text(&empty)]);
    let fresh = folder.path().join("fresh.db");
    let came = run("", &["restore", backup, "--to", text(&fresh)]);
    assert_eq!(came.code, Some(0), "{}", came.lines);
    fits(&came.lines);
    let mode = |path: &Path| fs::metadata(path).expect("a file").mode() & 0o777;
    assert_eq!(mode(&fresh), 0o600);

    ok(database, &["outbox", "stop", "--reason", "en prøve"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("set");
    let put = run(database, &["restore", backup, "--replace"]);
    assert_eq!(put.code, Some(0), "{}", put.lines);
    assert!(
        put.said.contains("Udsendelsen er standset, som den var"),
        "{}",
        put.lines
    );
    assert!(put.said.contains("mails holdes tilbage"), "{}", put.lines);
    fits(&put.lines);
    assert_eq!(mode(&file), 0o640);
    let store = Store::open(&file).await.expect("a database");
    let stops = store.stops().await.expect("stops");
    assert_eq!(stops.len(), 1);
    assert_eq!(stops[0].reason, "en prøve");
    store.close().await.expect("closed");
    let kept: Vec<String> = (names(folder.path()).into_iter())
        .filter(|name| name.starts_with("t-replaced-"))
        .collect();
    let [kept] = &kept[..] else {
        panic!("one is kept: {kept:?}");
    };
    ok(text(&folder.path().join(kept)), &["outbox", "list"]);
    assert_eq!(backups(into.path()).len(), 1);
}

/// It is known for a copy whoever puts it back: by hand, at once, and although it has never been served.
#[tokio::test]
async fn a_backup_that_is_copied_back_by_hand_is_known_for_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    let backup = back_up(text(&file), into.path());
    let store = Store::open(&file).await.expect("a database");
    assert_eq!(store.recognise(0).await.expect("a look"), 0, "it is new");
    store.close().await.expect("closed");
    for ending in ["-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{ending}", text(&file))));
    }
    fs::copy(&backup, &file).expect("copied");
    let store = Store::open(&file).await.expect("a database");
    assert!(store.recognise(0).await.expect("a look") > 0);
    store.close().await.expect("closed");
}
