//! Whatever comes in, and whenever: what must always be true is true (see `always`), and sleeping
//! long comes to the same as looking every hour.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use tovholder::definition::model::Workflow;
use tovholder::engine::NewCase;
use tovholder::engine::event::Event;
use tovholder::engine::subject::Ending;

use super::acts::{Act, acts, do_it};
use super::play::{HOLD, Stage};
use super::{chance, dates, shipped, workflow};

/// The same cases every time, so that a failure is found again. `ENGINE_SEED=7 ENGINE_TIMES=20`
/// looks for others, and for longer.
fn runner(cases: u32) -> TestRunner {
    let asked = |name: &str, otherwise: u32| {
        let said = std::env::var(name).ok();
        said.and_then(|said| said.parse().ok()).unwrap_or(otherwise)
    };
    TestRunner::new(Config {
        cases: cases * asked("ENGINE_TIMES", 1),
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(asked("ENGINE_SEED", 20_261_121).into()),
        max_shrink_iters: 300,
        ..Config::default()
    })
}

/// A hold with two candidates, before anything has happened.
fn begin(workflow: Workflow, on: &str, from: &str) -> Stage {
    let mut stage = Stage::new(workflow, dates(on));
    let now = stage
        .workflow
        .calendar
        .instant(from.parse().expect("a local time"));
    stage.open_hold(now);
    for label in ["a", "b"] {
        stage
            .open(label, &NewCase::default(), now)
            .expect("it opens");
    }
    stage
}

fn play(stage: &mut Stage, acts: &[Act]) {
    for act in acts {
        do_it(stage, *act);
    }
}

/// What happened to the candidates, less what depends on when one looks: mail that is late is not
/// sent, and a meeting whose time is past is not arranged.
fn story(stage: &Stage) -> Vec<(i64, Timestamp, String)> {
    let lasting = |event: &Event| {
        matches!(
            event,
            Event::Moved { .. }
                | Event::Ended { .. }
                | Event::TaskOpened { .. }
                | Event::Task { .. }
                | Event::Recorded { .. }
                | Event::Cleared { .. }
                | Event::Heard { .. }
                | Event::Anonymised
        )
    };
    let cases = stage.players.iter().filter(|player| player.id != HOLD);
    let of = |player: &super::play::Player| -> Vec<_> {
        let events = player.history.iter().filter(|(_, event)| lasting(event));
        events
            .map(|(at, event)| (player.id, *at, format!("{event:?}")))
            .collect()
    };
    cases.flat_map(of).collect()
}

/// Goes on for some days in one leap, or in steps of so many minutes.
fn go_on(mut stage: Stage, days: i64, minutes: Option<i64>) -> Stage {
    let until = stage.now + SignedDuration::from_hours(24 * days);
    stage.asleep = true;
    if let Some(minutes) = minutes {
        let mut at = stage.now;
        while at < until {
            at = (at + SignedDuration::from_mins(minutes)).min(until);
            stage.pass(at);
            stage.look();
        }
    }
    stage.pass(until);
    stage.look();
    stage
}

const SHIPPED: [(&str, &str, &str); 3] = [
    (
        "holstebro-introforloeb",
        "start 2026-02-02",
        "2026-01-05T08:00",
    ),
    (
        "odense-for-forloeb",
        "start 2026-08-10, gf_start 2026-10-05",
        "2026-06-22T08:00",
    ),
    (
        "jrs-bliv-klar-til-sosu",
        "start 2027-04-26",
        "2027-01-11T08:00",
    ),
];

#[test]
fn whatever_comes_in_the_shipped_workflows_hold() {
    for (name, on, from) in SHIPPED {
        let begun = begin(workflow(&shipped(name)), on, from);
        let result = runner(120).run(&acts(30), |acts| {
            play(&mut begun.clone(), &acts);
            Ok(())
        });
        result.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

/// What people seldom do, and a meeting that follows from it.
const RARE: [&str; 7] = [
    "again",
    "cancelled",
    "dates moved",
    "early",
    "followed",
    "paused",
    "unpaused",
];

fn rare(event: &Event) -> Option<&'static str> {
    match event {
        Event::Again { .. } => Some("again"),
        Event::DatesMoved { .. } => Some("dates moved"),
        Event::Decided(decision) if decision.early.is_some() => Some("early"),
        Event::Paused { .. } => Some("paused"),
        Event::Unpaused { .. } => Some("unpaused"),
        Event::Ended { how, .. } if *how == Ending::Cancelled => Some("cancelled"),
        Event::Booked { slot, revision, .. } if slot.is_some() && *revision > 0 => Some("followed"),
        _ => None,
    }
}

#[test]
fn whatever_comes_in_any_workflow_holds() {
    let (drawn, played) = (Cell::new(0), Cell::new(0));
    let seen = RefCell::new(BTreeSet::new());
    let result = runner(600).run(&(any::<u64>(), acts(25)), |(seed, acts)| {
        drawn.set(drawn.get() + 1);
        if let Some((_, workflow)) = chance::workflow(seed, 2) {
            played.set(played.get() + 1);
            let mut stage = begin(
                workflow,
                "start 2026-12-14, end 2027-04-02",
                "2026-11-23T08:00",
            );
            play(&mut stage, &acts);
            let histories = stage.players.iter().flat_map(|player| &player.history);
            let rare = histories.filter_map(|(_, event)| rare(event));
            seen.borrow_mut().extend(rare);
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let seen: Vec<&str> = seen.into_inner().into_iter().collect();
    assert_eq!(seen, RARE, "chance comes to everything people do to a hold");
    // The checker refuses some of what chance draws, not most of it.
    assert!(
        played.get() * 10 >= drawn.get() * 9,
        "{played:?} of {drawn:?}"
    );
}

#[test]
fn a_long_sleep_comes_to_the_same_as_looking_often() {
    for (name, on, from) in SHIPPED {
        let begun = begin(workflow(&shipped(name)), on, from);
        let result = runner(12).run(&(acts(12), 1..70_i64), |(acts, days)| {
            let mut stage = begun.clone();
            play(&mut stage, &acts);
            same_story(&stage, days);
            Ok(())
        });
        result.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

#[test]
fn a_long_sleep_comes_to_the_same_in_any_workflow() {
    let result = runner(100).run(
        &(any::<u64>(), acts(10), 1..70_i64),
        |(seed, acts, days)| {
            if let Some((_, workflow)) = chance::workflow(seed, 99) {
                // Places are given out in the order in which subjects are looked at, so there are enough of them.
                let mut stage = begin(
                    workflow,
                    "start 2026-12-14, end 2027-04-02",
                    "2026-11-23T08:00",
                );
                play(&mut stage, &acts);
                same_story(&stage, days);
            }
            Ok(())
        },
    );
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

#[track_caller]
fn same_story(stage: &Stage, days: i64) {
    let mut stage = stage.clone();
    stage.asleep = false;
    stage.look();
    let leap = story(&go_on(stage.clone(), days, None));
    for minutes in [60 * 7, 60 * 31] {
        let steps = story(&go_on(stage.clone(), days, Some(minutes)));
        let differs = leap.iter().zip(&steps).find(|(leap, steps)| leap != steps);
        assert!(
            differs.is_none(),
            "in {days} days, in one leap and in steps of {minutes} minutes: {differs:?}"
        );
        assert_eq!(
            leap.len(),
            steps.len(),
            "in {days} days, in steps of {minutes} minutes: {:?}",
            leap.last().max(steps.last())
        );
    }
}
