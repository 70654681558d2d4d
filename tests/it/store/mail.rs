//! Mail is frozen once, sent by one, settled by its attempt, and never silently sent again.

use tovholder::store::{
    Cancel, Committed, Fence, Freeze, Late, OutboxFilter, OutboxRow, Outcome, Settle, Settled,
    Status, Store, Write,
};

use super::{MINUTE, NOW, bring_forth, fence, freeze, gathered, hold_with, mail, queue, step};

super::contract! {
    mail_leaves_by_priority_then_time,
    the_fence_sees_what_has_changed,
    attempted_bytes_never_change,
    a_stream_has_one_row_on_the_wire,
    one_person_in_two_seats_gets_one_mail,
    a_settlement_is_of_its_attempt,
    orphans_become_unknown_and_stay_so,
    a_newer_revision_takes_the_place_of_what_is_unsent,
    a_retry_that_was_replaced_is_not_one,
    what_was_said_last_is_known,
    late_lots_wait_together,
    a_bundle_takes_all_that_is_open,
    a_late_bundle_is_held,
    people_steer_the_outbox,
}

async fn row(store: &Store, public_id: &str) -> OutboxRow {
    store.outbox_by_public_id(public_id).await.unwrap().unwrap()
}

async fn status(store: &Store, public_id: &str) -> Status {
    row(store, public_id).await.status
}

/// Marks it `sending` with these bytes, whatever else there is.
async fn send(store: &Store, public_id: &str, bytes: &[u8]) -> bool {
    let row = row(store, public_id).await;
    let begun = store
        .begin_sending(vec![freeze(&row, bytes)])
        .await
        .unwrap();
    begun == [row.id]
}

async fn settle(store: &Store, public_id: &str, settled: Settled) -> bool {
    let row = row(store, public_id).await;
    store
        .settle(row.id, row.attempt, settled, NOW)
        .await
        .unwrap()
}

fn sent() -> Settled {
    Settled::Sent {
        answer: "250 ok".to_owned(),
    }
}

fn again(minutes: i64) -> Settled {
    Settled::Retry {
        not_before: NOW + minutes * MINUTE,
        message: "451 later".to_owned(),
    }
}

