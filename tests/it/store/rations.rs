//! How many mails an address gets on a day, and what leaves as one mail: all of it, or none.

use std::collections::BTreeSet;

use tovholder::store::{
    Cancel, Freeze, GATHERED_DAY, OutboxNew, OutboxRow, Outcome, Ration, Settled, Status, Store,
    Write,
};

use super::{
    MINUTE, NOW, bring_forth, event, fence, freeze, hold_with, mail, queue, row, send, sent,
    settle, status, step,
};
use crate::support::postgres::shared;

super::contract! {
    an_address_gets_so_many_and_the_rest_is_put_off,
    each_of_several_addresses_has_to_have_room,
    what_would_be_useless_later_leaves_over_the_cap,
    what_is_merged_leaves_together_or_not_at_all,
    what_is_merged_ends_as_the_mail_it_is_in,
    what_is_to_be_tried_again_is_taken_apart,
    what_may_have_arrived_is_said_again_as_it_was,
    what_was_refused_is_taken_apart_when_a_person_wants_it_tried_again,
    a_death_leaves_all_of_it_unknown,
    what_is_merged_is_said_once,
    whoever_is_erased_is_erased_from_the_others_bytes,
    a_mail_that_waits_for_its_domain_is_not_counted,
}

const LATER: i64 = NOW + 60 * MINUTE;
const TO: &str = "a@kandidat.example";

/// Queues mails of one case, named so.
async fn queued(store: &Store, names: &[&str]) -> i64 {
    let (_, cases) = hold_with(store, 2).await;
    let new = |name: &&str| mail(name, &format!("{name}@school#1.1"), 0);
    queue(store, cases[0], names.iter().map(new).collect()).await;
    cases[0]
}

fn ration(addresses: &[&str], room: i64, until: Option<i64>) -> Ration {
    Ration {
        addresses: addresses.iter().map(|to| (*to).to_owned()).collect(),
        day: "2026-02-02".to_owned(),
        room,
        until,
    }
}

fn with(row: &OutboxRow, ration: impl Into<Option<Ration>>) -> Freeze {
    Freeze {
        ration: ration.into(),
        ..freeze(row, row.public_id.as_bytes())
    }
}

/// The first with the others in it.
async fn merged(store: &Store, names: &[&str], ration: impl Into<Option<Ration>>) -> Freeze {
    let mut all = Vec::new();
    for name in names {
        let row = row(store, name).await;
        let told = format!("told {name}");
        all.push(Freeze {
            frozen: Vec::new(),
            address: TO.to_owned(),
            told,
            ..freeze(&row, b"")
        });
    }
    let mut first = all.remove(0);
    first.frozen = b"all of them".to_vec();
    first.merged = all;
    first.ration = ration.into();
    first
}

async fn begin(store: &Store, mails: Vec<Freeze>) -> Vec<i64> {
    store.begin_sending(mails, NOW).await.unwrap()
}

/// Where mails stand, and whether within another.
async fn stand(store: &Store, names: &[&str]) -> Vec<(Status, bool)> {
    let mut all = Vec::new();
    for name in names {
        let row = row(store, name).await;
        all.push((row.status, row.merged_into.is_some()));
    }
    all
}

async fn an_address_gets_so_many_and_the_rest_is_put_off(store: Store) {
    queued(&store, &["a", "b", "c", "d", "e"]).await;
    let mut leaving = Vec::new();
    for name in ["a", "b", "c"] {
        leaving.push(with(
            &row(&store, name).await,
            ration(&[TO], 2, Some(LATER)),
        ));
    }
    // Nobody counts this one.
    leaving.push(with(&row(&store, "d").await, None));
    assert_eq!(begin(&store, leaving).await.len(), 3);
    let c = row(&store, "c").await;
    assert_eq!(
        (c.status, c.reason.as_deref(), c.not_before, c.attempt),
        (Status::Queued, Some(GATHERED_DAY), LATER, 0)
    );
    assert_eq!(store.ready(NOW, 9).await.unwrap().len(), 1, "e is left");
    let waiting = store.gathered_for(&BTreeSet::from([TO.to_owned()])).await;
    assert_eq!(waiting.unwrap(), std::slice::from_ref(&c));
    // The last of the day is for what was put off, and there is no other.
    assert_eq!(
        begin(&store, vec![with(&c, ration(&[TO], 3, Some(LATER)))]).await,
        [c.id]
    );
    let e = row(&store, "e").await;
    assert_eq!(
        begin(&store, vec![with(&e, ration(&[TO], 3, Some(LATER)))]).await,
        [0; 0]
    );
    // On another day there is room again, and days that are over are forgotten.
    let e = row(&store, "e").await;
    let another = Ration {
        day: "2026-02-05".to_owned(),
        ..ration(&[TO], 1, Some(LATER))
    };
    assert_eq!(begin(&store, vec![with(&e, another)]).await, [e.id]);
    assert_eq!(
        row(&store, "e").await.counted_on.as_deref(),
        Some("2026-02-05")
    );
    let first_day = ration(&[TO], 1, Some(LATER));
    assert!(settle(&store, "e", again()).await);
    let e = row(&store, "e").await;
    assert_eq!(begin(&store, vec![with(&e, first_day)]).await, [e.id]);
}

