//! Accounts, sessions, seats and the log of who read what: the store's rules for a login.

use std::collections::BTreeSet;

use tovholder::store::{
    AccountNew, Committed, NewOrganisation, NewSubject, Outcome, PersonImport, ReadsFilter, Sees,
    Session, Store, Write,
};

use super::{MINUTE, NOW, case, contract, hold_with, step};

contract! {
    a_session_is_good_until_it_ends_and_while_the_account_is_open,
    a_code_is_taken_once_and_misses_are_counted,
    a_link_is_used_up_and_ends_every_session,
    what_is_seen_is_what_belongs_to_somebody,
    who_read_is_written_down,
}

pub(super) async fn account(store: &Store, login: &str) -> i64 {
    let person = store
        .upsert_person(PersonImport {
            name: "Kim Holm".into(),
            email: Some(login.into()),
            ..PersonImport::default()
        })
        .await
        .unwrap();
    let new = AccountNew {
        public_id: format!("account of {login}"),
        person_id: person,
        login: login.into(),
        role: "coordinator".into(),
        at: NOW,
    };
    store.open_account(new).await.unwrap()
}

fn session(account_id: i64, hash: &str) -> Session {
    Session {
        hash: hash.into(),
        is_welcome: false,
        account_id,
        at: NOW,
        ends_at: NOW + 10 * MINUTE,
    }
}

async fn a_session_is_good_until_it_ends_and_while_the_account_is_open(store: Store) {
    let kim = account(&store, "Kim@kommune.example").await;
    assert!(store.begin_session(session(kim, "h"), 0).await.unwrap());
    let whose = async |hash: &str, is_welcome, at| {
        let found = store.session(hash, is_welcome, at).await.unwrap();
        found.map(|(account, _)| account.login)
    };
    assert_eq!(
        whose("h", false, NOW).await.as_deref(),
        Some("kim@kommune.example")
    );
    assert_eq!(whose("h", true, NOW).await, None, "a session is no link");
    assert_eq!(whose("g", false, NOW).await, None);
    assert_eq!(whose("h", false, NOW + 10 * MINUTE).await, None);
    // It goes on when it is used, but not for ever.
    for (ends_at, longest, lasts) in [(20, 60, 20), (90, 60, 60)] {
        let (at, ends) = (NOW + MINUTE, NOW + ends_at * MINUTE);
        store
            .extend_session("h", at, ends, longest * MINUTE)
            .await
            .unwrap();
        assert!(
            whose("h", false, NOW + lasts * MINUTE - 1).await.is_some(),
            "{ends_at}"
        );
        assert!(
            whose("h", false, NOW + lasts * MINUTE).await.is_none(),
            "{ends_at}"
        );
    }
    assert!(store.close_account(kim, NOW).await.unwrap());
    assert!(!store.close_account(kim, NOW).await.unwrap());
    assert_eq!(whose("h", false, NOW).await, None);
    assert!(
        !store.begin_session(session(kim, "i"), 0).await.unwrap(),
        "it is closed"
    );
    // Opened again it is the same one, with another role.
    let again = account(&store, "kim@kommune.example").await;
    assert_eq!(again, kim);
    let last = Session {
        at: NOW + 20 * MINUTE,
        ends_at: NOW + 30 * MINUTE,
        ..session(kim, "k")
    };
    assert!(store.begin_session(session(kim, "j"), 0).await.unwrap());
    assert!(store.begin_session(last, 0).await.unwrap());
    assert_eq!(
        whose("j", false, NOW).await,
        None,
        "what has ended is forgotten"
    );
    assert!(whose("k", false, NOW).await.is_some());
}

async fn a_code_is_taken_once_and_misses_are_counted(store: Store) {
    let kim = account(&store, "kim@kommune.example").await;
    store.set_second(kim, Some(vec![1, 2, 3])).await.unwrap();
    store.missed(kim, 0).await.unwrap();
    store.missed(kim, NOW + MINUTE).await.unwrap();
    store.missed(kim, NOW).await.unwrap();
    let known = store
        .account("KIM@kommune.example ")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (known.misses, known.locked_until),
        (3, NOW + MINUTE),
        "it is never shortened"
    );
    assert!(store.begin_session(session(kim, "a"), 7).await.unwrap());
    assert!(!store.begin_session(session(kim, "b"), 7).await.unwrap());
    assert!(!store.begin_session(session(kim, "c"), 6).await.unwrap());
    assert!(store.begin_session(session(kim, "d"), 8).await.unwrap());
    let known = store.account("kim@kommune.example").await.unwrap().unwrap();
    assert_eq!((known.misses, known.locked_until, known.used), (0, 0, 8));
    for (hash, is_there) in [("a", true), ("b", false), ("c", false), ("d", true)] {
        assert_eq!(
            store.session(hash, false, NOW).await.unwrap().is_some(),
            is_there,
            "{hash}"
        );
    }
    store.end_session("a").await.unwrap();
    assert!(store.session("a", false, NOW).await.unwrap().is_none());
}

async fn a_link_is_used_up_and_ends_every_session(store: Store) {
    let kim = account(&store, "kim@kommune.example").await;
    assert!(store.begin_session(session(kim, "old"), 0).await.unwrap());
    let link = |hash: &str| Session {
        is_welcome: true,
        ..session(kim, hash)
    };
    store.welcome(link("first")).await.unwrap();
    store.welcome(link("second")).await.unwrap();
    let good = async |hash: &str, at| store.choose_password(hash, "phc", at).await.unwrap();
    assert!(!good("first", NOW).await, "a newer link takes its place");
    assert!(!good("old", NOW).await, "a session is no link");
    assert!(!good("second", NOW + 10 * MINUTE).await, "too late");
    assert!(good("second", NOW).await);
    assert!(!good("second", NOW).await);
    let known = store.account("kim@kommune.example").await.unwrap().unwrap();
    assert_eq!(known.password.as_deref(), Some("phc"));
    assert!(store.session("old", false, NOW).await.unwrap().is_none());
}

