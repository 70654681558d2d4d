//! Mail is stopped, and let go again.

use std::collections::{BTreeMap, BTreeSet};

use tovholder::store::{
    Cancel, GatherNew, Late, LetGo, OutboxRow, Outcome, Scope, Sees, Settled, Status, Store,
};

use super::{
    MINUTE, NOW, bring_forth, case, cohort, fence, freeze, gathered, hold_with, mail, publish,
    queue, row, send, sent, settle, status,
};

super::contract! {
    nothing_leaves_that_is_stopped,
    what_was_decided_before_a_stop_does_not_begin_after_it,
    what_two_stop_leaves_when_neither_does,
    a_stop_stands_once_and_stays_as_history,
    what_is_on_the_wire_is_told_of_and_a_retry_waits,
    a_bundle_that_says_both_is_taken_apart,
    what_closes_while_it_is_stopped_is_a_bundle_of_its_own,
    what_is_late_when_it_is_let_go_is_held,
    nothing_is_lost_or_doubled_whatever_is_stopped_and_let_go,
}

const HOUR: i64 = 60 * MINUTE;

/// No mail is late.
const NEVER: Late = Late { before: 0, lot: 0 };

fn of(workflow: Option<&str>, cohort_id: Option<i64>, declaration: Option<&str>) -> Scope {
    Scope {
        workflow: workflow.map(str::to_owned),
        cohort_id,
        declaration: declaration.map(str::to_owned),
    }
}

async fn stop(store: &Store, scope: Scope) -> i64 {
    let begun = store.stop(scope, "Prøve", "cli", NOW).await.unwrap();
    assert!(begun.is_new);
    begun.id
}

async fn let_go(store: &Store, stop: i64, late: Late) -> LetGo {
    let gone = store.let_go(stop, Vec::new(), late, "cli", NOW).await;
    gone.unwrap().expect("it stood")
}

async fn ready(store: &Store) -> BTreeSet<String> {
    let rows = store.ready(NOW, 99).await.unwrap();
    rows.into_iter().map(|row| row.public_id).collect()
}

/// Two holds with a case each in one workflow, one in another, and mail of every kind: its id, with the workflow, hold
/// and occurrence of each.
async fn world(store: &Store) -> (i64, BTreeMap<String, (String, i64, String)>) {
    let (hold, cases) = hold_with(store, 1).await;
    let sosu = publish(store, "sosu").await;
    let other = publish(store, "other").await;
    let holds = vec![
        cohort(sosu, "hold-2", "2026-03-02"),
        cohort(other, "hold-3", "2026-03-02"),
    ];
    let holds = store.create(holds, NOW).await.unwrap();
    let theirs = vec![
        case(sosu, "case-2", holds[0]),
        case(other, "case-3", holds[1]),
    ];
    let theirs = store.create(theirs, NOW).await.unwrap();
    let all = [
        (
            "welcome",
            cases[0],
            hold,
            "sosu",
            "message.welcome@school#1.1",
        ),
        (
            "welcomes",
            cases[0],
            hold,
            "sosu",
            "message.welcomes@school#1.1",
        ),
        (
            "remind",
            cases[0],
            hold,
            "sosu",
            "task.talk#1.remind@school#1.1",
        ),
        (
            "invite",
            cases[0],
            hold,
            "sosu",
            "meeting.talk#1.invitation@school#1.1",
        ),
        (
            "news",
            hold,
            hold,
            "sosu",
            "message.news@cohort#1.2026-02-06T12:00",
        ),
        (
            "elsewhere",
            theirs[0],
            holds[0],
            "sosu",
            "message.welcome@school#1.1",
        ),
        (
            "foreign",
            theirs[1],
            holds[1],
            "other",
            "message.welcome@school#1.1",
        ),
    ];
    let mut known = BTreeMap::new();
    for (public_id, subject, hold, workflow, occurrence) in all {
        queue(store, subject, vec![mail(public_id, occurrence, 0)]).await;
        known.insert(
            public_id.to_owned(),
            (workflow.to_owned(), hold, occurrence.to_owned()),
        );
    }
    (hold, known)
}

