//! Hooks: told once of everything that is stored from the moment they are there, under a lease, by attempt.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tovholder::store::{
    Committed, Delivered, Delivery, DeliveryFate, HookNew, HookRow, NewSubject, Outcome, Settled,
    Store, Told, Write,
};

use super::{MINUTE, NOW, case, contract, event, hold_with, mail, queue, send, settle, step};

contract! {
    what_is_stored_is_told_once_to_every_hook_that_wants_it,
    what_is_not_stored_is_not_told,
    one_of_a_hook_is_on_the_wire_and_a_lease_ends,
    an_attempt_is_settled_once_and_by_its_number,
    what_is_given_up_waits_for_somebody_and_a_receiver_may_go,
    mail_that_is_refused_for_good_is_told,
}

const LEASE: i64 = 2 * MINUTE;

async fn hook(store: &Store, name: &str, kinds: &str) -> HookRow {
    let new = HookNew {
        public_id: name.to_owned(),
        title: name.to_owned(),
        url: format!("https://{name}.example/"),
        kinds: format!(" {kinds} "),
        secret: vec![7; 32],
        made_by: "test".to_owned(),
        at: NOW,
    };
    store.new_hook(new).await.unwrap();
    shown(store, name).await
}

async fn shown(store: &Store, name: &str) -> HookRow {
    let mut all = store.hooks().await.unwrap();
    all.retain(|hook| hook.public_id == name);
    all.remove(0)
}

/// A step that is told as this.
fn telling(subject: i64, seq: i64, kind: &'static str) -> Write {
    let write = step(subject, seq);
    Write {
        outcome: Outcome {
            told: vec![Told { seq: seq + 1, kind }],
            ..write.outcome.clone()
        },
        ..write
    }
}

async fn turn(store: &Store, ended: Vec<Delivered>, now: i64) -> Vec<Delivery> {
    let turned = store.turn_deliveries(ended, now, Some(now + LEASE)).await;
    turned.unwrap()
}

fn ended(delivery: &Delivery, fate: DeliveryFate) -> Delivered {
    Delivered {
        id: delivery.id,
        attempt: delivery.attempt,
        fate,
        answer: "status 200".to_owned(),
    }
}

/// Everything that is due, taken and settled until there is nothing.
async fn all_told(store: &Store) -> Vec<(String, String, String)> {
    let (mut told, mut done) = (Vec::new(), Vec::new());
    loop {
        let taken = turn(store, done, NOW).await;
        if taken.is_empty() {
            told.sort();
            return told;
        }
        done = taken
            .iter()
            .map(|one| ended(one, DeliveryFate::Taken))
            .collect();
        let tell = |one: Delivery| (one.title, one.kind, one.event);
        told.extend(taken.into_iter().map(tell));
    }
}

async fn what_is_stored_is_told_once_to_every_hook_that_wants_it(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let early = telling(cases[0], 1, "case.moved");
    assert_eq!(
        store.commit(vec![early], NOW).await.unwrap(),
        [Committed::Done]
    );
    hook(&store, "all", "case.opened case.moved").await;
    hook(&store, "moves", "case.moved").await;
    let version = store.load(&[hold]).await.unwrap().subjects[0].version_id;
    let new = NewSubject {
        outcome: Outcome {
            events: vec![event(1, None)],
            told: vec![Told {
                seq: 1,
                kind: "case.opened",
            }],
            ..Outcome::default()
        },
        ..case(version, "new", hold)
    };
    store.create(vec![new], NOW).await.unwrap();
    let writes = vec![
        telling(cases[0], 2, "case.moved"),
        telling(cases[1], 1, "case.moved"),
        // Nobody wants to hear of it.
        telling(hold, 1, "task.overdue"),
    ];
    let done = store.commit(writes, NOW + 5).await.unwrap();
    assert_eq!(done, [Committed::Done; 3]);
    assert_eq!(store.next_hook_due().await.unwrap(), Some(NOW));
    let told = all_told(&store).await;
    assert_eq!(
        told.len(),
        1,
        "what was stored later is due later: {told:?}"
    );
    let later = turn(&store, Vec::new(), NOW + 5).await;
    assert_eq!(later.len(), 2, "one of each");
    let first = &later[0];
    assert_eq!(
        (
            first.subject.as_str(),
            first.hold.as_deref(),
            first.workflow.as_str()
        ),
        ("case-0000", Some("hold-1"), "sosu")
    );
    assert_eq!(first.event, format!("case-0000-3-{}", NOW + 5));
    assert_eq!(
        first.payload.as_deref(),
        Some(event(3, None).payload.as_str())
    );
    assert_eq!(
        (
            shown(&store, "all").await.waiting,
            shown(&store, "moves").await.waiting
        ),
        (2, 2)
    );
}

