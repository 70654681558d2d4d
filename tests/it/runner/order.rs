//! Who goes first: for a place, and before a hold speaks to its cases.

use std::collections::BTreeMap;

use jiff::civil::date;
use tovholder::engine::NewCase;
use tovholder::engine::input::Refusal;
use tovholder::runner::desk::Desk;
use tovholder::runner::{Candidate, RunError};
use tovholder::store::{NewPerson, PersonRef, Sees};

use super::super::support::stage::settings;
use super::{House, ONE_PLACE};

/// What is said to job centres is about a state that is come to by time, and one that is left.
const TOLD_LATER: &str = r"
workflow: prove
title: Prøve
language: da
time_zone: Europe/Copenhagen
holidays: DK
hours: 08:00-16:00
cohort:
  dates: {start: {title: Start, weekday: monday}}
  messages:
    there: {template: note, to: jobcentre, about: [later], every: tuesday at 12:00, from: 1 weeks before cohort.start, until: 8 weeks after cohort.start}
    still: {template: note, to: jobcentre, about: [inside], every: tuesday at 12:00, from: 1 weeks before cohort.start, until: 8 weeks after cohort.start}
candidate:
  states:
    waiting: {title: Venter, events: {enter: {title: Begynd, then: inside}}}
    inside: {title: Inde, lasts: 1 weeks, then: later}
    later: {title: Bagefter, lasts: 3 weeks, then: out}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn a_hold_speaks_when_its_cases_have_come_as_far_as_time_has_whatever_the_batch() {
    for batch_max in [1, 64] {
        let mut small = settings();
        small.batch_max = batch_max;
        let house = House::of(TOLD_LATER, small).await;
        house.fire(0, "enter").await.expect("it is inside");
        house.settle().await;
        // Away from before it goes on, on Monday, until after Tuesday's mail.
        house.wake(date(2026, 2, 3), 13).await;
        assert_eq!(house.state(0).await, "later");
        let told = house.named("2026-02-03T12:00").await;
        let told: Vec<&str> = told.iter().map(|row| row.occurrence.as_str()).collect();
        assert_eq!(
            told,
            ["message.there@cohort#1.2026-02-03T12:00"],
            "batches of {batch_max}"
        );
    }
}

#[tokio::test]
async fn whoever_waits_for_its_own_hold_does_not_keep_it_from_speaking() {
    // The place that is free is for one that hears of it by the hold, and another one wants it, too.
    let yaml = ONE_PLACE.replace(
        "  dates:",
        "  messages: {status: {template: note, to: jobcentre, every: workday at 08:00, from: 2 weeks before cohort.start, until: 8 weeks after cohort.start}}\n  dates:",
    );
    for batch_max in [1, 64] {
        let mut small = settings();
        small.batch_max = batch_max;
        let house = House::of(&yaml, small).await;
        let [holds, comes, waits] = [0, 1, 2];
        house.fire(holds, "enter").await.expect("the place");
        house.fire(waits, "wait_a_day").await.expect("it waits");
        let later = house.fire(comes, "line_up").await;
        later.expect("it will want one");
        house.wake(date(2026, 1, 28), 9).await;
        house.wake(date(2026, 2, 2), 9).await;
        assert_eq!(house.state(waits).await, "inside", "batches of {batch_max}");
        assert_eq!(house.state(comes).await, "queue", "batches of {batch_max}");
        let status = house.named("message.status").await;
        assert!(
            (status.iter()).any(|row| row.occurrence.ends_with("2026-02-02T08:00")),
            "batches of {batch_max}: {status:?}"
        );
    }
}

/// A place for grown-ups, after a day; anybody may be put on one.
const OF_AGE: &str = r"
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
        wait_a_day: {title: Venter en dag, then: soon}
    soon: {title: Snart, lasts: 1 workdays, then: [{if: {age: {at_least: 18}}, then: inside}, {else: out}]}
    inside: {title: Inde, holds_place: true, lasts: 1 weeks, then: out}
    out: {title: Ude, final: neutral}
";