async fn each_of_several_addresses_has_to_have_room(store: Store) {
    queued(&store, &["a", "b", "c", "d"]).await;
    let both = [TO, "b@kandidat.example"];
    let mut leaving = Vec::new();
    for (name, to) in [
        ("a", &both[..1]),
        ("b", &both),
        ("c", &both[1..]),
        ("d", &both[1..]),
    ] {
        leaving.push(with(&row(&store, name).await, ration(to, 1, Some(LATER))));
    }
    begin(&store, leaving).await;
    let sending = |name| status(&store, name);
    assert_eq!(sending("a").await, Status::Sending);
    assert_eq!(sending("b").await, Status::Queued, "a has had its own");
    assert_eq!(sending("c").await, Status::Sending);
    assert_eq!(sending("d").await, Status::Queued);
    assert_eq!(
        row(&store, "b").await.address.as_deref(),
        Some("a@kandidat.example, b@kandidat.example")
    );
}

async fn what_would_be_useless_later_leaves_over_the_cap(store: Store) {
    queued(&store, &["a", "b", "c"]).await;
    let mut leaving = Vec::new();
    for (name, until) in [("a", Some(LATER)), ("b", None), ("c", Some(LATER))] {
        leaving.push(with(&row(&store, name).await, ration(&[TO], 1, until)));
    }
    assert_eq!(begin(&store, leaving).await.len(), 2);
    // It was counted: there is no room for the third, which has room for two.
    let c = row(&store, "c").await;
    assert_eq!(
        begin(&store, vec![with(&c, ration(&[TO], 2, Some(LATER)))]).await,
        [0; 0]
    );
}

async fn what_is_merged_leaves_together_or_not_at_all(store: Store) {
    let case = queued(&store, &["a", "b", "c"]).await;
    let names = ["a", "b", "c"];
    let stale = merged(&store, &names, None).await;
    // One of them is not wanted any more.
    let reason = "left".to_owned();
    let fence = fence(&row(&store, "b").await);
    store
        .cancel(vec![Cancel { fence, reason }], NOW)
        .await
        .unwrap();
    assert_eq!(begin(&store, vec![stale]).await, [0; 0]);
    assert_eq!(status(&store, "a").await, Status::Queued);
    // The case that one of them speaks of has moved on.
    let mut moved = merged(&store, &["a", "c"], None).await;
    moved.merged[0].fence.seqs = vec![(case, 1)];
    assert_eq!(begin(&store, vec![moved]).await, [0; 0]);
    // No room for the mail is no room for any of it.
    let over = merged(&store, &["a", "c"], ration(&[TO], 0, Some(LATER))).await;
    assert_eq!(begin(&store, vec![over]).await, [0; 0]);
    for name in ["a", "c"] {
        let row = row(&store, name).await;
        assert_eq!(
            (row.not_before, row.reason.as_deref()),
            (LATER, Some(GATHERED_DAY)),
            "{name}"
        );
    }
    let good = merged(&store, &["a", "c"], ration(&[TO], 1, Some(LATER))).await;
    let a = row(&store, "a").await.id;
    assert_eq!(begin(&store, vec![good]).await, [a]);
    let (a, c) = (row(&store, "a").await, row(&store, "c").await);
    assert_eq!((a.merged_into, c.merged_into), (None, Some(a.id)));
    assert_eq!(a.frozen.as_deref(), Some(&b"all of them"[..]));
    assert_eq!((c.frozen, c.attempt), (None, 1));
    // It is one mail: the address has had one.
    queue(&store, case, vec![mail("d", "d@school#1.1", 0)]).await;
    let d = row(&store, "d").await;
    assert_eq!(
        begin(&store, vec![with(&d, ration(&[TO], 2, Some(LATER)))]).await,
        [d.id]
    );
}

