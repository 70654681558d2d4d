//! So much mail is late that it waits for a person: who is told of it, and how often.

use jiff::civil::date;
use tovholder::message::Mailbox;
use tovholder::runner::desk::Desk;
use tovholder::runner::{Runner, Settings};
use tovholder::store::{OutboxRow, Status};

use super::super::support::stage::settings;
use super::House;

/// Each candidate is written to on Wednesdays.
const WEEKLY: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
cohort:
  dates: {start: {title: Start, weekday: monday}}
candidate:
  states:
    waiting:
      title: Venter
      messages:
        weekly: {template: note, to: candidate, every: wednesday at 09:00, from: 1 weeks before cohort.start, until: 8 weeks after cohort.start}
      events: {leave: {title: Forlad, then: out}}
    out: {title: Ude, final: neutral}
";

fn run_by(operator: Option<&str>) -> Settings {
    let mut settings = settings();
    let mailbox = operator.map(|address| Mailbox::parse("Dorte Drift", address));
    settings.operator = mailbox.transpose().expect("an address");
    settings
}

fn notices(rows: &[OutboxRow]) -> Vec<&OutboxRow> {
    let mut notices: Vec<&OutboxRow> = rows.iter().filter(|row| row.seat == "operator").collect();
    notices.sort_by_key(|row| row.id);
    notices
}

fn of_status(rows: &[OutboxRow], status: Status) -> usize {
    let weekly = rows.iter().filter(|row| row.occurrence.contains("weekly"));
    weekly.filter(|row| row.status == status).count()
}

#[tokio::test]
async fn a_large_lot_of_late_mail_is_told_of_once_and_a_small_one_goes() {
    let operator = Some("drift@kommune.example");
    // Candidates, who is told, notices after each of two outages, and how many mails wait after each.
    for (candidates, operator, told, waits) in [
        (60, operator, [1, 2], [60, 60]),
        (60, None, [0, 0], [60, 60]),
        (50, operator, [0, 0], [0, 0]),
        (51, operator, [1, 2], [51, 51]),
    ] {
        let house = House::of_many(WEEKLY, run_by(operator), candidates).await;
        let what = format!("{candidates} candidates, {operator:?}");
        let mut gone = 0;
        for (outage, thursday) in [date(2026, 1, 29), date(2026, 2, 5)]
            .into_iter()
            .enumerate()
        {
            house.wake(thursday, 15).await;
            // Another process that has woken with it, and this one once more.
            let other = Runner::new(
                house.runner.store().clone(),
                house.runner.clock().clone(),
                run_by(operator),
            );
            other.work(other.now()).await.expect("it works");
            house.settle().await;

            let rows = house.rows().await;
            let notices = notices(&rows);
            assert_eq!(notices.len(), told[outage], "{what}");
            let held = of_status(&rows, Status::Held);
            assert_eq!(held, waits[outage], "{what}");
            if let Some(notice) = notices.last() {
                assert_eq!(notice.status, Status::Sent, "{notice:?}");
                assert_eq!(
                    (notice.late_lot, notice.address.as_deref()),
                    (None, operator)
                );
            }
            let lot = house.at(thursday, 15).as_microsecond();
            let desk = Desk::new(house.runner.clone());
            let today = desk.today().await.expect("what waits");
            assert_eq!(today.len(), usize::from(held > 0), "{what}: {today:?}");
            if held > 0 {
                let released = house.runner.store().release_lot(lot).await;
                assert_eq!(released.expect("a person says so"), held as u64);
                house.settle().await;
            }
            gone += candidates;
            let rows = house.rows().await;
            assert_eq!(of_status(&rows, Status::Sent), gone, "{what}");
            assert_eq!(
                rows.iter().filter(|row| row.seat == "operator").count(),
                told[outage],
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn the_notice_says_how_many_how_late_and_what_to_do_and_none_goes_when_all_is_let_go() {
    let operator = || run_by(Some("drift@kommune.example"));
    let house = House::of_many(WEEKLY, operator(), 51).await;
    house.wake(date(2026, 1, 29), 15).await;
    let rows = house.rows().await;
    let notice = notices(&rows)[0].id;
    let desk = Desk::new(house.runner.clone());
    let mail = desk.mail(notice).await.expect("the notice");
    let lot = house.at(date(2026, 1, 29), 15).as_microsecond();
    let text = mail.text.expect("it has left");
    for said in [
        "Hej Dorte",
        "51 mails er blevet forsinkede",
        "onsdag den 28. januar 2026 kl. 9.00",
        "- Hold 1: 51 mails",
        "tovholder outbox list --status held",
        &format!("tovholder outbox release --lot {lot}"),
        "fordi du driver systemet",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
    assert_eq!(mail.line.about, "Du skal se på 51 forsinkede mails");

    // At night nothing leaves; in the morning there is nothing to tell any more.
    let house = House::of_many(WEEKLY, operator(), 51).await;
    house.wake(date(2026, 1, 28), 22).await;
    let lot = house.at(date(2026, 1, 28), 22).as_microsecond();
    assert_eq!(notices(&house.rows().await)[0].status, Status::Queued);
    let released = house.runner.store().release_lot(lot).await;
    assert_eq!(released.expect("a person says so"), 51);
    house.wake(date(2026, 1, 29), 9).await;
    let rows = house.rows().await;
    let notice = notices(&rows)[0];
    assert_eq!(
        (notice.status, notice.reason.as_deref()),
        (Status::Cancelled, Some("let-go"))
    );
    assert_eq!(of_status(&rows, Status::Sent), 51);
}