async fn what_is_not_stored_is_not_told(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    hook(&store, "all", "case.moved").await;
    let stale = telling(cases[0], 7, "case.moved");
    assert_eq!(
        store.commit(vec![stale], NOW).await.unwrap(),
        [Committed::Stale]
    );
    assert_eq!(store.next_hook_due().await.unwrap(), None);
    assert_eq!(turn(&store, Vec::new(), NOW).await, []);
}

async fn told_thrice(store: &Store) -> i64 {
    let (_, cases) = hold_with(store, 1).await;
    let id = hook(store, "all", "case.moved").await.id;
    for seq in 1..4 {
        let write = telling(cases[0], seq, "case.moved");
        assert_eq!(
            store.commit(vec![write], NOW).await.unwrap(),
            [Committed::Done]
        );
    }
    id
}

async fn one_of_a_hook_is_on_the_wire_and_a_lease_ends(store: Store) {
    told_thrice(&store).await;
    let (one, other) = tokio::join!(turn(&store, Vec::new(), NOW), turn(&store, Vec::new(), NOW));
    assert_eq!(one.len() + other.len(), 1, "two who ask at once");
    let first = one.into_iter().chain(other).next().unwrap();
    assert_eq!(store.next_hook_due().await.unwrap(), Some(NOW + LEASE));
    // Whoever took it is gone: it is taken again when the lease ends, and it is the same.
    assert_eq!(turn(&store, Vec::new(), NOW + LEASE - 1).await, []);
    let again = turn(&store, Vec::new(), NOW + LEASE).await.remove(0);
    assert_eq!(
        (again.id, &again.event, again.attempt),
        (first.id, &first.event, 2)
    );
    // What the first one says now is of no matter.
    let late = vec![ended(&first, DeliveryFate::Taken)];
    assert_eq!(turn(&store, late, NOW + LEASE).await, []);
    assert_eq!(shown(&store, "all").await.waiting, 3);
}

async fn an_attempt_is_settled_once_and_by_its_number(store: Store) {
    told_thrice(&store).await;
    let first = turn(&store, Vec::new(), NOW).await.remove(0);
    let retry = vec![ended(&first, DeliveryFate::Retry(NOW + MINUTE))];
    let second = turn(&store, retry.clone(), NOW).await.remove(0);
    assert_ne!(second.id, first.id, "another goes meanwhile");
    let third = turn(&store, vec![ended(&second, DeliveryFate::Taken)], NOW)
        .await
        .remove(0);
    assert_eq!(
        turn(&store, vec![ended(&third, DeliveryFate::Taken)], NOW).await,
        []
    );
    assert_eq!(store.next_hook_due().await.unwrap(), Some(NOW + MINUTE));
    let again = turn(&store, Vec::new(), NOW + MINUTE).await.remove(0);
    assert_eq!((again.id, again.attempt), (first.id, 2));
    let done = vec![ended(&again, DeliveryFate::Taken)];
    for _ in 0..2 {
        // Said twice, since the first answer was lost.
        assert_eq!(turn(&store, done.clone(), NOW + MINUTE).await, []);
    }
    assert_eq!(turn(&store, retry, NOW + LEASE).await, []);
    let shown = shown(&store, "all").await;
    assert_eq!((shown.waiting, shown.failed), (0, 0));
    assert_eq!(shown.delivered_at, Some(NOW + MINUTE));
    assert_eq!(store.forget_deliveries(NOW).await.unwrap(), 0);
    assert_eq!(store.forget_deliveries(NOW + LEASE).await.unwrap(), 3);
}

