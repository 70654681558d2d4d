//! What comes back: kept once, counted, erased with its person; addresses that take no mail; mailboxes that one
//! process reads at a time.

use tovholder::store::{
    HELD_FOR_ADDRESS, MailboxRow, OutboxNew, ReceivedFilter, ReceivedNew, ReceivedRow, Sees,
    Status, Store, Write,
};

use super::{MINUTE, NOW, hold_with, mail, queue, row, send, sent, status, step};

super::contract! {
    the_same_mail_is_kept_once,
    three_soft_bounces_in_a_row_are_for_a_person,
    an_address_that_is_marked_is_told_with_its_people,
    what_came_back_is_erased_with_its_person,
    a_mailbox_is_read_by_one_at_a_time,
}

fn came(key: &str, kind: &str) -> ReceivedNew {
    ReceivedNew {
        key: key.to_owned(),
        at: NOW,
        kind: kind.to_owned(),
        from_address: Some("anna@post.example".to_owned()),
        ..ReceivedNew::default()
    }
}

async fn all(store: &Store, open: bool) -> Vec<ReceivedRow> {
    let filter = ReceivedFilter {
        open,
        limit: 99,
        ..ReceivedFilter::default()
    };
    store.received(Sees::All, &filter).await.unwrap()
}

async fn the_same_mail_is_kept_once(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let forward = OutboxNew {
        seat: "coordinator:1".to_owned(),
        ..mail("fwd", "reply.1@received#1.1", 0)
    };
    let reply = ReceivedNew {
        subject_id: Some(cases[0]),
        text: Some("Hej".to_owned()),
        is_open: true,
        forward: Some(forward),
        ..came("k1", "human")
    };
    let id = store.receive(reply.clone()).await.unwrap().expect("new");
    assert_eq!(store.receive(reply).await.unwrap(), None);
    assert_eq!(status(&store, "fwd").await, Status::Queued);
    let kept = store.received_by_key("k1").await.unwrap().expect("kept");
    assert_eq!((kept.id, kept.text.as_deref()), (id, Some("Hej")));
    assert_eq!(store.received_row(id).await.unwrap(), Some(kept));
    assert_eq!(all(&store, true).await.len(), 1);
    let of = ReceivedFilter {
        subject: Some(cases[0]),
        limit: 9,
        ..ReceivedFilter::default()
    };
    assert_eq!(store.received(Sees::All, &of).await.unwrap().len(), 1);
    assert!(store.handle_received(id, "cli", NOW).await.unwrap());
    assert!(!store.handle_received(id, "cli", NOW).await.unwrap());
    assert_eq!(all(&store, true).await.len(), 0);
    assert_eq!(
        all(&store, false).await[0].handled_by.as_deref(),
        Some("cli")
    );
}

async fn three_soft_bounces_in_a_row_are_for_a_person(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    let to = "kandidat@kandidat.example";
    // Five mails are sent, one after the other; the third does not come back.
    for (at, comes_back, opens) in [
        (1, true, false),
        (2, true, false),
        (3, false, false),
        (4, true, false),
        (5, true, false),
        (6, true, true),
    ] {
        let id = format!("m{at}");
        queue(
            &store,
            cases[0],
            vec![mail(&id, &format!("{id}@school#1.1"), 0)],
        )
        .await;
        assert!(send(&store, &id, id.as_bytes()).await);
        let sent_row = row(&store, &id).await;
        let when = NOW + at * MINUTE;
        assert!(
            store
                .settle(sent_row.id, sent_row.attempt, sent(), when)
                .await
                .unwrap()
        );
        if comes_back {
            let back = ReceivedNew {
                at: when + 1,
                detail: Some("soft".to_owned()),
                recipient: Some(to.to_owned()),
                outbox_id: Some(sent_row.id),
                subject_id: Some(cases[0]),
                opens_after: Some((NOW - 1, 3)),
                ..came(&id, "bounce")
            };
            store.receive(back).await.unwrap().expect("new");
        }
        assert_eq!(
            !all(&store, true).await.is_empty(),
            opens,
            "after mail {at}"
        );
    }
    assert_eq!(store.addresses().await.unwrap(), []);
}

