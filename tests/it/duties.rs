//! What waits for people: all of it, whatever is played, found without reading those who do not wait.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::{Date, date};
use tovholder::clock::Clock;
use tovholder::engine::subject::Subject;
use tovholder::message::TemplateSource;
use tovholder::runner::Runner;
use tovholder::runner::desk::{Asked, Desk, Duty, Fire, Sheet};
use tovholder::runner::simulate::Simulation;
use tovholder::store::{Sees, Store};

use super::support::stage::{cast, settings, shipped, templates};

super::store::contract! {
    the_most_urgent_are_listed_and_what_is_done_makes_room,
}

/// A subject and the task or meeting that it waits with.
type Waiting = BTreeSet<(String, String)>;

/// What every snapshot says that waits.
async fn by_hand(runner: &Runner) -> Waiting {
    let store = runner.store();
    let mut rows = store.cohorts().await.expect("holds");
    for hold in rows.clone() {
        let cases = store.subjects_of(Sees::All, hold.id).await.expect("cases");
        rows.extend(cases);
    }
    let mut all = Waiting::new();
    for row in rows {
        let subject: Subject = serde_json::from_str(&row.snapshot).expect("a snapshot");
        if subject.ended.is_some() {
            continue;
        }
        let open = subject.tasks.iter().filter(|(_, log)| !log.open.is_empty());
        let tasks = open.map(|(name, _)| name);
        let over = subject.meetings.iter().filter(|(_, log)| {
            let first = log.open.first();
            first.is_some_and(|one| one.end <= runner.now())
        });
        let meetings = over.map(|(name, _)| name);
        all.extend(
            tasks
                .chain(meetings)
                .map(|name| (row.public_id.clone(), name.to_string())),
        );
    }
    all
}

async fn listed(runner: &Runner) -> Waiting {
    let duties = Desk::new(runner.clone()).duties(None).await;
    let duties = duties.expect("duties");
    assert!(!duties.more, "so many do not wait here");
    let one = |duty: Duty| {
        let thing = duty.deeds[0].event.split('.').next().expect("its name");
        (duty.of, thing.to_owned())
    };
    duties.first.into_iter().map(one).collect()
}

#[tokio::test]
async fn all_that_waits_is_found_at_any_time_of_the_shipped_workflows() {
    let starts: [(&str, &[(&str, Date)]); 3] = [
        ("holstebro-introforloeb", &[("start", date(2026, 2, 2))]),
        ("jrs-bliv-klar-til-sosu", &[("start", date(2027, 4, 26))]),
        ("lolland-vejen-til-sosu", &[("start", date(2027, 4, 26))]),
    ];
    for (name, dates) in starts {
        let cast = cast(name, shipped(name), templates(), dates, 8);
        let mut play = Simulation::begin(&cast, settings()).await.expect("a stage");
        let mut day = cast.workflow.calendar.local(play.runner().now()).date();
        let mut waited = 0;
        for _ in 0..30 {
            play.stop_after(day);
            play.play(|_| {}).await.expect("it plays");
            play.runner()
                .clock()
                .move_to(cast.workflow.calendar.start_of(day));
            let by_hand = by_hand(play.runner()).await;
            assert_eq!(listed(play.runner()).await, by_hand, "{name} on {day}");
            waited += by_hand.len();
            day = day.saturating_add(Span::new().days(9));
        }
        assert!(waited > 0, "{name}: nothing ever waited");
    }
}

const WORKFLOW: &str = r"
workflow: mange
title: Mange
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
roles: {coordinator: {title: Tovholder, per: cohort}, job_consultant: {title: Jobkonsulent, per: candidate}}
cohort: {dates: {start: {title: Start, weekday: monday}}}
candidate:
  states:
    here:
      title: Her
      until: cohort.start
      then: out
      tasks:
        call: {title: Ring, by: job_consultant, due: 2 workdays after entered}
    out: {title: Ude, final: neutral}
";

async fn the_most_urgent_are_listed_and_what_is_done_makes_room(store: Store) {
    let none = TemplateSource { files: [].into() };
    let starts = [("start", date(2026, 3, 2))];
    let mut cast = cast("mange", WORKFLOW.to_owned(), none, &starts, 0);
    cast.only_said = true;
    let runner = Runner::new(store, Clock::manual(cast.begins()), settings());
    cast.set(&runner).await.expect("a stage");
    let desk = Desk::new(runner.clone());
    let mut list = String::from("navn;email\n");
    for number in 1..=230 {
        list += &format!("Kandidat {number};kandidat{number}@post.example\n");
    }
    let sheet = Sheet::read(list.as_bytes()).expect("a list");
    let asked = Asked::default();
    let taken_in = desk.take_in("Hold 1", &sheet, &asked, None, false, "test");
    taken_in.await.expect("they come");
    runner.work(runner.now()).await.expect("it works");
    let mut done = BTreeSet::new();
    for (round, expected) in [
        (1, (100, true)),
        (2, (100, true)),
        (3, (30, false)),
        (4, (0, false)),
    ] {
        let duties = desk.duties(None).await.expect("duties");
        assert_eq!((duties.first.len(), duties.more), expected, "round {round}");
        assert!(duties.first.is_sorted_by_key(|duty| duty.due));
        for duty in &duties.first {
            assert!(done.insert(duty.of.clone()), "what was done does not wait");
            let fire = Fire {
                of: duty.of.clone(),
                event: duty.deeds[0].event.clone(),
                ..Fire::default()
            };
            desk.fire(&fire).await.expect("it is done");
        }
    }
}
