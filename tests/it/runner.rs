//! The runner on a real store: outages, poison, refusals, lost answers, double clicks.

mod late;
mod order;
mod rations;
mod stops;

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, Timestamp};
use tovholder::channel::{Channel, MemoryAnswer, MemoryChannel, SendError};
use tovholder::clock::Clock;
use tovholder::definition::model::FactRef;
use tovholder::definition::value::Value;
use tovholder::engine::input::{Actor, Given, Input, Refusal};
use tovholder::message::TemplateSource;
use tovholder::runner::cast::{Cast, Stage};
use tovholder::runner::{Mailer, RunError, Runner, Settings};
use tovholder::store::{EventRow, OutboxFilter, OutboxRow, Sees, Status, Store};

use super::support::keys;
use super::support::stage::{cast, settings};

const WORKFLOW: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {job_consultant: {title: Jobkonsulent, per: candidate}}
cohort:
  places: 2
  dates: {start: {title: Start, weekday: monday}}
  messages:
    status: {template: note, to: jobcentre, every: workday at 12:00, from: 2 weeks before cohort.start, until: 8 weeks after cohort.start}
    sorry: {template: note, to: candidate, when: cohort.cancelled}
candidate:
  facts: {age_ok: {title: Gammel nok, type: yes_no}}
  states:
    waiting:
      title: Venter
      messages:
        ahead: {template: note, to: candidate, when: 3 workdays before cohort.start at 09:00}
      events:
        enter: {title: Begynd, then: inside}
        note_it: {title: Notér}
    inside:
      title: Inde
      holds_place: true
      messages:
        hello: {template: note, to: candidate, when: entered}
        noted: {template: gathered, to: job_consultant, when: seen, gather: 1 hour}
      events:
        seen: {title: Set}
        leave: {title: Forlad, then: out}
    out: {title: Ude, final: neutral}
";

fn templates() -> TemplateSource {
    let mut files = BTreeMap::new();
    for (name, text) in [
        ("note", "Kære {{recipient.name}}"),
        (
            "days",
            "{{long_date states.inside.last_day}}, {{long_date states.later.last_day}}",
        ),
        ("words", "{{facts.note}}"),
        ("gathered", "{{count items \"sag\" \"sager\"}}"),
    ] {
        let subject = if name == "days" { text } else { name };
        files.insert(format!("da/{name}/subject.hbs"), subject.to_owned());
        files.insert(format!("da/{name}/body.txt.hbs"), text.to_owned());
        files.insert(format!("da/{name}/body.html.hbs"), format!("<p>{text}</p>"));
    }
    TemplateSource { files }
}

struct House {
    runner: Runner,
    mailer: Mailer,
    channel: MemoryChannel,
    stage: Stage,
    cases: Vec<i64>,
    cast: Cast,
}

impl House {
    /// Three candidates on a hold that starts on Monday 2 February 2026, from Monday 26 January at 10.
    async fn new() -> Self {
        Self::of(WORKFLOW, settings()).await
    }

    async fn of(workflow: &str, settings: Settings) -> Self {
        Self::of_people(workflow, settings, &[]).await
    }

    /// The first of them are born on these days.
    async fn of_people(workflow: &str, settings: Settings, born: &[Date]) -> Self {
        let mut cast = cast(
            "prove",
            workflow.to_owned(),
            templates(),
            &[("start", date(2026, 2, 2))],
            3,
        );
        for (player, born) in cast.players.iter_mut().zip(born) {
            player.born = Some(*born);
        }
        Self::of_cast(cast, settings).await
    }

    /// So many candidates instead of three.
    async fn of_many(workflow: &str, settings: Settings, candidates: usize) -> Self {
        let dates = [("start", date(2026, 2, 2))];
        let yaml = workflow.to_owned();
        let cast = cast("prove", yaml, templates(), &dates, candidates);
        Self::of_cast(cast, settings).await
    }

