//! Places on holds, and subjects that are created alone or by a step.

use tovholder::store::{Committed, NewSubject, PersonRef, Place, Sees, Store, Write};

use super::{NOW, case, cohort, hold_with, mail, news, publish, step};

super::contract! {
    places_go_to_the_first_who_ask,
    a_race_for_the_last_place_has_one_winner,
    a_place_goes_from_hand_to_hand,
    a_place_may_come_from_whoever_is_due,
    opening_elsewhere_is_part_of_the_step,
    creating_is_all_or_nothing,
    what_was_decided_before_the_newest_news_of_a_hold_is_stale,
}

fn take(case: i64, seq: i64, cohort_id: i64, capacity: i64) -> Write {
    Write {
        place: Place::Take {
            cohort_id,
            capacity,
        },
        ..step(case, seq)
    }
}

fn give(case: i64, seq: i64) -> Write {
    Write {
        place: Place::Give,
        ..step(case, seq)
    }
}

async fn places_go_to_the_first_who_ask(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let writes = cases.iter().map(|case| take(*case, 1, hold, 2)).collect();
    assert_eq!(
        store.commit(writes, NOW).await.unwrap(),
        [Committed::Done, Committed::Done, Committed::HoldFull]
    );
    let loaded = store.load(&cases).await.unwrap();
    let places: Vec<_> = loaded.subjects.iter().map(|row| row.place).collect();
    assert_eq!(places, [Some(1), Some(2), None]);
    assert_eq!(loaded.subjects[2].seq, 1);
    assert_eq!(loaded.cohorts[&hold].places_taken, 2);
}

async fn a_race_for_the_last_place_has_one_winner(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let (a, b) = tokio::join!(
        store.commit(vec![take(cases[0], 1, hold, 1)], NOW),
        store.commit(vec![take(cases[1], 1, hold, 1)], NOW),
    );
    let mut verdicts = [a.unwrap()[0], b.unwrap()[0]];
    verdicts.sort_by_key(|verdict| *verdict == Committed::HoldFull);
    assert_eq!(verdicts, [Committed::Done, Committed::HoldFull]);
}

async fn a_place_may_come_from_whoever_is_due(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let due = |case, next_due_at| Write {
        next_due_at,
        ..take(case, 1, hold, 2)
    };
    let both = vec![due(cases[0], Some(NOW)), due(cases[1], None)];
    store.commit(both, NOW).await.unwrap();
    let may_come = async |places, case, at| {
        let asked = store.place_may_come((hold, places), case, at, NOW);
        asked.await.unwrap()
    };
    assert!(may_come(3, cases[2], NOW - 1).await, "one is free");
    assert!(may_come(2, cases[2], NOW).await, "its holder is due");
    assert!(!may_come(2, cases[2], NOW - 1).await, "not yet");
    assert!(!may_come(2, cases[0], NOW).await, "it holds it itself");
    store
        .fault(cases[0], "poison".into(), NOW + 1)
        .await
        .unwrap();
    assert!(!may_come(2, cases[2], NOW).await, "it is in back-off");
}

async fn a_place_goes_from_hand_to_hand(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let both = vec![take(cases[0], 1, hold, 2), take(cases[1], 1, hold, 2)];
    store.commit(both, NOW).await.unwrap();
    let change = vec![give(cases[0], 2), take(cases[2], 1, hold, 2)];
    assert_eq!(
        store.commit(change, NOW).await.unwrap(),
        [Committed::Done; 2]
    );
    let loaded = store.load(&cases).await.unwrap();
    let places: Vec<_> = loaded.subjects.iter().map(|row| row.place).collect();
    assert_eq!(places, [None, Some(2), Some(1)]);
}

