//! Who wants no more announcements.

use std::collections::HashSet;

use tovholder::store::{Fence, Freeze, Status, Store};

use super::{NOW, fence, freeze, hold_with, mail, queue, row, status};

super::contract! {
    who_wants_no_more_is_known_by_workflow_and_address,
    the_secret_is_of_the_database,
    no_announcement_leaves_to_whom_has_unsubscribed_since_it_was_decided,
}

async fn who_wants_no_more_is_known_by_workflow_and_address(store: Store) {
    assert!(
        store
            .suppress("jrs", "Kim@Post.example", NOW)
            .await
            .unwrap()
    );
    assert!(
        !store
            .suppress("jrs", "kim@post.example", NOW + 1)
            .await
            .unwrap(),
        "once is enough"
    );
    assert!(
        store
            .suppress("horsens", "kim@post.example", NOW)
            .await
            .unwrap()
    );
    let pair = |workflow: &str, address: &str| (workflow.to_owned(), address.to_owned());
    let asked = HashSet::from([
        pair("jrs", "kim@post.example"),
        pair("odense", "kim@post.example"),
        pair("jrs", "bo@post.example"),
    ]);
    let found = store.suppressed(&asked).await.unwrap();
    assert_eq!(found, HashSet::from([pair("jrs", "kim@post.example")]));
    let all = store.suppressions().await.unwrap();
    let all: Vec<_> = all
        .iter()
        .map(|one| (one.workflow.as_str(), one.since))
        .collect();
    assert_eq!(all, [("horsens", NOW), ("jrs", NOW)]);

    assert_eq!(
        store
            .unsuppress(Some("jrs"), "KIM@post.example")
            .await
            .unwrap(),
        1
    );
    assert_eq!(store.unsuppress(None, "kim@post.example").await.unwrap(), 1);
    assert_eq!(store.unsuppress(None, "kim@post.example").await.unwrap(), 0);
    assert_eq!(store.suppressed(&asked).await.unwrap(), HashSet::new());
}

async fn the_secret_is_of_the_database(store: Store) {
    let secret = store.secret().await.unwrap();
    assert!(secret.len() >= 64, "{}", secret.len());
    assert_eq!(store.secret().await.unwrap(), secret);
    let other = Store::open_in_memory().await.unwrap();
    assert_ne!(other.secret().await.unwrap(), secret);
}

async fn no_announcement_leaves_to_whom_has_unsubscribed_since_it_was_decided(store: Store) {
    let (_, cases) = hold_with(&store, 1).await;
    queue(&store, cases[0], vec![mail("m", "a@school#1.1", 0)]).await;
    let row = row(&store, "m").await;
    let to = |addresses: &[(&str, &str)]| {
        let pair =
            |(workflow, address): &(&str, &str)| ((*workflow).to_owned(), (*address).to_owned());
        Freeze {
            fence: Fence {
                announced: addresses.iter().map(pair).collect(),
                ..fence(&row)
            },
            ..freeze(&row, b"Nyt")
        }
    };
    let kim = ("jrs", "kim@post.example");
    let bo = ("jrs", "bo@post.example");
    store
        .suppress("jrs", "Kim@Post.example", NOW)
        .await
        .unwrap();
    for to_whom in [&[kim][..], &[bo, kim]] {
        let begun = store.begin_sending(vec![to(to_whom)], NOW).await.unwrap();
        assert_eq!(begun, [0; 0], "{to_whom:?}");
    }
    assert_eq!(status(&store, "m").await, Status::Queued);
    // Of another workflow, to another, or no announcement at all: it leaves.
    let other = ("horsens", "kim@post.example");
    for (at, to_whom) in [&[other][..], &[bo], &[]].into_iter().enumerate() {
        let name = format!("n{at}");
        let occurrence = format!("{name}@school#1.1");
        queue(&store, cases[0], vec![mail(&name, &occurrence, 0)]).await;
        let other = super::row(&store, &name).await;
        let mut mail = to(to_whom);
        mail.fence.id = other.id;
        let begun = store.begin_sending(vec![mail], NOW).await.unwrap();
        assert_eq!(begun, [other.id], "{to_whom:?}");
    }
    store.unsuppress(None, "kim@post.example").await.unwrap();
    let begun = store.begin_sending(vec![to(&[kim])], NOW).await.unwrap();
    assert_eq!(begun, [row.id]);
}