    async fn of_cast(mut cast: Cast, settings: Settings) -> Self {
        cast.only_said = true;
        cast.begins_at = Some(
            cast.workflow
                .calendar
                .instant(date(2026, 1, 26).at(10, 0, 0, 0)),
        );
        let store = Store::open_in_memory_with(keys()).await;
        let store = store.expect("a store");
        let runner = Runner::new(store, Clock::manual(cast.begins()), settings);
        let mut stage = Box::pin(cast.set(&runner)).await.expect("a stage");
        let now = runner.now();
        Box::pin(runner.work_with_people(now, &mut stage.assumed))
            .await
            .expect("candidates come");
        let members = runner
            .store()
            .subjects_of(Sees::All, stage.cohort_id)
            .await
            .expect("the cases");
        let cases = members.into_iter().map(|row| row.id).collect();
        let channel = MemoryChannel::new();
        let mailer = Mailer::new(runner.clone(), Channel::Memory(channel.clone()));
        Self {
            runner,
            mailer,
            channel,
            stage,
            cases,
            cast,
        }
    }

    fn at(&self, day: Date, hour: i8) -> Timestamp {
        self.cast.workflow.calendar.instant(day.at(hour, 0, 0, 0))
    }

    /// Sleeps until a local hour, then works and mails once, as a service that was away.
    async fn wake(&self, day: Date, hour: i8) {
        let at = self.at(day, hour);
        self.runner.clock().move_to(at);
        self.runner.woke(at);
        self.settle().await;
    }

    async fn settle(&self) {
        self.runner.work(self.runner.now()).await.expect("it works");
        while self.mailer.run_once().await.expect("it mails").looked_at > 0 {}
    }

    async fn fire(&self, case: usize, event: &str) -> Result<bool, RunError> {
        let input = Input::Fire {
            event: event.into(),
            set: BTreeMap::new(),
            override_reason: None,
            another: true,
        };
        let done = self
            .runner
            .input(self.cases[case], &input, &operator(), None)
            .await?;
        Ok(done.repeated)
    }

    async fn state(&self, case: usize) -> String {
        let loaded = self.runner.store().load(&[self.cases[case]]).await;
        let mut subjects = loaded.expect("the case").subjects;
        subjects.remove(0).state.expect("it is somewhere")
    }

    async fn rows(&self) -> Vec<OutboxRow> {
        let all = OutboxFilter {
            before: None,
            status: None,
            cohort: None,
            subject: None,
            unseen: false,
            limit: 1000,
        };
        let mut rows = self
            .runner
            .store()
            .outbox(Sees::All, &all)
            .await
            .expect("the outbox");
        rows.sort_by_key(|row| row.id);
        rows
    }

    async fn named(&self, part: &str) -> Vec<OutboxRow> {
        self.rows()
            .await
            .into_iter()
            .filter(|row| row.occurrence.contains(part))
            .collect()
    }
}

fn operator() -> Actor {
    Actor {
        role: None,
        from: "test".into(),
    }
}

#[tokio::test]
async fn after_an_outage_only_the_newest_of_a_recurrence_goes_and_a_before_is_missed() {
    let house = House::new().await;
    house.wake(date(2026, 1, 26), 13).await;
    assert_eq!(
        house.named("message.status").await.len(),
        1,
        "Monday's status"
    );
    // Away from Monday until the next Tuesday: start has passed.
    house.wake(date(2026, 2, 3), 13).await;
    let status = house.named("message.status").await;
    let slots: Vec<&str> = status
        .iter()
        .map(|row| row.occurrence.rsplit('.').next().unwrap_or_default())
        .collect();
    assert_eq!(
        slots,
        ["2026-01-26T12:00", "2026-02-03T12:00"],
        "the days between are coalesced"
    );
    assert_eq!(
        house.named("message.ahead").await.len(),
        0,
        "what was before the start is missed, never sent"
    );
}

