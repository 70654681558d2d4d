//! A backup is put back a week later. What was sent meanwhile is not known to it, and is not sent again: all that was
//! unsent is held, with all that is decided again of the time before; what comes later goes as usual. A person, who has
//! the old database, lets go what was not sent and drops the rest; then nothing is lost and nothing doubled.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tovholder::runner::serve::clock_of;
use tovholder::store::{OutboxRow, Status, Store};

use super::{back_up, json, ok, run, text};
use crate::faults::service::{Service, until};
use crate::faults::stage::{Names, Stage, Stream, instant, outbox, rows, stream, until_over};
use crate::faults::truth::{self, message_id_of};
use crate::support::postgres;
use crate::support::smtp::{Script, SmtpServer};

/// Virtual days a second.
const DAYS_PER_SECOND: f64 = 1.2;
const BACKED_UP: &str = "2026-02-04T10:30:00Z";
const PUT_BACK: &str = "2026-02-11T10:30:00Z";

/// What the guide says of PostgreSQL, word by word.
const DUMP: &str = "pg_dump --format=custom --file=tovholder.dump \"$DATABASE_URL\"";
const READ_BACK: &str = "pg_restore --no-owner --exit-on-error --dbname=ny tovholder.dump";

/// How one is made and put back.
trait Kept {
    /// Where the database is that is served.
    fn database(&self) -> String;
    /// Makes a backup while it is served.
    fn keep(&mut self);
    /// Puts it back; nobody serves. Answers where the database of before is now.
    fn put_back(&mut self) -> String;
    async fn open(&self, database: &str) -> Store;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_later_nothing_is_sent_again_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("week.db");
    let kept = File {
        at: file,
        into: into.path().to_owned(),
        backup: PathBuf::new(),
    };
    Box::pin(a_week_later(kept)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_later_nothing_is_sent_again_on_postgresql() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = Server {
        database: postgres::shared().database(),
        folder: folder.path().to_owned(),
    };
    Box::pin(a_week_later(kept)).await;
}

async fn a_week_later(mut kept: impl Kept) {
    let server = SmtpServer::start(Script::default()).await;
    let stage = Stage::of_a_month(8).await;
    let first = kept.database();
    let store = kept.open(&first).await;
    let names = stage.set_running(&store, DAYS_PER_SECOND).await;
    let service = Service::start(&first, &server.url());
    until_shows(&store, BACKED_UP).await;
    kept.keep();
    until_shows(&store, PUT_BACK).await;
    service.stop().await;
    store.close().await.expect("closed");

    let old = kept.put_back();
    let said_before = said(&kept.open(&old).await, &names, &server).await;
    let arrived_before = server.accepted().len();
    let database = kept.database();
    let mut service = Service::start(&database, &server.url());
    service.begun().await;
    let store = kept.open(&database).await;
    until_over(&store).await;
    let log = service.stop().await;

    let mails = outbox(&store).await;
    let held = held(&mails);
    assert!(held.len() > 20, "{} are held: {log}", held.len());
    let arrived = server.accepted();
    assert!(
        arrived.len() > arrived_before + 10,
        "later mail goes as usual"
    );
    let again = said_since(&mails, &names, &server, arrived_before)
        .into_iter()
        .filter(|stream| said_before.contains(stream))
        .collect::<Vec<_>>();
    assert!(again.is_empty(), "sent again: {again:?}");
    is_listed(&database, &held);

    // A person goes through them, with what the old database says.
    for mail in mails.iter().filter(|mail| mail.status == Status::Unknown) {
        // It was on the wire when the backup was made.
        assert!(said_before.contains(&stream(mail, &names)), "{mail:?}");
    }
    for mail in &held {
        let verb = if said_before.contains(&stream(mail, &names)) {
            "drop"
        } else {
            "release"
        };
        ok(&database, &["outbox", verb, &mail.id.to_string()]);
    }
    let service = Service::start(&database, &server.url());
    until_over(&store).await;
    service.stop().await;
    let mails = outbox(&store).await;
    let said_after = said_since(&mails, &names, &server, arrived_before);
    is_whole(&store, &stage, &names, &said_before, &said_after).await;
    let accepted = server.accepted();
    let ids: BTreeSet<&str> = accepted.iter().map(|mail| &*mail.message_id).collect();
    assert_eq!(ids.len(), accepted.len(), "a Message-ID came twice");
    store.close().await.expect("closed");
}

/// Waits until the installation's clock shows this.
async fn until_shows(store: &Store, moment: &str) {
    let clock = clock_of(store).await.expect("a clock");
    let moment = instant(moment);
    assert!(
        until(async || clock.now() >= moment).await,
        "{}",
        clock.now()
    );
}

/// Those that wait because the database was put back.
fn held(mails: &[OutboxRow]) -> Vec<OutboxRow> {
    let held = mails.iter().filter(|mail| mail.status == Status::Held);
    let held: Vec<OutboxRow> = held.cloned().collect();
    let others: Vec<_> = (held.iter())
        .filter(|mail| mail.reason.as_deref() != Some("restored"))
        .collect();
    assert!(others.is_empty(), "for another reason: {others:?}");
    held
}

/// What a database says was said: to whom, and of what.
async fn said(store: &Store, names: &Names, server: &SmtpServer) -> BTreeSet<Stream> {
    let mails = outbox(store).await;
    let said = said_since(&mails, names, server, 0);
    store.close().await.expect("closed");
    assert!(
        said.len() > 40,
        "there was something to send again: {}",
        said.len()
    );
    said
}

/// What of these has come to the mail server after so many others.
fn said_since(
    mails: &[OutboxRow],
    names: &Names,
    server: &SmtpServer,
    after: usize,
) -> BTreeSet<Stream> {
    let accepted = server.accepted();
    let ids: BTreeSet<&str> = (accepted[after..].iter())
        .map(|mail| mail.message_id.as_str())
        .collect();
    (mails.iter())
        .filter(|mail| ids.contains(message_id_of(mail, mails).as_str()))
        .map(|mail| stream(mail, names))
        .collect()
}

/// The command names each, with the reason and the lot.
fn is_listed(database: &str, held: &[OutboxRow]) {
    let listed = json(
        database,
        &["outbox", "list", "--status", "held", "--limit", "1000"],
    );
    let listed = listed.as_array().expect("a list");
    assert_eq!(listed.len(), held.len());
    let lots: BTreeSet<i64> = held.iter().filter_map(|mail| mail.late_lot).collect();
    assert_eq!(lots.len(), 1, "in one lot");
    for mail in listed {
        let reason = mail["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("lagt tilbage fra en kopi"), "{mail}");
        assert_eq!(mail["lot"].as_i64().as_ref(), lots.first());
    }
}

/// Every planned mail was said once, before or after, and nothing else was; what nobody said a history explains.
async fn is_whole(
    store: &Store,
    stage: &Stage,
    names: &Names,
    before: &BTreeSet<Stream>,
    after: &BTreeSet<Stream>,
) {
    let twice: Vec<_> = before.intersection(after).collect();
    assert!(twice.is_empty(), "said twice: {twice:?}");
    let mails = outbox(store).await;
    let unsent = truth::check_histories(store, names).await;
    truth::check_rows(&stage.planned, &rows(&mails, names), unsent);
    for mail in &mails {
        let stream = stream(mail, names);
        let is_said = before.contains(&stream) || after.contains(&stream);
        match mail.status {
            Status::Sent | Status::Unknown => assert!(is_said, "{stream:?}"),
            Status::Cancelled if mail.reason.as_deref() == Some("dropped") => {
                assert!(before.contains(&stream), "{stream:?}");
            }
            // It was of no use any more when it was let go.
            Status::Cancelled => {}
            other => panic!("not at its end: {stream:?} {other:?}"),
        }
    }
}

/// A database file, and a backup of it.
struct File {
    at: PathBuf,
    into: PathBuf,
    backup: PathBuf,
}

impl Kept for File {
    fn database(&self) -> String {
        text(&self.at).to_owned()
    }

    fn keep(&mut self) {
        self.backup = back_up(&self.database(), &self.into);
    }

    fn put_back(&mut self) -> String {
        let put = json(
            &self.database(),
            &["restore", text(&self.backup), "--replace"],
        );
        put["replaced"].as_str().expect("it is kept").to_owned()
    }

    async fn open(&self, database: &str) -> Store {
        Store::open(database).await.expect("a database")
    }
}

/// A database of PostgreSQL, and a dump of it.
struct Server {
    database: String,
    folder: PathBuf,
}

/// Runs a line of the guide with the server's own programs.
fn as_the_guide_says(line: &str, folder: &Path, database: &str, new: &str) {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/drift.md");
    let guide = fs::read_to_string(guide).expect("the guide");
    let told = run(database, &["backup", "--to", "x"]).lines;
    assert!(guide.contains(line) && told.contains(line), "{line}");
    let (program, _) = line.split_once(' ').expect("a program");
    let there = postgres::program(program);
    let line = line.replacen(program, text(&there), 1);
    let ran = Command::new("sh")
        .args(["-euc", &line.replace("=ny ", "=\"$NEW\" ")])
        .env("DATABASE_URL", database)
        .env("NEW", new)
        .current_dir(folder)
        .status();
    assert!(ran.expect("sh runs").success(), "{line}");
}

impl Kept for Server {
    fn database(&self) -> String {
        self.database.clone()
    }

    fn keep(&mut self) {
        as_the_guide_says(DUMP, &self.folder, &self.database, "");
    }

    fn put_back(&mut self) -> String {
        let new = postgres::shared().database();
        as_the_guide_says(READ_BACK, &self.folder, &self.database, &new);
        let verified = ok("", &["restore", "--verify", &new]);
        assert!(verified.contains("Den er hel"), "{verified}");
        std::mem::replace(&mut self.database, new)
    }

    async fn open(&self, database: &str) -> Store {
        Store::connect(database).await.expect("a database")
    }
}