async fn nothing_leaves_that_is_stopped(store: Store) {
    let (hold, known) = world(&store).await;
    let all: BTreeSet<String> = known.keys().cloned().collect();
    let table: [(Scope, &[&str]); 9] = [
        (
            of(None, None, None),
            &[
                "welcome",
                "welcomes",
                "remind",
                "invite",
                "news",
                "elsewhere",
                "foreign",
            ],
        ),
        (
            of(Some("sosu"), None, None),
            &[
                "welcome",
                "welcomes",
                "remind",
                "invite",
                "news",
                "elsewhere",
            ],
        ),
        (
            of(None, Some(hold), None),
            &["welcome", "welcomes", "remind", "invite", "news"],
        ),
        (
            of(None, None, Some("message.welcome")),
            &["welcome", "elsewhere", "foreign"],
        ),
        (
            of(Some("sosu"), None, Some("message.welcome")),
            &["welcome", "elsewhere"],
        ),
        (of(None, Some(hold), Some("message.welcome")), &["welcome"]),
        (of(None, None, Some("task.talk")), &["remind"]),
        (of(None, None, Some("meeting.talk")), &["invite"]),
        (of(None, Some(hold), Some("message.news")), &["news"]),
    ];
    for (scope, stopped) in table {
        let stopped: BTreeSet<String> = stopped.iter().map(|id| (*id).to_owned()).collect();
        let before = store.ready(NOW, 99).await.unwrap();
        assert_eq!(before.len(), all.len());
        let id = stop(&store, scope.clone()).await;
        let leave: BTreeSet<String> = all.difference(&stopped).cloned().collect();
        assert_eq!(ready(&store).await, leave, "{scope:?}");
        // What says it of mail that is not there yet says the same.
        for (public_id, (workflow, hold, occurrence)) in &known {
            let covers = scope.covers(workflow, Some(*hold), occurrence);
            assert_eq!(covers, stopped.contains(public_id), "{scope:?} {public_id}");
        }
        let ids: Vec<i64> = before.iter().map(|row| row.id).collect();
        let of = store.stops_of(&ids).await.unwrap();
        assert_eq!(of.len(), stopped.len());
        assert!(of.values().all(|by| *by == BTreeSet::from([id])));
        let waits = store.stopped_by(NOW).await.unwrap();
        assert_eq!(waits[&id], i64::try_from(stopped.len()).unwrap());
        let next = store.next_mail_due().await.unwrap();
        assert_eq!(next, (!leave.is_empty()).then_some(NOW), "{scope:?}");
        assert_eq!(let_go(&store, id, NEVER).await, LetGo::default());
        assert_eq!(ready(&store).await, all);
    }
    // Word to the operator stands on a hold, and is not the hold's.
    let mut notice = mail("notice", "notice.late@lot.7", 0);
    "operator".clone_into(&mut notice.seat);
    queue(&store, hold, vec![notice]).await;
    let id = stop(&store, of(None, Some(hold), None)).await;
    assert!(ready(&store).await.contains("notice"));
    let_go(&store, id, NEVER).await;
    stop(&store, Scope::default()).await;
    assert!(ready(&store).await.is_empty());
}

async fn what_was_decided_before_a_stop_does_not_begin_after_it(store: Store) {
    let (hold, _) = world(&store).await;
    let rows = store.ready(NOW, 99).await.unwrap();
    let freezes: Vec<_> = rows.iter().map(|row| freeze(row, b"words")).collect();
    stop(&store, of(None, Some(hold), Some("message.welcome"))).await;
    let begun = store.begin_sending(freezes, NOW).await.unwrap();
    let welcome = row(&store, "welcome").await;
    assert_eq!(begun.len(), rows.len() - 1);
    assert!(!begun.contains(&welcome.id));
    assert_eq!((welcome.status, welcome.attempt), (Status::Queued, 0));
    // Nor is it cancelled meanwhile.
    let cancel = Cancel {
        fence: fence(&welcome),
        reason: "moment-passed".to_owned(),
    };
    assert_eq!(store.cancel(vec![cancel], NOW).await.unwrap(), [0; 0]);
}

