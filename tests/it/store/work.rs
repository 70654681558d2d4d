//! What is due, for how long it waits, and what went wrong.

use tovholder::store::{BUILD, ClockRow, Committed, LateLot, Planner, Scope, Status, Store, Write};

use super::{MINUTE, NOW, cohort, hold_with, mail, publish, queue, step};

super::contract! {
    the_longest_due_come_first,
    faults_keep_back_and_then_stick,
    the_next_due_is_the_smallest_of_all,
    a_load_is_all_that_a_batch_needs,
    rebuilding_makes_due,
    members_are_paged_by_state,
    the_cluster_row_and_the_clock,
    another_planner_makes_all_due_in_order_and_older_builds_stop,
    what_is_late_after_one_silence_is_one_lot,
}

/// When either loop has something to do next.
async fn next_due(store: &Store) -> Option<i64> {
    let work = store.next_work_due().await.unwrap();
    work.into_iter()
        .chain(store.next_mail_due().await.unwrap())
        .min()
}

async fn the_longest_due_come_first(store: Store) {
    let (_, cases) = hold_with(&store, 4).await;
    let due = [Some(NOW - 5), None, Some(NOW + 1), Some(0)];
    let writes = (cases.iter().zip(due))
        .map(|(case, next_due_at)| Write {
            next_due_at,
            ..step(*case, 1)
        })
        .collect();
    store.commit(writes, NOW).await.unwrap();
    assert_eq!(store.load_due(NOW, 10).await.unwrap(), [cases[3], cases[0]]);
    assert_eq!(store.load_due(NOW, 1).await.unwrap(), [cases[3]]);
    assert_eq!(
        store.load_due(NOW + 1, 10).await.unwrap(),
        [cases[3], cases[0], cases[2]]
    );
}

async fn faults_keep_back_and_then_stick(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let (case, retry_at) = (cases[0], NOW + MINUTE);
    let fault = |at| store.fault(case, "division by zero".to_owned(), at);
    assert_eq!(fault(retry_at).await.unwrap(), 1);
    assert_eq!(store.load_due(NOW, 9).await.unwrap(), [0; 0]);
    assert_eq!(next_due(&store).await, Some(retry_at));
    assert_eq!(store.load_due(retry_at, 9).await.unwrap(), [case]);

    assert_eq!(
        store.commit(vec![step(case, 1)], NOW).await.unwrap(),
        [Committed::Done]
    );
    assert_eq!(store.load(&[case]).await.unwrap().subjects[0].faults, 0);
    assert_eq!(next_due(&store).await, Some(NOW + MINUTE));

    for expected in 1..=tovholder::store::FAULTS_MAX {
        assert_eq!(fault(NOW).await.unwrap(), expected);
    }
    assert_eq!(store.load_due(NOW + 9 * MINUTE, 9).await.unwrap(), [0; 0]);
    assert_eq!(next_due(&store).await, None);
    let stuck = store.faulty(9).await.unwrap();
    assert_eq!(stuck[0].fault_text.as_deref(), Some("division by zero"));
    assert!(store.clear_faults(case).await.unwrap());
    assert!(!store.clear_faults(case).await.unwrap());
    assert_eq!(store.load_due(NOW, 9).await.unwrap(), [case]);
}

async fn the_next_due_is_the_smallest_of_all(store: Store) {
    assert_eq!(next_due(&store).await, None);
    let (_, cases) = hold_with(&store, 2).await;
    let writes = (cases.iter())
        .map(|case| Write {
            next_due_at: Some(NOW + 9 * MINUTE),
            ..step(*case, 1)
        })
        .collect();
    store.commit(writes, NOW).await.unwrap();
    assert_eq!(next_due(&store).await, Some(NOW + 9 * MINUTE));

    let later = Write {
        next_due_at: Some(NOW + 9 * MINUTE),
        outcome: tovholder::store::Outcome {
            gather: vec![super::gathered(
                "g-1",
                "absence@school#1.1",
                NOW + 8 * MINUTE,
            )],
            ..Default::default()
        },
        seq: 2,
        ..step(cases[0], 2)
    };
    store.commit(vec![later], NOW).await.unwrap();
    assert_eq!(next_due(&store).await, Some(NOW + 8 * MINUTE));

    let mails = [(1, 7), (0, 6), (2, 5)].map(|(priority, minutes)| {
        let mut mail = mail(
            &format!("m-{priority}"),
            &format!("p{priority}@school#1.1"),
            0,
        );
        mail.priority = priority;
        mail.not_before = NOW + minutes * MINUTE;
        mail
    });
    queue(&store, cases[1], mails.to_vec()).await;
    store.rebuild_due(Some("other".to_owned())).await.unwrap();
    assert_eq!(
        next_due(&store).await,
        Some(NOW + MINUTE),
        "the case itself"
    );
    store
        .fault(cases[1], String::new(), NOW + 9 * MINUTE)
        .await
        .unwrap();
    assert_eq!(next_due(&store).await, Some(NOW + 5 * MINUTE));
    store
        .stop(Scope::default(), "Prøve", "cli", NOW)
        .await
        .unwrap();
    assert_eq!(next_due(&store).await, Some(NOW + 8 * MINUTE));
}

