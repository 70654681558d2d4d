//! So many mails to a recipient on a day: what leaves when, in which mail, and what becomes of it when something
//! goes wrong.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tovholder::channel::{Channel, MemoryAnswer, SendError};
use tovholder::message::{Mail, TemplateSource};
use tovholder::runner::desk::{Desk, MailsAsked, StopAsked};
use tovholder::runner::{Mailer, Runner, Settings};
use tovholder::store::{OutboxRow, Status};

use super::super::support::stage::{cast, settings};
use super::House;

/// Everybody's mail goes to one person: on Wednesday morning, on Friday afternoon and when the day is nearly
/// over, and whenever somebody calls.
const WORKFLOW: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles:
  coordinator: {title: Tovholder, per: workflow}
  network: {title: Netværket, per: workflow}
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    news: {template: news, to: network, every: thursday at 12:00, from: 2 weeks before cohort.start, until: cohort.start, announcement: yes}
    work: {template: work, to: network, every: thursday at 12:00, from: 2 weeks before cohort.start, until: cohort.start}
candidate:
  states:
    waiting:
      title: Venter
      messages:
        ahead: {template: who, to: coordinator, when: 3 workdays before cohort.start at 09:00}
        soon: {template: who, to: coordinator, when: 1 workdays before cohort.start at 15:00}
        late_word: {template: who, to: coordinator, when: 1 workdays before cohort.start at 15:45}
        called: {template: call, to: coordinator, when: call}
      events:
        call: {title: Har ringet}
        leave: {title: Forlad, then: out}
    out: {title: Ude, final: neutral}
";

const WEDNESDAY: Date = date(2026, 1, 28);
const THURSDAY: Date = date(2026, 1, 29);
const FRIDAY: Date = date(2026, 1, 30);

fn templates() -> TemplateSource {
    let mut files = BTreeMap::new();
    for (name, text) in [
        ("who", "Om {{candidate.name}}"),
        ("call", "{{candidate.name}} har ringet"),
        ("news", "Nyt"),
        ("work", "Arbejde"),
    ] {
        files.insert(format!("da/{name}/subject.hbs"), text.to_owned());
        files.insert(format!("da/{name}/body.txt.hbs"), format!("{text}."));
        files.insert(
            format!("da/{name}/body.html.hbs"),
            format!("<p>{text}.</p>"),
        );
    }
    TemplateSource { files }
}

fn at_most(mails: i64) -> Settings {
    let mut settings = settings();
    settings.recipient_max = mails;
    settings
}

async fn house(most: i64, candidates: usize) -> House {
    let dates = [("start", date(2026, 2, 2))];
    let yaml = WORKFLOW.to_owned();
    let cast = cast("prove", yaml, templates(), &dates, candidates);
    House::of_cast(cast, at_most(most)).await
}

impl House {
    async fn until(&self, day: Date, hour: i8, minute: i8) {
        let calendar = &self.cast.workflow.calendar;
        self.until_instant(calendar.instant(day.at(hour, minute, 0, 0)))
            .await;
    }

    async fn until_instant(&self, at: Timestamp) {
        self.runner.clock().move_to(at);
        self.settle().await;
    }

    /// What has arrived at the coordinator's since so many mails had.
    fn since(&self, before: usize) -> Vec<Mail> {
        self.arrived("coordinator").split_off(before)
    }

    fn arrived(&self, who: &str) -> Vec<Mail> {
        let mut all = self.channel.sent();
        all.retain(|mail| mail.recipients == [format!("{who}@eksempel.example")]);
        all
    }
}

fn of(rows: &[OutboxRow], status: Status) -> usize {
    rows.iter().filter(|row| row.status == status).count()
}

