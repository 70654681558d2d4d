//! Who wants no more announcements.

use std::collections::HashSet;

use tovholder::store::Store;

use super::NOW;

super::contract! {
    who_wants_no_more_is_known_by_workflow_and_address,
    the_secret_is_of_the_database,
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
