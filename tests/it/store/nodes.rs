//! Several stores on one PostgreSQL: who has what, what one hears of the other, what a stall costs.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tokio::time::timeout;
use tovholder::clock::{Clock, Stopwatch};
use tovholder::store::{Committed, InboxNew, Late, Outcome, Scope, Status, Store, Write};

use super::{MINUTE, NOW, freeze, hold_with, mail, news, queue, row, send, sent, status, step};
use crate::support::postgres::shared;

/// Two on a database of their own.
async fn two(setting: &str) -> (String, Store, Store) {
    let url = shared().database();
    let address = format!("{url}{setting}");
    let (a, b) = (
        Store::connect(&address).await,
        Store::connect(&address).await,
    );
    (url, a.unwrap(), b.unwrap())
}

async fn raw(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

/// Asks until it is so; a stalled machine may take its time.
async fn until(mut so: impl AsyncFnMut() -> bool) {
    let begun = Stopwatch::start();
    while !so().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never was so");
        let clock = Clock::Real;
        clock
            .sleep_until(clock.now() + jiff::SignedDuration::from_millis(20))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_are_apart_and_end_with_the_claimer() {
    let (_, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 6).await;
    assert_eq!(a.load_due(NOW, 4).await.unwrap(), cases[..4]);
    assert_eq!(b.load_due(NOW, 9).await.unwrap(), cases[4..]);
    a.close().await.unwrap();
    until(async || b.load_due(NOW, 9).await.unwrap() == cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stalls_past_the_lease_loses_the_claim_and_cannot_write() {
    let (_, a, b) = two("?lease=3").await;
    let (_, cases) = hold_with(&a, 1).await;
    assert_eq!(a.load_due(NOW, 9).await.unwrap(), cases);
    assert_eq!(b.load_due(NOW, 9).await.unwrap(), [0; 0]);
    // From here on, a says nothing.
    until(async || b.load_due(NOW, 9).await.unwrap() == cases).await;
    let done = b.commit(vec![step(cases[0], 1)], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
    let late = a.commit(vec![step(cases[0], 1)], NOW).await.unwrap();
    assert_eq!(late, [Committed::Stale]);
}

/// A thread of its own that stops between two statements of a transaction, with a row in its hands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stalls_inside_a_transaction_lets_go_of_its_rows() {
    let (url, b, _) = two("").await;
    let (_, cases) = hold_with(&b, 1).await;
    let case = cases[0];
    let mut other = raw(&url).await;
    let mut theirs = other.begin().await.unwrap();
    sqlx::query("UPDATE subjects SET title = title WHERE id = $1")
        .bind(case)
        .execute(&mut *theirs)
        .await
        .unwrap();
    let (stall, stalls) = tokio::sync::oneshot::channel();
    let (stalled, has_stalled) = tokio::sync::oneshot::channel();
    let (wake, wakes) = std::sync::mpsc::channel::<()>();
    let address = format!("{url}?lease=3");
    let late = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let a = Store::connect(&address).await.unwrap();
            let mut commit = std::pin::pin!(a.commit(vec![step(case, 1)], NOW));
            tokio::select! {
                done = &mut commit => panic!("it had to wait: {done:?}"),
                told = stalls => told.unwrap(),
            }
            stalled.send(()).unwrap();
            wakes.recv().unwrap();
            commit.await
        })
    });
    let mut operator = raw(&url).await;
    until(async || waiting(&mut operator).await > 0).await;
    stall.send(()).unwrap();
    has_stalled.await.unwrap();
    theirs.commit().await.unwrap();
    // The row is now a's, who says nothing more.
    let done = timeout(Duration::from_secs(30), b.commit(vec![step(case, 1)], NOW));
    let done = done.await.expect("a keeps the row").unwrap();
    assert_eq!(done, [Committed::Done]);
    wake.send(()).unwrap();
    let late = late.join().unwrap();
    assert_ne!(late.ok(), Some(vec![Committed::Done]));
}

