//! Texts that are being written, and lists that are being looked at.

use tovholder::store::{DraftNew, ListRow, Store};

use super::accounts::account;
use super::{MINUTE, NOW, contract};

contract! {
    a_text_is_kept_by_the_number_of_what_it_was_written_from,
    a_list_is_its_owners_until_its_time_is_up,
}

async fn a_text_is_kept_by_the_number_of_what_it_was_written_from(store: Store) {
    let kim = account(&store, "kim@kommune.example").await;
    let keep = async |yaml: Option<&str>, seq| {
        let new = DraftNew {
            workflow: "prove".into(),
            yaml: yaml.map(str::to_owned),
            seq,
            account_id: kim,
            at: NOW,
        };
        store.keep_draft(new).await.unwrap()
    };
    assert_eq!(store.draft("prove").await.unwrap(), None);
    // Each step: what is kept, from which number, and what comes of it.
    for (yaml, seq, expect) in [
        (Some("a"), 0, Some(1)),
        (Some("b"), 0, None),
        (Some("b"), 1, Some(2)),
        (None, 1, None),
        (None, 2, Some(3)),
        (Some("c"), 2, None),
        (Some("c"), 3, Some(4)),
    ] {
        assert_eq!(keep(yaml, seq).await, expect, "{yaml:?} from {seq}");
        let stands = store.draft("prove").await.unwrap().expect("a row");
        assert_eq!(stands.name, "Kim Holm");
        if let Some(seq) = expect {
            assert_eq!((stands.yaml.as_deref(), stands.seq), (yaml, seq));
        }
        let listed = store.drafts().await.unwrap().len();
        assert_eq!(listed, usize::from(stands.yaml.is_some()));
    }
}

async fn a_list_is_its_owners_until_its_time_is_up(store: Store) {
    let kim = account(&store, "kim@kommune.example").await;
    let bo = account(&store, "bo@kommune.example").await;
    let list = |key: &str, ends_at| ListRow {
        key: key.into(),
        account_id: kim,
        cohort: "hold".into(),
        name: "liste.xlsx".into(),
        bytes: vec![0, 255, b'x'],
        ends_at,
    };
    let short = list("short", NOW + MINUTE);
    store.keep_list(short.clone(), NOW).await.unwrap();
    let there = async |key: &str, of, at| store.list(key, of, at).await.unwrap();
    assert_eq!(there("short", kim, NOW).await, Some(short));
    assert_eq!(there("short", bo, NOW).await, None, "it is Kim's");
    assert_eq!(
        there("short", kim, NOW + MINUTE).await,
        None,
        "its time is up"
    );
    store.forget_list("short", bo).await.unwrap();
    assert!(
        there("short", kim, NOW).await.is_some(),
        "Bo cannot forget it"
    );
    // Another one takes with it what nobody looks at any longer.
    let long = list("long", NOW + 5 * MINUTE);
    store.keep_list(long, NOW + 2 * MINUTE).await.unwrap();
    assert_eq!(there("short", kim, NOW).await, None);
    store.forget_lists(NOW + 4 * MINUTE).await.unwrap();
    assert!(there("long", kim, NOW).await.is_some());
    store.forget_lists(NOW + 5 * MINUTE).await.unwrap();
    assert_eq!(there("long", kim, NOW).await, None);
}