#[tokio::test]
async fn of_so_many_a_day_the_last_is_for_what_was_put_off() {
    // At most so many, so many are due at 9, and what arrives: at 9, at 15.30, and in how many parts.
    for (most, due, at_once, later, parts) in [
        (0, 6, 6, 0, 0),
        (10, 6, 6, 0, 0),
        (7, 6, 6, 0, 0),
        (6, 6, 5, 1, 1),
        (4, 6, 3, 1, 3),
        (2, 6, 1, 1, 5),
        (1, 6, 0, 1, 6),
        (1, 1, 0, 1, 1),
    ] {
        let what = format!("{due} of at most {most}");
        let house = house(most, due).await;
        house.until(WEDNESDAY, 9, 0).await;
        assert_eq!(house.channel.sent().len(), at_once, "{what}");
        let waiting = house.named("message.ahead").await;
        for row in waiting.iter().filter(|row| row.status == Status::Queued) {
            assert_eq!(row.reason.as_deref(), Some("gathered-day"), "{what}");
        }
        house.until(WEDNESDAY, 15, 29).await;
        assert_eq!(house.channel.sent().len(), at_once, "{what}");
        house.until(WEDNESDAY, 15, 30).await;
        let arrived = house.since(at_once);
        assert_eq!(arrived.len(), later, "{what}");
        let rows = house.named("message.ahead").await;
        assert_eq!(of(&rows, Status::Sent), due, "nothing is lost: {what}");
        let within = rows.iter().filter(|row| row.merged_into.is_some()).count();
        assert_eq!(within, parts.max(1) - 1, "{what}");
        if parts > 1 {
            assert_eq!(arrived[0].subject, format!("{parts} beskeder til dig"));
            let into = rows.iter().find_map(|row| row.merged_into);
            let desk = Desk::new(house.runner.clone());
            let mail = desk.mail(into.expect("a mail")).await.expect("it left");
            let text = mail.text.expect("it was frozen");
            let is_in = |row: &&OutboxRow| row.merged_into.is_some() || Some(row.id) == into;
            for row in rows.iter().filter(is_in) {
                let about = row.subject_line.as_deref().expect("it was frozen");
                let line = format!("\n{about}.\n");
                let text = text.replace('\r', "");
                assert_eq!(text.matches(&line).count(), 1, "{about} in {text}");
            }
        } else if parts == 1 {
            assert!(arrived[0].subject.starts_with("Om "), "{what}: as itself");
        }
        house.until(THURSDAY, 9, 0).await;
        assert_eq!(house.since(at_once + later).len(), 0, "{what}");
    }
}

#[tokio::test]
async fn what_is_stopped_is_not_put_together_with_others_and_keeps_none_back() {
    let house = house(1, 2).await;
    house.until(WEDNESDAY, 9, 0).await;
    house.fire(0, "call").await.expect("a call");
    house.fire(1, "call").await.expect("a call");
    house.settle().await;
    assert_eq!(
        house.channel.sent().len(),
        0,
        "all four wait for the end of the day"
    );
    let desk = Desk::new(house.runner.clone());
    let asked = StopAsked {
        message: Some("ahead".into()),
        ..StopAsked::default()
    };
    let stop = desk
        .stop_mail(&asked, "Forkert dato", "cli")
        .await
        .expect("stopped")
        .stop;
    house.until(WEDNESDAY, 15, 30).await;
    assert_eq!(house.since(0)[0].subject, "2 beskeder til dig");
    assert_eq!(of(&house.named("message.called").await, Status::Sent), 2);
    assert_eq!(of(&house.named("message.ahead").await, Status::Queued), 2);
    // Let go at once: they have waited for the end of the day, and not because they were stopped.
    desk.let_mail_go(stop.id, "cli").await.expect("it ends");
    house.until(THURSDAY, 15, 30).await;
    assert_eq!(
        of(&house.named("message.ahead").await, Status::Sent),
        2,
        "nothing is lost"
    );
}

#[tokio::test]
async fn what_comes_when_the_day_is_full_waits_for_the_next_opening() {
    let house = house(2, 3).await;
    house.until(WEDNESDAY, 15, 30).await;
    assert_eq!(house.channel.sent().len(), 2, "one, and two in one");
    house.until(WEDNESDAY, 15, 40).await;
    house.fire(0, "call").await.expect("taken");
    house.settle().await;
    house.fire(1, "call").await.expect("taken");
    house.settle().await;
    assert_eq!(house.channel.sent().len(), 2);
    house.until(THURSDAY, 7, 59).await;
    assert_eq!(house.channel.sent().len(), 2);
    house.until(THURSDAY, 8, 0).await;
    let arrived = house.since(2);
    let subjects: Vec<&str> = arrived.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["2 beskeder til dig"]);
    // The desk tells in which mail it is.
    let desk = Desk::new(house.runner.clone());
    let lines = desk
        .mails(&MailsAsked::default())
        .await
        .expect("the outbox");
    let first: BTreeSet<i64> = lines.iter().filter_map(|line| line.merged_into).collect();
    assert_eq!(first.len(), 2, "two mails have others in them: {lines:?}");
    let part = lines.iter().find(|line| line.merged_into.is_some());
    let part = desk.mail(part.expect("one").id).await.expect("a mail");
    assert!(part.text.expect("of both").contains("samlet i én mail"));
    assert_eq!(desk.today().await.expect("what waits"), []);
}

