//! What keeps people from being erased, what becomes of those who are, and that whatever changes it is not slept over.

use tovholder::store::{
    Act, Committed, Erased, KeptNews, PersonAct, PersonErase, Sees, Status, Store, SubjectRow,
    Write,
};

use super::{MINUTE, NOW, contract, hold_with, mail, queue, row, send, sent, settle, status, step};

contract! {
    nobody_is_erased_who_is_kept,
    what_is_let_go_is_not_slept_over,
    a_journal_is_of_so_many_events_and_wakes_its_case,
    a_person_goes_when_no_case_of_theirs_has_its_words,
    mail_is_shredded_when_it_is_no_longer_on_the_wire,
}

async fn subject(store: &Store, case: i64) -> SubjectRow {
    store.load(&[case]).await.unwrap().subjects.remove(0)
}

async fn person_of(store: &Store, case: i64) -> i64 {
    subject(store, case).await.person_id.unwrap()
}

fn act(person_id: i64, act: Act, at: i64) -> PersonAct {
    PersonAct {
        person_id,
        subject_id: None,
        at,
        act,
        by: "cli".into(),
        reason: Some("Klagesag".into()),
    }
}

async fn keep(store: &Store, person: i64, which: Act, at: i64) -> bool {
    let news = KeptNews(r#""kept""#.into());
    store
        .keep_person(act(person, which, at), news)
        .await
        .unwrap()
}

fn erase(case: i64, seq: i64) -> Write {
    Write {
        erase_person: true,
        ..step(case, seq)
    }
}

/// The step that takes in all news of a case.
async fn hears(store: &Store, case: i64) -> Write {
    let loaded = store.load(&[case]).await.unwrap();
    let news = loaded.inbox.get(&case).cloned().unwrap_or_default();
    Write {
        inbox_done: news.iter().map(|news| news.id).collect(),
        ..step(case, loaded.subjects[0].seq)
    }
}

async fn nobody_is_erased_who_is_kept(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let person = person_of(&store, cases[0]).await;
    assert_eq!(store.kept_since(person).await.unwrap(), None);
    assert!(keep(&store, person, Act::Kept, NOW).await);
    assert!(!keep(&store, person, Act::Kept, NOW + 1).await, "they are");
    assert_eq!(store.kept_since(person).await.unwrap(), Some(NOW));
    let loaded = store.load(&cases).await.unwrap();
    assert!(loaded.kept.contains(&cases[0]) && !loaded.kept.contains(&cases[1]));
    // A step that was computed before, and one of somebody else in the same batch.
    let writes = vec![erase(cases[0], 1), erase(cases[1], 1)];
    let done = store.commit(writes, NOW).await.unwrap();
    assert_eq!(done, [Committed::Stale, Committed::Done]);
    let wanted = PersonErase {
        person_id: person,
        by: "cli".into(),
        at: NOW,
    };
    assert_eq!(store.erase_person(wanted).await.unwrap(), Erased::Kept);
    assert!(keep(&store, person, Act::Released, NOW + 2).await);
    assert!(!keep(&store, person, Act::Released, NOW + 3).await);
    let done = store.commit(vec![erase(cases[0], 1)], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
    assert!(!keep(&store, person, Act::Kept, NOW + 4).await, "too late");
    let acts = store.person_acts(person).await.unwrap();
    let told: Vec<_> = acts
        .iter()
        .map(|act| (act.act.as_str(), act.by_whom.as_str()))
        .collect();
    assert_eq!(told, [("kept", "cli"), ("released", "cli")]);
    assert!(
        acts.iter().all(|act| act.reason.is_none()),
        "the words go with them"
    );
}

async fn what_is_let_go_is_not_slept_over(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let person = person_of(&store, cases[0]).await;
    keep(&store, person, Act::Kept, NOW).await;
    let heard = hears(&store, cases[0]).await;
    store.commit(vec![heard], NOW).await.unwrap();
    // Somebody has read the case while it was kept, and plans nothing more for it.
    let stale = Write {
        next_due_at: None,
        ..hears(&store, cases[0]).await
    };
    keep(&store, person, Act::Released, NOW + 1).await;
    let done = store.commit(vec![stale], NOW).await.unwrap();
    assert_eq!(done, [Committed::Done]);
    assert_eq!(
        subject(&store, cases[0]).await.next_due_at,
        Some(0),
        "it looks again"
    );
    let loaded = store.load(&cases).await.unwrap();
    assert_eq!(loaded.inbox[&cases[0]].len(), 1);
    assert!(!loaded.kept.contains(&cases[0]));
}

async fn a_journal_is_of_so_many_events_and_wakes_its_case(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let version = subject(&store, cases[0]).await.version_id;
    let asleep = cases.iter().map(|case| Write {
        next_due_at: None,
        ..step(*case, 1)
    });
    store.commit(asleep.collect(), NOW).await.unwrap();
    let waiting = async || store.unjournaled(&[version], 9).await.unwrap();
    assert_eq!(waiting().await, cases);
    let journal = PersonAct {
        subject_id: Some(cases[0]),
        ..act(person_of(&store, cases[0]).await, Act::Journal, NOW)
    };
    store
        .journaled(journal, 2, KeptNews("{}".into()))
        .await
        .unwrap();
    let case = subject(&store, cases[0]).await;
    assert_eq!((case.journaled, case.next_due_at), (Some(2), Some(0)));
    assert_eq!(waiting().await, [cases[1]]);
    assert_eq!(store.unjournaled(&[version + 1], 9).await.unwrap(), [0; 0]);
    // What has happened since is in no journal.
    let more = Write {
        next_due_at: None,
        ..hears(&store, cases[0]).await
    };
    store.commit(vec![more], NOW).await.unwrap();
    let mut both = waiting().await;
    both.sort_unstable();
    assert_eq!(both, cases);
}

async fn a_person_goes_when_no_case_of_theirs_has_its_words(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let person = person_of(&store, cases[0]).await;
    let before = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    let wanted = || PersonErase {
        person_id: person,
        by: "cli".into(),
        at: NOW + MINUTE,
    };
    assert_eq!(
        store.erase_person(wanted()).await.unwrap(),
        Erased::HasCases
    );
    // What their hold said to them alone, in another seat than theirs.
    queue(
        &store,
        hold,
        vec![mail("m1", "message.hello@cohort#1.1", 0)],
    )
    .await;
    assert!(send(&store, "m1", b"Hej").await && settle(&store, "m1", sent()).await);
    store.commit(vec![erase(cases[0], 1)], NOW).await.unwrap();
    let after = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert!(
        !before.name.is_empty() && after.name.is_empty(),
        "{before:?} {after:?}"
    );
    assert_eq!(
        (after.email, after.phone, after.born, after.erased),
        (None, None, None, Some(NOW))
    );
    assert_eq!(store.erase_person(wanted()).await.unwrap(), Erased::Done);
    assert_eq!(store.people_called(&before.name).await.unwrap(), [0; 0]);
    let about = store.about_person(person).await.unwrap();
    assert_eq!(about["people"][0]["name"], "");
    assert_eq!(about["person_acts"][0]["act"], "erased");
    assert_eq!(store.cases_of_person(person).await.unwrap().len(), 1);
}

async fn mail_is_shredded_when_it_is_no_longer_on_the_wire(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    for (at, id) in ["sent", "wire", "queued"].into_iter().enumerate() {
        let mail = mail(id, &format!("message.m{at}@practice#1.1"), 0);
        queue(&store, cases[0], vec![mail]).await;
    }
    queue(
        &store,
        cases[1],
        vec![mail("other", "message.m@practice#1.1", 0)],
    )
    .await;
    for id in ["sent", "wire", "other"] {
        assert!(send(&store, id, b"Hej").await);
    }
    assert!(settle(&store, "sent", sent()).await && settle(&store, "other", sent()).await);
    assert_eq!(store.to_shred().await.unwrap(), [""; 0]);
    let seq = subject(&store, cases[0]).await.seq;
    store.commit(vec![erase(cases[0], seq)], NOW).await.unwrap();
    assert_eq!(
        store.to_shred().await.unwrap(),
        ["sent"],
        "a file may still be written"
    );
    assert_eq!(
        store.to_shred().await.unwrap(),
        ["sent"],
        "until somebody says that it is gone"
    );
    store.shredded(vec!["sent".into()]).await.unwrap();
    assert_eq!(store.to_shred().await.unwrap(), [""; 0]);
    assert!(settle(&store, "wire", sent()).await);
    assert_eq!(store.to_shred().await.unwrap(), ["wire"]);
    assert_eq!(
        row(&store, "wire").await.answer,
        None,
        "nor what the server said"
    );
    assert_eq!(status(&store, "queued").await, Status::Cancelled);
    assert!(row(&store, "other").await.frozen.is_some());
    let subject = store
        .subject_by_public_id(Sees::All, "case-0000")
        .await
        .unwrap();
    assert!(subject.unwrap().erased_at.is_some());
    assert!(store.scrub().await.unwrap());
}
