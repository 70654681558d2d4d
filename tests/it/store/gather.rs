//! What is gathered for one person closes into one mail.

use tovholder::store::{GatherNew, Late, Outcome, Status, Store, Write};

use super::{MINUTE, NOW, bring_forth, gathered, hold_with, row, status, step};

super::contract! {
    a_bundle_takes_all_that_is_open,
    a_bundle_is_the_same_whichever_batch_was_stored_first,
    a_late_bundle_is_held,
}

async fn gather(store: &Store, subject: i64, items: Vec<GatherNew>) {
    let outcome = Outcome {
        gather: items,
        ..Outcome::default()
    };
    bring_forth(store, subject, outcome).await;
}

async fn a_bundle_takes_all_that_is_open(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let close_at = NOW + 10 * MINUTE;
    let mut elsewhere = gathered("g-x", "x@school#1.1", close_at + MINUTE);
    elsewhere.group_key = "person 8: absences".into();
    let first = vec![
        gathered("g-1", "a@school#1.1", close_at),
        gathered("g-2", "a@school#1.2", NOW),
        elsewhere,
    ];
    gather(&store, cases[0], first).await;
    gather(&store, cases[1], vec![gathered("g-3", "a@school#1.1", NOW)]).await;
    assert_eq!(store.close_gathers(close_at - 1, None).await.unwrap(), []);

    let bundles = store.close_gathers(close_at, None).await.unwrap();
    assert_eq!(bundles.len(), 1);
    assert_eq!(bundles[0].items, 3);
    let items = store.gather_items(bundles[0].outbox_id).await.unwrap();
    let found: Vec<_> = items
        .iter()
        .map(|item| (item.subject_id, item.occurrence.as_str()))
        .collect();
    let expected = [
        (cases[0], "a@school#1.1"),
        (cases[0], "a@school#1.2"),
        (cases[1], "a@school#1.1"),
    ];
    assert_eq!(found, expected);
    let mail = row(&store, "g-1").await;
    assert_eq!(
        (mail.subject_id, mail.occurrence.as_str()),
        (cases[0], "a@school#1.1")
    );
    assert_eq!((mail.status, mail.not_before), (Status::Queued, close_at));
    assert_eq!(mail.group_key.as_deref(), Some("person 7: absences"));
    assert_eq!(store.close_gathers(close_at, None).await.unwrap(), []);

    // What comes later opens the next bundle; what was gathered is not gathered twice.
    gather(
        &store,
        cases[1],
        vec![gathered("g-4", "a@school#1.2", close_at + MINUTE)],
    )
    .await;
    let bundles = store.close_gathers(close_at + MINUTE, None).await.unwrap();
    assert_eq!(
        bundles
            .iter()
            .map(|bundle| bundle.items)
            .collect::<Vec<_>>(),
        [1, 1]
    );
    let again = Write {
        outcome: Outcome {
            events: vec![super::event(4, None)],
            gather: vec![gathered("g-5", "a@school#1.2", close_at)],
            ..Outcome::default()
        },
        ..step(cases[1], 3)
    };
    let refused = store.commit(vec![again], NOW).await;
    assert!(refused.is_err_and(|error| error.is_conflict()));
}

async fn a_bundle_is_the_same_whichever_batch_was_stored_first(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    for (case, name) in [(cases[1], "g-1"), (cases[0], "g-0")] {
        gather(&store, case, vec![gathered(name, "a@school#1.1", NOW)]).await;
    }
    let bundle = store.close_gathers(NOW, None).await.unwrap().remove(0);
    let items = store.gather_items(bundle.outbox_id).await.unwrap();
    let whose: Vec<i64> = items.iter().map(|item| item.subject_id).collect();
    assert_eq!(whose, cases);
    assert_eq!(row(&store, "g-0").await.subject_id, cases[0]);
}

async fn a_late_bundle_is_held(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let mut on_time = gathered("g-2", "b@school#1.1", NOW);
    on_time.group_key = "person 8: absences".into();
    gather(
        &store,
        cases[0],
        vec![gathered("g-1", "a@school#1.1", NOW - 9), on_time],
    )
    .await;
    // Closed by a process that has not heard of the wake yet.
    let late = Late {
        before: NOW,
        lot: 76,
    };
    assert_eq!(store.wake(77, 1).await.unwrap(), 77);
    assert_eq!(store.close_gathers(NOW, Some(late)).await.unwrap().len(), 2);
    let held = row(&store, "g-1").await;
    assert_eq!((held.status, held.late_lot), (Status::Held, Some(77)));
    assert_eq!(status(&store, "g-2").await, Status::Queued);
    assert_eq!(store.lot_size(77).await.unwrap(), 1);
}