async fn what_two_stop_leaves_when_neither_does(store: Store) {
    let (hold, known) = world(&store).await;
    let (first, second) = (
        stop(&store, of(None, Some(hold), None)).await,
        stop(&store, of(None, None, Some("message.welcome"))).await,
    );
    let welcome = row(&store, "welcome").await.id;
    let kept = async |stop| {
        let rows = store.kept_back_by(stop, NOW, 0, 99).await.unwrap();
        rows.into_iter()
            .map(|row| row.public_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(kept(first).await, ["welcomes", "remind", "invite", "news"]);
    assert_eq!(kept(second).await, ["elsewhere", "foreign"]);
    let of = store.stops_of(&[welcome]).await.unwrap();
    assert_eq!(of[&welcome], BTreeSet::from([first, second]));
    let late = Late {
        before: NOW + 1,
        lot: 77,
    };
    assert_eq!(
        let_go(&store, second, late).await.held,
        2,
        "not what the other stops"
    );
    assert_eq!(status(&store, "welcome").await, Status::Queued);
    assert!(!ready(&store).await.contains("welcome"));
    let_go(&store, first, NEVER).await;
    assert!(ready(&store).await.contains("welcome"));
    assert_eq!(ready(&store).await.len(), known.len() - 2);
}

async fn a_stop_stands_once_and_stays_as_history(store: Store) {
    let scope = of(Some("sosu"), None, Some("message.welcome"));
    let first = store
        .stop(scope.clone(), "Forkert dato", "account 1", NOW)
        .await
        .unwrap();
    let again = store
        .stop(scope.clone(), "Noget andet", "cli", NOW + 1)
        .await
        .unwrap();
    assert!(first.is_new && !again.is_new && first.id == again.id);
    let stops = store.stops().await.unwrap();
    assert_eq!(stops.len(), 1);
    let stop = &stops[0];
    assert_eq!(
        (&stop.scope, stop.reason.as_str()),
        (&scope, "Forkert dato")
    );
    assert_eq!(
        (stop.began_at, stop.began_by.as_str(), stop.ended_at),
        (NOW, "account 1", None)
    );
    let_go(&store, first.id, NEVER).await;
    let twice = store.let_go(first.id, Vec::new(), NEVER, "cli", NOW).await;
    assert_eq!(twice.unwrap(), None);
    assert_eq!(store.stops().await.unwrap(), []);
    let ended = store.ended_stops(9).await.unwrap();
    assert_eq!(ended[0].ended_by.as_deref(), Some("cli"));
    let third = store.stop(scope, "Igen", "cli", NOW).await.unwrap();
    assert!(third.is_new && third.id != first.id);
}

async fn what_is_on_the_wire_is_told_of_and_a_retry_waits(store: Store) {
    let (hold, _) = world(&store).await;
    assert!(send(&store, "welcome", b"words").await);
    let begun = store
        .stop(of(None, Some(hold), None), "Prøve", "cli", NOW)
        .await
        .unwrap();
    assert_eq!(begun.on_wire, 1);
    let elsewhere = store
        .stop(of(Some("other"), None, None), "Prøve", "cli", NOW)
        .await;
    assert_eq!(elsewhere.unwrap().on_wire, 0);
    let retry = Settled::Retry {
        not_before: NOW,
        message: "451 later".to_owned(),
    };
    assert!(
        settle(&store, "welcome", retry).await,
        "how it ended is known whatever is stopped"
    );
    assert_eq!(status(&store, "welcome").await, Status::Retry);
    assert_eq!(
        ready(&store).await,
        BTreeSet::from(["elsewhere".to_owned()])
    );
    assert!(!send(&store, "welcome", b"words").await);
    let_go(&store, begun.id, NEVER).await;
    assert!(send(&store, "welcome", b"words").await);
    assert!(settle(&store, "welcome", sent()).await);
}

fn item(public_id: &str, occurrence: &str) -> GatherNew {
    gathered(public_id, occurrence, NOW)
}

async fn gather(store: &Store, subject: i64, items: Vec<GatherNew>) {
    let outcome = Outcome {
        gather: items,
        ..Outcome::default()
    };
    bring_forth(store, subject, outcome).await;
}

/// What each bundle says, by the id of its mail.
async fn bundles(store: &Store) -> BTreeMap<String, Vec<String>> {
    let filter = tovholder::store::OutboxFilter {
        limit: 99,
        ..Default::default()
    };
    let mut all = BTreeMap::new();
    for mail in store.outbox(Sees::All, &filter).await.unwrap() {
        let items = store.gather_items(mail.id).await.unwrap();
        let own = items
            .iter()
            .any(|item| (item.subject_id, &item.occurrence) == (mail.subject_id, &mail.occurrence));
        assert!(own, "a bundle has the stream of one of its own");
        let items = items.into_iter().map(|item| item.occurrence).collect();
        all.insert(mail.public_id, items);
    }
    all
}

async fn a_bundle_that_says_both_is_taken_apart(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let (call, talk) = (
        "task.call#1.remind@school#1.1",
        "task.talk#1.remind@school#1.1",
    );
    gather(
        &store,
        cases[0],
        vec![item("a-call", call), item("a-talk", talk)],
    )
    .await;
    gather(
        &store,
        cases[1],
        vec![item("b-call", call), item("b-talk", talk)],
    )
    .await;
    store.close_gathers(NOW, None).await.unwrap();
    let list = |items: &[&str]| {
        items
            .iter()
            .map(|item| (*item).to_owned())
            .collect::<Vec<_>>()
    };
    let whole = BTreeMap::from([("a-call".to_owned(), list(&[call, talk, call, talk]))]);
    assert_eq!(bundles(&store).await, whole);
    // Its own item is among what is stopped: that stays what it was.
    let first = stop(&store, of(None, None, Some("task.call"))).await;
    let apart = BTreeMap::from([
        ("a-call".to_owned(), list(&[call, call])),
        ("a-talk".to_owned(), list(&[talk, talk])),
    ]);
    assert_eq!(bundles(&store).await, apart);
    assert_eq!(ready(&store).await, BTreeSet::from(["a-talk".to_owned()]));
    assert!(send(&store, "a-talk", b"both").await);
    assert!(!send(&store, "a-call", b"both").await);
    // The other is on the wire: it stays as it is attempted.
    stop(&store, of(None, None, Some("task.talk"))).await;
    assert_eq!(bundles(&store).await, apart);
    let_go(&store, first, NEVER).await;
    assert!(send(&store, "a-call", b"both").await);
}

async fn what_closes_while_it_is_stopped_is_a_bundle_of_its_own(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let occurrences = [
        "task.call#1.remind@x#1.1",
        "task.talk#1.remind@x#1.1",
        "task.third#1.remind@x#1.1",
    ];
    let stops = [
        stop(&store, of(None, None, Some("task.call"))).await,
        stop(&store, of(None, None, Some("task.talk"))).await,
    ];
    let items = occurrences.iter().zip(["call", "talk", "third"]);
    gather(
        &store,
        cases[0],
        items.map(|(of, id)| item(id, of)).collect(),
    )
    .await;
    let closed = store.close_gathers(NOW, None).await.unwrap();
    assert_eq!(closed.len(), 1);
    // Not one bundle of what is stopped: each leaves when its own stop ends.
    let all = bundles(&store).await;
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(ready(&store).await, BTreeSet::from(["third".to_owned()]));
    for (stop, leaves) in stops.into_iter().zip(["call", "talk"]) {
        let_go(&store, stop, NEVER).await;
        assert!(ready(&store).await.contains(leaves), "{leaves}");
    }
}

async fn what_is_late_when_it_is_let_go_is_held(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let table = [
        ("hour", HOUR - MINUTE),
        ("day", 24 * HOUR),
        ("week", 7 * 24 * HOUR),
        ("coming", -HOUR),
    ];
    for (id, ago) in table {
        let mut mail = mail(id, &format!("message.{id}@school#1.1"), 0);
        mail.not_before = NOW - ago;
        queue(&store, cases[0], vec![mail]).await;
    }
    let mut wanted = mail("asked", "message.asked@school#1.1", 0);
    (wanted.not_before, wanted.reason) = (NOW - 24 * HOUR, Some("asked".to_owned()));
    queue(&store, cases[0], vec![wanted]).await;
    let mut useless = mail("useless", "message.useless@school#1.1", 0);
    useless.not_before = NOW - 24 * HOUR;
    queue(&store, cases[0], vec![useless]).await;
    let id = stop(&store, Scope::default()).await;
    let cancel = Cancel {
        fence: fence(&row(&store, "useless").await),
        reason: "moment-passed".to_owned(),
    };
    let late = Late {
        before: NOW - HOUR,
        lot: NOW,
    };
    let gone = store
        .let_go(id, vec![cancel], late, "cli", NOW)
        .await
        .unwrap();
    assert_eq!(
        gone,
        Some(LetGo {
            held: 2,
            dropped: 1
        })
    );
    for (id, expect) in [
        ("hour", (Status::Queued, None)),
        ("day", (Status::Held, Some(NOW))),
        ("week", (Status::Held, Some(NOW))),
        ("coming", (Status::Queued, None)),
        ("asked", (Status::Queued, None)),
        ("useless", (Status::Cancelled, None)),
    ] {
        let row: OutboxRow = row(&store, id).await;
        assert_eq!((row.status, row.late_lot), expect, "{id}");
    }
    assert_eq!(store.lot_size(NOW).await.unwrap(), 2);
    assert_eq!(store.release_lot(NOW).await.unwrap(), 2);
    assert_eq!(ready(&store).await.len(), 4);
}

/// Stops begin and end by chance while mail of every kind comes and is sent: none leaves while anything stops it, and
/// each leaves once.
async fn nothing_is_lost_or_doubled_whatever_is_stopped_and_let_go(store: Store) {
    let (hold, known) = world(&store).await;
    let mut seed: u64 = 7;
    let mut draw = |below: usize| {
        seed =
            (seed.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let scopes = [
        Scope::default(),
        of(Some("sosu"), None, None),
        of(None, Some(hold), None),
        of(None, None, Some("message.welcome")),
        of(Some("sosu"), None, Some("task.talk")),
        of(None, Some(hold), Some("meeting.talk")),
    ];
    let mut open: Vec<(i64, Scope)> = Vec::new();
    let mut left: BTreeSet<String> = BTreeSet::new();
    for round in 0..40 {
        match draw(3) {
            0 => {
                let scope = scopes[draw(scopes.len())].clone();
                let begun = store
                    .stop(scope.clone(), "Prøve", "cli", NOW)
                    .await
                    .unwrap();
                if begun.is_new {
                    open.push((begun.id, scope));
                }
            }
            1 if !open.is_empty() => {
                let (id, _) = open.swap_remove(draw(open.len()));
                let_go(&store, id, NEVER).await;
            }
            _ => {
                let few = i64::try_from(1 + draw(2)).unwrap();
                let rows = store.ready(NOW, few).await.unwrap();
                let freezes = rows.iter().map(|row| freeze(row, b"words")).collect();
                let begun = store.begin_sending(freezes, NOW).await.unwrap();
                for row in rows.iter().filter(|row| begun.contains(&row.id)) {
                    let (workflow, hold, occurrence) = &known[&row.public_id];
                    let covers = |scope: &Scope| scope.covers(workflow, Some(*hold), occurrence);
                    assert!(
                        !open.iter().any(|(_, scope)| covers(scope)),
                        "{round}: {occurrence}"
                    );
                    assert!(left.insert(row.public_id.clone()), "{occurrence} twice");
                    assert!(settle(&store, &row.public_id, sent()).await);
                }
            }
        }
    }
    for (id, _) in open {
        let_go(&store, id, NEVER).await;
    }
    left.extend(ready(&store).await);
    assert_eq!(left.len(), known.len());
}
