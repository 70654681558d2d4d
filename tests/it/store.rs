//! The store's contract: every rule is a function of an empty store, run against each backend.

mod accounts;
mod beside;
mod digests;
mod drafts;
mod file;
mod flat;
mod gather;
mod hooks;
mod imports;
mod kept;
mod mail;
mod nodes;
mod operation;
mod outbox;
mod people;
mod places;
mod rations;
mod received;
mod sealed;
mod steps;
mod stops;
mod suppressed;
mod throttle;
mod tokens;
mod work;

use tovholder::store::{
    EventNew, Fence, Freeze, GatherNew, InboxNew, NewPerson, NewSubject, OutboxNew, OutboxRow,
    Outcome, PersonRef, Settled, Status, Store, SubjectKind, TextNew, Write,
};

/// Makes a test of every rule for every backend.
macro_rules! contract {
    ($($rule:ident,)*) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(tovholder::store::Store::open_in_memory().await.unwrap()).await;
            })*
        }
        mod in_postgres {
            $(#[tokio::test]
            async fn $rule() {
                let store = crate::support::postgres::shared().store().await;
                super::$rule(store.clone()).await;
                store.close().await.unwrap();
            })*
        }
        mod in_a_file {
            $(#[tokio::test]
            async fn $rule() {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("new/folder/store.db");
                // Here whatever can be sealed is.
                let keys = crate::support::keys();
                let store = tovholder::store::Store::open_with(path, keys).await.unwrap();
                super::$rule(store.clone()).await;
                assert_eq!(store.integrity_check().await.unwrap(), [""; 0]);
                store.close().await.unwrap();
            })*
        }
    };
}
pub(crate) use contract;

/// 2 February 2026, 07:00 UTC, in µs.
const NOW: i64 = 1_770_015_600_000_000;
const MINUTE: i64 = 60_000_000;

async fn publish(store: &Store, workflow: &str) -> i64 {
    let text = |text: &str| text.to_owned();
    store
        .publish(text(workflow), text("states:"), text("{}"), text("h1"), NOW)
        .await
        .unwrap()
}

fn cohort(version_id: i64, public_id: &str, starts_on: &str) -> NewSubject {
    NewSubject {
        public_id: public_id.to_owned(),
        kind: SubjectKind::Cohort,
        cohort_id: None,
        cohort_broadcast: None,
        version_id,
        person: None,
        organisation_id: None,
        title: Some(format!("Hold {starts_on}")),
        starts_on: Some(starts_on.to_owned()),
        seq: 1,
        state: None,
        next_due_at: None,
        plan_rev: 1,
        last_at: NOW,
        snapshot: "{}".to_owned(),
        outcome: Outcome {
            events: vec![event(1, None)],
            ..Outcome::default()
        },
        take_place: None,
        news_seen: None,
    }
}

fn case(version_id: i64, public_id: &str, cohort_id: i64) -> NewSubject {
    NewSubject {
        kind: SubjectKind::Case,
        cohort_id: Some(cohort_id),
        cohort_broadcast: Some(0),
        person: Some(PersonRef::New(NewPerson {
            name: format!("Kandidat {public_id}"),
            email: Some(format!("{public_id}@kandidat.example")),
            born: Some("1999-04-05".to_owned()),
            ..NewPerson::default()
        })),
        title: None,
        starts_on: None,
        state: Some("school".to_owned()),
        next_due_at: Some(NOW),
        ..cohort(version_id, public_id, "")
    }
}

/// A hold with so many cases, all due now: its id and theirs.
async fn hold_with(store: &Store, cases: usize) -> (i64, Vec<i64>) {
    let version = publish(store, "sosu").await;
    let hold = store
        .create(vec![cohort(version, "hold-1", "2026-02-02")], NOW)
        .await
        .unwrap()[0];
    let cases = (0..cases)
        .map(|at| case(version, &format!("case-{at:04}"), hold))
        .collect();
    (hold, store.create(cases, NOW).await.unwrap())
}

/// A step of a subject at `seq` that appends one event.
fn step(subject_id: i64, seq: i64) -> Write {
    Write {
        subject_id,
        expect_seq: seq,
        plan_rev: 1,
        seq: seq + 1,
        state: Some("practice".to_owned()),
        next_due_at: Some(NOW + MINUTE),
        last_at: NOW,
        snapshot: format!(r#"{{"seq":{}}}"#, seq + 1),
        outcome: Outcome {
            events: vec![event(seq + 1, None)],
            ..Outcome::default()
        },
        ..Write::default()
    }
}

fn event(seq: i64, input_key: Option<&str>) -> EventNew {
    EventNew {
        seq,
        at: NOW,
        actor: "clock".to_owned(),
        kind: "moved".to_owned(),
        input_key: input_key.map(str::to_owned),
        payload: r#"{"to":"p\"rå\\"}"#.to_owned(),
    }
}

fn mail(public_id: &str, occurrence: &str, revision: i64) -> OutboxNew {
    OutboxNew {
        occurrence: occurrence.to_owned(),
        seat: "candidate".to_owned(),
        revision,
        public_id: public_id.to_owned(),
        method: None,
        status: Status::Queued,
        reason: None,
        priority: 5,
        not_before: NOW,
        late_lot: None,
        intent: r#"{"name":"welcome"}"#.to_owned(),
    }
}

fn gathered(public_id: &str, occurrence: &str, close_at: i64) -> GatherNew {
    GatherNew {
        group_key: "person 7: absences".to_owned(),
        occurrence: occurrence.to_owned(),
        seat: "job_consultant".to_owned(),
        public_id: public_id.to_owned(),
        priority: 5,
        intent: "{}".to_owned(),
        close_at,
    }
}

fn news(target: i64, key: &str) -> InboxNew {
    InboxNew {
        target,
        key: key.to_owned(),
        at: NOW,
        payload: r#""joined""#.to_owned(),
    }
}

fn words(name: &str, text: &str) -> TextNew {
    TextNew {
        name: name.to_owned(),
        text: text.to_owned(),
        at: NOW,
    }
}

fn freeze(row: &OutboxRow, bytes: &[u8]) -> Freeze {
    Freeze {
        fence: fence(row),
        frozen: bytes.to_vec(),
        subject_line: "Velkommen".to_owned(),
        address: "kandidat@kandidat.example".to_owned(),
        domain: "kandidat.example".to_owned(),
        person_id: None,
        told: bytes.escape_ascii().to_string(),
        node: "node-1".to_owned(),
        digest: None,
        ration: None,
        merged: Vec::new(),
    }
}

fn fence(row: &OutboxRow) -> Fence {
    Fence {
        id: row.id,
        attempt: row.attempt,
        ..Fence::default()
    }
}

/// Stores a step of a subject that only brings this forth.
async fn bring_forth(store: &Store, subject: i64, outcome: Outcome) {
    let seq = store.load(&[subject]).await.unwrap().subjects[0].seq;
    let write = Write {
        outcome: Outcome {
            events: vec![event(seq + 1, None)],
            ..outcome
        },
        ..step(subject, seq)
    };
    let done = store.commit(vec![write], NOW).await.unwrap();
    assert_eq!(done, [tovholder::store::Committed::Done]);
}

async fn queue(store: &Store, subject: i64, mails: Vec<OutboxNew>) {
    let outcome = Outcome {
        outbox: mails,
        ..Outcome::default()
    };
    bring_forth(store, subject, outcome).await;
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
        .begin_sending(vec![freeze(&row, bytes)], NOW)
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
