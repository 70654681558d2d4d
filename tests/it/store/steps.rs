//! Steps are stored whole or not at all, and only if what they were computed from is still so.

use tovholder::store::{Committed, Outcome, PersonRef, Sees, Settled, Status, Store, Told, Write};

use super::{
    MINUTE, NOW, bring_forth, case, cohort, event, gathered, hold_with, mail, news, publish, queue,
    row, send, status, step, words,
};

super::contract! {
    what_has_moved_on_is_stale,
    a_step_meets_the_steps_before_it_in_its_batch,
    a_thousand_are_all_there,
    a_key_that_exists_fails_the_batch_and_nothing_is_stored,
    an_input_is_found_again,
    what_was_read_before_a_call_is_due_at_once,
    news_lands_once_and_is_not_slept_over,
    news_is_taken_in_once_though_it_leaves_no_event,
    a_call_reaches_members_written_in_the_same_batch,
    a_later_hold_wakes_those_who_wait_for_it_and_no_others,
    a_hold_that_came_meanwhile_is_waited_for_by_nobody,
    erasure_leaves_no_word,
    erasure_reaches_what_the_hold_and_others_said,
    concurrent_steps_of_a_subject_have_one_winner,
}

async fn what_has_moved_on_is_stale(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let fresh = Write {
        expect_cohort: Some((hold, 0)),
        ..step(cases[0], 1)
    };
    let table = [
        ("as read", fresh.clone(), Committed::Done),
        ("old seq", step(cases[1], 0), Committed::Stale),
        ("future seq", step(cases[1], 2), Committed::Stale),
        ("no such subject", step(9999, 1), Committed::Stale),
        (
            "the hold has called",
            Write {
                expect_cohort: Some((hold, -1)),
                ..step(cases[1], 1)
            },
            Committed::Stale,
        ),
        (
            "the planner has changed",
            Write {
                plan_rev: 0,
                ..step(cases[1], 1)
            },
            Committed::Stale,
        ),
        ("the others go on", step(cases[2], 1), Committed::Done),
    ];
    let writes = table.iter().map(|(_, write, _)| write.clone()).collect();
    let verdicts = store.commit(writes, NOW).await.unwrap();
    for ((name, _, expected), verdict) in table.iter().zip(verdicts) {
        assert_eq!(verdict, *expected, "{name}");
    }
    let loaded = store.load(&cases).await.unwrap();
    let seqs: Vec<i64> = loaded.subjects.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [2, 1, 2]);
    assert_eq!(store.history(cases[1]).await.unwrap().len(), 1);
    assert_eq!(store.bump_plan_rev().await.unwrap(), 2);
    let verdicts = store.commit(vec![step(cases[0], 2)], NOW).await.unwrap();
    assert_eq!(verdicts, [Committed::Stale]);
}

async fn a_step_meets_the_steps_before_it_in_its_batch(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let member = |case| Write {
        expect_cohort: Some((hold, 0)),
        ..step(case, 1)
    };
    let call = Write {
        broadcast: true,
        ..step(hold, 1)
    };
    let writes = vec![member(cases[0]), step(cases[0], 1), call, member(cases[1])];
    assert_eq!(
        store.commit(writes, NOW).await.unwrap(),
        [
            Committed::Done,
            Committed::Stale,
            Committed::Done,
            Committed::Stale
        ]
    );
}

