//! Lists: whom they may mean, all of one or nothing, and cases that are taken back.

use tovholder::store::{
    Committed, ImportNew, PersonChange, PersonImport, PersonRef, Sees, Status, Store, Write,
};

use super::{MINUTE, NOW, case, cohort, hold_with, mail, publish, queue, row, send, status, step};

super::contract! {
    people_are_found_by_address_and_day_of_birth,
    a_list_is_taken_in_as_a_whole_on_the_hold_that_was_looked_at,
    a_case_is_taken_back_only_while_nothing_has_left,
}

async fn known(store: &Store, sees: Sees, emails: &[&str], born: &[&str]) -> Vec<String> {
    let found = store.known_people(sees, emails, born).await.unwrap();
    let mut names: Vec<String> = found.into_values().map(|person| person.name).collect();
    names.sort();
    names
}

async fn people_are_found_by_address_and_day_of_birth(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let staff = PersonImport {
        name: "Ansat".to_owned(),
        email: Some("ansat@job.example".to_owned()),
        roles: vec![(String::new(), "coordinator".to_owned())],
        ..PersonImport::default()
    };
    store.upsert_person(staff).await.unwrap();
    let all = Sees::All;
    let table: [(&[&str], &[&str], &[&str]); 6] = [
        (
            &["CASE-0000@kandidat.example"],
            &[],
            &["Kandidat case-0000"],
        ),
        (&["nobody@kandidat.example"], &[], &[]),
        (
            &[],
            &["1999-04-05"],
            &["Kandidat case-0000", "Kandidat case-0001"],
        ),
        (&[], &["1999-04-06"], &[]),
        (&["ansat@job.example"], &["1999-04-06"], &["Ansat"]),
        (&[], &[], &[]),
    ];
    for (emails, born, expect) in table {
        assert_eq!(known(&store, all, emails, born).await, expect, "{emails:?}");
    }
    // Whoever sees no cases finds staff and nobody else.
    let emails = ["case-0000@kandidat.example", "ansat@job.example"];
    for sees in [Sees::Nobody, Sees::Organisation(77), Sees::Seats(77)] {
        assert_eq!(
            known(&store, sees, &emails, &["1999-04-05"]).await,
            ["Ansat"]
        );
    }

    let people = store.known_people(all, &[], &["1999-04-05"]).await.unwrap();
    let ids: Vec<i64> = people.keys().copied().collect();
    let theirs = store.cases_of_people(all, &ids).await.unwrap();
    let found: Vec<i64> = theirs.iter().map(|case| case.id).collect();
    assert_eq!(found, cases);
    assert_eq!(theirs[0].title.as_deref(), Some("Hold 2026-02-02"));
    assert_eq!(store.cases_of_people(Sees::Nobody, &ids).await.unwrap(), []);
}

