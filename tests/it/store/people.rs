//! People, organisations, roles and published workflows.

use tovholder::store::{ImportCount, NewOrganisation, PersonImport, Sees, Store};

use super::{NOW, case, hold_with, publish};

super::contract! {
    an_import_knows_people_by_address,
    roles_are_of_one_workflow_or_of_all,
    a_workflow_is_published_once,
    a_public_id_may_be_shortened,
    a_workflow_has_one_subject,
}

fn staff(name: &str, email: &str, roles: &[(&str, &str)]) -> PersonImport {
    PersonImport {
        name: name.to_owned(),
        email: Some(email.to_owned()),
        organisation: Some(NewOrganisation {
            name: "Jobcenter Eksempel".to_owned(),
            kind: "jobcentre".to_owned(),
            email: Some("post@jobcenter.example".to_owned()),
        }),
        roles: (roles.iter())
            .map(|(workflow, role)| ((*workflow).to_owned(), (*role).to_owned()))
            .collect(),
        ..PersonImport::default()
    }
}

async fn an_import_knows_people_by_address(store: Store) {
    let a = staff("A", "a@job.example", &[("sosu", "coordinator")]);
    let b = staff("B", "b@job.example", &[]);
    let no_address = PersonImport {
        name: "C".to_owned(),
        ..PersonImport::default()
    };
    let count = |created, updated, unchanged| ImportCount {
        created,
        updated,
        unchanged,
    };
    let import = async |people: &[&PersonImport]| {
        let people = people.iter().map(|person| (*person).clone()).collect();
        store.import_people(people).await.unwrap()
    };
    assert_eq!(import(&[&a, &b, &no_address]).await, count(3, 0, 0));
    assert_eq!(import(&[&a, &b]).await, count(0, 0, 2));
    let mut renamed = staff("A. Nygift", "A@JOB.example", &[]);
    renamed.phone = Some("12345678".to_owned());
    assert_eq!(import(&[&renamed, &b]).await, count(0, 1, 1));
    let more = staff("B", "b@job.example", &[("", "mentor")]);
    assert_eq!(import(&[&a, &more]).await, count(0, 2, 0));

    let found = store
        .person_by_email("a@JOB.example")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.name.as_str(), found.phone.as_deref()),
        ("A", Some("12345678"))
    );
    let organisation = found.organisation.unwrap();
    assert_eq!(organisation.kind, "jobcentre");
    let vague = NewOrganisation {
        name: "Jobcenter Eksempel".to_owned(),
        ..NewOrganisation::default()
    };
    assert_eq!(
        store.upsert_organisation(vague).await.unwrap(),
        organisation.id
    );
    let known = store
        .organisation_by_name("Jobcenter Eksempel")
        .await
        .unwrap();
    assert_eq!(known, Some(organisation));
    assert_eq!(store.upsert_person(a).await.unwrap(), found.id);
    assert_eq!(store.people(&[found.id, 9999]).await.unwrap().len(), 1);
}

async fn roles_are_of_one_workflow_or_of_all(store: Store) {
    let people = vec![
        staff(
            "A",
            "a@job.example",
            &[("sosu", "coordinator"), ("", "mentor")],
        ),
        staff("B", "b@job.example", &[("sosu", "mentor"), ("", "mentor")]),
        staff("C", "c@job.example", &[("another", "coordinator")]),
    ];
    store.import_people(people).await.unwrap();
    let id = async |email| store.person_by_email(email).await.unwrap().unwrap().id;
    let (a, b, c) = (
        id("a@job.example").await,
        id("b@job.example").await,
        id("c@job.example").await,
    );
    let sosu = store.role_holders("sosu").await.unwrap();
    assert_eq!(
        (&sosu["coordinator"], &sosu["mentor"]),
        (&vec![a], &vec![a, b])
    );
    let another = store.role_holders("another").await.unwrap();
    assert_eq!(
        (&another["coordinator"], &another["mentor"]),
        (&vec![c], &vec![a, b])
    );
}

async fn a_workflow_is_published_once(store: Store) {
    let publish = async |hash: &str, at| {
        let text = |text: &str| text.to_owned();
        let published = store.publish(text("sosu"), text("yaml"), text("{}"), text(hash), at);
        published.await.unwrap()
    };
    assert_eq!(store.latest_version("sosu").await.unwrap(), None);
    let first = publish("h1", NOW).await;
    let second = publish("h2", NOW + 1).await;
    assert_ne!(first, second);
    assert_eq!(publish("h1", NOW + 2).await, first);
    let row = store.version(first).await.unwrap().unwrap();
    assert_eq!((row.hash.as_str(), row.yaml.as_str()), ("h1", "yaml"));
    assert_eq!(
        store.latest_version("sosu").await.unwrap().unwrap().id,
        second
    );
    assert_eq!(store.versions().await.unwrap().len(), 2);
    assert_eq!(store.version(9999).await.unwrap(), None);
}

async fn a_public_id_may_be_shortened(store: Store) {
    let (hold, cases) = hold_with(&store, 2).await;
    let version = publish(&store, "sosu").await;
    let longer = store
        .create(vec![case(version, "case-00001", hold)], NOW)
        .await
        .unwrap()[0];
    let found = async |prefix| {
        let found = store.subject_by_public_id(Sees::All, prefix).await;
        found.map(|row| row.map(|row| row.id))
    };
    assert_eq!(found("CASE-0001").await.unwrap(), Some(cases[1]));
    assert_eq!(
        found("case-0000").await.unwrap(),
        Some(cases[0]),
        "whole, though it begins another"
    );
    assert_eq!(found("case-00001").await.unwrap(), Some(longer));
    assert_eq!(found("hold").await.unwrap(), Some(hold));
    assert_eq!(found("nobody").await.unwrap(), None);
    assert!(
        found("case-")
            .await
            .is_err_and(|error| error.is_ambiguous())
    );
    assert_eq!(store.cohorts().await.unwrap().len(), 1);
}

async fn a_workflow_has_one_subject(store: Store) {
    let version = publish(&store, "sosu").await;
    assert_eq!(store.workflow_subject("sosu").await.unwrap(), None);
    let own = tovholder::store::NewSubject {
        kind: tovholder::store::SubjectKind::Workflow,
        starts_on: None,
        ..super::cohort(version, "own", "")
    };
    let id = store.create(vec![own.clone()], NOW).await.unwrap()[0];
    assert_eq!(
        store.workflow_subject("sosu").await.unwrap().unwrap().id,
        id
    );
    let second = tovholder::store::NewSubject {
        public_id: "own-2".to_owned(),
        ..own
    };
    let refused = store.create(vec![second], NOW).await;
    assert!(refused.is_err_and(|error| error.is_conflict()));
}