async fn mail_leaves_by_priority_then_time(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let table = [("c", 5, 0), ("a", 1, 0), ("later", 0, 2), ("b", 5, -1)];
    let mails = table.map(|(id, priority, minutes)| {
        let mut mail = mail(id, &format!("{id}@school#1.1"), 0);
        mail.priority = priority;
        mail.not_before = NOW + minutes * MINUTE;
        mail
    });
    queue(&store, cases[0], mails.to_vec()).await;
    let ready = async |now, limit| {
        let rows = store.ready(now, limit).await.unwrap();
        rows.into_iter()
            .map(|row| row.public_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ready(NOW, 9).await, ["a", "b", "c"]);
    assert_eq!(ready(NOW, 2).await, ["a", "b"]);
    assert_eq!(ready(NOW + 2 * MINUTE, 9).await, ["later", "a", "b", "c"]);
    store.set_mail_on(false).await.unwrap();
    assert_eq!(ready(NOW, 9).await, [""; 0]);
}

async fn the_fence_sees_what_has_changed(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    queue(&store, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    let row = row(&store, "m").await;
    let good = Fence {
        seqs: vec![(cases[0], 2), (cases[1], 1)],
        broadcasts: vec![(hold, 0)],
        ..fence(&row)
    };
    let bad = [
        (
            "attempt",
            Fence {
                attempt: 1,
                ..good.clone()
            },
        ),
        (
            "row",
            Fence {
                id: 9999,
                ..good.clone()
            },
        ),
        (
            "case",
            Fence {
                seqs: vec![(cases[0], 2), (cases[1], 0)],
                ..good.clone()
            },
        ),
        (
            "no such case",
            Fence {
                seqs: vec![(9999, 1)],
                ..good.clone()
            },
        ),
        (
            "hold",
            Fence {
                broadcasts: vec![(hold, 1)],
                ..good.clone()
            },
        ),
    ];
    for (name, fence) in bad {
        let freeze = Freeze {
            fence: fence.clone(),
            ..freeze(&row, b"x")
        };
        assert_eq!(
            store.begin_sending(vec![freeze]).await.unwrap(),
            [0; 0],
            "{name}"
        );
        let reason = "left".to_owned();
        let cancelled = store
            .cancel(vec![Cancel { fence, reason }], NOW)
            .await
            .unwrap();
        assert_eq!(cancelled, [0; 0], "{name}");
    }
    assert_eq!(status(&store, "m").await, Status::Queued);
    let reason = "left".to_owned();
    let cancelled = store
        .cancel(
            vec![Cancel {
                fence: good.clone(),
                reason,
            }],
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(cancelled, [row.id]);
    let freeze = Freeze {
        fence: good,
        ..freeze(&row, b"x")
    };
    assert_eq!(
        store.begin_sending(vec![freeze]).await.unwrap(),
        [0; 0],
        "it is cancelled"
    );
}

async fn attempted_bytes_never_change(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let ids = ["a", "b", "c"];
    let mails = ids.map(|id| mail(id, &format!("{id}@school#1.1"), 0));
    queue(&store, cases[0], mails.to_vec()).await;
    // Several at once, with bytes that are neither text nor of one length.
    let bytes: [&[u8]; 3] = [b"", &[0, 255, 10, 0], b"long enough"];
    let mut freezes = Vec::new();
    for (id, bytes) in ids.iter().zip(bytes) {
        freezes.push(freeze(&row(&store, id).await, bytes));
    }
    assert_eq!(store.begin_sending(freezes).await.unwrap().len(), 3);
    for (id, bytes) in ids.iter().zip(bytes) {
        assert_eq!(row(&store, id).await.frozen.as_deref(), Some(bytes));
    }
    assert!(settle(&store, "b", again(1)).await);
    let waiting = row(&store, "b").await;
    assert_eq!(
        (waiting.status, waiting.not_before),
        (Status::Retry, NOW + MINUTE)
    );
    assert!(send(&store, "b", b"other words").await);
    let second = row(&store, "b").await;
    assert_eq!(
        (second.attempt, second.frozen.as_deref()),
        (2, Some(bytes[1]))
    );
    assert_eq!(second.told, waiting.told);
    assert!(settle(&store, "b", sent()).await);
    assert_eq!(row(&store, "b").await.answer.as_deref(), Some("250 ok"));
}

async fn a_stream_has_one_row_on_the_wire(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    queue(&store, cases[0], vec![mail("r0", "a@school#1.1", 0)]).await;
    assert!(send(&store, "r0", b"0").await);
    queue(
        &store,
        cases[0],
        vec![
            mail("r1", "a@school#1.1", 1),
            mail("other", "b@school#1.1", 0),
        ],
    )
    .await;
    let ready = store.ready(NOW, 9).await.unwrap();
    assert_eq!(ready.len(), 1, "only the other stream");
    assert!(!send(&store, "r1", b"1").await);
    assert!(settle(&store, "r0", sent()).await);
    assert_eq!(store.ready(NOW, 9).await.unwrap().len(), 2);
    assert!(send(&store, "r1", b"1").await);
}

async fn one_person_in_two_seats_gets_one_mail(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let person = store.load(&cases).await.unwrap().subjects[0].person_id;
    let seats = ["coordinator", "mentor", "school"].map(|seat| {
        let mut mail = mail(seat, "a@school#1.1", 0);
        mail.seat = seat.to_owned();
        mail
    });
    queue(&store, cases[0], seats.to_vec()).await;
    let mut freezes = Vec::new();
    for seat in ["coordinator", "mentor", "school"] {
        let mut freeze = freeze(&row(&store, seat).await, b"x");
        freeze.person_id = person.filter(|_| seat != "school");
        freezes.push(freeze);
    }
    let rows = store.ready(NOW, 9).await.unwrap();
    let begun = store.begin_sending(freezes.clone()).await.unwrap();
    assert_eq!(begun, [rows[0].id, rows[2].id]);
    assert_eq!(
        store.begin_sending(vec![freezes.remove(1)]).await.unwrap(),
        [0; 0]
    );
    let other = store
        .sibling_to_person(&rows[1], person.unwrap())
        .await
        .unwrap();
    assert_eq!(other, Some(rows[0].id));
    assert_eq!(
        store
            .sibling_to_person(&rows[0], person.unwrap())
            .await
            .unwrap(),
        None
    );
}

async fn a_settlement_is_of_its_attempt(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    queue(&store, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    assert!(!settle(&store, "m", sent()).await, "it is not sending");
    assert!(send(&store, "m", b"x").await);
    assert!(settle(&store, "m", again(0)).await);
    assert!(send(&store, "m", b"x").await);
    let now = row(&store, "m").await;
    let ended = |attempt| Settle {
        id: now.id,
        attempt,
        settled: sent(),
    };
    assert_eq!(store.settle_all(vec![ended(1)], NOW).await.unwrap(), [0; 0]);
    assert_eq!(status(&store, "m").await, Status::Sending);
    assert_eq!(
        store.settle_all(vec![ended(2)], NOW).await.unwrap(),
        [now.id]
    );
    assert_eq!(store.settle_all(vec![ended(2)], NOW).await.unwrap(), [0; 0]);
    assert_eq!(row(&store, "m").await.settled_at, Some(NOW));
}

async fn orphans_become_unknown_and_stay_so(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    queue(
        &store,
        cases[0],
        vec![mail("m", "a@school#1.1", 0), mail("q", "b@school#1.1", 0)],
    )
    .await;
    assert!(send(&store, "m", b"x").await);
    assert_eq!(store.orphaned(NOW).await.unwrap(), 1);
    assert_eq!(store.orphaned(NOW).await.unwrap(), 0);
    let orphan = row(&store, "m").await;
    assert_eq!(
        (orphan.status, orphan.reason.as_deref()),
        (Status::Unknown, Some("orphaned"))
    );
    assert!(!settle(&store, "m", sent()).await);
    assert!(!send(&store, "m", b"x").await);
    assert_eq!(store.ready(NOW, 9).await.unwrap().len(), 1);
    assert_eq!(
        store.outbox_counts().await.unwrap(),
        [(Status::Queued, 1), (Status::Unknown, 1)]
    );
}

async fn a_newer_revision_takes_the_place_of_what_is_unsent(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let mut held = mail("held-0", "h@school#1.1", 0);
    held.status = Status::Held;
    let first = vec![
        mail("queued-0", "q@school#1.1", 0),
        mail("retry-0", "r@school#1.1", 0),
        mail("sent-0", "s@school#1.1", 0),
        held,
    ];
    queue(&store, cases[0], first).await;
    queue(
        &store,
        cases[1],
        vec![mail("other-case", "q@school#1.1", 0)],
    )
    .await;
    assert!(send(&store, "retry-0", b"x").await && settle(&store, "retry-0", again(0)).await);
    assert!(send(&store, "sent-0", b"x").await && settle(&store, "sent-0", sent()).await);
    let occurrences = ["q", "r", "s", "h"]
        .map(|name| mail(&format!("{name}-1"), &format!("{name}@school#1.1"), 1));
    queue(&store, cases[0], occurrences.to_vec()).await;
    for (id, expected) in [
        ("queued-0", Status::Cancelled),
        ("retry-0", Status::Cancelled),
        ("held-0", Status::Cancelled),
        ("sent-0", Status::Sent),
        ("other-case", Status::Queued),
        ("q-1", Status::Queued),
    ] {
        assert_eq!(status(&store, id).await, expected, "{id}");
    }
    // Booked and moved in one step: only the last is said.
    let both = vec![
        mail("b-0", "b@school#1.1", 0),
        mail("b-1", "b@school#1.1", 1),
    ];
    queue(&store, cases[0], both).await;
    assert_eq!(status(&store, "b-0").await, Status::Cancelled);
    assert_eq!(status(&store, "b-1").await, Status::Queued);
}

async fn a_retry_that_was_replaced_is_not_one(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    queue(&store, cases[0], vec![mail("r0", "a@school#1.1", 0)]).await;
    assert!(send(&store, "r0", b"0").await);
    queue(&store, cases[0], vec![mail("r1", "a@school#1.1", 1)]).await;
    assert!(settle(&store, "r0", again(0)).await);
    let old = row(&store, "r0").await;
    assert_eq!(
        (old.status, old.reason.as_deref()),
        (Status::Cancelled, Some("superseded"))
    );
    assert!(!store.retry_row(old.id, NOW).await.unwrap());
}

async fn what_was_said_last_is_known(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let told = async || {
        store
            .newest_told(cases[0], "a@school#1.1", "candidate")
            .await
            .unwrap()
    };
    let lost = Settled::Unknown {
        message: "lost".to_owned(),
    };
    let failed = Settled::Failed {
        message: "550".to_owned(),
    };
    assert_eq!(told().await, None);
    for (revision, settled, expected) in [
        (0, sent(), "said 0"),
        (1, lost, "said 1"),
        (2, failed, "said 1"),
    ] {
        let id = format!("r{revision}");
        queue(&store, cases[0], vec![mail(&id, "a@school#1.1", revision)]).await;
        assert!(send(&store, &id, format!("said {revision}").as_bytes()).await);
        assert!(settle(&store, &id, settled).await);
        assert_eq!(told().await.as_deref(), Some(expected));
    }
}

async fn late_lots_wait_together(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let mails = ["a", "b", "c"].map(|id| {
        let mut mail = mail(id, &format!("{id}@school#1.1"), 0);
        mail.status = Status::Held;
        mail.late_lot = Some(if id == "c" { 2 } else { 1 });
        mail
    });
    queue(&store, cases[0], mails.to_vec()).await;
    assert_eq!(store.ready(NOW, 9).await.unwrap(), []);
    let lots = store.lots().await.unwrap();
    let lots: Vec<_> = lots.iter().map(|lot| (lot.lot, lot.mails)).collect();
    assert_eq!(lots, [(1, 2), (2, 1)]);
    assert_eq!(store.lot_size(1).await.unwrap(), 2);
    assert_eq!(store.release_lot(1).await.unwrap(), 2);
    assert_eq!(store.release_lot(1).await.unwrap(), 0);
    assert_eq!(store.ready(NOW, 9).await.unwrap().len(), 2);
    assert_eq!(store.hold_unsent("restored".to_owned()).await.unwrap(), 2);
    assert_eq!(store.ready(NOW, 9).await.unwrap(), []);
}

async fn gather(store: &Store, subject: i64, items: Vec<tovholder::store::GatherNew>) {
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
    elsewhere.group_key = "person 8: absences".to_owned();
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

async fn a_late_bundle_is_held(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let mut on_time = gathered("g-2", "b@school#1.1", NOW);
    on_time.group_key = "person 8: absences".to_owned();
    gather(
        &store,
        cases[0],
        vec![gathered("g-1", "a@school#1.1", NOW - 9), on_time],
    )
    .await;
    let late = Late {
        before: NOW,
        lot: 77,
    };
    assert_eq!(store.close_gathers(NOW, Some(late)).await.unwrap().len(), 2);
    let held = row(&store, "g-1").await;
    assert_eq!((held.status, held.late_lot), (Status::Held, Some(77)));
    assert_eq!(status(&store, "g-2").await, Status::Queued);
    assert_eq!(store.lot_size(77).await.unwrap(), 1);
}

async fn people_steer_the_outbox(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let mut held = mail("held", "h@school#1.1", 0);
    held.status = Status::Held;
    queue(
        &store,
        cases[0],
        vec![held, mail("lost", "l@school#1.1", 0)],
    )
    .await;
    queue(&store, cases[1], vec![mail("failed", "f@school#1.1", 0)]).await;
    queue(&store, hold, vec![mail("holdwide", "w@cohort.1", 0)]).await;
    assert!(send(&store, "lost", b"x").await);
    assert_eq!(store.orphaned(NOW).await.unwrap(), 1);
    assert!(send(&store, "failed", b"x").await);
    let failed = Settled::Failed {
        message: "550 no such user".to_owned(),
    };
    assert!(settle(&store, "failed", failed).await);

    let list = async |filter: OutboxFilter| {
        let rows = store.outbox(&filter).await.unwrap();
        assert!(rows.iter().all(|row| row.frozen.is_none()));
        rows.into_iter()
            .map(|row| row.public_id)
            .collect::<Vec<_>>()
    };
    let all = OutboxFilter {
        limit: 9,
        ..OutboxFilter::default()
    };
    let cohort = Some(hold);
    assert_eq!(
        list(OutboxFilter {
            cohort,
            ..all.clone()
        })
        .await,
        ["holdwide", "failed", "lost", "held"]
    );
    let subject = Some(cases[0]);
    assert_eq!(
        list(OutboxFilter {
            subject,
            ..all.clone()
        })
        .await,
        ["lost", "held"]
    );
    let status = Some(Status::Failed);
    assert_eq!(
        list(OutboxFilter {
            status,
            ..all.clone()
        })
        .await,
        ["failed"]
    );
    assert_eq!(list(OutboxFilter { limit: 1, ..all }).await, ["holdwide"]);

    let [held, lost, failed] = [
        row(&store, "held").await,
        row(&store, "lost").await,
        row(&store, "failed").await,
    ];
    assert!(!store.retry_row(held.id, NOW).await.unwrap());
    assert!(!store.release_row(failed.id, NOW).await.unwrap());
    assert!(store.release_row(held.id, NOW).await.unwrap());
    assert!(store.release_row(lost.id, NOW).await.unwrap());
    assert!(store.retry_row(failed.id, NOW).await.unwrap());
    assert!(
        !store.retry_row(failed.id, NOW).await.unwrap(),
        "it is queued already"
    );
    let resent = row(&store, "lost").await;
    assert_eq!(
        (resent.status, resent.reason.as_deref()),
        (Status::Queued, Some("asked"))
    );
    assert_eq!((resent.attempt, resent.frozen), (1, Some(b"x".to_vec())));
    assert!(send(&store, "lost", b"other").await);
    assert_eq!(row(&store, "lost").await.frozen.as_deref(), Some(&b"x"[..]));
    assert_eq!(store.outbox_row(9999).await.unwrap(), None);
    let done = store.commit(vec![step(cases[1], 2)], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
}
