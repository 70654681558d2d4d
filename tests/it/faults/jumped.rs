//! The clock of the machine jumps, ahead by a day and back by an hour, while the service runs:
//! nothing leaves early, nothing twice, and what was slept through goes by the rules for late mail.
//!
//! libfaketime stands between the process and the system's clock; what it adds is read from a file
//! at each look, so that a new number there is a jump. Timers run on, as they do on a real machine.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tovholder::clock::Clock;
use tovholder::store::{OutboxRow, Status, Store};

use super::service::{Service, serve, tovholder, until};
use super::stage::{Names, Stage, instant, is_over, outbox, stream};
use super::truth;
use crate::support::smtp::{Script, SmtpServer};

/// The clock of one process, which the test sets.
struct Jumping {
    file: PathBuf,
    ahead: SignedDuration,
}

impl Jumping {
    fn at(folder: &Path, at: Timestamp) -> Self {
        let file = folder.join("ahead");
        let ahead = SignedDuration::ZERO;
        let mut clock = Self { file, ahead };
        clock.jump_to(at);
        clock
    }

    /// What the process sees.
    fn now(&self) -> Timestamp {
        Clock::Real.now() + self.ahead
    }

    fn jump_to(&mut self, at: Timestamp) {
        self.jump(at.duration_since(self.now()));
    }

    fn jump(&mut self, by: SignedDuration) {
        self.ahead += by;
        // Never a half written number.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{:+}\n", self.ahead.as_secs())).expect("a file");
        fs::rename(new, &self.file).expect("a file");
        self.ahead = SignedDuration::from_secs(self.ahead.as_secs());
    }

    fn serve(&self, database: &Path, smtp: &str) -> Service {
        let mut command = tovholder();
        serve(&mut command, database.to_str().expect("a path"), smtp);
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        Service::of(command)
    }
}

/// Debian keeps it below the folder of the machine's kind.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("libraries");
    let mut found = folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .filter(|library| library.is_file());
    found.next().unwrap_or_else(|| {
        panic!("libfaketime is missing: install it (apt-get install faketime), or run .ci/run")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_sends_nothing_early_and_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jumped.db");
    let store = Store::open(&file).await.expect("a database");
    let stage = Stage::new(4).await;
    let names = stage.set(&store).await;
    let server = SmtpServer::start(Script::default()).await;
    // Monday, three seconds before nine.
    let mut clock = Jumping::at(folder.path(), instant("2026-02-02T07:59:57Z"));
    let service = clock.serve(&file, &server.url());

    let nine = instant("2026-02-02T08:00:00Z");
    sent(&store, &clock, "message.daily", 4).await;
    assert!(clock.now() >= nine, "{}", clock.now());

    // A day ahead: of what was slept through each is sent once, and is marked as late.
    clock.jump_to(instant("2026-02-03T08:10:00Z"));
    sent(&store, &clock, "message.daily", 8).await;
    sent(&store, &clock, "message.later", 8).await;
    let late = |name: &str| {
        let name = name.to_owned();
        move |row: &&OutboxRow| row.occurrence.starts_with(&name) && row.late_lot.is_some()
    };
    let rows = outbox(&store).await;
    assert_eq!(rows.iter().filter(late("message.later")).count(), 8);
    assert_eq!(rows.iter().filter(late("message.daily")).count(), 0);

    // An hour back, to where all that is due has been done.
    looked(&store).await;
    settled(&store, &clock).await;
    let before = server.accepted().len();
    clock.jump(-SignedDuration::from_hours(1));
    looked(&store).await;
    assert_eq!(
        server.accepted().len(),
        before,
        "what was sent is not sent again"
    );

    // The hour comes again, and the rest of the hold in days.
    while !is_over(&store).await.expect("a look") {
        assert!(
            clock.now() < instant("2026-02-20T08:00:00Z"),
            "{}",
            service.log()
        );
        clock.jump(SignedDuration::from_hours(12));
        looked(&store).await;
        settled(&store, &clock).await;
    }
    service.stop().await;
    let rows = truth::check(&store, &server, &stage.planned, &names).await;
    check_not_early(&rows, &stage, &names);
}

/// Nothing was decided, let go or settled before its time.
fn check_not_early(rows: &[OutboxRow], stage: &Stage, names: &Names) {
    for row in rows {
        let key = stream(row, names);
        let due = stage.due[&key];
        assert!(row.created_at >= due, "{key:?} decided early");
        if row.status == Status::Sent {
            let settled = row.settled_at.expect("when it was sent");
            assert!(settled >= row.not_before.max(due), "{key:?} sent early");
        }
    }
}

/// Waits until so many mails of this kind were sent.
async fn sent(store: &Store, clock: &Jumping, name: &str, mails: usize) {
    let all = until(async || {
        let rows = outbox(store).await;
        let is_it =
            |row: &&OutboxRow| row.occurrence.starts_with(name) && row.status == Status::Sent;
        let sent = rows.iter().filter(is_it).count();
        let at = clock.now();
        assert!(sent <= mails, "{sent} of {mails} of {name} at {at}");
        sent == mails
    });
    assert!(all.await, "fewer than {mails} of {name} at {}", clock.now());
}

/// Makes everything due, and waits until the service has seen that there is nothing to do.
async fn looked(store: &Store) {
    store.rebuild_due(None).await.expect("all are due");
    let looked = until(async || store.next_work_due().await.expect("a look") != Some(0)).await;
    assert!(looked, "it does not look any more");
}

/// Waits until what may leave now has left.
async fn settled(store: &Store, clock: &Jumping) {
    let settled = until(async || {
        let next = store.next_mail_due().await.expect("a look");
        let counts = store.outbox_counts().await.expect("counts");
        let is_on_the_wire = counts.iter().any(|(status, _)| *status == Status::Sending);
        !is_on_the_wire && next.is_none_or(|next| next > clock.now().as_microsecond())
    });
    assert!(settled.await, "mail waits at {}", clock.now());
}
