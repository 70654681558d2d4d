//! The mail server dies in the middle of a mail: at DATA, after the final dot, and after it has
//! accepted the mail but not said so. Before the dot the mail is tried again; after it nobody knows,
//! and a person decides.

use tovholder::runner::serve::{clock_of, set_clock};
use tovholder::store::{Status, Store};

use super::service::{Service, until};
use super::stage::{Stage, instant, outbox, until_over};
use super::truth::{self, message_id};
use crate::support::smtp::{At, Fault, Script, SmtpServer};

/// Virtual days a second while the server dies: a refused mail is tried for 20 hours, which is to be
/// longer than a death, however slow the machine is (here 40 seconds).
const SLOW: f64 = 0.02;
/// And afterwards.
const FAST: f64 = 1.5;
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_dies_gets_no_mail_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mail.db");
    let database = file.to_str().expect("a path");
    let stage = Stage::new(3).await;
    let store = Store::open(&file).await.expect("a database");
    let names = stage.set(&store).await;
    // Just before the hour at which everyone is greeted.
    let begins = instant("2026-02-02T06:55:00Z");
    let set = set_clock(&store, begins, SLOW * 86_400.0).await;
    set.expect("a clock");
    let deaths = [
        (At::Data, Fault::Die),
        (At::Dot, Fault::Die),
        (At::Dot, Fault::AcceptAndDie),
    ];
    let script = |(at, fault): (At, Fault)| Script::default().once(at, fault);
    let server = SmtpServer::start(script(deaths[0])).await;
    let service = Service::start(database, &server.url());
    for next in 1..=deaths.len() {
        server.death().await;
        settled(&store).await;
        let tried_again = check_states(&store, &server).await;
        assert!(
            next > 1 || tried_again > 0,
            "DATA was not answered, so nothing was sent"
        );
        server.set_script(
            deaths
                .get(next)
                .map_or_else(Script::default, |death| script(*death)),
        );
        server.revive();
    }
    service.stop().await;

    let now = clock_of(&store).await.expect("a clock").now();
    set_clock(&store, now, FAST * 86_400.0)
        .await
        .expect("a clock");
    let service = Service::start(database, &server.url());
    until_over(&store).await;
    service.stop().await;
    let outbox = truth::check(&store, &server, &stage.planned, &names).await;
    assert_eq!(check_states(&store, &server).await, 0, "all have ended");
    let arrivals: Vec<usize> = truth::unknown(&outbox)
        .into_iter()
        .map(|row| server.arrivals(&message_id(row)))
        .collect();
    println!("{} mails, of unknown fate {arrivals:?}", outbox.len());
    // One death before the mail was accepted and one after: both look the same from here.
    assert!(
        arrivals.contains(&0) && arrivals.contains(&1),
        "{arrivals:?}"
    );
}

/// Waits until nothing is on the wire.
async fn settled(store: &Store) {
    let ended = until(async || {
        let counts = store.outbox_counts().await.expect("counts");
        !counts.iter().any(|(status, _)| *status == Status::Sending)
    });
    assert!(ended.await, "a mail is `sending`, and there is no server");
}

/// What each mail's row says fits how far the mail came. Answers how many are to be tried again.
async fn check_states(store: &Store, server: &SmtpServer) -> usize {
    let mut tried_again = 0;
    for row in outbox(store).await {
        let id = message_id(&row);
        let (is_whole, arrivals) = (server.has_whole(&id), server.arrivals(&id));
        let what = format!("{} {:?} {:?}", row.occurrence, row.status, row.answer);
        match row.status {
            Status::Sent => assert_eq!(arrivals, 1, "{what}"),
            // A dot may be written, and never read by the server.
            Status::Unknown => {}
            _ => {
                assert!(!is_whole, "its dot came, and yet: {what}");
                tried_again += usize::from(row.attempt > 0);
            }
        }
        assert!(arrivals <= 1, "accepted twice: {what}");
    }
    tried_again
}
