//! The service makes one a day by itself, and whoever looks after it sees when it does not.

use std::fs;
use std::path::Path;

use jiff::civil::time;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tovholder::access::Role;
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::clock::Clock;
use tovholder::runner::backup::Daily;
use tovholder::runner::desk::{AccountAsked, Desk};
use tovholder::runner::{Mailer, Runner, serve};
use tovholder::store::Store;
use tovholder::web::{self, Options, Pages};

use super::{a_database, backups, ok, text};
use crate::faults::service::{self, Service, tovholder, until};
use crate::support::browser::Browser;
use crate::support::stage::settings;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_makes_one_when_it_is_time_and_keeps_so_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.db");
    a_database(&file, 2).await;
    for day in 1..=3 {
        let old = into.path().join(format!("t-2020-01-0{day}T020000.000Z.db"));
        fs::write(old, "").expect("written");
    }
    let serve = || {
        let mut command = tovholder();
        service::serve(&mut command, text(&file), "smtp://127.0.0.1:9?tls=none");
        command
            .env("TOVHOLDER_BACKUP_TO", into.path())
            .env("TOVHOLDER_BACKUP_AT", "00:00")
            .env("TOVHOLDER_BACKUP_KEEP", "2");
        Service::of(command)
    };
    let mut first = serve();
    first.says(0, "a backup was made and verified").await;
    first.stop().await;
    let made = backups(into.path());
    assert_eq!(made.len(), 2, "{made:?}");
    ok("", &["restore", "--verify", text(&made[1])]);
    // Today's is there: another start makes none.
    let log = serve().stop().await;
    assert!(!log.contains("a backup was made"), "{log}");
    assert_eq!(backups(into.path()), made);
}

/// A service with pages, whose backups go there.
async fn served(folder: &Path, into: &Path) -> (Desk, std::net::SocketAddr, watch::Sender<bool>) {
    let file = folder.join("t.db");
    a_database(&file, 2).await;
    let store = Store::open(&file).await.expect("a database");
    let mut settings = settings();
    settings.backups = Some(Box::new(Daily {
        folder: into.to_owned(),
        at: time(0, 0, 0, 0),
        zone: TimeZone::UTC,
        keep: 2,
    }));
    let runner = Runner::new(store, Clock::Real, settings);
    let (stop, stopped) = watch::channel(false);
    let door = web::bind("127.0.0.1:0".parse().expect("an address")).await;
    let door = door.expect("a door");
    let at = door.local_addr().expect("an address");
    let pages = Pages::new(runner.clone(), Options::default());
    let told = stopped.clone();
    tokio::spawn(async move { pages.serve(door, told).await });
    let mailer = Mailer::new(runner.clone(), Channel::Memory(MemoryChannel::new()));
    let serving = runner.clone();
    tokio::spawn(async move { serve::serve(&serving, &mailer, stopped).await });
    (Desk::new(runner), at, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_after_it_is_told_when_there_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    for (into, said, warned) in [
        (folder.path().join("away"), r#""backup":"late""#, true),
        (folder.path().join("there"), r#""backup":"ok""#, false),
    ] {
        let own = tempfile::tempdir().expect("a folder");
        if !warned {
            fs::create_dir(&into).expect("made");
        }
        let (desk, at, stop) = served(own.path(), &into).await;
        let mut machine = Browser::at(at);
        let told = until(async || {
            let ready = machine.get("/health/ready").await;
            ready.status == 200 && ready.body.contains(said)
        });
        let told = told.await;
        assert!(told, "{}", machine.get("/health/ready").await.body);
        for (role, sees) in [(Role::Admin, warned), (Role::Coordinator, false)] {
            let mut browser = visitor(&desk, at, role).await;
            let page = browser.get("/").await.body;
            assert_eq!(
                page.contains("Der er ingen backup."),
                sees,
                "{role}: {page}"
            );
        }
        stop.send(true).expect("somebody listens");
    }
}

async fn visitor(desk: &Desk, at: std::net::SocketAddr, role: Role) -> Browser {
    const PASSWORD: &str = "sommer gulerod tandhjul";
    let login = format!("{role}@college.example");
    let asked = AccountAsked {
        email: login.clone(),
        role: role.as_str().to_owned(),
        name: Some("Kim Holm".to_owned()),
        organisation: None,
    };
    let (_, link) = desk.open_account(&asked).await.expect("an account");
    let chosen = desk.choose_password(&link.text(), PASSWORD).await;
    assert!(chosen.expect("it is stored"), "the link is good");
    let mut browser = Browser::at(at);
    let fields = [("login", login.as_str()), ("password", PASSWORD)];
    let answered = browser.post("/log-ind", &fields).await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    browser
}
