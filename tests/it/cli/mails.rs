//! The outbox: what was sent is read, what was refused or lost is steered by hand.

use tovholder::channel::{Channel, MemoryAnswer, MemoryChannel, SendError};
use tovholder::message::Mailbox;
use tovholder::runner::serve::clock_of;
use tovholder::runner::{Mailed, Mailer, Runner, Settings};
use tovholder::seal::Keys;
use tovholder::store::Store;

use super::{ANNA, House};

/// One round of a mailer on the house's outbox; answers how many mails it looked at.
pub fn mail_round(house: &House, answers: Vec<MemoryAnswer>) -> usize {
    mail_round_with(house, answers, Keys::default()).looked_at
}

/// The same of a process that has these keys; answers what came of it.
pub fn mail_round_with(house: &House, answers: Vec<MemoryAnswer>, keys: Keys) -> Mailed {
    let channel = MemoryChannel::new();
    channel.answer_next(answers);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open_with(house.path("t.db"), keys).await;
        let store = store.expect("a database");
        let clock = clock_of(&store).await.expect("its clock");
        let from = Mailbox::parse("Storådal", "post@storaadal.example").expect("a mailbox");
        let runner = Runner::new(store.clone(), clock, Settings::new(from, "Storådal"));
        let mailer = Mailer::new(runner, Channel::Memory(channel));
        let mailed = mailer.run_once().await.expect("a round");
        store.close().await.expect("closed");
        mailed
    })
}

/// The envelope's sender of the one mail that leaves, of an installation that has an address for bounces.
pub fn mail_round_returning_to(house: &House, bounces: &str) -> String {
    let channel = MemoryChannel::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(house.path("t.db")).await.expect("a database");
        let clock = clock_of(&store).await.expect("its clock");
        let from = Mailbox::parse("Storådal", "post@storaadal.example").expect("a mailbox");
        let mut settings = Settings::new(from, "Storådal");
        settings.bounces = Some(bounces.to_owned());
        let runner = Runner::new(store.clone(), clock, settings);
        let mailer = Mailer::new(runner, Channel::Memory(channel.clone()));
        assert_eq!(mailer.run_once().await.expect("a round").sent, 1);
        store.close().await.expect("closed");
    });
    channel.sent().remove(0).envelope_from
}

#[test]
fn mail_is_steered_by_hand_where_that_makes_sense() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    house.table(&[
        (
            &["outbox", "list", "--status", "queued"],
            0,
            &["i kø", "Anna Birkmose", "holstebro-welcome"],
        ),
        (
            &["outbox", "list", "--status", "sent"],
            0,
            &["Ingen mails."],
        ),
        (
            &["outbox", "show", "1", "--raw"],
            0,
            &["Teksten skrives først, når mailen sendes."],
        ),
        (
            &["outbox", "retry", "1"],
            1,
            &["Mail 1 er i kø", "sendes af sig selv"],
        ),
        (&["outbox", "release", "1"], 1, &["Mail 1 er i kø"]),
    ]);
}

#[test]
fn what_was_sent_is_read_as_it_was_written() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    assert_eq!(mail_round(&house, vec![]), 1);
    house.table(&[
        (
            &["outbox", "list"],
            0,
            &["sendt 04.01.2027 09.00", "Velkommen på introforl…"],
        ),
        (
            &["outbox", "show", "1"],
            0,
            &[
                "Til anna.birkmose@post.example",
                "Svar kept in memory",
                "Du skal i praktik her",
                "Mø Kvisthøj",
            ],
        ),
        (
            &["outbox", "show", "1", "--raw"],
            0,
            &["Auto-Submitted: auto-generated", "multipart/alternative"],
        ),
        (&["outbox", "retry", "1"], 1, &["Mail 1 er sendt"]),
        (&["why", ANNA, "welcome"], 0, &["Mails 1 sendt"]),
    ]);
}

#[test]
fn what_was_refused_or_lost_leaves_again_only_by_hand() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    let message = "550 no such user".to_owned();
    let refuse = MemoryAnswer::Refuse(SendError::Permanent { message });
    mail_round(&house, vec![refuse]);
    house.table(&[
        (&["outbox", "list", "--status", "failed"], 0, &["afvist"]),
        (&["outbox", "show", "1"], 0, &["550 no such user"]),
        (
            &["outbox", "release", "1"],
            1,
            &["tovholder outbox retry 1"],
        ),
        (&["outbox", "retry", "1"], 0, &["Mail 1 prøves igen"]),
    ]);
    assert_eq!(mail_round(&house, vec![MemoryAnswer::LoseAnswer]), 1);
    assert_eq!(
        mail_round(&house, vec![]),
        0,
        "an unknown mail waits for a person"
    );
    house.table(&[
        (
            &["outbox", "retry", "1"],
            1,
            &["Mail 1 er uvis", "tovholder outbox release 1"],
        ),
        (&["outbox", "release", "1"], 0, &["Mail 1 er givet fri."]),
    ]);
    assert_eq!(mail_round(&house, vec![]), 1);
    house.table(&[(&["outbox", "list"], 0, &["1 sendt"])]);
}

/// Who was called instead waits for nobody; what fails once more does.
#[test]
fn what_failed_and_was_seen_to_leaves_the_day() {
    let house = House::with_hold();
    house.ok(&["fire", ANNA, "accept", "--set", "wage_scheme=ingen"]);
    let refuse = || {
        let message = "550 5.7.1 no".to_owned();
        MemoryAnswer::Refuse(SendError::Permanent { message })
    };
    house.table(&[(&["outbox", "seen", "1"], 1, &["Mail 1 er i kø"])]);
    mail_round(&house, vec![refuse()]);
    house.table(&[
        (
            &["today"],
            0,
            &[
                "Afvist: mail 1 til anna.birkmose@post.example",
                "tovholder outbox retry 1 eller: tovholder outbox seen 1",
            ],
        ),
        (
            &["outbox", "seen", "1"],
            0,
            &[
                "Mail 1 venter ikke længere på nogen.",
                "nogen har set til den 04.01.2027 kl. 09.00",
            ],
        ),
        (&["today"], 0, &["intet venter"]),
        (&["outbox", "seen", "1"], 1, &["det kan ikke gøres med den"]),
        (
            &["outbox", "show", "1"],
            0,
            &["afvist", "Årsag nogen har set til den", "550 5.7.1 no"],
        ),
        (&["outbox", "list", "--status", "failed"], 0, &["afvist"]),
        (&["outbox", "retry", "1"], 0, &["Mail 1 prøves igen"]),
    ]);
    mail_round(&house, vec![refuse()]);
    house.table(&[(&["today"], 0, &["Afvist: mail 1"])]);
}
