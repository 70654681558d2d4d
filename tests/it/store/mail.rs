//! Mail is frozen once, sent by one, settled by its attempt, and never silently sent again.

use tovholder::store::{Cancel, Fence, Freeze, Scope, Settle, Settled, Status, Store};

use super::{MINUTE, NOW, fence, freeze, hold_with, mail, queue, row, send, sent, settle, status};

super::contract! {
    mail_leaves_by_priority_then_time,
    the_fence_sees_what_has_changed,
    attempted_bytes_never_change,
    a_stream_has_one_row_on_the_wire,
    one_person_in_two_seats_gets_one_mail,
    a_settlement_is_of_its_attempt,
    orphans_become_unknown_and_stay_so,
    a_late_word_counts_until_another_attempt_begins,
    a_newer_revision_takes_the_place_of_what_is_unsent,
    a_retry_that_was_replaced_is_not_one,
    what_was_said_last_is_known,
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
    store
        .stop(Scope::default(), "Prøve", "cli", NOW)
        .await
        .unwrap();
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
            store.begin_sending(vec![freeze], NOW).await.unwrap(),
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
        store.begin_sending(vec![freeze], NOW).await.unwrap(),
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
    assert_eq!(store.begin_sending(freezes, NOW).await.unwrap().len(), 3);
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
        mail.seat = seat.into();
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
    let begun = store.begin_sending(freezes.clone(), NOW).await.unwrap();
    assert_eq!(begun, [rows[0].id, rows[2].id]);
    assert_eq!(
        store
            .begin_sending(vec![freezes.remove(1)], NOW)
            .await
            .unwrap(),
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
    assert!(!settle(&store, "m", again(5)).await);
    assert!(!send(&store, "m", b"x").await);
    assert_eq!(store.ready(NOW, 9).await.unwrap().len(), 1);
    assert_eq!(
        store.outbox_counts().await.unwrap(),
        [(Status::Queued, 1), (Status::Unknown, 1)]
    );
}

async fn a_late_word_counts_until_another_attempt_begins(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let mails = vec![mail("m", "a@school#1.1", 0), mail("n", "b@school#1.1", 0)];
    queue(&store, cases[0], mails).await;
    assert!(send(&store, "m", b"x").await && send(&store, "n", b"y").await);
    assert_eq!(store.orphaned(NOW).await.unwrap(), 2);
    // The process that was given up says after all how it ended.
    assert!(settle(&store, "m", sent()).await);
    assert_eq!(status(&store, "m").await, Status::Sent);
    assert!(!settle(&store, "m", sent()).await);

    let id = row(&store, "n").await.id;
    assert!(store.release_row(id, NOW).await.unwrap());
    assert!(!store.settle(id, 1, sent(), NOW).await.unwrap());
    assert!(send(&store, "n", b"y").await);
    assert!(!store.settle(id, 1, sent(), NOW).await.unwrap());
    assert_eq!(status(&store, "n").await, Status::Sending);
    assert!(store.settle(id, 2, sent(), NOW).await.unwrap());
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
