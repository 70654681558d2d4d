//! Mail read beforehand is mail as it leaves, for every shipped workflow, at any time of it.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span, Timestamp};
use tovholder::channel::{Channel, MemoryChannel};
use tovholder::message::Mail;
use tovholder::runner::cast::Cast;
use tovholder::runner::desk::{AHEAD_DAYS, ComingAsked, Desk, DeskError, part_of};
use tovholder::runner::simulate::Simulation;
use tovholder::runner::{Mailer, Runner};
use tovholder::store::{OutboxFilter, Sees, Status};

use super::support::stage::{cast, settings, shipped, templates};

/// The subject, and what it says.
type Said = (String, String);

/// Lets the next two weeks happen, and nobody do anything; what has left about the hold and its cases. What the
/// workflow itself says over all of its holds is no hold's own.
async fn happens(runner: &Runner, workflow: &str, until: Timestamp) -> Vec<Said> {
    let mailer = Mailer::new(runner.clone(), Channel::Memory(MemoryChannel::new()));
    let (store, begins) = (runner.store(), runner.now().as_microsecond());
    loop {
        let work = store.next_work_due().await.expect("asked");
        let mail = store.next_mail_due().await.expect("asked");
        let next = work.into_iter().chain(mail).min();
        let next = next.map(|at| Timestamp::from_microsecond(at).expect("an instant"));
        let Some(next) = next.filter(|next| *next <= until) else {
            break;
        };
        runner.clock().move_to(next.max(runner.now()));
        runner.work(runner.now()).await.expect("it works");
        while mailer.run_once().await.expect("it mails").looked_at > 0 {}
    }
    let whole = store.workflow_subject(workflow).await.expect("asked");
    let whole = whole.expect("the workflow's own").id;
    let filter = OutboxFilter {
        status: Some(Status::Sent),
        limit: 10_000,
        ..OutboxFilter::default()
    };
    let rows = store.outbox(Sees::All, &filter).await.expect("the outbox");
    let of_hold = rows.into_iter().filter(|row| {
        let since = row.settled_at.is_some_and(|at| at >= begins);
        since && row.subject_id != whole && row.merged_into.is_none()
    });
    let mut said = Vec::new();
    for row in of_hold {
        let row = store.outbox_row(Sees::All, row.id).await.expect("asked");
        let bytes = row.and_then(|row| row.frozen).expect("bytes");
        let mail: Mail = serde_json::from_slice(&bytes).expect("a mail");
        let text = part_of(&mail.bytes, "text/plain").expect("a text");
        said.push((mail.subject, text));
    }
    said
}

/// A hold on the morning after so many days of its course, and its id.
async fn stands(cast: &Cast, days: i32) -> (Runner, Date, String) {
    let calendar = &cast.workflow.calendar;
    let mut play = Simulation::begin(cast, settings()).await.expect("a stage");
    let begins = calendar.local(cast.begins()).date();
    let day = begins.saturating_add(Span::new().days(days));
    play.stop_after(day);
    play.play(|_| {}).await.expect("it plays");
    let runner = play.runner().clone();
    // What was done at the last moment of the day is past by the next morning.
    runner
        .clock()
        .move_to(calendar.start_of(day.tomorrow().expect("a day")));
    let hold = runner.store().cohorts().await.expect("holds").remove(0);
    (runner, day, hold.public_id)
}

