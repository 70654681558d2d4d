//! What an operator watches.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tovholder::store::{FAULTS_MAX, Scope, Standing, Store};

use super::{NOW, contract, hold_with, mail, queue};

contract!(mail_off_is_seen, what_waits_and_what_is_stuck_is_counted,);

async fn mail_off_is_seen(store: Store) {
    let part = Scope {
        workflow: Some("sosu".to_owned()),
        ..Scope::default()
    };
    for (scope, mail_on) in [
        (None, true),
        (Some(part), true),
        (Some(Scope::default()), false),
    ] {
        if let Some(scope) = scope {
            store.stop(scope, "Prøve", "cli", NOW).await.unwrap();
        }
        let expect = Standing {
            tables_fit: true,
            mail_on,
        };
        assert_eq!(store.standing().await.unwrap(), expect);
    }
}

async fn what_waits_and_what_is_stuck_is_counted(store: Store) {
    let (_, cases) = hold_with(&store, 2).await;
    assert_eq!(store.stuck().await.unwrap(), 0);
    let waiting = |rows: Vec<(String, i64)>| -> Vec<(String, i64)> {
        rows.into_iter().filter(|(_, mails)| *mails > 0).collect()
    };
    assert_eq!(waiting(store.mail_waiting().await.unwrap()), []);
    let mails = (0..3).map(|at| mail(&format!("mail-{at}"), &format!("hello.{at}"), 0));
    queue(&store, cases[0], mails.collect()).await;
    let expect = [("queued".to_owned(), 3)];
    assert_eq!(waiting(store.mail_waiting().await.unwrap()), expect);
    for failed in 1..=FAULTS_MAX {
        store
            .fault(cases[1], "poison".to_owned(), NOW)
            .await
            .unwrap();
        let stuck = i64::from(failed == FAULTS_MAX);
        assert_eq!(store.stuck().await.unwrap(), stuck, "after {failed}");
    }
}

#[tokio::test]
async fn tables_of_a_newer_build_do_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).await.unwrap();
    assert!(store.standing().await.unwrap().tables_fit);
    let mut newer = SqliteConnectOptions::new()
        .filename(&path)
        .connect()
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'newer', 1, x'00', 1)",
    )
    .execute(&mut newer)
    .await
    .unwrap();
    newer.close().await.unwrap();
    assert!(!store.standing().await.unwrap().tables_fit);
    store.close().await.unwrap();
    assert!(
        store.standing().await.is_err(),
        "a closed database does not answer"
    );
}