/// How many sessions of this database wait for a lock.
async fn waiting(operator: &mut PgConnection) -> i64 {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting = sqlx::query_scalar(waiting).fetch_one(operator).await;
    waiting.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_of_who_is_alive_is_not_given_up() {
    let (_, a, b) = two("?lease=3").await;
    let (_, cases) = hold_with(&a, 1).await;
    queue(&a, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    // The name under which `send` marks it.
    a.live("node-1").await.unwrap();
    assert!(send(&a, "m", b"x").await);
    assert_eq!(b.orphaned(NOW).await.unwrap(), 0);
    a.close().await.unwrap();
    until(async || b.orphaned(NOW).await.unwrap() == 1).await;
    assert_eq!(status(&b, "m").await, Status::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_exchange_may_still_tell_its_end_but_not_of_another_attempt() {
    let (_, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 1).await;
    let mails = vec![mail("m", "a@school#1.1", 0), mail("n", "b@school#1.1", 0)];
    queue(&a, cases[0], mails).await;
    assert!(send(&a, "m", b"x").await && send(&a, "n", b"y").await);
    // a is not alive under that name, so b gives both up.
    assert_eq!(b.orphaned(NOW).await.unwrap(), 2);
    let (m, n) = (row(&a, "m").await.id, row(&a, "n").await.id);
    assert!(a.settle(m, 1, sent(), NOW).await.unwrap());
    assert_eq!(status(&b, "m").await, Status::Sent);
    assert!(b.release_row(n, NOW).await.unwrap());
    assert!(send(&b, "n", b"y").await);
    assert!(!a.settle(n, 1, sent(), NOW).await.unwrap());
    assert_eq!(status(&b, "n").await, Status::Sending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_of_another_comes_at_once_and_ones_own_is_none() {
    let (_, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 1).await;
    // The hold and its cases were told of.
    until(async || b.data_version().await.unwrap() == 2).await;
    let seen = b.data_version().await.unwrap();
    b.commit(vec![step(cases[0], 1)], NOW).await.unwrap();
    a.commit(vec![step(cases[0], 2)], NOW).await.unwrap();
    // Nothing but a word ends this: the store does not look by itself.
    let heard = timeout(Duration::from_secs(30), b.changed(seen)).await;
    assert_eq!(heard.unwrap().unwrap(), seen + 1, "its own is not counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_listens_hears_again_after_its_connection_was_lost() {
    let (url, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 1).await;
    let mut operator = raw(&url).await;
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .execute(&mut operator)
    .await
    .unwrap();
    let mut at = 1;
    until(async || {
        let seen = b.data_version().await.unwrap();
        a.commit(vec![step(cases[0], at)], NOW).await.unwrap();
        at += 1;
        let heard = timeout(Duration::from_millis(200), b.changed(seen)).await;
        heard.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_done_again() {
    let (url, a, _) = two("").await;
    let (_, cases) = hold_with(&a, 2).await;
    let mut other = raw(&url).await;
    let mut theirs = other.begin().await.unwrap();
    let touch = "UPDATE subjects SET title = title WHERE id = $1";
    sqlx::query(touch)
        .bind(cases[1])
        .execute(&mut *theirs)
        .await
        .unwrap();
    let writes = cases.iter().map(|case| step(*case, 1)).collect();
    let ours = tokio::spawn(async move { a.commit(writes, NOW).await });
    // Ours has the first case and waits for the second: then they wait for each other.
    let mut operator = raw(&url).await;
    until(async || waiting(&mut operator).await > 0).await;
    sqlx::query(touch)
        .bind(cases[0])
        .execute(&mut *theirs)
        .await
        .unwrap();
    theirs.commit().await.unwrap();
    let done = ours.await.unwrap().unwrap();
    assert_eq!(done, [Committed::Done, Committed::Done]);
}

/// Batches that overlap in cases, holds and news, from two processes, while plans are made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_end_as_if_one_after_the_other() {
    let (_, a, b) = two("").await;
    let (hold, cases) = hold_with(&a, 12).await;
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8_usize {
        let (store, cases) = ([&a, &b][worker % 2].clone(), cases.clone());
        tasks.spawn(async move {
            let mut done = 0_usize;
            for round in 0..12_usize {
                if worker == 0 && round % 4 == 0 {
                    store.bump_plan_rev().await.unwrap();
                }
                let some = |at: usize| cases[(worker * 5 + round * 7 + at * (1 + worker)) % 12];
                let mut ids = vec![some(0), some(1), some(2)];
                ids.push(hold);
                ids.dedup();
                let loaded = store.load(&ids).await.unwrap();
                let writes = (loaded.subjects.iter().enumerate())
                    .map(|(at, row)| Write {
                        plan_rev: loaded.plan_rev,
                        broadcast: row.id == hold,
                        expect_cohort: row
                            .cohort_id
                            .map(|id| (id, loaded.cohorts[&id].subject.broadcast)),
                        outcome: Outcome {
                            inbox_out: vec![told(some(3 + at), worker, round, at)],
                            ..step(row.id, row.seq).outcome
                        },
                        ..step(row.id, row.seq)
                    })
                    .collect();
                let committed = store.commit(writes, NOW).await.unwrap();
                done += committed
                    .iter()
                    .filter(|one| **one == Committed::Done)
                    .count();
            }
            done
        });
    }
    let done: usize = tasks.join_all().await.into_iter().sum();
    let rows = [vec![hold], cases].concat();
    let rows = a.load(&rows).await.unwrap().subjects;
    let steps: i64 = rows.iter().map(|row| row.seq - 1).sum();
    assert_eq!(
        steps,
        i64::try_from(done).unwrap(),
        "each step is there once"
    );
    assert!(done > 30, "they were not all overtaken: {done}");
    for row in rows {
        let history = a.history(row.id).await.unwrap();
        assert_eq!(history.len(), usize::try_from(row.seq).unwrap());
    }
}

fn told(target: i64, worker: usize, round: usize, at: usize) -> InboxNew {
    news(target, &format!("{worker}.{round}.{at}"))
}

/// One has claimed and decided mail; the other stops it. When that has answered, nothing of it is begun, and it waits
/// for whoever is beginning just then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_stops_no_other_sends() {
    let (url, a, b) = two("").await;
    let (hold, cases) = hold_with(&a, 1).await;
    queue(
        &a,
        cases[0],
        vec![mail("m", "message.welcome@school#1.1", 0)],
    )
    .await;
    let claimed = a.ready(NOW, 9).await.unwrap();
    let freezes: Vec<_> = claimed.iter().map(|row| freeze(row, b"words")).collect();
    // Somebody is in the middle of beginning: whoever stops waits until that has ended.
    let mut other = raw(&url).await;
    let mut theirs = other.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock_shared(hashtextextended('stop', 2))")
        .execute(&mut *theirs)
        .await
        .unwrap();
    let scope = Scope {
        cohort_id: Some(hold),
        ..Scope::default()
    };
    let stopping = b.clone();
    let stopping =
        tokio::spawn(async move { stopping.stop(scope, "Prøve", "cli", NOW).await.unwrap() });
    let mut stopping = std::pin::pin!(stopping);
    let early = timeout(Duration::from_millis(300), &mut stopping).await;
    assert!(early.is_err(), "it has not waited");
    theirs.commit().await.unwrap();
    let begun = stopping.await.unwrap();
    assert!(begun.is_new && begun.on_wire == 0);
    assert_eq!(a.begin_sending(freezes, NOW).await.unwrap(), [0; 0]);
    assert_eq!(a.ready(NOW, 9).await.unwrap(), []);
    assert_eq!(status(&a, "m").await, Status::Queued);
    let never = Late { before: 0, lot: 0 };
    b.let_go(begun.id, Vec::new(), never, "cli", NOW)
        .await
        .unwrap();
    assert_eq!(a.ready(NOW, 9).await.unwrap().len(), 1);
    for store in [a, b] {
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_close_a_gathering_at_once_make_one_mail() {
    let (_, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 20).await;
    for (at, case) in cases.iter().enumerate() {
        let gather = vec![super::gathered(
            &format!("g{at}"),
            "absence@school#1.1",
            NOW,
        )];
        super::bring_forth(
            &a,
            *case,
            Outcome {
                gather,
                ..Outcome::default()
            },
        )
        .await;
    }
    let closing = (0..8).map(|at| {
        let store = [&a, &b][at % 2].clone();
        tokio::spawn(async move { store.close_gathers(NOW, None).await })
    });
    let mut bundles = Vec::new();
    for closed in closing.collect::<Vec<_>>() {
        bundles.extend(closed.await.unwrap().unwrap());
    }
    assert_eq!(bundles.iter().map(|b| b.items).collect::<Vec<_>>(), [20]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_put_back_holds_what_is_unsent_whoever_sees_it_first() {
    let (url, a, b) = two("").await;
    let (_, cases) = hold_with(&a, 1).await;
    queue(&a, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    assert_eq!(a.recognise(NOW).await.unwrap(), 0);
    assert_eq!(b.recognise(NOW).await.unwrap(), 0);
    // As if it had been written on another timeline.
    let mut operator = raw(&url).await;
    let other = "UPDATE cluster SET history = regexp_replace(history, '/.*/', '/00000000/')";
    sqlx::query(other).execute(&mut operator).await.unwrap();
    assert_eq!(b.ready(NOW + 1, 9).await.unwrap().len(), 0);
    assert_eq!(a.ready(NOW + 1, 9).await.unwrap().len(), 0);
    assert_eq!(status(&a, "m").await, Status::Held);
    assert_eq!(a.lot_size(NOW + 1).await.unwrap(), 1);
    assert_eq!(a.late_lots(NOW - MINUTE, 50).await.unwrap(), []);
    assert_eq!(a.release_lot(NOW + 1).await.unwrap(), 1);
    assert_eq!(b.ready(NOW + 1, 9).await.unwrap().len(), 1);
}
