//! Backups as people make them and put them back: the built program, a service that writes meanwhile, and what can be
//! wrong with a file.
//!
//! | file | what |
//! |---|---|
//! | `load` | backups while a hold is played: each is one moment |
//! | `week` | put back a week later: nothing that was sent is sent again, on SQLite and PostgreSQL |
//! | `killed` | SIGKILL while one is made or put back |
//! | `damaged` | what is wrong with a file, and what is said of it |
//! | `asked` | where it may go, what is kept, what is refused |
//! | `daily` | the service makes them by itself |

mod asked;
mod daily;
mod damaged;
mod killed;
mod load;
mod week;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tovholder::clock::Clock;
use tovholder::runner::Runner;
use tovholder::store::Store;

use crate::faults::service::tovholder;
use crate::faults::stage::{Stage, instant};
use crate::support::stage::settings;

/// What a command came to.
#[derive(Debug)]
struct Came {
    code: Option<i32>,
    /// What it said, in one line: it is broken at 80 columns, and it is the words that count.
    said: String,
    /// The same as it was written.
    lines: String,
}

/// Runs a command on a database, a file or an address.
fn run(database: &str, args: &[&str]) -> Came {
    let output = tovholder()
        .args(args)
        .env("DATABASE_URL", database)
        .env_remove("TOVHOLDER_BACKUP_TO")
        .output();
    came(&output.expect("the command runs"))
}

fn came(output: &Output) -> Came {
    let lines = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    let lines = lines.concat();
    Came {
        code: output.status.code(),
        said: lines.split_whitespace().collect::<Vec<_>>().join(" "),
        lines,
    }
}

/// The same, which goes well; answers what it says.
fn ok(database: &str, args: &[&str]) -> String {
    let came = run(database, args);
    assert_eq!(came.code, Some(0), "{args:?}: {}", came.lines);
    came.said
}

/// The same as JSON.
fn json(database: &str, args: &[&str]) -> serde_json::Value {
    let args = [args, &["--format", "json"]].concat();
    let came = run(database, &args);
    assert_eq!(came.code, Some(0), "{args:?}: {}", came.lines);
    serde_json::from_str(&came.lines).expect("JSON")
}

/// The backup that a command has just made, into a folder.
fn back_up(database: &str, folder: &Path) -> PathBuf {
    let made = json(database, &["backup", "--to", text(folder)]);
    made["file"].as_str().expect("a file").into()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

/// Those of backups.
fn backups(folder: &Path) -> Vec<PathBuf> {
    let names = names(folder).into_iter();
    let names = names.filter(|name| name.ends_with("Z.db") && !name.starts_with('.'));
    names.map(|name| folder.join(name)).collect()
}

/// A database with a hold of so many candidates, and mail that waits.
async fn a_database(file: &Path, players: usize) {
    let stage = Stage::new(players).await;
    let store = Store::open(file).await.expect("a database");
    stage.set(&store).await;
    let clock = Clock::manual(instant("2026-02-03T09:00:00Z"));
    let settings = settings();
    let runner = Runner::new(store.clone(), clock, settings);
    runner.work(runner.now()).await.expect("it works");
    store.close().await.expect("closed");
}

/// Says something to a database with somebody else's SQLite.
fn sqlite(file: &Path, said: &str) {
    const SAY: &str = "import sqlite3, sys\n\
        c = sqlite3.connect(sys.argv[1])\nc.executescript(sys.argv[2])\nc.commit()\nc.close()";
    let done = Command::new("python3")
        .args(["-c", SAY, text(file), said])
        .status();
    assert!(done.expect("python3 runs").success(), "{said}");
}