async fn a_list_is_taken_in_as_a_whole_on_the_hold_that_was_looked_at(store: Store) {
    let version = publish(&store, "sosu").await;
    let hold = store
        .create(vec![cohort(version, "hold-1", "2026-02-02")], NOW)
        .await
        .unwrap()[0];
    let was = store
        .create(vec![case(version, "before", hold)], NOW)
        .await
        .unwrap()[0];
    let person = store
        .cases_of_people(Sees::All, &all_people(&store).await)
        .await
        .unwrap()[0]
        .person_id;
    let seen = store.newest_case(hold).await.unwrap();
    assert_eq!(seen, was);
    let mut again = case(version, "again", hold);
    again.person = Some(PersonRef::Id(person));
    let import = ImportNew {
        cohort_id: hold,
        newest_case: seen,
        by: "cli".to_owned(),
        at: NOW,
        file_hash: "abc".to_owned(),
        cases: vec![case(version, "new", hold), again],
        people: vec![PersonChange {
            id: person,
            name: "Andet Navn".to_owned(),
            email: Some("andet@kandidat.example".to_owned()),
            phone: Some("1".to_owned()),
            born: None,
        }],
        was: vec![None, Some("{}".to_owned())],
    };
    let (id, cases) = store.take_in(import.clone()).await.unwrap();
    assert_eq!(cases.len(), 2);
    let rows = store.import_cases(Sees::All, id).await.unwrap();
    let came: Vec<(i64, i64)> = rows.iter().map(|row| (row.case_id, row.came)).collect();
    assert_eq!(came, [(cases[0], 1), (cases[1], 0)]);
    assert_eq!(rows[1].person_id, person);
    let changed = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert_eq!(changed.name, "Andet Navn");
    assert_eq!(changed.born, None);
    // The same list as it was looked at comes too late, and leaves nothing.
    let mut late = import;
    late.cases = vec![case(version, "late", hold)];
    late.was = vec![None];
    "Tredje".clone_into(&mut late.people[0].name);
    let error = store.take_in(late).await.expect_err("it is overtaken");
    assert!(error.is_overtaken(), "{error}");
    assert_eq!(
        store.imports(Sees::All, Some(hold), 9).await.unwrap().len(),
        1
    );
    assert_eq!(
        store.imports(Sees::All, None, 9).await.unwrap()[0].file_hash,
        "abc"
    );
    assert_eq!(
        store.imports(Sees::All, None, 9).await.unwrap()[0].candidates,
        2
    );
    for other in [Sees::Organisation(999), Sees::Seats(999), Sees::Nobody] {
        assert_eq!(store.imports(other, None, 9).await.unwrap(), []);
        assert_eq!(store.imports(other, Some(hold), 9).await.unwrap(), []);
        assert_eq!(store.import(other, id).await.unwrap(), None);
        assert_eq!(store.import_cases(other, id).await.unwrap(), []);
    }
    assert_eq!(store.newest_case(hold).await.unwrap(), cases[1]);
    let stays = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert_eq!(stays.name, "Andet Navn");
    store
        .undone(id, "cli".to_owned(), NOW, Vec::new())
        .await
        .unwrap();
    store
        .undone(id, "other".to_owned(), NOW + 1, Vec::new())
        .await
        .unwrap();
    let row = store.import(Sees::All, id).await.unwrap().unwrap();
    assert_eq!(
        (row.undone_at, row.undone_by.as_deref()),
        (Some(NOW), Some("cli"))
    );
}

async fn all_people(store: &Store) -> Vec<i64> {
    let found = store.known_people(Sees::All, &[], &["1999-04-05"]).await;
    found.unwrap().into_keys().collect()
}

async fn a_case_is_taken_back_only_while_nothing_has_left(store: Store) {
    let (hold, cases) = hold_with(&store, 3).await;
    let said = |public_id: &str, seat: &str| {
        let mut said = mail(public_id, &format!("message.{public_id}@x#1.1"), 0);
        seat.clone_into(&mut said.seat);
        vec![said]
    };
    let alone = |case: i64| format!("candidate:{case}");
    queue(&store, cases[0], said("own", "candidate")).await;
    queue(&store, cases[1], said("left", "candidate")).await;
    queue(&store, hold, said("of-hold", &alone(cases[0]))).await;
    queue(&store, hold, said("of-other", &alone(cases[2]))).await;
    let take_back = async |case: i64| {
        let seq = store.load(&[case]).await.unwrap().subjects[0].seq;
        let write = Write {
            take_back: true,
            ..step(case, seq)
        };
        store.commit(vec![write], NOW + MINUTE).await.unwrap()[0]
    };
    assert!(send(&store, "left", b"words").await);
    assert_eq!(take_back(cases[1]).await, Committed::Stale);
    assert_eq!(status(&store, "left").await, Status::Sending);
    assert_eq!(take_back(cases[0]).await, Committed::Done);
    for gone in ["own", "of-hold"] {
        let row = row(&store, gone).await;
        assert_eq!(
            (row.status, row.reason.as_deref()),
            (Status::Cancelled, Some("taken-back"))
        );
    }
    assert_eq!(status(&store, "of-other").await, Status::Queued);
    // What its hold has begun to say to it alone keeps a case, too.
    assert!(send(&store, "of-other", b"words").await);
    assert_eq!(take_back(cases[2]).await, Committed::Stale);
    let told = store.told_of_case(cases[1], NOW).await.unwrap();
    assert_eq!(
        told.len(),
        2,
        "its own, and what its hold says of cases: {told:?}"
    );
}