async fn a_thousand_are_all_there(store: Store) {
    let (hold, cases) = hold_with(&store, 1000).await;
    let writes = (cases.iter().enumerate())
        .map(|(at, case)| Write {
            expect_cohort: Some((hold, 0)),
            outcome: Outcome {
                progress: None,
                events: vec![event(2, Some("tick")), event(3, None)],
                outbox: vec![mail(&format!("mail-{at}"), "welcome@school#1.1", 0)],
                gather: vec![super::gathered(
                    &format!("g-{at}"),
                    "a@school#1.1",
                    NOW + MINUTE,
                )],
                inbox_out: vec![news(hold, &format!("joined {case}"))],
                texts: vec![words("note", "Ord")],
                seats: None,
                task_due_at: None,
                meeting_end_at: None,
                told: vec![Told {
                    seq: 2,
                    kind: "case.moved",
                }],
            },
            seq: 3,
            ..step(*case, 1)
        })
        .collect();
    let verdicts = store.commit(writes, NOW + 7).await.unwrap();
    assert!(verdicts.iter().all(|verdict| *verdict == Committed::Done));

    let loaded = store.load(&cases).await.unwrap();
    for (row, case) in loaded.subjects.iter().zip(&cases) {
        assert_eq!(
            (row.id, row.seq, row.state.as_deref()),
            (*case, 3, Some("practice"))
        );
        assert_eq!(row.snapshot, r#"{"seq":2}"#);
        assert_eq!(row.next_due_at, Some(NOW + MINUTE));
    }
    assert_eq!(loaded.born.len(), 1000);
    assert_eq!(loaded.cohorts.len(), 1);
    for case in [cases[0], cases[499], cases[999]] {
        let history = store.history(case).await.unwrap();
        assert_eq!(history.len(), 3);
        assert_eq!(history[1].payload, event(1, None).payload);
        assert_eq!(
            (history[0].recorded_at, history[2].recorded_at),
            (NOW, NOW + 7)
        );
        assert_eq!(store.texts(&[case]).await.unwrap()[0].text, "Ord");
    }
    assert_eq!(store.ready(NOW, 2000).await.unwrap().len(), 1000);
    assert_eq!(store.load(&[hold]).await.unwrap().inbox[&hold].len(), 1000);
    assert_eq!(
        store.close_gathers(NOW + MINUTE, None).await.unwrap()[0].items,
        1000
    );
}

async fn a_key_that_exists_fails_the_batch_and_nothing_is_stored(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let once = Outcome {
        events: vec![event(2, Some("click"))],
        outbox: vec![mail("m-1", "welcome@school#1.1", 0)],
        ..Outcome::default()
    };
    let first = Write {
        outcome: once.clone(),
        ..step(cases[0], 1)
    };
    store.commit(vec![first], NOW).await.unwrap();
    let events = |events| Outcome {
        events,
        ..Outcome::default()
    };
    let outbox = |mails| Outcome {
        events: vec![event(3, None)],
        outbox: mails,
        ..Outcome::default()
    };
    for (name, outcome) in [
        ("an event", events(vec![event(2, None)])),
        ("an input", events(vec![event(3, Some("click"))])),
        ("a mail", outbox(vec![mail("m-2", "welcome@school#1.1", 0)])),
        (
            "a Message-ID",
            outbox(vec![mail("m-1", "other@school#1.1", 0)]),
        ),
    ] {
        let again = Write {
            outcome,
            ..step(cases[0], 2)
        };
        let failed = store.commit(vec![step(cases[1], 1), again], NOW).await;
        assert!(failed.is_err_and(|error| error.is_conflict()), "{name}");
        assert_eq!(store.history(cases[1]).await.unwrap().len(), 1, "{name}");
        assert_eq!(
            store.load(&cases).await.unwrap().subjects[1].seq,
            1,
            "{name}"
        );
    }
    let done = store.commit(vec![step(cases[1], 1)], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
}

async fn an_input_is_found_again(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let click = Write {
        outcome: Outcome {
            events: vec![event(2, Some("click")), event(3, None)],
            ..Outcome::default()
        },
        seq: 3,
        ..step(cases[0], 1)
    };
    store.commit(vec![click], NOW).await.unwrap();
    let found = store.input_outcome(cases[0], "click").await.unwrap();
    assert_eq!(found.map(|event| event.seq), Some(2));
    assert_eq!(store.input_outcome(cases[0], "other").await.unwrap(), None);
}

async fn what_was_read_before_a_call_is_due_at_once(store: Store) {
    let (hold, _) = hold_with(&store, 0).await;
    let version = publish(&store, "sosu").await;
    let call = Write {
        broadcast: true,
        ..step(hold, 1)
    };
    store.commit(vec![call], NOW).await.unwrap();
    let mut current = case(version, "current", hold);
    current.cohort_broadcast = Some(1);
    let mut old_plan = current.clone();
    old_plan.public_id = "old-plan".into();
    old_plan.plan_rev = 0;
    let subjects = vec![case(version, "old", hold), current, old_plan];
    let ids = store.create(subjects, NOW).await.unwrap();
    let rows = store.load(&ids).await.unwrap().subjects;
    let due: Vec<_> = rows.iter().map(|row| row.next_due_at).collect();
    assert_eq!(due, [Some(0), Some(NOW), Some(0)]);
}

async fn news_lands_once_and_is_not_slept_over(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let tell = |key| Outcome {
        inbox_out: vec![news(hold, key)],
        ..Outcome::default()
    };
    bring_forth(&store, cases[0], tell("joined 1")).await;
    bring_forth(&store, cases[1], tell("joined 1")).await;
    let loaded = store.load(&[hold]).await.unwrap();
    assert_eq!(loaded.subjects[0].next_due_at, Some(0));
    let inbox = &loaded.inbox[&hold];
    assert_eq!(inbox.len(), 1);

    // More comes in between reading the hold and storing its step.
    bring_forth(&store, cases[0], tell("joined 2")).await;
    let done = Write {
        inbox_done: vec![inbox[0].id],
        ..step(hold, 1)
    };
    store.commit(vec![done], NOW).await.unwrap();
    let loaded = store.load(&[hold]).await.unwrap();
    assert_eq!(loaded.subjects[0].next_due_at, Some(0));
    let open: Vec<_> = loaded.inbox[&hold]
        .iter()
        .map(|row| row.key.as_str())
        .collect();
    assert_eq!(open, ["joined 2"]);

    let done = Write {
        inbox_done: vec![loaded.inbox[&hold][0].id],
        ..step(hold, 2)
    };
    store.commit(vec![done], NOW).await.unwrap();
    let loaded = store.load(&[hold]).await.unwrap();
    assert_eq!(loaded.subjects[0].next_due_at, Some(NOW + MINUTE));
    bring_forth(&store, cases[1], tell("joined 1")).await;
    assert_eq!(store.load(&[hold]).await.unwrap(), loaded);
}

async fn news_is_taken_in_once_though_it_leaves_no_event(store: Store) {
    let (hold, cases) = hold_with(&store, 1).await;
    let tell = Outcome {
        inbox_out: vec![news(hold, "joined")],
        ..Outcome::default()
    };
    bring_forth(&store, cases[0], tell).await;
    let taken = store.load(&[hold]).await.unwrap().inbox[&hold][0].id;
    // Both were computed from the same; the first leaves the subject's number as it was.
    let step = Write {
        seq: 1,
        outcome: Outcome::default(),
        inbox_done: vec![taken],
        ..step(hold, 1)
    };
    for expected in [Committed::Done, Committed::Stale] {
        let committed = store.commit(vec![step.clone()], NOW).await.unwrap();
        assert_eq!(committed, [expected]);
    }
}

async fn a_call_reaches_members_written_in_the_same_batch(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let version = publish(&store, "sosu").await;
    let call = Write {
        broadcast: true,
        opens: vec![case(version, "opened-with-it", hold)],
        ..step(hold, 1)
    };
    store
        .commit(vec![step(cases[0], 1), call], NOW)
        .await
        .unwrap();
    for row in store.subjects_of(Sees::All, hold).await.unwrap() {
        assert_eq!(row.next_due_at, Some(0), "{}", row.public_id);
    }
    assert_eq!(
        store.load(&cases).await.unwrap().cohorts[&hold]
            .subject
            .broadcast,
        1
    );
}

/// A step after which nothing is due.
fn asleep(case: i64, seq: i64, waits: bool) -> Write {
    Write {
        next_due_at: None,
        waits,
        ..step(case, seq)
    }
}

/// Which of these are to look at once.
async fn woken(store: &Store, cases: &[i64]) -> Vec<i64> {
    let loaded = store.load(cases).await.unwrap();
    let woken = loaded
        .subjects
        .iter()
        .filter(|row| row.next_due_at == Some(0));
    woken.map(|row| row.id).collect()
}

async fn a_later_hold_wakes_those_who_wait_for_it_and_no_others(store: Store) {
    let (_, cases) = hold_with(&store, 1_001).await;
    let waiting = cases[500];
    let steps = cases.iter().map(|case| asleep(*case, 1, *case == waiting));
    store.commit(steps.collect(), NOW).await.unwrap();
    let hold = async |workflow: &str, starts_on: &str| {
        let version = publish(&store, workflow).await;
        let hold = cohort(version, &format!("{workflow} {starts_on}"), starts_on);
        store.create(vec![hold], NOW).await.unwrap()[0]
    };
    hold("another", "2026-08-03").await;
    assert_eq!(woken(&store, &cases).await, [0; 0], "another workflow's");
    let other = hold("sosu", "2026-01-05").await;
    assert_eq!(woken(&store, &cases).await, [waiting]);

    let commit = async |write| {
        assert_eq!(
            store.commit(vec![write], NOW).await.unwrap(),
            [Committed::Done]
        );
    };
    commit(asleep(waiting, 2, true)).await;
    assert_eq!(woken(&store, &cases).await, [0; 0], "it was an earlier one");
    commit(Write {
        state: None,
        starts_on: Some("2026-08-03".to_owned()),
        ..asleep(other, 1, false)
    })
    .await;
    assert_eq!(
        woken(&store, &cases).await,
        [waiting],
        "it is a later one now"
    );
    commit(asleep(waiting, 3, false)).await;
    hold("sosu", "2026-09-07").await;
    assert_eq!(woken(&store, &cases).await, [0; 0], "nobody waits any more");
}

/// Whichever comes first: the case is not asleep where there is a later hold.
async fn a_hold_that_came_meanwhile_is_waited_for_by_nobody(store: Store) {
    for round in 0..20 {
        let version = publish(&store, &format!("workflow-{round}")).await;
        let named = |what: &str| format!("{what}-{round}");
        let first = cohort(version, &named("first"), "2026-02-02");
        let first = store.create(vec![first], NOW).await.unwrap()[0];
        let one = case(version, &named("case"), first);
        let one = store.create(vec![one], NOW).await.unwrap()[0];
        let later = cohort(version, &named("later"), "2026-08-03");
        // It was read when there was none.
        let waits = vec![asleep(one, 1, true)];
        let (made, committed) =
            tokio::join!(store.create(vec![later], NOW), store.commit(waits, NOW));
        made.unwrap();
        assert_eq!(committed.unwrap(), [Committed::Done]);
        assert_eq!(woken(&store, &[one]).await, [one], "round {round}");
    }
}

async fn erasure_leaves_no_word(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let version = publish(&store, "sosu").await;
    let person = store.load(&cases).await.unwrap().subjects[0]
        .person_id
        .unwrap();
    let mut second = case(version, "second-case", hold);
    second.person = Some(PersonRef::Id(person));
    let second = store.create(vec![second], NOW).await.unwrap()[0];
    let said = Outcome {
        texts: vec![words("note", "Ord om et menneske")],
        outbox: vec![
            mail("m-1", "a@school#1.1", 0),
            mail("m-2", "b@school#1.1", 0),
        ],
        ..Outcome::default()
    };
    bring_forth(&store, cases[0], said).await;
    let ready = store.ready(NOW, 9).await.unwrap();
    store
        .begin_sending(vec![super::freeze(&ready[0], b"Kaere")], NOW)
        .await
        .unwrap();

    let erase = |case, seq| Write {
        erase_person: true,
        ..step(case, seq)
    };
    store.commit(vec![erase(cases[0], 2)], NOW).await.unwrap();
    assert_eq!(store.texts(&cases[..1]).await.unwrap(), []);
    let wire = store
        .outbox_row(Sees::All, ready[0].id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (wire.frozen, wire.address, wire.subject_line),
        (None, None, None)
    );
    let unsent = store
        .outbox_row(Sees::All, ready[1].id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(unsent.reason.as_deref(), Some("erased"));
    let known = store.people(&[person]).await.unwrap();
    assert!(
        known[&person].erased.is_none(),
        "another case of the person is open"
    );

    let retry = tovholder::store::Settled::Retry {
        not_before: NOW,
        message: "451".to_owned(),
    };
    assert!(store.settle(wire.id, 1, retry, NOW).await.unwrap());
    let wire = store.outbox_row(Sees::All, wire.id).await.unwrap().unwrap();
    assert_eq!(wire.status, tovholder::store::Status::Cancelled);

    store.commit(vec![erase(second, 1)], NOW).await.unwrap();
    let gone = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert_eq!(
        (gone.name.as_str(), gone.email, gone.born),
        ("", None, None)
    );
    assert_eq!(gone.erased, Some(NOW));
    assert_eq!(store.load(&cases).await.unwrap().born.len(), 1);
}

async fn erasure_reaches_what_the_hold_and_others_said(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let of_hold = |id: &str, seat: &str, cases_in: &str| {
        let mut mail = mail(id, &format!("{id}@cohort#1"), 0);
        seat.clone_into(&mut mail.seat);
        mail.intent = format!(r#"{{"name":"{id}","cases_in":{cases_in}}}"#);
        mail
    };
    let own = format!("candidate:{}", cases[0]);
    let others = format!("candidate:{}", cases[1]);
    let said = vec![
        of_hold("own", &own, "[]"),
        of_hold("others", &others, "[]"),
        of_hold("digest", "jobcentre:1", r#"["school"]"#),
        of_hold("room", "coordinator", "[]"),
        of_hold("unsent", &own, "[]"),
    ];
    queue(&store, hold, said).await;
    for (case, id) in cases.iter().zip(["g-1", "g-2"]) {
        let item = gathered(id, "absent@school#1", NOW);
        let outcome = Outcome {
            gather: vec![item],
            ..Outcome::default()
        };
        bring_forth(&store, *case, outcome).await;
    }
    assert_eq!(store.close_gathers(NOW, None).await.unwrap().len(), 1);
    for id in ["own", "others", "digest", "room", "g-1"] {
        assert!(send(&store, id, b"Kaere").await, "{id}");
        let row = row(&store, id).await;
        let sent = Settled::Sent {
            answer: "250".to_owned(),
        };
        assert!(store.settle(row.id, 1, sent, NOW).await.unwrap(), "{id}");
    }

    let seq = store.load(&cases[..1]).await.unwrap().subjects[0].seq;
    let erase = Write {
        erase_person: true,
        outcome: Outcome {
            events: vec![event(seq + 1, None)],
            ..Outcome::default()
        },
        ..step(cases[0], seq)
    };
    store.commit(vec![erase], NOW).await.unwrap();
    for (id, has_bytes, has_address) in [
        ("own", false, false),
        ("others", true, true),
        ("digest", false, true),
        ("room", true, true),
        ("g-1", false, false),
    ] {
        let row = row(&store, id).await;
        let left = (row.frozen.is_some(), row.address.is_some());
        assert_eq!(left, (has_bytes, has_address), "{id}");
    }
    assert_eq!(status(&store, "unsent").await, Status::Cancelled);
}

async fn concurrent_steps_of_a_subject_have_one_winner(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (store, write) = (store.clone(), step(cases[0], 1));
            tokio::spawn(async move { store.commit(vec![write], NOW).await.unwrap()[0] })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        winners += usize::from(task.await.unwrap() == Committed::Done);
    }
    assert_eq!(winners, 1);
    assert_eq!(store.history(cases[0]).await.unwrap().len(), 2);
}
