//! Five thousand mails through the real runner and mailer, over real sockets, to a server that at any
//! moment may refuse, break off, stall or talk nonsense, as a seed decides. Only the clock is moved by
//! hand, for the mails that are tried again.
//!
//! The server counts what it did, so each row's end has a cause: as many are `failed` for good as there
//! were 5xx, as many `unknown` as there were answers to the final dot that did not arrive.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tovholder::channel::{Channel, SmtpChannel, SmtpConfig};
use tovholder::clock::Clock;
use tovholder::message::{Mail, Mailbox};
use tovholder::runner::bench::{Play, Task};
use tovholder::runner::{Mailer, Runner, Settings};
use tovholder::store::{OutboxRow, Scratch, Sees, Status, Store};

use super::Seed;
use super::stage::outbox;
use super::truth::message_id;
use crate::support::smtp::{Accepted, At, Fault, Script, SmtpServer};

const MAILS: usize = 5_000;
/// A mail that is refused for now is tried so often.
const ATTEMPTS_MAX: i64 = 2;
/// A server that does not answer costs this much real time, and a machine that stands still must not be
/// taken for one.
const DEADLINE: Duration = Duration::from_secs(2);
/// So many servers that do not answer, and no more: each takes its time.
const STALLS_MAX: usize = 12;

/// What the server did, by moment and kind.
#[derive(Default)]
struct Done {
    stalls: usize,
    refused_for_good: usize,
    answers_lost: usize,
    accepted_and_lost: usize,
    by_moment: BTreeMap<String, usize>,
}

/// What may happen at a moment, each as likely as the others, and how often of a thousand times.
fn menu(at: At) -> (u64, &'static [Fault]) {
    use Fault::{
        AcceptAndClose, AcceptAndStall, AndMore, Answer, AnswerAndClose, Close, Split, Stall,
    };
    match at {
        At::Greeting => (
            60,
            &[
                AnswerAndClose("421 4.3.2 busy"),
                AnswerAndClose("554 no service"),
                Close,
                Split,
                Stall,
            ],
        ),
        At::Ehlo => (30, &[Answer("502 5.5.1 not here"), Close, Split]),
        At::Mail => (
            30,
            &[
                Answer("450 4.2.0 later"),
                Answer("550 5.7.1 not you"),
                Answer("gibberish"),
                AnswerAndClose("421 4.3.2 closing"),
                Close,
                Split,
            ],
        ),
        At::Rcpt => (
            60,
            &[
                Answer("451 4.7.1 greylisted"),
                Answer("450-4.2.1 one\r\n450-4.2.1\r\n450 4.2.1 and two"),
                Answer("550 5.1.1 no such user"),
                Answer("552-5.2.2 full\r\n552 5.2.2 really"),
                Close,
                Split,
                Stall,
            ],
        ),
        At::Data => (
            20,
            &[Answer("451 4.3.0 later"), Answer("554 5.5.1 no"), Close],
        ),
        At::Content => (6, &[Close]),
        At::Dot => (
            50,
            &[
                Answer("452 4.3.1 disk full"),
                Answer("554 5.6.0 no such thing"),
                Answer("354 what"),
                Answer("gibberish"),
                AnswerAndClose("421 4.3.2 closing"),
                AndMore("250 2.0.0 and again"),
                Close,
                AcceptAndClose,
                AcceptAndStall,
                Split,
            ],
        ),
        At::Idle => (
            30,
            &[
                AnswerAndClose("421 4.4.2 idle"),
                AnswerAndClose("221 bye"),
                Close,
            ],
        ),
        At::Rset => (50, &[Close, Answer("502 5.5.1 what")]),
        At::Auth => (0, &[]),
    }
}

impl Done {
    fn draw(&mut self, at: At, seed: &mut Seed) -> Option<Fault> {
        let (of_thousand, faults) = menu(at);
        if seed.next() % 1000 >= of_thousand {
            return None;
        }
        let drawn = usize::try_from(seed.next() % 1000).unwrap_or_default();
        let fault = faults[drawn % faults.len()];
        if matches!(fault, Fault::Stall | Fault::AcceptAndStall) {
            if self.stalls == STALLS_MAX {
                return None;
            }
            self.stalls += 1;
        }
        *self
            .by_moment
            .entry(format!("{at:?} {fault:?}"))
            .or_default() += 1;
        let about_a_mail = matches!(at, At::Mail | At::Rcpt | At::Data | At::Dot);
        match fault {
            Fault::Answer(answer) if answer.starts_with('5') && about_a_mail => {
                self.refused_for_good += 1;
            }
            Fault::Answer("354 what" | "gibberish") | Fault::Close if at == At::Dot => {
                self.answers_lost += 1;
            }
            Fault::AcceptAndClose | Fault::AcceptAndStall => {
                self.answers_lost += 1;
                self.accepted_and_lost += 1;
            }
            // A message of this size is in the network with its dot before the close shows.
            Fault::Close if at == At::Content => self.answers_lost += 1,
            _ => {}
        }
        Some(fault)
    }
}

struct House {
    store: Store,
    runner: Runner,
    mailer: Mailer,
}

