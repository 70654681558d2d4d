//! How much mail a domain is sent a minute: for all processes together, and over a restart.

use tovholder::store::{Freeze, OutboxNew, OutboxRow, Status, Store, Throttle};

use super::{MINUTE, NOW, freeze, hold_with, mail, queue, row, status};
use crate::support::postgres::shared;

super::contract! {
    without_a_rate_nothing_waits,
    a_domain_gets_its_share_of_each_minute_and_no_more,
    others_are_not_kept_back_and_the_urgent_come_first,
    each_domain_without_a_rate_of_its_own_has_that_of_the_others,
    rates_are_replaced_and_what_was_taken_stays_taken,
}

fn rates(rates: &[(&str, i64)]) -> Vec<Throttle> {
    let rate = |(domain, per_minute): &(&str, i64)| Throttle {
        domain: (*domain).to_owned(),
        per_minute: *per_minute,
    };
    rates.iter().map(rate).collect()
}

/// Queues a mail each, named by its number; their domains are known when they are frozen.
async fn queued(store: &Store, mails: usize, priority: impl Fn(usize) -> i64) {
    let (_, cases) = hold_with(store, 1).await;
    let new = |at: usize| OutboxNew {
        priority: priority(at),
        ..mail(&format!("m{at}"), &format!("m{at}@school#1.1"), 0)
    };
    queue(store, cases[0], (0..mails).map(new).collect()).await;
}

fn to(row: &OutboxRow, domain: &str) -> Freeze {
    Freeze {
        domain: domain.to_owned(),
        ..freeze(row, b"Kaere")
    }
}

/// What a mailer does in one round; answers the mails that leave, by name.
async fn round(store: &Store, now: i64, domain: impl Fn(&str) -> &'static str) -> Vec<String> {
    let ready = store.ready(now, 100).await.unwrap();
    let freezes = ready.iter().map(|row| to(row, domain(&row.public_id)));
    let begun = store.begin_sending(freezes.collect(), now).await.unwrap();
    let named = ready.iter().filter(|row| begun.contains(&row.id));
    named.map(|row| row.public_id.clone()).collect()
}

async fn without_a_rate_nothing_waits(store: Store) {
    queued(&store, 5, |_| 5).await;
    assert_eq!(round(&store, NOW, |_| "a.example").await.len(), 5);
    assert_eq!(store.throttled_until(NOW).await.unwrap(), None);
    assert_eq!(store.throttles().await.unwrap(), []);
}

async fn a_domain_gets_its_share_of_each_minute_and_no_more(store: Store) {
    store
        .set_throttles(rates(&[("a.example", 3)]))
        .await
        .unwrap();
    queued(&store, 7, |_| 5).await;
    let mut left: Vec<i64> = Vec::new();
    // Each second for two minutes and a half; the case of letters makes no other domain.
    for second in 0..150 {
        let now = NOW + second * MINUTE / 60;
        let gone = round(&store, now, |_| "A.Example").await;
        left.extend(gone.iter().map(|_| second));
    }
    assert_eq!(left, [0, 20, 40, 60, 80, 100, 120]);
}

async fn others_are_not_kept_back_and_the_urgent_come_first(store: Store) {
    store
        .set_throttles(rates(&[("slow.example", 1)]))
        .await
        .unwrap();
    queued(&store, 6, |at| if at == 4 { 1 } else { 5 }).await;
    let domain = |name: &str| {
        if name == "m5" {
            "fast.example"
        } else {
            "slow.example"
        }
    };
    assert_eq!(round(&store, NOW, domain).await, ["m4", "m5"]);
    // What waits is not even looked at; a mailer knows when to look again.
    assert_eq!(store.ready(NOW, 9).await.unwrap(), []);
    let free = store.throttled_until(NOW).await.unwrap();
    assert_eq!(free, Some(NOW + MINUTE));
    assert_eq!(status(&store, "m0").await, Status::Queued);
    assert_eq!(
        row(&store, "m0").await.not_before,
        NOW,
        "it keeps its place"
    );
    for (minute, name) in [(1, "m0"), (2, "m1"), (3, "m2"), (4, "m3")] {
        assert_eq!(
            round(&store, NOW + minute * MINUTE - 1, domain).await,
            [""; 0]
        );
        assert_eq!(round(&store, NOW + minute * MINUTE, domain).await, [name]);
    }
    assert_eq!(store.throttled_until(NOW + 4 * MINUTE).await.unwrap(), None);
}

async fn each_domain_without_a_rate_of_its_own_has_that_of_the_others(store: Store) {
    store
        .set_throttles(rates(&[("*", 1), ("a.example", 600)]))
        .await
        .unwrap();
    queued(&store, 6, |_| 5).await;
    let domain = |name: &str| match name {
        "m0" | "m1" => "b.example",
        "m2" | "m3" => "c.example",
        _ => "a.example",
    };
    assert_eq!(round(&store, NOW, domain).await, ["m0", "m2", "m4"]);
    assert_eq!(round(&store, NOW + MINUTE / 600, domain).await, ["m5"]);
    assert_eq!(round(&store, NOW + MINUTE, domain).await, ["m1", "m3"]);
}

async fn rates_are_replaced_and_what_was_taken_stays_taken(store: Store) {
    store
        .set_throttles(rates(&[("a.example", 1), ("b.example", 2)]))
        .await
        .unwrap();
    queued(&store, 3, |_| 5).await;
    assert_eq!(round(&store, NOW, |_| "a.example").await, ["m0"]);
    store
        .set_throttles(rates(&[("a.example", 1)]))
        .await
        .unwrap();
    assert_eq!(store.throttles().await.unwrap(), rates(&[("a.example", 1)]));
    assert_eq!(round(&store, NOW + 1, |_| "a.example").await, [""; 0]);
    store.set_throttles(Vec::new()).await.unwrap();
    assert_eq!(store.throttled_until(NOW + 1).await.unwrap(), None);
    assert_eq!(round(&store, NOW + 1, |_| "a.example").await, ["m1", "m2"]);
}

/// Two processes share the minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_send_no_more_than_one() {
    let url = shared().database();
    let (a, b) = (
        Store::connect(&url).await.unwrap(),
        Store::connect(&url).await.unwrap(),
    );
    a.set_throttles(rates(&[("a.example", 6)])).await.unwrap();
    queued(&a, 40, |_| 5).await;
    let mut left = 0;
    for tenth in 0..=60 {
        let now = NOW + tenth * MINUTE / 60;
        let both = tokio::join!(
            round(&a, now, |_| "a.example"),
            round(&b, now, |_| "a.example")
        );
        left += both.0.len() + both.1.len();
    }
    assert_eq!(left, 7, "at 0, 10, 20, 30, 40, 50 and 60 seconds");
    a.close().await.unwrap();
    b.close().await.unwrap();
}