async fn what_is_given_up_waits_for_somebody_and_a_receiver_may_go(store: Store) {
    let id = told_thrice(&store).await;
    let first = turn(&store, Vec::new(), NOW).await.remove(0);
    let up = vec![ended(&first, DeliveryFate::GivenUp)];
    let second = turn(&store, up, NOW).await.remove(0);
    let hook = shown(&store, "all").await;
    assert_eq!(
        (hook.failed, hook.failed_at, hook.waiting),
        (1, Some(NOW), 2)
    );
    assert_eq!(store.forget_deliveries(NOW + LEASE).await.unwrap(), 0);
    assert_eq!(store.retry_deliveries(id, NOW).await.unwrap(), 1);
    assert_eq!(
        (
            shown(&store, "all").await.failed,
            shown(&store, "all").await.waiting
        ),
        (0, 3)
    );
    let gone = vec![ended(&second, DeliveryFate::Gone)];
    assert_eq!(turn(&store, gone, NOW).await, []);
    let hook = shown(&store, "all").await;
    assert_eq!((hook.waiting, hook.failed), (0, 0));
    assert_eq!(
        (hook.revoked_at, hook.revoked_why.as_deref()),
        (Some(NOW), Some("gone"))
    );
    assert!(!store.revoke_hook(id, NOW).await.unwrap());
    assert_eq!(store.next_hook_due().await.unwrap(), None);
    assert_eq!(store.forget_deliveries(NOW + LEASE).await.unwrap(), 3);
}

async fn mail_that_is_refused_for_good_is_told(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    hook(&store, "all", "mail.failed").await;
    queue(
        &store,
        cases[0],
        vec![mail("m1", "a", 0), mail("m2", "b", 0)],
    )
    .await;
    for (name, settled) in [
        (
            "m1",
            Settled::Failed {
                message: "550 no".to_owned(),
            },
        ),
        ("m2", super::sent()),
    ] {
        assert!(send(&store, name, b"bytes").await);
        assert!(settle(&store, name, settled).await);
    }
    let told = turn(&store, Vec::new(), NOW).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, "mail.failed");
    assert!(told[0].outbox_id.is_some() && told[0].payload.is_none());
    assert!(told[0].event.starts_with("m1-"), "{}", told[0].event);
}

/// Without a hook nothing is asked about hooks: the tables need not even be there.
#[tokio::test]
async fn without_hooks_no_statement_is_about_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let store = Store::open(&path).await.unwrap();
    let (hold, cases) = hold_with(&store, 1).await;
    store.close().await.unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let mut connection = options.connect().await.unwrap();
    for table in ["deliveries", "hooks"] {
        let drop = sqlx::AssertSqlSafe(format!("DROP TABLE {table}"));
        sqlx::query(drop).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let store = Store::open(&path).await.unwrap();
    let write = telling(cases[0], 1, "case.moved");
    assert_eq!(
        store.commit(vec![write], NOW).await.unwrap(),
        [Committed::Done]
    );
    let version = store.load(&[hold]).await.unwrap().subjects[0].version_id;
    let new = NewSubject {
        outcome: Outcome {
            told: vec![Told {
                seq: 1,
                kind: "case.opened",
            }],
            ..Outcome::default()
        },
        ..case(version, "new", hold)
    };
    store.create(vec![new], NOW).await.unwrap();
    store.close().await.unwrap();
}