#[tokio::test]
async fn late_mail_is_held_as_a_lot_and_a_small_lot_lets_itself_go() {
    let house = House::new().await;
    // Away over the planned moment, Wednesday 28 January at 9, but not over the start.
    house.wake(date(2026, 1, 29), 15).await;
    let before = house.named("message.ahead").await;
    assert_eq!(before.len(), 3);
    assert!(
        before
            .iter()
            .all(|row| row.status == Status::Sent && row.late_lot.is_some()),
        "{before:?}"
    );

    let mut strict = settings();
    strict.lot_max = 2;
    let house = House::new().await;
    let runner = Runner::new(
        house.runner.store().clone(),
        house.runner.clock().clone(),
        strict,
    );
    house
        .runner
        .clock()
        .move_to(house.at(date(2026, 1, 29), 15));
    runner.woke(runner.now());
    runner.work(runner.now()).await.expect("it works");
    let before = house.named("message.ahead").await;
    assert!(
        before.iter().all(|row| row.status == Status::Held),
        "a lot of three waits for a person"
    );
    let lot = before[0].late_lot.expect("a lot");
    assert_eq!(
        house
            .runner
            .store()
            .release_lot(lot)
            .await
            .expect("a person says so"),
        4,
        "three and the status"
    );
}

#[tokio::test]
async fn what_has_moved_on_since_it_was_looked_at_is_left_as_it_is() {
    let house = House::new().await;
    let input = Input::Fire {
        event: "note_it".into(),
        set: BTreeMap::new(),
        override_reason: None,
        another: true,
    };
    let (case, actor) = (house.cases[0], operator());
    let seq = async || {
        house
            .runner
            .store()
            .load(&[case])
            .await
            .expect("the case")
            .subjects[0]
            .seq
    };
    let say = async |expect, key| {
        let said = house
            .runner
            .input_to(case, Some(expect), &input, &actor, Some(key));
        said.await
    };
    let seen = seq().await;
    let (first, second) = tokio::join!(say(seen, "one"), say(seen, "another"));
    let taken = [first, second].map(|said| said.map_err(|error| error.to_string()));
    let refused = tovholder::runner::RunError::MovedOn.to_string();
    assert_eq!(
        taken.iter().filter(|said| said.is_ok()).count(),
        1,
        "{taken:?}"
    );
    assert!(
        taken
            .iter()
            .any(|said| said.as_ref().err() == Some(&refused)),
        "{taken:?}"
    );
    assert_eq!(seq().await, seen + 1, "and one event");
    // Whoever says the same again, since the answer was lost, hears that it was done.
    let key = if taken[0].is_ok() { "one" } else { "another" };
    assert!(say(seen, key).await.expect("the same").repeated);
    assert!(say(seen + 1, "a third").await.is_ok());
}

#[tokio::test]
async fn a_double_click_is_taken_once() {
    let house = House::new().await;
    let input = Input::Fire {
        event: "note_it".into(),
        set: BTreeMap::new(),
        override_reason: None,
        another: false,
    };
    let case = house.cases[0];
    let first = house
        .runner
        .input(case, &input, &operator(), Some("click-1"))
        .await
        .expect("taken");
    let second = house
        .runner
        .input(case, &input, &operator(), Some("click-1"))
        .await
        .expect("the same");
    assert!(!first.repeated && second.repeated);
    assert_eq!(second.subject.fired["note_it"].count, 1);
}

#[tokio::test]
async fn two_clicks_on_their_way_at_once_are_one() {
    let house = House::new().await;
    // The second finds the case where the first has left it, and would be refused there.
    let input = Input::Fire {
        event: "enter".into(),
        set: BTreeMap::new(),
        override_reason: None,
        another: false,
    };
    let case = house.cases[0];
    let actor = operator();
    let click = || house.runner.input(case, &input, &actor, Some("click-1"));
    let (one, other) = tokio::join!(click(), click());
    let (one, other) = (one.expect("taken"), other.expect("the same outcome"));
    assert!(one.repeated != other.repeated);
    assert_eq!(one.subject.state, other.subject.state);
}

#[tokio::test]
async fn mail_of_a_case_that_cannot_be_read_keeps_no_other_back() {
    let house = House::new().await;
    for case in [0, 1] {
        house.fire(case, "enter").await.expect("a place");
    }
    let store = house.runner.store();
    store.spoil(house.cases[0]).await.expect("spoiled");
    while house.mailer.run_once().await.expect("it mails").looked_at > 0 {}
    let hello = house.named("message.hello").await;
    let stands = |case: usize| {
        let mut rows = hello.iter();
        let row = rows.find(|row| row.subject_id == house.cases[case]);
        row.map(|row| row.status)
    };
    assert_eq!(stands(0), Some(Status::Held), "it waits for a person");
    assert_eq!(stands(1), Some(Status::Sent));
}