/// Found by chance: both stayed where they were and let the one go first who waited for their places, for ever.
#[tokio::test]
async fn whoever_gives_a_place_back_to_take_another_lets_those_go_first_who_wait() {
    let yaml = ONE_PLACE.replace("places: 1", "places: 2").replace(
        "    out:",
        "    between: {title: Imellem, until: cohort.start, then: again}\n    \
         again: {title: Igen, holds_place: true, lasts: 1 weeks, then: out}\n    out:",
    );
    let stay =
        "lasts: 1 weeks, then: out, events: {give_back: {title: Giver pladsen tilbage, then: out}}";
    let by_time = yaml.replacen(stay, "lasts: 1 weeks, then: between", 1);
    let by_people = yaml.replacen(
        stay,
        "events: {give_back: {title: Giver pladsen tilbage, then: between}}",
        1,
    );
    for (yaml, gives_back) in [(by_time, false), (by_people, true)] {
        for batch_max in [1, 64] {
            let mut small = settings();
            small.batch_max = batch_max;
            let house = House::of(&yaml, small).await;
            let [one, other, waits] = [0, 1, 2];
            for case in [one, other] {
                house.fire(case, "enter").await.expect("a place");
            }
            house.fire(waits, "wait_a_day").await.expect("it waits");
            house.wake(date(2026, 1, 28), 9).await;
            assert_eq!(house.state(waits).await, "soon");
            house.wake(date(2026, 2, 3), 9).await;
            for case in [one, other] {
                if gives_back {
                    house.fire(case, "give_back").await.expect("it goes");
                }
            }
            house.settle().await;
            let states = [
                house.state(one).await,
                house.state(other).await,
                house.state(waits).await,
            ];
            let told = format!("batches of {batch_max}, by people: {gives_back}");
            assert_eq!(states, ["again", "again", "soon"], "{told}");
        }
    }
}

#[tokio::test]
async fn whoever_wants_a_place_is_judged_by_their_own_age() {
    let (child, grown) = (date(2015, 1, 1), date(1990, 1, 1));
    for (born, gets_it) in [([grown, child], false), ([child, grown], true)] {
        let house = House::of_people(OF_AGE, settings(), &born).await;
        let [before, comes] = [0, 1];
        house.fire(before, "wait_a_day").await.expect("it waits");
        // Nobody has looked since its day was over.
        let clock = house.runner.clock();
        clock.move_to(house.at(date(2026, 1, 28), 9));
        let came = house.fire(comes, "enter").await;
        assert_eq!(came.is_ok(), gets_it, "{born:?}: {came:?}");
        house.settle().await;
        let expected = if gets_it { "out" } else { "inside" };
        assert_eq!(house.state(before).await, expected, "{born:?}");
    }
}

fn newcomer() -> Candidate {
    Candidate {
        person: PersonRef::New(NewPerson {
            name: "Ny Kandidat".into(),
            email: Some("ny@kandidat.example".into()),
            ..NewPerson::default()
        }),
        born: None,
        organisation_id: None,
        case: NewCase {
            state: Some("inside".into()),
            ..NewCase::default()
        },
    }
}

#[tokio::test]
async fn nobody_is_enrolled_on_a_place_that_somebody_is_to_have() {
    // One waits for it, or wants it from a moment on that nobody has looked at yet.
    for looked_at in [true, false] {
        let house = House::of(ONE_PLACE, settings()).await;
        let [holds, waits] = [0, 1];
        if looked_at {
            house.fire(holds, "enter").await.expect("the place");
        }
        house.fire(waits, "wait_a_day").await.expect("it waits");
        if looked_at {
            house.wake(date(2026, 1, 28), 9).await;
            let given = house.fire(holds, "give_back").await;
            given.expect("it is given back");
        } else {
            let clock = house.runner.clock();
            clock.move_to(house.at(date(2026, 1, 28), 9));
        }
        let hold = house.stage.cohort_id;
        let refused = house.runner.open_cases(hold, &[newcomer()]).await;
        let full = Refusal::HoldFull { places: 1 };
        assert!(
            matches!(&refused, Err(RunError::Refused(why)) if *why == full),
            "{refused:?}"
        );
        house.settle().await;
        assert_eq!(house.state(waits).await, "inside");
    }
}