#[tokio::test]
async fn what_would_be_useless_tomorrow_leaves_over_the_cap() {
    let house = house(1, 3).await;
    house.until(WEDNESDAY, 15, 30).await;
    house.until(FRIDAY, 15, 0).await;
    assert_eq!(house.since(1).len(), 0, "it still has its use at 15.30");
    house.until(FRIDAY, 15, 30).await;
    assert_eq!(house.since(1).len(), 1);
    // After the hold has begun it would be cancelled.
    house.until(FRIDAY, 15, 45).await;
    let arrived = house.since(2);
    let subjects: Vec<&str> = arrived.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["3 beskeder til dig"]);
    assert_eq!(of(&house.named("message.late_word").await, Status::Sent), 3);
}

#[tokio::test]
async fn one_that_is_not_wanted_any_more_is_not_in_it() {
    let house = house(1, 4).await;
    house.until(WEDNESDAY, 9, 0).await;
    house.fire(2, "leave").await.expect("taken");
    house.until(WEDNESDAY, 15, 30).await;
    let arrived = house.since(0);
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].subject, "3 beskeder til dig");
    let rows = house.named("message.ahead").await;
    let gone: Vec<&OutboxRow> = (rows.iter())
        .filter(|row| row.status == Status::Cancelled)
        .collect();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].subject_id, house.cases[2]);
    assert_eq!(gone[0].address, None, "nobody was written to");
}

#[tokio::test]
async fn what_a_server_refuses_for_now_is_decided_and_put_together_anew() {
    let house = house(1, 4).await;
    house.until(WEDNESDAY, 9, 0).await;
    house
        .channel
        .answer_next([MemoryAnswer::Refuse(SendError::Retry {
            message: "451 later".into(),
        })]);
    house.until(WEDNESDAY, 15, 30).await;
    assert_eq!(house.channel.sent().len(), 0);
    let rows = house.named("message.ahead").await;
    assert_eq!(of(&rows, Status::Queued), 4);
    assert!(rows.iter().all(|row| row.merged_into.is_none()));
    // Meanwhile the case of the one that was first has moved on.
    house.fire(0, "leave").await.expect("taken");
    house.until(WEDNESDAY, 15, 33).await;
    let arrived = house.since(0);
    assert_eq!(arrived.len(), 1, "the address has had none yet");
    assert_eq!(arrived[0].subject, "3 beskeder til dig");
    assert_eq!(of(&house.named("message.ahead").await, Status::Sent), 3);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_for_all_of_it_and_a_person_lets_it_go_as_it_was() {
    let house = house(1, 3).await;
    house.until(WEDNESDAY, 9, 0).await;
    house.channel.answer_next([MemoryAnswer::LoseAnswer]);
    house.until(WEDNESDAY, 15, 30).await;
    let rows = house.named("message.ahead").await;
    assert_eq!(of(&rows, Status::Unknown), 3);
    let desk = Desk::new(house.runner.clone());
    assert_eq!(desk.today().await.expect("what waits").len(), 1, "one mail");
    desk.release_mail(rows[1].id).await.expect("let go");
    house.settle().await;
    let arrived = house.since(0);
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].message_id, arrived[1].message_id);
    assert_eq!(arrived[0].bytes, arrived[1].bytes);
    assert_eq!(of(&house.named("message.ahead").await, Status::Sent), 3);
}

#[tokio::test]
async fn an_announcement_is_not_merged_with_others() {
    let house = house(1, 1).await;
    house.until(THURSDAY, 12, 0).await;
    house.until(THURSDAY, 15, 30).await;
    let first = house.arrived("network");
    house.until(FRIDAY, 8, 0).await;
    let both = house.arrived("network");
    assert_eq!((first.len(), both.len()), (1, 2));
    let subjects: BTreeSet<&str> = both.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, BTreeSet::from(["Arbejde", "Nyt"]));
}

#[tokio::test]
async fn two_processes_send_no_more_than_one() {
    for most in [1, 3] {
        let house = house(most, 12).await;
        let other = Runner::new(
            house.runner.store().clone(),
            house.runner.clock().clone(),
            at_most(most),
        );
        let channel = Channel::Memory(house.channel.clone());
        let other = Mailer::new(other, channel);
        for (hour, minute, arrived) in [(9, 0, most - 1), (15, 30, most)] {
            let calendar = &house.cast.workflow.calendar;
            let at = calendar.instant(WEDNESDAY.at(hour, minute, 0, 0));
            house.runner.clock().move_to(at);
            house.runner.work(at).await.expect("it works");
            loop {
                let (one, two) = tokio::join!(house.mailer.run_once(), other.run_once());
                let looked_at = one.expect("it mails").looked_at + two.expect("so").looked_at;
                if looked_at == 0 {
                    break;
                }
            }
            let sent = i64::try_from(house.channel.sent().len()).expect("few");
            assert_eq!(sent, arrived, "at most {most}, at {hour}.{minute}");
        }
        assert_eq!(of(&house.named("message.ahead").await, Status::Sent), 12);
    }
}