#[tokio::test]
async fn a_full_hold_refuses_and_a_place_that_is_given_back_can_be_taken() {
    let house = House::new().await;
    house.fire(0, "enter").await.expect("the first place");
    house.fire(1, "enter").await.expect("the second place");
    let full = house.fire(2, "enter").await;
    assert!(
        matches!(
            full,
            Err(RunError::Refused(Refusal::HoldFull { places: 2 }))
        ),
        "{full:?}"
    );
    house.fire(0, "leave").await.expect("a place is free");
    house.fire(2, "enter").await.expect("it is taken");
    let over = house.fire(0, "seen").await;
    assert!(
        matches!(over, Err(RunError::Refused(Refusal::Ended { .. }))),
        "{over:?}"
    );
}

const ONE_PLACE: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
cohort:
  places: 1
  dates: {start: {title: Start, weekday: monday}}
candidate:
  states:
    waiting:
      title: Venter
      events:
        enter: {title: Begynd, then: inside}
        line_up: {title: I køen, then: queue}
        wait_a_day: {title: Venter en dag, then: soon}
    queue: {title: I kø, lasts: 1 weeks, then: inside}
    soon: {title: Snart, lasts: 1 workdays, then: inside}
    inside: {title: Inde, holds_place: true, lasts: 1 weeks, then: out, events: {give_back: {title: Giver pladsen tilbage, then: out}}}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn a_place_given_back_at_the_same_moment_is_not_waited_for_whatever_the_batch() {
    // The one in the queue, and the one whose place it gets at the very moment that it wants one.
    for (waits, leaves) in [(0, 2), (2, 0)] {
        let mut histories = Vec::new();
        for batch_max in [1, 64] {
            let mut small = settings();
            small.batch_max = batch_max;
            let house = House::of(ONE_PLACE, small).await;
            house.fire(waits, "line_up").await.expect("it waits");
            house.fire(leaves, "enter").await.expect("the place");
            // Away over that moment: who then counted from today would be inside for too long.
            house.wake(date(2026, 2, 4), 9).await;
            let store = house.runner.store();
            let history = store.history(house.cases[waits]).await.expect("history");
            let entered = |event: &&EventRow| event.payload.contains(r#""to":"inside""#);
            let entered = history.iter().find(entered).expect("it is inside");
            let moment = house.at(date(2026, 2, 2), 0).as_microsecond();
            assert_eq!(entered.at, moment, "it waited: {history:?}");
            histories.push(history.into_iter().map(|event| event.payload));
        }
        let [one, all] = histories.try_into().expect("two sizes");
        assert!(one.eq(all), "the history depends on the batch");
    }
}

#[tokio::test]
async fn who_waits_for_a_place_goes_before_who_wants_one_as_it_comes_free() {
    for batch_max in [1, 64] {
        let mut small = settings();
        small.batch_max = batch_max;
        let house = House::of(ONE_PLACE, small).await;
        let [holds, comes, waits] = [0, 1, 2];
        house.fire(holds, "enter").await.expect("the place");
        house.fire(waits, "wait_a_day").await.expect("it waits");
        house
            .fire(comes, "line_up")
            .await
            .expect("it will want one");
        house.wake(date(2026, 1, 28), 9).await;
        // The place is given back at the very moment at which the other one wants one.
        house.wake(date(2026, 2, 2), 9).await;
        assert_eq!(house.state(waits).await, "inside", "batches of {batch_max}");
        assert_eq!(house.state(comes).await, "queue", "batches of {batch_max}");
    }
}

#[tokio::test]
async fn nobody_is_put_on_a_place_that_somebody_waits_for() {
    let house = House::of(ONE_PLACE, settings()).await;
    let [holds, comes, waits] = [0, 1, 2];
    house.fire(holds, "enter").await.expect("the place");
    house.fire(waits, "wait_a_day").await.expect("it waits");
    house.wake(date(2026, 1, 28), 9).await;
    house
        .fire(holds, "give_back")
        .await
        .expect("it is given back");
    // Nobody has looked since then.
    let refused = house.fire(comes, "enter").await;
    let full = Refusal::HoldFull { places: 1 };
    assert!(matches!(refused, Err(RunError::Refused(why)) if why == full));
    house.settle().await;
    assert_eq!(house.state(waits).await, "inside");
}

const TWO_WEEKS: &str = r"
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
      events:
        enter: {title: Begynd, then: inside}
    inside:
      title: Inde
      lasts: 1 weeks
      then: later
      messages: {hello: {template: days, to: candidate, when: entered}}
      events: {leave: {title: Forlad, then: out}}
    later: {title: Bagefter, lasts: 1 weeks, then: out}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn what_has_happened_is_told_with_its_days_also_when_the_hold_is_cancelled_before() {
    let house = House::of(TWO_WEEKS, settings()).await;
    let clock = house.runner.clock();
    clock.move_to(house.at(date(2026, 1, 30), 22));
    house.fire(0, "enter").await.expect("on a Friday night");
    let hold = house.stage.cohort_id;
    let actor = operator();
    let cancelled = house.runner.input(hold, &Input::Cancel, &actor, None);
    cancelled.await.expect("it is cancelled");
    house.settle().await;
    house.wake(date(2026, 2, 2), 8).await;
    let hello = house.named("message.hello").await.remove(0);
    assert_eq!(hello.status, Status::Sent, "its event has happened");
    assert_eq!(
        hello.subject_line.as_deref(),
        Some("torsdag den 5. februar 2026, torsdag den 12. februar 2026"),
        "the days as they were planned"
    );
}

#[tokio::test]
async fn what_has_happened_is_told_with_its_days_also_when_the_state_was_left_before() {
    let house = House::of(TWO_WEEKS, settings()).await;
    let clock = house.runner.clock();
    clock.move_to(house.at(date(2026, 1, 30), 22));
    house.fire(0, "enter").await.expect("on a Friday night");
    clock.move_to(house.at(date(2026, 1, 31), 9));
    house.fire(0, "leave").await.expect("on Saturday");
    house.settle().await;
    house.wake(date(2026, 2, 2), 8).await;
    let hello = house.named("message.hello").await.remove(0);
    assert_eq!(hello.status, Status::Sent, "its event has happened");
    assert_eq!(
        hello.subject_line.as_deref(),
        Some("fredag den 30. januar 2026, torsdag den 12. februar 2026"),
        "the last day that it was, and the one that the other state would have had"
    );
}

#[tokio::test]
async fn each_answer_of_a_server_ends_in_its_own_status() {
    let answers = [
        (MemoryAnswer::Accept, Status::Sent, 1),
        (
            MemoryAnswer::Refuse(SendError::Permanent {
                message: "550 no such user".into(),
            }),
            Status::Failed,
            0,
        ),
        (
            MemoryAnswer::Refuse(SendError::Retry {
                message: "451 later".into(),
            }),
            Status::Retry,
            0,
        ),
        (MemoryAnswer::LoseAnswer, Status::Unknown, 1),
    ];
    for (answer, status, arrived) in answers {
        let house = House::new().await;
        house.settle().await;
        let before = house.channel.sent().len();
        house.channel.answer_next([answer]);
        house.fire(0, "enter").await.expect("a place");
        house.settle().await;
        let hello = house.named("message.hello").await;
        assert_eq!(hello.len(), 1);
        assert_eq!(hello[0].status, status);
        assert_eq!(house.channel.sent().len() - before, arrived, "{status:?}");
    }
}

#[tokio::test]
async fn what_ended_on_the_wire_is_written_down_whenever_it_is_told_to_stop() {
    // Before anything has left, with mail on the wire, and after that has ended.
    for looks in 0..3_u32 {
        let house = House::new().await;
        house.settle().await;
        house.fire(0, "enter").await.expect("a place");
        let now = house.runner.now();
        house.runner.work(now).await.expect("it works");
        let left = Cell::new(looks);
        let is_over = || left.replace(left.get().saturating_sub(1)) == 0;
        house.mailer.run(is_over).await.expect("it mails");
        let status = house.named("message.hello").await[0].status;
        let told = if looks == 0 {
            Status::Queued
        } else {
            Status::Sent
        };
        assert_eq!(status, told, "stopped at look {looks}");
    }
}

#[tokio::test]
async fn unknown_mail_stays_until_a_person_says_so_and_keeps_its_message_id() {
    let house = House::new().await;
    house.settle().await;
    house.channel.answer_next([MemoryAnswer::LoseAnswer]);
    house.fire(0, "enter").await.expect("a place");
    house.settle().await;
    house.wake(date(2026, 1, 27), 9).await;
    let row = house.named("message.hello").await.remove(0);
    assert_eq!(row.status, Status::Unknown);
    let ids = || {
        house
            .channel
            .sent()
            .iter()
            .filter(|mail| mail.message_id.contains(&row.public_id))
            .count()
    };
    assert_eq!(ids(), 1, "nothing leaves by itself");
    assert!(
        house
            .runner
            .store()
            .release_row(row.id, house.runner.now().as_microsecond())
            .await
            .expect("released")
    );
    house.settle().await;
    assert_eq!(ids(), 2, "again, with the same Message-ID");
    let sent: Vec<Vec<u8>> = house
        .channel
        .sent()
        .into_iter()
        .filter(|mail| mail.message_id.contains(&row.public_id))
        .map(|mail| mail.bytes)
        .collect();
    assert_eq!(sent[0], sent[1], "attempted bytes never change");
    assert_eq!(house.named("message.hello").await[0].status, Status::Sent);
}

#[tokio::test]
async fn what_is_gathered_is_one_mail_per_person() {
    let house = House::new().await;
    for case in [0, 1] {
        house.fire(case, "enter").await.expect("a place");
        house.fire(case, "seen").await.expect("seen");
        house.fire(case, "seen").await.expect("seen again");
    }
    house.settle().await;
    assert_eq!(
        house.named("message.noted").await.len(),
        0,
        "it waits for an hour"
    );
    house.wake(date(2026, 1, 26), 12).await;
    let noted = house.named("message.noted").await;
    assert_eq!(noted.len(), 1, "one job consultant, one mail");
    let mail = house
        .channel
        .sent()
        .into_iter()
        .find(|mail| mail.subject == "gathered")
        .expect("sent");
    assert!(String::from_utf8_lossy(&mail.bytes).contains("4 sager"));
}

#[tokio::test]
async fn nothing_leaves_at_night_and_it_leaves_in_the_morning() {
    let house = House::new().await;
    house.settle().await;
    house
        .runner
        .clock()
        .move_to(house.at(date(2026, 1, 30), 22));
    house.settle().await;
    house
        .fire(0, "enter")
        .await
        .expect("a place, on a Friday night");
    house.settle().await;
    assert_eq!(house.named("message.hello").await[0].status, Status::Queued);
    house.wake(date(2026, 2, 2), 8).await;
    let hello = house.named("message.hello").await.remove(0);
    assert_eq!(hello.status, Status::Sent);
    let local: DateTime = house
        .cast
        .workflow
        .calendar
        .local(Timestamp::from_microsecond(hello.not_before).expect("an instant"));
    assert_eq!(local, date(2026, 2, 2).at(8, 0, 0, 0));
}

#[tokio::test]
async fn a_poison_case_stands_alone_and_delays_nobody() {
    let house = House::new().await;
    house.settle().await;
    // A snapshot that cannot be read, as after a bad edit by hand.
    house
        .runner
        .store()
        .spoil(house.cases[1])
        .await
        .expect("spoiled");
    house
        .runner
        .store()
        .rebuild_due(None)
        .await
        .expect("everybody is due");
    house.wake(date(2026, 1, 28), 9).await;
    let before = house.named("message.ahead").await;
    assert_eq!(before.len(), 2, "the others got theirs in the same wake");
    let stuck = house.runner.store().faulty(10).await.expect("the faulty");
    assert_eq!(
        stuck.iter().map(|row| row.id).collect::<Vec<_>>(),
        [house.cases[1]]
    );
    for _ in 0..6 {
        let later = house.runner.now() + SignedDuration::from_mins(5);
        house.runner.clock().move_to(later);
        house.settle().await;
    }
    assert_eq!(
        house.runner.store().faulty(10).await.expect("the faulty")[0].faults,
        5,
        "it is stuck, and shown"
    );
    assert_eq!(house.stage.cohort_id, house.stage.assumed.ids[1]);
}

#[tokio::test]
async fn a_cancelled_hold_is_told_to_those_on_it_and_nothing_else_leaves() {
    let house = House::new().await;
    house.fire(0, "enter").await.expect("a place");
    house.fire(1, "enter").await.expect("a place");
    house.fire(1, "leave").await.expect("away again");
    let hold = house.stage.cohort_id;
    let done = house
        .runner
        .input(hold, &Input::Cancel, &operator(), None)
        .await;
    done.expect("it is cancelled");
    house.settle().await;
    let sorry = house.named("message.sorry").await;
    let mut seats: Vec<String> = sorry.iter().map(|row| row.seat.clone()).collect();
    seats.sort();
    let concerned = [house.cases[0], house.cases[2]].map(|case| format!("candidate:{case}"));
    assert_eq!(seats, concerned, "not who had ended before");
    assert!(
        sorry.iter().all(|row| row.status == Status::Sent),
        "{sorry:?}"
    );
    // The welcome was decided before, and says nothing true any more.
    let unsent = house.named("message.hello").await;
    assert!(
        unsent.iter().all(
            |row| row.reason.as_deref() == Some("hold-cancelled") || row.status == Status::Sent
        ),
        "{unsent:?}"
    );
    house.wake(date(2026, 2, 10), 13).await;
    assert_eq!(
        house.named("message.status").await,
        [],
        "no digest any more"
    );
    let row = house
        .runner
        .store()
        .subjects_of(Sees::All, hold)
        .await
        .expect("the cases");
    assert!(
        row.iter().all(|row| row.place.is_none()),
        "no place is held"
    );
}

/// A case has free text, and confidential text that no mail may say.
const WRITTEN: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
cohort:
  dates: {start: {title: Start, weekday: monday}}
candidate:
  facts:
    note: {title: Bemærkning, type: text, max: 100}
    ground: {title: Årsag, type: text, max: 100, confidential: true}
  states:
    here:
      title: Her
      messages: {told: {template: words, to: candidate, when: said}}
      events: {said: {title: Sagt, needs: [note, ground], then: out}}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn what_must_not_stand_in_a_mail_is_held_before_it_leaves() {
    let house = House::of(WRITTEN, settings()).await;
    let table = [
        (
            "ringer 010203\u{2013}4567 torsdag",
            "flytter",
            Some("cpr-number: teksten"),
        ),
        (
            "Han er her, fordi han har ONDT I RYGGEN.",
            "ondt i ryggen",
            Some("confidential: Årsag"),
        ),
        ("ringer 12 34 56 78 torsdag, ja", "ja", None),
    ];
    for (case, (note, ground, _)) in table.iter().enumerate() {
        let written = |name: &str, text: &str| {
            let fact = FactRef {
                cohort: false,
                name: name.into(),
            };
            (
                fact,
                Given {
                    value: Value::Written,
                    text: Some(text.to_owned()),
                },
            )
        };
        let input = Input::Fire {
            event: "said".into(),
            set: BTreeMap::from([written("note", note), written("ground", ground)]),
            override_reason: None,
            another: true,
        };
        let case = house.cases[case];
        let done = house.runner.input(case, &input, &operator(), None).await;
        done.expect("it is said");
    }
    house.settle().await;
    for (case, (note, _, expect)) in table.iter().enumerate() {
        let mut told = house.named("message.told").await;
        told.retain(|row| row.subject_id == house.cases[case]);
        let status = expect.map_or(Status::Sent, |_| Status::Held);
        let found: Vec<_> = told
            .iter()
            .map(|row| (row.status, row.reason.as_deref()))
            .collect();
        assert_eq!(found, [(status, *expect)], "{note}");
    }
    assert_eq!(house.channel.sent().len(), 1);
}