impl House {
    /// As many cases as mails, all due now.
    async fn new(file: &std::path::Path, server: &SmtpServer) -> Self {
        let database = Scratch::File(file.to_owned());
        let task = Task::Stage {
            database: database.clone(),
            play: Play::Due,
            cases: MAILS,
        };
        task.run().await.expect("a database");
        let store = database.open().await.expect("it opens");
        let from = Mailbox::parse("Prøve", "prove@kommune.example").expect("an address");
        let mut settings = Settings::new(from, "Prøve");
        settings.attempts_max = ATTEMPTS_MAX;
        // All go to one address.
        settings.recipient_max = 0;
        let start: Timestamp = "2026-02-01T23:00:00Z".parse().expect("an instant");
        let runner = Runner::new(store.clone(), Clock::manual(start), settings);
        runner.work(start).await.expect("the mails are queued");
        let config = SmtpConfig::from_url(&server.url(), "app.example").expect("an address");
        let config = SmtpConfig {
            connections: 8,
            deadline: DEADLINE,
            answer_deadline: DEADLINE,
            ..config
        };
        let channel = SmtpChannel::new(config).expect("a channel");
        let mailer = Mailer::new(runner.clone(), Channel::Smtp(channel));
        Self {
            store,
            runner,
            mailer,
        }
    }

    /// Sends, and lets time pass, until nothing is left to send.
    async fn send_all(&self) {
        loop {
            self.mailer.run_once().await.expect("it sends");
            let Some(next) = self.store.next_mail_due().await.expect("a time") else {
                return;
            };
            let next = Timestamp::from_microsecond(next).expect("an instant");
            self.runner.clock().move_to(next.max(self.runner.now()));
        }
    }
}

fn by_id(accepted: &[Accepted]) -> HashMap<&str, Vec<&Accepted>> {
    let mut by_id: HashMap<&str, Vec<&Accepted>> = HashMap::new();
    for mail in accepted {
        by_id.entry(&mail.message_id).or_default().push(mail);
    }
    by_id
}

fn count(rows: &[OutboxRow], is: impl Fn(&OutboxRow) -> bool) -> usize {
    rows.iter().filter(|row| is(row)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_mails_end_as_the_server_said() {
    let number = super::how_often("TOVHOLDER_MAIL_SEED", 1);
    let done = Arc::new(Mutex::new(Done::default()));
    let (drawing, mut seed) = (done.clone(), Seed(number));
    let chance = move |at: At| drawing.lock().unwrap().draw(at, &mut seed);
    let server = SmtpServer::start(Script::default().chance(Arc::new(Mutex::new(chance)))).await;
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::new(&folder.path().join("mail.db"), &server).await;
    house.send_all().await;

    let rows = outbox(&house.store).await;
    assert_eq!(rows.len(), MAILS);
    let accepted = server.accepted();
    let arrived = by_id(&accepted);
    let done = std::mem::take(&mut *done.lock().unwrap());
    println!("seed {number}: {:#?}", done.by_moment);
    let good = |row: &OutboxRow| {
        let answer = row.answer.as_deref().unwrap_or_default();
        // The words of a refusal name the step, then the code. What a server says before any mail is not
        // about one, and is only the last of what was tried too often.
        let steps = ["MAIL FROM: 5", "RCPT TO ", "DATA: 5", "the message: 5"];
        answer.contains(": 5") && steps.iter().any(|step| answer.starts_with(step))
    };
    let mut accepted_and_lost = 0;
    for row in &rows {
        let arrivals = arrived.get(&*message_id(row)).map_or(0, Vec::len);
        let what = format!(
            "seed {number}: {:?} {:?} {arrivals}",
            row.status, row.answer
        );
        match row.status {
            Status::Sent => assert_eq!(arrivals, 1, "{what}"),
            Status::Failed => {
                assert_eq!(arrivals, 0, "{what}");
                assert!(good(row) || row.attempt == ATTEMPTS_MAX, "{what}");
            }
            Status::Unknown => {
                assert!(arrivals <= 1, "{what}");
                accepted_and_lost += arrivals;
            }
            _ => panic!("it did not end: {what}"),
        }
    }
    assert_eq!(
        accepted.len(),
        count(&rows, |row| row.status == Status::Sent) + accepted_and_lost
    );
    let failed_for_good = count(&rows, |row| row.status == Status::Failed && good(row));
    assert_eq!(failed_for_good, done.refused_for_good, "seed {number}");
    let unknown = count(&rows, |row| row.status == Status::Unknown);
    assert_eq!(
        (unknown, accepted_and_lost),
        (done.answers_lost, done.accepted_and_lost),
        "seed {number}"
    );
    // What is to be seen is to be there at all.
    let too_often = count(&rows, |row| row.status == Status::Failed && !good(row));
    assert!(failed_for_good > 30 && unknown > 30 && accepted_and_lost > 5 && too_often > 0);
    assert!(done.stalls > 2, "{} stalls", done.stalls);

    // A person takes on that what is unknown may arrive twice.
    server.set_script(Script::default());
    for row in rows.iter().filter(|row| row.status == Status::Unknown) {
        let now = house.runner.now().as_microsecond();
        assert!(
            house
                .store
                .release_row(row.id, now)
                .await
                .expect("it is released")
        );
    }
    house.send_all().await;
    let accepted = server.accepted();
    let arrived = by_id(&accepted);
    for row in outbox(&house.store).await {
        let mails = arrived
            .get(&*message_id(&row))
            .map_or(&[][..], Vec::as_slice);
        match row.status {
            Status::Sent => assert!((1..=2).contains(&mails.len()), "{:?}", row.answer),
            status => assert_eq!((status, mails.len()), (Status::Failed, 0)),
        }
        let frozen = house
            .store
            .outbox_row(Sees::All, row.id)
            .await
            .expect("it is read");
        let frozen = frozen.and_then(|row| row.frozen).unwrap_or_default();
        let frozen: Mail = serde_json::from_slice(&frozen).expect("a mail");
        assert!(
            mails.iter().all(|mail| mail.bytes == frozen.bytes),
            "the bytes are others"
        );
    }
    let twice = arrived.values().filter(|mails| mails.len() == 2).count();
    assert_eq!(
        twice, accepted_and_lost,
        "what had arrived arrived again, and nothing else"
    );
}
