//! Tokens, and the keys by which requests count once: the store's rules for programs.

use tovholder::store::{AccountNew, PersonImport, Request, Sees, Store, TokenKind, TokenNew};

use super::{MINUTE, NOW, case, cohort, contract, publish};

contract! {
    a_token_is_good_for_its_kind_until_it_ends_or_its_account_does,
    a_key_stands_for_one_request,
    cases_come_in_pages,
}

async fn account(store: &Store) -> i64 {
    let person = store
        .upsert_person(PersonImport {
            name: "Fagsystemet".into(),
            email: Some("fag@kommune.example".into()),
            ..PersonImport::default()
        })
        .await
        .unwrap();
    let new = AccountNew {
        public_id: "account of a program".into(),
        person_id: person,
        login: "fag@kommune.example".into(),
        role: "coordinator".into(),
        at: NOW,
    };
    store.open_account(new).await.unwrap()
}

fn token(account_id: i64, hash: &str, kind: TokenKind, ends_at: Option<i64>) -> TokenNew {
    TokenNew {
        public_id: format!("token {hash}"),
        hash: hash.into(),
        kind,
        account_id,
        hold_id: None,
        title: "Fagsystemet".into(),
        scopes: "read,act".into(),
        at: NOW,
        ends_at,
    }
}

async fn a_token_is_good_for_its_kind_until_it_ends_or_its_account_does(store: Store) {
    let account = account(&store).await;
    for (hash, kind, ends_at) in [
        ("a", TokenKind::Api, Some(NOW + MINUTE)),
        ("b", TokenKind::Api, None),
        ("c", TokenKind::Calendar, None),
    ] {
        store
            .new_token(token(account, hash, kind, ends_at))
            .await
            .unwrap();
    }
    let twice = store
        .new_token(token(account, "a", TokenKind::Api, None))
        .await;
    assert!(twice.unwrap_err().is_conflict());
    let good = async |hash: &str, kind, at| {
        let found = store.token(hash, kind, at).await.unwrap();
        found.map(|(token, account)| (token.scopes, account.login))
    };
    let whose = Some(("read,act".to_owned(), "fag@kommune.example".to_owned()));
    assert_eq!(good("a", TokenKind::Api, NOW).await, whose);
    assert_eq!(good("a", TokenKind::Api, NOW + MINUTE).await, None);
    assert_eq!(good("b", TokenKind::Api, NOW + MINUTE).await, whose);
    assert_eq!(good("a", TokenKind::Calendar, NOW).await, None);
    assert_eq!(good("c", TokenKind::Calendar, NOW).await, whose);
    let listed = store.tokens(TokenKind::Api, Some(account)).await.unwrap();
    let hashes: Vec<&str> = listed
        .iter()
        .map(|token| token.public_id.as_str())
        .collect();
    assert_eq!(hashes, ["token a", "token b"]);
    assert_eq!(store.tokens(TokenKind::Api, None).await.unwrap(), listed);
    assert!(
        store
            .tokens(TokenKind::Api, Some(account + 1))
            .await
            .unwrap()
            .is_empty()
    );
    store.used_token(listed[1].id, NOW + 1).await.unwrap();
    assert!(store.revoke_token(listed[0].id, NOW).await.unwrap());
    assert!(!store.revoke_token(listed[0].id, NOW).await.unwrap());
    assert_eq!(good("a", TokenKind::Api, NOW).await, None);
    let listed = store.tokens(TokenKind::Api, None).await.unwrap();
    assert_eq!(
        (listed[0].revoked_at, listed[1].used_at),
        (Some(NOW), Some(NOW + 1))
    );
    assert!(store.close_account(account, NOW).await.unwrap());
    assert_eq!(good("b", TokenKind::Api, NOW).await, None);
}

async fn a_key_stands_for_one_request(store: Store) {
    let account = account(&store).await;
    let begin = async |key: &str, request: &str, at| {
        store
            .begin_request(account, key, request, (at, at - 10 * MINUTE))
            .await
            .unwrap()
    };
    assert_eq!(begin("k", "one", NOW).await, Request::Open);
    assert_eq!(
        begin("k", "one", NOW).await,
        Request::Open,
        "nobody has heard that it was done"
    );
    store.end_request(account, "k").await.unwrap();
    assert_eq!(begin("k", "one", NOW).await, Request::Done);
    assert_eq!(begin("k", "another", NOW).await, Request::Another);
    assert_eq!(begin("l", "another", NOW).await, Request::Open);
    assert_eq!(
        begin("k", "another", NOW + 20 * MINUTE).await,
        Request::Open,
        "it is forgotten"
    );
}

async fn cases_come_in_pages(store: Store) {
    let version = publish(&store, "sosu").await;
    let holds = ["one", "two"].map(|id| cohort(version, id, "2026-02-02"));
    let holds = store.create(holds.to_vec(), NOW).await.unwrap();
    let (first, second) = (holds[0], holds[1]);
    let mut all = Vec::new();
    for (at, hold) in [first, second, first].into_iter().enumerate() {
        let new = case(version, &format!("case-{at}"), hold);
        all.extend(store.create(vec![new], NOW).await.unwrap());
    }
    let ids =
        async |sees, hold, after, limit| store.case_ids(sees, hold, after, limit).await.unwrap();
    assert_eq!(ids(Sees::All, None, 0, 2).await, all[..2]);
    assert_eq!(ids(Sees::All, None, all[1], 2).await, all[2..]);
    assert_eq!(ids(Sees::All, Some(first), 0, 9).await, [all[0], all[2]]);
    assert_eq!(ids(Sees::All, Some(first), all[0], 9).await, [all[2]]);
    assert!(ids(Sees::Nobody, Some(first), 0, 9).await.is_empty());
    assert!(ids(Sees::Organisation(1), None, 0, 9).await.is_empty());
}