#[tokio::test]
async fn what_was_read_beforehand_is_what_leaves() {
    let plays: [(&str, &[(&str, Date)]); 4] = [
        ("holstebro-introforloeb", &[("start", date(2026, 2, 2))]),
        ("jrs-bliv-klar-til-sosu", &[("start", date(2027, 4, 26))]),
        (
            "odense-for-forloeb",
            &[("start", date(2026, 2, 2)), ("gf_start", date(2026, 3, 16))],
        ),
        ("lolland-vejen-til-sosu", &[("start", date(2027, 4, 26))]),
    ];
    for (name, dates) in plays {
        let cast = cast(name, shipped(name), templates(), dates, 5);
        let mut all = 0;
        for week in 0..5 {
            let (runner, day, hold) = stands(&cast, 3 + week * 23).await;
            let desk = Desk::new(runner.clone());
            let coming = desk.coming(&hold).await.expect("what is coming");
            let again = desk.coming(&hold).await.expect("what is coming");
            assert_eq!(coming.len(), again.len(), "reading changes nothing");
            let until = runner.now() + SignedDuration::from_hours(24 * AHEAD_DAYS);
            let mut left = happens(&runner, &cast.workflow.id, until).await;
            let mut read: Vec<Said> = coming
                .into_iter()
                .map(|mail| (mail.line.about, mail.text))
                .collect();
            left.sort();
            read.sort();
            let only = |these: &[Said], those: &[Said]| {
                let missing = these.iter().filter(|one| !those.contains(one));
                missing.cloned().collect::<Vec<_>>()
            };
            let (unread, unsent) = (only(&left, &read), only(&read, &left));
            assert!(
                read == left,
                "{name}, {day}: unread {unread:#?}, and unsent {unsent:#?}; {} of {}",
                read.len(),
                left.len()
            );
            all += read.len();
        }
        assert!(all > 5, "{name}: {all} mails were compared");
    }
}

/// What is said to whoever wants something sent that cannot be.
fn why_not(error: DeskError) -> String {
    match error {
        DeskError::Refused { words, .. } => words,
        DeskError::Wrong(wrongs) => wrongs[0].message.clone(),
        error => panic!("it failed: {error}"),
    }
}

#[tokio::test]
async fn what_is_sent_before_its_time_leaves_as_it_was_foreseen_and_never_again() {
    let plays = [
        ("holstebro-introforloeb", date(2026, 2, 2), 20),
        ("jrs-bliv-klar-til-sosu", date(2027, 4, 26), 95),
    ];
    for (name, start, days) in plays {
        let dates = [("start", start)];
        let cast = cast(name, shipped(name), templates(), &dates, 3);
        let (runner, day, hold) = stands(&cast, days).await;
        let desk = Desk::new(runner.clone());
        let coming = desk.coming(&hold).await.expect("what is coming");
        let (mut early, mut refused) = (Vec::new(), Vec::new());
        let mut asked_for = BTreeSet::new();
        for mail in coming {
            let asked = ComingAsked {
                hold: hold.clone(),
                of: mail.of.clone(),
                occurrence: mail.line.occurrence.clone(),
                seat: mail.seat.clone(),
            };
            if !asked_for.insert((asked.of.clone(), asked.occurrence.clone())) {
                continue;
            }
            let foreseen = match desk.foresee_early(&asked).await {
                Ok(foreseen) => foreseen,
                Err(error) => {
                    refused.push(why_not(error));
                    continue;
                }
            };
            let message = asked.occurrence.strip_prefix("message.");
            let message = message.and_then(|rest| rest.split('@').next());
            let sent = desk.send_next_early(&asked.of, message.expect("a message"));
            let sent = sent.await.expect("it is sent");
            assert_eq!(sent.mails.len(), foreseen.mails.len(), "{sent:?}");
            let said = foreseen.mails.into_iter();
            early.extend(said.map(|mail| (mail.line.about, mail.text)));
            let error = desk.foresee_early(&asked).await;
            // It is queued by now, and foreseen as that; once it has left it is not there.
            assert!(error.is_ok(), "{error:?}");
        }
        assert!(!early.is_empty(), "{name}, {day}: {refused:?}");
        let opens = cast.workflow.calendar.open_at_or_after(runner.now());
        let mut left = happens(&runner, &cast.workflow.id, opens).await;
        for said in &early {
            let at = left.iter().position(|one| one == said);
            left.remove(at.unwrap_or_else(|| panic!("{name}: {said:?} has not left: {left:#?}")));
        }
        let until = runner.now() + SignedDuration::from_hours(24 * AHEAD_DAYS);
        happens(&runner, &cast.workflow.id, until).await;
        let filter = OutboxFilter {
            limit: 10_000,
            ..OutboxFilter::default()
        };
        let rows = runner.store().outbox(Sees::All, &filter).await;
        let mut all = BTreeSet::new();
        for row in rows.expect("the outbox") {
            let what = (row.subject_id, row.occurrence, row.seat);
            assert!(all.insert(what.clone()), "{name}: {what:?} is there twice");
        }
    }
}