async fn an_address_that_is_marked_is_told_with_its_people(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let person = store.load(&cases).await.unwrap().subjects[0]
        .person_id
        .unwrap();
    let address = "case-0000@kandidat.example";
    queue(&store, cases[0], vec![mail("a", "a@school#1.1", 0)]).await;
    let hard = ReceivedNew {
        detail: Some("hard".to_owned()),
        recipient: Some(address.to_owned()),
        marks: Some("5.1.1".to_owned()),
        outbox_id: Some(row(&store, "a").await.id),
        subject_id: Some(cases[0]),
        is_open: true,
        ..came("h", "bounce")
    };
    store.receive(hard.clone()).await.unwrap().expect("new");
    let again = ReceivedNew {
        key: "h2".to_owned(),
        ..hard
    };
    store.receive(again).await.unwrap().expect("new");
    let known = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert_eq!(known.returns.as_deref(), Some("5.1.1"));
    assert_eq!(store.addresses().await.unwrap().len(), 1);
    let held = row(&store, "a").await.id;
    store.hold(held, HELD_FOR_ADDRESS.to_owned()).await.unwrap();
    assert_eq!(status(&store, "a").await, Status::Held);

    let changed = store.change_address(
        "CASE-0000@Kandidat.example",
        "ny@kandidat.example",
        "cli",
        NOW,
    );
    assert_eq!(changed.await.unwrap(), 1);
    assert_eq!(status(&store, "a").await, Status::Queued);
    assert_eq!(all(&store, true).await, []);
    let known = store
        .people(&[person])
        .await
        .unwrap()
        .remove(&person)
        .unwrap();
    assert_eq!(
        (known.email.as_deref(), known.returns),
        (Some("ny@kandidat.example"), None)
    );
    assert!(
        store
            .clear_address(&address.to_uppercase(), "cli", NOW)
            .await
            .unwrap()
    );
    assert!(!store.clear_address(address, "cli", NOW).await.unwrap());
}

async fn what_came_back_is_erased_with_its_person(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    let subjects = store.load(&cases).await.unwrap().subjects;
    let person = subjects[0].person_id;
    let wrote = |key: &str, subject: Option<i64>| ReceivedNew {
        subject_id: subject,
        person_id: person,
        text: Some("Jeg er syg".to_owned()),
        subject_line: Some("Syg".to_owned()),
        ..came(key, "human")
    };
    store.receive(wrote("own", Some(cases[0]))).await.unwrap();
    store.receive(wrote("nowhere", None)).await.unwrap();
    let other = ReceivedNew {
        person_id: subjects[1].person_id,
        ..wrote("other", Some(cases[1]))
    };
    store.receive(other).await.unwrap();
    for (key, address) in [
        ("b0", "case-0000@kandidat.example"),
        ("b1", "case-0001@kandidat.example"),
    ] {
        let hard = ReceivedNew {
            recipient: Some(address.to_owned()),
            marks: Some("5.1.1".to_owned()),
            words: Some(format!("550 <{address}> unknown")),
            subject_id: Some(cases[usize::from(key == "b1")]),
            ..came(key, "bounce")
        };
        store.receive(hard).await.unwrap();
    }
    let erase = Write {
        erase_person: true,
        ..step(cases[0], 1)
    };
    store.commit(vec![erase], NOW).await.unwrap();
    for (key, is_kept) in [
        ("own", false),
        ("nowhere", false),
        ("b0", false),
        ("other", true),
        ("b1", true),
    ] {
        let row = store.received_by_key(key).await.unwrap().expect("a row");
        let words = [
            row.text,
            row.from_address,
            row.recipient,
            row.subject_line,
            row.words,
        ];
        assert_eq!(
            words.iter().any(Option::is_some),
            is_kept,
            "{key}: {words:?}"
        );
    }
    let left: Vec<String> = (store.addresses().await.unwrap().into_iter())
        .map(|row| row.address)
        .collect();
    assert_eq!(left, ["case-0001@kandidat.example"]);
}

async fn a_mailbox_is_read_by_one_at_a_time(store: Store) {
    let take = async |node: &str, now: i64| {
        store
            .take_mailbox("imaps://a@b", node, now, now + MINUTE)
            .await
            .unwrap()
    };
    let read = |last_uid| MailboxRow {
        validity: 7,
        last_uid,
    };
    assert_eq!(take("one", NOW).await, Some(MailboxRow::default()));
    assert_eq!(take("two", NOW).await, None);
    assert!(
        store
            .read_mailbox("imaps://a@b", "one", read(4), NOW + MINUTE)
            .await
            .unwrap()
    );
    assert_eq!(
        take("one", NOW).await,
        Some(read(4)),
        "its own, after it had died"
    );
    // It says nothing for longer than it may.
    assert_eq!(take("two", NOW + 2 * MINUTE).await, Some(read(4)));
    assert!(
        !store
            .read_mailbox("imaps://a@b", "one", read(5), NOW)
            .await
            .unwrap()
    );
    store.leave_mailbox("imaps://a@b", "one").await.unwrap();
    assert_eq!(take("one", NOW + 2 * MINUTE).await, None);
    store.leave_mailbox("imaps://a@b", "two").await.unwrap();
    assert_eq!(take("one", NOW + 2 * MINUTE).await, Some(read(4)));
}