async fn a_load_is_all_that_a_batch_needs(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let version = publish(&store, "sosu").await;
    let other = publish(&store, "another").await;
    let holds = vec![
        cohort(version, "hold-3", "2027-01-04"),
        cohort(version, "hold-2", "2026-08-10"),
        cohort(other, "hold-x", "2026-03-01"),
    ];
    let later = store.create(holds, NOW).await.unwrap();
    let loaded = store.load(&[cases[1], 9999, hold, cases[0]]).await.unwrap();
    let ids: Vec<i64> = loaded.subjects.iter().map(|row| row.id).collect();
    assert_eq!(ids, [cases[1], hold, cases[0]]);
    assert_eq!(loaded.plan_rev, 1);
    assert_eq!(loaded.born[&cases[0]], "1999-04-05");
    let read = &loaded.cohorts[&hold];
    assert_eq!((read.places_taken, read.next_cohort), (0, Some(later[1])));
    assert_eq!(read.subject.workflow, "sosu");
    let last = store.load(&[later[0]]).await.unwrap();
    assert_eq!(last.cohorts[&later[0]].next_cohort, None);
    assert_eq!(store.load(&[]).await.unwrap().subjects, []);
}

async fn rebuilding_makes_due(store: Store) {
    let (hold, cases) = hold_with(&store, 1).await;
    let asleep = Write {
        next_due_at: None,
        ..step(cases[0], 1)
    };
    store.commit(vec![asleep], NOW).await.unwrap();
    assert_eq!(store.load_due(NOW, 9).await.unwrap(), [0; 0]);
    assert_eq!(
        store.rebuild_due(Some("another".to_owned())).await.unwrap(),
        0
    );
    assert_eq!(store.rebuild_due(Some("sosu".to_owned())).await.unwrap(), 2);
    assert_eq!(store.load_due(0, 9).await.unwrap(), [hold, cases[0]]);
    assert_eq!(store.rebuild_due(None).await.unwrap(), 2);
}

async fn members_are_paged_by_state(store: Store) {
    let (hold, cases) = hold_with(&store, 5).await;
    let moved = vec![step(cases[1], 1), step(cases[3], 1)];
    store.commit(moved, NOW).await.unwrap();
    let practice = ["practice".to_owned()];
    let ids = async |cohort, states: &[String], after, limit| {
        let page = store
            .members(cohort, "sosu", states, after, limit)
            .await
            .unwrap();
        page.iter().map(|member| member.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Some(hold), &practice, 0, 9).await, [cases[1], cases[3]]);
    assert_eq!(ids(None, &practice, cases[1], 9).await, [cases[3]]);
    assert_eq!(ids(None, &[], 0, 2).await, cases[..2]);
    assert_eq!(ids(Some(9999), &[], 0, 9).await, [0; 0]);
    assert_eq!(store.members(None, "another", &[], 0, 9).await.unwrap(), []);
    let counts = store.members_by_state(hold).await.unwrap();
    assert_eq!(counts["practice"], 2);
    assert_eq!(counts["school"], 3);
}

async fn the_cluster_row_and_the_clock(store: Store) {
    let first = store.cluster().await.unwrap();
    assert!(first.plan_rev == 1 && first.incarnation.len() == 32);
    assert_eq!(store.clock().await.unwrap(), None);
    let clock = ClockRow {
        anchor_real: NOW,
        anchor_virtual: 0,
        rate: 86_400.0,
    };
    for clock in [Some(clock), Some(ClockRow { rate: 1.0, ..clock }), None] {
        store.set_clock(clock).await.unwrap();
        assert_eq!(store.clock().await.unwrap(), clock);
    }
    store.data_version().await.unwrap();
    assert_eq!(store.integrity_check().await.unwrap(), [""; 0]);
}

