//! How people see and steer the outbox: lists, held lots, resending.

use tovholder::store::{Committed, OutboxFilter, Sees, Settled, Status, Store};

use super::{NOW, hold_with, mail, queue, row, send, settle, step};

super::contract! {
    late_lots_wait_together,
    what_is_late_belongs_to_the_newest_wake_whoever_finds_it,
    people_steer_the_outbox,
}

/// A process that stood still since before the outage knows an older lot than the others.
async fn what_is_late_belongs_to_the_newest_wake_whoever_finds_it(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    assert_eq!(store.wake(NOW, 1).await.unwrap(), NOW);
    let mails = [("old", Some(NOW - 9)), ("new", Some(NOW)), ("none", None)].map(|(id, lot)| {
        let mut mail = mail(id, &format!("{id}@school#1.1"), 0);
        mail.late_lot = lot;
        mail
    });
    queue(&store, cases[0], mails.to_vec()).await;
    for (id, lot) in [("old", Some(NOW)), ("new", Some(NOW)), ("none", None)] {
        assert_eq!(row(&store, id).await.late_lot, lot, "{id}");
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
}

async fn people_steer_the_outbox(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let mut waits = mail("held", "h@school#1.1", 0);
    waits.status = Status::Held;
    queue(
        &store,
        cases[0],
        vec![waits, mail("lost", "l@school#1.1", 0)],
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

    // Somebody has seen to what failed, once; what is lost is not seen to like that.
    let id = row(&store, "failed").await.id;
    let lost = row(&store, "lost").await.id;
    let waiting = async |subject| {
        let filter = OutboxFilter {
            status: Some(Status::Failed),
            subject,
            unseen: true,
            limit: 9,
            ..OutboxFilter::default()
        };
        store.outbox(Sees::All, &filter).await.unwrap().len()
    };
    assert_eq!((waiting(None).await, waiting(Some(cases[1])).await), (1, 1));
    assert!(!store.seen_row(lost, "seen: x").await.unwrap());
    assert!(store.seen_row(id, "seen: x").await.unwrap());
    assert!(!store.seen_row(id, "seen: y").await.unwrap());
    assert_eq!((waiting(None).await, waiting(Some(cases[1])).await), (0, 0));
    let seen = row(&store, "failed").await;
    assert_eq!(
        (seen.status, seen.reason.as_deref()),
        (Status::Failed, Some("seen: x"))
    );

    let found = async |filter: OutboxFilter| {
        let rows = store.outbox(Sees::All, &filter).await.unwrap();
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
        found(OutboxFilter {
            cohort,
            ..all.clone()
        })
        .await,
        ["holdwide", "failed", "lost", "held"]
    );
    let subject = Some(cases[0]);
    assert_eq!(
        found(OutboxFilter {
            subject,
            ..all.clone()
        })
        .await,
        ["lost", "held"]
    );
    let status = Some(Status::Failed);
    assert_eq!(
        found(OutboxFilter {
            status,
            ..all.clone()
        })
        .await,
        ["failed"]
    );
    assert_eq!(found(OutboxFilter { limit: 1, ..all }).await, ["holdwide"]);

    let waiting = row(&store, "held").await;
    let orphan = row(&store, "lost").await;
    let refused = row(&store, "failed").await;
    assert!(!store.retry_row(waiting.id, NOW).await.unwrap());
    assert!(!store.release_row(refused.id, NOW).await.unwrap());
    assert!(store.release_row(waiting.id, NOW).await.unwrap());
    assert!(store.release_row(orphan.id, NOW).await.unwrap());
    assert!(store.retry_row(refused.id, NOW).await.unwrap());
    assert!(
        !store.retry_row(refused.id, NOW).await.unwrap(),
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
    assert_eq!(store.outbox_row(Sees::All, 9999).await.unwrap(), None);
    let done = store.commit(vec![step(cases[1], 2)], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
}