async fn opening_elsewhere_is_part_of_the_step(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let version = publish(&store, "sosu").await;
    let next = store
        .create(vec![cohort(version, "hold-2", "2026-08-10")], NOW)
        .await
        .unwrap()[0];
    let person = store.load(&cases).await.unwrap().subjects[0].person_id;
    let mut opened = case(version, "case-next", next);
    opened.person = person.map(PersonRef::Id);
    opened.take_place = Some(1);
    opened.outcome.outbox = vec![mail("welcome-next", "welcome@offered#1.1", 0)];
    let moving = |public_id: &str, from: i64| Write {
        opens: vec![NewSubject {
            public_id: public_id.to_owned(),
            ..opened.clone()
        }],
        ..give(from, 2)
    };
    let takes = cases.iter().map(|case| take(*case, 1, hold, 9)).collect();
    store.commit(takes, NOW).await.unwrap();
    let writes = vec![moving("moved-0", cases[0]), moving("moved-1", cases[1])];
    assert_eq!(
        store.commit(writes, NOW).await.unwrap(),
        [Committed::Done, Committed::HoldFull]
    );
    let there = store.subjects_of(Sees::All, next).await.unwrap();
    assert_eq!(there.len(), 1);
    assert_eq!((there[0].place, there[0].person_id), (Some(1), person));
    assert_eq!(store.history(there[0].id).await.unwrap().len(), 1);
    let here = store.load(&cases).await.unwrap();
    let places: Vec<_> = here.subjects.iter().map(|row| row.place).collect();
    assert_eq!(places, [None, Some(2)]);
    assert_eq!(here.cohorts[&hold].next_cohort, Some(next));
}

async fn what_was_decided_before_the_newest_news_of_a_hold_is_stale(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let version = publish(&store, "sosu").await;
    let by = |news: i64, write: Write| Write {
        news_seen: Some((hold, news)),
        ..write
    };
    let there_was_none = store.newest_news(hold).await.unwrap();
    let taken = by(there_was_none, take(cases[0], 1, hold, 1));
    assert_eq!(
        store.commit(vec![taken], NOW).await.unwrap(),
        [Committed::Done]
    );
    // One gives its place back and says so; the next two have not looked since.
    let mut gives = give(cases[0], 2);
    gives.outcome.inbox_out = vec![news(hold, "a place is given back")];
    store.commit(vec![gives], NOW).await.unwrap();
    let newest = store.newest_news(hold).await.unwrap();
    assert!(newest > there_was_none);
    let both = vec![
        by(there_was_none, take(cases[1], 1, hold, 1)),
        by(there_was_none, step(cases[2], 1)),
    ];
    assert_eq!(
        store.commit(both, NOW).await.unwrap(),
        [Committed::Stale; 2]
    );
    let mut comes = case(version, "comes", hold);
    comes.take_place = Some(1);
    comes.news_seen = Some(there_was_none);
    let created = store.create(vec![comes.clone()], NOW).await;
    assert!(created.is_err_and(|error| error.is_overtaken()));
    let mut opens = step(cases[2], 1);
    opens.opens = vec![comes.clone()];
    let opened = store.commit(vec![opens.clone()], NOW).await.unwrap();
    assert_eq!(opened, [Committed::Stale]);
    // Also when it has been taken in, it is the newest.
    let mut hears = step(hold, 1);
    hears.inbox_done = vec![newest];
    assert_eq!(
        store.commit(vec![hears], NOW).await.unwrap(),
        [Committed::Done]
    );
    let looked = by(newest, step(cases[2], 1));
    assert_eq!(
        store.commit(vec![looked], NOW).await.unwrap(),
        [Committed::Done]
    );
    comes.news_seen = Some(newest);
    store.create(vec![comes], NOW).await.unwrap();
}

async fn creating_is_all_or_nothing(store: Store) {
    let (hold, _) = hold_with(&store, 1).await;
    let version = publish(&store, "sosu").await;
    let places = |capacity, ids: [&str; 2]| {
        ids.map(|id| {
            let mut case = case(version, id, hold);
            case.take_place = Some(capacity);
            case
        })
        .to_vec()
    };
    let full = store.create(places(1, ["a", "b"]), NOW).await;
    assert!(full.is_err_and(|error| error.is_hold_full()));
    let twice = store.create(places(9, ["a", "case-0000"]), NOW).await;
    assert!(twice.is_err_and(|error| error.is_conflict()));
    assert_eq!(
        store.subject_by_public_id(Sees::All, "a").await.unwrap(),
        None
    );
    assert_eq!(
        store.person_by_email("a@kandidat.example").await.unwrap(),
        None
    );
    let ids = store.create(places(2, ["a", "b"]), NOW).await.unwrap();
    let rows = store.load(&ids).await.unwrap().subjects;
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.public_id.as_str(), row.place))
        .collect();
    assert_eq!(found, [("a", Some(1)), ("b", Some(2))]);
}
