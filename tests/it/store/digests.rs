//! What digests have told: the last that left counts, and of two that go by the same one, one leaves.

use tovholder::store::{DigestNew, Freeze, Settled, Status, Store};

use super::{NOW, freeze, hold_with, mail, queue, row, status};

super::contract! {
    the_last_that_left_is_what_was_told,
    of_two_that_go_by_the_same_run_one_leaves,
    what_was_told_stays_as_it_was_attempted,
}

/// The digests of three weeks to one recipient, queued.
async fn weeks(store: &Store) -> i64 {
    let (hold, _) = hold_with(store, 1).await;
    let mails = [1, 2, 3].map(|week| {
        let occurrence = format!("message.status@cohort#1.2026-01-0{week}T12:00");
        mail(&format!("w{week}"), &occurrence, 0)
    });
    queue(store, hold, mails.to_vec()).await;
    hold
}

async fn digest(store: &Store, id: &str, since: Option<i64>, cases: &str) -> Freeze {
    let row = row(store, id).await;
    let digest = DigestNew {
        subject_id: row.subject_id,
        occurrence: row.occurrence.clone(),
        seat: row.seat.clone(),
        since,
        cases: cases.to_owned(),
    };
    Freeze {
        digest: Some(digest),
        ..freeze(&row, cases.as_bytes())
    }
}

/// What the recipient of a week's digest was told last.
async fn last(store: &Store, id: &str) -> Option<(i64, String)> {
    let told = store.last_digest(&row(store, id).await).await.unwrap();
    told.map(|told| (told.id, told.cases))
}

async fn settle(store: &Store, id: &str, settled: Settled) {
    let row = row(store, id).await;
    assert!(
        store
            .settle(row.id, row.attempt, settled, NOW)
            .await
            .unwrap()
    );
}

fn sent() -> Settled {
    Settled::Sent {
        answer: "250".into(),
    }
}

async fn the_last_that_left_is_what_was_told(store: Store) {
    weeks(&store).await;
    assert_eq!(last(&store, "w1").await, None);
    let first = digest(&store, "w1", None, "[1]").await;
    assert_eq!(
        store.begin_sending(vec![first], NOW).await.unwrap().len(),
        1
    );
    assert_eq!(last(&store, "w2").await, None, "it is on the wire");
    settle(&store, "w1", sent()).await;
    let (one, told) = last(&store, "w2").await.expect("it was sent");
    assert_eq!(told, "[1]");
    assert_eq!(
        last(&store, "w1").await,
        None,
        "a stream does not go by itself"
    );
    // The second is refused for good, and was not told.
    let second = digest(&store, "w2", Some(one), "[2]").await;
    assert_eq!(
        store.begin_sending(vec![second], NOW).await.unwrap().len(),
        1
    );
    let message = "550".to_owned();
    settle(&store, "w2", Settled::Failed { message }).await;
    assert_eq!(last(&store, "w3").await, Some((one, "[1]".into())));
    // The third may have left: it counts.
    let third = digest(&store, "w3", Some(one), "[3]").await;
    assert_eq!(
        store.begin_sending(vec![third], NOW).await.unwrap().len(),
        1
    );
    let message = "lost".to_owned();
    settle(&store, "w3", Settled::Unknown { message }).await;
    assert_eq!(
        last(&store, "w2").await.map(|(_, told)| told),
        Some("[3]".into())
    );
}

async fn of_two_that_go_by_the_same_run_one_leaves(store: Store) {
    weeks(&store).await;
    let both = vec![
        digest(&store, "w1", None, "[1]").await,
        digest(&store, "w2", None, "[2]").await,
    ];
    assert_eq!(store.begin_sending(both, NOW).await.unwrap().len(), 1);
    assert_eq!(status(&store, "w2").await, Status::Queued);
    for since in [None, Some(9999)] {
        let late = digest(&store, "w2", since, "[2]").await;
        let begun = store.begin_sending(vec![late], NOW).await.unwrap();
        assert_eq!(begun, [0; 0], "the first is on the wire: {since:?}");
    }
    settle(&store, "w1", sent()).await;
    let late = digest(&store, "w2", None, "[2]").await;
    let begun = store.begin_sending(vec![late], NOW).await.unwrap();
    assert_eq!(begun, [0; 0], "the first has been told since");
    let since = last(&store, "w2").await.map(|(id, _)| id);
    let anew = digest(&store, "w2", since, "[2]").await;
    assert_eq!(store.begin_sending(vec![anew], NOW).await.unwrap().len(), 1);
}

async fn what_was_told_stays_as_it_was_attempted(store: Store) {
    weeks(&store).await;
    let first = digest(&store, "w1", None, "[1]").await;
    assert_eq!(
        store.begin_sending(vec![first], NOW).await.unwrap().len(),
        1
    );
    let retry = Settled::Retry {
        not_before: NOW,
        message: "450".into(),
    };
    settle(&store, "w1", retry).await;
    assert_eq!(
        last(&store, "w2").await,
        None,
        "nothing is known to have left"
    );
    // More has happened since; the bytes are as they were.
    let again = digest(&store, "w1", None, "[1, 2]").await;
    assert_eq!(
        store.begin_sending(vec![again], NOW).await.unwrap().len(),
        1
    );
    settle(&store, "w1", sent()).await;
    assert_eq!(
        last(&store, "w2").await.map(|(_, told)| told),
        Some("[1]".into())
    );
}