fn again() -> Settled {
    Settled::Retry {
        not_before: LATER,
        message: "450 later".to_owned(),
    }
}

async fn what_is_merged_ends_as_the_mail_it_is_in(store: Store) {
    for (at, (settled, ends)) in [
        (sent(), Status::Sent),
        (
            Settled::Failed {
                message: "550 no".to_owned(),
            },
            Status::Failed,
        ),
        (
            Settled::Unknown {
                message: "lost".to_owned(),
            },
            Status::Unknown,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (a, b) = (format!("a{at}"), format!("b{at}"));
        let names = [a.as_str(), b.as_str()];
        if at == 0 {
            queued(&store, &names).await;
        } else {
            let case = row(&store, "a0").await.subject_id;
            let new = |name: &&str| mail(name, &format!("{name}@school#1.1"), 0);
            queue(&store, case, names.iter().map(new).collect()).await;
        }
        let freeze = merged(&store, &names, None).await;
        begin(&store, vec![freeze]).await;
        assert_eq!(
            stand(&store, &names).await,
            [(Status::Sending, false), (Status::Sending, true)]
        );
        // What is within another is no mail of its own to whoever sends.
        assert_eq!(store.ready(LATER, 9).await.unwrap(), []);
        assert!(settle(&store, &a, settled).await);
        assert_eq!(stand(&store, &names).await, [(ends, false), (ends, true)]);
        let told = row(&store, &b).await.told;
        assert_eq!(told, Some(format!("told {b}")));
    }
}

async fn what_is_to_be_tried_again_is_taken_apart(store: Store) {
    let case = queued(&store, &["a", "b", "c", "d"]).await;
    let names = ["a", "b", "c", "d"];
    let freeze = merged(&store, &names, ration(&[TO], 1, Some(LATER))).await;
    begin(&store, vec![freeze]).await;
    // A newer word of the third takes its place.
    queue(&store, case, vec![mail("c2", "c@school#1.1", 1)]).await;
    assert!(settle(&store, "a", again()).await);
    let c = row(&store, "c").await;
    assert_eq!(
        (c.status, c.reason.as_deref(), c.merged_into),
        (Status::Cancelled, Some("superseded"), None)
    );
    for name in ["a", "b", "d"] {
        let row = row(&store, name).await;
        assert_eq!(
            (row.status, row.reason.as_deref(), row.not_before),
            (Status::Queued, Some(GATHERED_DAY), LATER),
            "{name}"
        );
        assert_eq!((row.merged_into, row.frozen, row.attempt), (None, None, 1));
        assert_eq!(row.counted_on.as_deref(), Some("2026-02-02"), "{name}");
    }
    // They are found together again, and leave anew: in other bytes, without the third.
    let waiting = store.gathered_for(&BTreeSet::from([TO.to_owned()])).await;
    assert_eq!(waiting.unwrap().len(), 3);
    let freeze = merged(&store, &["b", "a", "d"], None).await;
    assert_eq!(begin(&store, vec![freeze]).await.len(), 1);
    // The end of the first attempt changes nothing any more.
    let a = row(&store, "a").await;
    assert!(!store.settle(a.id, 1, sent(), NOW).await.unwrap());
    assert!(settle(&store, "b", sent()).await);
    for name in ["a", "b", "d"] {
        assert_eq!(status(&store, name).await, Status::Sent, "{name}");
    }
}

async fn what_may_have_arrived_is_said_again_as_it_was(store: Store) {
    queued(&store, &["a", "b"]).await;
    let freeze = merged(&store, &["a", "b"], None).await;
    begin(&store, vec![freeze]).await;
    let (a, b) = (row(&store, "a").await, row(&store, "b").await);
    assert!(!store.release_row(b.id, NOW).await.unwrap(), "on its way");
    let lost = || Settled::Unknown {
        message: "lost".to_owned(),
    };
    assert!(settle(&store, "a", lost()).await);
    // Whichever is named; the other stays with it.
    assert!(store.release_row(b.id, NOW).await.unwrap());
    for id in [a.id, b.id] {
        assert!(!store.release_row(id, NOW).await.unwrap(), "once");
    }
    for (ended, status, both) in [
        (again(), Status::Retry, Status::Unknown),
        (lost(), Status::Unknown, Status::Unknown),
        (sent(), Status::Sent, Status::Sent),
    ] {
        if row(&store, "a").await.status == Status::Unknown {
            assert!(store.release_row(a.id, NOW).await.unwrap());
        }
        assert!(send(&store, "a", b"other words").await);
        let (first, part) = (row(&store, "a").await, row(&store, "b").await);
        assert_eq!(first.frozen, a.frozen, "the same bytes");
        assert_eq!(
            (part.status, part.merged_into),
            (Status::Unknown, Some(a.id))
        );
        assert!(settle(&store, "a", ended).await);
        assert_eq!(
            stand(&store, &["a", "b"]).await,
            [(status, false), (both, true)]
        );
    }
}

async fn what_was_refused_is_taken_apart_when_a_person_wants_it_tried_again(store: Store) {
    queued(&store, &["a", "b"]).await;
    let freeze = merged(&store, &["a", "b"], None).await;
    begin(&store, vec![freeze]).await;
    let refused = Settled::Failed {
        message: "550 no".to_owned(),
    };
    assert!(settle(&store, "a", refused).await);
    // Whichever is named.
    let b = row(&store, "b").await;
    assert!(store.retry_row(b.id, NOW).await.unwrap());
    for name in ["a", "b"] {
        let row = row(&store, name).await;
        assert_eq!(
            (row.status, row.reason.as_deref(), row.merged_into),
            (Status::Queued, Some("asked"), None)
        );
        assert_eq!(row.frozen, None, "each says its own words");
    }
    assert!(send(&store, "b", b"b alone").await);
    assert!(send(&store, "a", b"a alone").await);
    let a = row(&store, "a").await;
    assert_eq!(a.frozen.as_deref(), Some(&b"a alone"[..]));
}

async fn a_death_leaves_all_of_it_unknown(store: Store) {
    queued(&store, &["a", "b", "c"]).await;
    let freeze = merged(&store, &["a", "b"], None).await;
    begin(&store, vec![freeze]).await;
    assert_eq!(store.orphaned(NOW).await.unwrap(), 2);
    assert_eq!(
        stand(&store, &["a", "b", "c"]).await,
        [
            (Status::Unknown, false),
            (Status::Unknown, true),
            (Status::Queued, false)
        ]
    );
    // A word that comes late says it of both.
    assert!(settle(&store, "a", sent()).await);
    assert_eq!(
        stand(&store, &["a", "b"]).await,
        [(Status::Sent, false), (Status::Sent, true)]
    );
    // Of what was perhaps not marked, nothing has left.
    let freeze = merged(&store, &["c"], None).await;
    begin(&store, vec![freeze]).await;
    let c = row(&store, "c").await;
    let back = store.not_begun("node-1", vec![(c.id, 1)], NOW).await;
    assert_eq!(back.unwrap(), [c.id]);
}

/// One person in two seats is told a thing once, though it was within another mail.
async fn what_is_merged_is_said_once(store: Store) {
    let case = queued(&store, &["a", "b"]).await;
    let mut both = merged(&store, &["a", "b"], None).await;
    let person = store.load(&[case]).await.unwrap().subjects[0].person_id;
    both.merged[0].person_id = person;
    begin(&store, vec![both]).await;
    let other = OutboxNew {
        seat: "mentor".to_owned(),
        ..mail("b-too", "b@school#1.1", 0)
    };
    queue(&store, case, vec![other]).await;
    let too = row(&store, "b-too").await;
    let freeze = Freeze {
        person_id: person,
        ..freeze(&too, b"b")
    };
    assert_eq!(begin(&store, vec![freeze]).await, [0; 0]);
    assert!(settle(&store, "a", sent()).await);
    let told = store.newest_told(case, "b@school#1.1", "candidate").await;
    assert_eq!(told.unwrap().as_deref(), Some("told b"));
    let sibling = store.sibling_to_person(&too, person.unwrap()).await;
    assert_eq!(sibling.unwrap(), Some(row(&store, "b").await.id));
}

async fn whoever_is_erased_is_erased_from_the_others_bytes(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    queue(&store, cases[0], vec![mail("a", "a@school#1.1", 0)]).await;
    queue(&store, cases[1], vec![mail("b", "b@school#1.1", 0)]).await;
    let own = "case-0001@kandidat.example";
    let people = store.load(&cases).await.unwrap().subjects;
    let mut both = merged(&store, &["a", "b"], ration(&[own], 9, Some(LATER))).await;
    both.merged[0].person_id = people[1].person_id;
    // An address that the person had before.
    "case-old@kandidat.example".clone_into(&mut both.merged[0].address);
    begin(&store, vec![both]).await;
    bring_forth(&store, cases[1], Outcome::default()).await;
    let old = mail("c", "c@school#1.1", 0);
    queue(&store, cases[0], vec![old]).await;
    let c = row(&store, "c").await;
    let counted = ration(&["case-old@kandidat.example"], 9, Some(LATER));
    begin(&store, vec![with(&c, counted)]).await;
    let seq = store.load(&[cases[1]]).await.unwrap().subjects[0].seq;
    let write = Write {
        outcome: Outcome {
            events: vec![event(seq + 1, None)],
            ..Outcome::default()
        },
        erase_person: true,
        ..step(cases[1], seq)
    };
    store.commit(vec![write], NOW).await.unwrap();
    let (a, b) = (row(&store, "a").await, row(&store, "b").await);
    assert_eq!(a.frozen, None, "the bytes said what both were told");
    assert_eq!((b.address, b.subject_line), (None, None));
    // Neither address is remembered: both have all of the day's room.
    for (at, to) in [own, "case-old@kandidat.example"].into_iter().enumerate() {
        let name = format!("new{at}");
        let new = mail(&name, &format!("{name}@school#1.1"), 0);
        queue(&store, cases[0], vec![new]).await;
        let row = row(&store, &name).await;
        let only = ration(&[to], 1, Some(LATER));
        assert_eq!(begin(&store, vec![with(&row, only)]).await, [row.id]);
    }
    // Tried again, the other is said without the one that was erased.
    assert!(settle(&store, "a", again()).await);
    assert_eq!(status(&store, "a").await, Status::Queued);
    let b = row(&store, "b").await;
    assert_eq!(
        (b.status, b.reason.as_deref()),
        (Status::Cancelled, Some("erased"))
    );
}

async fn a_mail_that_waits_for_its_domain_is_not_counted(store: Store) {
    let slow = tovholder::store::Throttle {
        domain: "kandidat.example".to_owned(),
        per_minute: 1,
    };
    store.set_throttles(vec![slow]).await.unwrap();
    queued(&store, &["a", "b"]).await;
    let mut leaving = Vec::new();
    for name in ["a", "b"] {
        leaving.push(with(
            &row(&store, name).await,
            ration(&[TO], 2, Some(LATER)),
        ));
    }
    assert_eq!(begin(&store, leaving).await.len(), 1);
    store.set_throttles(Vec::new()).await.unwrap();
    let b = row(&store, "b").await;
    assert_eq!((b.not_before, b.reason.as_deref()), (NOW, None));
    let room = ration(&[TO], 2, Some(LATER));
    assert_eq!(begin(&store, vec![with(&b, room)]).await, [b.id]);
}

/// Two processes send no more than one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_count_together() {
    let url = shared().database();
    let (a, b) = (
        Store::connect(&url).await.unwrap(),
        Store::connect(&url).await.unwrap(),
    );
    let names: Vec<String> = (0..30).map(|at| format!("m{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    queued(&a, &names).await;
    let round = async |store: &Store| {
        let ready = store.ready(NOW, 4).await.unwrap();
        let freezes = ready
            .iter()
            .map(|row| with(row, ration(&[TO], 7, Some(LATER))));
        let begun = store.begin_sending(freezes.collect(), NOW).await.unwrap();
        (ready.len(), begun.len())
    };
    let mut left = 0;
    loop {
        let (one, other) = tokio::join!(round(&a), round(&b));
        left += one.1 + other.1;
        if one.0 + other.0 == 0 {
            break;
        }
    }
    assert_eq!(left, 7);
    assert_eq!(
        a.gathered_for(&BTreeSet::from([TO.to_owned()]))
            .await
            .unwrap()
            .len(),
        23
    );
    a.close().await.unwrap();
    b.close().await.unwrap();
}
