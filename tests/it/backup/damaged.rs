//! What can be wrong with a file that is to be put back: each is told in words that say what to do, with exit code 1, and
//! nothing is changed by the look.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::{a_database, back_up, names, run, sqlite, text};

/// What is done to a backup, by Python's SQLite or with its bytes.
enum Done {
    /// This is said to it in SQL.
    Sql(&'static str),
    /// It ends there.
    Cut(u64),
    /// These bytes are turned around, from there.
    Flipped(u64, usize),
    /// It is these bytes.
    Is(&'static str),
    /// It is a database of which this is said.
    New(&'static str),
}

/// What is wrong, whether its checksum is left beside it, and what is said.
type Row = (&'static str, Done, bool, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("empty", Done::Cut(0), false, &["er tom", "Brug en anden"]),
    (
        "cut off in its first page",
        Done::Cut(60),
        false,
        &["er beskadiget"],
    ),
    ("cut off", Done::Cut(100_000), false, &["er beskadiget"]),
    (
        "a page with other bytes",
        Done::Flipped(4096 * 40, 64),
        false,
        &["er beskadiget"],
    ),
    (
        // In the middle of a page no structure is broken, and no row of a history need be there.
        "a bit that SQLite does not see",
        Done::Sql("UPDATE workflow_versions SET yaml = replace(yaml, 'Kandidat', 'Kandibat')"),
        true,
        &["er beskadiget", "kontrolsummen passer ikke"],
    ),
    (
        "an event is missing in the middle",
        Done::Sql("DELETE FROM events WHERE subject_id = CASE_ID AND seq = 2"),
        false,
        &["er beskadiget", "begivenhed 2 mangler"],
    ),
    (
        "the last event is missing",
        Done::Sql(
            "DELETE FROM events WHERE subject_id = CASE_ID AND seq = (SELECT max(seq) FROM events WHERE subject_id = CASE_ID)",
        ),
        false,
        &["er beskadiget", "mangler"],
    ),
    (
        "an event says something else",
        Done::Sql(
            "UPDATE events SET payload = '{\"event\":\"no_such\"}' WHERE subject_id = CASE_ID AND seq = 2",
        ),
        false,
        &["begivenhed 2 kan ikke læses"],
    ),
    (
        "a snapshot was changed",
        Done::Sql(
            "UPDATE subjects SET snapshot = replace(snapshot, 'phase_one', 'phase_two') WHERE id = CASE_ID",
        ),
        false,
        &["stand er ikke den, historien giver"],
    ),
    (
        "a snapshot is none",
        Done::Sql("UPDATE subjects SET snapshot = '{}' WHERE id = CASE_ID"),
        false,
        &["stand kan ikke læses"],
    ),
    (
        "mail is missing",
        Done::Sql(
            "PRAGMA foreign_keys = off; DELETE FROM outbox WHERE occurrence LIKE 'message.hello%' AND subject_id = CASE_ID",
        ),
        false,
        &["er besluttet, men findes ikke"],
    ),
    (
        "mail that nobody decided",
        Done::Sql(
            "UPDATE outbox SET occurrence = 'message.other@phase_one#1.1' WHERE occurrence LIKE 'message.hello%' AND subject_id = CASE_ID",
        ),
        false,
        &["message.other@phase_one#1.1 er aldrig besluttet"],
    ),
    (
        "a case is gone",
        Done::Sql("PRAGMA foreign_keys = off; DELETE FROM subjects WHERE id = CASE_ID"),
        false,
        &["er beskadiget", "missing row of subjects"],
    ),
    (
        "of a newer build",
        Done::Sql(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)",
        ),
        false,
        &["nyere udgave af tovholder", "Brug den udgave"],
    ),
    (
        "of another program that uses the same tool",
        Done::Sql("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1"),
        false,
        &["fra et andet program"],
    ),
    (
        "another program's database",
        Done::New("CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, url TEXT)"),
        false,
        &["fra et andet program", "tovholder backup"],
    ),
    (
        "no database",
        Done::Is(
            "Kære alle, dette er et brev og ingen database. Det er langt nok til at have et hoved på hundrede bytes, hvis det var en.",
        ),
        false,
        &["er ikke en database"],
    ),
];

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_and_it_is_not_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 4).await;
    let good = back_up(text(&file), into.path());
    let sum = format!("{}.sha256", text(&good));
    let was = fs::read(&file).expect("read");

    for (what, done, with_sum, words) in ROWS {
        let tried = tempfile::tempdir().expect("a folder");
        let bad = tried.path().join("bad.db");
        fs::copy(&good, &bad).expect("copied");
        done.to(&bad);
        if *with_sum {
            fs::copy(&sum, format!("{}.sha256", text(&bad))).expect("copied");
        }
        let (before, there) = (fs::read(&bad).expect("read"), names(tried.path()));
        for args in [
            &["restore", "--verify", text(&bad)][..],
            &["restore", text(&bad), "--replace"],
        ] {
            let came = run(text(&file), args);
            assert_eq!(came.code, Some(1), "{what}: {}", came.lines);
            for word in *words {
                assert!(came.said.contains(word), "{what}: {word}: {}", came.lines);
            }
        }
        assert_eq!(
            fs::read(&bad).expect("read"),
            before,
            "{what}: it was changed"
        );
        assert_eq!(names(tried.path()), there, "{what}: something is beside it");
        assert_eq!(
            fs::read(&file).expect("read"),
            was,
            "{what}: the database was changed"
        );
    }
    let came = run("", &["restore", "--verify", text(&good)]);
    assert_eq!(came.code, Some(0), "{}", came.lines);
}

impl Done {
    fn to(&self, file: &Path) {
        let open = || {
            fs::File::options()
                .read(true)
                .write(true)
                .open(file)
                .expect("open")
        };
        match self {
            // The newest case.
            Self::Sql(said) => sqlite(
                file,
                &said.replace("CASE_ID", "(SELECT max(id) FROM subjects)"),
            ),
            Self::Cut(at) => open().set_len(*at).expect("cut"),
            Self::Flipped(from, length) => {
                let start = usize::try_from(*from).expect("near");
                let mut bytes = fs::read(file).expect("read")[start..start + length].to_vec();
                for byte in &mut bytes {
                    *byte = !*byte;
                }
                let mut file = open();
                file.seek(SeekFrom::Start(*from)).expect("there");
                file.write_all(&bytes).expect("written");
            }
            Self::Is(bytes) => fs::write(file, bytes).expect("written"),
            Self::New(said) => {
                fs::remove_file(file).expect("removed");
                sqlite(file, said);
            }
        }
    }
}