async fn what_is_seen_is_what_belongs_to_somebody(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    account(&store, "a@post.example").await;
    let person = store
        .person_by_email("a@post.example")
        .await
        .unwrap()
        .unwrap()
        .id;
    let seated = |seq, seats| {
        let step = step(cases[1], seq);
        Write {
            expect_cohort: Some((hold, 0)),
            outcome: Outcome {
                seats,
                ..step.outcome.clone()
            },
            ..step
        }
    };
    let sit = async |seq, seats| {
        let done = store.commit(vec![seated(seq, seats)], NOW).await.unwrap();
        assert_eq!(done, [Committed::Done]);
    };
    sit(1, Some(vec![person, person])).await;
    let seen = async |sees| {
        let rows = store.subjects_of(sees, hold).await.unwrap();
        rows.into_iter()
            .map(|row| row.id)
            .collect::<BTreeSet<i64>>()
    };
    let all: BTreeSet<i64> = cases.iter().copied().collect();
    assert_eq!(seen(Sees::All).await, all);
    assert_eq!(seen(Sees::Nobody).await, BTreeSet::new());
    assert_eq!(seen(Sees::Seats(person)).await, BTreeSet::from([cases[1]]));
    assert_eq!(seen(Sees::Seats(person + 1)).await, BTreeSet::new());
    let new = NewOrganisation {
        name: "Jobcenter Nord".into(),
        ..NewOrganisation::default()
    };
    let organisation = store.upsert_organisation(new).await.unwrap();
    assert_eq!(
        seen(Sees::Organisation(organisation)).await,
        BTreeSet::new()
    );
    let version = store.subjects_of(Sees::All, hold).await.unwrap()[0].version_id;
    let theirs = NewSubject {
        organisation_id: Some(organisation),
        ..case(version, "case-nord", hold)
    };
    let theirs = store.create(vec![theirs], NOW).await.unwrap()[0];
    let seen_there = seen(Sees::Organisation(organisation)).await;
    assert_eq!(seen_there, BTreeSet::from([theirs]));
    // By its id, too.
    let all = store.subjects_of(Sees::All, hold).await.unwrap();
    for row in &all {
        let found = async |sees| {
            let found = store
                .subject_by_public_id(sees, &row.public_id)
                .await
                .unwrap();
            found.map(|found| found.id)
        };
        assert_eq!(found(Sees::All).await, Some(row.id));
        assert_eq!(found(Sees::Nobody).await, None);
        let theirs = (row.id == cases[1]).then_some(row.id);
        assert_eq!(found(Sees::Seats(person)).await, theirs);
    }
    // Whoever has no seat any more sees it no more; other steps leave seats as they are.
    sit(2, None).await;
    assert_eq!(seen(Sees::Seats(person)).await, BTreeSet::from([cases[1]]));
    sit(3, Some(Vec::new())).await;
    assert_eq!(seen(Sees::Seats(person)).await, BTreeSet::new());
}

async fn who_read_is_written_down(store: Store) {
    let kim = account(&store, "kim@kommune.example").await;
    let (_, cases) = hold_with(&store, 2).await;
    store.log_access(kim, &cases, "board", NOW).await.unwrap();
    store
        .log_access(kim, &cases[..1], "case", NOW + 1)
        .await
        .unwrap();
    let of = async |case| {
        let seen = store.access_of(case, 10).await.unwrap();
        seen.into_iter()
            .map(|seen| (seen.at, seen.what))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(cases[0]).await,
        [(NOW + 1, "case".into()), (NOW, "board".into())]
    );
    assert_eq!(of(cases[1]).await, [(NOW, "board".into())]);
    // The same as a list, of a case, of an account, of both, and from a line on.
    let bo = account(&store, "bo@kommune.example").await;
    store
        .log_access(bo, &cases[1..], "mail", NOW + 2)
        .await
        .unwrap();
    let (first, other) = (Some(cases[0]), Some(cases[1]));
    for (subject, reader, expect) in [
        (None, None, &[2, 1, 0, 0][..]),
        (first, None, &[1, 0]),
        (other, None, &[2, 0]),
        (None, Some(bo), &[2]),
        (other, Some(kim), &[0]),
        (first, Some(bo), &[]),
    ] {
        let mut filter = ReadsFilter {
            subject,
            account: reader,
            before: None,
            limit: 10,
        };
        let lines = store.reads(Sees::All, &filter).await.unwrap();
        let at: Vec<i64> = lines.iter().map(|line| line.at - NOW).collect();
        assert_eq!(at, expect, "{filter:?}");
        assert!(
            lines
                .iter()
                .all(|line| line.is_case && line.public_id.is_some())
        );
        filter.before = lines.first().map(|line| line.id);
        filter.limit = 1;
        let rest = store.reads(Sees::All, &filter).await.unwrap();
        let next = lines.get(1).map(|line| line.id);
        assert_eq!(rest.first().map(|line| line.id), next, "{filter:?}");
        assert_eq!(store.reads(Sees::Nobody, &filter).await.unwrap(), []);
    }
}