/// Who is not taken on goes on to the next hold, and straight to a place of it.
const ON_TO_A_PLACE: &str = r"
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
      events: {enter: {title: Begynd, then: inside}, go_on: {title: Gå videre, then: soon}}
    soon: {title: Snart, lasts: 1 workdays, then: next_cohort.inside}
    inside: {title: Inde, holds_place: true, lasts: 8 weeks, then: out}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn who_goes_on_to_a_hold_without_a_place_is_seen_and_keeps_nobody_busy() {
    let house = House::of(ON_TO_A_PLACE, settings()).await;
    let store = house.runner.store();
    let version = store.load(&house.cases).await.expect("the cases").subjects[0].version_id;
    let dates = [("start".into(), date(2026, 2, 9))].into();
    let (people, facts) = (BTreeMap::new(), BTreeMap::new());
    let next = (house.runner).open_cohort(version, "Hold 2", dates, people, &facts);
    let next = next.await.expect("the next hold");
    let taken = house.runner.open_cases(next.id, &[newcomer()]).await;
    taken.expect("its only place");
    house.fire(0, "go_on").await.expect("it will go on");
    house.wake(date(2026, 1, 28), 9).await;
    assert_eq!(house.state(0).await, "soon", "it is still here");
    let faulty = store.faulty(10).await.expect("who cannot go on");
    let faulty: Vec<i64> = faulty.iter().map(|row| row.id).collect();
    assert_eq!(faulty, [house.cases[0]], "and can be seen");
}

/// The numbers on the waiting list, by candidate.
async fn numbers(house: &House) -> Vec<Option<usize>> {
    let store = house.runner.store();
    let hold = store.cohorts().await.expect("holds").remove(0);
    let desk = Desk::new(house.runner.clone());
    let board = desk.board(&hold.public_id, None).await.expect("a board");
    let cards: BTreeMap<String, Option<usize>> = (board.columns.into_iter())
        .flat_map(|column| column.cards)
        .map(|card| (card.id, card.waits_as))
        .collect();
    let rows = store.subjects_of(Sees::All, hold.id).await.expect("cases");
    let of = |id: &i64| {
        let row = rows.iter().find(|row| row.id == *id).expect("the case");
        cards[&row.public_id]
    };
    house.cases.iter().map(of).collect()
}

#[tokio::test]
async fn whoever_is_the_first_on_the_list_gets_the_next_place_and_the_others_move_up() {
    let house = House::of_many(ONE_PLACE, settings(), 4).await;
    house.fire(0, "enter").await.expect("the place");
    assert_eq!(numbers(&house).await, [None, None, None, None]);
    for waits in [3, 1, 2] {
        house.fire(waits, "wait_a_day").await.expect("it waits");
    }
    assert_eq!(numbers(&house).await, [None; 4], "nobody wants one yet");
    house.wake(date(2026, 1, 28), 9).await;
    // In the order in which they came to the hold, whoever said so first.
    let mut list = vec![None, Some(1), Some(2), Some(3)];
    for holds in 0..3 {
        assert_eq!(numbers(&house).await, list);
        house
            .fire(holds, "give_back")
            .await
            .expect("it is given back");
        house.settle().await;
        let next = list
            .iter()
            .position(|no| *no == Some(1))
            .expect("the first");
        assert_eq!(house.state(next).await, "inside", "{list:?}");
        list = list
            .iter()
            .map(|no| no.filter(|no| *no > 1).map(|no| no - 1))
            .collect();
    }
}

/// A list from which people offer places.
const LIST: &str = r"
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
    met:
      title: Mødt
      events:
        choose: {title: Udvælg, then: [{if: {cohort.free_places: {at_least: 1}}, then: inside}, {else: list}]}
        wait_a_day: {title: Venter en dag, then: soon}
    soon: {title: Snart, lasts: 1 workdays, then: inside}
    list: {title: Venteliste, events: {offer: {title: Tilbyd, then: inside}, enough: {title: Nej tak, then: out}}}
    inside: {title: Inde, holds_place: true, lasts: 4 weeks, then: out, events: {give_back: {title: Giver pladsen tilbage, then: out}}}
    out: {title: Ude, final: neutral}
";

#[tokio::test]
async fn a_list_from_which_places_are_offered_counts_by_when_one_came_on_it() {
    let house = House::of_many(LIST, settings(), 4).await;
    for (minute, case) in [0, 3, 1].into_iter().enumerate() {
        let later = jiff::SignedDuration::from_mins(i64::try_from(minute).expect("few"));
        house.runner.clock().move_to(house.runner.now() + later);
        house.fire(case, "choose").await.expect("it is chosen");
    }
    assert_eq!(numbers(&house).await, [None, Some(2), None, Some(1)]);
    // Who takes the next place by itself is before everybody to whom one is offered.
    house.fire(2, "wait_a_day").await.expect("it waits");
    house.wake(date(2026, 1, 28), 9).await;
    assert_eq!(numbers(&house).await, [None, Some(3), Some(1), Some(2)]);
    house.fire(3, "enough").await.expect("it is off the list");
    assert_eq!(numbers(&house).await, [None, Some(2), Some(1), None]);
}