async fn another_planner_makes_all_due_in_order_and_older_builds_stop(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let due = [Some(NOW - 1), Some(NOW - 2), None];
    let writes = (cases.iter().zip(due))
        .map(|(case, next_due_at)| Write {
            next_due_at,
            ..step(*case, 1)
        })
        .collect();
    store.commit(writes, NOW).await.unwrap();
    let planner = |words: &str| Planner(words.to_owned());
    assert_eq!(store.adopt(&planner("one")).await.unwrap(), Some(2));
    assert_eq!(store.adopt(&planner("one")).await.unwrap(), None);
    // Equal within a million microseconds: then by id.
    let order = store.load_due(NOW, 9).await.unwrap();
    assert_eq!(order, [cases[0], cases[1], hold, cases[2]]);

    let (older, newer) = (store.as_build(BUILD - 1), store.as_build(BUILD + 1));
    assert!(
        older
            .adopt(&planner("none"))
            .await
            .is_err_and(|e| e.is_newer())
    );
    assert!(
        older
            .load(&cases)
            .await
            .is_err_and(|error| error.is_newer())
    );
    assert!(newer.load(&cases).await.is_ok());
    assert_eq!(newer.adopt(&planner("two")).await.unwrap(), Some(3));
    assert!(
        store
            .load(&cases)
            .await
            .is_err_and(|error| error.is_newer())
    );
    // What it had read before that is stale.
    let stale = Write {
        plan_rev: 2,
        ..step(cases[0], 2)
    };
    assert_eq!(
        store.commit(vec![stale], NOW).await.unwrap(),
        [Committed::Stale]
    );
}

async fn what_is_late_after_one_silence_is_one_lot(store: Store) {
    let hour = 60 * MINUTE;
    assert_eq!(store.wake(NOW, hour).await.unwrap(), NOW);
    assert_eq!(
        store.wake(NOW + hour, hour).await.unwrap(),
        NOW,
        "a restart"
    );
    assert_eq!(store.wake(NOW + hour - 1, hour).await.unwrap(), NOW);
    let after = NOW + 2 * hour + 1;
    assert_eq!(store.wake(after, hour).await.unwrap(), after);

    // A lot is let go when nothing is due that may add to it, and only if it is small.
    let (hold, cases) = hold_with(&store, 2).await;
    let held = |id: &str| {
        let mut mail = mail(id, &format!("{id}@school#1.1"), 0);
        (mail.status, mail.late_lot) = (Status::Held, Some(after));
        mail
    };
    queue(&store, cases[0], vec![held("a"), held("b")]).await;
    assert_eq!(store.late_lots(NOW, 2).await.unwrap(), []);
    let done = vec![step(cases[1], 1)];
    store.commit(done, NOW).await.unwrap();
    let lot = |is_small| {
        [LateLot {
            lot: after,
            is_small,
        }]
    };
    assert_eq!(store.late_lots(NOW, 2).await.unwrap(), lot(true));
    assert_eq!(store.late_lots(NOW, 1).await.unwrap(), lot(false));

    // Of what is too large somebody is told once, on its hold.
    let notice = |id: &str| mail(id, "notice.late@lot.1", 0);
    assert!(store.notice_late(after, notice("c"), NOW).await.unwrap());
    assert!(!store.notice_late(after, notice("d"), NOW).await.unwrap());
    assert_eq!(store.late_lots(NOW, 1).await.unwrap(), []);
    assert_eq!(store.late_lots(NOW, 2).await.unwrap(), lot(true));
    let queued = store.ready(NOW + 1, 9).await.unwrap();
    let queued: Vec<_> = (queued.iter())
        .map(|row| (row.public_id.as_str(), row.subject_id))
        .collect();
    assert_eq!(queued, [("c", hold)]);
    let held = store.late_of(after).await.unwrap();
    let held: Vec<_> = held
        .iter()
        .map(|of| (of.mails, of.first, of.last))
        .collect();
    let at = mail("a", "a@school#1.1", 0).not_before;
    assert_eq!(held, [(2, at, at)]);
    assert_eq!(store.release_lot(after).await.unwrap(), 2);
    assert!(
        !store
            .notice_late(after + 1, notice("e"), NOW)
            .await
            .unwrap()
    );
    assert_eq!(store.late_of(after).await.unwrap(), []);
}
